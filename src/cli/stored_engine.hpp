// SPDX-License-Identifier: Apache-2.0
// A store as a command finds it, and what a publication to it would come to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "itinera/engine.hpp"
#include "itinera/runtime.hpp"
#include "itinera/store.hpp"
#include "runtime/lane.hpp"
#include "state/state.hpp"

namespace itinera::cli {

// The store in that file. Error: io_failed (there is none), those of open_sqlite_store().
Result<std::unique_ptr<Store>> open_existing_store(const std::string& path);

// The engines of a store, one or one a shard, asked as if they were one. Each call is as the one of
// Engine that it is called by.
class StoredEngines {
 public:
  // Errors, as of states(): those of Engine::save() and Engine::load().
  static Result<StoredEngines> create(std::vector<Engine> own);
  // Those of a runtime, which outlives this.
  static Result<StoredEngines> create(const Runtime& runtime);

  // That of the furthest.
  [[nodiscard]] Instant now() const;
  [[nodiscard]] std::optional<Instant> next_deadline() const;
  [[nodiscard]] std::uint64_t sum(std::uint64_t Statistics::* count) const;
  [[nodiscard]] bool keeps_taken() const;
  // Of whichever has the contact: that need not be the one that its id says.
  [[nodiscard]] Result<std::vector<JourneyView>> journeys_of(std::string_view contact) const;
  [[nodiscard]] std::vector<StepOccupancy> occupancy() const;
  [[nodiscard]] StuckReport stuck(std::int64_t older_than_ms, std::size_t max) const;
  [[nodiscard]] Result<std::vector<MigrationRow>> preview(
      std::span<const Campaign> campaigns, std::span<const Migration> migrations) const;
  // On engines of its own, to see what comes of it: as Runtime::publish(), at one instant for all.
  // After an error they are of no use any more.
  Result<void> publish(const Workspace& workspace, std::span<const Campaign> campaigns,
                       Instant received, std::span<const Migration> migrations);

  // All that they know, in a copy each: for what their own face has no question for. What is
  // published is the same in all.
  [[nodiscard]] Result<std::vector<std::unique_ptr<engine::State>>> states() const;

 private:
  explicit StoredEngines(std::vector<runtime::Lane> own) : own_(std::move(own)) {}
  // To be called when all are there.
  Result<void> learn_order();

  std::vector<runtime::Lane> own_;      // none: they are a runtime's
  std::vector<const Engine*> engines_;  // by shard
  // Of several a copy of the first: what is put together of them is in the order of its plans.
  std::unique_ptr<engine::State> first_;
};

// What a store stands for, which is read and not claimed: who owns it may go on. Errors: those of
// the store and of Engine::restore().
Result<StoredEngines> stored_engines(const std::string& path);

// What --migrate and --step say: `campaigns` such as "cart" and "cart=recompute", `steps` such as
// "cart/reminder=nudge" and "cart/*=exit". Error: invalid_argument.
Result<std::vector<Migration>> migrations_of(std::span<const std::string> campaigns,
                                             std::span<const std::string> steps);

// What --at says; empty: where the store ends. Error: invalid_argument, also where the engine would
// have to hand something out on the way there: it would be withdrawn, or late.
Result<Instant> publication_instant(const std::string& at, const StoredEngines& engines);

std::string_view fate_name(MigrationRow::Fate fate);  // "goes_on"
std::string fate_text(const MigrationRow& row);       // what becomes of them: "go on at nudge"
void add_members(std::string& out, const MigrationRow& row);  // behind others of a JSON object

}  // namespace itinera::cli
