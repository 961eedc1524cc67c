// SPDX-License-Identifier: Apache-2.0
// A store of several shards: the same actions as from one engine, however many threads decide.
#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "itinera/campaign_builder.hpp"
#include "itinera/runtime.hpp"
#include "record/frame.hpp"
#include "runtime/shards.hpp"
#include "support/catch.hpp"
#include "support/pieces.hpp"
#include "support/shard_host.hpp"

namespace {

using namespace itinera;  // NOLINT(google-build-using-namespace): a test of many of its names
using Bytes = base::Bytes;

constexpr Instant start{1'772'442'000'000};  // 2026-03-02T09:00:00Z
constexpr std::size_t people = 300;

Workspace shop() {
  Workspace workspace;
  workspace.name = "shop";
  Channel email;
  email.name = "email";
  email.address.text = "contact.email";
  workspace.channels.push_back(email);
  FrequencyCap cap;
  cap.max = 3;
  cap.per = FrequencyCap::Per::day;
  workspace.policy.caps.push_back(cap);
  return workspace;
}

// Greets, and once more in the morning, if nobody has bought.
Campaign welcome() {
  const auto campaign =
      CampaignBuilder("welcome")
          .on_event("signed_up", {.key = "event.plan"})
          .exit_on(event("bought"))
          .steps(Sequence()
                     .send("email", {.id = "hello", .data = {{"plan", "=entry.plan"}}})
                     .wait("1h")
                     .send("email", {.id = "again"})
                     .wait("1d")
                     .send("email", {.id = "day-1"}))
          .build();
  if (!campaign) FAIL(campaign.error().message);
  return *campaign;
}

struct Host : test::ShardHost {
  explicit Host(std::uint32_t shards, std::uint32_t threads = 1,
                std::shared_ptr<MemoryDisk> on = memory_disk(), Delivery delivery = Delivery::once)
      : ShardHost(shop(), welcome(), start, shards, threads, std::move(on), delivery) {}
};

// Many people, of whom some sign up twice, some buy, some are said late, and all are held by a cap.
class Script {
 public:
  Script() {
    for (std::size_t i = 0; i < people; ++i) {
      names_.push_back("u" + std::to_string(i));
      mails_.push_back({{"email", "m" + std::to_string(i / 2) + "@example.com"}});
    }
    for (std::size_t i = 0; i < people; ++i) {
      const Instant at = start + static_cast<std::int64_t>(i / 7) * 13 * minute_ms;
      Identify identify;
      identify.contact = names_[i];
      identify.attributes = mails_[i];
      identify.envelope.received = i % 11 == 0 ? at - hour_ms : at;
      inputs_.emplace_back(identify);
      if (i % 9 == 4) {  // what was so before comes late, and is older
        identify.attributes = old_;
        identify.envelope.received = at - 2 * hour_ms;
        inputs_.emplace_back(identify);
      }
      for (std::size_t plan = 0; plan < plans_.size(); ++plan) {
        if (plan == 1 && i % 3 != 0) continue;
        Event event;
        event.name = "signed_up";
        event.contact = names_[i];
        event.properties = plans_[plan];
        event.envelope.received = at;
        inputs_.emplace_back(event);
      }
      if (i < 40) continue;
      Event bought;
      bought.name = "bought";
      bought.contact = names_[i - 40];
      bought.envelope.received = at;
      if (i % 5 == 0) inputs_.emplace_back(bought);
    }
  }
  [[nodiscard]] std::span<const Input> inputs() const { return inputs_; }
  [[nodiscard]] static Instant end() { return start + 10 * day_ms; }

 private:
  std::vector<std::string> names_;
  std::vector<Properties> mails_;
  Properties old_{{"email", "old@example.com"}};
  std::array<Properties, 2> plans_{Properties{{"plan", "paid"}}, Properties{{"plan", "free"}}};
  std::vector<Input> inputs_;
};

Host one_run(std::uint32_t shards, std::uint32_t threads) {
  const Script script;
  Host host(shards, threads);
  REQUIRE(host.feed(script.inputs()).empty());
  REQUIRE(host.runtime.advance_to(Script::end(), host.sink));
  return host;
}

}  // namespace

