// SPDX-License-Identifier: Apache-2.0
// What the host reports of actions: to the journey that waits for it, and about writing to the
// contact again.
#include "base/packed_value.hpp"
#include "engine/process.hpp"
#include "model/data_schema.hpp"

namespace itinera::engine {

using record::Counter;
using record::Reason;

// Keeps what a receipt brought for a wait that the journey may come to later.
void Process::keep_receipt(std::uint32_t journey, std::uint32_t action, std::uint8_t receipt) {
  const Journey& j = state_.journeys[journey];
  const CampaignPlan& plan = state_.plan_of(j);
  const bool asked = (plan.keeps_receipts >> receipt & 1) != 0;
  if (event_.empty() || (!asked && !plan.tells_story)) return;
  base::Bytes data;
  pack_event(data);
  // A story leaves half of the room to variables.
  const std::size_t room = state_.limits.variables_bytes / (asked ? 1 : 2);
  if (state_.blobs.view(j.context).size() + data.size() > room) {
    commit(record::Counted{Counter::missing_datum, journey, state_.node_of(action)});
    return;
  }
  commit(record::ReceiptKept{journey, action, receipt, data});
}

void Process::take(const Report& report, const Taken& taken) {
  properties_.clear();
  event_.clear();
  event_arena_.reset();
  for (const Property& property : report.data) {
    properties_.append_text(property.name);
    base::pack(property.value, properties_);
    event_.push_back({state_.plans.names.find(property.name), property.name,
                      expr::view_of(property.value, event_arena_)});
  }
  record::ReportInput input;
  input.action = report.action.hash;
  input.receipt = *state_.plans.receipts.find(report.receipt, report.declared);
  input.flags = static_cast<std::uint8_t>((report.hard ? record::ReportInput::hard : 0) |
                                          (report.retry ? record::ReportInput::retry : 0));
  // Of an action that nobody has, or nobody any more, nobody could tell whose data it is, and who
  // is forgotten would stay in it.
  index_actions(state_);
  const std::uint32_t action = state_.find_action(input.action);
  if (action != no_place || sent_lately(state_, input.action) != nullptr) {
    input.data = properties_.view();
  }
  if (!begin_message(input, report, taken)) return;
  if (action == no_place) return take_late(input, report.envelope.message_id);
  const ActionState& of = state_.actions[action];
  const std::uint32_t journey = of.journey;
  const bool had_slot = !of.freed_slot;
  const std::uint32_t before = of.receipts;
  commit(record::ReceiptNoted{journey, action, state_.node_of(action), input.receipt});
  brake(state_.version_of(action), of.node);
  const std::uint32_t contact = state_.journeys[journey].contact;
  keep_receipt(journey, action, input.receipt);
  Told told;
  told.contact = contact;
  told.node = &state_.step_of(action);
  told.address = of.address;
  told.leg = of.leg;
  told.sender = state_.sender_of(action);
  told.receipt = input.receipt;
  told.hard = report.hard;
  told.freed = had_slot && of.freed_slot;
  told.is_news = (before >> input.receipt & 1) == 0;
  told.occurred = input.occurred;
  told.message_id = report.envelope.message_id;
  heed(told);
  Stimulus stimulus;
  stimulus.kind = Stimulus::Kind::receipt;
  stimulus.receipt = input.receipt;
  stimulus.action = action;
  stimulus.retry = report.retry;
  hear_receipt(journey, stimulus);
  tell_account(contact, stimulus, journey);
  event_.clear();
  react(contact, {});
  settle();
}

// A message was answered, or looked at: what `contact.last_channel` and engaged() ask for.
void Process::note_engagement(const Told& told) {
  if (!engages(state_, told.receipt)) return;
  const std::string& channel = told.node->send->leg(told.leg).name;
  note_last_channel(told, channel);
  if (!traces(Trace::engaged, channel)) return;
  commit(record::Traced{told.contact, static_cast<std::uint8_t>(Trace::engaged), channel,
                        told.occurred});
  const NameId name = state_.plans.names.find(name_of(Trace::engaged, channel));
  sort_out(told.contact, state_.plans.event(name)->segments);
}

// An attribute like those of the host: it is kept where something asks for it, the newer word
// counts, and whoever merges or forgets has it merged or forgotten.
void Process::note_last_channel(const Told& told, std::string_view channel) {
  const NameId name = state_.plans.last_channel_name;
  if (!state_.plans.wants(name) ||
      !attribute_is_newer(state_, told.contact, name, told.occurred, told.message_id)) {
    return;
  }
  base::Bytes value;
  base::pack(Value(channel), value);
  set_attribute({told.contact, model::last_channel, told.occurred, told.message_id, value}, name);
  changed(told.contact, name);
  sort_out(told.contact, {});
}

// What a receipt says about writing to the contact again (design 4).
void Process::heed(const Told& told) {
  if (!told.node->send) return;
  note_engagement(told);
  rest(told);
  const std::string& channel = told.node->send->leg(told.leg).name;
  const auto receipt = static_cast<Receipt>(told.receipt);
  if (told.freed && told.node->send->leg(told.leg).caps != 0) release_slot(told.contact);
  const bool complained = receipt == Receipt::complained;
  if (complained || (receipt == Receipt::bounced && told.hard)) {
    commit(record::Suppressed{told.contact, told.address, channel,
                              complained ? Reason::complained : Reason::bounced});
  }
  const std::string& topic = told.node->send->topic;
  if (receipt != Receipt::unsubscribed) return;
  const record::ConsentSet word{told.contact,
                                channel,
                                topic,
                                0,
                                told.occurred,
                                told.message_id,
                                name_of(Reason::unsubscribed)};
  if (!consent_is_newer(state_, word)) return;
  commit(word);
  changed(told.contact, state_.plans.consents_name);
  sort_out(told.contact, {});
}

// What the host itself knows of an address.
void Process::take(const Suppress& suppress, const Taken& taken) {
  record::SuppressInput input;
  input.channel = suppress.channel;
  input.address = address_hash(suppress.channel, suppress.address);
  input.listed = suppress.listed ? 1 : 0;
  input.message = message_key(suppress);
  begin(input, taken);
  if (repeats(input.message)) return;
  const Reason* const known = state_.suppressed.find(suppression_key(input.address));
  const Reason reason = suppress.listed ? Reason::listed : Reason::none;
  if (reason == (known == nullptr ? Reason::none : *known)) return;
  commit(record::Suppressed{no_place, input.address, suppress.channel, reason});
}

void Process::hear_of_report(const record::Suppressed* told, std::uint8_t from,
                             const Taken& taken) {
  begin(record::HeardInput{from}, taken);
  if (told != nullptr) {
    commit(record::Suppressed{no_place, told->address, told->channel, told->reason});
  }
  end_input();
}

// Of an action whose journey is closed.
void Process::take_late(const record::ReportInput& input, std::string_view message_id) {
  const SentMessage* const sent = sent_lately(state_, input.action);
  if (sent == nullptr) {
    return commit(record::Counted{Counter::unmatched_receipt, no_place, model::end_node});
  }
  Told told;
  told.contact = state_.find_linked(sent->contact);
  told.node = &state_.plans.versions[sent->version]->nodes[sent->node];
  told.address = sent->address;
  told.leg = sent->leg;
  told.sender = sent->sender;
  told.receipt = input.receipt;
  told.hard = state_.input.hard;
  told.occurred = input.occurred;
  told.message_id = message_id;
  const bool had_slot = !sent->freed_slot;
  told.is_news = (sent->receipts >> input.receipt & 1) == 0;
  commit(record::LateReceipt{input.action, told.contact, sent->version, sent->node, input.receipt,
                             sent->leg});
  told.freed = had_slot && sent->freed_slot;
  brake(sent->version, sent->node);
  heed(told);
  Stimulus stimulus;
  stimulus.kind = Stimulus::Kind::receipt;
  stimulus.receipt = input.receipt;
  tell_account(told.contact, stimulus);
  event_.clear();
  react(told.contact, {});
  settle();
}

}  // namespace itinera::engine
