// SPDX-License-Identifier: Apache-2.0
#include "model/picture.hpp"

#include "itinera/time.hpp"
#include "model/sample.hpp"
#include "support/catch.hpp"

using namespace itinera;
using namespace itinera::test;

namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("dot: business days, recurrences, what arms a wait anew, and sends with a time",
          "[model][dot][waits]") {
  const std::string dot = model::to_dot(
      with_steps(Sequence()
                     .wait_business_days(1, {.days = "Mon-Sat", .at = "09:00"})
                     .wait_until_next("FREQ=WEEKLY", {.at = "08:00", .from = "2026-03-02"})
                     .wait_until_next("2026-12-24")
                     .send("email", {.id = "offer", .at = "07:30"})
                     .wait_for(event("paid"), {.within = "1h", .reset_on = clicked("offer")})));
  CAPTURE(dot);
  CHECK(has(dot, "\"Wait 1 business day (Mon-Sat), at\\n09:00\""));
  CHECK(has(dot, "Wait until the next of\\nFREQ=WEEKLY"));
  CHECK(has(dot, "Wait until 2026-12-24"));
  CHECK(has(dot, "E-mail: offer\\nat 07:30"));
  CHECK(has(dot, "within 1 hour\\nanew at clicked offer"));
}

TEST_CASE("dot: labels say what a marketer would say", "[model][dot]") {
  const std::string dot = model::to_dot(cart_recovery());
  CAPTURE(dot);
  CHECK(has(dot, "cart-recovery (version 3)"));
  CHECK(has(dot, R"(cart_abandoned\nif event.total >= 50.0\none journey per event.cart_id)"));
  CHECK(has(dot, "\"Wait 1 hour\""));
  CHECK(has(dot, "\"E-mail: cart-reminder\""));
  CHECK(has(dot, R"("Opened reminder?\nwithin 24 hours")"));
  CHECK(has(dot, "n2 -> n3 [label=\" opened\"]"));
  CHECK(has(dot, "n2 -> n4 [label=\" after 24 hours\"]"));
  CHECK(has(dot, "\"SMS: cart-nudge\""));
  CHECK(has(dot, "\"Wait 3 days\""));
  CHECK(has(dot, "n6 -> n7 [label=\" coupon 50 %\"]"));
  CHECK(has(dot, "n6 -> end [label=\" control 50 %\"]"));
  CHECK(has(dot, "within 7 days, ends the journey"));
  CHECK(has(dot, "Leaves on"));
  CHECK(has(dot, R"(contact.tier == \"gold\")"));
}

TEST_CASE("dot: who comes in again, and who goes first", "[model][dot]") {
  Campaign campaign = cart_recovery();
  campaign.priority = 70;
  campaign.reentry = {};
  campaign.while_running = WhileRunning::ignore;
  CHECK(has(model::to_dot(campaign),
            "Enters again (same key): whenever it happens again\\l"
            "While under way (same key): does not enter\\lPriority: 70 of 100\\l"));
  campaign.reentry = {Reentry::Kind::after, 14 * day_ms, true};
  campaign.while_running = WhileRunning::restart;
  CHECK(has(model::to_dot(campaign),
            "Enters again (same key): 14 days after the entry\\lWhile under way (same key): starts "
            "anew"));
  campaign.reentry.kind = Reentry::Kind::never;
  campaign.while_running = WhileRunning::another;
  CHECK(
      has(model::to_dot(campaign),
          "Enters again (same key): never\\lWhile under way (same key): starts a second journey"));
}

TEST_CASE("dot: what a wait does without a date, or with a past one", "[model][dot][S6][S7]") {
  Campaign campaign = with_steps(
      Sequence().wait_until("contact.renewal").send("email").send("sms", {.id = "last"}));
  auto& wait = std::get<Wait>(campaign.steps[0].kind);
  wait.at_ms = 10 * hour_ms;
  std::string dot = model::to_dot(campaign);
  CAPTURE(dot);
  CHECK(has(dot, "\"Wait until contact.renewal, at\\n10:00\""));
  CHECK(has(dot, "n0 -> end [label=\" no date\", style=dashed]"));
  CHECK_FALSE(has(dot, "if past"));

  wait.if_past = Wait::IfPast::skip;
  wait.on_missing = Wait::OnMissing::skip;
  dot = model::to_dot(campaign);
  CHECK(has(dot, "n0 -> n1 [label=\"\"]"));
  CHECK(has(dot, "n0 -> n2 [label=\" if past, or no date\", style=dashed]"));

  wait.if_past = Wait::IfPast::exit;
  wait.on_missing = Wait::OnMissing::go_on;
  dot = model::to_dot(campaign);
  CHECK(has(dot, "n0 -> end [label=\" if past\", style=dashed]"));
  CHECK(has(dot, "without"));
}

