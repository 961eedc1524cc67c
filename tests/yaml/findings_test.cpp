// SPDX-License-Identifier: Apache-2.0
// What an author reads: all that is wrong at once, at the word, with what to do, and nothing that
// only follows from something else.

#include "base/zone_table.hpp"
#include "support/catch.hpp"
#include "yaml/support.hpp"
#include "yaml/test_file.hpp"

namespace {

using namespace itinera;
using namespace itinera::yaml_test;

using Codes = std::vector<std::string>;

Diagnostics found_in(std::string_view steps) { return load(campaign(steps)).diagnostics; }

// The codes without warnings.
Codes errors_in(std::string_view steps) {
  Diagnostics found = found_in(steps);
  std::erase_if(found, [](const Diagnostic& d) { return d.severity == Severity::warning; });
  return codes(found);
}

std::string hint_in(std::string_view steps) {
  const Diagnostics found = found_in(steps);
  return found.empty() ? std::string() : found.front().hint;
}

}  // namespace

TEST_CASE("a hint that is followed leads to no other error", "[yaml][findings]") {
  const auto hint = [](const std::string& step) { return hint_in("  - " + step + "\n"); };
  CHECK(hint("branch: [{when: =contact.a == 1, steps: [{exit: a}]}]") ==
        "write it without the `=`: `when: contact.a == 1`");
  CHECK(hint("wait: {time: 9}") == "write \"09:00\" or \"21:30:15\", in quotes");
  CHECK(hint("wait: {window: 9-17}") ==
        "write \"14:00-16:00\" or \"Mon-Fri 09:00-17:00\", in quotes");
  CHECK(hint("wait: {window: \"24:00-06:00\"}") == "midnight is 00:00: write \"00:00-06:00\"");
  CHECK(hint("wait: {window: \"24:00-24:00\"}") == "midnight is 00:00: write \"00:00-24:00\"");
  CHECK(hint("wait: {window: \"00:00-00:00\"}") ==
        "write \"14:00-16:00\" or \"Mon-Fri 09:00-17:00\", in quotes");
  CHECK(hint("wait: {time: \"24:00\"}") == "midnight is 00:00: write \"00:00\"");
  CHECK(hint("wait: {time: \"09:00\", until: contact.due}") ==
        "keep one of them, or write two, one after the other");
  const Diagnostics found = load(
                                "campaign: c\nentry: [{event: a}]\ngoals: {g: {event: b, exits: "
                                "\"true\"}}\nsteps: [{exit: a}]\n")
                                .diagnostics;
  REQUIRE(!found.empty());
  CHECK(found.front().message == "\"true\" in quotes is a text, not a boolean");
  CHECK(found.front().hint == "write true without quotes");
}

TEST_CASE("what cannot be read hides nothing of the rest", "[yaml][findings]") {
  CHECK(codes(load("campaign: c\n"
                   "version: one\n"
                   "topic: nope\n"
                   "entry: [{event: a, when: contct.x == 1}]\n"
                   "goals: {order: {event: o, within: soon}}\n"
                   "steps:\n"
                   "  - wait: 5\n"
                   "  - sned: email\n"
                   "  - 7\n"
                   "  - {}\n"
                   "  - send: emial\n"
                   "    tempalte: t\n"
                   "  - goal: ordre\n"
                   "  - split: []\n"
                   "  - branch: []\n"
                   "  - wait_for: []\n"
                   "  - wait_for: {opened: helo}\n"
                   "    else: [{exit: x}]\n"
                   "  - send: email\n"
                   "    when: journey.nobody && 1 + 'a' == 2\n"
                   "  - split: [{variant: a, weight: -1}, {variant: a, weight: 1}]\n"
                   "  - goto: nowhere\n",
                   std::string(shop) + "topics: [news]\n")
                  .diagnostics) ==
        Codes{"bad_value 2:10",       "unknown_name 3:8",     "condition_unknown 4:26",
              "bad_value 5:35",       "bad_value 7:11",       "unknown_key 8:5",
              "wrong_type 9:5",       "missing_key 10:5",     "unknown_name 11:11",
              "unknown_key 12:5",     "unknown_name 13:11",   "bad_weights 14:12",
              "missing_key 15:5",     "missing_key 16:5",     "missing_key 17:5",
              "unknown_name 17:24",   "condition_type 20:31", "bad_value 21:34",
              "duplicate_name 21:39", "unknown_name 22:11"});
}

