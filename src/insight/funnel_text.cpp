// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>
#include <string>
#include <string_view>

#include "itinera/funnel.hpp"

namespace itinera {
namespace {

constexpr std::size_t bar_width = 20;
constexpr std::size_t number_width = 7;  // of counts in a row
constexpr std::size_t cell_width = 9;    // of counts in a column each

// 1234567 as "1,234,567", whatever the locale.
std::string grouped(std::uint64_t number) {
  std::string digits = fmt::format("{}", number);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, 1, ',');
  return digits;
}

std::string money(double value) {
  std::string text = fmt::format("{:.2f}", value);
  const bool negative = text.front() == '-';
  std::string digits = text.substr(negative ? 1 : 0);
  if (digits.find('.') == std::string::npos) return text;  // not a finite number
  for (std::size_t at = digits.find('.'); at > 3;) digits.insert(at -= 3, 1, ',');
  return negative ? "-" + digits : digits;
}

std::string bar(std::uint64_t part, std::uint64_t whole) {
  const double share =
      whole == 0 ? 0.0 : std::min(1.0, static_cast<double>(part) / static_cast<double>(whole));
  const auto filled = static_cast<std::size_t>(std::lround(share * static_cast<double>(bar_width)));
  std::string text;
  for (std::size_t i = 0; i < filled; ++i) text += "█";
  text.append(bar_width - filled, ' ');
  return text + fmt::format(" {:5.1f}%", share * 100.0);
}

// "opened 12, clicked 3"
std::string listed(const Counts& counts) {
  std::string text;
  for (const auto& [name, count] : counts) {
    fmt::format_to(std::back_inserter(text), "{}{} {}", text.empty() ? "" : ", ", name,
                   grouped(count));
  }
  return text;
}

std::string label_of(const FunnelStep& step) {
  std::string text((std::size_t{step.depth} + 1) * 2, ' ');
  text += step.channel.empty() ? step.kind : fmt::format("{} {}", step.kind, step.channel);
  if (!step.id.starts_with(step.kind + "-")) text += " " + step.id;
  return text;
}

// Characters, not bytes: names may hold any UTF-8.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::string notes_of(const FunnelStep& step) {
  std::string text;
  const auto part = [&text](std::string_view note) {
    if (note.empty()) return;
    fmt::format_to(std::back_inserter(text), "{}{}", text.empty() ? "" : " · ", note);
  };
  if (step.actions > 0) part(fmt::format("emitted {}", grouped(step.actions)));
  if (step.withdrawn > 0) part(fmt::format("withdrawn {}", grouped(step.withdrawn)));
  part(listed(step.skipped));
  part(listed(step.choices));
  part(listed(step.receipts));
  return text;
}

class Table {
 public:
  explicit Table(std::size_t label_width) : label_width_(label_width) {}

  void row(std::string_view label, std::string_view number, std::string_view rest) {
    const std::size_t width = width_of(label);
    text_ += label;
    text_.append(width < label_width_ ? label_width_ - width : 0, ' ');
    fmt::format_to(std::back_inserter(text_), " {:>{}}", number, number_width);
    if (!rest.empty()) fmt::format_to(std::back_inserter(text_), "  {}", rest);
    text_ += '\n';
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::size_t label_width_;
  std::string text_;
};

std::size_t label_width_of(const FunnelCampaign& campaign) {
  std::size_t width = width_of("  in flight");
  for (const FunnelStep& step : campaign.steps) width = std::max(width, width_of(label_of(step)));
  for (const FunnelGoal& goal : campaign.goals) width = std::max(width, width_of(goal.name) + 7);
  return width;
}

std::string with_notes(std::string bars, std::string_view notes) {
  if (!notes.empty()) fmt::format_to(std::back_inserter(bars), "  {}", notes);
  return bars;
}

std::string sends_text(const FunnelTotals& totals) {
  std::set<std::string> channels;
  for (const auto& [place, count] : totals.sends) channels.insert(place.second);
  const auto cell = [](const std::string& channel, std::string_view content) {
    const std::size_t width = std::max(cell_width, width_of(channel));
    return " " + std::string(width - std::min(width, width_of(content)), ' ') +
           std::string(content);
  };
  std::string text = "sends  ";
  for (const std::string& channel : channels) text += cell(channel, channel);
  text += '\n';
  for (auto at = totals.sends.begin(); at != totals.sends.end();) {
    const std::string month = at->first.first;
    text += month;
    for (const std::string& channel : channels) {
      const auto found = totals.sends.find({month, channel});
      text += cell(channel, grouped(found == totals.sends.end() ? 0 : found->second));
    }
    text += '\n';
    at = std::find_if(at, totals.sends.end(),
                      [&](const auto& sends) { return sends.first.first != month; });
  }
  return text;
}

}  // namespace

std::string to_text(const FunnelCampaign& campaign) {
  Table table(label_width_of(campaign));
  const std::uint64_t came = campaign.entered + campaign.moved_in;
  const auto row = [&](std::string_view label, std::uint64_t count, const std::string& notes) {
    table.row(label, grouped(count), with_notes(bar(count, came), notes));
  };
  row("entered", campaign.entered, "");
  if (campaign.moved_in > 0) row("moved in", campaign.moved_in, "");
  for (const FunnelStep& step : campaign.steps) {
    row(label_of(step), step.reached, notes_of(step));
  }
  row("finished", campaign.finished, listed(campaign.finished_by));
  row("exited", campaign.exited, listed(campaign.exited_by));
  if (campaign.moved_out > 0) row("moved out", campaign.moved_out, "");
  row("in flight", campaign.in_flight, "");
  for (const FunnelGoal& goal : campaign.goals) {
    row("goal " + goal.name, goal.reached, goal.value == 0.0 ? "" : "value " + money(goal.value));
  }
  std::uint64_t refused = 0;
  for (const auto& [reason, count] : campaign.refused) refused += count;
  if (refused > 0) table.row("refused", grouped(refused), listed(campaign.refused));
  return fmt::format("{}, version {}\n{}", campaign.name, campaign.version, table.take());
}

std::string to_text(const FunnelTotals& totals) {
  std::uint64_t inputs = 0;
  for (const auto& [kind, count] : totals.inputs) inputs += count;
  std::size_t width = width_of("  duplicates");
  for (const auto& [name, count] : totals.events) width = std::max(width, width_of(name) + 2);
  Table table(width);
  table.row("inputs", grouped(inputs), listed(totals.inputs));
  std::uint64_t events = 0;
  for (const auto& [name, count] : totals.events) events += count;
  table.row("events", grouped(events), "");
  for (const auto& [name, count] : totals.events) table.row("  " + name, grouped(count), "");
  if (totals.duplicates > 0) table.row("duplicates", grouped(totals.duplicates), "");
  table.row("contacts", grouped(totals.contacts), "");
  table.row("anonymous", grouped(totals.anonymous), "");
  std::string text = table.take();
  if (!totals.sends.empty()) text += "\n" + sends_text(totals);
  return text;
}

}  // namespace itinera
