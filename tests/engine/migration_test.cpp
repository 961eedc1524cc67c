// SPDX-License-Identifier: Apache-2.0
// Journeys in flight and a newer version of their campaign.
#include "engine/migrating.hpp"

namespace itinera::test {

TEST_CASE("migrate: who is not asked for keeps to the version that it entered", "[engine][S23]") {
  Host host(version(1, two_waits));
  host.event("go").after(1);
  host.publish(version(2, "  - {wait: 2h, id: pause}\n  - {send: id, id: other}\n")).crash();
  host.event("go", {}, "jan");
  CHECK(run_to(host, "2026-03-04T00:00:00Z") == Lines{"2026-03-02T11:00:00Z first",
                                                      "2026-03-02T11:00:00.001Z other@jan",
                                                      "2026-03-03T11:00:00Z second"});
}

TEST_CASE("migrate: a wait that is edited keeps its deadline, has another, or is over",
          "[engine][S21]") {
  Host host(version(1, two_waits));
  host.event("go").after(hour_ms);
  const std::string longer = version(
      2, "  - {wait: 5h, id: pause}\n  - {send: id, id: new-first}\n  - {wait: 1d, id: rest}\n");
  SECTION("keep") {
    host.publish(longer, moving()).crash();
    CHECK(run_to(host, "2026-03-03T00:00:00Z") == Lines{"2026-03-02T11:00:00Z new-first"});
  }
  SECTION("recompute") {
    host.publish(longer, moving(WaitChange::recompute)).crash();
    CHECK(run_to(host, "2026-03-03T00:00:00Z") == Lines{"2026-03-02T14:00:00Z new-first"});
    CHECK(host.told({"migrated", "recomputed"}) == Lines{"migrated pause", "recomputed pause"});
  }
  SECTION("recompute, never before now") {
    host.publish(version(2, "  - {wait: 30m, id: pause}\n  - {send: id, id: soon}\n"),
                 moving(WaitChange::recompute));
    host.crash();
    CHECK(run_to(host, "2026-03-03T00:00:00Z") == Lines{"2026-03-02T10:00:00Z soon"});
  }
  SECTION("release") {
    host.publish(longer, moving(WaitChange::release)).crash();
    CHECK(run_to(host, "2026-03-03T00:00:00Z") == Lines{"2026-03-02T10:00:00Z new-first"});
    CHECK(host.told({"released"}) == Lines{"released pause"});
  }
  SECTION("what says the same is left alone") {
    host.publish(version(2, "  - {wait: 2h, id: pause}\n  - {send: id, id: same}\n"),
                 moving(WaitChange::release));
    CHECK(run_to(host, "2026-03-03T00:00:00Z") == Lines{"2026-03-02T11:00:00Z same"});
  }
}

TEST_CASE("migrate: recompute counts days on the wall, over a change of the clock",
          "[engine][S21][S11]") {
  // Warsaw, 28 March 10:00; the night after has an hour less.
  Host host(version(1, "  - {wait: 2d, id: pause}\n  - {send: id, id: mail}\n"), shop, {},
            "2026-03-28T09:00:00Z");
  host.event("go").after(30 * hour_ms);
  host.publish(version(2, "  - {wait: 3d, id: pause}\n  - {send: id, id: mail}\n"),
               moving(WaitChange::recompute));
  CHECK(run_to(host, "2026-04-03T00:00:00Z") == Lines{"2026-03-31T08:00:00Z mail"});
}

TEST_CASE("migrate: recompute and release of every way to wait", "[engine][S21]") {
  const auto run = [](std::string_view old_step, std::string_view new_step, WaitChange waits) {
    const std::string_view rest = "  - {send: id, id: next}\n";
    Host host(version(1, fmt::format("{}{}", old_step, rest)));
    host.event("go").after(hour_ms);
    host.publish(version(2, fmt::format("{}{}", new_step, rest)), moving(waits)).crash();
    Lines came;
    const auto take = [&] {
      for (const std::string& step : host.take()) {
        came.push_back(to_text(host.clock()) + " " + step);
      }
    };
    host.advance();
    take();
    host.after(1).event("pay");
    take();
    for (const std::string& line : run_to(host, "2026-03-09T00:00:00Z")) came.push_back(line);
    return came.empty() ? std::string("nothing") : came.front();
  };
  SECTION("a wait for something") {
    constexpr std::string_view before = "  - {wait_for: {event: click}, id: w, within: 3h}\n";
    constexpr std::string_view after = "  - {wait_for: {event: click}, id: w, within: 5h}\n";
    constexpr std::string_view endless = "  - {wait_for: {event: click}, id: w}\n";
    constexpr std::string_view other = "  - {wait_for: {event: pay}, id: w, within: 3h}\n";
    CHECK(run(before, after, WaitChange::keep) == "2026-03-02T12:00:00Z next");
    CHECK(run(before, after, WaitChange::recompute) == "2026-03-02T14:00:00Z next");
    CHECK(run(before, after, WaitChange::release) == "2026-03-02T10:00:00Z next");
    // Nothing is left that the deadline could lead to.
    CHECK(run(before, endless, WaitChange::keep) == "nothing");
    CHECK(run(before, endless, WaitChange::release) == "2026-03-02T10:00:00Z next");
    // There was none: it counts from now.
    CHECK(run(endless, after, WaitChange::keep) == "nothing");
    CHECK(run(endless, after, WaitChange::recompute) == "2026-03-02T15:00:00Z next");
    CHECK(run(before, other, WaitChange::keep) == "2026-03-02T10:00:00.001Z next");
  }
  SECTION("a time of day") {
    constexpr std::string_view noon = "  - {wait: {time: \"12:00\"}, id: w}\n";
    constexpr std::string_view evening = "  - {wait: {time: \"18:00\"}, id: w}\n";
    CHECK(run(noon, evening, WaitChange::keep) == "2026-03-02T11:00:00Z next");
    CHECK(run(noon, evening, WaitChange::recompute) == "2026-03-02T17:00:00Z next");
    CHECK(run(noon, evening, WaitChange::release) == "2026-03-02T10:00:00Z next");
  }
  SECTION("a digest") {
    constexpr std::string_view before = "  - {digest: 6h, id: w, as: list}\n";
    constexpr std::string_view after = "  - {digest: 2h, id: w, as: list}\n";
    CHECK(run(before, after, WaitChange::keep) == "2026-03-02T15:00:00Z next");
    CHECK(run(before, after, WaitChange::recompute) == "2026-03-02T11:00:00Z next");
    CHECK(run(before, after, WaitChange::release) == "2026-03-02T10:00:00Z next");
  }
  SECTION("a send at a time of day") {
    constexpr std::string_view before = "  - {send: id, id: w, at: \"12:00\"}\n";
    constexpr std::string_view after = "  - {send: id, id: w, at: \"18:00\"}\n";
    constexpr std::string_view at_once = "  - {send: id, id: w}\n";
    CHECK(run(before, after, WaitChange::keep) == "2026-03-02T11:00:00Z w");
    CHECK(run(before, after, WaitChange::recompute) == "2026-03-02T17:00:00Z w");
    CHECK(run(before, after, WaitChange::release) == "2026-03-02T10:00:00Z w");
    CHECK(run(before, at_once, WaitChange::keep) == "2026-03-02T10:00:00Z w");
  }
}

TEST_CASE("migrate: nobody releases a person from an answer", "[engine][S21]") {
  Host host(version(1, "  - {task: call, id: ask, within: 4h}\n  - {send: id, id: next}\n"));
  host.event("go").take();
  host.after(hour_ms);
  const std::string longer =
      version(2, "  - {task: call, id: ask, within: 8h}\n  - {send: id, id: next}\n");
  SECTION("release keeps") {
    host.publish(longer, moving(WaitChange::release));
    CHECK(run_to(host, "2026-03-03T00:00:00Z") == Lines{"2026-03-02T13:00:00Z next"});
  }
  SECTION("recompute counts from when it was asked") {
    host.publish(longer, moving(WaitChange::recompute));
    CHECK(run_to(host, "2026-03-03T00:00:00Z") == Lines{"2026-03-02T17:00:00Z next"});
  }
  SECTION("the answer is heard") {
    host.publish(longer, moving()).crash();
    host.report(Receipt::completed, "ask");
    CHECK(host.take() == Lines{"next"});
  }
}

TEST_CASE("migrate: a removed step with somebody at it needs an answer", "[engine][S22]") {
  Host host(version(1, two_waits));
  for (const std::string_view who : {"ola", "jan", "ewa"}) host.event("go", {}, who);
  const std::string shorter = version(2, "  - {send: id, id: only}\n");
  host.after(hour_ms);
  const Migration unanswered = moving();
  CHECK(lines_of(host.preview(shorter, unanswered)) == Lines{"pause ??  3"});
  const Result<void> refused = host.try_publish(shorter, {&unanswered, 1});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::conflict);
  CHECK(refused.error().message ==
        "3 journeys stand at steps that they cannot go on at (pause of c version 1: 3); say what "
        "becomes of them: another step, exit or pin");
  host.crash();
  CHECK(run_to(host, "2026-03-02T12:00:00Z").size() == 3);  // as if nothing had been said
}

