// SPDX-License-Identifier: Apache-2.0
// What a thing of the model says, key by key, in the words of files. What has its default is left
// out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "itinera/campaign.hpp"

namespace itinera::model {

struct Field {
  std::string key;
  std::string text;
};
using Fields = std::vector<Field>;

std::string elapsed_text(std::int64_t ms);  // "24h", "7d"

// "opened reminder", "event order_placed", `condition contact.tier == "gold"`
std::string source_text(const Trigger& trigger);

// All that content_of() (model_codec.hpp) compares, and the note, but for cases, which are ways.
// What the step does comes first.
Fields fields_of(const Step& step);
Fields fields_of(const Entry& entry);  // what it listens to is the first
Fields fields_of(const Goal& goal);
Fields fields_of(const ExitRule& exit);      // as an entry
Fields fields_of(const Campaign& campaign);  // those that are no lists

}  // namespace itinera::model
