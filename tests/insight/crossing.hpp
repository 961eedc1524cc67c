// SPDX-License-Identifier: Apache-2.0
// A journal of two shards, made by hand: in the second are ola, her tablet, a journey of hers with
// a send that has stepped aside, and an action of it by push; in the first is bob with a journey.
// Ola goes to the first.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "insight/journal.hpp"
#include "record/crossing_records.hpp"

namespace itinera::test {

// c v1: 0 send hello by email or push; 1 exit.
inline Campaign two_ways() {
  Campaign campaign;
  campaign.name = "c";
  Step hello;
  hello.id = "hello";
  hello.named = true;
  Send send{.channel = "email", .template_name = "h", .data = {}};
  send.alternatives = {"push"};
  hello.kind = std::move(send);
  Step end;
  end.id = "end";
  end.named = true;
  end.kind = Exit{.reason = "done"};
  campaign.steps.push_back(std::move(hello));
  campaign.steps.push_back(std::move(end));
  return campaign;
}

inline base::Bytes places(std::initializer_list<std::uint32_t> all) {
  base::Bytes bytes;
  base::Writer out(bytes);
  for (const std::uint32_t place : all) out.number(place);
  return bytes;
}

// By push.
inline record::Chose chose(std::uint32_t journey) {
  static constexpr std::array<std::byte, 3> push{
      std::byte{1}, static_cast<std::byte>(record::Decision::emitted), std::byte{0}};
  record::Chose made;
  made.journey = journey;
  made.leg = 1;
  made.candidates = push;
  return made;
}

inline record::ContactCame contact_came(std::uint32_t contact, std::uint32_t from,
                                        std::uint32_t person, std::string_view id) {
  record::ContactCame made;
  made.contact = contact;
  made.from = from;
  made.person = person;
  made.id = id;
  made.watched = record::no_deadline;
  return made;
}

inline record::JourneyCame journey_came(std::uint32_t journey, std::uint32_t from,
                                        std::uint32_t contact, std::string_view key,
                                        std::uint32_t head = record::no_place) {
  record::JourneyCame made;
  made.journey = journey;
  made.from = from;
  made.contact = contact;
  made.head = head;
  made.flags = record::JourneyCame::has_key;
  made.key = key;
  return made;
}

inline record::ActionCame action_came(std::uint32_t action, std::uint32_t journey,
                                      std::uint64_t id) {
  record::ActionCame made;
  made.action = action;
  made.journey = journey;
  made.id = {0, id};
  made.leg = 1;
  made.version = 0xFFFF;
  return made;
}

// Up to where she departs.
inline Journal before_crossing() {
  Journal journal;
  journal.publish({two_ways()}).on(1).publish({two_ways()}).on(0);
  journal.frame(noon, event_of(record::no_place, "go"), record::ContactCreated{0, "bob"},
                entered(0, 0, "key-of-bob"), emitted(0, 0, 3));
  journal.frame(noon, record::TakenInput{1});
  journal.on(1);
  journal.frame(noon, event_of(record::no_place, "seen"),
                record::ContactCreated{0, "anonymous:tablet"});
  journal.frame(noon, event_of(record::no_place, "seen"), record::ContactCreated{1, "ola"});
  record::AliasInput alias;
  alias.contact = 1;
  alias.previous = "tablet";
  journal.frame(noon, alias, record::Linked{1, 0, "tablet"});
  journal.frame(noon, event_of(1, "go"), entered(0, 1, "key-of-ola"), chose(0), emitted(0, 0, 7));
  journal.frame(noon, record::TakenInput{1});
  record::SetAside aside;
  aside.journey = 1;
  aside.head = 0;
  journal.frame(noon, record::TimersInput{1}, aside);
  return journal;
}

inline Journal& depart(Journal& journal) {
  return journal.on(1).frame(noon, record::DepartInput{0}, record::Departed{1, places({1, 0})});
}

// As contact 1, with the journeys 1 and 2, and the action 1.
inline Journal& come(Journal& journal) {
  return journal.on(0).frame(
      noon, record::ComeInput{1}, contact_came(1, 1, 1, "ola"),
      contact_came(2, 0, 1, "anonymous:tablet"), journey_came(1, 0, 1, "key-of-ola"),
      action_came(1, 1, 7), journey_came(2, 1, 1, "key-of-ola", 1), record::ContextCame{1, {}, {}});
}

inline record::Skipped skipped(std::uint32_t journey) {
  record::Skipped made;
  made.journey = journey;
  made.decision = record::Decision::no_address;
  return made;
}

// What comes of her there: her tablet is bob's, and she is bob.
inline Journal& behind_crossing(Journal& journal) {
  record::ReportInput report;
  report.action = {0, 7};
  record::ReceiptNoted opened;
  opened.journey = 1;
  opened.action = 1;
  opened.receipt = static_cast<std::uint8_t>(Receipt::opened);
  journal.frame(noon, report, opened);
  journal.frame(noon, record::TimersInput{2}, skipped(2), skipped(1));
  record::AliasInput alias;
  alias.contact = 0;
  alias.previous = "tablet";
  journal.frame(noon, alias, record::Linked{0, 2, "tablet"});
  record::MergeInput merge;
  merge.into = 0;
  merge.from = 1;
  journal.frame(noon, merge, record::Merged{0, 1});
  return journal.frame(noon, record::TimersInput{1},
                       ended(1, record::Decision::finished, record::Reason::none, 1));
}

// Calls each(frame) with the bytes of each.
template <class Each>
void each_frame(base::ByteView journal, Each each) {
  while (!journal.empty()) {
    const std::size_t size = record::head_of(journal).size;
    if (size == 0 || size > journal.size()) return;
    each(journal.first(size));
    journal = journal.subspan(size);
  }
}

}  // namespace itinera::test
