// SPDX-License-Identifier: Apache-2.0
// Snapshots in memory.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "itinera/engine.hpp"
#include "record/crc32c.hpp"
#include "snapshot/archive.hpp"

namespace itinera::test {

using Pieces = std::vector<std::vector<std::byte>>;

class PieceWriter final : public SnapshotWriter {
 public:
  Result<void> put(std::span<const std::byte> piece) override {
    pieces.emplace_back(piece.begin(), piece.end());
    return {};
  }
  Pieces pieces;
};

class PieceReader final : public SnapshotReader {
 public:
  explicit PieceReader(const Pieces& pieces) : pieces_(pieces) {}
  Result<std::span<const std::byte>> next() override {
    if (at_ == pieces_.size()) return std::span<const std::byte>{};
    return std::span<const std::byte>(pieces_[at_++]);
  }

 private:
  const Pieces& pieces_;
  std::size_t at_ = 0;
};

// Of an engine or a fold.
template <class Saved>
Pieces pieces_of(const Saved& saved) {
  PieceWriter writer;
  static_cast<void>(saved.save(writer));  // the writer never refuses
  return writer.pieces;
}

inline Result<Engine> load_pieces(const Pieces& pieces, EngineOptions options) {
  PieceReader reader(pieces);
  return Engine::load(reader, std::move(options));
}

// One piece of these bytes as content, with the checksum it needs.
inline Pieces sealed(base::ByteView content) {
  constexpr std::size_t version_at = 4;
  constexpr std::size_t last_at = 5;
  std::vector<std::byte> piece(engine::piece_header);
  piece[version_at] = std::byte{engine::snapshot_version};
  piece[last_at] = std::byte{1};
  piece.insert(piece.end(), content.begin(), content.end());
  base::store_le(piece.data(), record::crc32c(base::ByteView(piece).subspan(version_at)));
  return {piece};
}

}  // namespace itinera::test
