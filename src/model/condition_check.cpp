// SPDX-License-Identifier: Apache-2.0
#include "model/condition_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "model/data_schema.hpp"

namespace itinera::model {
namespace {

using TypeKind = expr::Type::Kind;

Demand condition(std::string_view place) {
  static constexpr std::initializer_list<TypeKind> kinds{TypeKind::boolean};
  return {place, kinds, "write a comparison, such as contact.tier == \"gold\""};
}

// What was probably meant for a date: 2026-05-01, perhaps with a time.
bool begins_with_date(std::string_view text) {
  constexpr std::string_view shape = "0000-00-00";
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return text.size() >= shape.size() &&
         std::equal(shape.begin(), shape.end(), text.begin(),
                    [&](char s, char c) { return s == '0' ? is_digit(c) : s == c; });
}

// How many bytes of `text` stand before its `line` and `column`.
std::size_t bytes_before(std::string_view text, std::uint32_t line, std::uint32_t column) {
  std::size_t begin = 0;
  for (; line > 1; --line) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string_view::npos) break;
    begin = end + 1;
  }
  return begin + column - 1;
}

// The place of `issue` in the file that holds `expression`.
SourceLocation place_of(const Expression& expression, const expr::Issue& issue,
                        const Pieces& known) {
  SourceLocation at = expression.at;
  if (at.line == 0) return at;
  if (const auto pieces = known.find({at.line, at.column}); pieces != known.end()) {
    const std::size_t before = bytes_before(expression.text, issue.line, issue.column);
    for (const Piece& piece : pieces->second) {
      if (piece.at > before) break;
      at.line = piece.line;
      at.column = piece.column + static_cast<std::uint32_t>(before - piece.at);
    }
    return at;
  }
  at.column = issue.line == 1 ? at.column + issue.column - 1 : issue.column;
  at.line += issue.line - 1;
  return at;
}

}  // namespace

std::string date_hint(std::string_view place) {
  return fmt::format(
      "write a date such as `{0}: '\"2026-05-01\"'`, or an instant such as "
      "`{0}: '\"2026-05-01T10:00:00Z\"'`",
      place);
}

std::optional<expr::Program> ConditionCheck::compile(const Expression& expression,
                                                     const Demand& demand,
                                                     const expr::Declarations& declarations) {
  unsolvable_.reset();
  if (expression.empty()) return std::nullopt;
  auto compiled = expr::Program::compile(expression.text, declarations, limits_);
  for (expr::Issue& issue : compiled.issues) report(expression, demand, std::move(issue));
  if (compiled.program) {
    check_type(expression, demand, compiled.program->result_type());
    check_names(expression, demand, *compiled.program);
  }
  unsolvable_ = std::move(compiled.unsolvable);
  return std::move(compiled.program);
}

std::optional<expr::Program> ConditionCheck::decide(const Expression& expression,
                                                    std::string_view place,
                                                    const expr::Declarations& declarations) {
  auto program = compile(expression, condition(place), declarations);
  if (program && constant_truth(*program) == false) {
    findings_.warning(ErrorCode::suspicious, expression.at,
                      fmt::format("`{}` is never true: {}", place, expression.text),
                      "ask something that can be, or remove what it guards");
  }
  return program;
}

std::optional<bool> ConditionCheck::constant_truth(const expr::Program& program) {
  return program.constant_truth();
}

void ConditionCheck::require_moments(const Expression& expression, std::string_view place) {
  if (unsolvable_) report(expression, condition(place), *std::exchange(unsolvable_, {}));
}

