// SPDX-License-Identifier: Apache-2.0
// Frames have a largest size. What would come to more is written in parts; what cannot be, does
// without data.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "engine/each_frame.hpp"
#include "record/frame.hpp"
#include "support/host.hpp"

namespace itinera::test {
namespace {

constexpr std::size_t part = record::frame_size_max / 8;
const std::string blob(900'000, 'x');

// Where each frame ends, and the largest of them.
struct Frames {
  std::vector<std::size_t> ends;
  std::size_t largest = 0;
};
Frames frames_of(base::ByteView journal) {
  Frames frames;
  record::FrameReader reader(journal);
  record::Frame frame;
  while (reader.next(frame) == record::FrameReader::Outcome::frame) {
    frames.ends.push_back(reader.position());
    frames.largest = std::max(frames.largest, frame.size);
  }
  return frames;
}

bool begins_with(base::ByteView whole, base::ByteView part_of_it) {
  return whole.size() >= part_of_it.size() &&
         std::memcmp(whole.data(), part_of_it.data(), part_of_it.size()) == 0;
}

}  // namespace

TEST_CASE("large instant: it is parted by bytes too, and goes on from every part to the same bytes",
          "[engine][restore][S0]") {
  const auto [steps, frames_at_least] = GENERATE(
      table<std::string, std::size_t>({{"  - {send: id, id: s, data: {b: =contact.blob}}\n", 2},
                                       {"  - {set: {log: =contact.blob}}\n", 3},
                                       {"  - {emit: told, data: {b: =contact.blob}}\n", 2}}));
  Host host("campaign: c\nentry: [{event: go, key: event.k}]\nsteps:\n  - wait: 1h\n" + steps +
            "---\ncampaign: hears\nentry: [{event: told, when: event.b == contact.log}]\n"
            "steps: [{wait: 1h}]\n");
  host.identify({{"blob", blob}});
  for (int k = 0; k < 40; ++k) host.event("go", {{"k", k}});
  const std::size_t before = host.journal().size();
  host.after(hour_ms).advance();
  const base::ByteView whole = host.journal();
  const Frames frames = frames_of(whole);
  REQUIRE(frames.ends.back() == whole.size());
  CHECK(frames.largest < part + 3 * blob.size());
  CHECK(host.statistics().data_missing == 0);
  const auto first = std::find(frames.ends.begin(), frames.ends.end(), before) + 1;
  REQUIRE(static_cast<std::size_t>(frames.ends.end() - first) >= frames_at_least);
  for (auto end = first; end != frames.ends.end(); ++end) {
    Result<Engine> engine = Engine::restore(whole.first(*end), host.options());
    REQUIRE(engine);
    engine->advance_to(host.clock());
    const std::span<const std::byte> rest = engine->take_journal();
    CHECK(rest.size() == whole.size() - *end);
    CHECK(begins_with(whole.subspan(*end), rest));
    CHECK(engine->statistics().timers_fired == host.statistics().timers_fired);
    CHECK(engine->statistics().actions_waiting == host.statistics().actions_waiting);
  }
}

TEST_CASE("frames: what one input sets off does without the data that have no room",
          "[engine][restore]") {
  std::string text = "campaign: c\nentry: [{event: go}]\nsteps:\n";
  for (int i = 0; i < 160; ++i) text += "  - {emit: told, data: {b: =contact.blob}}\n";
  text +=
      "---\ncampaign: hears\nentry: [{event: told, when: event.b == \"\"}]\n"
      "steps: [{wait: 1h}]\n";
  Host host(text);
  host.identify({{"blob", blob}});
  host.event("go");
  // Of 160 there is room for 149.
  CHECK(host.statistics().data_missing == 11);
  const base::ByteView whole = host.journal();
  CHECK(frames_of(whole).largest < record::frame_size_max / 2 + (1U << 20));
  const Result<Engine> engine = Engine::restore(whole, host.options());
  REQUIRE(engine);
  CHECK(engine->statistics().data_missing == 11);
}

TEST_CASE("frames: what one input sets free goes out with its data, in frames of their own",
          "[engine][S14][S31][restore]") {
  const auto workspace = [](std::string_view from) {
    return fmt::format(
        "workspace: shop\nzone: UTC\nchannels: {{id: {{address: contact.id}}}}\n"
        "policy: {{quiet_hours: {{from: '{}', to: '12:00', channels: [id]}}}}\n",
        from);
  };
  constexpr std::string_view campaign =
      "campaign: c\nentry: [{event: go, key: event.k}]\n"
      "steps: [{send: id, id: s, data: {b: =contact.blob}}]\n";
  const bool by_policy = GENERATE(true, false);
  const int sends = GENERATE(165, 40);
  Host host(campaign, workspace(by_policy ? "08:00" : "11:00"));
  const Envelope envelope{host.clock(), std::nullopt, {}, {}};
  host.identify({{"blob", blob}});
  if (!by_policy) host.take_in(Pause{"c", PauseMode::queue, true, envelope});
  for (int k = 0; k < sends; ++k) host.event("go", {{"k", k}});
  CHECK(host.statistics().actions_waiting == 0);
  const std::size_t before = host.journal().size() + 1;
  if (by_policy) {
    host.workspace(workspace("11:00")).publish(campaign);
  } else {
    host.take_in(Resume{"c", envelope});
  }
  host.advance();
  CHECK(host.statistics().data_missing == 0);
  CHECK(host.statistics().actions_waiting == static_cast<std::uint64_t>(sends));
  CHECK(frames_of(host.journal()).largest < part + 3 * blob.size());
  if (sends < 100) CHECK(goes_on_from_each_frame(host, before) == 2);
}

TEST_CASE("frames: who comes in by a line finds room for the data of the first steps",
          "[engine][schedule][restore]") {
  // Nine times what the contact has.
  constexpr std::string_view text =
      "campaign: c\nentry: [{schedule: '0 10 * * *', zone: UTC}]\nsteps:\n"
      "  - {call: x, data: {b: '=[1, 2, 3, 4, 5, 6, 7, 8, 9].map(i, contact.blob)'}, within: 1h}\n";
  Host host(text);
  constexpr std::size_t contacts = 165;
  const std::string tenth(100'000, 'x');
  for (std::size_t i = 0; i < contacts; ++i)
    host.identify({{"blob", tenth}}, fmt::format("u{}", i));
  const std::size_t before = host.journal().size() + 1;
  host.at("2026-03-02T10:00:00Z").advance();
  CHECK(host.statistics().data_missing == 0);
  CHECK(host.statistics().actions_waiting == contacts);
  CHECK(frames_of(host.journal()).largest < part + 3 * blob.size());
  CHECK(goes_on_from_each_frame(host, before) >= 5);
}

}  // namespace itinera::test
