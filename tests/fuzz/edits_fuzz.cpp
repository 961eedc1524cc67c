// SPDX-License-Identifier: Apache-2.0
// Journals that were written by an engine and then edited, every size and checksum put right: what
// gets through to the records. An engine that takes such a journal must go on like any other, and
// what it writes then must be readable again.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

#include "base/check.hpp"
#include "fuzz/bytes.hpp"
#include "itinera/engine.hpp"
#include "itinera/funnel.hpp"
#include "property/host.hpp"
#include "property/random_world.hpp"
#include "record/crc32c.hpp"
#include "record/frame.hpp"

namespace {

using namespace itinera;
using base::ByteView;

constexpr std::size_t commands_max = 40;
constexpr int stops_max = 60;

// A frame in parts that can be changed.
struct Part {
  std::uint8_t kind = 0;
  base::Bytes fields;
};
struct Sheet {
  std::uint8_t version = 1;
  std::uint8_t kind = 0;
  std::uint8_t flags = 0;
  std::int64_t at = 0;
  base::Bytes input;
  std::vector<Part> records;
};

base::Bytes copy_of(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

std::vector<Sheet> sheets_of(ByteView journal) {
  std::vector<Sheet> sheets;
  record::FrameReader reader(journal);
  record::Frame frame;
  while (reader.next(frame) == record::FrameReader::Outcome::frame) {
    Sheet sheet{frame.version,        static_cast<std::uint8_t>(frame.kind),
                frame.flags,          frame.at.ms,
                copy_of(frame.input), {}};
    ByteView rest = frame.records;
    while (const auto raw = record::Frame::next(rest)) {
      sheet.records.push_back({static_cast<std::uint8_t>(raw->kind), copy_of(raw->fields)});
    }
    sheets.push_back(std::move(sheet));
  }
  return sheets;
}

template <class T>
void put(base::Bytes& out, T value) {
  const std::size_t at = out.size();
  out.resize(at + sizeof value);
  base::store_le(out.data() + at, value);
}

base::Bytes bound(const std::vector<Sheet>& sheets) {
  base::Bytes journal;
  for (const Sheet& sheet : sheets) {
    base::Bytes tail;  // what the checksum covers behind itself
    put(tail, sheet.version);
    put(tail, sheet.kind);
    put(tail, sheet.flags);
    put(tail, std::uint8_t{0});
    put(tail, static_cast<std::uint32_t>(sheet.input.size()));
    put(tail, sheet.at);
    tail.insert(tail.end(), sheet.input.begin(), sheet.input.end());
    for (const Part& part : sheet.records) {
      put(tail, static_cast<std::uint32_t>(part.kind | part.fields.size() << 8));
      tail.insert(tail.end(), part.fields.begin(), part.fields.end());
    }
    base::Bytes head;
    put(head, static_cast<std::uint32_t>(tail.size() + 8));
    put(head, record::crc32c(tail, record::crc32c(head)));
    journal.insert(journal.end(), head.begin(), head.end());
    journal.insert(journal.end(), tail.begin(), tail.end());
  }
  return journal;
}

struct Original {
  property::World world;
  std::vector<Sheet> sheets;
};

const std::vector<Original>& originals() {
  static const std::vector<Original> all = [] {
    std::vector<Original> made;
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
      property::Choices choices(seed);
      Original original{property::random_world(choices, {2, 5, 24}), {}};
      const auto played = property::play(property::rehearse(original.world, 20));
      original.sheets = sheets_of(played.journal);
      made.push_back(std::move(original));
    }
    return made;
  }();
  return all;
}

void edit_bytes(base::Bytes& bytes, fuzz::Bytes& in) {
  if (bytes.empty()) return;
  const std::size_t at = in.below(bytes.size());
  switch (in.below(4)) {
    case 0: bytes[at] = static_cast<std::byte>(in.byte()); break;
    case 1:
      if (bytes.size() - at >= 4) base::store_le(bytes.data() + at, std::uint32_t{in.byte()});
      break;
    case 2: bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), std::byte{1}); break;
    default: bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(at));
  }
}

