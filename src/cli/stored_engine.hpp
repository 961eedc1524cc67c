// SPDX-License-Identifier: Apache-2.0
// A store as a command finds it, and what a publication to it would come to.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "itinera/engine.hpp"
#include "itinera/store.hpp"
#include "state/state.hpp"

namespace itinera::cli {

// The store in that file. Error: io_failed (there is none), those of open_sqlite_store().
Result<std::unique_ptr<Store>> open_existing_store(const std::string& path);

// The engine that a store stands for, which is read and not claimed: who owns it may go on. Errors:
// those of the store and of Engine::restore().
Result<Engine> stored_engine(const std::string& path);

// All that the engine knows, in a copy: for what its own face has no question for.
Result<std::unique_ptr<engine::State>> state_of(const Engine& engine);

// What --migrate and --step say: `campaigns` such as "cart" and "cart=recompute", `steps` such as
// "cart/reminder=nudge" and "cart/*=exit". Error: invalid_argument.
Result<std::vector<Migration>> migrations_of(std::span<const std::string> campaigns,
                                             std::span<const std::string> steps);

// What --at says; empty: where the store ends. Error: invalid_argument, also where the engine would
// have to hand something out on the way there: it would be withdrawn, or late.
Result<Instant> publication_instant(const std::string& at, const Engine& engine);

std::string_view fate_name(MigrationRow::Fate fate);  // "goes_on"
std::string fate_text(const MigrationRow& row);       // what becomes of them: "go on at nudge"
void add_members(std::string& out, const MigrationRow& row);  // behind others of a JSON object

}  // namespace itinera::cli
