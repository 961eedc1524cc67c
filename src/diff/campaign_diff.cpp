// SPDX-License-Identifier: Apache-2.0
#include "itinera/campaign_diff.hpp"

#include <fmt/format.h>

#include <array>
#include <map>
#include <utility>

#include "diff/diff_items.hpp"
#include "diff/field_texts.hpp"
#include "diff/step_match.hpp"
#include "model/graph.hpp"
#include "model/model_codec.hpp"
#include "model/walk.hpp"

namespace itinera {
namespace model {
namespace {

using Kind = ModelChange::Kind;
using What = ModelChange::What;

// A way out of a step, with what takes it.
struct LabelledWay {
  std::string label;  // no other way out of the step has it
  NodeIndex target = end_node;
  std::string variable = {};  // that it fills
};

// Ways of sends, and of gotos, are fields of theirs.
std::vector<LabelledWay> labelled_ways(const Node& node) {
  std::vector<LabelledWay> ways;
  const auto add = [&](std::string label, std::string variable = {}) {
    if (ways.size() < node.targets.size()) {
      ways.push_back({std::move(label), node.targets[ways.size()], std::move(variable)});
    }
  };
  const Step& step = *node.step;
  if (const auto* wait = std::get_if<WaitFor>(&step.kind)) {
    for (const WaitCase& each : wait->cases) add(case_text(each), each.as);
    add("else");
  } else if (const auto* branch = std::get_if<Branch>(&step.kind)) {
    for (const BranchCase& each : branch->cases) add(each.when.text);
    add("else");
  } else if (const auto* split = std::get_if<Split>(&step.kind)) {
    for (const Variant& each : split->variants) add("variant " + each.name);
  } else if (const auto* parallel = std::get_if<Parallel>(&step.kind)) {
    for (std::size_t i = 1; i <= parallel->strands.size(); ++i) add(fmt::format("strand {}", i));
  } else if (answer_of(step) != nullptr) {
    add("completed");
    add("else");
  } else if (!std::holds_alternative<Goto>(step.kind) && !std::holds_alternative<Exit>(step.kind)) {
    ways.push_back({"", node.next});
  }
  std::vector<std::string> labels;
  for (LabelledWay& way : ways) labels.push_back(std::move(way.label));
  labels = told_apart(std::move(labels));
  for (std::size_t i = 0; i < ways.size(); ++i) ways[i].label = std::move(labels[i]);
  return ways;
}

// What compare_ways() does not tell.
Fields fields_beside_ways(const Step& step) {
  Fields fields = fields_of(step);
  std::erase_if(fields, [](const Field& field) { return field.key.starts_with(variable_of_case); });
  return fields;
}

// What it does, in a line: "send email, template welcome", "wait_for opened reminder".
std::string described(const Step& step, const Node& node) {
  std::string text;
  const Fields fields = fields_of(step);
  const bool has_cases =
      !node.targets.empty() && jumps_of(step).empty() && answer_of(step) == nullptr;
  if (has_cases) {
    text = kind_name(step);
    std::string_view between = " ";
    for (const LabelledWay& way : labelled_ways(node)) {
      if (way.label == "else") continue;
      text += fmt::format("{}{}", between, way.label);
      between = "; ";
    }
  }
  for (const Field& field : fields) {
    if (field.key == "note" || field.key.starts_with("data.") ||
        field.key.starts_with("weight of ")) {
      continue;
    }
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", field.key, field.text);
  }
  return text;
}

class CampaignComparison {
 public:
  CampaignComparison(const Campaign& before, const Campaign& after)
      : before_(before),
        after_(after),
        graph_before_(flatten(before)),
        graph_after_(flatten(after)),
        match_(match_steps(before, after)) {
    passed_before_.resize(match_.before.size());
    passed_after_.resize(match_.after.size());
    for (std::size_t i = 0; i < match_.before.size(); ++i) {
      const std::size_t is = match_.becomes[i];
      passed_before_[i] = is == nowhere || match_.moved[is];
    }
    for (std::size_t j = 0; j < match_.after.size(); ++j) {
      passed_after_[j] = match_.was[j] == nowhere || match_.moved[j];
    }
  }

