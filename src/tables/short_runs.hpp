// SPDX-License-Identifier: Apache-2.0
// Journeys that are gone again at the instant at which they entered: those that enter then count
// them, so that each has an id of its own.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace itinera::engine {

// A journey that entered and was closed within the current instant.
struct ShortRun {
  std::uint32_t contact = 0;
  std::uint16_t family = 0;
  std::uint16_t ordinal = 0;
  template <class V>
  void fields(V& v) {
    v(contact, family, ordinal);
  }
};

// The same of a contact that was forgotten within it, by the upper half of its id's stable hash.
// Should it come again at this instant, its journeys are others all the same.
struct ForgottenRun {
  std::uint64_t contact_hash = 0;
  std::uint16_t family = 0;
  std::uint16_t ordinal = 0;
  template <class V>
  void fields(V& v) {
    v(contact_hash, family, ordinal);
  }
};

// How often a contact can enter a campaign at one instant: a journey's ordinal is one less.
inline constexpr std::uint16_t entries_at_once_max = 0xFFFF;

// How many entries there were, of which one has that ordinal.
inline std::uint16_t entries_with(std::uint16_t ordinal) {
  return ordinal == entries_at_once_max ? ordinal : static_cast<std::uint16_t>(ordinal + 1);
}

class ShortRuns {
 public:
  void add(const ShortRun& run) {
    all_.push_back(run);
    if (!entries_.empty()) return note(run);
    if (all_.size() <= few) return;
    for (const ShortRun& each : all_) note(each);
  }
  void clear() {
    all_.clear();
    entries_.clear();
  }
  // How often the contact entered the campaign, as far as these tell.
  [[nodiscard]] std::uint16_t entries(std::uint32_t contact, std::uint16_t family) const {
    std::uint16_t count = 0;
    if (!entries_.empty()) {
      const auto found = entries_.find({contact, family});
      return found == entries_.end() ? count : found->second;
    }
    for (const ShortRun& run : all_) {
      const bool is_it = run.contact == contact && run.family == family;
      if (is_it) count = std::max(count, entries_with(run.ordinal));
    }
    return count;
  }
  void forget(std::uint32_t contact) {
    std::erase_if(all_, [&](const ShortRun& run) { return run.contact == contact; });
    const auto first = entries_.lower_bound({contact, 0});
    auto last = first;
    while (last != entries_.end() && last->first.first == contact) ++last;
    entries_.erase(first, last);
  }
  // As they were closed.
  [[nodiscard]] auto begin() const { return all_.begin(); }
  [[nodiscard]] auto end() const { return all_.end(); }
  // For snapshots.
  template <class V, class Self>
  static void walk(V& v, Self& runs) {
    const std::uint64_t count = v.count(runs.all_.size());
    if constexpr (V::loads) {
      for (std::uint64_t i = 0; i < count && v.ok(); ++i) {
        v.seam();
        ShortRun run;
        v(run);
        runs.add(run);
      }
    } else {
      for (const ShortRun& run : runs.all_) {
        v.seam();
        v(run);
      }
    }
  }

 private:
  static constexpr std::size_t few = 16;  // are looked through: no more is kept of them

  void note(const ShortRun& run) {
    std::uint16_t& count = entries_[{run.contact, run.family}];
    count = std::max(count, entries_with(run.ordinal));
  }

  std::vector<ShortRun> all_;
  std::map<std::pair<std::uint32_t, std::uint16_t>, std::uint16_t> entries_;  // empty: they are few
};

}  // namespace itinera::engine
