// SPDX-License-Identifier: Apache-2.0
#include "store/bounds.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>

namespace itinera::store {
namespace {

Error wrong(std::string message) { return {ErrorCode::invalid_argument, std::move(message)}; }

std::string in_words(const Snapshot& snapshot) {
  return fmt::format("snapshot `{}` at position {}", snapshot.name, snapshot.position);
}

}  // namespace

std::optional<Error> wrong_epoch(std::uint64_t wanted, std::uint64_t newest) {
  if (wanted > Store::epoch_max) {
    return wrong(fmt::format("epoch {} is beyond {}", wanted, Store::epoch_max));
  }
  if (wanted > newest) return std::nullopt;
  return Error{ErrorCode::fenced,
               fmt::format("cannot be claimed under epoch {}: epoch {} has been claimed already",
                           wanted, newest)};
}

std::optional<Error> wrong_owner(std::uint64_t own, std::uint64_t newest) {
  if (own == 0) return wrong("nothing can be written before the store is claimed");
  if (own == newest) return std::nullopt;
  return Error{ErrorCode::fenced,
               fmt::format("another owner has taken the store over: it was claimed under epoch {}, "
                           "and this is epoch {}",
                           newest, own)};
}

std::optional<Error> wrong_group(std::size_t bytes) {
  if (bytes > 0 && bytes <= Store::group_bytes_max) return std::nullopt;
  return wrong(
      fmt::format("a group of {} bytes: it must have 1 to {}", bytes, Store::group_bytes_max));
}

std::optional<Error> wrong_start(Position after, const Extent& extent) {
  if (after >= extent.truncated) return std::nullopt;
  return wrong(fmt::format("cannot read from position {}: what lies before {} has been forgotten",
                           after, extent.truncated));
}

std::optional<Error> wrong_cut(Position up_to, const Extent& extent,
                               std::span<const Snapshot> complete) {
  if (up_to <= extent.truncated) return std::nullopt;
  if (up_to > extent.durable) {
    return wrong(fmt::format("cannot forget up to position {}: the journal ends at {}", up_to,
                             extent.durable));
  }
  if (complete.empty()) {
    return wrong(
        fmt::format("cannot forget up to position {}: no snapshot holds what it leads to", up_to));
  }
  for (const Snapshot& snapshot : complete) {
    if (snapshot.position < up_to) {
      return wrong(
          fmt::format("cannot forget up to position {}: {} needs it", up_to, in_words(snapshot)));
    }
  }
  return std::nullopt;
}

std::optional<Error> wrong_place(Position position, const Extent& extent) {
  if (position > extent.truncated && position <= extent.durable) return std::nullopt;
  return wrong(fmt::format("no group ends at position {}: the journal has {} to {}", position,
                           extent.truncated + 1, extent.durable));
}

std::optional<Error> wrong_snapshot(const Snapshot& snapshot, const Extent& extent) {
  if (snapshot.name.empty() || snapshot.name.size() > Store::name_bytes_max) {
    return wrong(fmt::format("a snapshot's name must have 1 to {} bytes, not {}",
                             Store::name_bytes_max, snapshot.name.size()));
  }
  if (snapshot.chunks > Store::chunks_max) {
    return wrong(fmt::format("{} has {} chunks: at most {}", in_words(snapshot), snapshot.chunks,
                             Store::chunks_max));
  }
  if (snapshot.position < extent.truncated || snapshot.position > extent.durable) {
    return wrong(fmt::format("{}: the journal goes from {} to {}", in_words(snapshot),
                             extent.truncated, extent.durable));
  }
  return std::nullopt;
}

std::optional<Error> wrong_chunk(const Snapshot& snapshot, std::uint32_t number,
                                 std::size_t bytes) {
  if (number >= snapshot.chunks) {
    return wrong(fmt::format("{} has {} chunks, and none of number {}", in_words(snapshot),
                             snapshot.chunks, number));
  }
  if (bytes > Store::chunk_bytes_max) {
    return wrong(fmt::format("a chunk of {} bytes: at most {}", bytes, Store::chunk_bytes_max));
  }
  return std::nullopt;
}

Error missing_chunk(const Snapshot& snapshot, std::uint32_t number) {
  return wrong(fmt::format("{} has no chunk {}", in_words(snapshot), number));
}

Error complete_already(const Snapshot& snapshot) {
  return wrong(fmt::format("{} is complete already", in_words(snapshot)));
}

}  // namespace itinera::store

namespace itinera {

Result<void> Store::drop_one(const Snapshot& snapshot) {
  return Error{ErrorCode::invalid_argument,
               fmt::format("snapshot `{}` at position {} cannot be dropped alone: this store does "
                           "not know how",
                           snapshot.name, snapshot.position)};
}

Result<void> Store::replace(Position position, std::span<const std::byte>) {
  return Error{ErrorCode::invalid_argument,
               fmt::format("the group at position {} cannot be replaced: this store does not know "
                           "how",
                           position)};
}

Result<bool> Store::clear_some() { return false; }

Result<void> Store::wipe() { return {}; }

}  // namespace itinera
