// SPDX-License-Identifier: Apache-2.0
// A condition, compiled: CEL text in, an immutable flat program out, evaluated against an
// Activation. The language is CEL (github.com/google/cel-spec) without protocol buffers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/zone_table.hpp"
#include "expr/cell.hpp"
#include "expr/type.hpp"
#include "itinera/diagnostic.hpp"
#include "itinera/limits.hpp"
#include "itinera/time.hpp"

namespace itinera::expr {

// A name that an expression may use.
struct Variable {
  std::string name;  // may be dotted, `a.b`
  Type type;
  // A record (`contact`, `event`, `entry`, `journey`) is used by its fields only, each a slot of
  // its own, so that nobody has to build a map: `contact.tier`, `event["cart id"]`,
  // `has(contact.tier)`. Its bare name is an error with a hint.
  bool record = false;
  // The fields that exist, sorted; empty where any may. An unknown one is `condition_unknown`,
  // with the nearest name as hint.
  std::vector<std::string> fields;
  // The types of `fields`, in the same order; empty where all are dyn.
  std::vector<Type> field_types;
};

// What an expression may see.
struct Declarations {
  std::vector<Variable> variables;
  // CEL's container, the namespace in which names are looked up first; dotted, usually none.
  std::string container = {};
  // count, sum, last, since_last and ever (design.md 7); else they are unknown functions.
  bool history = false;
  // in_segment(name), and the names that there are; empty where any may be. Asked of an Activation
  // as the slot {segment_slot, name}.
  bool segments = false;
  std::vector<std::string> segment_names = {};
  // consented(channel), consented(channel, topic) and reachable(channel), and the channels that
  // there are; empty where any may be. The slots {consent_slot, channel + topic_mark + topic} and
  // {address_slot, channel}.
  bool channels = false;
  std::vector<std::string> channel_names = {};
  // outcome(step), and the steps that there are, sorted; empty where any may be. The slot
  // {outcome_slot, step}.
  bool outcomes = false;
  std::vector<std::string> step_names = {};
  // Whether operands that cannot fit and unknown names are issues. Without, they are error values
  // when evaluated, as the conformance suite of CEL asks of some cases.
  bool check_types = true;
};

// A problem at a place in the source: line and column count from 1, columns in bytes.
struct Issue {
  Severity severity = Severity::error;
  ErrorCode code = ErrorCode::condition_syntax;
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  std::string message;
  std::string hint;
};

// A datum the program asks its Activation for, by its index in slots().
struct Slot {
  std::string variable;
  std::string field;  // empty for a variable that is no record

  friend bool operator==(const Slot&, const Slot&) = default;
};

// The variable of the slots that in_segment() asks for.
inline constexpr std::string_view segment_slot = "in_segment()";
// The same of consented(), reachable() and outcome().
inline constexpr std::string_view consent_slot = "consented()";
inline constexpr std::string_view address_slot = "reachable()";
inline constexpr std::string_view outcome_slot = "outcome()";
inline constexpr char topic_mark = '\x1F';  // no name holds it

class Program;
struct Code;

// What is longer reaches from any instant beyond all others.
inline constexpr std::int64_t longest_window_ms = latest_instant.ms - earliest_instant.ms;

// A question to the contact's history, by its index in history_calls():
// count(event, "90d", e.brand == "Fender") and its kin. Event, property and window are literals.
struct HistoryCall {
  enum class Function : std::uint8_t { count, sum, last, since_last, ever, engaged, since_changed };
  Function function = Function::count;
  std::string event;     // of engaged() the channel, of since_changed() the attribute
  std::string property;  // of sum; else empty
  // Of count and sum with a window, of engaged: elapsed; longest_window_ms + 1 for all longer ones.
  std::optional<std::int64_t> window_ms;
  std::shared_ptr<const Program> filter;  // on each event `e` (a record variable), or null
};

// The data of one evaluation. Handed-out texts, lists and maps live until the evaluation's result
// has been used.
class Activation {
 public:
  virtual ~Activation() = default;
  // The datum of slots()[index]; an absent one is the error no_such_key, for which has() is false.
  virtual Cell slot(const Program& program, std::uint32_t index, Arena& arena) = 0;
  // The answer to history_calls()[index].
  virtual Cell history(const Program& program, std::uint32_t index, Arena& arena) = 0;
  // The zones that timestamp functions may name, `now.getHours("Europe/Berlin")`: UTC only, unless
  // overridden. Fixed offsets ("+02:00") need no table.
  [[nodiscard]] virtual const ZoneTable& zones() const;
};

// Memory of one evaluation, reused for the next: texts, lists and maps that a program builds.
// Bounded; beyond its bound allocate() gives nullptr and the evaluation ends in EvalError::budget.
class Arena {
 public:
  explicit Arena(std::uint32_t bytes_max = Limits{}.condition_memory) : bytes_max_(bytes_max) {}
  Arena(Arena&&) noexcept = default;
  Arena& operator=(Arena&&) noexcept = default;
  // Aligned to 16. Valid until reset(), also when the Arena is moved.
  [[nodiscard]] void* allocate(std::size_t bytes);
  [[nodiscard]] std::size_t room() const { return bytes_max_ - used_; }
  void reset() {  // keeps the largest block for the next evaluation
    if (used_in_last_ != 0) release();
  }

