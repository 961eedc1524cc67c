// SPDX-License-Identifier: Apache-2.0
#include "expr/functions.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace itinera::expr {
namespace {

using enum Type::Kind;
using enum CallForm;

constexpr Overload table[] = {
    {"size", global, 1, {text}, integer, Function::size, "Characters of a text."},
    {"size", global, 1, {list}, integer, Function::size, "Elements of a list."},
    {"size", global, 1, {map}, integer, Function::size, "Entries of a map."},
    {"size", receiver, 1, {text}, integer, Function::size, "Characters of a text."},
    {"size", receiver, 1, {list}, integer, Function::size, "Elements of a list."},
    {"size", receiver, 1, {map}, integer, Function::size, "Entries of a map."},
    {"contains",
     receiver,
     2,
     {text, text},
     boolean,
     Function::contains,
     "Whether the text holds the other."},
    {"startsWith",
     receiver,
     2,
     {text, text},
     boolean,
     Function::starts_with,
     "Whether the text begins with the other."},
    {"endsWith",
     receiver,
     2,
     {text, text},
     boolean,
     Function::ends_with,
     "Whether the text ends with the other."},
    {"matches",
     receiver,
     2,
     {text, text},
     boolean,
     Function::matches,
     "Whether the RE2 pattern is found anywhere in the text."},
    {"matches",
     global,
     2,
     {text, text},
     boolean,
     Function::matches,
     "Whether the RE2 pattern is found anywhere in the text."},
    {"int", global, 1, {integer}, integer, Function::to_int, "The number itself."},
    {"int", global, 1, {real}, integer, Function::to_int, "The number without its fraction."},
    {"int", global, 1, {text}, integer, Function::to_int, "The number a text writes."},
    {"int", global, 1, {timestamp}, integer, Function::to_int, "Seconds since 1970."},
    {"double", global, 1, {real}, real, Function::to_double, "The number itself."},
    {"double", global, 1, {integer}, real, Function::to_double, "The nearest double."},
    {"double", global, 1, {text}, real, Function::to_double, "The number a text writes."},
    {"string", global, 1, {text}, text, Function::to_string, "The text itself."},
    {"string", global, 1, {boolean}, text, Function::to_string, "true or false."},
    {"string", global, 1, {integer}, text, Function::to_string, "The number in decimal."},
    {"string", global, 1, {real}, text, Function::to_string, "The shortest decimal."},
    {"string", global, 1, {timestamp}, text, Function::to_string, "RFC 3339, in UTC."},
    {"string", global, 1, {duration}, text, Function::to_string, "Seconds, such as 90s."},
    {"bool", global, 1, {boolean}, boolean, Function::to_bool, "The value itself."},
    {"bool", global, 1, {text}, boolean, Function::to_bool, "Of 1, t, true, 0, f, false."},
    {"timestamp", global, 1, {timestamp}, timestamp, Function::to_timestamp, "The value itself."},
    {"timestamp", global, 1, {text}, timestamp, Function::to_timestamp, "Of an RFC 3339 text."},
    {"timestamp",
     global,
     1,
     {integer},
     timestamp,
     Function::to_timestamp,
     "Of seconds since 1970."},
    {"duration", global, 1, {duration}, duration, Function::to_duration, "The value itself."},
    {"duration",
     global,
     1,
     {text},
     duration,
     Function::to_duration,
     "Of a text such as 1h30m or 2.5s; units h, m, s, ms, us, ns."},
    {"dyn", global, 1, {dyn}, dyn, Function::to_dyn, "The value, its type unchecked."},
    {"days", global, 1, {integer}, duration, Function::days, "So many times 24 hours."},
    {"getFullYear", receiver, 1, {timestamp}, integer, Function::get_full_year, "In UTC."},
    {"getFullYear",
     receiver,
     2,
     {timestamp, text},
     integer,
     Function::get_full_year,
     "In the zone."},
    {"getMonth", receiver, 1, {timestamp}, integer, Function::get_month, "January is 0; in UTC."},
    {"getMonth",
     receiver,
     2,
     {timestamp, text},
     integer,
     Function::get_month,
     "January is 0; in the zone."},
    {"getDate",
     receiver,
     1,
     {timestamp},
     integer,
     Function::get_date,
     "Day of the month from 1; in UTC."},
    {"getDate",
     receiver,
     2,
     {timestamp, text},
     integer,
     Function::get_date,
     "Day of the month from 1; in the zone."},
    {"getDayOfMonth",
     receiver,
     1,
     {timestamp},
     integer,
     Function::get_day_of_month,
     "Day of the month from 0; in UTC."},
    {"getDayOfMonth",
     receiver,
     2,
     {timestamp, text},
     integer,
     Function::get_day_of_month,
     "Day of the month from 0; in the zone."},
    {"getDayOfWeek",
     receiver,
     1,
     {timestamp},
     integer,
     Function::get_day_of_week,
     "Sunday is 0; in UTC."},
    {"getDayOfWeek",
     receiver,
     2,
     {timestamp, text},
     integer,
     Function::get_day_of_week,
     "Sunday is 0; in the zone."},
    {"getDayOfYear",
     receiver,
     1,
     {timestamp},
     integer,
     Function::get_day_of_year,
     "January 1st is 0; in UTC."},
    {"getDayOfYear",
     receiver,
     2,
     {timestamp, text},
     integer,
     Function::get_day_of_year,
     "January 1st is 0; in the zone."},
    {"getHours", receiver, 1, {timestamp}, integer, Function::get_hours, "0 to 23; in UTC."},
    {"getHours",
     receiver,
     2,
     {timestamp, text},
     integer,
     Function::get_hours,
     "0 to 23; in the zone."},
    {"getHours", receiver, 1, {duration}, integer, Function::get_hours, "Whole hours."},
    {"getMinutes", receiver, 1, {timestamp}, integer, Function::get_minutes, "0 to 59; in UTC."},
    {"getMinutes",
     receiver,
     2,
     {timestamp, text},
     integer,
     Function::get_minutes,
     "0 to 59; in the zone."},
    {"getMinutes", receiver, 1, {duration}, integer, Function::get_minutes, "Whole minutes."},
    {"getSeconds", receiver, 1, {timestamp}, integer, Function::get_seconds, "0 to 59; in UTC."},
    {"getSeconds",
     receiver,
     2,
     {timestamp, text},
     integer,
     Function::get_seconds,
     "0 to 59; in the zone."},
    {"getSeconds", receiver, 1, {duration}, integer, Function::get_seconds, "Whole seconds."},
    {"getMilliseconds",
     receiver,
     1,
     {timestamp},
     integer,
     Function::get_milliseconds,
     "0 to 999; in UTC."},
    {"getMilliseconds",
     receiver,
     2,
     {timestamp, text},
     integer,
     Function::get_milliseconds,
     "0 to 999; in the zone."},
    {"getMilliseconds",
     receiver,
     1,
     {duration},
     integer,
     Function::get_milliseconds,
     "Milliseconds after the whole seconds."},
};

constexpr std::string_view later[] = {"in_segment", "consented", "reachable",
                                      "engaged",    "outcome",   "since_changed",
                                      "type",       "uint",      "bytes"};

constexpr std::string_view history[] = {"count", "sum", "last", "since_last", "ever"};

bool fits(const Overload& candidate, std::span<const Type::Kind> arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const Type::Kind wanted = candidate.arguments[i];
    if (arguments[i] != wanted && arguments[i] != dyn && wanted != dyn) return false;
  }
  return true;
}

}  // namespace

