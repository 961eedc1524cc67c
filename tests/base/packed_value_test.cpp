// SPDX-License-Identifier: Apache-2.0
#include "base/packed_value.hpp"

#include <string>

#include "support/catch.hpp"
#include "support/counting_new.hpp"

namespace itinera::base {
namespace {

Value lists_around(Value value, int count) {
  for (int i = 0; i < count; ++i) value = Value(Value::List{std::move(value)});
  return value;
}

// A null in so many lists, without a Value that would nest as deep.
Bytes packed_lists(std::uint32_t count) {
  Bytes packed;
  Writer out(packed);
  for (std::uint32_t inner = count; inner-- > 0;) {
    out.number(Value::Kind::list);
    out.number(std::uint32_t{1});
    out.number(9 * inner + 1);
  }
  out.number(Value::Kind::null);
  return packed;
}

bool skips(ByteView packed) {
  Reader in(packed);
  const ByteView skipped = skip_packed(in);
  CHECK(in.ok() == (skipped.size() != 0));
  return in.ok();
}

}  // namespace

TEST_CASE("packed values: skipping takes what unpacking takes, and no more", "[base][packed]") {
  const Value value(Value::Map{
      {Value("list"), Value(Value::List{Value(1), Value(2.5), Value(true), Value()})},
      {Value("map"), Value(Value::Map{})},
      {Value("at"), Value(Timestamp{5, 6})},
      {Value(7), Value(Value::List{Value(TimeSpan{1, 2}), Value(Value::List{})})},
  });
  Bytes packed;
  pack(value, packed);
  const std::size_t size = packed.size();
  packed.push_back(std::byte{9});
  Reader in(packed);
  CHECK(skip_packed(in).size() == size);
  CHECK(in.left() == 1);
  for (std::size_t cut = 0; cut < size; ++cut) CHECK_FALSE(skips(ByteView(packed).first(cut)));
  // Any byte that is another: both see damage, or neither does.
  packed.pop_back();
  for (std::size_t at = 0; at < size; ++at) {
    for (const unsigned flipped : {0x01U, 0x02U, 0x08U, 0x80U}) {
      packed[at] ^= static_cast<std::byte>(flipped);
      Reader skipping(packed);
      Reader unpacking(packed);
      const ByteView skipped = skip_packed(skipping);
      unpack(unpacking);
      INFO(at << " " << flipped);
      CHECK(skipping.ok() == unpacking.ok());
      CHECK(skipping.left() == unpacking.left());
      CHECK((skipped.empty() || skipped.size() == packed.size() - unpacking.left()));
      packed[at] ^= static_cast<std::byte>(flipped);
    }
  }
}

TEST_CASE("packed values: one may be skipped however deep it nests, and unpacked to a bound",
          "[base][packed]") {
  Bytes packed;
  pack(lists_around(Value(1), 63), packed);
  Reader fits(packed);
  CHECK(unpack(fits) == lists_around(Value(1), 63));
  const Bytes deep = packed_lists(1'000'000);
  CHECK(skips(deep));
  CHECK_FALSE(skips(ByteView(deep).first(deep.size() - 1)));
  Reader in(deep);
  unpack(in);
  CHECK_FALSE(in.ok());
}

TEST_CASE("packed values: skipping a long list builds nothing", "[base][packed]") {
  const Bytes packed = [] {
    Bytes made;
    pack(Value(Value::List(10'000, Value(std::string(100, 'x')))), made);
    return made;
  }();
  const std::int64_t before = test::allocations;
  CHECK(skips(packed));
  CHECK(test::allocations - before < 100);
}

}  // namespace itinera::base
