// SPDX-License-Identifier: Apache-2.0
// Prints what the journal of a store says, a line for each thing that happened, in order; then the
// state of an engine that is restored from it. What feeding the same messages twice leaves behind
// is left out: tell_store FILE
#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>

#include "itinera/engine.hpp"
#include "itinera/store.hpp"
#include "itinera/story.hpp"
#include "runtime/shards.hpp"

namespace {

using namespace itinera;  // NOLINT(google-build-using-namespace): a main of many of its names

Result<std::vector<std::byte>> journal_of(const char* path) {
  Result<std::unique_ptr<Store>> store = open_sqlite_store(path);
  if (!store) return store.error();
  const Result<std::vector<JournalGroup>> groups = (*store)->read(0, static_cast<std::size_t>(-1));
  if (!groups) return groups.error();
  std::vector<std::byte> journal;
  for (const JournalGroup& group : *groups) {
    journal.insert(journal.end(), group.frames.begin(), group.frames.end());
  }
  return journal;
}

std::string in_words(const Happening& one) {
  std::string line = to_text(one.at);
  for (const std::string_view word : {one.what, one.reason, one.contact, one.campaign, one.key,
                                      one.step, one.choice, one.goal, one.receipt, one.name}) {
    line += ' ';
    line += word;
  }
  return line + " v" + std::to_string(one.version) + " i" + std::to_string(one.iteration) + " " +
         to_text(one.action.hash);
}

Result<void> tell(std::span<const std::byte> journal) {
  Story story;
  while (!journal.empty()) {
    const Result<Chapter> chapter = story.next(journal);
    if (!chapter) return chapter.error();
    for (const Happening& one : chapter->happenings) {
      if (one.what != "duplicate") std::printf("%s\n", in_words(one).c_str());
    }
  }
  return {};
}

Result<void> tell_state(std::span<const std::byte> journal) {
  Result<std::shared_ptr<const ZoneTable>> zones = load_zones();
  if (!zones) return zones.error();
  const auto shards = runtime::Shards::restore(journal, {.zones = std::move(*zones)});
  if (!shards) return shards.error();
  Statistics counts;
  Instant now = earliest_instant;
  for (const Engine& engine : shards->engines()) {
    const Statistics& each = engine.statistics();
    counts.contacts += each.contacts;
    counts.journeys_entered += each.journeys_entered;
    counts.journeys_in_flight += each.journeys_in_flight;
    counts.actions_emitted += each.actions_emitted;
    counts.actions_waiting += each.actions_waiting;
    now = std::max(now, engine.now());
  }
  // What is fed again when its instant is closed is taken a millisecond later.
  const Instant second{now.ms / 1'000 * 1'000};
  std::printf("%s: %llu contacts, %llu entered, %llu in flight, %llu emitted, %llu waiting\n",
              to_text(second).c_str(), static_cast<unsigned long long>(counts.contacts),
              static_cast<unsigned long long>(counts.journeys_entered),
              static_cast<unsigned long long>(counts.journeys_in_flight),
              static_cast<unsigned long long>(counts.actions_emitted),
              static_cast<unsigned long long>(counts.actions_waiting));
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const Result<std::vector<std::byte>> journal = journal_of(argv[1]);
  Result<void> told = journal ? tell(*journal) : Result<void>(journal.error());
  if (told) told = tell_state(*journal);
  if (told) return 0;
  std::fprintf(stderr, "%s\n", told.error().message.c_str());
  return 1;
}
