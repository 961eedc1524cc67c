// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "yaml/fields.hpp"
#include "yaml/test_file.hpp"

namespace itinera::yaml {

// The items of an `expect`. What is none is reported and left out.
std::vector<Expectation> read_expectations(const Node& list, Report& report);

// The text of `key`; nothing if the key is absent.
std::optional<std::string> optional_text(const Fields& fields, std::string_view key);

}  // namespace itinera::yaml
