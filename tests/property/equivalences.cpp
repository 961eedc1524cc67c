// SPDX-License-Identifier: Apache-2.0
#include "property/equivalences.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/bytes.hpp"
#include "property/frames.hpp"
#include "record/frame.hpp"
#include "support/pieces.hpp"

namespace itinera::property {

using test::load_pieces;
using test::Pieces;
using test::pieces_of;
namespace {

std::string frame_in_words(base::ByteView journal, std::size_t at) {
  record::FrameReader reader(journal);
  record::Frame frame;
  for (std::size_t number = 0; reader.next(frame) == record::FrameReader::Outcome::frame;
       ++number) {
    if (reader.position() <= at) continue;
    std::string kinds;
    base::ByteView rest = frame.records;
    while (const auto raw = record::Frame::next(rest)) {
      kinds += fmt::format(" {}", static_cast<int>(raw->kind));
    }
    return fmt::format("frame {} ({}, kind {}, flags {}, input of {} bytes, records{})", number,
                       to_text(frame.at), static_cast<int>(frame.kind), frame.flags,
                       frame.input.size(), kinds);
  }
  return "the end";
}

// Where and how two journals differ; nothing if they do not.
std::string difference(const base::Bytes& expected, const base::Bytes& found) {
  if (expected == found) return {};
  const auto [a, b] = std::mismatch(expected.begin(), expected.end(), found.begin(), found.end());
  const auto at = static_cast<std::size_t>(a - expected.begin());
  return fmt::format("journals of {} and {} bytes differ at byte {}: {} against {}",
                     expected.size(), found.size(), at, frame_in_words(expected, at),
                     frame_in_words(found, at));
}

std::string difference(const Played& expected, const Played& found) {
  std::string wrong = difference(expected.journal, found.journal);
  if (wrong.empty() && !same_counts(expected.statistics, found.statistics)) {
    wrong = "the counts differ";
  }
  if (wrong.empty() && expected.next_deadline != found.next_deadline) {
    wrong = "the next deadlines differ";
  }
  return wrong;
}

// The actions of the calls from `from` on.
std::string actions_differ(const Played& expected, const Played& found, std::size_t from = 0) {
  const auto begin = expected.actions.begin() + static_cast<std::ptrdiff_t>(from);
  if (std::equal(begin, expected.actions.end(), found.actions.begin(), found.actions.end())) {
    return {};
  }
  return "the actions differ";
}

std::string per_contact_difference(const Played& expected, const Played& found) {
  const auto a = actions_by_contact(expected);
  const auto b = actions_by_contact(found);
  for (const auto& [contact, actions] : a) {
    const auto other = b.find(contact);
    if (other == b.end()) return fmt::format("{} got nothing", contact);
    const auto [x, y] =
        std::mismatch(actions.begin(), actions.end(), other->second.begin(), other->second.end());
    if (x != actions.end()) {
      return fmt::format("{} got, instead of\n  {}\nthis:\n  {}", contact, *x,
                         y == other->second.end() ? "nothing" : *y);
    }
    if (y != other->second.end()) return fmt::format("{} got as well:\n  {}", contact, *y);
  }
  return a.size() == b.size() ? std::string() : std::string("somebody else got something");
}

bool has_text(base::ByteView bytes, std::string_view text) {
  base::Bytes wanted;
  base::Writer(wanted).text(text);
  return std::search(bytes.begin(), bytes.end(), wanted.begin(), wanted.end()) != bytes.end();
}

// Whether the frame forgets somebody: a message that comes again does not.
bool forgets(const base::Bytes& bytes) {
  record::FrameReader reader(bytes);
  record::Frame frame;
  if (reader.next(frame) != record::FrameReader::Outcome::frame) return false;
  base::ByteView rest = frame.records;
  while (const auto raw = record::Frame::next(rest)) {
    if (raw->kind == record::Forgotten::kind) return true;
  }
  return false;
}

// Ids of who was forgotten that stand somewhere before that. `found`: those that stood there.
std::string left_of_forgotten(const Script& script, const Played& live, const Frames& frames,
                              const Frames& erased, std::size_t& found) {
  const std::vector<std::size_t> ends = frame_ends(live.journal);
  for (std::size_t i = 0; i < script.calls.size(); ++i) {
    const Call& call = script.calls[i];
    if (call.kind != Call::Kind::feed || call.refused) continue;
    const Command& command = script.commands[call.command];
    if (command.kind != Command::Kind::forget) continue;
    const auto end = std::find(ends.begin(), ends.end(), live.journal_after[i]);
    if (end == ends.end()) continue;
    const auto last = static_cast<std::size_t>(end - ends.begin());
    if (!forgets(frames[last])) continue;
    for (std::size_t at = 0; at <= last; ++at) {
      found += has_text(frames[at], command.contact) ? 1u : 0u;
      if (has_text(erased[at], command.contact)) {
        return fmt::format("frame {} of {} still has {}", at, frames.size(), command.contact);
      }
    }
  }
  return {};
}

}  // namespace

std::string replay_equals_live(const Script& script) {
  const Played live = play(script);
  const Played again = play(script);
  const std::string wrong = difference(live, again);
  return wrong.empty() ? actions_differ(live, again) : wrong;
}

std::string leap_equals_steps(const Script& script, Choices& choices) {
  const Played leap = play(script);
  const Played steps = play(script, {.steps = &choices});
  const std::string wrong = difference(leap, steps);
  return wrong.empty() ? actions_differ(leap, steps) : wrong;
}

std::string batch_equals_singles(const Script& script) {
  const Played singles = play(script);
  const Played batches = play(script, {.batches = true});
  const std::string wrong = difference(singles, batches);
  return wrong.empty() ? actions_differ(singles, batches) : wrong;
}

std::string restore_equals_going_on(const Script& script, std::size_t cuts_max) {
  const Played live = play(script);
  const std::vector<std::size_t> ends = frame_ends(live.journal);
  const std::size_t every = std::max<std::size_t>(1, ends.size() / cuts_max);
  for (std::size_t i = 0; i < ends.size(); i += every) {
    const Played restored = restore_and_play(script, live, ends[i]);
    std::string wrong = difference(live, restored);
    if (wrong.empty()) wrong = actions_differ(live, restored, resume_at(script, live, ends[i]));
    if (!wrong.empty()) {
      return fmt::format("cut after frame {} of {}, at byte {}: {}", i, ends.size(), ends[i],
                         wrong);
    }
  }
  return {};
}

std::string torn_equals_frame_before(const Script& script, Choices& choices) {
  const Played live = play(script);
  const std::vector<std::size_t> ends = frame_ends(live.journal);
  for (std::size_t i = 0; i + 1 < ends.size(); ++i) {
    const auto frame = static_cast<std::uint32_t>(ends[i + 1] - ends[i]);
    const std::size_t torn_at = ends[i] + 1 + choices.below(frame - 1);
    const base::ByteView journal(live.journal);
    std::size_t whole_bytes = 0;
    const auto torn = Engine::restore(journal.first(torn_at), engine_options(), &whole_bytes);
    if (!torn) return fmt::format("torn at byte {}: {}", torn_at, torn.error().message);
    if (whole_bytes != ends[i]) {
      return fmt::format("torn at byte {}: {} bytes were used, not {}", torn_at, whole_bytes,
                         ends[i]);
    }
    const auto before = Engine::restore(journal.first(ends[i]), engine_options());
    if (!before) return fmt::format("cut at byte {}: {}", ends[i], before.error().message);
    if (torn->now() != before->now() || !same_counts(torn->statistics(), before->statistics())) {
      return fmt::format("torn at byte {}: another state than at byte {}", torn_at, ends[i]);
    }
    if (i % 16 != choices.below(16)) continue;
    const std::string wrong = difference(live, restore_and_play(script, live, torn_at));
    if (!wrong.empty()) return fmt::format("torn at byte {}: {}", torn_at, wrong);
  }
  return {};
}

std::string order_of_people_is_nothing(const Script& script, Choices& choices) {
  return per_contact_difference(play(script), play(shuffled(script, choices)));
}

std::string order_of_campaigns_is_nothing(const Script& script, Choices& choices) {
  Script other = script;
  for (Publication& publication : other.publications) {
    auto& campaigns = publication.campaigns;
    for (std::size_t i = campaigns.size(); i > 1; --i) {
      std::swap(campaigns[i - 1], campaigns[choices.below(static_cast<std::uint32_t>(i))]);
    }
  }
  return per_contact_difference(play(script), play(other));
}

std::string nothing_comes_twice_unsaid(const Script& script) {
  const bool comes_back =
      std::any_of(script.commands.begin(), script.commands.end(),
                  [](const Command& command) { return command.kind == Command::Kind::take_over; });
  std::map<std::string, std::string> seen;  // words by id
  for (const std::vector<std::string>& actions : play(script).actions) {
    for (std::string words : actions) {
      const bool again = words.ends_with(again_word);
      if (again) words.resize(words.size() - again_word.size());
      const std::string id = words.substr(0, 32);
      const auto [known, is_new] = seen.try_emplace(id, words);
      if (again && is_new) return "never seen before: " + words;
      if (again && !comes_back && known->second != words) {
        return "other than before: " + words;
      }
      if (!again && !is_new && !comes_back) return "twice: " + words;
    }
  }
  return {};
}

std::string snapshot_equals_restoring(const Script& script, std::size_t cuts_max) {
  const Played live = play(script);
  const base::ByteView journal(live.journal);
  const auto whole = Engine::restore(journal, engine_options());
  if (!whole) return whole.error().message;
  const Pieces expected = pieces_of(*whole);
  const std::vector<std::size_t> ends = frame_ends(live.journal);
  const std::size_t every = std::max<std::size_t>(1, ends.size() / cuts_max);
  for (std::size_t i = 0; i < ends.size(); i += every) {
    const auto before = Engine::restore(journal.first(ends[i]), engine_options());
    if (!before) return before.error().message;
    const auto wrong = [&](std::string_view what) {
      return fmt::format("cut after frame {} of {}: {}", i, ends.size(), what);
    };
    Result<Engine> loaded = load_pieces(pieces_of(*before), engine_options());
    if (!loaded) return wrong(loaded.error().message);
    if (pieces_of(*loaded) != pieces_of(*before)) return wrong("what is loaded differs");
    if (const Result<void> followed = loaded->follow(journal.subspan(ends[i])); !followed) {
      return wrong(followed.error().message);
    }
    if (pieces_of(*loaded) != expected) return wrong("in the end the state differs");
  }
  return {};
}

std::string erased_equals_forgotten(const Script& script, std::size_t& found) {
  const Played live = play(script);
  const Frames frames = frames_of(live.journal);
  const std::size_t half = frames.size() / 2;
  const Hash128 salt{11, 17};
  const Frames erased = erased_frames(frames, 0, frames.size(), salt);
  if (erased.empty()) return "damaged";
  // What had been begun is finished with the same outcome.
  Frames mixed = erased;
  const auto middle = static_cast<std::ptrdiff_t>(half);
  std::copy(frames.begin() + middle, frames.end(), mixed.begin() + middle);
  if (erased_frames(mixed, 0, mixed.size(), salt) != erased) {
    return "begun anew, it comes to something else";
  }
  // Now some, and the others later.
  const Frames some = erased_frames(frames, 0, half, salt);
  const Frames all = erased_frames(some, half, frames.size(), {23, 29});
  const auto in_two = Engine::restore(joined(all), engine_options());
  if (!in_two) return "in two parts: " + in_two.error().message;
  const auto whole = Engine::restore(live.journal, engine_options());
  const auto without = Engine::restore(joined(erased), engine_options());
  if (!whole || !without) return whole ? without.error().message : whole.error().message;
  if (pieces_of(*without) != pieces_of(*whole) || pieces_of(*in_two) != pieces_of(*whole)) {
    return "in the end the state differs";
  }
  return left_of_forgotten(script, live, frames, erased, found);
}

std::string restore_counts_the_same(const Script& script) {
  const Played live = play(script);
  std::size_t whole_bytes = 0;
  const auto restored = Engine::restore(live.journal, engine_options(), &whole_bytes);
  if (!restored) return restored.error().message;
  if (whole_bytes != live.journal.size()) return "not all bytes were used";
  return same_counts(restored->statistics(), live.statistics) ? "" : "the counts differ";
}

}  // namespace itinera::property