std::span<const Overload> overloads() { return table; }
std::span<const std::string_view> later_functions() { return later; }
std::span<const std::string_view> history_functions() { return history; }

OverloadChoice choose_overload(std::string_view name, CallForm form,
                               std::span<const Type::Kind> arguments) {
  OverloadChoice choice;
  for (const Overload& candidate : table) {
    if (candidate.name != name) continue;
    choice.function = candidate.function;
    if (candidate.form != form || candidate.arity != arguments.size()) continue;
    choice.arity_fits = true;
    if (!fits(candidate, arguments)) continue;
    const bool same = !choice.result || *choice.result == candidate.result;
    choice.result = same ? candidate.result : dyn;
  }
  return choice;
}

std::string usage_of(std::string_view name) {
  const auto* found = std::find_if(std::begin(table), std::end(table),
                                   [&](const Overload& entry) { return entry.name == name; });
  if (found == std::end(table)) return {};
  const std::string first = to_text(Type{found->arguments[0], {}});
  const std::string second = to_text(Type{found->arguments[1], {}});
  const bool two = found->arity > 1;
  if (found->form == receiver) {
    return fmt::format("for example `<{}>.{}({})`", first, name, two ? "<" + second + ">" : "");
  }
  return fmt::format("for example `{}(<{}>{})`", name, first, two ? ", <" + second + ">" : "");
}

}  // namespace itinera::expr
