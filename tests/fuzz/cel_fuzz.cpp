// SPDX-License-Identifier: Apache-2.0
// Any text as a condition: compiled, and evaluated on dumb data. Twice, to the same outcome.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.hpp"
#include "expr/program.hpp"

namespace {

using namespace itinera;
using namespace itinera::expr;

// Answers every question by its number.
class Dumb : public Activation {
 public:
  Cell slot(const Program& program, std::uint32_t index, Arena& arena) override {
    switch ((index + program.slots().size()) % 8) {
      case 0: return Cell::of(std::int64_t{index});
      case 1: return Cell::of(2.5);
      case 2: return Cell::of(std::string_view("gold"));
      case 3: return Cell::of(true);
      case 4: return Cell::of(Timestamp{1'772'445'600, 0});
      case 5: return view_of(Value(Value::List{1, "a", Value(Value::Map{{"f", 2}})}), arena);
      case 6: return Cell();
      default: return Cell::of(EvalError::no_such_key);
    }
  }
  Cell history(const Program& program, std::uint32_t index, Arena& arena) override {
    const HistoryCall& call = program.history_calls()[index];
    if (call.filter == nullptr) return Cell::of(std::int64_t{index});
    return Cell::of(std::int64_t{truth_of(call.filter->evaluate(*this, arena)) == Truth::yes});
  }
};

const Declarations& scope() {
  static const Declarations declarations = [] {
    Declarations made;
    made.history = true;
    made.variables.push_back({"contact", {}, true, {}, {}});
    made.variables.push_back({"event", {}, true, {}, {}});
    made.variables.push_back({"now", {Type::Kind::timestamp, {}}, false, {}, {}});
    made.variables.push_back({"x", {}, false, {}, {}});
    return made;
  }();
  return declarations;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view source(reinterpret_cast<const char*>(data), size);
  const Program::Compiled compiled = Program::compile(source, scope());
  ITINERA_CHECK(compiled.program.has_value() == compiled.issues.empty());
  if (!compiled.program) return 0;
  Dumb activation;
  Arena first;
  Arena second;
  const Cell once = compiled.program->evaluate(activation, first);
  const Cell again = compiled.program->evaluate(activation, second);
  ITINERA_CHECK(once.kind == again.kind);
  ITINERA_CHECK(to_json(to_value(once)) == to_json(to_value(again)));
  return 0;
}
