// SPDX-License-Identifier: Apache-2.0
// Messages that have failed and are tried again.
#include <fmt/format.h>

#include "support/host.hpp"

namespace itinera::test {
namespace {

std::string sending(std::string_view more, std::string_view behind = "") {
  return fmt::format(
      "campaign: c\nentry: [{{event: go}}]\nsteps:\n  - {{send: id, id: mail, {}}}\n"
      "  - {{send: id, id: next, class: transactional}}\n  - exit: done\n"
      "  - {{send: id, id: other, class: transactional}}\n{}",
      more, behind);
}

std::string ruled(std::string_view policy, std::string_view more = "") {
  return fmt::format("workspace: shop\nchannels: {{id: {{address: contact.id{}}}}}\n{}", more,
                     policy);
}

}  // namespace

TEST_CASE("send retry: tried again after ever longer pauses, each with an id of its own",
          "[engine][retry]") {
  Host host(sending("retry: {times: 3, after: 4m}, on_fail: other"));
  host.event("go");
  std::vector<ActionId> ids;
  for (std::uint32_t attempt = 0; attempt < 4; ++attempt) {
    CHECK(host.take() == Lines{"mail"});
    CHECK(host.action("mail").attempt == attempt);
    for (const ActionId& before : ids) CHECK(before.hash != host.action("mail").id.hash);
    ids.push_back(host.action("mail").id);
    host.report(Receipt::failed, "mail");
    if (attempt == 3) break;
    CHECK(host.take().empty());
    const std::int64_t pause = 4 * minute_ms << attempt;
    REQUIRE(host.next_deadline());
    CHECK(*host.next_deadline() - host.clock() <= pause);
    CHECK(*host.next_deadline() - host.clock() >= pause * 3 / 4);
    host.crash().at(*host.next_deadline()).advance();
  }
  CHECK(host.take() == Lines{"other"});
  CHECK(host.told({"retried", "gave_up"}) ==
        Lines{"retried mail", "retried mail", "retried mail", "gave_up mail"});
}

TEST_CASE("send retry: the pauses of messages that failed together are not the same",
          "[engine][retry]") {
  Host host(sending("retry: {times: 1, after: 10m}"));
  for (int i = 0; i < 8; ++i) host.event("go", {}, fmt::format("u{}", i));
  host.take();
  const std::vector<Taken> sent = host.actions();
  for (const Taken& each : sent) host.take_in(host.a_report(Receipt::failed, each.id));
  std::vector<Instant> due;
  for (const Told& each : host.story()) {
    if (each.what == "retried") due.push_back(*each.due);
  }
  REQUIRE(due.size() == 8);
  std::sort(due.begin(), due.end());
  due.erase(std::unique(due.begin(), due.end()), due.end());
  CHECK(due.size() > 4);
}

TEST_CASE("send retry: the journey stays until it is sent, and goes on then", "[engine][retry]") {
  Host host(sending("retry: 3"));
  host.event("go");
  CHECK(host.take() == Lines{"mail"});
  SECTION("at once") {
    host.after(1).report(Receipt::sent, "mail");
    CHECK(host.take() == Lines{"next"});
  }
  SECTION("by another attempt") {
    host.after(1).report(Receipt::failed, "mail").after(minute_ms).advance();
    CHECK(host.take() == Lines{"mail"});
    host.report(Receipt::delivered, "mail");
    CHECK(host.take() == Lines{"next"});
  }
  SECTION("nobody says so within a quarter of an hour") {
    host.after(15 * minute_ms).advance();
    CHECK(host.take() == Lines{"next"});
    host.report(Receipt::failed, "mail").after(hour_ms).advance();
    CHECK(host.take().empty());
  }
}

TEST_CASE("send retry: what is of no use is not tried again", "[engine][retry]") {
  Host host(sending("retry: 3, on_fail: other"));
  host.event("go").take();
  SECTION("the host says so") {
    Report report = host.a_report(Receipt::failed, host.action("mail").id);
    report.retry = false;
    host.take_in(report);
    CHECK(host.told({"gave_up"}) == Lines{"gave_up mail"});
  }
  SECTION("it has bounced") {
    Report report = host.a_report(Receipt::bounced, host.action("mail").id);
    report.hard = false;
    host.take_in(report);
    CHECK(host.told({"gave_up"}).empty());
  }
  CHECK(host.take() == Lines{"other"});
  host.after(day_ms).advance();
  CHECK(host.take().empty());
}

TEST_CASE("send retry: an attempt passes all gates again", "[engine][retry][S19][S14]") {
  SECTION("consent") {
    Host host(sending("retry: 3, on_skip: other"), ruled("", ", consent: opt_out"));
    host.event("go").take();
    host.report(Receipt::failed, "mail");
    Identify identify = host.an_identify({});
    const std::vector<Consent> no{{"id", "", false, ""}};
    identify.consents = no;
    host.take_in(identify).after(minute_ms).advance();
    CHECK(host.take() == Lines{"other"});
    CHECK(host.told({"no_consent"}) == Lines{"no_consent (denied) mail"});
  }
  SECTION("quiet hours") {
    Host host(sending("retry: {times: 3, after: 2h}"),
              ruled("policy: {quiet_hours: {from: \"10:00\", to: \"12:00\"}}\n"));
    host.event("go").take();
    host.report(Receipt::failed, "mail");
    CHECK(run_to(host, "2026-03-02T11:59:59Z").empty());
    CHECK(run_to(host, "2026-03-02T12:00:00Z") == Lines{"2026-03-02T12:00:00Z mail"});
    CHECK(host.action("mail").attempt == 1);
  }
}

TEST_CASE("send retry: word of the attempt before is heard while the next one is held",
          "[engine][retry][S14]") {
  Host host(sending("retry: {times: 3, after: 1h}, on_fail: other"),
            ruled("policy: {quiet_hours: {from: \"09:30\", to: \"16:00\"}}\n"));
  host.event("go").take();
  host.report(Receipt::failed, "mail");
  CHECK(run_to(host, "2026-03-02T12:00:00Z").empty());
  host.crash();
  SECTION("it has arrived after all") {
    host.report(Receipt::delivered, "mail");
    CHECK(host.take() == Lines{"next"});
    CHECK(run_to(host.crash(), "2026-03-03T12:00:00Z").empty());
  }
  SECTION("it has failed once more") {
    host.report(Receipt::failed, "mail");
    CHECK(run_to(host, "2026-03-02T16:00:00Z") == Lines{"2026-03-02T16:00:00Z mail"});
    CHECK(host.action("mail").attempt == 1);
  }
  SECTION("it is of no use to try again") {
    Report report = host.a_report(Receipt::failed, host.action("mail").id);
    report.retry = false;
    host.take_in(report);
    CHECK(host.take() == Lines{"other"});
    CHECK(host.told({"gave_up"}) == Lines{"gave_up mail"});
    CHECK(run_to(host.crash(), "2026-03-03T12:00:00Z").empty());
  }
}

TEST_CASE("send retry: caps count the attempt that went out, once", "[engine][retry][S17]") {
  Host host(sending("retry: 3",
                    "---\ncampaign: d\nentry: [{event: x}]\n"
                    "steps: [{send: id, id: d}]\n"),
            ruled("policy: {caps: [{max: 2, per: 24h}]}\n"));
  host.event("go").take();
  host.report(Receipt::failed, "mail").after(minute_ms).advance();
  CHECK(host.take() == Lines{"mail"});
  host.report(Receipt::sent, "mail").event("x");
  CHECK(host.take() == Lines{"next", "d"});
  host.event("x");
  CHECK(host.told({"skipped_cap"}) == Lines{"skipped_cap d"});
}

TEST_CASE("send retry: goes from the account that the journey has", "[engine][retry]") {
  Host host(sending("retry: 3, sender: [anna, ben]"),
            ruled("senders: {anna: {channel: id}, ben: {channel: id}}\n"));
  host.event("go").advance();
  CHECK(host.take() == Lines{"mail"});
  const std::string sender = host.action("mail").sender;
  CHECK_FALSE(sender.empty());
  host.report(Receipt::failed, "mail").after(minute_ms).advance();
  CHECK(host.take() == Lines{"mail"});
  CHECK(host.action("mail").sender == sender);
  CHECK(host.action("mail").attempt == 1);
}

TEST_CASE("send retry: expires counts from arrival, over all attempts", "[engine][retry][S15]") {
  Host host(sending("retry: {times: 9, after: 4m}, expires: 13m, on_fail: other"));
  host.event("go");
  int attempts = 0;
  while (host.take() == Lines{"mail"}) {
    ++attempts;
    host.report(Receipt::failed, "mail").after(8 * minute_ms).advance();
  }
  CHECK(attempts == 2);  // after 4 minutes; after 8 more it would be stale by the second failure
  CHECK(host.told({"gave_up"}) == Lines{"gave_up mail"});
}

TEST_CASE("send retry: an exit ends it", "[engine][retry][S28]") {
  Host host(
      "campaign: c\nentry: [{event: go}]\nexits: [{event: out}]\n"
      "steps: [{send: id, id: mail, retry: 3}]\n");
  host.event("go").take();
  host.report(Receipt::failed, "mail").after(1).event("out").after(hour_ms).advance();
  CHECK(host.take().empty());
}

TEST_CASE("send retry: a later visit begins anew", "[engine][retry][S25]") {
  Host host(
      "campaign: c\nentry: [{event: go}]\nsteps:\n"
      "  - {send: id, id: mail, retry: 1}\n  - wait: 1h\n  - {goto: mail}\n");
  host.event("go").take();
  host.report(Receipt::failed, "mail").after(minute_ms).advance();
  CHECK(host.take() == Lines{"mail"});
  host.after(1).report(Receipt::failed, "mail").crash().after(hour_ms).advance();
  CHECK(host.take() == Lines{"mail"});
  CHECK(host.action("mail").iteration == 1);
  CHECK(host.action("mail").attempt == 0);
  host.report(Receipt::failed, "mail").after(minute_ms).advance();
  CHECK(host.take() == Lines{"mail"});
}

}  // namespace itinera::test
