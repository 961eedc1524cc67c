// SPDX-License-Identifier: Apache-2.0
// What a story and a funnel make of the journals of a real engine is what that engine says itself.
#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "insight/census.hpp"
#include "itinera/funnel.hpp"
#include "support/host.hpp"

namespace itinera::test {
namespace {

constexpr std::string_view waits = R"(campaign: waits
entry: [{event: go}]
reentry: always
steps: [{wait: 1d, id: w}, {send: id, id: later}]
)";
constexpr std::string_view sends = R"(campaign: sends
entry: [{event: ask}]
reentry: always
steps: [{send: id, id: hello}]
)";

Funnel funnel_of(Host& host) {
  Funnel funnel;
  REQUIRE(funnel.read(host.journal()));
  return funnel;
}

// Of campaigns whose journeys stand in one place at a time, and of which no action was offered
// again.
void check_agreement(Host& host) {
  const Funnel funnel = funnel_of(host);
  insight::Census census;
  REQUIRE(census.read(host.journal()));
  CHECK(funnel.totals().contacts == census.contacts());
  CHECK(funnel.totals().anonymous == census.anonymous());

  std::map<std::pair<std::string, std::uint32_t>, std::uint64_t> standing;
  for (const StepOccupancy& at : host.engine().occupancy()) {
    standing[{at.campaign, at.version}] += at.waiting + at.held + at.asked + at.stopped;
  }
  Statistics told;
  std::uint64_t sent = 0;
  for (const FunnelCampaign& campaign : funnel.campaigns()) {
    CAPTURE(campaign.name, campaign.version);
    CHECK(campaign.in_flight == (standing[{campaign.name, campaign.version}]));
    told.journeys_entered += campaign.entered;
    told.journeys_in_flight += campaign.in_flight;
    told.journeys_ended += campaign.finished + campaign.exited;
    CHECK(campaign.entered + campaign.moved_in ==
          campaign.in_flight + campaign.finished + campaign.exited + campaign.moved_out);
    for (const FunnelStep& step : campaign.steps) {
      CAPTURE(step.id);
      const bool has_sent = step.actions + step.withdrawn > 0;
      if (step.kind == "send") CHECK((step.reached > 0) == has_sent);
      sent += step.actions;
      told.actions_withdrawn += step.withdrawn;
    }
  }
  const Statistics& counts = host.statistics();
  CHECK(told.journeys_entered == counts.journeys_entered);
  CHECK(told.journeys_in_flight == counts.journeys_in_flight);
  CHECK(told.journeys_ended == counts.journeys_ended);
  CHECK(told.actions_withdrawn == counts.actions_withdrawn);
  CHECK(sent + told.actions_withdrawn == counts.actions_emitted);
  std::uint64_t by_month = 0;
  for (const auto& [month, count] : funnel.totals().sends) by_month += count;
  CHECK(by_month == sent);
}

// `contact` has had the device before all others.
Host& claim_earlier(Host& host, std::string_view device, std::string_view contact) {
  Alias claim = host.an_alias(device, contact);
  claim.envelope.occurred = host.clock() - hour_ms;
  return host.take_in(claim);
}

Host& forget(Host& host, std::string_view contact) {
  return host.take_in(Forget{contact, host.an_alias("").envelope});
}

}  // namespace

TEST_CASE("agreement: a journey by a device that goes over to another stays with the first",
          "[insight][story][S30]") {
  Host host(waits);
  const bool forgets = GENERATE(false, true);
  host.anonymous_event("go", "dev").alias("dev", "bob");
  claim_earlier(host, "dev", "ola");
  if (forgets) forget(host, "ola").event("go", {}, "eva").event("go", {}, "jan");
  host.after(day_ms).advance();
  CHECK(host.take().size() == (forgets ? 3 : 1));
  Lines told;
  for (const Told& each : host.story()) {
    if (each.what == "emitted") told.push_back(each.contact);
  }
  Lines taken;
  for (const Taken& each : host.actions()) taken.push_back(each.contact);
  CHECK(told == taken);
  CHECK(std::ranges::count(told, "bob") == 1);
  check_agreement(host);
}

TEST_CASE(
    "agreement: what was not taken is withdrawn when its contact is forgotten, by whatever id",
    "[insight][funnel]") {
  Host host(sends);
  host.event("ask").event("ask", {}, "bob");
  SECTION("their own") { forget(host, "ola"); }
  SECTION("of a device of theirs") {
    host.anonymous_event("ask", "dev").alias("dev", "eva");
    forget(host, "eva");
  }
  SECTION("of a device that has gone over since") {
    host.anonymous_event("ask", "dev").alias("dev", "ola");
    claim_earlier(host, "dev", "eva").anonymous_event("ask", "dev");
    const std::string who = GENERATE("ola", "eva");
    forget(host, who);
  }
  SECTION("of somebody who was merged, twice over") {
    host.event("ask", {}, "eva").event("ask", {}, "jan");
    host.take_in(Merge{"eva", "ola", host.an_alias("").envelope});
    host.take_in(Merge{"ola", "jan", host.an_alias("").envelope});
    forget(host, "jan");
  }
  check_agreement(host);
  const FunnelStep step = funnel_of(host).campaigns()[0].steps[0];
  CHECK(step.withdrawn == host.statistics().actions_withdrawn);
  CHECK(step.withdrawn > 0);
  CHECK(host.take().size() == step.actions);
  host.after(1).event("ask", {}, "bob").take();
  forget(host, "bob");
  check_agreement(host);
  CHECK(funnel_of(host).campaigns()[0].steps[0].withdrawn == step.withdrawn);
}

