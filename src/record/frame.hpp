// SPDX-License-Identifier: Apache-2.0
// Frames: the journal's unit. One input, or one due instant's timers, with all its records.
//
//   0   4  size      bytes of the whole frame, this header included
//   4   4  crc       CRC-32C of `size` and of everything after this field
//   8   1  version   1; of a shard other than the first: 2
//   9   1  kind      InputKind
//  10   1  flags     FrameFlag
//  11   1  shard     which of the store's shards wrote it
//  12   4  input     bytes of the input's fields
//  16   8  at        engine time at which it was taken, ms since 1970
//  24      input, then records: 1 byte kind, 3 bytes size of the fields, the fields
//
// Little-endian. docs/durability.md works one through byte by byte.
#pragma once

#include <cstdint>
#include <optional>
#include <type_traits>

#include "base/byte_buffer.hpp"
#include "base/bytes.hpp"
#include "base/check.hpp"
#include "record/records.hpp"

namespace itinera::record {

inline constexpr std::uint8_t format_version = 2;  // the newest that is read
inline constexpr std::uint8_t shards_max = 64;
inline constexpr std::size_t frame_header_size = 24;
inline constexpr std::size_t frame_size_max = 256u << 20;
inline constexpr std::size_t record_size_max = 0xFF'FFFF;

// On disk. Never renumber.
enum FrameFlag : std::uint8_t {
  instant_continues = 1,  // the next frame belongs to the same instant and finishes it
  was_moved = 2,          // `at` is later than the host's `received`, because that was closed
};

// How each type of field is written. Enumerations are their number; texts and bytes have a 32-bit
// length in front.
namespace detail {

inline std::size_t field_size(std::string_view v) { return 4 + v.size(); }
inline std::size_t field_size(base::ByteView v) { return 4 + v.size(); }
inline std::size_t field_size(Instant) { return 8; }
inline std::size_t field_size(Hash128) { return 16; }
inline std::size_t field_size(const MessageKey& v) { return v.present() ? 25 : 1; }
template <base::Number T>
std::size_t field_size(T) {
  return sizeof(T);
}

template <base::Number T>
std::byte* put(std::byte* at, T v) {
  base::store_le(at, v);
  return at + sizeof(T);
}
inline std::byte* put(std::byte* at, base::ByteView v) {
  at = put(at, static_cast<std::uint32_t>(v.size()));
  if (!v.empty()) base::copy_bytes(at, v.data(), v.size());
  return at + v.size();
}
inline std::byte* put(std::byte* at, std::string_view v) { return put(at, base::as_bytes(v)); }
inline std::byte* put(std::byte* at, Instant v) { return put(at, v.ms); }
inline std::byte* put(std::byte* at, Hash128 v) { return put(put(at, v.high), v.low); }
inline std::byte* put(std::byte* at, const MessageKey& v) {
  at = put(at, static_cast<std::uint8_t>(v.present() ? 1 : 0));
  return v.present() ? put(put(at, v.id), v.content) : at;
}

template <base::Number T>
void get(base::Reader& in, T& v) {
  v = in.number<T>();
}
inline void get(base::Reader& in, std::string_view& v) { v = in.text(); }
inline void get(base::Reader& in, base::ByteView& v) { v = in.bytes(in.number<std::uint32_t>()); }
inline void get(base::Reader& in, Instant& v) { v.ms = in.number<std::int64_t>(); }
inline void get(base::Reader& in, Hash128& v) {
  v.high = in.number<std::uint64_t>();
  v.low = in.number<std::uint64_t>();
}
inline void get(base::Reader& in, MessageKey& v) {
  if (in.number<std::uint8_t>() == 0) return;
  get(in, v.id);
  v.content = in.number<std::uint64_t>();
}

struct Sizer {
  std::size_t size = 0;
  template <class... T>
  void operator()(const T&... v) {
    size += (field_size(v) + ... + 0);
  }
};
struct Putter {
  std::byte* at;
  template <class... T>
  void operator()(const T&... v) {
    ((at = put(at, v)), ...);
  }
};
struct Getter {
  base::Reader& in;
  template <class... T>
  void operator()(T&... v) {
    (get(in, v), ...);
  }
};

}  // namespace detail

// Writes frames one after the other into a buffer that it does not own.
class FrameWriter {
 public:
  explicit FrameWriter(base::ByteBuffer& out, std::uint8_t shard = 0) : out_(out), shard_(shard) {}

