// SPDX-License-Identifier: Apache-2.0
// Two versions of a campaign in one picture: each is drawn on a canvas that only remembers, and
// what both remember is compared.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "diff/step_match.hpp"
#include "itinera/campaign_diff.hpp"
#include "model/canvas.hpp"
#include "model/dot_text.hpp"

namespace itinera::model {
namespace {

struct DrawnNode {
  std::string name;
  std::string label;
};

struct DrawnWay {
  std::string from;
  std::string to;
  std::string label;
  WayLook look;
  friend bool operator==(const DrawnWay& a, const DrawnWay& b) {
    return a.from == b.from && a.to == b.to && a.label == b.label;
  }
};

class Memory final : public Canvas {
 public:
  void open(std::string_view) override {}
  void node(std::string_view name, std::string_view label, const Look&) override {
    nodes.push_back({std::string(name), std::string(label)});
  }
  void way(std::string_view from, std::string_view to, std::string_view label,
           WayLook look) override {
    ways.push_back({std::string(from), std::string(to), std::string(label), look});
  }
  void rules(std::string_view lines, std::string_view) override { rule_lines = lines; }

  std::vector<DrawnNode> nodes;
  std::vector<DrawnWay> ways;
  std::string rule_lines;
};

std::vector<std::string> lines_of_text(std::string_view text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string line(text.substr(at, end - at));
    // A dash is a sign here.
    if (line.starts_with("- ")) line.replace(0, 1, "\u2022");
    lines.push_back(std::move(line));
    at = end + 1;
  }
  return lines;
}

// The lines of both, those that differ with a sign.
std::string merged_lines(std::string_view before, std::string_view after) {
  const std::vector<std::string> were = lines_of_text(before);
  const std::vector<std::string> are = lines_of_text(after);
  const std::set<std::string> kept(are.begin(), are.end());
  std::string text;
  std::size_t told = 0;
  const auto tell_gone = [&](std::size_t up_to) {
    for (; told < up_to; ++told) {
      if (!kept.contains(were[told])) text += "- " + were[told] + "\n";
    }
  };
  for (const std::string& line : are) {
    const auto same = std::find(were.begin() + static_cast<std::ptrdiff_t>(told), were.end(), line);
    if (same != were.end()) {
      tell_gone(static_cast<std::size_t>(same - were.begin()));
      ++told;
      text += line + "\n";
    } else if (std::find(were.begin(), were.end(), line) != were.end()) {
      text += line + "\n";
    } else {
      // What it stands in the place of goes before it.
      std::size_t end = told;
      while (end < were.size() && !kept.contains(were[end])) ++end;
      tell_gone(end);
      text += "+ " + line + "\n";
    }
  }
  tell_gone(were.size());
  text.pop_back();
  return text;
}

class Overlay {
 public:
  Overlay(const Campaign& before, const Campaign& after, Canvas& canvas)
      : before_(before), after_(after), canvas_(canvas) {
    draw(before, old_);
    draw(after, new_);
    name_alike(match_steps(before, after));
    // Steps of one name are told apart by what they are called now.
    for (const ModelChange& change : diff(before, after).changes) {
      if (change.what == ModelChange::What::step) told_[change.name].push_back(change);
    }
  }

  void draw_all() {
    // Blanks at which no line is broken.
    const std::string version =
        before_.version == after_.version
            ? fmt::format("version\u00a0{}", after_.version)
            : fmt::format("version\u00a0{}\u00a0->\u00a0{}", before_.version, after_.version);
    canvas_.open(fmt::format(
        "{}\n{}\n+\u00a0new\u00a0\u00a0\u00a0-\u00a0gone\u00a0\u00a0\u00a0~\u00a0changed",
        plain(after_.name), version));
    for (const DrawnNode& node : new_.nodes) draw_new(node);
    for (const DrawnNode& node : old_.nodes) {
      if (find(new_, node.name) == nullptr) {
        canvas_.node(node.name, "- " + node.label, gone_look);
      }
    }
    draw_ways();
    canvas_.rules(merged_lines(old_.rule_lines, new_.rule_lines),
                  after_.entries.empty() ? "" : "entry0");
  }

 private:
  static const DrawnNode* find(const Memory& memory, std::string_view name) {
    const auto found = std::find_if(memory.nodes.begin(), memory.nodes.end(),
                                    [&](const DrawnNode& node) { return node.name == name; });
    return found == memory.nodes.end() ? nullptr : &*found;
  }

