// SPDX-License-Identifier: Apache-2.0
// What a reader of files could not make out, and has reported. check() looks at all the rest, and
// leaves out what would only be an echo of it. What is built in C++ has no gaps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "itinera/campaign.hpp"
#include "itinera/diagnostic.hpp"
#include "itinera/limits.hpp"

namespace itinera {
class ZoneTable;
}  // namespace itinera

namespace itinera::model {

using Place = std::pair<std::uint32_t, std::uint32_t>;  // line and column

// CEL that is written over several lines: from byte `at` of its text on it stands there.
struct Piece {
  std::size_t at = 0;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};
// By where the CEL begins. Without pieces that is all there is to say.
using Pieces = std::map<Place, std::vector<Piece>>;

// Of one campaign.
struct Gaps {
  std::set<Place> partly;    // steps and goals of which a part could be read
  std::set<Place> kindless;  // steps whose kind is not known either; each stands as an empty `send`
  bool head = false;         // keys of the campaign itself
  bool goals = false;        // goals, with their names
  bool steps = false;        // lists of steps, with the ids, ways and variables in them
  Pieces pieces = {};        // of its CEL; no gap

  [[nodiscard]] bool empty() const {
    return partly.empty() && kindless.empty() && !head && !goals && !steps;
  }
  [[nodiscard]] static Place place(const SourceLocation& at) { return {at.line, at.column}; }
  [[nodiscard]] bool in(const SourceLocation& at) const {
    return partly.contains(place(at)) || kindless.contains(place(at));
  }
};

struct WorkspaceGaps {
  bool any = false;
  bool channels = false;
  bool topics = false;
  bool segments = false;
  bool schema = false;
  bool senders = false;
  bool policy = false;
  Pieces pieces = {};  // no gap
};

// check() of what was read: `gaps` has one element a campaign, or none.
Diagnostics check_read(const Workspace& workspace, const WorkspaceGaps& workspace_gaps,
                       std::span<const Campaign> campaigns, std::span<const Gaps> gaps,
                       const Limits& limits, const ZoneTable* zones);

}  // namespace itinera::model