TEST_CASE("dot: bounds of visits, and notes in place of long conditions", "[model][dot]") {
  Campaign campaign = with_steps(
      Sequence().wait_until("now +\n   (count(\"x\", \"180d\") >= 12 ? days(17) : days(55))"));
  campaign.steps[0].max_visits = 3;
  std::string dot = model::to_dot(campaign);
  CAPTURE(dot);
  CHECK(has(dot, "at most 3 times"));
  CHECK(has(dot, "Wait until now + (count("));
  campaign.steps[0].note = "Two weeks, or eight.";
  dot = model::to_dot(campaign);
  CHECK(has(dot, "\"Two weeks, or eight.\\nat most 3 times\""));
  CHECK_FALSE(has(dot, "count"));
  std::get<Wait::Until>(std::get<Wait>(campaign.steps[0].kind).form).instant.text = "contact.x";
  CHECK(has(model::to_dot(campaign), "\"Wait until contact.x\\nat most 3 times\""));
}

TEST_CASE("dot: calls and tasks, and how they are answered", "[model][dot]") {
  const std::string dot = model::to_dot(with_steps(
      Sequence()
          .call("new_code", {.within = "1h", .retry = 2, .otherwise = Sequence().exit("none")})
          .task("Call them", {.team = "sales"})
          .grant_consent("email", {.topic = "news"})));
  CAPTURE(dot);
  CHECK(has(dot, R"("Call: new_code\nwithin 1 hour\nretried 2 times")"));
  CHECK(has(dot, "n0 -> n2 [label=\" completed\"]"));
  CHECK(has(dot, R"("Task: Call them\nfor sales", fillcolor="#fde6d6")"));
  CHECK(has(dot, "n2 -> n3 [label=\" failed\", style=dashed]"));
  CHECK(has(dot, "\"Consent granted: E-mail, news\""));
}

TEST_CASE("dot: how a send chooses its channel", "[model][dot][channel]") {
  const auto drawn = [](const SendOptions& options) {
    return model::to_dot(with_steps(Sequence().send_by({"push", "sms", "email"}, options)));
  };
  const std::string plain = drawn({.template_name = "offer"});
  CAPTURE(plain);
  CHECK(has(plain, R"("Push, SMS or E-mail: offer\nthe first that reaches them")"));
  const std::string down = drawn({.template_name = "offer",
                                  .prefer = Send::Prefer::engaged,
                                  .escalate_after = "2h",
                                  .escalate_unless = "redeemed"});
  CAPTURE(down);
  CHECK(has(down, R"("Push, SMS or E-mail: offer\nwhere the contact reacts most\n)"
                  R"(then the next, unless redeemed\nwithin 2 hours")"));
  CHECK(has(drawn({.prefer = Send::Prefer::preference}), "what the contact prefers"));
  CHECK(has(drawn({.prefer = Send::Prefer::device}), "what suits the contact's device"));
  CHECK(has(drawn({.prefer = Send::Prefer::cost}), "the cheapest that reaches them"));
  CHECK_FALSE(has(model::to_dot(with_steps(Sequence().send("sms"))), "reaches"));
}

TEST_CASE("dot: where a journey goes on when a message is not sent", "[model][dot][policy]") {
  const std::string dot = model::to_dot(with_steps(
      Sequence()
          .send("sms", {.expires = "4h", .on_skip = "mail", .on_expire = "exit", .on_fail = "mail"})
          .wait("1h")
          .send("email", {.id = "mail"})));
  CHECK(has(dot, "expires after 4 hours"));
  CHECK(has(dot, "n0 -> n1"));
  CHECK(has(dot, "n0 -> n2 [label=\" if not sent, or failed\""));
  CHECK(has(dot, "n0 -> end [label=\" if expired\""));
}

TEST_CASE("dot: strands part and meet again", "[model][dot]") {
  const Sequence a = Sequence().send("sms");
  const Sequence b = Sequence().wait("1d");
  const std::string dot = model::to_dot(
      with_steps(Sequence().parallel({a, b}, {.join = Parallel::Join::any}).exit("done")));
  CAPTURE(dot);
  CHECK(has(dot, R"("Side by side,\nuntil the first is done")"));
  CHECK(has(dot, "n0 -> n2 [label=\" 2\"]"));
  CHECK(has(dot, "n1 -> n3"));
  CHECK(has(dot, "n2 -> n3"));
}

TEST_CASE("dot: a digest says how long it gathers, and how much", "[model][dot]") {
  const std::string dot = model::to_dot(
      with_steps(Sequence().digest("30m").digest("2h", {.sliding = true, .key = "event.x"})));
  CAPTURE(dot);
  CHECK(has(dot, R"("Gather for 30 minutes\nat most 100")"));
  CHECK(has(dot, R"(anew with each\nsame event.x\nat most 100")"));
}

TEST_CASE("dot: a goto is an arrow, not a box", "[model][dot]") {
  const std::string dot = model::to_dot(
      with_steps(Sequence().wait("1d", {.id = "top"}).send("sms").go_to("top", {.id = "back"})));
  CHECK(has(dot, "n1 -> n0 [label=\"\", constraint=false"));
  CHECK_FALSE(has(dot, "n2"));
  CHECK_FALSE(has(dot, "-> end"));
}

TEST_CASE("dot: gotos that only lead to each other end somewhere", "[model][dot]") {
  CHECK(has(model::to_dot(with_steps(Sequence().go_to("b", {.id = "a"}).go_to("a", {.id = "b"}))),
            "entry0 -> n"));
}

TEST_CASE("dot: hostile texts stay inside their quotes", "[model][dot][hostile]") {
  const std::string evil = "x\" ]; evil [label=\"\\N\n\x01 y" + std::string(500, 'z');
  const std::string dot = model::to_dot(
      CampaignBuilder(evil)
          .on_event(evil, {.when = evil, .key = evil})
          .goal(evil, {.trigger = event(evil)})
          .steps(Sequence().send(evil, {.template_name = evil}).set({{evil, evil}}).exit(evil))
          .build()
          .value());
  bool quoted = false;
  for (std::size_t i = 0; i < dot.size(); ++i) {
    if (quoted && dot[i] == '\\') {
      ++i;
    } else if (dot[i] == '"') {
      quoted = !quoted;
    } else if (!quoted) {
      REQUIRE(dot.compare(i, 4, "evil") != 0);
    }
  }
  CHECK_FALSE(quoted);
  CHECK(dot.size() < 10'000);
}

TEST_CASE("dot: the longest lengths are no trouble", "[model][dot][hostile]") {
  Campaign campaign = with_steps(Sequence().wait_until("contact.x"));
  auto& wait = std::get<Wait>(campaign.steps[0].kind);
  wait.offset = {INT32_MIN, INT32_MIN, INT64_MIN};
  CHECK(has(model::to_dot(campaign), "before contact.x"));
}

TEST_CASE("mermaid: the same picture as DOT, in golden text", "[model][mermaid]") {
  CHECK(model::to_mermaid(cart_recovery()) ==
        R"~(---
title: "cart-recovery (version 3)"
---
flowchart TD
  entry0(["cart_abandoned<br/>if event.total #62;= 50.0<br/>one journey per event.cart_id"]):::entry
  entry0 --> n0
  n0("Wait 1 hour"):::wait
  n0 --> n1
  n1("E-mail: cart-reminder"):::send
  n1 --> n2
  n2("Opened reminder?<br/>within 24 hours"):::wait
  n2 -->|"opened"| n3
  n2 -->|"after 24 hours"| n4
  n3("Push: cart-offer"):::send
  n3 --> n5
  n4("SMS: cart-nudge"):::send
  n4 --> n5
  n5("Wait 3 days"):::wait
  n5 --> n6
  n6("Split: finale"):::choice
  n6 -->|"coupon 50 %"| n7
  n6 -->|"control 50 %"| finish
  n7("E-mail: coupon-10"):::send
  n7 --> finish
  finish(["End"]):::finish
  rules["Enters again (same key): 7 days after the end<br/>)~"
        "While under way (same key): does not enter<br/>"
        "Priority: 50 of 100<br/><br/>Goals<br/>"
        "\u2022 order: order_placed if<br/>  event.cart_id == "
        "journey.key<br/>  within 7 days, ends the journey"
        "<br/><br/>Leaves on<br/>\u2022 cart_emptied if "
        "event.cart_id ==<br/>  journey.key<br/>\u2022 "
        R"~(contact.tier == #34;gold#34;"]:::rules
  classDef entry fill:#dbe9ff,stroke:#4a78c2,color:#222222
  classDef send fill:#d9f2df,stroke:#3f9a5a,color:#222222
  classDef wait fill:#fff3cd,stroke:#c79a1b,color:#222222
  classDef choice fill:#ecdff8,stroke:#8a5cc0,color:#222222
  classDef finish fill:#f4f4f4,stroke:#999999,color:#222222
  classDef rules fill:#fffaf0,stroke:#bbaa88,color:#222222
)~");
}

TEST_CASE("mermaid: hostile texts stay inside their quotes", "[model][mermaid][hostile]") {
  const std::string evil =
      "- x\"]; %%{init: {}}%% style a:#b; classDef `1. y`\n[[|{<b>\x01 " + std::string(500, 'z');
  const std::string drawn = model::to_mermaid(
      CampaignBuilder(evil)
          .on_event(evil, {.when = evil, .key = evil})
          .goal(evil, {.trigger = event(evil)})
          .steps(Sequence().send(evil, {.template_name = evil}).set({{evil, evil}}).exit(evil))
          .build()
          .value());
  CAPTURE(drawn);
  CHECK_FALSE(has(drawn, "%%{"));
  const std::string body = drawn.substr(drawn.find("flowchart"));
  bool quoted = false;
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (body[i] == '"') quoted = !quoted;
    if (body[i] == '\n') REQUIRE_FALSE(quoted);
    if (quoted) REQUIRE(std::string("[]{}|`&").find(body[i]) == std::string::npos);
  }
  CHECK_FALSE(has(body, "style"));
  CHECK(drawn.size() < 12'000);
}

TEST_CASE("dot: entries by segment, date and schedule, and how many may come", "[model][dot]") {
  const std::string dot = model::to_dot(
      CampaignBuilder("c")
          .enter_by_segment("lapsed",
                            {.existing = Entry::Existing::enter, .ramp = Ramp{hour_ms, 500}})
          .enter_by_segment("vip", {.change = Entry::Change::leaves})
          .enter_by_date("contact.birthday", {.yearly = true, .offset = "-3d"})
          .enter_by_date("contact.renewal", {.at = "10:30", .zone = "UTC"})
          .enter_by_schedule("0 9 * * MON", {.segment = "lapsed", .zone = "Europe/Paris"})
          .enter_by_schedule("FREQ=WEEKLY", {.from = "2026-01-05"})
          .entry_cap({.total = 10'000, .day = 45})
          .exit_on(left("lapsed"))
          .exit_on(entered("vip"))
          .steps(Sequence().send("email"))
          .build()
          .value());
  CAPTURE(dot);
  CHECK(has(dot, R"("Enters lapsed\nor is in it from the beginning\nat most 500 in 1 hour")"));
  CHECK(has(dot, R"("Leaves vip")"));
  CHECK(has(dot, R"("Every year, 3 days before\ncontact.birthday\nat 09:00")"));
  CHECK(has(dot, R"("On the day, contact.renewal\nat 10:30, time of UTC")"));
  CHECK(has(dot, R"("All of lapsed\n0 9 * * MON\ntime of Europe/Paris")"));
  CHECK(has(dot, R"("Everybody\nFREQ=WEEKLY\nfrom 2026-01-05\nat 09:00")"));
  CHECK(has(dot, "At most: 10000 in all, 45 a day\\l"));
  CHECK(has(dot, "- leaves lapsed\\l"));
  CHECK(has(dot, "- enters vip\\l"));
}
