// SPDX-License-Identifier: Apache-2.0
// Journals that no engine has written: what a record says must be able to be.
#include <fmt/format.h>

#include "base/packed_value.hpp"
#include "model/model_codec.hpp"
#include "record/frame.hpp"
#include "support/host.hpp"

namespace itinera::test {
namespace {

using base::ByteBuffer;

// Whether an engine takes the journal of the host with one frame more, of `input` and `records`.
template <class In, class... Record>
bool restores(Host& host, const In& input, const Record&... records) {
  ByteBuffer journal;
  journal.append(host.journal());
  record::FrameWriter writer(journal);
  writer.begin(host.clock(), input);
  (writer.record(records), ...);
  writer.end();
  const Result<Engine> engine = Engine::restore(journal.view(), host.options());
  if (!engine) CHECK(engine.error().code == ErrorCode::damaged_journal);
  return engine.has_value();
}

record::EventInput heard(const Host& host, std::string_view name, base::ByteView properties = {}) {
  record::EventInput input;
  input.contact = 0;
  input.name = name;
  input.occurred = host.clock();
  input.properties = properties;
  return input;
}

}  // namespace

TEST_CASE("restore: a digest gathers no more than it has room for", "[engine][restore][digest]") {
  Limits limits;
  limits.variables_bytes = 600;
  Host host(
      "campaign: c\nentry: [{event: viewed}]\nsteps: [{digest: 1h, as: views, max: 3}]\n"
      "---\ncampaign: plain\nentry: [{event: looked}]\nsteps: [{digest: 1h, max: 2}]\n",
      shop, limits);
  host.event("viewed").event("looked");
  const auto viewed = heard(host, "viewed");
  const record::Gathered more{0, 0, host.clock() + hour_ms};
  CHECK(restores(host, viewed, more));
  CHECK(restores(host, viewed, more, more));
  CHECK_FALSE(restores(host, viewed, more, more, more));

  base::Bytes large;
  base::Writer out(large);
  out.text("text");
  base::pack(Value(std::string(600, 'x')), large);
  CHECK_FALSE(restores(host, heard(host, "viewed", large), more));
  const record::Gathered into_plain{1, 0, host.clock() + hour_ms};
  CHECK(restores(host, heard(host, "looked", large), into_plain));
  CHECK_FALSE(restores(host, heard(host, "looked"), into_plain, into_plain));
}

TEST_CASE("restore: a call is retried as often as it says, within the years there are",
          "[engine][restore][retry]") {
  Host host(
      "campaign: c\nentry: [{event: go}]\n"
      "steps: [{call: x, id: x, within: 1h, retry: {times: 2, after: 5m}}]\n");
  host.event("go");
  const auto retried = [&](std::uint32_t attempt, Instant due, Instant deadline) {
    return restores(host, record::TimersInput{0}, record::Retried{0, 0, attempt, due, deadline});
  };
  const Instant due = host.clock() + minute_ms;
  CHECK(retried(1, due, due));
  CHECK(retried(2, due, record::no_deadline));
  CHECK_FALSE(retried(3, due, due));
  CHECK_FALSE(retried(0, due, due));
  CHECK_FALSE(retried(1, due, latest_instant + 1));
  CHECK_FALSE(retried(1, host.clock() - 1, due));
}

TEST_CASE("restore: however long a model that nobody has checked waits, the years end it",
          "[engine][restore][limits]") {
  const std::int64_t ever = GENERATE(INT64_MAX, INT64_MAX - 1, latest_instant.ms);
  Host host("campaign: other\nentry: [{event: x}]\nsteps: [{wait: 1h}]\n");
  LoadedWorkspace loaded = host.load(
      "campaign: c\nentry: [{event: go}]\ngoals: {g: {event: won, within: 1d}}\n"
      "exits: [{event: leave}]\nsteps:\n  - parallel:\n"
      "      - steps: [{digest: sliding 1h, as: a}]\n"
      "      - steps: [{call: x, within: 1h, retry: 2}]\n"
      "      - steps: [{wait_for: {event: y}, within: 1h, reset_on: {event: z}}]\n");
  Campaign& c = loaded.campaigns.front();
  c.goals.front().within_ms = ever;
  std::vector<Strand>& strands = std::get<Parallel>(c.steps.front().kind).strands;
  std::get<Digest>(strands[0].steps.front().kind).window_ms = ever;
  std::get<Call>(strands[1].steps.front().kind).answer.within_ms = ever;
  std::get<WaitFor>(strands[2].steps.front().kind).within_ms = ever;
  base::Bytes model;
  model::encode(loaded.workspace, loaded.campaigns, model);
  ByteBuffer journal;
  journal.append(host.journal());
  record::FrameWriter writer(journal);
  writer.begin(host.clock(), record::PublishInput{model});
  writer.end();
  Result<Engine> engine = Engine::restore(journal.view(), host.options());
  REQUIRE(engine);
  for (const std::string_view name : {"go", "go", "z", "leave"}) {
    const Input input = host.an_event(name);
    CHECK(engine->feed({&input, 1}).empty());
  }
  journal.append(engine->take_journal());
  CHECK(Engine::restore(journal.view(), host.options()));
}

TEST_CASE("restore: only who can come by an entry in their own zone passes anything over",
          "[engine][restore][S13]") {
  Host host(
      "campaign: c\nentry: [{schedule: '0 10 * * *'}, {event: go},"
      " {schedule: '0 10 * * *', zone: UTC}, {date: contact.day}]\nsteps: [{wait: 1h}]\n");
  host.identify({{"x", 1}});
  const auto over = [&](std::uint32_t contact, std::uint8_t entry, Instant until) {
    return restores(host, record::TimersInput{0}, record::PassedOver{contact, 0, entry, until});
  };
  CHECK(over(0, 0, host.clock() + hour_ms));
  CHECK(over(0, 3, host.clock()));
  CHECK_FALSE(over(0, 1, host.clock() + hour_ms));
  CHECK_FALSE(over(0, 2, host.clock() + hour_ms));
  CHECK_FALSE(over(0, 4, host.clock() + hour_ms));
  CHECK_FALSE(over(1, 0, host.clock() + hour_ms));
  CHECK_FALSE(over(0, 0, host.clock() - 1));
  CHECK_FALSE(over(0, 0, latest_instant + 1));
}

TEST_CASE("restore: the depth of a chain is told of a journey or of a contact, up to a bound",
          "[engine][restore][S33]") {
  Host host(
      "campaign: c\nentry: [{event: go}]\nsteps: [{parallel: [{steps: [{wait: 1h}]}, {steps: "
      "[{wait: 2h}]}]}]\n");
  host.event("go");
  const auto chained = [&](std::uint32_t journey, std::uint32_t contact, std::uint8_t depth) {
    return restores(host, record::TimersInput{0}, record::Chained{journey, contact, depth});
  };
  constexpr std::uint32_t none = record::no_place;
  CHECK(chained(0, none, 63));
  CHECK(chained(none, 0, 63));
  CHECK_FALSE(chained(0, none, 64));
  CHECK_FALSE(chained(none, 0, 64));
  CHECK_FALSE(chained(0, 0, 1));
  CHECK_FALSE(chained(none, none, 1));
  CHECK_FALSE(chained(1, none, 1));  // a strand
  CHECK_FALSE(chained(3, none, 1));
  CHECK_FALSE(chained(none, 1, 1));
}

}  // namespace itinera::test