  template <class Input>
  void begin(Instant at, Input input, std::uint8_t flags = 0) {
    detail::Sizer sizer;
    input.fields(sizer);
    start(at, Input::kind, flags, sizer.size);
    detail::Putter putter{out_.extend(sizer.size)};
    input.fields(putter);
  }
  template <class Record>
  void record(Record r) {
    detail::Sizer sizer;
    r.fields(sizer);
    ITINERA_CHECK(sizer.size <= record_size_max);
    detail::Putter putter{out_.extend(4 + sizer.size)};
    const auto head =
        static_cast<std::uint32_t>(Record::kind) | static_cast<std::uint32_t>(sizer.size) << 8;
    putter(head);
    r.fields(putter);
  }
  void add_flag(FrameFlag flag);
  // Writes the input's fields anew; they must be of the same size.
  template <class Input>
  void rewrite(Input input) {
    detail::Putter putter{out_.data() + begin_ + frame_header_size};
    input.fields(putter);
  }
  void end();  // completes size and crc
  void abandon() { out_.shrink_to(begin_); }
  [[nodiscard]] std::size_t size() const { return out_.size() - begin_; }

 private:
  void start(Instant at, InputKind kind, std::uint8_t flags, std::size_t input_size);
  base::ByteBuffer& out_;
  std::size_t begin_ = 0;
  std::uint8_t shard_;
};

// A record as read: its fields are still bytes.
struct RawRecord {
  RecordKind kind;
  base::ByteView fields;
};

// The fields of a record or an input; empty if they are not exactly those of T.
template <class T>
std::optional<T> decode(base::ByteView fields) {
  base::Reader in(fields);
  T value;
  detail::Getter getter{in};
  value.fields(getter);
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return value;
}

// A whole frame whose size and checksum are right. Points into the bytes it was read from.
struct Frame {
  InputKind kind = InputKind::opened;
  std::uint8_t version = format_version;
  std::uint8_t flags = 0;
  std::uint8_t shard = 0;
  Instant at;
  base::ByteView input;
  base::ByteView records;
  std::size_t size = 0;  // in the journal

  // Takes the first record off `rest`, which begins as `records`. Empty at the end; `rest` not
  // empty then means damage.
  static std::optional<RawRecord> next(base::ByteView& rest);
};

// Whether one of these frames, which are whole, is of that kind.
bool has_frame(base::ByteView frames, InputKind kind);

// What the head of the first of these frames says, before anybody has looked at its checksum.
struct FrameHead {
  std::size_t size = 0;  // 0: no frame can begin there
  InputKind kind = InputKind::opened;
  std::uint8_t shard = 0;
  Instant at;
};
FrameHead head_of(base::ByteView frames);

// Reads a journal from its beginning.
class FrameReader {
 public:
  enum class Outcome : std::uint8_t {
    frame,    // `frame` is the next one
    end,      // nothing is left
    torn,     // the rest is an unfinished frame, and no whole one follows: cut it off
    damaged,  // a broken frame with whole ones behind it, or with more behind it that looks like
              // frames than is worth looking at
    newer,    // a frame of a later format
  };
  explicit FrameReader(base::ByteView journal) : journal_(journal) {}
  Outcome next(Frame& frame);
  // Bytes of whole frames read so far.
  [[nodiscard]] std::size_t position() const { return position_; }

 private:
  // The bytes of a frame that may begin there, as its head says; 0: none can.
  [[nodiscard]] std::size_t frame_size_at(std::size_t position) const;
  // Whether it is there, by its checksum.
  [[nodiscard]] bool is_whole(std::size_t position, std::size_t size) const;
  [[nodiscard]] bool any_whole_frame_after(std::size_t position) const;
  base::ByteView journal_;
  std::size_t position_ = 0;
};

}  // namespace itinera::record
