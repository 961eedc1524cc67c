// SPDX-License-Identifier: Apache-2.0
// What a host may lose in the middle of a test, after which all goes on as if nothing had been.
#pragma once

#include <utility>

#include "support/host.hpp"
#include "support/pieces.hpp"

namespace itinera::test {

// Of the engine, and what it is made of again.
enum class Loss { none, journal, snapshot };

inline void lose(Host& host, Loss loss) {
  if (loss == Loss::journal) host.crash();
  if (loss != Loss::snapshot) return;
  static_cast<void>(host.journal());  // what the engine has written, the host keeps
  Result<Engine> engine = load_pieces(pieces_of(host.engine()), host.options());
  REQUIRE(engine);
  host.engine() = std::move(*engine);
}

}  // namespace itinera::test
