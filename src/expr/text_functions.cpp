// SPDX-License-Identifier: Apache-2.0
#include "expr/text_functions.hpp"

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <utility>

#include "expr/utf8.hpp"

namespace itinera::expr {
namespace {

constexpr std::size_t npos = std::string_view::npos;
constexpr std::size_t all = std::numeric_limits<std::size_t>::max();

using CellKind = Cell::Kind;

// Whether the arguments are of the first kinds of `kinds`.
bool are(std::span<const Cell> arguments, std::initializer_list<CellKind> kinds) {
  return std::equal(arguments.begin(), arguments.end(), kinds.begin(),
                    kinds.begin() + static_cast<std::ptrdiff_t>(arguments.size()),
                    [](const Cell& cell, CellKind kind) { return cell.kind == kind; });
}

// Where `part` first stands in `text` at or after the byte `from`. Takes linear time, which
// std::string_view::find does not promise.
std::size_t find_part(std::string_view text, std::string_view part, std::size_t from) {
  if (part.empty()) return from;
  if (part.size() > text.size() - from) return npos;
  const void* found = ::memmem(text.data() + from, text.size() - from, part.data(), part.size());
  return found == nullptr ? npos
                          : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

// Where `part` last stands in `text` and begins at or before the byte `from`. Pays for every byte
// it compares, since a text of one letter would take quadratic time.
std::size_t find_last_part(std::string_view text, std::string_view part, std::size_t from,
                           Machine& machine) {
  if (part.size() > text.size()) return npos;
  std::uint64_t compared = 0;
  const std::uint64_t affordable = machine.steps_left * bytes_per_step;
  for (std::size_t at = std::min(from, text.size() - part.size()) + 1; at-- > 0;) {
    const auto [end, other] = std::mismatch(part.begin(), part.end(), text.begin() + at);
    compared += static_cast<std::uint64_t>(end - part.begin()) + 1;
    if (end == part.end() || compared > affordable) {
      machine.spend(compared / bytes_per_step);
      return at;  // where it is not the place, the evaluation ends for lack of steps
    }
  }
  machine.spend(compared / bytes_per_step);
  return npos;
}

Cell matches(std::string_view text, std::string_view pattern, Machine& machine) {
  // Compiling costs far more than running; the factor is rough.
  constexpr std::uint64_t steps_per_pattern_byte = 16;
  machine.spend(pattern.size() * steps_per_pattern_byte);
  if (machine.steps_left == 0) return Cell::of(EvalError::budget);
  const std::unique_ptr<const Pattern> compiled = Pattern::compile(pattern);
  if (compiled == nullptr) {
    constexpr std::uint64_t steps_of_refusal = 10'000;  // it may have grown to its bound
    machine.spend(steps_of_refusal);
    return Cell::of(EvalError::bad_pattern);
  }
  machine.spend(compiled->size());
  return search(*compiled, text, machine);
}

Cell text_test(Function function, std::span<const Cell> arguments, Machine& machine) {
  if (!are(arguments, {CellKind::text, CellKind::text})) return no_overload;
  const std::string_view text = arguments[0].as_text();
  const std::string_view other = arguments[1].as_text();
  switch (function) {
    case Function::contains: return Cell::of(find_part(text, other, 0) != npos);
    case Function::starts_with: return Cell::of(text.starts_with(other));
    case Function::ends_with: return Cell::of(text.ends_with(other));
    default: return matches(text, other, machine);
  }
}

// The byte at which the argument's character stands, its length for the end; empty beyond.
std::optional<std::size_t> place_of(std::string_view text, const Cell& index) {
  if (index.integer < 0) return std::nullopt;
  return utf8_offset(text, static_cast<std::uint64_t>(index.integer));
}

Cell char_at(std::span<const Cell> arguments) {
  if (!are(arguments, {CellKind::text, CellKind::integer})) return no_overload;
  const std::string_view text = arguments[0].as_text();
  const auto at = place_of(text, arguments[1]);
  if (!at) return Cell::of(EvalError::bad_index);
  return Cell::of(text.substr(*at, utf8_next(text, *at) - *at));
}

Cell substring(std::span<const Cell> arguments) {
  if (!are(arguments, {CellKind::text, CellKind::integer, CellKind::integer})) return no_overload;
  const std::string_view text = arguments[0].as_text();
  const auto from = place_of(text, arguments[1]);
  const auto to = arguments.size() > 2 ? place_of(text, arguments[2]) : text.size();
  if (!from || !to || *from > *to) return Cell::of(EvalError::bad_index);
  return Cell::of(text.substr(*from, *to - *from));
}

Cell index_of(std::span<const Cell> arguments, bool last, Machine& machine) {
  if (!are(arguments, {CellKind::text, CellKind::text, CellKind::integer})) return no_overload;
  const std::string_view text = arguments[0].as_text();
  const std::string_view part = arguments[1].as_text();
  std::size_t from = last ? text.size() : 0;
  if (arguments.size() > 2) {
    const auto place = place_of(text, arguments[2]);
    if (!place) return Cell::of(EvalError::bad_index);
    from = *place;
  }
  const std::size_t found =
      last ? find_last_part(text, part, from, machine) : find_part(text, part, from);
  return Cell::of(found == npos ? std::int64_t{-1} : utf8_length(text.substr(0, found)));
}

// lowerAscii, upperAscii: `first` is the first letter of the case to change. A text without such
// letters stays where it is.
Cell change_case(const Cell& cell, char first, Machine& machine) {
  if (cell.kind != CellKind::text) return no_overload;
  const std::string_view text = cell.as_text();
  const auto changes = [first](char c) { return c >= first && c <= first + ('z' - 'a'); };
  if (std::none_of(text.begin(), text.end(), changes)) return cell;
  char* memory = room_for_text(text.size(), machine);
  if (memory == nullptr) return Cell::of(EvalError::budget);
  constexpr char other_case = 'a' ^ 'A';
  std::transform(text.begin(), text.end(), memory,
                 [&](char c) { return changes(c) ? static_cast<char>(c ^ other_case) : c; });
  return Cell::of(std::string_view(memory, text.size()));
}

// Unicode's White_Space.
bool is_blank(std::string_view character) {
  constexpr std::string_view blanks =
      "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
      "\u200a\u2028\u2029\u202f\u205f\u3000";
  return blanks.find(character) != npos;
}

Cell trim(const Cell& cell) {
  if (cell.kind != CellKind::text) return no_overload;
  std::string_view text = cell.as_text();
  while (!text.empty()) {
    const std::size_t next = utf8_next(text, 0);
    if (!is_blank(text.substr(0, next))) break;
    text.remove_prefix(next);
  }
  while (!text.empty()) {
    const std::size_t last = utf8_previous(text, text.size());
    if (!is_blank(text.substr(last))) break;
    text.remove_suffix(text.size() - last);
  }
  return Cell::of(text);
}

Cell reverse(const Cell& cell, Machine& machine) {
  if (cell.kind != CellKind::text) return no_overload;
  const std::string_view text = cell.as_text();
  char* memory = room_for_text(text.size(), machine);
  if (memory == nullptr) return Cell::of(EvalError::budget);
  char* out = memory;
  for (std::size_t end = text.size(); end > 0;) {
    const std::size_t at = utf8_previous(text, end);
    out = std::copy(text.begin() + at, text.begin() + end, out);
    end = at;
  }
  return Cell::of(std::string_view(memory, text.size()));
}

// The text as CEL's literal writes it.
Cell quote(const Cell& cell, Machine& machine) {
  if (cell.kind != CellKind::text) return no_overload;
  constexpr std::string_view special = "\a\b\f\n\r\t\v\\\"";
  constexpr std::string_view letters = "abfnrtv\\\"";
  const std::string_view text = cell.as_text();
  const auto escaped =
      std::count_if(text.begin(), text.end(), [&](char c) { return special.find(c) != npos; });
  const std::size_t bytes = text.size() + static_cast<std::size_t>(escaped) + 2;
  char* memory = room_for_text(bytes, machine);
  if (memory == nullptr) return Cell::of(EvalError::budget);
  char* out = memory;
  *out++ = '"';
  for (const char c : text) {
    const std::size_t found = special.find(c);
    if (found != npos) *out++ = '\\';
    *out++ = found != npos ? letters[found] : c;
  }
  *out = '"';
  return Cell::of(std::string_view(memory, bytes));
}

// How often at most, as the optional last argument says: a negative number means always.
std::size_t limit_of(std::span<const Cell> arguments, std::size_t index) {
  if (arguments.size() <= index || arguments[index].integer < 0) return all;
  return static_cast<std::size_t>(arguments[index].integer);
}

// Calls visit(from, to) for the bytes of each place where `part` stands, from left to right and
// without overlaps, at most `limit` times. An empty part stands before every character and at the
// end.
template <class Visit>
void for_each_place(std::string_view text, std::string_view part, std::size_t limit, Visit visit) {
  std::size_t from = 0;
  for (std::size_t count = 0; count < limit; ++count) {
    const std::size_t at = find_part(text, part, from);
    if (at == npos) return;
    visit(at, at + part.size());
    if (part.empty() && at == text.size()) return;
    from = part.empty() ? utf8_next(text, at) : at + part.size();
  }
}

Cell replace(std::span<const Cell> arguments, Machine& machine) {
  if (!are(arguments, {CellKind::text, CellKind::text, CellKind::text, CellKind::integer}))
    return no_overload;
  const std::string_view text = arguments[0].as_text();
  const std::string_view part = arguments[1].as_text();
  const std::string_view other = arguments[2].as_text();
  const std::size_t limit = limit_of(arguments, 3);
  std::size_t count = 0;
  for_each_place(text, part, limit, [&](std::size_t, std::size_t) { ++count; });
  if (count == 0) return arguments[0];
  const std::size_t bytes = text.size() - count * part.size() + count * other.size();
  char* memory = room_for_text(bytes, machine);
  if (memory == nullptr) return Cell::of(EvalError::budget);
  char* out = memory;
  std::size_t done = 0;
  for_each_place(text, part, limit, [&](std::size_t from, std::size_t to) {
    out = std::copy(text.begin() + done, text.begin() + from, out);
    out = std::copy(other.begin(), other.end(), out);
    done = to;
  });
  std::copy(text.begin() + done, text.end(), out);
  return Cell::of(std::string_view(memory, bytes));
}

// Calls visit(part) for each part of `text` between separators, at most `limit` of them. An empty
// separator divides it into characters.
template <class Visit>
void for_each_part(std::string_view text, std::string_view separator, std::size_t limit,
                   Visit visit) {
  if (limit == 0) return;
  std::size_t begun = 0;
  for_each_place(text, separator, all, [&](std::size_t from, std::size_t to) {
    if (limit == 1 || (separator.empty() && (from == 0 || from == text.size()))) return;
    visit(text.substr(begun, from - begun));
    begun = to;
    --limit;
  });
  if (!separator.empty() || !text.empty()) visit(text.substr(begun));
}

Cell split(std::span<const Cell> arguments, Machine& machine) {
  if (!are(arguments, {CellKind::text, CellKind::text, CellKind::integer})) return no_overload;
  const std::string_view text = arguments[0].as_text();
  const std::string_view separator = arguments[1].as_text();
  const std::size_t limit = limit_of(arguments, 2);
  std::size_t count = 0;
  for_each_part(text, separator, limit, [&](std::string_view) { ++count; });
  machine.spend(count);
  const std::span<Cell> parts = new_cells(count, machine);
  if (parts.size() < count) return Cell::of(EvalError::budget);
  std::size_t next = 0;
  for_each_part(text, separator, limit,
                [&](std::string_view part) { parts[next++] = Cell::of(part); });
  return Cell::of(std::span<const Cell>(parts));
}

Cell join(std::span<const Cell> arguments, Machine& machine) {
  if (!are(arguments, {CellKind::list, CellKind::text})) return no_overload;
  const std::string_view separator =
      arguments.size() > 1 ? arguments[1].as_text() : std::string_view();
  const std::span<const Cell> parts = arguments[0].as_list();
  machine.spend(parts.size());
  if (parts.empty()) return Cell::of(std::string_view());
  std::size_t bytes = separator.size() * (parts.size() - 1);
  for (const Cell& part : parts) {
    if (part.kind != CellKind::text) return no_overload;
    bytes += part.size;
  }
  char* memory = room_for_text(bytes, machine);
  if (memory == nullptr) return Cell::of(EvalError::budget);
  char* out = memory;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out = std::copy(separator.begin(), separator.end(), out);
    out = std::copy_n(parts[i].text, parts[i].size, out);
  }
  return Cell::of(std::string_view(memory, bytes));
}

}  // namespace

Cell search(const Pattern& pattern, std::string_view text, Machine& machine) {
  machine.spend(pattern.steps_for(text.size()));
  if (machine.steps_left == 0) return Cell::of(EvalError::budget);
  return Cell::of(pattern.found_in(text));
}

Cell call_text_function(Function function, std::span<const Cell> arguments, Machine& machine) {
  if (arguments[0].kind == CellKind::text) machine.spend(arguments[0].size / bytes_per_step);
  switch (function) {
    case Function::char_at: return char_at(arguments);
    case Function::index_of: return index_of(arguments, false, machine);
    case Function::last_index_of: return index_of(arguments, true, machine);
    case Function::lower_ascii: return change_case(arguments[0], 'A', machine);
    case Function::upper_ascii: return change_case(arguments[0], 'a', machine);
    case Function::replace: return replace(arguments, machine);
    case Function::split: return split(arguments, machine);
    case Function::join: return join(arguments, machine);
    case Function::substring: return substring(arguments);
    case Function::trim: return trim(arguments[0]);
    case Function::reverse: return reverse(arguments[0], machine);
    case Function::quote: return quote(arguments[0], machine);
    default: return text_test(function, arguments, machine);
  }
}

}  // namespace itinera::expr
