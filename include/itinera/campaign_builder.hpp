// SPDX-License-Identifier: Apache-2.0
// Campaigns written in C++: the same Campaign as a file gives. Texts are those of the files:
// durations "1h30m", windows "Mon-Fri 14:00-16:00", conditions in CEL, and in data and set a text
// that starts with '=' is CEL. Empty texts mean "not given".
//
//   Result<Campaign> campaign =
//       CampaignBuilder("cart-recovery")
//           .on_event("cart_abandoned", {.when = "event.total >= 50.0", .key = "event.cart_id"})
//           .goal("order", {.trigger = event("order_placed"), .within = "7d", .exits = true})
//           .steps(Sequence()
//                      .wait("1h")
//                      .send("email", {.id = "reminder", .template_name = "cart-reminder"})
//                      .wait_for(opened("reminder"), {.within = "24h",
//                                                     .otherwise = Sequence().send("sms")}))
//           .build();
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "itinera/campaign.hpp"
#include "itinera/result.hpp"
#include "itinera/sequence.hpp"

namespace itinera {

struct EntryOptions {
  std::string when = {};
  std::string key = {};
};

struct SegmentEntryOptions {
  Entry::Change change = Entry::Change::enters;
  Entry::Existing existing = Entry::Existing::ignore;
  std::optional<Ramp> ramp = std::nullopt;
  std::string when = {};
  std::string key = {};
};

struct DateEntryOptions {
  bool yearly = false;
  std::string offset = {};  // "-3d"
  std::string at = {};      // "09:00", which is the default
  std::string zone = {};
  std::string when = {};
  std::string key = {};
};

struct ScheduleEntryOptions {
  std::string segment = {};  // empty: everybody
  std::string at = {};       // "09:00", which is the default
  std::string zone = {};
  std::string from = {};  // the ISO date that a rule counts from
  std::optional<Ramp> ramp = std::nullopt;
  std::string when = {};
  std::string key = {};
};

struct GoalOptions {
  std::optional<Trigger> trigger = std::nullopt;
  std::string when = {};
  std::string value = {};
  std::string within = {};
  bool exits = false;
};

// Makes one Campaign. Whether it is sound, check() says (campaign_check.hpp).
class CampaignBuilder {
 public:
  explicit CampaignBuilder(std::string name);

  CampaignBuilder& version(std::uint32_t version);
  CampaignBuilder& topic(std::string topic);
  CampaignBuilder& priority(std::uint32_t priority);
  CampaignBuilder& zone(std::string zone);
  CampaignBuilder& note(std::string note);
  CampaignBuilder& on_event(std::string event, const EntryOptions& options = {});
  CampaignBuilder& by_host();
  CampaignBuilder& enter_by_segment(std::string segment, const SegmentEntryOptions& options = {});
  CampaignBuilder& enter_by_date(std::string cel, const DateEntryOptions& options = {});
  // `recurrence`: a cron line, a rule of RFC 5545, or an ISO date.
  CampaignBuilder& enter_by_schedule(std::string recurrence,
                                     const ScheduleEntryOptions& options = {});
  CampaignBuilder& entry_cap(const EntryCap& cap);
  CampaignBuilder& holdout(std::string_view percent, std::string seed = {});  // "5%", "2.5%"
  CampaignBuilder& exclusive(std::string group);
  CampaignBuilder& brake(std::string_view failed, std::uint32_t of);  // "10%" of the newest 100
  CampaignBuilder& reentry_never();
  CampaignBuilder& reentry_after(std::string_view duration, bool since_entry = false);
  CampaignBuilder& while_running(WhileRunning what);
  CampaignBuilder& goal(std::string name, const GoalOptions& options = {});
  CampaignBuilder& exit_on(const Trigger& trigger, std::string when = {});
  CampaignBuilder& steps(const Sequence& steps);  // added behind those there are

  // The campaign, its steps named; or one error whose message lists, a line each, every text that
  // could not be read. Its code is that of the first.
  [[nodiscard]] Result<Campaign> build() const;

 private:
  void set_time(Entry& entry, const std::string& at);

  Campaign campaign_;
  std::vector<Error> problems_;
};

}  // namespace itinera
