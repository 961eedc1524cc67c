// SPDX-License-Identifier: Apache-2.0
#include "itinera/story.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "base/packed_value.hpp"
#include "insight/memory.hpp"
#include "insight/missing_data.hpp"
#include "insight/words.hpp"
#include "record/all_records.hpp"

namespace itinera {
namespace {

using insight::choice_of;
using insight::Definition;
using insight::Journey;
using insight::zone_owner;

Error damage(std::string_view what) {
  return {ErrorCode::damaged_journal, fmt::format("a frame of the journal is damaged: {}", what)};
}

}  // namespace

// Each tell() turns one record into a happening; false: the record refers to nothing known.
struct Story::State {
  insight::Memory memory;
  std::vector<Happening> happenings;
  insight::MissingData missing{happenings};
  Instant at;
  std::string_view input_contact;

  Result<Chapter> read(const record::Frame& frame);
  Result<void> read_input(const record::Frame& frame, Chapter& chapter);
  Result<void> read_record(const record::RawRecord& raw);

  template <class T>
  bool read_person(base::ByteView fields, Chapter& chapter) {
    const auto decoded = record::decode<T>(fields);
    if (!decoded) return false;
    chapter.contact = decoded->contact_id;
    if (decoded->contact != record::no_place) {
      const std::string* const id = memory.contact(decoded->contact);
      if (id == nullptr) return false;
      chapter.contact = *id;
    }
    return true;
  }

  Happening& add(std::string_view what) {
    Happening& happening = happenings.emplace_back();
    happening.at = at;
    happening.what = what;
    return happening;
  }
  Happening* add_contact(std::string_view what, std::uint32_t place);
  Happening* add_journey(std::string_view what, std::uint32_t place);
  Happening* add_step(std::string_view what, std::uint32_t place, std::uint16_t node);
  bool add_choice(std::string_view what, record::Reason chosen, record::Reason otherwise,
                  std::uint32_t journey, std::uint16_t node, std::uint16_t which);
  [[nodiscard]] const Step* step_of(const Happening& happening) const;
  void put_definition(Happening& happening, std::size_t place);

  bool tell(const record::ContactCreated& r);
  bool tell(const record::Linked& r);
  bool tell(const record::AttributeSet& r);
  bool tell(const record::Remembered& r) { return add_contact("remembered", r.contact); }
  bool tell(const record::HistoryMarked& r) { return add_contact("history_marked", r.contact); }
  bool tell(const record::Entered& r);
  bool tell(const record::Refused& r);
  bool tell(const record::Visited& r);
  bool tell(const record::Waited& r);
  bool tell(const record::Rearmed& r);
  bool tell(const record::Resolved& r);
  bool tell(const record::Branched& r);
  bool tell(const record::Assigned& r);
  bool tell(const record::VariableSet& r);
  bool tell(const record::Ready& r) { return add_step("ready", r.journey, r.node); }
  bool tell(const record::Emitted& r);
  bool tell(const record::Skipped& r);
  bool tell(const record::ReceiptNoted& r);
  // What a wait has used up is no news: its resolution is told.
  bool tell(const record::ReceiptKept& r) { return memory.journey(r.journey) != nullptr; }
  bool tell(const record::ReceiptUsed& r) { return memory.journey(r.journey) != nullptr; }
  bool tell(const record::EventUsed& r) { return memory.journey(r.journey) != nullptr; }
  bool tell(const record::Converted& r);
  bool tell(const record::Ended& r);
  bool tell(const record::Closed& r);
  bool tell(const record::Withdrawn& r);
  bool tell(const record::SetOff& r);
  bool tell(const record::Caused& r);
  bool tell(const record::MembershipChanged& r);
  bool tell(const record::Redefined& r);
  // When the engine looks next, and who stands in line for that, is its own affair.
  template <class Own>
  bool tell(const Own&) {
    return true;
  }
  bool tell(const record::ConsentSet& r);
  bool tell(const record::Duplicate&);
  bool tell(const record::Counted& r);
};

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
  Happening* const happening = add_contact(what, journey->contact);
  if (happening == nullptr) return nullptr;
  put_definition(*happening, journey->definition);
  happening->journey = place;
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
  happening->node = node;
  const Step* const step = step_of(*happening);
  happening->step = step->id;
  if (const auto* send = std::get_if<Send>(&step->kind)) happening->channel = send->channel;
  return happening;
}

