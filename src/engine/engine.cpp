// SPDX-License-Identifier: Apache-2.0
#include "itinera/engine.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/packed_value.hpp"
#include "base/stable_hash.hpp"
#include "calendar/system_zones.hpp"
#include "engine/engine.hpp"
#include "engine/migration_plan.hpp"
#include "engine/reoffers.hpp"
#include "engine/restore.hpp"
#include "engine/tokens.hpp"
#include "itinera/campaign_check.hpp"
#include "itinera/version.hpp"
#include "model/model_codec.hpp"
#include "state/views.hpp"

namespace itinera {
namespace {

// What speaks of taking belongs to the engine's instant, closed or not, as taking does.
bool is_of_taking(const Input& input) {
  return std::holds_alternative<Reoffer>(input) || std::holds_alternative<Acknowledge>(input);
}

const Envelope& envelope_of(const Input& input) {
  return std::visit([](const auto& each) -> const Envelope& { return each.envelope; }, input);
}

// Who an input is about, as text; empty for an anonymous one, and one that names nobody.
std::string_view contact_of(const Input& input) {
  return std::visit(
      []<class Each>(const Each& each) -> std::string_view {
        if constexpr (requires { each.contact; }) return each.contact;
        if constexpr (std::is_same_v<Each, Merge>) return each.into;
        return {};
      },
      input);
}

// What journals and the state have room for, beyond which no limit may be raised. A record has room
// for an action's address and data, each as large as an input.
Result<void> check_limits(const Limits& limits) {
  constexpr std::uint32_t anonymous_size = 10;  // of the word before an anonymous id
  struct Bound {
    std::string_view name;
    std::uint32_t limit;
    std::uint32_t most;
  };
  const Bound bounds[] = {
      {"id_bytes", limits.id_bytes, 0xFFFF - anonymous_size},
      {"input_bytes", limits.input_bytes, record::record_size_max / 2 - (1u << 20)},
      {"value_depth", limits.value_depth, base::value_depth_max},
      {"variables_bytes", limits.variables_bytes, record::record_size_max / 2},
      {"identities", limits.identities, 1u << 20},
      {"steps_per_campaign", limits.steps_per_campaign, model::end_node},
  };
  for (const Bound& bound : bounds) {
    if (bound.limit <= bound.most) continue;
    return Error{ErrorCode::invalid_argument, fmt::format("Limits::{} is {}, and may be {} at most",
                                                          bound.name, bound.limit, bound.most)};
  }
  return {};
}

static_assert(EngineOptions::shards_max == record::shards_max);

Result<void> check_options(const EngineOptions& options) {
  if (options.zones == nullptr) {
    return Error{ErrorCode::invalid_argument, "an engine needs zones: pass load_zones()'s"};
  }
  if (options.shard >= EngineOptions::shards_max) {
    return Error{ErrorCode::invalid_argument,
                 fmt::format("shard {}: there are {} at most, counted from 0", options.shard,
                             EngineOptions::shards_max)};
  }
  return check_limits(options.limits);
}

// The first error of check(), as the answer of a call.
Result<void> check_campaigns(const Workspace& workspace, std::span<const Campaign> campaigns,
                             const Limits& limits, const ZoneTable& zones) {
  for (const Diagnostic& finding : check(workspace, campaigns, limits, &zones)) {
    if (finding.severity == Severity::error) {
      return Error{ErrorCode::invalid_argument, to_text(finding)};
    }
  }
  return {};
}

}  // namespace

void Engine::Core::open() {
  record::FrameWriter frame(journal_, shard_);
  const record::OpenedInput input{version_text, state_.zones->version()};
  frame.begin(state_.now, input);
  frame.end();
  engine::begin_frame(state_, record::InputKind::opened, state_.now, 0);
  engine::apply(state_, input);
}

engine::Process::Taken Engine::Core::taken_at(Instant received) const {
  const Instant at = std::max(received, state_.now);
  if (at > state_.closed) return {at, 0};
  return {state_.closed + 1, record::was_moved};
}

// What a restart has left of a large instant comes before everything else.
void Engine::Core::finish_instant() {
  if (!state_.instant_unfinished) return;
  state_.timers.next_until(state_.now, *this);
  process_.run_instant(state_.now, *this, true);
}

void Engine::Core::run_until(Instant limit) {
  if (limit < state_.timers.idle_until()) return;
  while (const std::optional<Instant> due = state_.timers.next_until(limit, *this)) {
    process_.run_instant(*due, *this, false);
  }
}

void Engine::Core::adopt_zone_data() {
  if (state_.zone_rules.version == state_.zones->version()) return;
  finish_instant();
  process_.adopt_zone_data(taken_at(state_.now));
}

void Engine::Core::hear_of_report(const record::Suppressed* told, std::uint8_t from,
                                  Instant received) {
  finish_instant();
  const engine::Process::Taken taken = taken_at(received);
  run_until(taken.at - 1);
  process_.hear_of_report(told, from, taken);
}

void Engine::Core::cross(std::string_view id, Core& to, Instant received) {
  for (Core* const each : {this, &to}) {
    each->finish_instant();
    received = std::max(received, each->taken_at(received).at);
  }
  for (Core* const each : {this, &to}) {
    each->run_until(received - 1);
    engine::move_time(each->state_, received);
  }
  const std::uint32_t contact = state_.find_contact(id, base::stable_hash(id).high);
  to.process_.come(state_, contact, shard_, to.taken_at(received));
  process_.depart(contact, to.shard_, taken_at(received));
}

void Engine::Core::account_left(std::string_view account, std::uint8_t to, Instant received) {
  finish_instant();
  const engine::Process::Taken taken = taken_at(received);
  run_until(taken.at - 1);
  process_.account_left(account, to, taken);
}

Result<void> Engine::Core::may_publish(const Workspace& workspace,
                                       std::span<const Campaign> campaigns,
                                       Instant received) const {
  if (received < earliest_instant || received > latest_instant) {
    return Error{ErrorCode::invalid_argument, "a time outside the years 1 to 9999"};
  }
  Result<void> sound = check_campaigns(workspace, campaigns, state_.limits, *state_.zones);
  if (!sound) return sound;
  if (state_.plans.published && state_.plans.workspace.name != workspace.name) {
    return Error{ErrorCode::conflict, fmt::format("this engine runs workspace {}, not {}",
                                                  state_.plans.workspace.name, workspace.name)};
  }
  for (const Campaign& campaign : campaigns) {
    const std::uint16_t version = engine::find_version(state_.plans, campaign);
    if (version == engine::no_version ||
        model::same_content(state_.plans.versions[version]->campaign, campaign)) {
      continue;
    }
    return Error{ErrorCode::conflict,
                 fmt::format("campaign {} version {} is published with other content; raise its "
                             "version",
                             campaign.name, campaign.version)};
  }
  if (state_.plans.versions.size() + campaigns.size() >= engine::no_version) {
    return Error{ErrorCode::limit_reached, "too many campaign versions in one engine"};
  }
  // Where a frame has begun, it is too late to refuse.
  if (!model::ReceiptNumbers(state_.plans.receipts).add(workspace)) {
    return engine::too_many_receipts();
  }
  if (!engine::has_numbers_for(state_.plans, workspace)) return engine::too_many_names();
  return {};
}

Result<void> Engine::Core::publish(const Workspace& workspace, std::span<const Campaign> campaigns,
                                   Instant received, std::span<const Migration> migrations) {
  if (Result<void> may = may_publish(workspace, campaigns, received); !may) return may;
  base::Bytes model;
  model::encode(workspace, campaigns, model);
  Result<std::vector<engine::VersionMove>> moves =
      engine::plan_moves(state_, campaigns, migrations);
  if (!moves) return moves.error();
  const bool is_published = this->is_published(model);
  if (is_published && moves->empty()) return {};
  finish_instant();
  const engine::Process::Taken taken = taken_at(received);
  run_until(taken.at - 1);
  const std::vector<MigrationRow> rows = engine::rows_of(state_, *moves);
  if (Result<void> answered = engine::check_moves(rows); !answered) return answered;
  const bool stays = std::all_of(rows.begin(), rows.end(), [](const MigrationRow& row) {
    return row.fate == MigrationRow::Fate::pinned;
  });
  if (is_published && stays) return {};
  return process_.publish(model, taken, *moves);
}

Engine::Core::Ahead Engine::Core::begin_fetch(const Input& input) const {
  Ahead ahead;
  const auto* event = std::get_if<Event>(&input);
  if (event != nullptr) {
    ahead.event = state_.plans.names.find(event->name);
    ahead.heard = state_.plans.told_event(ahead.event) != nullptr;
    if (!ahead.heard) return ahead;
  }
  ahead.hash = base::stable_hash(contact_of(input)).high;
  state_.contact_index.prefetch(ahead.hash);
  return ahead;
}

// What an input will touch is fetched while those before it are decided: first its place in the
// index, then the contact, then the contact's first journey.
void Engine::Core::fetch_ahead(std::span<const Input> inputs, std::size_t at) {
  const auto input_in = [&](std::size_t distance) -> Ahead& {
    return ahead_[(at + distance) % ahead_.size()];
  };
  if (at == 0) {
    for (std::size_t i = 0; i < std::min(index_ahead, inputs.size()); ++i) {
      ahead_[i] = begin_fetch(inputs[i]);
    }
  }
  if (at + index_ahead < inputs.size()) {
    input_in(index_ahead) = begin_fetch(inputs[at + index_ahead]);
  }
  if (Ahead& ahead = input_in(contact_ahead); at + contact_ahead < inputs.size() && ahead.heard) {
    ahead.contact = state_.contact_index.find(ahead.hash, [](std::uint32_t) { return true; });
    if (ahead.contact != engine::no_place) __builtin_prefetch(&state_.contacts[ahead.contact]);
  }
  const Ahead& ahead = input_in(journey_ahead);
  if (at + journey_ahead < inputs.size() && ahead.contact != engine::no_place) {
    const std::uint32_t journey = state_.contacts[ahead.contact].journeys;
    if (journey != engine::no_place) __builtin_prefetch(&state_.journeys[journey]);
  }
}

// What an earlier instant has emitted is taken before time goes on, and so is what each instant
// emits that is due until then.
bool Engine::Core::come_to(Instant t, const Stop& stop) {
  if (t <= state_.now) return true;
  finish_instant();
  if (state_.statistics.actions_waiting != 0) {
    advance_to(state_.now);
    if (!stop()) return false;
  }
  if (t <= state_.timers.idle_until()) return true;
  while (const std::optional<Instant> due = state_.timers.next_until(t - 1, *this)) {
    advance_to(*due);
    if (!stop()) return false;
  }
  return true;
}

void Engine::Core::move_to(Instant t, const Stop& stop) {
  if (!come_to(t, stop) || t <= state_.now) return;
  run_until(t - 1);
  engine::move_time(state_, t);
}

std::span<const Refusal> Engine::Core::feed(std::span<const Input> inputs, const Stop* stop) {
  refusals_.clear();
  finish_instant();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    fetch_ahead(inputs, i);
    const Input& input = inputs[i];
    const Ahead& known = ahead_[i % ahead_.size()];
    if (std::optional<Error> error = process_.refuses(input)) {
      refusals_.push_back({i, std::move(*error)});
      continue;
    }
    const Instant received = envelope_of(input).received;
    if (stop != nullptr && !come_to(received, *stop)) break;
    engine::Process::Taken taken = taken_at(received);
    if (is_of_taking(input)) taken = {std::max(received, state_.now), 0};
    taken.contact_hash = known.hash;
    taken.event = known.event;
    run_until(taken.at - 1);
    if (!known.heard) {
      engine::move_time(state_, taken.at);
      ++state_.statistics.events_unheard;
      continue;
    }
    process_.take(input, taken);
    if (std::holds_alternative<Forget>(input)) action_data_.clear();
  }
  return refusals_;
}

