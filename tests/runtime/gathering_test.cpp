// SPDX-License-Identifier: Apache-2.0
// What all contacts share, in a store of several shards: from the moment at which a workspace has
// anything of the kind, all are in one of them, and everything is as in one engine.
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "itinera/runtime.hpp"
#include "runtime/crossing_host.hpp"
#include "runtime/gathering.hpp"
#include "support/catch.hpp"
#include "support/pieces.hpp"

namespace {

using namespace itinera;  // NOLINT(google-build-using-namespace): a test of many of its names

using test::a_lamp;
using test::at;
using test::many;
using test::start;

constexpr std::size_t people = 40;

Campaign made(const CampaignBuilder& builder) {
  const auto campaign = builder.build();
  if (!campaign) FAIL(campaign.error().message);
  return *campaign;
}

Workspace two_channels() {
  Workspace workspace = test::shop();
  Channel sms;
  sms.name = "sms";
  sms.address.text = "contact.phone";
  workspace.channels.push_back(sms);
  workspace.segments.push_back({.name = "lovers", .condition = {"has(contact.email)"}});
  return workspace;
}

CampaignBuilder visit(std::uint32_t version) {
  return CampaignBuilder("visit").version(version).on_event("viewed", {.key = "event.item"});
}

Sequence plain() { return Sequence().send("email", {.id = "seen"}).wait("2h"); }

// What a shop publishes in which contacts share something.
struct Shared {
  std::string name;
  Workspace workspace = two_channels();
  CampaignBuilder campaign = visit(2);
};

std::vector<Shared> all_shared() {
  std::vector<Shared> all;
  {
    Shared& accounts = all.emplace_back(Shared{"sender accounts"});
    Sender anna{.name = "anna", .channel = "email", .quotas = {{"", 9}}, .rate = 2};
    anna.rate_per_ms = minute_ms;
    anna.pace_from_ms = 20'000;
    anna.pace_to_ms = 90'000;
    Sender bert{.name = "bert", .channel = "email", .quotas = {{"", 5}}, .warm_up = {2, 3}};
    accounts.workspace.senders = {anna, bert};
    accounts.campaign.steps(Sequence()
                                .send("email", {.id = "seen", .senders = {"anna", "bert"}})
                                .wait("2h")
                                .send("email", {.id = "more", .senders = {"anna", "bert"}}));
  }
  all.emplace_back(Shared{"a cap on all entries"}).campaign.entry_cap({.total = 70}).steps(plain());
  all.emplace_back(Shared{"a cap on the entries of a day"})
      .campaign.entry_cap({.day = 7})
      .steps(plain());
  all.emplace_back(Shared{"a ramp"})
      .campaign
      .enter_by_segment(
          "lovers", {.existing = Entry::Existing::enter, .ramp = Ramp{.per_ms = hour_ms, .max = 3}})
      .steps(plain());
  all.emplace_back(Shared{"a brake"}).campaign.brake("20%", 10).steps(plain());
  const SendOptions by_rates{.id = "seen", .prefer = Send::Prefer::engaged};
  all.emplace_back(Shared{"channels by rates"})
      .campaign.steps(
          Sequence().send("email", {.id = "first"}).wait("1h").send_by({"email", "sms"}, by_rates));
  return all;
}

struct Host : test::ShardHost {
  explicit Host(const Shared& what, std::uint32_t shards, std::uint32_t threads = 1,
                std::shared_ptr<MemoryDisk> on = memory_disk())
      : ShardHost(what.workspace, made(what.campaign), start, shards, threads, std::move(on)) {}
  // One in which nothing is shared so far.
  Host(std::uint32_t shards, std::uint32_t threads, std::shared_ptr<MemoryDisk> on = memory_disk())
      : ShardHost(two_channels(), made(visit(1).steps(plain().wait("1h").send("email"))), start,
                  shards, threads, std::move(on)) {}

  void share(const Shared& what, std::span<const Migration> migrations = {}) {
    const Campaign campaign = made(what.campaign);
    const auto published =
        runtime.publish(what.workspace, {&campaign, 1}, runtime.now(), migrations);
    if (!published) FAIL(what.name + ": " + published.error().message);
  }
  void live(std::size_t from, std::size_t to);
  void come_to(Instant t) { REQUIRE(runtime.advance_to(t, sink)); }
  [[nodiscard]] std::size_t shards_in_use() const {
    std::size_t count = 0;
    for (std::uint32_t at = 0; at < runtime.shards(); ++at) {
      if (runtime.engine(at).statistics().contacts > 0) ++count;
    }
    return count;
  }

  std::size_t reported = 0;
};

// People come, look at something, and what was sent to some of them fails, or is opened.
void Host::live(std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < to; ++i) {
    const std::string person = fmt::format("user-{}", i % people);
    const Instant when = start + static_cast<std::int64_t>(i) * 11 * minute_ms;
    const Properties of_person{{"email", person + "@example.com"}, {"phone", "+48" + person}};
    Identify identify;
    identify.contact = person;
    identify.attributes = of_person;
    identify.envelope = at(when);
    const std::string item = fmt::format("item {}", i % 7);
    const Properties looked{{"item", item}};
    const std::string other = fmt::format("user-{}", (i + 17) % people);
    const Input inputs[] = {identify, Event{"viewed", person, {}, at(when), looked},
                            Event{"viewed", other, {}, at(when), looked}};
    REQUIRE(feed(inputs).empty());
    come_to(when + minute_ms);
    while (reported < sink.ids.size()) {
      Report report;
      report.action = sink.ids[reported++].second;
      report.receipt = reported % 3 == 0 ? Receipt::failed : Receipt::opened;
      report.envelope = at(runtime.now());
      const Input input = report;
      if (reported % 4 != 0) REQUIRE(feed({&input, 1}).empty());
    }
  }
}

}  // namespace