TEST_CASE("migrate: answers name a step, an end, or the version there was", "[engine][S22]") {
  Host host(version(1, two_waits));
  host.event("go").after(hour_ms);
  SECTION("another step: they come to it") {
    const std::string next = version(2, "  - {send: id, id: only}\n  - {wait: 1h, id: last}\n");
    CHECK(lines_of(host.preview(next, moving(WaitChange::keep, {to("pause", "only")}))) ==
          Lines{"pause moves only 1"});
    host.publish(next, moving(WaitChange::keep, {to("pause", "only")})).crash();
    CHECK(host.take() == Lines{"only"});
    CHECK(host.actions().back().version == 2);
    CHECK(host.told({"migrated"}) == Lines{"migrated only"});
  }
  SECTION("a step by another name: they stay there") {
    const std::string next = version(2, "  - {wait: 2h, id: breath}\n  - {send: id, id: only}\n");
    CHECK(lines_of(host.preview(next, moving(WaitChange::keep, {to("pause", "breath")}))) ==
          Lines{"pause goes_on breath 1"});
    host.publish(next, moving(WaitChange::keep, {to("pause", "breath")})).crash();
    CHECK(run_to(host, "2026-03-03T00:00:00Z") == Lines{"2026-03-02T11:00:00Z only"});
  }
  SECTION("an end") {
    host.publish(version(2, "  - {send: id, id: only}\n"),
                 moving(WaitChange::keep, {leave("pause")}))
        .crash();
    CHECK(host.told({"exited"}) == Lines{"exited (removed)"});
    CHECK(host.statistics().journeys_in_flight == 0);
  }
  SECTION("pin") {
    host.publish(version(2, "  - {send: id, id: only}\n"), moving(WaitChange::keep, {pin("pause")}))
        .crash();
    CHECK(run_to(host, "2026-03-05T00:00:00Z") ==
          Lines{"2026-03-02T11:00:00Z first", "2026-03-03T11:00:00Z second"});
  }
  SECTION("all the rest at once") {
    Migration migration = moving();
    migration.rest = Migration::Rest::exit;
    host.publish(version(2, "  - {send: id, id: only}\n"), migration).crash();
    CHECK(host.told({"exited"}) == Lines{"exited (removed)"});
  }
}

