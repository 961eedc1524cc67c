// SPDX-License-Identifier: Apache-2.0
#include "model/dot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>

#include "calendar/text.hpp"
#include "itinera/time.hpp"
#include "model/graph.hpp"

namespace itinera::model {
namespace {

constexpr std::size_t line_max = 34;   // characters before a label goes on in the next line
constexpr std::size_t text_max = 160;  // bytes of one text of the campaign
constexpr std::size_t items_max = 12;  // lines of a list in a label

// One line of printable text, cut to text_max bytes at a character's end.
std::string plain(std::string_view text) {
  std::string result(text.substr(0, text_max));
  if (text.size() > text_max) {
    while (!result.empty() && (static_cast<unsigned char>(result.back()) & 0xC0) == 0x80) {
      result.pop_back();
    }
    if (!result.empty() && static_cast<unsigned char>(result.back()) >= 0xC0) result.pop_back();
    result += "...";
  }
  for (char& c : result) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return result;
}

// `text` in lines of about line_max characters, broken at spaces.
std::string wrapped(std::string_view text) {
  std::string result;
  std::size_t width = 0;
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    const std::string_view word = text.substr(0, space);
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
    if (width > 0 && width + 1 + word.size() > line_max) {
      result += '\n';
      width = 0;
    } else if (width > 0) {
      result += ' ';
      ++width;
    }
    result += word;
    width += word.size();
  }
  return result;
}

// A label of an edge, a space before each line.
std::string padded(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (result.empty() || result.back() == '\n') result += ' ';
    result += c;
  }
  return result;
}

// A quoted DOT string. Line breaks are centred, or to the left where `left` is given.
std::string quoted(std::string_view text, bool left = false) {
  const std::string_view line_break = left ? "\\l" : "\\n";
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    if (c == '\n') {
      result += line_break;
    } else {
      result += c;
    }
  }
  if (left) result += line_break;
  return result + '"';
}

std::string counted(std::int64_t n, std::string_view unit) {
  return fmt::format("{} {}{}", n, unit, n == 1 ? "" : "s");
}

// "1 hour", "90 minutes", "1 hour 30 minutes": at most the two largest units.
std::string length_text(const Period& period) {
  constexpr std::int64_t two_days = 2 * day_ms;
  std::int64_t ms = period.ms;
  std::int64_t days = period.days;
  if (ms >= two_days && ms % day_ms == 0) days += std::exchange(ms, 0) / day_ms;
  const std::array<std::pair<std::int64_t, std::string_view>, 7> parts{{
      {period.months / 12, "year"},
      {period.months % 12, "month"},
      {days, "day"},
      {ms / hour_ms, "hour"},
      {ms % hour_ms / minute_ms, "minute"},
      {ms % minute_ms / second_ms, "second"},
      {ms % second_ms, "millisecond"},
  }};
  std::string result;
  int shown = 0;
  for (const auto& [n, unit] : parts) {
    if (n == 0 || shown == 2) continue;
    if (++shown == 2) result += ' ';
    result += counted(n, unit);
  }
  return shown == 0 ? "no time" : result;
}

std::string length_text(std::int64_t ms) { return length_text(Period{0, 0, ms}); }

// The least numbers have no positive counterpart.
Period negated(const Period& period) {
  const auto flip = [](auto n) { return -std::max(n, -std::numeric_limits<decltype(n)>::max()); };
  return {flip(period.months), flip(period.days), flip(period.ms)};
}

std::string days_text(Weekdays days) {
  const std::string text = calendar::to_text(days);
  return text.empty() ? text : fmt::format(" ({})", text);
}

std::string channel_text(std::string_view channel) {
  if (channel == "email") return "E-mail";
  if (channel == "sms") return "SMS";
  std::string name = plain(channel);
  if (!name.empty() && name[0] >= 'a' && name[0] <= 'z') {
    name[0] = static_cast<char>(name[0] - 'a' + 'A');
  }
  return name;
}

