// SPDX-License-Identifier: Apache-2.0
// A store as a command finds it.
#pragma once

#include <memory>
#include <string>

#include "itinera/engine.hpp"
#include "itinera/store.hpp"

namespace itinera::cli {

// The store in that file. Error: io_failed (there is none), those of open_sqlite_store().
Result<std::unique_ptr<Store>> open_existing_store(const std::string& path);

// The engine that a store stands for, which is read and not claimed: who owns it may go on. Errors:
// those of the store and of Engine::restore().
Result<Engine> stored_engine(const std::string& path);

}  // namespace itinera::cli