void Engine::Core::advance_to(Instant t) {
  t = std::min(t, latest_instant - 1);  // an input after it still has an instant
  if (t < state_.now) return;
  finish_instant();
  run_until(t);
  engine::move_time(state_, t);
  state_.closed = std::max(state_.closed, t);
}

Action Engine::Core::action(std::size_t index) const {
  constexpr std::size_t ahead = 8;
  const engine::OutboxEntry& entry = state_.handed.entries[index];
  if (index + ahead < state_.handed.entries.size()) {
    __builtin_prefetch(&state_.contacts[state_.handed.entries[index + ahead].contact]);
  }
  const engine::CampaignPlan& plan = *state_.plans.versions[entry.version];
  const engine::NodePlan& node = plan.nodes[entry.node];
  const base::ByteView content = state_.handed.bytes.view().subspan(entry.address_at);
  Action action;
  action.id = {entry.id};
  action.at = entry.at;
  action.contact = state_.id_of(state_.contacts[entry.contact]);
  action.campaign = plan.campaign.name;
  action.version = plan.campaign.version;
  action.step = node.step->id;
  action.iteration = entry.iteration;
  action.attempt = entry.attempt;
  action.maybe_executed = entry.maybe_executed;
  action.has_key = entry.has_key;
  action.key = base::as_text(content.first(entry.key_size));
  action.address = base::as_text(content.subspan(entry.key_size, entry.address_size));
  action.kind = Action::Kind::set;
  if (const auto* audience = std::get_if<ChangeAudience>(&node.step->kind)) {
    action.kind = Action::Kind::audience;
    action.list = audience->list;
    action.removes = audience->change == ChangeAudience::Change::remove;
  }
  if (const auto* consent = std::get_if<ChangeConsent>(&node.step->kind)) {
    action.kind = Action::Kind::consent;
    action.channel = consent->channel;
    action.topic = consent->topic;
    action.source = consent->source;
    action.granted = consent->state == ChangeConsent::State::granted;
  }
  if (const auto* call = std::get_if<Call>(&node.step->kind)) {
    action.kind = Action::Kind::call;
    action.name = call->name;
  }
  if (const auto* task = std::get_if<Task>(&node.step->kind)) {
    action.kind = Action::Kind::task;
    action.name = task->ask;
    action.team = task->team;
  }
  if (const auto* send = std::get_if<Send>(&node.step->kind)) {
    action.kind = Action::Kind::send;
    action.channel = node.send->leg(entry.leg).name;
    action.template_name = send->template_name;
    action.operation = send->operation;
    if (entry.sender != engine::no_sender)
      action.sender = state_.plans.senders[entry.sender].rules.name;
  }
  if (entry.data_size != 0) action.data = action_data_[entry.data_place];
  return action;
}

