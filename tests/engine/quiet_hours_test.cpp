// SPDX-License-Identifier: Apache-2.0
// Quiet hours: when a send is held, until when, and what becomes of one that goes stale meanwhile.
#include <fmt/format.h>

#include "support/host.hpp"

namespace itinera::test {
namespace {

// From 21:00 to 08:00 in Warsaw, unless it is said otherwise.
std::string quiet(std::string_view rules = "{from: \"21:00\", to: \"08:00\"}",
                  std::string_view more = "") {
  return fmt::format(
      "workspace: shop\nzone: Europe/Warsaw\n"
      "channels: {{id: {{address: contact.id}}, sms: {{address: contact.id}}}}\n"
      "{}policy: {{quiet_hours: {}}}\n",
      more, rules);
}

std::string sends(std::string_view more = "", std::string_view behind = "") {
  return fmt::format(
      "campaign: c\ntopic: news\nentry: [{{event: go}}]\nsteps:\n  - {{send: id, id: mail{}}}\n{}",
      more, behind);
}

// When a message goes out that is made ready at `ready`; empty: not within a year.
std::string sent_at(Host& host, std::string_view ready) {
  host.at(ready).event("go");
  Lines lines = host.take();
  if (!lines.empty()) return std::string(ready);
  lines = run_to(host, "2027-12-31T00:00:00Z");
  return lines.empty() ? "" : lines.front().substr(0, 20);
}

}  // namespace

TEST_CASE("quiet hours: what is ready within them goes when they end", "[engine][S14]") {
  Host host(sends(), quiet());
  SECTION("before they begin") {
    CHECK(sent_at(host, "2026-06-01T18:59:59Z") == "2026-06-01T18:59:59Z");
  }
  SECTION("from the very minute") {
    CHECK(sent_at(host, "2026-06-01T19:00:00Z") == "2026-06-02T06:00:00Z");
  }
  SECTION("after midnight") {
    CHECK(sent_at(host, "2026-06-02T02:00:00Z") == "2026-06-02T06:00:00Z");
  }
  SECTION("at their end") {
    CHECK(sent_at(host, "2026-06-02T06:00:00Z") == "2026-06-02T06:00:00Z");
  }
}

TEST_CASE("quiet hours: the decision says until when, and it is kept over a restart",
          "[engine][S14]") {
  Host host(sends(), quiet());
  host.at("2026-06-01T20:00:00Z").event("go");
  CHECK(host.take().empty());
  CHECK(host.next_deadline() == instant("2026-06-02T06:00:00Z"));
  CHECK(host.told({"held_quiet_hours"}) == Lines{"held_quiet_hours mail"});
  CHECK(host.statistics().sends_held == 1);
  host.crash().at("2026-06-02T06:00:00Z").advance();
  CHECK(host.take() == Lines{"mail"});
}

TEST_CASE("quiet hours: an overnight window belongs to the day on which it began",
          "[engine][S14][S10]") {
  // The night from Friday to Saturday, and no other.
  Host host(sends(), quiet("{from: \"21:00\", to: \"08:00\", days: Fri}"));
  SECTION("Thursday night") {
    CHECK(sent_at(host, "2026-06-05T01:00:00Z") == "2026-06-05T01:00:00Z");
  }
  SECTION("Friday night") {
    CHECK(sent_at(host, "2026-06-06T01:00:00Z") == "2026-06-06T06:00:00Z");
  }
  SECTION("Saturday night") {
    CHECK(sent_at(host, "2026-06-06T20:00:00Z") == "2026-06-06T20:00:00Z");
  }
}

TEST_CASE("quiet hours: by the contact's wall, over a change of the clocks",
          "[engine][S14][S8][S9]") {
  Host host(sends(), quiet("{from: \"21:00\", to: \"02:30\"}"));
  SECTION("in a gap they end with it") {  // 2026-03-29, 02:00 -> 03:00
    CHECK(sent_at(host, "2026-03-28T23:00:00Z") == "2026-03-29T01:00:00Z");
  }
  SECTION("in an overlap they end the first time") {  // 2026-10-25, 03:00 -> 02:00
    CHECK(sent_at(host, "2026-10-24T22:00:00Z") == "2026-10-25T00:30:00Z");
  }
  SECTION("and hold again the second time") {
    CHECK(sent_at(host, "2026-10-25T01:10:00Z") == "2026-10-25T01:30:00Z");
  }
  SECTION("another zone") {
    host.identify({{"zone", "America/New_York"}});
    CHECK(sent_at(host, "2026-06-02T04:00:00Z") == "2026-06-02T06:30:00Z");
  }
}

TEST_CASE("quiet hours: a stated zone is the same for everybody", "[engine][S14]") {
  Host host(sends(), quiet("{from: \"21:00\", to: \"08:00\", zone: UTC}"));
  host.identify({{"zone", "Asia/Tokyo"}});
  CHECK(sent_at(host, "2026-06-01T22:00:00Z") == "2026-06-02T08:00:00Z");
}

TEST_CASE("quiet hours: several rules leave what none of them forbids", "[engine][S14]") {
  Host host(sends(),
            quiet("[{from: \"21:00\", to: \"08:00\"}, {from: \"08:00\", to: \"10:00\", days: Tue}, "
                  "{from: \"00:00\", to: \"24:00\", days: Sat-Sun}]"));
  SECTION("one behind the other") {
    CHECK(sent_at(host, "2026-06-01T20:00:00Z") == "2026-06-02T08:00:00Z");
  }
  SECTION("a whole weekend") {
    CHECK(sent_at(host, "2026-06-05T20:00:00Z") == "2026-06-08T06:00:00Z");
  }
}

TEST_CASE("quiet hours: holidays are quiet all day where the rule says so", "[engine][S14][S10]") {
  Host host(sends(), quiet("{from: \"21:00\", to: \"08:00\", holidays: true}",
                           "holidays: [2026-06-04, 2026-06-05]\n"));
  CHECK(sent_at(host, "2026-06-04T10:00:00Z") == "2026-06-06T06:00:00Z");
}

TEST_CASE("quiet hours: only of the channels, topics and campaigns that they name",
          "[engine][S14]") {
  const std::string_view about = GENERATE("channels: [sms]", "topics: [offers]", "campaigns: [d]",
                                          "channels: [id], topics: [news], campaigns: [c]");
  Host host(
      sends() + "---\ncampaign: d\ntopic: offers\nentry: [{event: x}]\nsteps: [{send: sms}]\n",
      quiet(fmt::format("{{from: \"21:00\", to: \"08:00\", {}}}", about)));
  host.at("2026-06-01T20:00:00Z").event("go");
  CHECK(host.take().empty() == about.starts_with("channels: [id]"));
}

TEST_CASE("quiet hours: a transactional message passes them", "[engine][S14]") {
  Host host(sends(", class: transactional"), quiet());
  CHECK(sent_at(host, "2026-06-01T20:00:00Z") == "2026-06-01T20:00:00Z");
}

TEST_CASE("quiet hours: the journey stays, and later waits count from the emission",
          "[engine][S14]") {
  Host host(sends("", "  - wait: 1h\n  - {send: id, id: next}\n"), quiet());
  host.at("2026-06-01T20:00:00Z").event("go");
  CHECK(run_to(host, "2026-06-03T00:00:00Z") ==
        Lines{"2026-06-02T06:00:00Z mail", "2026-06-02T07:00:00Z next"});
}

TEST_CASE("quiet hours: what is held passes all gates anew", "[engine][S14][S19]") {
  std::string workspace = quiet();
  workspace.insert(workspace.find("contact.id") + 10, ", consent: opt_out");
  Host host(sends(), workspace);
  host.at("2026-06-01T20:00:00Z").event("go");
  const std::vector<Consent> no{{"id", "", false, ""}};
  Identify identify = host.an_identify({});
  identify.consents = no;
  host.after(1).take_in(identify);
  CHECK(run_to(host, "2026-06-03T00:00:00Z").empty());
  CHECK(host.told({"no_consent"}) == Lines{"no_consent (denied) mail"});
}

TEST_CASE("expires: what could only go when it is stale does not go", "[engine][S15]") {
  const std::string_view way = GENERATE("continue", "exit", "other");
  const std::string behind =
      "  - {send: id, id: next, class: transactional}\n  - exit: done\n"
      "  - {send: id, id: other, class: transactional}\n";
  Host host(sends(fmt::format(", expires: 4h, on_expire: {}", way), behind), quiet());
  SECTION("by a millisecond") {
    host.at("2026-06-02T01:59:59.999Z").event("go");
    const Lines expected = way == "exit" ? Lines{} : Lines{way == "other" ? "other" : "next"};
    CHECK(host.take() == expected);
    CHECK(host.told({"expired", "exited"}) ==
          (way == "exit" ? Lines{"expired (quiet_hours) mail", "exited (expired)"}
                         : Lines{"expired (quiet_hours) mail"}));
  }
  SECTION("equal is still sent") {
    host.at("2026-06-02T02:00:00Z").event("go");
    CHECK(run_to(host, "2026-06-02T06:00:00Z").front() == "2026-06-02T06:00:00Z mail");
  }
}

TEST_CASE("expires: counts from arrival, however often the send is held", "[engine][S15]") {
  // 20 hours are enough for one night, not for the weekend behind it.
  Host host(sends(", expires: 20h"),
            quiet("[{from: \"21:00\", to: \"08:00\"}, {from: \"08:00\", to: \"21:00\", days: Sat, "
                  "channels: [id]}]"));
  host.at("2026-06-05T19:00:00Z").event("go");
  CHECK(host.take().empty());
  CHECK(host.told({"expired", "held_quiet_hours"}) == Lines{"expired (quiet_hours) mail"});
}

TEST_CASE("expires: waiting for a time of day counts too", "[engine][S15]") {
  Host host(sends(", at: \"09:00\", expires: 2h"), quiet());
  host.at("2026-06-01T10:00:00Z").event("go");
  CHECK(host.take().empty());
  CHECK(host.told({"expired"}) == Lines{"expired mail"});
  host.at("2026-06-02T05:30:00Z").event("go");
  CHECK(run_to(host, "2026-06-02T09:00:00Z") == Lines{"2026-06-02T07:00:00Z mail"});
}

TEST_CASE("quiet hours: an exit cancels what is held", "[engine][S28]") {
  Host host(
      "campaign: c\nentry: [{event: go}]\nexits: [{event: out}]\nsteps: [{send: id, id: mail}]\n",
      quiet());
  host.at("2026-06-01T20:00:00Z").event("go").after(1).event("out");
  CHECK(run_to(host, "2026-06-03T00:00:00Z").empty());
  CHECK(host.told({"exited"}) == Lines{"exited (exit)"});
}

TEST_CASE("quiet hours: who moves to another zone is asked by the clock there", "[engine][S13]") {
  Host host(sends(), quiet());
  host.at("2026-06-01T20:00:00Z").event("go");
  CHECK(host.take().empty());
  SECTION("where it is day") {
    host.after(1).identify({{"zone", "America/New_York"}});
    CHECK(host.take() == Lines{"mail"});
  }
  SECTION("where the night is longer") {
    host.after(1).identify({{"zone", "Europe/London"}});
    CHECK(host.take().empty());
    CHECK(run_to(host, "2026-06-03T00:00:00Z") == Lines{"2026-06-02T07:00:00Z mail"});
  }
}

TEST_CASE("quiet hours: rules that leave no moment are not published", "[engine][S14]") {
  Host host(sends(), quiet());
  LoadedWorkspace loaded = host.load(sends());
  loaded.workspace.policy.quiet_hours.front().window = {0, day_ms, {}};
  CHECK_FALSE(host.engine().publish(loaded.workspace, loaded.campaigns, host.clock()));
}

}  // namespace itinera::test
