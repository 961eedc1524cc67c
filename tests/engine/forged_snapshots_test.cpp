// SPDX-License-Identifier: Apache-2.0
// Snapshots whose checksums are right, and which say what never was: whatever the engine relies on
// without asking is asked when one is loaded.
#include <functional>
#include <string>

#include "snapshot/snapshot.hpp"
#include "support/host.hpp"
#include "support/pieces.hpp"
#include "tables/lists.hpp"

namespace itinera::test {
namespace {

using engine::ContextTag;
using engine::Journey;
using engine::no_place;
using engine::Phase;
using engine::State;

// The host's snapshot, after `change`.
Pieces forged(Host& host, const std::function<void(State&)>& change) {
  host.take();
  State state(host.options().limits, host.options().zones);
  const Pieces pieces = pieces_of(host.engine());
  PieceReader reader(pieces);
  REQUIRE(engine::load(state, reader));
  change(state);
  PieceWriter writer;
  REQUIRE(engine::save(state, writer));
  return writer.pieces;
}

bool loads(Host& host, const std::function<void(State&)>& change) {
  const Result<Engine> engine = load_pieces(forged(host, change), host.options());
  if (!engine) CHECK(engine.error().code == ErrorCode::damaged_journal);
  return engine.has_value();
}

// The one contact's journeys and strands, in their order.
std::vector<std::uint32_t> journeys_of(const State& state) {
  std::vector<std::uint32_t> places;
  for (std::uint32_t at = state.contacts[0].journeys; at != no_place;
       at = state.journeys[at].next) {
    places.push_back(at);
  }
  return places;
}

void put_in_order(State& state, const std::vector<std::uint32_t>& places) {
  std::uint32_t* link = &state.contacts[0].journeys;
  for (const std::uint32_t place : places) {
    *link = place;
    link = &state.journeys[place].next;
  }
  *link = no_place;
}

}  // namespace

TEST_CASE("forged snapshot: a receipt that a wait has used is of an action that is there",
          "[engine][snapshot]") {
  Host host(
      "campaign: c\nentry: [{event: join}]\nsteps:\n  - {send: id, id: hello}\n"
      "  - parallel: [{steps: [{wait: 1h}]}, {steps: [{wait: 2h}]}]\n");
  host.event("join");
  const auto used = [&](std::uint32_t beyond) {
    return loads(host, [beyond](State& state) {
      base::Bytes context;
      base::Writer out(context);
      out.number(ContextTag::used_receipt);
      out.number(state.actions.size() - 1 + beyond);
      out.number(std::uint32_t{1});
      state.journeys[journeys_of(state).back()].context = state.blobs.add(context);
    });
  };
  CHECK(used(0));
  CHECK(!used(1));
}

TEST_CASE("forged snapshot: only what waits has a deadline", "[engine][snapshot]") {
  Host host("campaign: c\nentry: [{event: join}]\nsteps: [{wait: 1h}]\n");
  host.event("join");
  const auto stands = [&](Phase phase, engine::NodeIndex node, bool has_deadline) {
    return loads(host, [=](State& state) {
      Journey& journey = state.journeys[0];
      REQUIRE(journey.due != record::no_deadline);
      journey.phase = phase;
      journey.node = node;
      if (!has_deadline) journey.due = record::no_deadline;
    });
  };
  CHECK(stands(Phase::waiting, 0, true));
  CHECK(stands(Phase::open_goals, model::end_node, true));
  for (const Phase phase : {Phase::parked, Phase::lingering}) {
    CHECK(stands(phase, model::end_node, false));
    CHECK(!stands(phase, model::end_node, true));
  }
  CHECK(stands(Phase::stalled, 0, false));
  CHECK(!stands(Phase::stalled, 0, true));
}

TEST_CASE("forged snapshot: strands stand right behind their head and the strands before them",
          "[engine][snapshot]") {
  Host host(
      "campaign: c\nentry: [{event: join}]\nsteps:\n"
      "  - parallel:\n"
      "      - steps: [{parallel: [{steps: [{wait: 1h}]}, {steps: [{wait: 2h}]}]}]\n"
      "      - steps: [{wait: 3h}]\n"
      "---\ncampaign: d\nentry: [{event: join}]\nsteps: [{wait: 1h}]\n");
  host.event("join");
  const auto in_order = [&](std::vector<std::size_t> order) {
    return loads(host, [&order](State& state) {
      const std::vector<std::uint32_t> places = journeys_of(state);
      REQUIRE(places.size() == 6);
      REQUIRE(state.journeys[places[2]].head == places[1]);
      REQUIRE(!state.journeys[places[5]].is_strand());
      std::vector<std::uint32_t> anew;
      for (const std::size_t at : order) anew.push_back(places[at]);
      put_in_order(state, anew);
    });
  };
  CHECK(in_order({0, 1, 2, 3, 4, 5}));
  CHECK(in_order({5, 0, 1, 2, 3, 4}));
  CHECK(!in_order({0, 5, 1, 2, 3, 4}));  // another journey stands between
  CHECK(!in_order({0, 1, 2, 3, 5, 4}));
  CHECK(!in_order({0, 1, 4, 2, 3, 5}));  // another strand does
}

TEST_CASE("forged snapshot: only a send has channels behind it", "[engine][snapshot]") {
  Host host("campaign: c\nentry: [{event: join}]\nsteps: [{wait: 1h}, {send: id, id: hello}]\n");
  host.event("join");
  const auto legs_at = [&](engine::NodeIndex node) {
    return loads(host, [node](State& state) {
      base::Bytes context;
      base::Writer out(context);
      out.number(ContextTag::legs);
      out.number(engine::NameId{node});
      base::pack(Value(std::int64_t{1}), context);
      state.journeys[0].context = state.blobs.add(context);
    });
  };
  CHECK(legs_at(1));
  CHECK(!legs_at(0));
}

TEST_CASE("forged snapshot: each has a place of its own in the line of an account",
          "[engine][snapshot][sender]") {
  Host host("campaign: c\nentry: [{event: join}]\nsteps: [{send: li, id: hello, sender: anna}]\n",
            "workspace: shop\nchannels: {li: {address: contact.id}}\n"
            "senders: {anna: {channel: li, quota: {per: day, all: 1}}}\n");
  for (const char* const name : {"ola", "jan", "ewa"}) host.event("join", {}, name);
  host.advance();
  const auto with = [&](const std::function<void(State&, engine::Accounts::Place&)>& change) {
    return loads(host, [&change](State& state) {
      REQUIRE(state.accounts.places.size() == 2);
      change(state, state.accounts.places.begin()->second);
    });
  };
  const auto share = [](State& state, engine::Accounts::Place& place, std::uint32_t priority) {
    const std::uint32_t journey = place.waiter.journey;
    place.waiter = state.accounts.places.rbegin()->second.waiter;
    place.waiter.journey = journey;
    place.waiter.priority = priority;
  };
  CHECK(with([](State&, auto& place) { place.waiter.priority = 7; }));
  CHECK(!with([&](State& state, auto& place) { share(state, place, place.waiter.priority); }));
  CHECK(!with([&](State& state, auto& place) { share(state, place, 7); }));
  CHECK(!with([](State& state, auto&) { state.accounts.came = 0; }));
}

TEST_CASE("forged snapshot: nobody stands in line at a place that is free", "[engine][snapshot]") {
  const std::string with_segment = std::string(shop) + "segments: {gold: contact.tier == 'gold'}\n";
  const std::string waits = "campaign: a\nentry: [{segment: gold}]\nsteps: [{wait: 1h}]\n";
  Host host(waits, with_segment);
  host.identify({{"tier", "gold"}}, "ola").identify({{"tier", "gold"}}, "jan");
  REQUIRE(!host.feed(Forget{"jan", {host.clock(), std::nullopt, {}, {}}}));
  const Pieces pieces = forged(host, [](State& state) {
    REQUIRE(!state.is_person(1));
    state.members.set(0, 1, true);
  });
  Result<Engine> engine = load_pieces(pieces, host.options());
  REQUIRE(engine);
  const LoadedWorkspace more = host.load(
      waits +
      "---\ncampaign: b\nentry: [{segment: gold, existing: enter, ramp: {max: 1, per: 1d}}]\n"
      "steps: [{wait: 1h}]\n");
  REQUIRE(engine->publish(more.workspace, more.campaigns, host.clock()));
  engine->advance_to(host.clock() + hour_ms);
  CHECK(engine->statistics().journeys_entered == 3);  // ola is the first, and the only one
}

}  // namespace itinera::test
