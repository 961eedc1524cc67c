// SPDX-License-Identifier: Apache-2.0
// One record as a happening: one tell() a kind.
#include <memory>
#include <string>
#include <utility>

#include "base/packed_value.hpp"
#include "insight/story_state.hpp"
#include "insight/words.hpp"

namespace itinera {

using insight::choice_of;
using insight::Definition;
using insight::Journey;
using insight::zone_owner;

Happening* Story::State::add_contact(std::string_view what, std::uint32_t place) {
  const std::string* const id = memory.contact(place);
  if (id == nullptr) return nullptr;
  Happening& happening = add(what);
  happening.contact = *id;
  return &happening;
}

void Story::State::put_definition(Happening& happening, std::size_t place) {
  const Definition* const definition = memory.definition(place);
  happening.definition = place;
  happening.campaign = definition->campaign.name;
  happening.version = definition->campaign.version;
}

Happening* Story::State::add_journey(std::string_view what, std::uint32_t place) {
  const Journey* const journey = memory.journey(place);
  if (journey == nullptr) return nullptr;
  Happening* const happening = add_contact(what, memory.place_of(journey->person));
  if (happening == nullptr) return nullptr;
  const bool is_strand = journey->whole != Happening::no_journey;
  const Journey* const whole = is_strand ? memory.journey(journey->whole) : journey;
  if (whole == nullptr) return nullptr;
  put_definition(*happening, whole->definition);
  happening->journey = is_strand ? journey->whole : place;
  if (is_strand) happening->strand = place;
  happening->has_key = journey->has_key;
  happening->key = journey->key_text();
  return happening;
}

const Step* Story::State::step_of(const Happening& happening) const {
  return memory.definition(happening.definition)->graph.nodes[happening.node].step;
}

Happening* Story::State::add_step(std::string_view what, std::uint32_t place, std::uint16_t node) {
  Happening* const happening = add_journey(what, place);
  if (happening == nullptr) return nullptr;
  if (node >= memory.definition(happening->definition)->graph.nodes.size()) return nullptr;
  put_step(*happening, node);
  const Journey& journey = *memory.journey(place);
  const auto* const send = std::get_if<Send>(&step_of(*happening)->kind);
  if (send != nullptr && journey.chosen_at == node) {
    happening->channel = insight::channel_of(*send, journey.leg);
  }
  return happening;
}

void Story::State::put_step(Happening& happening, std::uint16_t node) {
  happening.node = node;
  const Step* const step = step_of(happening);
  happening.step = step->id;
  if (const auto* send = std::get_if<Send>(&step->kind)) happening.channel = send->channel;
}

bool Story::State::tell(const record::Entered& r) {
  if (memory.definition(r.version) == nullptr || memory.contact(r.contact) == nullptr) return false;
  Journey journey{.person = memory.person_at(r.contact),
                  .definition = r.version,
                  .has_key = (r.flags & record::Entered::has_key) != 0,
                  .key = nullptr};
  if (!r.key.empty()) journey.key = std::make_unique<const std::string>(r.key);
  if (!memory.add_journey(r.journey, std::move(journey))) return false;
  Happening* const happening = add_journey(name_of(record::Decision::entered), r.journey);
  if (happening == nullptr) return false;
  happening->which = r.entry;
  const bool holdout = (r.flags & record::Entered::holdout) != 0;
  if (holdout) happening->reason = name_of(record::Reason::holdout);
  return true;
}

bool Story::State::tell(const record::Refused& r) {
  // A chain that was cut belongs to no campaign, nor does a link or an account.
  const bool is_link = r.decision == record::Decision::refused_link ||
                       r.decision == record::Decision::refused_account;
  const bool of_campaign = r.decision != record::Decision::chain_limit && !is_link;
  if (of_campaign && memory.definition(r.version) == nullptr) return false;
  Happening& happening = add(name_of(r.decision));
  happening.reason = name_of(r.reason);
  happening.contact = input_contact;
  if (r.contact != record::no_place) {
    const std::string* const id = memory.contact(r.contact);
    if (id == nullptr) return false;
    happening.contact = *id;
  }
  if (of_campaign) put_definition(happening, r.version);
  if (is_link) {
    happening.name = r.key;
    return true;
  }
  happening.key = r.key;
  happening.has_key = !r.key.empty();
  return true;
}

bool Story::State::tell(const record::Visited& r) {
  missing.end_step();
  return add_step("visited", r.journey, r.node);
}

bool Story::State::tell(const record::Waited& r) {
  Happening* const happening = add_step(name_of(record::Decision::waited), r.journey, r.node);
  if (happening == nullptr) return false;
  happening->reason = name_of(r.reason);
  happening->zone_of = zone_owner(r.zone_from);
  if (r.due != record::no_deadline) happening->due = r.due;
  return true;
}

bool Story::State::add_choice(std::string_view what, record::Reason chosen,
                              record::Reason otherwise, std::uint32_t journey, std::uint16_t node,
                              std::uint16_t which) {
  Happening* const happening = add_step(what, journey, node);
  if (happening == nullptr) return false;
  happening->choice = choice_of(*step_of(*happening), which);
  happening->which = which;
  if (which != record::no_case && happening->choice.empty()) return false;
  happening->reason = name_of(which == record::no_case ? otherwise : chosen);
  return true;
}

bool Story::State::tell(const record::Rearmed& r) {
  Happening* const happening = add_step(name_of(r.decision), r.journey, r.node);
  if (happening == nullptr) return false;
  happening->zone_of = zone_owner(r.zone_from);
  happening->due = r.due;
  return true;
}

bool Story::State::tell(const record::Gathered& r) {
  Happening* const happening = add_step(name_of(record::Decision::gathered), r.journey, r.node);
  if (happening != nullptr && r.due != record::no_deadline) happening->due = r.due;
  return happening != nullptr;
}

bool Story::State::tell(const record::Retried& r) {
  Happening* const happening = add_step(name_of(record::Decision::retried), r.journey, r.node);
  if (happening == nullptr) return false;
  happening->value = Value(static_cast<std::int64_t>(r.attempt));
  happening->due = r.due;
  return true;
}

bool Story::State::tell(const record::GaveUp& r) {
  Happening* const happening = add_step(name_of(record::Decision::gave_up), r.journey, r.node);
  if (happening == nullptr) return false;
  happening->value = Value(static_cast<std::int64_t>(r.attempts));
  return true;
}

bool Story::State::tell(const record::Braked& r) {
  const Definition* const known = memory.definition(r.version);
  if (known == nullptr || r.node >= known->graph.nodes.size()) return false;
  Happening& happening = add(name_of(record::Decision::braked));
  put_definition(happening, r.version);
  put_step(happening, r.node);
  happening.value = Value(static_cast<std::int64_t>(r.failed));
  return true;
}

bool Story::State::tell(const record::Reassigned& r) {
  Happening* const happening = add_step(name_of(record::Decision::reassigned), r.journey, r.node);
  if (happening == nullptr) return false;
  if (r.due != record::no_deadline) happening->due = r.due;
  happening->value = Value(r.to);
  return true;
}

// A plain wait has no cases: that its time came is no timeout.
bool Story::State::tell(const record::Resolved& r) {
  const Journey* journey = memory.journey(r.journey);
  if (journey != nullptr && journey->whole != Happening::no_journey) {
    journey = memory.journey(journey->whole);
  }
  if (journey == nullptr) return false;
  const auto& nodes = memory.definition(journey->definition)->graph.nodes;
  if (r.node >= nodes.size()) return false;
  const Step::Kind& kind = nodes[r.node].step->kind;
  if (std::holds_alternative<Parallel>(kind)) {
    return add_choice(name_of(record::Decision::resolved), record::Reason::joined,
                      record::Reason::joined, r.journey, r.node, r.which);
  }
  const bool has_cases = !std::holds_alternative<Wait>(kind);
  const auto otherwise = has_cases ? record::Reason::timeout : record::Reason::none;
  const auto chosen =
      std::holds_alternative<Digest>(kind) ? record::Reason::full : record::Reason::first_case;
  return add_choice(name_of(record::Decision::resolved), chosen, otherwise, r.journey, r.node,
                    r.which);
}

bool Story::State::tell(const record::Branched& r) {
  return add_choice(name_of(record::Decision::branched), record::Reason::first_case,
                    record::Reason::otherwise, r.journey, r.node, r.which);
}

bool Story::State::tell(const record::Assigned& r) {
  return add_choice(name_of(record::Decision::assigned), record::Reason::none, record::Reason::none,
                    r.journey, r.node, r.variant);
}

bool Story::State::tell(const record::VariableSet& r) {
  Happening* const happening = add_journey("variable_set", r.journey);
  if (happening == nullptr) return false;
  happening->name = r.name;
  missing.variable_set(r.journey, r.name);
  return true;
}

bool Story::State::tell(const record::Emitted& r) {
  if (!missing.emitted(r.journey, r.node, r.data)) return false;
  Happening* const happening = add_step(name_of(record::Decision::emitted), r.journey, r.node);
  if (happening == nullptr) return false;
  happening->iteration = r.iteration;
  happening->action = {r.id};
  const auto definition = static_cast<std::uint16_t>(happening->definition);
  if (!memory.note_emitted(r.action, {definition, r.node, happening->channel})) return false;
  memory.emit({.id = r.id,
               .place = r.action,
               .journey = happening->journey,
               .person = memory.journey(r.journey)->person,
               .definition = definition,
               .node = r.node,
               .iteration = r.iteration,
               .emitted = at,
               .channel = happening->channel});
  return true;
}

bool Story::State::tell(const record::Skipped& r) {
  Happening* const happening = add_step(name_of(r.decision), r.journey, r.node);
  if (happening != nullptr) happening->reason = name_of(r.reason);
  return happening != nullptr;
}

bool Story::State::tell(const record::ReceiptNoted& r) {
  // The record has the step that it is by now.
  const insight::Emission* const emission = memory.emission(r.action);
  Happening* const happening = add_journey("receipt", r.journey);
  if (happening == nullptr || emission == nullptr) return false;
  put_definition(*happening, emission->definition);
  put_step(*happening, emission->node);
  happening->channel = emission->channel;
  happening->receipt = memory.receipt(r.receipt);
  return !happening->receipt.empty();
}

bool Story::State::tell(const record::Converted& r) {
  Happening* const happening = add_journey(name_of(record::Decision::converted), r.journey);
  if (happening == nullptr) return false;
  const auto& goals = memory.definition(happening->definition)->campaign.goals;
  if (r.goal >= goals.size()) return false;
  happening->goal = goals[r.goal].name;
  missing.converted(happening->goal);
  if (r.value.empty()) return true;
  base::Reader in(r.value);
  happening->value = base::unpack(in);
  return in.ok() && in.at_end();
}

bool Story::State::tell(const record::Ended& r) {
  if (r.reason == record::Reason::variables_limit) missing.cut();
  const bool at_step = r.node != Happening::no_node;
  Happening* const happening = at_step ? add_step(name_of(r.decision), r.journey, r.node)
                                       : add_journey(name_of(r.decision), r.journey);
  if (happening == nullptr) return false;
  happening->reason = name_of(r.reason);
  if (!at_step) return true;
  const auto* const exit = std::get_if<Exit>(&step_of(*happening)->kind);
  if (exit != nullptr && !exit->reason.empty()) happening->reason = exit->reason;
  return true;
}

bool Story::State::tell(const record::Closed& r) {
  return add_journey(name_of(record::Decision::closed), r.journey);
}

bool Story::State::tell(const record::Withdrawn& r) {
  const auto waiting = memory.withdraw(r.action);
  if (!waiting || waiting->journey != r.journey) return false;
  Happening* const happening = add_journey(name_of(r.decision), r.journey);
  if (happening == nullptr) return false;
  put_definition(*happening, waiting->definition);
  put_step(*happening, waiting->node);
  happening->iteration = waiting->iteration;
  happening->emitted = waiting->emitted;
  happening->channel = waiting->channel;
  happening->action = {r.id};
  return true;
}

Happening* Story::State::add_message(std::string_view what, std::uint32_t contact,
                                     std::uint16_t definition, std::uint16_t node) {
  const Definition* const known = memory.definition(definition);
  if (known == nullptr || node >= known->graph.nodes.size()) return nullptr;
  Happening* const happening = add_contact(what, contact);
  if (happening == nullptr) return nullptr;
  put_definition(*happening, definition);
  put_step(*happening, node);
  return happening;
}

bool Story::State::tell(const record::Recalled& r) {
  Happening* const happening = add_message(name_of(r.decision), r.contact, r.version, r.node);
  if (happening == nullptr) return false;
  const auto taken = memory.recall(r.id, r.contact, r.version, r.node);
  if (!taken) return false;
  happening->reason = name_of(r.reason);
  happening->iteration = taken->iteration;
  happening->emitted = taken->emitted;
  happening->channel = taken->channel;
  happening->action = {r.id};
  return true;
}

bool Story::State::tell(const record::UnknownOutcome& r) {
  Happening* const happening =
      add_message(name_of(record::Decision::unknown_outcome), r.contact, r.version, r.node);
  if (happening == nullptr) return false;
  happening->reason = name_of(r.reason);
  happening->action = {r.id};
  if (const auto* send = std::get_if<Send>(&step_of(*happening)->kind)) {
    happening->channel = insight::channel_of(*send, r.leg);
  }
  return true;
}

bool Story::State::tell(const record::LateReceipt& r) {
  Happening* const happening =
      add_message(name_of(record::Decision::reported_late), r.contact, r.version, r.node);
  if (happening == nullptr) return false;
  happening->action = {r.action};
  happening->receipt = memory.receipt(r.receipt);
  if (const auto* send = std::get_if<Send>(&step_of(*happening)->kind)) {
    happening->channel = insight::channel_of(*send, r.leg);
  }
  return !happening->receipt.empty() && !happening->channel.empty();
}

// The value has what was found of each channel that was asked, the one liked best first. Where none
// can be taken, that one is what the refusal is about.
bool Story::State::tell(const record::Chose& r) {
  Happening* const happening =
      add_step(name_of(record::Decision::chose_channel), r.journey, r.node);
  if (happening == nullptr) return false;
  const auto* const send = std::get_if<Send>(&step_of(*happening)->kind);
  constexpr std::size_t size = record::Chose::candidate_size;
  if (send == nullptr || r.candidates.size() % size != 0) return false;
  Value::List found;
  for (std::size_t begin = 0; begin + size <= r.candidates.size(); begin += size) {
    const auto byte = [&](std::size_t i) {
      return static_cast<std::uint8_t>(r.candidates[begin + i]);
    };
    const std::string_view channel = insight::channel_of(*send, byte(0));
    const std::string_view what = name_of(record::Decision{byte(1)});
    if (channel.empty() || what.empty()) return false;
    Value::Map& each = std::get<Value::Map>(found.emplace_back(Value::Map{}).data);
    each.push_back({Value("channel"), Value(channel)});
    each.push_back({Value("found"), Value(what)});
    const std::string_view why = name_of(record::Reason{byte(2)});
    if (!why.empty()) each.push_back({Value("reason"), Value(why)});
  }
  happening->value = Value(std::move(found));
  happening->channel = {};
  if (r.leg == record::Chose::no_leg) {
    if (!r.candidates.empty()) {
      memory.choose(r.journey, r.node, static_cast<std::uint8_t>(r.candidates[0]));
    }
    return true;
  }
  memory.choose(r.journey, r.node, r.leg);
  happening->channel = insight::channel_of(*send, r.leg);
  return !happening->channel.empty();
}

// It meets the gates anew, and chooses anew.
bool Story::State::tell(const record::Ready& r) {
  if (!add_step("ready", r.journey, r.node)) return false;
  memory.choose(r.journey, Happening::no_node, 0);
  return true;
}

bool Story::State::tell(const record::Escalated& r) {
  if (!add_step(name_of(record::Decision::escalated), r.journey, r.node)) return false;
  memory.choose(r.journey, Happening::no_node, 0);
  return true;
}

bool Story::State::tell(const record::AccountGiven& r) {
  Happening* const happening =
      add_step(name_of(record::Decision::account_given), r.journey, r.node);
  const std::string* const sender = memory.sender(r.sender);
  if (happening == nullptr || sender == nullptr) return false;
  happening->name = *sender;
  return true;
}

bool Story::State::tell(const record::Rested& r) {
  const std::string* const sender = memory.sender(r.sender);
  if (sender == nullptr) return false;
  Happening& happening = add(name_of(record::Decision::rested));
  happening.name = *sender;
  happening.due = r.until;
  return true;
}

bool Story::State::tell(const record::Parked& r) {
  return add_journey(name_of(r.decision), r.journey);
}

bool Story::State::tell(const record::Held& r) {
  Happening* const happening = add_step(name_of(r.decision), r.journey, r.node);
  if (happening != nullptr && r.due != record::no_deadline) happening->due = r.due;
  return happening != nullptr;
}

bool Story::State::tell(const record::SetOff& r) {
  Happening* const happening = add_step(name_of(record::Decision::set_off), r.journey, r.node);
  if (happening == nullptr) return false;
  happening->name = insight::told_of(*step_of(*happening));
  happening->choice = kind_name(*step_of(*happening));
  return !happening->name.empty();
}

bool Story::State::tell(const record::Caused& r) {
  if (add_contact("caused", r.contact) == nullptr) return false;
  happenings.back().name = r.event;
  return true;
}

bool Story::State::tell(const record::Duplicate&) {
  add(name_of(record::Decision::duplicate)).contact = input_contact;
  return true;
}

bool Story::State::tell(const record::Counted& r) {
  const std::string_view what = name_of(r.counter);
  if (r.journey == record::no_place) {
    add(what).contact = input_contact;
    return true;
  }
  const bool is_datum = r.counter == record::Counter::missing_datum;
  if (r.node == Happening::no_node) {
    if (add_journey(what, r.journey) == nullptr) return false;
    if (is_datum) missing.note_goal();
    return true;
  }
  const Happening* const happening = add_step(what, r.journey, r.node);
  if (happening == nullptr) return false;
  if (is_datum) missing.note(r.journey, r.node, *step_of(*happening));
  return true;
}

}  // namespace itinera
