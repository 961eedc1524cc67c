// SPDX-License-Identifier: Apache-2.0
// Calls and tasks: the host is asked, and the journey waits for what it answers.
#include <fmt/format.h>

#include "support/host.hpp"

namespace itinera::test {
namespace {

std::string asking(std::string_view steps) {
  return fmt::format("campaign: a\nentry: [{{event: go, key: event.k}}]\nsteps:\n{}", steps);
}

const std::string code_call = asking(
    "  - call: new_code\n"
    "    id: code\n"
    "    data: {percent: 10}\n"
    "    within: 1h\n"
    "    as: code\n"
    "    then: [{send: id, id: promo, data: {code: =journey.code.text}}]\n"
    "    else: [{send: id, id: sorry}]\n"
    "  - {send: id, id: both}\n");

void answer(Host& host, Receipt receipt, std::string_view step, const Properties& data = {}) {
  Report report = host.a_report(receipt, host.action(step).id);
  report.data = data;
  host.take_in(report);
}

const Value* member(const Value& map, std::string_view name) {
  for (const MapEntry& entry : *map.get<Value::Map>()) {
    if (entry.key == Value(name)) return &entry.value;
  }
  return nullptr;
}

std::string text(const Value& map, std::string_view name) {
  const Value* const found = member(map, name);
  return found == nullptr ? "(none)" : to_json(*found);
}

}  // namespace

TEST_CASE("call: what the host answers lands in the variable, and `then` runs", "[engine][asks]") {
  Host host(code_call);
  host.event("go", {{"k", "x"}});
  CHECK(host.take() == Lines{"code"});
  CHECK(host.action("code").kind == Action::Kind::call);
  CHECK(host.action("code").name == "new_code");
  CHECK(host.action("code").data == Properties{{"percent", 10}});
  CHECK(host.due_of("code") == host.clock() + hour_ms);
  host.after(minute_ms);
  answer(host, Receipt::sent, "code");
  answer(host, Receipt::completed, "code", {{"text", "SAVE"}, {"left", 3}});
  CHECK(host.take() == Lines{"promo", "both"});
  CHECK(host.action("promo").data == Properties{{"code", "SAVE"}});
  const Told resolved = [&] {
    for (const Told& each : host.story()) {
      if (each.what == "resolved") return each;
    }
    return Told{};
  }();
  CHECK(resolved.reason == "case");
  CHECK(resolved.choice == "completed");
}

TEST_CASE("call: a failure takes `else` at once, the deadline exactly on time", "[engine][S1]") {
  SECTION("failed") {
    Host host(code_call);
    host.event("go", {{"k", "x"}});
    host.take();
    host.after(minute_ms);
    answer(host, Receipt::failed, "code");
    CHECK(host.take() == Lines{"sorry", "both"});
    CHECK(host.told({"resolved"}) == Lines{"resolved (case) code"});
  }
  SECTION("an answer at the deadline comes too late, and is no error") {
    Host host(code_call);
    host.event("go", {{"k", "x"}});
    host.take();
    host.after(hour_ms);
    answer(host, Receipt::completed, "code", {{"text", "SAVE"}});
    host.advance();
    CHECK(host.take() == Lines{"sorry", "both"});
    CHECK(host.told({"resolved"}) == Lines{"resolved (timeout) code"});
  }
}

TEST_CASE("call: without `within` it waits for ever, and `else` is for failures", "[engine]") {
  Host host(
      asking("  - {call: x, id: x, else: [{send: id, id: sorry}]}\n  - {send: id, id: last}\n"));
  host.event("go", {{"k", "x"}});
  host.take();
  CHECK_FALSE(host.next_deadline());
  host.after(400 * day_ms).advance();
  CHECK(host.take().empty());
  answer(host, Receipt::failed, "x");
  CHECK(host.take() == Lines{"sorry", "last"});
}

TEST_CASE("call: each visit has an action of its own, and only the newest is heard",
          "[engine][S25]") {
  Host host(
      asking("  - {call: x, id: x, max_visits: 3, within: 1h, then: [{exit: done}]}\n"
             "  - {wait: 1m}\n"
             "  - {goto: x}\n"));
  host.event("go", {{"k", "x"}});
  CHECK(host.take() == Lines{"x"});
  const ActionId first = host.action("x").id;
  host.after(hour_ms + minute_ms).advance();
  CHECK(host.take() == Lines{"x"});
  CHECK(host.action("x").iteration == 1);
  host.after(minute_ms);
  host.take_in(host.a_report(Receipt::completed, first));
  CHECK(host.told({"finished"}).empty());
  answer(host, Receipt::completed, "x");
  CHECK(host.told({"finished"}) == Lines{"finished (done) exit-1"});
}

TEST_CASE("call: a journey that ends takes back what was not taken", "[engine][S28]") {
  Host host(
      "campaign: a\nentry: [{event: go}]\nexits: [{event: bye}]\nsteps:\n"
      "  - {call: x, id: x}\n");
  host.event("go").event("bye");
  CHECK(host.take().empty());
  CHECK(host.told({"withdrawn_exit"}) == Lines{"withdrawn_exit x"});
}

TEST_CASE("call: a `when` that is false skips it, and its ways", "[engine]") {
  Host host(
      asking("  - {call: x, id: x, when: has(contact.vip), then: [{send: id, id: then}],\n"
             "     else: [{send: id, id: else}]}\n  - {send: id, id: last}\n"));
  host.event("go", {{"k", "x"}});
  CHECK(host.take() == Lines{"last"});
}

TEST_CASE("call: what it is asked for survives a crash, and so does its answer", "[engine]") {
  Host host(code_call);
  host.event("go", {{"k", "x"}});
  host.crash();
  CHECK(host.take() == Lines{"code"});
  CHECK(host.action("code").data == Properties{{"percent", 10}});
  host.crash().after(minute_ms);
  answer(host, Receipt::completed, "code", {{"text", "SAVE"}});
  host.crash();
  CHECK(host.take() == Lines{"promo", "both"});
  CHECK(host.action("promo").data == Properties{{"code", "SAVE"}});
}

TEST_CASE("call: an answer beyond the room for variables ends the journey", "[engine][limits]") {
  Limits limits;
  limits.variables_bytes = 64;
  Host host(code_call, shop, limits);
  host.event("go", {{"k", "x"}});
  host.take();
  answer(host, Receipt::completed, "code", {{"text", std::string(100, 'x')}});
  CHECK(host.told({"exited"}) == Lines{"exited (variables_limit)"});
}

TEST_CASE("task: the story tells of entry, messages, answers and variables", "[engine][asks]") {
  Host host(
      asking("  - {send: email, id: hello, template: hello, when: 'entry.plan != \"\"'}\n"
             "  - {wait_for: {replied: hello}, as: reply}\n"
             "  - {task: Call them, id: first, team: sales, as: notes}\n"
             "  - {task: Visit them, id: second, data: {where: =contact.city}}\n"));
  host.identify({{"email", "o@example.com"}, {"city", "Rome"}});
  host.event("go", {{"k", "x"}, {"plan", "gold"}});
  host.take();
  host.after(minute_ms).report(Receipt::opened, "hello");
  answer(host, Receipt::replied, "hello", {{"text", "yes"}});
  CHECK(host.take() == Lines{"first"});
  CHECK(host.action("first").kind == Action::Kind::task);
  CHECK(host.action("first").name == "Call them");
  CHECK(host.action("first").team == "sales");
  host.crash().after(minute_ms);
  answer(host, Receipt::completed, "first", {{"result", "keen"}});
  CHECK(host.take() == Lines{"second"});
  const Properties& data = host.action("second").data;
  REQUIRE(data.size() == 3);
  CHECK(data[0] == Property{"where", "Rome"});
  CHECK(data[1].name == "story");
  CHECK(data[2].name == "token");
  const Value::List& story = *data[1].value.get<Value::List>();
  REQUIRE(story.size() == 4);
  CHECK(to_json(story[0]) ==
        R"({"what":"entered","at":"2026-03-02T09:00:00Z","key":"x","entry":{"plan":"gold"}})");
  CHECK(to_json(story[1]) ==
        R"({"what":"send","step":"hello","channel":"email","template":"hello",)"
        R"("at":"2026-03-02T09:00:00Z","receipts":{"opened":{},"replied":{"text":"yes"}}})");
  CHECK(text(story[2], "name") == R"("Call them")");
  CHECK(text(story[2], "team") == R"("sales")");
  CHECK(text(story[2], "receipts") == R"({"completed":{"result":"keen"}})");
  CHECK(text(story[3], "what") == R"("now")");
  CHECK(text(story[3], "step") == R"("second")");
  CHECK(text(story[3], "variables") == R"({"reply":{"text":"yes"},"notes":{"result":"keen"}})");
}

TEST_CASE("task: what a journey without tasks was answered is not kept", "[engine][asks]") {
  Host with(asking("  - {call: x, id: x}\n  - {wait: 1h}\n  - {task: y, id: y}\n"));
  with.event("go", {{"k", "x"}});
  with.take();
  answer(with, Receipt::completed, "x", {{"n", 1}});
  with.after(hour_ms).advance();
  CHECK(with.take() == Lines{"y"});
  const Value::List& story = *with.action("y").data[0].value.get<Value::List>();
  CHECK(text(story[1], "receipts") == R"({"completed":{"n":1}})");
  const std::size_t kept = with.journal().size();
  Host without(asking("  - {call: x, id: x}\n  - {wait: 1h}\n  - {call: y, id: y}\n"));
  without.event("go", {{"k", "x"}});
  without.take();
  answer(without, Receipt::completed, "x", {{"n", 1}});
  without.after(hour_ms).advance();
  CHECK(without.take() == Lines{"y"});
  CHECK(without.action("y").data.empty());
  CHECK(without.journal().size() < kept);
}

TEST_CASE("task: a long story tells of its newest hundred actions", "[engine][limits]") {
  Host host(
      asking("  - {set: {journey.n: 0}}\n"
             "  - {send: id, id: again, max_visits: 150}\n"
             "  - {wait: 1h}\n"
             "  - {set: {journey.n: =journey.n + 1}}\n"
             "  - {goto: again, when: journey.n < 120}\n"
             "  - {task: y, id: y}\n"));
  host.event("go", {{"k", "x"}});
  for (int i = 0; i < 120; ++i) {
    host.take();
    host.after(hour_ms).advance();
  }
  CHECK(host.take() == Lines{"y"});
  const Value::List& story = *host.action("y").data[0].value.get<Value::List>();
  CHECK(story.size() == 102);
}

namespace {

const std::string retried = asking(
    "  - {call: x, id: x, retry: {times: 2, after: 10m}, within: 2h, as: got, data: {n: "
    "=contact.n},"
    " then: [{send: id, id: good}], else: [{send: id, id: bad}]}\n  - {wait: 1h}\n");

}  // namespace

TEST_CASE("call: a failure is retried, each time after twice as long, with an id of its own",
          "[engine][retry]") {
  Host host(retried);
  host.identify({{"n", 1}}).event("go", {{"k", "x"}});
  CHECK(host.take() == Lines{"x"});
  const ActionId first = host.action("x").id;
  host.after(minute_ms);
  answer(host, Receipt::failed, "x");
  CHECK(host.take().empty());
  host.identify({{"n", 2}});
  host.after(10 * minute_ms * 3 / 4 - 1).advance();
  CHECK(host.take().empty());
  host.crash().after(10 * minute_ms / 4 + 1).advance();
  CHECK(host.take() == Lines{"x"});
  const ActionId second = host.action("x").id;
  CHECK(second.hash != first.hash);
  CHECK(host.action("x").attempt == 1);
  CHECK(host.action("x").iteration == 0);
  CHECK(host.action("x").data == Properties{{"n", 2}});
  host.after(minute_ms);
  answer(host, Receipt::failed, "x");
  host.after(20 * minute_ms * 3 / 4 - 1).advance();
  CHECK(host.take().empty());
  host.crash().after(20 * minute_ms / 4 + 1).advance();
  CHECK(host.take() == Lines{"x"});
  CHECK(host.action("x").attempt == 2);
  CHECK(host.told({"retried", "resolved"}) == Lines{"retried x", "retried x"});
  SECTION("until there are no more") {
    answer(host, Receipt::failed, "x");
    CHECK(host.take() == Lines{"bad"});
  }
  SECTION("until the answer comes") {
    answer(host, Receipt::completed, "x");
    CHECK(host.take() == Lines{"good"});
  }
  SECTION("which may be that to an earlier attempt") {
    host.take_in(host.a_report(Receipt::completed, first));
    CHECK(host.take() == Lines{"good"});
  }
  SECTION("whose failure is known already") {
    host.take_in(host.a_report(Receipt::failed, second));
    CHECK(host.told({"retried", "resolved"}).empty());
  }
}

TEST_CASE("call: while the next attempt is to come, an answer still counts", "[engine][retry]") {
  Host host(retried);
  host.event("go", {{"k", "x"}}).take();
  answer(host, Receipt::failed, "x");
  host.after(minute_ms);
  SECTION("that it is done after all") {
    answer(host, Receipt::completed, "x");
    CHECK(host.take() == Lines{"good"});
    host.after(10 * minute_ms).advance();
    CHECK(host.take().empty());
  }
  SECTION("that it fails for good") {
    Report report = host.a_report(Receipt::failed, host.action("x").id);
    report.retry = false;
    host.take_in(report);
    CHECK(host.take() == Lines{"bad"});
  }
  SECTION("but a second failure changes nothing") {
    answer(host, Receipt::failed, "x");
    CHECK(host.told({"retried"}) == Lines{"retried x"});
    host.after(9 * minute_ms).advance();
    CHECK(host.take() == Lines{"x"});
  }
}

TEST_CASE("call: what fails for good is not retried, nor is what nobody retries",
          "[engine][retry]") {
  Host host(retried);
  host.event("go", {{"k", "x"}}).take();
  Report report = host.a_report(Receipt::failed, host.action("x").id);
  report.retry = false;
  host.take_in(report);
  CHECK(host.take() == Lines{"bad"});
}

TEST_CASE("call: `within` counts from the first attempt, and cuts off retries",
          "[engine][retry][S1]") {
  Host host(
      asking("  - {call: x, id: x, retry: {times: 9, after: 40m}, within: 1h,"
             " else: [{send: id, id: bad}]}\n"));
  host.event("go", {{"k", "x"}}).take();
  answer(host, Receipt::failed, "x");
  SECTION("that an attempt was made for") {
    host.after(40 * minute_ms).advance();
    CHECK(host.take() == Lines{"x"});
    host.after(20 * minute_ms).advance();
  }
  SECTION("that is to come only after it") {
    host.after(40 * minute_ms).advance();
    host.take();
    answer(host, Receipt::failed, "x");
    host.crash().after(20 * minute_ms).advance();
  }
  CHECK(host.take() == Lines{"bad"});
  CHECK(host.told({"resolved"}) == Lines{"resolved (timeout) x"});
}

TEST_CASE("call: each visit has its attempts anew", "[engine][retry][S25]") {
  Host host(
      asking("  - {call: x, id: x, retry: 1, max_visits: 2}\n  - {wait: 1h}\n  - {goto: x}\n"));
  host.event("go", {{"k", "x"}}).take();
  for (std::uint32_t visit = 0; visit < 2; ++visit) {
    host.after(minute_ms);
    answer(host, Receipt::failed, "x");
    host.after(minute_ms).advance();
    CHECK(host.take() == Lines{"x"});
    CHECK(host.action("x").attempt == 1);
    CHECK(host.action("x").iteration == visit);
    host.after(minute_ms);
    answer(host, Receipt::failed, "x");
    host.after(hour_ms).advance();
    if (visit > 0) break;
    CHECK(host.take() == Lines{"x"});
    CHECK(host.action("x").attempt == 0);
  }
  CHECK(host.told({"retried"}).size() == 2);
}

TEST_CASE("call: retries wait a day at most", "[engine][retry]") {
  Host host(asking("  - {call: x, id: x, retry: {times: 3, after: 20h}}\n"));
  host.event("go", {{"k", "x"}}).take();
  for (const std::int64_t hours : {20, 24, 24}) {
    host.after(minute_ms);
    answer(host, Receipt::failed, "x");
    host.after(hours * hour_ms * 3 / 4 - 1).advance();
    CHECK(host.take().empty());
    host.after(hours * hour_ms / 4 + 1).advance();
    CHECK(host.take() == Lines{"x"});
  }
}

}  // namespace itinera::test
