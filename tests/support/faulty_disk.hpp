// SPDX-License-Identifier: Apache-2.0
// A disk in memory below SQLite, which fails on demand and forgets what was not synced.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace itinera::test {

// What a power failure leaves of a disk: the files that exist, and their bytes.
using DiskImage = std::map<std::string, std::string>;

enum class DiskFault : std::uint8_t {
  none,
  short_write,  // half of the bytes arrive, then an error
  disk_full,    // the same, and the word for it is that no room is left
  failed_sync,  // some of what was not synced is lost for good; the cache still shows it
  failed_read,
  failed_cut,  // a truncation of a file
};

// Registers itself with SQLite under name(), for one connection at a time. Every operation is
// kept, so that what a crash after any of them could have left can be made, also while other
// threads go on.
class FaultyDisk {
 public:
  explicit FaultyDisk(const DiskImage& image = {});
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;
  ~FaultyDisk();

  [[nodiscard]] const char* name() const;

  // The `countdown`-th operation from now on that could fail so does, counted from 1.
  void fail(DiskFault fault, std::size_t countdown);
  // From now on no read succeeds that would give these bytes.
  void spoil(std::string bytes);
  // Whether the fault asked for has happened.
  [[nodiscard]] bool has_failed() const;

  // How many operations that change a file there were.
  [[nodiscard]] std::size_t operations() const;

  // What a process finds that is started again while the machine goes on.
  [[nodiscard]] DiskImage image() const;

  // What a power failure after the first `operations` may leave. All that was synced is there. Of
  // what was written since, every 512 bytes have arrived or not: decided by `seed`, each apart from
  // the others, so that later writes may be there without earlier ones, and writes be torn.
  [[nodiscard]] DiskImage after_power_failure(std::size_t operations, std::uint64_t seed) const;

  struct State;  // for the functions that SQLite calls

 private:
  std::unique_ptr<State> state_;
};

}  // namespace itinera::test
