// SPDX-License-Identifier: Apache-2.0
// Two versions of a campaign, and what changed between them, in words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "itinera/campaign_diff.hpp"
#include "model/sample.hpp"
#include "support/catch.hpp"

namespace itinera::test {

using Lines = std::vector<std::string>;

inline Lines changes_of(const ModelDiff& found) {
  Lines lines;
  for (const ModelChange& change : found.changes) lines.push_back(to_text(change));
  return lines;
}

inline bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

inline Campaign next_version(const Sequence& steps) {
  Campaign campaign = with_steps(steps);
  campaign.version = 2;
  return campaign;
}

// From one list of steps to another, as version 1 and 2 of a campaign, without the line of that.
inline ModelDiff between(const Sequence& before, const Sequence& after) {
  ModelDiff found = diff(with_steps(before), next_version(after));
  REQUIRE_FALSE(found.changes.empty());
  CHECK(to_text(found.changes.front()) == "version 1 -> 2");
  found.changes.erase(found.changes.begin());
  return found;
}

inline Lines steps_between(const Sequence& before, const Sequence& after) {
  return changes_of(between(before, after));
}

inline Sequence mails(const std::vector<std::string>& ids) {
  Sequence steps;
  for (const std::string& id : ids) steps.send("email", {.id = id, .template_name = "t-" + id});
  return steps;
}

}  // namespace itinera::test
