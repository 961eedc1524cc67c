// SPDX-License-Identifier: Apache-2.0
#include "expr/format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <iterator>

#include "expr/conversions.hpp"

namespace itinera::expr {
namespace {

constexpr std::uint32_t precision_max = 100;
constexpr std::uint32_t precision_usual = 6;

struct ClauseKind {
  char letter;
  bool decimals;                    // may have a precision
  std::string_view takes;           // for messages
  std::array<Type::Kind, 4> kinds;  // dyn ends them; none for any
};

constexpr std::array<ClauseKind, 8> clause_kinds{{
    {'s', false, "any value", {}},
    {'d', false, "int or uint", {Type::Kind::integer, Type::Kind::uinteger, Type::Kind::real}},
    {'f', true, "a number", {Type::Kind::integer, Type::Kind::uinteger, Type::Kind::real}},
    {'e', true, "a number", {Type::Kind::integer, Type::Kind::uinteger, Type::Kind::real}},
    {'b',
     false,
     "int, uint or bool",
     {Type::Kind::integer, Type::Kind::uinteger, Type::Kind::boolean}},
    {'o', false, "int or uint", {Type::Kind::integer, Type::Kind::uinteger}},
    {'x',
     false,
     "int, uint, string or bytes",
     {Type::Kind::integer, Type::Kind::uinteger, Type::Kind::text, Type::Kind::bytes}},
    {'X',
     false,
     "int, uint, string or bytes",
     {Type::Kind::integer, Type::Kind::uinteger, Type::Kind::text, Type::Kind::bytes}},
}};

// One step through a pattern: literal text, and the clause behind it.
struct Piece {
  std::string_view literal = {};
  std::string_view clause = {};      // as written, without %; empty at the end of the pattern
  const ClauseKind* kind = nullptr;  // of a clause that takes a value
  std::uint32_t precision = precision_usual;
  bool sound = true;  // else `clause` means nothing
};

Piece read_clause(std::string_view literal, std::string_view behind) {
  Piece piece;
  piece.literal = literal;
  std::size_t at = 0;
  const bool decimals = behind.starts_with('.');
  if (decimals) {
    piece.precision = 0;
    for (at = 1; at < behind.size() && behind[at] >= '0' && behind[at] <= '9'; ++at) {
      piece.precision = std::min(
          piece.precision * 10 + static_cast<std::uint32_t>(behind[at] - '0'), precision_max + 1);
    }
  }
  piece.clause = behind.substr(0, at + 1);
  const char letter = at < behind.size() ? behind[at] : '\0';
  const auto* found = std::find_if(clause_kinds.begin(), clause_kinds.end(),
                                   [&](const ClauseKind& kind) { return kind.letter == letter; });
  if (found != clause_kinds.end()) piece.kind = found;
  const bool precise = !decimals || (at > 1 && piece.precision <= precision_max &&
                                     piece.kind != nullptr && piece.kind->decimals);
  piece.sound = precise && (piece.kind != nullptr || letter == '%');
  return piece;
}

// Calls visit(piece) for each piece until it gives false.
template <class Visit>
void for_each_piece(std::string_view pattern, Visit visit) {
  while (!pattern.empty()) {
    const std::size_t sign = pattern.find('%');
    if (sign == std::string_view::npos) {
      Piece rest;
      rest.literal = pattern;
      visit(rest);
      return;
    }
    const Piece piece = read_clause(pattern.substr(0, sign), pattern.substr(sign + 1));
    if (!visit(piece)) return;
    pattern.remove_prefix(sign + 1 + piece.clause.size());
  }
}

// Writes the text, up to what the arena has room for. Stops at the first failure.
class Formatter {
 public:
  explicit Formatter(Machine& machine) : machine_(machine), room_(machine.arena.room()) {}

  Cell run(std::string_view pattern, std::span<const Cell> values) {
    std::size_t next = 0;
    for_each_piece(pattern, [&](const Piece& piece) {
      put(piece.literal);
      if (!piece.sound || (piece.kind != nullptr && next == values.size())) {
        fail(EvalError::bad_format);
      } else if (piece.kind != nullptr) {
        clause(piece, values[next++]);
      } else if (!piece.clause.empty()) {
        put("%");
      }
      return !error_;
    });
    return error_ ? Cell::of(*error_) : copy_text({out_.data(), out_.size()}, machine_);
  }

 private:
  void fail(EvalError error) {
    if (!error_) error_ = error;
  }

  // All work passes here and is paid for, so that a short value with a long text (a list whose
  // elements are one and the same list) comes to an end.
  void put(std::string_view text) {
    machine_.spend(1 + text.size() / bytes_per_step);
    if (machine_.steps_left == 0 || text.size() > room_ - out_.size())
      return fail(EvalError::budget);
    out_.append(text.data(), text.data() + text.size());
  }

  template <class... Arguments>
  void print(fmt::format_string<Arguments...> form, Arguments&&... arguments) {
    // The longest double has a sign, 309 digits, a point and 100 decimals.
    std::array<char, 512> buffer;  // NOLINT(*-member-init)
    const auto end =
        fmt::format_to_n(buffer.data(), buffer.size(), form, std::forward<Arguments>(arguments)...);
    put({buffer.data(), end.size});
  }

