// SPDX-License-Identifier: Apache-2.0
// Tasks that go to somebody else, and journeys that go on in another engine.
#include <fmt/format.h>

#include <random>

#include "base/base64url.hpp"
#include "base/stable_hash.hpp"
#include "support/host.hpp"

namespace itinera::test {
namespace {

// An e-mail, an hour, a question to a person, and what follows.
const std::string lead =
    "campaign: lead\n"
    "entry: [{event: go, key: event.k}, host]\n"
    "goals: {won: {event: signed, within: 30d}}\n"
    "steps:\n"
    "  - {send: id, id: hello, data: {plan: =entry.plan}}\n"
    "  - wait_for: {replied: hello}\n"
    "    within: 1h\n"
    "    as: reply\n"
    "  - {task: Call them, id: ask, team: sales, within: 2h, as: said,\n"
    "     then: [{send: id, id: thanks, data: {plan: =entry.plan, said: =journey.said.text}}],\n"
    "     else: [{send: id, id: sorry}]}\n"
    "  - {task: Ship it, id: ship, team: depot}\n"
    "  - {send: id, id: bye}\n";

// Up to the question, with an answer to the e-mail.
Host asked(std::string_view campaign = lead) {
  Host host(campaign);
  host.event("go", {{"k", "x"}, {"plan", "pro"}}).take();
  Report reply = host.after(minute_ms).a_report(Receipt::replied, host.action("hello").id);
  const Properties text{{"text", "call me"}};
  reply.data = text;
  host.take_in(reply);
  CHECK(host.take() == Lines{"ask"});
  return host;
}

const Value* datum(const Taken& action, std::string_view name) {
  for (const Property& each : action.data) {
    if (each.name == name) return &each.value;
  }
  return nullptr;
}

std::string token_in(const Taken& task) {
  const Value* const token = datum(task, "token");
  REQUIRE(token != nullptr);
  return *token->get<std::string>();
}

TakeOver taking(const Host& host, std::string_view token, std::string_view contact = {}) {
  return TakeOver{token, contact, {host.clock(), std::nullopt, {}, {}}};
}

Reassign to_ben(const Host& host) {
  return Reassign{host.action("ask").id,
                  "ben",
                  "anna",
                  "on leave",
                  std::nullopt,
                  {host.clock(), std::nullopt, {}, {}}};
}

void complete(Host& host, std::string_view step, const Properties& data = {}) {
  Report report = host.a_report(Receipt::completed, host.action(step).id);
  report.data = data;
  host.take_in(report);
}

std::string fresh_token(Host& host) {
  const Result<std::string> token = host.engine().resume_token("lead", "ola", "x");
  REQUIRE(token);
  return *token;
}

}  // namespace

TEST_CASE("reassign: the story says who has the task, and its deadline stays",
          "[engine][handover]") {
  Host host = asked();
  host.after(minute_ms).take_in(to_ben(host));
  Reassign further = to_ben(host);
  further.to = "cleo";
  further.by = "ben";
  further.note = {};
  host.after(minute_ms).take_in(further).crash();
  CHECK(host.told({"reassigned"}) == Lines{"reassigned ask", "reassigned ask"});
  CHECK(host.take().empty());  // it is the same task: nobody is asked twice
  complete(host, "ask", {{"text", "yes"}});
  CHECK(host.take() == Lines{"thanks", "ship"});
  const Value::List& story = *datum(host.action("ship"), "story")->get<Value::List>();
  INFO(to_json(story[2]));
  CHECK(
      to_json(story[2]).find(
          R"("reassigned":[{"to":"ben","by":"anna","note":"on leave","at":"2026-03-02T09:02:00Z"},)"
          R"({"to":"cleo","by":"ben","at":"2026-03-02T09:02:00Z"}])") != std::string::npos);
}

TEST_CASE("reassign: a deadline of its own counts from now", "[engine][handover]") {
  Host host = asked();
  Reassign later = to_ben(host);
  later.within_ms = 5 * hour_ms;
  SECTION("later than before") {
    host.after(hour_ms).take_in(to_ben(host));
    later.envelope.received = host.clock();
    host.take_in(later).crash();
    CHECK(run_to(host, "2026-03-03T00:00:00Z") ==
          Lines{"2026-03-02T15:01:00Z sorry", "2026-03-02T15:01:00Z ship"});
  }
  SECTION("none given") {
    host.after(hour_ms).take_in(to_ben(host));
    CHECK(run_to(host, "2026-03-03T00:00:00Z") ==
          Lines{"2026-03-02T11:01:00Z sorry", "2026-03-02T11:01:00Z ship"});
  }
  SECTION("a task without one gets none") {
    complete(host, "ask");
    host.take();
    later.action = host.action("ship").id;
    host.take_in(later);
    CHECK(host.told({"reassigned"}).size() == 1);
    CHECK(run_to(host, "2026-03-09T00:00:00Z").empty());
  }
}

TEST_CASE("reassign: only a task that is open", "[engine][handover]") {
  Host host = asked();
  Reassign reassign = to_ben(host);
  SECTION("done") {
    complete(host, "ask");
    host.take_in(reassign);
  }
  SECTION("out of time") { host.after(3 * hour_ms).advance().take_in(to_ben(host)); }
  SECTION("a message") {
    reassign.action = host.action("hello").id;
    host.take_in(reassign);
  }
  SECTION("never asked") {
    reassign.action = {};
    host.take_in(reassign);
  }
  SECTION("ended") { host.stop("lead").take_in(reassign); }
  CHECK(host.statistics().reports_unmatched == 1);
  CHECK(host.told({"reassigned"}).empty());
  host.crash();
}

TEST_CASE("reassign: to somebody, and in time", "[engine][handover]") {
  Host host = asked();
  Reassign reassign = to_ben(host);
  reassign.to = "";
  CHECK(host.feed(reassign) == ErrorCode::invalid_argument);
  reassign = to_ben(host);
  reassign.within_ms = 0;
  CHECK(host.feed(reassign) == ErrorCode::invalid_argument);
  reassign = to_ben(host);
  reassign.envelope.message_id = "m";
  host.take_in(reassign).take_in(reassign);
  CHECK(host.told({"duplicate", "reassigned"}) == Lines{"reassigned ask", "duplicate"});
  reassign.note = "another";
  CHECK(host.feed(reassign) == ErrorCode::conflict);
}

TEST_CASE("reassign: a story keeps the newest hands, in half of the room for variables",
          "[engine][handover][limits]") {
  Limits limits;
  limits.variables_bytes = 2'000;
  Host host(lead, shop, limits);
  host.event("go", {{"k", "x"}}).take();
  host.after(hour_ms).advance().take();
  const std::string note(300, 'n');
  for (int i = 0; i < 30; ++i) {
    Reassign reassign = to_ben(host);
    const std::string to = fmt::format("p{}", i);
    reassign.to = to;
    reassign.note = note;
    host.take_in(reassign);
  }
  complete(host, "ask");
  host.take();
  const std::string story = to_json(*datum(host.action("ship"), "story"));
  CHECK(story.find("\"p29\"") != std::string::npos);
  CHECK(story.find("\"p20\"") == std::string::npos);
  host.crash();
}

TEST_CASE("reassign: a story keeps the newest twenty hands, however much room there is",
          "[engine][handover][limits]") {
  Host host = asked();
  for (int i = 0; i < 25; ++i) {
    Reassign reassign = to_ben(host);
    const std::string to = fmt::format("p{}", i);
    reassign.to = to;
    reassign.note = {};
    host.take_in(reassign);
    if (i % 10 == 0) host.crash();
  }
  complete(host, "ask");
  host.take();
  const std::string story = to_json(*datum(host.action("ship"), "story"));
  CHECK(story.find("\"p24\"") != std::string::npos);
  CHECK(story.find("\"p5\"") != std::string::npos);
  CHECK(story.find("\"p4\"") == std::string::npos);
}

TEST_CASE("task: the story names the channel by which a message went", "[engine][asks]") {
  Host host(
      "campaign: lead\nentry: [{event: go}]\nsteps:\n"
      "  - {send: [email, id], id: hello}\n  - {task: Call, id: ask}\n");
  host.event("go");
  CHECK(host.take() == Lines{"hello", "ask"});
  const Value::List& story = *datum(host.action("ask"), "story")->get<Value::List>();
  CHECK(to_json(story[1]).find(R"("channel":"id")") != std::string::npos);
}

TEST_CASE("take over: another engine goes on with context, story and ids", "[engine][handover]") {
  Host here = asked();
  const std::string token = token_in(here.action("ask"));
  here.stop("lead");
  complete(here, "ask");
  CHECK(here.take().empty());

  Host there(lead, shop, {}, "2026-03-02T11:00:00Z");
  there.take_in(taking(there, token)).crash();
  CHECK(there.told({"entered", "taken_over", "emitted"}) ==
        Lines{"entered", "taken_over ask", "emitted ask"});
  CHECK(there.take() == Lines{"ask"});
  CHECK(there.action("ask").id == here.action("ask").id);  // the same for ever
  CHECK(there.action("ask").key == "x");
  const Value::List& story = *datum(there.action("ask"), "story")->get<Value::List>();
  REQUIRE(story.size() == 3);
  const Value::List& first = *datum(here.action("ask"), "story")->get<Value::List>();
  CHECK(to_json(story[0]) == to_json(first[0]));
  CHECK(to_json(story[1]) == to_json(first[1]));
  CHECK(to_json(story[2]).find(R"("variables":{"reply":{"text":"call me"}})") != std::string::npos);
  CHECK(there.due_of("ask") == there.clock() + 2 * hour_ms);

  complete(there, "ask", {{"text", "yes"}});
  CHECK(there.take() == Lines{"thanks", "ship"});
  CHECK(there.action("thanks").data == Properties{{"plan", "pro"}, {"said", "yes"}});
  const Value::List& later = *datum(there.action("ship"), "story")->get<Value::List>();
  CHECK(later.size() == 5);  // entered; hello of there; ask and thanks; now
}

TEST_CASE("take over: the same engine goes on with what it has ended", "[engine][handover]") {
  Host host = asked();
  const std::string token = token_in(host.action("ask"));
  host.stop("lead").take();
  host.after(minute_ms).take_in(taking(host, token)).crash();
  CHECK(host.take() == Lines{"ask"});
  complete(host, "ask", {{"text", "ok"}});
  CHECK(host.take() == Lines{"thanks", "ship"});
}

TEST_CASE("take over: not while the journey is in flight, and not twice", "[engine][handover]") {
  Host host = asked();
  const std::string token = token_in(host.action("ask"));
  host.take_in(taking(host, token));
  CHECK(host.told({"refused_reentry", "taken_over"}) == Lines{"refused_reentry (while_running)"});
  host.stop("lead").take_in(taking(host, token)).stop("lead").take_in(taking(host, token));
  CHECK(host.told({"duplicate", "taken_over"}) == Lines{"taken_over ask", "duplicate"});
  TakeOver own = taking(host, token);  // as a message of its own
  own.envelope.message_id = "again";
  host.take_in(own);
  CHECK(host.told({"taken_over"}) == Lines{"taken_over ask"});
  CHECK(host.take() == Lines{"ask"});
}

TEST_CASE("take over: another engine may run the same campaign for others, and another key",
          "[engine][handover]") {
  const std::string token = token_in(asked().action("ask"));
  Host there(lead, shop, {}, "2026-03-02T11:00:00Z");
  there.event("go", {{"k", "y"}}).event("go", {{"k", "x"}}, "jan").take();
  there.take_in(taking(there, token));
  CHECK(there.take() == Lines{"ask"});
  SECTION("as somebody else") {
    TakeOver other = taking(there, token, "eva");
    there.take_in(other);
    CHECK(there.take() == Lines{"ask@eva"});
  }
}

TEST_CASE("take over: a version that does not know the step refuses it", "[engine][handover]") {
  const std::string token = token_in(asked().action("ask"));
  const std::string other =
      "campaign: lead\nversion: 2\nentry: [host]\nsteps: [{send: id, id: only}]\n";
  Host there(other, shop, {}, "2026-03-02T11:00:00Z");
  there.take_in(taking(there, token));
  CHECK(there.told({"refused_entry"}) == Lines{"refused_entry (unknown_step)"});
  CHECK(there.take().empty());
  // A version of other content that has the step goes on with it.
  std::string changed = lead;
  changed.insert(changed.find("entry:"), "version: 3\nnote: other\n");
  there.publish(changed);
  TakeOver again = taking(there, token);
  again.envelope.message_id = "again";
  there.take_in(again);
  CHECK(there.take() == Lines{"ask"});
  CHECK(there.action("ask").version == 3);
}

TEST_CASE("take over: the version of the same content, though a newer one takes entries",
          "[engine][handover][S23]") {
  const std::string token = token_in(asked().action("ask"));
  Host there(lead, shop, {}, "2026-03-02T10:00:00Z");
  std::string changed = lead;
  changed.insert(changed.find("entry:"), "version: 2\nnote: other\n");
  there.after(hour_ms).publish(changed).take_in(taking(there, token));
  CHECK(there.take() == Lines{"ask"});
  CHECK(there.action("ask").version == 1);
}

TEST_CASE("take over: what is no token of this workspace is refused", "[engine][handover]") {
  const std::string token = token_in(asked().action("ask"));
  Host there("campaign: c\nentry: [host]\nsteps: [{wait: 1h}]\n");
  CHECK(there.feed(taking(there, token)) == ErrorCode::unknown_campaign);
  Host elsewhere(lead, "workspace: other\nchannels: {id: {address: contact.id}}\n");
  CHECK(elsewhere.feed(taking(elsewhere, token)) == ErrorCode::invalid_argument);
  CHECK(there.feed(taking(there, "")) == ErrorCode::damaged_token);
  CHECK(there.feed(taking(there, "not a token!")) == ErrorCode::damaged_token);
  CHECK(there.feed(taking(there, token.substr(0, token.size() / 2))) == ErrorCode::damaged_token);
}

// Of each character each bit that its alphabet has.
TEST_CASE("take over: every change of a token is found", "[engine][handover]") {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const std::string token = token_in(asked().action("ask"));
  Host there(lead, shop, {}, "2026-03-02T11:00:00Z");
  std::size_t found = 0;
  std::size_t tried = 0;
  for (std::size_t i = 0; i < token.size(); ++i) {
    for (std::size_t bit = 1; bit < 64; bit *= 2) {
      std::string changed = token;
      changed[i] = alphabet[alphabet.find(changed[i]) ^ bit];
      ++tried;
      if (there.feed(taking(there, changed)) == ErrorCode::damaged_token) ++found;
    }
  }
  CHECK(found == tried);
  CHECK(there.take().empty());
}

// Somebody who knows the format writes what he likes, with a checksum that fits.
TEST_CASE("take over: no token, however made, harms", "[engine][handover]") {
  const base::Bytes sound = *base::from_base64url(token_in(asked().action("ask")));
  Limits limits;
  limits.variables_bytes = 4'000;
  Host there(lead, shop, limits, "2026-03-02T11:00:00Z");
  std::mt19937 draws(7);
  std::size_t taken = 0;
  for (int i = 0; i < 4'000; ++i) {
    base::Bytes made(sound.begin(), sound.end() - 8);
    for (std::size_t changes = 1 + draws() % 3; changes > 0; --changes) {
      const std::size_t at = 1 + draws() % (made.size() - 1);
      switch (draws() % 3) {
        case 0: made[at] ^= std::byte{1} << draws() % 8; break;
        case 1: made[at] = static_cast<std::byte>(draws()); break;
        default: made.resize(draws() % 8 == 0 ? at + 1 : made.size());
      }
    }
    base::Writer(made).number(base::stable_hash_of_bytes(made).low);
    if (!there.feed(taking(there, base::to_base64url(made)))) ++taken;
    if (i % 500 == 0) there.after(hour_ms).advance().crash();
  }
  CHECK(taken > 100);
  CHECK(taken < 3'900);
  run_to(there, "2026-06-01T00:00:00Z");
  there.crash();
}

TEST_CASE("resume token: a wait for a length of time ends when it would have",
          "[engine][handover]") {
  const std::string waits =
      "campaign: lead\nentry: [{event: go, key: event.k}]\nsteps:\n"
      "  - {wait: 36h, id: pause}\n  - {send: id, id: hello}\n";
  Host here(waits);
  here.event("go", {{"k", "x"}}).after(hour_ms);
  const std::string token = fresh_token(here);
  SECTION("before that") {
    Host there(waits, shop, {}, "2026-03-02T15:00:00Z");
    there.take_in(taking(there, token)).crash();
    CHECK(run_to(there, "2026-03-05T00:00:00Z") == Lines{"2026-03-03T21:00:00Z hello"});
  }
  SECTION("after that") {
    Host there(waits, shop, {}, "2026-03-04T15:00:00Z");
    there.take_in(taking(there, token));
    CHECK(there.take() == Lines{"hello"});
  }
}

TEST_CASE("resume token: what is emitted already is left behind", "[engine][handover]") {
  const std::string sends =
      "campaign: lead\nentry: [{event: go, key: event.k}]\nsteps:\n"
      "  - {send: id, id: hello, on_fail: exit}\n  - {send: id, id: bye}\n";
  Host here(sends);
  here.event("go", {{"k", "x"}}).take();
  Host there(sends, shop, {}, "2026-03-02T11:00:00Z");
  there.take_in(taking(there, fresh_token(here)));
  CHECK(there.take() == Lines{"bye"});
}

TEST_CASE("resume token: goals that were reached stay reached, the others stay open",
          "[engine][handover]") {
  Host here = asked();
  const auto goes_on = [&] {
    Host there(lead, shop, {}, "2026-03-02T11:00:00Z");
    there.take_in(taking(there, fresh_token(here))).event("signed");
    return there.told({"converted"});
  };
  CHECK(goes_on() == Lines{"converted"});
  here.event("signed");
  CHECK(goes_on().empty());
}

TEST_CASE("resume token: rounds of a loop go on being counted", "[engine][handover]") {
  const std::string loop =
      "campaign: lead\nentry: [{event: go, key: event.k}]\nsteps:\n"
      "  - {task: Again, id: ask, within: 1h, max_visits: 3}\n  - {wait: 1m}\n  - {goto: ask}\n";
  Host here(loop);
  here.event("go", {{"k", "x"}}).take();
  run_to(here, "2026-03-02T10:30:00Z");
  CHECK(here.action("ask").iteration == 1);
  const std::string token = fresh_token(here);
  Host there(loop, shop, {}, "2026-03-02T11:00:00Z");
  there.take_in(taking(there, token)).take();
  CHECK(there.action("ask").iteration == 1);
  CHECK(there.action("ask").id == here.action("ask").id);
  CHECK(run_to(there, "2026-03-03T00:00:00Z") == Lines{"2026-03-02T12:01:00Z ask"});
  CHECK(there.told({"exited"}) == Lines{"exited (loop_limit)"});
}

TEST_CASE("resume token: of a journey in flight that stands at one step", "[engine][handover]") {
  const std::string strands =
      "campaign: lead\nentry: [{event: go, key: event.k}]\nsteps:\n"
      "  - parallel:\n      - steps: [{wait: 1h, id: short}]\n      - steps: [{wait: 2h, id: "
      "long}]\n"
      "  - {send: id, id: bye}\n";
  Host host(strands);
  const auto error = [&](std::string_view campaign, std::string_view contact) {
    const Result<std::string> token = host.engine().resume_token(campaign, contact, "x");
    return token ? std::optional<ErrorCode>() : token.error().code;
  };
  CHECK(error("none", "ola") == ErrorCode::unknown_campaign);
  CHECK(error("lead", "ola") == ErrorCode::unknown_contact);
  host.event("go", {{"k", "x"}});
  CHECK(error("lead", "ola") == ErrorCode::invalid_argument);
  host.after(hour_ms).advance();
  CHECK_FALSE(error("lead", "ola"));  // one strand is left
  Host there(strands, shop, {}, "2026-03-02T10:30:00Z");
  there.take_in(taking(there, fresh_token(host)));
  CHECK(run_to(there, "2026-03-03T00:00:00Z") == Lines{"2026-03-02T11:00:00Z bye"});
}

TEST_CASE("take over: an exclusive group is met as by an entry", "[engine][handover][exclusive]") {
  const std::string workspace = std::string(shop) + "policy: {exclusive: {g: wait}}\n";
  std::string grouped = lead;
  grouped.insert(grouped.find("entry:"), "priority: 90\nexclusive: g\n");
  const std::string other =
      "campaign: other\nexclusive: g\nentry: [{event: o}]\nsteps: [{wait: 1h}]\n";
  Host here(grouped, workspace);
  here.event("go", {{"k", "x"}}).take();
  here.after(hour_ms).advance().take();
  const std::string token = token_in(here.action("ask"));
  Host there(grouped + "---\n" + other, workspace, {}, "2026-03-02T11:00:00Z");
  there.event("o").take_in(taking(there, token)).crash();
  CHECK(there.take().empty());
  CHECK(run_to(there, "2026-03-02T12:30:00Z") == Lines{"2026-03-02T12:00:00Z ask"});
}

TEST_CASE("take over: a holdout stays one", "[engine][handover][holdout]") {
  const std::string sends =
      "campaign: lead\nentry: [{event: go, key: event.k}]\nsteps:\n"
      "  - {wait: 1h}\n  - {send: id, id: hello}\n";
  Host here(sends, std::string(shop) + "policy: {holdout: {percent: 100%}}\n");
  here.event("go", {{"k", "x"}});
  Host there(sends, shop, {}, "2026-03-02T11:00:00Z");
  there.take_in(taking(there, fresh_token(here)));
  CHECK(there.take().empty());
  CHECK(there.told({"skipped_holdout"}).size() == 1);
}

TEST_CASE("take over: a campaign that is paused takes nobody over", "[engine][handover][S31]") {
  const std::string token = token_in(asked().action("ask"));
  Host there(lead, shop, {}, "2026-03-02T11:00:00Z");
  const Envelope now{there.clock(), std::nullopt, {}, {}};
  const bool entries = GENERATE(false, true);
  there.take_in(Pause{"lead", PauseMode::queue, entries, now}).take_in(taking(there, token));
  CHECK(there.told({"refused_paused"}).size() == (entries ? 0 : 1));
  CHECK(there.take().empty());
  there.crash().take_in(Resume{"lead", now});
  CHECK(there.take() == (entries ? Lines{"ask"} : Lines{}));
}

}  // namespace itinera::test
