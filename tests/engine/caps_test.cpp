// SPDX-License-Identifier: Apache-2.0
// Frequency caps: what they count, and what becomes of a message that finds no slot.
#include <fmt/format.h>

#include "support/host.hpp"

namespace itinera::test {
namespace {

std::string capped(std::string_view caps) {
  return fmt::format(
      "workspace: shop\nzone: Europe/Warsaw\n"
      "channels: {{id: {{address: contact.id}}, sms: {{address: contact.id}}}}\n"
      "policy: {{caps: [{}]}}\n",
      caps);
}

std::string sends(std::string_view more = "", std::string_view name = "c",
                  std::string_view head = "") {
  return fmt::format(
      "campaign: {0}\ntopic: news\n{2}entry: [{{event: go}}]\nreentry: always\nsteps:\n"
      "  - {{send: id, id: {0}{1}}}\n",
      name, more, head);
}

const auto cap_words = {std::string_view("skipped_cap"), std::string_view("held_cap"),
                        std::string_view("expired"), std::string_view("exited")};

}  // namespace

TEST_CASE("cap: a rolling one counts what was emitted in (t - per, t]", "[engine][S16][S17]") {
  Host host(sends(), capped("{max: 2, per: 24h}"));
  host.event("go").after(hour_ms).event("go");
  CHECK(host.take() == Lines{"c", "c"});
  host.after(hour_ms).event("go");
  CHECK(host.take().empty());
  CHECK(host.told(cap_words) == Lines{"skipped_cap c"});
  host.after(22 * hour_ms - 1).event("go");
  CHECK(host.take().empty());
  host.crash().after(1).event("go").event("go");
  CHECK(host.take() == Lines{"c"});
}

TEST_CASE("cap: a calendar one counts by the contact's wall", "[engine][S17][S10]") {
  struct Row {
    std::string_view per, first, still, free;
  };
  // Warsaw: UTC+1 in winter, UTC+2 in summer. 2026-06-01 is a Monday.
  const Row row =
      GENERATE(Row{"day", "2026-06-01T21:30:00Z", "2026-06-01T21:59:59Z", "2026-06-01T22:00:00Z"},
               Row{"week", "2026-06-02T10:00:00Z", "2026-06-07T21:59:59Z", "2026-06-07T22:00:00Z"},
               Row{"month", "2026-11-30T22:00:00Z", "2026-11-30T22:59:59Z", "2026-11-30T23:00:00Z"},
               Row{"day", "2026-10-25T00:30:00Z", "2026-10-25T22:59:59Z", "2026-10-25T23:00:00Z"});
  Host host(sends(), capped(fmt::format("{{max: 1, per: {}}}", row.per)));
  host.at(row.first).event("go");
  CHECK(host.take() == Lines{"c"});
  host.at(row.still).event("go");
  CHECK(host.take().empty());
  host.at(row.free).event("go");
  CHECK(host.take() == Lines{"c"});
}

TEST_CASE("cap: counts over the channels, topics and campaigns that it names", "[engine][S17]") {
  const std::string_view about = GENERATE("", ", channel: id", ", topic: news", ", campaign: c",
                                          ", channel: sms", ", topic: offers", ", campaign: d");
  const bool names_it = about.empty() || about == ", channel: id" || about == ", topic: news" ||
                        about == ", campaign: c";
  Host host(
      sends() + "---\ncampaign: d\ntopic: offers\nentry: [{event: x}]\nsteps: [{send: sms}]\n",
      capped(fmt::format("{{max: 1, per: 24h{}}}", about)));
  host.event("go").after(1).event("go");
  CHECK(host.take().size() == (names_it ? 1 : 2));
}

TEST_CASE("cap: every one that concerns the message must have a slot", "[engine][S16]") {
  Host host(sends(), capped("{max: 2, per: 7d}, {max: 1, per: 1h}"));
  host.event("go").after(1).event("go");
  CHECK(host.take() == Lines{"c"});
  host.after(hour_ms).event("go");
  CHECK(host.take() == Lines{"c"});
  host.after(2 * hour_ms).event("go");
  CHECK(host.take().empty());
}

TEST_CASE("cap: a transactional message neither counts nor is capped, unless that is asked for",
          "[engine][S17]") {
  const bool asked = GENERATE(false, true);
  Host host(sends(", class: transactional") + "---\n" +
                "campaign: d\nentry: [{event: x}]\nsteps: [{send: id, id: d}]\n",
            capped(asked ? "{max: 1, per: 24h, transactional: true}" : "{max: 1, per: 24h}"));
  host.event("go").after(1).event("go").after(1).event("x");
  CHECK(host.take() == (asked ? Lines{"c"} : Lines{"c", "c", "d"}));
}

TEST_CASE("on_cap: hold, until a slot is free by the clock", "[engine][S16]") {
  Host host(sends(", on_cap: hold"), capped("{max: 1, per: 24h}"));
  host.event("go").after(hour_ms).event("go");
  CHECK(host.take() == Lines{"c"});
  CHECK(host.told(cap_words) == Lines{"held_cap c"});
  host.crash();
  CHECK(run_to(host, "2026-03-04T00:00:00Z") == Lines{"2026-03-03T09:00:00Z c"});
}

TEST_CASE("on_cap: of two that are held one takes the slot, the other waits for the next",
          "[engine][S16][S18]") {
  Host host(sends(", on_cap: hold", "low", "priority: 10\n") + "---\n" +
                sends(", on_cap: hold", "high", "priority: 90\n"),
            capped("{max: 1, per: 24h}"));
  host.event("go");
  CHECK(run_to(host, "2026-03-05T00:00:00Z") == Lines{"2026-03-03T09:00:00Z low"});
  CHECK(host.action("high").at == instant(Host::start));
}

TEST_CASE("on_cap: what is held expires at its time, when that is certain", "[engine][S15][S16]") {
  Host host(sends(", on_cap: hold, expires: 2h"), capped("{max: 1, per: 24h}"));
  host.event("go").after(1).event("go");
  CHECK(host.take() == Lines{"c"});
  host.after(2 * hour_ms - 1).advance();
  CHECK(host.told(cap_words) == Lines{"held_cap c"});
  host.after(1).advance();
  CHECK(host.take().empty());
  CHECK(host.told(cap_words) == Lines{"expired (cap) c"});
}

TEST_CASE("on_cap: exit", "[engine][S16]") {
  Host host(sends(", on_cap: exit"), capped("{max: 1, per: 24h}"));
  host.event("go").after(1).event("go");
  CHECK(host.take() == Lines{"c"});
  CHECK(host.told(cap_words) == Lines{"skipped_cap c", "exited (cap)"});
}

TEST_CASE("slots: a definite failure gives one back, and what waits for it goes at once",
          "[engine][S17]") {
  Host host(sends(", on_cap: hold"), capped("{max: 1, per: 24h}"));
  host.event("go").after(1).event("go");
  CHECK(host.take() == Lines{"c"});
  host.after(1);
  SECTION("failed") { CHECK(host.report(Receipt::failed, "c").take() == Lines{"c"}); }
  SECTION("a hard bounce") {  // which closes the address, but the slot is free
    host.report(Receipt::bounced, "c");
    CHECK(host.take().empty());
    CHECK(host.told({"suppressed"}) == Lines{"suppressed (bounced) c"});
  }
  SECTION("a soft bounce does not") {
    Report report = host.a_report(Receipt::bounced, host.action("c").id);
    report.hard = false;
    CHECK(host.take_in(report).take().empty());
    // What is said for good after it does.
    CHECK(host.after(1).report(Receipt::failed, "c").take() == Lines{"c"});
  }
  SECTION("and only once") {
    host.report(Receipt::failed, "c").take();
    const ActionId first = host.actions().front().id;
    host.event("go").take_in(host.a_report(Receipt::failed, first));
    CHECK(host.take().empty());
  }
}

TEST_CASE("slots: what is said twice gives one back, and none of another message's",
          "[engine][S17]") {
  // Two journeys of one campaign send at one instant: to a cap their messages are the same.
  const bool ends = GENERATE(false, true);
  Host host("campaign: c\nentry: [{event: go, key: event.k}]\nsteps:\n  - {send: id, id: c}\n" +
                std::string(ends ? "" : "  - wait: 30d\n"),
            capped("{max: 2, per: 24h}"));
  host.event("go", {{"k", "a"}}).event("go", {{"k", "b"}});
  CHECK(host.take() == Lines{"c", "c"});
  const ActionId first = host.actions().front().id;
  const Receipt what = GENERATE(Receipt::bounced, Receipt::failed);
  host.after(1).take_in(host.a_report(what, first)).crash();
  host.after(1).take_in(host.a_report(Receipt::bounced, first)).after(1);
  host.take_in(Suppress{"id", "ola", false, {host.clock(), std::nullopt, {}, {}}});
  host.event("go", {{"k", "d"}}).event("go", {{"k", "e"}});
  CHECK(host.take() == Lines{"c"});
  CHECK(host.told({"skipped_cap"}) == Lines{"skipped_cap c"});
}

TEST_CASE("slots: an action withdrawn before it was taken gives one back", "[engine][S17][S28]") {
  Host host(
      "campaign: a\nentry: [{event: go}]\nexits: [{event: out}]\n"
      "steps: [{send: id, id: first}, {wait: 1h}]\n---\n"
      "campaign: b\nentry: [{event: x}]\nsteps: [{send: id, id: second, on_cap: hold}]\n",
      capped("{max: 1, per: 24h}"));
  host.event("go").after(1).event("x").after(1).event("out");
  CHECK(host.take() == Lines{"second"});
}

TEST_CASE("slots: at one instant they go by priority, whatever was loaded or created first",
          "[engine][S18]") {
  const bool turned = GENERATE(false, true);
  const std::string low = sends("", "a-low", "priority: 10\n");
  const std::string high = sends("", "b-high", "priority: 90\n");
  Host host(turned ? high + "---\n" + low : low + "---\n" + high, capped("{max: 1, per: 24h}"));
  host.event("go");
  CHECK(host.take() == Lines{"b-high"});
  CHECK(host.told({"skipped_cap"}) == Lines{"skipped_cap a-low"});
}

TEST_CASE("cap: what an anonymous contact got counts for the person it turns out to be",
          "[engine][S17][S30]") {
  Host host(sends(), capped("{max: 1, per: 24h}"));
  host.anonymous_event("go", "x");
  CHECK(host.take().size() == 1);
  host.after(1).alias("x").after(1).event("go");
  CHECK(host.take().empty());
}

TEST_CASE("cap: a publication may change it, and what went before still counts", "[engine][S17]") {
  Host host(sends(), capped("{max: 5, per: 7d}"));
  host.event("go").after(1).event("go");
  CHECK(host.take().size() == 2);
  host.workspace(capped("{max: 2, per: 7d}")).publish(sends()).after(1).event("go");
  CHECK(host.take().empty());
}

}  // namespace itinera::test
