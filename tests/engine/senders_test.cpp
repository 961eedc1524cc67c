// SPDX-License-Identifier: Apache-2.0
// Sender accounts: what each bears, who waits for it, and in which order.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/each_frame.hpp"
#include "support/pieces.hpp"

namespace itinera::test {
namespace {

std::string workspace(std::string_view anna, std::string_view more = "") {
  return fmt::format(
      "workspace: shop\nzone: UTC\nchannels: {{li: {{address: contact.id}}}}\n"
      "senders:\n  anna: {{channel: li{}}}\n{}",
      anna, more);
}

std::string campaign(std::string_view name = "c", int priority = 50, std::string_view more = "",
                     std::string_view senders = "anna") {
  return fmt::format(
      "campaign: {0}\npriority: {1}\nreentry: always\nentry: [{{event: {0}}}]\nsteps:\n"
      "  - {{send: li, id: {0}, sender: {3}{2}}}\n  - wait: 1h\n",
      name, priority, more, senders);
}

// 2026-03-02, a Monday, at nine.
void all_go(Host& host, int count, std::string_view event = "c") {
  for (int i = 0; i < count; ++i) host.event(event, {}, fmt::format("u{}", i));
  host.advance();
}

std::size_t sent_until(Host& host, std::string_view t) {
  run_to(host, t);
  return host.actions().size();
}

}  // namespace

TEST_CASE("sender: a message names the account it is sent from", "[engine][sender]") {
  Host host(campaign(), workspace(""));
  host.event("c");
  CHECK(host.take().empty());  // turns are given when the instant is over
  host.advance();
  CHECK(host.take() == Lines{"c"});
  CHECK(host.told({"account_given", "held_line"}) == Lines{"account_given c", "held_line c"});
}

TEST_CASE("sender: a quota of a day, by the account's calendar", "[engine][sender]") {
  Host host(campaign(), workspace(", quota: {per: day, all: 2}, zone: Asia/Tokyo"));
  all_go(host, 5);
  CHECK(host.take().size() == 2);
  CHECK(host.told({"held_quota"}).empty());
  host.crash();
  CHECK(sent_until(host, "2026-03-02T14:59:59Z") == 2);
  CHECK(sent_until(host, "2026-03-02T15:00:00Z") == 4);
  CHECK(sent_until(host, "2026-03-04T00:00:00Z") == 5);
}

TEST_CASE("sender: a quota by operation holds nobody else back", "[engine][sender]") {
  Host host(campaign("invite", 90, ", operation: invite") + "---\n" + campaign("write", 10),
            workspace(", quota: {per: day, all: 3, invite: 1}"));
  all_go(host, 3, "invite");
  CHECK(host.take().size() == 1);
  all_go(host.after(1), 3, "write");
  CHECK(host.take().size() == 2);
  CHECK(sent_until(host, "2026-03-03T00:00:00Z") == 5);  // one more of each, by priority
}

TEST_CASE("sender: working hours", "[engine][sender]") {
  Host host(campaign(), workspace(", hours: \"Mon-Fri 09:00-17:00\", zone: Europe/Paris"));
  host.at("2026-03-06T16:30:00Z").event("c").advance();
  CHECK(host.take().empty());
  CHECK(host.told({"held_hours"}) == Lines{"held_hours c"});
  CHECK(run_to(host, "2026-03-10T00:00:00Z") == Lines{"2026-03-09T08:00:00Z c"});
}

TEST_CASE("sender: an instant is divided alike though its account does not wait for it any more",
          "[engine][sender][snapshot]") {
  Host host(campaign("invite", 90, ", operation: invite") + "exits: [{event: gone}]\n---\n" +
                campaign("write", 10) +
                "---\ncampaign: d\nentry: [{event: d}]\n"
                "steps: [{wait: {until: '\"2026-03-03T00:00:00Z\"'}}, {send: li, id: d}]\n",
            workspace(", quota: {per: day, all: 3, invite: 1}"));
  host.event("d");
  all_go(host, 2, "invite");  // one waits until midnight, as does the wait
  host.event("gone", {}, "u0").event("gone", {}, "u1").event("write", {}, "u2").advance();
  Engine& armed = host.engine();
  armed.take_output();
  Result<Engine> loaded = load_pieces(pieces_of(armed), host.options());
  REQUIRE(loaded);
  const auto written = [&host](Engine& engine) {
    engine.advance_to(host.clock() + day_ms);
    const Output output = engine.take_output();
    CHECK(!output.actions.empty());
    return base::Bytes(output.journal.begin(), output.journal.end());
  };
  CHECK((written(armed) == written(*loaded)));
}

TEST_CASE("sender: hours of whole days", "[engine][sender]") {
  Host host(campaign(), workspace(", hours: \"Mon-Fri 00:00-24:00\", zone: Europe/Paris"));
  host.at("2026-03-06T22:59:59Z").event("c").advance();
  CHECK(host.take() == Lines{"c"});
  host.at("2026-03-06T23:00:00Z").event("c", {}, "jan").advance();
  CHECK(host.take().empty());
  CHECK(run_to(host, "2026-03-10T00:00:00Z") == Lines{"2026-03-08T23:00:00Z c@jan"});
}

TEST_CASE("sender: a rate and a pace", "[engine][sender]") {
  SECTION("so many in any time") {
    Host host(campaign(), workspace(", rate: 2/h"));
    all_go(host, 5);
    CHECK(host.take().size() == 2);
    CHECK(sent_until(host, "2026-03-02T09:59:59Z") == 2);
    CHECK(sent_until(host, "2026-03-02T10:00:00Z") == 4);
    CHECK(sent_until(host, "2026-03-02T11:00:00Z") == 5);
  }
  SECTION("a random time in between, the same each time") {
    const auto times = [] {
      Host host(campaign(), workspace(", pace: 40s..180s"));
      all_go(host, 20);
      host.take();
      run_to(host, "2026-03-03T00:00:00Z");
      std::vector<std::int64_t> gaps;
      for (std::size_t i = 1; i < host.actions().size(); ++i) {
        gaps.push_back(host.actions()[i].at - host.actions()[i - 1].at);
      }
      return gaps;
    };
    const std::vector<std::int64_t> gaps = times();
    REQUIRE(gaps.size() == 19);
    CHECK(*std::min_element(gaps.begin(), gaps.end()) >= 40'000);
    CHECK(*std::max_element(gaps.begin(), gaps.end()) <= 180'000);
    CHECK(*std::max_element(gaps.begin(), gaps.end()) -
              *std::min_element(gaps.begin(), gaps.end()) >
          40'000);
    CHECK(times() == gaps);
  }
}

TEST_CASE("sender: warms up over the first days on which it sends", "[engine][sender]") {
  Host host(campaign(), workspace(", quota: {per: day, all: 5}, warm_up: {day: [1, 2]}"));
  all_go(host, 20);
  CHECK(host.take().size() == 1);
  CHECK(sent_until(host, "2026-03-03T23:00:00Z") == 3);
  CHECK(sent_until(host, "2026-03-04T23:00:00Z") == 8);
  CHECK(sent_until(host, "2026-03-05T23:00:00Z") == 13);
}

TEST_CASE("sender: who waits goes by priority, then by age, and every fourth time by age alone",
          "[engine][sender]") {
  Host host(campaign("low", 10) + "---\n" + campaign("high", 90), workspace(", rate: 1/h"));
  host.event("high", {}, "first").advance().take();
  for (int i = 0; i < 3; ++i) host.after(1).event("low", {}, fmt::format("l{}", i));
  for (int i = 0; i < 8; ++i) host.after(1).event("high", {}, fmt::format("h{}", i));
  run_to(host, "2026-03-03T12:00:00Z");
  std::string order;
  for (const Taken& each : host.actions()) order += each.contact + " ";
  CHECK(order == "first h0 h1 l0 h2 h3 h4 l1 h5 h6 h7 l2 ");
}

TEST_CASE("sender: a journey keeps its account, and a pool shares the load", "[engine][sender]") {
  const std::string two =
      "campaign: c\nentry: [{event: c}]\nsteps:\n"
      "  - {send: li, id: one, sender: [anna, ben]}\n  - wait: 1d\n"
      "  - {send: li, id: two, sender: [anna, ben]}\n";
  Host host(two, workspace(", quota: {per: day, all: 30}",
                           "  ben: {channel: li, quota: {per: day, all: 30}}\n"));
  all_go(host, 20);
  run_to(host, "2026-03-05T00:00:00Z");
  std::map<std::string, std::string> account;
  std::map<std::string, int> load;
  REQUIRE(host.actions().size() == 40);
  for (const Taken& each : host.actions()) {
    const auto known = account.emplace(each.contact, each.sender);
    CHECK(known.first->second == each.sender);
    if (each.step == "one") ++load[each.sender];
  }
  CHECK(load == std::map<std::string, int>{{"anna", 10}, {"ben", 10}});
}

TEST_CASE("sender: a provider's limit rests the account until its next day", "[engine][sender]") {
  Host host(campaign(), workspace(""));
  all_go(host, 1);
  CHECK(host.take().size() == 1);
  const Properties limit{{"reason", "limit"}};
  Report report = host.a_report(Receipt::failed, host.action("c").id);
  report.data = limit;
  host.take_in(report).after(1).event("c").advance();
  CHECK(host.take().empty());
  CHECK(host.told({"rested", "held_quota"}) == Lines{"rested", "held_quota c"});
  CHECK(run_to(host, "2026-03-04T00:00:00Z") == Lines{"2026-03-03T00:00:00Z c"});
}

TEST_CASE("sender: a limit rests the account that sent the message, in flight or not",
          "[engine][sender]") {
  const Properties limit{{"reason", "limit"}};
  const std::string two_accounts = "  ben: {channel: li}\n";
  SECTION("after the journey's end, the first that the host ever reports") {
    Host host(
        "campaign: c\nreentry: always\nentry: [{event: c}]\n"
        "steps: [{send: li, id: c, sender: anna}]\n",
        workspace(""));
    all_go(host, 1);
    CHECK(host.take().size() == 1);
    CHECK(host.statistics().journeys_in_flight == 0);
    Report report = host.crash().after(1).a_report(Receipt::failed, host.action("c").id);
    report.data = limit;
    host.take_in(report).event("c").advance();
    CHECK(host.take().empty());
    CHECK(host.told({"rested", "held_quota"}) == Lines{"rested", "held_quota c"});
  }
  SECTION("and not the one that the journey has had since") {
    Host host(
        "campaign: c\nentry: [{event: c}]\nsteps:\n"
        "  - {send: li, id: c, sender: anna}\n  - {send: li, id: d, sender: ben}\n  - wait: 1d\n",
        workspace("", two_accounts));
    all_go(host, 1);
    CHECK(host.take() == Lines{"c@u0", "d@u0"});
    Report report = host.crash().after(1).a_report(Receipt::failed, host.action("c").id);
    report.data = limit;
    host.take_in(report);
    const std::vector<Told> story = host.story();
    REQUIRE(story.back().what == "rested");
    CHECK(story.back().name == "anna");
  }
}

TEST_CASE("sender: a place that is given back is had by who waits for it",
          "[engine][sender][S17][S28]") {
  Host host(
      "campaign: a\nentry: [{event: a}]\nexits: [{event: out}]\nsteps:\n"
      "  - {send: li, id: a, sender: anna}\n  - wait: 1h\n---\n" +
          campaign() + "---\n" + campaign("urgent", 90),
      "workspace: shop\nzone: UTC\nchannels: {li: {address: contact.id, consent: opt_out}}\n"
      "senders: {anna: {channel: li, quota: {per: day, all: 1}}}\n");
  host.event("a").advance().after(1).event("c", {}, "jan").after(1);
  SECTION("by an exit, when the instant is over") {
    host.event("out").crash();
    CHECK(host.take().empty());
    CHECK(host.advance().take() == Lines{"c@jan"});
  }
  SECTION("by an exit, to whoever then comes first") {
    const bool turned = GENERATE(false, true);
    if (turned) host.event("urgent", {}, "eva").event("out");
    if (!turned) host.event("out").event("urgent", {}, "eva");
    CHECK(host.advance().take() == Lines{"urgent@eva"});
  }
  SECTION("by a refusal between emission and taking") {
    Identify identify = host.an_identify({});
    const std::vector<Consent> no{{"li", "", false, ""}};
    identify.consents = no;
    host.take_in(identify);
    CHECK(host.take().empty());
    CHECK(host.next_deadline() == host.clock());  // what has its place waits for the next take
    CHECK(host.crash().engine().next_deadline() == host.clock());
    CHECK(host.take() == Lines{"c@jan"});
    CHECK(host.next_deadline() > host.clock());
  }
  SECTION("by one who is forgotten") {
    host.take_in(Forget{"ola", {host.clock(), std::nullopt, {}, {}}}).crash();
    CHECK(host.advance().take() == Lines{"c@jan"});
  }
}

TEST_CASE("sender: what waits too long expires", "[engine][sender][S15]") {
  Host host(campaign("c", 50, ", expires: 3h"), workspace(", rate: 1/h"));
  all_go(host, 6);
  CHECK(sent_until(host, "2026-03-04T00:00:00Z") == 4);
  CHECK(host.told({"expired"}).size() == 2);
}

TEST_CASE("sender: who leaves makes room", "[engine][sender][S28]") {
  Host host(campaign("c", 50), workspace(", rate: 1/h"));
  all_go(host, 3);
  host.take();
  host.after(1).stop("c", {}, host.actions().front().contact == "u0" ? "u1" : "u0");
  CHECK(run_to(host, "2026-03-02T10:00:00Z").size() == 1);
  CHECK(run_to(host, "2026-03-03T10:00:00Z").size() <= 1);
}

TEST_CASE("sender: the order of feeding changes nothing", "[engine][sender][S18]") {
  const auto who = [](std::initializer_list<const char*> order) {
    Host host(campaign(), workspace(", quota: {per: day, all: 1}"));
    for (const char* each : order) host.event("c", {}, each);
    host.advance();
    host.take();
    return host.actions().front().contact;
  };
  CHECK(who({"ola", "jan", "ewa"}) == who({"ewa", "ola", "jan"}));
}

TEST_CASE("sender: a turn that a cap refuses is over, and who comes by it later stands in line",
          "[engine][sender][S18]") {
  Host host(
      R"(
campaign: low
priority: 10
entry: [{event: low}]
steps: [{send: li, id: l, sender: anna, on_cap: hold}]
---
campaign: high
priority: 90
entry: [{event: high}]
steps: [{send: li, id: h, sender: anna, on_cap: hold}]
---
campaign: free
entry: [{event: free}]
steps: [{send: li, id: f}]
)",
      "workspace: w\nchannels: {li: {address: contact.id}}\n"
      "policy: {caps: [{max: 1, per: 2h, channel: li}]}\n"
      "senders: {anna: {channel: li, hours: \"Mon-Fri 09:00-17:00\", zone: UTC, rate: 1/h}}\n");
  host.at("2026-03-03T08:00:00Z").event("low");
  host.at("2026-03-03T08:30:00Z").event("free").take();
  host.at("2026-03-03T09:00:00Z").advance();
  CHECK(host.told({"held_cap"}) == Lines{"held_cap l"});
  host.at("2026-03-03T10:00:00Z").event("high", {}, "cy").report(Receipt::failed, "f").crash();
  CHECK(host.after(10).advance().take() == Lines{"h@cy"});
}

TEST_CASE("sender: a strand that is left behind gives its turn to whoever comes next",
          "[engine][sender][parallel]") {
  const std::string_view beside = GENERATE("{send: mail, id: b, sender: ben}",
                                           "{join: all, parallel: [{steps: [{send: mail, id: b, "
                                           "sender: ben}]}, {steps: [{wait: 1h}]}]}");
  Host host(fmt::format("campaign: duo\npriority: 90\nentry: [{{event: duo}}]\nsteps:\n"
                        "  - join: any\n    parallel:\n"
                        "      - steps: [{{send: li, id: a, sender: anna}}]\n"
                        "      - steps: [{}]\n---\n"
                        "campaign: solo\npriority: 10\nentry: [{{event: solo}}]\n"
                        "steps: [{{send: mail, id: s, sender: ben}}]\n",
                        beside),
            "workspace: shop\nzone: UTC\n"
            "channels: {li: {address: contact.id}, mail: {address: contact.id}}\n"
            "senders:\n  anna: {channel: li, hours: \"Mon-Fri 10:00-17:00\"}\n"
            "  ben: {channel: mail, hours: \"Mon-Fri 10:00-17:00\"}\n");
  host.event("duo").event("solo", {}, "jan").advance();
  const std::size_t before = host.journal().size();
  host.after(hour_ms).advance();
  CHECK(goes_on_from_each_frame(host, before) > 1);
  CHECK(host.take() == Lines{"a", "s@jan"});
  CHECK(host.told({"left_behind"}).size() == 1);
}

TEST_CASE("sender: a lower rate counts from the newest that it lets go", "[engine][sender]") {
  Host host(campaign(), workspace(", rate: 3/h"));
  for (const char* each : {"u0", "u1", "u2"}) {
    host.event("c", {}, each).advance();
    CHECK(host.take().size() == 1);
    host.after(10 * minute_ms);
  }
  host.workspace(workspace(", rate: 1/h")).publish(campaign()).event("c").advance();
  const bool restored = GENERATE(false, true);
  if (restored) host.crash();
  CHECK(run_to(host, "2026-03-02T12:00:00Z") == Lines{"2026-03-02T10:20:00Z c"});
}

}  // namespace itinera::test
