// SPDX-License-Identifier: Apache-2.0
// A run in which nothing fails: what a journal says was taken, fed once more, at the same instants,
// to an engine that is never restored.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.hpp"
#include "itinera/engine.hpp"
#include "property/world.hpp"
#include "record/all_records.hpp"

namespace itinera::simulator {

class Reference {
 public:
  explicit Reference(std::span<const property::Publication> publications);

  // The host may have fed it, under the id that it has.
  void may_be_fed(const property::Command& command);

  // What was decided otherwise than `journal` tells, or nothing: each input, each due instant and
  // each take must have the same records, to the byte, and so the same actions with the same ids.
  // Reoffers and acknowledgements are left out, but for the first reoffer, with which a host says
  // that it will report: they are of handing over, and decide nothing.
  std::string run(base::ByteView journal);
  [[nodiscard]] std::uint64_t actions() const { return actions_; }

 private:
  // What is compared of a frame.
  struct Decided {
    record::InputKind kind = record::InputKind::opened;
    Instant at;
    base::Bytes records;
  };

  void follow(const record::Frame& frame);
  void publish(const record::Frame& frame);
  // By its message id, or where it has none, by what the frame says.
  void feed_known(const record::Frame& frame, const record::MessageKey& message);
  void feed_told(const record::Frame& frame);
  void feed(const Input& input);
  void learn_names(const record::Frame& frame);
  void absorb(base::ByteView written);
  void compare();
  static std::optional<Decided> decided(const record::Frame& frame);
  void wrong(std::string_view what);

  std::span<const property::Publication> publications_;
  std::size_t published_ = 0;  // these have been, or were refused
  // Of several under one id the engine takes the first that comes, and is not refused.
  std::multimap<std::pair<Hash128, std::uint64_t>, const property::Command*> commands_;
  Engine engine_;
  bool reports_ = false;                        // the host will
  std::deque<Decided> found_;                   // by the journal, and not compared yet
  std::deque<Decided> expected_;                // by this engine
  std::map<std::uint32_t, std::string> names_;  // of contacts, by place
  std::uint64_t actions_ = 0;
  Instant now_;
  std::string wrong_;
};

}  // namespace itinera::simulator
