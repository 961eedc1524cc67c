// SPDX-License-Identifier: Apache-2.0
#include "yaml/expect_reader.hpp"

#include <limits>
#include <utility>

#include "yaml/campaign_reader.hpp"

namespace itinera::yaml {
namespace {

constexpr std::uint32_t count_max = 1'000'000;

void read_common(const Fields& fields, Expectation& result) {
  result.step = optional_text(fields, "step");
  result.contact = optional_text(fields, "contact");
  result.campaign = optional_text(fields, "campaign");
  result.key = optional_text(fields, "key");
  result.at = fields.instant("at");
  result.iteration = fields.count("iteration", 0, std::numeric_limits<std::uint32_t>::max());
}

void read_decision(const Fields& fields, std::string_view kind, Expectation& result) {
  result.kind = kind == "no" ? Expectation::Kind::absent : Expectation::Kind::decision;
  result.name = fields.text(kind);
  result.reason = optional_text(fields, "reason");
  result.goal = optional_text(fields, "goal");
  result.channel = optional_text(fields, "channel");
}

void read_consent_change(const Node& form, Report& report, Expectation& result) {
  const ChangeConsent consent = read_consent(form, report);
  result.channel = consent.channel;
  result.state = consent.state == ChangeConsent::State::granted ? "granted" : "denied";
  if (!consent.topic.empty()) result.topic = consent.topic;
  if (!consent.source.empty()) result.source = consent.source;
}

void read_audience_change(const Node& form, Report& report, Expectation& result) {
  const ChangeAudience audience = read_audience(form, report);
  const bool adds = audience.change == ChangeAudience::Change::add;
  result.audience = (adds ? "add " : "remove ") + audience.list;
}

// False if the kind is no action's.
bool read_action(const Fields& fields, std::string_view kind, Report& report, Expectation& result) {
  const Node* const form = fields.node(kind);
  if (kind == "send") {
    result.channel = optional_text(fields, "send");
    result.template_name = optional_text(fields, "template");
    result.address = optional_text(fields, "address");
    result.data = fields.literals("data");
  } else if (kind == "set") {
    result.data = fields.literals("set");
  } else if (kind == "call" || kind == "task") {
    result.asked = optional_text(fields, kind);
    if (kind == "task") result.team = optional_text(fields, "team");
    result.data = fields.literals("data");
  } else if (kind == "consent") {
    if (form != nullptr) read_consent_change(*form, report, result);
  } else if (kind == "audience") {
    if (form != nullptr) read_audience_change(*form, report, result);
  } else {
    return false;
  }
  result.name = kind;
  result.maybe_executed = fields.boolean("maybe_executed");
  return true;
}

// Nothing tells what is expected.
void report_unknown(const Node& node, bool was_reported, Report& report) {
  if (node.is(Node::Kind::mapping) && !was_reported) {
    report_kindless(node, expect_tables(), "expectation", report);
  } else if (!node.is(Node::Kind::mapping) && !node.is(Node::Kind::refused)) {
    report.error(ErrorCode::wrong_type, node.at, "an expectation must be a mapping or a name",
                 "write `{send: email, step: reminder}`, or `{decision: finished}`");
  }
}

std::optional<Expectation> read_expectation(const Node& node, Report& report) {
  Expectation result;
  result.location = report.place(node.at);
  if (node.is(Node::Kind::scalar)) {
    result.kind = Expectation::Kind::decision;
    result.name = read_text(node, report);
    return result;
  }
  const std::size_t before = report.errors();
  const Table* const table = kind_of(node, expect_tables(), "expectation", report);
  if (table == nullptr) {
    report_unknown(node, report.errors() != before, report);
    return std::nullopt;
  }
  const Fields fields(node, *table, report);
  read_common(fields, result);
  // None is none: nothing is counted.
  if (table->kind != "no") result.count = fields.count("count", 1, count_max).value_or(1);
  if (read_action(fields, table->kind, report, result)) return result;
  if (table->kind == "not_sent") {
    result.kind = Expectation::Kind::not_sent;
    result.channel = optional_text(fields, "not_sent");
    result.reason = optional_text(fields, "reason");
  } else {
    read_decision(fields, table->kind, result);
  }
  return result;
}

}  // namespace

std::optional<std::string> optional_text(const Fields& fields, std::string_view key) {
  if (!fields.has(key)) return std::nullopt;
  return fields.text(key);
}

std::vector<Expectation> read_expectations(const Node& list, Report& report) {
  std::vector<Expectation> result;
  for (const Node& item : list.items) {
    if (auto expectation = read_expectation(item, report)) {
      result.push_back(std::move(*expectation));
    }
  }
  return result;
}

}  // namespace itinera::yaml
