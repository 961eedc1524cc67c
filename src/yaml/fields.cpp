// SPDX-License-Identifier: Apache-2.0
#include "yaml/fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "yaml/quoting.hpp"

namespace itinera::yaml {
namespace {

bool fits(const Node& node, Expects expects) {
  switch (expects) {
    case Expects::any:
    case Expects::condition: return true;  // conditions have errors of their own
    case Expects::data:
    case Expects::literals:
    case Expects::mapping: return node.is(Node::Kind::mapping);
    case Expects::counts:
    case Expects::names:
    case Expects::list: return node.is(Node::Kind::sequence);
    case Expects::some_names:
    case Expects::weekdays: return node.is(Node::Kind::scalar) || node.is(Node::Kind::sequence);
    default: return node.is(Node::Kind::scalar);
  }
}

std::string_view words_for(Expects expects) {
  switch (expects) {
    case Expects::text:
    case Expects::text_or_empty: return "a text";
    case Expects::condition: return "a condition in CEL";
    case Expects::boolean: return "true or false";
    case Expects::count: return "a whole number";
    case Expects::counts: return "a list of whole numbers";
    case Expects::number: return "a number, such as 0.04";
    case Expects::elapsed: return "a duration, such as 7d";
    case Expects::period: return "a duration, such as 1h30m";
    case Expects::percent: return "a percentage, such as 5%";
    case Expects::time_of_day: return "a time, such as \"09:00\"";
    case Expects::weekdays: return "weekdays, such as Mon-Fri";
    case Expects::window: return "a window, such as \"14:00-16:00\"";
    case Expects::instant: return "an instant, such as 2026-03-02T10:00:00Z";
    case Expects::choice: return "one word";
    case Expects::data:
    case Expects::literals: return "a mapping of names to values";
    case Expects::names: return "a list of texts";
    case Expects::some_names: return "a text, or a list of texts";
    case Expects::list: return "a list";
    case Expects::mapping: return "a mapping";
    case Expects::any: return "a value";
  }
  return {};
}

// What may stand behind `field`, as an example.
std::string form_of(const Field& field) {
  switch (field.expects) {
    case Expects::text:
    case Expects::text_or_empty: return fmt::format("`{}: name`", field.key);
    case Expects::boolean: return fmt::format("`{}: true`", field.key);
    case Expects::count: return fmt::format("`{}: 1`", field.key);
    case Expects::counts: return fmt::format("`{}: [20, 40, 80]`", field.key);
    case Expects::number: return fmt::format("`{}: 0.04`", field.key);
    case Expects::elapsed: return fmt::format("`{}: 7d`", field.key);
    case Expects::period: return fmt::format("`{}: 1h30m`", field.key);
    case Expects::percent: return fmt::format("`{}: 5%`", field.key);
    case Expects::time_of_day: return fmt::format("`{}: \"09:00\"`", field.key);
    case Expects::weekdays: return fmt::format("`{}: Mon-Fri`", field.key);
    case Expects::window: return fmt::format("`{}: \"14:00-16:00\"`", field.key);
    case Expects::instant: return fmt::format("`{}: 2026-03-02T10:00:00Z`", field.key);
    case Expects::choice: return fmt::format("`{}: {}`", field.key, field.choices.front());
    case Expects::data:
    case Expects::literals: return fmt::format("`{}: {{name: value}}`", field.key);
    case Expects::names:
    case Expects::some_names: return fmt::format("`{}: [name]`", field.key);
    case Expects::list: return fmt::format("`{}:` and below it `- ` before each item", field.key);
    case Expects::mapping:
      return fmt::format("`{}:` and below it, indented, a line `name: ...` for each", field.key);
    case Expects::condition: return fmt::format("`{}: contact.tier == \"gold\"`", field.key);
    case Expects::any: break;
  }
  return fmt::format("`{}: ...`", field.key);
}

std::string_view words_for(const Node& node) {
  switch (node.kind) {
    case Node::Kind::scalar: return "one value";
    case Node::Kind::sequence: return "a list";
    case Node::Kind::mapping: return "a mapping";
    default: return "nothing";
  }
}

std::vector<std::string> supported_keys(const Table& table) {
  std::vector<std::string> keys;
  for (const Field& field : table.fields) {
    if (field.later.empty() && field.elsewhere.empty()) keys.emplace_back(field.key);
  }
  return keys;
}

std::vector<std::string> supported_kinds(std::span<const Table> tables) {
  std::vector<std::string> kinds;
  for (const Table& table : tables) {
    if (table.later.empty()) kinds.emplace_back(table.kind);
  }
  return kinds;
}

// Whether `key` is a kind of what `table` is a kind of.
bool is_sibling(const Table& table, std::string_view key) {
  for (const auto tables : {step_tables(), line_tables(), expect_tables()}) {
    const auto is = [&](std::string_view kind) {
      return std::any_of(tables.begin(), tables.end(),
                         [&](const Table& each) { return each.kind == kind; });
    };
    if (!table.kind.empty() && is(table.kind) && is(key)) return true;
  }
  return false;
}

}  // namespace

Fields::Fields(const Node& node, const Table& table, Report& report, Strangers strangers)
    : node_(node), table_(table), report_(report) {
  lost_content_ = node.torn || node.is(Node::Kind::refused) || node.is(Node::Kind::sequence);
  if (lost_content_) report.lose();
  if (node.is(Node::Kind::refused)) return;
  if (!node.is(Node::Kind::mapping)) {
    report.error(ErrorCode::wrong_type, node.at,
                 fmt::format("{} must be a mapping; here stands {}", table.name, words_for(node)),
                 fmt::format("{} takes: {}", table.name, fmt::join(supported_keys(table), ", ")));
    return;
  }
  std::vector<const Member*> unknown;
  for (const Member& member : node.members) {
    if (const Field* field = table.find(member.key)) {
      take(member, *field);
    } else if (strangers == Strangers::refused) {
      unknown.push_back(&member);
    }
  }
  const bool cut = condition_was_cut();
  for (const Member* member : unknown) {
    // The rest of a condition that was cut at a comma is reported with the condition.
    if (!cut || !member->value.is(Node::Kind::empty)) report_unknown(*member);
  }
  for (const Field& field : table.fields) {
    if (field.required && node.find(field.key) == nullptr) report_missing(field);
  }
}

void Fields::take(const Member& member, const Field& field) {
  const bool built = field.later.empty() && field.elsewhere.empty();
  if (built && !member.value.is(Node::Kind::refused) && fits(member.value, field.expects)) {
    found_.push_back({&field, &member});
    return;
  }
  faulty_ = true;
  if (field.later.empty()) lose(member);
  if (!field.later.empty()) {
    report_.blemish(ErrorCode::not_supported_yet, member.key_at,
                    fmt::format("`{}` of {} is not supported yet", field.key, table_.name),
                    std::string(field.later));
  } else if (!field.elsewhere.empty()) {
    report_.error(ErrorCode::unknown_key, member.key_at,
                  fmt::format("{} has no key `{}`", table_.name, field.key),
                  std::string(field.elsewhere));
  } else if (!member.value.is(Node::Kind::refused)) {
    report_.error(ErrorCode::wrong_type, member.value.at,
                  fmt::format("`{}` must be {}; here stands {}", field.key,
                              words_for(field.expects), words_for(member.value)),
                  fmt::format("write {}", form_of(field)));
  }
}

void Fields::lose(const Member& member) {
  report_.lose();
  const bool holds_one_value =
      member.value.is(Node::Kind::scalar) || member.value.is(Node::Kind::empty);
  if (!holds_one_value) lost_content_ = true;
}

void Fields::report_unknown(const Member& member) {
  std::string hint = hint_for_unknown(member.key);
  if (hint.empty() && declared_receipt_ == nullptr && may_be_receipt(member)) {
    declared_receipt_ = &member;  // check() asks whether a channel declares it
    return;
  }
  faulty_ = true;
  lose(member);
  if (hint.empty()) {
    hint = fmt::format("{} takes: {}", table_.name, fmt::join(supported_keys(table_), ", "));
    if (&table_ == &line_table) {
      hint += fmt::format("; and one of {}", fmt::join(supported_kinds(line_tables()), ", "));
    }
  }
  report_.error(ErrorCode::unknown_key, member.key_at,
                fmt::format("{} has no key `{}`", table_.name, shown(member.key)), std::move(hint));
}

// "did you mean 'x'?" and the like; nothing where no such thing is there.
std::string Fields::hint_for_unknown(std::string_view key) {
  if (is_sibling(table_, key)) {
    return fmt::format("it cannot stand beside `{}`: begin another item with `- `", table_.kind);
  }
  return report_.did_you_mean(key, supported_keys(table_));
}

// `connected: any` where a trigger is missing.
bool Fields::may_be_receipt(const Member& member) const {
  if (table_.find("opened") == nullptr || !member.value.is(Node::Kind::scalar)) return false;
  return std::none_of(found_.begin(), found_.end(), [](const Found& found) {
    const std::string_view key = found.field->key;
    return key == "event" || key == "condition" || key == "segment" ||
           receipt_from(key).has_value();
  });
}

void Fields::report_missing(const Field& field) const {
  report_.error(ErrorCode::missing_key, node_.at,
                fmt::format("{} needs the key `{}`", table_.name, field.key),
                fmt::format("`{}:` takes {}", field.key, words_for(field.expects)));
}

bool Fields::condition_was_cut() const {
  return std::any_of(found_.begin(), found_.end(), [this](const Found& found) {
    return found.field->expects == Expects::condition &&
           is_cut_short(found.member->value, report_.source());
  });
}

const Fields::Found* Fields::find(std::string_view key) const {
  const auto found = std::find_if(found_.begin(), found_.end(),
                                  [&](const Found& f) { return f.field->key == key; });
  return found == found_.end() ? nullptr : &*found;
}

const Node* Fields::value(std::string_view key, Expects expects) const {
  const Field* field = table_.find(key);
  ITINERA_CHECK(field != nullptr && field->expects == expects && field->later.empty());
  const Found* found = find(key);
  return found == nullptr ? nullptr : &found->member->value;
}

const Node* Fields::node(std::string_view key) const {
  const Field* field = table_.find(key);
  ITINERA_CHECK(field != nullptr);
  return value(key, field->expects);
}

Mark Fields::key_at(std::string_view key) const {
  const Found* found = find(key);
  return found == nullptr ? node_.at : found->member->key_at;
}

std::string Fields::text(std::string_view key) const {
  const Field* field = table_.find(key);
  ITINERA_CHECK(field != nullptr);
  const bool may_be_empty = field->expects == Expects::text_or_empty;
  const Node* node = value(key, may_be_empty ? Expects::text_or_empty : Expects::text);
  return node == nullptr ? std::string() : read_text(*node, report_, may_be_empty);
}

std::string Fields::literal_text(std::string_view key) const {
  std::string text = this->text(key);
  if (text.starts_with('=')) {
    report_.warning(node(key)->at,
                    fmt::format("`{}` is taken as it is written: {}", key, shown(text)),
                    "only in `data` and `set` does `=` begin CEL; put the value into `data`");
  }
  return text;
}

Expression Fields::condition(std::string_view key) const {
  const Node* node = value(key, Expects::condition);
  return node == nullptr ? Expression() : read_condition(key, *node, report_);
}

std::optional<bool> Fields::boolean(std::string_view key) const {
  const Node* node = value(key, Expects::boolean);
  return node == nullptr ? std::nullopt : read_boolean(*node, report_);
}

std::optional<std::uint32_t> Fields::count(std::string_view key, std::uint32_t min,
                                           std::uint32_t max) const {
  const Node* node = value(key, Expects::count);
  return node == nullptr ? std::nullopt : read_count(*node, min, max, report_);
}

std::vector<std::uint32_t> Fields::counts(std::string_view key, std::uint32_t min,
                                          std::uint32_t max) const {
  std::vector<std::uint32_t> result;
  const Node* const node = value(key, Expects::counts);
  if (node == nullptr) return result;
  for (const Node& item : node->items) {
    if (const auto each = read_count(item, min, max, report_)) result.push_back(*each);
  }
  return result;
}

std::optional<double> Fields::number(std::string_view key) const {
  const Node* const node = value(key, Expects::number);
  if (node == nullptr) return std::nullopt;
  const std::size_t before = report_.errors();
  const std::optional<Value> literal = read_literal(*node, report_);
  if (!literal) return std::nullopt;
  if (const auto* whole = literal->get<std::int64_t>()) return static_cast<double>(*whole);
  if (const auto* real = literal->get<double>()) return *real;
  if (report_.errors() == before) {
    report_.error(ErrorCode::bad_value, node->at,
                  fmt::format("`{}` cannot be `{}`", key, shown(node->text)),
                  fmt::format("write a number without quotes, such as `{}: 0.04`", key));
  }
  return std::nullopt;
}

std::optional<std::int64_t> Fields::elapsed(std::string_view key) const {
  const Node* node = value(key, Expects::elapsed);
  return node == nullptr ? std::nullopt : read_elapsed(*node, report_);
}

std::optional<Period> Fields::period(std::string_view key, bool negative) const {
  const Node* node = value(key, Expects::period);
  return node == nullptr ? std::nullopt : read_period(*node, negative, report_);
}

std::optional<std::uint32_t> Fields::percent(std::string_view key) const {
  const Node* node = value(key, Expects::percent);
  return node == nullptr ? std::nullopt : read_percent(*node, report_);
}

std::optional<std::int32_t> Fields::end_of_window(std::string_view key) const {
  const Node* const node = value(key, Expects::time_of_day);
  return node == nullptr ? std::nullopt : read_time_of_day(*node, report_, true);
}

std::optional<std::int32_t> Fields::time_of_day(std::string_view key) const {
  const Node* node = value(key, Expects::time_of_day);
  return node == nullptr ? std::nullopt : read_time_of_day(*node, report_);
}

std::optional<Weekdays> Fields::weekdays(std::string_view key) const {
  const Node* node = value(key, Expects::weekdays);
  return node == nullptr ? std::nullopt : read_weekdays(*node, report_);
}

std::optional<Window> Fields::window(std::string_view key) const {
  const Node* node = value(key, Expects::window);
  return node == nullptr ? std::nullopt : read_window(*node, report_);
}

std::optional<Instant> Fields::instant(std::string_view key) const {
  const Node* node = value(key, Expects::instant);
  return node == nullptr ? std::nullopt : read_instant(*node, report_);
}

std::optional<std::size_t> Fields::choice(std::string_view key) const {
  const Node* node = value(key, Expects::choice);
  if (node == nullptr) return std::nullopt;
  const Field& field = *find(key)->field;
  const auto chosen = std::find(field.choices.begin(), field.choices.end(), node->text);
  if (chosen != field.choices.end()) {
    return static_cast<std::size_t>(chosen - field.choices.begin());
  }
  report_.error(ErrorCode::bad_value, node->at,
                fmt::format("`{}` cannot be `{}`", key, shown(node->text)),
                fmt::format("write {}", fmt::join(field.choices, ", ")));
  return std::nullopt;
}

std::vector<Datum> Fields::data(std::string_view key) const {
  const Node* node = value(key, Expects::data);
  return node == nullptr ? std::vector<Datum>() : read_data(*node, report_);
}

Properties Fields::literals(std::string_view key) const {
  const Node* node = value(key, Expects::literals);
  return node == nullptr ? Properties() : read_literals(*node, report_);
}

std::vector<std::string> Fields::names(std::string_view key) const {
  const Field* field = table_.find(key);
  ITINERA_CHECK(field != nullptr);
  const bool or_one = field->expects == Expects::some_names;
  const Node* node = value(key, or_one ? Expects::some_names : Expects::names);
  if (node == nullptr) return {};
  if (!node->is(Node::Kind::scalar)) return read_names(*node, report_);
  std::string name = read_text(*node, report_);
  if (name.empty()) return {};
  return {std::move(name)};
}

std::string_view Fields::only_one_of(std::span<const std::string_view> keys) const {
  std::string_view first;
  for (const Found& found : found_) {
    const std::string_view key = found.field->key;
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) continue;
    if (first.empty()) {
      first = key;
    } else {
      report_.error(ErrorCode::bad_value, found.member->key_at,
                    fmt::format("`{}` and `{}` cannot stand in one mapping", first, key),
                    "keep one of them, or write two, one after the other");
    }
  }
  return first;
}

