// SPDX-License-Identifier: Apache-2.0
#include "runtime/eraser.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/byte_buffer.hpp"
#include "base/bytes.hpp"
#include "runtime/erasures.hpp"
#include "runtime/stock.hpp"

namespace itinera::runtime {
namespace {

// Of chance, because whoever could guess it could try out whose ids stand in the journal.
base::Bytes new_salt() {
  std::random_device chance;
  base::Bytes salt;
  while (salt.size() < sizeof(Hash128)) base::Writer(salt).number(std::uint32_t{chance()});
  return salt;
}

// The salt of an erasing that was interrupted, or a new one.
Result<Hash128> salt_for(const UseStore& use, const Stock& stock, Position position) {
  base::Bytes bytes;
  const Result<void> done = use([&](Store& store) -> Result<void> {
    if (stock.erasing) {
      Result<std::vector<std::byte>> chunk = store.chunk(*stock.erasing, 0);
      // Rotten, it would keep everybody from being erased for ever. What stands in by it already is
      // known by its look and stays.
      if (!chunk && chunk.error().code != ErrorCode::damaged_journal) return chunk.error();
      if (chunk) bytes = std::move(*chunk);
      if (bytes.size() == sizeof(Hash128)) return {};
    }
    bytes = new_salt();
    const Snapshot begun{std::string(erasing_mark), position, 1};
    if (Result<void> dropped = store.drop(erasing_mark); !dropped) return dropped;
    if (Result<void> put = store.put_chunk(begun, 0, bytes); !put) return put;
    return store.complete(begun, 1);
  });
  if (!done) return done.error();
  base::Reader in(bytes);
  Hash128 salt;
  salt.high = in.number<std::uint64_t>();
  salt.low = in.number<std::uint64_t>();
  return salt;
}

Result<void> sound_or(bool sound) {
  if (sound) return {};
  return Error{ErrorCode::damaged_journal, "a group of the journal cannot be read"};
}

using Visit = std::function<Result<void>(std::span<const JournalGroup>)>;

// While groups are replaced, snapshots from before the newest do not fit them any more: what they
// know and nothing behind them says, such as whose an action is whose emission has been let go of,
// may be gone from the groups that they need. So there must be two of the newest, should one rot: a
// copy stands beside it until the next.
Result<void> keep_two(const UseStore& use, const Stock& stock, Position up_to,
                      const std::function<bool()>& at_work) {
  const auto is_newest = [up_to](const Snapshot& each) { return each.position >= up_to; };
  const auto count = std::ranges::count_if(stock.engines, is_newest);
  if (count > 1) return {};
  if (count == 0) return Error{ErrorCode::damaged_journal, "a snapshot is gone"};
  const Snapshot& only = *std::ranges::find_if(stock.engines, is_newest);
  const bool is_spare = only.name == spare_snapshot;
  const Snapshot copy{std::string(is_spare ? engine_snapshot : spare_snapshot), only.position,
                      only.chunks};
  for (std::uint32_t number = 0; number < only.chunks; ++number) {
    if (!at_work()) return interrupted();
    const Result<void> put = use([&](Store& store) -> Result<void> {
      const Result<std::vector<std::byte>> chunk = store.chunk(only, number);
      if (!chunk) return chunk.error();
      return store.put_chunk(copy, number, *chunk);
    });
    if (!put) return put;
  }
  return use([&copy](Store& store) { return store.complete(copy, 1); });
}

// The error of a store, after it has said no. What it cannot do at all must not keep its journal
// for ever: the forgotten go with the groups in the end.
Result<void> refused(const UseStore& use, const Error& error, bool has_replaced) {
  if (error.code != ErrorCode::invalid_argument || has_replaced) return error;
  const Result<void> dropped = use([](Store& store) -> Result<void> {
    if (Result<void> done = store.drop(erasing_mark); !done) return done;
    return store.drop(erased_mark);
  });
  return dropped ? error : dropped;
}

// Checkpoints of folds may name actions by ids that are erased.
Result<void> drop_older(const UseStore& use, const Stock& stock, Position up_to) {
  return use([&](Store& store) -> Result<void> {
    for (const auto* const all : {&stock.engines, &stock.folds}) {
      for (const Snapshot& each : *all) {
        if (each.position >= up_to) continue;
        if (Result<void> dropped = store.drop_one(each); !dropped) return dropped;
      }
    }
    return {};
  });
}

// Erases whom `found` has found, which has read the groups behind the mark.
Result<void> erase_found(const UseStore& use, const Stock& stock, Erasures& found, Position up_to,
                         const std::function<bool()>& at_work) {
  const Result<Hash128> salt = salt_for(use, stock, up_to);
  if (!salt) return salt.error();
  found.stand_in_by(*salt);
  const Visit gather = [&found](std::span<const JournalGroup> groups) -> Result<void> {
    for (const JournalGroup& group : groups) {
      if (group.position > found.last()) return {};
      if (!found.gather(group.position, group.frames)) return sound_or(false);
    }
    return {};
  };
  const Position begin = stock.extent.truncated;
  if (Result<void> done = each_groups(use, begin, found.last(), at_work, gather); !done) {
    return done;
  }
  if (Result<void> kept = keep_two(use, stock, up_to, at_work); !kept) return kept;
  bool has_replaced = stock.erasing.has_value();  // then the salt is needed
  if (Result<void> dropped = drop_older(use, stock, up_to); !dropped) {
    return refused(use, dropped.error(), has_replaced);
  }
  base::ByteBuffer without;
  const Visit erase = [&](std::span<const JournalGroup> groups) -> Result<void> {
    for (const JournalGroup& group : groups) {
      if (!found.erase(group.position, group.frames, without)) return sound_or(false);
      if (without.empty()) continue;
      const Result<void> replaced =
          use([&](Store& store) { return store.replace(group.position, without.view()); });
      if (!replaced) return refused(use, replaced.error(), has_replaced);
      has_replaced = true;
    }
    return {};
  };
  return each_groups(use, begin, up_to, at_work, erase);
}

// A part at a time, so that a commit waits for no more than one.
Result<void> wipe(const UseStore& use, const std::function<bool()>& at_work) {
  Result<void> dropped = use([](Store& store) { return store.drop(erasing_mark); });
  if (!dropped) return dropped;
  for (bool more = true; more;) {
    if (!at_work()) return interrupted();
    const Result<void> cleared = use([&more](Store& store) -> Result<void> {
      const Result<bool> some = store.clear_some();
      if (!some) return some.error();
      more = *some;
      return {};
    });
    if (!cleared) return cleared;
  }
  return use([](Store& store) { return store.wipe(); });
}

}  // namespace

Result<void> erase_forgotten(const UseStore& use, const Recovered& recovered,
                             const std::function<bool()>& at_work) {
  const Result<Stock> stock = take_stock(use);
  if (!stock) return stock.error();
  const Position up_to = recovered.position;
  if (stock->erased >= up_to) return {};
  if (recovered.forgot || stock->erased < recovered.from) {
    Erasures erasure(recovered.shards.size(), stock->extent.truncated == 0);
    const Visit find = [&erasure](std::span<const JournalGroup> groups) {
      bool sound = true;
      for (const JournalGroup& group : groups) {
        sound = sound && erasure.find(group.position, group.frames);
      }
      return sound_or(sound);
    };
    const Position after = std::max(stock->erased, stock->extent.truncated);
    if (Result<void> done = each_groups(use, after, up_to, at_work, find); !done) return done;
    if (erasure.any()) {
      if (Result<void> done = erase_found(use, *stock, erasure, up_to, at_work); !done) return done;
    }
    // Where nobody is found the groups may have gone since an attempt that was not wiped after.
    if (Result<void> wiped = wipe(use, at_work); !wiped) return wiped;
  }
  return use(
      [up_to](Store& store) { return store.complete({std::string(erased_mark), up_to, 0}, 1); });
}

}  // namespace itinera::runtime
