// SPDX-License-Identifier: Apache-2.0
// Journals that were written once and must be read for ever: tests/golden/README.md.
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/bytes.hpp"
#include "base/stable_hash.hpp"
#include "itinera/funnel.hpp"
#include "itinera/story.hpp"
#include "property/host.hpp"
#include "property/random_world.hpp"
#include "property/written_worlds.hpp"
#include "support/catch.hpp"

namespace itinera::property {
namespace {

const std::string folder = ITINERA_SOURCE_DIR "/tests/golden/format-1/";

void write_file(const std::string& path, std::string_view bytes) {
  std::FILE* const file = std::fopen(path.c_str(), "wb");
  REQUIRE(file != nullptr);
  std::fwrite(bytes.data(), 1, bytes.size(), file);
  std::fclose(file);
}

// What an engine restored from the journal knows and does next.
std::string account_of(base::ByteView journal) {
  std::size_t whole_bytes = 0;
  auto engine = Engine::restore(journal, engine_options(), &whole_bytes);
  REQUIRE(engine);
  const Statistics& counts = engine->statistics();
  std::string text = fmt::format(
      "digest {}\nbytes {} of {}\nnow {}\ninputs {}\nevents {}\nduplicates {}\ncontacts {}\n"
      "entered {}\nin flight {}\nended {}\ntimers {}\nemitted {}\nwithdrawn {}\nwaiting {}\n"
      "unknown {}\nunmatched {}\nclamped {}\nzones {}\nrelinked {}\nmissing {}\n",
      to_text(base::stable_hash(base::as_text(journal))), whole_bytes, journal.size(),
      to_text(engine->now()), counts.inputs, counts.events, counts.duplicates, counts.contacts,
      counts.journeys_entered, counts.journeys_in_flight, counts.journeys_ended,
      counts.timers_fired, counts.actions_emitted, counts.actions_withdrawn, counts.actions_waiting,
      counts.conditions_unknown, counts.reports_unmatched, counts.occurred_clamped,
      counts.invalid_zones, counts.relinked, counts.data_missing);
  const Instant end = engine->now() + 60 * day_ms;
  for (auto due = std::optional<Instant>(engine->now()); due && *due <= end;) {
    engine->advance_to(*due);
    const Output output = engine->take_output();
    for (const Action& action : output.actions) text += to_words(action) + "\n";
    due = output.next_deadline;
  }
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

}  // namespace itinera::property
