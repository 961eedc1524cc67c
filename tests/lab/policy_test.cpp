// SPDX-License-Identifier: Apache-2.0
// Tests with a policy of their own, and what they expect of messages that are not sent.
#include <string>
#include <vector>

#include "itinera/lab.hpp"
#include "support/catch.hpp"

namespace itinera {
namespace {

// What a test of a campaign that sends an e-mail says; empty if it passes.
std::string verdict(const std::string& head, const std::string& timeline) {
  const std::vector<SourceFile> files{
      {"workspace.yaml", "workspace: shop\nchannels: {email: {address: contact.email}}\n"},
      {"c.yaml",
       "campaign: c\nentry: [{event: begin}]\nsteps:\n  - {send: email, id: a}\n"
       "  - {send: email, id: b}\n"}};
  const std::vector<SourceFile> tests{
      {"t.yaml", head + "test: t\ncampaign: c\ntimeline:\n" + timeline}};
  EngineOptions options;
  options.zones = load_zones().value();
  const TestRun made = run_tests(tests, load_workspace(files), options);
  for (const Diagnostic& each : made.diagnostics) UNSCOPED_INFO(to_text(each));
  REQUIRE(made.reports.size() == 1);
  return to_text(made.reports.front());
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("lab: why something was not sent has a name that there is", "[lab][policy]") {
  const auto expecting = [](const std::string& reason) {
    return verdict("contact: {id: ola}\n",
                   "  - at: 2026-03-02T09:00:00Z\n    event: begin\n"
                   "    expect: [{not_sent: email, reason: " +
                       reason + "}]\n");
  };
  CHECK(expecting("no_address") == "");
  CHECK(holds(expecting("skipped_when"), "not sent email, reason skipped_when did not occur"));
  CHECK(holds(expecting("no_adress"),
              "nothing that refuses a send is called 'no_adress'; did you mean 'no_address'?"));
  // What sends nothing away is no reason.
  CHECK(holds(expecting("emitted"), "nothing that refuses a send is called 'emitted'"));
}

TEST_CASE("lab: a message that is not sent is of the channel that was chosen", "[lab][policy]") {
  const std::vector<SourceFile> files{
      {"workspace.yaml",
       "workspace: shop\nchannels: {email: {address: contact.email}, sms: {address: contact.tel}}\n"
       "policy: {caps: [{max: 0, per: day, channel: sms}]}\n"},
      {"c.yaml",
       "campaign: c\nentry: [{event: begin}]\nsteps:\n  - {send: [email, sms], id: a}\n"}};
  const auto expecting = [&](const std::string& channel) {
    const std::vector<SourceFile> tests{
        {"t.yaml",
         "test: t\ncampaign: c\ncontact: {id: ola, tel: \"48\"}\ntimeline:\n"
         "  - at: 2026-03-02T09:00:00Z\n    event: begin\n    expect: [{not_sent: " +
             channel + ", reason: skipped_cap}]\n"}};
    EngineOptions options;
    options.zones = load_zones().value();
    const TestRun made = run_tests(tests, load_workspace(files), options);
    REQUIRE(made.reports.size() == 1);
    return to_text(made.reports.front());
  };
  CHECK(expecting("sms") == "");
  CHECK(holds(expecting("email"), "not sent email, reason skipped_cap did not occur"));
}

TEST_CASE("lab: a test may have a policy in place of the workspace's", "[lab][policy]") {
  const auto ruled = [](const std::string& policy, const std::string& expected) {
    return verdict(
        "policy: " + policy + "\ncontact: {id: ola, email: ola@example.com}\n",
        "  - at: 2026-03-02T09:00:00Z\n    event: begin\n    expect: " + expected + "\n");
  };
  CHECK(ruled("{}", "[{send: email, count: 2}]") == "");
  CHECK(ruled("{caps: [{max: 1, per: day, channel: email}]}",
              "[{send: email, step: a}, {not_sent: email, step: b, reason: skipped_cap}]") == "");
  CHECK(holds(ruled("{caps: [{max: 1, per: day, channel: emial}]}", "[]"),
              "t.yaml:1:17: error: there is no channel 'emial'"));
}

}  // namespace itinera
