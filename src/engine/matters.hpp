// SPDX-License-Identifier: Apache-2.0
// What the engine has in hand while it decides: inputs by what they mean, what they set off, whom
// they concern.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "calendar/civil.hpp"
#include "expr/cell.hpp"
#include "itinera/step.hpp"
#include "record/frame.hpp"
#include "state/halts.hpp"
#include "state/state.hpp"

namespace itinera::engine {

// Sends that one gate frame, and journeys that one timer frame, of a large instant holds. Part of
// the format: frames are the unit that recovery sees.
inline constexpr std::size_t instant_chunk = 1024;
// Such a frame ends after the journey or the send with which it has come to so many bytes. Part of
// the format, too.
inline constexpr std::size_t instant_part_bytes = record::frame_size_max / 8;
// A frame that is larger takes up no more data: the rest is room for what comes without any.
inline constexpr std::size_t frame_data_bytes = record::frame_size_max / 2;

// What an input or a change of the profile means to the journeys of a contact.
struct Stimulus {
  enum class Kind : std::uint8_t { event, receipt, profile, segment };
  Kind kind = Kind::profile;
  NameId event = no_name;    // or the segment
  bool leaves = false;       // of a segment
  std::uint8_t receipt = 0;  // its number in Plans::receipts
  std::uint32_t action = no_place;
  bool retry = true;                // of a failure: it may go well another time
  std::uint32_t teller = no_place;  // of the contact's account, as those of an account hear it
  bool cascades = false;  // caused by the engine itself: a wait armed in this frame hears it too
  std::optional<std::uint32_t> armed_before = {};  // only waits armed before that frame hear it
};

// What the input at hand has set off, and that waits for its turn (S33).
struct Cascade {
  enum class Kind : std::uint8_t { profile, event, start, stop, came, went, release, moved };
  Kind kind = Kind::profile;
  std::uint32_t contact = no_place;
  std::uint32_t depth = 0;
  bool by_input = false;             // not by a step
  bool holdout = false;              // by a journey that gets no marketing
  std::uint32_t journey = no_place;  // that told of an event, and does not hear it
  NameId name = no_name;             // the event, campaign or segment; the attribute that was set
  std::optional<std::string> key;    // of a start or a stop
  base::Bytes data;                  // properties: name and packed value in turn
  std::optional<ZoneIndex> zone;     // of its own, that the contact had before it moved
};

// A journey or a strand that an input concerns, and where it stood when that came: by this it is
// known again, should its place be taken by what the input causes.
struct Listener {
  std::uint32_t journey = 0;
  std::uint32_t armed_in = 0;
  NodeIndex node = model::end_node;
  friend bool operator==(const Listener&, const Listener&) = default;
};

struct CampaignKey {
  std::uint16_t family;
  bool has_key;
  std::string key;
};

// What a wait has taken.
struct Came {
  base::Bytes value;                         // what it brought, packed; empty: nothing
  std::uint32_t action = no_place;           // whose receipt it is
  std::optional<std::uint32_t> event_frame;  // in which the event came
};

// What was reported of a message, in flight or of a closed journey.
struct Told {
  std::uint32_t contact = no_place;
  const NodePlan* node = nullptr;
  std::uint64_t address = 0;
  std::uint8_t leg = 0;
  std::uint16_t sender = no_sender;
  std::uint8_t receipt = 0;
  bool hard = false;
  bool freed = false;   // its slots in caps have been given back by that
  bool is_news = true;  // it was not reported of that action before
  Instant occurred;
  std::string_view message_id;
};

// The contact that an input names: its place if it exists, else its id.
struct Who {
  std::uint32_t place = no_place;
  std::string_view id;     // empty if there is a place
  std::uint64_t hash = 0;  // upper half of the id's stable hash
};

struct HandOver;  // tokens.hpp

// S4: of a message that has come before, the frame says which it is and whose; what it told has
// been told, and is not kept once more where nobody might find it to erase it.
template <class In>
void empty_repeat(const State& state, Instant at, In& input) {
  const Dedupe::Seen* const seen =
      input.message.present() ? state.dedupe.find(input.message.id) : nullptr;
  if (seen == nullptr || seen->at <= at - state.plans.workspace.dedupe_ms) return;
  const auto empty = [](auto&... fields) { ((fields = {}), ...); };
  if constexpr (requires { input.contact_id; }) empty(input.contact_id);
  if constexpr (requires { input.into_id; }) empty(input.into_id, input.from_id);
  if constexpr (requires { input.key; }) empty(input.has_key, input.key);
  if constexpr (requires { input.message_id; }) empty(input.message_id);
  if constexpr (requires { input.anonymous; }) empty(input.anonymous);
  if constexpr (requires { input.previous; }) empty(input.previous);
  if constexpr (requires { input.account; }) empty(input.account);
  if constexpr (requires { input.properties; }) empty(input.properties);
  if constexpr (requires { input.attributes; }) empty(input.attributes);
  if constexpr (requires { input.data; }) empty(input.data);
}

// What is still to come of a due instant, in S0's order: contacts to be looked at behind the first
// `looked`, journeys behind the first `fired`.
struct DueNow {
  std::vector<std::uint32_t> looks;
  std::size_t looked = 0;
  std::vector<ReadySend> journeys;
  std::size_t fired = 0;
  std::vector<std::uint32_t> new_looks;  // that are about to join these
  std::vector<ReadySend> new_journeys;
  void clear() {
    looks.clear();
    journeys.clear();
    looked = fired = 0;
  }
};

// Where a journey goes on that another system began.
struct Start {
  NodeIndex node = 0;
  const HandOver* came = nullptr;
  record::MessageKey token = {};  // what it is known by, where the input has no id of its own
};

// How to enter a campaign.
struct Admission {
  Who who;
  std::uint16_t version = 0;
  std::uint8_t entry = 0;
  bool has_key = false;
  std::string_view key;
  const Start* start = nullptr;       // it goes on, rather than begin
  std::uint32_t succeeds = no_place;  // a run that has ended: its open goals are the new one's
};

// The channels of a send, by their numbers, in the order in which they are tried.
class LegList {
 public:
  void push_back(std::uint8_t leg) { legs_[size_++] = leg; }
  std::uint8_t* begin() { return legs_.data(); }
  std::uint8_t* end() { return legs_.data() + size_; }

