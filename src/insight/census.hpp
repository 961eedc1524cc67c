// SPDX-License-Identifier: Apache-2.0
// Who is there and which campaigns are, counted from a journal: what a host asks when it opens one
// and when it closes it. Keeps a few bytes a contact and a journey and no texts of either, where a
// funnel keeps all.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "insight/headcount.hpp"
#include "itinera/campaign.hpp"
#include "itinera/ids.hpp"
#include "itinera/result.hpp"
#include "record/frame.hpp"

namespace itinera::insight {

// The same for two campaigns that differ in nothing but the places they were written at.
Hash128 content_of(const Campaign& campaign);

class Census {
 public:
  // A campaign version that was published.
  struct Version {
    std::string name;
    std::uint32_t number = 0;
    std::uint64_t in_flight = 0;  // journeys
    bool current = false;         // in the newest publication
    Hash128 content;              // content_of() the campaign
    base::Bytes model = {};       // the campaign as a checkpoint has it, for a later version of us
  };

  // Counts frames, which continue those counted before; a torn last one is left out. Errors:
  // damaged_journal, unsupported_version; nothing more may be read then.
  Result<void> read(base::ByteView journal);

  // What was counted so far: no text of a contact. load() is for one that has counted nothing, and
  // is told of how many shards it was.
  void save(engine::Saver& v) const;
  void load(engine::Loader& v, std::uint8_t shards);
  // That were met in the journal.
  [[nodiscard]] std::uint8_t shards() const { return static_cast<std::uint8_t>(shards_.size()); }

  // Known by an id of the host. Who was linked or merged is one of these already.
  [[nodiscard]] std::uint64_t contacts() const;
  // Known by an anonymous id only.
  [[nodiscard]] std::uint64_t anonymous() const;
  // The name of the workspace; empty before the first publication.
  [[nodiscard]] const std::string& workspace() const { return workspace_; }
  // In the order of publication.
  [[nodiscard]] const std::vector<Version>& versions() const { return versions_; }

 private:
  // Each names people and journeys by places of its own.
  struct Shard {
    Headcount people;
    std::vector<std::uint16_t> journeys;  // the version, by the journey's place
  };

  template <class V, class Self>
  static void walk(V& v, Self& self);

  Result<void> publish(base::ByteView input);
  // Each is false where the record refers to nothing known.
  bool count(const record::RawRecord& raw);
  template <class Record>
  bool count_as(base::ByteView fields);
  bool count(const record::Entered& entered);
  bool count(const record::Forked& forked);
  bool count(const record::SetAside& aside);
  bool count(const record::ContactCame& came);
  bool count(const record::JourneyCame& came);
  // The journey at a place of the shard at hand, or the strand, is as one of another shard, or of
  // this one.
  bool add_as(std::uint32_t place, const Shard& of, std::uint32_t like);
  bool count(const record::Ended& ended);
  // Whether it says so where somebody comes by it from a shard that is known.
  bool note_origin(const record::Frame& frame);

  std::string workspace_;
  std::vector<Version> versions_;
  std::map<std::pair<std::string, std::uint32_t>, std::size_t> version_of_;
  std::vector<Shard> shards_{1};
  std::size_t at_hand_ = 0;  // whose frame it is
  std::size_t origin_ = 0;   // the shard that somebody comes from by it; the same: nobody comes
  [[nodiscard]] Shard& shard() { return shards_[at_hand_]; }
};

}  // namespace itinera::insight
