// SPDX-License-Identifier: Apache-2.0
// How many there are, by what a journal says of contacts: whoever was linked or merged is one with
// whom they became, and whoever was forgotten is nobody. Keeps a byte a contact.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "record/contact_records.hpp"
#include "record/crossing_records.hpp"

namespace itinera::engine {
class Saver;
class Loader;
}  // namespace itinera::engine

namespace itinera::insight {

// The id of a contact that stands for an anonymous id begins so.
inline constexpr std::string_view anonymous_prefix = "anonymous:";

class Headcount {
 public:
  // Each is false where the record refers to nothing known.
  bool count(const record::ContactCreated& created);
  bool count(const record::Linked& link);
  bool count(const record::Merged& merge);
  bool count(const record::Forgotten& forgotten);
  // Counts as it did where it comes from, and does there no more.
  bool count(const record::ContactCame& came, Headcount& from);

  // Known by an id of the host.
  [[nodiscard]] std::uint64_t contacts() const { return contacts_; }
  // Known by an anonymous id only.
  [[nodiscard]] std::uint64_t anonymous() const { return anonymous_; }

  void save(engine::Saver& v) const;
  void load(engine::Loader& v);  // into one that has counted nothing

 private:
  template <class V, class Self>
  static void walk(V& v, Self& self);

  // By the contact's place: counted as what. Who stands for another is nothing more; at a free
  // place is nobody.
  enum class As : std::uint8_t { contact, anonymous, nothing, nobody };
  bool stand_for(std::uint32_t from);

  std::uint64_t contacts_ = 0;
  std::uint64_t anonymous_ = 0;
  std::vector<As> people_;
};

}  // namespace itinera::insight
