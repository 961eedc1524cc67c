// SPDX-License-Identifier: Apache-2.0
// The languages that pictures are written in.
#include "model/canvas.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <utility>

#include "itinera/value.hpp"
#include "model/dot_text.hpp"
#include "model/picture.hpp"

namespace itinera::model {
namespace {

class DotCanvas final : public Canvas {
 public:
  std::string take() { return std::move(out_) + "}\n"; }

  void open(std::string_view title) override {
    put("digraph campaign {{");
    put("  graph [label={}, labelloc=t, fontname=\"Helvetica\", fontsize=18, rankdir=TB,",
        quoted(wrapped(title)));
    put("         nodesep=0.4, ranksep=0.45, pad=0.3];");
    put("  node [shape=box, fontname=\"Helvetica\", fontsize=12, style=\"rounded,filled\", "
        "penwidth=1.3,");
    put("        margin=\"0.18,0.09\"];");
    put("  edge [fontname=\"Helvetica\", fontsize=10, color=\"#666666\", fontcolor=\"#444444\",");
    put("        arrowsize=0.7];");
  }

  void node(std::string_view name, std::string_view label, const Look& look) override {
    put("  {} [label={}, fillcolor=\"{}\", color=\"{}\"{}];", name, quoted(label), look.fill,
        look.line, look.dashed ? ", style=\"rounded,filled,dashed\"" : "");
  }

  void way(std::string_view from, std::string_view to, std::string_view label,
           WayLook look) override {
    // The space keeps the text off the line.
    std::string attributes = fmt::format("label={}", quoted(padded(label)));
    if (look.jump || look.loose) attributes += ", constraint=false";
    const std::string_view line = look.line.empty() && look.jump ? jump_line : look.line;
    if (!line.empty()) fmt::format_to(std::back_inserter(attributes), ", color=\"{}\"", line);
    if (!look.line.empty()) {
      fmt::format_to(std::back_inserter(attributes), ", fontcolor=\"{}\", penwidth=2", look.line);
    }
    if (look.dashed) attributes += ", style=dashed";
    put("  {} -> {} [{}];", from, to, attributes);
  }

  void rules(std::string_view lines, std::string_view beside) override {
    put("  rules [shape=note, style=filled, fontsize=11, margin=0.12, label={}, fillcolor=\"{}\",",
        quoted(lines, true), rules_look.fill);
    put("         color=\"{}\"];", rules_look.line);
    if (!beside.empty()) put("  {{ rank=same; {}; rules; }}", beside);
  }

 private:
  static constexpr std::string_view jump_line = "#8a5cc0";

  template <class... Args>
  void put(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
    out_ += '\n';
  }

  std::string out_;
};

constexpr std::array all_looks{entry_look,  send_look, wait_look, choice_look, task_look,
                               change_look, goal_look, end_look,  rules_look};

// Characters that mean nothing to Mermaid, nor to the Markdown and HTML that it reads in labels.
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_harmless(std::string_view text, std::size_t i) {
  constexpr std::string_view marks = " ,?=/%':-.!()";
  if (text[i] == '_') {
    return i > 0 && is_letter(text[i - 1]) && i + 1 < text.size() && is_letter(text[i + 1]);
  }
  return is_letter(text[i]) || marks.find(text[i]) != std::string_view::npos;
}

// A quoted label. What is not harmless becomes a character code, and so does the first letter of
// the two words that Mermaid looks for anywhere in a line, as well as what would begin a list.
std::string label_of(std::string_view text) {
  std::string result = "\"";
  bool line_begins = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const std::string_view rest = text.substr(i);
    const bool word = rest.starts_with("style") || rest.starts_with("classDef");
    const bool item = line_begins && rest.starts_with("- ");
    const bool marks = line_begins && (c == '-' || c == '.' || c == ')');
    if (c == '\n') {
      result += "<br/>";
    } else if (item) {
      result += "\u2022";
    } else if (word || marks || !is_harmless(text, i)) {
      fmt::format_to(std::back_inserter(result), "#{};", static_cast<int>(c));
    } else {
      result += c;
    }
    // A number and a full stop begin a list, too.
    line_begins = c == '\n' || (line_begins && c >= '0' && c <= '9');
  }
  return result + '"';
}

class MermaidCanvas final : public Canvas {
 public:
  // Looks that no node has are left out.
  std::string take() {
    for (const Look& look : all_looks) {
      if (!used_.contains(look.name)) continue;
      put("  classDef {} fill:{},stroke:{},color:#222222", look.name, look.fill, look.line);
    }
    return std::move(out_);
  }

  void open(std::string_view title) override {
    // A JSON text is a YAML one. Braces would be taken for a directive.
    std::string quoted = to_json(Value(std::string(title)));
    for (std::size_t at = 0; (at = quoted.find('{', at)) != std::string::npos;) {
      quoted.replace(at, 1, "\\u007b");
    }
    put("---\ntitle: {}\n---\nflowchart TD", quoted);
  }

  void node(std::string_view name, std::string_view label, const Look& look) override {
    const bool round = look.name == entry_look.name || look.name == end_look.name;
    used_.insert(look.name);
    put("  {}{}{}{}:::{}", id_of(name), round ? "([" : "(", label_of(label), round ? "])" : ")",
        look.name);
  }

  void way(std::string_view from, std::string_view to, std::string_view label,
           WayLook look) override {
    const std::string text = label.empty() ? "" : fmt::format("|{}|", label_of(label));
    put("  {} {}{} {}", id_of(from),
        look.dashed ? "-.->"
        : look.jump ? "==>"
                    : "-->",
        text, id_of(to));
  }

  void rules(std::string_view lines, std::string_view) override {
    used_.insert(rules_look.name);
    put("  rules[{}]:::{}", label_of(lines), rules_look.name);
  }

 private:
  // `end` is a word of Mermaid's.
  static std::string_view id_of(std::string_view name) {
    return name == "end" ? std::string_view("finish") : name;
  }

  template <class... Args>
  void put(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
    out_ += '\n';
  }

  std::string out_;
  std::set<std::string_view> used_;  // names of looks
};

}  // namespace

std::string dot_of(const std::function<void(Canvas&)>& put_on) {
  DotCanvas canvas;
  put_on(canvas);
  return canvas.take();
}

std::string to_dot(const Campaign& campaign) {
  return dot_of([&](Canvas& canvas) { draw(campaign, canvas); });
}

std::string to_mermaid(const Campaign& campaign) {
  MermaidCanvas canvas;
  draw(campaign, canvas);
  return canvas.take();
}

}  // namespace itinera::model
