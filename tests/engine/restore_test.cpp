// SPDX-License-Identifier: Apache-2.0
// The journal is the truth: recovery only applies, whatever was cut off or damaged.
#include <fmt/format.h>

#include <algorithm>

#include "engine/a_life.hpp"
#include "record/crc32c.hpp"
#include "record/frame.hpp"
#include "support/host.hpp"

namespace itinera::test {
namespace {

using base::Bytes;
using base::ByteView;

// Where each frame ends.
std::vector<std::size_t> frame_ends(ByteView journal) {
  std::vector<std::size_t> ends;
  record::FrameReader reader(journal);
  record::Frame frame;
  while (reader.next(frame) == record::FrameReader::Outcome::frame) {
    ends.push_back(reader.position());
  }
  return ends;
}

bool same(ByteView a, ByteView b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

bool same_counts(const Statistics& a, const Statistics& b) {
  // Unheard events leave no frame.
  return a.inputs == b.inputs && a.events == b.events && a.duplicates == b.duplicates &&
         a.contacts == b.contacts && a.journeys_entered == b.journeys_entered &&
         a.journeys_in_flight == b.journeys_in_flight && a.journeys_ended == b.journeys_ended &&
         a.timers_fired == b.timers_fired && a.actions_emitted == b.actions_emitted &&
         a.actions_withdrawn == b.actions_withdrawn && a.actions_waiting == b.actions_waiting &&
         a.conditions_unknown == b.conditions_unknown &&
         a.reports_unmatched == b.reports_unmatched && a.occurred_clamped == b.occurred_clamped &&
         a.invalid_zones == b.invalid_zones && a.relinked == b.relinked &&
         a.history_dropped == b.history_dropped && a.data_missing == b.data_missing &&
         a.actions_open == b.actions_open && a.actions_reoffered == b.actions_reoffered &&
         a.outcomes_unknown == b.outcomes_unknown && a.open_dropped == b.open_dropped &&
         a.asides_full == b.asides_full;
}

}  // namespace

TEST_CASE("restore: rebuilt after every step, the engine goes on to the same bytes",
          "[engine][restore]") {
  Host straight(rich);
  live(straight, [] {});
  Host crashed(rich);
  live(crashed, [&] {
    const Statistics before = crashed.statistics();
    crashed.crash();
    CHECK(same_counts(before, crashed.statistics()));
  });
  CHECK(straight.actions().size() > 10);
  CHECK(same(straight.journal(), crashed.journal()));
}

TEST_CASE("restore: a cut inside a frame is the frame before", "[engine][restore]") {
  Host host(rich);
  live(host, [] {});
  const ByteView whole = host.journal();
  const std::vector<std::size_t> ends = frame_ends(whole);
  REQUIRE(ends.back() == whole.size());
  std::size_t frame = 0;
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    while (frame < ends.size() && ends[frame] <= cut) ++frame;
    // Every byte up to the model's end; then a frame costs its campaigns' compilation.
    if (cut > ends[1] && cut % 37 != 0 && cut != ends[frame - 1]) continue;
    std::size_t used = 0;
    const Result<Engine> engine = Engine::restore(whole.first(cut), host.options(), &used);
    const bool right = frame == 0 ? !engine && engine.error().code == ErrorCode::damaged_journal
                                  : engine && used == ends[frame - 1];
    INFO(cut << ", " << frame);
    REQUIRE(right);
  }
}

TEST_CASE("restore: every flipped bit is an error, or the state before the last frame",
          "[engine][restore]") {
  Host host(R"(
campaign: c
entry: [{event: join, key: event.k}]
exits: [{event: leave}]
steps: [{send: id, id: hello}, {wait: 1h}, {send: id, id: bye}]
)");
  host.identify({{"plan", "x"}}).event("join", {{"k", "1"}}).take();
  host.after(hour_ms).advance();
  Bytes bytes(host.journal().begin(), host.journal().end());
  const std::vector<std::size_t> ends = frame_ends(bytes);
  const std::size_t last = ends[ends.size() - 2];
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= std::byte{1} << (bit % 8);
    std::size_t used = 0;
    const Result<Engine> engine = Engine::restore(bytes, host.options(), &used);
    const bool right = bit / 8 < last ? !engine : (!engine || used == last);
    bytes[bit / 8] ^= std::byte{1} << (bit % 8);
    INFO(bit);
    REQUIRE(right);
  }
}

