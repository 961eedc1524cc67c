// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

namespace itinera::engine {

// Finds what is a contact's in a list that is in no order of contacts. Where many are asked for and
// nothing is added in between, as when all go to another shard, it is put in such an order once.
class OfContact {
 public:
  // Something was added, or has become another's.
  void changed() {
    if (looks_ == 0) return;
    looks_ = 0;
    all_ = {};
  }
  // The places of what is theirs, in the list's order; of what has gone since, too. walk(visit)
  // must call visit(contact, place) for all of the list.
  template <class Walk>
  [[nodiscard]] std::vector<std::uint32_t> find(std::span<const std::uint32_t> contacts,
                                                Walk walk) {
    constexpr std::uint32_t looks_max = 4;
    std::vector<Each> found;
    std::uint32_t number = 0;
    if (looks_ < looks_max) {
      ++looks_;
      walk([&](std::uint32_t contact, std::uint32_t place) {
        const bool is_theirs = std::ranges::find(contacts, contact) != contacts.end();
        if (is_theirs) found.emplace_back(contact, number, place);
        ++number;
      });
    } else {
      if (looks_ == looks_max) {
        ++looks_;
        walk([&](std::uint32_t contact, std::uint32_t place) {
          all_.emplace_back(contact, number++, place);
        });
        std::ranges::sort(all_);
      }
      for (const std::uint32_t contact : contacts) {
        auto at = std::ranges::lower_bound(all_, Each{contact, 0, 0});
        for (; at != all_.end() && std::get<0>(*at) == contact; ++at) found.push_back(*at);
      }
    }
    if (contacts.size() > 1)
      std::ranges::sort(found, {}, [](const Each& e) { return std::get<1>(e); });
    std::vector<std::uint32_t> places;
    for (const Each& each : found) places.push_back(std::get<2>(each));
    return places;
  }

 private:
  using Each = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>;  // contact, number, place
  std::vector<Each> all_;
  std::uint32_t looks_ = 0;  // since something was added
};

}  // namespace itinera::engine
