// SPDX-License-Identifier: Apache-2.0
// Snapshots in memory.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "itinera/engine.hpp"

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

inline Pieces pieces_of(const Engine& engine) {
  PieceWriter writer;
  static_cast<void>(engine.save(writer));  // the writer never refuses
  return writer.pieces;
}

inline Result<Engine> load_pieces(const Pieces& pieces, EngineOptions options) {
  PieceReader reader(pieces);
  return Engine::load(reader, std::move(options));
}

}  // namespace itinera::test
