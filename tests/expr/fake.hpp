// SPDX-License-Identifier: Apache-2.0
// An Activation made of plain values, and short ways to compile and evaluate.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "expr/program.hpp"
#include "support/catch.hpp"

namespace itinera::expr {

// Slots by "variable.field" (or "variable"), history by the event's name. What is not there is
// absent. A value may also be an error.
class Fake : public Activation {
 public:
  struct Datum {
    std::string name;
    Value value;
    bool is_error = false;
    EvalError error = EvalError::no_such_key;
  };

  Fake() = default;
  explicit Fake(std::vector<std::pair<std::string, Value>> values) {
    for (auto& [name, value] : values) data_.push_back({std::move(name), std::move(value)});
  }
  Fake& value(std::string name, Value value) {
    data_.push_back({std::move(name), std::move(value)});
    return *this;
  }
  Fake& error(std::string name, EvalError code) {
    data_.push_back({std::move(name), {}, true, code});
    return *this;
  }

  Cell slot(const Program& program, std::uint32_t index, Arena& arena) override {
    const Slot& slot = program.slots()[index];
    for (const Datum& datum : data_) {
      std::string_view rest = datum.name;
      if (!rest.starts_with(slot.variable)) continue;
      rest.remove_prefix(slot.variable.size());
      if (rest.starts_with('.')) rest.remove_prefix(1);
      if (rest != slot.field) continue;
      return datum.is_error ? Cell::of(datum.error) : view_of(datum.value, arena);
    }
    return Cell::of(EvalError::no_such_key);
  }

  Cell history(const Program& program, std::uint32_t index, Arena& arena) override {
    for (const Datum& datum : data_) {
      if (datum.name == program.history_calls()[index].event) {
        return datum.is_error ? Cell::of(datum.error) : view_of(datum.value, arena);
      }
    }
    return Cell::of(EvalError::no_such_key);
  }

 private:
  std::vector<Datum> data_;
};

// contact, event and journey are records, `now` is a timestamp, x and y are dyn; history is there.
inline Declarations usual() {
  Declarations result;
  result.history = true;
  for (const char* name : {"contact", "event", "journey"}) {
    result.variables.push_back({name, {}, true, {}, {}});
  }
  result.variables.push_back({"now", {Type::Kind::timestamp, {}}, false, {}, {}});
  result.variables.push_back({"x", {}, false, {}, {}});
  result.variables.push_back({"y", {}, false, {}, {}});
  return result;
}

inline Program compiled(std::string_view source, const Declarations& declarations = usual(),
                        const Limits& limits = {}) {
  Program::Compiled result = Program::compile(source, declarations, limits);
  for (const Issue& issue : result.issues) {
    UNSCOPED_INFO(source << ": " << issue.message << " (" << issue.hint << ")");
  }
  REQUIRE(result.issues.empty());
  return std::move(result.program.value());
}

// The one issue of a wrong source.
inline Issue issue_of(std::string_view source, const Declarations& declarations = usual(),
                      const Limits& limits = {}) {
  const Program::Compiled result = Program::compile(source, declarations, limits);
  INFO(source.substr(0, 200));
  CHECK(!result.program.has_value());
  REQUIRE(result.issues.size() == 1);
  return result.issues[0];
}

// The value as JSON, or "error <code>".
inline std::string value_of(std::string_view source, Fake activation = {},
                            const Limits& limits = {}) {
  static constexpr const char* error_names[] = {"no_such_key", "no_such_overload", "divide_by_zero",
                                                "overflow",    "bad_conversion",   "bad_index",
                                                "bad_pattern", "duplicate_key",    "unknown_data",
                                                "budget",      "bad_format"};
  const Program program = compiled(source, usual(), limits);
  Arena arena(limits.condition_memory);
  const Cell cell = program.evaluate(activation, arena);
  if (!cell.is_error()) return to_json(to_value(cell));
  return std::string("error ") + error_names[static_cast<std::size_t>(cell.error_code)];
}

}  // namespace itinera::expr
