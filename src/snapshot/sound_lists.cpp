// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/packed_value.hpp"
#include "snapshot/sound.hpp"
#include "state/verify.hpp"
#include "tables/lists.hpp"

namespace itinera::engine {
namespace {

bool is_list_of_integers(const Value& value, std::size_t count) {
  const auto* const list = value.get<Value::List>();
  if (list == nullptr || list->size() != count) return false;
  return std::all_of(list->begin(), list->end(),
                     [](const Value& each) { return each.get<std::int64_t>() != nullptr; });
}

bool is_list_of_maps(const Value& value) {
  const auto* const list = value.get<Value::List>();
  return list != nullptr && std::all_of(list->begin(), list->end(), [](const Value& each) {
           return each.get<Value::Map>() != nullptr;
         });
}

// A consent's value, as lists.hpp shows it.
bool is_consent(base::ByteView packed) {
  if (packed.size() < ConsentItem::head ||
      base::load_le<Value::Kind>(packed.data()) != Value::Kind::text) {
    return false;
  }
  const std::byte* const sizes = packed.data() + ConsentItem::head - 4;
  const std::size_t named =
      std::size_t{base::load_le<std::uint16_t>(sizes)} + base::load_le<std::uint16_t>(sizes + 2);
  return ConsentItem::head + named <= packed.size();
}

bool is_node(const State& state, const Journey& journey, std::uint32_t node) {
  return node < state.plan_of(journey).nodes.size();
}

// An action of whom the journey is of.
bool is_own_action(const State& state, const Journey& journey, std::uint32_t action) {
  if (action >= state.actions.size() || state.actions[action].id == Hash128{}) return false;
  const std::uint32_t of = state.actions[action].journey;
  return of < state.journeys.size() && state.journeys[of].contact == journey.contact;
}

// What stands in the item of a context behind tag and name, of the kinds that have a value.
bool is_value_of(const State& state, const Journey& journey, ContextTag tag, std::uint32_t name,
                 base::ByteView packed) {
  const auto receipt =
      static_cast<std::size_t>(tag) - static_cast<std::size_t>(ContextTag::receipt);
  if (tag >= ContextTag::receipt) {
    return receipt < state.plans.receipts.size() && is_own_action(state, journey, name);
  }
  if (tag == ContextTag::entry || tag == ContextTag::variable) {
    return name < state.plans.names.size();
  }
  if (tag == ContextTag::whole_entry) {
    return base::load_le<Value::Kind>(packed.data()) == Value::Kind::map;
  }
  base::Reader in(packed);
  const Value value = base::unpack(in);
  if (!in.ok()) return false;
  const auto* const number = value.get<std::int64_t>();
  switch (tag) {
    case ContextTag::gathered:
      return name == no_name ? value.kind() == Value::Kind::null
                             : is_node(state, journey, name) && number != nullptr;
    case ContextTag::attempt: return is_node(state, journey, name) && is_list_of_integers(value, 3);
    case ContextTag::wait_ends:
      return number != nullptr && *number >= earliest_instant.ms &&
             (*number <= latest_instant.ms || *number == record::no_deadline.ms);
    case ContextTag::arrived:
      return is_node(state, journey, name) && number != nullptr && *number >= earliest_instant.ms &&
             *number <= latest_instant.ms;
    case ContextTag::legs:
      return is_node(state, journey, name) && state.plan_of(journey).nodes[name].send &&
             number != nullptr;
    case ContextTag::account:
      return name < state.plans.names.size() && number != nullptr && *number >= 0 &&
             *number < static_cast<std::int64_t>(state.plans.senders.size());
    case ContextTag::origin:
      if (const auto* const id = value.get<std::string>()) return hash_from_text(*id).has_value();
      return number != nullptr && *number >= 0 && *number < no_place &&
             is_contact(state, static_cast<std::uint32_t>(*number));
    case ContextTag::told_before: return value.get<Value::List>() != nullptr;
    case ContextTag::reassigned:
      return is_list_of_maps(value) && is_own_action(state, journey, name);
    default: return false;
  }
}

}  // namespace

bool are_attributes(const State& state, base::ByteView list) {
  base::Reader in(list);
  bool consents = false;
  while (in.ok() && !in.at_end()) {
    const auto name = in.number<NameId>();
    in.number<std::int64_t>();
    in.text();
    const base::ByteView value = base::skip_packed(in);
    if (!in.ok() || (consents && name != consent_name)) return false;
    consents = name == consent_name;
    if (consents && !is_consent(value)) return false;
    const bool is_text = base::load_le<Value::Kind>(value.data()) == Value::Kind::text;
    if (name == account_name && !is_text) return false;
    if (name < consent_name - 1 && name >= state.plans.names.size()) return false;
  }
  return in.ok();
}

bool is_history(const State& state, base::ByteView list) {
  while (!list.empty()) {
    if (list.size() < HistoryItem::head) return false;
    const auto size = base::load_le<std::uint32_t>(list.data());
    if (size < HistoryItem::head || size > list.size()) return false;
    const HistoryItem item = take_event(list);
    if (item.event >= state.plans.names.size() || !are_properties(item.properties)) return false;
  }
  return true;
}

bool are_counted(const State& state, base::ByteView list) {
  if (list.size() % CountedItem::size != 0) return false;
  while (!list.empty()) {
    const CountedItem item = take_counted(list);
    if (!is_emitter(state, item.version, item.node, item.leg) ||
        !state.plans.versions[item.version]->nodes[item.node].send) {
      return false;
    }
  }
  return true;
}

bool is_context(const State& state, const Journey& journey, base::ByteView list) {
  base::Reader in(list);
  while (in.ok() && !in.at_end()) {
    const auto tag = in.number<ContextTag>();
    if (tag == ContextTag::visits || tag == ContextTag::skipped) {
      if (!is_node(state, journey, in.number<NodeIndex>())) return false;
      if (tag == ContextTag::visits) in.bytes(visits_item_size - 3);
    } else if (tag == ContextTag::used_receipt) {
      if (!is_own_action(state, journey, in.number<std::uint32_t>())) return false;
      in.bytes(used_receipt_size - 5);
    } else if (tag == ContextTag::used_event) {
      in.bytes(used_item_size - 1);
    } else {
      const auto name = in.number<NameId>();
      const base::ByteView packed = base::skip_packed(in);
      if (!in.ok() || !is_value_of(state, journey, tag, name, packed)) return false;
    }
  }
  return in.ok();
}

}  // namespace itinera::engine
