// SPDX-License-Identifier: Apache-2.0
#include "lab/expectation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <vector>

#include "base/nearest.hpp"
#include "calendar/text.hpp"
#include "record/records.hpp"

namespace itinera::lab {
namespace {

using yaml::Expectation;
using Text = std::optional<std::string>;

constexpr std::size_t lines_max = 60;  // of a list in a failure
constexpr std::size_t column_max = 56;

bool agrees(const Text& wanted, std::string_view found) { return !wanted || *wanted == found; }

bool agrees_with_key(const Text& wanted, bool has_key, std::string_view key) {
  return !wanted || (has_key && *wanted == key);
}

std::optional<double> number_of(const Value& value) {
  if (const auto* integer = value.get<std::int64_t>()) return static_cast<double>(*integer);
  if (const auto* real = value.get<double>()) return *real;
  return std::nullopt;
}

// Numbers by value, whatever their kind; two integers exactly. YAML has no instants, so a text that
// reads as one stands for it.
bool same_value(const Value& wanted, const Value& found) {
  if (wanted == found) return true;
  if (const auto* list = wanted.get<Value::List>()) {
    const auto* other = found.get<Value::List>();
    return other != nullptr &&
           std::equal(list->begin(), list->end(), other->begin(), other->end(), same_value);
  }
  if (const auto* map = wanted.get<Value::Map>()) {
    const auto* other = found.get<Value::Map>();
    if (other == nullptr || map->size() != other->size()) return false;
    return std::all_of(map->begin(), map->end(), [&](const MapEntry& entry) {
      return std::any_of(other->begin(), other->end(), [&](const MapEntry& each) {
        return each.key == entry.key && same_value(entry.value, each.value);
      });
    });
  }
  if (wanted.kind() == found.kind()) return false;
  if (const auto* instant = found.get<Timestamp>()) {
    const auto* text = wanted.get<std::string>();
    const auto read = calendar::parse_timestamp(text == nullptr ? "" : *text);
    return read && *read == *instant;
  }
  const auto a = number_of(wanted);
  return a && a == number_of(found);
}

bool has_data(const Properties& wanted, const Properties& found) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const Property& datum) {
    return std::any_of(found.begin(), found.end(), [&](const Property& each) {
      return each.name == datum.name && same_value(datum.value, each.value);
    });
  });
}

bool matches(const Expectation& wanted, const Emission& found) {
  return wanted.name == name_of(found.kind) && agrees(wanted.channel, found.channel) &&
         agrees(wanted.template_name, found.template_name) &&
         agrees(wanted.address, found.address) && agrees(wanted.audience, found.audience) &&
         agrees(wanted.asked, found.name) && agrees(wanted.team, found.team) &&
         agrees(wanted.topic, found.topic) && agrees(wanted.state, found.state) &&
         agrees(wanted.source, found.source) && agrees(wanted.step, found.step) &&
         agrees(wanted.contact, found.contact) && agrees(wanted.campaign, found.campaign) &&
         agrees_with_key(wanted.key, found.has_key, found.key) &&
         (!wanted.at || *wanted.at == found.at) &&
         (!wanted.iteration || *wanted.iteration == found.iteration) &&
         wanted.maybe_executed.value_or(found.maybe_executed) == found.maybe_executed &&
         has_data(wanted.data, found.data);
}

// A decision that refused a send, and says so by its name or by its reason.
bool matches_unsent(const Expectation& wanted, const Told& found) {
  return is_refusal(found.what) && !found.channel.empty() &&
         agrees(wanted.channel, found.channel) &&
         (!wanted.reason || *wanted.reason == found.what || *wanted.reason == found.reason);
}

bool matches_decision(const Expectation& wanted, const Told& found) {
  return wanted.name == found.what && agrees(wanted.channel, found.channel) &&
         (!wanted.reason || *wanted.reason == found.reason || *wanted.reason == found.choice);
}

bool matches(const Expectation& wanted, const Told& found) {
  const bool named = wanted.kind == Expectation::Kind::not_sent ? matches_unsent(wanted, found)
                                                                : matches_decision(wanted, found);
  return named && agrees(wanted.step, found.step) && agrees(wanted.contact, found.contact) &&
         agrees(wanted.campaign, found.campaign) &&
         agrees_with_key(wanted.key, found.has_key, found.key) && agrees(wanted.goal, found.goal) &&
         (!wanted.at || *wanted.at == found.at) &&
         (!wanted.iteration || *wanted.iteration == found.iteration);
}

// "{\"total\": 1}" without braces and quotes: "total: 1".
std::string text_of(const Properties& data) {
  std::string text;
  for (const Property& datum : data) {
    fmt::format_to(std::back_inserter(text), "{}{}: {}", text.empty() ? "" : ", ", datum.name,
                   to_json(datum.value));
  }
  return text;
}

