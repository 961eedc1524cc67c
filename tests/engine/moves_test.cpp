// SPDX-License-Identifier: Apache-2.0
// S13: contacts that move from zone to zone meet each occurrence of a schedule or a date once.
#include <fmt/format.h>

#include "support/host.hpp"

namespace itinera::test {
namespace {

constexpr std::string_view in_utc =
    "workspace: w\nzone: UTC\nchannels:\n  id: {address: contact.id, consent: none}\n";

std::string by(std::string_view entry, std::string_view more = "") {
  return fmt::format(
      "campaign: a\nentry: [{{{}}}]\nreentry: always\n{}\nsteps: [{{send: id, id: hi}}]\n", entry,
      more);
}

Properties in_zone(const char* zone) { return {{"zone", zone}}; }

// At ten on 2 March 2026, each in its way.
constexpr std::string_view entries[] = {
    "schedule: '0 10 2 3 *'",
    "schedule: '2026-03-02', at: '10:00'",
    "schedule: '2026-03-02', at: '10:00', ramp: {per: hour, max: 1}",
    "schedule: 'FREQ=WEEKLY;BYDAY=MO;COUNT=1', from: '2026-02-25', at: '10:00'",
    "date: contact.day, at: '10:00'",
    "date: contact.born, every: year, at: '10:00'",
    "date: contact.instant, every: year, at: '10:00'"};

// A contact that lives there, the day before.
Host living(std::string_view entry, const char* zone, std::string_view workspace = in_utc) {
  Host host(by(entry), workspace, {}, "2026-02-28T00:00:00Z");
  host.identify({{"zone", zone},
                 {"day", "2026-03-02"},
                 {"born", "1990-03-02"},
                 {"instant", "1990-03-02T12:00:00Z"}});
  host.at("2026-03-01T00:00:00Z").advance();
  return host;
}

}  // namespace

TEST_CASE("moves: west, what has come does not come again", "[engine][S13][schedule][date]") {
  const std::string_view entry = GENERATE(from_range(std::begin(entries), std::end(entries)));
  const int moves = GENERATE(1, 2, 3);
  INFO(entry << ", moves " << moves);
  Host host = living(entry, "Europe/Warsaw");
  CHECK(run_to(host, "2026-03-02T12:00:00Z") == Lines{"2026-03-02T09:00:00Z hi"});
  host.identify(in_zone("America/New_York")).crash();
  if (moves > 1) {  // and on, before it would come there
    CHECK(run_to(host, "2026-03-02T14:00:00Z").empty());
    host.identify(in_zone("America/Los_Angeles"));
  }
  if (moves > 2) {
    CHECK(run_to(host, "2026-03-02T17:00:00Z").empty());
    host.crash().identify(in_zone("Asia/Tokyo"));
  }
  CHECK(run_to(host, "2026-03-31T00:00:00Z").empty());
}

TEST_CASE("moves: east, what is passed there comes at once", "[engine][S13][schedule][date]") {
  const std::string_view entry = GENERATE(from_range(std::begin(entries), std::end(entries)));
  const bool crashes = GENERATE(false, true);
  INFO(entry);
  Host host = living(entry, "America/New_York");
  CHECK(run_to(host, "2026-03-02T11:59:00Z").empty());
  host.at("2026-03-02T12:00:00Z").identify(in_zone("Europe/Warsaw"));
  if (crashes) host.crash();
  CHECK(run_to(host, "2026-03-02T13:00:00Z") == Lines{"2026-03-02T12:00:00Z hi"});
  host.identify(in_zone("America/New_York"));  // and back, where the wall is before ten again
  if (crashes) host.crash();
  CHECK(run_to(host, "2026-03-31T00:00:00Z").empty());
}

TEST_CASE("moves: what is to come in both comes where the contact lives", "[engine][S13]") {
  const std::string_view entry = GENERATE(from_range(std::begin(entries), std::end(entries)));
  INFO(entry);
  Host host = living(entry, "America/New_York");
  host.identify(in_zone("Asia/Tokyo")).crash();
  CHECK(run_to(host, "2026-03-02T00:30:00Z").empty());
  host.identify(in_zone("Europe/Warsaw"));
  CHECK(run_to(host, "2026-03-31T00:00:00Z") == Lines{"2026-03-02T09:00:00Z hi"});
}

TEST_CASE("moves: a daily schedule comes once a date of the wall", "[engine][S13][schedule]") {
  Host host = living("schedule: '0 10 * * *'", "Europe/Warsaw");
  CHECK(run_to(host, "2026-03-02T12:00:00Z") ==
        Lines{"2026-03-01T09:00:00Z hi", "2026-03-02T09:00:00Z hi"});
  host.identify(in_zone("America/New_York"));
  CHECK(run_to(host, "2026-03-03T13:59:00Z").empty());
  host.at("2026-03-03T14:00:00Z")
      .identify(in_zone("Asia/Tokyo"));  // 23:00 there, on the 3rd, that has not come yet
  CHECK(run_to(host, "2026-03-04T00:00:00Z") == Lines{"2026-03-03T14:00:00Z hi"});
  CHECK(run_to(host, "2026-03-05T00:00:00Z") == Lines{"2026-03-04T01:00:00Z hi"});
  host.identify(in_zone("Nowhere"));  // which is none: the workspace's
  CHECK(run_to(host, "2026-03-06T00:00:00Z") == Lines{"2026-03-05T10:00:00Z hi"});
}

TEST_CASE("moves: only what the contact was there for has come, or is missed", "[engine][S13]") {
  Host host(by("schedule: '0 10 * * *'"), in_utc, {}, "2026-03-02T12:00:00Z");
  host.identify({{"x", 1}});
  host.after(minute_ms).identify(in_zone("America/New_York"));
  CHECK(run_to(host, "2026-03-03T00:00:00Z") == Lines{"2026-03-02T15:00:00Z hi"});

  Host early(by("schedule: '0 10 * * *'"), in_utc, {}, "2026-03-02T08:00:00Z");
  early.identify(in_zone("Asia/Tokyo"));
  early.identify({{"x", 1}}, "jan");
  early.after(minute_ms).identify(in_zone("Asia/Tokyo"), "jan");
  CHECK(run_to(early, "2026-03-03T00:00:00Z").empty());
}

TEST_CASE("moves: who is in the segment then comes in at once", "[engine][S13][schedule]") {
  const bool stays = GENERATE(true, false);
  Host host = living("schedule: '0 10 2 3 *', segment: gold", "America/New_York",
                     std::string(in_utc) + "segments:\n  gold: contact.tier == 'gold'\n");
  host.identify({{"tier", stays ? "tin" : "gold"}});
  host.at("2026-03-02T12:00:00Z");
  host.identify({{"zone", "Europe/Warsaw"}, {"tier", stays ? "gold" : "tin"}});
  CHECK(run_to(host, "2026-03-03T00:00:00Z") ==
        (stays ? Lines{"2026-03-02T12:00:00Z hi"} : Lines{}));
}

TEST_CASE("moves: an entry in a zone of its own does not mind", "[engine][S13][schedule]") {
  const bool west = GENERATE(true, false);
  Host host = living("schedule: '0 10 * * *', zone: UTC", west ? "Europe/Warsaw" : "Asia/Tokyo");
  host.at("2026-03-02T12:00:00Z").advance().take();
  host.identify(in_zone(west ? "America/New_York" : "Pacific/Auckland"));
  CHECK(run_to(host, "2026-03-04T00:00:00Z") == Lines{"2026-03-03T10:00:00Z hi"});
}

TEST_CASE("moves: a new version of the campaign does not begin again", "[engine][S13][schedule]") {
  const std::string entry = "schedule: '0 10 2 3 *'";
  Host host = living(entry, "Europe/Warsaw");
  CHECK(run_to(host, "2026-03-02T12:00:00Z").size() == 1);
  host.identify(in_zone("America/New_York"));
  host.publish("version: 2\n" + by(entry)).crash();
  CHECK(run_to(host, "2026-04-01T00:00:00Z").empty());
}

TEST_CASE("moves: by a link and by a journey's `set` as by anything", "[engine][S13]") {
  const bool linked = GENERATE(true, false);
  Host host(by("schedule: '0 10 2 3 *'") +
                "---\ncampaign: b\nentry: [{event: go}]\n"
                "steps: [{set: {zone: America/New_York}}]\n",
            in_utc, {}, "2026-02-28T00:00:00Z");
  host.identify(in_zone("Europe/Warsaw"));
  CHECK(run_to(host, "2026-03-02T12:00:00Z") == Lines{"2026-03-02T09:00:00Z hi"});
  if (linked) {
    Identify visitor;
    visitor.anonymous = "v";
    visitor.envelope.received = host.clock();
    const Properties zone = in_zone("America/New_York");
    visitor.attributes = zone;
    host.take_in(visitor).alias("v");
  } else {
    host.event("go").take();
  }
  host.crash();
  CHECK(run_to(host, "2026-04-01T00:00:00Z").empty());
  CHECK(host.told({"passed_over"}) == Lines{"passed_over"});
}

TEST_CASE("moves: a time that one clock leaves out is known by the other", "[engine][S13][S8]") {
  // Half past two of 29 March is three o'clock in Warsaw, 01:00 UTC.
  Host host = living("schedule: '30 2 29 3 *'", "Europe/Warsaw");
  const bool before = GENERATE(true, false);
  host.at(before ? "2026-03-29T00:50:00Z" : "2026-03-29T01:10:00Z").advance();
  CHECK(host.take().size() == (before ? 0 : 1));
  host.identify(in_zone("America/New_York")).crash();
  CHECK(run_to(host, "2026-03-30T00:00:00Z") ==
        (before ? Lines{"2026-03-29T06:30:00Z hi"} : Lines{}));
}

}  // namespace itinera::test
