// SPDX-License-Identifier: Apache-2.0
// What holds of any campaigns and any inputs.
#include <fmt/format.h>
#include <rapidcheck.h>

#include <algorithm>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "calendar/text.hpp"
#include "itinera/campaign_check.hpp"
#include "itinera/story.hpp"
#include "property/equivalences.hpp"
#include "property/fold_equivalences.hpp"
#include "property/policy_judge.hpp"
#include "property/random_world.hpp"
#include "property/shard_equivalences.hpp"
#include "support/catch.hpp"

namespace itinera::property {
namespace {

// Tapes up to `length` long; shrunk by leaving choices out, or by plainer ones.
rc::Gen<std::vector<std::uint16_t>> any_tape(double length) {
  const auto choice = rc::gen::resize(100, rc::gen::inRange<std::uint16_t>(0, 0xFFFF));
  return rc::gen::scale(length / 100.0, rc::gen::container<std::vector<std::uint16_t>>(choice));
}

using Claim = std::function<std::string(const Script&, Choices&)>;

bool holds(const std::string& name, const Size& size, const Claim& claim) {
  return rc::check(name, [&] {
    // Campaigns take most of the tape where it is short, inputs where it is long.
    Choices choices(*any_tape(2'000.0));
    const Script script = rehearse(random_world(choices, size));
    Choices others(*rc::gen::arbitrary<std::uint64_t>());
    const std::string wrong = claim(script, others);
    if (!wrong.empty()) RC_FAIL(wrong);
  });
}

constexpr Size small{2, 4, 16};

// Whether somebody's clocks change between the two.
bool spans_a_clock_change(Instant from, Instant to) {
  for (const char* text : {"2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z", "2026-03-08T07:00:00Z",
                           "2026-11-01T06:00:00Z"}) {
    const Instant change = *calendar::parse_instant(text);
    if (from < change && change <= to && to - from < 400 * day_ms) return true;
  }
  return false;
}

// The longest span of inputs that batch_equals_singles() makes one feed of.
std::size_t feeds_in_a_row(const Script& script) {
  std::size_t longest = 0;
  std::size_t now = 0;
  for (const Call& call : script.calls) {
    now = call.kind == Call::Kind::feed ? now + 1 : 0;
    longest = std::max(longest, now);
  }
  return longest;
}

}  // namespace

TEST_CASE("random campaigns are sound, and different", "[property]") {
  std::size_t actions = 0;
  std::size_t ended = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Choices choices(seed);
    const World world = random_world(choices);
    for (const Publication& publication : world.publications) {
      for (const Diagnostic& found : check(publication.workspace, publication.campaigns)) {
        INFO(seed << ": " << to_text(found));
        CHECK(found.severity != Severity::error);
      }
    }
    const Played played = play(rehearse(world));
    actions += played.statistics.actions_emitted;
    ended += played.statistics.journeys_ended;
  }
  CHECK(actions > 350);
  CHECK(ended > 200);
}

TEST_CASE("random worlds hold what the rules are about", "[property]") {
  std::map<std::string, int> happened;  // by decision, with its reason
  Reached reached;                      // by the judge
  int over_a_clock_change = 0;
  std::size_t largest_batch = 0;
  for (std::uint64_t seed = 1; seed <= 1600; ++seed) {
    Choices choices(seed);
    const Script script = rehearse(random_world(choices));
    const Played played = play(script);
    largest_batch = std::max(largest_batch, feeds_in_a_row(script));
    const std::string wrong = judge(played.journal, &reached);
    INFO(seed << ": " << wrong);
    CHECK(wrong.empty());
    Story story;
    for (std::span<const std::byte> rest = played.journal; !rest.empty();) {
      const Result<Chapter> chapter = story.next(rest);
      REQUIRE(chapter);
      for (const Happening& h : chapter->happenings) {
        // An exit step's reason is a text of its author.
        const bool written = h.reason.empty() || h.what == "finished";
        ++happened[written ? std::string(h.what) : fmt::format("{} ({})", h.what, h.reason)];
        if (h.what == "waited" && h.due && spans_a_clock_change(h.at, *h.due)) {
          ++over_a_clock_change;
        }
      }
    }
  }
  CHECK(over_a_clock_change > 20);
  CHECK(largest_batch > 32);  // more than the engine looks ahead
  for (const auto& [rule, count] : reached) {
    fmt::print("{:>7} {}\n", count, rule);
  }
  // What random inputs seldom come to must be met often enough to be judged at all.
  for (const char* rule :
       {"an account rests", "colleagues stop", "reported of an account's message",
        "reported while something is held", "a cap is full", "an account's cap is full",
        "stalled by a pause", "resumed", "verified"}) {
    CAPTURE(rule);
    CHECK(reached[rule] >= 20);
  }
  for (const char* rule : {"held by a pause", "reassigned"}) {
    CAPTURE(rule);
    CHECK(reached[rule] >= 8);
  }
  for (const char* what : {"entered",
                           "finished",
                           "exited (exit)",
                           "exited (goal)",
                           "exited (replaced)",
                           "exited (stopped)",
                           "exited (merged)",
                           "exited (forgotten)",
                           "forgotten",
                           "grouped",
                           "exited (loop_limit)",
                           "exited (missing_date)",
                           "exited (past_date)",
                           "refused_reentry (while_running)",
                           "refused_reentry (never)",
                           "refused_reentry (too_soon)",
                           "refused_reentry (same_input)",
                           "missing_key",
                           "duplicate",
                           "converted",
                           "closed",
                           "withdrawn_exit",
                           "no_address",
                           "skipped_when",
                           "assigned",
                           "branched (case)",
                           "branched (else)",
                           "resolved (case)",
                           "resolved (timeout)",
                           "waited",
                           "waited (past)",
                           "waited (missing_date)",
                           "emitted",
                           "receipt",
                           "variable_set",
                           "attribute_set",
                           "remembered",
                           "linked (anonymous)",
                           "linked (relinked)",
                           "merged",
                           "relinked",
                           "history_marked",
                           "passed_over",
                           "occurred_clamped",
                           "invalid_zone",
                           "unknown_condition",
                           "missing_datum",
                           "held_quiet_hours",
                           "held_cap",
                           "held_line",
                           "held_quota",
                           "held_hours",
                           "held_pace",
                           "skipped_cap",
                           "skipped_holdout",
                           "no_consent",
                           "no_consent (denied)",
                           "no_consent (unsubscribed)",
                           "suppressed (bounced)",
                           "suppressed (complained)",
                           "expired (quiet_hours)",
                           "expired (cap)",
                           "expired (quota)",
                           "chose_channel",
                           "escalated",
                           "reported_late",
                           "refused_entry (exclusive)",
                           "held_exclusive",
                           "released",
                           "reassigned",
                           "taken_over",
                           "not_assigned (coverage)",
                           "not_assigned (namespace)",
                           "unknown_outcome (exit)",
                           "rested"}) {
    CAPTURE(what);
    CHECK(happened[what] > 0);
  }
}

TEST_CASE("replay equals live", "[property]") {
  CHECK(holds("replay", {},
              [](const Script& script, Choices&) { return replay_equals_live(script); }));
}

TEST_CASE("one leap equals a thousand steps", "[property][S0]") {
  CHECK(holds("steps", {}, leap_equals_steps));
}

TEST_CASE("a batch equals singles", "[property][S0]") {
  CHECK(holds("batch", {},
              [](const Script& script, Choices&) { return batch_equals_singles(script); }));
}

TEST_CASE("restoring at any frame equals going on", "[property]") {
  CHECK(holds("restore", small, [](const Script& script, Choices&) {
    return restore_equals_going_on(script, 1'000);
  }));
}

TEST_CASE("restoring a long journal at some frames equals going on", "[property]") {
  CHECK(holds("restore", {},
              [](const Script& script, Choices&) { return restore_equals_going_on(script, 8); }));
}

TEST_CASE("a snapshot at any frame stands for the journal before it", "[property][snapshot]") {
  CHECK(holds("snapshot", small, [](const Script& script, Choices&) {
    return snapshot_equals_restoring(script, 1'000);
  }));
}

TEST_CASE("so does one at some frames of a long journal", "[property][snapshot]") {
  CHECK(holds("snapshots", {},
              [](const Script& script, Choices&) { return snapshot_equals_restoring(script, 8); }));
}

TEST_CASE("a journal without those who were forgotten says what it said before",
          "[property][forget]") {
  std::size_t found = 0;
  CHECK(holds("erased", {}, [&found](const Script& script, Choices&) {
    return erased_equals_forgotten(script, found);
  }));
  CHECK(found > 0);
}

TEST_CASE("a fold that goes on from a checkpoint counts what one does that saw it all",
          "[property][funnel]") {
  CHECK(holds("checkpoints", {}, [](const Script& script, Choices&) {
    return checkpoint_equals_counting_on(script, 8);
  }));
}

TEST_CASE("a fold counts the same where somebody is erased meanwhile", "[property][funnel]") {
  CHECK(holds("folds over erasings", {},
              [](const Script& script, Choices&) { return erasing_changes_no_count(script, 8); }));
}

TEST_CASE("a cut inside a frame equals the frame before", "[property]") {
  CHECK(holds("torn", small, torn_equals_frame_before));
}

TEST_CASE("the order of people at one instant changes nothing for any of them",
          "[property][S0][S18]") {
  CHECK(holds("people", {}, order_of_people_is_nothing));
}

TEST_CASE("the order in which campaigns are loaded changes nothing", "[property][S0][S18]") {
  CHECK(holds("campaigns", {}, order_of_campaigns_is_nothing));
}

TEST_CASE("no message breaks the policy", "[property][S14][S15][S16][S17][S19]") {
  CHECK(holds("policy", {},
              [](const Script& script, Choices&) { return judge(play(script).journal); }));
}

TEST_CASE("nothing comes twice without saying so", "[property][S32]") {
  CHECK(holds("twice", {},
              [](const Script& script, Choices&) { return nothing_comes_twice_unsaid(script); }));
}

TEST_CASE("shards do what one engine does, and threads change nothing", "[property][shards]") {
  std::size_t actions = 0;
  CHECK(rc::check("shards", [&actions] {
    Choices choices(*any_tape(2'000.0));
    World world = random_world(choices);
    make_shardable(world);
    Choices others(*rc::gen::arbitrary<std::uint64_t>());
    if (others.chance(1, 2)) join_more(world, others);
    if (others.chance(1, 2)) share_later(world, others);
    const std::string wrong = shards_equal_one(rehearse(std::move(world)), others, actions);
    if (!wrong.empty()) RC_FAIL(wrong);
  }));
  CHECK(actions > 100);
}

TEST_CASE("a restored engine has counted the same", "[property]") {
  CHECK(holds("counts", {},
              [](const Script& script, Choices&) { return restore_counts_the_same(script); }));
}

}  // namespace itinera::property
