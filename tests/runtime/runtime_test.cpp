// SPDX-License-Identifier: Apache-2.0
#include "itinera/runtime.hpp"

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "itinera/campaign_builder.hpp"
#include "itinera/store_wrapper.hpp"
#include "support/catch.hpp"

namespace {

using namespace itinera;  // NOLINT(google-build-using-namespace): a test of many of its names
using Bytes = base::Bytes;

constexpr Instant start{1'772'442'000'000};  // 2026-03-02T09:00:00Z

// What outlives a runtime: what its store keeps, and a log of what was done in which order.
struct Disk {
  std::shared_ptr<MemoryDisk> kept = memory_disk();
  std::vector<std::string> log;
  int appends_left = -1;  // -1: no end

  // All frames, in order.
  [[nodiscard]] Bytes bytes() const {
    Bytes all;
    const auto groups = memory_store(kept)->read(0, static_cast<std::size_t>(-1)).value();
    for (const JournalGroup& group : groups) {
      all.insert(all.end(), group.frames.begin(), group.frames.end());
    }
    return all;
  }
};

class DiskStore final : public StoreWrapper {
 public:
  explicit DiskStore(std::shared_ptr<Disk> disk)
      : StoreWrapper(memory_store(disk->kept)), disk_(std::move(disk)) {}
  Result<Position> append(std::span<const std::byte> frames) override {
    if (disk_->appends_left == 0) return Error{ErrorCode::io_failed, "the disk is full"};
    if (disk_->appends_left > 0) --disk_->appends_left;
    disk_->log.emplace_back("append");
    return StoreWrapper::append(frames);
  }

 private:
  std::shared_ptr<Disk> disk_;
};

// A store with one group of these bytes.
std::unique_ptr<Store> store_of(const Bytes& bytes) {
  std::unique_ptr<Store> store = memory_store();
  REQUIRE(store->claim(1));
  REQUIRE(store->append(bytes));
  return store;
}

class Recorder final : public Runtime::Sink {
 public:
  explicit Recorder(std::shared_ptr<Disk> disk) : disk_(std::move(disk)) {}
  void act(std::span<const Action> given) override {
    disk_->log.emplace_back("act");
    for (const Action& action : given) {
      actions.push_back(to_text(action.at) + " " + std::string(action.contact) + " " +
                        std::string(action.step) + " " + std::string(action.address) + " " +
                        to_text(action.id.hash));
    }
  }
  std::vector<std::string> actions;

 private:
  std::shared_ptr<Disk> disk_;
};

EngineOptions options() {
  static const std::shared_ptr<const ZoneTable> zones = load_zones().value();
  return {.limits = {}, .zones = zones};
}

Workspace shop() {
  Workspace workspace;
  workspace.name = "shop";
  Channel email;
  email.name = "email";
  email.address.text = "contact.email";
  workspace.channels.push_back(email);
  return workspace;
}

// Greets at once, once more after an hour, and daily for three days.
Campaign welcome() {
  const auto campaign =
      CampaignBuilder("welcome")
          .on_event("signed_up")
          .steps(Sequence()
                     .send("email", {.id = "hello", .data = {{"plan", "=entry.plan"}}})
                     .wait("1h")
                     .send("email", {.id = "again"})
                     .wait("PT24H")
                     .send("email", {.id = "day-1"})
                     .wait("PT24H")
                     .send("email", {.id = "day-2"}))
          .build();
  if (!campaign) FAIL(campaign.error().message);
  return *campaign;
}

struct Host {
  explicit Host(std::shared_ptr<Disk> on = std::make_shared<Disk>())
      : disk(std::move(on)), sink(disk), runtime(open()) {
    const Workspace workspace = shop();
    const Campaign campaigns[] = {welcome()};
    const bool fresh = runtime.engine().now() == earliest_instant;
    const auto published =
        runtime.publish(workspace, campaigns, fresh ? start : runtime.engine().now());
    if (!published) FAIL(published.error().message);
  }
  Runtime open() const {
    auto opened = Runtime::open(std::make_unique<DiskStore>(disk), options());
    if (!opened) FAIL(opened.error().message);
    return std::move(opened).value();
  }
  void feed(std::span<const Input> inputs) {
    const auto fed = runtime.feed(inputs, sink);
    REQUIRE(fed);
    REQUIRE(fed->empty());
  }