TEST_CASE("shards: one thread and eight write the same, and it is what one engine does",
          "[runtime][shards]") {
  const Host whole = one_run(1, 1);
  REQUIRE(whole.sink.told.size() > people);
  const Host alone = one_run(64, 1);
  const Host eight = one_run(64, 8);
  CHECK(alone.sink.told == eight.sink.told);
  CHECK(alone.bytes() == eight.bytes());
  CHECK(alone.sorted() == whole.sorted());
  CHECK(one_run(8, 3).sorted() == whole.sorted());
  CHECK(alone.runtime.statistics().journeys_entered == whole.runtime.statistics().journeys_entered);
}

TEST_CASE("shards: actions and frames come in the order of time", "[runtime][shards]") {
  const Host host = one_run(64, 2);
  const Bytes journal = host.bytes();
  Instant newest = earliest_instant;
  std::size_t frames = 0;
  for (base::ByteView rest = journal; !rest.empty(); ++frames) {
    const record::FrameHead head = record::head_of(rest);
    REQUIRE(head.size > 0);
    REQUIRE(head.at >= newest);
    newest = head.at;
    rest = rest.subspan(head.size);
  }
  CHECK(frames > 2 * people);
  CHECK(std::is_sorted(host.sink.told.begin(), host.sink.told.end(),
                       [](const std::string& a, const std::string& b) {
                         return a.substr(0, 20) < b.substr(0, 20);
                       }));
}

TEST_CASE("shards: singles do what a batch does", "[runtime][shards]") {
  const Script script;
  Host host(64, 2);
  for (const Input& input : script.inputs()) REQUIRE(host.feed({&input, 1}).empty());
  for (Instant t = host.runtime.now(); t < Script::end(); t = t + 7 * hour_ms) {
    REQUIRE(host.runtime.advance_to(t, host.sink));
  }
  REQUIRE(host.runtime.advance_to(Script::end(), host.sink));
  CHECK(host.sorted() == one_run(64, 1).sorted());
}

TEST_CASE("shards: stopped anywhere and opened again they go on, from a snapshot too",
          "[runtime][shards][restore]") {
  const Script script;
  const std::vector<std::string> whole = one_run(64, 1).sorted();
  const std::size_t size = script.inputs().size();
  for (const bool with_snapshot : {false, true}) {
    for (std::size_t stop = 0; stop <= size; stop += size / 5) {
      const auto disk = memory_disk();
      std::vector<std::string> told;
      {
        Host host(64, 2, disk);
        REQUIRE(host.feed(script.inputs().first(stop)).empty());
        if (with_snapshot) REQUIRE(host.runtime.snapshot());
        told = host.sink.told;
      }
      Host host(0, 2, disk);  // as many as there were
      REQUIRE(host.runtime.shards() == 64);
      REQUIRE(host.feed(script.inputs().subspan(stop)).empty());
      REQUIRE(host.runtime.advance_to(Script::end(), host.sink));
      told.insert(told.end(), host.sink.told.begin(), host.sink.told.end());
      std::sort(told.begin(), told.end());
      CAPTURE(with_snapshot, stop);
      CHECK(told == whole);
    }
  }
}

TEST_CASE("shards: how many there are is settled when the store is made", "[runtime][shards]") {
  const auto disk = memory_disk();
  {
    const Host host(8, 1, disk);
  }
  RuntimeOptions how;
  how.shards = 64;
  const auto other = Runtime::open(memory_store(disk), test::shard_options(), how);
  REQUIRE_FALSE(other);
  CHECK(other.error().code == ErrorCode::invalid_argument);
}

