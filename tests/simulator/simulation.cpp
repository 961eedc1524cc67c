// SPDX-License-Identifier: Apache-2.0
#include "simulator/simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "model/walk.hpp"
#include "property/host.hpp"
#include "property/random_world.hpp"
#include "property/shard_equivalences.hpp"
#include "runtime/leases.hpp"

namespace itinera::simulator {
namespace {

using property::Choices;
using property::Command;
using property::World;

constexpr std::int64_t never_forgotten = 4'000 * day_ms;

World world_of(std::uint64_t seed, const Simulation::Manner& manner) {
  Choices choices(seed);
  const std::uint32_t publications = 1 + choices.below(std::max(2u, manner.inputs / 100));
  World world = random_years(choices, {.inputs = manner.inputs}, publications);
  // The runtime feeds these itself; a token is of another engine's journey.
  std::erase_if(world.commands, [](const Command& each) {
    return each.kind == Command::Kind::reoffer || each.kind == Command::Kind::acknowledge ||
           each.kind == Command::Kind::take_over;
  });
  const bool forgets_ids = choices.chance(1, 4);
  for (property::Publication& each : world.publications) {
    if (!forgets_ids) each.workspace.dedupe_ms = never_forgotten;
  }
  if (manner.shards > 1) {
    property::make_shardable(world);
    property::join_more(world, choices);
    property::share_later(world, choices);
  }
  return world;
}

std::vector<std::string> people_of(const World& world) {
  std::set<std::string> people;
  for (const Command& command : world.commands) {
    people.insert({command.contact, command.into});
    if (!command.anonymous.empty()) people.insert("anonymous:" + command.anonymous);
  }
  people.erase("");
  return {people.begin(), people.end()};
}

Steps steps_of(const World& world) {
  Steps steps;
  for (const property::Publication& publication : world.publications) {
    for (const Campaign& campaign : publication.campaigns) {
      std::set<std::string>& all = steps[{campaign.name, campaign.version}];
      model::for_each_step(campaign.steps, [&](const Step& step) { all.insert(step.id); });
    }
  }
  return steps;
}

bool has_message_id(Command::Kind kind) {
  using Kind = Command::Kind;
  return kind != Kind::stop && kind != Kind::pause && kind != Kind::resume &&
         kind != Kind::publish && kind != Kind::advance;
}

}  // namespace

Simulation::Simulation(std::uint64_t seed, const Manner& manner, Tally& tally)
    : is_verbose_(manner.is_verbose),
      tally_(tally),
      choices_(seed ^ 0x5EED'0000'0000'0000u),
      world_(world_of(seed, manner)),
      sent_(world_.commands.size()),
      contacts_(people_of(world_)),
      steps_(steps_of(world_)),
      is_shared_(!choices_.chance(1, 8)),
      disk_(is_shared_ ? memory_medium() : sqlite_medium(), tally),
      ledger_(tally),
      deliveries_(ledger_, tally) {
  options_.shards = manner.shards;
  options_.threads = 1 + static_cast<std::uint32_t>(seed % 3);
  options_.delivery = choices_.chance(1, 8) ? Delivery::once : Delivery::known;
  polls_ = options_.delivery == Delivery::known && choices_.chance(1, 2);
  is_narrow_ = choices_.chance(1, 4);
  if (is_narrow_) options_.limits.waiting_actions_max = 10;
  draw_upkeep(seed);
  fault_share_ = is_shared_ ? choices_.below(5) : 4 + choices_.below(6);
  dedupe_ms_ = world_.publications.front().workspace.dedupe_ms;
  clock_ = world_.commands.front().received;
  tally_["seeds over SQLite"] += is_shared_ ? 0 : 1;
}

// A snapshot that nobody asks for begins where frames are handed to the disk: one call must hand
// over no more than once then. A poll() that finds its bounds passed on the way does it twice.
void Simulation::draw_upkeep(std::uint64_t seed) {
  static constexpr std::uint64_t snapshots[] = {0, 0, 500, 3'000, 20'000};
  static constexpr std::uint64_t bounds[] = {0, 1, 5'000, 100'000};
  Choices choices(seed ^ 0x0BEE'0000'0000'0000u);
  Upkeep& upkeep = options_.upkeep;
  upkeep = {choices.one_of(snapshots), choices.one_of(bounds), 0, 0};
  if (choices.chance(1, 4)) upkeep.journal_age_max_ms = 30 * day_ms;
  if (choices.chance(1, 4)) upkeep.erase_after_ms = day_ms;
  if (polls_ && is_narrow_) upkeep.snapshot_after_bytes = 0;
  if (polls_ && is_narrow_) upkeep.erase_after_ms = 0;
  makes_snapshots_ = upkeep.snapshot_after_bytes > 0 || upkeep.erase_after_ms > 0;
}

Simulation::~Simulation() {
  disk_.kill(false, false, 0);  // so that no thread waits for a disk that is held
}

void Simulation::wrong(std::string_view invariant, std::string_view what) {
  if (wrong_.empty() && !what.empty()) wrong_ = fmt::format("{}: {}", invariant, what);
}

std::string Simulation::run() {
  reopen();
  while (wrong_.empty() && next_ < world_.commands.size()) step();
  if (wrong_.empty()) finish();
  return wrong_;
}

void Simulation::step() {
  ++step_;
  all_given_ = false;
  polled_.reset();
  plan_a_fault();
  switch (choices_.below(40)) {
    default: feed(true); break;
    case 20:
    case 21:
    case 22:
    case 23:
    case 24: take(); break;
    case 25:
    case 26: advance(true); break;
    case 27:
    case 28:
    case 29:
    case 30: report_back(); break;
    case 31:
    case 32: snapshot(); break;
    case 33:
    case 34: acknowledge(); break;
    case 35:
    case 36: work_on_a_slow_disk(); break;
    case 37:
      if (choices_.chance(1, 4)) crash(false);
      break;
    case 38:
      if (choices_.chance(1, 4)) be_replaced();
      break;
    case 39: follow_as_a_reader(); break;
  }
  if (wrong_.empty() && settle()) look_at_deliveries();
  if (wrong_.empty() && choices_.chance(1, 40)) look();
}

// --- What the host does.

void Simulation::feed(bool may_wait) {
  static constexpr std::size_t sizes[] = {1, 1, 2, 4, 8, 16, 40, 120};
  const std::size_t most = choices_.one_of(sizes);
  std::vector<Input> batch;
  std::size_t end = next_;
  while (end < world_.commands.size() && batch.size() < most) {
    const Command::Kind kind = world_.commands[end].kind;
    if (kind == Command::Kind::publish || kind == Command::Kind::advance) break;
    prepare(end);
    batch.push_back(property::input_of(world_.commands[end++]));
  }
  if (batch.empty() && may_wait && end < world_.commands.size()) return publish();
  const bool to_sink = may_wait && !polls_ && choices_.chance(1, 3);
  say("feeds {} from {}{}", batch.size(), next_, to_sink ? " and commits" : "");
  const auto fed = to_sink ? runtime_->feed(batch, *this) : runtime_->feed(batch);
  if (!went_well(fed, "feed")) return;
  took(end, *fed);
  if (to_sink) made_durable();
  all_given_ = to_sink;
}

void Simulation::publish() {
  prepare(next_);
  const Command& command = world_.commands[next_];
  if (command.kind == Command::Kind::advance) {
    say("advances to {}", to_text(command.received));
    if (went_well(runtime_->advance_to(command.received), "advance")) ++next_;
    return;
  }
  const property::Publication& publication = world_.publications[command.publication];
  say("publishes {}", command.publication);
  const Result<void> published = runtime_->publish(publication.workspace, publication.campaigns,
                                                   command.received, publication.migrations);
  if (!published && (published.error().code == ErrorCode::conflict ||
                     published.error().code == ErrorCode::invalid_argument)) {
    say("refused: {}", published.error().message);
    ++tally_["publications refused"];
    ++next_;
    return;
  }
  if (!went_well(published, "publish")) return;
  ++next_;
  made_durable();
}

void Simulation::prepare(std::size_t index) {
  Command& command = world_.commands[index];
  Sent& sent = sent_[index];
  if (std::exchange(sent.prepared, true)) {
    ++tally_["inputs fed again"];
    const Instant now = runtime_->now();
    if (now > earliest_instant && now - command.received >= dedupe_ms_) sent.may_repeat = true;
    return;
  }
  command.received = command.received + offset_;
  if (command.occurred) command.occurred = *command.occurred + offset_;
  clock_ = std::max(clock_, command.received);
  if (command.kind == Command::Kind::report || command.kind == Command::Kind::reassign) {
    name_action(command);
  }
  if (!command.message_id.empty() || !has_message_id(command.kind)) return;
  command.message_id = fmt::format("i{}", index);
  sent.own_id = true;
}

void Simulation::name_action(Command& command) {
  const bool of_task = command.kind == Command::Kind::reassign;
  const std::span<const ActionId> meant = of_task              ? deliveries_.tasks()
                                          : command.by_account ? deliveries_.of_accounts()
                                                               : deliveries_.newest();
  if (!meant.empty()) command.action = meant[meant.size() - 1 - command.pick % meant.size()];
}

void Simulation::took(std::size_t end, std::span<const Refusal> refusals) {
  for (std::size_t i = next_; i < end; ++i) {
    sent_[i].refused =
        std::ranges::any_of(refusals, [&](const Refusal& each) { return each.index == i - next_; });
    const Command& command = world_.commands[i];
    if (command.kind == Command::Kind::report && !sent_[i].refused) {
      deliveries_.reported(command.action);
    }
  }
  tally_["inputs"] += end - next_;
  next_ = end;
}

void Simulation::take() {
  static constexpr std::int64_t leases[] = {minute_ms, hour_ms, 2 * day_ms};
  static constexpr std::size_t counts[] = {1, 4, 100};
  if (!polls_) {
    say("commits");
    if (!went_well(runtime_->commit(*this), "commit")) return;
    made_durable();
    all_given_ = true;
    return;
  }
  Instant now = clock_;
  if (choices_.chance(1, 2)) now = now + choices_.below(3 * hour_ms);
  // To the millisecond at which one ends.
  const std::optional<Instant> end = deliveries_.first_lease_end();
  if (end && choices_.chance(1, 3)) now = std::max(now, *end);
  const std::int64_t lease = choices_.one_of(leases);
  if (makes_snapshots_ && (!went_well(runtime_->advance_to(now), "advance") || !settle())) return;
  const std::size_t most = choices_.one_of(counts);
  const auto polled = runtime_->poll(now, lease, most);
  if (!went_well(polled, "poll")) return;
  say("polls {} at {}", polled->size(), to_text(now));
  pull();
  const Instant from = std::max(now, runtime_->now());
  for (const Action& action : *polled) {
    wrong("what a host is given", deliveries_.give(action, from, from + lease));
  }
  made_durable();
  // A bound may have kept it from coming to `from`.
  if (polled->size() < most && !is_narrow_) polled_ = from;
  all_given_ = polled->size() < most;
}

void Simulation::act(std::span<const Action> actions) {
  pull();
  say("is given {} actions", actions.size());
  for (const Action& action : actions) {
    wrong("what a host is given", deliveries_.give(action, runtime_->now(), {}));
  }
}

// Mostly a little; now and then by months, or the host's clock goes back.
void Simulation::advance(bool may_wait) {
  if (choices_.chance(1, 30)) {
    offset_ += (10 + choices_.below(80)) * day_ms;
    ++tally_["leaps of the clock"];
  } else if (choices_.chance(1, 10)) {
    offset_ -= choices_.below(48) * hour_ms;
    ++tally_["steps back of the clock"];
  }
  if (next_ == world_.commands.size()) return;
  const Instant to = std::max(clock_, world_.commands[next_].received + offset_) - 1;
  if (sent_[next_].prepared) return;
  const bool to_sink = may_wait && !polls_ && choices_.chance(1, 2);
  say("advances to {}", to_text(to));
  const auto advanced = to_sink ? runtime_->advance_to(to, *this) : runtime_->advance_to(to);
  if (!went_well(advanced, "advance")) return;
  clock_ = std::max(clock_, to);
  if (to_sink) made_durable();
  all_given_ = to_sink;
}

void Simulation::report_back() {
  static constexpr Receipt receipts[] = {Receipt::sent,      Receipt::sent,   Receipt::delivered,
                                         Receipt::completed, Receipt::failed, Receipt::opened};
  for (std::uint32_t n = 1 + choices_.below(6); n > 0; --n) {
    const std::span<const ActionId> known = deliveries_.newest();
    if (known.empty()) return;
    const auto recent = static_cast<std::uint32_t>(std::min<std::size_t>(known.size(), 20));
    Report told;
    told.action = known[known.size() - 1 - choices_.below(recent)];
    told.receipt = choices_.one_of(receipts);
    told.retry = choices_.chance(1, 2);
    told.envelope.received = clock_;
    say("reports {} of {}", static_cast<int>(told.receipt), to_text(told.action.hash));
    if (!report(told)) return;
    if (choices_.chance(1, 4)) {
      ++tally_["reports repeated"];
      if (!report(told)) return;
    }
  }
}

// False: there is another runtime than before.
bool Simulation::report(const Report& report) {
  Command& told = reports_.emplace_back();
  told.kind = Command::Kind::report;
  told.source = "itinera.report";
  told.message_id = runtime::content_id(report);
  told.action = report.action;
  told.receipt = report.receipt;
  told.hard = report.hard;
  told.retry = report.retry;
  const Result<void> done = runtime_->report(report);
  if (!done && done.error().code == ErrorCode::unknown_action) {
    ++tally_["reports of what is forgotten"];
    return settle();
  }
  if (!went_well(done, "report")) return false;
  deliveries_.reported(report.action);
  return settle();
}

void Simulation::snapshot() {
  say("makes a snapshot");
  is_asked_ = true;
  if (!went_well(runtime_->snapshot(), "snapshot")) return;
  is_asked_ = false;
  ++tally_["snapshots"];
  made_durable();
  // Who asks for a snapshot recovers from that one.
  const Result<RuntimeStatus> status = runtime_->status(1);
  if (!went_well(status, "status")) return;
  made_ = status->snapshots_made;
  if (status->snapshot == disk_.durable()) return;
  wrong("the newest snapshot",
        fmt::format("it stands at {}, and {} is durable", status->snapshot, disk_.durable()));
}

void Simulation::acknowledge() {
  if (polls_ || options_.delivery == Delivery::once) return;
  say("acknowledges");
  if (!went_well(runtime_->acknowledge(), "acknowledge")) return;
  ++tally_["acknowledgements"];
  deliveries_.acknowledged();
}

// The first group does not get there for a while, and more comes together behind it.
void Simulation::work_on_a_slow_disk() {
  const Statistics before = runtime_->statistics();
  disk_.hold();
  feed(false);
  const Statistics after = runtime_->statistics();
  const bool is_under_way =
      after.inputs - before.inputs > after.events_unheard - before.events_unheard;
  if (!is_under_way) {
    disk_.release();
    return;
  }
  disk_.wait_until_held();
  ++tally_["appends that took many steps"];
  // Whether a second snapshot is due depends on how far a first is, which waits for the disk.
  for (std::uint32_t n = makes_snapshots_ ? 0 : choices_.below(6); n > 0; --n) {
    if (choices_.chance(1, 4)) {
      advance(false);
    } else {
      feed(false);
    }
  }
  if (choices_.chance(1, 4)) return crash(choices_.chance(1, 2));
  say("the disk goes on");
  disk_.release();
}

// Has everything that is durable, and nothing else.
void Simulation::follow_as_a_reader() {
  if (!settle()) return;
  const Position from = std::max(disk_.truncated(), disk_.durable() - disk_.durable() % 7);
  const auto groups = runtime_->journal(from);
  if (!went_well(groups, "journal")) return;
  const Position end = groups->empty() ? from : groups->back().position;
  if (end != disk_.durable()) wrong("a reader", "what is durable is not all there");
  if (choices_.chance(1, 2) && went_well(runtime_->move_cursor("warehouse", end), "cursor")) {
    ++tally_["cursors moved"];
  }
}

// What nobody acknowledged is fed again.
void Simulation::rewind() {
  next_ = durable_;
  // Who feeds the host may have forgotten, too, how far it had come.
  if (choices_.chance(1, 2)) {
    const Instant now = runtime_->now();
    for (std::uint32_t n = choices_.below(40); n > 0 && next_ > 0; --n) {
      const Command& before = world_.commands[next_ - 1];
      if (!has_message_id(before.kind) || now - before.received >= dedupe_ms_) break;
      --next_;
    }
  }
  durable_ = next_;
}

}  // namespace itinera::simulator
