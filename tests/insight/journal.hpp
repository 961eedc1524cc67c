// SPDX-License-Identifier: Apache-2.0
// Journals made by hand: what an engine would write, or would never write.
#pragma once

#include <string_view>
#include <vector>

#include "base/packed_value.hpp"
#include "itinera/campaign.hpp"
#include "model/graph.hpp"
#include "model/model_codec.hpp"
#include "record/frame.hpp"

namespace itinera::test {

inline constexpr Instant noon{1'772'452'800'000};  // 2026-03-02T12:00:00Z

// welcome v1: 0 send hello; 1 wait_for (opened hello: 2 send thanks); 3 split (4 send coupon);
// 5 set tier; 6 exit "done". Goal `order`.
inline Campaign welcome() {
  Campaign campaign;
  campaign.name = "welcome";
  const auto step = [](const char* id, Step::Kind kind) {
    Step made;
    made.id = id;
    made.named = true;
    made.kind = std::move(kind);
    return made;
  };
  WaitFor wait;
  WaitCase opened;
  opened.trigger.kind = Trigger::Kind::receipt;
  opened.trigger.step = "hello";
  opened.steps.push_back(step("thanks", Send{.channel = "push", .template_name = "t", .data = {}}));
  wait.cases.push_back(std::move(opened));
  wait.within_ms = day_ms;
  Split split;
  split.variants.push_back({.name = "coupon", .weight = 50, .steps = {}, .at = {}});
  split.variants.push_back({.name = "control", .weight = 50, .steps = {}, .at = {}});
  split.variants[0].steps.push_back(
      step("coupon-mail", Send{.channel = "email", .template_name = "c", .data = {}}));
  Set set;
  set.values.push_back({.name = "tier", .literal = "gold", .expression = {}, .at = {}});
  campaign.steps.push_back(
      step("hello", Send{.channel = "email", .template_name = "h", .data = {}}));
  campaign.steps.push_back(step("await", std::move(wait)));
  campaign.steps.push_back(step("arm", std::move(split)));
  campaign.steps.push_back(step("mark", std::move(set)));
  campaign.steps.push_back(step("end", Exit{.reason = "done"}));
  Goal goal;
  goal.name = "order";
  campaign.goals.push_back(std::move(goal));
  return campaign;
}

class Journal {
 public:
  // Frames from here on are that shard's.
  Journal& on(std::uint8_t shard) {
    shard_ = shard;
    return *this;
  }
  Journal& add(base::ByteView frames) {
    buffer_.append(frames);
    return *this;
  }
  template <class Input, class... Records>
  Journal& frame(Instant at, const Input& input, const Records&... records) {
    record::FrameWriter writer(buffer_, shard_);
    writer.begin(at, input);
    (writer.record(records), ...);
    writer.end();
    return *this;
  }
  Journal& publish(std::vector<Campaign> campaigns) {
    base::Bytes bytes;
    Workspace workspace;
    workspace.name = "shop";
    model::encode(workspace, campaigns, bytes);
    return frame(noon, record::PublishInput{.model = bytes});
  }
  [[nodiscard]] base::ByteView view() const { return buffer_.view(); }

 private:
  base::ByteBuffer buffer_;
  std::uint8_t shard_ = 0;
};

inline base::Bytes packed(const Value& value) {
  base::Bytes bytes;
  base::pack(value, bytes);
  return bytes;
}

// An event by a contact that exists.
inline record::EventInput event_of(std::uint32_t contact, std::string_view name) {
  record::EventInput input;
  input.contact = contact;
  input.name = name;
  input.occurred = noon;
  return input;
}

inline record::Entered entered(std::uint32_t journey, std::uint32_t contact,
                               std::string_view key = {}) {
  record::Entered made;
  made.journey = journey;
  made.contact = contact;
  made.flags = key.empty() ? std::uint8_t{0} : record::Entered::has_key;
  made.key = key;
  return made;
}

inline record::Ended ended(std::uint32_t journey, record::Decision decision, record::Reason reason,
                           std::uint16_t node = 0xFFFF) {
  record::Ended made;
  made.journey = journey;
  made.decision = decision;
  made.reason = reason;
  made.node = node;
  return made;
}

inline record::Emitted emitted(std::uint32_t journey, std::uint16_t node, std::uint64_t id,
                               std::uint32_t place = 0) {
  record::Emitted made;
  made.action = place;
  made.journey = journey;
  made.node = node;
  made.id = {0, id};
  return made;
}

}  // namespace itinera::test
