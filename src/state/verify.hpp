// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "record/records.hpp"
#include "state/state.hpp"

namespace itinera::engine {

// Whether an input or a record, read from a journal, can be applied to this state: every place is
// taken, every number in its range, every packed value sound. The engine's own records always fit.
bool fits(const State& state, const record::OpenedInput& input);
bool fits(const State& state, const record::ZoneDataInput& input);
bool fits(const State& state, const record::ZoneKnown& r);
bool fits(const State& state, const record::EventInput& input);
bool fits(const State& state, const record::IdentifyInput& input);
bool fits(const State& state, const record::AliasInput& input);
bool fits(const State& state, const record::MergeInput& input);
bool fits(const State& state, const record::ForgetInput& input);
bool fits(const State& state, const record::GroupInput& input);
bool fits(const State& state, const record::ReportInput& input);
bool fits(const State& state, const record::EnterInput& input);
bool fits(const State& state, const record::StopInput& input);
bool fits(const State& state, const record::MoveInput& input);
bool fits(const State& state, const record::SuppressInput& input);
bool fits(const State& state, const record::HeardInput& input);
bool fits(const State& state, const record::ReassignInput& input);
bool fits(const State& state, const record::TakeOverInput& input);
bool fits(const State& state, const record::PauseInput& input);
bool fits(const State& state, const record::ResumeInput& input);
bool fits(const State& state, const record::PublishInput& input);
bool fits(const State& state, const record::TakenInput& input);
bool fits(const State& state, const record::ReofferInput& input);
bool fits(const State& state, const record::AcknowledgeInput& input);
bool fits(const State& state, const record::TimersInput& input);
bool fits(const State& state, const record::GatesInput& input);

bool fits(const State& state, const record::ContactCreated& r);
bool fits(const State& state, const record::Linked& r);
bool fits(const State& state, const record::Merged& r);
bool fits(const State& state, const record::Verified& r);
bool fits(const State& state, const record::Forgotten& r);
bool fits(const State& state, const record::Grouped& r);
bool fits(const State& state, const record::AttributeSet& r);
bool fits(const State& state, const record::Remembered& r);
bool fits(const State& state, const record::HistoryMarked& r);
bool fits(const State& state, const record::Entered& r);
bool fits(const State& state, const record::Refused& r);
bool fits(const State& state, const record::Visited& r);
bool fits(const State& state, const record::Waited& r);
bool fits(const State& state, const record::Rearmed& r);
bool fits(const State& state, const record::Resolved& r);
bool fits(const State& state, const record::Branched& r);
bool fits(const State& state, const record::Assigned& r);
bool fits(const State& state, const record::VariableSet& r);
bool fits(const State& state, const record::Ready& r);
bool fits(const State& state, const record::Emitted& r);
bool fits(const State& state, const record::Skipped& r);
bool fits(const State& state, const record::ReceiptNoted& r);
bool fits(const State& state, const record::ReceiptKept& r);
bool fits(const State& state, const record::ReceiptUsed& r);
bool fits(const State& state, const record::EventUsed& r);
bool fits(const State& state, const record::Converted& r);
bool fits(const State& state, const record::Ended& r);
bool fits(const State& state, const record::Closed& r);
bool fits(const State& state, const record::Withdrawn& r);
bool fits(const State& state, const record::SetOff& r);
bool fits(const State& state, const record::Forked& r);
bool fits(const State& state, const record::Joined& r);
bool fits(const State& state, const record::Caused& r);
bool fits(const State& state, const record::Watched& r);
bool fits(const State& state, const record::WatchedAll& r);
bool fits(const State& state, const record::MembershipChanged& r);
bool fits(const State& state, const record::Redefined& r);
bool fits(const State& state, const record::Queued& r);
bool fits(const State& state, const record::Released& r);
bool fits(const State& state, const record::Requeued& r);
bool fits(const State& state, const record::Scheduled& r);
bool fits(const State& state, const record::CapDay& r);
bool fits(const State& state, const record::ConsentSet& r);
bool fits(const State& state, const record::Gathered& r);
bool fits(const State& state, const record::Retried& r);
bool fits(const State& state, const record::Traced& r);
bool fits(const State& state, const record::Held& r);
bool fits(const State& state, const record::Suppressed& r);
bool fits(const State& state, const record::LateReceipt& r);
bool fits(const State& state, const record::Recalled& r);
bool fits(const State& state, const record::Parked& r);
bool fits(const State& state, const record::Chose& r);
bool fits(const State& state, const record::Escalated& r);
bool fits(const State& state, const record::AccountGiven& r);
bool fits(const State& state, const record::Served& r);
bool fits(const State& state, const record::Rested& r);
bool fits(const State& state, const record::PassedOver& r);
bool fits(const State& state, const record::SetAside& r);
bool fits(const State& state, const record::AsideDone& r);
bool fits(const State& state, const record::Lingered& r);
bool fits(const State& state, const record::GaveUp& r);
bool fits(const State& state, const record::Reassigned& r);
bool fits(const State& state, const record::TakenOver& r);
bool fits(const State& state, const record::Stalled& r);
bool fits(const State& state, const record::Unstalled& r);
bool fits(const State& state, const record::Braked& r);
bool fits(const State& state, const record::UnknownOutcome& r);
bool fits(const State& state, const record::Remapped& r);
bool fits(const State& state, const record::Migrated& r);
bool fits(const State& state, const record::Duplicate& r);
bool fits(const State& state, const record::Chained& r);
bool fits(const State& state, const record::Counted& r);

// Whether no journey is left between two steps, and no send is ready unless its instant goes on.
bool settled(const State& state);

// What these and the checks of snapshots ask: whether bytes are names and packed values in turn,
// whether there is such a contact, and whether there is one, or one that is away.
bool are_properties(base::ByteView list);
bool is_contact(const State& state, std::uint32_t contact);
bool is_known(const State& state, std::uint32_t contact);
bool is_contact_or_none(const State& state, std::uint32_t contact);
// Whether a journey, or a strand of one, may be in that phase at that step.
bool can_stand(const CampaignPlan& plan, NodeIndex node, Phase phase, bool is_strand);
// Whether such steps emit actions for the host.
bool emits(StepKind kind);

}  // namespace itinera::engine
