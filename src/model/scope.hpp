// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "expr/program.hpp"
#include "itinera/campaign.hpp"
#include "itinera/limits.hpp"
#include "model/gaps.hpp"

namespace itinera::model {

// What a condition may see, by where it stands. All but an address may also ask the contact's
// history (count, sum, last, since_last, ever), for segments (in_segment), consent and addresses
// (consented, reachable); where there is a journey, also what became of its steps (outcome).
enum class Scope : std::uint8_t {
  entry,      // contact, event, now                     entry when and key
  address,    // contact, now                            a channel's address
  step,       // contact, entry, journey, now            when, until, data, set, branch, value
  receiving,  // as step, and `event`                    a goal, exit or wait on an event
  contact,    // contact, now                            a segment; an entry without an event
};

// Of segments that ask for each other, one after the other, as many can be asked; a condition finds
// nobody in what lies deeper.
inline constexpr std::uint32_t segment_depth_max = 16;

// The declarations of `scope` in `campaign`: `journey` has the variables that some step of the
// campaign sets (`set` with journey.x, `as`), and `key`; any where not all are known.
expr::Declarations declarations(const Campaign& campaign, Scope scope, bool variables_known = true);

// What of a workspace the names in its conditions are held against. Names that could not be read,
// or are too many to look for, are any.
struct Vocabulary {
  Vocabulary() = default;  // nothing is known
  Vocabulary(const Workspace& workspace, const WorkspaceGaps& gaps, const Limits& limits);

  // Narrows `declared` to the segments and channels, and by the schema to the attributes of
  // `contact` and to the properties of `entry`, where all entries of `campaign` are by events that
  // it lists.
  void narrow(expr::Declarations& declared, const Campaign& campaign) const;
  // The same to the properties of `event`, which is one of this name.
  void narrow_event(expr::Declarations& declared, std::string_view event) const;

  const std::vector<Segment>* segments = nullptr;
  const std::vector<Channel>* channels = nullptr;
  const Schema* schema = nullptr;
};

// The journey variables that some step of the campaign sets, without "journey.", sorted.
std::vector<std::string> journey_variables(const Campaign& campaign);

}  // namespace itinera::model
