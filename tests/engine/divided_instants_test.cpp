// SPDX-License-Identifier: Apache-2.0
// S0: an instant of several frames goes on as it would have from wherever it was cut: what comes
// next is told by the state, whoever asks.
#include <fmt/format.h>

#include "engine/each_frame.hpp"

namespace itinera::test {
namespace {

constexpr std::string_view policy =
    "workspace: shop\nzone: Europe/Warsaw\n"
    "channels:\n  id: {address: contact.id}\n  li: {address: contact.id}\n  sms: {address: "
    "contact.id}\n"
    "senders: {anna: {channel: li}}\n"
    "segments:\n  one: contact.x == 1\n"
    "policy: {caps: [{max: 1, per: 7d, channel: id}]}\n";

// A campaign that many are in, and which at ten o'clock sets something before it sends.
std::string setting(std::string_view what, std::string_view other) {
  return fmt::format(
      "campaign: a\nentry: [{{event: go}}]\nsteps:\n"
      "  - wait: 1h\n  - {{set: {{{}}}}}\n  - {{send: id, id: t}}\n---\n{}",
      what, other);
}

constexpr std::size_t contacts = 1100;

// How many frames ten o'clock has.
std::size_t goes_on_at_ten(Host& host) {
  for (std::size_t i = 0; i < contacts; ++i) host.event("go", {}, fmt::format("u{}", i));
  const std::size_t before = host.journal().size();
  host.after(hour_ms).advance();
  return goes_on_from_each_frame(host, before);
}

}  // namespace

TEST_CASE("large instant: what one of its frames makes due comes before the gates",
          "[engine][S0][restore]") {
  const auto [what, other] = GENERATE(table<std::string_view, std::string_view>({
      {"x: 1",  // a line
       "campaign: b\npriority: 90\nentry: [{segment: one, ramp: {max: 5, per: 1h}}]\n"
       "steps: [{send: id, id: other}]\n"},
      {"day: '2026-03-02'",  // a moment of the contact
       "campaign: b\npriority: 90\nentry: [{date: contact.day, at: '11:00'}]\n"
       "steps: [{send: id, id: other}]\n"},
      {"zone: Asia/Tokyo",  // a journey, whose time on the wall is over there
       "campaign: b\npriority: 90\nentry: [{event: go}]\n"
       "steps: [{wait: {time: '12:00'}}, {send: id, id: other}]\n"},
      {"zone: UTC",  // a schedule, by a clock that nobody had
       "campaign: b\npriority: 90\nentry: [{schedule: '0 10 * * *'}]\n"
       "steps: [{send: id, id: other}]\n"},
  }));
  Host host(setting(what, other), policy);
  CHECK(goes_on_at_ten(host) > 3);
  const Lines sent = host.take();
  const auto is_other = [](const std::string& line) { return line.starts_with("other"); };
  CHECK(std::any_of(sent.begin(), sent.end(), is_other));
}

TEST_CASE("large instant: the turns at accounts come behind all gates, or before all that are left",
          "[engine][S0][S18][restore]") {
  SECTION("asked for at the gates") {
    Host host("campaign: a\nentry: [{event: go}]\nsteps: [{wait: 1h}, {send: li, sender: anna}]\n",
              policy);
    CHECK(goes_on_at_ten(host) > 4);
    CHECK(host.take().size() == contacts);
  }
  SECTION("asked for in a small frame that has grown large") {
    Host host(
        "campaign: a\npriority: 90\nentry: [{event: go}]\n"
        "steps: [{wait: 1h}, {send: li, sender: anna}]\n---\n"
        "campaign: b\nentry: [{event: more, key: event.k}]\n"
        "steps: [{wait: 1h}, {send: sms, id: large, data: {b: =contact.blob}}]\n",
        policy);
    host.identify({{"blob", std::string(900'000, 'x')}}).event("go");
    for (int k = 0; k < 40; ++k) host.event("more", {{"k", k}});
    const std::size_t before = host.journal().size();
    host.after(hour_ms).advance();
    CHECK(goes_on_from_each_frame(host, before) > 2);
    CHECK(host.take().size() == 41);
  }
}

}  // namespace itinera::test
