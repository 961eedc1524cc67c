// SPDX-License-Identifier: Apache-2.0
#include "engine/tokens.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/base64url.hpp"
#include "base/packed_value.hpp"
#include "base/stable_hash.hpp"
#include "engine/stories.hpp"
#include "expr/utf8.hpp"
#include "state/apply.hpp"

namespace itinera::engine {
namespace {

constexpr std::uint8_t token_version = 1;
constexpr std::uint32_t visits_most = 1u << 30;  // of a step: beyond what any `max_visits` lets

Error damaged(std::string_view what) {
  return {ErrorCode::damaged_token, fmt::format("this is no resume token: {}", what)};
}
Error too_large(std::string_view what, std::size_t limit) {
  return {ErrorCode::limit_reached, fmt::format("a resume token {}; the limit is {}", what, limit)};
}

std::uint64_t checksum_of(base::ByteView bytes) { return base::stable_hash_of_bytes(bytes).low; }

bool nests_deeper(const Value& value, std::uint32_t depth) {
  if (depth == 0) return true;
  bool deeper = false;
  if (const auto* list = value.get<Value::List>()) {
    for (const Value& each : *list) deeper = deeper || nests_deeper(each, depth - 1);
  }
  if (const auto* map = value.get<Value::Map>()) {
    for (const MapEntry& each : *map) {
      deeper = deeper || nests_deeper(each.key, depth - 1) || nests_deeper(each.value, depth - 1);
    }
  }
  return deeper;
}

bool is_utf8(const std::string& text) { return !expr::invalid_utf8_at(text); }

bool is_utf8(const Value& value) {
  if (const auto* text = value.get<std::string>()) return is_utf8(*text);
  if (const auto* list = value.get<Value::List>()) {
    return std::all_of(list->begin(), list->end(), [](const Value& each) { return is_utf8(each); });
  }
  const auto* const map = value.get<Value::Map>();
  return map == nullptr || std::all_of(map->begin(), map->end(), [](const MapEntry& each) {
           return is_utf8(each.key) && is_utf8(each.value);
         });
}

bool has_text_keys(const Value::Map& map) {
  return std::all_of(map.begin(), map.end(),
                     [](const MapEntry& entry) { return entry.key.get<std::string>() != nullptr; });
}

bool has_texts(const Value::List& list, std::vector<std::string>& out) {
  for (const Value& each : list) {
    const auto* const text = each.get<std::string>();
    if (text == nullptr) return false;
    out.push_back(*text);
  }
  return true;
}

template <class T>
bool take_as(base::Reader& in, T& out) {
  Value value = base::unpack(in);
  T* const found = std::get_if<T>(&value.data);
  if (found != nullptr) out = std::move(*found);
  return found != nullptr;
}

// The fields as token_of() writes them, behind the version.
bool read_fields(base::Reader& in, HandOver& out) {
  out.workspace = in.text();
  out.campaign = in.text();
  out.content = in.number<std::uint64_t>();
  out.contact = in.text();
  const auto flags = in.number<std::uint8_t>();
  out.has_key = (flags & 1) != 0;
  out.holdout = (flags & 2) != 0;
  out.key = in.text();
  out.step = in.text();
  out.entered.ms = in.number<std::int64_t>();
  out.ordinal = in.number<std::uint16_t>();
  out.due.ms = in.number<std::int64_t>();
  const bool maps = take_as(in, out.entry) && take_as(in, out.variables);
  const auto count = in.number<std::uint32_t>();
  for (std::uint32_t i = 0; i < count && in.ok(); ++i) {  // the count is not believed
    HandOver::Visit& visit = out.visits.emplace_back();
    visit.step = in.text();
    visit.visits = std::min(in.number<std::uint32_t>(), visits_most);
    visit.last_due.ms = in.number<std::int64_t>();
  }
  Value::List goals;
  const bool names = take_as(in, goals) && has_texts(goals, out.goals);
  const bool sound = maps && names && take_as(in, out.chapters) && flags <= 3;
  return sound && in.ok() && in.at_end() && has_text_keys(out.entry) &&
         has_text_keys(out.variables);
}

bool is_deadline_or_none(Instant t) {
  return t == record::no_deadline || (t >= earliest_instant && t <= latest_instant);
}

// Whether all of its texts may be told on. What nests too deep has been refused before.
bool is_all_utf8(const HandOver& journey) {
  const auto texts = {&journey.workspace, &journey.campaign, &journey.contact, &journey.key,
                      &journey.step};
  return std::all_of(texts.begin(), texts.end(), [](const auto* text) { return is_utf8(*text); }) &&
         std::all_of(journey.goals.begin(), journey.goals.end(),
                     [](const std::string& name) { return is_utf8(name); }) &&
         std::all_of(journey.visits.begin(), journey.visits.end(),
                     [](const HandOver::Visit& visit) { return is_utf8(visit.step); }) &&
         is_utf8(Value(journey.entry)) && is_utf8(Value(journey.variables)) &&
         is_utf8(Value(journey.chapters));
}

std::optional<Error> beyond(const HandOver& journey, const Limits& limits) {
  if (!journey.has_key && !journey.key.empty()) return damaged("a key of a journey without one");
  for (const std::string* id : {&journey.contact, &journey.key, &journey.campaign, &journey.step}) {
    if (id->size() > limits.id_bytes) return too_large("with a longer id", limits.id_bytes);
  }
  if (journey.entry.size() + journey.variables.size() + journey.visits.size() +
          journey.goals.size() >
      limits.properties) {
    return too_large("with more properties", limits.properties);
  }
  const std::uint32_t depth = limits.value_depth + 1;  // the map around them
  const bool deep = nests_deeper(Value(journey.entry), depth) ||
                    nests_deeper(Value(journey.variables), depth) ||
                    nests_deeper(Value(journey.chapters), depth + 4);
  if (deep) return too_large("whose values nest deeper", limits.value_depth);
  const bool times = journey.entered >= earliest_instant && journey.entered <= latest_instant &&
                     is_deadline_or_none(journey.due);
  if (!times) return damaged("a time outside the years 1 to 9999");
  for (const HandOver::Visit& visit : journey.visits) {
    if (!is_deadline_or_none(visit.last_due)) return damaged("a time outside the years 1 to 9999");
  }
  if (!is_all_utf8(journey)) return damaged("a text in it is not UTF-8");
  const bool maps =
      std::all_of(journey.chapters.begin(), journey.chapters.end(),
                  [](const Value& each) { return each.get<Value::Map>() != nullptr; });
  if (!maps) return damaged("a chapter of its story is not a map");
  return std::nullopt;
}

// Whether it is left behind where the journey goes on elsewhere: what was emitted is not emitted
// once more.
bool is_sent(const State& state, const Journey& j) {
  return j.phase == Phase::awaiting && state.plan_of(j).nodes[j.node].send.has_value();
}

// Whether the visit of the step where it goes on has been counted.
bool has_come(const State& state, const Journey& j) {
  return j.phase != Phase::parked && j.phase != Phase::stalled && !is_sent(state, j);
}

// Where a journey or a strand goes on elsewhere: end_node if it has no step left.
NodeIndex goes_on_at(const State& state, const Journey& j) {
  const std::vector<NodePlan>& nodes = state.plan_of(j).nodes;
  if (j.phase == Phase::parked && j.node == model::end_node) {
    return nodes.empty() ? model::end_node : NodeIndex{0};
  }
  if (j.phase == Phase::lingering || j.node >= nodes.size()) return model::end_node;
  return is_sent(state, j) ? nodes[j.node].next : j.node;
}

}  // namespace

HandOver hand_over_of(const State& state, std::uint32_t journey, NodeIndex at) {
  const Journey& j = state.journeys[journey];
  const Journey& whole = state.journeys[state.whole(journey)];
  const CampaignPlan& plan = state.plan_of(whole);
  HandOver out;
  out.workspace = state.plans.workspace.name;
  out.campaign = plan.campaign.name;
  out.content = plan.content;
  out.contact = state.id_of(state.contacts[whole.contact]);
  out.has_key = whole.has_key;
  out.key = state.key_of(whole);
  out.step = plan.nodes[at].step->id;
  out.holdout = whole.holdout;
  out.entered = whole.entered;
  out.ordinal = whole.ordinal;
  const auto* const wait = std::get_if<Wait>(&plan.nodes[at].step->kind);
  const bool of_length = wait != nullptr && std::holds_alternative<Wait::For>(wait->form);
  if (of_length && j.phase == Phase::waiting && j.node == at) out.due = state.due_of(journey);
  if (of_length && j.phase == Phase::parked) out.due = wait_ends(state.blobs.view(j.context));
  out.entry = named_values(state, whole, ContextTag::entry);
  out.variables = named_values(state, whole, ContextTag::variable);
  for (base::ByteView rest = state.blobs.view(whole.context); !rest.empty();) {
    const ContextItem item = take_context(rest);
    if (item.tag != ContextTag::visits) continue;
    // It comes to the step once more there, which is the same visit.
    const std::uint32_t again = item.name == at && has_come(state, j) ? 1 : 0;
    const std::uint32_t visits = item.visits - std::min(item.visits, again);
    out.visits.push_back({plan.nodes[item.name].step->id, visits, item.last_due});
  }
  for (std::size_t i = 0; i < plan.goals.size(); ++i) {
    if ((whole.goals >> i & 1) != 0) out.goals.push_back(plan.campaign.goals[i].name);
  }
  out.chapters = chapters_of(state, journey);
  return out;
}

std::string token_of(const HandOver& journey) {
  base::Bytes bytes;
  base::Writer out(bytes);
  out.number(token_version);
  out.text(journey.workspace);
  out.text(journey.campaign);
  out.number(journey.content);
  out.text(journey.contact);
  out.number(static_cast<std::uint8_t>((journey.has_key ? 1 : 0) | (journey.holdout ? 2 : 0)));
  out.text(journey.key);
  out.text(journey.step);
  out.number(journey.entered.ms);
  out.number(journey.ordinal);
  out.number(journey.due.ms);
  base::pack(Value(journey.entry), bytes);
  base::pack(Value(journey.variables), bytes);
  out.number(static_cast<std::uint32_t>(journey.visits.size()));
  for (const HandOver::Visit& visit : journey.visits) {
    out.text(visit.step);
    out.number(visit.visits);
    out.number(visit.last_due.ms);
  }
  Value::List goals;
  for (const std::string& name : journey.goals) goals.emplace_back(name);
  base::pack(Value(std::move(goals)), bytes);
  base::pack(Value(journey.chapters), bytes);
  out.number(checksum_of(bytes));
  return base::to_base64url(bytes);
}

Result<HandOver> read_token(std::string_view token, const Limits& limits) {
  if (token.size() / 4 * 3 > std::size_t{limits.input_bytes} + limits.input_bytes / 2) {
    return too_large(fmt::format("of {} characters", token.size()), limits.input_bytes);
  }
  const std::optional<base::Bytes> bytes = base::from_base64url(token);
  if (!bytes) return damaged("not a text of letters, digits, - and _");
  if (bytes->size() < 1 + sizeof(std::uint64_t)) return damaged("it is too short");
  const base::ByteView content = base::ByteView(*bytes).first(bytes->size() - 8);
  if (base::load_le<std::uint64_t>(content.data() + content.size()) != checksum_of(content)) {
    return damaged("something in it was changed, or is missing");
  }
  base::Reader in(content);
  const auto version = in.number<std::uint8_t>();
  if (version > token_version) {
    return Error{ErrorCode::unsupported_version,
                 fmt::format("a resume token of a newer format, {}", version)};
  }
  HandOver journey;
  if (version == 0 || !read_fields(in, journey)) return damaged("what it says makes no journey");
  if (std::optional<Error> error = beyond(journey, limits)) return *std::move(error);
  return journey;
}

Result<std::string> token_for(const State& state, std::string_view campaign,
                              std::string_view contact, std::optional<std::string_view> key) {
  const Family* const family = state.plans.family(campaign);
  if (family == nullptr) {
    return Error{ErrorCode::unknown_campaign,
                 fmt::format("campaign {} was never published", campaign)};
  }
  const auto number = static_cast<std::uint16_t>(family - state.plans.families.data());
  const std::uint32_t place = state.find_contact(contact, base::stable_hash(contact).high);
  std::uint32_t at = place == no_place ? no_place : state.contacts[place].journeys;
  for (; at != no_place; at = state.journeys[at].next) {
    const Journey& j = state.journeys[at];
    const bool same_key = j.has_key == key.has_value() && (!key || state.key_of(j) == *key);
    const bool is_it = !j.is_strand() && j.phase != Phase::open_goals && same_key;
    if (is_it && state.plan_of(j).family == number) break;
  }
  if (at == no_place) {
    return Error{ErrorCode::unknown_contact,
                 fmt::format("no such journey in campaign {} is in flight", campaign)};
  }
  while (state.journeys[at].phase == Phase::forked) {
    std::uint32_t open = no_place;
    for (std::uint32_t each = state.next_strand(at, at); each != no_place;
         each = state.next_strand(each, at)) {
      if (state.journeys[each].head != at || state.journeys[each].phase == Phase::done) continue;
      if (open != no_place) {
        return Error{
            ErrorCode::invalid_argument,
            "the journey stands in several strands of a `parallel`: a token says one step"};
      }
      open = each;
    }
    if (open == no_place) break;
    at = open;
  }
  const NodeIndex node = goes_on_at(state, state.journeys[at]);
  if (node == model::end_node) {
    return Error{ErrorCode::invalid_argument, "the journey has no step left"};
  }
  return token_of(hand_over_of(state, at, node));
}

std::uint16_t version_for(const Plans& plans, const HandOver& journey) {
  const Family* const family = plans.family(journey.campaign);
  if (family == nullptr) return no_version;
  for (const auto& plan : plans.versions) {
    if (plan->content == journey.content && plan->campaign.name == journey.campaign) {
      return plan->version;
    }
  }
  return family->current;
}

}  // namespace itinera::engine
