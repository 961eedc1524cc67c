// SPDX-License-Identifier: Apache-2.0
#include "yaml/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include "base/percent.hpp"
#include "calendar/text.hpp"
#include "yaml/expressions.hpp"
#include "yaml/quoting.hpp"

namespace itinera::yaml {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// How many digits `text` begins with.
std::size_t digits(std::string_view text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  return static_cast<std::size_t>(end - text.begin());
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

// A plain scalar as this format reads it.
enum class Plain : std::uint8_t { null, boolean, integer, real, text, word, clock, number };

// Digits, then perhaps a fraction, then perhaps an exponent: JSON's numbers.
Plain number_kind(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::size_t whole = digits(text);
  if (whole == 0 || (whole > 1 && text.front() == '0')) return Plain::text;
  text.remove_prefix(whole);
  if (text.empty()) return Plain::integer;
  if (text.starts_with('.')) {
    const std::size_t fraction = digits(text.substr(1));
    if (fraction == 0) return Plain::text;
    text.remove_prefix(1 + fraction);
  }
  if (text.empty()) return Plain::real;
  if (text.front() != 'e' && text.front() != 'E') return Plain::text;
  text.remove_prefix(1);
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && digits(text) == text.size() ? Plain::real : Plain::text;
}

// 09:00, 9:30:15: base 60 for readers of YAML 1.1.
bool is_clock(std::string_view text) {
  const std::size_t hours = digits(text);
  if (hours == 0 || hours > 2) return false;
  text.remove_prefix(hours);
  int parts = 0;
  while (text.size() >= 3 && text.front() == ':' && digits(text.substr(1)) >= 2) {
    text.remove_prefix(3);
    ++parts;
  }
  return parts > 0 && text.empty();
}

// What some YAML reader takes for a number and we do not: 010, 0x1F, +1, .5, 1_000, .inf.
bool is_doubtful_number(std::string_view text) {
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  const std::string word = lower(text);
  if (word == ".inf" || word == ".nan") return true;
  if (word.starts_with("0x") || word.starts_with("0o")) {
    constexpr std::string_view hexadecimal = "0123456789abcdef_";
    return word.size() > 2 && word.find_first_not_of(hexadecimal, 2) == std::string::npos;
  }
  return word.find_first_not_of("0123456789_.") == std::string::npos &&
         std::any_of(word.begin(), word.end(), is_digit) && word.front() != '_' &&
         std::count(word.begin(), word.end(), '.') <= 1;
}

Plain classify(std::string_view text) {
  if (text == "null") return Plain::null;
  if (text == "true" || text == "false") return Plain::boolean;
  const Plain number = number_kind(text);
  if (number != Plain::text) return number;
  if (is_clock(text)) return Plain::clock;
  if (is_doubtful_number(text)) return Plain::number;
  constexpr std::string_view words[] = {"yes", "no", "on", "off", "true", "false", "null", "~"};
  const bool doubtful =
      std::find(std::begin(words), std::end(words), lower(text)) != std::end(words);
  return doubtful ? Plain::word : Plain::text;
}

void report_doubtful(Plain kind, const Node& node, Report& report) {
  const std::string text = shown(node.text);
  const std::string quote = fmt::format("quote it: \"{}\"", text);
  if (kind == Plain::clock) {
    report.error(ErrorCode::bad_value, node.at,
                 fmt::format("unquoted, {} is a number in base 60 to many YAML readers", text),
                 quote);
  } else if (kind == Plain::number) {
    report.error(
        ErrorCode::bad_value, node.at,
        fmt::format("YAML readers do not agree on which number {} is", text),
        fmt::format("write it in decimal without leading zeros, such as 10 or 0.5, or {}", quote));
  } else {
    report.error(ErrorCode::bad_value, node.at,
                 fmt::format("unquoted, {} is not a text to every YAML reader", text),
                 fmt::format("write true, false or null, or {}", quote));
  }
}

void wrong_type(const Node& node, std::string_view wanted, Report& report) {
  if (node.is(Node::Kind::refused)) return;
  constexpr std::string_view found[] = {"nothing", "one value", "a list", "a mapping"};
  report.error(
      ErrorCode::wrong_type, node.at,
      fmt::format("here stands {}, not {}", found[static_cast<std::size_t>(node.kind)], wanted),
      fmt::format("write {}", wanted));
}

// The scalar's text, or nothing where `node` is none, which is reported.
const std::string* scalar(const Node& node, std::string_view wanted, Report& report) {
  if (node.is(Node::Kind::scalar)) return &node.text;
  wrong_type(node, wanted, report);
  return nullptr;
}

// What `parse` makes of the text of a scalar that may not be an unquoted 09:00. Without a `remedy`
// the hint is what the parser advises.
template <class T, class Parse>
std::optional<T> parsed(const Node& node, std::string_view wanted, Parse parse, Report& report,
                        std::string remedy = {}) {
  const std::string* const text = scalar(node, wanted, report);
  if (text == nullptr) return std::nullopt;
  if (node.is_plain() && is_clock(*text)) {
    report_doubtful(Plain::clock, node, report);
    return std::nullopt;
  }
  Result<T> result = parse(*text);
  if (result) return *result;
  const calendar::Complaint complaint = calendar::parts_of(result.error().message);
  if (remedy.empty()) {
    remedy = complaint.remedy.empty() ? fmt::format("write {}", wanted) : complaint.remedy;
  }
  report.error(ErrorCode::bad_value, node.at, std::string(complaint.problem), std::move(remedy));
  return std::nullopt;
}

// How to write a time of day or a window: in quotes, or the next finding would ask for them. A day
// begins at 00:00, and what says so otherwise is put right if that is all that is wrong with it.
template <class Parse>
std::string clock_remedy(const Node& node, std::string_view examples, Parse parse) {
  constexpr std::string_view end_of_day = "24:00";
  std::string text = node.text;
  const std::size_t at = text.find(end_of_day);
  if (at != std::string::npos) text.replace(at, end_of_day.size(), "00:00");
  const bool mended = at != std::string::npos && parse(text);
  if (!mended) return fmt::format("write {}, in quotes", examples);
  return fmt::format("midnight is 00:00: write \"{}\"", shown(text));
}

void report_empty_condition(std::string_view key, const Node& node, Report& report) {
  const std::string_view source = report.source();
  // An empty value stands at its key.
  const std::string_view near = source.substr(node.at.offset, 200);
  const std::string_view line = near.substr(0, near.find('\n'));
  const std::size_t comment = line.find(" #");
  if (node.is(Node::Kind::empty) && comment != std::string_view::npos) {
    report.error(
        ErrorCode::condition_quoting, node.at,
        fmt::format("`{}` is empty: YAML takes `{}` for a comment", key,
                    shown(line.substr(comment + 1))),
        fmt::format("write the condition in quotes, such as `{}: 'contact.tier == \"gold\"'`",
                    key));
    return;
  }
  report.error(ErrorCode::bad_value, node.at, fmt::format("`{}` is empty", key),
               "write CEL, such as contact.tier == \"gold\", or leave the key out");
}

std::optional<Value> read_plain(const Node& node, Report& report) {
  const std::string& text = node.text;
  const Plain kind = classify(text);
  switch (kind) {
    case Plain::null: return Value();
    case Plain::boolean: return Value(text == "true");
    case Plain::text: return Value(text);
    case Plain::integer: {
      std::int64_t number = 0;
      const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (problem == std::errc() && end == text.data() + text.size()) return Value(number);
      break;
    }
    case Plain::real: {
      double number = 0;
      const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (problem == std::errc() && end == text.data() + text.size()) return Value(number);
      report.error(
          ErrorCode::bad_value, node.at,
          fmt::format("the number {} is too large for 64 bits, or too near to 0", shown(text)),
          "write one between 1e-300 and 1e300, or quote it if it is a text");
      return std::nullopt;
    }
    case Plain::word:
    case Plain::clock:
    case Plain::number: report_doubtful(kind, node, report); return std::nullopt;
  }
  report.error(ErrorCode::bad_value, node.at,
               fmt::format("the number {} does not fit into 64 bits", shown(text)),
               "quote it if it is a text, such as a card number");
  return std::nullopt;
}

bool is_expression(const Node& node) {
  return node.is(Node::Kind::scalar) && node.text.starts_with('=');
}

// CEL may only be the whole of a datum.
bool holds_expression(const Node& node, Report& report) {
  if (!is_expression(node)) return false;
  report.error(ErrorCode::bad_value, node.at, "an expression cannot stand inside a literal",
               "write the whole list or map in CEL: '=[contact.a, contact.b]'");
  return true;
}

// The CEL of a datum behind its `=`.
Expression read_expression(const Member& member, Report& report) {
  const Node& node = member.value;
  Expression result = expression_of(node, 1, report);
  if (result.empty()) {
    report.error(ErrorCode::bad_value, node.at, "nothing stands behind `=`",
                 "write CEL, such as =contact.first_name");
  } else if (is_cut_short(node, report.source())) {
    report.error(ErrorCode::condition_quoting, node.at,
                 fmt::format("YAML ends the expression of `{}` behind `{}`", shown(member.key),
                             shown(node.text)),
                 quoting_hint(shown(member.key), report.source(), node.at.offset));
    return {};
  }
  return result;
}

bool refuse_nested_expressions(const Node& node, Report& report) {
  bool found = holds_expression(node, report);
  for (const Node& item : node.items) found = refuse_nested_expressions(item, report) || found;
  for (const Member& member : node.members) {
    found = refuse_nested_expressions(member.value, report) || found;
  }
  return found;
}

}  // namespace

bool is_plain_text(std::string_view text) {
  if (classify(text) != Plain::text) return false;
  constexpr std::string_view words[] = {"y", "n", "=", "<<", "", "~"};
  const std::string word = lower(text);
  if (std::find(std::begin(words), std::end(words), word) != std::end(words)) return false;
  // Dates, times, and numbers of every kind.
  constexpr std::string_view of_numbers = "0123456789_:.,+-tze ";
  return !word.starts_with("0b") && (word.find_first_not_of(of_numbers) != std::string::npos ||
                                     std::none_of(word.begin(), word.end(), is_digit));
}

std::string read_text(const Node& node, Report& report, bool may_be_empty) {
  const std::string* const text = scalar(node, "a text", report);
  if (text == nullptr) return {};
  if (node.is_plain()) {
    const Plain kind = classify(*text);
    if (kind == Plain::null || kind == Plain::word || kind == Plain::clock) {
      report_doubtful(kind, node, report);
      return {};
    }
  } else if (text->empty() && !may_be_empty) {
    report.error(ErrorCode::bad_value, node.at, "this text is empty",
                 "write one, or leave the key out");
  }
  return *text;
}

Expression read_condition(std::string_view key, const Node& node, Report& report) {
  const std::string_view source = report.source();
  if (node.is(Node::Kind::refused)) return {};
  if (node.is(Node::Kind::sequence) || node.is(Node::Kind::mapping)) {
    report.error(ErrorCode::condition_quoting, node.at,
                 fmt::format("YAML takes the condition of `{}` for a {}", key,
                             node.is(Node::Kind::mapping) ? "mapping" : "list"),
                 quoting_hint(key, source, node.at.offset));
    return {};
  }
  if (is_cut_short(node, source)) {
    report.error(ErrorCode::condition_quoting, node.at,
                 fmt::format("YAML ends the condition of `{}` behind `{}`", key, shown(node.text)),
                 quoting_hint(key, source, node.at.offset));
    return {};
  }
  Expression result;
  if (node.is(Node::Kind::scalar)) result = expression_of(node, 0, report);
  if (result.empty()) report_empty_condition(key, node, report);
  if (result.text.starts_with('=')) {
    report.error(ErrorCode::condition_syntax, node.at,
                 fmt::format("`{}` is always CEL, and takes no `=` in front", key),
                 fmt::format("write it without the `=`: `{}: {}`", key,
                             shown(std::string_view(result.text).substr(1))));
    return {};
  }
  return result;
}

std::optional<bool> read_boolean(const Node& node, Report& report) {
  const std::string* const text = scalar(node, "true or false", report);
  if (text == nullptr) return std::nullopt;
  if (node.is_plain() && (*text == "true" || *text == "false")) return *text == "true";
  if (*text == "true" || *text == "false") {
    report.error(ErrorCode::bad_value, node.at,
                 fmt::format("\"{}\" in quotes is a text, not a boolean", *text),
                 fmt::format("write {} without quotes", *text));
    return std::nullopt;
  }
  report.error(ErrorCode::bad_value, node.at, fmt::format("{} is not a boolean", shown(*text)),
               "write true or false");
  return std::nullopt;
}

std::optional<std::uint32_t> read_count(const Node& node, std::uint32_t min, std::uint32_t max,
                                        Report& report) {
  const std::string* const text = scalar(node, "a number", report);
  if (text == nullptr) return std::nullopt;
  std::uint32_t number = 0;
  const auto [end, problem] = std::from_chars(text->data(), text->data() + text->size(), number);
  const bool whole = problem == std::errc() && end == text->data() + text->size();
  const bool plain = node.is_plain() && classify(*text) == Plain::integer;
  if (plain && whole && number >= min && number <= max) return number;
  report.error(ErrorCode::bad_value, node.at,
               fmt::format("{} is not a whole number from {} to {}", shown(*text), min, max),
               fmt::format("write one in digits, such as {}", min));
  return std::nullopt;
}

std::optional<std::int64_t> read_elapsed(const Node& node, Report& report) {
  return parsed<std::int64_t>(node, "a duration, such as 7d", calendar::parse_elapsed, report);
}

std::optional<std::uint32_t> read_percent(const Node& node, Report& report) {
  return parsed<std::uint32_t>(node, "a percentage, such as 5%", base::parse_percent, report);
}

std::optional<Period> read_period(const Node& node, bool negative, Report& report) {
  return parsed<Period>(
      node, "a duration, such as 1h30m",
      [&](std::string_view text) { return calendar::parse_period(text, negative); }, report);
}

std::optional<std::int32_t> read_time_of_day(const Node& node, Report& report, bool ends_window) {
  const auto parse = ends_window ? calendar::parse_end_of_window : calendar::parse_time_of_day;
  return parsed<std::int32_t>(node, "a time, such as \"09:00\"", parse, report,
                              clock_remedy(node, "\"09:00\" or \"21:30:15\"", parse));
}

std::optional<Weekdays> read_weekdays(const Node& node, Report& report) {
  if (!node.is(Node::Kind::sequence)) {
    return parsed<Weekdays>(node, "weekdays, such as Mon-Fri", calendar::parse_weekdays, report);
  }
  Weekdays all{0};
  for (const Node& item : node.items) {
    const auto days =
        parsed<Weekdays>(item, "weekdays, such as Mon-Fri", calendar::parse_weekdays, report);
    if (!days) return std::nullopt;
    all.bits = static_cast<std::uint8_t>(all.bits | days->bits);
  }
  if (!all.empty()) return all;
  report.error(ErrorCode::bad_value, node.at, "no weekday is listed", "write Mon-Fri, or [Mon]");
  return std::nullopt;
}

std::optional<Window> read_window(const Node& node, Report& report) {
  return parsed<Window>(
      node, "a window, such as \"14:00-16:00\"", calendar::parse_window, report,
      clock_remedy(node, "\"14:00-16:00\" or \"Mon-Fri 09:00-17:00\"", calendar::parse_window));
}

std::optional<Instant> read_instant(const Node& node, Report& report) {
  return parsed<Instant>(node, "an instant, such as 2026-03-02T10:00:00+01:00",
                         calendar::parse_instant, report);
}

std::optional<Value> read_literal(const Node& node, Report& report) {
  switch (node.kind) {
    case Node::Kind::refused: return std::nullopt;
    case Node::Kind::empty:
      report.error(ErrorCode::bad_value, node.at, "a value is missing", "write null or \"\"");
      return std::nullopt;
    case Node::Kind::scalar:
      if (node.is_plain()) return read_plain(node, report);
      return Value(node.text);
    case Node::Kind::sequence: {
      Value::List list;
      for (const Node& item : node.items) {
        if (auto value = read_literal(item, report)) list.push_back(std::move(*value));
      }
      return Value(std::move(list));
    }
    case Node::Kind::mapping: break;
  }
  Value::Map map;
  for (const Member& member : node.members) {
    if (auto value = read_literal(member.value, report)) {
      map.push_back({Value(member.key), std::move(*value)});
    }
  }
  return Value(std::move(map));
}

Properties read_literals(const Node& node, Report& report) {
  Properties result;
  if (!node.is(Node::Kind::mapping)) wrong_type(node, "a mapping", report);
  for (const Member& member : node.members) {
    if (auto value = read_literal(member.value, report)) {
      result.push_back({member.key, std::move(*value)});
    }
  }
  return result;
}

std::vector<Datum> read_data(const Node& node, Report& report) {
  std::vector<Datum> result;
  if (!node.is(Node::Kind::mapping)) wrong_type(node, "a mapping", report);
  const bool cut = std::any_of(node.members.begin(), node.members.end(), [&](const Member& m) {
    return is_expression(m.value) && is_cut_short(m.value, report.source());
  });
  for (const Member& member : node.members) {
    // The rest of an expression that was cut at a comma.
    if (cut && member.value.is(Node::Kind::empty)) continue;
    Datum datum;
    datum.name = member.key;
    datum.at = report.place(member.key_at);
    if (is_expression(member.value)) {
      datum.expression = read_expression(member, report);
    } else if (!refuse_nested_expressions(member.value, report)) {
      if (auto value = read_literal(member.value, report)) datum.literal = std::move(*value);
    }
    result.push_back(std::move(datum));
  }
  return result;
}

std::string without_advice(std::string_view message) {
  return std::string(calendar::parts_of(message).problem);
}

std::vector<std::string> read_names(const Node& node, Report& report) {
  std::vector<std::string> result;
  if (!node.is(Node::Kind::sequence)) wrong_type(node, "a list", report);
  for (const Node& item : node.items) {
    if (std::string name = read_text(item, report); !name.empty()) {
      result.push_back(std::move(name));
    }
  }
  return result;
}

}  // namespace itinera::yaml