  std::shared_ptr<Disk> disk;
  Recorder sink;
  Runtime runtime;
};

// Forty contacts sign up, several at one instant, some while others are due, one out of order.
class Script {
 public:
  Script() {
    for (std::size_t i = 0; i < 40; ++i) {
      names_.push_back("u" + std::to_string(i));
      mails_.push_back({{"email", names_.back() + "@example.com"}});
    }
    for (std::size_t i = 0; i < 40; ++i) {
      Instant at = start + static_cast<std::int64_t>(i / 3) * 20 * minute_ms;
      if (i == 20) at = at - hour_ms;
      if (i >= 30) at = at + day_ms;
      Identify identify;
      identify.contact = names_[i];
      identify.attributes = mails_[i];
      identify.envelope.received = at;
      Event event;
      event.name = "signed_up";
      event.contact = names_[i];
      event.properties = plan_;
      event.envelope.received = at;
      inputs_.emplace_back(identify);
      inputs_.emplace_back(event);
    }
  }
  [[nodiscard]] std::span<const Input> inputs() const { return inputs_; }
  [[nodiscard]] Instant end() const { return start + 10 * day_ms; }

 private:
  std::vector<std::string> names_;
  std::vector<Properties> mails_;
  Properties plan_{{"plan", "paid"}};
  std::vector<Input> inputs_;
};

struct Outcome {
  Bytes journal;
  std::vector<std::string> actions;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome one_run() {
  const Script script;
  Host host;
  host.feed(script.inputs());
  REQUIRE(host.runtime.advance_to(script.end(), host.sink));
  return {host.disk->bytes(), host.sink.actions};
}

}  // namespace

TEST_CASE("runtime: every action comes out at its own instant, in order", "[runtime]") {
  const Outcome outcome = one_run();
  REQUIRE(outcome.actions.size() == 4 * 40);
  CHECK(std::is_sorted(outcome.actions.begin(), outcome.actions.end(),
                       [](const std::string& a, const std::string& b) {
                         return a.substr(0, 20) < b.substr(0, 20);
                       }));
  CHECK_THAT(outcome.actions.front(), Catch::StartsWith("2026-03-02T09:00:00Z u"));
}

TEST_CASE("runtime: a batch equals singles", "[runtime]") {
  const Script script;
  Host host;
  for (const Input& input : script.inputs()) host.feed({&input, 1});
  REQUIRE(host.runtime.advance_to(script.end(), host.sink));
  CHECK(Outcome{host.disk->bytes(), host.sink.actions} == one_run());
}

// The loop of a host with a log of its own, that takes at every instant at which something is due.
TEST_CASE("runtime: it writes what a host writes that stops at every deadline", "[runtime]") {
  const Script script;
  const Workspace workspace = shop();
  const Campaign campaigns[] = {welcome()};
  Engine engine = Engine::create(options()).value();
  Bytes journal;
  std::optional<Instant> deadline;
  const auto take = [&] {
    const Output out = engine.take_output();
    journal.insert(journal.end(), out.journal.begin(), out.journal.end());
    deadline = out.next_deadline;
  };
  const auto come_to = [&](Instant t) {
    if (engine.statistics().actions_waiting > 0) engine.advance_to(engine.now());
    for (take(); deadline && *deadline < t; take()) engine.advance_to(*deadline);
  };
  REQUIRE(engine.publish(workspace, campaigns, start));
  for (const Input& input : script.inputs()) {
    const Instant received =
        std::visit([](const auto& each) { return each.envelope.received; }, input);
    if (received > engine.now()) come_to(received);
    REQUIRE(engine.feed({&input, 1}).empty());
  }
  come_to(script.end());
  engine.advance_to(script.end());
  take();
  CHECK(journal == one_run().journal);
}

TEST_CASE("runtime: one leap equals many steps", "[runtime]") {
  const Script script;
  Host host;
  host.feed(script.inputs());
  for (Instant t = host.runtime.engine().now(); t < script.end(); t = t + 7 * minute_ms) {
    REQUIRE(host.runtime.advance_to(t, host.sink));
  }
  REQUIRE(host.runtime.advance_to(script.end(), host.sink));
  CHECK(Outcome{host.disk->bytes(), host.sink.actions} == one_run());
}

TEST_CASE("runtime: stopped at any input and opened again, it goes on as if nothing had been",
          "[runtime][restore]") {
  const Script script;
  const Outcome whole = one_run();
  for (std::size_t stop = 0; stop <= script.inputs().size(); ++stop) {
    const auto disk = std::make_shared<Disk>();
    std::vector<std::string> actions;
    {
      Host host(disk);
      host.feed(script.inputs().first(stop));
      actions = host.sink.actions;
    }
    Host host(disk);
    host.feed(script.inputs().subspan(stop));
    REQUIRE(host.runtime.advance_to(script.end(), host.sink));
    actions.insert(actions.end(), host.sink.actions.begin(), host.sink.actions.end());
    CAPTURE(stop);
    REQUIRE(actions == whole.actions);
    REQUIRE(host.disk->bytes() == whole.journal);
  }
}

TEST_CASE("runtime: a journal that ends within a frame is damaged: a store keeps whole groups",
          "[runtime][restore]") {
  const Bytes whole = one_run().journal;
  REQUIRE(Runtime::open(store_of(whole), options()));
  std::size_t whole_frames = 0;
  for (std::size_t size = 1; size < whole.size(); size += 97) {
    const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    const auto opened = Runtime::open(store_of(part), options());
    CAPTURE(size);
    if (opened) {
      ++whole_frames;
    } else {
      REQUIRE(opened.error().code == ErrorCode::damaged_journal);
    }
  }
  CHECK(whole_frames < 10);
}

TEST_CASE("runtime: a damaged journal is not opened", "[runtime][restore]") {
  Bytes journal = one_run().journal;
  journal[journal.size() / 2] ^= std::byte{1};
  const auto opened = Runtime::open(store_of(journal), options());
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == ErrorCode::damaged_journal);
}

