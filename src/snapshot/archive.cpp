// SPDX-License-Identifier: Apache-2.0
#include "snapshot/archive.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "record/crc32c.hpp"

namespace itinera::engine {
namespace {

// At the front of a piece: checksum of all that follows (4), version (1), 1 in the last piece (1),
// zero (2), number of the piece (4).
constexpr std::size_t version_at = 4;
constexpr std::size_t last_at = 5;
constexpr std::size_t number_at = 8;

Error damage(std::uint32_t piece, std::string_view what) {
  return Error{ErrorCode::damaged_journal,
               fmt::format("damaged snapshot, piece {}: {}", piece, what)};
}

}  // namespace

Saver::Saver(SnapshotWriter& to) : to_(to) { begin_piece(); }

void Saver::put_slices(base::ByteView view) {
  while (!view.empty()) {
    const std::size_t size = std::min(view.size(), slice_bytes);
    seam();
    out_.append(view.first(size));
    view = view.subspan(size);
  }
}

void Saver::begin_piece() {
  out_.clear();
  out_.append(std::uint32_t{0});
  out_.append(snapshot_version);
  out_.append(std::uint8_t{0});
  out_.append(std::uint16_t{0});
  out_.append(number_++);
}

void Saver::end_piece(bool last) {
  base::store_le(out_.data() + last_at, static_cast<std::uint8_t>(last ? 1 : 0));
  base::store_le(out_.data(), record::crc32c(out_.view().subspan(version_at)));
  if (!error_) {
    if (Result<void> put = to_.put(out_.view()); !put) error_ = put.error();
  }
  begin_piece();
}

Result<void> Saver::finish() {
  end_piece(true);
  if (error_) return *error_;
  return {};
}

// Room is made as the slices come.
base::ByteView Loader::slices(std::size_t size) {
  long_.clear();
  while (long_.size() < size && ok()) {
    seam();
    const base::ByteView slice = in_.bytes(std::min(size - long_.size(), slice_bytes));
    long_.insert(long_.end(), slice.begin(), slice.end());
  }
  return long_;
}

void Loader::next_piece() {
  const auto stop = [this](Error error) {
    error_ = std::move(error);
    fail();
  };
  if (last_) return stop(damage(number_, "it ends too early"));
  const Result<std::span<const std::byte>> next = from_.next();
  if (!next) return stop(next.error());
  const base::ByteView piece = *next;
  if (piece.size() < piece_header) return stop(damage(number_, "too short"));
  if (base::load_le<std::uint32_t>(piece.data()) != record::crc32c(piece.subspan(version_at))) {
    return stop(damage(number_, "its checksum is wrong"));
  }
  const auto version = base::load_le<std::uint8_t>(piece.data() + version_at);
  if (version != snapshot_version) {
    return stop(Error{ErrorCode::unsupported_version,
                      fmt::format("snapshot written by a newer format, {}", version)});
  }
  if (base::load_le<std::uint32_t>(piece.data() + number_at) != number_) {
    return stop(damage(number_, "another stands in its place"));
  }
  last_ = base::load_le<std::uint8_t>(piece.data() + last_at) != 0;
  ++number_;
  in_ = base::Reader(piece.subspan(piece_header));
}

Result<void> Loader::finish() {
  if (error_) return *error_;
  const std::uint32_t piece = number_ == 0 ? 0 : number_ - 1;
  if (!in_.ok()) return damage(piece, "what it says cannot be");
  if (!last_ || !in_.at_end()) return damage(piece, "something is left over");
  return {};
}

}  // namespace itinera::engine
