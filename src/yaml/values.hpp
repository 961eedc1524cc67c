// SPDX-License-Identifier: Apache-2.0
// Nodes as values. Each function reports what is wrong, and then returns nothing or an empty value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "itinera/period.hpp"
#include "itinera/result.hpp"
#include "itinera/step.hpp"
#include "itinera/time.hpp"
#include "itinera/value.hpp"
#include "yaml/tree.hpp"

namespace itinera::yaml {

// A name or another text that is not empty. Plain words that many YAML readers take for something
// else (yes, 09:00, null) must be quoted; a number is taken as written.
std::string read_text(const Node& node, Report& report, bool may_be_empty = false);

// Whether read_text() and read_literal() take these words for a text where nothing quotes them, and
// so does every reader of YAML 1.1 or 1.2.
bool is_plain_text(std::string_view text);

// CEL. `key` is what the author wrote before it.
Expression read_condition(std::string_view key, const Node& node, Report& report);

// true or false.
std::optional<bool> read_boolean(const Node& node, Report& report);

// An integer of min..max in decimal.
std::optional<std::uint32_t> read_count(const Node& node, std::uint32_t min, std::uint32_t max,
                                        Report& report);

std::optional<std::int64_t> read_elapsed(const Node& node, Report& report);
std::optional<std::uint32_t> read_percent(const Node& node, Report& report);  // of ten thousand
std::optional<Period> read_period(const Node& node, bool negative, Report& report);
// `ends_window`: "24:00" too.
std::optional<std::int32_t> read_time_of_day(const Node& node, Report& report,
                                             bool ends_window = false);
std::optional<Weekdays> read_weekdays(const Node& node, Report& report);
std::optional<Window> read_window(const Node& node, Report& report);
std::optional<Instant> read_instant(const Node& node, Report& report);

// A literal: null, true, false, integers of 64 bits, doubles, texts, lists, maps. Whatever is none
// of them for sure (010, yes, 09:00, .5, 0x1F) is an error with a hint.
std::optional<Value> read_literal(const Node& node, Report& report);

// The members of a mapping as literals.
Properties read_literals(const Node& node, Report& report);

// The members of a mapping as literals, or as CEL where a text begins with `=`.
std::vector<Datum> read_data(const Node& node, Report& report);

// A message of room calendar without the advice at its end, for a hint of another form.
std::string without_advice(std::string_view message);

std::vector<std::string> read_names(const Node& node, Report& report);

}  // namespace itinera::yaml
