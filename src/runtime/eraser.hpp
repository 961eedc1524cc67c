// SPDX-License-Identifier: Apache-2.0
// Who was forgotten goes from the store as well: from the groups of the journal that were written
// before, from older snapshots, and from what SQLite keeps of both. docs/durability.md.
#pragma once

#include <functional>

#include "runtime/recovery.hpp"

namespace itinera::runtime {

// `recovered` has just been made of what `use` leads to, and its snapshot is complete: erases
// everybody who was forgotten before its position, and moves the mark there. Errors: those of
// Store::replace() and wipe(), and limit_reached where `at_work` says no; calling it again goes on.
Result<void> erase_forgotten(const UseStore& use, const Recovered& recovered,
                             const std::function<bool()>& at_work);

}  // namespace itinera::runtime
