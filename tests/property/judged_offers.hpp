// SPDX-License-Identifier: Apache-2.0
// What the judge knows of actions that were taken and of which nothing was reported.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "record/frame.hpp"
#include "record/inputs.hpp"

namespace itinera::property {

// Whether the frame says of its input that it had come before: then it has changed nothing.
inline bool is_duplicate(const record::Frame& frame) {
  base::ByteView rest = frame.records;
  while (const auto raw = record::Frame::next(rest)) {
    if (raw->kind == record::RecordKind::duplicate) return true;
  }
  return false;
}

class Offers {
 public:
  void take(const record::Frame& frame) {
    if (const auto reoffer = input_of<record::ReofferInput>(frame)) take(*reoffer);
    if (const auto done = input_of<record::AcknowledgeInput>(frame)) take(*done);
    if (const auto report = input_of<record::ReportInput>(frame)) settle(report->action);
  }
  void take(const record::ReofferInput& input) {
    keeps_ = true;
    for (auto& [id, open] : open_) open.offered = open.offered || input.actions.empty();
    for (base::Reader in(input.actions); !in.at_end();) {
      const auto high = in.number<std::uint64_t>();
      const auto found = open_.find({high, in.number<std::uint64_t>()});
      if (found != open_.end()) found->second.offered = true;
    }
  }
  void take(const record::AcknowledgeInput& input) {
    keeps_ = keeps_ && input.keep != 0;
    std::erase_if(open_,
                  [&](const auto& each) { return !keeps_ || each.second.take <= input.takes; });
  }
  void settle(const Hash128& id) { open_.erase(id); }
  [[nodiscard]] bool is_offered(const Hash128& id) const {
    const auto found = open_.find(id);
    return found != open_.end() && found->second.offered;
  }
  [[nodiscard]] bool is_open(const Hash128& id) const { return open_.contains(id); }
  [[nodiscard]] bool keeps() const { return keeps_; }
  [[nodiscard]] std::vector<Hash128> open() const {
    std::vector<Hash128> ids;
    for (const auto& [id, open] : open_) ids.push_back(id);
    return ids;
  }
  // It was taken elsewhere, and is known here from now on, as one that this take has taken.
  void come(const Hash128& id, bool offered) { open_.insert_or_assign(id, Open{takes_, offered}); }
  void count_take() { ++takes_; }
  // These are taken, and what is offered again, which is returned.
  std::vector<Hash128> hand_over(const std::vector<Hash128>& fresh) {
    std::vector<Hash128> again;
    ++takes_;
    for (auto& [id, open] : open_) {
      if (!open.offered) continue;
      again.push_back(id);
      open = {takes_, false};
    }
    for (const Hash128& id : fresh) {
      if (keeps_) open_.insert_or_assign(id, Open{takes_, false});
    }
    return again;
  }

 private:
  template <class Input>
  static std::optional<Input> input_of(const record::Frame& frame) {
    return frame.kind == Input::kind ? record::decode<Input>(frame.input) : std::nullopt;
  }
  struct Open {
    std::uint64_t take = 0;
    bool offered = false;
  };
  std::map<Hash128, Open> open_;
  std::uint64_t takes_ = 0;
  bool keeps_ = false;
};

}  // namespace itinera::property
