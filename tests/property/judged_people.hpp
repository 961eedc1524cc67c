// SPDX-License-Identifier: Apache-2.0
// What a journal tells of people, for the judge of policies: zones, accounts, consents, and who has
// turned out to be whom.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "base/packed_value.hpp"
#include "record/all_records.hpp"

namespace itinera::property {

// Something said by a contact, newest by (occurred, message id).
struct Said {
  std::string value;  // of a consent "1" or "0"
  Instant occurred;
  std::string message;
  [[nodiscard]] auto order() const { return std::tie(occurred, message); }
};

struct Person {
  std::optional<Said> zone;
  std::optional<Said> account;
  std::map<std::pair<std::string, std::string>, Said> consents;  // by channel and topic
};

class People {
 public:
  void take(const record::AttributeSet& r) {
    if (r.name != "zone") return;
    base::Reader in(r.value);
    const Value value = base::unpack(in);
    const auto* text = value.get<std::string>();
    people_[r.contact].zone =
        Said{text == nullptr ? "" : *text, r.occurred, std::string(r.message_id)};
  }
  void take(const record::Grouped& r) {
    people_[r.contact].account =
        Said{std::string(r.account), r.occurred, std::string(r.message_id)};
  }
  void take(const record::ConsentSet& r) {
    people_[r.contact].consents[{std::string(r.channel), std::string(r.topic)}] =
        Said{r.granted != 0 ? "1" : "0", r.occurred, std::string(r.message_id)};
  }
  // S30: a refusal wins unless a grant is newer.
  void unite(std::uint32_t into, std::uint32_t from) {
    Person& known = people_[into];
    for (const auto said : {&Person::zone, &Person::account}) {
      const std::optional<Said>& other = people_[from].*said;
      if (!other) continue;
      std::optional<Said>& own = known.*said;
      const bool same_time = own && own->order() == other->order();
      if (!same_time || shorter_or_less(own->value, other->value)) hear(own, *other);
    }
    for (const auto& [what, said] : people_[from].consents) {
      const auto at = known.consents.find(what);
      const auto order = [](const Said& each) {
        return std::tuple(each.occurred, each.value == "0", each.message);
      };
      if (at == known.consents.end() || order(at->second) < order(said)) {
        known.consents[what] = said;
      }
    }
    people_[from] = {};
    linked_[from] = into;
  }
  void forget(std::uint32_t contact) {
    people_.erase(contact);
    linked_.erase(contact);
  }
  std::uint32_t who_is(std::uint32_t contact) const {
    for (auto at = linked_.find(contact); at != linked_.end(); at = linked_.find(contact)) {
      contact = at->second;
    }
    return contact;
  }
  Person& of(std::uint32_t contact) { return people_[who_is(contact)]; }

 private:
  // As values lie in a journal: the size of a text before its letters.
  static bool shorter_or_less(const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  }
  static void hear(std::optional<Said>& known, const Said& said) {
    if (!known || known->order() <= said.order()) known = said;
  }
  std::map<std::uint32_t, Person> people_;
  std::map<std::uint32_t, std::uint32_t> linked_;
};

}  // namespace itinera::property
