// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

namespace itinera::engine {

// Who is in which segment: a bit for each contact, of the segments that somebody listens to.
class Membership {
 public:
  [[nodiscard]] bool has(std::uint16_t segment, std::uint32_t contact) const {
    if (segment >= segments_.size()) return false;
    const std::vector<std::uint64_t>& words = segments_[segment];
    return contact / 64 < words.size() && (words[contact / 64] >> contact % 64 & 1) != 0;
  }
  void set(std::uint16_t segment, std::uint32_t contact, bool in) {
    if (segment >= segments_.size()) segments_.resize(std::size_t{segment} + 1);
    std::vector<std::uint64_t>& words = segments_[segment];
    if (contact / 64 >= words.size()) words.resize(contact / 64 + 1);
    const std::uint64_t bit = std::uint64_t{1} << contact % 64;
    words[contact / 64] = in ? words[contact / 64] | bit : words[contact / 64] & ~bit;
  }
  // Calls visit(contact) for each member, by place.
  template <class Visit>
  void for_each(std::uint16_t segment, Visit visit) const {
    if (segment >= segments_.size()) return;
    const std::vector<std::uint64_t>& words = segments_[segment];
    for (std::size_t i = 0; i < words.size(); ++i) {
      for (std::uint64_t rest = words[i]; rest != 0; rest &= rest - 1) {
        visit(static_cast<std::uint32_t>(i * 64) +
              static_cast<std::uint32_t>(std::countr_zero(rest)));
      }
    }
  }

  // For snapshots; no member stands beyond `contacts`.
  template <class V, class Self>
  static void walk(V& v, Self& members, std::uint32_t contacts) {
    const std::uint64_t segments = v.count(members.segments_.size());
    for (std::uint64_t i = 0; i < segments && v.ok(); ++i) {
      v.seam();
      if constexpr (V::loads) members.segments_.emplace_back();
      auto& words = members.segments_[i];
      const std::uint64_t count = v.count(words.size());
      if (count > contacts / 64 + 1) return v.fail();
      if constexpr (V::loads) words.resize(count);
      for (auto& word : words) {
        v.seam();
        v(word);
      }
      if constexpr (V::loads) {
        members.for_each(static_cast<std::uint16_t>(i),
                         [&](std::uint32_t contact) { v.must(contact < contacts); });
      }
    }
  }

 private:
  std::vector<std::vector<std::uint64_t>> segments_;
};

}  // namespace itinera::engine