  ModelDiff take() {
    if (same_content(before_, after_)) return {};
    compare_fields({.what = What::campaign, .campaign = after_.name, .name = after_.name},
                   fields_of(before_), fields_of(after_), diff_.changes);
    compare_items(What::entry, after_.name, items_of(before_.entries), items_of(after_.entries),
                  diff_.changes);
    compare_items(What::goal, after_.name, goals_of(before_), goals_of(after_), diff_.changes);
    compare_items(What::exit, after_.name, items_of(before_.exits), items_of(after_.exits),
                  diff_.changes);
    compare_steps();
    if (diff_.changes.empty()) {
      add({.what = What::campaign, .name = after_.name, .field = "order"});
    }
    warn();
    return std::move(diff_);
  }

 private:
  // What an entry or an exit listens to is its name.
  template <class T>
  static std::vector<NamedFields> items_of(const std::vector<T>& list) {
    std::vector<NamedFields> items;
    for (const T& each : list) {
      Fields fields = fields_of(each);
      const std::string name = fields.front().text;
      fields.erase(fields.begin());
      items.push_back({name, std::move(fields)});
    }
    return items;
  }
  static std::vector<NamedFields> goals_of(const Campaign& campaign) {
    std::vector<NamedFields> items;
    for (const Goal& each : campaign.goals) items.push_back({each.name, fields_of(each)});
    return items;
  }

  void add(ModelChange change) {
    change.campaign = after_.name;
    diff_.changes.push_back(std::move(change));
  }

  void compare_steps() {
    // Behind which steps those that are gone stood; at the end: those that stood first.
    std::vector<std::vector<std::size_t>> gone_behind(match_.after.size() + 1);
    std::size_t last = match_.after.size();
    for (std::size_t i = 0; i < match_.before.size(); ++i) {
      if (match_.becomes[i] != nowhere) {
        last = match_.becomes[i];
      } else {
        gone_behind[last].push_back(i);
      }
    }
    const auto tell_gone = [&](const std::vector<std::size_t>& steps) {
      for (const std::size_t i : steps) tell_removed(i);
    };
    tell_gone(gone_behind.back());
    for (std::size_t j = 0; j < match_.after.size(); ++j) {
      if (match_.was[j] != nowhere) {
        compare_step(match_.was[j], j);
      } else {
        const Step& step = *match_.after[j].step;
        add({.kind = Kind::added,
             .what = What::step,
             .name = step.id,
             .after = describe(step, graph_after_, j),
             .place = place_text(match_.after, j)});
      }
      tell_gone(gone_behind[j]);
    }
  }

  static std::string describe(const Step& step, const Graph& graph, std::size_t at) {
    return at < graph.nodes.size() ? described(step, graph.nodes[at]) : std::string();
  }

  void tell_removed(std::size_t i) {
    const Step& step = *match_.before[i].step;
    add({.kind = Kind::removed,
         .what = What::step,
         .name = step.id,
         .before = describe(step, graph_before_, i),
         .place = place_text(match_.before, i)});
  }

  void compare_step(std::size_t was, std::size_t is) {
    const Step& before = *match_.before[was].step;
    const Step& after = *match_.after[is].step;
    const ModelChange of_step{.what = What::step, .campaign = after_.name, .name = after.id};
    if (before.id != after.id) {
      add({.kind = Kind::renamed,
           .what = What::step,
           .name = after.id,
           .before = before.id,
           .after = after.id});
    } else if (before.named != after.named) {
      add({.what = What::step,
           .name = after.id,
           .field = "id",
           .before = before.named ? before.id : "",
           .after = after.named ? after.id : ""});
    }
    if (match_.moved[is] && !went_along(was, is)) {
      add({.kind = Kind::moved,
           .what = What::step,
           .name = after.id,
           .before = place_text(match_.before, was),
           .after = place_text(match_.after, is)});
    }
    const std::size_t told = diff_.changes.size();
    compare_fields(of_step, fields_beside_ways(before), fields_beside_ways(after), diff_.changes);
    if (was < graph_before_.nodes.size() && is < graph_after_.nodes.size()) {
      compare_ways(was, is, of_step);
    }
    if (diff_.changes.size() == told && content_of(before) != content_of(after)) {
      add({.what = What::step, .name = after.id, .field = "order"});
    }
  }

  // With the step ahead of it, of which it is told.
  [[nodiscard]] bool went_along(std::size_t was, std::size_t is) const {
    const std::size_t before = match_.before[was].ahead;
    const std::size_t after = match_.after[is].ahead;
    return before != nowhere && after != nowhere && match_.becomes[before] == after;
  }

