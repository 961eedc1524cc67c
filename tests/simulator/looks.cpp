// SPDX-License-Identifier: Apache-2.0
// What must be so of a simulated host: after each step, now and then, and at the end.
#include <fmt/format.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "property/host.hpp"
#include "property/policy_judge.hpp"
#include "simulator/reference.hpp"
#include "simulator/simulation.hpp"

namespace itinera::simulator {
namespace {

using property::Command;

// Whether the journal has a frame of each such command that is not refused. Of an event whose type
// nothing names it has none: these two the segments name.
bool leaves_a_frame(const Command& command) {
  using Kind = Command::Kind;
  if (command.kind == Kind::event) return command.name == "order" || command.name == "visit";
  return command.kind == Kind::identify || command.kind == Kind::alias ||
         command.kind == Kind::merge || command.kind == Kind::group ||
         command.kind == Kind::enter || command.kind == Kind::forget ||
         command.kind == Kind::suppress || command.kind == Kind::move;
}

}  // namespace

bool Simulation::settle() {
  // Between the first and the second the committer takes what it was handed before.
  for (int i = 0; i < 2; ++i) {
    if (!went_well(runtime_->cursor("nobody"), "settle")) return false;
  }
  if (makes_snapshots_ && !wait_for_snapshots()) return false;
  pull();
  return true;
}

// While one is made its calls of the store and the host's would come in any order.
bool Simulation::wait_for_snapshots() {
  for (;;) {
    const Result<RuntimeStatus> status = runtime_->status(0);
    if (!went_well(status, "settle")) return false;
    if (status->snapshot_under_way) {
      std::this_thread::yield();
      continue;
    }
    tally_["snapshots that nobody asked for"] += status->snapshots_made - made_;
    made_ = status->snapshots_made;
    if (status->snapshots_failed == std::exchange(failed_, status->snapshots_failed)) return true;
    if (!std::exchange(is_asked_, false) && !disk_.has_fired()) {
      wrong("a snapshot that nothing prevents", status->snapshot_error->message);
    }
    return true;
  }
}

void Simulation::pull() {
  const base::Bytes fresh = disk_.take_fresh();
  if (fresh.empty()) return;
  wrong("the journal", ledger_.add(fresh));
  deliveries_.taken(ledger_.take_taken());
  if (follower_) {
    if (const Result<void> done = follower_->follow(fresh); !done) {
      wrong("the journal can be followed", done.error().message);
    }
    return;
  }
  Result<runtime::Shards> first = runtime::Shards::restore(fresh, property::engine_options());
  if (!first) return wrong("the journal can be followed", first.error().message);
  follower_.emplace(std::move(*first));
}

void Simulation::made_durable() {
  pull();
  deliveries_.made_durable();
  for (; durable_ < next_; ++durable_) taken_once(durable_);
}

// What is acknowledged is in the journal, and nothing that was fed twice is there twice.
void Simulation::taken_once(std::size_t index) {
  const Sent& sent = sent_[index];
  const Command& command = world_.commands[index];
  if (!sent.own_id || sent.refused || sent.may_repeat || !leaves_a_frame(command)) return;
  const std::size_t times = ledger_.times_taken(command.source, command.message_id);
  if (times == 1) return;
  wrong("every input once", fmt::format("input {} is there {} times", index, times));
}

void Simulation::look_at_deliveries() {
  if (const std::vector<ActionId> left = ledger_.passed_over(); !left.empty()) {
    wrong("what is open is offered again",
          fmt::format("{} actions are not, {} first", left.size(), to_text(left.front().hash)));
  }
  if (all_given_) wrong("what is taken is given", deliveries_.nothing_is_kept_back());
  if (polled_) wrong("leases end", deliveries_.no_lease_has_ended(*polled_));
}

void Simulation::look() {
  for (std::uint32_t shard = 0; shard < runtime_->shards(); ++shard) {
    const Engine& engine = runtime_->engine(shard);
    wrong("views agree", views_agree(engine, contacts_));
    wrong("nobody is stranded", nobody_is_stranded(engine, contacts_, steps_));
    wrong("nothing is overdue", nothing_is_overdue(engine));
  }
  const Result<RuntimeStatus> status = runtime_->status(1);
  if (!went_well(status, "status")) return;
  if (status->journal.durable != disk_.durable() || status->pending_actions > 0) {
    wrong("the status",
          fmt::format("it tells of {}, with {} actions to come, and {} is durable",
                      status->journal.durable, status->pending_actions, disk_.durable()));
  }
  if (status->leases < deliveries_.leases(runtime_->now()) ||
      status->leases > deliveries_.leases()) {
    wrong("the status",
          fmt::format("it tells of {} leases, and the host has {}, of which {} run", status->leases,
                      deliveries_.leases(), deliveries_.leases(runtime_->now())));
  }
  ++tally_["looks"];
  if (!choices_.chance(1, 4)) return;
  if (!went_well(runtime_->advance_to(runtime_->now()), "advance") || !settle()) return;
  wrong("who follows knows what who decides knows", follows(*follower_, *runtime_));
}

void Simulation::finish() {
  disk_.plan(Fault::none, 0, 0);
  if (!went_well(runtime_->advance_to(clock_ + 40 * day_ms), "advance")) return;
  if (!went_well(runtime_->commit(*this), "commit") || !settle()) return;
  made_durable();
  wrong("what is taken is given", deliveries_.nothing_is_kept_back());
  if (!wrong_.empty()) return;
  const auto whole = runtime::Shards::restore(ledger_.journal(), property::engine_options());
  if (!whole) return wrong("the journal can be restored", whole.error().message);
  wrong("restored at once or bit by bit", same_state(*whole, *follower_));
  // What several engines decide the properties hold against what one does.
  if (runtime_->shards() > 1) return;
  wrong("the judge of policy", property::judge(ledger_.journal()));
  wrong("a run in which nothing fails decides the same", decides_the_same());
}

std::string Simulation::decides_the_same() {
  Reference reference(world_.publications);
  for (std::size_t i = 0; i < sent_.size(); ++i) {
    if (sent_[i].prepared) reference.may_be_fed(world_.commands[i]);
  }
  for (const property::Command& each : reports_) reference.may_be_fed(each);
  std::string wrong = reference.run(ledger_.journal());
  tally_["actions decided alike without a failure"] += reference.actions();
  return wrong;
}

}  // namespace itinera::simulator
