// SPDX-License-Identifier: Apache-2.0
// Those who come into campaigns by themselves and not one by one: in lines, and at the occurrences
// of schedules.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "base/zone_table.hpp"
#include "plan/plan.hpp"
#include "record/records.hpp"

namespace itinera::engine {

// Contacts that wait to enter by one entry, first come, first in, as many at a time as its ramp
// lets. Lines are few, and are kept.
struct Line {
  EntryRef ref;  // version no_version: nobody comes in by it any more
  std::deque<std::uint32_t> contacts;
  Instant due = record::no_deadline;
  Instant period = earliest_instant;  // of the ramp, when it began
  std::uint32_t let_in = 0;           // in that period
};

// Which of them leads in by that entry; their count, the number of a new one, if none does yet.
inline std::uint32_t line_of(const std::vector<Line>& lines, const EntryRef& ref) {
  const auto at = std::find_if(lines.begin(), lines.end(), [&ref](const Line& line) {
    return line.ref.version == ref.version && line.ref.entry == ref.entry;
  });
  return static_cast<std::uint32_t>(at - lines.begin());
}

// The next occurrence of a schedule by the clocks of one zone.
struct Schedule {
  EntryRef ref;
  ZoneIndex zone = ZoneIndex::utc;
  Instant due = record::no_deadline;
};

// Who has moved to where the clock is behind, and has had what comes again there by its entries. Of
// nobody else anything is kept, and not for long.
class PassedTimes {
 public:
  // earliest_instant: none. `way` as way_of() gives it.
  [[nodiscard]] Instant until(std::uint32_t contact, std::uint64_t way) const {
    const auto at = all_.find({contact, way});
    return at == all_.end() ? earliest_instant : at->second;
  }
  [[nodiscard]] bool empty() const { return all_.empty(); }
  void put(std::uint32_t contact, std::uint64_t way, Instant until, Instant now);
  // What either of two contacts has had, `into` has had from now on.
  void unite(std::uint32_t into, std::uint32_t from);
  void forget(std::uint32_t contact);
  // Calls visit(way, until) for what the contact has had.
  template <class Visit>
  void for_each_of(std::uint32_t contact, Visit visit) const {
    for (auto at = all_.lower_bound({contact, 0}); at != all_.end() && at->first.first == contact;
         ++at) {
      visit(at->first.second, at->second);
    }
  }
  // For snapshots.
  template <class V, class Self>
  static void walk(V& v, Self& passed) {
    const std::uint64_t count = v.count(passed.all_.size());
    if constexpr (V::loads) {
      for (std::uint64_t i = 0; i < count && v.ok(); ++i) {
        v.seam();
        std::pair<std::uint32_t, std::uint64_t> at;
        Instant until;
        v(at.first, at.second, until);
        passed.all_[at] = until;
      }
    } else {
      for (const auto& [at, until] : passed.all_) {
        v.seam();
        v(at.first, at.second, until);
      }
    }
    v(passed.kept_);
  }

 private:
  std::map<std::pair<std::uint32_t, std::uint64_t>, Instant> all_;
  std::uint64_t kept_ = 0;  // when what is over was dropped last
};

// Stands for an entry by date or schedule, in all versions of its campaign that say the same of
// when it comes.
std::uint64_t way_of(const CampaignPlan& plan, const EntryPlan& entry);

// How many journeys a campaign has begun, for its caps.
struct Begun {
  std::uint64_t total = 0;
  std::uint64_t today = 0;
  Instant day_ends = earliest_instant;
  template <class V>
  void fields(V& v) {
    v(total, today, day_ends);
  }
};

struct Arrivals {
  std::vector<Line> lines;
  std::vector<Schedule> schedules;
  PassedTimes passed;
  std::vector<Begun> begun;  // by family
  Instant published;         // the newest publication; nothing asks for it but snapshots' bytes
};

}  // namespace itinera::engine
