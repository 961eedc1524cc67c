// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "insight/census.hpp"
#include "itinera/campaign.hpp"
#include "itinera/funnel.hpp"
#include "itinera/snapshot.hpp"
#include "itinera/store.hpp"
#include "itinera/time.hpp"

namespace itinera::cli {

// Counts a journal as it passes by.
class JournalWatch {
 public:
  // Without `with_funnel` the funnel stays empty, which saves time and memory.
  explicit JournalWatch(bool with_funnel) : with_funnel_(with_funnel) {}

  // What continues the bytes that it saw before. After a failure it counts no more.
  void see(std::span<const std::byte> frames);
  // What it has counted. One that was made with a funnel goes on counting that whatever is asked;
  // one without is the error invalid_argument where a funnel is. Errors otherwise: those of
  // Funnel::save() and load().
  Result<void> save(SnapshotWriter& to) const;
  static Result<JournalWatch> load(SnapshotReader& from, bool with_funnel);

  [[nodiscard]] bool has_funnel() const { return with_funnel_; }
  [[nodiscard]] const insight::Census& census() const { return census_; }
  [[nodiscard]] const Funnel& funnel() const { return funnel_; }
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }
  // Of messages in the order of their reception, those received before that had been taken; empty
  // where that is certain of none. Messages that are taken later than they were received, because
  // their instant was closed or a publication came first, do not say when that was.
  [[nodiscard]] std::optional<Instant> taken_until() const { return taken_until_; }

 private:
  bool with_funnel_;
  insight::Census census_;
  Funnel funnel_;
  std::optional<Error> failure_;
  std::optional<Instant> taken_until_;
  std::optional<Instant> moved_to_;  // the newest instant to which messages may have been moved
};

// Whether a run may go on with what it was shown.
using Check = std::function<Result<void>(const insight::Census& published)>;

// A store that shows `watch`, which must outlive it, all that it has when it is claimed, and all
// that is appended, and leaves keeping it to `kept`; null keeps nothing, for runs that nobody will
// continue. Beside each snapshot of an engine it puts what was counted, from which the next one
// goes on. Claiming it is an error, and leaves the store to its owner, where `may_claim` says so,
// and the error invalid_argument where the beginning of the journal is gone and nothing that was
// counted stands for it.
std::unique_ptr<Store> watched_store(std::unique_ptr<Store> kept, JournalWatch& watch,
                                     Check may_claim);

// Whether the campaigns of a folder may take the place of those that a store has published.
// Error: conflict (it is the store of another workspace, or has a version with other content).
Result<void> may_publish(const insight::Census& published, const Workspace& workspace,
                         std::span<const Campaign> campaigns);

// What there is to warn of where the campaigns of a folder take the place of those that were
// published: one that takes entries and is left out, or was left out and has journeys under way
// still, and one whose version goes back.
std::vector<std::string> republishing(std::span<const insight::Census::Version> published,
                                      std::span<const Campaign> campaigns);

}  // namespace itinera::cli
