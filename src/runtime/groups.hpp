// SPDX-License-Identifier: Apache-2.0
// Reading a journal that may be written to meanwhile.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "itinera/store.hpp"

namespace itinera::runtime {

// What calls a store: at once, or on the thread that owns it.
using UseStore = std::function<Result<void>(const std::function<Result<void>(Store&)>&)>;

// So much of a store is read at once, or one group: whoever commits waits for no more.
inline constexpr std::size_t read_bytes = 1u << 20;

Error interrupted();

// As Store::read().
Result<std::vector<JournalGroup>> read_groups(const UseStore& use, Position after,
                                              std::size_t bytes_max);

// Gives `visit` the groups behind `after`, and up to `up_to`, in order, some at a time. `at_work`,
// asked now and then, ends it with limit_reached when it says no. Errors: damaged_journal where
// groups are missing, those of the store and of `visit`.
Result<void> each_groups(const UseStore& use, Position after, Position up_to,
                         const std::function<bool()>& at_work,
                         const std::function<Result<void>(std::span<const JournalGroup>)>& visit);

}  // namespace itinera::runtime
