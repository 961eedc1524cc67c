// SPDX-License-Identifier: Apache-2.0
// Every kind of record in one list: whoever reads a journal goes through it.
#pragma once

#include "record/frame.hpp"
#include "record/records.hpp"

namespace itinera::record {

template <class... Each>
struct Kinds {};
using AllRecords =
    Kinds<ContactCreated, Linked, AttributeSet, Remembered, HistoryMarked, Entered, Refused,
          Visited, Waited, Resolved, Branched, Assigned, VariableSet, Ready, Emitted, Skipped,
          ReceiptNoted, ReceiptKept, ReceiptUsed, EventUsed, Converted, Ended, Closed, Withdrawn,
          SetOff, Caused, Watched, WatchedAll, MembershipChanged, Redefined, Queued, Released,
          Requeued, Scheduled, CapDay, Rearmed, ConsentSet, Forked, Joined, Gathered, Retried,
          Traced, Held, Suppressed, LateReceipt, Recalled, Parked, Chose, Escalated, AccountGiven,
          Served, Rested, PassedOver, SetAside, AsideDone, Lingered, GaveUp, Merged, Forgotten,
          Grouped, Stalled, Unstalled, Braked, Reassigned, TakenOver, Verified, UnknownOutcome,
          Remapped, Migrated, ZoneKnown, Chained, Duplicate, Counted, Departed, ContactCame,
          RowCame, JourneyCame, ActionCame, ContextCame, OpenCame, SentCame, OutCame, BegunCame>;

namespace detail {
template <class... Each, class Take>
bool take_one_of(Kinds<Each...>, const RawRecord& raw, Take& take) {
  bool sound = false;
  const auto try_kind = [&]<class R>() {
    if (raw.kind != R::kind) return false;
    const std::optional<R> read = decode<R>(raw.fields);
    sound = read.has_value() && take(*read);
    return true;
  };
  return (try_kind.template operator()<Each>() || ...) && sound;
}
}  // namespace detail

// Reads the record and gives it to `take`, which says whether it makes sense. False if it does not,
// or is none.
template <class Take>
bool take_record(const RawRecord& raw, Take&& take) {
  return detail::take_one_of(AllRecords{}, raw, take);
}

}  // namespace itinera::record
