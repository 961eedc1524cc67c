// SPDX-License-Identifier: Apache-2.0
// Digests: what would enter a campaign again joins the journey that stands at one.
#include <fmt/format.h>

#include "support/host.hpp"

namespace itinera::test {
namespace {

std::string digesting(std::string_view digest, std::string_view head = "reentry: always\n",
                      std::string_view entry = "[{event: viewed}]") {
  return fmt::format(
      "campaign: c\nentry: {}\n{}steps:\n  - {}\n"
      "  - {{send: id, id: mail, data: {{views: =journey.views}}}}\n",
      entry, head, digest);
}

Properties viewed(std::int64_t n, std::string_view category = "a") {
  return {{"category", category}, {"n", n}};
}

// The `n` of what the newest mail lists.
std::vector<std::int64_t> listed(const Host& host) {
  std::vector<std::int64_t> numbers;
  const Taken& mail = host.action("mail");
  REQUIRE(mail.data.size() == 1);
  REQUIRE(mail.data[0].name == "views");
  for (const Value& each : *mail.data[0].value.get<Value::List>()) {
    for (const MapEntry& entry : *each.get<Value::Map>()) {
      if (entry.key == Value("n")) numbers.push_back(*entry.value.get<std::int64_t>());
    }
  }
  return numbers;
}
using Numbers = std::vector<std::int64_t>;

const std::string half_hour = digesting("{digest: 30m, as: views, id: gather}");

}  // namespace

TEST_CASE("digest: what comes within the window is gathered, and the journey goes on once",
          "[engine][digest]") {
  Host host(half_hour);
  host.event("viewed", viewed(1));
  host.after(10 * minute_ms).event("viewed", viewed(2));
  host.after(10 * minute_ms).crash().event("viewed", viewed(3));
  CHECK(host.take().empty());
  CHECK(host.due_of("gather") == instant(Host::start) + 30 * minute_ms);
  host.after(10 * minute_ms).advance();
  CHECK(host.take() == Lines{"mail"});
  CHECK(listed(host) == Numbers{1, 2, 3});
  CHECK(host.told({"entered", "gathered", "resolved", "refused_reentry"}) ==
        Lines{"entered", "gathered gather", "gathered gather", "resolved (timeout) gather"});
  CHECK(host.statistics().journeys_entered == 1);
}

TEST_CASE("digest: what comes exactly at the end of the window is not gathered", "[engine][S1]") {
  Host host(half_hour);
  host.event("viewed", viewed(1));
  host.after(30 * minute_ms);
  SECTION("the journey is still there") {
    host.event("viewed", viewed(2)).advance();
    CHECK(host.take() == Lines{"mail"});
    CHECK(host.told({"refused_reentry"}) == Lines{"refused_reentry (while_running)"});
  }
  SECTION("or it has gone on") {
    host.advance().event("viewed", viewed(2));
    CHECK(host.take() == Lines{"mail"});
    CHECK(host.statistics().journeys_entered == 2);
  }
  CHECK(listed(host) == Numbers{1});
}

TEST_CASE("digest: a sliding window begins anew with each", "[engine][digest]") {
  Host host(digesting("{digest: sliding 30m, as: views, id: gather, max: 4}"));
  host.event("viewed", viewed(1));
  host.after(20 * minute_ms).event("viewed", viewed(2));
  host.crash();
  host.after(20 * minute_ms).event("viewed", viewed(3));
  CHECK(host.take().empty());
  SECTION("until nothing comes") {
    host.after(30 * minute_ms).advance();
    CHECK(host.take() == Lines{"mail"});
    CHECK(listed(host) == Numbers{1, 2, 3});
  }
  SECTION("or until it is full") {
    host.after(20 * minute_ms).event("viewed", viewed(4));
    CHECK(host.take() == Lines{"mail"});
    CHECK(listed(host) == Numbers{1, 2, 3, 4});
    CHECK(host.told({"resolved"}) == Lines{"resolved (full) gather"});
  }
}

TEST_CASE("digest: `max` is the length of the list, the first event among it", "[engine][digest]") {
  Host one(digesting("{digest: 30m, as: views, max: 1}"));
  one.event("viewed", viewed(1));
  CHECK(one.take() == Lines{"mail"});
  CHECK(listed(one) == Numbers{1});

  Host two(
      "campaign: c\nentry: [{event: viewed}]\nsteps:\n  - {digest: 30m, max: 2}\n"
      "  - {send: id, id: mail}\n");
  two.event("viewed", viewed(1));
  CHECK(two.take().empty());
  two.event("viewed", viewed(2));
  CHECK(two.take() == Lines{"mail"});
  CHECK(two.told({"gathered"}) == Lines{"gathered digest-1"});
}

TEST_CASE("digest: only what would enter is gathered, with the same campaign key",
          "[engine][digest]") {
  Host host(digesting("{digest: 30m, as: views}", "",
                      "[{event: viewed, when: event.n > 0, key: event.category}]"));
  host.event("viewed", viewed(1, "a"));
  host.event("viewed", viewed(0, "a"));
  host.event("viewed", viewed(2, "b"));
  host.event("viewed", viewed(3, "a"));
  host.event("viewed", viewed(9, "a"), "ewa");
  CHECK(host.statistics().journeys_entered == 3);
  host.after(30 * minute_ms).advance();
  CHECK(host.take().size() == 3);
  std::vector<std::size_t> lengths;
  for (const Taken& mail : host.actions()) {
    lengths.push_back(mail.data.at(0).value.get<Value::List>()->size());
  }
  std::sort(lengths.begin(), lengths.end());
  CHECK(lengths == std::vector<std::size_t>{1, 1, 2});
}

TEST_CASE("digest: with a key, only what has the key of the entry's event", "[engine][digest]") {
  Host host(digesting("{digest: 30m, as: views, key: event.category}", "while_running: another\n"));
  host.event("viewed", viewed(1, "a"));
  host.event("viewed", viewed(2, "b"));
  host.crash();
  host.event("viewed", viewed(3, "a"));
  host.event("viewed", viewed(4, "b"));
  host.event("viewed", {{"n", 5}});
  host.event("viewed", {{"n", 6}});
  CHECK(host.statistics().journeys_entered == 3);
  host.after(30 * minute_ms).advance();
  CHECK(host.take().size() == 3);
  CHECK(listed(host) == Numbers{5, 6});

  Host ignoring(digesting("{digest: 30m, as: views, key: event.category}"));
  ignoring.event("viewed", viewed(1, "a")).event("viewed", viewed(2, "b"));
  CHECK(ignoring.told({"refused_reentry"}) == Lines{"refused_reentry (while_running)"});
}

TEST_CASE("digest: away from its digest a journey gathers nothing", "[engine][digest][S26]") {
  Host host(
      "campaign: c\nentry: [{event: viewed}]\nsteps:\n"
      "  - {wait: 1h}\n  - {digest: 1h, as: views}\n"
      "  - {send: id, id: mail, data: {views: =journey.views}}\n  - {wait: 1h}\n");
  host.event("viewed", viewed(1)).event("viewed", viewed(2));
  host.after(hour_ms + 1).event("viewed", viewed(3));
  host.after(hour_ms).advance();
  CHECK(host.take() == Lines{"mail"});
  CHECK(listed(host) == Numbers{1, 3});
  host.event("viewed", viewed(4));
  CHECK(host.told({"refused_reentry"}) ==
        Lines{"refused_reentry (while_running)", "refused_reentry (while_running)"});
}

TEST_CASE("digest: a later one begins empty", "[engine][digest][S25]") {
  Host host(
      "campaign: c\nentry: [{event: viewed}]\nsteps:\n"
      "  - {digest: 1h, as: views, id: gather}\n"
      "  - {send: id, id: mail, data: {views: =journey.views}}\n  - {goto: gather}\n");
  host.event("viewed", viewed(1));
  host.after(hour_ms).advance();
  CHECK(host.take() == Lines{"mail"});
  CHECK(listed(host) == Numbers{1});
  host.event("viewed", viewed(2)).event("viewed", viewed(3));
  host.after(hour_ms).advance();
  CHECK(host.take() == Lines{"mail"});
  CHECK(listed(host) == Numbers{2, 3});
  host.crash().after(hour_ms).advance();
  CHECK(host.take() == Lines{"mail"});
  CHECK(listed(host).empty());
}

TEST_CASE("digest: what the host enters is gathered too, and so is what `start` asks for",
          "[engine][digest]") {
  Host host(digesting("{digest: 30m, as: views}", "", "[host]") +
            "---\ncampaign: other\nentry: [{event: go}]\nsteps:\n"
            "  - {start: c, data: {n: =entry.n}}\n");
  const Properties first = viewed(1);
  Enter enter = host.an_enter("c");
  enter.properties = first;
  host.take_in(enter);
  host.event("go", {{"n", 2}});
  CHECK(host.statistics().journeys_entered == 2);
  host.after(30 * minute_ms).advance();
  CHECK(host.take() == Lines{"mail"});
  CHECK(listed(host) == Numbers{1, 2});
}

TEST_CASE("digest: an event that brought the journey to it is not gathered",
          "[engine][digest][S33]") {
  Host host(
      "campaign: c\nentry: [{event: viewed}]\nsteps:\n  - {wait_for: {event: viewed}}\n"
      "  - {digest: 1h, as: views}\n  - {send: id, id: mail, data: {views: =journey.views}}\n");
  host.event("viewed", viewed(1));
  host.event("viewed", viewed(2));
  host.after(hour_ms).advance();
  CHECK(host.take() == Lines{"mail"});
  CHECK(listed(host) == Numbers{1});
  CHECK(host.told({"refused_reentry", "gathered"}) == Lines{"refused_reentry (same_input)"});
}

TEST_CASE("digest: what the journey itself emits it does not gather", "[engine][digest][S33]") {
  Host host(
      "campaign: c\nentry: [{event: viewed}]\nsteps:\n  - {wait: 1m}\n"
      "  - {emit: viewed, data: {n: 2}}\n"
      "  - {digest: 1h, as: views}\n  - {send: id, id: mail, data: {views: =journey.views}}\n");
  host.event("viewed", viewed(1));
  host.after(2 * hour_ms).advance();
  CHECK(host.take() == Lines{"mail"});
  CHECK(listed(host) == Numbers{1});
}

TEST_CASE("digest: exits and goals act on what is gathered", "[engine][digest][S28]") {
  const std::string digest = "{digest: 30m, as: views}";
  Host by_event(digesting(digest, "exits: [{event: viewed, when: event.n == 2}]\n"));
  by_event.event("viewed", viewed(1)).event("viewed", viewed(2));
  CHECK(by_event.told({"exited", "gathered"}) == Lines{"exited (exit)"});

  Host by_list(digesting(digest, "exits: [{condition: size(journey.views) == 2}]\n"));
  by_list.event("viewed", viewed(1)).event("viewed", viewed(2));
  CHECK(by_list.told({"exited", "gathered"}) == Lines{"gathered digest-1", "exited (exit)"});
}

TEST_CASE("digest: a list without room goes on, and what found none meets the rules of re-entry",
          "[engine][digest][limits]") {
  Limits limits;
  limits.variables_bytes = 600;
  const Properties large{{"n", 1}, {"text", std::string(200, 'x')}};
  Host host(half_hour, shop, limits);
  host.event("viewed", large).event("viewed", large);
  CHECK(host.take().empty());
  host.event("viewed", large);
  CHECK(host.take() == Lines{"mail"});
  CHECK(listed(host) == Numbers{1, 1});
  CHECK(host.told({"resolved", "refused_reentry"}) ==
        Lines{"resolved (full) gather", "refused_reentry (while_running)"});

  Host none(half_hour, shop, limits);
  none.event("viewed", {{"n", 1}, {"text", std::string(700, 'x')}});
  CHECK(none.take() == Lines{"mail"});
  CHECK(listed(none).empty());
}

TEST_CASE("digest: a journey on an older version gathers by the newest entry", "[engine][digest]") {
  Host host(half_hour);
  host.event("viewed", viewed(1));
  host.publish("campaign: c\nversion: 2\nentry: [{event: looked}]\nsteps: [{wait: 1h}]\n");
  host.event("looked", viewed(2)).event("viewed", viewed(3));
  host.after(30 * minute_ms).advance();
  CHECK(host.take() == Lines{"mail"});
  CHECK(listed(host) == Numbers{1, 2});
}

TEST_CASE("digest: what it gathered no wait takes again", "[engine][digest][S33]") {
  Host host(
      "campaign: c\nentry: [{event: viewed}]\nsteps:\n  - {digest: 30m, as: views}\n"
      "  - {wait_for: {event: viewed}, since: journey, within: 1d, then: [{send: id, id: "
      "again}]}\n");
  host.event("viewed", viewed(1)).after(minute_ms).event("viewed", viewed(2));
  host.after(29 * minute_ms).advance().crash().after(hour_ms).event("looked").advance();
  CHECK(host.take().empty());
  host.event("viewed", viewed(3));
  CHECK(host.take() == Lines{"again"});
}

TEST_CASE("digest: an entry is counted once among the variables, and without `as` not at all",
          "[engine][digest][limits]") {
  Limits limits;
  limits.variables_bytes = 600;
  Host plain(
      "campaign: c\nentry: [{event: viewed}]\nsteps:\n  - {digest: 30m, max: 2}\n"
      "  - {send: id, id: mail}\n",
      shop, limits);
  plain.event("viewed", {{"text", std::string(2000, 'x')}});
  CHECK(plain.take().empty());
  plain.crash().event("viewed", {{"text", std::string(2000, 'x')}});
  CHECK(plain.take() == Lines{"mail"});

  Host host(half_hour, shop, limits);
  host.event("viewed", {{"n", 1}, {"text", std::string(400, 'x')}});
  CHECK(host.take().empty());
  host.crash().after(30 * minute_ms).advance();
  CHECK(host.take() == Lines{"mail"});
  CHECK(listed(host) == Numbers{1});
}

TEST_CASE("digest: time acts on what was gathered", "[engine][digest][time]") {
  const bool crashes = GENERATE(false, true);
  Host host(
      "campaign: c\nentry: [host]\nexits: [{condition: 'size(journey.views) >= 2 && "
      "now >= timestamp(journey.views[1].until)'}]\n"
      "steps: [{digest: 10d, as: views}, {send: id, id: late}]\n---\n"
      "campaign: s\nentry: [{event: go}]\nsteps: [{wait: 1h}, {start: c, data: {until: "
      "=entry.until}}]\n");
  host.enter("c").event("go", {{"until", "2026-03-04T00:00:00Z"}});
  host.after(hour_ms).advance();
  CHECK(host.told({"gathered"}) == Lines{"gathered digest-1"});
  if (crashes) host.crash();
  host.at("2026-03-03T23:59:59.999Z").advance();
  CHECK(host.told({"exited"}).empty());
  host.after(1).advance();
  CHECK(host.told({"exited"}) == Lines{"exited (exit)"});
}

namespace {

std::string in_parallel(std::string_view strands, std::string_view lists = "a: =journey.a",
                        std::string_view join = "all") {
  return fmt::format(
      "campaign: c\nentry: [{{event: viewed}}]\nsteps:\n  - id: both\n    join: {}\n"
      "    parallel:\n{}  - {{send: id, id: mail, data: {{{}}}}}\n",
      join, strands, lists);
}

}  // namespace

TEST_CASE("digest: of several in one journey each gathers", "[engine][digest][parallel]") {
  const bool crashes = GENERATE(false, true);
  Host host(
      in_parallel("      - steps: [{digest: 1h, as: a}]\n"
                  "      - steps: [{digest: 2h, as: b}, {digest: 1h, as: c}]\n",
                  "a: '=size(journey.a)', b: '=size(journey.b)', c: '=size(journey.c)'"));
  host.event("viewed", viewed(1)).after(minute_ms).event("viewed", viewed(2));
  if (crashes) host.crash();
  host.after(hour_ms).event("viewed", viewed(3));
  if (crashes) host.crash();
  host.after(hour_ms).advance().event("viewed", viewed(4)).after(hour_ms).advance();
  CHECK(host.take() == Lines{"mail"});
  CHECK(host.action("mail").data == Properties{{"a", 2}, {"b", 3}, {"c", 1}});
  CHECK(host.told({"gathered"}).size() == 4);
}

TEST_CASE("digest: the first that follows a parallel with one begins empty",
          "[engine][digest][parallel]") {
  Host host(
      "campaign: c\nentry: [{event: viewed}]\nsteps:\n  - parallel:\n"
      "      - steps: [{digest: 1h, as: a}]\n      - steps: [{wait: 1m}]\n"
      "  - {digest: 1h, as: views}\n  - {send: id, id: mail, data: {views: =journey.views}}\n");
  host.event("viewed", viewed(1)).after(hour_ms).advance().crash();
  host.event("viewed", viewed(2)).after(hour_ms).advance();
  CHECK(host.take() == Lines{"mail"});
  CHECK(listed(host) == Numbers{2});
}

TEST_CASE("digest: other strands hear what their journey has gathered",
          "[engine][digest][parallel]") {
  const std::string strands =
      "      - steps: [{digest: 1h, as: a}, {send: id, id: gathered}]\n"
      "      - steps: [{wait_for: {condition: size(journey.a) >= 2}}, {send: id, id: two}]\n";
  Host host(in_parallel(strands));
  host.event("viewed", viewed(1)).crash().event("viewed", viewed(2));
  CHECK(host.take() == Lines{"two"});
  host.after(hour_ms).advance();
  CHECK(host.take() == Lines{"gathered", "mail"});

  Host any(in_parallel(strands, "a: =journey.a", "any"));
  any.event("viewed", viewed(1)).event("viewed", viewed(2));
  CHECK(any.take() == Lines{"two", "mail"});
  any.crash().after(hour_ms).advance();
  CHECK(any.take().empty());
}

}  // namespace itinera::test
