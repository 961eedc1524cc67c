// SPDX-License-Identifier: Apache-2.0
// The file store over calls that a test may replace.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <string>

#include "itinera/result.hpp"
#include "itinera/store.hpp"

namespace itinera::store {

// The calls of the system by which bytes reach the disk, as POSIX has them: -1 and errno on
// failure, and a write may take less than it was given.
struct DiskCalls {
  ssize_t (*write_at)(int file, const void* bytes, std::size_t size, off_t at);
  int (*sync)(int file);
  int (*cut)(int file, off_t size);
};
extern const DiskCalls system_calls;

Result<std::unique_ptr<Store>> open_file(const std::string& path, const DiskCalls& calls);

}  // namespace itinera::store
