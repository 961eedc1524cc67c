// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

#include "itinera/campaign_builder.hpp"
#include "itinera/time.hpp"
#include "model/model_codec.hpp"
#include "support/catch.hpp"
#include "yaml/shapes.hpp"
#include "yaml/support.hpp"

using namespace itinera;
using namespace itinera::yaml_test;

namespace {

// Formats, and formats that again, which must change nothing.
std::string formatted(const std::string& text) {
  const FormattedFile once = format_yaml({"f.yaml", text});
  if (has_errors(once.diagnostics)) return text_of(once.diagnostics);
  CHECK(format_yaml({"f.yaml", once.text}).text == once.text);
  return once.text;
}

std::vector<SourceFile> yaml_files_below(const std::filesystem::path& folder) {
  std::vector<SourceFile> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".yaml") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    files.push_back({entry.path().string(), {std::istreambuf_iterator<char>(file), {}}});
  }
  return files;
}

// Written and read again; what is wrong with that, or nothing.
std::string lost_in_yaml(const Campaign& campaign) {
  const Result<std::string> text = to_yaml(campaign);
  if (!text) return text.error().message;
  const LoadedWorkspace back = load(*text);
  if (back.campaigns.size() != 1) return "no campaign came back of\n" + *text;
  return model::same_content(back.campaigns.front(), campaign) ? "" : "changed:\n" + *text;
}

}  // namespace

