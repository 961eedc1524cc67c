// SPDX-License-Identifier: Apache-2.0
// Who was forgotten goes from the store as well: from the groups of the journal that were written
// before, from older snapshots, and from what SQLite keeps of both. docs/durability.md.
#pragma once

#include <functional>
#include <string_view>

#include "runtime/recovery.hpp"

namespace itinera::runtime {

// Among the snapshots, without chunks: whoever was forgotten up to its position is nowhere before.
inline constexpr std::string_view erased_mark = "erased";
// With one chunk, while somebody is being erased: the salt, so that who is interrupted can go on.
inline constexpr std::string_view erasing = "erasing";

// Where the mark stands; 0 if nowhere.
Result<Position> erased_up_to(const UseStore& use);

// `recovered` has just been made of what `use` leads to, and its snapshot is complete: erases
// everybody who was forgotten before its position, and moves the mark there. Errors: those of
// Store::replace() and wipe(), and limit_reached where `at_work` says no; calling it again goes on.
Result<void> erase_forgotten(const UseStore& use, const Recovered& recovered,
                             const std::function<bool()>& at_work);

}  // namespace itinera::runtime
