// SPDX-License-Identifier: Apache-2.0
// What the judge knows of accounts: whose sequences must stop when one of its contacts reacts.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include "itinera/campaign.hpp"
#include "property/judged_people.hpp"

namespace itinera::property {

// Journeys in flight, without strands. A campaign ends by what is reported of any contact of the
// account where an exit says so and asks nothing else; what a channel declares is left to others.
class Sequences {
 public:
  void begin(std::uint32_t journey, std::uint32_t contact) { in_flight_[journey] = contact; }
  void unite(std::uint32_t into, std::uint32_t from) {
    for (auto& [journey, contact] : in_flight_) {
      if (contact == from) contact = into;
    }
  }
  void end(std::uint32_t journey) {
    in_flight_.erase(journey);
    must_end_.erase(journey);
  }

  // `contact` has reacted. How many journeys of others must end because of that.
  template <class CampaignOf>
  std::size_t reacts(std::uint32_t contact, Receipt receipt, People& people,
                     CampaignOf campaign_of) {
    std::size_t of_others = 0;
    const std::uint32_t who = people.who_is(contact);
    for (const auto& [journey, entered] : in_flight_) {
      const std::uint32_t other = people.who_is(entered);
      if (!are_colleagues(who, other, people)) continue;
      if (!ends_by(campaign_of(journey), receipt)) continue;
      must_end_.insert(journey);
      if (other != who) ++of_others;
    }
    return of_others;
  }
  // At the end of the frame: whether some journey has not ended.
  [[nodiscard]] bool goes_on() const { return !must_end_.empty(); }

 private:
  static bool are_colleagues(std::uint32_t one, std::uint32_t other, People& people) {
    if (one == other) return true;
    const auto& account = people.of(one).account;
    const auto& its = people.of(other).account;
    return account && its && !account->value.empty() && account->value == its->value;
  }
  static bool ends_by(const Campaign& campaign, Receipt receipt) {
    return std::any_of(campaign.exits.begin(), campaign.exits.end(), [&](const ExitRule& exit) {
      return exit.trigger.account && exit.trigger.kind == Trigger::Kind::receipt &&
             exit.trigger.receipt == receipt && receipt != Receipt::declared && exit.when.empty();
    });
  }

  std::map<std::uint32_t, std::uint32_t> in_flight_;  // with the contact that entered
  std::set<std::uint32_t> must_end_;
};

}  // namespace itinera::property
