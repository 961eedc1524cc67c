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
    case Expects::names:
    case Expects::list: return node.is(Node::Kind::sequence);
    case Expects::weekdays: return node.is(Node::Kind::scalar) || node.is(Node::Kind::sequence);
    default: return node.is(Node::Kind::scalar);
  }
}

std::string_view words_for(Expects expects) {
  switch (expects) {
    case Expects::text: return "a text";
    case Expects::condition: return "a condition in CEL";
    case Expects::boolean: return "true or false";
    case Expects::count: return "a whole number";
    case Expects::elapsed: return "a duration, such as 7d";
    case Expects::period: return "a duration, such as 1h30m";
    case Expects::time_of_day: return "a time, such as \"09:00\"";
    case Expects::weekdays: return "weekdays, such as Mon-Fri";
    case Expects::window: return "a window, such as \"14:00-16:00\"";
    case Expects::instant: return "an instant, such as 2026-03-02T10:00:00Z";
    case Expects::choice: return "one word";
    case Expects::data:
    case Expects::literals: return "a mapping of names to values";
    case Expects::names: return "a list of texts";
    case Expects::list: return "a list";
    case Expects::mapping: return "a mapping";
    case Expects::any: return "a value";
  }
  return {};
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
  if (node.is(Node::Kind::refused)) return;
  if (!node.is(Node::Kind::mapping)) {
    report.error(ErrorCode::wrong_type, node.at,
                 fmt::format("{} must be a mapping; here stands {}", table.name, words_for(node)));
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
  if (!field.later.empty()) {
    report_.blemish(ErrorCode::not_supported_yet, member.key_at,
                    fmt::format("`{}` of {} is not supported yet", field.key, table_.name),
                    std::string(field.later));
  } else if (!field.elsewhere.empty()) {
    report_.blemish(ErrorCode::unknown_key, member.key_at,
                    fmt::format("{} has no key `{}`", table_.name, field.key),
                    std::string(field.elsewhere));
  } else if (!member.value.is(Node::Kind::refused)) {
    report_.error(ErrorCode::wrong_type, member.value.at,
                  fmt::format("`{}` must be {}; here stands {}", field.key,
                              words_for(field.expects), words_for(member.value)));
  }
}

void Fields::report_unknown(const Member& member) {
  faulty_ = true;
  std::string hint;
  if (is_sibling(table_, member.key)) {
    hint = fmt::format("it cannot stand beside `{}`: begin another item with `- `", table_.kind);
  } else {
    const std::vector<std::string> keys = supported_keys(table_);
    hint = report_.did_you_mean(member.key, keys);
    if (hint.empty()) hint = fmt::format("{} takes: {}", table_.name, fmt::join(keys, ", "));
  }
  report_.blemish(ErrorCode::unknown_key, member.key_at,
                  fmt::format("{} has no key `{}`", table_.name, shown(member.key)),
                  std::move(hint));
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
  const Node* node = value(key, Expects::text);
  return node == nullptr ? std::string() : read_text(*node, report_);
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

std::optional<std::int64_t> Fields::elapsed(std::string_view key) const {
  const Node* node = value(key, Expects::elapsed);
  return node == nullptr ? std::nullopt : read_elapsed(*node, report_);
}

std::optional<Period> Fields::period(std::string_view key, bool negative) const {
  const Node* node = value(key, Expects::period);
  return node == nullptr ? std::nullopt : read_period(*node, negative, report_);
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
  const auto index = [&](std::span<const std::string_view> words) {
    return static_cast<std::size_t>(std::find(words.begin(), words.end(), node->text) -
                                    words.begin());
  };
  if (const std::size_t chosen = index(field.choices); chosen < field.choices.size()) return chosen;
  const std::string words = fmt::format("write {}", fmt::join(field.choices, ", "));
  if (index(field.later_choices) < field.later_choices.size()) {
    report_.blemish(ErrorCode::not_supported_yet, node->at,
                    fmt::format("`{}: {}` is not supported yet", key, node->text), words);
  } else {
    report_.error(ErrorCode::bad_value, node->at,
                  fmt::format("`{}` cannot be `{}`", key, shown(node->text)), words);
  }
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
  const Node* node = value(key, Expects::names);
  return node == nullptr ? std::vector<std::string>() : read_names(*node, report_);
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
                    "divide them");
    }
  }
  return first;
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

void report_kindless(const Node& node, std::span<const Table> tables, std::string_view noun,
                     Report& report) {
  std::vector<std::string> kinds;
  for (const Table& table : tables) {
    if (table.later.empty()) kinds.emplace_back(table.kind);
  }
  for (const Member& member : node.members) {
    std::string hint = report.did_you_mean(member.key, kinds);
    if (hint.empty()) continue;
    report.error(ErrorCode::unknown_key, member.key_at,
                 fmt::format("`{}` is no kind of {}", shown(member.key), noun), std::move(hint));
    return;
  }
  report.error(ErrorCode::missing_key, node.at, fmt::format("a {} needs the key of its kind", noun),
               fmt::format("one of {}", fmt::join(kinds, ", ")));
}

}  // namespace itinera::yaml
