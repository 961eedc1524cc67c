// SPDX-License-Identifier: Apache-2.0
// How long until so many have passed a step: by accounts, by a ramp, and what holds them up.
#include "itinera/forecast.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"

using namespace itinera;

namespace {

EngineOptions options() {
  EngineOptions result;
  result.zones = load_zones().value();
  return result;
}

// Of `contacts` that come on Monday, 2 March 2026, at midnight UTC.
Result<Forecast> asked(const std::string& workspace, const std::string& campaign,
                       std::uint32_t contacts, const ForecastQuestion& question = {},
                       const std::string& other = {}) {
  std::vector<SourceFile> files{{"w.yaml", workspace}, {"c.yaml", campaign}};
  if (!other.empty()) files.push_back({"other.yaml", other});
  const LoadedWorkspace loaded = load_workspace(files);
  for (const Diagnostic& each : loaded.diagnostics) {
    UNSCOPED_INFO(to_text(each));
    REQUIRE(each.severity != Severity::error);
  }
  SimulationPlan world = plan_for(loaded.workspace, loaded.campaigns);
  world.contacts = contacts;
  world.start = Instant{1'772'409'600'000};
  return forecast(loaded.workspace, loaded.campaigns, world, question, options());
}

std::string text(Instant t) { return to_text(t); }

const std::string campaign =
    "campaign: c\nentry: [{event: go}]\nsteps:\n"
    "  - {send: linkedin, id: invite, sender: [anna, ben], operation: invite}\n";

std::string workspace(const std::string& rules) {
  return "workspace: w\nchannels: {linkedin: {address: contact.linkedin}}\nsenders:\n  anna: "
         "{channel: linkedin, " +
         rules + "}\n  ben: {channel: linkedin, " + rules + "}\n";
}

}  // namespace

TEST_CASE("forecast: a quota fills days, and is what holds contacts up", "[lab][forecast]") {
  const Result<Forecast> made = asked(
      workspace("quota: {per: day, invite: 10}, hours: \"Mon-Fri 09:00-17:00\""), campaign, 50);
  REQUIRE(made);
  CHECK(made->campaign == "c");
  CHECK(made->step == "invite");
  CHECK(made->passed == 50);
  CHECK(text(made->first.value()) == "2026-03-02T09:00:00Z");
  CHECK(text(made->half.value()) == "2026-03-03T09:00:00Z");
  CHECK(text(made->last.value()) == "2026-03-04T09:00:00Z");
  REQUIRE(made->days.size() == 3);
  CHECK(made->days[0].sent == std::vector<std::uint64_t>{10, 10});
  CHECK(made->days[0].full == std::vector<bool>{true, true});
  CHECK(made->days[2].passed == 10);
  CHECK(made->days[2].full == std::vector<bool>{false, false});
  // Without the quota all of them go at nine; without the hours each day begins at midnight.
  REQUIRE(made->limits.size() == 2);
  CHECK(made->limits[0].name == "quota invite");
  CHECK(text(made->limits[0].last.value()) == "2026-03-02T09:00:00Z");
  CHECK(made->limits[1].name == "hours of the senders");
  CHECK(text(made->limits[1].last.value()) == "2026-03-04T00:00:00Z");
}

TEST_CASE("forecast: the days of a warm-up, and a rate", "[lab][forecast]") {
  const Result<Forecast> warm = asked(workspace("warm_up: {day: [2, 4]}"), campaign, 20);
  REQUIRE(warm);
  REQUIRE(warm->days.size() == 3);
  CHECK(warm->days[0].passed == 4);
  CHECK(warm->days[1].passed == 8);
  CHECK(warm->days[1].full == std::vector<bool>{true, true});
  CHECK(warm->days[2].passed == 8);
  CHECK(warm->days[2].full == std::vector<bool>{false, false});
  REQUIRE(warm->limits.size() == 1);
  CHECK(warm->limits[0].name == "warm-up");

  const Result<Forecast> slow = asked(workspace("rate: 1/m"), campaign, 20);
  REQUIRE(slow);
  CHECK(text(slow->last.value()) == "2026-03-02T00:09:00Z");
  REQUIRE(slow->limits.size() == 1);
  CHECK(slow->limits[0].name == "rate");
}