TEST_CASE("fmt: keys in order, quotes where they must be, short things on one line",
          "[yaml][format]") {
  CHECK(formatted(R"(steps:
- template: 'hello'
  data:
     name:  =contact.first_name
     when: "2026-03-02"
     zip: "007"
     n: 007e1
     yes: 'no'
  send: "email"
  when: 'contact.tier == "gold"'
- steps: []
  wait_for:
   - {event: a, steps: [{exit: 'left'}], when: "size(event.x) > 1, 2"}
  id: w
- wait: {days: 'Mon-Fri', time: '09:00'}
entry: [{key: event.id, event: join}]
campaign: c
exits:
  - when: '!contact.vip'
    event: gone
)") == R"(campaign: c
entry:
  - {event: join, key: event.id}
exits:
  - {event: gone, when: "!contact.vip"}
steps:
  - send: email
    when: contact.tier == "gold"
    template: hello
    data: {name: =contact.first_name, when: "2026-03-02", zip: "007", n: 007e1, yes: "no"}
  - id: w
    wait_for:
      - event: a
        when: size(event.x) > 1, 2
        steps:
          - exit: left
    steps: []
  - wait: {time: "09:00", days: Mon-Fri}
)");
}

TEST_CASE("fmt: comments stay with what they speak of", "[yaml][format]") {
  CHECK(formatted(R"(# The head of the file,
# of two lines.

campaign:   c   # its name
topic: "a # b"  # not the one inside
# before the steps

# and after a blank line
steps:


  # first
  - wait: 1h   # an hour
  # second
  - # between
    send: email
    data: {a: 1,  # one
           b: 2}
    # of three
    max_visits: 2
    note: |  # of a block
      # no comment
      at all
  #- exit: old
entry:  # the ways in
  - event: join # joined
# the end
)") == R"(# The head of the file,
# of two lines.

campaign: c # its name
topic: "a # b" # not the one inside
#- exit: old
entry: # the ways in
  - event: join # joined
# before the steps

# and after a blank line
steps:

  # first
  - wait: 1h # an hour
  # second
  # between
  - send: email
    note: | # of a block
      # no comment
      at all
    # of three
    max_visits: 2
    data: {a: 1, b: 2} # one
# the end
)");
}

TEST_CASE("fmt: a file's head stays its head, whichever key comes first", "[yaml][format]") {
  CHECK(formatted("# head\nsteps: [{wait: 1h}]\nentry: [host]\ncampaign: c # name\n") ==
        "# head\ncampaign: c # name\nentry: [host]\nsteps:\n  - wait: 1h\n");
}

TEST_CASE("fmt: documents and their comments stay apart", "[yaml][format]") {
  CHECK(formatted("---\ntest: a\ncampaign: c\ntimeline: []\n# of a\n---\n# of b\ntest: b\n"
                  "campaign: c\nrejects: [{line: 3, code: bad_value}]\n") ==
        "test: a\ncampaign: c\ntimeline: []\n# of a\n---\n# of b\ntest: b\ncampaign: c\n"
        "rejects:\n  - {code: bad_value, line: 3}\n");
}

TEST_CASE("fmt: lines of a test begin with their time and end with what is expected",
          "[yaml][format]") {
  CHECK(formatted(R"(tests:
  - campaign: c
    test: t
    timeline:
      - event: e
        expect: [{step: s, send: email}, finished]
        properties: {a: 1}
        at: 2026-03-02T10:00:00Z
    contact: {email: e@x, id: ola}
)") == R"(tests:
  - test: t
    campaign: c
    contact: {id: ola, email: e@x}
    timeline:
      - at: 2026-03-02T10:00:00Z
        event: e
        properties: {a: 1}
        expect: [{send: email, step: s}, finished]
)");
}

TEST_CASE("fmt: line ends of Windows and its mark go, long lines are spread", "[yaml][format]") {
  const std::string many(60, 'x');
  CHECK(formatted("\xEF\xBB\xBF"
                  "workspace: w\r\ntopics: [" +
                  many + "1, " + many + "2]\r\n") ==
        "workspace: w\ntopics:\n  - " + many + "1\n  - " + many + "2\n");
}

TEST_CASE("fmt: what is no file of ours is refused, and what is no YAML", "[yaml][format]") {
  const auto code = [](const std::string& text) {
    const FormattedFile made = format_yaml({"f.yaml", text});
    CHECK(made.text.empty());
    return codes(made.diagnostics);
  };
  CHECK(code("a: 1\n") == std::vector<std::string>{"missing_key 1:1"});
  CHECK(code("# nothing\n") == std::vector<std::string>{"missing_key 1:1"});
  CHECK(code("campaign: c\nsteps: [\n").size() == 1);
  CHECK(code("campaign: !x c\n") == std::vector<std::string>{"yaml_feature 1:11"});
  CHECK(code("campaign: c\ncampaign: d\n") == std::vector<std::string>{"duplicate_key 2:1"});
}

TEST_CASE("fmt: every file of the project keeps its content and every comment",
          "[yaml][format][examples]") {
  const std::filesystem::path root = ITINERA_SOURCE_DIR;
  std::vector<SourceFile> files = yaml_files_below(root / "examples");
  for (SourceFile& file : yaml_files_below(root / "tests/scenarios")) {
    files.push_back(std::move(file));
  }
  REQUIRE(files.size() > 20);
  for (const SourceFile& file : files) {
    INFO(file.path);
    const FormattedFile once = format_yaml(file);
    CHECK(text_of(once.diagnostics).empty());
    CHECK(format_yaml({file.path, once.text}).text == once.text);
    const auto hashes = [](const std::string& text) {
      return std::count(text.begin(), text.end(), '#');
    };
    CHECK(hashes(once.text) == hashes(file.text));
    const LoadedWorkspace before = load_workspace(std::vector<SourceFile>{file});
    const LoadedWorkspace after = load_workspace(std::vector<SourceFile>{{file.path, once.text}});
    REQUIRE(before.campaigns.size() == after.campaigns.size());
    for (std::size_t i = 0; i < before.campaigns.size(); ++i) {
      CHECK(model::same_content(before.campaigns[i], after.campaigns[i]));
      CHECK(lost_in_yaml(before.campaigns[i]).empty());
    }
  }
}

TEST_CASE("fmt: every key of lists and mappings says what stands behind it", "[yaml][format]") {
  const auto look_at = [](const yaml::Table& table) {
    for (const yaml::Field& field : table.fields) {
      const bool nests = field.expects == yaml::Expects::list ||
                         field.expects == yaml::Expects::mapping ||
                         field.expects == yaml::Expects::any;
      if (!nests || !field.later.empty() || !field.elsewhere.empty()) continue;
      INFO("give shapes.cpp a row for the key `" << field.key << "` of " << table.name);
      CHECK(yaml::shape_of(table, field) != nullptr);
    }
  };
  for (const yaml::Table* table :
       {&yaml::workspace_table,   &yaml::channel_table,   &yaml::limits_table,
        &yaml::campaign_table,    &yaml::entry_table,     &yaml::entry_cap_table,
        &yaml::ramp_table,        &yaml::goal_table,      &yaml::exit_table,
        &yaml::wait_form_table,   &yaml::wait_case_table, &yaml::audience_form_table,
        &yaml::branch_case_table, &yaml::strand_table,    &yaml::retry_table,
        &yaml::variant_table,     &yaml::test_table,      &yaml::contact_table,
        &yaml::policy_table,      &yaml::rejection_table, &yaml::alias_table,
        &yaml::line_table,        &yaml::suppress_table,  &yaml::merge_table}) {
    look_at(*table);
  }
  for (const auto tables : {yaml::step_tables(), yaml::line_tables(), yaml::expect_tables()}) {
    for (const yaml::Table& table : tables) look_at(table);
  }
}

TEST_CASE("to_yaml: every kind of step says itself", "[yaml][format]") {
  Sequence steps;
  steps
      .send("email", {.id = "a",
                      .when = "contact.x > 1",
                      .note = "of: a # note",
                      .template_name = "t",
                      .data = {{"n", 1.0}, {"cel", "=contact.x"}}})
      .wait("1h30m", {.anchor = Wait::Anchor::entry})
      .wait_until("entry.day", {.offset = "-3d",
                                .at = "09:00",
                                .zone = "Europe/Paris",
                                .if_past = Wait::IfPast::skip,
                                .on_missing = Wait::OnMissing::go_on})
      .wait_until_time("08:15", {.days = "Mon,Wed", .if_past = Wait::IfPast::next})
      .wait_for(opened("a"), {.within = "24h", .otherwise = Sequence().exit("gone")})
      .branch({{.when = "contact.x == 1", .steps = Sequence().go_to("a")}},
              {.otherwise = Sequence().set({{"journey.v", "=1 + 1"}, {"tier", "gold"}})})
      .split({{.variant = "x", .weight = 1}, {.variant = "y", .weight = 2}}, {.seed = "s"})
      .split({{.variant = "x", .weight = 1}, {.variant = "y", .weight = 2}},
             {.hash = Split::Hash::optimizely,
              .coverage = "12.5%",
              .space = SplitSpace{"checkout", 0, 2'550}})
      .reach_goal("g", {.value = "2.0"})
      .exit("");
  Campaign campaign = CampaignBuilder("c")
                          .on_event("join", {.when = "event.a > 1", .key = "event.id"})
                          .goal("g", {.value = "1.0", .within = "7d", .exits = true})
                          .steps(steps)
                          .build()
                          .value();
  campaign.priority = 7;
  campaign.reentry = {Reentry::Kind::after, 36 * hour_ms, true};
  campaign.while_running = WhileRunning::another;
  campaign.note = "Lines\nof a note\n";
  CHECK(lost_in_yaml(campaign).empty());
}

TEST_CASE("to_yaml: every kind of entry, and a cap", "[yaml][format]") {
  Campaign campaign =
      CampaignBuilder("c").on_event("join").steps(Sequence().send("email")).build().value();
  campaign.entries.resize(6);
  campaign.entries[1].kind = Entry::Kind::host;
  Entry& segment = campaign.entries[2];
  segment.kind = Entry::Kind::segment;
  segment.segment = "lapsed";
  segment.change = Entry::Change::leaves;
  segment.existing = Entry::Existing::enter;
  segment.ramp = Ramp{hour_ms, 500};
  segment.when.text = "contact.vip";
  Entry& date = campaign.entries[3];
  date.kind = Entry::Kind::date;
  date.date.text = "contact.birthday";
  date.yearly = true;
  date.offset.days = -3;
  date.at_ms = 8 * hour_ms + 30 * minute_ms;
  date.zone = "Europe/Paris";
  Entry& schedule = campaign.entries[4];
  schedule.kind = Entry::Kind::schedule;
  schedule.schedule = "0 9 * * MON,WED";
  schedule.segment = "lapsed";
  schedule.from = "2026-01-01";
  schedule.ramp = Ramp{90'000, 2};
  campaign.entries[5].kind = Entry::Kind::schedule;
  campaign.entries[5].schedule = "FREQ=MONTHLY;BYDAY=-1FR";
  campaign.entry_cap = {1'000, 45};
  campaign.exits.resize(1);
  campaign.exits[0].trigger.kind = Trigger::Kind::segment;
  campaign.exits[0].trigger.segment = "lapsed";
  campaign.exits[0].trigger.leaves = true;
  CHECK(lost_in_yaml(campaign) == "");
}

TEST_CASE("to_yaml: unusual texts come back as they went", "[yaml][format][hostile]") {
  for (const std::string text : {"yes",
                                 "NO",
                                 "09:00",
                                 "2026-03-02",
                                 "007",
                                 "1e3",
                                 ".5",
                                 "-",
                                 "- a",
                                 "? a",
                                 ": a",
                                 "a: b",
                                 "a #b",
                                 "#a",
                                 "a:",
                                 " a",
                                 "a ",
                                 "'a'",
                                 "\"a\"",
                                 "{a",
                                 "a}",
                                 "[a]",
                                 "a, b",
                                 "&a",
                                 "*a",
                                 "!a",
                                 "%a",
                                 "@a",
                                 "`a",
                                 "|",
                                 ">",
                                 "a\nb",
                                 "a\n",
                                 "\na",
                                 "a\n\n",
                                 " a\nb",
                                 "a\n b",
                                 "a\tb",
                                 "\x01",
                                 "null",
                                 "~",
                                 "true",
                                 "0x1F",
                                 "=",
                                 "<<",
                                 "---",
                                 "...",
                                 "\xC3\xA9",
                                 "a\xE2\x80\xA8z",
                                 "\xEF\xBB\xBF",
                                 "a\r\nb",
                                 "y",
                                 "1_000",
                                 "+1",
                                 "0b1",
                                 "12:30:45",
                                 "a\\b",
                                 "it's \"both\""}) {
    CAPTURE(text);
    Campaign campaign = CampaignBuilder("c")
                            .on_event("join")
                            .steps(Sequence().send("email", {.id = "a", .data = {{"x", text}}}))
                            .build()
                            .value();
    auto& datum = std::get<Send>(campaign.steps[0].kind).data[0];
    datum.expression = {};
    datum.literal = text == "=" ? Value("a=") : Value(text);
    campaign.note = text;
    CHECK(lost_in_yaml(campaign) == "");
    datum.literal = Value(Value::List{text == "=" ? Value("x") : Value(text), Value(1), Value()});
    CHECK(lost_in_yaml(campaign) == "");
  }
}

TEST_CASE("to_yaml: what the format has no words for is refused", "[yaml][format][hostile]") {
  Campaign campaign =
      CampaignBuilder("c").on_event("join").steps(Sequence().send("email")).build().value();
  auto& send = std::get<Send>(campaign.steps[0].kind);
  for (const Value& literal : {Value("=contact.x"), Value(Timestamp{}), Value("\xFF"),
                               Value(std::numeric_limits<double>::infinity())}) {
    send.data = {{.name = "x", .literal = literal}};
    const Result<std::string> text = to_yaml(campaign);
    REQUIRE_FALSE(text);
    CHECK(text.error().code == ErrorCode::invalid_argument);
  }
  send.data.clear();
  for (int depth = 0; depth < 200; ++depth) {
    Step outer;
    outer.kind = Branch{{}, std::move(campaign.steps)};
    campaign.steps = {};
    campaign.steps.push_back(std::move(outer));
  }
  REQUIRE_FALSE(to_yaml(campaign));
}

TEST_CASE("to_yaml: workspaces", "[yaml][format]") {
  Workspace workspace = load(campaign("  - wait: 1h\n")).workspace;
  workspace.topics = {"news", "on"};
  workspace.dedupe_ms = 3 * day_ms;
  workspace.min_loop_wait_ms = 90'000;
  workspace.segments = {{"lapsed", {"since_last(\"order\") >= days(45)", {}}, {}}};
  CHECK(to_yaml(workspace).value() ==
        "workspace: shop\nzone: Europe/Warsaw\nchannels:\n"
        "  email: {address: contact.email, consent: none}\n"
        "  sms: {address: contact.phone, consent: none}\n"
        "topics: [news, \"on\"]\nsegments:\n  lapsed: since_last(\"order\") >= days(45)\n"
        "limits: {min_loop_wait: 1m30s, dedupe: 3d}\n");
}