void ConditionCheck::report(const Expression& expression, const Demand& demand, expr::Issue issue) {
  std::string message = fmt::format("`{}`: {}", demand.place, issue.message);
  if (expression.at.line == 0) message += fmt::format(" (in {})", expression.text);
  const SourceLocation at = place_of(expression, issue, pieces_);
  const bool of_date = demand.place == "until" || demand.place == "date";
  if (of_date && begins_with_date(expression.text)) {
    const std::string_view date = expression.text;
    const bool whole = date.find_first_of(" \"'\n") == std::string_view::npos;
    issue.hint =
        whole ? fmt::format("write `{}: '\"{}\"'`", demand.place, date) : date_hint(demand.place);
  }
  if (issue.severity == Severity::error) {
    findings_.error(issue.code, at, std::move(message), std::move(issue.hint));
  } else {
    findings_.warning(issue.code, at, std::move(message), std::move(issue.hint));
  }
}

void ConditionCheck::check_type(const Expression& expression, const Demand& demand,
                                const expr::Type& type) {
  const auto& kinds = demand.kinds;
  if (kinds.size() == 0 || type.kind == TypeKind::dyn ||
      std::find(kinds.begin(), kinds.end(), type.kind) != kinds.end()) {
    return;
  }
  findings_.error(ErrorCode::condition_type, expression.at,
                  fmt::format("`{}` cannot be of type {}: {}", demand.place, expr::to_text(type),
                              expression.text),
                  std::string(demand.wanted));
}

// What the compiler does not hold against the workspace.
void ConditionCheck::check_names(const Expression& expression, const Demand& demand,
                                 const expr::Program& program) {
  for (const expr::Slot& slot : program.slots()) {
    if (slot.variable == expr::segment_slot) {
      findings_.use_segment(slot.field);
      if (known_.segments != nullptr && known_.segments->empty()) {
        findings_.error(ErrorCode::condition_unknown, expression.at,
                        fmt::format("`{}`: there is no segment {}", demand.place, slot.field),
                        "the workspace has no `segments`");
      }
    }
  }
  for (const expr::HistoryCall& call : program.history_calls()) {
    check_history(expression, demand, call);
  }
}

const SchemaField* ConditionCheck::look_for(const Expression& expression, const Demand& demand,
                                            const EventSchema& event, const std::string& property) {
  const SchemaField* const field = find_field(event.properties, property);
  if (field != nullptr) return field;
  const std::vector<std::string> names = names_of(event.properties);
  std::string hint = findings_.did_you_mean(property, names);
  if (hint.empty()) hint = fmt::format("it has: {}", fmt::join(names, ", "));
  findings_.error(
      ErrorCode::condition_unknown, expression.at,
      fmt::format("`{}`: event '{}' has no property {}", demand.place, event.name, property),
      std::move(hint));
  return nullptr;
}

void ConditionCheck::check_history(const Expression& expression, const Demand& demand,
                                   const expr::HistoryCall& call) {
  using Function = expr::HistoryCall::Function;
  if (call.window_ms && *call.window_ms > expr::longest_window_ms) {
    findings_.error(
        ErrorCode::condition_type, expression.at,
        fmt::format("`{}`: a window on '{}' is longer than all time, the years 1 to 9999",
                    demand.place, call.event),
        "leave the window out: then all that is known counts");
  }
  if (call.function == Function::engaged || call.function == Function::since_changed) return;
  const EventSchema* const event =
      known_.schema == nullptr ? nullptr : find_event(*known_.schema, call.event);
  if (event == nullptr) return;
  if (call.function == expr::HistoryCall::Function::sum) {
    const SchemaField* const field = look_for(expression, demand, *event, call.property);
    if (field != nullptr && !fits(expr::Type{TypeKind::integer, {}}, field->type) &&
        !fits(expr::Type{TypeKind::real, {}}, field->type)) {
      findings_.error(ErrorCode::condition_type, expression.at,
                      fmt::format("`{}`: sum() of {}, which is of type {}", demand.place,
                                  call.property, to_text(field->type)),
                      "name a property that is a number");
    }
  }
  if (call.filter == nullptr) return;
  for (const expr::Slot& slot : call.filter->slots()) {
    if (slot.variable == "e") look_for(expression, demand, *event, slot.field);
  }
}

