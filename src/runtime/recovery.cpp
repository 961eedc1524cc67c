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
    Result<Engine> engine = Engine::load(chunks, options);
    if (engine) {
      return Recovered{std::move(*engine), snapshot.position, snapshot.position,
                       std::move(passed_over), 0};
    }
    if (!may_do_without(engine.error().code, chunks.failed())) return engine.error();
    if (!damage) damage = engine.error();
    passed_over.push_back(snapshot);
  }
  if (found.extent.truncated > 0) {
    if (damage) return *damage;
    return Error{ErrorCode::damaged_journal,
                 "the beginning of the journal is gone, and no snapshot stands for it"};
  }
  Result<Engine> engine = Engine::create(options);
  if (!engine) return engine.error();
  return Recovered{std::move(*engine), 0, 0, std::move(passed_over), 0};
}

Result<void> apply(const JournalGroup& group, const EngineOptions& options, Recovered& state) {
  if (state.position == 0) {
    std::size_t whole_bytes = 0;
    Result<Engine> first = Engine::restore(group.frames, options, &whole_bytes);
    if (!first) return first.error();
    if (whole_bytes < group.frames.size()) {
      return Error{ErrorCode::damaged_journal, "a group ends within a frame"};
    }
    state.engine = std::move(*first);
  } else if (Result<void> done = state.engine.follow(group.frames); !done) {
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
