// SPDX-License-Identifier: Apache-2.0
// A user who names one member of a public struct is not warned of those left out: this file is
// compiled with -Wextra -Werror.
#include "itinera/campaign_builder.hpp"
#include "itinera/engine.hpp"
#include "itinera/funnel.hpp"
#include "itinera/lab.hpp"
#include "itinera/runtime.hpp"
#include "itinera/story.hpp"
#include "itinera/yaml.hpp"
#include "support/catch.hpp"

using namespace itinera;

TEST_CASE("public structs: steps may be written by naming what is meant", "[model][face]") {
  const Steps nested{{.id = "a"}, {.id = "b", .kind = Exit{.reason = "done"}}};
  const WaitFor wait{.cases = {{.trigger = {.event = "paid"}}, {.trigger = {}, .steps = nested}},
                     .then = nested};
  const Branch branch{.cases = {{.when = {.text = "true"}}}};
  const Split split{.variants = {{.name = "x", .weight = 1}, {.name = "y", .steps = nested}}};
  const Wait until{.form = Wait::Until{.instant = {.text = "now"}}};
  const Campaign campaign{
      .name = "c",
      .entries = {{.event = "join"}},
      .goals = {{.name = "g"}},
      .exits = {{.trigger = {.event = "leave"}}},
      .steps = {{.id = "w", .kind = wait}, {.kind = branch}, {.kind = split}, {.kind = until}}};
  CHECK(campaign.steps.size() == 4);
  CHECK(wait.cases[0].steps.empty());
  CHECK(wait.cases[1].steps[1].id == "b");
  CHECK(wait.otherwise.empty());
  CHECK(std::get<Split>(campaign.steps[2].kind).variants[0].steps.empty());
}

TEST_CASE("public structs: so may all the others", "[model][face]") {
  [[maybe_unused]] const Send send{.channel = "email"};
  [[maybe_unused]] const Wait::TimeOfDay time{.ms_of_day = 1};
  [[maybe_unused]] const Datum datum{.name = "total"};
  [[maybe_unused]] const ReachGoal goal{.goal = "order"};
  [[maybe_unused]] const Reentry reentry{.kind = Reentry::Kind::never};
  [[maybe_unused]] const Workspace workspace{.name = "shop", .channels = {{.name = "email"}}};
  [[maybe_unused]] const Diagnostic diagnostic{.severity = Severity::warning};
  [[maybe_unused]] const SourceLocation location{.file = "f"};
  [[maybe_unused]] const WordPlace place{.key = "k"};
  [[maybe_unused]] const Limits limits{.campaigns = 1};
  [[maybe_unused]] const Envelope envelope{.message_id = "m"};
  [[maybe_unused]] const Event event{.name = "join"};
  [[maybe_unused]] const Identify identify{.contact = "ola"};
  [[maybe_unused]] const Alias alias{.previous = "x"};
  [[maybe_unused]] const Report report{.hard = false};
  [[maybe_unused]] const Enter enter{.campaign = "c"};
  [[maybe_unused]] const Stop stop{.campaign = "c"};
  [[maybe_unused]] const Action action{.contact = "ola"};
  [[maybe_unused]] const Output output{.actions = {}};
  [[maybe_unused]] const Refusal refusal{.index = 1};
  [[maybe_unused]] const EngineOptions options{.limits = {}};
  [[maybe_unused]] const Statistics statistics{.inputs = 1};
  [[maybe_unused]] const Happening happening{.what = "entered"};
  [[maybe_unused]] const Chapter chapter{.input = "event"};
  [[maybe_unused]] const SourceFile file{.path = "f"};
  [[maybe_unused]] const LoadedWorkspace loaded{.workspace = {}};
  [[maybe_unused]] const TestFailure failure{.message = "m"};
  [[maybe_unused]] const TestReport tested{.name = "t"};
  [[maybe_unused]] const TestRun run{.diagnostics = {}};
  [[maybe_unused]] const Property property{.name = "p"};
  [[maybe_unused]] const MapEntry entry{.key = 1};
  [[maybe_unused]] const Period period{.ms = 1};
  [[maybe_unused]] const WaitForOptions wait_for{.within = "1h"};
  [[maybe_unused]] const WaitForCase way{.when = "true"};
  [[maybe_unused]] const BranchWay branch{.when = "true"};
  [[maybe_unused]] const SplitWay split{.variant = "x"};
  [[maybe_unused]] const GoalOptions of_goal{.value = "1"};
  [[maybe_unused]] const SegmentEntryOptions segment{.change = Entry::Change::leaves};
  [[maybe_unused]] const DateEntryOptions date{.yearly = true};
  [[maybe_unused]] const ScheduleEntryOptions schedule{.at = "09:00"};
  [[maybe_unused]] const SchemaField field{.name = "tier"};
  [[maybe_unused]] const EventSchema listed{.name = "join"};
  [[maybe_unused]] const Schema schema{.events = {{.name = "join"}}};
  [[maybe_unused]] const Retain retain{.events = {{.name = "join", .window_ms = 1}}};
  [[maybe_unused]] const Segment lapsed{.name = "lapsed"};
  [[maybe_unused]] const EntryCap cap{.total = 1};
  SUCCEED();
}
