// SPDX-License-Identifier: Apache-2.0
// The campaigns that tests of room model look at, and ways to look.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "itinera/campaign_builder.hpp"
#include "itinera/campaign_check.hpp"
#include "model/walk.hpp"

namespace itinera::test {

inline Workspace shop() {
  Workspace workspace;
  workspace.name = "shop";
  workspace.zone = "Europe/Warsaw";
  workspace.topics = {"marketing", "news"};
  for (const char* name : {"email", "push", "sms"}) {
    Channel channel;
    channel.name = name;
    channel.address.text = std::string("contact.") + name;
    workspace.channels.push_back(channel);
  }
  return workspace;
}

// design.md 7, as far as it is built: nothing in it is wrong or suspicious.
inline Sequence cart_steps() {
  return Sequence()
      .wait("1h")
      .send("email", {.id = "reminder",
                      .template_name = "cart-reminder",
                      .data = {{"total", "=entry.total"},
                               {"name", "=contact.first_name"},
                               {"campaign", "spring"}}})
      .wait_for(opened("reminder"),
                {.within = "24h",
                 .then = Sequence().send("push", {.template_name = "cart-offer"}),
                 .otherwise = Sequence().send("sms", {.template_name = "cart-nudge"})})
      .wait("3d")
      .split({{.variant = "coupon",
               .weight = 50,
               .steps = Sequence().send("email", {.template_name = "coupon-10"})},
              {.variant = "control", .weight = 50}},
             {.id = "finale"});
}

inline CampaignBuilder cart_builder() {
  return CampaignBuilder("cart-recovery")
      .version(3)
      .topic("marketing")
      .on_event("cart_abandoned", {.when = "event.total >= 50.0", .key = "event.cart_id"})
      .reentry_after("7d")
      .goal("order", {.trigger = event("order_placed"),
                      .when = "event.cart_id == journey.key",
                      .value = "event.total",
                      .within = "7d",
                      .exits = true})
      .exit_on(event("cart_emptied"), "event.cart_id == journey.key")
      .exit_on(condition("contact.tier == \"gold\""));
}

inline Campaign cart_recovery() { return cart_builder().steps(cart_steps()).build().value(); }

// A campaign that is sound but for what `steps` do.
inline Campaign with_steps(const Sequence& steps) {
  return CampaignBuilder("c").on_event("e").steps(steps).build().value();
}

// Gives every step a place: line 10 for the first, 20 for the second, in document order, column 3.
inline Campaign placed(Campaign campaign) {
  std::uint32_t line = 0;
  model::for_each_step(campaign.steps, [&](Step& step) { step.at = {"c.yaml", line += 10, 3}; });
  return campaign;
}

inline Diagnostics check_one(const Campaign& campaign, const Workspace& workspace = shop()) {
  return check(workspace, std::vector<Campaign>{campaign});
}

// "code line:column", one text per finding: what a test states of them.
inline std::vector<std::string> summary(const Diagnostics& diagnostics) {
  std::vector<std::string> result;
  for (const Diagnostic& d : diagnostics) {
    result.push_back(std::string(d.severity == Severity::error ? "" : "warning ") +
                     std::string(name_of(d.code)) + " " + std::to_string(d.location.line) + ":" +
                     std::to_string(d.location.column));
  }
  return result;
}

using Summary = std::vector<std::string>;

// Of a campaign with nothing but these steps.
inline Summary findings_of(const Sequence& steps) {
  return summary(check_one(placed(with_steps(steps))));
}

}  // namespace itinera::test