void Engine::Core::unpack_data() {
  action_data_.clear();
  for (engine::OutboxEntry& entry : state_.handed.entries) {
    if (entry.data_size == 0) continue;
    entry.data_place = static_cast<std::uint32_t>(action_data_.size());
    const std::size_t begin = std::size_t{entry.address_at} + entry.key_size + entry.address_size;
    base::Reader in(state_.handed.bytes.view().subspan(begin, entry.data_size));
    Properties& data = action_data_.emplace_back();
    while (!in.at_end()) {
      std::string name(in.text());
      data.push_back({std::move(name), base::unpack(in)});
    }
  }
}

Output Engine::Core::take() {
  finish_instant();
  Actions actions;
  if (state_.statistics.actions_waiting != 0) {
    process_.hand_over(static_cast<std::uint32_t>(state_.outbox.entries.size()));
    unpack_data();
    actions = Actions(*this, state_.handed.entries.size());
  }
  std::swap(handed_journal_, journal_);
  journal_.clear();
  engine::drop_dead_timers(state_, *this);
  return {handed_journal_.view(), actions, state_.takes, std::nullopt};
}

std::span<const std::byte> Engine::Core::take_journal() {
  std::swap(handed_journal_, journal_);
  journal_.clear();
  return handed_journal_.view();
}

