// SPDX-License-Identifier: Apache-2.0
// Who must be in one shard before an input can be taken: ids that it says are one person's; a
// contact, and the account that it joins, whose contacts are all in the shard of its name.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "itinera/input.hpp"
#include "runtime/directory.hpp"
#include "runtime/lane.hpp"

namespace itinera::runtime {

struct Meeting {
  std::uint32_t shard = 0;
  std::string contact;             // whom it is about
  std::vector<std::string> come;   // who are elsewhere, by an id of each
  std::vector<std::string> fresh;  // ids of which nothing is known: they will be here
  bool is_open = false;            // who must come hangs on what the lanes are still to be fed
  bool is_alone = false;           // what follows may be for another shard than before
};

// Of an input whose route says that it joins; `lanes` are at rest.
Meeting meeting_of(const Input& input, const Directory& directory, const std::vector<Lane>& lanes);

}  // namespace itinera::runtime