std::string executed(bool maybe) { return maybe ? "maybe executed" : "not executed before"; }

std::string text_of(const Expectation& wanted) {
  std::string text = wanted.name;
  const auto part = [&text](std::string_view before, const Text& value) {
    if (value) fmt::format_to(std::back_inserter(text), "{}{}", before, *value);
  };
  if (wanted.kind == Expectation::Kind::absent) text = "no " + text;
  if (wanted.kind == Expectation::Kind::not_sent) text = "not sent";
  part(" ", wanted.channel);
  part(" ", wanted.audience);
  part(" ", wanted.asked);
  part(", team ", wanted.team);
  part(" ", wanted.topic);
  part(" ", wanted.state);
  part(", source ", wanted.source);
  part(", step ", wanted.step);
  part(", template ", wanted.template_name);
  part(", address ", wanted.address);
  part(", contact ", wanted.contact);
  part(", campaign ", wanted.campaign);
  part(", key ", wanted.key);
  part(", goal ", wanted.goal);
  part(", reason ", wanted.reason);
  if (wanted.at) part(", at ", to_text(*wanted.at));
  if (wanted.iteration) part(", iteration ", fmt::format("{}", *wanted.iteration));
  if (wanted.maybe_executed) part(", ", executed(*wanted.maybe_executed));
  if (!wanted.data.empty()) part(", data ", "{" + text_of(wanted.data) + "}");
  return text;
}

// The fields of an emission that the expectation names, or where there is none the usual ones.
std::string text_of(const Emission& found, const Expectation* beside) {
  std::string text(name_of(found.kind));
  const auto part = [&text](std::string_view before, std::string_view value, bool show) {
    if (show && !value.empty()) fmt::format_to(std::back_inserter(text), "{}{}", before, value);
  };
  part(" ", found.channel, true);
  part(" ", found.audience, true);
  part(" ", found.name, true);
  part(" ", found.topic, true);
  part(" ", found.state, true);
  part(", step ", found.step, true);
  const bool asked = beside != nullptr && beside->maybe_executed;
  part(", ", executed(found.maybe_executed), found.maybe_executed || asked);
  if (beside == nullptr) {
    part(", contact ", found.contact, true);
    part(", key ", found.key, true);
    part(", at ", to_text(found.at), true);
    return text;
  }
  part(", template ", found.template_name, beside->template_name.has_value());
  part(", team ", found.team, beside->team.has_value());
  part(", source ", found.source, beside->source.has_value());
  part(", address ", found.address, beside->address.has_value());
  part(", contact ", found.contact, beside->contact.has_value());
  part(", campaign ", found.campaign, beside->campaign.has_value());
  part(", key ", found.key, beside->key.has_value());
  part(", at ", to_text(found.at), beside->at.has_value());
  if (beside->iteration) part(", iteration ", fmt::format("{}", found.iteration), true);
  if (!beside->data.empty()) part(", data ", "{" + text_of(found.data) + "}", true);
  return text;
}

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

// Expected beside emitted, one action a row; the first that differs is marked.
std::string side_by_side(const std::vector<const Expectation*>& wanted,
                         std::span<const Emission> found, std::size_t differing) {
  const std::size_t rows = std::max(wanted.size(), found.size());
  const std::size_t first = differing > lines_max / 2 ? differing - lines_max / 2 : 0;
  const std::size_t last = std::min(rows, first + lines_max);
  std::vector<std::pair<std::string, std::string>> cells{{"expected", "emitted"}};
  for (std::size_t i = first; i < last; ++i) {
    const Expectation* const beside = i < wanted.size() ? wanted[i] : nullptr;
    cells.emplace_back(beside != nullptr ? text_of(*beside) : "(nothing)",
                       i < found.size() ? text_of(found[i], beside) : "(nothing)");
  }
  std::size_t width = 0;
  for (const auto& cell : cells)
    width = std::max(width, std::min(width_of(cell.first), column_max));
  std::string text;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const auto& [left, right] = cells[i];
    const std::size_t padding = width - std::min(width, width_of(left));
    fmt::format_to(std::back_inserter(text), "{} {}{}  {}\n",
                   i == differing - first + 1 ? '>' : ' ', left, std::string(padding, ' '), right);
  }
  if (last < rows) fmt::format_to(std::back_inserter(text), "  and {} more\n", rows - last);
  return text;
}

// One a place; of a count beyond all that was found one more than that.
std::vector<const Expectation*> expected_actions(std::span<const Expectation> expected,
                                                 std::size_t found) {
  std::vector<const Expectation*> actions;
  for (const Expectation& each : expected) {
    if (each.kind != Expectation::Kind::action) continue;
    actions.insert(actions.end(), std::min<std::size_t>(each.count, found + 1), &each);
  }
  return actions;
}