WordPlaces Fields::words() const {
  WordPlaces words;
  for (const Found& found : found_) {
    const Mark at = found.member->value.at;
    words.push_back({std::string(found.field->key), at.line, at.column});
  }
  return words;
}

const Table* kind_of(const Node& node, std::span<const Table> tables, std::string_view noun,
                     Report& report) {
  for (const Member& member : node.members) {
    for (const Table& table : tables) {
      if (table.kind != member.key) continue;
      if (table.later.empty()) return &table;
      report.error(ErrorCode::not_supported_yet, member.key_at,
                   fmt::format("the {} `{}` is not supported yet", noun, table.kind),
                   std::string(table.later));
      return nullptr;
    }
  }
  return nullptr;
}

bool report_misspelt_kind(const Node& node, std::span<const Table> tables, std::string_view noun,
                          const Table* others, Report& report) {
  const std::vector<std::string> kinds = supported_kinds(tables);
  for (const Member& member : node.members) {
    if (others != nullptr && others->find(member.key) != nullptr) continue;
    std::string hint = report.did_you_mean(member.key, kinds);
    if (hint.empty()) continue;
    report.error(ErrorCode::unknown_key, member.key_at,
                 fmt::format("`{}` is no kind of {}", shown(member.key), noun), std::move(hint));
    return true;
  }
  return false;
}

void report_kindless(const Node& node, std::span<const Table> tables, std::string_view noun,
                     Report& report) {
  if (report_misspelt_kind(node, tables, noun, nullptr, report)) return;
  report.error(ErrorCode::missing_key, node.at, fmt::format("a {} needs the key of its kind", noun),
               fmt::format("one of {}", fmt::join(supported_kinds(tables), ", ")));
}

}  // namespace itinera::yaml
