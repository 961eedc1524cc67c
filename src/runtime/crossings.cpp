// SPDX-License-Identifier: Apache-2.0
// Contacts that go from one shard to another, between what the lanes are fed: who turns out to be
// somebody who is elsewhere, and who joins an account.
#include <algorithm>
#include <iterator>
#include <utility>

#include "record/frame.hpp"
#include "runtime/runtime_state.hpp"
#include "tables/message_keys.hpp"

namespace itinera {
namespace {

using runtime::Lane;

// The frames of the one that says it is gone, those of the other, and what came of it for those who
// stay: whoever reads the journal finds the two frames of one crossing together. None of it is left
// in the lanes.
void take_in_order(Lane& from, Lane& to, base::ByteBuffer& out) {
  std::size_t departed = 0;
  for (bool found = false; !found && departed < from.frames.size();) {
    const record::FrameHead head = record::head_of(from.frames.view().subspan(departed));
    departed += head.size;
    found = head.kind == record::InputKind::depart;
  }
  out.append(from.frames.view().first(departed));
  out.append(to.frames.view());
  out.append(from.frames.view().subspan(departed));
  from.frames.clear();
  to.frames.clear();
}

}  // namespace

// What snapshots do not say, since the engines know it.
void Runtime::State::find_moved() {
  for (const Lane& lane : lanes) {
    lane.for_each_id([this](std::string_view id, bool is_away) {
      if (is_away && !directory.has_moved(id)) directory.move(id, directory.shard_of(id));
    });
  }
  for (std::uint32_t at = 0; at < shards(); ++at) {
    lanes[at].for_each_id([this, at](std::string_view id, bool is_away) {
      if (is_away) return;
      const runtime::Directory::Whereabouts found = directory.find(id);
      if (found.has_moved || found.shard != at) directory.move(id, at);
    });
  }
  messages.gather(lanes, now());
}

// Of a message that came before: where that was, should it be another shard than `lane`.
std::optional<std::size_t> Runtime::State::shard_that_knows(const Input& input, std::size_t lane,
                                                            Instant at) const {
  const std::optional<Hash128> message = engine::message_of(input);
  if (!message) return std::nullopt;
  const std::optional<std::uint32_t> known = messages.find(*message);
  if (!known || *known == lane) return std::nullopt;
  const Instant then = std::max(at, runtime::received_of(input));
  return lanes[*known].repeats(*message, then) ? std::optional<std::size_t>(*known) : std::nullopt;
}

void Runtime::State::bring_together(runtime::Meeting meeting, Instant at) {
  for (const std::string& id : meeting.come) cross(id, meeting.shard, at);
  for (const std::string& id : meeting.fresh) directory.move(id, meeting.shard);
  for (std::vector<std::string>* const ids : {&meeting.come, &meeting.fresh}) {
    std::ranges::move(*ids, std::back_inserter(to_settle));
  }
  to_settle.push_back(std::move(meeting.contact));
}

// Up to then both lanes have done all, and what they have written is on its way.
void Runtime::State::cross(const std::string& id, std::uint32_t to, Instant at) {
  Lane& from = lanes[directory.shard_of(id)];
  const std::vector<std::string> ids = from.ids_of(id);
  if (ids.empty() || &from == &lanes[to]) return;
  if (const std::string_view account = from.account_of(id); !account.empty()) {
    left_accounts.emplace_back(ids.front(), account);
  }
  for (Lane* const each : {&from, &lanes[to]}) {
    each->come_to(at);
    count(*each);
  }
  hand_over();
  from.cross(id, lanes[to], at);
  for (const std::string& each : ids) directory.move(each, to);
  gathered.clear();
  take_in_order(from, lanes[to], gathered);
  submit_crossed();
}

// What `gathered` holds, and that lanes have taken meanwhile.
void Runtime::State::submit_crossed() {
  Batch batch;
  batch.mark = committer.submit(gathered.view());
  for (const Lane& lane : lanes) batch.takes.push_back(lane.takes);
  waiting.push_back(std::move(batch));
  snapshotter.grown(gathered.view().size(), now());
  gathered.clear();
}

// All lanes are at rest before that time, and have been handed over.
Result<void> Runtime::State::gather(Instant at) {
  gathered.clear();
  Result<void> held;
  runtime::gather(lanes, at, [this, &held](Lane& from) {
    take_in_order(from, lanes[runtime::home_shard], gathered);
    if (gathered.size() < runtime::handed_over_bytes) return;
    submit_crossed();
    if (held) held = hold_back();
  });
  submit_crossed();
  directory.gather(runtime::home_shard);
  return held;
}

// Where it was before its ids are left. Nothing else is to be fed yet, so that all are known.
void Runtime::State::forget_elsewhere(const Forget& forget, std::size_t from, std::size_t place,
                                      Instant at) {
  const std::optional<Hash128> message = engine::message_of(forget);
  const bool repeats =
      message && lanes[from].repeats(*message, std::max(at, forget.envelope.received));
  if (repeats || lanes[from].engine.refuses(forget)) return;
  for (std::string& id : lanes[from].ids_of(forget.contact)) {
    to_settle.push_back(id);
    const std::string& text = texts.emplace_back(std::move(id));
    for (std::size_t other = 0; other < lanes.size(); ++other) {
      if (other == from || !lanes[other].has_had(text)) continue;
      const Envelope envelope{forget.envelope.received, forget.envelope.occurred, {}, {}};
      lanes[other].give(Forget{text, envelope}, place, at);
    }
  }
}

// Now it is known what has become of the ids: who has joined an account is where its others are.
// Of whom nothing is known is nowhere, from the next instant on: until then its shard knows how
// often it has entered what (S29).
void Runtime::State::settle_in() {
  texts.clear();
  while (!gone.empty() && gone.front().first < now()) {
    const std::string& id = gone.front().second;
    if (!lanes[directory.shard_of(id)].has(id)) directory.forget(id);
    gone.pop_front();
  }
  for (const std::string& id : std::exchange(to_settle, {})) {
    const Lane& lane = lanes[directory.shard_of(id)];
    if (!lane.has(id)) {
      gone.emplace_back(now(), id);
      continue;
    }
    const std::string_view account = lane.account_of(id);
    if (!account.empty()) cross(id, directory.shard_of_account(account), now());
  }
  for (const auto& [id, account] : std::exchange(left_accounts, {})) {
    const std::uint32_t there = directory.shard_of(id);
    if (lanes[there].account_of(id) == account) continue;
    const std::uint32_t home = directory.shard_of_account(account);
    lanes[home].account_left(account, static_cast<std::uint8_t>(there), now());
  }
}

// Who has gone home where a publication was cut short belongs with the others once more.
void Runtime::State::settle_accounts() {
  for (std::uint32_t at = 0; at < shards(); ++at) {
    for (std::string& id : lanes[at].members()) {
      const std::string_view account = lanes[at].account_of(id);
      if (directory.shard_of_account(account) != at) to_settle.push_back(std::move(id));
    }
  }
  settle_in();
}

}  // namespace itinera