  // Where a way leads that is followed through gotos, and through steps that are told of
  // themselves: those that are new, gone or moved. What ends a journey is its end.
  static NodeIndex settled(const Graph& graph, const std::vector<bool>& passed, NodeIndex to) {
    for (std::size_t hops = 0; to != end_node && hops <= graph.nodes.size(); ++hops) {
      const Node& node = graph.nodes[to];
      const bool always = node.step->when.empty();
      if (always && std::holds_alternative<Exit>(node.step->kind)) return end_node;
      if (always && std::holds_alternative<Goto>(node.step->kind)) {
        to = node.targets.front();
      } else if (passed[to]) {
        to = node.next;
      } else {
        return to;
      }
    }
    return end_node;
  }

  static std::size_t place_of(const std::vector<LabelledWay>& ways, const std::string& label) {
    std::size_t place = 0;
    while (place < ways.size() && ways[place].label != label) ++place;
    return place == ways.size() ? nowhere : place;
  }

  void compare_ways(std::size_t was, std::size_t is, const ModelChange& of_step) {
    std::vector<LabelledWay> before = labelled_ways(graph_before_.nodes[was]);
    std::vector<LabelledWay> after = labelled_ways(graph_after_.nodes[is]);
    for (LabelledWay& way : before) way.target = settled(graph_before_, passed_before_, way.target);
    for (LabelledWay& way : after) way.target = settled(graph_after_, passed_after_, way.target);
    compare_order(before, after, of_step);
    for (std::size_t k = 0; k < after.size(); ++k) {
      const LabelledWay& way = after[k];
      const std::size_t same = place_of(before, way.label);
      if (same != nowhere) {
        compare_variables(before[same], way, of_step);
        // Whoever moved has other steps around it, and that is told.
        if (!way.label.empty() || !match_.moved[is]) compare_targets(before[same], way, of_step);
      } else if (k < before.size() && place_of(after, before[k].label) == nowhere) {
        ModelChange change = of_step;
        change.field = kind_name(*match_.after[is].step);
        change.before = before[k].label;
        change.after = way.label;
        diff_.changes.push_back(std::move(change));
        compare_variables(before[k], way, of_step);
        compare_targets(before[k], way, of_step);
      } else {
        add_way(Kind::added, of_step, way.label, "", target_name(match_.after, way.target));
        compare_variables({}, way, of_step);
      }
    }
    for (std::size_t k = 0; k < before.size(); ++k) {
      const bool replaced = k < after.size() && place_of(before, after[k].label) == nowhere;
      if (place_of(after, before[k].label) != nowhere || replaced) continue;
      add_way(Kind::removed, of_step, before[k].label, target_name(match_.before, before[k].target),
              "");
    }
  }

  // The first case that holds is taken, and the buckets of variants lie one behind the other.
  void compare_order(const std::vector<LabelledWay>& before, const std::vector<LabelledWay>& after,
                     const ModelChange& of_step) {
    std::vector<std::string> were;
    std::vector<std::string> are;
    for (const LabelledWay& way : before) {
      if (way.label != "else" && place_of(after, way.label) != nowhere) were.push_back(way.label);
    }
    for (const LabelledWay& way : after) {
      if (way.label != "else" && place_of(before, way.label) != nowhere) are.push_back(way.label);
    }
    if (were == are) return;
    ModelChange change = of_step;
    change.field = "order";
    change.before = fmt::format("{}", fmt::join(were, "; "));
    change.after = fmt::format("{}", fmt::join(are, "; "));
    diff_.changes.push_back(std::move(change));
  }

  void compare_variables(const LabelledWay& before, const LabelledWay& after,
                         const ModelChange& of_step) {
    if (before.variable == after.variable) return;
    ModelChange change = of_step;
    change.field = std::string(variable_of_case) + after.label;
    change.before = before.variable;
    change.after = after.variable;
    diff_.changes.push_back(std::move(change));
  }

  void compare_targets(const LabelledWay& before, const LabelledWay& after,
                       const ModelChange& of_step) {
    const std::size_t now = before.target == end_node ? nowhere : match_.becomes.at(before.target);
    const std::size_t wanted = after.target == end_node ? nowhere : after.target;
    if (now == wanted) return;
    add_way(Kind::changed, of_step, after.label, target_name(match_.before, before.target),
            target_name(match_.after, after.target));
  }

  void add_way(Kind kind, const ModelChange& of_step, const std::string& label, std::string before,
               std::string after) {
    add({.kind = kind,
         .what = What::way,
         .name = of_step.name,
         .field = label,
         .before = std::move(before),
         .after = std::move(after)});
  }

  static std::string target_name(const std::vector<PlacedStep>& steps, NodeIndex target) {
    return target == end_node ? "the end" : steps[target].step->id;
  }

