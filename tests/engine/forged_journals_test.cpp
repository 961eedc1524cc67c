// SPDX-License-Identifier: Apache-2.0
// Journals that no engine of today would write, with right checksums: some are read, some refused,
// and none costs more than it is worth.
#include <fmt/format.h>

#include "base/packed_value.hpp"
#include "engine/restore.hpp"
#include "record/all_records.hpp"
#include "record/frame.hpp"
#include "state/state.hpp"
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

class StateLive final : public engine::Timers::Live {
 public:
  explicit StateLive(const engine::State& state) : state_(state) {}
  [[nodiscard]] bool live(std::uint32_t journey, Instant due) const override {
    if (engine::is_journey(journey)) return state_.journeys[journey].due == due;
    return engine::is_awaited(state_, journey, due);
  }
  void prefetch(std::uint32_t) const override {}

 private:
  const engine::State& state_;
};

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

TEST_CASE("forged: that all are looked at is said once, and only by what is news to all",
          "[engine][restore]") {
  Host host(dated);
  const Bytes whole(host.journal().begin(), host.journal().end());
  const auto watched_in = [&](bool by_publication, int more) {
    ByteBuffer forged;
    record::FrameWriter writer(forged);
    record::FrameReader reader(whole);
    record::Frame frame;
    std::size_t opened = 0;
    while (reader.next(frame) == Outcome::frame) {
      if (frame.kind == record::InputKind::opened) opened = reader.position();
      if (frame.kind != record::InputKind::publish) continue;
      writer.begin(frame.at, *record::decode<record::PublishInput>(frame.input));
      ByteView rest = frame.records;
      while (const auto raw = record::Frame::next(rest)) {
        const auto copy = [&](const auto& r) {
          writer.record(r);
          return true;
        };
        REQUIRE(record::take_record(*raw, copy));
      }
      if (!by_publication) {
        writer.end();
        writer.begin(frame.at, record::IdentifyInput{});
      }
      for (int i = 0; i < more; ++i) writer.record(record::WatchedAll{});
      writer.end();
    }
    const Bytes journal = joined(ByteView(whole).first(opened), forged);
    return Engine::restore(journal, host.options()).has_value();
  };
  CHECK(watched_in(true, 0));  // with the one that is there
  CHECK_FALSE(watched_in(true, 1));
  CHECK(watched_in(false, 0));
  CHECK_FALSE(watched_in(false, 1));
}

TEST_CASE("forged: timers that nobody waits for are let go of while a journal is read",
          "[engine][restore]") {
  Host host(dated);
  host.identify({{"due", "x"}});
  ByteBuffer more;
  record::FrameWriter writer(more);
  for (int i = 0; i < 100; ++i) {
    writer.begin(host.clock(), record::IdentifyInput{});
    for (int k = 0; k < 1'000; ++k) {
      writer.record(record::Watched{0, host.clock() + (200'000 - 1'000 * i - k) * hour_ms});
    }
    writer.end();
  }
  engine::State state(host.options().limits, host.options().zones);
  REQUIRE(engine::replay(state, 0, joined(host.journal(), more), StateLive(state), nullptr));
  CHECK(state.timers.waiting() < 10'000);
}

}  // namespace itinera::test
