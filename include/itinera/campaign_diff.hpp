// SPDX-License-Identifier: Apache-2.0
// What one version of a campaign, or of a workspace, has that an earlier one had not: for whoever
// reads a change before it is published.
//
// Functions of what they are given, and nothing else. What they return owns its texts.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "itinera/campaign.hpp"

namespace itinera {

// One thing that is not as it was. Texts are as files have them: `1h`, `contact.tier == "gold"`.
struct ModelChange {
  enum class Kind : std::uint8_t { added, removed, renamed, moved, changed };
  // A `way` leads from one step to another. `policy`: one quiet hours, cap or group, or the
  // holdout.
  enum class What : std::uint8_t {
    campaign,
    entry,
    goal,
    exit,
    step,
    way,
    workspace,
    channel,
    sender,
    segment,
    policy
  };
  Kind kind = Kind::changed;
  What what = What::campaign;
  std::string campaign = {};  // empty: the workspace has changed
  // A step's id, a goal's name, what an entry listens to; of a way the step that it leaves. As it
  // is now, or was where it is gone.
  std::string name = {};
  std::string field = {};  // of `changed`: the key in files; of a way: what takes it, or nothing
  // What it was and is: a field's text, empty where there is none; the id of a step that was
  // renamed; the place of one that was moved; where a way leads. Of what was added or removed, what
  // it does.
  std::string before = {};
  std::string after = {};
  std::string place = {};  // of a step that was added or removed: where it stands, or stood
};

std::string_view name_of(ModelChange::Kind kind);  // "added"
std::string_view name_of(ModelChange::What what);  // "step"

// "step pause: wait 1h -> 2h"
std::string to_text(const ModelChange& change);

// `changes` in the order in which the newer one is written; what is gone stands where it stood.
// `warnings`: what a reader of the changes must know before it is published, a sentence each. Both
// are empty where nothing has changed but comments and the form of files.
struct ModelDiff {
  std::vector<ModelChange> changes = {};
  std::vector<std::string> warnings = {};
  [[nodiscard]] bool empty() const { return changes.empty() && warnings.empty(); }
};

// Two versions of one campaign, or two campaigns as if they were. Steps are the same by the rule of
// a Migration (StepAnswer); those without an id of their own, where that rule can tell none of them
// from another, by what they do.
ModelDiff diff(const Campaign& before, const Campaign& after);

// Two workspaces, each with its campaigns, which are the same by name; of one that stands there in
// several versions, the newest counts.
ModelDiff diff(const Workspace& before, std::span<const Campaign> campaigns_before,
               const Workspace& after, std::span<const Campaign> campaigns_after);

}  // namespace itinera
