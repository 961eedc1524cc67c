// SPDX-License-Identifier: Apache-2.0
#include "runtime/recovery.hpp"

#include <optional>
#include <utility>
#include <vector>

#include "record/frame.hpp"
#include "runtime/pieces.hpp"
#include "runtime/stock.hpp"

namespace itinera::runtime {
namespace {

// Whether the snapshot before may stand in for one that ended so. Why a store does not give a chunk
// is all one, but for those that it would not give of any other either.
bool may_do_without(ErrorCode code, bool was_not_given) {
  if (code == ErrorCode::unsupported_version || code == ErrorCode::limit_reached) return false;
  return was_not_given || code == ErrorCode::damaged_journal;
}

Result<Recovered> begin(const Stock& found, const UseStore& use, const EngineOptions& options,
                        const std::function<bool()>& at_work) {
  std::optional<Error> damage;
  std::vector<Snapshot> passed_over;
  for (const Snapshot& snapshot : found.engines) {
    const bool meets =
        snapshot.position >= found.extent.truncated && snapshot.position <= found.extent.durable;
    if (!meets) continue;
    Chunks chunks(use, snapshot, at_work);
    Result<Shards> shards = Shards::load(chunks, options);
    if (shards) {
      return Recovered{std::move(*shards), snapshot.position, snapshot.position,
                       std::move(passed_over), 0};
    }
    if (!may_do_without(shards.error().code, chunks.failed())) return shards.error();
    if (!damage) damage = shards.error();
    passed_over.push_back(snapshot);
  }
  if (found.extent.truncated > 0) {
    if (damage) return *damage;
    return Error{ErrorCode::damaged_journal,
                 "the beginning of the journal is gone, and no snapshot stands for it"};
  }
  Result<Shards> shards = Shards::create(options, 1);
  if (!shards) return shards.error();
  return Recovered{std::move(*shards), 0, 0, std::move(passed_over), 0};
}

Result<void> apply(const JournalGroup& group, const EngineOptions& options, Recovered& state) {
  if (state.position == 0) {
    Result<Shards> first = Shards::restore(group.frames, options);
    if (!first) return first.error();
    state.shards = std::move(*first);
  } else if (Result<void> done = state.shards.follow(group.frames); !done) {
    return done;
  }
  state.position = group.position;
  state.bytes_since += group.frames.size();
  state.forgot = state.forgot || record::has_frame(group.frames, record::InputKind::forget);
  return {};
}

}  // namespace

Result<Recovered> recover(const UseStore& use, const EngineOptions& options,
                          const std::function<bool()>& at_work) {
  const Result<Stock> found = take_stock(use);
  if (!found) return found.error();
  Result<Recovered> begun = begin(*found, use, options, at_work);
  if (!begun) return begun.error();
  Recovered& state = *begun;
  if (Result<void> followed = catch_up(use, options, found->extent.durable, at_work, state);
      !followed) {
    return followed.error();
  }
  return begun;
}

Result<void> catch_up(const UseStore& use, const EngineOptions& options, Position up_to,
                      const std::function<bool()>& at_work, Recovered& state) {
  const auto follow = [&](std::span<const JournalGroup> groups) -> Result<void> {
    for (const JournalGroup& group : groups) {
      if (Result<void> done = apply(group, options, state); !done) return done;
    }
    return {};
  };
  return each_groups(use, state.position, up_to, at_work, follow);
}

}  // namespace itinera::runtime
