// SPDX-License-Identifier: Apache-2.0
// Which shard an input is for.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "itinera/campaign.hpp"
#include "itinera/input.hpp"
#include "itinera/result.hpp"
#include "runtime/directory.hpp"

namespace itinera::runtime {

struct Route {
  enum class To : std::uint8_t {
    contact,  // the shard of whom it is about
    action,   // the shard that has the action
    all       // each
  };
  To to = To::contact;
  std::uint32_t shard = 0;   // of contact
  ActionId action = {};      // of action
  bool told_to_all = false;  // what it does to an address all others must know before they go on
  bool joins = false;        // it may be about several who must be in one shard: meetings.hpp
};

Route route_of(const Input& input, const Directory& directory);

}  // namespace itinera::runtime