TEST_CASE("migrate: an answer must name a step that there is", "[engine][S22]") {
  Host host(version(1, two_waits));
  host.event("go").after(hour_ms);
  const auto why = [&](const Migration& migration) {
    const Result<void> done =
        host.try_publish(version(2, "  - {send: id, id: only}\n"), {&migration, 1});
    REQUIRE_FALSE(done);
    CHECK(done.error().code == ErrorCode::invalid_argument);
    return done.error().message;
  };
  CHECK(why(moving(WaitChange::keep, {leave("pausse")})) ==
        "migration of c: no version has a step 'pausse'; did you mean 'pause'?");
  CHECK(why(moving(WaitChange::keep, {to("pause", "onyl")})) ==
        "migration of c: step 'pause' is to become 'onyl', and what is published has no such "
        "step; did you mean 'only'?");
  CHECK(why({"other"}) == "migration: there is no campaign 'other'");
}

TEST_CASE("migrate: no answer leads into a parallel, or out of a strand", "[engine][S22]") {
  const auto parallel = [](std::string_view one) {
    return fmt::format(
        "  - parallel:\n      - steps: [{}]\n      - steps: [{{wait: 2h, id: b}}]\n"
        "    id: both\n  - {{send: id, id: end}}\n",
        one);
  };
  const Migration::Rest rest =
      GENERATE(Migration::Rest::refuse, Migration::Rest::exit, Migration::Rest::pin);
  const auto answering = [&](StepAnswer answer) {
    Migration migration = moving(WaitChange::keep, {std::move(answer)});
    migration.rest = rest;
    return migration;
  };
  SECTION("it is refused") {
    Host host(version(1, "  - {wait: 1d, id: w}\n" + parallel("{wait: 1h, id: a}")));
    host.event("go").after(1);
    const auto why = [&](const StepAnswer& answer) {
      const auto rows = host.preview(version(2, parallel("{send: id, id: x}")), answering(answer));
      REQUIRE_FALSE(rows);
      CHECK(rows.error().code == ErrorCode::invalid_argument);
      return rows.error().message;
    };
    CHECK(
        why(to("w", "x")) ==
        "migration of c: step 'w' is to become 'x', which is inside a parallel that 'w' is not in");
    CHECK(why(to("a", "end")) ==
          "migration of c: step 'a' is to become 'end', which is not in the strand that 'a' is in");
    CHECK(why(to("a", "b")) ==
          "migration of c: step 'a' is to become 'b', which is not in the strand that 'a' is in");
  }
  SECTION("it is none where only another version has it in that strand") {
    Host host(version(1, "  - {wait: 1d, id: w}\n"));
    host.event("go").after(1);
    host.publish(version(2, parallel("{wait: 1d, id: w}"))).event("go", {}, "jan").after(1);
    const auto rows =
        host.preview(version(3, parallel("{send: id, id: x}")), answering(to("w", "x")));
    CHECK(lines_of(rows) == Lines{"w ??  1", "w moves x 1", "b goes_on b 1"});
  }
}

