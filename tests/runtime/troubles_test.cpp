// SPDX-License-Identifier: Apache-2.0
// What the system refuses, what a store or a sink does that it must not, and who waits for a disk.
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "itinera/runtime.hpp"
#include "itinera/store_wrapper.hpp"
#include "runtime/no_threads.hpp"
#include "runtime/snapshots_host.hpp"
#include "support/catch.hpp"

namespace {

// Nobody gets so many bytes at once.
std::atomic<std::size_t> too_many_bytes{static_cast<std::size_t>(-1)};

}  // namespace

// The whole family: a sanitizer finds pairs that differ, and that for threads has its own.
#ifdef __has_feature
#if __has_feature(thread_sanitizer)
#define ITINERA_NEW_IS_TAKEN
#endif
#endif
#ifndef ITINERA_NEW_IS_TAKEN
// NOLINTBEGIN(*-no-malloc): these stand below new.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return size < too_many_bytes.load() ? std::malloc(size) : nullptr;
}
void* operator new(std::size_t size) {
  if (void* const room = operator new(size, std::nothrow)) return room;
  throw std::bad_alloc();
}
void* operator new[](std::size_t size) { return operator new(size); }
void* operator new[](std::size_t size, const std::nothrow_t& tag) noexcept {
  return operator new(size, tag);
}
void operator delete(void* room) noexcept { std::free(room); }
void operator delete[](void* room) noexcept { std::free(room); }
void operator delete(void* room, std::size_t) noexcept { std::free(room); }
void operator delete[](void* room, std::size_t) noexcept { std::free(room); }
void operator delete(void* room, const std::nothrow_t&) noexcept { std::free(room); }
void operator delete[](void* room, const std::nothrow_t&) noexcept { std::free(room); }
// NOLINTEND(*-no-malloc)
#endif

using namespace itinera;  // NOLINT(google-build-using-namespace): a test of many of its names
using namespace itinera::test::snapshots;  // NOLINT(google-build-using-namespace)

namespace {

// A store that throws where it is told to.
struct Throwing {
  std::atomic<bool> append = false;
  std::atomic<bool> put_chunk = false;
  std::atomic<bool> memory = false;
};

class ThrowingStore final : public StoreWrapper {
 public:
  ThrowingStore(std::unique_ptr<Store> inner, std::shared_ptr<Throwing> throwing)
      : StoreWrapper(std::move(inner)), throwing_(std::move(throwing)) {}
  Result<Position> append(std::span<const std::byte> frames) override {
    if (throwing_->append) fail();
    return StoreWrapper::append(frames);
  }
  Result<void> put_chunk(const Snapshot& snapshot, std::uint32_t number,
                         std::span<const std::byte> bytes) override {
    if (throwing_->put_chunk) fail();
    return StoreWrapper::put_chunk(snapshot, number, bytes);
  }

