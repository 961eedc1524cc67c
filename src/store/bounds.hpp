// SPDX-License-Identifier: Apache-2.0
// What every store refuses, whatever it keeps its bytes in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "itinera/store.hpp"

namespace itinera::store {

std::optional<Error> wrong_epoch(std::uint64_t wanted, std::uint64_t newest);
// `own` is the epoch that the writer claimed; 0: none.
std::optional<Error> wrong_owner(std::uint64_t own, std::uint64_t newest);
std::optional<Error> wrong_group(std::size_t bytes);
std::optional<Error> wrong_start(Position after, const Extent& extent);
std::optional<Error> wrong_cut(Position up_to, const Extent& extent,
                               std::span<const Snapshot> complete);
// Of a group that is there.
std::optional<Error> wrong_place(Position position, const Extent& extent);
std::optional<Error> wrong_snapshot(const Snapshot& snapshot, const Extent& extent);
std::optional<Error> wrong_chunk(const Snapshot& snapshot, std::uint32_t number, std::size_t bytes);

Error missing_chunk(const Snapshot& snapshot, std::uint32_t number);
Error complete_already(const Snapshot& snapshot);

}  // namespace itinera::store