TEST_CASE("nothing is said that only follows from what could not be read", "[yaml][findings]") {
  // A wait without a length is a loop without a wait.
  CHECK(errors_in("  - {wait: 5, id: a}\n  - goto: a\n") == Codes{"bad_value 5:12"});
  // An id that cannot be read is one that may be meant.
  CHECK(errors_in("  - {send: email, id: yes}\n  - goto: hello\n") == Codes{"bad_value 5:23"});
  // A step of an unknown kind may send, set, wait, reach a goal, and lead anywhere.
  CHECK(codes(load("campaign: c\n"
                   "entry: [host]\n"
                   "goals: {g: {}}\n"
                   "steps:\n"
                   "  - snd: email\n"
                   "    id: hello\n"
                   "  - {wait_for: {opened: hello}}\n"
                   "  - {send: email, when: journey.x == 1}\n"
                   "  - goto: hello\n"
                   "  - send: email\n")
                  .diagnostics) == Codes{"unknown_key 5:5"});
  // Steps in a list that cannot be read.
  CHECK(codes(found_in("  - branch:\n"
                       "      when: contact.a\n"
                       "      steps: [{send: email, id: hello}]\n"
                       "  - goto: hello\n")) == Codes{"wrong_type 6:7"});
  // A trigger that cannot be read may be an event.
  CHECK(codes(load("campaign: c\n"
                   "entry: [host]\n"
                   "goals: {g: {evnt: a, when: event.x == 1, value: event.y}}\n"
                   "steps: [{wait_for: {opend: any, when: event.x == 1}}]\n")
                  .diagnostics) == Codes{"unknown_key 3:13", "unknown_key 4:21"});
  // A list of goals or channels that cannot be read may have the name.
  CHECK(codes(load("campaign: c\nentry: [host]\ngoals: [g]\nsteps: [{goal: g}]\n").diagnostics) ==
        Codes{"wrong_type 3:8"});
  CHECK(codes(load(campaign("  - send: email\n"), "workspace: w\nchannels: [email]\n").diagnostics)
            .size() == 1);
  CHECK(codes(load("campaign: c\nentry: {event: a}\nsteps: {send: email}\n").diagnostics) ==
        Codes{"wrong_type 2:8", "wrong_type 3:8"});
}

TEST_CASE("what is empty where a step leads on breaks no way", "[yaml][findings]") {
  CHECK(codes(found_in("  - split: []\n"
                       "  - branch: []\n"
                       "  - wait_for: []\n"
                       "  - wait_for: {opened: any}\n"
                       "    else: [{exit: x}]\n")) == Codes{"bad_weights 5:12", "missing_key 6:5",
                                                            "missing_key 7:5", "missing_key 8:5",
                                                            "impossible_receipt 8:24"});
  // A goto to nowhere may have been meant to lead anywhere.
  CHECK(codes(found_in("  - goto: helo\n  - {send: email, id: hello}\n")) ==
        Codes{"unknown_name 5:11"});
}

TEST_CASE("a date is quoted twice, and the hint shows it", "[yaml][findings]") {
  const char* const written = GENERATE("2026-05-01", "\"2026-05-01\"");
  const std::string text = fmt::format("  - wait: {{until: {}}}\n", written);
  INFO(text);
  const Diagnostics found = found_in(text);
  REQUIRE(found.size() == 1);
  CHECK(found[0].code == ErrorCode::condition_syntax);
  CHECK(found[0].hint == "write `until: '\"2026-05-01\"'`");
}

TEST_CASE("until is a date, not a number and not any text", "[yaml][findings]") {
  CHECK(hint_in("  - wait: {until: \"2026-05-01T10:00:00Z\"}\n") ==
        "write `until: '\"2026-05-01T10:00:00Z\"'`");
  CHECK(errors_in("  - wait: {until: '\"2026-05-01\"'}\n").empty());
  CHECK(errors_in("  - wait: {until: '\"2026-05-01T10:00:00Z\"'}\n").empty());
  CHECK(errors_in("  - wait: {until: '\"2026-05-01T10:00\"'}\n").empty());
  CHECK(errors_in("  - wait: {until: 'timestamp(\"2026-05-01T10:00:00Z\")'}\n").empty());
  CHECK(errors_in("  - wait: {until: entry.date}\n").empty());
  CHECK(errors_in("  - wait: {until: '\"2026-13-45\"'}\n") == Codes{"bad_value 5:20"});
  CHECK(errors_in("  - wait: {until: 2026 - 5 - 1}\n") == Codes{"bad_value 5:19"});
  CHECK(errors_in("  - wait: {until: 20260501}\n") == Codes{"bad_value 5:19"});
  CHECK(hint_in("  - wait: {until: 20260501}\n").find("'\"2026-05-01\"'") != std::string::npos);
  CHECK(errors_in("  - {send: email, when: contact.since > 2026-05-01}\n") ==
        Codes{"condition_syntax 5:41"});
}

