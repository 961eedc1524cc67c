// SPDX-License-Identifier: Apache-2.0
#include "simulator/ledger.hpp"

#include "base/stable_hash.hpp"
#include "record/all_records.hpp"

namespace itinera::simulator {
namespace {

template <class Input>
void find_key(const record::Frame& frame, std::optional<record::MessageKey>& key) {
  if (frame.kind != Input::kind) return;
  const auto input = record::decode<Input>(frame.input);
  if (input && input->message.present()) key = input->message;
}

template <class... Input>
std::optional<record::MessageKey> key_among(const record::Frame& frame) {
  std::optional<record::MessageKey> key;
  (find_key<Input>(frame, key), ...);
  return key;
}

}  // namespace

std::optional<record::MessageKey> message_of(const record::Frame& frame) {
  using namespace record;  // NOLINT(google-build-using-namespace): the list is of nothing else
  return key_among<EventInput, IdentifyInput, AliasInput, MergeInput, GroupInput, ForgetInput,
                   ReportInput, EnterInput, MoveInput, ReassignInput, SuppressInput>(frame);
}

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
  has_written_ = true;
  if (!property::is_duplicate(frame)) offers_.take(frame);
  base::ByteView rest = frame.records;
  while (const auto raw = record::Frame::next(rest)) {
    record::take_record(*raw, [this](const auto& r) {
      take(r);
      return true;
    });
  }
  keep_unoffered();
  if (frame.kind == record::InputKind::taken) hand_over();
  if (frame.kind == record::InputKind::publish) ++tally_["publications"];
  const std::optional<record::MessageKey> message = message_of(frame);
  if (!message) return;
  if (duplicate_) {
    ++tally_["duplicates"];
  } else {
    ++messages_[message->id];
  }
}

void Ledger::hand_over() {
  const std::vector<Hash128> fresh(outbox_.begin(), outbox_.end());
  for (const Hash128& id : offers_.hand_over(fresh)) fresh_.push_back({{id}, true});
  for (const Hash128& id : fresh) fresh_.push_back({{id}, false});
  taken_.merge(outbox_);
  outbox_.clear();
}

void Ledger::restarted() {
  const std::vector<Hash128> open = offers_.open();
  unoffered_ = {open.begin(), open.end()};
  has_written_ = false;
}

void Ledger::keep_unoffered() {
  std::erase_if(unoffered_, [this](const Hash128& id) {
    return offers_.is_offered(id) || !offers_.is_open(id);
  });
}

std::vector<ActionId> Ledger::passed_over() const {
  std::vector<ActionId> ids;
  if (!has_written_) return ids;
  for (const Hash128& id : unoffered_) ids.push_back({id});
  return ids;
}

// Ids are unique over the whole journal, whatever was cut, restored or moved: providers know a
// message by its id, and would drop the second.
void Ledger::take(const record::Emitted& r) {
  if (!emitted_.insert(r.id).second) wrong_ = "an action id came twice: " + to_text(r.id);
  outbox_.insert(r.id);
  actions_of_[contacts_[r.journey]].push_back(r.id);
  emitted_to_[contacts_[r.journey]].push_back(r.id);
}

void Ledger::take(const record::Entered& r) {
  ++tally_["journeys"];
  contacts_[r.journey] = r.contact;
}
// What was theirs stays where it goes now, though the id may come to stand for another later.
void Ledger::unite(std::uint32_t into, std::uint32_t from) {
  for (auto& [journey, contact] : contacts_) {
    if (contact == from) contact = into;
  }
  if (!linked_.insert(from).second) {
    for (const Hash128& id : emitted_to_[from]) readdressed_.insert(id);
    emitted_to_.erase(from);
  }
  const auto theirs = actions_of_.extract(from);
  if (theirs.empty()) return;
  std::vector<Hash128>& all = actions_of_[into];
  all.insert(all.end(), theirs.mapped().begin(), theirs.mapped().end());
}
void Ledger::take(const record::Linked& r) { unite(r.contact, r.from); }
void Ledger::take(const record::Merged& r) { unite(r.contact, r.from); }
// Of somebody who was forgotten nothing goes out any more.
void Ledger::take(const record::Forgotten& r) {
  for (base::Reader in(r.places); !in.at_end();) {
    const auto place = in.number<std::uint32_t>();
    linked_.erase(place);
    emitted_to_.erase(place);
    const auto gone = actions_of_.extract(place);
    if (gone.empty()) continue;
    for (const Hash128& id : gone.mapped()) {
      outbox_.erase(id);
      offers_.settle(id);
    }
  }
}
void Ledger::take(const record::TakenOver&) {}
void Ledger::take(const record::Withdrawn& r) { outbox_.erase(r.id); }
void Ledger::take(const record::Recalled& r) { outbox_.erase(r.id); }

}  // namespace itinera::simulator
