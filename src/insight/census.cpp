// SPDX-License-Identifier: Apache-2.0
#include "insight/census.hpp"

#include <utility>

#include "base/stable_hash.hpp"
#include "model/model_codec.hpp"

namespace itinera::insight {
namespace {

Error damage() {
  return {ErrorCode::damaged_journal, "a frame of the journal is damaged: it makes no sense"};
}

}  // namespace

Hash128 content_of(const Campaign& campaign) {
  base::Bytes bytes;
  model::encode({}, {&campaign, 1}, bytes);
  return base::stable_hash(base::as_text(bytes));
}

Result<void> Census::publish(base::ByteView input) {
  const auto decoded = record::decode<record::PublishInput>(input);
  if (!decoded) return damage();
  Result<model::Model> read = model::decode(decoded->model);
  if (!read) return read.error();
  workspace_ = std::move(read->workspace.name);
  for (Version& version : versions_) version.current = false;
  for (Campaign& campaign : read->campaigns) {
    const auto [at, fresh] =
        version_of_.try_emplace({campaign.name, campaign.version}, versions_.size());
    if (fresh) {
      Version& version = versions_.emplace_back();
      version.content = content_of(campaign);
      model::encode({}, {&campaign, 1}, version.model);
      version.name = std::move(campaign.name);
      version.number = campaign.version;
    }
    versions_[at->second].current = true;
  }
  return {};
}

bool Census::count(const record::Entered& entered) {
  std::vector<std::uint16_t>& journeys = shard().journeys;
  if (entered.version >= versions_.size() || entered.journey > journeys.size()) return false;
  if (entered.journey == journeys.size()) journeys.push_back(0);
  journeys[entered.journey] = entered.version;
  ++versions_[entered.version].in_flight;
  return true;
}

bool Census::add_as(std::uint32_t place, const Shard& of, std::uint32_t like) {
  std::vector<std::uint16_t>& journeys = shard().journeys;
  if (place > journeys.size() || like >= of.journeys.size()) return false;
  const std::uint16_t version = of.journeys[like];
  if (place == journeys.size()) journeys.push_back(0);
  journeys[place] = version;
  return true;
}

// A strand is no journey of its own, but has a place.
bool Census::count(const record::Forked& forked) {
  return add_as(forked.journey, shard(), forked.head);
}

bool Census::count(const record::SetAside& aside) {
  return add_as(aside.journey, shard(), aside.head);
}

bool Census::count(const record::ContactCame& came) {
  return origin_ != at_hand_ && shard().people.count(came, shards_[origin_].people);
}

// In flight it is as before.
bool Census::count(const record::JourneyCame& came) {
  return origin_ != at_hand_ && add_as(came.journey, shards_[origin_], came.from);
}

bool Census::note_origin(const record::Frame& frame) {
  origin_ = at_hand_;
  if (frame.kind != record::InputKind::come) return true;
  const auto input = record::decode<record::ComeInput>(frame.input);
  if (!input || input->from >= shards_.size()) return false;
  origin_ = input->from;
  return origin_ != at_hand_;
}

bool Census::count(const record::Ended& ended) {
  const std::vector<std::uint16_t>& journeys = shard().journeys;
  if (ended.journey >= journeys.size()) return false;
  std::uint64_t& in_flight = versions_[journeys[ended.journey]].in_flight;
  if (in_flight > 0) --in_flight;
  return true;
}

std::uint64_t Census::contacts() const {
  std::uint64_t sum = 0;
  for (const Shard& each : shards_) sum += each.people.contacts();
  return sum;
}

std::uint64_t Census::anonymous() const {
  std::uint64_t sum = 0;
  for (const Shard& each : shards_) sum += each.people.anonymous();
  return sum;
}

template <class Record>
bool Census::count_as(base::ByteView fields) {
  const auto decoded = record::decode<Record>(fields);
  if constexpr (requires(Headcount& people, Record& record) { people.count(record); }) {
    return decoded && shard().people.count(*decoded);
  } else {
    return decoded && count(*decoded);
  }
}

bool Census::count(const record::RawRecord& raw) {
  using record::RecordKind;
  switch (raw.kind) {
    case RecordKind::contact_created: return count_as<record::ContactCreated>(raw.fields);
    case RecordKind::linked: return count_as<record::Linked>(raw.fields);
    case RecordKind::merged: return count_as<record::Merged>(raw.fields);
    case RecordKind::forgotten: return count_as<record::Forgotten>(raw.fields);
    case RecordKind::entered: return count_as<record::Entered>(raw.fields);
    case RecordKind::forked: return count_as<record::Forked>(raw.fields);
    case RecordKind::set_aside: return count_as<record::SetAside>(raw.fields);
    case RecordKind::ended: return count_as<record::Ended>(raw.fields);
    case RecordKind::contact_came: return count_as<record::ContactCame>(raw.fields);
    case RecordKind::journey_came: return count_as<record::JourneyCame>(raw.fields);
    default: return true;
  }
}

Result<void> Census::read(base::ByteView journal) {
  using Outcome = record::FrameReader::Outcome;
  record::FrameReader reader(journal);
  for (record::Frame frame;;) {
    switch (reader.next(frame)) {
      case Outcome::frame: break;
      case Outcome::end:
      case Outcome::torn: return {};
      case Outcome::damaged: return damage();
      case Outcome::newer:
        return Error{ErrorCode::unsupported_version, "the journal is of a newer format"};
    }
    at_hand_ = frame.shard;
    if (at_hand_ >= shards_.size()) shards_.resize(at_hand_ + 1);
    if (!note_origin(frame)) return damage();
    // Every shard has what the first has, and has it later.
    if (frame.kind == record::InputKind::publish && at_hand_ == 0) {
      if (Result<void> published = publish(frame.input); !published) return published;
    }
    base::ByteView rest = frame.records;
    while (const auto raw = record::Frame::next(rest)) {
      if (!count(*raw)) return damage();
    }
    if (!rest.empty()) return damage();
  }
}

}  // namespace itinera::insight
