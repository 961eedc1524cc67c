// SPDX-License-Identifier: Apache-2.0
#include "expr/checker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/nearest.hpp"
#include "expr/conversions.hpp"
#include "expr/format.hpp"
#include "expr/history.hpp"
#include "expr/names.hpp"
#include "expr/operation_types.hpp"
#include "expr/pattern.hpp"
#include "expr/reporter.hpp"

namespace itinera::expr {
namespace {

using Kind = Type::Kind;

class Checker {
 public:
  Checker(Tree& tree, std::string_view source, const Declarations& declarations,
          const Limits& limits, std::vector<Issue>& issues)
      : tree_(tree),
        report_(source, declarations.check_types, issues),
        declarations_(&declarations),
        macros_max_(limits.comprehension_depth),
        pattern_bytes_max_(limits.condition_memory) {}

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
      case NodeKind::uint_literal: node.type = {Kind::uinteger, {}}; break;
      case NodeKind::bytes_literal: node.type = {Kind::bytes, {}}; break;
      case NodeKind::name: check_name(node); break;
      case NodeKind::select:
      case NodeKind::test: check_select(node); break;
      case NodeKind::index: check_index(node); break;
      case NodeKind::call: check_call(node); break;
      case NodeKind::macro: check_macro(node); break;
      default: check_children(node); node.type = type_of_operation(tree_, node, report_);
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

  // Names, fields and slots.

  [[nodiscard]] std::optional<std::uint32_t> find_local(std::string_view name) const {
    for (std::size_t i = locals_.size(); i > 0; --i) {
      if (locals_[i - 1].name == name) return static_cast<std::uint32_t>(i - 1);
    }
    return std::nullopt;
  }

  // Whether it can be no variable or type, since a macro's variable hides it, or it is no name.
  [[nodiscard]] bool hidden(const DottedName& name) const {
    return name.text.empty() || (!name.absolute && find_local(name.first));
  }

  // The record that `node` names.
  [[nodiscard]] const Variable* record_of(const Node& node) const {
    const DottedName name = dotted_name(tree_, node);
    if (hidden(name)) return nullptr;
    const Variable* variable = find_variable(*declarations_, name);
    return variable != nullptr && variable->record ? variable : nullptr;
  }

  void check_name(Node& node) {
    if (const auto local = node.absolute ? std::nullopt : find_local(node.text)) {
      node.kind = NodeKind::local;
      node.index = *local;
      node.lowest_local = *local;
      node.type = locals_[*local].type;
      return;
    }
    if (!resolve(node)) unknown_name(node);
  }

  // Makes the node what its dotted name stands for, a variable or else a type; false if it is none.
  bool resolve(Node& node) {
    const DottedName name = dotted_name(tree_, node);
    if (hidden(name)) return false;
    if (const Variable* variable = find_variable(*declarations_, name)) {
      check_variable(node, *variable);
      return true;
    }
    if (!type_named(name.text)) return false;
    node.kind = NodeKind::type_name;
    node.text = name.text;
    node.type = {Kind::type, {}};
    return true;
  }

