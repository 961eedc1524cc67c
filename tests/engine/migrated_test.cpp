// SPDX-License-Identifier: Apache-2.0
// What goes with journeys that move to a newer version of their campaign: what they sent, their
// strands, their pauses; and journeys that an operator moves.
#include "engine/migrating.hpp"

namespace itinera::test {

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
    CHECK(host.told({"receipt", "exited"}) == Lines{"receipt hello", "exited (exit)"});
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
  CHECK(host.story().back().goal == "won");
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

TEST_CASE("migrate: what ends sets others free within the same instant", "[engine][S22][S16]") {
  const std::string capped =
      std::string(shop) + "policy: {caps: [{max: 1, per: 7d, channel: id}]}\n";
  const std::string_view steps =
      "  - {send: id, id: mail, on_cap: hold}\n  - {wait: 9d, id: pause}\n";
  const auto with = [&](int number, std::string_view listed) {
    return fmt::format("campaign: c\nversion: {}\nentry: [{{event: go, key: event.k}}]\nsteps:\n{}",
                       number, listed);
  };
  Host host(with(1, steps), capped);
  host.event("go", {{"k", "a"}}).event("go", {{"k", "b"}});  // one goes out, the other is held
  const std::string next =
      with(2, "  - {send: id, id: mail, on_cap: hold}\n  - {send: id, id: end}\n");
  SECTION("it ends") {
    host.publish(next, moving(WaitChange::keep, {leave("pause")})).crash();
    CHECK(host.take() == Lines{"mail"});  // what was not taken yet is withdrawn
    CHECK(host.actions().back().key == "b");
    CHECK(host.actions().back().version == 2);
  }
  SECTION("and what it sets free comes to another step") {
    host.publish(with(2, "  - {wait: 1h, id: first}\n"),
                 moving(WaitChange::keep, {leave("pause"), to("mail", "first")}));
    host.crash();
    CHECK(host.take().empty());
    CHECK(host.statistics().journeys_in_flight == 1);
  }
}

TEST_CASE("migrate: a strand that is done is no hindrance", "[engine][S22]") {
  Host host(version(1,
                    "  - parallel:\n      - steps: [{wait: 1h, id: a}]\n"
                    "      - steps: [{wait: 9h, id: b}]\n      - steps: [{send: id, id: x}]\n"
                    "    id: both\n  - {send: id, id: end}\n"));
  host.event("go").take();
  host.after(1);
  host.publish(version(2,
                       "  - parallel:\n      - steps: [{wait: 1h, id: a}]\n"
                       "      - steps: [{wait: 9h, id: b}]\n"
                       "    id: both\n  - {send: id, id: end}\n"),
               moving());
  host.crash();
  CHECK(run_to(host, "2026-03-03T00:00:00Z") == Lines{"2026-03-02T18:00:00Z end"});
}

TEST_CASE("migrate: an id that was used is not used again, whatever step it names now",
          "[engine][S22]") {
  SECTION("steps that are only counted") {
    Host host(version(1, "  - send: id\n  - {wait: 1d, id: pause}\n  - send: id\n"));
    host.event("go").take();
    host.after(hour_ms);
    host.publish(version(2, "  - {wait: 1d, id: pause}\n  - send: id\n"), moving()).crash();
    CHECK(run_to(host, "2026-03-04T00:00:00Z") == Lines{"2026-03-03T09:00:00Z send-1"});
    CHECK(host.actions()[0].id != host.actions()[1].id);
  }
  SECTION("two steps that become one") {
    const std::string night =
        std::string(shop) + "policy: {quiet_hours: {from: \"08:00\", to: \"20:00\"}}\n";
    Host host(version(1, "  - {send: id, id: c, class: transactional}\n  - {send: id, id: a}\n"),
              night);
    host.event("go").take();
    host.after(hour_ms);
    host.publish(version(2, "  - {send: id, id: c, class: transactional}\n"),
                 moving(WaitChange::keep, {to("a", "c")}));
    host.crash();
    CHECK(host.take() == Lines{"c"});
    CHECK(host.actions()[0].id != host.actions()[1].id);
  }
}

TEST_CASE("migrate: what was sent is known by the version that it went out by", "[engine][S22]") {
  const std::string night =
      std::string(shop) + "policy: {quiet_hours: {from: \"08:00\", to: \"20:00\"}}\n";
  const std::string_view nudge = "  - {send: id, id: nudge, class: transactional}\n";
  const std::string_view pause = "  - {wait: 1h, id: w}\n";
  const std::string first =
      version(1, fmt::format("{}{}  - {{send: id, id: offer}}\n", nudge, pause));
  // The step that has the id `nudge` stands elsewhere.
  const auto other = [&](int number) {
    return version(
        number, fmt::format("{}  - {{send: id, id: other}}\n  - {{send: id, id: nudge}}\n", pause));
  };
  SECTION("more steps than there are now") {
    std::string sends;
    for (int i = 0; i < 400; ++i) sends += fmt::format("  - {{send: id, id: s{}}}\n", i);
    Host host(version(1, sends + "  - {wait: 1h, id: pause}\n  - {send: id, id: offer}\n"));
    CHECK(host.event("go").take().size() == 400);
    const auto now = [&] { return Envelope{host.clock(), std::nullopt, {}, {}}; };
    const std::string next = version(2, "  - {wait: 1h, id: rest}\n  - {send: id, id: last}\n");
    const bool stands_still = GENERATE(true, false);
    if (stands_still) {
      host.take_in(Pause{"c", PauseMode::queue, false, now()}).after(hour_ms).advance().take();
      host.after(1).publish(next).take_in(Move{"c", "ola", std::nullopt, "last", now()});
      reopened(host).take_in(Resume{"c", now()});
      CHECK(host.take() == Lines{"last"});
    } else {
      host.after(1).publish(next, moving(WaitChange::keep, {to("pause", "rest")}));
      CHECK(run_to(reopened(host), "2026-03-03T00:00:00Z") == Lines{"2026-03-02T10:00:00Z last"});
    }
  }
  SECTION("a message that is held becomes one that was sent") {
    Host host(first, night);
    host.event("go").after(hour_ms).advance().take();
    const bool moved_before = GENERATE(false, true);
    if (moved_before) {  // and the offer stands where the nudge stood
      host.after(1).publish(version(2, "  - {send: id, id: offer}\n"), moving());
    }
    host.after(1).publish(other(3), moving(WaitChange::keep, {to("offer", "nudge")}));
    CHECK(run_to(reopened(host), "2026-03-03T00:00:00Z") == Lines{"2026-03-02T19:00:00Z nudge"});
    CHECK(host.actions().back().iteration == 1);
    CHECK(host.actions().front().id != host.actions().back().id);
  }
}

TEST_CASE("migrate: while its time stands still, a wait is reckoned as if it went on now",
          "[engine][S21][S31]") {
  const auto pause = [](Host& host) {
    host.take_in(Pause{"c", PauseMode::freeze, false, {host.clock(), {}, {}, {}}});
  };
  const auto resume = [](Host& host) {
    host.crash().after(hour_ms).take_in(Resume{"c", {host.clock(), {}, {}, {}}});
  };
  SECTION("the time of the pause is none of the wait") {
    Host host(version(1, "  - {wait: 48h, id: pause}\n  - {send: id, id: end}\n"));
    host.event("go").after(24 * hour_ms);
    pause(host);
    host.after(240 * hour_ms);
    host.publish(version(2, "  - {wait: 72h, id: pause}\n  - {send: id, id: end}\n"),
                 moving(WaitChange::recompute));
    resume(host);
    CHECK(run_to(host, "2026-04-01T00:00:00Z") == Lines{"2026-03-15T10:00:00Z end"});
  }
  SECTION("a deadline that leads nowhere any more is none") {
    Host host(
        version(1, "  - {wait_for: {event: pay}, id: w, within: 3h}\n  - {send: id, id: x}\n"));
    host.event("go").after(hour_ms);
    pause(host);
    host.after(1);
    host.publish(version(2, "  - {wait_for: {event: pay}, id: w}\n  - {send: id, id: x}\n"),
                 moving());
    resume(host);
    CHECK(run_to(host, "2026-03-09T00:00:00Z").empty());
  }
}

TEST_CASE("migrate: a digest that is fuller than it may be now is over", "[engine][S21]") {
  Host host(version(1, "  - {digest: 6h, id: w, max: 9, as: list}\n  - {send: id, id: end}\n"));
  host.event("go");
  for (int i = 0; i < 4; ++i) host.after(1).event("go");
  host.take_in(Pause{"c", PauseMode::freeze, true, {host.clock(), {}, {}, {}}}).after(1);
  host.publish(version(2, "  - {digest: 6h, id: w, max: 3, as: list}\n  - {send: id, id: end}\n"),
               moving());
  host.crash().after(1).event("go");
  host.crash().after(1).take_in(Resume{"c", {host.clock(), {}, {}, {}}});
  CHECK(host.take() == Lines{"end"});
}

TEST_CASE("migrate: channels that a send has gone by are known by name", "[engine][S22]") {
  const std::string two = std::string(shop) + "  other: {address: contact.id, consent: none}\n";
  const auto escalating = [](int number, std::string_view channels) {
    return version(number, fmt::format("  - send: [{}]\n    id: mail\n"
                                       "    escalate: {{after: 2h, unless: opened}}\n",
                                       channels));
  };
  Host host(escalating(1, "id, other"), two);
  host.event("go").take();
  host.after(hour_ms);
  host.publish(escalating(2, "other, id"), moving()).crash();
  CHECK(run_to(host, "2026-03-03T00:00:00Z") == Lines{"2026-03-02T11:00:00Z mail"});
  CHECK(host.actions()[0].channel == "id");
  CHECK(host.actions()[1].channel == "other");
  CHECK(host.actions()[0].id != host.actions()[1].id);
}

TEST_CASE("migrate: stopping a campaign stops what stepped aside, too", "[engine][S22]") {
  const std::string night =
      std::string(shop) + "policy: {quiet_hours: {from: \"08:00\", to: \"20:00\"}}\n";
  Host host(version(1, "  - {send: id, id: mail, while_held: aside}\n"), night);
  host.event("go").after(hour_ms);
  SECTION("by a publication") {
    Migration stop = moving();
    stop.rest = Migration::Rest::exit;
    host.publish("campaign: d\nentry: [{event: x}]\nsteps: [{wait: 1h}]\n", stop).crash();
    CHECK(host.statistics().journeys_in_flight == 0);
    CHECK(run_to(host, "2026-03-04T00:00:00Z").empty());
  }
  SECTION("a move finds nothing to move") {
    host.take_in(Move{"c", "ola", std::nullopt, "mail", {host.clock(), {}, {}, {}}}).crash();
    CHECK(run_to(host, "2026-03-04T00:00:00Z") == Lines{"2026-03-02T19:00:00Z mail"});
  }
}

TEST_CASE("migrate: one answer a step, and one migration a campaign", "[engine][S22]") {
  Host host(version(1, two_waits));
  const Migration twice[] = {moving(), moving()};
  const Migration both = moving(WaitChange::keep, {leave("pause"), pin("pause")});
  CHECK(host.try_publish(version(2, two_waits), twice).error().code == ErrorCode::invalid_argument);
  CHECK(host.try_publish(version(2, two_waits), {&both, 1}).error().code ==
        ErrorCode::invalid_argument);
}

TEST_CASE("migrate: a parallel that waits for any one goes on where one has come to its end",
          "[engine][S22]") {
  const auto steps = [](int number, std::string_view join) {
    return version(number,
                   fmt::format("  - id: both\n    join: {}\n    parallel:\n"
                               "      - {{steps: [{{wait: 1h, id: a}}, {{send: id, id: one}}]}}\n"
                               "      - {{steps: [{{wait: 9d, id: b}}, {{send: id, id: two}}]}}\n"
                               "  - {{send: id, id: end}}\n",
                               join));
  };
  Host host(steps(1, "all"));
  host.event("go");
  const bool done = GENERATE(true, false);
  if (done) CHECK(host.after(hour_ms).advance().take() == Lines{"one"});
  host.after(1).publish(steps(2, "any"), moving());
  if (done) {
    CHECK(host.told({"left_behind", "resolved"}) ==
          Lines{"resolved a", "left_behind both", "resolved (joined) both"});
    CHECK(reopened(host).take() == Lines{"end"});
    CHECK(run_to(host, "2026-04-01T00:00:00Z").empty());
  } else {
    CHECK(run_to(reopened(host), "2026-04-01T00:00:00Z") ==
          Lines{"2026-03-02T10:00:00Z one", "2026-03-02T10:00:00Z end"});
  }
}

}  // namespace itinera::test
