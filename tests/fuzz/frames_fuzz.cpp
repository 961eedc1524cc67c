// SPDX-License-Identifier: Apache-2.0
// A journal of anybody's making, through all that reads journals. Each must say what is wrong with
// it and go on. Bytes rarely have a right checksum, so that every frame found is also sealed anew.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "base/check.hpp"
#include "base/zone_table.hpp"
#include "itinera/engine.hpp"
#include "itinera/funnel.hpp"
#include "itinera/story.hpp"
#include "record/crc32c.hpp"
#include "record/frame.hpp"

namespace {

using itinera::base::ByteView;

void read(ByteView journal) {
  itinera::record::FrameReader reader(journal);
  itinera::record::Frame frame;
  while (reader.next(frame) == itinera::record::FrameReader::Outcome::frame) {
    ByteView records = frame.records;
    while (itinera::record::Frame::next(records)) {
    }
  }
  ITINERA_CHECK(reader.position() <= journal.size());

  itinera::Story story;
  for (ByteView rest = journal; !rest.empty();) {
    const auto chapter = story.next(rest);
    if (!chapter) break;
    for (const itinera::Happening& happening : chapter->happenings) {
      ITINERA_CHECK(!to_text(happening).empty());
    }
  }
  itinera::Funnel funnel;
  if (funnel.read(journal)) {
    ITINERA_CHECK(!to_text(funnel.totals()).empty());
    for (const auto& campaign : funnel.campaigns()) ITINERA_CHECK(!to_text(campaign).empty());
  }

  itinera::EngineOptions options;
  options.zones = std::make_shared<const itinera::ZoneTable>();
  std::size_t whole_bytes = 0;
  auto engine = itinera::Engine::restore(journal, options, &whole_bytes);
  if (!engine) return;
  ITINERA_CHECK(whole_bytes <= journal.size());
  engine->advance_to(engine->now() + itinera::day_ms);
  engine->take_output();
}

// The same bytes, where whatever looks like a frame has the checksum it needs.
itinera::base::Bytes sealed(ByteView journal) {
  constexpr std::size_t crc_at = 4;
  constexpr std::size_t version_at = 8;
  itinera::base::Bytes bytes(journal.begin(), journal.end());
  for (std::size_t at = 0; bytes.size() - at >= itinera::record::frame_header_size;) {
    const auto size = itinera::base::load_le<std::uint32_t>(bytes.data() + at);
    if (size < itinera::record::frame_header_size || size > bytes.size() - at) break;
    const ByteView frame = ByteView(bytes).subspan(at, size);
    const auto head = itinera::record::crc32c(frame.first(crc_at));
    const auto crc = itinera::record::crc32c(frame.subspan(version_at), head);
    itinera::base::store_le(bytes.data() + at + crc_at, crc);
    at += size;
  }
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView journal(reinterpret_cast<const std::byte*>(data), size);
  read(journal);
  read(sealed(journal));
  return 0;
}
