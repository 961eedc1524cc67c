// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/bytes.hpp"
#include "itinera/value.hpp"

namespace itinera::expr {

class Arena;
struct Cell;
struct CellEntry;

// Why an expression has no value. An error is a value like any other (CEL): && and || may absorb
// it, a condition that ends in one is unknown.
enum class EvalError : std::uint8_t {
  no_such_key,       // an absent attribute, property, map key
  no_such_overload,  // operands of types that do not fit
  divide_by_zero,
  overflow,
  bad_conversion,  // int("x"), timestamp("x"), a range that does not fit
  bad_index,       // outside a list or text
  bad_pattern,     // matches() with a broken pattern
  duplicate_key,   // a map literal with one key twice
  unknown_data,    // a history window that reaches back before data began
  budget,          // too many steps or too much memory: Limits::condition_*
  bad_format,      // format() with an unknown clause, or a value that does not fit its clause
};

// What expressions compute on: 16 bytes, trivially copyable. Texts, lists and maps are referred
// to, not owned; they live in the program (constants), in the Arena of the evaluation, or in what
// the Activation hands out, and must outlive the Cell.
struct Cell {
  enum class Kind : std::uint8_t {
    null,
    boolean,
    integer,
    real,
    text,
    timestamp,
    duration,
    list,
    map,
    error,
    // CEL's types that no host sends and no Value holds: they exist only while an expression is
    // evaluated (to_value() says what becomes of them).
    uinteger,
    bytes,
    type
  };

  Kind kind = Kind::null;
  EvalError error_code = EvalError::no_such_key;  // of an error
  std::uint16_t unused = 0;  // named, so that the first half is written as one word
  std::uint32_t size = 0;    // bytes of a text, bytes or type; elements of a list, entries of a
                             // map, nanoseconds (as int32) of a timestamp or duration
  union {
    bool boolean;
    std::int64_t integer;  // also the seconds of a timestamp or duration
    std::uint64_t uinteger;
    double real;
    const char* text;  // also of bytes, and the name of a type
    const Cell* list;
    const CellEntry* map;  // keys distinct, in order written
  };

  constexpr Cell() : integer(0) {}
  static Cell of(bool v);
  static Cell of(std::int64_t v);
  static Cell of(double v);
  static Cell of(std::string_view v);  // refers to `v`'s characters
  static Cell of(Timestamp v);
  static Cell of(TimeSpan v);
  static constexpr Cell of(EvalError error);
  static Cell of(std::span<const Cell> v);       // refers to the elements
  static Cell of(std::span<const CellEntry> v);  // refers to the entries; keys distinct
  // Named, since a size_t is no value of CEL's uint, and a text is neither bytes nor a type.
  static Cell of_uinteger(std::uint64_t v);
  static Cell of_bytes(std::string_view v);  // refers to them
  static Cell of_type(std::string_view v);   // CEL's name of a type; refers to it

  [[nodiscard]] bool is_error() const { return kind == Kind::error; }
  [[nodiscard]] std::string_view as_text() const { return {text, size}; }
  [[nodiscard]] Timestamp as_timestamp() const;
  [[nodiscard]] TimeSpan as_duration() const;
  [[nodiscard]] std::span<const Cell> as_list() const { return {list, size}; }
  [[nodiscard]] std::span<const CellEntry> as_map() const;
};
static_assert(sizeof(Cell) == 16);

struct CellEntry {
  Cell key;
  Cell value;
};

inline std::span<const CellEntry> Cell::as_map() const { return {map, size}; }

inline Cell Cell::of(bool v) {
  Cell cell;
  cell.kind = Kind::boolean;
  cell.boolean = v;
  return cell;
}

inline Cell Cell::of(std::int64_t v) {
  Cell cell;
  cell.kind = Kind::integer;
  cell.integer = v;
  return cell;
}

inline Cell Cell::of(double v) {
  Cell cell;
  cell.kind = Kind::real;
  cell.real = v;
  return cell;
}

inline Cell Cell::of(std::string_view v) {
  Cell cell;
  cell.kind = Kind::text;
  cell.size = static_cast<std::uint32_t>(v.size());
  cell.text = v.data();
  return cell;
}

inline Cell Cell::of(Timestamp v) {
  Cell cell;
  cell.kind = Kind::timestamp;
  cell.size = static_cast<std::uint32_t>(v.nanos);
  cell.integer = v.seconds;
  return cell;
}

inline Cell Cell::of(TimeSpan v) {
  Cell cell;
  cell.kind = Kind::duration;
  cell.size = static_cast<std::uint32_t>(v.nanos);
  cell.integer = v.seconds;
  return cell;
}

constexpr Cell Cell::of(EvalError error) {
  Cell cell;
  cell.kind = Kind::error;
  cell.error_code = error;
  return cell;
}

inline Cell Cell::of(std::span<const Cell> v) {
  Cell cell;
  cell.kind = Kind::list;
  cell.size = static_cast<std::uint32_t>(v.size());
  cell.list = v.data();
  return cell;
}

inline Cell Cell::of(std::span<const CellEntry> v) {
  Cell cell;
  cell.kind = Kind::map;
  cell.size = static_cast<std::uint32_t>(v.size());
  cell.map = v.data();
  return cell;
}

inline Cell Cell::of_uinteger(std::uint64_t v) {
  Cell cell;
  cell.kind = Kind::uinteger;
  cell.uinteger = v;
  return cell;
}

inline Cell Cell::of_bytes(std::string_view v) {
  Cell cell = of(v);
  cell.kind = Kind::bytes;
  return cell;
}

inline Cell Cell::of_type(std::string_view v) {
  Cell cell = of(v);
  cell.kind = Kind::type;
  return cell;
}

inline Timestamp Cell::as_timestamp() const { return {integer, static_cast<std::int32_t>(size)}; }

inline TimeSpan Cell::as_duration() const { return {integer, static_cast<std::int32_t>(size)}; }

// A Cell that refers to `value`'s texts; lists and maps become arrays in `arena`, and the error
// `budget` where it has no room. Timestamps and durations beyond CEL's range become the nearest
// within it.
Cell view_of(const Value& value, Arena& arena);

// The same for a packed value (base/packed_value.hpp), which must be sound; bytes may follow it.
// `budget`, too, where it nests deeper than can be unpacked.
Cell view_of_any_packed(base::ByteView packed, Arena& arena);
inline Cell view_of_packed(base::ByteView packed, Arena& arena) {
  if (base::load_le<Value::Kind>(packed.data()) != Value::Kind::text) {
    return view_of_any_packed(packed, arena);
  }
  const auto size = base::load_le<std::uint32_t>(packed.data() + 1);
  return Cell::of(base::as_text(packed.subspan(5, size)));
}

// A Value of its own. An error becomes null: ask is_error() first. What no Value holds becomes what
// a host can read, as in CEL's mapping to JSON: a uint an int, or the nearest double if it does not
// fit; bytes their base64 text (RFC 4648, padded); a type its name.
Value to_value(const Cell& cell);

// Whether what to_value() makes of the cell stays within bounds. A list that a program has built
// may stand in it many times, and a Value holds each of them: nine short lines of CEL come to a
// thousand million members.
struct ValueBounds {
  std::uint64_t members = 0;  // values, those within others too
  std::uint64_t bytes = 0;    // of their texts
};
bool is_within(const Cell& cell, ValueBounds bounds);

}  // namespace itinera::expr