 private:
  void fail() const {
    if (throwing_->memory) throw std::bad_alloc();
    throw std::runtime_error("as it must not");
  }
  std::shared_ptr<Throwing> throwing_;
};

// A disk that is slow, and says how much it was given at once.
struct Slowness {
  std::mutex mutex;
  std::size_t largest = 0;
};

class SlowStore final : public StoreWrapper {
 public:
  SlowStore(std::unique_ptr<Store> inner, std::shared_ptr<Slowness> slowness)
      : StoreWrapper(std::move(inner)), slowness_(std::move(slowness)) {}
  Result<Position> append(std::span<const std::byte> frames) override {
    {
      const std::lock_guard lock(slowness_->mutex);
      slowness_->largest = std::max(slowness_->largest, frames.size());
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
    return StoreWrapper::append(frames);
  }

 private:
  std::shared_ptr<Slowness> slowness_;
};

// A reader comes whenever something is about to be truncated.
class PopularStore final : public StoreWrapper {
 public:
  using StoreWrapper::StoreWrapper;
  Result<void> truncate(Position up_to) override {
    const Position begin = extent()->truncated;
    if (begin < up_to) REQUIRE(complete({"cursor/late", begin, 0}, 1));
    return StoreWrapper::truncate(up_to);
  }
};

std::vector<bool> blocked_signals() {
  sigset_t mask;
  ::pthread_sigmask(SIG_BLOCK, nullptr, &mask);
  std::vector<bool> blocked;
  for (int each = 1; each < 32; ++each) blocked.push_back(sigismember(&mask, each) == 1);
  return blocked;
}

void reopen(Host& host, std::unique_ptr<Store> store, const RuntimeOptions& how) {
  host.runtime.reset();
  auto opened = Runtime::open(std::move(store), options(), how);
  if (!opened) FAIL(opened.error().message);
  host.runtime.emplace(std::move(*opened));
}

// Many sign up in one call: actions come out before it ends.
std::vector<std::string> crowd() {
  std::vector<std::string> names;
  for (int i = 0; i < 12'000; ++i) names.push_back("u" + std::to_string(i));
  return names;
}

std::vector<Input> sign_ups(const std::vector<std::string>& names) {
  std::vector<Input> inputs;
  Event event;
  event.name = "signed_up";
  event.envelope.received = start;
  for (const std::string& name : names) {
    event.contact = name;
    event.envelope.message_id = name;
    event.envelope.received = event.envelope.received + 10;
    inputs.emplace_back(event);
  }
  return inputs;
}

class ThrowingSink final : public Runtime::Sink {
 public:
  void act(std::span<const Action>) override { throw std::runtime_error("the provider is gone"); }
};

// Does all that it must not.
class CallingSink final : public Runtime::Sink {
 public:
  explicit CallingSink(Runtime& runtime) : runtime_(runtime) {}
  void act(std::span<const Action> given) override {
    ++calls;
    actions += given.size();
    const Input input = Forget{"u0", {runtime_.engine().now(), {}, {}, {}}};
    Report report;
    report.action = given.front().id;
    note(runtime_.feed({&input, 1}));
    note(runtime_.feed({&input, 1}, *this));
    note(runtime_.advance_to(start + day_ms));
    note(runtime_.advance_to(start + day_ms, *this));
    note(runtime_.commit(*this));
    note(runtime_.acknowledge());
    note(runtime_.poll(start + day_ms, 1, 1));
    note(runtime_.report(report));
    note(runtime_.snapshot());
    note(runtime_.erase());
    note(runtime_.publish({}, {}, start + day_ms));
    CHECK(runtime_.status());
    CHECK(runtime_.journal(0, 1));
  }
  int calls = 0;
  std::size_t actions = 0;
  int refused = 0;

 private:
  template <class T>
  void note(const Result<T>& result) {
    if (!result && result.error().code == ErrorCode::invalid_argument) ++refused;
  }
  Runtime& runtime_;
};

}  // namespace

TEST_CASE("runtime: a snapshot for which there is no thread fails, and nothing else does",
          "[runtime][snapshot]") {
  Host host({.snapshot_after_bytes = 4096});
  const std::vector<bool> blocked = blocked_signals();
  {
    const test::NoThreads none;
    host.day(0);
    const Result<void> made = host.runtime->snapshot();
    REQUIRE_FALSE(made);
    CHECK(made.error().code == ErrorCode::io_failed);
    CHECK_THAT(made.error().message, Catch::StartsWith("cannot start a thread: "));
  }
  CHECK(blocked_signals() == blocked);
  CHECK(host.runtime->status()->snapshots_failed > 0);
  CHECK_FALSE(host.runtime->status()->snapshot_under_way);
  CHECK(host.runtime->status()->snapshot_error->code == ErrorCode::io_failed);
  host.day(1);
  {
    // The next one comes by itself.
    std::unique_lock lock(host.between->mutex);
    CHECK(host.between->changed.wait_for(lock, std::chrono::seconds(60),
                                         [&] { return host.between->completed > 0; }));
  }
  REQUIRE(host.runtime->snapshot());
  host.reopen();
  for (int day = 2; day < 5; ++day) host.day(day);
  host.end();
  CHECK(host.sink.actions == expected_actions());
}

#ifndef ITINERA_NEW_IS_TAKEN
TEST_CASE("runtime: without memory for a second engine a snapshot fails, and nothing else does",
          "[runtime][snapshot]") {
  Host host;
  host.day(0);
  Result<void> made;
  too_many_bytes = 2'000;
  made = host.runtime->snapshot();
  too_many_bytes = static_cast<std::size_t>(-1);
  REQUIRE_FALSE(made);
  CHECK(made.error().code == ErrorCode::limit_reached);
  CHECK(host.runtime->status()->snapshot_error->code == ErrorCode::limit_reached);
  host.day(1);
  REQUIRE(host.runtime->snapshot());
}
#endif

TEST_CASE("runtime: what a store throws is an error", "[runtime][commit]") {
  Host host;
  const auto throwing = std::make_shared<Throwing>();
  reopen(host, std::make_unique<ThrowingStore>(memory_store(host.disk), throwing),
         {.upkeep = {.snapshot_after_bytes = 0}});
  host.day(0);
  throwing->put_chunk = true;
  CHECK(host.runtime->snapshot().error().message == "the store threw: as it must not");
  throwing->memory = true;
  CHECK(host.runtime->snapshot().error().code == ErrorCode::limit_reached);
  throwing->put_chunk = false;
  REQUIRE(host.runtime->snapshot());
  host.day(1);
  throwing->append = true;
  throwing->memory = GENERATE(false, true);
  Event event;
  event.name = "signed_up";
  event.contact = "late";
  event.envelope.received = start + 3 * day_ms;
  const Input input = event;
  const auto fed = host.runtime->feed({&input, 1}, host.sink);
  REQUIRE_FALSE(fed);
  CHECK(fed.error().code == ErrorCode::io_failed);
}

TEST_CASE("runtime: a reader who comes while the journal is cut is no failure of the snapshot",
          "[runtime][snapshot]") {
  Host host({.snapshot_after_bytes = 0, .journal_bytes_max = 1});
  reopen(host, std::make_unique<PopularStore>(memory_store(host.disk)), {.upkeep = host.upkeep});
  for (int day = 0; day < 3; ++day) {
    host.day(day);
    const Result<void> made = host.runtime->snapshot();
    if (!made) FAIL(made.error().message);
  }
  CHECK(host.runtime->status()->readers.size() == 1);
  CHECK(host.extent().truncated == 0);
}

TEST_CASE("runtime: a cursor does not go back", "[runtime][snapshot]") {
  Host host;
  host.day(0);
  REQUIRE(host.extent().durable > 3);
  REQUIRE(host.runtime->move_cursor("warehouse", 3));
  const Result<void> back = host.runtime->move_cursor("warehouse", 2);
  REQUIRE_FALSE(back);
  CHECK(back.error().code == ErrorCode::invalid_argument);
  CHECK(back.error().message ==
        "reader 'warehouse' has come to position 3 already, and what lies before it may be gone: "
        "it cannot go back to 2");
  REQUIRE(host.runtime->move_cursor("warehouse", 3));
  CHECK(host.runtime->cursor("warehouse").value() == 3);
  REQUIRE(host.runtime->drop_cursor("warehouse"));
  REQUIRE(host.runtime->move_cursor("warehouse", 2));
  CHECK(host.runtime->cursor("warehouse").value() == 2);
}

TEST_CASE("runtime: reports wait for a slow disk where too much is on its way",
          "[runtime][commit]") {
  constexpr std::size_t bound = 500;
  Host host;
  const auto slowness = std::make_shared<Slowness>();
  reopen(host, std::make_unique<SlowStore>(memory_store(host.disk), slowness),
         {.limits = {.pending_bytes_max = bound}, .delivery = Delivery::known});
  for (int i = 0; i < 60; ++i) {
    host.day(0, i, i + 1, false);
    REQUIRE(host.runtime->poll(start + i * minute_ms, hour_ms, 0));  // all of it is durable
  }
  const auto polled = host.runtime->poll(start + hour_ms, day_ms, 1'000);
  REQUIRE(polled);
  REQUIRE(polled->size() >= 60);
  std::vector<ActionId> ids;
  for (const Action& action : *polled) ids.push_back(action.id);
  slowness->largest = 0;
  for (const ActionId& id : ids) {
    Report report;
    report.action = id;
    report.receipt = Receipt::delivered;
    report.envelope.received = start + hour_ms;
    REQUIRE(host.runtime->report(report));
  }
  REQUIRE(host.runtime->commit(host.sink));
  CHECK(slowness->largest > 0);
  CHECK(slowness->largest < 2 * bound);
}

TEST_CASE("runtime: a sink may look at the runtime that calls it, and not feed it",
          "[runtime][sink]") {
  Host host;
  CallingSink sink(*host.runtime);
  const std::vector<std::string> names = crowd();
  const auto fed = host.runtime->feed(sign_ups(names), sink);
  if (!fed) FAIL(fed.error().message);
  CHECK(fed->empty());
  REQUIRE(host.runtime->advance_to(start + hour_ms, sink));
  CHECK(sink.calls > 2);  // on the way, and at the end
  CHECK(sink.refused == sink.calls * 11);
  CHECK(sink.actions == names.size());
  CHECK(host.runtime->engine().now() == start + hour_ms);
}

TEST_CASE("runtime: what a sink was given that threw comes again", "[runtime][sink]") {
  const std::vector<std::string> names = crowd();
  Host calm;
  REQUIRE(calm.runtime->feed(sign_ups(names), calm.sink));
  REQUIRE(calm.runtime->advance_to(start + hour_ms, calm.sink));

  Host host;
  ThrowingSink bad;
  CHECK_THROWS_WITH(host.runtime->feed(sign_ups(names), bad), "the provider is gone");
  CHECK(host.runtime->engine().statistics().inputs < names.size());  // it left on the way
  CHECK(host.runtime->status()->waiting_actions > 0);
  CHECK_THROWS_WITH(host.runtime->commit(bad), "the provider is gone");
  // Whoever has been fed already is known by the message's id.
  REQUIRE(host.runtime->feed(sign_ups(names), host.sink));
  CHECK_THROWS_WITH(host.runtime->advance_to(start + 25 * hour_ms, bad), "the provider is gone");
  REQUIRE(host.runtime->advance_to(start + hour_ms, host.sink));
  REQUIRE(calm.runtime->advance_to(start + 30 * day_ms, calm.sink));
  REQUIRE(host.runtime->advance_to(start + 30 * day_ms, host.sink));
  std::ranges::sort(calm.sink.actions);
  std::ranges::sort(host.sink.actions);
  CHECK(host.sink.actions == calm.sink.actions);
}

TEST_CASE("runtime: to acknowledge is to say nothing of what a sink has thrown away",
          "[runtime][sink]") {
  Host host;
  const RuntimeOptions known{.delivery = Delivery::known};
  reopen(host, memory_store(host.disk), known);
  host.day(0, 0, 5, false);
  REQUIRE(host.runtime->advance_to(start + hour_ms));
  ThrowingSink bad;
  CHECK_THROWS_WITH(host.runtime->commit(bad), "the provider is gone");
  REQUIRE(host.runtime->acknowledge());
  reopen(host, memory_store(host.disk), known);
  REQUIRE(host.runtime->advance_to(start + hour_ms, host.sink));
  CHECK(host.sink.actions.size() == 5);
}
