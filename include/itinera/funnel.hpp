// SPDX-License-Identifier: Apache-2.0
// The first fold over the journal: how many came in, how far they got, and what stopped them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "itinera/result.hpp"
#include "itinera/snapshot.hpp"

namespace itinera {

using Counts = std::map<std::string, std::uint64_t>;

// One step that leaves a trace in the journal: send, wait, wait_for, branch, split, exit, and a
// `set` that writes an attribute.
struct FunnelStep {
  std::string id = {};
  std::string kind = {};
  std::string channel = {};     // of a send
  std::uint32_t depth = 0;      // how deep it is nested in others
  std::uint64_t reached = 0;    // different journeys that came to it, or moved there
  std::uint64_t actions = 0;    // emitted and not withdrawn
  std::uint64_t withdrawn = 0;  // before the host took them
  Counts skipped = {};          // by decision
  Counts choices = {};          // by case or variant
  Counts receipts = {};         // by name, each report counted, of what went out by this version
};

struct FunnelGoal {
  std::string name = {};
  std::uint64_t reached = 0;
  double value = 0.0;  // sum of the values that are numbers, in the order of the journal
};

// One campaign version. Who entered it or moved to it is in flight, has finished, has exited, or
// has moved away.
struct FunnelCampaign {
  std::string name = {};
  std::uint32_t version = 0;
  std::uint64_t entered = 0;
  std::uint64_t moved_in = 0;   // from another version
  std::uint64_t moved_out = 0;  // to another version
  std::uint64_t in_flight = 0;
  std::uint64_t finished = 0;
  Counts finished_by = {};  // by the text of the exit step that ended it
  std::uint64_t exited = 0;
  Counts exited_by = {};               // by reason
  Counts refused = {};                 // by decision and reason: "refused_reentry: too_soon"
  std::vector<FunnelStep> steps = {};  // in document order
  std::vector<FunnelGoal> goals = {};  // as written
};

struct FunnelTotals {
  Counts inputs = {};  // what the host fed and was journaled, by kind
  Counts events = {};  // by name, duplicates left out
  std::uint64_t duplicates = 0;
  // That there are: whoever was linked or merged is one with whom they became, and whoever was
  // forgotten is nobody.
  std::uint64_t contacts = 0;   // known by an id of the host
  std::uint64_t anonymous = 0;  // known by an anonymous id only
  std::map<std::pair<std::string, std::string>, std::uint64_t> sends =
      {};  // month "2011-03", channel
};

// Counts a journal from its beginning. Not thread-safe; owns what it hands out.
class Funnel {
 public:
  Funnel();
  Funnel(Funnel&&) noexcept;
  Funnel& operator=(Funnel&&) noexcept;
  ~Funnel();

  // Counts frames, which continue those counted before; a torn last one is left out. Errors:
  // damaged_journal, unsupported_version; the counts are then those up to the damage, and nothing
  // more may be read.
  Result<void> read(std::span<const std::byte> journal);

  // What was counted so far, a checkpoint: whoever loads it reads on behind the frames that were
  // counted, and need not have those any more. It has no text of a contact, no id nor key, but the
  // ids of actions that the host has not taken; so after Runtime::erase() make another one. Error:
  // that of the writer.
  Result<void> save(SnapshotWriter& to) const;
  // Errors: damaged_journal, unsupported_version, those of the reader.
  static Result<Funnel> load(SnapshotReader& from);

  [[nodiscard]] const FunnelTotals& totals() const;
  // In the order of publication.
  [[nodiscard]] const std::vector<FunnelCampaign>& campaigns() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A table a campaign, in plain text with bars, and the same for the totals and for sends per
// channel and month (UTC). Ends with a newline.
std::string to_text(const FunnelCampaign& campaign);
std::string to_text(const FunnelTotals& totals);

}  // namespace itinera
