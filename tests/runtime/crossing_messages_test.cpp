// SPDX-License-Identifier: Apache-2.0
// Messages that come again, and who is forgotten, after somebody has gone to another shard: the
// same as in one engine.
#include <algorithm>
#include <string>
#include <vector>

#include "runtime/crossing_host.hpp"
#include "support/catch.hpp"

namespace {

using namespace itinera;  // NOLINT(google-build-using-namespace): a test of many of its names
using test::a_lamp;
using test::at;
using test::many;
using test::start;
using Host = test::CrossingHost;

const Properties mail{{"email", "ada@example.com"}};

Identify known_as(std::string_view contact, Instant when) {
  Identify identify;
  identify.contact = contact;
  identify.attributes = mail;
  identify.envelope = at(when);
  return identify;
}

// What becomes of it without shards and with many: what is told, repeats, and what was refused.
template <class Play>
void check_alike(Play play) {
  std::vector<std::vector<std::string>> told;
  std::vector<std::uint64_t> repeats;
  for (const std::uint32_t shards : {1U, many}) {
    Host host(shards, 2);
    play(host);
    host.come_to(start + 5 * day_ms);
    told.push_back(host.sorted());
    repeats.push_back(host.runtime.statistics().duplicates);
    if (shards != 1) CHECK(host.crossings() > 0);
  }
  CHECK(told[0] == told[1]);
  CHECK(repeats[0] == repeats[1]);
}

bool has(const base::Bytes& all, std::string_view text) {
  const auto begin = base::as_bytes(text);
  return std::search(all.begin(), all.end(), begin.begin(), begin.end()) != all.end();
}

}  // namespace

TEST_CASE("crossing: a message that came before somebody was forgotten comes once",
          "[runtime][shards][S4][S31]") {
  check_alike([](Host& host) {
    host.take(known_as("ada", start));
    host.take(Group{"acme", "ada", at(start)});
    host.take(Event{"viewed", "ada", {}, at(start, "m1"), a_lamp});
    host.take(Forget{"ada", at(start + minute_ms)});
    host.take(known_as("ada", start + hour_ms));
    host.take(Event{"viewed", "ada", {}, at(start, "m1"), a_lamp});
  });
}

TEST_CASE("crossing: a report that came before two were one comes once",
          "[runtime][shards][S4][S30]") {
  check_alike([](Host& host) {
    for (const std::string_view each : {"bob", "cid", "dan", "eve"}) {
      host.take(known_as(each, start));
      host.take(Event{"viewed", each, {}, at(start), a_lamp});
    }
    host.come_to(start + 12 * minute_ms);
    std::vector<Report> reports;
    const std::vector given = host.sink.ids;  // their contacts name the reports
    for (const auto& [contact, action] : given) {
      Report& report = reports.emplace_back();
      report.action = action;
      report.receipt = Receipt::opened;
      report.envelope = at(start + 13 * minute_ms, contact);
      host.take(report);
    }
    for (const std::string_view each : {"cid", "dan", "eve"}) {
      host.take(Merge{each, "bob", at(start + 14 * minute_ms)});
    }
    for (const Report& report : reports) host.take(report);
  });
}

TEST_CASE("crossing: a message that is refused where it came before moves no time",
          "[runtime][shards][S4][S30]") {
  check_alike([](Host& host) {
    host.take(known_as("ada", start));
    host.take(Event{"viewed", {}, "phone", at(start, "m1"), a_lamp});
    host.take(Alias{"phone", "ada", at(start + minute_ms)});
    const Input other[] = {Event{"viewed", {}, "phone", at(start + 4 * day_ms, "m1"), {}}};
    const std::vector<Refusal> refused = host.feed(other);
    REQUIRE(refused.size() == 1);
    CHECK(refused.front().error.code == ErrorCode::conflict);
    host.take(Event{"bought", "ada", {}, at(start + 2 * minute_ms)});
  });
}

TEST_CASE("crossing: a message on the edge of its window leaves a store that opens",
          "[runtime][shards][S4][S30]") {
  const std::int64_t early_ms = GENERATE(0, 1, 2);
  std::vector<std::vector<std::string>> told;
  for (const std::uint32_t shards : {1U, many}) {
    const auto disk = memory_disk();
    Workspace workspace = test::shop();
    workspace.dedupe_ms = hour_ms;
    const Campaign campaign = test::browse();
    std::vector<std::string> all;
    {
      test::ShardHost host(workspace, campaign, start, shards, 1, disk);
      const Instant edge = start + hour_ms - early_ms;
      const Input before[] = {known_as("ada", start),
                              Event{"viewed", {}, "phone", at(start, "m1"), a_lamp},
                              Alias{"phone", "ada", at(start + minute_ms)}};
      REQUIRE(host.feed(before).empty());
      REQUIRE(host.runtime.advance_to(edge, host.sink));
      const Input again[] = {Event{"viewed", {}, "phone", at(edge, "m1"), a_lamp}};
      REQUIRE(host.feed(again).empty());
      REQUIRE(host.runtime.advance_to(edge + minute_ms, host.sink));
      all = host.sink.told;
    }
    test::ShardHost host(workspace, campaign, start, 0, 1, disk);
    REQUIRE(host.runtime.advance_to(start + 5 * day_ms, host.sink));
    all.insert(all.end(), host.sink.told.begin(), host.sink.told.end());
    std::sort(all.begin(), all.end());
    told.push_back(all);
  }
  CHECK(told[0] == told[1]);
}