// Two contacts of one address, in shards of their own.
TEST_CASE("shards: an address about which somebody complains is closed for whoever has it",
          "[runtime][shards]") {
  for (const std::uint32_t shards : {1U, 64U}) {
    const Script script;
    Host host(shards, 2);
    REQUIRE(runtime::shard_of("u0", 64) != runtime::shard_of("u1", 64));
    REQUIRE(host.feed(script.inputs().first(20)).empty());
    REQUIRE(host.runtime.advance_to(start + minute_ms, host.sink));
    const auto of = [&host](std::string_view contact) {
      return std::count_if(host.sink.ids.begin(), host.sink.ids.end(),
                           [&](const auto& each) { return each.first == contact; });
    };
    REQUIRE(of("u1") > 0);
    const auto before = of("u1");
    Report report;
    report.action =
        std::ranges::find(host.sink.ids, "u0", [](const auto& each) { return each.first; })->second;
    report.receipt = Receipt::complained;
    report.envelope.received = start + 2 * minute_ms;
    Event elsewhere;  // a batch, of which the report is only one
    elsewhere.name = "bought";
    elsewhere.contact = "u5";
    elsewhere.envelope.received = start + 2 * minute_ms;
    const Input inputs[] = {elsewhere, report, elsewhere};
    REQUIRE(host.feed(inputs).empty());
    REQUIRE(host.runtime.advance_to(Script::end(), host.sink));
    CAPTURE(shards);
    CHECK((of("u1") == before && of("u2") > 1));
  }
}

TEST_CASE("shards: what is reported finds its action, and what is not is offered again",
          "[runtime][shards]") {
  const Script script;
  const auto disk = memory_disk();
  std::vector<std::string> offered;
  {
    Host host(64, 2, disk, Delivery::known);
    REQUIRE(host.feed(script.inputs().first(60)).empty());
    REQUIRE(host.runtime.advance_to(start + minute_ms, host.sink));
    for (std::size_t i = 0; i < host.sink.ids.size(); ++i) {
      if (i % 2 == 0) {
        offered.push_back(to_text(host.sink.ids[i].second.hash));
        continue;
      }
      Report report;
      report.action = host.sink.ids[i].second;
      report.envelope.received = start + minute_ms;
      REQUIRE(host.runtime.report(report));
    }
    Report unknown;
    unknown.action.hash.low = 7;
    unknown.envelope.received = start + minute_ms;
    const auto refused = host.runtime.report(unknown);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::unknown_action);
  }
  Runtime again = Host::open(disk, 0, 1, Delivery::known);
  const auto polled = again.poll(start + minute_ms, minute_ms, 1000);
  REQUIRE(polled);
  std::vector<std::string> found;
  for (const Action& each : *polled) {
    if (each.maybe_executed) found.push_back(to_text(each.id.hash));
  }
  std::sort(found.begin(), found.end());
  std::sort(offered.begin(), offered.end());
  CHECK(found == offered);
  // The leases end.
  const auto later = again.poll(again.now() + 3 * minute_ms, minute_ms, 1000);
  REQUIRE(later);
  CHECK(
      static_cast<std::size_t>(std::count_if(later->begin(), later->end(), [](const Action& each) {
        return each.maybe_executed;
      })) >= offered.size());
}

TEST_CASE("shards: who is forgotten is nowhere in the store", "[runtime][shards]") {
  const Script script;
  Host host(64, 2);
  REQUIRE(host.feed(script.inputs()).empty());
  const auto has = [](const Bytes& all, std::string_view text) {
    const auto begin = base::as_bytes(text);
    return std::search(all.begin(), all.end(), begin.begin(), begin.end()) != all.end();
  };
  REQUIRE(has(host.bytes(), "u299"));
  Forget forget;
  forget.contact = "u299";
  forget.envelope.received = host.runtime.now();
  const Input input = forget;
  REQUIRE(host.feed({&input, 1}).empty());
  REQUIRE(host.runtime.erase());
  CHECK_FALSE(has(host.bytes(), "u299"));
  CHECK(has(host.bytes(), "u298"));
  // What is left opens, and goes on.
  Host again(0, 1, host.disk);
  REQUIRE(again.runtime.advance_to(Script::end(), again.sink));
  CHECK_FALSE(again.sink.told.empty());
}

