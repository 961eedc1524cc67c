// SPDX-License-Identifier: Apache-2.0
#include "runtime/shards.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/bytes.hpp"
#include "base/stable_hash.hpp"
#include "record/crc32c.hpp"
#include "record/frame.hpp"

namespace itinera::runtime {
namespace {

Error damage(std::string_view what) { return {ErrorCode::damaged_journal, std::string(what)}; }

EngineOptions numbered(EngineOptions options, std::size_t shard) {
  options.shard = static_cast<std::uint8_t>(shard);
  return options;
}

// With how many shards a journal begins that begins so.
std::size_t count_opened(std::span<const std::byte> group) {
  std::size_t count = 0;
  for (record::FrameHead head = record::head_of(group);
       head.size != 0 && head.kind == record::InputKind::opened && head.shard == count;
       head = record::head_of(group)) {
    ++count;
    group = group.subspan(head.size);
  }
  return count;
}

// What stands before each piece of an engine's snapshot, where there are several engines.
//
//   0   4  crc      CRC-32C of all that follows
//   4   1  version  2: a single engine's piece has a smaller one in this place
//   5   1  shard    whose piece it is
//   6   1  count    of all shards
//   7   1  zero
constexpr std::size_t head_size = 8;
constexpr std::size_t version_at = 4;
constexpr std::size_t shard_at = 5;
constexpr std::size_t count_at = 6;
constexpr std::uint8_t sharded_version = 2;

class Heading final : public SnapshotWriter {
 public:
  Heading(SnapshotWriter& to, std::uint8_t shard, std::uint8_t count)
      : to_(to), shard_(shard), count_(count) {}

  Result<void> put(std::span<const std::byte> piece) override {
    out_.clear();
    std::byte* const head = out_.extend(head_size);
    base::store_le(head + version_at, sharded_version);
    base::store_le(head + shard_at, shard_);
    base::store_le(head + count_at, count_);
    base::store_le(head + count_at + 1, std::uint8_t{0});
    out_.append(piece);
    base::store_le(out_.data(), record::crc32c(out_.view().subspan(version_at)));
    return to_.put(out_.view());
  }

 private:
  SnapshotWriter& to_;
  std::uint8_t shard_;
  std::uint8_t count_;
  base::ByteBuffer out_;
};

// The pieces of one engine after the other.
class Sorted final : public SnapshotReader {
 public:
  explicit Sorted(SnapshotReader& from) : from_(from) {}

  // Reads the first piece, and finds out how many engines there are.
  Result<std::size_t> begin() {
    if (Result<void> read = fetch(); !read) return read.error();
    return count_;
  }
  void turn_to(std::size_t shard) { wanted_ = shard; }
  // Whether a piece is left, whosever it is.
  [[nodiscard]] bool any() const { return held_.has_value(); }

  Result<std::span<const std::byte>> next() override {
    if (given_) {
      if (Result<void> read = fetch(); !read) return read.error();
    }
    if (!held_ || shard_ != wanted_) return std::span<const std::byte>{};
    given_ = true;
    return *held_;
  }
  // What was given has been read.
  Result<void> finish() { return given_ ? fetch() : Result<void>(); }

 private:
  Result<void> fetch() {
    given_ = false;
    const Result<std::span<const std::byte>> piece = from_.next();
    if (!piece) return piece.error();
    held_.reset();
    if (piece->empty()) return {};
    const bool has_head =
        piece->size() > head_size &&
        base::load_le<std::uint8_t>(piece->data() + version_at) == sharded_version;
    if (has_head != (count_ > 1) && !first_) return damage("a snapshot of other engines");
    if (!has_head) {
      first_ = false;
      held_ = *piece;
      return {};
    }
    if (base::load_le<std::uint32_t>(piece->data()) != record::crc32c(piece->subspan(version_at))) {
      return damage("a piece of a snapshot is not what was written");
    }
    const std::size_t count = base::load_le<std::uint8_t>(piece->data() + count_at);
    shard_ = base::load_le<std::uint8_t>(piece->data() + shard_at);
    const bool sound = count > 1 && count <= EngineOptions::shards_max && shard_ < count;
    if (!sound || (!first_ && count != count_)) return damage("a snapshot of other engines");
    first_ = false;
    count_ = count;
    held_ = piece->subspan(head_size);
    return {};
  }

