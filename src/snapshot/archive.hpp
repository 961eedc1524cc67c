// SPDX-License-Identifier: Apache-2.0
// Snapshots as bytes: pieces of about a mebibyte, each with a header and a checksum, so that
// neither side ever has the whole in memory. docs/durability.md shows the layout.
//
// Saver and Loader have the same calls: what is walked lists its fields once, for both directions.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/byte_buffer.hpp"
#include "base/bytes.hpp"
#include "itinera/ids.hpp"
#include "itinera/snapshot.hpp"
#include "itinera/time.hpp"

namespace itinera::engine {

inline constexpr std::uint8_t snapshot_version = 1;
inline constexpr std::size_t piece_header = 12;
// A longer byte string is cut into slices, between which a piece may end.
inline constexpr std::size_t slice_bytes = 1u << 20;

// A plain structure that lists its own fields.
template <class T, class V>
concept Listed = requires(T value, V& v) { value.fields(v); };

class Saver {
 public:
  static constexpr bool loads = false;
  explicit Saver(SnapshotWriter& to);

  [[nodiscard]] bool ok() const { return !error_; }
  void fail() {}
  void must(bool) {}

  template <class... T>
  void operator()(const T&... fields) {
    (put(fields), ...);
  }
  // Of a list whose members follow; the same count, as the Loader's.
  std::uint64_t count(std::uint64_t members) {
    out_.append(members);
    return members;
  }
  base::ByteView bytes(base::ByteView view) {
    out_.append(static_cast<std::uint32_t>(view.size()));
    if (view.size() <= slice_bytes) [[likely]] {
      out_.append(view);
    } else {
      put_slices(view);
    }
    return view;
  }
  // Between two things: a piece may end here.
  void seam() {
    if (out_.size() >= piece_bytes) [[unlikely]]
      end_piece(false);
  }
  // The last call. The error of whoever takes the pieces.
  Result<void> finish();

 private:
  static constexpr std::size_t piece_bytes = 1u << 20;

  template <base::Number T>
  void put(T value) {
    if constexpr (std::same_as<T, bool>) {
      out_.append(static_cast<std::uint8_t>(value));
    } else {
      out_.append(value);
    }
  }
  void put(Instant t) { out_.append(t.ms); }
  void put(const Hash128& hash) {
    out_.append(hash.high);
    out_.append(hash.low);
  }
  void put(const std::string& text) { bytes(base::as_bytes(text)); }
  template <Listed<Saver> T>
  void put(T value) {
    value.fields(*this);
  }

  void put_slices(base::ByteView view);
  void begin_piece();
  void end_piece(bool last);

  SnapshotWriter& to_;
  base::ByteBuffer out_;
  std::uint32_t number_ = 0;
  std::optional<Error> error_;
};

// Never reads past what it is given: at the first thing that is wrong ok() turns false for good,
// and whatever is read from then on is zero or empty.
class Loader {
 public:
  static constexpr bool loads = true;
  explicit Loader(SnapshotReader& from) : from_(from), in_({}) { next_piece(); }

  [[nodiscard]] bool ok() const { return in_.ok(); }
  void fail() { in_.fail(); }
  void must(bool holds) {
    if (!holds) fail();
  }

  template <class... T>
  void operator()(T&... fields) {
    (get(fields), ...);
  }
  // Not to be believed: room is made as members are found.
  std::uint64_t count(std::uint64_t) { return in_.number<std::uint64_t>(); }
  // Valid until the next call.
  base::ByteView bytes(base::ByteView = {}) {
    const auto size = in_.number<std::uint32_t>();
    return size <= slice_bytes ? in_.bytes(size) : slices(size);
  }
  void seam() {
    if (in_.at_end() && in_.ok()) [[unlikely]]
      next_piece();
  }
  // The last call: nothing may be left. Errors: that of whoever gives the pieces;
  // damaged_journal, unsupported_version.
  Result<void> finish();

 private:
  template <base::Number T>
  void get(T& value) {
    if constexpr (std::same_as<T, bool>) {
      const auto byte = in_.number<std::uint8_t>();
      must(byte <= 1);
      value = byte == 1;
    } else {
      value = in_.number<T>();
    }
  }
  void get(Instant& t) { t.ms = in_.number<std::int64_t>(); }
  void get(Hash128& hash) {
    hash.high = in_.number<std::uint64_t>();
    hash.low = in_.number<std::uint64_t>();
  }
  void get(std::string& text) { text = base::as_text(bytes()); }
  template <Listed<Loader> T>
  void get(T& value) {
    value.fields(*this);
  }

  base::ByteView slices(std::size_t size);
  void next_piece();

  SnapshotReader& from_;
  base::Reader in_;
  std::uint32_t number_ = 0;
  bool last_ = false;
  base::Bytes long_;  // the newest byte string that came in slices
  std::optional<Error> error_;
};

// A std::vector or std::deque; each(member) walks one.
template <class V, class List, class Each>
void walk_list(V& v, List& list, Each each) {
  const std::uint64_t count = v.count(list.size());
  if constexpr (V::loads) {
    for (std::uint64_t i = 0; i < count && v.ok(); ++i) {
      v.seam();
      each(list.emplace_back());
    }
  } else {
    for (auto& member : list) {
      v.seam();
      each(member);
    }
  }
}
template <class V, class List>
void walk_list(V& v, List& list) {
  walk_list(v, list, [&v](auto& member) { v(member); });
}

// A std::map; each(key, value) walks one.
template <class V, class Map, class Each>
void walk_map(V& v, Map& map, Each each) {
  const std::uint64_t count = v.count(map.size());
  if constexpr (V::loads) {
    for (std::uint64_t i = 0; i < count && v.ok(); ++i) {
      v.seam();
      typename Map::key_type key{};
      typename Map::mapped_type value{};
      each(key, value);
      v.must(map.emplace(std::move(key), std::move(value)).second);
    }
  } else {
    for (auto& [key, value] : map) {
      v.seam();
      each(key, value);
    }
  }
}

}  // namespace itinera::engine
