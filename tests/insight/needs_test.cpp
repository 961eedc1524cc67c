// SPDX-License-Identifier: Apache-2.0
#include "itinera/needs.hpp"

#include "itinera/yaml.hpp"
#include "support/catch.hpp"

namespace itinera {
namespace {

using Names = std::vector<std::string>;

WorkspaceNeeds needs_in(std::string text) {
  const std::vector<SourceFile> files{{"w.yaml", std::move(text)}};
  const LoadedWorkspace loaded = load_workspace(files);
  for (const Diagnostic& found : loaded.diagnostics) {
    if (found.severity == Severity::error) FAIL(to_text(found));
  }
  return needs_of(loaded.workspace, loaded.campaigns);
}

constexpr const char* everything = R"(
workspace: shop
channels:
  email: {address: contact.email, receipts: [connected]}
  sms: {address: contact.phone}
segments:
  lapsed: ever("order_placed") && since_last("order_placed") >= days(45) && contact.tier != "x"
retain: {events: {visited: 30d}, attributes: [city]}
---
campaign: cart
entry:
  - {event: cart_abandoned, when: event.total > contact.limit, key: event.cart_id}
  - {segment: lapsed, when: contact.vip}
  - {date: contact.birthday}
goals:
  order: {event: order_placed, when: event.cart_id == journey.key, value: event.total}
exits: [{complained: any}, {condition: contact.quit}]
steps:
  - send: email
    id: hello
    template: t2
    data: {name: =contact.name, total: =entry.total, shop: =contact.id}
  - {wait_for: {opened: hello}, within: 1d, reset_on: {event: typed, when: event.long}}
  - {wait_for: {connected: hello}, within: 1d}
  - {send: email, template: t1, when: 'sum("order_placed", "tax", "90d") > 1.0'}
  - {wait_for: {event: replied_to, when: event.good, as: reply}, within: 1d, since: 2h}
  - {audience: {add: buyers}}
  - {emit: heard, data: {a: =contact.emitting}}
  - {emit: unheard}
  - {call: new_code, data: {a: =contact.name}}
  - {task: Call them, team: sales, when: 'consented("sms", "news")'}
  - {send: email, when: 'engaged("sms", "9d") && since_changed("plan") > days(1)'}
  - {consent: {channel: email, state: granted}}
  - {digest: 1h, as: seen, key: event.group}
  - {set: {tier: gold, journey.x: =contact.computed}}
---
campaign: second
entry: [{event: heard}]
steps:
  - {send: email, template: t2, when: 'count("visited", "7d", e.page == "a") > 1'}
  - {wait: {until: contact.due}}
  - branch: [{when: 'count("all") > 3 && has(contact.tier)', steps: [{audience: {remove: buyers}}]}]
)";

template <class List>
Names names_in(const List& list) {
  Names names;
  for (const auto& each : list) names.push_back(each.name);
  return names;
}

}  // namespace

TEST_CASE("needs: the last channel is told by reactions, and not asked of the host",
          "[insight][needs]") {
  const std::string text = R"(
workspace: shop
channels: {email: {address: contact.email}}
---
campaign: c
entry: [{event: go}]
steps:
  - {send: email, when: 'contact.last_channel == "sms" && since_changed("last_channel") > days(1)'}
)";
  const WorkspaceNeeds needs = needs_in(text);
  CHECK(names_in(needs.attributes) == Names{"email"});
  CHECK(names_in(needs.receipts) == Names{"clicked", "opened", "replied"});
}

TEST_CASE("needs: what is asked of the host, by whom", "[insight][needs]") {
  const WorkspaceNeeds needs = needs_in(everything);
  CHECK(names_in(needs.attributes) == Names{"birthday", "city", "computed", "due", "email",
                                            "emitting", "limit", "name", "phone", "plan", "quit",
                                            "tier", "vip"});
  CHECK(needs.attributes.at(1).asked_by == Names{"retain"});
  CHECK(needs.attributes.at(4).asked_by == Names{"channel email"});
  CHECK(needs.attributes.at(11).asked_by == Names{"campaign second", "segment lapsed"});
  CHECK(names_in(needs.receipts) ==
        Names{"clicked", "complained", "completed", "connected", "failed", "opened", "replied"});
  CHECK(names_in(needs.calls) == Names{"new_code"});
  CHECK(names_in(needs.teams) == Names{"sales"});
  CHECK(names_in(needs.consents) == Names{"email", "sms/news"});
  CHECK(names_in(needs.lists) == Names{"buyers"});
  CHECK(needs.lists[0].asked_by == Names{"campaign cart", "campaign second"});
  CHECK(names_in(needs.set) == Names{"tier"});
  REQUIRE(names_in(needs.channels) == Names{"email", "sms"});
  CHECK(needs.channels[0].address == "contact.email");
  CHECK(needs.channels[0].templates == Names{"t1", "t2"});
  CHECK(needs.channels[0].asked_by == Names{"campaign cart", "campaign second"});
  CHECK(needs.channels[1].asked_by.empty());
}

TEST_CASE("needs: events with their properties, and how far back they are looked for",
          "[insight][needs]") {
  const WorkspaceNeeds needs = needs_in(everything);
  REQUIRE(names_in(needs.events) == Names{"all", "cart_abandoned", "heard", "order_placed",
                                          "replied_to", "typed", "visited"});
  CHECK(needs.events[0].whole_history);
  CHECK(needs.events[1].properties == Names{"cart_id", "group", "total"});
  CHECK(needs.events[1].all_properties);
  CHECK_FALSE(needs.events[1].history_ms);
  CHECK(needs.events[2].asked_by == Names{"campaign second"});
  CHECK(needs.events[2].emitted_by == Names{"campaign cart"});
  const WorkspaceNeeds::Event& ordered = needs.events[3];
  CHECK(ordered.properties == Names{"cart_id", "tax", "total"});
  CHECK(ordered.history_ms == 90LL * 86'400'000);
  CHECK(ordered.newest);
  CHECK_FALSE(ordered.whole_history);
  CHECK(ordered.asked_by == Names{"campaign cart", "segment lapsed"});
  CHECK(needs.events[4].all_properties);
  CHECK(needs.events[4].history_ms == 2LL * 3'600'000);
  CHECK(needs.events[5].properties == Names{"long"});
  CHECK(needs.events[6].history_ms == 30LL * 86'400'000);
  CHECK(needs.events[6].all_properties);
  CHECK(needs.events[6].properties == Names{"page"});
  CHECK(needs.events[6].asked_by == Names{"campaign second", "retain"});
}

TEST_CASE("needs: an empty workspace needs nothing, and a bad condition asks for nothing",
          "[insight][needs]") {
  CHECK(needs_of({}, {}).events.empty());
  Workspace workspace;
  workspace.channels.push_back({.name = "email", .address = {"contact.", {}}});
  const WorkspaceNeeds needs = needs_of(workspace, {});
  CHECK(needs.attributes.empty());
  CHECK(needs.channels.size() == 1);
}

}  // namespace itinera
