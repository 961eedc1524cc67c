// SPDX-License-Identifier: Apache-2.0
// What a Story is made of: the memory of what was read, and the happenings of the frame at hand.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "insight/headcount.hpp"
#include "insight/memory.hpp"
#include "insight/missing_data.hpp"
#include "itinera/story.hpp"
#include "record/frame.hpp"
#include "record/records.hpp"

namespace itinera {

// Each tell() turns one record into a happening; false: the record refers to nothing known.
struct Story::State {
  std::uint8_t shard = 0;
  insight::Memory memory;
  insight::Headcount people;
  std::vector<Happening> happenings;
  insight::MissingData missing{happenings};
  Instant at;
  std::string_view input_contact;
  // Whom the frame forgets though nothing was known of them: of those nothing is told.
  bool is_forget = false;
  std::optional<std::uint32_t> stranger;
  // Whether it forgets somebody who has gone to another shard, where that is told.
  bool forgets_gone = false;
  // Of a frame by which somebody comes: the shard that they come from, and which journeys there
  // have become which here, strands left out.
  struct Came {
    std::uint32_t from = 0;
    std::uint32_t journey = 0;
  };
  State* origin = nullptr;
  std::vector<Came> came;
  std::map<std::uint32_t, std::uint32_t> came_for;  // the action that came: of which journey here

  // Whether every version that was published here was published there, too.
  [[nodiscard]] bool agrees_with(const State& first) const;

  // `from`: the shard that somebody comes from by this frame; null: nobody comes.
  Result<Chapter> read(const record::Frame& frame, State* from);
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

  bool read_merge(base::ByteView fields, Chapter& chapter) const;

  Happening& add(std::string_view what) {
    Happening& happening = happenings.emplace_back();
    happening.at = at;
    happening.what = what;
    return happening;
  }
  Happening* add_contact(std::string_view what, std::uint32_t place);
  Happening* add_journey(std::string_view what, std::uint32_t place);
  Happening* add_step(std::string_view what, std::uint32_t place, std::uint16_t node);
  // Of a message whose journey may be closed.
  Happening* add_message(std::string_view what, std::uint32_t contact, std::uint16_t definition,
                         std::uint16_t node);
  bool add_choice(std::string_view what, record::Reason chosen, record::Reason otherwise,
                  std::uint32_t journey, std::uint16_t node, std::uint16_t which);
  [[nodiscard]] const Step* step_of(const Happening& happening) const;
  void put_definition(Happening& happening, std::size_t place);
  void put_step(Happening& happening, std::uint16_t node);  // of its definition

  bool tell(const record::ContactCreated& r);
  bool tell(const record::Linked& r);
  bool tell(const record::Merged& r);
  bool tell(const record::Forgotten& r);
  // Whoever goes to another shard is told of nowhere: it is the engine's own affair.
  bool tell(const record::Departed& r);
  bool tell(const record::ContactCame& r);
  bool tell(const record::JourneyCame& r);
  bool tell(const record::ActionCame& r);
  bool tell(const record::OutCame& r);
  bool tell(const record::Grouped& r);
  bool tell(const record::AttributeSet& r);
  bool tell(const record::Remembered& r) { return add_contact("remembered", r.contact); }
  bool tell(const record::PassedOver& r);
  bool tell(const record::HistoryMarked& r) { return add_contact("history_marked", r.contact); }
  bool tell(const record::Entered& r);
  bool tell(const record::Refused& r);
  bool tell(const record::Visited& r);
  bool tell(const record::Waited& r);
  bool tell(const record::Rearmed& r);
  bool tell(const record::Gathered& r);
  bool tell(const record::Retried& r);
  bool tell(const record::GaveUp& r);
  bool tell(const record::Stalled& r) {
    return add_step(name_of(record::Decision::stalled), r.journey, r.node);
  }
  bool tell(const record::Unstalled& r) {
    return add_journey(name_of(record::Decision::resumed), r.journey);
  }
  bool tell(const record::Braked& r);
  bool tell(const record::Reassigned& r);
  bool tell(const record::TakenOver& r) {
    return add_step(name_of(record::Decision::taken_over), r.journey, r.node);
  }
  bool tell(const record::Resolved& r);
  bool tell(const record::Branched& r);
  bool tell(const record::Assigned& r);
  bool tell(const record::VariableSet& r);
  bool tell(const record::Ready& r);
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
  bool tell(const record::Held& r);
  bool tell(const record::Parked& r);
  bool tell(const record::Chose& r);
  bool tell(const record::AccountGiven& r);
  bool tell(const record::Rested& r);
  bool tell(const record::Escalated& r);
  bool tell(const record::Suppressed& r);
  bool tell(const record::LateReceipt& r);
  bool tell(const record::Recalled& r);
  bool tell(const record::UnknownOutcome& r);
  bool tell(const record::SetOff& r);
  bool tell(const record::Forked& r);
  bool tell(const record::Joined& r);
  bool tell(const record::Remapped& r);
  bool tell(const record::Migrated& r);
  bool add_strand(std::uint32_t place, std::uint32_t head);
  bool tell(const record::SetAside& r);
  bool tell(const record::Lingered& r);
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

}  // namespace itinera
