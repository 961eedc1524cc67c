// SPDX-License-Identifier: Apache-2.0
// Those who come by themselves: by dates, by schedules, in lines with a ramp; and caps.
#include <fmt/format.h>

#include <set>

#include "engine/loss.hpp"
#include "support/host.hpp"

namespace itinera::test {
namespace {

std::string by(std::string_view entry, std::string_view rest = "") {
  return fmt::format("campaign: a\nentry: [{{{}}}]\n{}\nsteps: [{{send: id, id: hi}}]\n", entry,
                     rest);
}

Properties born(const char* date) { return {{"birthday", date}}; }

Properties in_zone(const char* zone) { return {{"zone", zone}}; }

}  // namespace

TEST_CASE("date: a birthday comes every year, at nine by the contact's clock", "[engine][date]") {
  Host host(by("date: contact.birthday, every: year"));
  host.identify(born("1990-03-05"));
  host.identify({{"birthday", "1985-07-01"}, {"zone", "America/New_York"}}, "jan");
  host.crash();
  CHECK(run_to(host, "2027-12-01T00:00:00Z") ==
        Lines{"2026-03-05T08:00:00Z hi", "2026-07-01T13:00:00Z hi@jan", "2027-03-05T08:00:00Z hi",
              "2027-07-01T13:00:00Z hi@jan"});
}

TEST_CASE("date: 29 February falls on the 28th in common years", "[engine][date][S11]") {
  Host host(by("date: contact.birthday, every: year, at: '10:00', zone: UTC"));
  host.identify(born("2000-02-29"));
  CHECK(run_to(host, "2028-12-01T00:00:00Z") ==
        Lines{"2027-02-28T10:00:00Z hi", "2028-02-29T10:00:00Z hi"});
}

TEST_CASE("date: once, with an offset; today counts if its time is not past", "[engine][date]") {
  Host host(by("date: contact.ends, offset: -3d, at: '10:00', zone: UTC"));
  host.identify({{"ends", "2026-03-10T15:00:00Z"}});
  host.identify({{"ends", "2026-03-05"}}, "today");  // three days before is today, at ten
  host.identify({{"ends", "2026-03-04"}}, "late");   // that was yesterday
  host.identify({{"ends", "sometime"}}, "nonsense");
  CHECK(run_to(host, "2027-12-01T00:00:00Z") ==
        Lines{"2026-03-02T10:00:00Z hi@today", "2026-03-07T10:00:00Z hi"});
}

TEST_CASE("date: a date or a zone that changes moves the entry; it never comes twice",
          "[engine][date]") {
  Host host(by("date: contact.birthday, every: year", "reentry: always"));
  host.identify({{"birthday", "1990-03-05"}, {"zone", "UTC"}});
  host.identify(born("1990-03-06"));
  CHECK(run_to(host, "2026-03-06T08:59:00Z").empty());
  host.at("2026-03-06T08:59:59Z");
  host.identify(in_zone("Asia/Tokyo"));  // nine o'clock of the 6th is past in Tokyo
  CHECK(run_to(host, "2027-03-05T23:59:59Z") == Lines{"2026-03-06T08:59:59Z hi"});
  CHECK(run_to(host, "2027-03-06T00:00:00Z") == Lines{"2027-03-06T00:00:00Z hi"});
}

TEST_CASE("date: conditions and keys of the entry are asked when it comes", "[engine][date]") {
  Host host(by("date: contact.birthday, every: year, zone: UTC, when: contact.ok, key: contact.k"));
  host.identify({{"birthday", "1990-03-05"}, {"ok", true}, {"k", "x"}});
  host.identify({{"birthday", "1990-03-05"}, {"ok", false}, {"k", "x"}}, "jan");
  CHECK(run_to(host, "2026-04-01T00:00:00Z") == Lines{"2026-03-05T09:00:00Z hi"});
  CHECK(host.action("hi").key == "x");
}

TEST_CASE("schedule: at each occurrence, by the clock of each contact", "[engine][schedule]") {
  Host host(by("schedule: '0 10 * * TUE'"));
  host.identify(in_zone("Europe/Warsaw"));
  host.identify(in_zone("America/New_York"), "jan");
  host.identify({{"x", 1}}, "nowhere");  // the workspace's zone
  host.crash();
  CHECK(run_to(host, "2026-03-11T00:00:00Z") ==
        Lines{"2026-03-03T09:00:00Z hi", "2026-03-03T09:00:00Z hi@nowhere",
              "2026-03-03T15:00:00Z hi@jan", "2026-03-10T09:00:00Z hi",
              "2026-03-10T09:00:00Z hi@nowhere", "2026-03-10T14:00:00Z hi@jan"});
}

TEST_CASE("schedule: a segment's members as they are then, in one zone", "[engine][schedule]") {
  Host host(by("schedule: 'FREQ=MONTHLY;BYMONTHDAY=-1', at: '09:00', segment: gold, zone: UTC"),
            std::string(shop) + "segments:\n  gold: contact.tier == 'gold'\n");
  host.identify({{"tier", "gold"}});
  host.identify({{"tier", "gold"}}, "jan");
  host.at("2026-03-20T00:00:00Z").identify({{"tier", "tin"}}, "jan");
  host.identify({{"tier", "gold"}}, "ewa");
  const Lines sent = run_to(host, "2026-04-29T00:00:00Z");
  CHECK(std::set<std::string>(sent.begin(), sent.end()) ==
        std::set<std::string>{"2026-03-31T09:00:00Z hi", "2026-03-31T09:00:00Z hi@ewa"});
}

TEST_CASE("schedule: an ISO date occurs once; weekly rules count from `from`",
          "[engine][schedule]") {
  Host once(by("schedule: '2026-03-10', at: '08:00', zone: UTC"));
  once.identify({{"x", 1}});
  CHECK(run_to(once, "2027-01-01T00:00:00Z") == Lines{"2026-03-10T08:00:00Z hi"});
  Host weekly(by("schedule: 'FREQ=WEEKLY;INTERVAL=2', from: '2026-02-26', zone: UTC"));
  weekly.identify({{"x", 1}});
  CHECK(run_to(weekly, "2026-03-27T00:00:00Z") ==
        Lines{"2026-03-12T09:00:00Z hi", "2026-03-26T09:00:00Z hi"});
}

TEST_CASE("schedule: a publication begins it anew and loses none", "[engine][schedule]") {
  Host host(by("schedule: '0 10 * * *', zone: UTC"));
  host.identify({{"x", 1}});
  host.after(1000).publish("version: 2\n" + by("schedule: '0 12 * * *', zone: UTC"));
  CHECK(run_to(host, "2026-03-03T13:00:00Z") ==
        Lines{"2026-03-02T12:00:00Z hi", "2026-03-03T12:00:00Z hi"});
}

TEST_CASE("ramp: so many come in each hour, the others wait in line", "[engine][ramp]") {
  Host host(by("schedule: '0 10 * * TUE', zone: UTC, ramp: {per: hour, max: 2}"));
  for (const char* who : {"a", "b", "c", "d", "e"}) host.identify({{"x", 1}}, who);
  const bool crashes = GENERATE(false, true);
  host.at("2026-03-03T10:00:00Z").advance();
  CHECK(host.take().size() == 2);
  if (crashes) host.crash();
  host.at("2026-03-03T10:59:59Z").advance();
  CHECK(host.take().empty());
  host.at("2026-03-03T11:00:00Z").advance();
  CHECK(host.take().size() == 2);
  host.at("2026-03-04T00:00:00Z").advance();
  CHECK(host.take().size() == 1);
}

TEST_CASE("ramp: who leaves the segment while waiting does not come in", "[engine][ramp]") {
  Host host(by("segment: gold, ramp: {per: hour, max: 1}"),
            std::string(shop) + "segments:\n  gold: contact.tier == 'gold'\n");
  host.identify({{"tier", "gold"}});
  host.identify({{"tier", "gold"}}, "jan");
  host.identify({{"tier", "gold"}}, "ewa");
  host.advance();
  CHECK(host.take() == Lines{"hi"});
  host.after(60'000).identify({{"tier", "tin"}}, "jan");
  host.after(hour_ms).advance();
  CHECK(host.take().empty());  // it was jan's turn
  host.after(hour_ms).advance();
  CHECK(host.take() == Lines{"hi@ewa"});
}

TEST_CASE("ramp: a line goes on with the version that takes its place", "[engine][ramp]") {
  const std::string entry = "segment: gold, ramp: {per: hour, max: 1}";
  Host host(by(entry), std::string(shop) + "segments:\n  gold: contact.tier == 'gold'\n");
  host.identify({{"tier", "gold"}});
  host.identify({{"tier", "gold"}}, "jan");
  host.advance();
  CHECK(host.take().size() == 1);
  const bool same_entry = GENERATE(true, false);
  host.after(1000).publish("version: 2\n" + by(same_entry ? entry : "event: go"));
  host.crash();
  host.after(2 * hour_ms).advance();
  CHECK(host.take().size() == (same_entry ? 1u : 0u));
  if (same_entry) CHECK(host.actions().back().version == 2);
}

TEST_CASE("cap: in all, and by the campaign's calendar day", "[engine][cap]") {
  Host host(by("event: go", "zone: America/New_York\nentry_cap: {total: 3, day: 2}"));
  for (const char* who : {"a", "b", "c"}) host.event("go", {}, who);
  CHECK(host.take().size() == 2);
  CHECK(host.told({"refused_entry"}) == Lines{"refused_entry (cap)"});
  host.at("2026-03-03T04:59:59Z").event("go", {}, "c");
  CHECK(host.take().empty());
  host.crash();
  host.at("2026-03-03T05:00:00Z").event("go", {}, "c").event("go", {}, "d");
  CHECK(host.take() == Lines{"hi@c"});
}

TEST_CASE("schedule: large broadcasts are many frames, and survive a crash in between",
          "[engine][schedule]") {
  Host host(by("schedule: '0 10 * * *', zone: UTC"));
  for (int i = 0; i < 3000; ++i) host.identify({{"x", 1}}, fmt::format("c{}", i));
  host.at("2026-03-02T10:00:00Z").advance();
  const Lines whole = host.take();
  CHECK(whole.size() == 3000);
  CHECK(std::set<std::string>(whole.begin(), whole.end()).size() == 3000);
}

TEST_CASE("schedule: a rule counts from its own publication, whatever else is published",
          "[engine][schedule][S23]") {
  const std::string news = by("schedule: FREQ=MONTHLY, zone: UTC");
  const auto beside = [](int number) {
    return fmt::format("---\ncampaign: b\nversion: {}\nentry: [host]\nsteps: [{{wait: 1h}}]\n",
                       number);
  };
  Host host(news + beside(1), shop, {}, "2026-03-05T08:00:00Z");
  host.identify({{"x", 1}});
  CHECK(run_to(host, "2026-03-20T08:00:00Z") == Lines{"2026-03-05T09:00:00Z hi"});
  const Loss loss = GENERATE(Loss::none, Loss::journal, Loss::snapshot);
  host.publish(news + beside(2));
  lose(host, loss);
  CHECK(run_to(host, "2026-05-06T00:00:00Z") ==
        Lines{"2026-04-05T09:00:00Z hi", "2026-05-05T09:00:00Z hi"});
}

TEST_CASE("schedule: a version with the same rule keeps the day from which it counts",
          "[engine][schedule][S23]") {
  const auto version = [](int number, std::string_view rule) {
    return fmt::format("version: {}\n", number) + by(fmt::format("schedule: {}, zone: UTC", rule));
  };
  constexpr const char* second = "FREQ=WEEKLY;INTERVAL=2";
  constexpr const char* third = "FREQ=WEEKLY;INTERVAL=3";
  Host host(version(1, second), shop, {}, "2026-03-02T08:00:00Z");  // a Monday
  host.identify({{"x", 1}});
  CHECK(run_to(host, "2026-03-10T08:00:00Z") == Lines{"2026-03-02T09:00:00Z hi"});
  const Loss loss = GENERATE(Loss::none, Loss::journal, Loss::snapshot);
  SECTION("the same") {
    host.publish(version(2, second));
    lose(host, loss);
    CHECK(run_to(host, "2026-03-31T00:00:00Z") ==
          Lines{"2026-03-16T09:00:00Z hi", "2026-03-30T09:00:00Z hi"});
  }
  SECTION("another, and the first again") {
    host.publish(version(2, third));
    lose(host, loss);
    CHECK(run_to(host, "2026-03-11T00:00:00Z") == Lines{"2026-03-10T09:00:00Z hi"});
    host.publish(version(1, second));
    lose(host, loss);
    CHECK(run_to(host, "2026-03-17T00:00:00Z") == Lines{"2026-03-16T09:00:00Z hi"});
    host.publish(version(3, third));
    lose(host, loss);
    CHECK(run_to(host, "2026-04-01T00:00:00Z") == Lines{"2026-03-31T09:00:00Z hi"});
  }
}

TEST_CASE("ramp: a line goes on with the entry that lets the same people in", "[engine][ramp]") {
  const auto entry = [](int k) {
    return fmt::format("{{segment: s, when: contact.k == {}, ramp: {{per: hour, max: 1}}}}", k);
  };
  const auto version = [](int number, const std::string& entries) {
    return fmt::format("campaign: a\nversion: {}\nentry: [{}]\nsteps: [{{send: id, id: hi}}]\n",
                       number, entries);
  };
  Host host(version(1, entry(1) + ", " + entry(2)),
            std::string(shop) + "segments:\n  s: contact.k > 0\n");
  for (const char* who : {"ola", "jan", "ewa"}) host.identify({{"k", 2}}, who);
  host.advance();
  CHECK(host.take() == Lines{"hi"});
  const std::string then = GENERATE_COPY(entry(1) + ", " + entry(2), entry(2) + ", " + entry(1),
                                         entry(0) + ", " + entry(1) + ", " + entry(2));
  host.after(1000).publish(version(2, then));
  lose(host, GENERATE(Loss::none, Loss::journal, Loss::snapshot));
  CHECK(run_to(host, "2026-03-03T00:00:00Z").size() == 2);
}

TEST_CASE("ramp: a line whose entry asks for something else goes on at its place",
          "[engine][ramp]") {
  const auto version = [](int number, int k) {
    return fmt::format(
        "campaign: a\nversion: {}\nentry:\n"
        "  - {{segment: s, when: contact.k == 1, ramp: {{per: hour, max: 1}}}}\n"
        "  - {{segment: s, when: contact.k >= {}, ramp: {{per: hour, max: 1}}}}\n"
        "steps: [{{send: id, id: hi}}]\n",
        number, k);
  };
  Host host(version(1, 2), std::string(shop) + "segments:\n  s: contact.k > 0\n");
  for (const char* who : {"ola", "jan"}) host.identify({{"k", 3}}, who);
  host.advance();
  CHECK(host.take() == Lines{"hi"});
  host.after(1000).publish(version(2, 3)).crash();
  CHECK(run_to(host, "2026-03-03T00:00:00Z").size() == 1);
}

TEST_CASE("ramp: a line does not go on with an entry that lets others in, as it did before",
          "[engine][ramp]") {
  constexpr const char* vips = "  - {segment: s, when: contact.vip, ramp: {per: hour, max: 1}}\n";
  constexpr const char* all = "  - {segment: s, ramp: {per: hour, max: 1}}\n";
  const auto version = [](int number, const std::string& entries) {
    return fmt::format("campaign: a\nversion: {}\nentry:\n{}steps: [{{send: id, id: hi}}]\n",
                       number, entries);
  };
  Host host(version(1, std::string(vips) + all),
            std::string(shop) + "segments:\n  s: contact.k > 0\n");
  for (const char* who : {"ola", "jan"}) host.identify({{"k", 1}, {"vip", false}}, who);
  host.advance();
  CHECK(host.take().size() == 1);
  const bool stays = GENERATE(true, false);
  host.after(1000).publish(version(2, stays ? std::string(vips) + all : vips));
  for (const char* who : {"ola", "jan"}) host.identify({{"vip", true}}, who);
  lose(host, GENERATE(Loss::none, Loss::journal, Loss::snapshot));
  CHECK(run_to(host, "2026-03-03T00:00:00Z").size() == (stays ? 1 : 0));
}

}  // namespace itinera::test
