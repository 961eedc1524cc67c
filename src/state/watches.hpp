// SPDX-License-Identifier: Apache-2.0
// When contacts are to be looked at though nothing comes in from them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "itinera/time.hpp"
#include "record/records.hpp"

namespace itinera::engine {

// What a number that Timers were given stands for: a journey's place, a contact's watch, a line or
// a schedule. So an engine watches at most 2^29 contacts.
inline constexpr std::uint32_t watch_mark = 0x8000'0000;
inline constexpr std::uint32_t line_mark = 0xC000'0000;
inline constexpr std::uint32_t schedule_mark = 0xE000'0000;
inline constexpr std::uint32_t account_mark = 0xF000'0000;
inline constexpr std::uint32_t schedules_max = account_mark - schedule_mark;
inline constexpr std::uint32_t timer_mask = 0x1FFF'FFFF;
inline bool is_journey(std::uint32_t timer) { return timer < watch_mark; }
inline bool is_line(std::uint32_t timer) { return timer >= line_mark; }

// The moment at which time alone may next change what is listened to about one contact: a segment,
// a condition of a goal, an exit or a wait, the coming of a date. It may be too early, never too
// late.
struct Watch {
  Instant due = record::no_deadline;
  Instant looked{INT64_MIN};  // the newest moment that has come
};

// By the contact's place. Empty while nothing that is loaded goes with the time.
class Watches {
 public:
  [[nodiscard]] Watch of(std::uint32_t contact) const {
    return contact < all_.size() ? all_[contact] : Watch{};
  }
  void set(std::uint32_t contact, const Watch& watch) {
    if (contact >= all_.size()) all_.resize(std::size_t{contact} + 1);
    Watch& old = all_[contact];
    if (old.due != record::no_deadline) --armed_;
    if (watch.due != record::no_deadline) ++armed_;
    old = watch;
  }
  // Beyond the places of all contacts that have ever had one.
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(all_.size()); }
  // For snapshots: those that say something.
  template <class V, class Self>
  static void walk(V& v, Self& watches, std::uint32_t contacts) {
    const auto says = [](const Watch& each) {
      return each.due != record::no_deadline || each.looked != Watch{}.looked;
    };
    const auto count = v.count(
        static_cast<std::uint64_t>(std::count_if(watches.all_.begin(), watches.all_.end(), says)));
    if constexpr (V::loads) {
      for (std::uint64_t i = 0; i < count && v.ok(); ++i) {
        v.seam();
        std::uint32_t contact = 0;
        Watch watch;
        v(contact, watch.due, watch.looked);
        if (contact >= contacts) return v.fail();
        watches.set(contact, watch);
      }
    } else {
      for (std::uint32_t contact = 0; contact < watches.size(); ++contact) {
        const Watch& watch = watches.all_[contact];
        if (!says(watch)) continue;
        v.seam();
        v(contact, watch.due, watch.looked);
      }
    }
  }
  // How many have a moment to come.
  [[nodiscard]] std::uint64_t armed() const { return armed_; }

 private:
  std::vector<Watch> all_;
  std::uint64_t armed_ = 0;
};

}  // namespace itinera::engine