  void warn() {
    if (before_.version == after_.version) {
      diff_.warnings.push_back(
          fmt::format("both say version {}, and differ: a version that was published cannot be "
                      "published with other content; raise `version`",
                      after_.version));
    }
    for (const ModelChange& change : diff_.changes) {
      if (change.kind != Kind::renamed) continue;
      diff_.warnings.push_back(fmt::format(
          "for journeys that stand at {0}, {1} is another step: to let them go on there, "
          "publish with `--step {2}/{0}={1}`",
          change.before, change.after, after_.name));
    }
    for (std::string& warning : match_.warnings) diff_.warnings.push_back(std::move(warning));
  }

  const Campaign& before_;
  const Campaign& after_;
  const Graph graph_before_;
  const Graph graph_after_;
  StepMatch match_;
  std::vector<bool> passed_before_;  // ways are followed through them
  std::vector<bool> passed_after_;
  ModelDiff diff_;
};

// One line, whatever stands in it.
std::string in_a_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool blank = static_cast<unsigned char>(c) <= 0x20 || c == 0x7F;
    if (!blank) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  return line;
}

// "step pause", "goal order"; of a campaign and a workspace nothing: the change stands under it.
std::string subject_of(const ModelChange& change) {
  if (change.what == What::campaign || change.what == What::workspace) return {};
  return fmt::format("{} {}", name_of(change.what), in_a_line(change.name));
}

std::string way_words(const ModelChange& change) {
  const std::string from =
      change.field.empty() ? fmt::format("after {}", change.name)
                           : fmt::format("after {}, `{}`", change.name, in_a_line(change.field));
  switch (change.kind) {
    case Kind::added: return fmt::format("{} is a new way, to {}", from, change.after);
    case Kind::removed:
      return fmt::format("{} is no way any more; it led to {}", from, change.before);
    default: break;
  }
  return fmt::format("{}{} now leads to {}; before to {}", from, change.field.empty() ? " it" : "",
                     change.after, change.before);
}

std::string field_words(const ModelChange& change) {
  const std::string subject = subject_of(change);
  const std::string lead = subject.empty() ? subject : subject + ": ";
  const std::string before = in_a_line(change.before);
  const std::string after = in_a_line(change.after);
  if (change.before.empty() && change.after.empty()) {
    return lead + "the same, in another order";
  }
  if (change.before.empty()) return fmt::format("{}now {} {}", lead, change.field, after);
  if (change.after.empty()) {
    return fmt::format("{}no {} any more; it was {}", lead, change.field, before);
  }
  return fmt::format("{}{} {} -> {}", lead, change.field, before, after);
}

}  // namespace
}  // namespace model

std::string_view name_of(ModelChange::Kind kind) {
  constexpr std::array<std::string_view, 5> names{"added", "removed", "renamed", "moved",
                                                  "changed"};
  return names.at(static_cast<std::size_t>(kind));
}

std::string_view name_of(ModelChange::What what) {
  constexpr std::array<std::string_view, 11> names{"campaign", "entry",   "goal",      "exit",
                                                   "step",     "way",     "workspace", "channel",
                                                   "sender",   "segment", "policy"};
  return names.at(static_cast<std::size_t>(what));
}

std::string to_text(const ModelChange& change) {
  using Kind = ModelChange::Kind;
  if (change.what == ModelChange::What::way) return model::way_words(change);
  const std::string subject =
      fmt::format("{} {}", name_of(change.what), model::in_a_line(change.name));
  const auto told = [](std::string_view what) {
    return what.empty() ? std::string() : fmt::format(": {}", model::in_a_line(what));
  };
  const std::string place = model::in_a_line(change.place);
  switch (change.kind) {
    case Kind::added:
      return fmt::format("{} is new{}{}{}", subject, place.empty() ? "" : ", ", place,
                         told(change.after));
    case Kind::removed:
      return fmt::format("{} is gone{}{}{}", subject, place.empty() ? "" : ", it stood ", place,
                         told(change.before));
    case Kind::renamed:
      return fmt::format("{} {} is now called {}", name_of(change.what), change.before,
                         change.after);
    case Kind::moved:
      return fmt::format("{} has moved: it stands {} now, and stood {}", subject,
                         model::in_a_line(change.after), model::in_a_line(change.before));
    case Kind::changed: break;
  }
  return model::field_words(change);
}

ModelDiff diff(const Campaign& before, const Campaign& after) {
  return model::CampaignComparison(before, after).take();
}

}  // namespace itinera
