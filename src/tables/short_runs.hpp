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
  [[nodiscard]] std::uint32_t whose() const { return contact; }
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
  [[nodiscard]] std::uint64_t whose() const { return contact_hash; }
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

// Of each whom such runs are of, and each campaign, the newest of them. A few runs are looked
// through; more stand in a tree, so that whoever enters or is forgotten finds their own.
template <class Run>
class RunTable {
 public:
  using Whose = decltype(Run{}.whose());

  void add(const Run& run) {
    if (newest_.empty() && few_.size() < few) {
      few_.push_back(run);
      return;
    }
    for (const Run& each : few_) note(newest_, each);
    wipe_few();
    note(newest_, run);
  }
  [[nodiscard]] bool empty() const { return few_.empty() && newest_.empty(); }
  // Nothing of them is left in memory.
  void clear() {
    wipe_few();
    while (!newest_.empty()) newest_.extract(newest_.begin()).key() = {};
  }
  // How many entries into the campaign there were, as far as these tell.
  [[nodiscard]] std::uint16_t entries(Whose whose, std::uint16_t family) const {
    if (const auto found = newest_.find({whose, family}); found != newest_.end()) {
      return entries_with(found->second);
    }
    std::uint16_t count = 0;
    for (const Run& run : few_) {
      const bool is_it = run.whose() == whose && run.family == family;
      if (is_it) count = std::max(count, entries_with(run.ordinal));
    }
    return count;
  }
  // Calls visit(run) for those that leave, the newest of each campaign among them.
  template <class Visit>
  void take_all(Whose whose, Visit visit) {
    std::erase_if(few_, [&](const Run& run) {
      const bool is_it = run.whose() == whose;
      if (is_it) visit(run);
      return is_it;
    });
    for (auto at = newest_.lower_bound({whose, 0}); at != newest_.end() && at->first.first == whose;
         at = newest_.erase(at)) {
      visit(run_of(*at));
    }
  }
  // Calls visit(run) for the newest of each, in order.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const auto& each : in_order()) visit(run_of(each));
  }
  // For snapshots: the same bytes, in whatever order they came.
  template <class V, class Self>
  static void walk(V& v, Self& runs) {
    if constexpr (V::loads) {
      const std::uint64_t count = v.count(0);
      for (std::uint64_t i = 0; i < count && v.ok(); ++i) {
        v.seam();
        Run run;
        v(run);
        runs.add(run);
      }
    } else {
      v.count(runs.in_order().size());
      runs.for_each([&v](const Run& run) {
        v.seam();
        v(run);
      });
    }
  }

 private:
  using Newest = std::map<std::pair<Whose, std::uint16_t>, std::uint16_t>;  // their ordinals
  static constexpr std::size_t few = 16;

  static void note(Newest& newest, const Run& run) {
    std::uint16_t& ordinal = newest[{run.whose(), run.family}];
    ordinal = std::max(ordinal, run.ordinal);
  }
  static Run run_of(const typename Newest::value_type& each) {
    return {each.first.first, each.first.second, each.second};
  }
  [[nodiscard]] Newest in_order() const {
    Newest all = newest_;
    for (const Run& run : few_) note(all, run);
    return all;
  }
  void wipe_few() {
    std::fill(few_.begin(), few_.end(), Run{});
    few_.clear();
  }

  std::vector<Run> few_;
  Newest newest_;  // empty as long as they are few
};

using ShortRuns = RunTable<ShortRun>;
using ForgottenRuns = RunTable<ForgottenRun>;

}  // namespace itinera::engine
