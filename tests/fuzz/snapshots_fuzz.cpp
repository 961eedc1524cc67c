// SPDX-License-Identifier: Apache-2.0
// A snapshot of anybody's making: it is refused, or can be saved and loaded again, and the engine
// goes on. Bytes rarely have a right checksum, so pieces are also sealed anew.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/check.hpp"
#include "base/zone_table.hpp"
#include "itinera/engine.hpp"
#include "snapshot/archive.hpp"
#include "support/pieces.hpp"

namespace {

using itinera::base::ByteView;
using itinera::test::Pieces;
using itinera::test::sealed;

itinera::EngineOptions options() {
  itinera::EngineOptions options;
  options.zones = std::make_shared<const itinera::ZoneTable>();
  return options;
}

void read(const Pieces& pieces) {
  auto engine = itinera::test::load_pieces(pieces, options());
  if (!engine) return;
  const auto again = itinera::test::load_pieces(itinera::test::pieces_of(*engine), options());
  ITINERA_CHECK(again.has_value());
  // What every workspace of the seeds listens to.
  for (const char* name : {"join", "paid", "leave"}) {
    itinera::Event event;
    event.name = name;
    event.contact = "ola";
    event.envelope.received = engine->now();
    const itinera::Input inputs[] = {event};
    engine->feed(inputs);
  }
  engine->advance_to(engine->now() + itinera::day_ms);
  engine->take_output();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(reinterpret_cast<const std::byte*>(data), size);
  read({{bytes.begin(), bytes.end()}});
  read(sealed(bytes));
  if (size >= itinera::engine::piece_header)
    read(sealed(bytes.subspan(itinera::engine::piece_header)));
  return 0;
}
