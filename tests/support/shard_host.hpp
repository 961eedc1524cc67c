// SPDX-License-Identifier: Apache-2.0
// A host with a store of several shards in memory, who notes what it is given.
#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "itinera/runtime.hpp"
#include "support/catch.hpp"

namespace itinera::test {

inline EngineOptions shard_options() {
  static const std::shared_ptr<const ZoneTable> zones = load_zones().value();
  return {.limits = {}, .zones = zones};
}

struct Sink final : public Runtime::Sink {
  void act(std::span<const Action> given) override {
    for (const Action& each : given) {
      told.push_back(to_text(each.at) + " " + std::string(each.contact) + " " +
                     std::string(each.step) + " " + std::string(each.address) + " " +
                     to_text(each.id.hash));
      ids.emplace_back(std::string(each.contact), each.id);
    }
  }
  std::vector<std::string> told;
  std::vector<std::pair<std::string, ActionId>> ids;
};

struct ShardHost {
  ShardHost(const Workspace& workspace, const Campaign& campaign, Instant from,
            std::uint32_t shards, std::uint32_t threads = 1,
            std::shared_ptr<MemoryDisk> on = memory_disk(), Delivery delivery = Delivery::once)
      : disk(std::move(on)), runtime(open(disk, shards, threads, delivery)) {
    const auto published =
        runtime.publish(workspace, {&campaign, 1}, std::max(from, runtime.now()));
    if (!published) FAIL(published.error().message);
  }
  static Runtime open(const std::shared_ptr<MemoryDisk>& disk, std::uint32_t shards,
                      std::uint32_t threads, Delivery delivery = Delivery::once) {
    RuntimeOptions how;
    how.shards = shards;
    how.threads = threads;
    how.delivery = delivery;
    auto opened = Runtime::open(memory_store(disk), shard_options(), how);
    if (!opened) FAIL(opened.error().message);
    return std::move(opened).value();
  }
  std::vector<Refusal> feed(std::span<const Input> inputs) {
    const auto fed = runtime.feed(inputs, sink);
    if (!fed) FAIL(fed.error().message);
    return {fed->begin(), fed->end()};
  }
  [[nodiscard]] base::Bytes bytes() const {
    base::Bytes all;
    const auto groups = memory_store(disk)->read(0, static_cast<std::size_t>(-1)).value();
    for (const JournalGroup& group : groups) {
      all.insert(all.end(), group.frames.begin(), group.frames.end());
    }
    return all;
  }
  [[nodiscard]] std::vector<std::string> sorted() const {
    std::vector<std::string> all = sink.told;
    std::sort(all.begin(), all.end());
    return all;
  }

  std::shared_ptr<MemoryDisk> disk;
  Sink sink;
  Runtime runtime;
};

}  // namespace itinera::test
