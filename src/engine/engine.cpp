// SPDX-License-Identifier: Apache-2.0
#include "itinera/engine.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/packed_value.hpp"
#include "base/stable_hash.hpp"
#include "calendar/system_zones.hpp"
#include "engine/core.hpp"
#include "itinera/campaign_check.hpp"
#include "itinera/version.hpp"
#include "model/model_codec.hpp"

namespace itinera {
namespace {

const Envelope& envelope_of(const Input& input) {
  return std::visit([](const auto& each) -> const Envelope& { return each.envelope; }, input);
}

// Who an input is about, as text; empty for a report or an anonymous one.
std::string_view contact_of(const Input& input) {
  return std::visit(
      []<class Each>(const Each& each) -> std::string_view {
        if constexpr (std::is_same_v<Each, Report>) {
          return {};
        } else {
          return each.contact;
        }
      },
      input);
}

Result<void> check_options(const EngineOptions& options) {
  if (options.zones != nullptr) return {};
  return Error{ErrorCode::invalid_argument, "an engine needs zones: pass load_zones()'s"};
}

// The first error of check(), as the answer of a call.
Result<void> check_campaigns(const Workspace& workspace, std::span<const Campaign> campaigns,
                             const Limits& limits) {
  for (const Diagnostic& finding : check(workspace, campaigns, limits)) {
    if (finding.severity == Severity::error) {
      return Error{ErrorCode::invalid_argument, to_text(finding)};
    }
  }
  return {};
}

}  // namespace

void Engine::Core::open() {
  record::FrameWriter frame(journal_);
  frame.begin(state_.now, record::OpenedInput{version_text, state_.zones->version()});
  frame.end();
  engine::begin_frame(state_, record::InputKind::opened, state_.now, 0);
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

Result<void> Engine::Core::publish(const Workspace& workspace, std::span<const Campaign> campaigns,
                                   Instant received) {
  if (received < earliest_instant || received > latest_instant) {
    return Error{ErrorCode::invalid_argument, "a time outside the years 1 to 9999"};
  }
  if (Result<void> sound = check_campaigns(workspace, campaigns, state_.limits); !sound) {
    return sound;
  }
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
  base::Bytes model;
  model::encode(workspace, campaigns, model);
  if (state_.published == base::stable_hash(base::as_text(model))) return {};
  finish_instant();
  const engine::Process::Taken taken = taken_at(received);
  run_until(taken.at - 1);
  return process_.publish(model, taken);
}

// What an input will touch is fetched while those before it are decided: first its place in the
// index, then the contact, then the contact's first journey.
void Engine::Core::fetch_ahead(std::span<const Input> inputs, std::size_t at) {
  const auto slot = [this](std::size_t input) { return input % hashes_.size(); };
  if (const std::size_t input = at + index_ahead; input < inputs.size()) {
    const std::uint64_t hash = base::stable_hash(contact_of(inputs[input])).high;
    hashes_[slot(input)] = hash;
    state_.contact_index.prefetch(hash);
  }
  if (at + contact_ahead < index_ahead) return;
  if (const std::size_t input = at + contact_ahead; input < inputs.size()) {
    std::uint32_t& place = places_[slot(input)];
    place = state_.contact_index.find(hashes_[slot(input)], [](std::uint32_t) { return true; });
    if (place != engine::no_place) __builtin_prefetch(&state_.contacts[place]);
  }
  if (at + journey_ahead < index_ahead) return;
  if (const std::size_t input = at + journey_ahead; input < inputs.size()) {
    const std::uint32_t place = places_[slot(input)];
    if (place == engine::no_place) return;
    const std::uint32_t journey = state_.contacts[place].journeys;
    if (journey != engine::no_place) __builtin_prefetch(&state_.journeys[journey]);
  }
}

std::span<const Refusal> Engine::Core::feed(std::span<const Input> inputs) {
  refusals_.clear();
  finish_instant();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    fetch_ahead(inputs, i);
    const Input& input = inputs[i];
    if (std::optional<Error> error = process_.refuses(input)) {
      refusals_.push_back({i, std::move(*error)});
      continue;
    }
    engine::Process::Taken taken = taken_at(envelope_of(input).received);
    if (i >= index_ahead) taken.contact_hash = hashes_[i % hashes_.size()];
    run_until(taken.at - 1);
    const auto* event = std::get_if<Event>(&input);
    if (event != nullptr && state_.plans.event(state_.plans.names.find(event->name)) == nullptr) {
      engine::move_time(state_, taken.at);
      ++state_.statistics.events_unheard;
      continue;
    }
    process_.take(input, taken);
  }
  return refusals_;
}

void Engine::Core::advance_to(Instant t) {
  t = std::min(t, latest_instant);
  if (t < state_.now) return;
  finish_instant();
  run_until(t);
  engine::move_time(state_, t);
  state_.closed = std::max(state_.closed, t);
}

void Engine::Core::fill_actions() {
  actions_.clear();
  action_data_.clear();
  action_data_.reserve(state_.handed.entries.size());
  for (const engine::OutboxEntry& entry : state_.handed.entries) {
    if (entry.withdrawn) continue;
    const engine::CampaignPlan& plan = *state_.plans.versions[entry.version];
    const engine::NodePlan& node = plan.nodes[entry.node];
    const base::ByteView content = state_.handed.bytes.view().subspan(entry.address_at);
    Action& action = actions_.emplace_back();
    action.id = {entry.id};
    action.at = entry.at;
    action.contact = state_.id_of(state_.contacts[entry.contact]);
    action.campaign = plan.campaign.name;
    action.version = plan.campaign.version;
    action.step = node.step->id;
    action.iteration = entry.iteration;
    action.has_key = entry.has_key;
    action.key = base::as_text(content.first(entry.key_size));
    action.address = base::as_text(content.subspan(entry.key_size, entry.address_size));
    action.kind = Action::Kind::set;
    if (const auto* send = std::get_if<Send>(&node.step->kind)) {
      action.kind = Action::Kind::send;
      action.channel = send->channel;
      action.template_name = send->template_name;
    }
    if (entry.data_size == 0) continue;
    Properties& data = action_data_.emplace_back();
    base::Reader in(content.subspan(entry.key_size + entry.address_size, entry.data_size));
    while (!in.at_end()) {
      std::string name(in.text());
      data.push_back({std::move(name), base::unpack(in)});
    }
    action.data = data;
  }
}

Output Engine::Core::take_output() {
  finish_instant();
  if (state_.statistics.actions_waiting != 0) {
    const auto count = static_cast<std::uint32_t>(state_.outbox.entries.size());
    process_.hand_over(count);
    fill_actions();
  } else {
    actions_.clear();
  }
  std::swap(handed_journal_, journal_);
  journal_.clear();
  return {handed_journal_.view(), actions_, state_.timers.earliest(*this)};
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

Engine::Engine(std::unique_ptr<Core> core) : core_(std::move(core)) {}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

Result<void> Engine::publish(const Workspace& workspace, std::span<const Campaign> campaigns,
                             Instant received) {
  return core_->publish(workspace, campaigns, received);
}
std::span<const Refusal> Engine::feed(std::span<const Input> inputs) { return core_->feed(inputs); }
std::optional<Error> Engine::refuses(const Input& input) const { return core_->refuses(input); }
void Engine::advance_to(Instant t) { core_->advance_to(t); }
Output Engine::take_output() { return core_->take_output(); }
std::span<const std::byte> Engine::take_journal() { return core_->take_journal(); }
Instant Engine::now() const { return core_->state().now; }
const Statistics& Engine::statistics() const { return core_->state().statistics; }

std::string_view name_of(Action::Kind kind) { return kind == Action::Kind::send ? "send" : "set"; }

}  // namespace itinera