std::optional<TestFailure> compare_actions(std::span<const Expectation> expected,
                                           std::span<const Emission> found,
                                           const SourceLocation& line) {
  const auto wanted = expected_actions(expected, found.size());
  const std::size_t both = std::min(wanted.size(), found.size());
  std::size_t at = 0;
  while (at < both && matches(*wanted[at], found[at])) ++at;
  if (at == wanted.size() && at == found.size()) return std::nullopt;
  TestFailure failure;
  if (at == wanted.size()) {
    failure.at = line;
    failure.message = fmt::format("nobody expected {}", text_of(found[at], nullptr));
  } else {
    failure.at = wanted[at]->location;
    failure.message = at == found.size()
                          ? fmt::format("{} was not emitted", text_of(*wanted[at]))
                          : fmt::format("expected {}, emitted was {}", text_of(*wanted[at]),
                                        text_of(found[at], wanted[at]));
  }
  failure.details = side_by_side(wanted, found, at);
  return failure;
}

// Decisions and reasons that may say why something was not sent.
const std::vector<std::string>& refusal_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all = decision_names();
    std::erase_if(all, [](const std::string& name) { return !is_refusal(name); });
    for (std::string& name : reason_names()) all.push_back(std::move(name));
    return all;
  }();
  return names;
}

// A name of a later version is better refused than waited for.
std::optional<TestFailure> check_name(const Expectation& wanted) {
  const bool unsent = wanted.kind == Expectation::Kind::not_sent;
  if (unsent && !wanted.reason) return std::nullopt;
  const std::string& name = unsent ? *wanted.reason : wanted.name;
  const std::vector<std::string>& names = unsent ? refusal_names() : decision_names();
  if (std::find(names.begin(), names.end(), name) != names.end()) return std::nullopt;
  const std::string hint = base::did_you_mean(name, names);
  return TestFailure{
      wanted.location,
      fmt::format("{} is called '{}'{}{}", unsent ? "nothing that refuses a send" : "no decision",
                  name, hint.empty() ? "" : "; ", hint),
      {}};
}

std::optional<TestFailure> compare_decisions(std::span<const Expectation> expected,
                                             std::span<const Told> told) {
  auto at = told.begin();
  for (const Expectation& wanted : expected) {
    if (wanted.kind == Expectation::Kind::action) continue;
    if (auto unknown = check_name(wanted)) return unknown;
    const auto fits = [&](const Told& found) { return matches(wanted, found); };
    if (wanted.kind == Expectation::Kind::absent) {
      const auto found = std::find_if(told.begin(), told.end(), fits);
      if (found == told.end()) continue;
      return TestFailure{wanted.location,
                         fmt::format("expected {}, but it occurred", text_of(wanted)),
                         found->text + '\n'};
    }
    for (std::uint32_t left = wanted.count; left > 0; --left) {
      at = std::find_if(at, told.end(), fits);
      if (at != told.end()) {
        ++at;
        continue;
      }
      const bool earlier = std::any_of(told.begin(), told.end(), fits) && wanted.count == 1;
      return TestFailure{wanted.location,
                         fmt::format("{} {}", text_of(wanted),
                                     earlier ? "occurred, but before the one expected before it"
                                             : "did not occur"),
                         {}};
    }
  }
  return std::nullopt;
}

}  // namespace

bool is_refusal(std::string_view decision) {
  static constexpr std::string_view others[] = {"no_address", "no_consent", "suppressed",
                                                "expired"};
  return decision.starts_with("skipped_") || decision.starts_with("withdrawn_") ||
         std::find(std::begin(others), std::end(others), decision) != std::end(others);
}

std::vector<std::string> reason_names() {
  std::vector<std::string> names;
  for (unsigned number = 1; number < 256; ++number) {
    const auto name = record::name_of(static_cast<record::Reason>(number));
    if (!name.empty()) names.emplace_back(name);
  }
  return names;
}

const std::vector<std::string>& decision_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all{"receipt"};
    for (unsigned number = 1; number < 256; ++number) {
      const auto name = record::name_of(static_cast<record::Decision>(number));
      if (!name.empty()) all.emplace_back(name);
      const auto counter = record::name_of(static_cast<record::Counter>(number));
      if (!counter.empty()) all.emplace_back(counter);
    }
    return all;
  }();
  return names;
}

bool is_told(const Told& told) {
  static constexpr std::string_view bookkeeping[] = {
      "attribute_set", "consent_set", "contact_created", "history_marked", "caused",
      "passed_over",   "ready",       "remembered",      "variable_set",   "visited"};
  return std::find(std::begin(bookkeeping), std::end(bookkeeping), told.what) ==
         std::end(bookkeeping);
}

std::optional<TestFailure> compare(std::span<const Expectation> expected, const Window& window,
                                   const SourceLocation& line) {
  if (auto failure = compare_actions(expected, window.emissions, line)) return failure;
  return compare_decisions(expected, window.told);
}

}  // namespace itinera::lab
