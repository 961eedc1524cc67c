// SPDX-License-Identifier: Apache-2.0
#include "model/graph.hpp"

#include "model/sample.hpp"
#include "model/scope.hpp"
#include "support/catch.hpp"

using namespace itinera;
using namespace itinera::test;
using model::end_node;
using model::flatten;
using model::Graph;
using Targets = std::vector<model::NodeIndex>;

TEST_CASE("graph: nodes stand in document order, a step before those nested in it",
          "[model][graph]") {
  const Campaign campaign = cart_recovery();
  const Graph graph = flatten(campaign);
  std::vector<std::string> ids;
  for (const model::Node& node : graph.nodes) ids.push_back(node.step->id);
  CHECK(ids == std::vector<std::string>{"wait-1", "reminder", "wait_for-1", "send-2", "send-3",
                                        "wait-2", "finale", "send-4"});
  CHECK(graph.find("finale") == 6);
  CHECK(graph.find("nowhere") == end_node);
}

TEST_CASE("graph: nested lists rejoin after their parent", "[model][graph]") {
  const Campaign campaign = cart_recovery();
  const Graph graph = flatten(campaign);
  CHECK(graph.nodes[0].next == 1);
  CHECK(graph.nodes[2].next == 5);
  CHECK(graph.nodes[2].targets == Targets{3, 4});
  CHECK(graph.nodes[3].next == 5);
  CHECK(graph.nodes[4].next == 5);
  CHECK(graph.nodes[6].targets == Targets{7, end_node});
  CHECK(graph.nodes[6].next == end_node);
  CHECK(graph.nodes[7].next == end_node);
}

TEST_CASE("graph: `then` follows every case of a wait_for", "[model][graph]") {
  const Campaign campaign = with_steps(
      Sequence()
          .wait_for_any({{.trigger = event("a"), .steps = Sequence().send("sms", {.id = "x"})},
                         {.trigger = event("b")}},
                        {.id = "w", .within = "1h", .then = Sequence().send("sms", {.id = "t"})})
          .send("sms", {.id = "last"}));
  const Graph graph = flatten(campaign);
  const auto at = [&](std::string_view id) { return graph.find(id); };
  CHECK(graph.nodes[at("w")].targets == Targets{at("x"), at("t"), at("last")});
  CHECK(graph.nodes[at("x")].next == at("t"));
  CHECK(graph.nodes[at("t")].next == at("last"));
}

TEST_CASE("graph: a wait_for without a deadline has no way for it", "[model][graph]") {
  const Campaign campaign = with_steps(Sequence().wait_for(event("a")).send("sms"));
  CHECK(flatten(campaign).nodes[0].targets == Targets{1});
}

TEST_CASE("graph: an answer has ways for completed, failed and the deadline", "[model][graph]") {
  const Campaign campaign =
      with_steps(Sequence()
                     .call("a", {.within = "1h", .then = Sequence().send("sms")})
                     .task("b", {.otherwise = Sequence().send("sms")}));
  const Graph graph = flatten(campaign);
  CHECK(graph.nodes[0].targets == Targets{1, 2, 2});
  CHECK(graph.nodes[1].next == 2);
  CHECK(graph.nodes[2].targets == Targets{end_node, 3});
}

TEST_CASE("graph: steps know the strand that they stand in", "[model][graph]") {
  const Sequence inner = Sequence().send("sms", {.id = "c"});
  const Sequence second = Sequence().parallel({inner, inner}, {.id = "deep"}).wait("1d");
  const Campaign campaign =
      with_steps(Sequence().parallel({Sequence().send("sms"), second}, {.id = "p"}).exit());
  const Graph graph = flatten(campaign);
  const auto last = static_cast<model::NodeIndex>(graph.nodes.size() - 1);
  CHECK(graph.nodes[0].targets == Targets{1, 2});
  CHECK(graph.nodes[0].parallel == end_node);
  CHECK(graph.nodes[1].next == last);
  CHECK((graph.nodes[1].parallel == 0 && graph.nodes[1].strand == 0));
  CHECK((graph.nodes[2].parallel == 0 && graph.nodes[2].strand == 1));
  CHECK((graph.nodes[4].parallel == 2 && graph.nodes[4].strand == 1));
  CHECK(graph.nodes[4].next == 5);
  CHECK((graph.nodes[5].parallel == 0 && graph.nodes[5].strand == 1));
  CHECK(graph.nodes[last].parallel == end_node);
}

