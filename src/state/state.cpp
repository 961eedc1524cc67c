// SPDX-License-Identifier: Apache-2.0
#include "state/state.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <tuple>

#include "base/stable_hash.hpp"
#include "model/walk.hpp"
#include "state/attempts.hpp"
#include "tables/lists.hpp"

namespace itinera::engine {

const Dedupe::Seen* Dedupe::find(const Hash128& id) const {
  const std::uint32_t number =
      index.find(id.high, [&](std::uint32_t n) { return window[n - first].id == id; });
  return number == base::HashIndex::none ? nullptr : &window[number - first];
}

std::string_view State::long_id_of(const Contact& contact) const {
  Blob blob = 0;
  std::memcpy(&blob, contact.id.data(), sizeof blob);
  return base::as_text(blobs.view(blob));
}

std::uint32_t State::find_linked(std::uint32_t contact) const {
  // Links form no ring: only a contact without a link of its own is ever linked to.
  while (contacts[contact].linked != no_place) contact = contacts[contact].linked;
  return contact;
}

std::uint32_t State::find_contact(std::string_view id, std::uint64_t hash) const {
  const std::uint32_t place = contact_index.find(hash, [&](std::uint32_t at) {
    return contacts[at].hash == hash && base::same_text(id_of(contacts[at]), id);
  });
  return place == base::HashIndex::none ? no_place : find_linked(place);
}

std::uint32_t State::find_action(const Hash128& id) const {
  return action_index.find(id.high, [&](std::uint32_t at) { return actions[at].id == id; });
}

bool State::knows_taken(const Hash128& id) const {
  if (const std::uint32_t place = open.find(id); place != OpenAction::none) return true;
  if (find_action(id) != no_place || sent.find(id) != nullptr) return true;
  for (std::uint32_t at = 0; !reports_come && at < actions.size(); ++at) {
    if (actions[at].id == id && id != Hash128{} && is_taken(actions[at])) return true;
  }
  return false;
}

std::uint64_t address_hash(std::string_view channel, std::string_view address) {
  return base::stable_hash_of(channel, address).high;
}

State::Origin State::origin_of(std::uint32_t journey) const {
  const Journey& j = journeys[whole(journey)];
  const auto item = find_context(blobs.view(j.context), ContextTag::origin, no_name);
  if (!item) return {j.contact, id_of(contacts[j.contact])};
  base::Reader in(item->value);
  if (in.number<Value::Kind>() == Value::Kind::text) return {j.contact, in.text(), true};
  const auto contact = static_cast<std::uint32_t>(in.number<std::int64_t>());
  return {contact, id_of(contacts[contact])};
}

Instant State::due_of(std::uint32_t journey) const {
  const Journey& j = journeys[journey];
  const bool waits = j.phase == Phase::waiting || j.phase == Phase::awaiting;
  if (!waits || j.due != record::no_deadline || halt_of(j) == nullptr) return j.due;
  const auto frozen = halts.frozen.find(journey);
  if (frozen == halts.frozen.end()) return j.due;
  return after(frozen->second.due - frozen->second.from);
}

bool State::sends_on(std::uint32_t journey) const {
  const Journey& j = journeys[journey];
  if (j.phase != Phase::held && j.phase != Phase::ready) return false;
  const NodePlan& node = plan_of(j).nodes[j.node];
  if (node.retry != nullptr) {
    return attempt_at(blobs.view(journeys[whole(journey)].context), j.node).pending;
  }
  return !node.cases.empty() && legs_at(blobs.view(j.context), j.node).sent != 0;
}

std::uint32_t State::legs_before(std::uint32_t journey, NodeIndex node) const {
  const Journey& j = journeys[journey];
  const NodePlan& plan = plan_of(j).nodes[node];
  if (!plan.send || !std::get<Send>(plan.step->kind).escalate) return 0;
  const std::uint32_t legs = legs_at(blobs.view(j.context), node).sent;
  return legs == 0 ? 0 : static_cast<std::uint32_t>(std::popcount(legs)) - 1;
}

std::uint16_t State::account_of(std::uint32_t journey, std::string_view channel) const {
  const auto item = find_context(blobs.view(journeys[whole(journey)].context), ContextTag::account,
                                 plans.names.find(channel));
  if (!item) return no_sender;
  base::Reader in(item->value);
  return static_cast<std::uint16_t>(*base::unpack(in).get<std::int64_t>());
}

std::uint16_t State::entries_now(std::uint32_t contact, std::uint16_t family) const {
  std::uint16_t count = entries_before(contacts[contact].hash, family);
  for (std::uint32_t at = contacts[contact].journeys; at != no_place; at = journeys[at].next) {
    const Journey& j = journeys[at];
    const bool counts = j.entered == now && plan_of(j).family == family;
    if (counts) count = std::max(count, entries_with(j.ordinal));
  }
  return std::max(count, short_runs.entries(contact, family));
}

std::string_view State::account_of(std::uint32_t contact) const {
  for (base::ByteView rest = blobs.view(contacts[contact].attributes); !rest.empty();) {
    const AttributeItem item = take_attribute(rest);
    constexpr std::size_t head = 5;  // of a packed text: kind and size
    if (item.name == account_name) return base::as_text(item.value.subspan(head));
  }
  return {};
}

std::vector<std::uint32_t> State::colleagues_of(std::uint32_t contact) const {
  const auto found = members_of.find(account_of(contact));
  return found == members_of.end() ? std::vector{contact} : found->second;
}

std::uint16_t State::entries_before(std::uint64_t hash, std::uint16_t family) const {
  return forgotten_runs.entries(hash, family);
}

bool State::is_within(std::uint32_t journey, std::uint32_t head) const {
  while (journeys[journey].is_strand()) {
    journey = journeys[journey].head;
    if (journey == head) return true;
  }
  return false;
}

std::uint32_t State::open_strand(std::uint32_t journey) const {
  for (std::uint32_t at = next_strand(journey, journey); at != no_place;
       at = next_strand(at, journey)) {
    if (journeys[at].head == journey && journeys[at].phase != Phase::done) return at;
  }
  return no_place;
}

bool State::may_fork(std::uint32_t journey, NodeIndex parallel) const {
  std::uint32_t depth = 0;
  for (; journeys[journey].is_strand(); journey = journeys[journey].head) {
    const bool inside = journeys[journeys[journey].head].node == parallel;
    if (inside || ++depth == model::nesting_max) return false;
  }
  return true;
}

std::uint32_t State::receipts_used(std::uint32_t journey, std::uint32_t action) const {
  std::uint32_t used = actions[action].used;
  for (; journeys[journey].is_strand(); journey = journeys[journey].head) {
    const auto item =
        find_context(blobs.view(journeys[journey].context), ContextTag::used_receipt, action);
    if (item) used |= item->visits;
  }
  return used;
}

bool State::before(std::uint32_t a, std::uint32_t b) const {
  const Journey& x = journeys[a];
  const Journey& y = journeys[b];
  const Contact& cx = contacts[x.contact];
  const Contact& cy = contacts[y.contact];
  const std::uint32_t rank_x = plan_of(x).rank;
  const std::uint32_t rank_y = plan_of(y).rank;
  if (rank_x != rank_y) return rank_x < rank_y;
  if (cx.hash != cy.hash) return cx.hash < cy.hash;
  if (x.contact != y.contact) return id_of(cx) < id_of(cy);
  // Of one step the sends aside are of earlier visits than the journey itself.
  const auto visit = [](const Journey& j) { return j.is_aside() ? j.goals : no_place; };
  const std::tuple in_x(x.entered, x.has_key, key_of(x), x.ordinal, x.node, visit(x));
  const std::tuple in_y(y.entered, y.has_key, key_of(y), y.ordinal, y.node, visit(y));
  if (in_x != in_y || whole(a) == whole(b)) return in_x < in_y;
  return origin_of(a).id < origin_of(b).id;
}

std::uint64_t run_key(std::uint16_t family, bool has_key, std::string_view key) {
  return base::stable_hash_of(std::int64_t{family}, std::int64_t{has_key}, key).high;
}

std::uint64_t variant_key(std::uint16_t family, std::string_view step) {
  return base::stable_hash_of(std::int64_t{family}, step).high;
}

}  // namespace itinera::engine