void edit_records(std::vector<Part>& records, const std::vector<Part>& others, fuzz::Bytes& in) {
  const auto at = [&] {
    return records.begin() + static_cast<std::ptrdiff_t>(in.below(records.size()));
  };
  const std::size_t what = in.below(6);
  if (what == 5 && !others.empty()) records.push_back(others[in.below(others.size())]);
  if (records.empty()) return;
  switch (what) {
    case 0: edit_bytes(at()->fields, in); break;
    case 1: records.erase(at()); break;
    case 2: records.push_back(*at()); break;
    case 3: std::iter_swap(at(), at()); break;
    case 4: at()->kind = static_cast<std::uint8_t>(in.below(26)); break;
    default: break;
  }
}

void edit(std::vector<Sheet>& sheets, fuzz::Bytes& in) {
  if (sheets.size() < 2) return;
  const auto at = [&] {
    return sheets.begin() + static_cast<std::ptrdiff_t>(in.below(sheets.size()));
  };
  const auto sheet = at();
  switch (in.below(9)) {
    case 0:
    case 1:
    case 2: {
      const std::vector<Part> others = at()->records;
      edit_records(sheet->records, others, in);
      break;
    }
    case 3: edit_bytes(sheet->input, in); break;
    case 4: sheets.erase(sheet); break;
    case 5: {
      Sheet copy = *sheet;
      sheets.insert(at(), std::move(copy));
      break;
    }
    case 6: std::iter_swap(sheet, at()); break;
    case 7: sheet->at += static_cast<std::int64_t>(in.number(4)) - (1 << 30); break;
    default: sheet->flags = static_cast<std::uint8_t>(in.below(4));
  }
}

// Some more of the same life; then what it wrote is read again.
void go_on(Engine engine, base::Bytes journal, const property::World& world) {
  const auto keep = [&](ByteView bytes) {
    journal.insert(journal.end(), bytes.begin(), bytes.end());
  };
  const auto stop_often = [&] {
    Output output = engine.take_output();
    keep(output.journal);
    for (int stops = 0; output.next_deadline && stops < stops_max; ++stops) {
      engine.advance_to(*output.next_deadline);
      output = engine.take_output();
      keep(output.journal);
    }
  };
  const std::int64_t shift =
      std::max<std::int64_t>(0, engine.now() - world.commands.front().received);
  for (std::size_t i = 0; i < std::min(commands_max, world.commands.size()); ++i) {
    property::Command command = world.commands[i];
    command.received = std::min(command.received + shift, latest_instant);
    command.occurred.reset();
    if (command.kind == property::Command::Kind::publish) {
      const auto& publication = world.publications[command.publication];
      (void)engine.publish(publication.workspace, publication.campaigns, command.received);
    } else if (command.kind != property::Command::Kind::advance) {
      const Input input = property::input_of(command);
      engine.feed({&input, 1});
    }
    if (i % 8 == 0) stop_often();
  }
  stop_often();
  std::size_t whole_bytes = 0;
  const auto again = Engine::restore(journal, property::engine_options(), &whole_bytes);
  ITINERA_CHECK(again.has_value());
  ITINERA_CHECK(whole_bytes == journal.size());
  ITINERA_CHECK(property::same_counts(again->statistics(), engine.statistics()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Bytes in(data, size);
  const Original& original = originals()[in.below(originals().size())];
  std::vector<Sheet> sheets = original.sheets;
  while (!in.at_end()) edit(sheets, in);
  const base::Bytes journal = bound(sheets);
  Funnel funnel;
  (void)funnel.read(journal);
  auto engine = Engine::restore(journal, property::engine_options());
  if (engine) go_on(std::move(*engine), journal, original.world);
  return 0;
}