TEST_CASE("migrate: steps that are only counted are told apart while they are as many",
          "[engine][S22]") {
  Host host(version(1, "  - wait: 2h\n  - {send: id, id: a}\n  - wait: 1d\n"));
  host.event("go").after(hour_ms);
  const std::string as_many = version(2, "  - wait: 5h\n  - {send: id, id: b}\n  - wait: 1d\n");
  CHECK(lines_of(host.preview(as_many, moving())) == Lines{"wait-1! goes_on wait-1 1"});
  const std::string fewer = version(2, "  - {send: id, id: b}\n  - wait: 1d\n");
  CHECK(lines_of(host.preview(fewer, moving())) == Lines{"wait-1 ??  1"});
  CHECK(lines_of(host.preview(fewer, moving(WaitChange::keep, {to("wait-1", "wait-1")}))) ==
        Lines{"wait-1! goes_on wait-1 1"});
}

TEST_CASE("migrate: a step of another kind is another step", "[engine][S22]") {
  Host host(version(1, "  - {wait: 2h, id: pause}\n  - {send: id, id: next}\n"));
  host.event("go").after(hour_ms);
  const std::string other =
      version(2, "  - {wait_for: {event: pay}, id: pause}\n  - {send: id, id: next}\n");
  CHECK(lines_of(host.preview(other, moving())) == Lines{"pause ??  1"});
  host.publish(other, moving(WaitChange::keep, {to("pause", "pause")})).crash();
  host.after(9 * hour_ms).advance();
  CHECK(host.take().empty());
  host.event("pay");
  CHECK(host.take() == Lines{"next"});
}

TEST_CASE("migrate: a campaign that is published no more drains, or stops", "[engine][S22]") {
  Host host(version(1, two_waits));
  host.event("go").after(hour_ms);
  const std::string_view another = "campaign: d\nentry: [{event: x}]\nsteps: [{wait: 1h}]\n";
  SECTION("drains") {
    host.publish(another).crash();
    CHECK(run_to(host, "2026-03-05T00:00:00Z").size() == 2);
  }
  SECTION("stops") {
    Migration stop = moving();
    CHECK(lines_of(host.preview(another, stop)) == Lines{"pause ??  1"});
    stop.rest = Migration::Rest::exit;
    host.publish(another, stop).crash();
    CHECK(host.told({"exited"}) == Lines{"exited (removed)"});
    CHECK(run_to(host, "2026-03-05T00:00:00Z").empty());
  }
}

}  // namespace itinera::test
