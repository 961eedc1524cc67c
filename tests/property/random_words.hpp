// SPDX-License-Identifier: Apache-2.0
// What random campaigns are made of.
#pragma once

#include <cstdint>

#include "itinera/campaign.hpp"
#include "property/random_world.hpp"

namespace itinera::property {

// Conditions by what they may see.
inline constexpr const char* about_contact[] = {
    "contact.tier == \"gold\"", "contact.points >= 5",
    "has(contact.city)",        "ever(\"visit\")",
    "contact.city != \"Rome\"", "contact.vip",
    "consented(\"email\")",     "consented(\"push\", \"news\")",
    "reachable(\"push\")",      "engaged(\"email\", \"36h\")",
};
inline constexpr const char* about_time[] = {
    "count(\"order\", \"7d\") >= 2",    "sum(\"order\", \"total\", \"30d\") > 90.0",
    "since_last(\"visit\") >= days(2)", "now > timestamp(\"2026-03-29T01:00:00Z\")",
    "count(\"cart\", \"36h\") == 0",
};
inline constexpr const char* moments[] = {
    "now >= timestamp(\"2026-03-29T01:00:00Z\") + duration(\"36h\")",
    "since_last(\"visit\") >= days(2)",
    "count(\"cart\", \"36h\") == 0",
    "now - last(\"order\") > duration(\"90m\") && contact.tier == \"gold\"",
    "in_segment(\"quiet\")",
    "!engaged(\"push\", \"36h\")",
    "since_changed(\"tier\") >= days(2)",
};
inline constexpr const char* segments[] = {"gold", "quiet", "buyers"};
inline constexpr const char* about_journey[] = {
    "entry.total > 40.0",
    "journey.key == \"k1\"",
    "has(entry.cart_id)",
};
inline constexpr const char* about_event[] = {
    "event.total >= 50.0",
    "event.cart_id == \"k1\"",
    "has(event.total) && event.total < 1000.0",
};
inline constexpr const char* about_event_and_journey[] = {
    "event.cart_id == journey.key",
    "event.total > entry.total",
};
inline constexpr const char* events[] = {"order", "cart", "visit"};
inline constexpr const char* channels[] = {"email", "push"};
inline constexpr const char* zones[] = {"", "Europe/Warsaw", "America/New_York", "Asia/Kathmandu"};
inline constexpr Receipt receipts[] = {Receipt::opened, Receipt::clicked, Receipt::delivered,
                                       Receipt::bounced, Receipt::declared};
inline constexpr std::int64_t spans[] = {hour_ms, day_ms, 10 * minute_ms, 3 * day_ms, 36 * hour_ms};

inline Wait random_length(Choices& choices) {
  Wait made;
  Period period;
  switch (choices.below(4)) {
    case 0: period.ms = choices.one_of(spans); break;
    case 1: period.days = 1 + static_cast<std::int32_t>(choices.below(3)); break;
    case 2: period.ms = static_cast<std::int64_t>(60'000 + choices.below(5'000'000)); break;
    default: period.months = 1;
  }
  made.form = Wait::For{period};
  static constexpr Wait::Anchor anchors[] = {Wait::Anchor::step, Wait::Anchor::step,
                                             Wait::Anchor::last_emitted, Wait::Anchor::entry};
  made.anchor = choices.one_of(anchors);
  return made;
}

inline ChangeConsent random_consent(Choices& choices) {
  ChangeConsent made;
  made.channel = choices.one_of(channels);
  if (choices.chance(1, 2)) made.topic = "news";
  if (choices.chance(1, 2)) made.state = ChangeConsent::State::denied;
  made.source = "form";
  return made;
}

inline Digest random_digest(Choices& choices, bool has_variables) {
  Digest made;
  made.window_ms = choices.one_of(spans);
  made.sliding = choices.chance(1, 2);
  if (choices.chance(1, 3)) {
    made.key.text = choices.chance(1, 2) ? "event.cart_id" : "string(event.total)";
  }
  made.max = choices.chance(1, 2) ? 100 : 1 + choices.below(4);
  if (has_variables && choices.chance(2, 3)) made.as = "v";
  return made;
}

}  // namespace itinera::property
