// SPDX-License-Identifier: Apache-2.0
// What several lanes agree on before any of them publishes.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "itinera/migration.hpp"
#include "runtime/lane.hpp"

namespace itinera::runtime {

// One instant for all, that none of them has closed: what is due before it is to fire first. Empty:
// all have it already, and nobody is to move. Errors: those of Engine::publish() before anything
// fires.
Result<std::optional<Instant>> publication_time(const std::vector<Lane>& lanes,
                                                const Workspace& workspace,
                                                std::span<const Campaign> campaigns,
                                                Instant received,
                                                std::span<const Migration> migrations);

}  // namespace itinera::runtime