Result<std::shared_ptr<const ZoneTable>> load_zones() { return calendar::load_system_zones(); }

Result<Engine> Engine::create(EngineOptions options) {
  if (Result<void> sound = check_options(options); !sound) return sound.error();
  auto core = std::make_unique<Core>(std::move(options));
  core->open();
  return Engine(std::move(core));
}

Result<Engine> Engine::restore(std::span<const std::byte> journal, EngineOptions options,
                               std::size_t* whole_bytes) {
  if (Result<void> sound = check_options(options); !sound) return sound.error();
  auto core = std::make_unique<Core>(std::move(options));
  if (Result<void> done = core->restore(journal, whole_bytes); !done) return done.error();
  return Engine(std::move(core));
}

Result<void> Engine::save(SnapshotWriter& to) const { return engine::save(core_->state(), to); }

Result<Engine> Engine::load(SnapshotReader& from, EngineOptions options) {
  if (Result<void> sound = check_options(options); !sound) return sound.error();
  auto core = std::make_unique<Core>(std::move(options));
  if (Result<void> loaded = core->load(from); !loaded) return loaded.error();
  return Engine(std::move(core));
}

Result<void> Engine::follow(std::span<const std::byte> journal) {
  std::size_t whole_bytes = 0;
  if (Result<void> done = core_->restore(journal, &whole_bytes); !done) return done;
  if (whole_bytes == journal.size()) return {};
  return Error{ErrorCode::damaged_journal, "a group ends within a frame"};
}

