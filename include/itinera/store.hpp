// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "itinera/result.hpp"

namespace itinera {

// Where a journal lives. Append-only; what append() returned from without an error is durable to
// the degree that the implementation states. One owner at a time.
class Store {
 public:
  virtual ~Store() = default;
  // All bytes that were appended, in order; after a crash possibly without the last append, or
  // with a part of it.
  virtual Result<std::vector<std::byte>> read() = 0;
  // Adds `bytes` at the end, whole or not at all as far as the caller can tell.
  virtual Result<void> append(std::span<const std::byte> bytes) = 0;
  // Forgets everything after the first `size` bytes: a torn tail, found at opening.
  virtual Result<void> truncate(std::size_t size) = 0;
};

// Lives and dies with the object.
std::unique_ptr<Store> memory_store();

// One file, created if missing. append() writes and syncs (fdatasync). A failed sync is final: the
// store refuses everything after it, because nobody knows what the disk holds. The file is locked
// against a second owner. Errors: io_failed, with the path and the system's word for it.
Result<std::unique_ptr<Store>> open_file_store(const std::string& path);

}  // namespace itinera
