// SPDX-License-Identifier: Apache-2.0
#include "itinera/needs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "calendar/text.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/streams.hpp"
#include "itinera/time.hpp"

namespace itinera::cli {
namespace {

// A name, what is said of it, and who asks.
struct NeedLine {
  std::string name;
  std::string what;
  std::string who;
};

std::string joined(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string history_text(const WorkspaceNeeds::Event& event) {
  if (event.whole_history) return "all of its history";
  std::string text;
  if (event.history_ms) {
    const std::int64_t ms = *event.history_ms;
    const bool days = ms % day_ms == 0;
    const Period length{0, days ? static_cast<std::int32_t>(ms / day_ms) : 0, days ? 0 : ms};
    text = "history of " + calendar::to_text(length);
  }
  if (event.newest) text += text.empty() ? "the newest" : ", the newest";
  return text;
}

std::string event_text(const WorkspaceNeeds::Event& event) {
  std::string text = event.all_properties ? "all properties" : joined(event.properties);
  const std::string history = history_text(event);
  if (!history.empty()) text += (text.empty() ? "" : "; ") + history;
  if (!event.emitted_by.empty()) {
    text += fmt::format("{}also emitted by {}", text.empty() ? "" : "; ", joined(event.emitted_by));
  }
  return text;
}

std::string channel_text(const WorkspaceNeeds::Channel& channel) {
  std::string text = channel.address;
  if (!channel.templates.empty()) text += "; templates " + joined(channel.templates);
  return text;
}

std::string sender_text(const WorkspaceNeeds::Sender& sender) {
  std::string text = sender.channel;
  if (!sender.operations.empty()) text += "; operations " + joined(sender.operations);
  return text;
}

// In columns; a column is as wide as its longest text, up to a bound.
void write_section(std::string& out, std::string_view title, const std::vector<NeedLine>& lines) {
  if (lines.empty()) return;
  constexpr std::size_t column_max = 40;
  std::size_t names = 0;
  std::size_t whats = 0;
  for (const NeedLine& line : lines) {
    names = std::max(names, std::min(line.name.size(), column_max));
    whats = std::max(whats, std::min(line.what.size(), column_max));
  }
  fmt::format_to(std::back_inserter(out), "{}{}\n", out.empty() ? "" : "\n", title);
  for (const NeedLine& line : lines) {
    std::string text = fmt::format("  {:<{}}", line.name, names);
    if (whats > 0) fmt::format_to(std::back_inserter(text), "  {:<{}}", line.what, whats);
    if (!line.who.empty()) text += "  " + line.who;
    text.erase(text.find_last_not_of(' ') + 1);
    out += printable(text) + '\n';
  }
}

template <class List>
std::vector<NeedLine> plain_lines(const List& list) {
  std::vector<NeedLine> lines;
  for (const auto& each : list) lines.push_back({each.name, "", joined(each.asked_by)});
  return lines;
}

std::string text_of(const WorkspaceNeeds& needs) {
  std::string out;
  write_section(out, "Attributes that are read", plain_lines(needs.attributes));
  std::vector<NeedLine> lines;
  for (const auto& event : needs.events) {
    lines.push_back({event.name, event_text(event), joined(event.asked_by)});
  }
  write_section(out, "Events", std::exchange(lines, {}));
  write_section(out, "Receipts", plain_lines(needs.receipts));
  for (const auto& channel : needs.channels) {
    lines.push_back({channel.name, channel_text(channel), joined(channel.asked_by)});
  }
  write_section(out, "Channels", std::exchange(lines, {}));
  for (const auto& sender : needs.senders) {
    lines.push_back({sender.name, sender_text(sender), joined(sender.asked_by)});
  }
  write_section(out, "Senders", std::exchange(lines, {}));
  write_section(out, "Audiences", plain_lines(needs.lists));
  write_section(out, "Calls", plain_lines(needs.calls));
  lines = plain_lines(needs.teams);
  for (NeedLine& line : lines) {
    if (line.name.empty()) line.name = "(nobody named)";
  }
  write_section(out, "Teams", std::exchange(lines, {}));
  write_section(out, "Consents", plain_lines(needs.consents));
  if (!needs.accounts_asked_by.empty()) {
    lines.push_back({"`group` messages", "", joined(needs.accounts_asked_by)});
  }
  write_section(out, "Accounts of contacts", std::exchange(lines, {}));
  write_section(out, "Attributes that are set", plain_lines(needs.set));
  return out.empty() ? "nothing\n" : out;
}

Value value_of(const std::vector<std::string>& names) {
  Value::List list;
  for (const std::string& name : names) list.emplace_back(name);
  return Value(std::move(list));
}

template <class List, class Make>
Value values_of(const List& items, Make make) {
  Value::List list;
  for (const auto& item : items) list.push_back(make(item));
  return Value(std::move(list));
}

template <class Item>
Value::Map map_of(const Item& item) {
  return {{"name", item.name}, {"askedBy", value_of(item.asked_by)}};
}

Value json_of(const WorkspaceNeeds::Event& event) {
  Value::Map map = map_of(event);
  map.push_back({"properties", value_of(event.properties)});
  map.push_back({"allProperties", event.all_properties});
  map.push_back({"historyMs", event.history_ms ? Value(*event.history_ms) : Value()});
  map.push_back({"newest", event.newest});
  map.push_back({"wholeHistory", event.whole_history});
  map.push_back({"emittedBy", value_of(event.emitted_by)});
  return Value(std::move(map));
}

Value json_of(const WorkspaceNeeds::Channel& channel) {
  Value::Map map = map_of(channel);
  map.push_back({"address", channel.address});
  map.push_back({"templates", value_of(channel.templates)});
  return Value(std::move(map));
}

Value json_of(const WorkspaceNeeds::Sender& sender) {
  Value::Map map = map_of(sender);
  map.push_back({"channel", sender.channel});
  map.push_back({"operations", value_of(sender.operations)});
  return Value(std::move(map));
}

std::string json_of(const WorkspaceNeeds& needs) {
  const auto plain = [](const auto& item) { return Value(map_of(item)); };
  const auto full = [](const auto& item) { return json_of(item); };
  Value::Map map;
  map.push_back({"attributes", values_of(needs.attributes, plain)});
  map.push_back({"events", values_of(needs.events, full)});
  map.push_back({"receipts", values_of(needs.receipts, plain)});
  map.push_back({"channels", values_of(needs.channels, full)});
  map.push_back({"senders", values_of(needs.senders, full)});
  map.push_back({"audiences", values_of(needs.lists, plain)});
  map.push_back({"calls", values_of(needs.calls, plain)});
  map.push_back({"teams", values_of(needs.teams, plain)});
  map.push_back({"consents", values_of(needs.consents, plain)});
  map.push_back({"accounts", Value(Value::Map{{"askedBy", value_of(needs.accounts_asked_by)}})});
  map.push_back({"set", values_of(needs.set, plain)});
  return to_json(Value(std::move(map))) + "\n";
}

}  // namespace

int needs_command(const NeedsOptions& options) {
  const std::optional<LoadedWorkspace> loaded = load_or_complain(find_files({options.folder}));
  if (!loaded) return 1;
  const WorkspaceNeeds needs = needs_of(loaded->workspace, loaded->campaigns);
  Result<Output> out = Output::open("-", Output::Mode::replace);
  if (!out) {
    print_error(out.error());
    return 1;
  }
  out->buffer() = options.json ? json_of(needs) : text_of(needs);
  const Result<void> flushed = out->flush();
  if (flushed || out->reader_is_gone()) return 0;
  print_error(flushed.error());
  return 1;
}

}  // namespace itinera::cli
