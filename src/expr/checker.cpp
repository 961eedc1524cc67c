// SPDX-License-Identifier: Apache-2.0
#include "expr/checker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "expr/history.hpp"
#include "expr/lexer.hpp"
#include "expr/pattern.hpp"
#include "expr/typing.hpp"

namespace itinera::expr {
namespace {

using Kind = Type::Kind;

std::string_view symbol_of(Operator op) {
  constexpr std::array<std::string_view, 12> symbols{
      "+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "in"};
  return symbols[static_cast<std::size_t>(op)];
}

class Checker {
 public:
  Checker(Tree& tree, std::string_view source, const Declarations& declarations,
          const Limits& limits, std::vector<Issue>& issues)
      : tree_(tree),
        source_(source),
        declarations_(&declarations),
        check_types_(declarations.check_types),
        macros_max_(limits.comprehension_depth),
        issues_(issues) {}

  Unit run() {
    Unit unit;
    unit_ = &unit;
    check(tree_.root);
    return unit;
  }

 private:
  struct Local {
    std::string name;
    Type type;
  };

  Node& at(NodeIndex index) { return tree_.nodes[index]; }

  const Type& check(NodeIndex index) {
    Node& node = at(index);
    node.pure = true;
    switch (node.kind) {
      case NodeKind::literal: node.type = type_of(node.value); break;
      case NodeKind::name: check_name(node); break;
      case NodeKind::select:
      case NodeKind::test: check_select(node); break;
      case NodeKind::index: check_index(node); break;
      case NodeKind::call: check_call(node); break;
      case NodeKind::macro: check_macro(node); break;
      default: check_children(node); node.type = type_of_operation(node);
    }
    return node.type;
  }

  void check_children(Node& node) {
    for (const NodeIndex child : node.children) {
      check(child);
      inherit(node, at(child));
    }
  }

  static void inherit(Node& node, const Node& child) {
    node.pure = node.pure && child.pure;
    node.lowest_local = std::min(node.lowest_local, child.lowest_local);
  }

  Type type_of_operation(Node& node) {
    switch (node.kind) {
      case NodeKind::list: {
        std::optional<Type> element;
        for (const NodeIndex child : node.children) element = joined(element, at(child).type);
        return list_of(element.value_or(Type{}));
      }
      case NodeKind::map: return map_type(node);
      case NodeKind::all_of:
      case NodeKind::any_of:
      case NodeKind::not_:
        for (const NodeIndex child : node.children) {
          expect_bool(child, node.kind == NodeKind::all_of   ? "&&"
                             : node.kind == NodeKind::any_of ? "||"
                                                             : "!");
        }
        return {Kind::boolean, {}};
      case NodeKind::conditional: return conditional_type(node);
      case NodeKind::arithmetic: return arithmetic_chain_type(node);
      case NodeKind::relation: return relation_type(node);
      case NodeKind::negate: {
        const Type operand = at(node.children[0]).type;
        if (operand.kind == Kind::integer || operand.kind == Kind::real) return operand;
        if (operand.kind != Kind::dyn) {
          wrong_type(node.at, fmt::format("- does not fit {}", to_text(operand)));
        }
        return {};
      }
      default: return {};
    }
  }

  Type map_type(const Node& node) {
    std::optional<Type> key;
    std::optional<Type> value;
    for (std::size_t i = 0; i < node.children.size(); i += 2) {
      const Node& key_node = at(node.children[i]);
      if (key_node.type.kind != Kind::dyn && !can_be_key(key_node.type)) {
        wrong_type(key_node.at,
                   fmt::format("{} cannot be the key of a map", to_text(key_node.type)),
                   "Keys are bool, int or string.");
      }
      key = joined(key, key_node.type);
      value = joined(value, at(node.children[i + 1]).type);
    }
    return map_of(key.value_or(Type{}), value.value_or(Type{}));
  }

  Type conditional_type(const Node& node) {
    expect_bool(node.children[0], "? :");
    const Type& then = at(node.children[1]).type;
    const Type& otherwise = at(node.children[2]).type;
    if (!assignable(then, otherwise)) {
      wrong_type(node.at,
                 fmt::format("the two values after ? differ: {} and {}", to_text(then),
                             to_text(otherwise)),
                 "Give both the same type, or wrap one in dyn().");
      return {};
    }
    return *joined(then, otherwise);
  }

  Type arithmetic_chain_type(const Node& node) {
    Type left = at(node.children[0]).type;
    for (std::size_t i = 0; i < node.operators.size(); ++i) {
      const Type& right = at(node.children[i + 1]).type;
      const std::optional<Type> result = arithmetic_type(node.operators[i], left, right);
      if (!result) {
        const bool mixed = comparable(left, right) && left.kind != right.kind;
        wrong_type(node.at,
                   fmt::format("{} does not fit {} and {}", symbol_of(node.operators[i]),
                               to_text(left), to_text(right)),
                   mixed ? "CEL does not calculate with int and double at once: write double(x), "
                           "or 2.0 for 2."
                         : "");
        return {};
      }
      left = *result;
    }
    return left;
  }

  Type relation_type(const Node& node) {
    const Type& left = at(node.children[0]).type;
    const Type& right = at(node.children[1]).type;
    const Operator op = node.operators[0];
    bool fits = false;
    std::string hint;
    if (op == Operator::in) {
      fits = right.kind == Kind::dyn || ((right.kind == Kind::list || right.kind == Kind::map) &&
                                         assignable(left, parameter(right, 0)));
      if (right.kind == Kind::text) hint = "Write text.contains(\"part\") for a part of a text.";
    } else if (op == Operator::equal || op == Operator::not_equal) {
      fits = assignable(left, right) || comparable(left, right);
      if (left.kind == Kind::null || right.kind == Kind::null) {
        hint = "Ask has(...) whether something is there.";
      }
    } else {
      fits = comparable(left, right);
    }
    if (!fits) {
      wrong_type(
          node.at,
          fmt::format("{} does not fit {} and {}", symbol_of(op), to_text(left), to_text(right)),
          hint);
    }
    return {Kind::boolean, {}};
  }

  void expect_bool(NodeIndex index, std::string_view where) {
    const Node& node = at(index);
    if (node.type.kind != Kind::boolean && node.type.kind != Kind::dyn) {
      wrong_type(node.at, fmt::format("{} needs a bool, not {}", where, to_text(node.type)));
    }
  }

  // Names, fields and slots.

  [[nodiscard]] std::optional<std::uint32_t> find_local(std::string_view name) const {
    for (std::size_t i = locals_.size(); i > 0; --i) {
      if (locals_[i - 1].name == name) return static_cast<std::uint32_t>(i - 1);
    }
    return std::nullopt;
  }

  [[nodiscard]] const Variable* find_variable(std::string_view name) const {
    for (const Variable& variable : declarations_->variables) {
      if (variable.name == name) return &variable;
    }
    return nullptr;
  }

  // The record that `node` names, unless a macro's variable hides it.
  [[nodiscard]] const Variable* record_of(const Node& node) const {
    if (node.kind != NodeKind::name || find_local(node.text)) return nullptr;
    const Variable* variable = find_variable(node.text);
    return variable != nullptr && variable->record ? variable : nullptr;
  }

  void check_name(Node& node) {
    if (const auto local = find_local(node.text)) {
      node.kind = NodeKind::local;
      node.index = *local;
      node.lowest_local = *local;
      node.type = locals_[*local].type;
      return;
    }
    const Variable* variable = find_variable(node.text);
    if (variable == nullptr) return unknown_name(node);
    if (variable->record) {
      return fail(
          node, ErrorCode::condition_type,
          fmt::format("{} is a record: it is used by its fields", node.text),
          fmt::format("Write {}.<{}>.", node.text, node.text == "contact" ? "attribute" : "field"));
    }
    if (node.text == "now") unit_->reads_time = true;
    make_slot(node, NodeKind::slot, {node.text, {}}, variable->type);
  }

  void make_slot(Node& node, NodeKind kind, Slot slot, Type type) {
    auto& slots = unit_->slots;
    const auto found = std::find(slots.begin(), slots.end(), slot);
    node.index = static_cast<std::uint32_t>(found - slots.begin());
    if (found == slots.end()) slots.push_back(std::move(slot));
    node.kind = kind;
    node.pure = false;
    node.type = std::move(type);
  }

  void check_field(Node& node, const Variable& record, const std::string& field) {
    const auto known = std::lower_bound(record.fields.begin(), record.fields.end(), field);
    const auto position = static_cast<std::size_t>(known - record.fields.begin());
    const bool found = known != record.fields.end() && *known == field;
    if (!record.fields.empty() && !found) {
      const std::string near = nearest_name(field, record.fields);
      return fail(node, ErrorCode::condition_unknown,
                  fmt::format("{} has no field {}", record.name, field),
                  near.empty() ? "" : fmt::format("Did you mean {}.{}?", record.name, near));
    }
    Type type = record.type.kind == Kind::map ? parameter(record.type, 1) : Type{};
    if (found && record.field_types.size() == record.fields.size()) {
      type = record.field_types[position];
    }
    const bool test = node.kind == NodeKind::test;
    make_slot(node, test ? NodeKind::slot_test : NodeKind::slot, {record.name, field},
              test ? Type{Kind::boolean, {}} : std::move(type));
  }

  void check_select(Node& node) {
    Node& operand = at(node.children[0]);
    if (const Variable* record = record_of(operand)) return check_field(node, *record, node.text);
    const Type type = check(node.children[0]);
    inherit(node, operand);
    const bool test = node.kind == NodeKind::test;
    if (type.kind == Kind::map) {
      const Kind key = parameter(type, 0).kind;
      if (key != Kind::text && key != Kind::dyn) {
        wrong_type(node.at, fmt::format("the keys of this map are {}, not names",
                                        to_text(parameter(type, 0))));
      }
      node.type = parameter(type, 1);
    } else if (type.kind != Kind::dyn) {
      wrong_type(node.at, fmt::format("{} has no fields, so no {}", to_text(type), node.text));
    }
    if (test) node.type = {Kind::boolean, {}};
  }

  void check_index(Node& node) {
    if (const Variable* record = record_of(at(node.children[0]))) {
      const Node& key = at(node.children[1]);
      const auto* field = key.value.get<std::string>();
      if (key.kind == NodeKind::literal && field != nullptr) {
        return check_field(node, *record, std::string(*field));
      }
      return fail(node, ErrorCode::condition_type,
                  fmt::format("a field of {} must be named by a literal text", record->name),
                  fmt::format("For example {}[\"cart id\"].", record->name));
    }
    check_children(node);
    const Type& operand = at(node.children[0]).type;
    const Type& key = at(node.children[1]).type;
    if (operand.kind == Kind::list) {
      if (key.kind != Kind::integer && key.kind != Kind::dyn) {
        wrong_type(node.at, fmt::format("an index of a list is an int, not {}", to_text(key)));
      }
      node.type = parameter(operand, 0);
    } else if (operand.kind == Kind::map) {
      if (!assignable(key, parameter(operand, 0)) && !comparable(key, parameter(operand, 0))) {
        wrong_type(node.at, fmt::format("the keys of this map are {}, not {}",
                                        to_text(parameter(operand, 0)), to_text(key)));
      }
      node.type = parameter(operand, 1);
    } else if (operand.kind != Kind::dyn) {
      wrong_type(node.at, fmt::format("[ ] does not fit {}", to_text(operand)));
    }
  }

  void check_macro(Node& node) {
    const Type range = check(node.children[0]);
    inherit(node, at(node.children[0]));
    Type element;
    if (range.kind == Kind::list || range.kind == Kind::map) {
      element = parameter(range, 0);
    } else if (range.kind != Kind::dyn) {
      wrong_type(node.at, fmt::format("a macro goes over a list or map, not {}", to_text(range)));
    }
    if (locals_.size() >= macros_max_) {
      return fail(node, ErrorCode::too_large,
                  fmt::format("macros are nested deeper than {}", macros_max_));
    }
    const auto local = static_cast<std::uint32_t>(locals_.size());
    locals_.push_back({node.text, element});
    for (std::size_t i = 1; i < node.children.size(); ++i) {
      check(node.children[i]);
      const Node& body = at(node.children[i]);
      node.pure = node.pure && body.pure;
      if (body.lowest_local < local)
        node.lowest_local = std::min(node.lowest_local, body.lowest_local);
    }
    locals_.pop_back();
    const bool maps = node.macro == Macro::map;
    if (!maps || node.children.size() == 3)
      expect_bool(node.children[1], "the condition of a macro");
    if (maps) {
      node.type = list_of(at(node.children.back()).type);
    } else if (node.macro == Macro::filter) {
      node.type = list_of(element);
    } else {
      node.type = {Kind::boolean, {}};
    }
  }

  // Functions.

  void check_call(Node& node) {
    const auto is_named = [&](const auto& candidate) { return candidate == node.text; };
    const auto history = history_functions();
    if (!node.receiver && declarations_->history &&
        std::any_of(history.begin(), history.end(), is_named)) {
      return check_history(node);
    }
    check_children(node);
    if (std::any_of(overloads().begin(), overloads().end(),
                    [&](const Overload& candidate) { return candidate.name == node.text; })) {
      return check_overloads(node);
    }
    const auto later = later_functions();
    if (!node.receiver && std::any_of(later.begin(), later.end(), is_named)) {
      return fail(node, ErrorCode::not_supported_yet,
                  fmt::format("{}() comes with a later version", node.text));
    }
    unknown_function(node);
  }

  void check_overloads(Node& node) {
    const CallForm form = node.receiver ? CallForm::receiver : CallForm::global;
    bool form_exists = false;
    std::optional<Kind> result;
    for (const Overload& candidate : overloads()) {
      if (candidate.name != node.text) continue;
      node.function = candidate.function;
      if (candidate.form != form || candidate.arity != node.children.size()) continue;
      form_exists = true;
      if (!fits(candidate, node)) continue;
      result = !result || *result == candidate.result ? candidate.result : Kind::dyn;
    }
    const bool with_zone = node.function >= Function::get_full_year && node.children.size() > 1;
    node.pure = node.pure && !with_zone;
    if (!form_exists) {
      return fail(node, ErrorCode::condition_type,
                  fmt::format("{}() does not take {} arguments here", node.text,
                              node.children.size() - (node.receiver ? 1 : 0)),
                  usage_of(node.text));
    }
    if (!result) {
      std::string types;
      for (const NodeIndex child : node.children) {
        if (!types.empty()) types += " and ";
        types += to_text(at(child).type);
      }
      wrong_type(node.at, fmt::format("{}() does not fit {}", node.text, types),
                 usage_of(node.text));
    }
    node.type = {result.value_or(Kind::dyn), {}};
    check_pattern(node);
  }

  [[nodiscard]] bool fits(const Overload& candidate, const Node& node) {
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      const Kind actual = at(node.children[i]).type.kind;
      const Kind wanted = candidate.arguments[i];
      if (actual != wanted && actual != Kind::dyn && wanted != Kind::dyn) return false;
    }
    return true;
  }

  // "size(string), x.size() of list ..." is too long for a hint: the first form is enough.
  static std::string usage_of(std::string_view name) {
    for (const Overload& candidate : overloads()) {
      if (candidate.name != name) continue;
      const std::string first = to_text(Type{candidate.arguments[0], {}});
      const std::string second = to_text(Type{candidate.arguments[1], {}});
      if (candidate.form == CallForm::receiver) {
        return fmt::format("For example <{}>.{}({}).", first, name,
                           candidate.arity > 1 ? "<" + second + ">" : "");
      }
      return fmt::format("For example {}(<{}>).", name,
                         candidate.arity > 1 ? first + ">, <" + second : first);
    }
    return {};
  }

  void check_pattern(const Node& node) {
    if (node.function != Function::matches || node.children.size() != 2) return;
    const Node& pattern = at(node.children[1]);
    const auto* text = pattern.value.get<std::string>();
    if (pattern.kind == NodeKind::literal && text != nullptr &&
        Pattern::compile(*text) == nullptr) {
      wrong_type(pattern.at, "the pattern of matches() is no valid RE2 pattern",
                 "See the syntax page of RE2; backslashes are easiest in r\"...\".");
    }
  }

  // The filter is a program of its own: it sees the event `e` and nothing else.
  void check_history(Node& node) {
    auto read = read_history_call(tree_, static_cast<NodeIndex>(&node - tree_.nodes.data()));
    if (const auto* problem = std::get_if<HistoryProblem>(&read)) {
      Node& culprit = at(problem->at);
      const std::uint32_t node_at = std::exchange(node.at, culprit.at);
      fail(node, ErrorCode::condition_type, problem->message, problem->hint);
      node.at = node_at;
      return;
    }
    auto& arguments = std::get<HistoryArguments>(read);
    Unit::Call call{std::move(arguments.call), arguments.filter.value_or(0), nullptr};
    if (arguments.filter) {
      static const Declarations filter_scope = declarations_of_filter();
      call.filter = std::make_unique<Unit>();
      Unit* outer_unit = std::exchange(unit_, call.filter.get());
      const Declarations* outer = std::exchange(declarations_, &filter_scope);
      std::vector<Local> outer_locals = std::exchange(locals_, {});
      check(call.filter_root);
      expect_bool(call.filter_root, "the condition of a history function");
      locals_ = std::move(outer_locals);
      declarations_ = outer;
      unit_ = outer_unit;
    }
    node.kind = NodeKind::history;
    node.pure = false;
    node.type = result_type_of(call.call.function);
    node.index = static_cast<std::uint32_t>(unit_->calls.size());
    unit_->reads_time = unit_->reads_time || reads_time(call.call);
    unit_->calls.push_back(std::move(call));
  }

  static Declarations declarations_of_filter() {
    Declarations scope;
    scope.variables.push_back({"e", {}, true, {}, {}});
    return scope;
  }

  // Reports.

  void unknown_name(Node& node) {
    std::vector<std::string> known;
    for (const Local& local : locals_) known.push_back(local.name);
    for (const Variable& variable : declarations_->variables) known.push_back(variable.name);
    std::string hint;
    for (const Variable& variable : declarations_->variables) {
      if (std::binary_search(variable.fields.begin(), variable.fields.end(), node.text)) {
        hint = fmt::format("Did you mean {}.{}?", variable.name, node.text);
      }
    }
    const std::string near = nearest_name(node.text, known);
    if (!near.empty()) hint = fmt::format("Did you mean {}?", near);
    if (hint.empty() && !known.empty())
      hint = fmt::format("Known here: {}.", fmt::join(known, ", "));
    fail(node, ErrorCode::condition_unknown, fmt::format("{} is unknown here", node.text), hint);
  }

  void unknown_function(Node& node) {
    std::vector<std::string> known{"has", "all", "exists", "exists_one", "map", "filter"};
    for (const Overload& candidate : overloads()) known.emplace_back(candidate.name);
    const auto history = history_functions();
    if (declarations_->history) known.insert(known.end(), history.begin(), history.end());
    const std::string near = nearest_name(node.text, known);
    std::string hint = near.empty() ? "" : fmt::format("Did you mean {}()?", near);
    if (std::find(history.begin(), history.end(), node.text) != history.end()) {
      hint = "The contact's history cannot be asked here.";
    }
    fail(node, ErrorCode::condition_unknown, fmt::format("there is no function {}()", node.text),
         hint);
  }

  void wrong_type(std::uint32_t at_byte, std::string message, std::string hint = {}) {
    if (!check_types_) return;
    issues_.push_back(
        issue_at(source_, at_byte, ErrorCode::condition_type, std::move(message), std::move(hint)));
  }

  // Makes the node an error value, and says so unless types are unchecked and the code is a
  // matter of types.
  void fail(Node& node, ErrorCode code, std::string message, std::string hint = {}) {
    node.kind = NodeKind::failure;
    node.type = {};
    const bool forgiven = code == ErrorCode::condition_type || code == ErrorCode::condition_unknown;
    if (check_types_ || !forgiven) {
      issues_.push_back(issue_at(source_, node.at, code, std::move(message), std::move(hint)));
    }
  }

  Tree& tree_;
  std::string_view source_;
  const Declarations* declarations_;  // those of the filter within a history call
  bool check_types_;
  std::uint32_t macros_max_;
  std::vector<Issue>& issues_;
  Unit* unit_ = nullptr;
  std::vector<Local> locals_;
};

}  // namespace

Unit check(Tree& tree, std::string_view source, const Declarations& declarations,
           const Limits& limits, std::vector<Issue>& issues) {
  return Checker(tree, source, declarations, limits, issues).run();
}

}  // namespace itinera::expr
