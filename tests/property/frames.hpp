// SPDX-License-Identifier: Apache-2.0
// A journal frame by frame, and without those who were forgotten.
#pragma once

#include <cstddef>
#include <vector>

#include "base/bytes.hpp"
#include "property/host.hpp"
#include "record/erasure.hpp"

namespace itinera::property {

using Frames = std::vector<base::Bytes>;

inline Frames frames_of(base::ByteView journal) {
  Frames frames;
  std::size_t begin = 0;
  for (const std::size_t end : frame_ends(journal)) {
    const base::ByteView frame = journal.subspan(begin, end - begin);
    frames.emplace_back(frame.begin(), frame.end());
    begin = end;
  }
  return frames;
}

inline base::Bytes joined(const Frames& frames) {
  base::Bytes all;
  for (const base::Bytes& frame : frames) all.insert(all.end(), frame.begin(), frame.end());
  return all;
}

// Each frame as a group of its own, the first `end` of them without those whom one at or behind
// `from` has forgotten; none where one is damaged.
inline Frames erased_frames(Frames frames, std::size_t from, std::size_t end, Hash128 salt) {
  record::Erasure erasure(true);
  erasure.stand_in_by(salt);
  bool sound = true;
  for (std::size_t i = from; i < end; ++i) sound = sound && erasure.find(i + 1, frames[i]);
  for (std::size_t i = 0; i < end; ++i) sound = sound && erasure.gather(i + 1, frames[i]);
  base::ByteBuffer out;
  for (std::size_t i = 0; i < end; ++i) {
    sound = sound && erasure.erase(i + 1, frames[i], out);
    if (!out.empty()) frames[i].assign(out.view().begin(), out.view().end());
  }
  return sound ? frames : Frames{};
}

}  // namespace itinera::property
