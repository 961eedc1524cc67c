// SPDX-License-Identifier: Apache-2.0
// The SQLite store over a file system that a test may replace.
#pragma once

#include <memory>
#include <string>

#include "itinera/store.hpp"

namespace itinera::store {

// What SQLite's `pragma application_id` and `user_version` say of a store: "Itin", and the format.
// On disk. A new format is the next number.
inline constexpr int application_id = 0x4974'696E;
inline constexpr int store_version = 1;

// Of a new store, in bytes.
inline constexpr int page_size = 16'384;

struct SqliteOptions {
  const char* vfs = nullptr;  // a file system registered with SQLite; null: the system's
  int patience_ms = 10'000;   // for another process that is writing
  // The WAL is copied into the file whenever so many bytes have been appended.
  std::size_t wal_bytes = 16u << 20;
  bool looks = false;  // it is only read: what is somebody else's stays without
                       // a trace of it
};

Result<std::unique_ptr<Store>> open_sqlite(const std::string& path, const SqliteOptions& options);

}  // namespace itinera::store