std::string trigger_text(const Trigger& trigger) {
  switch (trigger.kind) {
    case Trigger::Kind::event: return plain(trigger.event);
    case Trigger::Kind::receipt:
      return trigger.step == "any"
                 ? fmt::format("any message {}", name_of(trigger.receipt))
                 : fmt::format("{} {}", name_of(trigger.receipt), plain(trigger.step));
    case Trigger::Kind::condition: return plain(trigger.condition.text);
  }
  return {};
}

std::string trigger_text(const Trigger& trigger, const Expression& when) {
  return when.empty() ? trigger_text(trigger)
                      : fmt::format("{} if {}", trigger_text(trigger), plain(when.text));
}

std::string datum_text(const Datum& datum) {
  const std::string value =
      datum.expression.empty() ? to_json(datum.literal) : datum.expression.text;
  return fmt::format("{} = {}", plain(datum.name), plain(value));
}

std::string share_text(const Split& split, const Variant& variant) {
  std::uint64_t total = 0;
  for (const Variant& each : split.variants) total += each.weight;
  if (total == 0) return plain(variant.name);
  const std::uint64_t tenths = (1'000ULL * variant.weight + total / 2) / total;
  return tenths % 10 == 0
             ? fmt::format("{} {} %", plain(variant.name), tenths / 10)
             : fmt::format("{} {}.{} %", plain(variant.name), tenths / 10, tenths % 10);
}

// How a kind of node looks.
struct Look {
  std::string_view fill;
  std::string_view line;
};
constexpr Look entry_look{"#dbe9ff", "#4a78c2"};
constexpr Look send_look{"#d9f2df", "#3f9a5a"};
constexpr Look wait_look{"#fff3cd", "#c79a1b"};
constexpr Look choice_look{"#ecdff8", "#8a5cc0"};
constexpr Look change_look{"#eeeeee", "#888888"};
constexpr Look goal_look{"#ffdbe7", "#cc4f7d"};
constexpr Look end_look{"#f4f4f4", "#999999"};

class Picture {
 public:
  explicit Picture(const Campaign& campaign) : campaign_(campaign), graph_(flatten(campaign)) {}

  std::string draw() {
    open();
    for (std::size_t i = 0; i < campaign_.entries.size(); ++i) draw_entry(i);
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      node_ = i;
      std::visit([this](const auto& kind) { draw_step(kind); }, graph_.nodes[i].step->kind);
    }
    if (end_used_) draw_node("end", "End", end_look);
    draw_rules();
    return out_ + "}\n";
  }

 private:
  template <class... Args>
  void put(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
    out_ += '\n';
  }

  void open() {
    put("digraph campaign {{");
    put("  graph [label={}, labelloc=t, fontname=\"Helvetica\", fontsize=18, rankdir=TB,",
        quoted(wrapped(fmt::format("{} (version {})", plain(campaign_.name), campaign_.version))));
    put("         nodesep=0.4, ranksep=0.45, pad=0.3];");
    put("  node [shape=box, fontname=\"Helvetica\", fontsize=12, style=\"rounded,filled\", "
        "penwidth=1.3,");
    put("        margin=\"0.18,0.09\"];");
    put("  edge [fontname=\"Helvetica\", fontsize=10, color=\"#666666\", fontcolor=\"#444444\",");
    put("        arrowsize=0.7];");
  }

  void draw_node(std::string_view name, std::string_view label, const Look& look) {
    put("  {} [label={}, fillcolor=\"{}\", color=\"{}\"];", name, quoted(label), look.fill,
        look.line);
  }

  void draw_entry(std::size_t index) {
    const Entry& entry = campaign_.entries[index];
    std::string label =
        entry.kind == Entry::Kind::event ? plain(entry.event) : "Started by the application";
    if (!entry.when.empty()) label += "\n" + wrapped("if " + plain(entry.when.text));
    if (!entry.key.empty()) label += "\n" + wrapped("one journey per " + plain(entry.key.text));
    const std::string name = fmt::format("entry{}", index);
    draw_node(name, label, entry_look);
    draw_way(name, graph_.nodes.empty() ? end_node : NodeIndex{0}, "");
  }

  // Goto steps without a condition are no boxes: what leads to one leads to its target. Chains of
  // them are followed at most once around.
  NodeIndex through_gotos(NodeIndex to, bool& jumped) const {
    for (std::size_t hops = 0; to != end_node && hops < graph_.nodes.size(); ++hops) {
      const Node& node = graph_.nodes[to];
      if (!std::holds_alternative<Goto>(node.step->kind) || !node.step->when.empty()) break;
      to = node.targets.front();
      jumped = true;
    }
    return to;
  }

  void draw_way(std::string_view from, NodeIndex to, std::string_view label, bool dashed = false) {
    bool jumped = false;
    to = through_gotos(to, jumped);
    end_used_ = end_used_ || to == end_node;
    // The space keeps the text off the line.
    std::string attributes = fmt::format("label={}", quoted(padded(wrapped(label))));
    if (jumped) attributes += ", constraint=false, color=\"#8a5cc0\"";
    if (dashed) attributes += ", style=dashed";
    put("  {} -> {} [{}];", from, to == end_node ? "end" : name_of_node(to), attributes);
  }

  static std::string name_of_node(std::size_t index) { return fmt::format("n{}", index); }
  const Node& node() const { return graph_.nodes[node_]; }

  void box(std::string label, const Look& look) {
    const Expression& when = node().step->when;
    if (!when.empty()) label += "\n" + wrapped("only if " + plain(when.text));
    draw_node(name_of_node(node_), label, look);
  }
  void way(NodeIndex to, std::string_view label) { draw_way(name_of_node(node_), to, label); }

  // Where the step is skipped. Only for steps that lead elsewhere than to the next one.
  void skip_way() {
    if (!node().step->when.empty()) draw_way(name_of_node(node_), node().next, "else", true);
  }

  void draw_step(const Send& send) {
    const std::string channel = channel_text(send.channel);
    const std::string_view text =
        send.template_name.empty() ? std::string_view(node().step->id) : send.template_name;
    box(wrapped(fmt::format("{}: {}", channel, plain(text))), send_look);
    way(node().next, "");
  }

  void draw_step(const Wait& wait) {
    std::string label =
        std::visit([&wait](const auto& form) { return text_of(wait, form); }, wait.form);
    if (!wait.zone.empty()) label += fmt::format(", time of {}", plain(wait.zone));
    box(wrapped(label), wait_look);
    way(node().next, "");
  }
  static std::string text_of(const Wait& wait, const Wait::For& form) {
    const std::string_view anchor = wait.anchor == Wait::Anchor::entry ? " after entry"
                                    : wait.anchor == Wait::Anchor::last_emitted
                                        ? " after the last message"
                                        : "";
    return fmt::format("Wait {}{}", length_text(form.period), anchor);
  }
  static std::string text_of(const Wait& wait, const Wait::Until& form) {
    const Period& offset = wait.offset;
    if (offset.is_zero()) return fmt::format("Wait until {}", plain(form.instant.text));
    const bool before = offset.months < 0 || offset.days < 0 || offset.ms < 0;
    const Period length = before ? negated(offset) : offset;
    return fmt::format("Wait until {} {} {}", length_text(length), before ? "before" : "after",
                       plain(form.instant.text));
  }
  static std::string text_of(const Wait&, const Wait::TimeOfDay& form) {
    return fmt::format("Wait until {}{}", calendar::time_of_day_text(form.ms_of_day),
                       days_text(form.days));
  }
  static std::string text_of(const Wait&, const Wait::Inside& form) {
    return fmt::format("Wait for {}-{}{}", calendar::time_of_day_text(form.window.from_ms),
                       calendar::time_of_day_text(form.window.to_ms), days_text(form.window.days));
  }

  void draw_step(const WaitFor& wait) {
    const bool single = wait.cases.size() == 1;
    std::string label = "Whichever comes first";
    if (single) {
      label = trigger_text(wait.cases.front().trigger, wait.cases.front().when) + "?";
      if (label[0] >= 'a' && label[0] <= 'z' &&
          wait.cases.front().trigger.kind == Trigger::Kind::receipt) {
        label[0] = static_cast<char>(label[0] - 'a' + 'A');
      }
    }
    label = wrapped(label);
    if (wait.within_ms) label += "\nwithin " + length_text(*wait.within_ms);
    box(label, wait_look);
    for (std::size_t i = 0; i < node().targets.size(); ++i) {
      if (i == wait.cases.size()) {
        way(node().targets[i], "after " + length_text(*wait.within_ms));
      } else {
        way(node().targets[i], single ? yes_text(wait.cases[i].trigger)
                                      : trigger_text(wait.cases[i].trigger, wait.cases[i].when));
      }
    }
    skip_way();
  }
  static std::string yes_text(const Trigger& trigger) {
    return trigger.kind == Trigger::Kind::receipt ? std::string(name_of(trigger.receipt)) : "yes";
  }

  void draw_step(const Branch& branch) {
    const bool single = branch.cases.size() == 1;
    box(single ? wrapped(plain(branch.cases.front().when.text) + "?") : "Depending on the contact",
        choice_look);
    for (std::size_t i = 0; i < node().targets.size(); ++i) {
      way(node().targets[i], i == branch.cases.size() ? std::string("else")
                             : single                 ? std::string("yes")
                                                      : plain(branch.cases[i].when.text));
    }
    skip_way();
  }

  void draw_step(const Split& split) {
    box(wrapped(fmt::format("Split: {}", plain(node().step->id))), choice_look);
    for (std::size_t i = 0; i < node().targets.size(); ++i) {
      way(node().targets[i], share_text(split, split.variants[i]));
    }
    skip_way();
  }

  void draw_step(const Set& set) {
    std::string label = "Set";
    for (std::size_t i = 0; i < std::min(set.values.size(), items_max); ++i) {
      label += "\n" + wrapped(datum_text(set.values[i]));
    }
    if (set.values.size() > items_max) label += "\n...";
    box(label, change_look);
    way(node().next, "");
  }

  void draw_step(const ReachGoal& reach) {
    box(wrapped("Goal reached: " + plain(reach.goal)), goal_look);
    way(node().next, "");
  }

  void draw_step(const Goto&) {
    if (node().step->when.empty()) return;
    draw_node(name_of_node(node_), wrapped(plain(node().step->when.text) + "?"), choice_look);
    draw_way(name_of_node(node_), node().targets.front(), "yes");
    skip_way();
  }

  void draw_step(const Exit& exit) {
    box(exit.reason.empty() ? "End" : wrapped("End: " + plain(exit.reason)), end_look);
    skip_way();
  }

  // An item of a list, on lines of its own.
  static std::string listed(std::string_view text) {
    std::string result = "\n- ";
    for (const char c : wrapped(text)) {
      result += c;
      if (c == '\n') result += "  ";
    }
    return result;
  }

  // Goals and exits watch all the time, so they stand in a box of their own.
  void draw_rules() {
    if (campaign_.goals.empty() && campaign_.exits.empty()) return;
    std::string label;
    if (!campaign_.goals.empty()) label += "Goals";
    for (std::size_t i = 0; i < std::min(campaign_.goals.size(), items_max); ++i) {
      const Goal& goal = campaign_.goals[i];
      std::string text = plain(goal.name);
      if (goal.trigger) text += ": " + trigger_text(*goal.trigger, goal.when);
      if (goal.within_ms) text += " within " + length_text(*goal.within_ms);
      if (goal.exits) text += ", ends the journey";
      label += listed(text);
    }
    if (!campaign_.exits.empty()) label += label.empty() ? "Leaves on" : "\n\nLeaves on";
    for (std::size_t i = 0; i < std::min(campaign_.exits.size(), items_max); ++i) {
      label += listed(trigger_text(campaign_.exits[i].trigger, campaign_.exits[i].when));
    }
    if (std::max(campaign_.goals.size(), campaign_.exits.size()) > items_max) label += "\n...";
    put("  rules [shape=note, style=filled, fontsize=11, margin=0.12, label={}, "
        "fillcolor=\"#fffaf0\",",
        quoted(label, true));
    put("         color=\"#bbaa88\"];");
    if (!campaign_.entries.empty()) put("  {{ rank=same; entry0; rules; }}");
  }

  const Campaign& campaign_;
  const Graph graph_;
  std::size_t node_ = 0;
  bool end_used_ = false;
  std::string out_;
};

}  // namespace

std::string to_dot(const Campaign& campaign) { return Picture(campaign).draw(); }

}  // namespace itinera::model
