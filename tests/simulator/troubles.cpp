// SPDX-License-Identifier: Apache-2.0
// What befalls a simulated host: crashes, disks that fail, owners that are replaced.
#include <string>
#include <utility>

#include "property/host.hpp"
#include "simulator/simulation.hpp"

namespace itinera::simulator {

Fault Simulation::any_fault() { return static_cast<Fault>(1 + choices_.below(5)); }

std::uint64_t Simulation::lottery() { return choices_.below(1u << 30); }

void Simulation::plan_a_fault() {
  if (!choices_.chance(fault_share_, 100)) return;
  // Soon, or in the midst of something long, such as an erasing.
  const std::uint32_t calls = choices_.chance(1, 6) ? 150 : 12;
  const std::size_t countdown = 1 + choices_.below(calls);
  if (!is_shared_ && choices_.chance(1, 2)) {
    disk_.plan_below(lottery(), countdown);
  } else {
    plan_any(countdown);
  }
}

// Each draw is a statement: compilers evaluate arguments in orders of their own.
void Simulation::plan_any(std::size_t countdown) {
  const Fault fault = any_fault();
  disk_.plan(fault, countdown, lottery());
}

void Simulation::kill(bool kept) {
  const bool power = choices_.chance(1, 2);
  disk_.kill(kept, power, lottery());
}

void Simulation::crash(bool kept) {
  say("crashes");
  ++tally_["crashes"];
  kill(kept);
  reopen();
}

// Somebody else takes the store over, and this process does not know.
void Simulation::be_replaced() {
  if (!is_shared_ || !settle()) return;
  say("is replaced");
  disk_.plan(Fault::none, 0, 0);
  Result<Runtime> other = open();
  if (!other) return wrong("a second owner", other.error().message);
  const Properties attributes{{"tier", "gold"}};
  Identify late;
  late.contact = "ola";
  late.attributes = attributes;
  late.envelope.received = clock_;
  const Input input = late;
  const Position durable = disk_.durable();
  const bool writes = runtime_->feed({&input, 1}).has_value();  // else too much waits
  const Result<void> committed = runtime_->commit(*this);
  // Of two processes that both believe to be the owner only one is.
  const bool is_told = committed || committed.error().code == ErrorCode::fenced;
  if ((writes && committed) || !is_told || disk_.durable() != durable) {
    return wrong("a second owner", "who was replaced writes on");
  }
  ++tally_["owners replaced"];
  runtime_.emplace(std::move(*other));
  opened();
}

// The answer to an error: who hears that the disk failed opens the store again.
void Simulation::overcome(const Error& error, const char* what) {
  say("{}: {}", what, error.message);
  const bool has_fired = disk_.has_fired();
  if (!has_fired && !disk_.is_dead()) {
    return wrong("an error that nothing explains", fmt::format("{}: {}", what, error.message));
  }
  const bool has_died = disk_.is_dead();
  const auto next = runtime_->feed({});
  if (!has_died && next && is_shared_) return;  // it was no append, so nothing is uncertain
  ++tally_[has_died ? "crashes" : "errors that ended a runtime"];
  kill(false);
  reopen();
}

Result<Runtime> Simulation::open() {
  std::string lost;
  Result<std::unique_ptr<Store>> store = disk_.open(lost);
  wrong("nothing acknowledged is lost", lost);
  if (!store) return store.error();
  if (choices_.chance(1, 6)) disk_.rot(lottery());
  return Runtime::open(std::move(*store), property::engine_options(), options_);
}

void Simulation::reopen() {
  runtime_.reset();
  for (int attempt = 0; wrong_.empty(); ++attempt) {
    disk_.restart();
    if (attempt < 3 && choices_.chance(1, 3)) {
      plan_any(1 + choices_.below(5));
    }
    Result<Runtime> found = open();
    if (found) {
      runtime_.emplace(std::move(*found));
      return opened();
    }
    say("cannot be opened: {}", found.error().message);
    if (!disk_.has_fired() && !disk_.is_dead()) {
      return wrong("what is there can be opened", found.error().message);
    }
    ++tally_["deaths while opening"];
    kill(false);
  }
}

void Simulation::opened() {
  ++tally_["restores"];
  pull();
  made_ = failed_ = 0;
  is_asked_ = false;
  ledger_.restarted();
  deliveries_.restarted();
  // A snapshot and what follows it are the journal from its first frame on.
  if (follower_) {
    wrong("what is recovered is what was durable", same_state(*follower_, *runtime_));
  }
  rewind();
  say("opened at {}, feeds from {}", disk_.durable(), next_);
}

}  // namespace itinera::simulator
