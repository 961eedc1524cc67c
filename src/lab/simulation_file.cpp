// SPDX-License-Identifier: Apache-2.0
#include "lab/simulation_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "base/nearest.hpp"
#include "itinera/needs.hpp"
#include "itinera/simulation.hpp"
#include "yaml/fields.hpp"
#include "yaml/tree.hpp"

namespace itinera {
namespace lab {

std::optional<std::uint32_t> parts_of_million(std::string_view percent) {
  if (!percent.ends_with('%')) return std::nullopt;
  const char* const end = percent.data() + percent.size() - 1;
  double number = -1;
  const auto [stop, problem] = std::from_chars(percent.data(), end, number);
  if (problem != std::errc() || stop != end || !(number >= 0 && number <= 100)) {
    return std::nullopt;
  }
  return static_cast<std::uint32_t>(std::lround(number * 10'000));
}

namespace {

constexpr std::uint32_t any_count = std::numeric_limits<std::uint32_t>::max();

class SimulationReader {
  using Fields = yaml::Fields;
  using Node = yaml::Node;
  using Report = yaml::Report;

 public:
  // `loaded`: whose names are known; null: nobody says.
  SimulationReader(Report& report, const LoadedWorkspace* loaded) : report_(report) {
    if (loaded == nullptr) return;
    knows_names_ = true;
    for (const Channel& channel : loaded->workspace.channels) channels_.push_back(channel.name);
    for (const auto& event : needs_of(loaded->workspace, loaded->campaigns).events) {
      if (!event.asked_by.empty()) events_.push_back(event.name);
    }
  }

  SimulationPlan plan(const Node& node) {
    const Fields fields(node, yaml::simulation_table, report_);
    SimulationPlan plan;
    plan.name = fields.text("simulation");
    if (const auto start = fields.instant("start")) plan.start = *start;
    plan.days = fields.count("days", 1, any_count).value_or(plan.days);
    plan.contacts = fields.count("contacts", 1, any_count).value_or(plan.contacts);
    plan.seed = fields.count("seed", 0, any_count).value_or(1);
    plan.attributes = drawn_values(fields, "attributes");
    if (const Node* events = fields.node("events")) {
      for (const Node& item : events->items) plan.events.push_back(event(item));
    }
    if (const Node* receipts = fields.node("receipts")) {
      for (const Node& item : receipts->items) plan.receipts.push_back(receipt(item));
    }
    return plan;
  }

 private:
  SimulatedEvent event(const Node& node) {
    const Fields fields(node, yaml::simulated_event_table, report_);
    SimulatedEvent event;
    event.name = fields.text("event");
    const bool heard = std::find(events_.begin(), events_.end(), event.name) != events_.end();
    if (knows_names_ && !heard && !event.name.empty()) {
      report_.warning(fields.key_at("event"),
                      fmt::format("nothing listens to the event `{}`", yaml::shown(event.name)),
                      base::did_you_mean(event.name, events_));
    }
    event.every_ms = fields.elapsed("every").value_or(event.every_ms);
    check_bounds(fields, "every", event.every_ms, shortest_gap_ms, "1s");
    if (fields.has("share")) event.share = share(fields, "share");
    event.properties = drawn_values(fields, "properties");
    return event;
  }

  SimulatedReceipt receipt(const Node& node) {
    const Fields fields(node, yaml::simulated_receipt_table, report_);
    SimulatedReceipt receipt;
    receipt.channel = fields.text("channel");
    const bool known =
        std::find(channels_.begin(), channels_.end(), receipt.channel) != channels_.end();
    if (knows_names_ && !known && !receipt.channel.empty()) {
      report_.error(ErrorCode::unknown_name, fields.key_at("channel"),
                    fmt::format("there is no channel `{}`", yaml::shown(receipt.channel)),
                    base::did_you_mean(receipt.channel, channels_));
    }
    const std::string name = fields.text("receipt");
    if (const auto read = receipt_from(name)) {
      receipt.receipt = *read;
    } else if (!name.empty()) {
      report_.error(ErrorCode::bad_value, fields.key_at("receipt"),
                    fmt::format("there is no receipt `{}`", yaml::shown(name)),
                    "write one such as opened, clicked or replied");
    }
    receipt.chance = share(fields, "chance");
    receipt.within_ms = fields.elapsed("within").value_or(receipt.within_ms);
    check_bounds(fields, "within", receipt.within_ms, 1, "1ms");
    return receipt;
  }

  void check_bounds(const Fields& fields, std::string_view key, std::int64_t ms,
                    std::int64_t least_ms, std::string_view least) {
    if (ms >= least_ms && ms <= longest_gap_ms) return;
    report_.error(ErrorCode::bad_value, fields.key_at(key),
                  fmt::format("`{}` goes from {} to 1000 years", key, least));
  }

  std::uint32_t share(const Fields& fields, std::string_view key) {
    const std::string text = fields.text(key);
    const auto parts = parts_of_million(text);
    if (!parts && !text.empty()) {
      report_.error(ErrorCode::bad_value, fields.key_at(key),
                    fmt::format("`{}` cannot be `{}`", key, yaml::shown(text)),
                    "write a share from 0% to 100%, such as 40%");
    }
    return parts.value_or(0);
  }

  // Literals, and maps that say how to draw one.
  Properties drawn_values(const Fields& fields, std::string_view key) {
    Properties values = fields.literals(key);
    for (const Property& value : values) {
      if (is_drawable(value.value)) continue;
      report_.error(
          ErrorCode::bad_value, fields.key_at(key),
          fmt::format("`{}` cannot be drawn so", yaml::shown(value.name)),
          "write a literal, {one_of: [a, b]}, {from: 1, to: 6} or {chance: 40%, value: x}");
    }
    return values;
  }

  static bool is_drawable(const Value& value) {
    const auto* const map = value.get<Value::Map>();
    if (map == nullptr) return true;
    const auto find = [&](std::string_view key) -> const Value* {
      const auto found = std::find_if(
          map->begin(), map->end(), [&](const MapEntry& entry) { return entry.key == Value(key); });
      return found == map->end() ? nullptr : &found->value;
    };
    if (const Value* one_of = find("one_of")) {
      const auto* const list = one_of->get<Value::List>();
      return map->size() == 1 && list != nullptr && !list->empty() &&
             std::all_of(list->begin(), list->end(), is_drawable);
    }
    const Value* const from = find("from");
    const Value* const to = find("to");
    if (from != nullptr || to != nullptr) {
      if (map->size() != 2 || from == nullptr || to == nullptr) return false;
      const auto* const low = from->get<std::int64_t>();
      const auto* const high = to->get<std::int64_t>();
      return low != nullptr && high != nullptr && *low <= *high;
    }
    if (const Value* chance = find("chance")) {
      const auto* const text = chance->get<std::string>();
      const Value* const inner = find("value");
      return map->size() == 2 && text != nullptr && parts_of_million(*text) && inner != nullptr &&
             is_drawable(*inner);
    }
    return true;
  }

  Report& report_;
  bool knows_names_ = false;
  std::vector<std::string> channels_;
  std::vector<std::string> events_;
};

LoadedSimulation read_simulation(const SourceFile& file, const LoadedWorkspace* workspace,
                                 const Limits& limits) {
  LoadedSimulation loaded;
  yaml::Report report(file.path, yaml::without_byte_order_mark(file.text), loaded.diagnostics);
  const std::vector<yaml::Node> documents = parse(limits, report);
  const bool told = documents.size() == 1 && documents.front().find("simulation") != nullptr;
  if (told) {
    loaded.plan = SimulationReader(report, workspace).plan(documents.front());
  } else if (report.errors() == 0) {
    report.error(ErrorCode::missing_key, {1, 1, 0}, "this is no simulation",
                 "begin it with `simulation: <name>`, one a file");
  }
  return loaded;
}

}  // namespace

LoadedSimulation load_world(const SourceFile& file, const LoadedWorkspace& loaded,
                            const Limits& limits) {
  return read_simulation(file, &loaded, limits);
}

}  // namespace lab

LoadedSimulation load_simulation(const SourceFile& file, const Limits& limits) {
  return lab::read_simulation(file, nullptr, limits);
}

}  // namespace itinera