  void check_variable(Node& node, const Variable& variable) {
    const std::string& name = variable.name;
    if (variable.record) {
      return fail(node, ErrorCode::condition_type,
                  fmt::format("{} is a record: it is used by its fields", name),
                  fmt::format("write `{}.<{}>`", name, name == "contact" ? "attribute" : "field"));
    }
    if (name == "now") unit_->reads_time = true;
    make_slot(node, NodeKind::slot, {name, {}}, variable.type);
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

  // "there is: a, b", or nothing where they are many.
  static std::string those_known(const std::vector<std::string>& names) {
    constexpr std::size_t names_max = 10;
    return names.size() > names_max ? "" : fmt::format("there is: {}", fmt::join(names, ", "));
  }

  void check_field(Node& node, const Variable& record, const std::string& field) {
    const auto known = std::lower_bound(record.fields.begin(), record.fields.end(), field);
    const auto position = static_cast<std::size_t>(known - record.fields.begin());
    const bool found = known != record.fields.end() && *known == field;
    if (!record.fields.empty() && !found) {
      const std::string_view near = base::nearest(field, record.fields);
      return fail(node, ErrorCode::condition_unknown,
                  fmt::format("{} has no field {}", record.name, field),
                  near.empty() ? those_known(record.fields)
                               : fmt::format("did you mean '{}.{}'?", record.name, near));
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
    if (node.kind == NodeKind::select && resolve(node)) return;
    Node& operand = at(node.children[0]);
    if (const Variable* record = record_of(operand)) return check_field(node, *record, node.text);
    const Type type = check(node.children[0]);
    inherit(node, operand);
    const bool test = node.kind == NodeKind::test;
    if (type.kind == Kind::map) {
      const Kind key = parameter(type, 0).kind;
      if (key != Kind::text && key != Kind::dyn) {
        report_.wrong_type(node.at, fmt::format("the keys of this map are {}, not names",
                                                to_text(parameter(type, 0))));
      }
      node.type = parameter(type, 1);
    } else if (type.kind != Kind::dyn) {
      report_.wrong_type(node.at,
                         fmt::format("{} has no fields, so no {}", to_text(type), node.text));
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
                  fmt::format("for example `{}[\"cart id\"]`", record->name));
    }
    check_children(node);
    const Type& operand = at(node.children[0]).type;
    const Type& key = at(node.children[1]).type;
    if (operand.kind == Kind::list) {
      if (key.kind != Kind::integer && key.kind != Kind::dyn) {
        report_.wrong_type(node.at,
                           fmt::format("an index of a list is an int, not {}", to_text(key)));
      }
      node.type = parameter(operand, 0);
    } else if (operand.kind == Kind::map) {
      if (!assignable(key, parameter(operand, 0)) && !comparable(key, parameter(operand, 0))) {
        report_.wrong_type(node.at, fmt::format("the keys of this map are {}, not {}",
                                                to_text(parameter(operand, 0)), to_text(key)));
      }
      node.type = parameter(operand, 1);
    } else if (operand.kind != Kind::dyn) {
      report_.wrong_type(node.at, fmt::format("[ ] does not fit {}", to_text(operand)));
    }
  }

  void check_macro(Node& node) {
    const Type range = check(node.children[0]);
    inherit(node, at(node.children[0]));
    Type element;
    if (range.kind == Kind::list || range.kind == Kind::map) {
      element = parameter(range, 0);
    } else if (range.kind != Kind::dyn) {
      report_.wrong_type(node.at,
                         fmt::format("a macro goes over a list or map, not {}", to_text(range)));
    }
    if (locals_.size() >= macros_max_) {
      return fail(node, ErrorCode::too_large,
                  fmt::format("macros are nested deeper than {}", macros_max_));
    }
    const auto local = static_cast<std::uint32_t>(locals_.size());
    node.index = local;
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
      expect_bool(tree_, node.children[1], "the condition of a macro", report_);
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
    if (check_named(node)) return;
    take_namespace(node);
    check_children(node);
    if (is_function(node.text)) return check_overloads(node);
    unknown_function(node);
  }

  bool check_named(Node& node) {
    const auto read = read_named_call(tree_, node, *declarations_);
    if (!read) return false;
    if (const auto* problem = std::get_if<NamedProblem>(&*read)) {
      fail(node, problem->code, problem->message, problem->hint);
    } else {
      const auto& datum = std::get<NamedDatum>(*read);
      make_slot(node, NodeKind::slot, datum.slot, datum.type);
    }
    return true;
  }

  static bool is_function(std::string_view name) {
    return std::any_of(overloads().begin(), overloads().end(),
                       [&](const Overload& candidate) { return candidate.name == name; });
  }

  // strings.quote(x) is no call of quote() on `strings`, but a function of that name.
  void take_namespace(Node& node) {
    if (!node.receiver) return;
    const DottedName name = dotted_name(tree_, at(node.children[0]));
    if (hidden(name) || !is_function(name.text + "." + node.text)) return;
    node.text = name.text + "." + node.text;
    node.receiver = false;
    node.children.erase(node.children.begin());
  }

  void check_overloads(Node& node) {
    std::vector<Type::Kind> arguments;
    std::string types;
    for (const NodeIndex child : node.children) {
      arguments.push_back(at(child).type.kind);
      types += (types.empty() ? "" : " and ") + to_text(at(child).type);
    }
    const CallForm form = node.receiver ? CallForm::receiver : CallForm::global;
    const OverloadChoice choice = choose_overload(node.text, form, arguments);
    node.function = choice.function;
    if (!choice.arity_fits) {
      return fail(node, ErrorCode::condition_type,
                  fmt::format("{}() does not take {} arguments here", node.text,
                              node.children.size() - (node.receiver ? 1 : 0)),
                  usage_of(node.text));
    }
    if (!choice.result) {
      report_.wrong_type(node.at, fmt::format("{}() does not fit {}", node.text, types),
                         usage_of(node.text));
    }
    const bool with_zone = node.function >= Function::get_full_year && node.children.size() > 1;
    node.pure = node.pure && !with_zone;
    node.type = {choice.result.value_or(Kind::dyn), {}};
    const Type list = list_of({choice.element, {}});
    if (node.type.kind == Kind::list) node.type = list;
    const Type& first = at(node.children[0]).type;
    if (choice.result && first.kind == Kind::list && !assignable(first, list)) {
      report_.wrong_type(node.at, fmt::format("{}() does not fit {}", node.text, types),
                         usage_of(node.text));
    }
    if (node.function == Function::matches) check_pattern(node);
    if (node.function == Function::format) check_format(node);
  }

  // Reads a literal text of format(), with the types of a literal list.
  void check_format(Node& node) {
    const Node& text = at(node.children[0]);
    const auto* pattern = text.value.get<std::string>();
    if (text.kind != NodeKind::literal || pattern == nullptr) return;
    const Node& list = at(node.children[1]);
    std::vector<Type::Kind> types;
    for (const NodeIndex child : list.children) types.push_back(at(child).type.kind);
    std::optional<std::span<const Type::Kind>> values;
    if (list.kind == NodeKind::list) values = types;
    if (auto problem = format_problem(*pattern, values)) {
      report_.wrong_type(
          text.at, std::move(*problem),
          "clauses are `%s`, `%d`, `%f`, `%e`, `%b`, `%o`, `%x`, `%X`; `%%` is the sign itself");
    }
  }

  // Compiles the pattern of matches() here, once, if it is a literal.
  void check_pattern(Node& node) {
    Node& argument = at(node.children[1]);
    const auto* text = argument.value.get<std::string>();
    if (argument.kind != NodeKind::literal || text == nullptr) return;
    if (pattern_bytes_ > pattern_bytes_max_) return;  // said already
    argument.pattern = Pattern::compile(*text);
    if (argument.pattern == nullptr) {
      return report_.wrong_type(
          argument.at, "the pattern of matches() is no valid RE2 pattern",
          "see the syntax page of RE2; backslashes are easiest in `r\"...\"`");
    }
    constexpr std::size_t instruction_bytes = 16;
    pattern_bytes_ += argument.pattern->size() * instruction_bytes;
    if (pattern_bytes_ > pattern_bytes_max_) {
      fail(node, ErrorCode::too_large, "the patterns of matches() are too large together");
    }
  }

  // The filter is a program of its own: it sees the event `e` and nothing else.
  void check_history(Node& node) {
    auto read = read_history_call(tree_, static_cast<NodeIndex>(&node - tree_.nodes.data()),
                                  *declarations_);
    if (const auto* problem = std::get_if<HistoryProblem>(&read)) {
      Node& culprit = at(problem->at);
      const std::uint32_t node_at = std::exchange(node.at, culprit.at);
      fail(node, problem->code, problem->message, problem->hint);
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
      expect_bool(tree_, call.filter_root, "the condition of a history function", report_);
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
        hint = fmt::format("did you mean '{}.{}'?", variable.name, node.text);
      }
    }
    const std::string_view near = base::nearest(node.text, known);
    if (!near.empty()) hint = fmt::format("did you mean '{}'?", near);
    if (hint.empty() && !known.empty()) hint = fmt::format("there is: {}", fmt::join(known, ", "));
    fail(node, ErrorCode::condition_unknown, fmt::format("{} is unknown here", node.text), hint);
  }

