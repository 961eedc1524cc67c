// SPDX-License-Identifier: Apache-2.0
// S30: in which order people turn out to be one changes nothing of what they get later, and no
// refusal of any of them is lost.
#include <fmt/format.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "property/choices.hpp"
#include "support/host.hpp"

namespace itinera::property {
namespace {

using test::Host;
using test::Lines;

constexpr const char* people[] = {"ann", "bea", "cleo"};
constexpr const char* channels[] = {"email", "sms"};

const std::string workspace =
    "workspace: shop\nzone: Europe/Warsaw\nchannels:\n"
    "  email: {address: contact.email, consent: opt_out}\n"
    "  sms: {address: contact.phone, consent: opt_in}\n"
    "policy: {caps: [{max: 4, per: 7d}]}\n";

const std::string campaigns =
    "campaign: carts\nentry: [{event: cart, key: event.k}]\nreentry: always\nsteps:\n"
    "  - {send: email, id: c1, data: {tier: =contact.tier, n: '=count(\"cart\", \"30d\")'}}\n"
    "  - {wait: 2h}\n"
    "  - {send: [sms, email], prefer: engaged, id: c2, data: {tier: =contact.tier}}\n"
    "  - {wait: 2h}\n"
    "  - {send: sms, id: c3}\n"
    "---\n"
    "campaign: calls\nreentry: after 4h\nentry: [{event: call}]\n"
    "goals: {done: {event: cart, within: 1d}}\nexits: [{event: hang_up}]\nsteps:\n"
    "  - {wait: 3h}\n  - {task: Call, id: call, within: 1h}\n  - {send: email, id: after}\n";

// What one of them does or says. All that it takes is drawn beforehand, so that it is the same
// whatever has been merged.
struct Move {
  std::string who;
  std::string event;  // empty: it says something
  std::string key;
  Properties attributes;
  std::optional<Consent> consent;
  std::int64_t late_ms = 0;  // how long before it was received it happened
  std::int64_t after_ms = 0;
};

Move any_move(Choices& choices) {
  static constexpr const char* events[] = {"cart", "cart", "call", "hang_up"};
  static constexpr const char* tiers[] = {"gold", "silver", "tin"};
  static constexpr std::int64_t gaps[] = {0, minute_ms, hour_ms, 3 * hour_ms};
  Move move;
  move.who = choices.one_of(people);
  move.after_ms = choices.one_of(gaps);
  move.late_ms = choices.one_of(gaps);
  if (choices.chance(1, 2)) {
    move.event = choices.one_of(events);
    move.key = choices.chance(1, 2) ? "x" : "y";
    return move;
  }
  if (choices.chance(1, 2)) move.attributes.push_back({"tier", choices.one_of(tiers)});
  if (choices.chance(1, 2)) move.attributes.push_back({"email", move.who + "@example.com"});
  if (choices.chance(1, 2)) move.attributes.push_back({"phone", "+" + move.who});
  if (choices.chance(2, 3)) {
    move.consent = Consent{choices.one_of(channels), "", true, ""};
    move.consent->granted = choices.chance(1, 2);
  }
  return move;
}

void make(Host& host, const Move& move) {
  run_to(host, to_text(host.clock() + move.after_ms));
  const Instant occurred = host.clock() - move.late_ms;
  if (move.event.empty()) {
    Identify identify = host.an_identify(move.attributes, move.who);
    identify.envelope.occurred = occurred;
    if (move.consent) identify.consents = {&*move.consent, 1};
    host.take_in(identify);
  } else {
    const Properties properties{{"k", move.key}};
    Event event = host.an_event(move.event, properties, move.who);
    event.envelope.occurred = occurred;
    host.take_in(event);
  }
}

using Order = std::vector<std::pair<const char*, const char*>>;
const Order orders[] = {
    {{"ann", "bea"}, {"bea", "cleo"}},  {{"bea", "cleo"}, {"ann", "bea"}},
    {{"ann", "cleo"}, {"bea", "cleo"}}, {{"bea", "cleo"}, {"ann", "cleo"}},
    {{"ann", "bea"}, {"ann", "cleo"}},
};

// All that was sent after they had become one, with what was refused.
Lines later(const std::vector<Move>& before, const Order& order, const std::vector<Move>& after) {
  Host host(campaigns, workspace);
  for (const Move& move : before) make(host, move);
  host.after(1).advance();
  host.take();
  host.after(1);
  for (const auto& [from, into] : order) {
    host.take_in(Merge{from, into, {host.clock(), std::nullopt, {}, {}}});
  }
  const std::size_t sent_before = host.actions().size();
  for (const Move& move : after) make(host, move);
  run_to(host, to_text(host.clock() + 3 * day_ms));
  Lines lines;
  for (std::size_t i = sent_before; i < host.actions().size(); ++i) {
    const test::Taken& action = host.actions()[i];
    std::string line = fmt::format("{} {} {} {} {} {}", to_text(action.id.hash), to_text(action.at),
                                   action.step, action.contact, action.key, action.address);
    for (const Property& datum : action.data) {
      if (datum.name == "story" || datum.name == "token") continue;  // in the order of entry
      line += fmt::format(" {}={}", datum.name, to_json(datum.value));
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

// Of all words on a channel the newest; of two at one instant the refusal.
bool refuses(const std::vector<Move>& moves, std::string_view channel, bool otherwise) {
  Instant now = test::instant(Host::start);
  std::optional<std::pair<Instant, bool>> newest;  // when, and whether it was a refusal
  for (const Move& move : moves) {
    now = now + move.after_ms;
    if (!move.consent || move.consent->channel != channel) continue;
    const std::pair said(now - move.late_ms, !move.consent->granted);
    if (!newest || *newest < said) newest = said;
  }
  return newest ? newest->second : otherwise;
}

}  // namespace

TEST_CASE("merges: the order in which people turn out to be one changes nothing",
          "[property][S30]") {
  std::size_t sent = 0;
  for (std::uint64_t seed = 1; seed <= 120; ++seed) {
    Choices choices(seed);
    std::vector<Move> before;
    std::vector<Move> after;
    for (int i = 0; i < 10; ++i) before.push_back(any_move(choices));
    for (int i = 0; i < 5; ++i) after.push_back(any_move(choices));
    const Lines expected = later(before, orders[0], after);
    sent += expected.size();
    for (std::size_t i = 1; i < std::size(orders); ++i) {
      INFO("seed " << seed << ", order " << i);
      CHECK(later(before, orders[i], after) == expected);
    }
  }
  CHECK(sent > 200);
}

TEST_CASE("merges: no refusal is lost, and no grant that is newer", "[property][S30][S19]") {
  int refused = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    Choices choices(seed);
    std::vector<Move> moves;
    for (int i = 0; i < 8; ++i) {
      Move move = any_move(choices);
      move.event.clear();
      moves.push_back(std::move(move));
    }
    Host host(
        "campaign: probe\nentry: [host]\nsteps: [{send: email, id: email}, {send: sms, id: sms}]\n",
        "workspace: shop\nchannels:\n  email: {address: contact.id, consent: opt_out}\n"
        "  sms: {address: contact.id, consent: opt_in}\n");
    for (const Move& move : moves) make(host, move);
    for (const auto& [from, into] : orders[choices.below(std::size(orders))]) {
      host.take_in(Merge{from, into, {host.clock(), std::nullopt, {}, {}}});
    }
    host.take();
    host.enter("probe", {}, "cleo");
    Lines expected;
    if (!refuses(moves, "email", false)) expected.emplace_back("email@cleo");
    if (!refuses(moves, "sms", true)) expected.emplace_back("sms@cleo");
    INFO("seed " << seed);
    CHECK(host.take() == expected);
    refused += expected.size() < 2 ? 1 : 0;
  }
  CHECK(refused > 50);
}

}  // namespace itinera::property
