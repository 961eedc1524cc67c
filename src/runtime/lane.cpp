// SPDX-License-Identifier: Apache-2.0
#include "runtime/lane.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "base/stable_hash.hpp"
#include "crossing/crossing.hpp"
#include "engine/engine.hpp"
#include "model/model_codec.hpp"

namespace itinera::runtime {

Result<void> Lane::may_publish(const Workspace& workspace, std::span<const Campaign> campaigns,
                               Instant received) const {
  return engine.core_->may_publish(workspace, campaigns, received);
}

bool Lane::is_published(const Workspace& workspace, std::span<const Campaign> campaigns) const {
  base::Bytes model;
  model::encode(workspace, campaigns, model);
  return engine.core_->is_published(model);
}

bool Lane::knows(const ActionId& action) const {
  return engine.core_->state().knows_taken(action.hash);
}

namespace {

// Of the id itself, whomever it stands for; no_place: it has never been here.
std::uint32_t place_of(const engine::State& state, std::string_view id) {
  return engine::place_of_id(state, id, base::stable_hash(id).high);
}

// Of whom it stands for; no_place: it is not here.
std::uint32_t person_of(const engine::State& state, std::string_view id) {
  const std::uint32_t place = place_of(state, id);
  if (place == engine::no_place || state.contacts[place].is_away) return engine::no_place;
  return state.find_linked(place);
}

}  // namespace

bool Lane::has(std::string_view id) const {
  return person_of(engine.core_->state(), id) != engine::no_place;
}

bool Lane::has_had(std::string_view id) const {
  const engine::State& state = engine.core_->state();
  const std::uint32_t place = place_of(state, id);
  return place != engine::no_place && state.contacts[place].is_away;
}

std::vector<std::string> Lane::ids_of(std::string_view id) const {
  const engine::State& state = engine.core_->state();
  std::vector<std::string> ids;
  const std::uint32_t person = person_of(state, id);
  if (person == engine::no_place) return ids;
  for (const std::uint32_t place : engine::places_of(state, person)) {
    ids.emplace_back(state.id_of(state.contacts[place]));
  }
  return ids;
}

std::optional<Lane::Membership> Lane::membership_of(std::string_view id) const {
  const engine::State& state = engine.core_->state();
  const std::uint32_t person = person_of(state, id);
  if (person == engine::no_place) return std::nullopt;
  for (base::ByteView rest = state.blobs.view(state.contacts[person].attributes); !rest.empty();) {
    const engine::AttributeItem item = engine::take_attribute(rest);
    if (item.name != engine::account_name) continue;
    return Membership{item.occurred, std::string(item.message_id),
                      std::string(state.account_of(person))};
  }
  return std::nullopt;
}

void Lane::account_left(std::string_view account, std::uint8_t to, Instant received) {
  engine.core_->account_left(account, to, received);
  keep_frames();
}

std::string_view Lane::account_of(std::string_view id) const {
  const engine::State& state = engine.core_->state();
  const std::uint32_t person = person_of(state, id);
  return person == engine::no_place ? std::string_view{} : state.account_of(person);
}

std::string_view Lane::owner_of(const Handle& handle) const {
  const engine::State& state = engine.core_->state();
  const std::uint32_t owner =
      state.handles.find(engine::handle_hash(handle.kind, handle.value)).contact;
  return owner == engine::no_place ? std::string_view{} : state.id_of(state.contacts[owner]);
}

bool Lane::repeats(const Hash128& message, Instant at) const {
  const engine::State& state = engine.core_->state();
  const engine::Dedupe::Seen* const seen = state.dedupe.find(message);
  at = std::max({at, state.now, state.closed + 1});  // when it would be taken
  return seen != nullptr && seen->at > at - state.plans.workspace.dedupe_ms;
}

std::size_t Lane::messages() const { return engine.core_->state().dedupe.window.size(); }

void Lane::for_each_message(Instant now, const std::function<void(const Hash128&)>& visit) const {
  const engine::State& state = engine.core_->state();
  for (const engine::Dedupe::Seen& seen : state.dedupe.window) {
    if (seen.at > now - state.plans.workspace.dedupe_ms) visit(seen.id);
  }
}

void Lane::for_each_id(const std::function<void(std::string_view, bool)>& visit) const {
  const engine::State& state = engine.core_->state();
  for (std::uint32_t at = 0; at < state.contacts.size(); ++at) {
    const engine::Contact& contact = state.contacts[at];
    if (contact.id_size != 0) visit(state.id_of(contact), contact.is_away);
  }
}

void Lane::cross(std::string_view id, Lane& to, Instant received) {
  engine.core_->cross(id, *to.engine.core_, received);
  keep_frames();
  to.keep_frames();
  to.takes = to.engine.core_->state().takes;
}

void Lane::give_counts(Lane& to, Instant received) {
  engine.core_->give_counts(*to.engine.core_, received);
  keep_frames();
  to.keep_frames();
  to.takes = to.engine.core_->state().takes;
}

std::vector<std::string> Lane::people() const {
  const engine::State& state = engine.core_->state();
  std::vector<std::string> ids;
  for (std::uint32_t at = 0; at < state.contacts.size(); ++at) {
    if (state.is_person(at)) ids.emplace_back(state.id_of(state.contacts[at]));
  }
  return ids;
}

std::vector<std::string> Lane::members() const {
  const engine::State& state = engine.core_->state();
  std::vector<std::string> ids;
  for (const auto& [account, members] : state.members_of) {
    for (const std::uint32_t at : members) ids.emplace_back(state.id_of(state.contacts[at]));
  }
  return ids;
}

bool Lane::has_forgotten_now() const { return !engine.core_->state().forgotten_runs.empty(); }

bool Lane::has_senders() const { return !engine.core_->state().plans.senders.empty(); }

bool Lane::has_campaign(const std::function<bool(const Campaign&)>& is_it) const {
  return std::ranges::any_of(engine.core_->state().plans.versions,
                             [&](const auto& plan) { return is_it(plan->campaign); });
}

Instant Lane::closed() const { return engine.core_->state().closed; }

bool Lane::hears_of_reports() const { return engine.core_->state().reports_come; }

void Lane::hear_of_report(const record::Suppressed* told, std::uint8_t from, Instant received) {
  engine.core_->hear_of_report(told, from, received);
  keep_frames();
}

void Lane::move_to(Instant t, const Stop& stop) { engine.core_->move_to(t, stop); }

}  // namespace itinera::runtime
