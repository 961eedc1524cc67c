// SPDX-License-Identifier: Apache-2.0
// What stands in the journal, as who only reads it knows: the judge of what a host was given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "itinera/ids.hpp"
#include "record/frame.hpp"
#include "simulator/tally.hpp"

namespace itinera::simulator {

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

 private:
  void take(const record::Frame& frame);
  template <class Record>
  void take(const Record&) {}
  void take(const record::Emitted& r);
  void take(const record::Entered& r);
  void take(const record::TakenOver& r);
  void take(const record::Withdrawn& r);
  void take(const record::Recalled& r);
  void take(const record::Duplicate&) { duplicate_ = true; }
  void take(const record::Migrated&) { ++tally_["journeys migrated"]; }

  Tally& tally_;
  base::Bytes journal_;
  std::string wrong_;
  std::set<Hash128> emitted_;
  std::set<Hash128> outbox_;
  std::set<Hash128> taken_;
  std::map<Hash128, std::size_t> messages_;
  bool duplicate_ = false;  // in the frame at hand
};

}  // namespace itinera::simulator
