// SPDX-License-Identifier: Apache-2.0
// What stands in the journal, as who only reads it knows: the judge of what a host was given.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "itinera/ids.hpp"
#include "property/judged_offers.hpp"
#include "record/frame.hpp"
#include "simulator/tally.hpp"

namespace itinera::simulator {

// What its message is known by; none: it is no message, or has no id.
std::optional<record::MessageKey> message_of(const record::Frame& frame);

class Ledger {
 public:
  explicit Ledger(Tally& tally) : tally_(tally) {}

  // Groups that have become durable. Returns what is wrong with them.
  std::string add(base::ByteView groups);

  [[nodiscard]] const base::Bytes& journal() const { return journal_; }
  // Whether the action was taken by a durable frame, and nothing had withdrawn it.
  [[nodiscard]] bool is_taken(const ActionId& id) const { return taken_.contains(id.hash); }
  // How many frames have taken that message, duplicates not counted.
  [[nodiscard]] std::size_t times_taken(std::string_view source, std::string_view message) const;
  [[nodiscard]] std::size_t actions() const { return emitted_.size(); }

  // An action that a durable frame took. `again`: it was offered once more.
  struct Taken {
    ActionId id;
    bool again = false;
  };
  // Those since this was asked last, in the order of their frames.
  std::vector<Taken> take_taken() { return std::exchange(fresh_, {}); }

  // Whether it was taken with Delivery::known, and nothing has come of it yet: no report, no
  // acknowledgement, no end.
  [[nodiscard]] bool is_open(const ActionId& id) const {
    return any_shard([&id](const Shard& each) { return each.offers.is_open(id.hash); });
  }
  [[nodiscard]] bool keeps() const {
    return any_shard([](const Shard& each) { return each.offers.keeps(); });
  }

  // Whether it went to a device that has gone from one contact to another since: then it is the
  // first one's, and says so.
  [[nodiscard]] bool is_readdressed(const ActionId& id) const {
    return readdressed_.contains(id.hash);
  }

  // Whether its contact has gone to another shard while it was open: an acknowledgement of what was
  // handed out before may not reach it, should more wait to be.
  [[nodiscard]] bool has_moved(const ActionId& id) const { return moved_.contains(id.hash); }

  // A new process has read what is there, and from here on writes its own.
  void restarted();
  // Of what was open then: what that process has not offered again, though it has written.
  [[nodiscard]] std::vector<ActionId> passed_over() const;

 private:
  // Places are those of a shard.
  struct Place {
    std::uint8_t shard = 0;
    std::uint32_t at = 0;
    friend auto operator<=>(const Place&, const Place&) = default;
  };
  struct Shard {
    std::set<Hash128> outbox;
    property::Offers offers;
  };

  [[nodiscard]] Place here(std::uint32_t at) const { return {shard_, at}; }
  template <class Is>
  [[nodiscard]] bool any_shard(Is is) const {
    return std::any_of(shards_.begin(), shards_.end(),
                       [&](const auto& each) { return is(each.second); });
  }
  void take(const record::Frame& frame);
  void hand_over();
  void keep_unoffered();
  void unite(Place into, Place from);
  void settle(const Hash128& id);
  template <class Record>
  void take(const Record&) {}
  void take(const record::Emitted& r);
  void take(const record::Entered& r);
  void take(const record::TakenOver& r);
  void take(const record::Withdrawn& r);
  void take(const record::Recalled& r);
  void take(const record::Forked& r) { contacts_[here(r.journey)] = contacts_[here(r.head)]; }
  void take(const record::SetAside& r) { contacts_[here(r.journey)] = contacts_[here(r.head)]; }
  void take(const record::UnknownOutcome& r) { settle(r.id); }
  void take(const record::ContactCame& r);
  void take(const record::JourneyCame& r) { contacts_[here(r.journey)] = here(r.contact); }
  void take(const record::OutCame& r);
  void take(const record::OpenCame& r);
  void take(const record::Linked& r);
  void take(const record::Merged& r);
  void take(const record::Forgotten& r);
  void take(const record::Duplicate&) { duplicate_ = true; }
  void take(const record::Migrated&) { ++tally_["journeys migrated"]; }

  Tally& tally_;
  base::Bytes journal_;
  std::string wrong_;
  std::set<Hash128> emitted_;
  std::map<std::uint8_t, Shard> shards_;
  std::set<Hash128> taken_;
  std::map<Hash128, std::size_t> messages_;
  std::vector<Taken> fresh_;
  std::map<Place, Place> contacts_;                   // by journey
  std::map<Place, std::vector<Hash128>> actions_of_;  // by contact
  std::map<Place, std::vector<Hash128>> emitted_to_;  // by contact, as of then
  std::set<Place> linked_;
  std::set<Hash128> readdressed_;
  std::set<Hash128> moved_;
  std::set<Hash128> unoffered_;  // of what was open at the restart
  bool has_written_ = false;     // since then
  bool duplicate_ = false;       // in the frame at hand
  std::uint8_t shard_ = 0;       // of that
  std::uint8_t from_ = 0;        // where whoever it tells of has come from
};

}  // namespace itinera::simulator
