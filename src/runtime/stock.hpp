// SPDX-License-Identifier: Apache-2.0
// What stands in a store beside the groups: its snapshots, each by what it is.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "itinera/store.hpp"
#include "runtime/groups.hpp"

namespace itinera::runtime {

// What engines are rebuilt from, and a copy of one of them: see eraser.cpp.
inline constexpr std::string_view engine_snapshot = "engine";
inline constexpr std::string_view spare_snapshot = "spare";
// Of what is put again and again: the newest counts, and the one before stands in for it should its
// bytes have rotted.
inline constexpr std::uint32_t snapshot_generations = 2;
// Without chunks: whoever was forgotten up to its position is nowhere before.
inline constexpr std::string_view erased_mark = "erased";
// With one chunk, while somebody is being erased: the salt, so that who is interrupted can go on.
inline constexpr std::string_view erasing_mark = "erasing";
// What the cursors of readers are called begins so.
inline constexpr std::string_view cursor_prefix = "cursor/";
// And what checkpoints of folds are called.
inline constexpr std::string_view fold_prefix = "fold/";

struct Stock {
  Extent extent;
  std::vector<Snapshot> engines;  // to rebuild from, the newest first
  std::vector<Snapshot> folds;
  Position erased = 0;
  std::optional<Snapshot> erasing;
  std::map<std::string, Position> readers;  // by name, without the prefix
  // The oldest of all, those of others included: nothing behind it may go. The end where there is
  // none.
  Position oldest = 0;
};

// Errors: those of the store.
Result<Stock> take_stock(const UseStore& use);

}  // namespace itinera::runtime
