// SPDX-License-Identifier: Apache-2.0
#include "yaml/shapes.hpp"

#include <algorithm>

namespace itinera::yaml {
namespace {

constexpr Shape shapes[] = {
    // Workspaces.
    {.key = "channels", .holds = Holds::map_of, .of = &channel_table},
    {.key = "limits", .holds = Holds::one, .of = &limits_table},
    {.key = "segments", .holds = Holds::conditions},
    {.key = "schema", .holds = Holds::one, .of = &schema_table},
    {.key = "retain", .holds = Holds::one, .of = &retain_table},
    {.key = "senders", .holds = Holds::map_of, .of = &sender_table},
    {.key = "quota", .holds = Holds::one, .of = &quota_table},
    {.key = "warm_up", .holds = Holds::one, .of = &warm_up_table},
    {.key = "policy", .holds = Holds::one, .of = &policy_table},
    {.key = "quiet_hours", .holds = Holds::one_or_list, .of = &quiet_hours_table},
    {.key = "caps", .holds = Holds::list_of, .of = &cap_table},
    {.key = "holdout", .holds = Holds::one, .of = &holdout_table},
    {.key = "brake", .holds = Holds::one, .of = &brake_table},
    {.key = "exclusive", .holds = Holds::free},
    {.key = "attributes", .holds = Holds::free, .in = &schema_table},
    {.key = "events", .holds = Holds::free},
    // Campaigns.
    {.key = "entry", .holds = Holds::list_of, .of = &entry_table, .or_text = true},
    {.key = "ramp", .holds = Holds::one, .of = &ramp_table},
    {.key = "entry_cap", .holds = Holds::one, .of = &entry_cap_table},
    {.key = "goals", .holds = Holds::map_of, .of = &goal_table},
    {.key = "exits", .holds = Holds::list_of, .of = &exit_table},
    {.key = "host", .holds = Holds::free, .or_text = true},
    // Steps.
    {.key = "steps", .holds = Holds::steps},
    {.key = "then", .holds = Holds::steps},
    {.key = "else", .holds = Holds::steps},
    {.key = "send", .holds = Holds::free, .or_text = true, .or_texts = true},
    {.key = "at", .holds = Holds::free, .or_text = true},  // of a send
    {.key = "escalate", .holds = Holds::one, .of = &escalate_table},
    {.key = "wait", .holds = Holds::one, .of = &wait_form_table, .or_text = true},
    {.key = "wait_for", .holds = Holds::one_or_list, .of = &wait_case_table},
    {.key = "reset_on", .holds = Holds::one, .of = &exit_table},
    {.key = "branch", .holds = Holds::list_of, .of = &branch_case_table},
    {.key = "parallel", .holds = Holds::list_of, .of = &strand_table},
    {.key = "split", .holds = Holds::list_of, .of = &variant_table},
    {.key = "namespace", .holds = Holds::one, .of = &split_space_table},
    {.key = "audience", .holds = Holds::one, .of = &audience_form_table},
    {.key = "consent", .holds = Holds::free, .in = &contact_table},
    {.key = "consent", .holds = Holds::one, .of = &consent_form_table},
    {.key = "retry", .holds = Holds::one, .of = &retry_table, .or_count = true},
    // Tests.
    {.key = "tests", .holds = Holds::list_of, .of = &test_table},
    {.key = "contact", .holds = Holds::one, .of = &contact_table},
    {.key = "contacts", .holds = Holds::list_of, .of = &contact_table},
    {.key = "timeline", .holds = Holds::lines},
    {.key = "rejects", .holds = Holds::list_of, .of = &rejection_table},
    {.key = "expect", .holds = Holds::expectations, .or_text = true},
    {.key = "alias", .holds = Holds::one, .of = &alias_table},
    {.key = "suppress", .holds = Holds::one, .of = &suppress_table},
    {.key = "merge", .holds = Holds::one, .of = &merge_table},
    {.key = "report", .holds = Holds::free},
    // Simulations.
    {.key = "events",
     .holds = Holds::list_of,
     .of = &simulated_event_table,
     .in = &simulation_table},
    {.key = "receipts",
     .holds = Holds::list_of,
     .of = &simulated_receipt_table,
     .in = &simulation_table},
};

constexpr Field tests_fields[] = {{"tests", Expects::list, true}};

}  // namespace

constinit const Table tests_table{"a file of tests", tests_fields};

const Shape* shape_of(const Table& table, const Field& field) {
  if (field.expects != Expects::list && field.expects != Expects::mapping &&
      field.expects != Expects::any) {
    return nullptr;
  }
  const auto fits = [&](const Shape& shape) {
    return shape.key == field.key && (shape.in == nullptr || shape.in == &table);
  };
  const auto found = std::find_if(std::begin(shapes), std::end(shapes), fits);
  return found == std::end(shapes) ? nullptr : found;
}

std::span<const Table> tables_of(Holds holds) {
  switch (holds) {
    case Holds::steps: return step_tables();
    case Holds::lines: return line_tables();
    case Holds::expectations: return expect_tables();
    default: return {};
  }
}

const Table* table_of(const Node& node, const Shape& shape) {
  if (!node.is(Node::Kind::mapping)) return nullptr;
  const std::span<const Table> tables = tables_of(shape.holds);
  // The first key written that names a kind, as the readers take it.
  for (const Member& member : node.members) {
    const auto found = std::find_if(tables.begin(), tables.end(),
                                    [&](const Table& table) { return table.kind == member.key; });
    if (found != tables.end()) return &*found;
  }
  return shape.holds == Holds::lines ? &line_table : shape.of;
}

const Table* table_of_document(const Node& node) {
  if (node.find("workspace") != nullptr) return &workspace_table;
  if (node.find("simulation") != nullptr) return &simulation_table;
  if (node.find("tests") != nullptr) return &tests_table;
  if (node.find("test") != nullptr) return &test_table;
  if (node.find("campaign") != nullptr) return &campaign_table;
  return nullptr;
}

}  // namespace itinera::yaml
