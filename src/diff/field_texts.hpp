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
std::string case_text(const WaitCase& wait_case);  // "event paid when event.total > 5"

// The same names, with a number where one has come before: "opened mail (2)".
std::vector<std::string> told_apart(std::vector<std::string> names);

// With what takes it behind, the key of the variable that a case of a `wait_for` fills.
inline constexpr std::string_view variable_of_case = "as of ";

// All that content_of() (model_codec.hpp) compares, and the note, but for cases, which are ways.
// What the step does comes first.
Fields fields_of(const Step& step);
Fields fields_of(const Entry& entry);  // what it listens to is the first
Fields fields_of(const Goal& goal);
Fields fields_of(const ExitRule& exit);      // as an entry
Fields fields_of(const Campaign& campaign);  // those that are no lists

}  // namespace itinera::model
