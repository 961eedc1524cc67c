// SPDX-License-Identifier: Apache-2.0
// Journals, snapshots and a store that were written once and must be read for ever:
// tests/golden/README.md.
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/bytes.hpp"
#include "base/stable_hash.hpp"
#include "itinera/funnel.hpp"
#include "itinera/runtime.hpp"
#include "itinera/story.hpp"
#include "property/host.hpp"
#include "property/random_world.hpp"
#include "property/written_worlds.hpp"
#include "support/catch.hpp"
#include "support/folder.hpp"
#include "support/pieces.hpp"

namespace itinera::property {
namespace {

const std::string folder = ITINERA_SOURCE_DIR "/tests/golden/format-1/";

void write_file(const std::string& path, std::string_view bytes) {
  std::FILE* const file = std::fopen(path.c_str(), "wb");
  REQUIRE(file != nullptr);
  std::fwrite(bytes.data(), 1, bytes.size(), file);
  std::fclose(file);
}

// What an engine knows and does next.
std::string account_of(Engine engine) {
  const Statistics& counts = engine.statistics();
  std::string text = fmt::format(
      "now {}\ninputs {}\nevents {}\nduplicates {}\ncontacts {}\n"
      "entered {}\nin flight {}\nended {}\ntimers {}\nemitted {}\nwithdrawn {}\nwaiting {}\n"
      "unknown {}\nunmatched {}\nclamped {}\nzones {}\nrelinked {}\nmissing {}\n",
      to_text(engine.now()), counts.inputs, counts.events, counts.duplicates, counts.contacts,
      counts.journeys_entered, counts.journeys_in_flight, counts.journeys_ended,
      counts.timers_fired, counts.actions_emitted, counts.actions_withdrawn, counts.actions_waiting,
      counts.conditions_unknown, counts.reports_unmatched, counts.occurred_clamped,
      counts.invalid_zones, counts.relinked, counts.data_missing);
  const Instant end = engine.now() + 60 * day_ms;
  for (auto due = std::optional<Instant>(engine.now()); due && *due <= end;) {
    engine.advance_to(*due);
    const Output output = engine.take_output();
    for (const Action& action : output.actions) text += to_words(action) + "\n";
    due = output.next_deadline;
  }
  return text;
}

std::string account_of(base::ByteView journal) {
  std::size_t whole_bytes = 0;
  auto engine = Engine::restore(journal, engine_options(), &whole_bytes);
  REQUIRE(engine);
  return fmt::format("digest {}\nbytes {} of {}\n",
                     to_text(base::stable_hash(base::as_text(journal))), whole_bytes,
                     journal.size()) +
         account_of(std::move(*engine));
}

// Pieces one after the other, each behind its size.
std::string joined(const test::Pieces& pieces) {
  base::Bytes all;
  for (const auto& piece : pieces) {
    base::Writer(all).number(static_cast<std::uint32_t>(piece.size()));
    all.insert(all.end(), piece.begin(), piece.end());
  }
  return std::string(base::as_text(all));
}

test::Pieces pieces_in(base::ByteView file) {
  test::Pieces pieces;
  for (base::Reader in(file); in.ok() && !in.at_end();) {
    const base::ByteView piece = in.bytes(in.number<std::uint32_t>());
    pieces.emplace_back(piece.begin(), piece.end());
  }
  return pieces;
}

Engine engine_of(const std::string& snapshot) {
  auto engine = test::load_pieces(pieces_in(base::as_bytes(snapshot)), engine_options());
  REQUIRE(engine);
  return std::move(*engine);
}

// A world in which versions follow each other, after two thirds of what happens in it.
test::Pieces snapshot_of(std::uint64_t seed) {
  Choices choices(seed);
  const Played played = play(rehearse(random_years(choices, {3, 6, 80}, 3), 0));
  const std::vector<std::size_t> ends = frame_ends(played.journal);
  const base::ByteView journal(played.journal);
  auto engine = Engine::restore(journal.first(ends[ends.size() * 2 / 3]), engine_options());
  REQUIRE(engine);
  return test::pieces_of(*engine);
}

// The frames of a journal in groups, a snapshot of the middle, a reader's cursor.
void write_store(const std::string& path, base::ByteView journal) {
  const auto store = open_sqlite_store(path).value();
  REQUIRE(store->claim(1));
  const std::vector<std::size_t> ends = frame_ends(journal);
  std::size_t begin = 0;
  Position middle = 0;
  for (std::size_t i = 7; begin < journal.size(); i += 8) {
    const std::size_t end = i < ends.size() ? ends[i] : journal.size();
    const Position position = store->append(journal.subspan(begin, end - begin)).value();
    begin = end;
    if (middle != 0 || begin < journal.size() / 2) continue;
    middle = position;
    const test::Pieces pieces =
        test::pieces_of(Engine::restore(journal.first(begin), engine_options()).value());
    const Snapshot snapshot{"engine", middle, static_cast<std::uint32_t>(pieces.size())};
    for (std::uint32_t n = 0; n < pieces.size(); ++n) {
      REQUIRE(store->put_chunk(snapshot, n, pieces[n]));
    }
    REQUIRE(store->complete(snapshot, 2));
    REQUIRE(store->complete({"cursor/warehouse", middle, 0}, 1));
  }
}

std::string told(const Funnel& funnel) {
  std::string text = to_text(funnel.totals());
  for (const FunnelCampaign& campaign : funnel.campaigns()) text += to_text(campaign);
  return text;
}

void write_golden(const std::string& name, std::uint64_t seed) {
  Choices choices(seed);
  Script script = rehearse(random_world(choices, {3, 6, 80}), 0);
  const Played played = play(script);
  write_file(folder + name + ".journal", base::as_text(played.journal));
  write_file(folder + name + ".txt", account_of(played.journal));
}

}  // namespace

TEST_CASE("golden: journals of format 1 are read as they were written", "[property][golden]") {
  // Written only where they are missing: what is there is never written anew.
  if (std::getenv("ITINERA_REWRITE") != nullptr) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      const std::string name = fmt::format("world-{}", seed);
      if (!std::filesystem::exists(folder + name + ".journal")) write_golden(name, seed);
    }
  }
  std::size_t journals = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".journal") continue;
    ++journals;
    INFO(entry.path().string());
    const std::string journal = file_text(entry.path().string());
    const std::string expected = file_text(folder + entry.path().stem().string() + ".txt");
    CHECK(account_of(base::as_bytes(journal)) == expected);
    Story story;
    std::size_t happenings = 0;
    for (base::ByteView rest = base::as_bytes(journal); !rest.empty();) {
      const auto chapter = story.next(rest);
      REQUIRE(chapter);
      happenings += chapter->happenings.size();
    }
    CHECK(happenings > 50);
    Funnel funnel;
    CHECK(funnel.read(base::as_bytes(journal)));
  }
  CHECK(journals >= 4);
}

