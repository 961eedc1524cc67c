// SPDX-License-Identifier: Apache-2.0
#include "itinera/story.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "insight/story_state.hpp"
#include "insight/words.hpp"
#include "record/all_records.hpp"

namespace itinera {
namespace {

Error damage(std::string_view what) {
  return {ErrorCode::damaged_journal, fmt::format("a frame of the journal is damaged: {}", what)};
}

}  // namespace

Result<void> Story::State::read_record(const record::RawRecord& raw) {
  const bool read = record::take_record(raw, [this](const auto& r) { return tell(r); });
  if (read) return {};
  return damage(fmt::format("its record of kind {} makes no sense", static_cast<int>(raw.kind)));
}

bool Story::State::read_merge(base::ByteView fields, Chapter& chapter) const {
  const auto merge = record::decode<record::MergeInput>(fields);
  if (!merge) return false;
  chapter.contact = merge->into_id;
  if (merge->into == record::no_place) return true;
  const std::string* const id = memory.contact(merge->into);
  if (id != nullptr) chapter.contact = *id;
  return id != nullptr;
}

Result<void> Story::State::read_input(const record::Frame& frame, Chapter& chapter) {
  using record::InputKind;
  bool read = true;
  switch (frame.kind) {
    case InputKind::event: {
      read = read_person<record::EventInput>(frame.input, chapter);
      if (read) chapter.event = record::decode<record::EventInput>(frame.input)->name;
      break;
    }
    case InputKind::identify:
      read = read_person<record::IdentifyInput>(frame.input, chapter);
      break;
    case InputKind::alias: read = read_person<record::AliasInput>(frame.input, chapter); break;
    case InputKind::merge: read = read_merge(frame.input, chapter); break;
    case InputKind::group: read = read_person<record::GroupInput>(frame.input, chapter); break;
    case InputKind::enter: read = read_person<record::EnterInput>(frame.input, chapter); break;
    case InputKind::stop: read = read_person<record::StopInput>(frame.input, chapter); break;
    case InputKind::move: read = read_person<record::MoveInput>(frame.input, chapter); break;
    case InputKind::take_over:
      read = read_person<record::TakeOverInput>(frame.input, chapter);
      break;
    case InputKind::publish: {
      const auto input = record::decode<record::PublishInput>(frame.input);
      if (input) return memory.publish(input->model);
      read = false;
      break;
    }
    case InputKind::taken: {
      const auto input = record::decode<record::TakenInput>(frame.input);
      read = input.has_value();
      if (read) memory.take(input->count);
      break;
    }
    default: break;  // Nothing that a story needs; of a later kind it says no more than the name.
  }
  if (read) return {};
  return damage(fmt::format("its input of kind {} makes no sense", static_cast<int>(frame.kind)));
}

Result<Chapter> Story::State::read(const record::Frame& frame, State* from) {
  happenings.clear();
  came.clear();
  came_for.clear();
  origin = from;
  forgets_gone = false;
  missing.begin_frame();
  memory.forget_retired();
  at = frame.at;
  Chapter chapter{.at = at,
                  .shard = frame.shard,
                  .input = insight::name_of(frame.kind),
                  .event = {},
                  .contact = {},
                  .happenings = {}};
  if (auto done = read_input(frame, chapter); !done) return done.error();
  input_contact = chapter.contact;
  is_forget = frame.kind == record::InputKind::forget;
  stranger.reset();
  base::ByteView rest = frame.records;
  while (const auto raw = record::Frame::next(rest)) {
    if (auto done = read_record(*raw); !done) return done.error();
  }
  if (!rest.empty()) return damage("its last record is cut off");
  missing.end_step();
  chapter.happenings = happenings;
  return chapter;
}

Story::Story() { states_.push_back(std::make_unique<State>()); }
Story::Story(Story&&) noexcept = default;
Story& Story::operator=(Story&&) noexcept = default;
Story::~Story() = default;

Result<Chapter> Story::next(std::span<const std::byte>& journal) {
  using Outcome = record::FrameReader::Outcome;
  record::FrameReader reader(journal);
  record::Frame frame;
  switch (reader.next(frame)) {
    case Outcome::frame: {
      journal = journal.subspan(frame.size);
      State& state = state_of(frame.shard);
      State* from = nullptr;
      if (frame.kind == record::InputKind::come) {
        const auto input = record::decode<record::ComeInput>(frame.input);
        const bool known = input && input->from < states_.size() && input->from != frame.shard;
        if (!known) return damage("nobody can come from there");
        from = states_[input->from].get();
      }
      Result<Chapter> chapter = state.read(frame, from);
      const bool agrees =
          frame.kind != record::InputKind::publish || state.agrees_with(*states_.front());
      if (chapter && !agrees) return damage("it publishes what the first shard has not");
      return chapter;
    }
    case Outcome::end:
    case Outcome::torn: journal = {}; return Chapter{};
    case Outcome::damaged: return damage("its checksum is wrong");
    case Outcome::newer: break;
  }
  return Error{ErrorCode::unsupported_version, "the journal is of a newer format"};
}

bool Story::State::agrees_with(const State& first) const {
  if (this == &first) return true;
  if (memory.definitions() > first.memory.definitions()) return false;
  for (std::size_t i = 0; i < memory.definitions(); ++i) {
    const insight::Definition& mine = *memory.definition(i);
    const insight::Definition& other = *first.memory.definition(i);
    const bool same = mine.campaign.name == other.campaign.name &&
                      mine.campaign.version == other.campaign.version &&
                      mine.graph.nodes.size() == other.graph.nodes.size();
    if (!same) return false;
  }
  return true;
}

Story::State& Story::state_of(std::uint8_t shard) {
  while (states_.size() <= shard) {
    states_.push_back(std::make_unique<State>());
    states_.back()->shard = static_cast<std::uint8_t>(states_.size() - 1);
  }
  return *states_[shard];
}

// All shards have the same, and the first has them first.
std::size_t Story::definitions() const { return states_.front()->memory.definitions(); }

const Campaign& Story::definition(std::size_t place) const {
  return states_.front()->memory.definition(place)->campaign;
}

}  // namespace itinera