TEST_CASE("restore: bits flipped under a right checksum are an error or a state that can go on",
          "[engine][restore]") {
  Host host(rich);
  live(host, [] {});
  Bytes bytes(host.journal().begin(), host.journal().end());
  const std::vector<std::size_t> ends = frame_ends(bytes);
  constexpr std::size_t crc_at = 4;
  std::size_t refused = 0;
  std::size_t went_on = 0;
  unsigned bit = 0;
  std::size_t begin = 0;
  for (const std::size_t end : ends) {
    const ByteView frame = ByteView(bytes).subspan(begin, end - begin);
    // The model is long, and its decoder has tests of its own.
    const std::size_t stride = frame.size() > 1000 ? 197 : 23;
    for (std::size_t at = begin + 8; at < end; at += stride) {
      bit = (bit + 3) % 8;
      bytes[at] ^= std::byte{1} << bit;
      const std::uint32_t good = base::load_le<std::uint32_t>(bytes.data() + begin + crc_at);
      base::store_le(bytes.data() + begin + crc_at,
                     record::crc32c(frame.subspan(8), record::crc32c(frame.first(4))));
      Result<Engine> engine = Engine::restore(bytes, host.options());
      if (engine) {
        ++went_on;
        Event event = host.an_event("paid", {});
        const Input inputs[] = {event};
        engine->feed(inputs);
        engine->advance_to(host.clock() + 40 * day_ms);
        engine->take_output();
      } else {
        ++refused;
      }
      bytes[at] ^= std::byte{1} << bit;
      base::store_le(bytes.data() + begin + crc_at, good);
    }
    begin = end;
  }
  CHECK(refused > 0);
  CHECK(went_on > 0);
}

TEST_CASE("restore: refuses what is no journal, and a newer format by name", "[engine][restore]") {
  Host host("campaign: c\nentry: [{event: join}]\nsteps: [{wait: 1h}]\n");
  host.event("join");
  const ByteView whole = host.journal();
  const std::vector<std::size_t> ends = frame_ends(whole);
  const auto code = [&](ByteView bytes) {
    const Result<Engine> engine = Engine::restore(bytes, host.options());
    REQUIRE(!engine);
    return engine.error().code;
  };
  CHECK(code({}) == ErrorCode::damaged_journal);
  CHECK(code(whole.subspan(ends[0])) == ErrorCode::damaged_journal);  // begins without `opened`
  Bytes twice(whole.begin(), whole.end());
  twice.insert(twice.end(), whole.begin(), whole.end());
  CHECK(code(twice) == ErrorCode::damaged_journal);
  Bytes newer(whole.begin(), whole.end());
  newer[ends[0] + 8] = std::byte{record::format_version + 1};
  const ByteView frame = ByteView(newer).subspan(ends[0], ends[1] - ends[0]);
  base::store_le(newer.data() + ends[0] + 4,
                 record::crc32c(frame.subspan(8), record::crc32c(frame.first(4))));
  CHECK(code(newer) == ErrorCode::unsupported_version);
  CHECK(!Engine::restore(whole, {}));
}

TEST_CASE("restore: refuses a journal in which time passed over a deadline", "[engine][restore]") {
  Host host("campaign: c\nentry: [{event: join}]\nsteps: [{wait: 1h}, {wait: 1d}]\n");
  host.event("join").after(2 * hour_ms).event("join", {}, "bob");
  const ByteView whole = host.journal();
  const std::vector<std::size_t> ends = frame_ends(whole);
  Bytes without;  // the frame that fired
  for (std::size_t i = 0, begin = 0; i < ends.size(); begin = ends[i++]) {
    const ByteView frame = whole.subspan(begin, ends[i] - begin);
    if (frame[9] == static_cast<std::byte>(record::InputKind::timers)) continue;
    without.insert(without.end(), frame.begin(), frame.end());
  }
  REQUIRE(without.size() < whole.size());
  const Result<Engine> engine = Engine::restore(without, host.options());
  REQUIRE(!engine);
  CHECK(engine.error().code == ErrorCode::damaged_journal);
  CHECK_THAT(engine.error().message, Catch::EndsWith("a deadline was passed over"));
}

TEST_CASE("restore: what was taken does not come out again, what was not does",
          "[engine][restore]") {
  Host host(R"(
campaign: c
entry: [{event: join}]
steps: [{send: id, id: first}, {wait: 1h}, {send: id, id: second}]
)");
  host.event("join");
  host.crash();
  CHECK(host.take() == Lines{"first"});
  host.crash();
  CHECK(host.take().empty());
  host.after(hour_ms).advance().crash();
  CHECK(host.take() == Lines{"second"});
  host.crash().report(Receipt::opened, "second");
  CHECK(host.statistics().reports_unmatched == 1);
}

