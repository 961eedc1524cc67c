// SPDX-License-Identifier: Apache-2.0
// A shop whose visitors turn out to be its customers, in a store of several shards.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "itinera/campaign_builder.hpp"
#include "itinera/funnel.hpp"
#include "record/frame.hpp"
#include "support/shard_host.hpp"

namespace itinera::test {

inline constexpr Instant start{1'772'442'000'000};  // 2026-03-02T09:00:00Z
inline constexpr std::uint32_t many = 64;

inline Workspace shop() {
  Workspace workspace;
  workspace.name = "shop";
  workspace.zone = "Europe/Warsaw";
  Channel email;
  email.name = "email";
  email.address.text = "contact.email";
  workspace.channels.push_back(email);
  FrequencyCap cap;
  cap.max = 4;
  cap.per = FrequencyCap::Per::day;
  cap.account = true;
  workspace.policy.caps.push_back(cap);
  return workspace;
}

// Looks, is written to in two ways at once, and may answer.
inline Campaign browse() {
  const auto campaign =
      CampaignBuilder("browse")
          .on_event("viewed", {.key = "event.item"})
          .exit_on(event("bought"))
          .steps(Sequence()
                     .wait("10m")
                     .parallel({Sequence().send("email", {.id = "seen"}).wait("1h"),
                                Sequence().wait("30m").send("email", {.id = "again"})})
                     .wait_for(clicked("seen"), {.within = "1d"})
                     .wait_until_time("09:30")
                     .send("email", {.id = "day-1", .data = {{"item", "=entry.item"}}}))
          .build();
  if (!campaign) FAIL(campaign.error().message);
  return *campaign;
}

struct CrossingHost : ShardHost {
  explicit CrossingHost(std::uint32_t shards, std::uint32_t threads = 1,
                        std::shared_ptr<MemoryDisk> on = memory_disk(),
                        Delivery delivery = Delivery::once)
      : ShardHost(shop(), browse(), start, shards, threads, std::move(on), delivery) {}

  void take(const Input& input) {
    const std::vector<Refusal> refused = feed({&input, 1});
    if (!refused.empty()) FAIL(refused.front().error.message);
  }
  void come_to(Instant t) { REQUIRE(runtime.advance_to(t, sink)); }
  [[nodiscard]] std::size_t crossings() const {
    const base::Bytes journal = bytes();
    std::size_t count = 0;
    for (base::ByteView rest = journal; !rest.empty();) {
      const record::FrameHead head = record::head_of(rest);
      count += head.kind == record::InputKind::depart ? 1 : 0;
      rest = rest.subspan(head.size);
    }
    return count;
  }
  [[nodiscard]] std::string funnel() const {
    Funnel read;
    REQUIRE(read.read(bytes()));
    std::string text = to_text(read.totals());
    for (const FunnelCampaign& each : read.campaigns()) text += to_text(each);
    return text;
  }
};

inline const Properties a_lamp{{"item", "a lamp"}};

inline Envelope at(Instant received, std::string_view message = {}) {
  return {received, {}, message, {}};
}

}  // namespace itinera::test