TEST_CASE("runtime: a journal without its beginning is not opened", "[runtime][restore]") {
  std::unique_ptr<Store> store = store_of(one_run().journal);
  REQUIRE(store->complete({"warehouse", 1, 0}, 1));
  REQUIRE(store->truncate(1));
  const auto opened = Runtime::open(std::move(store), options());
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == ErrorCode::damaged_journal);
}

TEST_CASE("runtime: who opens a store takes it from whoever has it open", "[runtime][restore]") {
  const Script script;
  Host first;
  first.feed(script.inputs().first(10));
  Host second(first.disk);
  const Bytes before = first.disk->bytes();
  const std::size_t done = first.sink.actions.size();
  const auto refused = first.runtime.feed(script.inputs().subspan(10), first.sink);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::fenced);
  CHECK(first.sink.actions.size() == done);
  CHECK(first.disk->bytes() == before);
}

TEST_CASE("runtime: frames are appended before their actions leave, once a call", "[runtime]") {
  const Script script;
  Host host;
  host.disk->log.clear();
  host.feed(script.inputs());
  CHECK(host.disk->log == std::vector<std::string>{"append", "act"});
  REQUIRE(host.runtime.advance_to(script.end(), host.sink));
  CHECK(host.disk->log == std::vector<std::string>{"append", "act", "append", "act"});
  REQUIRE(host.runtime.advance_to(script.end() + day_ms, host.sink));
  CHECK(host.disk->log.size() == 4);
}

TEST_CASE("runtime: what is fed is durable when feed returns, even if its instant is open",
          "[runtime]") {
  const Script script;
  Host host;
  const std::size_t before = host.disk->bytes().size();
  host.feed(script.inputs().first(2));
  CHECK(host.disk->bytes().size() > before);
  CHECK(host.sink.actions.empty());
  CHECK(host.runtime.engine().statistics().actions_waiting == 1);
  REQUIRE(host.runtime.advance_to(host.runtime.engine().now(), host.sink));
  CHECK(host.sink.actions.size() == 1);
}

TEST_CASE("runtime: when the store fails no action leaves, and nothing more is taken",
          "[runtime]") {
  const Script script;
  Host host;
  host.disk->appends_left = 0;
  const auto failed = host.runtime.feed(script.inputs(), host.sink);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == ErrorCode::io_failed);
  CHECK(host.sink.actions.empty());
  host.disk->appends_left = -1;
  CHECK(host.runtime.feed(script.inputs(), host.sink).error() == failed.error());
  CHECK(host.runtime.advance_to(script.end(), host.sink).error() == failed.error());
  CHECK(host.runtime.publish(shop(), {}, start).error() == failed.error());
  CHECK(host.sink.actions.empty());
}

TEST_CASE("runtime: a refusal tells the place in the whole batch", "[runtime]") {
  const Script script;
  Host host;
  std::vector<Input> inputs(script.inputs().begin(), script.inputs().end());
  Event nameless;
  nameless.contact = "u1";
  nameless.envelope.received = start + 5 * hour_ms;
  inputs.insert(inputs.begin() + 50, Input(nameless));
  const auto fed = host.runtime.feed(inputs, host.sink);
  REQUIRE(fed);
  REQUIRE(fed->size() == 1);
  CHECK(fed->front().index == 50);
  CHECK(fed->front().error.code == ErrorCode::invalid_argument);
}

TEST_CASE("runtime: time stands still for what is refused", "[runtime]") {
  const Script script;
  const Outcome whole = one_run();
  Host host;
  Event nameless;
  nameless.contact = "u1";
  for (const Input& input : script.inputs()) {
    nameless.envelope.received = host.runtime.engine().now() + 90 * day_ms;
    const Input refused = nameless;
    const auto fed = host.runtime.feed({&refused, 1}, host.sink);
    REQUIRE(fed);
    REQUIRE(fed->size() == 1);
    host.feed({&input, 1});
  }
  REQUIRE(host.runtime.advance_to(script.end(), host.sink));
  CHECK(Outcome{host.disk->bytes(), host.sink.actions} == whole);
}

