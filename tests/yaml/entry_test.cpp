// SPDX-License-Identifier: Apache-2.0
// Ways into a campaign other than events, what bounds them, and segments.
#include "itinera/campaign_builder.hpp"
#include "model/model_codec.hpp"
#include "support/catch.hpp"
#include "yaml/support.hpp"

using namespace itinera;
using namespace itinera::yaml_test;
using Codes = std::vector<std::string>;

namespace {

std::string workspace(std::string_view segments) { return fmt::format("{}{}", shop, segments); }

const std::string with_lapsed = workspace("segments:\n  lapsed: contact.orders == 0\n");

LoadedWorkspace load_entry(std::string_view entry) {
  // The other campaign is one that names the segment.
  return load(fmt::format("campaign: c\nentry: [{}]\nsteps: [{{send: email}}]\n---\n"
                          "campaign: d\nentry: [{{segment: lapsed}}]\nsteps: [{{send: email}}]\n",
                          entry),
              with_lapsed);
}

Codes codes_of(std::string_view entry) { return codes(load_entry(entry).diagnostics); }

// The one diagnostic of a campaign with this entry.
Diagnostic finding(std::string_view entry) {
  const Diagnostics found = load_entry(entry).diagnostics;
  INFO(text_of(found));
  REQUIRE(found.size() == 1);
  return found[0];
}

}  // namespace

TEST_CASE("segments are read with their places", "[yaml][segments]") {
  const LoadedWorkspace loaded = load(campaign("  - {wait_for: {segment: gone}, within: 1d}\n"),
                                      workspace("segments:\n"
                                                "  lapsed: contact.orders == 0\n"
                                                "  gone: 'in_segment(\"lapsed\")'\n"));
  REQUIRE(loaded.workspace.segments.size() == 2);
  CHECK(loaded.workspace.segments[0].name == "lapsed");
  CHECK(loaded.workspace.segments[0].at == SourceLocation{"w.yaml", 7, 3});
  CHECK(loaded.workspace.segments[0].condition.text == "contact.orders == 0");
  CHECK(loaded.workspace.segments[0].condition.at == SourceLocation{"w.yaml", 7, 11});
  CHECK(loaded.workspace.segments[1].condition.text == "in_segment(\"lapsed\")");
}

TEST_CASE("segments: what is no condition says so, at its place", "[yaml][segments]") {
  const auto found = [](std::string_view segments) {
    return codes(load(campaign("  - wait: 1h\n"), workspace(segments)).diagnostics);
  };
  CHECK(found("segments: lapsed\n") == Codes{"wrong_type 6:11"});
  CHECK(found("segments: {a: contact.x >}\n") == Codes{"condition_syntax 6:26"});
  CHECK(found("segments:\n  a: !contact.x\n") == Codes{"condition_quoting 7:6"});
  CHECK(found("segments:\n  a:\n") == Codes{"bad_value 7:3"});
  CHECK(found("segments: {a: count(\"x\", \"90d\") > 1}\n") == Codes{"condition_quoting 6:15"});
  CHECK(found("segments: {a: count(\"x\", 90) > 1}\n") == Codes{"condition_quoting 6:15"});
  CHECK(found("segments:\n  # who\n\n  a: \"x\" == contact.b\n") == Codes{"condition_quoting 9:6"});
  CHECK(found("segments:\n  a: contact.a ? true : false\n") == Codes{"condition_quoting 7:6"});
  CHECK(found("segments: {a: event.x}\n") == Codes{"condition_unknown 6:15"});
  CHECK(found("segments: {a: 7}\n") == Codes{"condition_type 6:15"});
}

