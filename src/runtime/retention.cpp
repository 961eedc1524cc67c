// SPDX-License-Identifier: Apache-2.0
#include "runtime/retention.hpp"

#include <algorithm>

#include "record/frame.hpp"

namespace itinera::runtime {
namespace {

constexpr std::uint64_t part_bytes = 1u << 20;
constexpr std::int64_t part_ms = hour_ms;

// Only the frames of one shard stand in the order of time.
Instant newest_of(std::span<const std::byte> frames) {
  Instant newest = earliest_instant;
  record::FrameReader reader(frames);
  record::Frame frame;
  while (reader.next(frame) == record::FrameReader::Outcome::frame) {
    newest = std::max(newest, frame.at);
  }
  return newest;
}

}  // namespace

void Retention::see(std::span<const JournalGroup> groups) {
  for (const JournalGroup& group : groups) {
    const Instant newest = newest_of(group.frames);
    if (parts_.empty() || parts_.back().bytes >= part_bytes ||
        newest - parts_.back().began > part_ms) {
      Part& begun = parts_.emplace_back();
      begun.after = group.position - 1;
      begun.began = newest;
    }
    Part& part = parts_.back();
    part.end = group.position;
    part.bytes += group.frames.size();
    part.newest = newest;
    bytes_ += group.frames.size();
  }
}

Position Retention::cut(const Upkeep& upkeep) const {
  Position up_to = 0;
  if (parts_.empty()) return up_to;
  const Instant now = parts_.back().newest;
  std::uint64_t kept = bytes_;
  for (const Part& part : parts_) {
    const bool too_much = upkeep.journal_bytes_max != 0 && kept > upkeep.journal_bytes_max;
    const bool too_old =
        upkeep.journal_age_max_ms != 0 && now - part.newest > upkeep.journal_age_max_ms;
    if (!too_much && !too_old) break;
    kept -= part.bytes;
    up_to = part.end;
  }
  return up_to;
}

Position Retention::next(Position up_to) const {
  if (parts_.empty() || up_to <= forgotten_) return 0;
  return std::min(parts_.front().end, up_to);
}

void Retention::forget(Position up_to) {
  forgotten_ = up_to;
  while (!parts_.empty() && parts_.front().end <= up_to) {
    bytes_ -= parts_.front().bytes;
    parts_.pop_front();
  }
  if (parts_.empty() || parts_.front().after >= up_to) return;
  // Of one that has gone in part, its share by number of groups.
  Part& first = parts_.front();
  const std::uint64_t gone = first.bytes * (up_to - first.after) / (first.end - first.after);
  first.after = up_to;
  first.bytes -= gone;
  bytes_ -= gone;
}

}  // namespace itinera::runtime
