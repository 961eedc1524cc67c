// SPDX-License-Identifier: Apache-2.0
#include "property/fold_equivalences.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "insight/census.hpp"
#include "itinera/funnel.hpp"
#include "property/frames.hpp"
#include "snapshot/archive.hpp"
#include "support/pieces.hpp"

namespace itinera::property {
namespace {

using test::PieceReader;
using test::Pieces;
using test::pieces_of;

std::size_t step_of(std::size_t frames, std::size_t cuts_max) {
  return std::max<std::size_t>(1, frames / cuts_max);
}

Pieces pieces_of_census(const insight::Census& census) {
  test::PieceWriter writer;
  engine::Saver saver(writer);
  census.save(saver);
  static_cast<void>(saver.finish());
  return writer.pieces;
}

std::string census_goes_on(base::ByteView journal, std::size_t cut) {
  insight::Census before;
  insight::Census whole;
  insight::Census loaded;
  if (!before.read(journal.first(cut)) || !whole.read(journal)) return "the census is refused";
  const Pieces pieces = pieces_of_census(before);
  PieceReader reader(pieces);
  engine::Loader loader(reader);
  loaded.load(loader, 1);
  if (const Result<void> done = loader.finish(); !done) return done.error().message;
  if (pieces_of_census(loaded) != pieces) return "the census that is loaded differs";
  if (const Result<void> read = loaded.read(journal.subspan(cut)); !read) {
    return read.error().message;
  }
  return pieces_of_census(loaded) == pieces_of_census(whole) ? "" : "the census differs";
}

// A goal's value goes with whom it was of.
std::string counts_of(const Funnel& funnel) {
  std::string text = to_text(funnel.totals());
  for (FunnelCampaign campaign : funnel.campaigns()) {
    for (FunnelGoal& goal : campaign.goals) goal.value = 0.0;
    text += to_text(campaign);
  }
  return text;
}

}  // namespace

std::string checkpoint_equals_counting_on(const Script& script, std::size_t cuts_max) {
  const Played live = play(script);
  const base::ByteView journal(live.journal);
  Funnel whole;
  if (const Result<void> read = whole.read(journal); !read) return read.error().message;
  const Pieces expected = pieces_of(whole);
  const std::vector<std::size_t> ends = frame_ends(live.journal);
  for (std::size_t i = 0; i < ends.size(); i += step_of(ends.size(), cuts_max)) {
    const auto wrong = [&](std::string_view what) {
      return fmt::format("cut after frame {} of {}: {}", i, ends.size(), what);
    };
    Funnel before;
    if (!before.read(journal.first(ends[i]))) return wrong("refused");
    const Pieces pieces = pieces_of(before);
    PieceReader reader(pieces);
    Result<Funnel> loaded = Funnel::load(reader);
    if (!loaded) return wrong(loaded.error().message);
    if (pieces_of(*loaded) != pieces) return wrong("what is loaded differs");
    if (const Result<void> read = loaded->read(journal.subspan(ends[i])); !read) {
      return wrong(read.error().message);
    }
    if (pieces_of(*loaded) != expected) return wrong("in the end it differs");
    if (counts_of(*loaded) != counts_of(whole)) return wrong("in the end the counts differ");
    if (std::string census = census_goes_on(journal, ends[i]); !census.empty()) {
      return wrong(census);
    }
  }
  return {};
}

std::string erasing_changes_no_count(const Script& script, std::size_t cuts_max) {
  const Played live = play(script);
  const Frames frames = frames_of(live.journal);
  const Frames erased = erased_frames(frames, 0, frames.size(), {11, 17});
  if (erased.empty()) return "damaged";
  Funnel whole;
  if (const Result<void> read = whole.read(live.journal); !read) return read.error().message;
  const auto differs = [&whole](const Frames& one, const Frames& other, std::size_t cut) {
    Frames mixed = other;
    std::copy_n(one.begin(), cut, mixed.begin());
    Funnel funnel;
    if (const Result<void> read = funnel.read(joined(mixed)); !read) return read.error().message;
    if (counts_of(funnel) == counts_of(whole)) return std::string();
    return fmt::format("counted\n{}\nnot\n{}", counts_of(funnel), counts_of(whole));
  };
  for (std::size_t i = 0; i <= frames.size(); i += step_of(frames.size(), cuts_max)) {
    // Read before somebody was erased and after, or in the midst of an erasing.
    for (std::string wrong : {differs(frames, erased, i), differs(erased, frames, i)}) {
      if (!wrong.empty()) return fmt::format("cut at frame {} of {}: {}", i, frames.size(), wrong);
    }
  }
  return {};
}

}  // namespace itinera::property
