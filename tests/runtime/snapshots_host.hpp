// SPDX-License-Identifier: Apache-2.0
// A host whose store is watched, and fails or rots where a test wants it.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <iterator>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "itinera/campaign_builder.hpp"
#include "itinera/runtime.hpp"
#include "itinera/store_wrapper.hpp"
#include "record/frame.hpp"
#include "support/catch.hpp"
#include "support/pieces.hpp"

namespace itinera::test::snapshots {

inline constexpr Instant start{1'772'442'000'000};  // 2026-03-02T09:00:00Z

inline EngineOptions options() {
  static const std::shared_ptr<const ZoneTable> zones = load_zones().value();
  return {.limits = {}, .zones = zones};
}

// What stands between a runtime and its store.
struct Between {
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t completed = 0;   // snapshots of engines
  std::size_t chunks_put = 0;  // of them
  bool chunks_stop = false;    // put_chunk() waits
  bool chunks_fail = false;
  std::set<Position> rotten;  // chunks of snapshots at these positions come back with a bit flipped
  std::size_t dropped = 0;    // times a whole name was
  bool drops_one_alone = true;  // else it is a store that does not know how
};

class WatchedStore final : public StoreWrapper {
 public:
  WatchedStore(std::shared_ptr<MemoryDisk> disk, std::shared_ptr<Between> between)
      : StoreWrapper(memory_store(std::move(disk))), between_(std::move(between)) {}

  Result<void> put_chunk(const Snapshot& snapshot, std::uint32_t number,
                         std::span<const std::byte> bytes) override {
    {
      std::unique_lock lock(between_->mutex);
      ++between_->chunks_put;
      between_->changed.notify_all();
      between_->changed.wait(lock, [&] { return !between_->chunks_stop; });
      if (between_->chunks_fail) return Error{ErrorCode::io_failed, "no room"};
    }
    return StoreWrapper::put_chunk(snapshot, number, bytes);
  }
  Result<void> complete(const Snapshot& snapshot, std::uint32_t generations) override {
    Result<void> done = StoreWrapper::complete(snapshot, generations);
    const std::lock_guard lock(between_->mutex);
    if (snapshot.name == "engine") ++between_->completed;
    between_->changed.notify_all();
    return done;
  }
  Result<std::vector<std::byte>> chunk(const Snapshot& snapshot, std::uint32_t number) override {
    auto bytes = StoreWrapper::chunk(snapshot, number);
    if (bytes && between_->rotten.contains(snapshot.position)) bytes->back() ^= std::byte{1};
    return bytes;
  }
  Result<void> drop(std::string_view name) override {
    const std::lock_guard lock(between_->mutex);
    ++between_->dropped;
    return StoreWrapper::drop(name);
  }
  Result<void> drop_one(const Snapshot& snapshot) override {
    const std::lock_guard lock(between_->mutex);
    return between_->drops_one_alone ? StoreWrapper::drop_one(snapshot) : Store::drop_one(snapshot);
  }

 private:
  std::shared_ptr<Between> between_;
};

class Recorder final : public Runtime::Sink {
 public:
  void act(std::span<const Action> given) override {
    for (const Action& action : given) {
      actions.push_back(to_text(action.at) + " " + std::string(action.contact) + " " +
                        std::string(action.step) + " " + to_text(action.id.hash));
    }
  }
  std::vector<std::string> actions;
};

// Who signs up is greeted, and written to every day for a week.
struct Host {
  explicit Host(const Upkeep& kept = {.snapshot_after_bytes = 0}, bool chunks_fail = false)
      : upkeep(kept) {
    between->chunks_fail = chunks_fail;
    Workspace workspace;
    workspace.name = "shop";
    Channel email;
    email.name = "email";
    email.address.text = "contact.id";
    workspace.channels.push_back(email);
    Sequence steps;
    steps.send("email", {.id = "hello"});
    for (int day = 1; day <= 7; ++day) {
      steps.wait("PT24H").send("email", {.id = "day-" + std::to_string(day)});
    }
    const Campaign campaigns[] = {
        CampaignBuilder("welcome").on_event("signed_up").steps(std::move(steps)).build().value()};
    reopen();
    REQUIRE(runtime->publish(workspace, campaigns, start));
  }
  void reopen() {
    runtime.reset();
    auto opened =
        Runtime::open(std::make_unique<WatchedStore>(disk, between), options(), {.upkeep = upkeep});
    if (!opened) FAIL(opened.error().message);
    runtime.emplace(std::move(*opened));
  }
  // People sign up on that day, a minute after each other; what is due is done, or left to later.
  void day(int number, int from = 0, int to = 20, bool act = true) {
    for (int i = from; i < to; ++i) {
      const std::string id = "u" + std::to_string(number) + "-" + std::to_string(i);
      Event event;
      event.name = "signed_up";
      event.contact = id;
      event.envelope.received = start + number * day_ms + i * minute_ms;
      const Input inputs[] = {event};
      REQUIRE((act ? runtime->feed(inputs, sink) : runtime->feed(inputs)));
    }
  }
  void end() { REQUIRE(runtime->advance_to(start + 30 * day_ms, sink)); }
  [[nodiscard]] Extent extent() const { return memory_store(disk)->extent().value(); }
  [[nodiscard]] std::vector<Position> snapshots() const {
    std::vector<Position> positions;
    const auto all = memory_store(disk)->snapshots();
    for (const Snapshot& each : all.value()) {
      if (each.name == "engine") positions.push_back(each.position);
    }
    return positions;
  }

  std::shared_ptr<MemoryDisk> disk = memory_disk();
  std::shared_ptr<Between> between = std::make_shared<Between>();
  Upkeep upkeep;
  Recorder sink;
  std::optional<Runtime> runtime;
};

// What five days of people lead to, without a snapshot.
inline std::vector<std::string> expected_actions() {
  Host host;
  for (int day = 0; day < 5; ++day) host.day(day);
  host.end();
  return host.sink.actions;
}

}  // namespace itinera::test::snapshots