TEST_CASE("runtime: publishing what is published writes nothing", "[runtime]") {
  Host host;
  const std::size_t before = host.disk->bytes().size();
  const Campaign campaigns[] = {welcome()};
  REQUIRE(host.runtime.publish(shop(), campaigns, start + day_ms));
  CHECK(host.disk->bytes().size() == before);
}

TEST_CASE("runtime: what is fed without a sink is handed out by a commit", "[runtime][commit]") {
  const Script script;
  Host host;
  for (const Input& input : script.inputs()) {
    const auto fed = host.runtime.feed({&input, 1});
    REQUIRE(fed);
    REQUIRE(fed->empty());
  }
  REQUIRE(host.runtime.advance_to(script.end()));
  CHECK(host.sink.actions.empty());
  REQUIRE(host.runtime.commit(host.sink));
  CHECK(Outcome{host.disk->bytes(), host.sink.actions} == one_run());
  REQUIRE(host.runtime.commit(host.sink));
  CHECK(host.sink.actions.size() == 4 * 40);
}

TEST_CASE("runtime: what was fed is durable when it is destroyed", "[runtime][commit]") {
  const Script script;
  const auto disk = std::make_shared<Disk>();
  {
    Host host(disk);
    REQUIRE(host.runtime.feed(script.inputs()));
  }
  Host host(disk);
  // The publication is one too.
  CHECK(host.runtime.engine().statistics().inputs == script.inputs().size() + 1);
}

TEST_CASE("runtime: more than its limits allow does not wait in it", "[runtime][commit]") {
  const Script script;
  const auto disk = std::make_shared<Disk>();
  {
    const Host host(disk);
  }
  auto opened = Runtime::open(std::make_unique<DiskStore>(disk), options(),
                              {.limits = {.waiting_actions_max = 5}});
  REQUIRE(opened);
  Runtime& runtime = *opened;
  REQUIRE(runtime.feed(script.inputs()));
  const std::uint64_t taken = runtime.engine().statistics().inputs;
  const auto refused = runtime.feed(script.inputs());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::limit_reached);
  CHECK(runtime.advance_to(script.end()).error().code == ErrorCode::limit_reached);
  CHECK(runtime.engine().statistics().inputs == taken);
  Recorder sink(disk);
  REQUIRE(runtime.commit(sink));
  CHECK(sink.actions.size() > 5);
  // Time goes no further than to where there are too many.
  int stops = 0;
  for (;; ++stops) {
    const Result<void> advanced = runtime.advance_to(script.end());
    CHECK(runtime.status()->waiting_actions + runtime.status()->pending_actions <= 10);
    if (advanced) break;
    CHECK(advanced.error().code == ErrorCode::limit_reached);
    CHECK(runtime.engine().now() < script.end());
    REQUIRE(runtime.commit(sink));
  }
  CHECK(stops > 0);
  REQUIRE(runtime.commit(sink));
  CHECK(sink.actions.size() == runtime.engine().statistics().actions_emitted);
}

TEST_CASE("runtime: frames that wait for the disk are bounded too", "[runtime][commit]") {
  // The disk of this one takes nothing before the test lets it.
  class Held final : public StoreWrapper {
   public:
    Held(std::unique_ptr<Store> inner, std::shared_ptr<std::mutex> gate)
        : StoreWrapper(std::move(inner)), gate_(std::move(gate)) {}
    Result<Position> append(std::span<const std::byte> frames) override {
      const std::lock_guard lock(*gate_);
      return StoreWrapper::append(frames);
    }

   private:
    std::shared_ptr<std::mutex> gate_;
  };
  const Script script;
  const auto disk = std::make_shared<Disk>();
  {
    const Host host(disk);
  }
  const auto gate = std::make_shared<std::mutex>();
  auto opened = Runtime::open(std::make_unique<Held>(std::make_unique<DiskStore>(disk), gate),
                              options(), {.limits = {.pending_bytes_max = 1'000}});
  REQUIRE(opened);
  {
    const std::lock_guard lock(*gate);
    REQUIRE(opened->feed(script.inputs().first(30)));
    CHECK(opened->feed(script.inputs().subspan(30)).error().code == ErrorCode::limit_reached);
  }
  Recorder sink(disk);
  REQUIRE(opened->commit(sink));
  CHECK(opened->feed(script.inputs().subspan(30)));
}
