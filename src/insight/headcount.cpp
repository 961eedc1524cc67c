// SPDX-License-Identifier: Apache-2.0
#include "insight/headcount.hpp"

namespace itinera::insight {

bool Headcount::count(const record::ContactCreated& created) {
  if (created.contact > people_.size()) return false;
  if (created.contact == people_.size()) people_.push_back(As::nobody);
  if (people_[created.contact] != As::nobody) return false;
  const bool anonymous = created.id.starts_with(anonymous_prefix);
  people_[created.contact] = anonymous ? As::anonymous : As::contact;
  ++(anonymous ? anonymous_ : contacts_);
  return true;
}

bool Headcount::stand_for(std::uint32_t from) {
  if (from >= people_.size()) return false;
  if (people_[from] == As::anonymous) --anonymous_;
  if (people_[from] == As::contact) --contacts_;
  people_[from] = As::nothing;
  return true;
}

bool Headcount::count(const record::Linked& link) {
  return link.from == record::no_place || stand_for(link.from);
}

bool Headcount::count(const record::Forgotten& forgotten) {
  for (std::size_t at = 0; at + 4 <= forgotten.places.size(); at += 4) {
    const auto place = base::load_le<std::uint32_t>(forgotten.places.data() + at);
    if (!stand_for(place)) return false;
    people_[place] = As::nobody;
  }
  return true;
}

// What its id looks like is not asked: that may have been erased.
bool Headcount::count(const record::ContactCame& came, Headcount& from) {
  if (came.contact > people_.size() || came.from >= from.people_.size()) return false;
  if (came.contact == people_.size()) people_.push_back(As::nobody);
  As& here = people_[came.contact];
  const As was = from.people_[came.from];
  if (here == As::contact || here == As::anonymous || was == As::nobody) return false;
  if (!from.stand_for(came.from)) return false;
  here = came.person == came.contact ? was : As::nothing;
  if (here == As::anonymous) ++anonymous_;
  if (here == As::contact) ++contacts_;
  return true;
}

bool Headcount::count(const record::Merged& merge) { return stand_for(merge.from); }

}  // namespace itinera::insight
