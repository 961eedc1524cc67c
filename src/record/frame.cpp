// SPDX-License-Identifier: Apache-2.0
#include "record/frame.hpp"

#include <algorithm>
#include <cstring>

#include "base/check.hpp"
#include "record/crc32c.hpp"

namespace itinera::record {
namespace {

constexpr std::size_t size_at = 0;
constexpr std::size_t crc_at = 4;
constexpr std::size_t version_at = 8;
constexpr std::size_t kind_at = 9;
constexpr std::size_t flags_at = 10;
constexpr std::size_t shard_at = 11;
constexpr std::size_t input_at = 12;
constexpr std::size_t time_at = 16;

std::uint32_t checksum(base::ByteView frame) {
  return crc32c(frame.subspan(version_at), crc32c(frame.first(crc_at)));
}

// Whether bytes with the head of a frame have its other marks, too: a time, and records that end
// where it ends. Costs far less than the checksum. Reading is paid for from `budget`; where that is
// used up they may have them.
bool may_be_written(base::ByteView frame, std::size_t& budget) {
  const Instant at{base::load_le<std::int64_t>(frame.data() + time_at)};
  if (at < earliest_instant || at > latest_instant + 1) return false;
  const auto input = base::load_le<std::uint32_t>(frame.data() + input_at);
  base::ByteView rest = frame.subspan(frame_header_size + input);
  constexpr std::size_t cost = 16;  // of a record, in bytes whose checksum could be taken meanwhile
  while (Frame::next(rest)) {
    if (budget < cost) {
      budget = 0;
      return true;
    }
    budget -= cost;
  }
  return rest.empty();
}

// Whoever knows of no shards takes frames of the first alone for frames.
constexpr std::uint8_t version_of(std::uint8_t shard) { return shard == 0 ? 1 : 2; }

}  // namespace

void FrameWriter::start(Instant at, InputKind kind, std::uint8_t flags, std::size_t input_size) {
  begin_ = out_.size();
  std::byte* const head = out_.extend(frame_header_size);
  base::store_le(head + version_at, version_of(shard_));
  base::store_le(head + kind_at, kind);
  base::store_le(head + flags_at, flags);
  base::store_le(head + shard_at, shard_);
  base::store_le(head + input_at, static_cast<std::uint32_t>(input_size));
  base::store_le(head + time_at, at.ms);
}

void FrameWriter::add_flag(FrameFlag flag) {
  std::byte& flags = out_.data()[begin_ + flags_at];
  flags |= static_cast<std::byte>(flag);
}

void FrameWriter::end() {
  ITINERA_CHECK(size() <= frame_size_max);
  std::byte* const head = out_.data() + begin_;
  base::store_le(head + size_at, static_cast<std::uint32_t>(size()));
  base::store_le(head + crc_at, checksum(out_.view().subspan(begin_)));
}

std::optional<RawRecord> Frame::next(base::ByteView& rest) {
  if (rest.size() < sizeof(std::uint32_t)) return std::nullopt;
  const auto head = base::load_le<std::uint32_t>(rest.data());
  const std::size_t size = head >> 8;
  if (rest.size() - sizeof head < size) return std::nullopt;
  RawRecord record{static_cast<RecordKind>(head & 0xFF), rest.subspan(sizeof head, size)};
  rest = rest.subspan(sizeof head + size);
  return record;
}

FrameHead head_of(base::ByteView frames) {
  if (frames.size() < frame_header_size) return {};
  const std::size_t size = base::load_le<std::uint32_t>(frames.data() + size_at);
  if (size < frame_header_size || size > frames.size()) return {};
  return {size,
          base::load_le<InputKind>(frames.data() + kind_at),
          base::load_le<std::uint8_t>(frames.data() + shard_at),
          {base::load_le<std::int64_t>(frames.data() + time_at)}};
}

bool has_frame(base::ByteView frames, InputKind kind) {
  for (FrameHead head = head_of(frames); head.size != 0; head = head_of(frames)) {
    if (head.kind == kind) return true;
    frames = frames.subspan(head.size);
  }
  return false;
}

std::size_t FrameReader::frame_size_at(std::size_t position) const {
  const base::ByteView rest = journal_.subspan(position);
  if (rest.size() < frame_header_size) return 0;
  const auto size = base::load_le<std::uint32_t>(rest.data() + size_at);
  if (size < frame_header_size || size > std::min(rest.size(), frame_size_max)) return 0;
  const auto input = base::load_le<std::uint32_t>(rest.data() + input_at);
  return input <= size - frame_header_size ? size : 0;
}

bool FrameReader::is_whole(std::size_t position, std::size_t size) const {
  const base::ByteView frame = journal_.subspan(position, size);
  return base::load_le<std::uint32_t>(frame.data() + crc_at) == checksum(frame);
}

// Bytes that look like the heads of long frames, one after the other, may have been written to have
// nearly all of the rest read for each: there is an end to that.
bool FrameReader::any_whole_frame_after(std::size_t position) const {
  constexpr std::size_t always = 64u << 20;
  std::size_t budget = 4 * (journal_.size() - position) + always;
  for (std::size_t at = position + 1; at + frame_header_size <= journal_.size(); ++at) {
    // A frame of any known format has a small version, and that of its shard.
    const auto version = base::load_le<std::uint8_t>(journal_.data() + at + version_at);
    const auto shard = base::load_le<std::uint8_t>(journal_.data() + at + shard_at);
    if (shard >= shards_max || version != version_of(shard)) continue;
    const std::size_t size = frame_size_at(at);
    if (size == 0 || !may_be_written(journal_.subspan(at, size), budget)) continue;
    if (size > budget || is_whole(at, size)) return true;
    budget -= size;
  }
  return false;
}

FrameReader::Outcome FrameReader::next(Frame& frame) {
  if (position_ == journal_.size()) return Outcome::end;
  const std::size_t size = frame_size_at(position_);
  if (size == 0 || !is_whole(position_, size)) {
    return any_whole_frame_after(position_) ? Outcome::damaged : Outcome::torn;
  }
  const base::ByteView rest = journal_.subspan(position_);
  frame.size = size;
  frame.version = base::load_le<std::uint8_t>(rest.data() + version_at);
  frame.shard = base::load_le<std::uint8_t>(rest.data() + shard_at);
  if (frame.shard >= shards_max || frame.version != version_of(frame.shard)) return Outcome::newer;
  frame.kind = base::load_le<InputKind>(rest.data() + kind_at);
  frame.flags = base::load_le<std::uint8_t>(rest.data() + flags_at);
  frame.at = {base::load_le<std::int64_t>(rest.data() + time_at)};
  const auto input = base::load_le<std::uint32_t>(rest.data() + input_at);
  frame.input = rest.subspan(frame_header_size, input);
  frame.records = rest.subspan(frame_header_size + input, frame.size - frame_header_size - input);
  position_ += frame.size;
  return Outcome::frame;
}

}  // namespace itinera::record