TEST_CASE("gathering: what contacts share is counted as in one engine", "[runtime][shards][S18]") {
  for (const Shared& what : all_shared()) {
    CAPTURE(what.name);
    Host whole(what, 1);
    Host alone(what, many, 1);
    Host eight(what, many, 8);
    for (Host* const each : {&whole, &alone, &eight}) {
      each->live(0, 2 * people);
      each->come_to(start + 5 * day_ms);
    }
    CHECK(whole.sink.told.size() > 5);
    CHECK(alone.sink.told == whole.sink.told);
    CHECK(alone.bytes() == eight.bytes());
    CHECK(alone.shards_in_use() == 1);
  }
}

TEST_CASE("gathering: who is in other shards comes when something is shared",
          "[runtime][shards][S18]") {
  for (const Shared& what : all_shared()) {
    for (const bool moves : {false, true}) {
      CAPTURE(what.name, moves);
      std::vector<Migration> migrations;
      if (moves) {
        Migration& migration = migrations.emplace_back();
        migration.campaign = "visit";
        migration.rest = Migration::Rest::exit;
      }
      Host whole(1, 1);
      Host alone(many, 1);
      Host eight(many, 8);
      for (Host* const each : {&whole, &alone, &eight}) {
        each->live(0, people);
        if (each != &whole) CHECK(each->shards_in_use() > 20);
        each->share(what, migrations);
        CHECK(each->shards_in_use() == 1);
        each->live(people, 2 * people);
      }
      // It is found when the store is opened again.
      Host again(what, 0, 2, alone.disk);
      again.sink = alone.sink;
      again.reported = alone.reported;
      CHECK(again.shards_in_use() == 1);
      for (Host* const each : {&whole, &again, &eight}) {
        each->live(2 * people, 3 * people);
        each->come_to(start + 8 * day_ms);
      }
      CHECK(whole.sink.told.size() > 30);
      CHECK(again.sorted() == whole.sorted());
      CHECK(eight.sorted() == whole.sorted());
    }
  }
}

// A machine that stops while contacts are on their way, so that nothing has been published.
TEST_CASE("gathering: a publication that is cut short leaves nobody apart",
          "[runtime][shards][S18]") {
  const Shared what = all_shared().front();
  const auto join = [](Host& host, std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) {
      const Input input = Group{"acme", fmt::format("user-{}", i), at(host.runtime.now())};
      REQUIRE(host.feed({&input, 1}).empty());
    }
  };
  Host whole(1, 1);
  Host parted(many, 1);
  for (Host* const each : {&whole, &parted}) {
    each->live(0, people);
    join(*each, 0, 6);
  }
  const base::Bytes before = parted.bytes();
  parted.share(what);
  const base::Bytes after = parted.bytes();

  // Cut off behind each of those who came.
  std::vector<std::size_t> ends;
  for (std::size_t end = before.size(); end < after.size();) {
    const record::FrameHead head = record::head_of(base::ByteView(after).subspan(end));
    REQUIRE(head.size != 0);
    if (head.kind == record::InputKind::publish) break;
    end += head.size;
    if (head.kind == record::InputKind::come) ends.push_back(end);
  }
  REQUIRE(ends.size() > 10);
  for (const std::size_t end : ends) {
    const auto disk = memory_disk();
    const auto store = memory_store(disk);
    REQUIRE(store->claim(1));
    REQUIRE(store->append(base::ByteView(after).first(end)));
    Host cut(0, 1, disk);
    join(cut, 6, 8);
    for (std::size_t i = 0; i < 8; ++i) {
      CHECK(cut.runtime.shard_of(fmt::format("user-{}", i)) == cut.runtime.shard_of("user-0"));
    }
  }
}

TEST_CASE("crossing: who stands in the line of an entry keeps the place",
          "[runtime][shards][S30][S34]") {
  std::vector<std::vector<std::string>> told;
  for (const std::uint32_t shards : {1U, many}) {
    Host host(shards, 2);
    host.live(0, 10);
    Shared welcome{"those who love it"};
    welcome.campaign = CampaignBuilder("welcome")
                           .enter_by_segment("lovers", {.existing = Entry::Existing::enter})
                           .steps(plain());
    const Instant now = host.runtime.now();
    const Campaign campaigns[] = {made(visit(1).steps(plain().wait("1h").send("email"))),
                                  made(welcome.campaign)};
    REQUIRE(host.runtime.publish(two_channels(), campaigns, now));
    // At the very instant at which they are to come in.
    const Input inputs[] = {Merge{"user-3", "user-20", at(host.runtime.now())},
                            Merge{"user-4", "user-5", at(host.runtime.now())}};
    REQUIRE(host.feed(inputs).empty());
    host.come_to(now + hour_ms);
    told.push_back(host.sorted());
  }
  CHECK(told[0] == told[1]);
  CHECK(told[0].size() > 15);
}
