// SPDX-License-Identifier: Apache-2.0
#include "diff/diff_picture.hpp"

#include "diff/between.hpp"
#include "model/sample.hpp"
#include "support/catch.hpp"

using namespace itinera;
using namespace itinera::test;

TEST_CASE("dot: two versions in one picture, each difference with a colour and a sign",
          "[diff][dot]") {
  const auto version = [](std::uint32_t number, const Sequence& steps) {
    Campaign campaign = with_steps(steps);
    campaign.version = number;
    return campaign;
  };
  const auto ask = [](const char* within, const Sequence& then) {
    return Sequence()
        .send("email", {.id = "mail", .template_name = "same"})
        .wait_for(clicked("mail"), {.id = "ask", .within = within, .then = then});
  };
  Campaign after =
      version(2, ask("2d", Sequence().send("sms", {.id = "offer", .template_name = "fresh"})));
  after.priority = 70;
  const std::string dot = model::to_dot(
      version(1, ask("1d", Sequence().send("push", {.id = "nudge", .template_name = "stale"}))),
      after);
  CAPTURE(dot);
  CHECK(contains(dot, "version\u00a01\u00a0->\u00a02"));
  CHECK(contains(dot, "n0 [label=\"E-mail: same\", fillcolor=\"#ffffff\""));
  CHECK(contains(dot,
                 "\"~ Clicked mail?\\nwithin 2 days\\nwithin: 24h -> 2d\", fillcolor=\"#fff0c2\""));
  CHECK(contains(dot, "\"+ SMS: fresh\", fillcolor=\"#d4f4dc\""));
  CHECK(contains(dot,
                 "gone2 [label=\"- Push: stale\", fillcolor=\"#fbe3e4\", color=\"#c4232f\", "
                 "style=\"rounded,filled,dashed\"]"));
  CHECK(contains(dot, "n1 -> n2 [label=\" + clicked\", color=\"#1a7f37\""));
  CHECK(contains(dot, "n1 -> gone2 [label=\" - clicked\", color=\"#c4232f\""));
  CHECK(contains(dot, "\" ~ after 24 hours\\n -> after 2 days\", color=\"#b07a00\""));
  CHECK(contains(dot, "n0 -> n1 [label=\"\"]"));
  CHECK(contains(dot, "- Priority: 50 of 100\\l+ Priority: 70 of 100\\l"));
  CHECK(contains(dot, "+\u00a0new\u00a0\u00a0\u00a0-\u00a0gone\u00a0\u00a0\u00a0~\u00a0changed\""));
}

TEST_CASE("dot: what moved, what has another name, and ways between steps that stay",
          "[diff][dot]") {
  const auto mail = [](const char* id, const char* text) {
    return Sequence().send("email", {.id = id, .template_name = text});
  };
  const auto ask = [](const Sequence& then) {
    return Sequence()
        .wait_for(event("bought"), {.id = "ask", .within = "1d", .then = then})
        .send("email", {.id = "nudge", .template_name = "n"})
        .send("email", {.id = "offer", .template_name = "o"});
  };
  const std::string renamed =
      model::to_dot(with_steps(mail("a", "hello")), next_version(mail("first", "hello")));
  CHECK(contains(renamed, "\"~ E-mail: hello\\ncalled a -> first\""));
  const std::string moved =
      model::to_dot(with_steps(mails({"a", "b", "c"})), next_version(mails({"c", "a", "b"})));
  CHECK(contains(moved, "\"~ E-mail: t-c\\nstands elsewhere\""));
  // It is drawn, and does not pull the steps to where they stood.
  const std::string ways =
      model::to_dot(with_steps(ask({})), next_version(ask(Sequence().go_to("offer"))));
  CAPTURE(ways);
  CHECK(contains(
      ways,
      "constraint=false, color=\"#c4232f\", fontcolor=\"#c4232f\", penwidth=2, style=dashed]"));
}
