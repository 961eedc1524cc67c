// SPDX-License-Identifier: Apache-2.0
// What the pages of docs/ show of files can be loaded, and the tests among it pass.
#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "itinera/lab.hpp"
#include "itinera/simulation.hpp"
#include "support/catch.hpp"

using namespace itinera;

namespace {

std::vector<std::string> snippets_of(const std::string& page) {
  std::ifstream file(fmt::format("{}/docs/{}", ITINERA_SOURCE_DIR, page));
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  constexpr std::string_view begin = "```yaml\n";
  std::vector<std::string> snippets;
  for (std::size_t at = text.find(begin); at != std::string::npos; at = text.find(begin, at)) {
    at += begin.size();
    snippets.push_back(text.substr(at, text.find("```", at) - at));
  }
  return snippets;
}

std::string indented(const std::string& text) {
  std::string result = "  ";
  for (const char c : text) result += c == '\n' ? "\n  " : std::string(1, c);
  return result;
}

// Whether a line begins with the key.
bool begins(const std::string& snippet, std::string_view key) {
  return snippet.starts_with(key) || snippet.find(fmt::format("\n{}", key)) != std::string::npos;
}

// A workspace with what the snippet leaves out. Where it says which channels or attributes there
// are, there are no others.
std::string workspace_with(const std::string& snippet) {
  std::string text = "workspace: w\ntopics: [marketing, news]\n" + snippet;
  const bool has_channels = begins(snippet, "channels:");
  if (begins(snippet, "schema:")) return text + "channels: {email: {address: contact.email}}\n";
  if (!has_channels) {
    text +=
        "channels: {email: {address: contact.email}, sms: {address: contact.phone},\n"
        "           push: {address: contact.push_token}, linkedin: {address: contact.li}}\n";
  }
  if (!has_channels && !begins(snippet, "senders:")) {
    text += "senders: {anna: {channel: linkedin}, ben: {channel: linkedin}}\n";
  }
  if (!begins(snippet, "policy:")) text += "policy: {exclusive: {onboarding: wait}}\n";
  return text;
}

// As campaign-tests.md and policy.md suppose them.
constexpr std::string_view cart =
    "campaign: cart-recovery\n"
    "entry: [{event: cart_abandoned, key: event.cart_id}]\n"
    "steps:\n"
    "  - wait: 1h\n"
    "  - {send: email, id: reminder, data: {total: =entry.total}}\n"
    "  - wait_for: {opened: reminder}\n"
    "    within: 2d\n"
    "    then: [{send: push, template: cart-offer}]\n"
    "  - wait: 1d\n";
constexpr std::string_view reminders =
    "campaign: reminders\nentry: [{event: joined}]\nsteps:\n"
    "  - wait: 1h\n  - {send: sms, id: a}\n  - wait: 1h\n  - {send: sms, id: b}\n";

Diagnostics findings_of(const std::string& snippet) {
  constexpr std::string_view entry = "entry: [{event: go}]\n";
  constexpr std::string_view head = "campaign: c\n";
  constexpr std::string_view steps = "steps: [{send: email}]\n";
  if (snippet.starts_with("simulation:")) {
    return load_simulation({"simulation.yaml", snippet}).diagnostics;
  }
  std::string workspace = workspace_with({});
  std::string campaign = fmt::format("{}{}{}", head, entry, steps);
  if (begins(snippet, "campaign:")) {
    campaign = snippet;
  } else if (snippet.starts_with("- ")) {
    campaign = fmt::format("{}{}steps:\n{}", head, entry, indented(snippet));
  } else if (begins(snippet, "steps:")) {
    campaign = fmt::format("{}{}{}", head, entry, snippet);
  } else if (begins(snippet, "exclusive:") || begins(snippet, "exits:")) {
    campaign = fmt::format("{}{}{}{}", head, snippet, entry, steps);
  } else {
    workspace = workspace_with(snippet);
  }
  return load_workspace(
             std::vector<SourceFile>{{"workspace.yaml", workspace}, {"c.yaml", campaign}})
      .diagnostics;
}

TestRun run(const std::string& snippet) {
  const std::vector<SourceFile> files{{"workspace.yaml", workspace_with({})},
                                      {"cart.yaml", std::string(cart)},
                                      {"reminders.yaml", std::string(reminders)}};
  EngineOptions options;
  options.zones = load_zones().value();
  return run_tests(std::vector<SourceFile>{{"test.yaml", snippet}}, load_workspace(files), options);
}

}  // namespace

TEST_CASE("what the pages show of files can be loaded, and its tests pass", "[lab][docs]") {
  std::size_t tests = 0;
  std::size_t others = 0;
  for (const char* const page :
       {"campaign-yaml.md", "campaign-tests.md", "command-line.md", "policy.md", "time.md"}) {
    const std::vector<std::string> snippets = snippets_of(page);
    INFO(page);
    CHECK(!snippets.empty());
    for (const std::string& snippet : snippets) {
      INFO(snippet);
      if (snippet.starts_with("test:")) {
        const TestRun made = run(snippet);
        for (const Diagnostic& each : made.diagnostics) UNSCOPED_INFO(to_text(each));
        REQUIRE(made.reports.size() == 1);
        CHECK(to_text(made.reports.front()) == "");
        CHECK(made.passed());
        ++tests;
        continue;
      }
      for (const Diagnostic& each : findings_of(snippet)) {
        INFO(to_text(each));
        CHECK(each.severity == Severity::warning);
      }
      ++others;
    }
  }
  CHECK(tests >= 2);
  CHECK(others >= 10);
}