TEST_CASE(
    "large instant: more than 1,024 timers, cut at each of its frames, ends in the same bytes",
    "[engine][restore][S0]") {
  // Every second contact has two journeys; the first one's `set` ends the other at that instant.
  Host host(R"(
campaign: first
priority: 90
entry: [{event: join}]
steps:
  - wait: 1h
  - {set: {told: true}}
  - {send: id, id: a}
  - {send: id, id: b}
---
campaign: second
priority: 10
entry: [{event: both}]
exits: [{condition: contact.told == true}]
steps:
  - wait: 1h
  - {send: id, id: c}
)");
  constexpr int contacts = 1500;
  for (int i = 0; i < contacts; ++i) {
    const std::string contact = fmt::format("u{}", i);
    host.event("join", {}, contact);
    host.event("both", {}, contact);
  }
  const std::size_t before = host.journal().size();
  host.after(hour_ms).advance();
  const Bytes whole(host.journal().begin(), host.journal().end());
  CHECK(host.statistics().journeys_ended == 2 * contacts);
  const std::vector<std::size_t> ends = frame_ends(whole);
  std::size_t frames = 0;
  for (const std::size_t end : ends) {
    if (end < before) continue;
    ++frames;
    std::size_t used = 0;
    Result<Engine> engine = Engine::restore(ByteView(whole).first(end), host.options(), &used);
    REQUIRE(engine);
    const bool by_take = frames % 2 == 0;
    if (!by_take) engine->advance_to(host.clock());
    // Whatever is called first finishes the instant; it does not begin one.
    const Output out = engine->take_output();
    Bytes all(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(end));
    all.insert(all.end(), out.journal.begin(), out.journal.end());
    if (end == before && by_take) continue;
    REQUIRE(all.size() >= whole.size());
    CHECK(same(whole, ByteView(all).first(whole.size())));
    CHECK(out.actions.size() == host.statistics().actions_waiting);
    CHECK(same_counts(engine->statistics(), [&] {
      Statistics s = host.statistics();
      s.actions_waiting = 0;
      return s;
    }()));
  }
  CHECK(frames >= 5);
}

TEST_CASE("large instant: its sends come out in S0's order all the same", "[engine][restore][S0]") {
  constexpr std::string_view text = R"(
campaign: low
priority: 10
entry: [{event: join}]
steps: [{wait: 1h}, {send: id, id: low}]
---
campaign: top
priority: 90
entry: [{event: join}]
steps: [{wait: 1h}, {send: id, id: top-1}, {send: id, id: top-2}]
)";
  Host host(text);
  for (int i = 0; i < 800; ++i) host.event("join", {}, fmt::format("u{}", i));
  host.after(hour_ms).advance().take();
  REQUIRE(host.actions().size() == 2400);
  const auto is_top = [](const Taken& a) { return a.campaign == "top"; };
  CHECK(std::is_partitioned(host.actions().begin(), host.actions().end(), is_top));
  for (std::size_t i = 0; i < 1600; i += 2) {
    CHECK(host.actions()[i].step == "top-1");
    CHECK(host.actions()[i + 1].step == "top-2");
    CHECK(host.actions()[i].contact == host.actions()[i + 1].contact);
  }
}

TEST_CASE("large instant: turns that the gates have made due come after all of these",
          "[engine][restore][sender][S18]") {
  Host host(
      "campaign: c\nentry: [{event: go}]\nsteps:\n  - wait: 1h\n  - {send: li, sender: anna}\n",
      "workspace: w\nchannels: {li: {address: contact.id}}\nsenders: {anna: {channel: li}}\n");
  for (int i = 0; i < 1100; ++i) host.event("go", {}, fmt::format("u{}", i));
  const std::size_t before = host.journal().size();
  host.after(hour_ms).advance();
  const Bytes whole(host.journal().begin(), host.journal().end());
  std::size_t frames = 0;
  for (const std::size_t end : frame_ends(whole)) {
    if (end <= before) continue;
    ++frames;
    Result<Engine> engine = Engine::restore(ByteView(whole).first(end), host.options());
    REQUIRE(engine);
    engine->advance_to(host.clock());
    CHECK(same(engine->take_journal(), ByteView(whole).subspan(end)));
  }
  CHECK(frames == 7);
}

}  // namespace itinera::test
