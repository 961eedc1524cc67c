// SPDX-License-Identifier: Apache-2.0
// A Value as bytes, in journals and in the engine's state.
//
//   null       kind
//   boolean    kind, 1 byte (0 or 1)
//   integer    kind, 8 bytes
//   real       kind, 8 bytes (IEEE 754)
//   text       kind, 4-byte length, UTF-8
//   timestamp  kind, 8-byte seconds, 4-byte nanos
//   duration   kind, 8-byte seconds, 4-byte nanos
//   list       kind, 4-byte count, 4-byte length of what follows, the elements
//   map        kind, 4-byte count, 4-byte length of what follows, key and value in turn
//
// `kind` is one byte, the number of Value::Kind. Numbers are little-endian.
#pragma once

#include <cstdint>

#include "base/byte_buffer.hpp"
#include "base/bytes.hpp"
#include "itinera/value.hpp"

namespace itinera::base {

// How deep a value may nest that unpack() builds.
inline constexpr std::uint32_t unpacked_depth_max = 64;
// How deep what an input brings or an expression gives may nest: what a digest gathers of it or a
// task tells of it stands around that, and is to be built, too.
inline constexpr std::uint32_t value_depth_max = 56;

// Appends.
void pack(const Value& value, Bytes& out);
void pack(const Value& value, ByteBuffer& out);

// The value at the front of `in`. On damage, or nesting deeper than `depth`, in.ok() turns false
// and the result is null.
Value unpack(Reader& in, std::uint32_t depth = unpacked_depth_max);

// The bytes of one packed value at the front of `in`, checked as unpack() does, without building
// it, and however deep it nests: journals hold values that no depth bounded. Empty, and in.ok()
// false, on damage.
ByteView skip_packed(Reader& in);

// Bytes of the packed value at the front of `packed`, which must be sound.
inline std::size_t packed_size(ByteView packed) {
  const std::byte* const after_kind = packed.data() + 1;
  switch (load_le<Value::Kind>(packed.data())) {
    case Value::Kind::null: return 1;
    case Value::Kind::boolean: return 2;
    case Value::Kind::integer:
    case Value::Kind::real: return 9;
    case Value::Kind::text: return 5 + load_le<std::uint32_t>(after_kind);
    case Value::Kind::timestamp:
    case Value::Kind::duration: return 13;
    case Value::Kind::list:
    case Value::Kind::map: return 9 + load_le<std::uint32_t>(after_kind + 4);
  }
  return packed.size();
}

// The packed null: nothing.
inline constexpr std::byte packed_null[] = {std::byte{0}};

}  // namespace itinera::base
