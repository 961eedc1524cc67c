// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "yaml/fields.hpp"
#include "yaml/test_file.hpp"

namespace itinera::yaml {

// The lines of a timeline, each at its instant. What is none is reported and left out.
std::vector<TestLine> read_timeline(const Node& list, Report& report);

// The code of that name; nothing if there is none.
std::optional<ErrorCode> error_code_from(std::string_view name);

// `{email: granted, push: {news: denied}}`.
std::vector<TestConsent> read_consents(const Node& node, Report& report);

}  // namespace itinera::yaml
