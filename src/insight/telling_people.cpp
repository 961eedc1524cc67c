// SPDX-License-Identifier: Apache-2.0
// What is told of contacts themselves, one tell() a kind of record.
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "insight/story_state.hpp"

namespace itinera {

bool Story::State::tell(const record::ContactCreated& r) {
  if (!memory.add_contact(r.contact, r.id) || !people.count(r)) return false;
  if (is_forget) stranger = r.contact;
  return is_forget || add_contact("contact_created", r.contact) != nullptr;
}

bool Story::State::tell(const record::Linked& r) {
  Happening* const happening = add_contact("linked", r.contact);
  if (happening == nullptr) return false;
  happening->name = r.anonymous;
  if (r.from == record::no_place) return true;
  if (memory.contact(r.from) == nullptr) return false;
  const auto link = memory.link(r.from, r.contact);
  if (link == insight::Memory::Link::first) happening->reason = "anonymous";
  if (link == insight::Memory::Link::moved) happening->reason = "relinked";
  return link.has_value() && people.count(r);
}

bool Story::State::tell(const record::Merged& r) {
  Happening* const happening = add_contact("merged", r.contact);
  const std::string* const from = memory.contact(r.from);
  if (happening == nullptr || from == nullptr) return false;
  happening->name = *from;
  return memory.link(r.from, r.contact).has_value() && people.count(r);
}

bool Story::State::tell(const record::Forgotten& r) {
  forgets_gone = memory.has_gone(r.contact);
  const bool told =
      r.contact == stranger || forgets_gone || add_contact("forgotten", r.contact) != nullptr;
  if (!told || r.places.size() % 4 != 0) return false;
  // Of journeys that are over: one in flight has ended before, and says so of each.
  for (const insight::Waiting& waiting : memory.withdraw_all(r.contact)) {
    Happening* const happening = add_message(name_of(record::Decision::withdrawn_exit), r.contact,
                                             waiting.definition, waiting.node);
    if (happening == nullptr) return false;
    happening->reason = name_of(record::Reason::forgotten);
    happening->iteration = waiting.iteration;
    happening->emitted = waiting.emitted;
    happening->channel = waiting.channel;
    happening->action = {waiting.id};
  }
  for (std::size_t i = 0; i < r.places.size(); i += 4) {
    if (!memory.forget(base::load_le<std::uint32_t>(r.places.data() + i))) return false;
  }
  return people.count(r);
}

bool Story::State::tell(const record::Departed& r) {
  if (memory.contact(r.contact) == nullptr || r.places.size() % 4 != 0) return false;
  for (std::size_t i = 0; i < r.places.size(); i += 4) {
    if (!memory.depart(base::load_le<std::uint32_t>(r.places.data() + i))) return false;
  }
  // What waits to be taken does so where they go, and is told anew there.
  static_cast<void>(memory.withdraw_all(r.contact));
  return true;
}

bool Story::State::tell(const record::ContactCame& r) {
  return origin != nullptr && memory.come(r, origin->memory) && people.count(r, origin->people);
}

bool Story::State::tell(const record::Grouped& r) {
  Happening* const happening = add_contact("grouped", r.contact);
  if (happening != nullptr) happening->name = r.account;
  return happening != nullptr;
}

bool Story::State::tell(const record::AttributeSet& r) {
  Happening* const happening = add_contact("attribute_set", r.contact);
  if (happening != nullptr) happening->name = r.name;
  return happening != nullptr;
}

bool Story::State::tell(const record::PassedOver& r) {
  Happening* const happening = add_contact("passed_over", r.contact);
  if (happening == nullptr || memory.definition(r.version) == nullptr) return false;
  put_definition(*happening, r.version);
  happening->which = r.entry;
  happening->due = r.until;
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

bool Story::State::tell(const record::Suppressed& r) {
  const std::string_view what =
      r.reason == record::Reason::none ? "address_opened" : "address_suppressed";
  Happening* const happening =
      r.contact == record::no_place ? &add(what) : add_contact(what, r.contact);
  if (happening == nullptr) return false;
  happening->channel = r.channel;
  happening->reason = name_of(r.reason);
  return true;
}

}  // namespace itinera