 private:
  std::array<std::uint8_t, Send::channels_max> legs_{};
  std::size_t size_ = 0;
};

// What stands still because its campaign is paused.
struct Standing {
  Listener at;
  bool fell_due = false;            // behind a wait whose time came
  std::optional<FrozenDue> frozen;  // its deadline
};

// When an entry comes next, and what the wall shows then: from where the clock leaps to there, if
// it does.
struct Coming {
  Instant due = record::no_deadline;
  calendar::LocalTime earliest;
  calendar::LocalTime latest;
};

// A wait for a time on the wall, that time, and the zone by whose clock it is.
struct WallTime {
  Listener at;
  calendar::LocalTime local;
  ZoneIndex zone = ZoneIndex::utc;
};

// How much an expression gives, before it is copied or written. A list is referred to however often
// it stands in others, so that a short expression names more bytes than there is memory.
class PackedSize {
 public:
  explicit PackedSize(std::size_t bytes_max) : left_(bytes_max) {}

  // Whether the value has room once packed, and nests no deeper. Takes as many steps as there may
  // be bytes, whatever the value: each member takes one at least.
  bool has_room_for(const expr::Cell& value, std::uint32_t depth) {
    if (depth == 0) return false;
    const auto fits = [&](const expr::Cell& each) { return has_room_for(each, depth - 1); };
    switch (value.kind) {
      case expr::Cell::Kind::list: {
        const auto list = value.as_list();
        return takes(9) && std::all_of(list.begin(), list.end(), fits);
      }
      case expr::Cell::Kind::map: {
        const auto map = value.as_map();
        return takes(9) && std::all_of(map.begin(), map.end(), [&](const expr::CellEntry& entry) {
                 return fits(entry.key) && fits(entry.value);
               });
      }
      case expr::Cell::Kind::text:
      case expr::Cell::Kind::type: return takes(5 + std::size_t{value.size});
      case expr::Cell::Kind::bytes: return takes(5 + (std::size_t{value.size} + 2) / 3 * 4);
      case expr::Cell::Kind::timestamp:
      case expr::Cell::Kind::duration: return takes(13);
      case expr::Cell::Kind::integer:
      case expr::Cell::Kind::uinteger:
      case expr::Cell::Kind::real: return takes(9);
      case expr::Cell::Kind::boolean: return takes(2);
      case expr::Cell::Kind::null:
      case expr::Cell::Kind::error: break;
    }
    return takes(1);
  }

 private:
  bool takes(std::size_t bytes) {
    const bool fits = bytes <= left_;
    left_ = fits ? left_ - bytes : 0;
    return fits;
  }

  std::size_t left_;
};

// Of a date: nothing that has members is one, and those may be many.
inline bool may_be_date(const expr::Cell& value) {
  return !value.is_error() && value.kind != expr::Cell::Kind::list &&
         value.kind != expr::Cell::Kind::map;
}

}  // namespace itinera::engine
