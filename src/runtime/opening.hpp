// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "itinera/engine.hpp"
#include "itinera/runtime.hpp"
#include "itinera/store.hpp"
#include "runtime/committer.hpp"
#include "runtime/recovery.hpp"

namespace itinera::runtime {

// A store that is ours, and the engines of all that is in it.
struct Opened {
  std::unique_ptr<Committer> committer;
  Recovered recovered;
};

// Recovers first, beside an owner that goes on, and claims the store when that has succeeded: who
// cannot open it takes it from nobody. What has come meanwhile is followed after. Errors: those of
// recover() and of the store; io_failed (no thread can be started);
// invalid_argument (it has another number of shards than is wanted).
Result<Opened> open_store(std::unique_ptr<Store> store, const EngineOptions& options,
                          const RuntimeOptions& how);

}  // namespace itinera::runtime