 private:
  void release();
  struct Block {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t size = 0;
  };
  std::vector<Block> blocks_;
  std::size_t used_in_last_ = 0;
  std::size_t used_ = 0;
  std::uint32_t bytes_max_;
};

// Immutable after compile(); may be evaluated by several threads, each with its own Arena.
class Program {
 public:
  // Everything wrong with `source`, or the program. `issues` may hold warnings beside a program.
  struct Compiled;
  static Compiled compile(std::string_view source, const Declarations& declarations,
                          const Limits& limits = {});

  Program(Program&&) noexcept;
  Program& operator=(Program&&) noexcept;
  ~Program();

  [[nodiscard]] const Type& result_type() const;
  [[nodiscard]] const std::vector<Slot>& slots() const;
  [[nodiscard]] const std::vector<HistoryCall>& history_calls() const;
  // Whether its value can change by time alone: `now`, since_last, a history window.
  [[nodiscard]] bool reads_time() const;
  // The comparisons in it of which a side goes with the time, `now >= contact.due`, and how each
  // stands now. As time passes it goes from `less` to `greater` or back, once.
  enum class Standing : std::uint8_t { error, less, equal, greater };
  struct Stand {
    Standing standing = Standing::error;
    std::int64_t apart_ms = 0;  // between the sides, rounded down
    friend bool operator==(const Stand& a, const Stand& b) { return a.standing == b.standing; }
  };
  [[nodiscard]] std::size_t timed_comparisons() const;
  Stand standing(std::size_t index, Activation& activation, Arena& arena) const;
  // The value, if it is the same for every activation, and of a size that can be handled.
  [[nodiscard]] std::optional<Value> constant() const;
  // The same of a value that is true or false.
  [[nodiscard]] std::optional<bool> constant_truth() const;

  // Never throws, never loops without bound. No allocation beyond `arena` for programs that build
  // no text, list or map.
  Cell evaluate(Activation& activation, Arena& arena) const;
  // The same for one of several that an evaluation sets off in turn: `steps` is what all of them
  // may still take, and none takes more than it would by itself.
  Cell evaluate(Activation& activation, Arena& arena, std::uint32_t& steps) const;

 private:
  friend class Emitter;
  [[nodiscard]] const Cell* constant_cell() const;
  explicit Program(std::unique_ptr<const Code> code);
  std::unique_ptr<const Code> code_;
};

struct Program::Compiled {
  std::optional<Program> program;  // empty if any issue is an error
  std::vector<Issue> issues;
  // Why the moments at which time alone changes the value cannot be computed: no issue of most
  // conditions, since they are asked at a moment of their own.
  std::optional<Issue> unsolvable;
};

// A condition's outcome: an error, or a value that is no bool, is unknown.
enum class Truth : std::uint8_t { no, yes, unknown };
Truth truth_of(const Cell& cell);

}  // namespace itinera::expr