  SnapshotReader& from_;
  std::optional<std::span<const std::byte>> held_;
  bool first_ = true;
  bool given_ = false;
  std::size_t count_ = 1;
  std::size_t shard_ = 0;  // of what is held
  std::size_t wanted_ = 0;
};

}  // namespace

std::uint32_t shard_of(std::string_view contact, std::uint32_t count) {
  return shard_of(base::stable_hash(contact), count);
}

std::uint32_t shard_of(const Hash128& contact, std::uint32_t count) {
  // By the lower half: an engine finds its contacts by the upper one.
  const std::uint64_t upper = contact.low >> 32;
  return static_cast<std::uint32_t>(upper * count >> 32);
}

Result<std::vector<base::ByteBuffer>> parted(std::span<const std::byte> group, std::size_t count) {
  std::vector<base::ByteBuffer> parts(count);
  while (!group.empty()) {
    const record::FrameHead head = record::head_of(group);
    if (head.size == 0) return damage("a group ends within a frame");
    if (head.shard >= count) {
      return damage(fmt::format("a frame of shard {}, where there are {}", head.shard, count));
    }
    parts[head.shard].append(group.first(head.size));
    group = group.subspan(head.size);
  }
  return parts;
}

Result<Shards> Shards::create(const EngineOptions& options, std::uint32_t count) {
  Shards shards;
  for (std::uint32_t shard = 0; shard < count; ++shard) {
    Result<Engine> engine = Engine::create(numbered(options, shard));
    if (!engine) return engine.error();
    shards.engines_.push_back(std::move(*engine));
  }
  return shards;
}

Result<Shards> Shards::restore(std::span<const std::byte> group, const EngineOptions& options) {
  const std::size_t count = std::max<std::size_t>(count_opened(group), 1);
  Result<std::vector<base::ByteBuffer>> parts = parted(group, count);
  if (!parts) return parts.error();
  Shards shards;
  for (std::size_t shard = 0; shard < count; ++shard) {
    const base::ByteView frames = (*parts)[shard].view();
    std::size_t whole_bytes = 0;
    Result<Engine> engine = Engine::restore(frames, numbered(options, shard), &whole_bytes);
    if (!engine) return engine.error();
    if (whole_bytes < frames.size()) return damage("a group ends within a frame");
    shards.engines_.push_back(std::move(*engine));
  }
  return shards;
}

Result<Shards> Shards::load(SnapshotReader& from, const EngineOptions& options) {
  Sorted pieces(from);
  const Result<std::size_t> count = pieces.begin();
  if (!count) return count.error();
  Shards shards;
  for (std::size_t shard = 0; shard < *count; ++shard) {
    pieces.turn_to(shard);
    Result<Engine> engine = Engine::load(pieces, numbered(options, shard));
    if (!engine) return engine.error();
    shards.engines_.push_back(std::move(*engine));
    if (Result<void> read = pieces.finish(); !read) return read.error();
  }
  if (pieces.any()) return damage("a snapshot goes on behind its end");
  return shards;
}

Result<void> Shards::save(SnapshotWriter& to) const {
  if (engines_.size() == 1) return engines_.front().save(to);
  for (std::size_t shard = 0; shard < engines_.size(); ++shard) {
    Heading heading(to, static_cast<std::uint8_t>(shard),
                    static_cast<std::uint8_t>(engines_.size()));
    if (Result<void> saved = engines_[shard].save(heading); !saved) return saved;
  }
  return {};
}

Result<void> Shards::follow(std::span<const std::byte> group) {
  if (engines_.size() == 1) return engines_.front().follow(group);
  Result<std::vector<base::ByteBuffer>> parts = parted(group, engines_.size());
  if (!parts) return parts.error();
  for (std::size_t shard = 0; shard < engines_.size(); ++shard) {
    const base::ByteView frames = (*parts)[shard].view();
    if (frames.empty()) continue;
    if (Result<void> done = engines_[shard].follow(frames); !done) return done;
  }
  return {};
}

}  // namespace itinera::runtime
