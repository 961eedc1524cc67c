// SPDX-License-Identifier: Apache-2.0
// docs/steps.md has a section for each entry and each kind of step, which names all of its keys,
// and whose snippets can be loaded.
#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <map>

#include "support/catch.hpp"
#include "yaml/support.hpp"
#include "yaml/tables.hpp"

using namespace itinera;

namespace {

using Sections = std::map<std::string, std::string, std::less<>>;

std::string page() {
  std::ifstream file(std::string(ITINERA_SOURCE_DIR) + "/docs/steps.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

// What stands below each "## title".
Sections sections_of(std::string_view text) {
  constexpr std::string_view mark = "\n## ";
  Sections sections;
  for (std::size_t at = text.find(mark); at != std::string_view::npos;) {
    const std::size_t title = at + mark.size();
    const std::size_t line = text.find('\n', title);
    at = text.find(mark, line);
    sections.emplace(text.substr(title, line - title), text.substr(line, at - line));
  }
  return sections;
}

std::vector<std::string> snippets_of(std::string_view text) {
  constexpr std::string_view begin = "```yaml\n";
  std::vector<std::string> snippets;
  for (std::size_t at = text.find(begin); at != std::string_view::npos; at = text.find(begin, at)) {
    at += begin.size();
    snippets.emplace_back(text.substr(at, text.find("```", at) - at));
  }
  return snippets;
}

std::string indented(const std::string& text) {
  std::string result = "  ";
  for (const char c : text) {
    result += c;
    if (c == '\n') result += "  ";
  }
  return result;
}

}  // namespace

TEST_CASE("the page of entries and steps has a section for each, which names all keys",
          "[yaml][docs]") {
  const Sections sections = sections_of(page());
  for (const yaml::Table& table : yaml::step_tables()) {
    INFO(table.name);
    if (!table.later.empty()) continue;
    const auto section = sections.find(table.kind);
    REQUIRE(section != sections.end());
    for (const yaml::Field& field : table.fields) {
      const bool common = field.key == "id" || field.key == "when" || field.key == "note" ||
                          field.key == "max_visits";
      INFO(field.key);
      if (field.later.empty() && !common) {
        CHECK(section->second.find(fmt::format("`{}`", field.key)) != std::string::npos);
      }
    }
  }
}

// What an entry of a kind takes is found out by loading one with the key.
TEST_CASE("of each kind of entry the page names the keys that the reader takes, and no other",
          "[yaml][docs]") {
  const std::map<std::string_view, std::string_view> kinds{{"event", "joined"},
                                                           {"segment", "buyers"},
                                                           {"date", "contact.birthday"},
                                                           {"schedule", "FREQ=DAILY"}};
  const std::map<std::string_view, std::string_view> values{
      {"segment", "buyers"}, {"change", "leaves"}, {"existing", "enter"},
      {"every", "year"},     {"offset", "-3d"},    {"ramp", "{per: hour, max: 5}"},
      {"at", "\"10:00\""},   {"zone", "UTC"},      {"from", "2026-01-01"}};
  const Sections sections = sections_of(page());
  CHECK(sections.contains("host"));
  for (const auto& [kind, named] : kinds) {
    INFO(kind);
    const auto section = sections.find(kind);
    REQUIRE(section != sections.end());
    const std::string& text = section->second;
    CHECK(text.find(fmt::format("| `{}` |", kind)) != std::string::npos);
    for (const yaml::Field& field : yaml::entry_table.fields) {
      const bool common = field.key == "when" || field.key == "key" || field.key == "host";
      if (common || field.key == kind) continue;
      const auto value = values.find(field.key);
      if (kinds.contains(field.key) && value == values.end()) continue;  // another kind
      INFO(field.key);
      REQUIRE(value != values.end());
      const std::string campaign =
          fmt::format("campaign: c\nentry: [{{{}: {}, {}: {}}}]\nsteps: [{{send: email}}]\n", kind,
                      named, field.key, value->second);
      const LoadedWorkspace loaded =
          load_workspace(std::vector<SourceFile>{{"w.yaml",
                                                  "workspace: w\n"
                                                  "channels: {email: {address: contact.email}}\n"
                                                  "segments: {buyers: 'ever(\"bought\")'}\n"},
                                                 {"c.yaml", campaign}});
      CHECK(!has_errors(loaded.diagnostics) ==
            (text.find(fmt::format("| `{}` |", field.key)) != std::string::npos));
    }
  }
}

TEST_CASE("what the page of entries and steps shows can be loaded", "[yaml][docs]") {
  const std::string workspace =
      "workspace: w\n"
      "channels: {email: {address: contact.email}, sms: {address: contact.phone},\n"
      "           push: {address: contact.push_token}, linkedin: {address: contact.linkedin}}\n"
      "senders: {anna: {channel: linkedin, quota: {per: day, invite: 20}}, ben: {channel: "
      "linkedin}}\n"
      "segments: {lapsed: 'since_last(\"order_placed\") > days(90)', buyers: "
      "'ever(\"order_placed\")'}\n";
  const std::string other = "campaign: other\nentry: [host]\nsteps: [{send: email}]\n";
  std::size_t count = 0;
  for (const auto& [title, text] : sections_of(page())) {
    for (const std::string& snippet : snippets_of(text)) {
      const bool entry = snippet.starts_with("entry:");
      const std::string campaign =
          entry ? fmt::format("campaign: c\n{}steps: [{{send: email}}]\n", snippet)
                : fmt::format(
                      "campaign: c\nentry: [{{event: go}}]\ngoals: {{paid: {{}}}}\nsteps:\n{}",
                      indented(snippet));
      const LoadedWorkspace loaded = load_workspace(std::vector<SourceFile>{
          {"workspace.yaml", workspace}, {"c.yaml", campaign}, {"other.yaml", other}});
      INFO(title);
      for (const Diagnostic& finding : loaded.diagnostics) {
        INFO(to_text(finding));
        CHECK(finding.severity == Severity::warning);
      }
      ++count;
    }
  }
  CHECK(count >= yaml::step_tables().size());
}
