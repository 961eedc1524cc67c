// SPDX-License-Identifier: Apache-2.0
#include "base/packed_value.hpp"
#include "state/verify.hpp"

namespace itinera::engine {
namespace {

constexpr std::size_t zone_text_max = 64;  // of a name, or of what zone data call themselves
constexpr std::size_t zones_max = 4'096;

// Of whom an input may say something; of one that is away, that it came before.
bool is_who(const State& state, std::uint32_t contact) {
  return contact == no_place || is_known(state, contact);
}

}  // namespace

bool are_properties(base::ByteView list) {
  base::Reader in(list);
  while (in.ok() && !in.at_end()) {
    in.text();
    base::skip_packed(in);
  }
  return in.ok();
}

bool is_known(const State& state, std::uint32_t contact) {
  return contact < state.contacts.size() && state.contacts[contact].id_size != 0;
}
bool is_contact(const State& state, std::uint32_t contact) {
  return is_known(state, contact) && !state.contacts[contact].is_away;
}
bool is_contact_or_none(const State& state, std::uint32_t contact) {
  return contact == no_place || is_contact(state, contact);
}

bool emits(StepKind kind) {
  return kind == StepKind::send || kind == StepKind::set || kind == StepKind::audience ||
         kind == StepKind::call || kind == StepKind::task || kind == StepKind::consent;
}

bool fits(const State&, const record::OpenedInput& input) {
  return input.zone_data.size() <= zone_text_max;
}
bool fits(const State&, const record::ZoneDataInput& input) {
  return input.version.size() <= zone_text_max;
}
bool fits(const State& state, const record::ZoneKnown& r) {
  const ZoneRules& rules = state.zone_rules;
  const bool is_new = !rules.known.contains(r.name);
  return !r.name.empty() && r.name.size() <= zone_text_max && unpacked(r.rules) &&
         (!is_new || rules.known.size() < zones_max);
}
bool fits(const State& state, const record::EventInput& input) {
  return is_who(state, input.contact) && are_properties(input.properties) &&
         state.plans.told_event(state.plans.names.find(input.name)) != nullptr;
}
bool fits(const State& state, const record::IdentifyInput& input) {
  return is_who(state, input.contact) && are_properties(input.attributes);
}
bool fits(const State& state, const record::AliasInput& input) {
  return is_who(state, input.contact);
}
bool fits(const State& state, const record::MergeInput& input) {
  return is_who(state, input.into) && is_who(state, input.from);
}
bool fits(const State& state, const record::ForgetInput& input) {
  return is_who(state, input.contact);
}
bool fits(const State& state, const record::GroupInput& input) {
  return is_who(state, input.contact);
}
bool fits(const State&, const record::ReportInput& input) { return are_properties(input.data); }
bool fits(const State& state, const record::EnterInput& input) {
  return is_who(state, input.contact) && are_properties(input.properties);
}
bool fits(const State& state, const record::StopInput& input) {
  return is_who(state, input.contact);
}
bool fits(const State& state, const record::MoveInput& input) {
  return is_who(state, input.contact);
}
bool fits(const State& state, const record::PauseInput& input) {
  return state.plans.family(input.campaign) != nullptr && input.entries <= 1 &&
         input.mode <= static_cast<std::uint8_t>(PauseMode::drop);
}
bool fits(const State& state, const record::ResumeInput& input) {
  return state.plans.family(input.campaign) != nullptr;
}
bool fits(const State&, const record::ReassignInput&) { return true; }
bool fits(const State& state, const record::TakeOverInput& input) {
  return is_who(state, input.contact) && are_properties(input.properties);
}
bool fits(const State&, const record::SuppressInput& input) { return input.listed <= 1; }
bool fits(const State&, const record::HeardInput& input) { return input.from < record::shards_max; }
bool fits(const State& state, const record::PublishInput&) {
  return state.outbox.entries.size() < no_place;
}
bool fits(const State& state, const record::TakenInput& input) {
  return input.count == state.outbox.entries.size();
}
bool fits(const State&, const record::TimersInput&) { return true; }
bool fits(const State&, const record::GatesInput&) { return true; }

}  // namespace itinera::engine
