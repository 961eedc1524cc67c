// SPDX-License-Identifier: Apache-2.0
// What time alone changes: waits, exits and goals that listen to it act at that very millisecond.
#include <fmt/format.h>

#include "support/host.hpp"

namespace itinera::test {
namespace {

constexpr std::int64_t second_ms = 1000;

std::string entered_by(std::string_view rest) {
  return fmt::format("campaign: a\nentry: [{{event: go}}]\n{}", rest);
}

Properties due(std::string_view text) { return {{"due", std::string(text)}}; }

}  // namespace

TEST_CASE("moments: a wait for a condition goes on at the millisecond that makes it true",
          "[engine][time]") {
  const bool crashes = GENERATE(false, true);
  const auto [condition, then] = GENERATE(table<std::string, std::string>(
      {{"now >= timestamp(contact.due)", "2026-03-05T12:00:00Z"},
       {"now > timestamp(contact.due)", "2026-03-05T12:00:00.001Z"},
       {"timestamp(contact.due) - now <= duration('24h')", "2026-03-04T12:00:00Z"},
       {"!(now < timestamp(contact.due) + duration('1.5s'))", "2026-03-05T12:00:01.500Z"},
       {"now == timestamp(contact.due)", "2026-03-05T12:00:00Z"}}));
  Host host(entered_by(fmt::format(
      "steps:\n  - {{wait_for: {{condition: \"{}\"}}}}\n  - {{send: id, id: done}}\n", condition)));
  host.identify(due("2026-03-05T12:00:00Z")).event("go");
  if (crashes) host.crash();
  CHECK(run_to(host, "2026-04-01T00:00:00Z") == Lines{then + " done"});
  CHECK_FALSE(host.next_deadline());
}

TEST_CASE("moments: a wait is armed anew at the millisecond that makes its condition true",
          "[engine][time]") {
  Host host(
      "campaign: c\nentry: [{event: go}]\nsteps:\n"
      "  - wait_for: {event: never}\n"
      "    id: w\n"
      "    within: 4h\n"
      "    reset_on: {condition: 'now >= timestamp(\"2026-03-02T12:00:00Z\")'}\n"
      "  - {send: id}\n");
  host.event("go");
  host.at("2026-03-02T15:59:59.999Z").advance();
  CHECK(host.take().empty());
  host.after(1).advance();
  CHECK(host.take().size() == 1);
  CHECK(host.told({"reset"}) == Lines{"reset w"});
}

TEST_CASE("moments: a date that changes moves the moment", "[engine][time]") {
  Host host(
      entered_by("steps:\n  - wait_for: {condition: 'now >= timestamp(contact.due)'}\n"
                 "  - {send: id, id: done}\n"));
  host.event("go");
  CHECK(run_to(host, "2026-03-03T00:00:00Z").empty());  // there is no date
  host.identify(due("2026-03-10T00:00:00Z"));
  CHECK(run_to(host, "2026-03-04T00:00:00Z").empty());
  host.identify(due("2026-03-05T00:00:00Z"));
  CHECK(run_to(host, "2026-03-12T00:00:00Z") == Lines{"2026-03-05T00:00:00Z done"});
}

TEST_CASE("moments: an exit and a goal act when their time comes, before timers of that instant",
          "[engine][time][S28]") {
  Host host(
      entered_by("goals:\n  quiet: {condition: \"since_last('go') >= days(2)\"}\n"
                 "exits: [{condition: 'now >= timestamp(contact.due)'}]\n"
                 "steps:\n  - wait: 3d\n  - {send: id, id: late}\n"));
  host.identify(due("2026-03-05T09:00:00Z")).event("go");
  CHECK(run_to(host, "2026-03-20T00:00:00Z").empty());
  CHECK(host.told({"converted", "exited", "finished"}) == Lines{"converted", "exited (exit)"});
  const std::vector<Told> story = host.story();
  for (const Told& each : story) {
    if (each.what == "converted") CHECK(each.at == instant("2026-03-04T09:00:00Z"));
    if (each.what == "exited") CHECK(each.at == instant("2026-03-05T09:00:00Z"));
  }
}

TEST_CASE("moments: a window is left by its oldest event, at its end", "[engine][time]") {
  Host host(
      entered_by("steps:\n  - wait_for: {condition: \"count('buy', '7d') < 2\"}\n"
                 "  - {send: id, id: calm}\n"));
  host.event("buy").after(second_ms).event("buy").after(hour_ms).event("buy");
  host.event("go");
  // Two are left when the first leaves, one when the second does.
  CHECK(run_to(host, "2026-04-01T00:00:00Z") == Lines{"2026-03-09T09:00:01Z calm"});
}

TEST_CASE("moments: a window that has filled is known from then on", "[engine][time]") {
  Host host("campaign: b\nentry: [{event: other}]\nsteps: [{wait: 1h}]\n");
  host.identify({{"id", "x"}});
  host.after(hour_ms).publish(
      entered_by("steps:\n  - wait_for: {condition: \"count('buy', '7d') == 0\"}\n"
                 "  - {send: id, id: known}\n"));
  host.event("go");
  CHECK(run_to(host, "2026-04-01T00:00:00Z") == Lines{"2026-03-09T10:00:00Z known"});
}

TEST_CASE("moments: one leap equals many steps", "[engine][time][S0]") {
  const auto play = [](bool leap) {
    Host host(entered_by(
        "exits: [{condition: \"since_last('go') > days(20)\"}]\n"
        "steps:\n  - wait_for: {condition: 'now >= timestamp(contact.due)'}\n"
        "  - {send: id, id: first}\n"
        "  - wait_for: {condition: \"count('go', '10d') == 0\"}\n  - {send: id, id: second}\n"
        "  - wait: 30d\n"));
    for (const char* who : {"ola", "jan", "ewa"}) {
      host.take_in(host.an_identify(due("2026-03-05T12:00:00Z"), who));
      host.event("go", {}, who);
      host.after(second_ms);
    }
    for (int i = 0; !leap && i < 500; ++i) host.after(hour_ms).advance();
    host.at("2026-04-20T00:00:00Z").advance();
    const base::ByteView journal = host.journal();
    return base::Bytes(journal.begin(), journal.end());
  };
  CHECK(play(true) == play(false));
}

TEST_CASE("moments: nobody who has none is watched", "[engine][time]") {
  Host host(entered_by("steps:\n  - wait_for: {condition: 'now >= timestamp(contact.due)'}\n"));
  const std::size_t before = host.journal().size();
  host.event("unheard");
  host.identify({{"other", 1}});
  CHECK_FALSE((host.take(), host.next_deadline()));
  CHECK(host.journal().size() - before < 200);
}

TEST_CASE("moments: what lies beyond the last year never comes, and the journal can be read",
          "[engine][time][restore]") {
  Host host(entered_by("steps: [{wait_for: {condition: 'engaged(\"email\", \"3600000d\")'}}]\n"));
  host.event("go").crash();
  CHECK_FALSE(host.next_deadline());

  Host last(
      "campaign: b\nentry: [{date: contact.birthday, every: year, at: \"10:00\"}]\n"
      "steps: [{send: id, id: mail}]\n---\ncampaign: s\n"
      "entry: [{schedule: '0 10 * * *', ramp: {per: day, max: 1}}]\n"
      "steps: [{send: id, id: news}]\n",
      shop, {}, "9999-12-29T00:00:00Z");
  last.identify({{"birthday", "1990-12-30"}}).identify({{"birthday", "1990-12-30"}}, "jan");
  last.identify({{"birthday", "1990-12-30"}}, "ewa");
  const Lines mails = run_to(last, "9999-12-31T23:59:59.999Z");
  CHECK(std::count_if(mails.begin(), mails.end(), [](const std::string& line) {
          return line.find("mail") != std::string::npos;
        }) == 3);
  last.crash();
}

TEST_CASE("moments: what has no value at the calendar's end is no moment", "[engine][time]") {
  const auto [condition, then] = GENERATE(table<std::string, std::string>(
      {{"now + days(7) >= timestamp(contact.due)", "2026-03-05T12:00:00Z"},
       {"now - timestamp(contact.a) + (now - timestamp(contact.b)) >= days(5)",
        "2026-03-04T00:00:00Z"}}));
  Host host("campaign: a\nentry: [{segment: near}]\nsteps: [{send: id, id: hi}]\n",
            std::string(shop) + "segments:\n  near: '" + condition + "'\n");
  host.identify({{"due", "2026-03-12T12:00:00Z"},
                 {"a", "2026-03-01T00:00:00Z"},
                 {"b", "2026-03-02T00:00:00Z"}});
  CHECK(run_to(host, "2026-04-01T00:00:00Z") == Lines{then + " hi"});
  host.identify({{"x", 1}});
  host.take();
  CHECK_FALSE(host.next_deadline());
}

TEST_CASE("moments: a window as long as all time is never left", "[engine][time]") {
  Host host("campaign: a\nentry: [{segment: buyers}]\nsteps: [{send: id, id: hi}]\n",
            std::string(shop) + "segments:\n  buyers: count('buy', '3652058d') >= 1\n");
  host.event("buy");
  CHECK(host.take() == Lines{"hi"});
  CHECK_FALSE(host.next_deadline());
  host.crash().after(hour_ms).event("buy");
  host.take();
  CHECK_FALSE(host.next_deadline());
}

TEST_CASE("moments: since_last() stands still until time has come to an event that is ahead",
          "[engine][time]") {
  constexpr std::int64_t minute = 60 * second_ms;
  Host host("campaign: a\nentry: [{segment: between}]\nsteps: [{send: id, id: hi}]\n",
            std::string(shop) +
                "segments:\n  between: since_last('x') + since_last('x') + since_last('x')"
                " < (now - timestamp(contact.t)) + (now - timestamp(contact.t))\n");
  host.identify({{"t", "2026-03-02T09:02:00Z"}});
  host.late_event("x", host.clock() + 4 * minute);
  CHECK(run_to(host, "2026-04-01T00:00:00Z") == Lines{"2026-03-02T09:02:00.001Z hi"});
  const std::vector<Told> story = host.story();
  const auto left = std::find_if(story.begin(), story.end(),
                                 [](const Told& each) { return each.what == "segment_left"; });
  REQUIRE(left != story.end());
  CHECK(left->at == instant("2026-03-02T09:08:00Z"));  // 3 * 4 min = 2 * 6 min
}

TEST_CASE("moments: a publication at the very millisecond of one loses none", "[engine][time]") {
  const std::string campaigns =
      "campaign: a\nentry: [{date: contact.born, every: year, at: '09:00'}]\n"
      "steps: [{send: id, id: happy}]\n"
      "---\ncampaign: b\nentry: [{segment: lapsed}]\nsteps: [{send: id, id: back}]\n";
  Host host(campaigns,
            std::string(shop) +
                "segments: {lapsed: 'ever(\"visit\") && since_last(\"visit\") >= "
                "days(1)'}\n",
            {}, "2026-03-02T07:00:00Z");
  host.at("2026-03-02T08:00:00Z").identify({{"born", "1990-03-03"}}).event("visit");
  host.at("2026-03-03T08:00:00Z");
  host.publish(campaigns + "---\ncampaign: more\nentry: [host]\nsteps: [{send: id}]\n");
  const bool heard = GENERATE(true, false);
  if (heard) host.identify({{"born", "1990-03-03"}});
  const bool crashes = GENERATE(true, false);
  if (crashes) host.crash();
  CHECK(host.advance().take() == Lines{"happy", "back"});
}

}  // namespace itinera::test
