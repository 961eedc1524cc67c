// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <iterator>
#include <string>

#include "itinera/story.hpp"

namespace itinera {

std::string to_text(const Happening& happening) {
  std::string text = fmt::format("{}  {}", to_text(happening.at), happening.what);
  const auto part = [&text](std::string_view before, std::string_view value) {
    if (!value.empty()) fmt::format_to(std::back_inserter(text), "{}{}", before, value);
  };
  part(" ", happening.name);
  part(" ", happening.goal);
  part(" ", happening.receipt);
  if (happening.value) part(" ", to_json(*happening.value));
  part(" ", happening.choice);
  if (!happening.reason.empty())
    fmt::format_to(std::back_inserter(text), " ({})", happening.reason);
  if (happening.due) part(" until ", to_text(*happening.due));
  if (happening.zone_of == "UTC") {
    text += ", in UTC";
  } else {
    part(", in the zone of the ", happening.zone_of);
  }
  part(", step ", happening.step);
  if (happening.iteration > 0) {
    fmt::format_to(std::back_inserter(text), " visit {}", happening.iteration + 1);
  }
  part(", by ", happening.channel);
  if (!happening.campaign.empty()) {
    fmt::format_to(std::back_inserter(text), ", {} v{}", happening.campaign, happening.version);
  }
  part(", contact ", happening.contact);
  if (happening.has_key) fmt::format_to(std::back_inserter(text), ", key {}", happening.key);
  return text;
}

}  // namespace itinera
