// SPDX-License-Identifier: Apache-2.0
// What a resume token says, where a journey stands still here or there; and what none may say.
#include <fmt/format.h>

#include <functional>

#include "engine/tokens.hpp"
#include "support/host.hpp"

namespace itinera::test {
namespace {

const std::string waits =
    "campaign: lead\npriority: 90\nexclusive: g\nentry: [{event: go, key: event.k}]\nsteps:\n"
    "  - {set: {journey.n: 1}}\n  - {wait: 36h, id: pause}\n"
    "  - {send: id, id: hello, data: {n: =journey.n}}\n";
const std::string with_group = std::string(shop) + "policy: {exclusive: {g: wait}}\n";

Envelope at_clock(const Host& host) { return {host.clock(), std::nullopt, {}, {}}; }

TakeOver taking(const Host& host, std::string_view token) {
  return TakeOver{token, {}, at_clock(host)};
}
Pause pausing(const Host& host, PauseMode mode) { return {"lead", mode, true, at_clock(host)}; }

std::string token_at(Host& host, std::string_view at) {
  host.at(at).advance();
  const Result<std::string> token = host.engine().resume_token("lead", "ola", "x");
  REQUIRE(token);
  return *token;
}

// Since 09:00, so until 21:00 of the next day.
std::string waiting_token() {
  Host here(waits, with_group);
  here.event("go", {{"k", "x"}});
  return token_at(here, "2026-03-02T10:00:00Z");
}

constexpr std::string_view busy =
    "---\ncampaign: other\nexclusive: g\nentry: [{event: o}]\nsteps: [{wait: 1h}]\n";

}  // namespace

TEST_CASE("resume token: of a wait that stands still, what is left of it counts from then",
          "[engine][handover][S31]") {
  Host here(waits, with_group);
  here.event("go", {{"k", "x"}}).at("2026-03-02T10:00:00Z");
  here.take_in(pausing(here, PauseMode::freeze));
  const std::string token = token_at(here, "2026-03-02T12:00:00Z");
  Host there(waits, with_group, {}, "2026-03-02T15:00:00Z");
  there.take_in(taking(there, token)).crash();
  CHECK(run_to(there, "2026-03-09T00:00:00Z") == Lines{"2026-03-03T23:00:00Z hello"});
}

TEST_CASE("take over: a wait keeps its end where the campaign is paused",
          "[engine][handover][S31]") {
  const std::string token = waiting_token();
  Host there(waits, with_group, {}, "2026-03-02T15:00:00Z");
  const auto resumes = [&](std::string_view at) {
    there.crash().at(at).take_in(Resume{"lead", at_clock(there)});
    return run_to(there, "2026-03-09T00:00:00Z");
  };
  SECTION("queue") {
    there.take_in(pausing(there, PauseMode::queue)).take_in(taking(there, token));
    CHECK(resumes("2026-03-02T16:00:00Z") == Lines{"2026-03-03T21:00:00Z hello"});
  }
  SECTION("queue, beyond its end") {
    there.take_in(pausing(there, PauseMode::queue)).take_in(taking(there, token));
    CHECK(resumes("2026-03-04T16:00:00Z").empty());
    CHECK(there.action("hello").at == instant("2026-03-04T16:00:00Z"));
  }
  SECTION("freeze") {
    there.take_in(pausing(there, PauseMode::freeze)).take_in(taking(there, token));
    CHECK(resumes("2026-03-02T16:00:00Z") == Lines{"2026-03-03T22:00:00Z hello"});
  }
  SECTION("over before") {
    there.at("2026-03-04T00:00:00Z").take_in(pausing(there, PauseMode::queue));
    there.take_in(taking(there, token));
    CHECK(there.take().empty());
    CHECK(resumes("2026-03-04T16:00:00Z").empty());
    CHECK(there.action("hello").at == instant("2026-03-04T16:00:00Z"));
  }
}

TEST_CASE("take over: a wait keeps its end where the journey must wait for its turn",
          "[engine][handover][exclusive]") {
  const std::string token = waiting_token();
  Host there(waits + std::string(busy), with_group, {}, "2026-03-02T15:00:00Z");
  const std::string_view turn = GENERATE("2026-03-02T15:00:00Z", "2026-03-03T20:30:00Z");
  there.at(turn).event("o").take_in(taking(there, token)).crash();
  CHECK(there.told({"held_exclusive"}).size() == 1);
  const bool early = turn == std::string_view("2026-03-02T15:00:00Z");
  CHECK(run_to(there, "2026-03-09T00:00:00Z") ==
        Lines{early ? "2026-03-03T21:00:00Z hello" : "2026-03-03T21:30:00Z hello"});
}

TEST_CASE("take over: the end of a wait is not that of another one that its journey is moved to",
          "[engine][handover][exclusive]") {
  const auto lead = [](int number) {
    return fmt::format(
        "campaign: lead\nversion: {}\npriority: 90\nexclusive: g\n"
        "entry: [{{event: go, key: event.k}}]\nsteps:\n"
        "  - {{wait: 36h, id: pause}}\n  - {{send: id, id: hello}}\n"
        "  - {{wait: 5h, id: rest}}\n  - {{send: id, id: bye}}\n",
        number);
  };
  Host here(lead(1), with_group);
  here.event("go", {{"k", "x"}});
  const std::string token = token_at(here, "2026-03-02T10:00:00Z");
  Host there(lead(1) + std::string(busy), with_group, {}, "2026-03-02T15:00:00Z");
  there.event("o").take_in(taking(there, token)).after(1);
  SECTION("another wait") {
    there.take_in(Move{"lead", "ola", "x", "rest", at_clock(there)}).crash();
    CHECK(run_to(there, "2026-03-02T23:00:00Z") == Lines{"2026-03-02T21:00:00Z bye"});
  }
  SECTION("the same in a newer version") {
    there.publish(lead(2) + std::string(busy), Migration{"lead"}).crash();
    CHECK(run_to(there, "2026-03-03T22:00:00Z") == Lines{"2026-03-03T21:00:00Z hello"});
  }
}

TEST_CASE("resume token: of a journey that waits for its turn it says when its wait is over",
          "[engine][handover][exclusive]") {
  const std::string token = waiting_token();
  Host between(waits + std::string(busy), with_group, {}, "2026-03-02T15:00:00Z");
  between.event("o").take_in(taking(between, token)).crash();
  const std::string further = token_at(between, "2026-03-02T15:30:00Z");
  Host there(waits, with_group, {}, "2026-03-02T16:00:00Z");
  there.take_in(taking(there, further));
  CHECK(run_to(there, "2026-03-09T00:00:00Z") == Lines{"2026-03-03T21:00:00Z hello"});
}

TEST_CASE("take over: in a loop a turn that comes late is one visit", "[engine][handover][S25]") {
  const std::string loop =
      "campaign: lead\npriority: 90\nexclusive: g\nentry: [{event: go, key: event.k}]\nsteps:\n"
      "  - {wait: 36h, id: pause, max_visits: 2}\n  - {send: id, id: hello}\n  - {goto: pause}\n";
  Host here(loop, with_group);
  here.event("go", {{"k", "x"}});
  const std::string token = token_at(here, "2026-03-02T10:00:00Z");
  Host there(loop + std::string(busy), with_group, {}, "2026-03-02T15:00:00Z");
  there.event("o").take_in(taking(there, token)).crash();
  CHECK(run_to(there, "2026-03-12T00:00:00Z") ==
        Lines{"2026-03-03T21:00:00Z hello", "2026-03-05T09:00:00Z hello"});
  CHECK(there.told({"exited"}) == Lines{"exited (loop_limit)"});
}

TEST_CASE("take over: what was refused may come once more, what was taken over may not",
          "[engine][handover][S4]") {
  const std::string token = waiting_token();
  Host there(waits, with_group, {}, "2026-03-02T15:00:00Z");
  there.event("go", {{"k", "x"}}).take_in(taking(there, token)).crash();
  CHECK(there.told({"refused_reentry", "duplicate"}) == Lines{"refused_reentry (while_running)"});
  there.stop("lead").after(1).take_in(taking(there, token)).crash();
  CHECK(there.told({"taken_over", "duplicate"}) == Lines{"taken_over pause"});
  there.after(1).stop("lead").take_in(taking(there, token));
  CHECK(there.told({"taken_over", "duplicate"}) == Lines{"duplicate"});
  CHECK(there.statistics().duplicates == 1);
  there.after(8 * day_ms).take_in(taking(there, token));  // out of the window of repeats
  CHECK(there.told({"taken_over", "duplicate"}) == Lines{"taken_over pause"});
}

TEST_CASE("take over: a message with an id of its own is a repeat, though it was refused",
          "[engine][handover][S4]") {
  const std::string token = waiting_token();
  Host there(waits, with_group, {}, "2026-03-02T15:00:00Z");
  TakeOver input = taking(there, token);
  input.envelope.message_id = "m";
  there.event("go", {{"k", "x"}}).take_in(input).stop("lead").take_in(input);
  CHECK(there.told({"refused_reentry", "taken_over", "duplicate"}) ==
        Lines{"refused_reentry (while_running)", "duplicate"});
}

TEST_CASE("take over: texts in a token are UTF-8, and chapters are maps", "[engine][handover]") {
  using engine::HandOver;
  struct Row {
    std::string_view what;
    std::function<void(HandOver&, const std::string&)> put;
  };
  const std::vector<Row> rows = {
      {"contact", [](HandOver& h, const std::string& text) { h.contact = text; }},
      {"key", [](HandOver& h, const std::string& text) { h.key = text; }},
      {"entry", [](HandOver& h, const std::string& text) { h.entry[0].value = Value(text); }},
      {"name", [](HandOver& h, const std::string& text) { h.entry[0].key = Value(text); }},
      {"variable",
       [](HandOver& h, const std::string& text) {
         h.variables[0].value = Value(Value::List{Value(text)});
       }},
      {"goal", [](HandOver& h, const std::string& text) { h.goals.push_back(text); }},
      {"visit", [](HandOver& h, const std::string& text) { h.visits.push_back({text, 1, {}}); }},
      {"chapter", [](HandOver& h, const std::string& text) {
         h.chapters.emplace_back(Value::Map{{Value("what"), Value(text)}});
       }}};
  Host there(waits, with_group, {}, "2026-03-02T15:00:00Z");
  HandOver sound = *engine::read_token(waiting_token(), {});
  sound.entry.push_back({Value("a"), Value("b")});
  const auto feed = [&](const HandOver& said) {
    const std::string token = engine::token_of(said);
    const TakeOver input = taking(there, token);
    const std::span<const Refusal> refusals = there.engine().feed(std::vector<Input>{input});
    return refusals.empty() ? std::string() : refusals.front().error.message;
  };
  for (const Row& row : rows) {
    INFO(row.what);
    HandOver bad = sound;
    row.put(bad, "\xC3\x28");
    CHECK(feed(bad) == "this is no resume token: a text in it is not UTF-8");
    HandOver good = sound;
    row.put(good, "\xC3\xB3");
    CHECK(feed(good).empty());
    there.after(1).stop("lead", "x").stop("lead", "\xC3\xB3", "\xC3\xB3").stop("lead", "\xC3\xB3");
  }
  HandOver bad = sound;
  bad.chapters.emplace_back("a text");
  CHECK(feed(bad) == "this is no resume token: a chapter of its story is not a map");
}

TEST_CASE("take over: where it is refused, what has ended here keeps its goals",
          "[engine][handover][S31]") {
  Host host(
      "campaign: lead\nentry: [{event: go, key: event.k}]\n"
      "goals: {won: {event: signed, within: 30d}}\nsteps: [{wait: 36h}]\n");
  host.event("go", {{"k", "x"}});
  const std::string token = token_at(host, "2026-03-02T10:00:00Z");
  host.stop("lead").take_in(Pause{"lead", PauseMode::queue, false, at_clock(host)});
  host.take_in(taking(host, token));
  CHECK(host.told({"refused_paused"}).size() == 1);
  host.after(1).event("signed");
  CHECK(host.told({"converted"}) == Lines{"converted"});
}

TEST_CASE("take over: a key of a journey without one is refused", "[engine][handover]") {
  const std::string token = waiting_token();
  Result<engine::HandOver> journey = engine::read_token(token, {});
  REQUIRE(journey);
  journey->has_key = false;
  Host there(waits, with_group, {}, "2026-03-02T15:00:00Z");
  CHECK(there.feed(taking(there, engine::token_of(*journey))) == ErrorCode::damaged_token);
  journey->key.clear();
  CHECK(there.feed(taking(there, engine::token_of(*journey))) == std::nullopt);
}

TEST_CASE("take over: more visits than can be counted are too many", "[engine][handover][S25]") {
  const std::string loop =
      "campaign: lead\nentry: [{event: go, key: event.k}]\nsteps:\n"
      "  - {wait: 36h, id: pause, max_visits: 2}\n  - {send: id, id: hello}\n  - {goto: pause}\n";
  Host here(loop);
  here.event("go", {{"k", "x"}});
  const std::string token = token_at(here, "2026-03-02T10:00:00Z");
  Result<engine::HandOver> journey = engine::read_token(token, {});
  REQUIRE(journey);
  journey->visits = {{"pause", 0xFFFF'FFFF, instant("2026-03-02T09:00:00Z")}};
  Host there(loop, shop, {}, "2026-03-02T15:00:00Z");
  there.take_in(taking(there, engine::token_of(*journey))).crash();
  CHECK(run_to(there, "2026-03-12T00:00:00Z") == Lines{"2026-03-03T21:00:00Z hello"});
  CHECK(there.told({"exited"}) == Lines{"exited (loop_limit)"});
}

TEST_CASE("take over: the entry begins the first digest of a journey, and no later one",
          "[engine][handover][digest]") {
  const std::string digests =
      "campaign: lead\nentry: [{event: go, key: event.k}]\nsteps:\n"
      "  - {wait_for: {event: next}, id: before}\n  - {digest: 1h, as: one, id: first}\n"
      "  - {wait_for: {event: next}, id: between}\n  - {digest: 1h, as: two, id: second}\n"
      "  - {send: id, data: {one: '=size(journey.one)', two: '=size(journey.two)'}}\n";
  const bool passed = GENERATE(true, false);
  Host here(digests);
  const Properties one{{"k", "x"}};
  here.event("go", one);
  if (passed) here.after(minute_ms).event("next").event("go", one).after(hour_ms).advance();
  const std::string token = token_at(here, "2026-03-02T12:00:00Z");
  Host there(digests, shop, {}, "2026-03-02T15:00:00Z");
  there.take_in(taking(there, token)).crash();
  if (!passed) there.after(1).event("next").event("go", one).after(hour_ms).advance();
  there.after(1).event("next").event("go", one).after(hour_ms).advance().take();
  CHECK(there.action("send-1").data == Properties{{"one", 2}, {"two", 1}});
}

}  // namespace itinera::test