bool Story::State::tell(const record::ContactCreated& r) {
  return memory.add_contact(r.contact, r.id) && add_contact("contact_created", r.contact);
}

bool Story::State::tell(const record::Linked& r) {
  Happening* const happening = add_contact("linked", r.contact);
  if (happening == nullptr) return false;
  happening->name = r.anonymous;
  if (r.from == record::no_place) return true;
  if (memory.contact(r.from) == nullptr) return false;
  happening->reason = memory.link(r.from) ? "anonymous" : "relinked";
  return true;
}

bool Story::State::tell(const record::AttributeSet& r) {
  Happening* const happening = add_contact("attribute_set", r.contact);
  if (happening != nullptr) happening->name = r.name;
  return happening != nullptr;
}

bool Story::State::tell(const record::Entered& r) {
  if (memory.definition(r.version) == nullptr || memory.contact(r.contact) == nullptr) return false;
  Journey journey{
      .contact = r.contact, .definition = r.version, .has_key = r.has_key != 0, .key = nullptr};
  if (!r.key.empty()) journey.key = std::make_unique<const std::string>(r.key);
  if (!memory.add_journey(r.journey, std::move(journey))) return false;
  Happening* const happening = add_journey(name_of(record::Decision::entered), r.journey);
  if (happening != nullptr) happening->which = r.entry;
  return happening != nullptr;
}

