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
  shard_ = frame.shard;
  Shard& shard = shards_[shard_];
  if (!property::is_duplicate(frame)) shard.offers.take(frame);
  if (const auto come = frame.kind == record::InputKind::come
                            ? record::decode<record::ComeInput>(frame.input)
                            : std::nullopt) {
    from_ = come->from;
    shard.offers.count_take();
  }
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
  // What is told to all is taken by each.
  if (!message || (frame.kind == record::InputKind::suppress && shard_ > 0)) return;
  if (duplicate_) {
    ++tally_["duplicates"];
  } else {
    ++messages_[message->id];
  }
}

void Ledger::hand_over() {
  Shard& shard = shards_[shard_];
  const std::vector<Hash128> fresh(shard.outbox.begin(), shard.outbox.end());
  for (const Hash128& id : shard.offers.hand_over(fresh)) fresh_.push_back({{id}, true});
  for (const Hash128& id : fresh) fresh_.push_back({{id}, false});
  taken_.merge(shard.outbox);
  shard.outbox.clear();
}

void Ledger::settle(const Hash128& id) {
  for (auto& [number, shard] : shards_) shard.offers.settle(id);
}

void Ledger::restarted() {
  unoffered_.clear();
  for (const auto& [number, shard] : shards_) {
    const std::vector<Hash128> open = shard.offers.open();
    unoffered_.insert(open.begin(), open.end());
  }
  has_written_ = false;
}

void Ledger::keep_unoffered() {
  std::erase_if(unoffered_, [this](const Hash128& id) {
    return !is_open({id}) ||
           any_shard([&id](const Shard& each) { return each.offers.is_offered(id); });
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
  shards_[shard_].outbox.insert(r.id);
  actions_of_[contacts_[here(r.journey)]].push_back(r.id);
  emitted_to_[contacts_[here(r.journey)]].push_back(r.id);
}

void Ledger::take(const record::Entered& r) {
  ++tally_["journeys"];
  contacts_[here(r.journey)] = here(r.contact);
}
// What was theirs stays where it goes now, though the id may come to stand for another later.
void Ledger::unite(Place into, Place from) {
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
void Ledger::take(const record::Linked& r) { unite(here(r.contact), here(r.from)); }
void Ledger::take(const record::Merged& r) { unite(here(r.contact), here(r.from)); }
void Ledger::take(const record::ContactCame& r) {
  const Place before{from_, r.from};
  for (auto* const each : {&actions_of_, &emitted_to_}) {
    auto theirs = each->extract(before);
    if (theirs.empty()) continue;
    theirs.key() = here(r.contact);
    each->insert(std::move(theirs));
  }
  if (linked_.erase(before) > 0) linked_.insert(here(r.contact));
}
void Ledger::take(const record::OutCame& r) {
  shards_[from_].outbox.erase(r.id);
  shards_[shard_].outbox.insert(r.id);
}
void Ledger::take(const record::OpenCame& r) {
  moved_.insert(r.id);
  shards_[from_].offers.settle(r.id);
  shards_[shard_].offers.come(r.id, r.offered != 0);
}
// Of somebody who was forgotten nothing goes out any more.
void Ledger::take(const record::Forgotten& r) {
  for (base::Reader in(r.places); !in.at_end();) {
    const Place place = here(in.number<std::uint32_t>());
    linked_.erase(place);
    emitted_to_.erase(place);
    const auto gone = actions_of_.extract(place);
    if (gone.empty()) continue;
    for (const Hash128& id : gone.mapped()) {
      shards_[shard_].outbox.erase(id);
      settle(id);
    }
  }
}
void Ledger::take(const record::TakenOver&) {}
void Ledger::take(const record::Withdrawn& r) { shards_[shard_].outbox.erase(r.id); }
void Ledger::take(const record::Recalled& r) { shards_[shard_].outbox.erase(r.id); }

}  // namespace itinera::simulator
