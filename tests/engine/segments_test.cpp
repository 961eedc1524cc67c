// SPDX-License-Identifier: Apache-2.0
// Segments: who enters and leaves, when, and what comes of it.
#include <fmt/format.h>

#include "engine/loss.hpp"
#include "support/host.hpp"

namespace itinera::test {
namespace {

std::string workspace(std::string_view segments) {
  return std::string(shop) + "segments:\n" + std::string(segments);
}

const std::string gold = workspace("  gold: contact.tier == 'gold'\n");

constexpr std::string_view hello =
    "campaign: a\nentry: [{segment: gold}]\nsteps: [{send: id, id: hello}, {wait: 1h}]\n";

const std::initializer_list<std::string_view> moves{"segment_entered", "segment_left", "redefined",
                                                    "entered"};

Properties tier(const char* name) { return {{"tier", name}}; }

}  // namespace

TEST_CASE("segment: entered and left by an attribute", "[engine][segment]") {
  Host host(std::string(hello) +
                "---\ncampaign: b\nentry: [{segment: gold, change: leaves}]\n"
                "steps: [{send: id, id: bye}]\n",
            gold);
  host.identify(tier("gold"));
  CHECK(host.take() == Lines{"hello"});
  host.identify({{"tier", "gold"}, {"x", 1}});
  CHECK(host.take().empty());
  host.crash();
  host.identify(tier("tin"));
  CHECK(host.take() == Lines{"bye"});
  CHECK(host.told(moves) == Lines{"segment_entered", "entered", "segment_left", "entered"});
}

TEST_CASE("segment: entered and left by events and by time alone", "[engine][segment][time]") {
  Host host(
      "campaign: a\nentry: [{segment: lapsed}]\nreentry: always\nsteps: [{send: id, id: back}]\n",
      workspace("  lapsed: ever('order') && since_last('order') >= days(45)\n"));
  host.event("order");
  host.take();
  REQUIRE(host.next_deadline() == instant("2026-04-16T09:00:00Z"));
  host.at("2026-04-16T08:59:59.999Z").advance();
  CHECK(host.take().empty());
  host.crash();
  host.at("2026-04-16T09:00:00Z").advance();
  CHECK(host.take() == Lines{"back"});
  host.at("2026-05-01T00:00:00Z").event("order");
  CHECK(host.told({"segment_left"}) == Lines{"segment_left"});
  host.at("2026-07-01T00:00:00Z").advance();
  CHECK(host.take() == Lines{"back"});
}

TEST_CASE("segment: a contact who is in it from its first input enters", "[engine][segment]") {
  Host host("campaign: a\nentry: [{segment: fresh}]\nsteps: [{send: id, id: hi}]\n",
            workspace("  fresh: \"!ever('order')\"\n"));
  host.event("order", {}, "buyer");
  CHECK(host.take().empty());
  host.identify({{"x", 1}});
  CHECK(host.take() == Lines{"hi"});
}

TEST_CASE("segment: asks for another, and follows it", "[engine][segment]") {
  Host host("campaign: a\nentry: [{segment: target}]\nsteps: [{send: id, id: hi}]\n",
            workspace("  gold: contact.tier == 'gold'\n"
                      "  target: in_segment('gold') && count('visit', '1d') >= 2\n"));
  host.event("visit").identify(tier("gold")).event("visit");
  CHECK(host.take() == Lines{"hi"});
  host.after(day_ms).advance();
  CHECK(host.told({"segment_left"}) == Lines{"segment_left"});
}

TEST_CASE("segment: conditions ask who is in it at that moment", "[engine][segment]") {
  Host host(
      "campaign: a\nentry: [{event: go}]\nsteps:\n"
      "  - {send: id, id: vip, when: in_segment('gold')}\n"
      "  - wait_for: {condition: \"in_segment('gold')\"}\n  - {send: id, id: done}\n",
      gold);
  host.event("go");
  CHECK(host.take().empty());
  host.identify(tier("gold"));
  CHECK(host.take() == Lines{"done"});
}

TEST_CASE("segment: waits, goals and exits hear who enters and leaves", "[engine][segment][S33]") {
  Host host(
      "campaign: a\nentry: [{event: go}]\n"
      "goals:\n  shine: {segment: gold}\nexits: [{segment: gold, change: leaves}]\n"
      "steps:\n  - {wait_for: {segment: gold}}\n  - {send: id, id: done}\n  - wait: 9d\n",
      gold);
  host.event("go").identify(tier("gold"));
  CHECK(host.take() == Lines{"done"});
  host.identify(tier("tin"));
  CHECK(host.told({"converted", "exited"}) == Lines{"converted", "exited (exit)"});
}

TEST_CASE("segment: a wait armed because of the same input does not hear it",
          "[engine][segment][S33]") {
  Host host(
      "campaign: a\nentry: [{event: buy}]\n"
      "steps:\n  - {wait_for: {segment: buyers}}\n  - {send: id, id: done}\n",
      workspace("  buyers: ever('buy')\n"));
  host.event("buy");
  CHECK(host.take().empty());
}

// What an input says is its own, also where nothing comes of it.
TEST_CASE("segment: brings nothing to a wait, whatever was told before", "[engine][segment][S33]") {
  Host host(
      "campaign: a\nentry: [{event: go}]\n"
      "steps:\n  - {wait_for: {segment: gold, as: v}}\n"
      "  - {send: id, id: done, when: entry.text == 'hers', data: {size: =size(journey.v)}}\n",
      gold);
  host.event("go", {{"text", "hers"}});
  const Properties theirs{{"text", "of somebody else"}};
  SECTION("of an action that nobody knows") {
    Report report = host.a_report(Receipt::replied, ActionId{{7, 7}});
    report.data = theirs;
    host.take_in(report);
  }
  SECTION("in a message that was taken before") {
    Event event = host.an_event("go", theirs, "jan");
    event.envelope.message_id = "m1";
    host.take_in(event).take_in(event);
  }
  host.identify(tier("gold"));
  CHECK(host.take() == Lines{"done"});
  CHECK(host.action("done").data == Properties{{"size", 0}});
}

TEST_CASE("segment: brings nothing to a wait, whatever a late report told",
          "[engine][segment][S33]") {
  Host host(
      "campaign: a\nentry: [{event: mail}]\nsteps: [{send: id, id: mail}]\n---\n"
      "campaign: b\nentry: [{event: go}]\nsteps:\n"
      "  - {wait_for: {segment: reached, as: v}}\n"
      "  - {send: id, id: done, data: {size: =size(journey.v)}}\n",
      workspace("  reached: contact.last_channel == 'id'\n"));
  host.event("mail").event("go").take();
  Report late = host.after(1).a_report(Receipt::clicked, host.action("mail").id);
  const Properties told{{"text", "what they wrote"}};
  late.data = told;
  host.take_in(late);
  CHECK(host.take() == Lines{"done"});
  CHECK(host.action("done").data == Properties{{"size", 0}});
}

TEST_CASE("segment: a step that sets an attribute moves the contact before sends pass the gate",
          "[engine][segment][S33]") {
  Host host(std::string(hello) +
                "---\ncampaign: b\nentry: [{event: go}]\nsteps: [{set: {tier: gold}}, "
                "{send: id, id: first}]\n",
            gold);
  host.event("go");
  CHECK(host.take() == Lines{"set-1", "hello", "first"});
}

TEST_CASE("segment: its entry has no properties of the input's event", "[engine][segment]") {
  Host host(
      "campaign: a\nentry: [{segment: buyers}]\n"
      "steps: [{send: id, id: hi, data: {total: =entry.total}}]\n"
      "---\ncampaign: b\nentry: [{event: buy}]\n"
      "steps: [{send: id, id: own, data: {total: =entry.total}}]\n",
      workspace("  buyers: ever('buy')\n"));
  host.event("buy", {{"total", 5}});
  CHECK(host.take() == Lines{"hi", "own"});
  CHECK(host.action("hi").data.empty());
  CHECK(host.action("own").data == Properties{{"total", 5}});
}

TEST_CASE("segment: publication: who is in it already is ignored, or enters",
          "[engine][segment][S34]") {
  const bool enters = GENERATE(false, true);
  Host host(
      "campaign: z\nentry: [{event: go}]\nsteps: [{send: id, id: z, when: contact.tier == 'x'}]\n",
      gold);
  host.identify(tier("gold")).identify(tier("gold"), "jan").identify(tier("tin"), "ewa");
  host.after(hour_ms).publish(
      fmt::format("campaign: a\nentry: [{{segment: gold, existing: {}}}]\n"
                  "steps: [{{send: id, id: hello}}]\n",
                  enters ? "enter" : "ignore"));
  CHECK(host.told(moves) == Lines{"redefined"});
  if (enters) host.crash();
  host.after(1).advance();
  const Lines sent = host.take();
  CHECK(sent.size() == (enters ? 2u : 0u));
  host.after(hour_ms).identify(tier("gold"), "ewa");
  CHECK(host.take() == Lines{"hello@ewa"});
  // Published once more with another campaign beside it, nobody enters again.
  host.after(hour_ms).publish(
      fmt::format("campaign: a\nentry: [{{segment: gold, existing: {}}}]\n"
                  "steps: [{{send: id, id: hello}}]\n---\ncampaign: b\nentry: [host]\n"
                  "steps: [{{wait: 1h}}]\n",
                  enters ? "enter" : "ignore"));
  host.after(hour_ms).advance();
  CHECK(host.take().empty());
}

TEST_CASE("segment: a segment that means something else moves its members silently",
          "[engine][segment][S34]") {
  Host host(hello, gold);
  host.identify(tier("gold")).identify(tier("tin"), "jan");
  CHECK(host.take() == Lines{"hello"});
  host.after(2 * hour_ms).workspace(workspace("  gold: contact.tier == 'tin'\n")).publish(hello);
  CHECK(host.told({"redefined"}) == Lines{"redefined"});
  host.after(hour_ms).advance();
  CHECK(host.take().empty());
  host.identify(tier("tin"));
  CHECK(host.take() == Lines{"hello"});
}

TEST_CASE("segment: what was anonymous counts for the contact that it is linked to",
          "[engine][segment]") {
  Host host("campaign: a\nentry: [{segment: buyers}]\nsteps: [{send: id, id: hi}]\n",
            workspace("  buyers: ever('buy') && contact.known == true\n"));
  host.anonymous_event("buy", "device");
  host.identify({{"known", true}});
  CHECK(host.take().empty());
  host.alias("device");
  CHECK(host.take() == Lines{"hi"});
}

TEST_CASE("segment: who only arms a wait anew by it listens to it too", "[engine][segment]") {
  Host host(
      "campaign: a\nentry: [{event: go}]\nsteps:\n"
      "  - {wait_for: {event: never}, id: w, within: 2h, reset_on: {segment: gold}}\n"
      "  - {send: id, id: late}\n",
      gold);
  host.event("go");
  host.after(hour_ms).identify(tier("gold"));
  CHECK(host.told({"reset"}) == Lines{"reset w"});
  host.after(90 * minute_ms).advance();
  CHECK(host.take().empty());
}

TEST_CASE("segment: who is reached on a channel that has another address has moved silently",
          "[engine][segment][S34]") {
  const auto with_address = [](std::string_view address, std::string_view more = "") {
    return fmt::format(
        "workspace: shop\nchannels:\n  id: {{address: contact.id}}\n  email: {{address: {}}}\n"
        "retain: {{attributes: [mail]}}\nsegments:\n  gold: reachable('email')\n{}",
        address, more);
  };
  Host host(hello, with_address("contact.email"));
  host.identify({{"mail", "o@x.pl"}});
  CHECK(host.take().empty());
  host.after(hour_ms).workspace(with_address("contact.mail")).publish(hello);
  CHECK(host.told({"redefined"}) == Lines{"redefined"});
  lose(host, GENERATE(Loss::none, Loss::journal, Loss::snapshot));
  host.after(hour_ms).identify({{"mail", "ola@x.pl"}});
  CHECK(host.take().empty());
  // Published once more, with the same address, it means the same.
  host.workspace(with_address("contact.mail", "note: again\n")).publish(hello);
  host.identify({{"mail", "olga@x.pl"}});
  CHECK(host.told(moves).empty());
}

TEST_CASE("segment: each is asked once, however many ask for it", "[engine][segment][limits]") {
  // Fourteen layers of four that ask for all of the layer below: asked anew each time, they would
  // take hours.
  std::string segments;
  for (int layer = 0; layer < 14; ++layer) {
    for (int i = 0; i < 4; ++i) {
      segments += fmt::format("  s{}_{}: \"contact.tier == '{} {}'", layer, i, layer, i);
      if (layer == 0) segments += " && now >= timestamp(contact.due)";
      for (int below = 0; layer > 0 && below < 4; ++below) {
        segments += fmt::format(" || in_segment('s{}_{}')", layer - 1, below);
      }
      segments += "\"\n";
    }
  }
  Host host("campaign: a\nentry: [{segment: s13_0}]\nsteps: [{send: id, id: hello}]\n",
            workspace(segments));
  host.identify({{"tier", "tin"}, {"due", "2026-03-05T00:00:00Z"}});
  CHECK(host.take().empty());
  host.identify(tier("0 3"));
  CHECK(run_to(host, "2026-04-01T00:00:00Z") == Lines{"2026-03-05T00:00:00Z hello"});
}

TEST_CASE("segment: all that one condition asks for has a bound", "[engine][segment][limits]") {
  Limits limits;
  limits.condition_steps = 4'000;
  std::string segments;
  std::string some;
  std::string all;
  for (int i = 0; i < 40; ++i) {
    segments +=
        fmt::format("  s{}: contact.list.all(x, contact.list.all(y, x + y < {}))\n", i, 1000 + i);
    all += fmt::format("{}in_segment('s{}')", i > 0 ? " && " : "", i);
    if (i < 4) some = all;
  }
  Host host(fmt::format("campaign: a\nentry: [{{event: go, when: \"{}\"}}]\n"
                        "steps: [{{send: id, id: some}}]\n---\n"
                        "campaign: b\nentry: [{{event: go, when: \"{}\"}}]\n"
                        "steps: [{{send: id, id: all}}]\n",
                        some, all),
            workspace(segments), limits);
  host.identify({{"list", Value::List(20, Value(1))}}).event("go");
  CHECK(host.take() == Lines{"some"});
  CHECK(host.statistics().conditions_unknown == 1);
}

}  // namespace itinera::test