Engine::Engine(std::unique_ptr<Core> core) : core_(std::move(core)) {}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

void Engine::adopt_zone_data() { core_->adopt_zone_data(); }
Result<void> Engine::publish(const Workspace& workspace, std::span<const Campaign> campaigns,
                             Instant received, std::span<const Migration> migrations) {
  return core_->publish(workspace, campaigns, received, migrations);
}
Result<std::vector<MigrationRow>> Engine::preview(std::span<const Campaign> campaigns,
                                                  std::span<const Migration> migrations) const {
  const auto moves = engine::plan_moves(core_->state(), campaigns, migrations);
  if (!moves) return moves.error();
  return engine::rows_of(core_->state(), *moves);
}
std::span<const Refusal> Engine::feed(std::span<const Input> inputs) {
  return core_->feed(inputs, nullptr);
}
std::span<const Refusal> Engine::feed(std::span<const Input> inputs, const Stop& stop) {
  return core_->feed(inputs, &stop);
}
void Engine::come_to(Instant t, const Stop& stop) { core_->come_to(t, stop); }
std::optional<Error> Engine::refuses(const Input& input) const { return core_->refuses(input); }
void Engine::advance_to(Instant t) { core_->advance_to(t); }
Output Engine::take() { return core_->take(); }
Output Engine::take_output() {
  Output output = core_->take();
  output.next_deadline = core_->next_deadline();
  return output;
}
std::span<const std::byte> Engine::take_journal() { return core_->take_journal(); }
Result<std::string> Engine::resume_token(std::string_view campaign, std::string_view contact,
                                         std::optional<std::string_view> key) const {
  return engine::token_for(core_->state(), campaign, contact, key);
}
Result<std::vector<JourneyView>> Engine::journeys_of(std::string_view contact) const {
  return engine::journeys_of(core_->state(), contact);
}
std::vector<StepOccupancy> Engine::occupancy() const { return engine::occupancy(core_->state()); }
StuckReport Engine::stuck(std::int64_t older_than_ms, std::size_t max) const {
  return engine::stuck(core_->state(), older_than_ms, max);
}
std::optional<Instant> Engine::next_deadline() const { return core_->next_deadline(); }
bool Engine::wants(const Action& action) const { return engine::wants(core_->state(), action); }
bool Engine::keeps_taken() const { return core_->state().open.keeps(); }
Instant Engine::now() const { return core_->state().now; }
const Statistics& Engine::statistics() const { return core_->state().statistics; }

std::string_view name_of(Action::Kind kind) {
  switch (kind) {
    case Action::Kind::send: return "send";
    case Action::Kind::set: return "set";
    case Action::Kind::audience: return "audience";
    case Action::Kind::call: return "call";
    case Action::Kind::task: return "task";
    case Action::Kind::consent: return "consent";
  }
  return {};
}

}  // namespace itinera