TEST_CASE("every kind of entry is the same from YAML and from C++", "[yaml][entry][builder]") {
  const LoadedWorkspace loaded = load(
      "campaign: ways\n"
      "entry:\n"
      "  - segment: lapsed\n"
      "  - {segment: lapsed, change: leaves, when: contact.tier == \"gold\", key: contact.k}\n"
      "  - segment: lapsed\n"
      "    existing: enter\n"
      "    ramp: {per: hour, max: 500}\n"
      "  - date: contact.birthday\n"
      "  - date: contact.birthday\n"
      "    every: year\n"
      "    offset: -3d\n"
      "    at: \"08:30\"\n"
      "    zone: Asia/Tokyo\n"
      "    when: contact.vip\n"
      "    key: contact.k\n"
      "  - schedule: 0 9 * * MON\n"
      "  - schedule: FREQ=MONTHLY;BYDAY=-1FR\n"
      "    segment: lapsed\n"
      "    at: \"18:00\"\n"
      "    zone: Europe/Paris\n"
      "    from: 2026-01-05\n"
      "    ramp: {per: 15m, max: 20}\n"
      "    when: contact.vip\n"
      "    key: contact.k\n"
      "  - {schedule: 2026-12-24, ramp: {per: day, max: 1}}\n"
      "  - {schedule: 2026-12-25, ramp: {per: minute, max: 1}}\n"
      "entry_cap: {total: 10000, day: 45}\n"
      "goals: {back: {segment: lapsed, change: leaves}}\n"
      "exits: [{segment: lapsed}]\n"
      "steps:\n"
      "  - wait_for: [{segment: lapsed, change: enters}, {segment: lapsed, change: leaves}]\n"
      "    within: 1d\n",
      with_lapsed);
  CHECK(text_of(loaded.diagnostics).empty());
  const Campaign built =
      CampaignBuilder("ways")
          .enter_by_segment("lapsed")
          .enter_by_segment("lapsed", {.change = Entry::Change::leaves,
                                       .when = "contact.tier == \"gold\"",
                                       .key = "contact.k"})
          .enter_by_segment("lapsed",
                            {.existing = Entry::Existing::enter, .ramp = Ramp{3'600'000, 500}})
          .enter_by_date("contact.birthday")
          .enter_by_date("contact.birthday", {.yearly = true,
                                              .offset = "-3d",
                                              .at = "08:30",
                                              .zone = "Asia/Tokyo",
                                              .when = "contact.vip",
                                              .key = "contact.k"})
          .enter_by_schedule("0 9 * * MON")
          .enter_by_schedule("FREQ=MONTHLY;BYDAY=-1FR", {.segment = "lapsed",
                                                         .at = "18:00",
                                                         .zone = "Europe/Paris",
                                                         .from = "2026-01-05",
                                                         .ramp = Ramp{900'000, 20},
                                                         .when = "contact.vip",
                                                         .key = "contact.k"})
          .enter_by_schedule("2026-12-24", {.ramp = Ramp{86'400'000, 1}})
          .enter_by_schedule("2026-12-25", {.ramp = Ramp{60'000, 1}})
          .entry_cap({.total = 10'000, .day = 45})
          .goal("back", {.trigger = left("lapsed")})
          .exit_on(entered("lapsed"))
          .steps(Sequence().wait_for_any(
              {{.trigger = entered("lapsed")}, {.trigger = left("lapsed")}}, {.within = "1d"}))
          .build()
          .value();
  REQUIRE(loaded.campaigns.size() == 1);
  CHECK(model::same_content(loaded.campaigns[0], built));
}

TEST_CASE("texts of entries that cannot be read are errors of build()", "[yaml][entry][builder]") {
  const auto built = CampaignBuilder("c")
                         .enter_by_date("contact.birthday", {.offset = "soon"})
                         .enter_by_schedule("0 9 * * *", {.at = "25:00"})
                         .build();
  REQUIRE_FALSE(built);
  CHECK(std::count(built.error().message.begin(), built.error().message.end(), '\n') == 2);
}

TEST_CASE("a field of another kind of entry is an error at its place", "[yaml][entry]") {
  CHECK(finding("{event: a, change: enters}").message == "`change` stands only beside `segment`");
  CHECK(codes_of("{event: a, change: enters}") == Codes{"bad_value 2:28"});
  CHECK(codes_of("{event: a, existing: ignore}") == Codes{"bad_value 2:30"});
  CHECK(codes_of("{schedule: 0 9 * * *, existing: enter}") == Codes{"bad_value 2:41"});
  CHECK(codes_of("{event: a, ramp: {per: hour, max: 1}}") == Codes{"bad_value 2:26"});
  CHECK(codes_of("{date: contact.d, ramp: {per: hour, max: 1}}") == Codes{"bad_value 2:33"});
  CHECK(codes_of("{segment: lapsed, every: year}") == Codes{"bad_value 2:34"});
  CHECK(finding("{schedule: 0 9 * * *, every: year}").hint == "the schedule says how often");
  CHECK(codes_of("{event: a, offset: 1d}") == Codes{"bad_value 2:28"});
  CHECK(codes_of("{segment: lapsed, at: \"09:00\"}") == Codes{"bad_value 2:31"});
  CHECK(finding("{event: a, zone: UTC}").hint == "the campaign has a `zone`");
  CHECK(codes_of("{date: contact.d, from: 2026-01-01}") == Codes{"bad_value 2:33"});
  CHECK(codes_of("{host: true, change: enters}") == Codes{"bad_value 2:30"});
}

TEST_CASE("an entry is of one kind", "[yaml][entry]") {
  CHECK(codes_of("{event: a, segment: lapsed}") == Codes{"bad_value 2:20"});
  CHECK(codes_of("{date: contact.d, segment: lapsed}") == Codes{"bad_value 2:27"});
  CHECK(codes_of("{schedule: 0 9 * * *, date: contact.d}") == Codes{"bad_value 2:31"});
  CHECK(codes_of("{segmnt: lapsed, change: leaves}") == Codes{"unknown_key 2:10"});
  CHECK(finding("{when: contact.a}").message ==
        "an entry needs `event`, `segment`, `date`, `schedule` or `host`");
}

TEST_CASE("values of entries are tested", "[yaml][entry]") {
  CHECK(codes_of("{segment: lapsed, change: both}") == Codes{"bad_value 2:35"});
  CHECK(codes_of("{segment: lapsed, change: leaves, existing: enter}") == Codes{"bad_value 2:53"});
  CHECK(codes_of("{date: contact.d, every: month}") == Codes{"bad_value 2:34"});
  CHECK(codes_of("{date: contact.d, at: \"24:30\"}") == Codes{"bad_value 2:31"});
  CHECK(codes_of("{segment: lapsed, ramp: {per: week, max: 1}}") == Codes{"bad_value 2:39"});
  CHECK(codes_of("{segment: lapsed, ramp: {per: 0s, max: 1}}") == Codes{"bad_value 2:39"});
  CHECK(codes_of("{segment: lapsed, ramp: {per: 366d, max: 1}}").empty());
  CHECK(codes_of("{segment: lapsed, ramp: {per: 367d, max: 1}}") == Codes{"bad_value 2:39"});
  CHECK(codes_of("{segment: lapsed, ramp: {per: hour, max: 0}}") == Codes{"bad_value 2:50"});
  CHECK(codes_of("{segment: lapsed, ramp: {per: hour}}") == Codes{"missing_key 2:33"});
  CHECK(codes_of("{segment: lapsed, ramp: 500/h}") == Codes{"wrong_type 2:33"});
  CHECK(codes_of("{date: contact.d >}") == Codes{"condition_syntax 2:27"});
  CHECK(codes_of("{date: event.d}") == Codes{"condition_unknown 2:16"});
  CHECK(codes_of("{segment: lapsed, when: event.d == 1}") == Codes{"condition_unknown 2:33"});
  CHECK(codes_of("{segment: lapsed, key: event.d}") == Codes{"condition_unknown 2:32"});
  CHECK(codes_of("{date: true}") == Codes{"condition_type 2:16"});
  CHECK(finding("{date: 2026-12-24}").hint == "write `date: '\"2026-12-24\"'`");
  CHECK(codes_of("{date: '\"soon\"'}") == Codes{"bad_value 2:17"});
  CHECK(codes_of("{date: '\"2026-12-24\"'}").empty());
}

TEST_CASE("an entry cap bounds something", "[yaml][entry]") {
  const auto cap = [](std::string_view text) {
    return codes(load(fmt::format("campaign: c\nentry: [host]\nsteps: [{{send: email}}]\n"
                                  "entry_cap: {}\n",
                                  text))
                     .diagnostics);
  };
  CHECK(cap("{total: 1}").empty());
  CHECK(cap("{day: 1}").empty());
  CHECK(cap("{}") == Codes{"missing_key 4:12"});
  CHECK(cap("{totl: 1}") == Codes{"unknown_key 4:13"});
  CHECK(cap("{total: 0}") == Codes{"bad_value 4:20"});
  CHECK(cap("{total: 10, day: 11}") == Codes{"?suspicious 4:29"});
  CHECK(cap("45") == Codes{"wrong_type 4:12"});
}

TEST_CASE("names of segments are known, or the nearest is suggested", "[yaml][segments]") {
  CHECK(finding("{segment: lapsd}").hint == "did you mean 'lapsed'?");
  CHECK(codes_of("{segment: lapsd}") == Codes{"unknown_name 2:19"});
  CHECK(codes_of("{schedule: 0 9 * * *, segment: lapsd}") == Codes{"unknown_name 2:40"});
  const Diagnostics found = load(
                                "campaign: c\n"
                                "entry: [host]\n"
                                "goals: {g: {segment: lapsd}}\n"
                                "exits: [{segment: lapsd, change: leaves}]\n"
                                "steps: [{wait_for: {segment: lapsd}, within: 1d,\n"
                                "         reset_on: {segment: lapsd}}]\n",
                                with_lapsed)
                                .diagnostics;
  CHECK(codes(found) ==
        Codes{"unknown_name 3:22", "unknown_name 4:19", "unknown_name 5:30", "unknown_name 6:30"});
  // Where the segments could not be read, nobody knows.
  CHECK(codes(load("campaign: c\nentry: [{segment: a}]\nsteps: [{wait: 1h}]\n",
                   workspace("segments: [a]\n"))
                  .diagnostics) == Codes{"wrong_type 6:11"});
}

TEST_CASE("`change` stands beside `segment` only", "[yaml][segments]") {
  const auto exit = [](std::string_view text) {
    return codes(load(fmt::format("campaign: c\nentry: [host]\nsteps: [{{send: email}}]\n"
                                  "exits: [{}]\n",
                                  text),
                      with_lapsed)
                     .diagnostics);
  };
  CHECK(exit("{event: a, change: leaves}") == Codes{"bad_value 4:20"});
  CHECK(exit("{change: leaves}") == Codes{"missing_key 4:9", "missing_key 4:10"});
  CHECK(exit("{segment: lapsed, change: gone}") == Codes{"bad_value 4:35"});
  CHECK(exit("{segment: lapsed, event: a}") == Codes{"bad_value 4:27"});
}

TEST_CASE("conditions ask for segments that there are", "[yaml][segments]") {
  const auto when = [](std::string_view condition, std::string_view segments) {
    return codes(load(campaign(fmt::format("  - {{send: email, when: '{}'}}\n", condition)),
                      workspace(segments))
                     .diagnostics);
  };
  CHECK(when("in_segment(\"lapsed\")", "segments: {lapsed: contact.a == 1}\n").empty());
  CHECK(when("in_segment(\"lapsd\")", "segments: {lapsed: contact.a == 1}\n") ==
        Codes{"condition_unknown 5:26"});
  CHECK(when("in_segment(\"lapsed\")", "") == Codes{"condition_unknown 5:26"});
  CHECK(when("in_segment(\"lapsed\")", "segments: [lapsed]\n") == Codes{"wrong_type 6:11"});
}

TEST_CASE("segments that ask for each other in a ring are an error", "[yaml][segments]") {
  const auto found = [](std::string_view segments) {
    return load(campaign("  - {send: email, when: 'in_segment(\"a\")'}\n"), workspace(segments))
        .diagnostics;
  };
  const Diagnostics ring = found(
      "segments:\n"
      "  a: 'in_segment(\"b\") && contact.x == 1'\n"
      "  b: 'in_segment(\"c\")'\n"
      "  c: 'in_segment(\"d\") || in_segment(\"a\")'\n"
      "  d: contact.y == 1\n");
  REQUIRE(codes(ring) == Codes{"endless_cycle 7:3"});
  CHECK(ring[0].message == "segments ask for each other in a ring: a, b, c");
  const Diagnostics self = found("segments: {a: 'in_segment(\"a\")'}\n");
  REQUIRE(codes(self) == Codes{"endless_cycle 6:12"});
  CHECK(self[0].message == "segment 'a' asks for itself");
  CHECK(found("segments: {a: 'in_segment(\"b\")', b: contact.x == 1}\n").empty());
}

TEST_CASE("a segment that nobody names is a warning", "[yaml][segments]") {
  const auto found = [](std::string_view rest) {
    return codes(load(fmt::format("campaign: c\n{}", rest), with_lapsed).diagnostics);
  };
  CHECK(found("entry: [host]\nsteps: [{wait: 1h}]\n") == Codes{"?suspicious 7:3"});
  CHECK(found("entry: [{segment: lapsed}]\nsteps: [{wait: 1h}]\n").empty());
  CHECK(found("entry: [{schedule: 0 9 * * *, segment: lapsed}]\nsteps: [{wait: 1h}]\n").empty());
  CHECK(found("entry: [host]\nexits: [{segment: lapsed}]\nsteps: [{wait: 1h}]\n").empty());
  CHECK(found("entry: [host]\nsteps: [{wait: 1h, when: 'in_segment(\"lapsed\")'}]\n").empty());
}

TEST_CASE("the moments at which a segment changes can be computed", "[yaml][segments]") {
  const auto found = [](std::string_view condition) {
    return codes(load("campaign: c\nentry: [{segment: a}]\nsteps: [{wait: 1h}]\n",
                      workspace(fmt::format("segments: {{a: '{}'}}\n", condition)))
                     .diagnostics);
  };
  CHECK(found("ever(\"order\") && since_last(\"order\") >= days(45)").empty());
  CHECK(found("now - timestamp(contact.d) > days(1)").empty());
  CHECK(found("now.getHours() == 9") == Codes{"time_not_solvable 6:20"});
}

TEST_CASE("a schedule is a recurrence that comes some day", "[yaml][entry]") {
  CHECK(codes_of("{schedule: 0 9 * * MON}").empty());
  CHECK(codes_of("{schedule: FREQ=WEEKLY, from: 2026-01-05, at: \"10:00\"}").empty());
  CHECK(codes_of("{schedule: 2026-12-24, at: \"10:00\"}").empty());
  CHECK(codes_of("{schedule: 0 9 * *}") == Codes{"bad_value 2:20"});
  CHECK(codes_of("{schedule: FREQ=HOURLY}") == Codes{"bad_value 2:20"});
  CHECK(codes_of("{schedule: 1d}") == Codes{"bad_value 2:20"});
  CHECK(codes_of("{schedule: FREQ=WEEKLY, from: soon}") == Codes{"bad_value 2:39"});
  CHECK(codes_of("{schedule: 0 9 * * MON, from: 2026-01-05}") == Codes{"bad_value 2:39"});
  CHECK(codes_of("{schedule: 2026-12-24, from: 2026-01-05}") == Codes{"bad_value 2:38"});
  CHECK(codes_of("{schedule: 0 9 * * MON, at: \"10:00\"}") == Codes{"bad_value 2:37"});
  CHECK(codes_of("{schedule: FREQ=DAILY;INTERVAL=7;BYDAY=MO}") == Codes{"?suspicious 2:9"});
  CHECK(codes_of("{schedule: FREQ=DAILY;INTERVAL=7;BYDAY=MO, from: 2026-01-05}").empty());
  CHECK(finding("{schedule: 0 9 30 2 *}").message == "0 9 30 2 * never comes");
  CHECK(finding("{schedule: FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30}").message ==
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30 never comes");
}
