// SPDX-License-Identifier: Apache-2.0
#include "expr/cell.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "base/civil_value.hpp"
#include "base/packed_value.hpp"
#include "expr/program.hpp"

namespace itinera::expr {
namespace {

// An array of `count` default T in the arena, or nullptr.
template <class T>
T* array_in(Arena& arena, std::size_t count) {
  auto* memory = static_cast<T*>(arena.allocate(count * sizeof(T)));
  if (memory != nullptr) std::uninitialized_default_construct_n(memory, count);
  return memory;
}

bool no_room(const Cell& cell) { return cell.is_error() && cell.error_code == EvalError::budget; }

// `fill(element)` makes the next element's Cell; stops at the first that found no room.
template <class Fill>
Cell build_list(std::size_t count, Arena& arena, Fill fill) {
  Cell* elements = array_in<Cell>(arena, count);
  if (elements == nullptr) return Cell::of(EvalError::budget);
  for (std::size_t i = 0; i < count; ++i) {
    elements[i] = fill();
    if (no_room(elements[i])) return elements[i];
  }
  return Cell::of(std::span<const Cell>(elements, count));
}

template <class Fill>
Cell build_map(std::size_t count, Arena& arena, Fill fill) {
  CellEntry* entries = array_in<CellEntry>(arena, count);
  if (entries == nullptr) return Cell::of(EvalError::budget);
  for (std::size_t i = 0; i < count; ++i) {
    entries[i].key = fill();
    entries[i].value = fill();
    if (no_room(entries[i].key) || no_room(entries[i].value)) return Cell::of(EvalError::budget);
  }
  return Cell::of(std::span<const CellEntry>(entries, count));
}

// What nests deeper than anything that is written today has no room.
Cell view_of_next(base::Reader& in, Arena& arena, std::uint32_t depth) {
  if (depth == 0) return Cell::of(EvalError::budget);
  switch (in.number<Value::Kind>()) {
    case Value::Kind::null: return {};
    case Value::Kind::boolean: return Cell::of(in.number<std::uint8_t>() == 1);
    case Value::Kind::integer: return Cell::of(in.number<std::int64_t>());
    case Value::Kind::real: return Cell::of(in.number<double>());
    case Value::Kind::text: return Cell::of(in.text());
    case Value::Kind::timestamp: {
      const auto seconds = in.number<std::int64_t>();
      return Cell::of(base::nearest_allowed(Timestamp{seconds, in.number<std::int32_t>()}));
    }
    case Value::Kind::duration: {
      const auto seconds = in.number<std::int64_t>();
      return Cell::of(base::nearest_allowed(TimeSpan{seconds, in.number<std::int32_t>()}));
    }
    case Value::Kind::list: {
      const auto count = in.number<std::uint32_t>();
      in.number<std::uint32_t>();  // the members' length is of use only to skip them
      return build_list(count, arena, [&] { return view_of_next(in, arena, depth - 1); });
    }
    case Value::Kind::map: {
      const auto count = in.number<std::uint32_t>();
      in.number<std::uint32_t>();
      return build_map(count, arena, [&] { return view_of_next(in, arena, depth - 1); });
    }
  }
  return {};
}

std::string base64_of(std::string_view bytes) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t group = 0;
    for (std::size_t i = at; i < at + 3; ++i) {
      group = group << 8 | (i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0u);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      const bool beyond = at + i > bytes.size();
      out += beyond ? '=' : digits[group >> (18 - 6 * i) & 0x3F];
    }
  }
  return out;
}

// Takes from `left` what the cell needs; false, at once, where there is not enough.
bool takes(const Cell& cell, ValueBounds& left) {
  if (left.members == 0) return false;
  --left.members;
  switch (cell.kind) {
    case Cell::Kind::text:
    case Cell::Kind::type:
    case Cell::Kind::bytes: {
      const std::uint64_t size = cell.size;
      const std::uint64_t bytes = cell.kind == Cell::Kind::bytes ? (size + 2) / 3 * 4 : size;
      if (bytes > left.bytes) return false;
      left.bytes -= bytes;
      return true;
    }
    case Cell::Kind::list:
      return std::all_of(cell.list, cell.list + cell.size,
                         [&](const Cell& element) { return takes(element, left); });
    case Cell::Kind::map:
      return std::all_of(cell.map, cell.map + cell.size, [&](const CellEntry& entry) {
        return takes(entry.key, left) && takes(entry.value, left);
      });
    default: return true;
  }
}

Value value_of_uinteger(std::uint64_t v) {
  if (std::in_range<std::int64_t>(v)) return static_cast<std::int64_t>(v);
  return static_cast<double>(v);
}

}  // namespace

Cell view_of(const Value& value, Arena& arena) {
  switch (value.kind()) {
    case Value::Kind::null: return {};
    case Value::Kind::boolean: return Cell::of(*value.get<bool>());
    case Value::Kind::integer: return Cell::of(*value.get<std::int64_t>());
    case Value::Kind::real: return Cell::of(*value.get<double>());
    case Value::Kind::text: return Cell::of(std::string_view(*value.get<std::string>()));
    case Value::Kind::timestamp: return Cell::of(base::nearest_allowed(*value.get<Timestamp>()));
    case Value::Kind::duration: return Cell::of(base::nearest_allowed(*value.get<TimeSpan>()));
    case Value::Kind::list: {
      auto next = value.get<Value::List>()->begin();
      return build_list(value.get<Value::List>()->size(), arena,
                        [&] { return view_of(*next++, arena); });
    }
    case Value::Kind::map: {
      auto next = value.get<Value::Map>()->begin();
      bool key = false;
      return build_map(value.get<Value::Map>()->size(), arena, [&] {
        key = !key;
        return key ? view_of(next->key, arena) : view_of((next++)->value, arena);
      });
    }
  }
  return {};
}

Cell view_of_any_packed(base::ByteView packed, Arena& arena) {
  base::Reader in(packed);
  return view_of_next(in, arena, base::unpacked_depth_max);
}

bool is_within(const Cell& cell, ValueBounds bounds) { return takes(cell, bounds); }

Value to_value(const Cell& cell) {
  switch (cell.kind) {
    case Cell::Kind::null:
    case Cell::Kind::error: return {};
    case Cell::Kind::boolean: return cell.boolean;
    case Cell::Kind::integer: return cell.integer;
    case Cell::Kind::real: return cell.real;
    case Cell::Kind::uinteger: return value_of_uinteger(cell.uinteger);
    case Cell::Kind::bytes: return base64_of(cell.as_text());
    case Cell::Kind::type:
    case Cell::Kind::text: return cell.as_text();
    case Cell::Kind::timestamp: return cell.as_timestamp();
    case Cell::Kind::duration: return cell.as_duration();
    case Cell::Kind::list: {
      Value::List list;
      list.reserve(cell.size);
      for (const Cell& element : cell.as_list()) list.push_back(to_value(element));
      return list;
    }
    case Cell::Kind::map: {
      Value::Map map;
      map.reserve(cell.size);
      for (const CellEntry& entry : cell.as_map()) {
        map.push_back({to_value(entry.key), to_value(entry.value)});
      }
      return map;
    }
  }
  return {};
}

}  // namespace itinera::expr
