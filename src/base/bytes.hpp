// SPDX-License-Identifier: Apache-2.0
// Little-endian bytes: the one place where numbers become bytes and back.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace itinera::base {

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;

template <class T>
concept Number = std::integral<T> || std::floating_point<T> || std::is_enum_v<T>;

// Writes `value` little-endian at `to`, which must have room for sizeof(T) bytes.
template <Number T>
void store_le(std::byte* to, T value) {
  std::memcpy(to, &value, sizeof(T));
  if constexpr (std::endian::native == std::endian::big) {
    for (std::size_t i = 0; i < sizeof(T) / 2; ++i) std::swap(to[i], to[sizeof(T) - 1 - i]);
  }
}

template <Number T>
T load_le(const std::byte* from) {
  std::byte raw[sizeof(T)];
  std::memcpy(raw, from, sizeof(T));
  if constexpr (std::endian::native == std::endian::big) {
    for (std::size_t i = 0; i < sizeof(T) / 2; ++i) std::swap(raw[i], raw[sizeof(T) - 1 - i]);
  }
  T value;
  std::memcpy(&value, raw, sizeof(T));
  return value;
}

// memmove for what is mostly a few bytes long: those need no call.
inline void copy_bytes(std::byte* to, const std::byte* from, std::size_t count) {
  const auto ends = [=]<class Word>(Word first) {  // the first and the last Word; they may overlap
    Word last = first;
    std::memcpy(&first, from, sizeof first);
    std::memcpy(&last, from + count - sizeof last, sizeof last);
    std::memcpy(to, &first, sizeof first);
    std::memcpy(to + count - sizeof last, &last, sizeof last);
  };
  using Two = std::array<std::uint64_t, 2>;
  if (count > 32) {
    std::memmove(to, from, count);
  } else if (count >= sizeof(Two)) {
    ends(Two{});
  } else if (count >= sizeof(std::uint64_t)) {
    ends(std::uint64_t{});
  } else if (count >= sizeof(std::uint32_t)) {
    ends(std::uint32_t{});
  } else {
    for (std::size_t i = 0; i < count; ++i) to[i] = from[i];
  }
}

// Equality of what is mostly a few bytes long: that needs no call.
inline bool same_bytes(const std::byte* a, const std::byte* b, std::size_t count) {
  const auto same_ends = [=]<class Word>(Word word) {  // the first and the last Word
    Word other = word;
    std::memcpy(&word, a, sizeof word);
    std::memcpy(&other, b, sizeof other);
    if (word != other) return false;
    std::memcpy(&word, a + count - sizeof word, sizeof word);
    std::memcpy(&other, b + count - sizeof other, sizeof other);
    return word == other;
  };
  if (count > 2 * sizeof(std::uint64_t)) return std::memcmp(a, b, count) == 0;
  if (count >= sizeof(std::uint64_t)) return same_ends(std::uint64_t{});
  if (count >= sizeof(std::uint32_t)) return same_ends(std::uint32_t{});
  for (std::size_t i = 0; i < count; ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline bool same_text(std::string_view a, std::string_view b) {
  return a.size() == b.size() && same_bytes(as_bytes(a).data(), as_bytes(b).data(), a.size());
}

// Appends to a byte vector that it does not own.
class Writer {
 public:
  explicit Writer(Bytes& out) : out_(out) {}

  template <Number T>
  void number(T value) {
    const std::size_t at = out_.size();
    out_.resize(at + sizeof(T));
    store_le(out_.data() + at, value);
  }
  void bytes(ByteView view) { out_.insert(out_.end(), view.begin(), view.end()); }
  // A 32-bit length, then the bytes.
  void text(std::string_view view) {
    number(static_cast<std::uint32_t>(view.size()));
    bytes(as_bytes(view));
  }

 private:
  Bytes& out_;
};

// Reads what a Writer wrote. Never reads past the end: once something is missing, ok() is false
// for good and every further read gives zero or an empty view.
class Reader {
 public:
  explicit Reader(ByteView in) : in_(in) {}

  template <Number T>
  T number() {
    if (in_.size() < sizeof(T)) {
      fail();
      return T{};
    }
    T value = load_le<T>(in_.data());
    in_ = in_.subspan(sizeof(T));
    return value;
  }
  ByteView bytes(std::size_t size) {
    if (in_.size() < size) {
      fail();
      return {};
    }
    ByteView view = in_.first(size);
    in_ = in_.subspan(size);
    return view;
  }
  // Points into the bytes read from.
  std::string_view text() { return as_text(bytes(number<std::uint32_t>())); }

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return in_.empty(); }
  [[nodiscard]] std::size_t left() const { return in_.size(); }
  void fail() {
    ok_ = false;
    in_ = {};
  }

 private:
  ByteView in_;
  bool ok_ = true;
};

}  // namespace itinera::base