TEST_CASE("agreement: an action that its contact's end has withdrawn is told of by its step",
          "[insight][story]") {
  Host host(sends);
  host.event("ask").take_in(Forget{"ola", host.an_alias("").envelope});
  const std::vector<Told> all = host.story();
  CHECK(all.back().what == "withdrawn_exit");
  CHECK(all.back().reason == "forgotten");
  CHECK(all.back().step == "hello");
  CHECK(all.back().contact == "ola");
}

TEST_CASE("agreement: who was merged or forgotten is nobody of their own in the funnel",
          "[insight][funnel]") {
  Host host(sends);
  const auto counted = [&] {
    check_agreement(host);
    const Funnel funnel = funnel_of(host);
    return std::pair(funnel.totals().contacts, funnel.totals().anonymous);
  };
  host.event("ask").event("ask", {}, "bob").anonymous_event("ask", "z").anonymous_event("ask", "y");
  CHECK(counted() == std::pair(2ul, 2ul));
  host.take_in(Merge{"bob", "ola", host.an_alias("").envelope});
  CHECK(counted() == std::pair(1ul, 2ul));
  forget(host, "anonymous:z");
  CHECK(counted() == std::pair(1ul, 1ul));
  host.alias("y", "ola");
  CHECK(counted() == std::pair(1ul, 0ul));
  forget(host, "ola");
  CHECK(counted() == std::pair(0ul, 0ul));
  host.event("ask", {}, "eva");
  CHECK(counted() == std::pair(1ul, 0ul));
}

TEST_CASE("agreement: a journey that migrates counts where it is, its messages where they went out",
          "[insight][funnel][story][S23]") {
  const std::string head = "campaign: c\nentry: [{event: go}]\n";
  Host host(head + "steps: [{send: id, id: first}, {wait: 1d, id: w}, {send: id, id: second}]\n");
  host.event("go").event("go", {}, "bob").event("go", {}, "eva").take();
  host.after(hour_ms);
  host.publish(head +
                   "version: 2\n"
                   "steps: [{wait: 1h, id: b}, {wait: 1h, id: a}, {wait: 1d, id: w},\n"
                   "        {send: id, id: second}]\n",
               Migration{"c", WaitChange::keep, {}});
  host.report(Receipt::opened, "first");
  check_agreement(host);
  {
    const Funnel funnel = funnel_of(host);
    REQUIRE(funnel.campaigns().size() == 2);
    const FunnelCampaign& old = funnel.campaigns()[0];
    CHECK(old.moved_out == 3);
    CHECK(old.steps[0].receipts == Counts{{"opened", 1}});
    const FunnelCampaign& renewed = funnel.campaigns()[1];
    CHECK(renewed.entered == 0);
    CHECK(renewed.moved_in == 3);
    CHECK(renewed.steps[0].reached == 0);
    CHECK(renewed.steps[2].reached == 3);
    for (const FunnelStep& step : renewed.steps) CHECK(step.receipts.empty());
  }
  const std::string first = host.actions().front().contact;  // others' are reported of
  forget(host, first).event("go", {}, "jan").after(2 * day_ms).advance().take();
  host.report(Receipt::clicked, "first").report(Receipt::opened, "second");
  check_agreement(host);
  const Funnel funnel = funnel_of(host);
  CHECK(funnel.campaigns()[0].steps[0].receipts == Counts{{"clicked", 1}, {"opened", 1}});
  CHECK(funnel.campaigns()[1].steps[3].receipts == Counts{{"opened", 1}});
  CHECK(funnel.campaigns()[1].steps[3].reached == 3);
  CHECK(to_text(funnel.campaigns()[0]).find("\nmoved out ") != std::string::npos);
  CHECK(to_text(funnel.campaigns()[1]).find("\nmoved in ") != std::string::npos);
  CHECK(to_text(funnel.campaigns()[1]).find(" 75.0%") != std::string::npos);
}

TEST_CASE("agreement: that a step was gone through is no choice", "[insight][funnel]") {
  Host host(R"(campaign: c
entry: [{event: go}]
steps:
  - id: both
    parallel: [{steps: [{send: id, id: s}]}, {steps: [{wait: 1h, id: w}]}]
    join: all
  - {emit: pinged, id: tell}
  - id: one
    parallel: [{steps: [{wait: 1d, id: slow}]}, {steps: [{wait: 1h, id: quick}]}]
    join: any
)");
  host.event("go").after(hour_ms).advance().after(hour_ms).advance();
  const Funnel funnel = funnel_of(host);
  for (const FunnelStep& step : funnel.campaigns()[0].steps) {
    CAPTURE(step.id);
    CHECK(step.choices == (step.id == "one" ? Counts{{"quick", 1}} : Counts{}));
  }
}

}  // namespace itinera::test
