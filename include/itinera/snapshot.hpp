// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include "itinera/result.hpp"

namespace itinera {

// Where Engine::save() puts the state of an engine, in pieces of about a mebibyte.
class SnapshotWriter {
 public:
  virtual ~SnapshotWriter() = default;
  // The next piece, in order; valid during the call. An error ends the snapshot, and is what save()
  // returns.
  virtual Result<void> put(std::span<const std::byte> piece) = 0;
};

// Where Engine::load() gets the pieces from.
class SnapshotReader {
 public:
  virtual ~SnapshotReader() = default;
  // The next piece, in the order of put(); valid until the next call. Empty, where there is none.
  virtual Result<std::span<const std::byte>> next() = 0;
};

}  // namespace itinera