  // Gives what the older one drew the names that the newer one has for the same, and other names to
  // the rest.
  void name_alike(const StepMatch& match) {
    std::map<std::string, std::string> names{{"end", "end"}};
    for (std::size_t i = 0; i < match.before.size(); ++i) {
      const std::string now = fmt::format("n{}", match.becomes[i]);
      // A goto that is drawn in one of them only is no box in the other.
      const bool kept = match.becomes[i] != nowhere && find(new_, now) != nullptr;
      names[fmt::format("n{}", i)] = kept ? now : fmt::format("gone{}", i);
    }
    for (std::size_t i = 0; i < before_.entries.size(); ++i) {
      const std::string name = fmt::format("entry{}", i);
      names[name] = i < after_.entries.size() ? name : fmt::format("goneentry{}", i);
    }
    for (DrawnNode& node : old_.nodes) node.name = names.at(node.name);
    for (DrawnWay& way : old_.ways) {
      way.from = names.at(way.from);
      way.to = names.at(way.to);
    }
    for (std::size_t j = 0; j < match.after.size(); ++j) {
      ids_[fmt::format("n{}", j)] = match.after[j].step->id;
    }
  }

  // What is told of a step, a line each.
  std::string told_of(const DrawnNode& node, const std::string& before) const {
    std::string text;
    const auto id = ids_.find(node.name);
    const auto told = id == ids_.end() ? told_.end() : told_.find(id->second);
    if (told == told_.end()) {
      return before == node.label ? text : "\nbefore: " + before;
    }
    for (const ModelChange& change : told->second) {
      switch (change.kind) {
        case ModelChange::Kind::renamed:
          text += "\n" + wrapped(fmt::format("called {} -> {}", plain(change.before),
                                             plain(change.after)));
          break;
        case ModelChange::Kind::moved: text += "\nstands elsewhere"; break;
        case ModelChange::Kind::changed:
          text += "\n" + wrapped(fmt::format("{}: {} -> {}", plain(change.field),
                                             change.before.empty() ? "none" : plain(change.before),
                                             change.after.empty() ? "none" : plain(change.after)));
          break;
        default: break;
      }
    }
    return text;
  }

  void draw_new(const DrawnNode& node) {
    const DrawnNode* const was = find(old_, node.name);
    if (was == nullptr) {
      canvas_.node(node.name, "+ " + node.label, new_look);
      return;
    }
    const std::string told = told_of(node, was->label);
    if (told.empty()) {
      canvas_.node(node.name, node.label, same_look);
    } else {
      canvas_.node(node.name, "~ " + node.label + told, changed_look);
    }
  }

  void draw_ways() {
    std::vector<bool> kept(old_.ways.size());
    for (const DrawnWay& way : new_.ways) {
      const std::size_t same = partner(kept, [&](const DrawnWay& each) { return each == way; });
      if (same != old_.ways.size()) {
        kept[same] = true;
        canvas_.way(way.from, way.to, way.label, way.look);
        continue;
      }
      // Between the same two, and taken by something else now.
      const std::size_t renamed = partner(kept, [&](const DrawnWay& each) {
        return each.from == way.from && each.to == way.to &&
               std::find(new_.ways.begin(), new_.ways.end(), each) == new_.ways.end();
      });
      WayLook look = way.look;
      if (renamed != old_.ways.size()) {
        kept[renamed] = true;
        look.line = changed_look.line;
        const std::string& was = old_.ways[renamed].label;
        canvas_.way(way.from, way.to,
                    fmt::format("~ {}\n-> {}", was.empty() ? "always" : was,
                                way.label.empty() ? "always" : way.label),
                    look);
      } else {
        look.line = new_look.line;
        canvas_.way(way.from, way.to, signed_label('+', way.label), look);
      }
    }
    for (std::size_t i = 0; i < old_.ways.size(); ++i) {
      if (!kept[i]) draw_gone(old_.ways[i]);
    }
  }

  template <class Fits>
  std::size_t partner(const std::vector<bool>& kept, Fits fits) const {
    std::size_t i = 0;
    while (i < old_.ways.size() && (kept[i] || !fits(old_.ways[i]))) ++i;
    return i;
  }

  // Where both ends are still there, the newer version says where they stand.
  void draw_gone(const DrawnWay& way) {
    WayLook look = way.look;
    look.dashed = true;
    look.line = gone_look.line;
    look.loose = find(new_, way.from) != nullptr && find(new_, way.to) != nullptr;
    canvas_.way(way.from, way.to, signed_label('-', way.label), look);
  }

  static std::string signed_label(char sign, const std::string& label) {
    return label.empty() ? std::string(1, sign) : fmt::format("{} {}", sign, label);
  }

  const Campaign& before_;
  const Campaign& after_;
  Canvas& canvas_;
  Memory old_;
  Memory new_;
  std::map<std::string, std::string> ids_;  // of steps, by the names of their boxes
  std::map<std::string, std::vector<ModelChange>> told_;
};

}  // namespace

std::string to_dot(const Campaign& before, const Campaign& after) {
  return dot_of([&](Canvas& canvas) { Overlay(before, after, canvas).draw_all(); });
}

}  // namespace itinera::model