TEST_CASE("if_past has no meaning beside a window", "[yaml][findings][S6]") {
  CHECK(errors_in("  - {wait: {window: \"09:00-10:00\"}, if_past: skip}\n") ==
        Codes{"bad_value 5:46"});
  CHECK(errors_in("  - {wait: {time: \"09:00\"}, if_past: skip}\n").empty());
}

TEST_CASE("more goals or entries than a journey can keep", "[yaml][findings]") {
  std::string text = "campaign: c\nentry:\n";
  for (std::size_t i = 0; i <= entries_max; ++i) text += "  - event: a\n";
  text += "goals:\n";
  for (std::size_t i = 0; i <= goals_max; ++i) text += fmt::format("  g{}: {{event: b}}\n", i);
  CHECK(codes(load(text + "steps: [{send: email}]\n").diagnostics) ==
        Codes{fmt::format("too_large {}:5", 3 + entries_max),
              fmt::format("too_large {}:3", 5 + entries_max + goals_max)});
}

TEST_CASE("zones that do not exist, where zones are given", "[yaml][findings][S12]") {
  const ZoneTable zones("test", {{"Europe/London", {{earliest_instant, 0}}}});
  const std::vector<SourceFile> files{
      {"w.yaml", "workspace: w\nzone: Nowhere/Land\nchannels: {email: {address: contact.e}}\n"},
      {"c.yaml",
       "campaign: c\nzone: Europe/Lodnon\nentry: [host]\nsteps:\n"
       "  - {wait: {time: \"09:00\"}, zone: Europe/Lodnon}\n"
       "  - {wait: {time: \"09:00\"}, zone: Europe/London}\n"
       "  - {wait: {time: \"09:00\"}, zone: UTC}\n"}};
  const Diagnostics found = load_workspace(files, {}, &zones).diagnostics;
  REQUIRE(codes(found) == Codes{"bad_value 2:7", "bad_value 5:35", "bad_value 2:7"});
  CHECK(found[0].hint == "did you mean 'Europe/London'?");
  CHECK(found[2].location.file == "w.yaml");
  CHECK(load_workspace(files).diagnostics.empty());
  const std::vector<SourceFile> sender{
      {"w.yaml",
       "workspace: w\nchannels: {li: {address: contact.l}}\nsenders:\n"
       "  a: {channel: li, zone: Europe/Lodnon}\n"}};
  CHECK(codes(load_workspace(sender, {}, &zones).diagnostics) == Codes{"bad_value 4:3"});
  CHECK(load_workspace(sender).diagnostics.empty());
}

TEST_CASE("a finding stands at its word", "[yaml][findings]") {
  CHECK(codes(found_in("  - id: hello\n    send: email\n  - id: hello\n    send: email\n")) ==
        Codes{"duplicate_name 7:9"});
  CHECK(errors_in("  - {wait: 3d, at: \"09:00\", offset: 1d, on_missing: skip}\n") ==
        Codes{"bad_value 5:20", "bad_value 5:37", "bad_value 5:53"});
  CHECK(
      codes(load(campaign("  - send: email\n"), std::string(shop) + "limits: {min_loop_wait: 0s}\n")
                .diagnostics) == Codes{"bad_value 6:25"});
  const std::vector<SourceFile> files{{"a.yaml", "workspace: a\n"},
                                      {"b.yaml", "workspace: b\nzone: UTC\n"},
                                      {"c.yaml", campaign("  - send: email\n")}};
  const Diagnostics two = load_workspace(files).diagnostics;
  REQUIRE(codes(two) == Codes{"duplicate_name 1:12"});
  CHECK(two[0].location.file == "b.yaml");
  CHECK(two[0].message == "a second workspace; the other is a.yaml:1:12");
}

