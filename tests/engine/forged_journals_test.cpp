// SPDX-License-Identifier: Apache-2.0
// Journals that no engine of today would write, with right checksums: some are read, some refused,
// and none costs more than it is worth.
#include <fmt/format.h>

#include "base/packed_value.hpp"
#include "record/frame.hpp"
#include "support/host.hpp"
#include "support/pieces.hpp"

namespace itinera::test {
namespace {

using base::ByteBuffer;
using base::Bytes;
using base::ByteView;
using Outcome = record::FrameReader::Outcome;

constexpr std::string_view dated = R"(
campaign: c
entry: [{event: join}]
exits: [{condition: 'now >= timestamp(contact.due)'}]
steps: [{send: id, id: s, data: {n: 1, log: =contact.log}}, {wait: 1d}]
)";

Bytes joined(ByteView journal, const ByteBuffer& more) {
  Bytes bytes(journal.begin(), journal.end());
  bytes.insert(bytes.end(), more.view().begin(), more.view().end());
  return bytes;
}

// A 1 in so many lists.
Bytes packed_lists(std::uint32_t count) {
  Bytes packed;
  base::Writer out(packed);
  for (std::uint32_t inner = count; inner-- > 0;) {
    out.number(Value::Kind::list);
    out.number(std::uint32_t{1});
    out.number(9 * inner + 9);
  }
  out.number(Value::Kind::integer);
  out.number(std::int64_t{1});
  return packed;
}

}  // namespace

// Engines have written such values, as long as nothing bounded them.
TEST_CASE("forged: a value that nests deeper than any today is kept, and read as none",
          "[engine][restore]") {
  Host host(dated);
  host.identify({{"log", 1}});
  ByteBuffer more;
  record::FrameWriter writer(more);
  const Bytes deep = packed_lists(100'000);
  writer.begin(host.clock(), record::IdentifyInput{});
  writer.record(record::AttributeSet{0, "log", host.clock(), {}, deep});
  writer.end();
  Result<Engine> engine = Engine::restore(joined(host.journal(), more), host.options());
  REQUIRE(engine);
  Result<Engine> twin = load_pieces(pieces_of(*engine), host.options());
  REQUIRE(twin);
  const Input inputs[] = {host.an_event("join")};
  for (Engine* const each : {&*engine, &*twin}) {
    each->feed(inputs);
    const Output out = each->take_output();
    REQUIRE(out.actions.size() == 1);
    const auto data = (*out.actions.begin()).data;
    CHECK(Properties(data.begin(), data.end()) == Properties{{"n", 1}});
    CHECK(each->statistics().data_missing == 1);
  }
}

TEST_CASE("forged: bytes that look like frame upon frame are damage, soon", "[engine][restore]") {
  constexpr std::uint32_t size = 1U << 20;
  Bytes bytes;
  base::Writer out(bytes);
  SECTION("with records of any kind") {
    const std::uint32_t looks_like = ((size / 2) & ~0xFFU) | 1;
    while (bytes.size() < size) {
      out.number(looks_like);
      out.number(std::uint32_t{0});
    }
  }
  SECTION("without records") {
    while (bytes.size() < size) {
      out.number(size / 2);
      out.number(std::uint32_t{0});
      out.number(std::uint32_t{1});
      out.number(static_cast<std::uint32_t>(size / 2 - record::frame_header_size));
      bytes.resize(bytes.size() + 48);
    }
  }
  record::FrameReader reader(bytes);
  record::Frame frame;
  CHECK(reader.next(frame) == Outcome::damaged);
}

}  // namespace itinera::test