TEST_CASE("graph: goto leads to its step, and to the end where there is none", "[model][graph]") {
  const Campaign campaign = with_steps(
      Sequence().wait("1d", {.id = "top"}).go_to("top", {.when = "contact.x"}).go_to("x"));
  const Graph graph = flatten(campaign);
  CHECK(graph.nodes[1].targets == Targets{0});
  CHECK(graph.nodes[1].next == 2);
  CHECK(graph.nodes[2].targets == Targets{end_node});
}

TEST_CASE("graph: the ways of a send that name a step, in their order", "[model][graph][policy]") {
  const Campaign campaign = with_steps(
      Sequence()
          .send("sms",
                {.expires = "1h", .on_skip = "exit", .on_expire = "late", .on_fail = "first"})
          .wait("1h", {.id = "first"})
          .wait("1h", {.id = "late"})
          .send("sms", {.on_skip = "nowhere"})
          .send("sms"));
  const Graph graph = flatten(campaign);
  CHECK(graph.nodes[0].next == 1);
  CHECK(graph.nodes[0].targets == Targets{2, 1});
  CHECK(graph.nodes[3].targets == Targets{end_node});
  CHECK(graph.nodes[4].targets.empty());
}

TEST_CASE("graph: an empty campaign is an empty graph", "[model][graph]") {
  CHECK(flatten(Campaign{}).nodes.empty());
}

TEST_CASE("graph: steps beyond what an index can name are cut off", "[model][graph]") {
  Campaign campaign;
  Step branch;
  branch.kind = Branch{{}, Steps(40'000)};
  campaign.steps.assign(2, branch);
  const Graph graph = flatten(campaign);
  CHECK(graph.nodes.size() == model::nodes_max);
  CHECK(graph.nodes.back().next == end_node);
}

TEST_CASE("names: unnamed steps count all steps of their kind", "[model][names]") {
  Campaign campaign;
  for (const char* id : {"", "named", ""}) {
    Step step;
    step.id = id;
    campaign.steps.push_back(step);
  }
  model::name_steps(campaign);
  CHECK(campaign.steps[0].id == "send-1");
  CHECK(campaign.steps[1].id == "named");
  CHECK(campaign.steps[2].id == "send-3");
}

TEST_CASE("scope: `journey` has the variables that some step sets, and key", "[model][scope]") {
  const Campaign campaign =
      with_steps(Sequence()
                     .set({{"journey.score", 1}, {"tier", "gold"}})
                     .wait_for_any({{.trigger = event("order"), .as = "order"}}, {.within = "1d"}));
  const auto journey = [&](model::Scope scope) -> std::vector<std::string> {
    for (const auto& variable : model::declarations(campaign, scope).variables) {
      if (variable.name == "journey") return variable.fields;
    }
    return {};
  };
  CHECK(journey(model::Scope::step) == std::vector<std::string>{"key", "order", "score"});
  CHECK(journey(model::Scope::receiving) == std::vector<std::string>{"key", "order", "score"});
  CHECK(journey(model::Scope::entry).empty());
  CHECK(journey(model::Scope::address).empty());
}

TEST_CASE("receipts: names read back", "[model][names]") {
  for (int i = 0; i <= static_cast<int>(Receipt::completed); ++i) {
    const auto receipt = static_cast<Receipt>(i);
    CHECK(receipt_from(name_of(receipt)) == receipt);
  }
  CHECK_FALSE(receipt_from("seen"));
}