bool Story::State::tell(const record::Refused& r) {
  // A chain that was cut belongs to no campaign.
  const bool of_campaign = r.decision != record::Decision::chain_limit;
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

// A plain wait has no cases: that its time came is no timeout.
bool Story::State::tell(const record::Resolved& r) {
  const Journey* const journey = memory.journey(r.journey);
  if (journey == nullptr) return false;
  const auto& nodes = memory.definition(journey->definition)->graph.nodes;
  if (r.node >= nodes.size()) return false;
  const bool has_cases = !std::holds_alternative<Wait>(nodes[r.node].step->kind);
  const auto otherwise = has_cases ? record::Reason::timeout : record::Reason::none;
  return add_choice(name_of(record::Decision::resolved), record::Reason::first_case, otherwise,
                    r.journey, r.node, r.which);
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
  memory.emit(r.id,
              {.journey = r.journey, .node = r.node, .iteration = r.iteration, .emitted = at});
  return true;
}

bool Story::State::tell(const record::Skipped& r) {
  Happening* const happening = add_step(name_of(r.decision), r.journey, r.node);
  if (happening != nullptr) happening->reason = name_of(r.reason);
  return happening != nullptr;
}

bool Story::State::tell(const record::ReceiptNoted& r) {
  Happening* const happening = add_step("receipt", r.journey, r.node);
  if (happening == nullptr) return false;
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
  const auto waiting = memory.withdraw(r.id);
  if (!waiting || waiting->journey != r.journey) return false;
  Happening* const happening = add_step(name_of(r.decision), r.journey, waiting->node);
  if (happening == nullptr) return false;
  happening->iteration = waiting->iteration;
  happening->emitted = waiting->emitted;
  happening->action = {r.id};
  return true;
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

bool Story::State::tell(const record::MembershipChanged& r) {
  const std::string* const segment = memory.segment(r.segment);
  Happening* const happening =
      add_contact(r.in != 0 ? "segment_entered" : "segment_left", r.contact);
  if (segment == nullptr || happening == nullptr) return false;
  happening->name = *segment;
  return true;
}

bool Story::State::tell(const record::Redefined& r) {
  const std::string* const segment = memory.segment(r.segment);
  if (segment == nullptr) return false;
  add(name_of(record::Decision::redefined)).name = *segment;
  return true;
}

bool Story::State::tell(const record::ConsentSet& r) {
  Happening* const happening = add_contact("consent_set", r.contact);
  if (happening == nullptr) return false;
  happening->channel = r.channel;
  happening->name = r.topic;
  happening->choice = r.granted != 0 ? "granted" : "denied";
  happening->reason = r.source;
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

Result<void> Story::State::read_record(const record::RawRecord& raw) {
  const bool read = record::take_record(raw, [this](const auto& r) { return tell(r); });
  if (read) return {};
  return damage(fmt::format("its record of kind {} makes no sense", static_cast<int>(raw.kind)));
}

Result<void> Story::State::read_input(const record::Frame& frame, Chapter& chapter) {
  using record::InputKind;
  bool read = true;
  switch (frame.kind) {
    case InputKind::event: {
      read = read_person<record::EventInput>(frame.input, chapter);
      if (read) chapter.event = record::decode<record::EventInput>(frame.input)->name;
      break;
    }
    case InputKind::identify:
      read = read_person<record::IdentifyInput>(frame.input, chapter);
      break;
    case InputKind::alias: read = read_person<record::AliasInput>(frame.input, chapter); break;
    case InputKind::enter: read = read_person<record::EnterInput>(frame.input, chapter); break;
    case InputKind::stop: read = read_person<record::StopInput>(frame.input, chapter); break;
    case InputKind::publish: {
      const auto input = record::decode<record::PublishInput>(frame.input);
      if (input) return memory.publish(input->model);
      read = false;
      break;
    }
    case InputKind::taken: {
      const auto input = record::decode<record::TakenInput>(frame.input);
      read = input.has_value();
      if (read) memory.take(input->count);
      break;
    }
    default: break;  // Nothing that a story needs; of a later kind it says no more than the name.
  }
  if (read) return {};
  return damage(fmt::format("its input of kind {} makes no sense", static_cast<int>(frame.kind)));
}

Result<Chapter> Story::State::read(const record::Frame& frame) {
  happenings.clear();
  missing.begin_frame();
  memory.forget_retired();
  at = frame.at;
  Chapter chapter{.at = at,
                  .input = insight::name_of(frame.kind),
                  .event = {},
                  .contact = {},
                  .happenings = {}};
  if (auto done = read_input(frame, chapter); !done) return done.error();
  input_contact = chapter.contact;
  base::ByteView rest = frame.records;
  while (const auto raw = record::Frame::next(rest)) {
    if (auto done = read_record(*raw); !done) return done.error();
  }
  if (!rest.empty()) return damage("its last record is cut off");
  missing.end_step();
  chapter.happenings = happenings;
  return chapter;
}

Story::Story() : state_(std::make_unique<State>()) {}
Story::Story(Story&&) noexcept = default;
Story& Story::operator=(Story&&) noexcept = default;
Story::~Story() = default;

Result<Chapter> Story::next(std::span<const std::byte>& journal) {
  using Outcome = record::FrameReader::Outcome;
  record::FrameReader reader(journal);
  record::Frame frame;
  switch (reader.next(frame)) {
    case Outcome::frame: journal = journal.subspan(frame.size); return state_->read(frame);
    case Outcome::end:
    case Outcome::torn: journal = {}; return Chapter{};
    case Outcome::damaged: return damage("its checksum is wrong");
    case Outcome::newer: break;
  }
  return Error{ErrorCode::unsupported_version, "the journal is of a newer format"};
}

std::size_t Story::definitions() const { return state_->memory.definitions(); }

const Campaign& Story::definition(std::size_t place) const {
  return state_->memory.definition(place)->campaign;
}

}  // namespace itinera