  void clause(const Piece& piece, const Cell& value) {
    const bool finite = value.kind != Cell::Kind::real || std::isfinite(value.real);
    switch (piece.kind->letter) {
      case 's': return any(value);
      case 'd': return finite ? integer(value, 'd') : any(value);
      case 'f':
      case 'e': return finite ? real(value, piece) : any(value);
      case 'x':
      case 'X':
        if (value.kind == Cell::Kind::text || value.kind == Cell::Kind::bytes) {
          return hexadecimal(value.as_text(), piece.kind->letter);
        }
        break;
      case 'b':
        if (value.kind == Cell::Kind::boolean) return put(value.boolean ? "1" : "0");
        break;
      default: break;
    }
    integer(value, piece.kind->letter);
  }

  void integer(const Cell& value, char letter) {
    const auto write = [&](auto number) {
      switch (letter) {
        case 'b': return print("{:b}", number);
        case 'o': return print("{:o}", number);
        case 'x': return print("{:x}", number);
        case 'X': return print("{:X}", number);
        default: return print("{}", number);
      }
    };
    if (value.kind == Cell::Kind::integer) return write(value.integer);
    if (value.kind == Cell::Kind::uinteger) return write(value.uinteger);
    fail(EvalError::bad_format);
  }

  void real(const Cell& value, const Piece& piece) {
    if (!is_number(value)) return fail(EvalError::bad_format);
    if (piece.kind->letter == 'f') return print("{:.{}f}", as_real(value), piece.precision);
    print("{:.{}e}", as_real(value), piece.precision);
  }

  void hexadecimal(std::string_view bytes, char letter) {
    for (const char byte : bytes) {
      const auto number = static_cast<unsigned char>(byte);
      letter == 'x' ? print("{:02x}", number) : print("{:02X}", number);
      if (error_) return;
    }
  }

  void any(const Cell& value) {
    switch (value.kind) {
      case Cell::Kind::null: return put("null");
      case Cell::Kind::type: return put(value.as_text());
      case Cell::Kind::list: return list(value.as_list());
      case Cell::Kind::map: return map(value.as_map());
      default: break;
    }
    const Cell text = to_string(value, machine_);
    text.is_error() ? fail(text.error_code) : put(text.as_text());
  }

  void list(std::span<const Cell> elements) {
    put("[");
    for (const Cell& element : elements) {
      if (&element != elements.data()) put(", ");
      any(element);
      if (error_) return;
    }
    put("]");
  }

  void map(std::span<const CellEntry> entries) {
    auto* sorted = static_cast<Named*>(machine_.allocate(entries.size() * sizeof(Named)));
    if (sorted == nullptr) return fail(EvalError::budget);
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const Cell key = to_string(entries[i].key, machine_);
      if (key.is_error()) return fail(key.error_code);
      std::construct_at(sorted + i, Named{key.as_text(), &entries[i].value});
    }
    machine_.spend(entries.size() * static_cast<std::size_t>(std::bit_width(entries.size())));
    std::sort(sorted, sorted + entries.size());
    put("{");
    for (std::size_t i = 0; i < entries.size() && !error_; ++i) {
      if (i > 0) put(", ");
      put(sorted[i].key);
      put(": ");
      any(*sorted[i].value);
    }
    put("}");
  }

  struct Named {
    std::string_view key;
    const Cell* value;
    // Of equal texts (1 and "1") the one written first.
    friend auto operator<=>(const Named&, const Named&) = default;
  };

  Machine& machine_;
  std::size_t room_;
  fmt::memory_buffer out_;  // holds short texts without the heap
  std::optional<EvalError> error_;
};

}  // namespace

Cell format(const Cell& pattern, const Cell& values, Machine& machine) {
  if (pattern.kind != Cell::Kind::text || values.kind != Cell::Kind::list) return no_overload;
  return Formatter(machine).run(pattern.as_text(), values.as_list());
}

std::optional<std::string> format_problem(std::string_view pattern,
                                          std::optional<std::span<const Type::Kind>> values) {
  std::optional<std::string> problem;
  std::size_t count = 0;
  for_each_piece(pattern, [&](const Piece& piece) {
    if (!piece.sound) {
      problem = fmt::format("format() has no clause %{}", piece.clause);
    } else if (piece.kind != nullptr && values && count < values->size()) {
      const Type::Kind type = (*values)[count];
      const auto& kinds = piece.kind->kinds;
      if (type != Type::Kind::dyn && kinds[0] != Type::Kind::dyn &&
          std::find(kinds.begin(), kinds.end(), type) == kinds.end()) {
        problem = fmt::format("%{} of format() takes {}, not {}", piece.clause, piece.kind->takes,
                              to_text(Type{type, {}}));
      }
    }
    if (piece.kind != nullptr) ++count;
    return !problem;
  });
  if (!problem && values && count != values->size()) {
    problem = fmt::format("the text has {} clauses for {} values", count, values->size());
  }
  return problem;
}

}  // namespace itinera::expr