TEST_CASE("golden: snapshots of format 1 are read as they were written",
          "[property][golden][snapshot]") {
  if (std::getenv("ITINERA_REWRITE") != nullptr) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      const std::string file = folder + fmt::format("years-{}.snapshot", seed);
      if (std::filesystem::exists(file)) continue;
      const std::string written = joined(snapshot_of(seed));
      write_file(file, written);
      write_file(file + ".txt", account_of(engine_of(written)));
    }
  }
  std::size_t snapshots = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".snapshot") continue;
    ++snapshots;
    const std::string file = entry.path().string();
    INFO(file);
    CHECK(account_of(engine_of(file_text(file))) == file_text(file + ".txt"));
  }
  CHECK(snapshots >= 4);
}

TEST_CASE("golden: checkpoints of format 1 are read as they were written",
          "[property][golden][funnel]") {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const std::string name = folder + fmt::format("world-{}", seed);
    INFO(name);
    const std::string text = file_text(name + ".journal");
    const base::ByteView journal = base::as_bytes(text);
    const std::vector<std::size_t> ends = frame_ends(journal);
    const std::size_t middle = ends[ends.size() / 2];
    if (std::getenv("ITINERA_REWRITE") != nullptr && !std::filesystem::exists(name + ".fold")) {
      Funnel half;
      REQUIRE(half.read(journal.first(middle)));
      write_file(name + ".fold", joined(test::pieces_of(half)));
    }
    const test::Pieces pieces = pieces_in(base::as_bytes(file_text(name + ".fold")));
    test::PieceReader reader(pieces);
    Result<Funnel> funnel = Funnel::load(reader);
    REQUIRE(funnel);
    REQUIRE(funnel->read(journal.subspan(middle)));
    Funnel whole;
    REQUIRE(whole.read(journal));
    CHECK(told(*funnel) == told(whole));
  }
}

TEST_CASE("golden: a store of format 1 is opened as it was written", "[property][golden][store]") {
  const std::string kept = folder + "world-1.itinera";
  const std::string journal = file_text(folder + "world-1.journal");
  if (std::getenv("ITINERA_REWRITE") != nullptr && !std::filesystem::exists(kept)) {
    write_store(kept, base::as_bytes(journal));
  }
  const test::Folder place;
  const std::string path = place.file("store");
  std::filesystem::copy_file(kept, path);
  auto runtime = Runtime::open(open_sqlite_store(path).value(), engine_options());
  REQUIRE(runtime);
  const std::string text = file_text(folder + "world-1.txt");
  CHECK(account_of(engine_of(joined(test::pieces_of(runtime->engine())))) ==
        text.substr(text.find("now ")));
  const Position read = runtime->cursor("warehouse").value();
  CHECK(read > 0);
  const auto rest = runtime->journal(read).value();
  CHECK(rest.back().position == runtime->status()->journal.durable);
  std::string all;
  const auto groups = runtime->journal(0).value();
  for (const JournalGroup& group : groups) all += base::as_text(group.frames);
  CHECK((all == journal));
}

}  // namespace itinera::property
