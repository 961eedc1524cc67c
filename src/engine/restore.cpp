// SPDX-License-Identifier: Apache-2.0
// Recovery: reads frames, checks each record against the state that it is about to change, and
// applies it. Nothing is decided.
#include <fmt/format.h>

#include <type_traits>
#include <utility>

#include "base/packed_value.hpp"
#include "crossing/crossing.hpp"
#include "engine/engine.hpp"
#include "engine/restore.hpp"
#include "record/all_records.hpp"
#include "state/apply.hpp"
#include "state/verify.hpp"

namespace itinera {
namespace {

using engine::State;

Error damage(std::size_t position, std::string_view what) {
  return {ErrorCode::damaged_journal,
          fmt::format("journal damaged at byte {}: {}", position, what)};
}

// Decodes, checks and applies; false on damage.
template <class T>
bool apply_fields(State& state, base::ByteView fields) {
  const std::optional<T> value = record::decode<T>(fields);
  if (!value || !engine::fits(state, *value)) return false;
  engine::apply(state, *value);
  return true;
}

bool apply_input(State& state, const record::Frame& frame) {
  using record::InputKind;
  switch (frame.kind) {
    case InputKind::opened: return apply_fields<record::OpenedInput>(state, frame.input);
    case InputKind::event: return apply_fields<record::EventInput>(state, frame.input);
    case InputKind::identify: return apply_fields<record::IdentifyInput>(state, frame.input);
    case InputKind::alias: return apply_fields<record::AliasInput>(state, frame.input);
    case InputKind::merge: return apply_fields<record::MergeInput>(state, frame.input);
    case InputKind::group: return apply_fields<record::GroupInput>(state, frame.input);
    case InputKind::forget: return apply_fields<record::ForgetInput>(state, frame.input);
    case InputKind::report: return apply_fields<record::ReportInput>(state, frame.input);
    case InputKind::enter: return apply_fields<record::EnterInput>(state, frame.input);
    case InputKind::stop: return apply_fields<record::StopInput>(state, frame.input);
    case InputKind::move: return apply_fields<record::MoveInput>(state, frame.input);
    case InputKind::pause: return apply_fields<record::PauseInput>(state, frame.input);
    case InputKind::resume: return apply_fields<record::ResumeInput>(state, frame.input);
    case InputKind::reassign: return apply_fields<record::ReassignInput>(state, frame.input);
    case InputKind::take_over: return apply_fields<record::TakeOverInput>(state, frame.input);
    case InputKind::suppress: return apply_fields<record::SuppressInput>(state, frame.input);
    case InputKind::heard: return apply_fields<record::HeardInput>(state, frame.input);
    case InputKind::depart: return apply_fields<record::DepartInput>(state, frame.input);
    case InputKind::come: return apply_fields<record::ComeInput>(state, frame.input);
    case InputKind::taken: return apply_fields<record::TakenInput>(state, frame.input);
    case InputKind::reoffer: return apply_fields<record::ReofferInput>(state, frame.input);
    case InputKind::acknowledge: return apply_fields<record::AcknowledgeInput>(state, frame.input);
    case InputKind::timers: return apply_fields<record::TimersInput>(state, frame.input);
    case InputKind::gates: return apply_fields<record::GatesInput>(state, frame.input);
    case InputKind::publish: {
      const auto input = record::decode<record::PublishInput>(frame.input);
      return input && engine::fits(state, *input) && engine::apply(state, *input).has_value();
    }
    case InputKind::zone_data: return apply_fields<record::ZoneDataInput>(state, frame.input);
    case InputKind::migrate:
    case InputKind::request:
    case InputKind::grant: break;  // of later versions of this library
  }
  return false;
}

// What is wrong with the frame, or nullptr.
const char* apply_frame(State& state, const record::Frame& frame) {
  engine::begin_frame(state, frame.kind, frame.at, frame.flags);
  if (!apply_input(state, frame)) return "an input that cannot be";
  base::ByteView rest = frame.records;
  bool watched_all = false;
  while (const std::optional<record::RawRecord> raw = record::Frame::next(rest)) {
    const auto apply_one = [&]<class Record>(const Record& r) {
      // Of one that costs as much as there are contacts a frame has no second.
      constexpr bool is_of_all = std::is_same_v<Record, record::WatchedAll>;
      if (is_of_all && std::exchange(watched_all, true)) return false;
      if (!engine::fits(state, r)) return false;
      engine::apply(state, r);
      return true;
    };
    if (!record::take_record(*raw, apply_one)) return "a record that cannot be";
  }
  if (!rest.empty()) return "half a record";
  return engine::settled(state) ? nullptr : "a journey between two steps";
}

}  // namespace

void engine::drop_dead_timers(State& state, const Timers::Live& live) {
  constexpr std::uint64_t few = 4096;
  const std::uint64_t alive = state.journeys.used() + state.watches.armed();
  if (state.timers.waiting() > 2 * alive + few) state.timers.drop_dead(live);
}

Result<void> engine::replay(State& state, std::uint8_t shard, base::ByteView journal,
                            const Timers::Live& live, std::size_t* whole_bytes) {
  record::FrameReader reader(journal);
  record::Frame frame;
  const bool begins = state.frame == 0;
  for (bool first = begins;; first = false) {
    const std::size_t position = reader.position();
    const record::FrameReader::Outcome outcome = reader.next(frame);
    using Outcome = record::FrameReader::Outcome;
    if (outcome == Outcome::damaged) return damage(position, "a broken frame before whole ones");
    if (outcome == Outcome::newer) {
      return Error{ErrorCode::unsupported_version,
                   fmt::format("journal written by a newer format, {}", frame.version)};
    }
    if (outcome != Outcome::frame) {
      if (first) return damage(position, "no frame at all");
      break;
    }
    if (frame.shard != shard) return damage(position, "a frame of another shard");
    if (first != (frame.kind == record::InputKind::opened)) {
      return damage(position, "a journal begins with one `opened` frame");
    }
    if (frame.at < state.now || frame.at > latest_instant + 1) {
      return damage(position, "time runs backwards");
    }
    if (const char* const what = apply_frame(state, frame)) return damage(position, what);
    drop_dead_timers(state, live);
  }
  // Time moves on over a deadline by firing it.
  if (const auto due = state.timers.earliest(live); due && *due < state.now) {
    return damage(reader.position(), "a deadline was passed over");
  }
  if (whole_bytes != nullptr) *whole_bytes = reader.position();
  return {};
}

Result<void> Engine::Core::restore(std::span<const std::byte> journal, std::size_t* whole_bytes) {
  return engine::replay(state_, shard_, journal, *this, whole_bytes);
}

}  // namespace itinera