TEST_CASE("shards: a pause holds in each, and a refusal of it is told once", "[runtime][shards]") {
  std::vector<std::vector<std::string>> told;
  for (const std::uint32_t shards : {1U, 64U}) {
    const Script script;
    Host host(shards, 2);
    REQUIRE(host.feed(script.inputs().first(50)).empty());
    Pause pause;
    pause.campaign = "welcome";
    pause.envelope.received = host.runtime.now();
    Pause unknown = pause;
    unknown.campaign = "goodbye";
    const Input inputs[] = {unknown, pause};
    const std::vector<Refusal> refused = host.feed(inputs);
    REQUIRE((refused.size() == 1 && refused[0].index == 0));
    REQUIRE(host.runtime.advance_to(Script::end(), host.sink));
    told.push_back(host.sorted());
  }
  CHECK(told[0] == told[1]);
  CHECK(told[0].size() < 40);
}

TEST_CASE("shards: a journal or a snapshot that is not as it was written is refused",
          "[runtime][shards][security]") {
  const Host host(3);
  const Bytes journal = host.bytes();
  auto shards = runtime::Shards::restore(journal, test::shard_options());
  REQUIRE(shards);
  REQUIRE(shards->size() == 3);
  const test::Pieces pieces = test::pieces_of(*shards);
  const auto load = [](const test::Pieces& given) {
    test::PieceReader reader(given);
    return runtime::Shards::load(reader, test::shard_options());
  };
  REQUIRE(pieces.size() == 3);
  REQUIRE(load(pieces));
  for (std::size_t at = 0; at < journal.size(); at += 7) {
    Bytes changed = journal;
    changed[at] ^= std::byte{1};
    CAPTURE(at);
    CHECK_FALSE(runtime::Shards::restore(changed, test::shard_options()));
  }
  for (std::size_t piece = 0; piece < pieces.size(); ++piece) {
    for (std::size_t at = 0; at < pieces[piece].size(); at += 5) {
      test::Pieces changed = pieces;
      changed[piece][at] ^= std::byte{1};
      CAPTURE(piece, at);
      CHECK_FALSE(load(changed));
    }
    test::Pieces fewer = pieces;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(piece));
    CHECK_FALSE(load(fewer));
    test::Pieces twice = pieces;
    twice.push_back(pieces[piece]);
    CHECK_FALSE(load(twice));
  }
  test::Pieces swapped = pieces;
  std::swap(swapped[0], swapped[1]);
  CHECK_FALSE(load(swapped));
}

TEST_CASE("shards: what is refused moves no time", "[runtime][shards][S4]") {
  for (const std::uint32_t shards : {1U, 64U}) {
    const Script script;
    Host host(shards, 2);
    REQUIRE(host.feed(script.inputs().first(20)).empty());
    const Instant before = host.runtime.now();
    const std::string long_id(70'000, 'x');
    Event far;
    far.name = "bought";
    far.contact = "u1";
    far.envelope.received = before + 400 * day_ms;
    far.envelope.message_id = long_id;
    Group group;
    group.contact = "u1";
    group.account = long_id;
    group.envelope.received = before + 400 * day_ms;
    Event near = far;
    near.envelope = {};
    near.envelope.received = before;
    const Input inputs[] = {far, near, far, group, near};
    CAPTURE(shards);
    CHECK(host.feed(inputs).size() == 3);
    CHECK(host.runtime.now() == before);
  }
}

TEST_CASE("shards: who was without a publication when it crashed gets it with the next",
          "[runtime][shards][restore]") {
  const Script script;
  const Bytes journal = Host(4).bytes();
  Bytes opened;
  Bytes some;  // of two shards
  for (base::ByteView rest = journal; !rest.empty();) {
    const record::FrameHead head = record::head_of(rest);
    const bool is_opened = head.kind == record::InputKind::opened;
    Bytes& into = is_opened ? opened : some;
    if (is_opened || head.shard < 2) {
      into.insert(into.end(), rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(head.size));
    }
    rest = rest.subspan(head.size);
  }
  const auto disk = memory_disk();
  {
    const auto store = memory_store(disk);
    REQUIRE(store->claim(1));
    REQUIRE(store->append(opened));
    REQUIRE(store->append(some));
  }
  Host host(0, 1, disk);
  REQUIRE(host.runtime.shards() == 4);
  REQUIRE(host.feed(script.inputs()).empty());
  REQUIRE(host.runtime.advance_to(Script::end(), host.sink));
  CHECK(host.sorted() == one_run(1, 1).sorted());
}
