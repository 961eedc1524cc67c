// SPDX-License-Identifier: Apache-2.0
// Texts of C++ hosts, as CampaignBuilder and Sequence read them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "calendar/text.hpp"
#include "itinera/result.hpp"
#include "itinera/trigger.hpp"

namespace itinera::model {

using Problems = std::vector<Error>;

inline Expression expression(std::string text) { return {.text = std::move(text), .at = {}}; }

// The value of `read`, or its default, and the error kept.
template <class T>
T value_or_problem(Result<T> read, Problems& problems) {
  if (read) return *std::move(read);
  problems.push_back(read.error());
  return {};
}

inline std::optional<std::int64_t> elapsed(std::string_view text, Problems& problems) {
  if (text.empty()) return std::nullopt;
  return value_or_problem(calendar::parse_elapsed(text), problems);
}

}  // namespace itinera::model
