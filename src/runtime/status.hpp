// SPDX-License-Identifier: Apache-2.0
// What a store says of how far its readers are behind.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "itinera/runtime_status.hpp"
#include "runtime/recovery.hpp"

namespace itinera::runtime {

// What a reader's cursor is called among the snapshots. Error: invalid_argument (a name that is too
// long, or none).
Result<std::string> cursor_name(std::string_view reader);

// Fills in the extent, where the newest snapshot stands, and the readers. Of the journal it reads
// from the cursor that is furthest behind on, about `bytes_max` at most, a mebibyte at a time, so
// that who commits waits for no more. Errors: those of the store.
Result<void> look_into(const UseStore& use, std::size_t bytes_max, RuntimeStatus& status);

}  // namespace itinera::runtime
