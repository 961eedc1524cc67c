// SPDX-License-Identifier: Apache-2.0
// Takes whoever was forgotten out of a journal that is kept.
//
// What frames said of them is replaced, and the frames stay: their kinds, their order, their places
// and times, so that the journal without somebody applies as it did before, and ends in the very
// state in which it ended. Of a forgotten contact there remain texts that stand for its ids, keys,
// accounts and handles, ids that stand for those of its actions, and which steps were taken when.
// Properties, attributes, variables, addresses and data are gone.
//
// What stands for an id is hashed with a salt that is thrown away when all is done: the same for
// the same id, and no way back. What stands for one already is known by its look, and stays, so
// that who was interrupted begins anew with the same salt.
#pragma once

#include <compare>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_buffer.hpp"
#include "base/bytes.hpp"
#include "itinera/ids.hpp"
#include "record/frame.hpp"

namespace itinera::record {

// Reads the same journal three times, group by group in order: find(), then gather(), then erase().
// Each call returns false where the frames are damaged. `position` grows from group to group.
class Erasure {
 public:
  // `whole`: the first group that gather() and erase() are given is the journal's first. Where it
  // is not, journeys are met that entered before it; of whom, nobody can tell, and what is said of
  // those up to last() is erased with the rest.
  explicit Erasure(bool whole) : whole_(whole) {}

  // Groups in which somebody may be forgotten who is still to be erased.
  [[nodiscard]] bool find(std::uint64_t position, base::ByteView frames);
  [[nodiscard]] bool any() const { return !ends_.empty(); }
  // Where the last of them was forgotten: groups behind it say nothing of anybody found.
  [[nodiscard]] std::uint64_t last() const { return last_; }

  // What ids are hashed with from here on.
  void stand_in_by(Hash128 salt) { salt_ = salt; }

  // All groups up to last(): learns the ids of whom it found.
  [[nodiscard]] bool gather(std::uint64_t position, base::ByteView frames);
  // How many names that has brought to memory: those of whom it found, whoever else there may be.
  [[nodiscard]] std::size_t names() const { return names_.size(); }

  // All groups there are. `out` is cleared, and gets what is to stand in the group's place; it
  // stays empty where that is what stands there.
  [[nodiscard]] bool erase(std::uint64_t position, base::ByteView frames, base::ByteBuffer& out);

 private:
  // A frame, by its group and its number there.
  struct At {
    std::uint64_t position = 0;
    std::uint32_t frame = 0;
    friend auto operator<=>(const At&, const At&) = default;
  };

  struct Named {
    At at;
    std::uint32_t place = 0;
  };

  void add_name(std::string name, std::uint32_t place);

  template <class Each>
  bool read(std::uint64_t position, base::ByteView frames, Each each);

  // Who a place stood for, and what it said went to: a device may go from one to another. Places
  // are used again, so it is that place as of then.
  struct Person {
    std::uint32_t place = 0;
    At at;
  };
  [[nodiscard]] Person person_at(std::uint32_t place, At at) const;
  [[nodiscard]] bool is_forgotten(std::uint32_t place, At at) const;
  [[nodiscard]] bool is_forgotten(std::uint32_t place) const { return is_forgotten(place, now_); }
  [[nodiscard]] std::optional<At> end_of(std::uint32_t place, At at) const;
  [[nodiscard]] const std::vector<Named>* told_of(std::string_view name) const;
  [[nodiscard]] bool is_name(std::string_view name) const;
  [[nodiscard]] bool is_gone(std::string_view name) const;
  [[nodiscard]] bool is_action(Hash128 action) const;
  [[nodiscard]] bool runs_for(std::uint32_t journey) const;
  template <class T>
  [[nodiscard]] bool concerns(const T& told) const;
  template <class T>
  void follow(const T& record);

  bool judge(const Frame& frame, bool& any);
  bool rewrite(const Frame& frame, base::ByteBuffer& out);

  [[nodiscard]] std::string stand_in(std::string_view text) const;
  void replace(Hash128& id) const;
  void replace(std::string_view& text);
  void replace_ids(base::ByteView& ids);
  // Those of an input that go, whoever it is about; whether there are any.
  template <class T>
  bool drop_names(T& input);
  // What of a record or an input goes with somebody.
  template <class T>
  void blank(T& told);

  Hash128 salt_;
  bool whole_;
  std::uint64_t last_ = 0;
  At now_;
  // By place: from when on it has stood for which other; no_place: for nobody any more.
  struct Turn {
    At at;
    std::uint32_t to = no_place;
  };
  std::map<std::uint32_t, std::vector<Turn>> turns_;
  // In the order of the journal, by which they are looked for: places are used again, the last
  // freed first, and one place may have been very many people's.
  static std::size_t first_at(const std::vector<Turn>& turns, At at);
  // By a place: forgotten last. Also of an id of whose link this shard knows nothing, since it was
  // made in another.
  std::map<std::uint32_t, At> ends_;
  // Whom a name was given to, each time, of those whose places end.
  std::map<std::string, std::vector<Named>, std::less<>> names_;
  std::map<std::uint32_t, bool> journeys_;  // by place, where it matters: of somebody forgotten
  std::set<Hash128> actions_;               // of these
  // Of the frame at hand:
  bool input_concerned_ = false;
  bool nobody_told_ = false;       // a report of an action that the engine did not know (any more)
  std::vector<bool> concerned_;    // of each record
  std::deque<std::string> texts_;  // that stand for others
  base::Bytes ids_;
};

}  // namespace itinera::record
