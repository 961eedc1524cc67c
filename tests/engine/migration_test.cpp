// SPDX-License-Identifier: Apache-2.0
// Journeys in flight and a newer version of their campaign.
#include <fmt/format.h>

#include "support/host.hpp"

namespace itinera::test {
namespace {

using Fate = MigrationRow::Fate;

std::string version(int number, std::string_view steps, std::string_view head = "") {
  return fmt::format("campaign: c\nversion: {}\nentry: [{{event: go}}]\n{}steps:\n{}", number, head,
                     steps);
}

Migration moving(WaitChange waits = WaitChange::keep, std::vector<StepAnswer> steps = {}) {
  return {"c", waits, std::move(steps)};
}
StepAnswer to(std::string step, std::string target) {
  return {std::move(step), StepAnswer::Kind::to, std::move(target)};
}
StepAnswer leave(std::string step) { return {std::move(step), StepAnswer::Kind::exit}; }
StepAnswer pin(std::string step) { return {std::move(step), StepAnswer::Kind::pin}; }

// "step fate to journeys", with "!" behind the step of an edited one.
Lines lines_of(const Result<std::vector<MigrationRow>>& rows) {
  REQUIRE(rows);
  Lines lines;
  constexpr std::array<std::string_view, 5> fates{"goes_on", "moves", "exits", "pinned", "??"};
  for (const MigrationRow& row : *rows) {
    lines.push_back(fmt::format("{}{} {} {} {}", row.step, row.edited ? "!" : "",
                                fates.at(static_cast<std::size_t>(row.fate)), row.to,
                                row.journeys));
  }
  return lines;
}

const std::string two_waits =
    "  - {wait: 2h, id: pause}\n  - {send: id, id: first}\n  - {wait: 1d, id: rest}\n"
    "  - {send: id, id: second}\n";

}  // namespace

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

TEST_CASE("migrate: what was sent before is heard of after", "[engine][S22]") {
  Host host(version(1, "  - {send: id, id: hello}\n  - {wait: 1d, id: pause}\n",
                    "exits: [{replied: any}]\n"));
  host.event("go").take();
  host.after(hour_ms);
  SECTION("by its step") {
    host.publish(version(2,
                         "  - {send: id, id: hello}\n  - {wait: 1d, id: pause}\n"
                         "  - {wait_for: {opened: hello}, within: 1h}\n  - {send: id, id: end}\n"),
                 moving());
    host.crash().report(Receipt::opened, "hello");
    CHECK(run_to(host, "2026-03-05T00:00:00Z") == Lines{"2026-03-03T09:00:00Z end"});
    CHECK(host.told({"resolved"}) == Lines{"resolved pause", "resolved (case) wait_for-1"});
  }
  SECTION("by its step, which has another name") {
    host.publish(version(2,
                         "  - {send: id, id: hi}\n  - {wait: 1d, id: pause}\n"
                         "  - {wait_for: {opened: hi}, within: 1h}\n  - {send: id, id: end}\n"),
                 moving(WaitChange::keep, {to("hello", "hi")}));
    host.crash().report(Receipt::opened, "hello");
    CHECK(run_to(host, "2026-03-05T00:00:00Z") == Lines{"2026-03-03T09:00:00Z end"});
  }
  SECTION("of a step that is gone") {
    host.publish(version(2, "  - {wait: 1d, id: pause}\n  - {send: id, id: end}\n",
                         "exits: [{replied: any}]\n"),
                 moving());
    host.crash().report(Receipt::replied, "hello");
    CHECK(host.told({"receipt", "exited"}) == Lines{"receipt", "exited (exit)"});
    CHECK(run_to(host, "2026-03-05T00:00:00Z").empty());
  }
}

TEST_CASE("migrate: no action comes twice under one id", "[engine][S22]") {
  Host host(version(1, "  - {send: id, id: mail}\n  - {wait: 1d, id: pause}\n"));
  host.event("go").take();
  host.after(hour_ms);
  // It comes to the same step once more, which was on no way back, and is on none now.
  host.publish(version(2, "  - {send: id, id: mail}\n  - {send: id, id: end}\n"),
               moving(WaitChange::keep, {to("pause", "mail")}));
  host.crash();
  CHECK(host.take() == Lines{"mail", "end"});
  REQUIRE(host.actions().size() == 3);
  CHECK(host.actions()[0].id != host.actions()[1].id);
  CHECK(host.actions()[1].iteration == 1);
}

TEST_CASE("migrate: a way back that is new counts the visits there were", "[engine][S22]") {
  Host host(version(1, "  - {send: id, id: mail}\n  - {wait: 1d, id: pause}\n"));
  host.event("go").take();
  host.after(hour_ms);
  host.publish(version(2,
                       "  - {send: id, id: mail, max_visits: 3}\n  - {wait: 1d, id: pause}\n"
                       "  - {goto: mail}\n"),
               moving());
  host.crash();
  CHECK(run_to(host, "2026-03-09T00:00:00Z") ==
        Lines{"2026-03-03T09:00:00Z mail", "2026-03-04T09:00:00Z mail"});
  CHECK(host.told({"exited"}) == Lines{"exited (loop_limit)"});
  CHECK(host.actions()[1].iteration == 1);
  CHECK(host.actions()[2].iteration == 2);
}

TEST_CASE("migrate: goals stay reached, by name", "[engine][S22]") {
  Host host(version(1, "  - {wait: 1d, id: pause}\n",
                    "goals: {seen: {event: see}, paid: {event: pay}}\n"));
  host.event("go").event("pay").after(hour_ms);
  host.publish(
      version(2, "  - {wait: 1d, id: pause}\n", "goals: {paid: {event: pay}, won: {event: win}}\n"),
      moving());
  host.crash().told({"converted"});
  host.event("pay").event("win");
  CHECK(host.told({"converted"}) == Lines{"converted"});
}

TEST_CASE("migrate: strands of a parallel move with their journey", "[engine][S22]") {
  const auto parallel = [](int number, std::string_view one, std::string_view two) {
    return version(number, fmt::format("  - parallel:\n      - steps: [{}]\n      - steps: [{}]\n"
                                       "    id: both\n  - {{send: id, id: end}}\n",
                                       one, two));
  };
  Host host(parallel(1, "{wait: 1h, id: a}", "{wait: 2h, id: b}, {send: id, id: mail}"));
  host.event("go").after(1);
  SECTION("they go on where they stand") {
    host.publish(parallel(2, "{wait: 1h, id: a}", "{wait: 2h, id: b}, {send: id, id: new}"),
                 moving());
    host.crash();
    CHECK(run_to(host, "2026-03-03T00:00:00Z") ==
          Lines{"2026-03-02T11:00:00Z new", "2026-03-02T11:00:00Z end"});
  }
  SECTION("not from one strand to another") {
    const std::string swapped = parallel(2, "{wait: 2h, id: b}", "{wait: 1h, id: a}");
    CHECK(lines_of(host.preview(swapped, moving())) == Lines{"a ??  1", "b ??  1"});
  }
  SECTION("where one is pinned, all are") {
    const std::string gone = parallel(2, "{wait: 1h, id: a}", "{send: id, id: x}");
    CHECK(lines_of(host.preview(gone, moving(WaitChange::keep, {pin("b")}))) ==
          Lines{"a pinned  1", "b pinned  1"});
    host.publish(gone, moving(WaitChange::keep, {pin("b")})).crash();
    CHECK(run_to(host, "2026-03-03T00:00:00Z") ==
          Lines{"2026-03-02T11:00:00Z mail", "2026-03-02T11:00:00Z end"});
  }
  SECTION("one comes to another step of its strand") {
    host.publish(parallel(2, "{wait: 1h, id: a}", "{send: id, id: x}"),
                 moving(WaitChange::keep, {to("b", "x")}));
    host.crash();
    CHECK(host.take() == Lines{"x"});
    CHECK(run_to(host, "2026-03-03T00:00:00Z") == Lines{"2026-03-02T10:00:00Z end"});
  }
  SECTION("the parallel is gone, and they with it") {
    host.publish(version(2, "  - {send: id, id: end}\n"),
                 moving(WaitChange::keep, {to("both", "end")}));
    host.crash();
    CHECK(host.take() == Lines{"end"});
    CHECK(host.statistics().journeys_in_flight == 0);
  }
}

TEST_CASE("migrate: a paused campaign moves, and stands still", "[engine][S22][S31]") {
  Host host(version(1, two_waits));
  host.event("go");
  SECTION("frozen") {
    host.take_in(Pause{"c", PauseMode::freeze, false, {host.clock(), {}, {}, {}}}).after(hour_ms);
    host.publish(version(2, "  - {wait: 5h, id: pause}\n  - {send: id, id: new}\n"),
                 moving(WaitChange::recompute));
    host.crash().after(9 * hour_ms).advance();
    CHECK(host.take().empty());
    host.after(1).take_in(Resume{"c", {host.clock(), {}, {}, {}}});
    CHECK(run_to(host, "2026-03-04T00:00:00Z").size() == 1);
  }
  SECTION("behind a wait that fell due") {
    host.take_in(Pause{"c", PauseMode::queue, false, {host.clock(), {}, {}, {}}});
    host.after(3 * hour_ms).advance();
    const std::string renamed =
        version(2, "  - {wait: 2h, id: pause}\n  - {send: id, id: renamed}\n");
    CHECK(lines_of(host.preview(renamed, moving())) == Lines{"first ??  1"});
    host.after(1).publish(renamed, moving(WaitChange::keep, {to("first", "renamed")})).crash();
    CHECK(host.take().empty());
    host.after(1).take_in(Resume{"c", {host.clock(), {}, {}, {}}});
    CHECK(host.take() == Lines{"renamed"});
  }
}

TEST_CASE("migrate: a message that is held meets the gates of the newer version", "[engine][S22]") {
  const std::string night =
      std::string(shop) + "policy: {quiet_hours: {from: \"08:00\", to: \"20:00\"}}\n";
  Host host(version(1, "  - {send: id, id: mail}\n"), night);
  host.event("go");
  CHECK(host.take().empty());
  host.after(hour_ms);
  SECTION("edited: at once") {
    host.publish(version(2, "  - {send: id, id: mail, class: transactional}\n"), moving()).crash();
    CHECK(host.take() == Lines{"mail"});
  }
  SECTION("the same: it stays") {
    host.publish(version(2, "  - {send: id, id: mail}\n  - {wait: 1h}\n"), moving()).crash();
    CHECK(host.take().empty());
    CHECK(run_to(host, "2026-03-03T00:00:00Z") == Lines{"2026-03-02T19:00:00Z mail"});
  }
}

TEST_CASE("migrate: a message that stepped aside moves, or is lost with its step",
          "[engine][S22]") {
  const std::string night =
      std::string(shop) + "policy: {quiet_hours: {from: \"08:00\", to: \"20:00\"}}\n";
  Host host(version(1, "  - {send: id, id: mail, while_held: aside}\n  - {wait: 9d, id: w}\n"),
            night);
  host.event("go").after(hour_ms);
  SECTION("moves") {
    host.publish(version(2,
                         "  - {send: id, id: mail, while_held: aside}\n  - {wait: 9d, id: w}\n"
                         "  - {send: id, id: end}\n"),
                 moving());
    host.crash();
    CHECK(run_to(host, "2026-03-03T00:00:00Z") == Lines{"2026-03-02T19:00:00Z mail"});
    CHECK(host.actions().back().version == 2);
  }
  SECTION("is lost") {
    const std::string without = version(2, "  - {wait: 9d, id: w}\n");
    CHECK(lines_of(host.preview(without, moving())) == Lines{"mail ??  1", "w goes_on w 1"});
    host.publish(without, moving(WaitChange::keep, {leave("mail")})).crash();
    CHECK(run_to(host, "2026-03-03T00:00:00Z").empty());
    CHECK(host.statistics().journeys_in_flight == 1);
  }
}

TEST_CASE("migrate: twice is once more, and again is nothing", "[engine][S22]") {
  Host host(version(1, two_waits));
  host.event("go").after(1);
  const std::string second = version(2, "  - {wait: 2h, id: pause}\n  - {send: id, id: b}\n");
  const std::string third = version(3, "  - {wait: 2h, id: pause}\n  - {send: id, id: c}\n");
  host.publish(second, moving()).after(1);
  const std::size_t size = host.journal().size();
  host.publish(second, moving());
  CHECK(host.journal().size() == size);
  host.publish(third, moving()).crash();
  CHECK(run_to(host, "2026-03-03T00:00:00Z") == Lines{"2026-03-02T11:00:00Z c"});
}

TEST_CASE("migrate: later than the publication, too", "[engine][S22]") {
  Host host(version(1, two_waits));
  host.event("go").after(1);
  const std::string second = version(2, "  - {wait: 2h, id: pause}\n  - {send: id, id: b}\n");
  host.publish(second).after(1).publish(second, moving()).crash();
  CHECK(run_to(host, "2026-03-03T00:00:00Z") == Lines{"2026-03-02T11:00:00Z b"});
}

TEST_CASE("move: an operator brings a journey to another step", "[engine]") {
  Host host(version(1, two_waits));
  host.event("go").event("go", {}, "jan").after(hour_ms);
  const auto move = [&](std::string_view who, std::string_view step) {
    return Move{"c", who, std::nullopt, step, {host.clock(), {}, {}, {}}};
  };
  SECTION("of its own version") {
    host.take_in(move("ola", "second")).crash();
    CHECK(host.take() == Lines{"second"});
    CHECK(host.statistics().journeys_in_flight == 1);
  }
  SECTION("of the version that takes entries") {
    host.publish(version(2, "  - {send: id, id: fresh}\n")).after(1);
    CHECK(host.feed(move("ola", "second")) == ErrorCode::unknown_step);
    host.take_in(move("ola", "fresh")).crash();
    CHECK(host.take() == Lines{"fresh"});
    CHECK(host.actions().back().version == 2);
  }
  SECTION("which it has passed: the action is another") {
    host.after(hour_ms).advance();
    CHECK(host.take() == Lines{"first", "first@jan"});
    host.after(1).take_in(move("ola", "first")).crash();
    CHECK(host.take() == Lines{"first"});
    CHECK(host.actions().front().id != host.actions().back().id);
  }
  SECTION("what there is not") {
    CHECK(host.feed(move("ola", "nowhere")) == ErrorCode::unknown_step);
    CHECK(host.feed(move("", "second")) == ErrorCode::invalid_argument);
    CHECK_FALSE(host.feed(move("nobody", "second")));
    CHECK(host.take().empty());
  }
}

}  // namespace itinera::test