namespace {

// The channel of consented("sms", "news").
std::string_view channel_of(const expr::Slot& slot) {
  return std::string_view(slot.field).substr(0, slot.field.find(expr::topic_mark));
}

// Of a contact of whom only one thing is known.
class OneThing : public expr::Activation {
 public:
  OneThing(std::string_view variable, std::string field, expr::Cell value)
      : variable_(variable), field_(std::move(field)), value_(value) {}

  expr::Cell slot(const expr::Program& program, std::uint32_t index, expr::Arena&) override {
    const expr::Slot& slot = program.slots()[index];
    const bool known = slot.variable == variable_ && slot.field == field_;
    return known ? value_ : expr::Cell::of(expr::EvalError::unknown_data);
  }
  expr::Cell history(const expr::Program&, std::uint32_t, expr::Arena&) override {
    return expr::Cell::of(expr::EvalError::unknown_data);
  }

 private:
  std::string_view variable_;
  std::string field_;
  expr::Cell value_;
};

expr::Cell cell_of(const Datum& datum) {
  const auto unknown = expr::Cell::of(expr::EvalError::unknown_data);
  if (!datum.expression.empty()) return unknown;
  const Value& value = datum.literal;
  if (const auto* text = value.get<std::string>()) return expr::Cell::of(std::string_view(*text));
  if (const auto* truth = value.get<bool>()) return expr::Cell::of(*truth);
  if (const auto* integer = value.get<std::int64_t>()) return expr::Cell::of(*integer);
  if (const auto* real = value.get<double>()) return expr::Cell::of(*real);
  return unknown;
}

}  // namespace

void SegmentMoves::add(std::size_t segment, expr::Program program, std::vector<std::size_t> asked) {
  const auto note = [segment](Readers& readers, std::string_view name) {
    std::vector<std::size_t>& all = readers[std::string(name)];
    if (all.empty() || all.back() != segment) all.push_back(segment);
  };
  for (const expr::Slot& slot : program.slots()) {
    if (slot.variable == "contact") note(by_attribute_, slot.field);
    if (slot.variable == expr::consent_slot) note(by_channel_, channel_of(slot));
  }
  for (const expr::HistoryCall& call : program.history_calls()) {
    if (call.function == expr::HistoryCall::Function::since_changed)
      note(by_attribute_, call.event);
  }
  for (const std::size_t each : asked) askers_[each].push_back(segment);
  programs_.emplace(segment, std::move(program));
}

std::vector<SegmentMoves::Move> SegmentMoves::moves(std::span<const std::size_t> readers,
                                                    expr::Activation& known) const {
  std::vector<Move> moves;
  for (const std::size_t segment : readers) {
    Move& move = moves.emplace_back(Move{segment});
    if (--looks_left_ < 0) continue;
    expr::Arena arena;
    const expr::Cell is_in = programs_.at(segment).evaluate(known, arena);
    if (is_in.kind != expr::Cell::Kind::boolean) continue;
    move.in = is_in.boolean;
    move.out = !is_in.boolean;
  }
  return moves;
}

std::vector<SegmentMoves::Move> SegmentMoves::by(const Datum& attribute) const {
  const auto readers = by_attribute_.find(attribute.name);
  if (readers == by_attribute_.end()) return {};
  OneThing known("contact", attribute.name, cell_of(attribute));
  return moves(readers->second, known);
}

std::vector<SegmentMoves::Move> SegmentMoves::by(const ChangeConsent& consent) const {
  const auto readers = by_channel_.find(consent.channel);
  if (readers == by_channel_.end()) return {};
  std::string field = consent.channel;
  if (!consent.topic.empty()) field += expr::topic_mark + consent.topic;
  OneThing known(expr::consent_slot, std::move(field),
                 expr::Cell::of(consent.state == ChangeConsent::State::granted));
  return moves(readers->second, known);
}

std::vector<std::size_t> SegmentMoves::askers_of(std::size_t segment) const {
  const auto found = askers_.find(segment);
  return found == askers_.end() ? std::vector<std::size_t>{} : found->second;
}

}  // namespace itinera::model