  void unknown_function(Node& node) {
    std::vector<std::string> known{"has", "all", "exists", "exists_one", "map", "filter"};
    for (const Overload& candidate : overloads()) known.emplace_back(candidate.name);
    const auto history = history_functions();
    if (declarations_->history) known.insert(known.end(), history.begin(), history.end());
    const std::string_view near = base::nearest(node.text, known);
    std::string hint = near.empty() ? "" : fmt::format("did you mean '{}()'?", near);
    if (std::find(history.begin(), history.end(), node.text) != history.end()) {
      hint = "the contact's history cannot be asked here";
    }
    fail(node, ErrorCode::condition_unknown, fmt::format("there is no function {}()", node.text),
         hint);
  }

  // Makes the node an error value, and says so.
  void fail(Node& node, ErrorCode code, std::string message, std::string hint = {}) {
    node.kind = NodeKind::failure;
    node.type = {};
    report_.add(node.at, code, std::move(message), std::move(hint));
  }

  Tree& tree_;
  Reporter report_;
  const Declarations* declarations_;  // those of the filter within a history call
  std::uint32_t macros_max_;
  std::size_t pattern_bytes_max_;
  std::size_t pattern_bytes_ = 0;
  Unit* unit_ = nullptr;
  std::vector<Local> locals_;
};

}  // namespace

Unit check(Tree& tree, std::string_view source, const Declarations& declarations,
           const Limits& limits, std::vector<Issue>& issues) {
  return Checker(tree, source, declarations, limits, issues).run();
}

}  // namespace itinera::expr
