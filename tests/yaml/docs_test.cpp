// SPDX-License-Identifier: Apache-2.0
// docs/campaign-yaml.md names every key of the tables that the reader reads by.
#include <fstream>
#include <iterator>

#include "support/catch.hpp"
#include "yaml/support.hpp"
#include "yaml/tables.hpp"

using namespace itinera;

namespace {

// Whether `part` has `key` in a piece of code: between backticks, as a word.
bool names(std::string_view part, std::string_view key) {
  const auto is_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
  };
  for (std::size_t at = part.find(key); at != std::string_view::npos; at = part.find(key, at + 1)) {
    const std::string_view before = part.substr(0, at);
    const bool in_code = std::count(before.begin(), before.end(), '`') % 2 == 1;
    const std::size_t end = at + key.size();
    if (in_code && !is_word(part[at - 1]) && (end == part.size() || !is_word(part[end]))) {
      return true;
    }
  }
  return false;
}

}  // namespace

TEST_CASE("the reference page names every key, and what is not there yet", "[yaml][docs]") {
  std::ifstream file(std::string(ITINERA_SOURCE_DIR) + "/docs/campaign-yaml.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  const std::size_t later_at = page.find("## Not yet\n");
  REQUIRE(later_at != std::string::npos);
  const std::string_view now = std::string_view(page).substr(0, later_at);
  const std::string_view later = std::string_view(page).substr(later_at);

  std::vector<const yaml::Table*> tables{
      &yaml::workspace_table,  &yaml::channel_table,     &yaml::limits_table,
      &yaml::schema_table,     &yaml::retain_table,      &yaml::campaign_table,
      &yaml::entry_table,      &yaml::ramp_table,        &yaml::entry_cap_table,
      &yaml::goal_table,       &yaml::exit_table,        &yaml::wait_form_table,
      &yaml::wait_case_table,  &yaml::branch_case_table, &yaml::strand_table,
      &yaml::retry_table,      &yaml::variant_table,     &yaml::test_table,
      &yaml::contact_table,    &yaml::rejection_table,   &yaml::alias_table,
      &yaml::line_table,       &yaml::policy_table,      &yaml::quiet_hours_table,
      &yaml::cap_table,        &yaml::holdout_table,     &yaml::sender_table,
      &yaml::quota_table,      &yaml::warm_up_table,     &yaml::escalate_table,
      &yaml::suppress_table,   &yaml::merge_table,       &yaml::brake_table,
      &yaml::split_space_table};
  for (const auto group : {yaml::step_tables(), yaml::line_tables(), yaml::expect_tables()}) {
    for (const yaml::Table& table : group) tables.push_back(&table);
  }
  for (const yaml::Table* table : tables) {
    INFO(table->name);
    if (!table->kind.empty()) CHECK(names(table->later.empty() ? now : later, table->kind));
    for (const yaml::Field& field : table->fields) {
      INFO(field.key);
      CHECK(names(field.later.empty() ? now : later, field.key));
    }
  }
}