TEST_CASE("forecast: a ramp, a wait before the step, and who never comes to it",
          "[lab][forecast]") {
  const std::string shop =
      "workspace: w\nchannels: {email: {address: contact.email}}\n"
      "segments: {all: 'contact.email != \"\"'}\n";
  const Result<Forecast> ramp =
      asked(shop,
            "campaign: c\nentry: [{segment: all, ramp: {per: hour, max: 4}}]\nsteps:\n"
            "  - wait: 1d\n  - {send: email, id: hello}\n",
            10, {"", "hello"});
  REQUIRE(ramp);
  CHECK(text(ramp->first.value()) == "2026-03-03T00:00:00Z");
  CHECK(text(ramp->last.value()) == "2026-03-03T02:00:00Z");
  REQUIRE(ramp->limits.size() == 1);
  CHECK(ramp->limits[0].name == "ramp of the entry");

  const Result<Forecast> never =
      asked(shop,
            "campaign: c\nentry: [host]\nsteps:\n"
            "  - wait_for: {event: accepted}\n    within: 1d\n    then:\n"
            "      - {send: email, id: hello}\n",
            10, {"c", "hello"});
  REQUIRE(never);
  CHECK(never->passed == 0);
  CHECK(never->ended == 10);
  CHECK(!never->last);
  CHECK(to_text(*never, *options().zones).find("10 end without it") != std::string::npos);
}

TEST_CASE("forecast: where nobody passes, what stands in the way is named", "[lab][forecast]") {
  const Result<Forecast> made =
      asked(workspace("quota: {per: day, invite: 0}, hours: \"Mon-Fri 09:00-17:00\""), campaign, 5);
  REQUIRE(made);
  CHECK(made->passed == 0);
  REQUIRE(made->limits.size() == 1);
  CHECK(made->limits[0].name == "quota invite");
  CHECK(text(made->limits[0].last.value()) == "2026-03-02T09:00:00Z");
  CHECK(to_text(*made, *options().zones).find("quota invite") != std::string::npos);
}

TEST_CASE("forecast: what cannot be answered is told", "[lab][forecast]") {
  const auto complaint = [](std::uint32_t contacts, const ForecastQuestion& question) {
    const Result<Forecast> made = asked(workspace("rate: 1/m"),
                                        "campaign: c\nentry: [{event: go}]\nsteps:\n"
                                        "  - {wait: 1d, id: pause}\n  - {send: linkedin, id: hi}\n",
                                        contacts, question);
    return made ? std::string() : made.error().message;
  };
  CHECK(complaint(1, {"", "hi"}) == "");
  CHECK(complaint(0, {"", "hi"}) == "`contacts` goes from 1 to 100000");
  CHECK(complaint(100'001, {"", "hi"}) == "`contacts` goes from 1 to 100000");
  CHECK(complaint(1, {"", "pause"}) == "step 'pause' is no send, call or task");
  CHECK(complaint(1, {}).find("no campaign with a send that names its senders") !=
        std::string::npos);
  CHECK(complaint(1, {"d", "hi"}).find("no campaign 'd' with a step 'hi'") != std::string::npos);
}

TEST_CASE("forecast: of several versions it is the highest that counts", "[lab][forecast]") {
  const auto version = [](int number, const std::string& id) {
    return "campaign: c\nversion: " + std::to_string(number) +
           "\nentry: [{event: go}]\nsteps:\n  - {send: linkedin, id: " + id + "}\n";
  };
  const std::string plain = "workspace: w\nchannels: {linkedin: {address: contact.linkedin}}\n";
  const Result<Forecast> gone = asked(plain, version(2, "mail"), 1, {"", "mail"}, version(3, "hi"));
  REQUIRE_FALSE(gone);
  CHECK(gone.error().message.find("no campaign with a step 'mail' in its highest version") !=
        std::string::npos);
  CHECK_FALSE(asked(plain, version(2, "mail"), 1, {"c", "mail"}, version(3, "hi")));
  CHECK(asked(plain, version(2, "mail"), 1, {"c", "hi"}, version(3, "hi")));
}