TEST_CASE("hints do not lead astray", "[yaml][findings]") {
  const Diagnostics unfinished = found_in("  - {send: email, data: {a: =entry., b: '=entry.x'}}\n");
  REQUIRE(codes(unfinished) == Codes{"condition_syntax 5:36"});
  CHECK(hint_in("  - {send: email, when: 'contact.a == 'x''}\n") ==
        "write `when: \"contact.a == 'x'\"`");
  CHECK(hint_in("  - {send: email, when: \"a\" == \"b\"}\n") == "write `when: '\"a\" == \"b\"'`");
  const Diagnostics merge = found_in("  - send: email\n    <<: {template: t}\n");
  REQUIRE(codes(merge) == Codes{"yaml_feature 6:5"});
  CHECK(merge[0].message == "`<<` is a merge key, which this format does not use");
  CHECK(errors_in("  - {send: email, data: {\"<<\": 1}}\n").empty());
}

TEST_CASE("receipts that no channel declares are pointed out", "[yaml][findings]") {
  CHECK(errors_in("  - wait_for: {connected: any}\n") == Codes{"unknown_name 5:27"});
  CHECK(errors_in("  - wait_for: {event: a, connected: any}\n") == Codes{"unknown_key 5:26"});
  CHECK(errors_in("  - wait_for: {opend: any}\n") == Codes{"unknown_key 5:16"});
}

TEST_CASE("an equals sign where text is text is pointed out", "[yaml][findings]") {
  CHECK(codes(found_in("  - {send: email, template: =contact.a}\n")) == Codes{"?suspicious 5:29"});
}

TEST_CASE("lines of tests: the nearest input, and keys that are empty", "[yaml][findings][tests]") {
  const auto test = [](std::string_view lines) {
    const std::vector<SourceFile> files{
        {"t.yaml", fmt::format("test: t\ncampaign: c\ncontact: {{id: u}}\ntimeline:\n{}", lines)}};
    return yaml::load_tests(files);
  };
  const Diagnostics found = test("  - {at: 2026-03-02T10:00:00Z, evnt: go}\n").diagnostics;
  REQUIRE(codes(found) == Codes{"unknown_key 5:32"});
  CHECK(found[0].hint == "did you mean 'event'?");
  // What stands beside it is not wrong as well.
  const Diagnostics one =
      test("  - {at: 2026-03-02T10:00:00Z, properties: {a: 1}, evnt: go}\n").diagnostics;
  REQUIRE(codes(one) == Codes{"unknown_key 5:52"});
  CHECK(one[0].hint == "did you mean 'event'?");
  const auto empty = test(
      "  - {at: 2026-03-02T10:00:00Z, start: c, key: \"\", expect: [{send: email, key: \"\"}]}\n"
      "  - {stop: c, key: \"\"}\n");
  CHECK(text_of(empty.diagnostics).empty());
  REQUIRE(empty.tests.size() == 1);
  CHECK(std::get<yaml::TestStop>(empty.tests[0].timeline.at(1).input).key == "");
}

TEST_CASE("every finding has a hint, in one voice", "[yaml][findings]") {
  const Diagnostics found =
      load(
          "campaign: [c]\n"
          "version: one\n"
          "priority: 101\n"
          "entry: {event: a}\n"
          "reentry: after 1.5d\n"
          "while_running: never\n"
          "goals: [a]\n"
          "exits: {event: x}\n"
          "steps:\n"
          "  - wait: 5\n"
          "  - wait: {time: \"25:00\"}\n"
          "  - wait: {time: \"09:00\", days: Fryday}\n"
          "  - wait: {window: \"14:00-14:00\"}\n"
          "  - split: [{variant: a, weight: -1}, {variant: a, weight: 1}]\n"
          "  - {send: email, template: \"\", data: 1, max_visits: 0}\n"
          "  - {send: email, when: '1 + \"a\" == 2', id: any}\n"
          "  - {send: email, when: 'contct.a'}\n"
          "  - goto: nowhere\n"
          "  - 7\n",
          "workspace: w\nzone: [a]\nchannels: {email: 1}\ntopics: a\nlimits: {dedupe: 1x}\n")
          .diagnostics;
  CHECK(found.size() >= 20);
  for (const Diagnostic& each : found) {
    INFO(to_text(each));
    CHECK_FALSE(each.hint.empty());
    CHECK_FALSE((each.hint[0] >= 'A' && each.hint[0] <= 'Z'));
  }
}
