// SPDX-License-Identifier: Apache-2.0
// What an engine does by time alone, one does that is restored at any frame on the way, or loaded
// from a snapshot that was taken there.
#pragma once

#include <algorithm>

#include "record/frame.hpp"
#include "support/host.hpp"
#include "support/pieces.hpp"

namespace itinera::test {

// From where the journal was `before` bytes long the host has only advanced. How many frames there
// are since.
inline std::size_t goes_on_from_each_frame(Host& host, std::size_t before) {
  const base::Bytes whole(host.journal().begin(), host.journal().end());
  record::FrameReader reader(whole);
  record::Frame frame;
  std::size_t frames = 0;
  while (reader.next(frame) == record::FrameReader::Outcome::frame) {
    const std::size_t end = reader.position();
    if (end < before) continue;
    ++frames;
    INFO("frame " << frames << " of kind " << static_cast<int>(frame.kind));
    Result<Engine> restored = Engine::restore(base::ByteView(whole).first(end), host.options());
    REQUIRE(restored);
    Result<Engine> loaded = load_pieces(pieces_of(*restored), host.options());
    REQUIRE(loaded);
    for (Engine* const engine : {&*restored, &*loaded}) {
      engine->advance_to(host.clock());
      const std::span<const std::byte> rest = engine->take_journal();
      REQUIRE(rest.size() == whole.size() - end);
      CHECK(std::equal(rest.begin(), rest.end(), whole.begin() + static_cast<std::ptrdiff_t>(end)));
    }
  }
  return frames;
}

}  // namespace itinera::test
