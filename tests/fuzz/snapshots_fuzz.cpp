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
#include "record/crc32c.hpp"
#include "support/pieces.hpp"

namespace {

using itinera::base::ByteView;
using itinera::test::Pieces;

constexpr std::size_t header = 12;
constexpr std::size_t version_at = 4;
constexpr std::size_t last_at = 5;
constexpr std::size_t number_at = 8;

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

// One piece of these bytes as content.
Pieces sealed(ByteView content) {
  std::vector<std::byte> piece(header);
  piece[version_at] = std::byte{1};
  piece[last_at] = std::byte{1};
  itinera::base::store_le(piece.data() + number_at, std::uint32_t{0});
  piece.insert(piece.end(), content.begin(), content.end());
  itinera::base::store_le(piece.data(),
                          itinera::record::crc32c(ByteView(piece).subspan(version_at)));
  return {piece};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(reinterpret_cast<const std::byte*>(data), size);
  read({{bytes.begin(), bytes.end()}});
  read(sealed(bytes));
  if (size >= header) read(sealed(bytes.subspan(header)));
  return 0;
}