TEST_CASE("crossing: who is united and forgotten in one call is nowhere",
          "[runtime][shards][S31]") {
  Host host(many, 2);
  Identify other = known_as("SECRET-2", start);
  const Properties trait{{"email", "TRAIT@example.com"}};
  other.attributes = trait;
  const Input inputs[] = {known_as("SECRET-1", start),
                          other,
                          Event{"viewed", {}, "SECRET-3", at(start), a_lamp},
                          Merge{"SECRET-2", "SECRET-1", at(start + minute_ms)},
                          Alias{"SECRET-3", "SECRET-1", at(start + minute_ms)},
                          Forget{"SECRET-1", at(start + 2 * minute_ms, "f1")}};
  REQUIRE(host.feed(inputs).empty());
  REQUIRE(host.crossings() > 0);
  REQUIRE(has(host.bytes(), "SECRET"));
  REQUIRE(host.runtime.erase());
  CHECK_FALSE(has(host.bytes(), "SECRET"));
  CHECK_FALSE(has(host.bytes(), "TRAIT"));
  CHECK(host.runtime.statistics().contacts == 0);
}

TEST_CASE("crossing: a `forget` that comes again forgets nobody elsewhere",
          "[runtime][shards][S4][S31]") {
  Host host(many, 2);
  host.take(known_as("ada", start));
  host.take(Forget{"ada", at(start, "f1")});
  host.take(Event{"viewed", {}, "phone", at(start), a_lamp});
  host.take(known_as("ada", start));
  host.take(Alias{"phone", "ada", at(start)});
  REQUIRE(host.crossings() == 1);
  host.take(Forget{"ada", at(start, "f1")});
  CHECK(host.runtime.statistics().duplicates == 1);
  const base::Bytes before = host.bytes();
  REQUIRE(host.runtime.erase());
  CHECK(has(host.bytes(), "anonymous:phone") == has(before, "anonymous:phone"));
  CHECK(has(host.bytes(), "phone"));
  host.come_to(start + day_ms);
  CHECK_FALSE(host.sink.told.empty());
}

TEST_CASE("crossing: what somebody refused before they went goes to nobody",
          "[runtime][shards][S19]") {
  std::vector<std::size_t> sent;
  for (const std::uint32_t shards : {1U, many}) {
    Workspace workspace = test::shop();
    workspace.channels.front().consent = Channel::ConsentRule::opt_in;
    const auto campaign = CampaignBuilder("now")
                              .on_event("asked")
                              .steps(Sequence().send("email", {.id = "answer"}))
                              .build();
    REQUIRE(campaign);
    test::ShardHost host(workspace, *campaign, start, shards);
    const Consent granted[] = {{"email", {}, true, "form"}};
    const Consent denied[] = {{"email", {}, false, "form"}};
    Identify yes = known_as("ada", start);
    yes.consents = granted;
    Identify no = known_as("ada", start + minute_ms);
    no.consents = denied;
    const Input inputs[] = {yes, Event{"asked", "ada", {}, at(start + minute_ms)}, no,
                            Group{"acme", "ada", at(start + minute_ms)}};
    REQUIRE(host.feed(inputs).empty());
    REQUIRE(host.runtime.advance_to(start + day_ms, host.sink));
    sent.push_back(host.sink.told.size());
  }
  CHECK(sent[0] == 0);
  CHECK(sent[1] == 0);
}

// S0: the order in which contacts are fed changes nothing.
TEST_CASE("crossing: of what two did in one millisecond the order is the same wherever they were",
          "[runtime][shards][S0][S30]") {
  const bool first = GENERATE(false, true);
  std::vector<std::vector<std::string>> told;
  for (const std::uint32_t shards : {1U, many}) {
    const auto campaign =
        CampaignBuilder("look-back")
            .on_event("started")
            .steps(Sequence()
                       .wait("1h")
                       .wait_for(event("viewed"), {.within = "10m", .since = "journey"})
                       .send("email", {.id = "after"}))
            .build();
    if (!campaign) FAIL(campaign.error().message);
    test::ShardHost host(test::shop(), *campaign, start, shards);
    std::vector<Input> inputs{known_as("ada", start), known_as("bob", start)};
    const Input viewed = Event{"viewed", "bob", {}, at(start + minute_ms), a_lamp};
    if (first) inputs.push_back(viewed);
    inputs.emplace_back(Event{"started", "ada", {}, at(start + minute_ms)});
    if (!first) inputs.push_back(viewed);
    inputs.emplace_back(Merge{"bob", "ada", at(start + 2 * minute_ms)});
    REQUIRE(host.feed(inputs).empty());
    REQUIRE(host.runtime.advance_to(start + day_ms, host.sink));
    told.push_back(host.sink.told);
  }
  CHECK(told[0] == told[1]);
  REQUIRE(told[0].size() == 1);
  CHECK(told[0].front().starts_with("2026-03-02T10:11:00Z ada after"));
}
