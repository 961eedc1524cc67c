// SPDX-License-Identifier: Apache-2.0
// A journal without whom it forgets.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "record/erasure.hpp"
#include "support/catch.hpp"

namespace itinera::test {

using Groups = std::vector<base::Bytes>;

// Each frame as a group of its own.
inline Groups groups_of(base::ByteView journal) {
  Groups groups;
  record::FrameReader reader(journal);
  record::Frame frame;
  std::size_t begin = 0;
  while (reader.next(frame) == record::FrameReader::Outcome::frame) {
    const base::ByteView whole = journal.subspan(begin, frame.size);
    groups.emplace_back(whole.begin(), whole.end());
    begin += frame.size;
  }
  return groups;
}

// What is left where the first `gone` groups have been truncated. `names`: how many it keeps.
inline base::Bytes erased(const Groups& groups, std::size_t gone = 0,
                          std::size_t* names = nullptr) {
  record::Erasure erasure(gone == 0);
  erasure.stand_in_by({1, 2});
  bool sound = true;
  for (std::size_t i = gone; i < groups.size(); ++i)
    sound = erasure.find(i + 1, groups[i]) && sound;
  for (std::size_t i = gone; i < groups.size() && i < erasure.last(); ++i) {
    sound = erasure.gather(i + 1, groups[i]) && sound;
  }
  base::Bytes left;
  base::ByteBuffer out;
  for (std::size_t i = gone; i < groups.size(); ++i) {
    sound = erasure.erase(i + 1, groups[i], out) && sound;
    const base::ByteView group = out.empty() ? base::ByteView(groups[i]) : out.view();
    left.insert(left.end(), group.begin(), group.end());
  }
  CHECK(sound);
  if (names != nullptr) *names = erasure.names();
  return left;
}

inline bool tells(base::ByteView journal, std::string_view text) {
  return base::as_text(journal).find(text) != std::string_view::npos;
}

}  // namespace itinera::test
