// SPDX-License-Identifier: Apache-2.0
#include "simulator/ledger.hpp"

#include <optional>

#include "base/stable_hash.hpp"
#include "record/all_records.hpp"

namespace itinera::simulator {
namespace {

template <class Input>
void find_key(const record::Frame& frame, std::optional<Hash128>& key) {
  if (frame.kind != Input::kind) return;
  const auto input = record::decode<Input>(frame.input);
  if (input && input->message.present()) key = input->message.id;
}

template <class... Input>
std::optional<Hash128> key_among(const record::Frame& frame) {
  std::optional<Hash128> key;
  (find_key<Input>(frame, key), ...);
  return key;
}

std::optional<Hash128> message_of(const record::Frame& frame) {
  using namespace record;  // NOLINT(google-build-using-namespace): the list is of nothing else
  return key_among<EventInput, IdentifyInput, AliasInput, MergeInput, GroupInput, ForgetInput,
                   ReportInput, EnterInput, MoveInput, ReassignInput, SuppressInput>(frame);
}

}  // namespace

std::string Ledger::add(base::ByteView groups) {
  record::FrameReader reader(groups);
  record::Frame frame;
  while (wrong_.empty() && reader.next(frame) == record::FrameReader::Outcome::frame) take(frame);
  if (wrong_.empty() && reader.position() != groups.size()) wrong_ = "a group is not whole frames";
  journal_.insert(journal_.end(), groups.begin(), groups.end());
  return wrong_;
}

std::size_t Ledger::times_taken(std::string_view source, std::string_view message) const {
  const auto found = messages_.find(base::StableHash().text(source).text(message).finish());
  return found == messages_.end() ? 0 : found->second;
}

void Ledger::take(const record::Frame& frame) {
  duplicate_ = false;
  base::ByteView rest = frame.records;
  while (const auto raw = record::Frame::next(rest)) {
    record::take_record(*raw, [this](const auto& r) {
      take(r);
      return true;
    });
  }
  if (frame.kind == record::InputKind::taken) taken_.merge(outbox_);
  if (frame.kind == record::InputKind::taken) outbox_.clear();
  if (frame.kind == record::InputKind::publish) ++tally_["publications"];
  const std::optional<Hash128> message = message_of(frame);
  if (!message) return;
  if (duplicate_) {
    ++tally_["duplicates"];
  } else {
    ++messages_[*message];
  }
}

// Ids are unique over the whole journal, whatever was cut, restored or moved: providers know a
// message by its id, and would drop the second.
void Ledger::take(const record::Emitted& r) {
  if (!emitted_.insert(r.id).second) wrong_ = "an action id came twice: " + to_text(r.id);
  outbox_.insert(r.id);
}

void Ledger::take(const record::Entered&) { ++tally_["journeys"]; }
void Ledger::take(const record::TakenOver&) {}
void Ledger::take(const record::Withdrawn& r) { outbox_.erase(r.id); }
void Ledger::take(const record::Recalled& r) { outbox_.erase(r.id); }

}  // namespace itinera::simulator
