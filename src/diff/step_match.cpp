// SPDX-License-Identifier: Apache-2.0
#include "diff/step_match.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <utility>

#include "diff/field_texts.hpp"
#include "model/model_codec.hpp"
#include "model/walk.hpp"

namespace itinera::model {
namespace {

// Names of the lists of a step, in the order of for_each_list().
std::vector<std::string> list_names(const Step& step) {
  std::vector<std::string> names;
  if (const auto* wait = std::get_if<WaitFor>(&step.kind)) {
    for (const WaitCase& each : wait->cases) names.push_back(source_text(each.trigger));
    names.insert(names.end(), {"then", "else"});
  } else if (const auto* branch = std::get_if<Branch>(&step.kind)) {
    for (const BranchCase& each : branch->cases) names.push_back(each.when.text);
    names.emplace_back("else");
  } else if (const auto* split = std::get_if<Split>(&step.kind)) {
    for (const Variant& each : split->variants) names.push_back("variant " + each.name);
  } else if (const auto* parallel = std::get_if<Parallel>(&step.kind)) {
    for (std::size_t i = 1; i <= parallel->strands.size(); ++i) {
      names.push_back(fmt::format("strand {}", i));
    }
  } else if (answer_of(step) != nullptr) {
    names = {"then", "else"};
  }
  return names;
}

void place(const Steps& steps, const PlacedStep& first, std::vector<PlacedStep>& out) {
  PlacedStep next = first;
  for (const Step& step : steps) {
    const std::size_t at = out.size();
    next.step = &step;
    out.push_back(next);
    next.ahead = at;
    const std::vector<std::string> names = list_names(step);
    std::size_t list = 0;
    for_each_list(step, [&](const Steps& nested) {
      place(nested, {.parent = at, .list = list, .list_name = names[list]}, out);
      ++list;
    });
  }
}

using Indexes = std::vector<std::size_t>;

// How many steps of a kind are aligned by what they do: time and memory grow with the square.
constexpr std::size_t aligned_max = 512;

// The longest run of pairs (i, j), both growing, whose contents are the same: indexes into both.
std::vector<std::pair<std::size_t, std::size_t>> common_run(const std::vector<base::Bytes>& a,
                                                            const std::vector<base::Bytes>& b) {
  std::vector<std::vector<std::uint32_t>> longest(a.size() + 1,
                                                  std::vector<std::uint32_t>(b.size() + 1));
  for (std::size_t i = a.size(); i-- > 0;) {
    for (std::size_t j = b.size(); j-- > 0;) {
      longest[i][j] =
          a[i] == b[j] ? longest[i + 1][j + 1] + 1 : std::max(longest[i + 1][j], longest[i][j + 1]);
    }
  }
  std::vector<std::pair<std::size_t, std::size_t>> run;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a[i] == b[j]) {
      run.emplace_back(i++, j++);
    } else {
      ++(longest[i + 1][j] >= longest[i][j + 1] ? i : j);
    }
  }
  return run;
}

class StepMatcher {
 public:
  StepMatcher(const Campaign& before, const Campaign& after) {
    place(before.steps, {}, match_.before);
    place(after.steps, {}, match_.after);
    match_.becomes.assign(match_.before.size(), nowhere);
    match_.was.assign(match_.after.size(), nowhere);
  }

  StepMatch take() {
    pair_by_id();
    for (std::size_t kind = 0; kind < kinds; ++kind) pair_unnamed(kind);
    pair_renamed();
    find_moved();
    return std::move(match_);
  }

 private:
  static constexpr std::size_t kinds = std::variant_size_v<Step::Kind>;

  void pair(std::size_t before, std::size_t after) {
    match_.becomes[before] = after;
    match_.was[after] = before;
  }

  // As VersionMove::same_as() of room engine, which says where journeys go on.
  void pair_by_id() {
    std::array<std::size_t, kinds> were{};
    std::array<std::size_t, kinds> are{};
    std::map<std::string_view, std::size_t> ids;
    for (const PlacedStep& each : match_.before) ++were.at(each.step->kind.index());
    for (std::size_t i = 0; i < match_.after.size(); ++i) {
      ++are.at(match_.after[i].step->kind.index());
      ids.emplace(match_.after[i].step->id, i);
    }
    for (std::size_t i = 0; i < match_.before.size(); ++i) {
      const Step& step = *match_.before[i].step;
      const auto same = ids.find(step.id);
      if (same == ids.end() || match_.was[same->second] != nowhere) continue;
      const Step& after = *match_.after[same->second].step;
      const std::size_t kind = step.kind.index();
      if (after.kind.index() != kind) continue;
      if ((step.named && after.named) || were.at(kind) == are.at(kind)) pair(i, same->second);
    }
    for (std::size_t kind = 0; kind < kinds; ++kind) recounted_[kind] = were[kind] != are[kind];
  }

  static Indexes unnamed_of(const std::vector<PlacedStep>& steps, std::size_t kind) {
    Indexes found;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      if (!steps[i].step->named && steps[i].step->kind.index() == kind) found.push_back(i);
    }
    return found;
  }

  void pair_unnamed(std::size_t kind) {
    const Indexes before = unnamed_of(match_.before, kind);
    const Indexes after = unnamed_of(match_.after, kind);
    if (before.empty()) return;
    if (std::max(before.size(), after.size()) > aligned_max) {
      pair_by_number(kind, before, after);
      return;
    }
    std::vector<base::Bytes> contents[2];
    for (const std::size_t i : before) contents[0].push_back(content_of(*match_.before[i].step));
    for (const std::size_t i : after) contents[1].push_back(content_of(*match_.after[i].step));
    const auto run = common_run(contents[0], contents[1]);
    if (recounted_.at(kind)) {
      for (const auto& [i, j] : run) pair(before[i], after[j]);
      warn_of_recount(before);
      return;
    }
    const auto shifted = std::find_if(run.begin(), run.end(), [&](const auto& each) {
      const std::size_t same = match_.becomes[before[each.first]];
      return same != nowhere && same != after[each.second] &&
             content_of(*match_.after[same].step) != contents[0][each.first];
    });
    if (shifted == run.end()) return;
    match_.warnings.push_back(
        fmt::format("what {0} did {1} does now: steps without an `id` have moved, and journeys "
                    "that stand at {0} go on at the new {0}; give such steps an `id`",
                    match_.before[before[shifted->first]].step->id,
                    match_.after[after[shifted->second]].step->id));
  }

  // Where there are as many as there were, pair_by_id() has done it.
  void pair_by_number(std::size_t kind, const Indexes& before, const Indexes& after) {
    if (!recounted_.at(kind)) return;
    for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i) {
      pair(before[i], after[i]);
    }
    warn_of_recount(before);
  }

  void warn_of_recount(const Indexes& unnamed) {
    match_.warnings.push_back(
        fmt::format("there are more or fewer `{}` steps than there were, and {} of them had no "
                    "id of its own: journeys that stand at one cannot tell where to go on; give "
                    "such steps an `id`",
                    kind_name(*match_.before[unnamed.front()].step), unnamed.size()));
  }

  // What is left on both sides and does the same.
  void pair_renamed() {
    std::map<base::Bytes, Indexes> gone;
    for (std::size_t i = match_.before.size(); i-- > 0;) {
      if (match_.becomes[i] == nowhere) gone[content_of(*match_.before[i].step)].push_back(i);
    }
    if (gone.empty()) return;
    for (std::size_t j = 0; j < match_.after.size(); ++j) {
      if (match_.was[j] != nowhere) continue;
      const auto found = gone.find(content_of(*match_.after[j].step));
      if (found == gone.end() || found->second.empty()) continue;
      pair(found->second.back(), j);
      found->second.pop_back();
    }
  }

  [[nodiscard]] bool in_same_list(std::size_t before, std::size_t after) const {
    const PlacedStep& was = match_.before[before];
    const PlacedStep& is = match_.after[after];
    if (was.parent == nowhere || is.parent == nowhere) return was.parent == is.parent;
    return match_.becomes[was.parent] == is.parent &&
           (was.list_name == is.list_name || was.list == is.list);
  }

  void find_moved() {
    match_.moved.assign(match_.after.size(), false);
    std::map<std::pair<std::size_t, std::size_t>, Indexes> lists;
    for (std::size_t j = 0; j < match_.after.size(); ++j) {
      if (match_.was[j] == nowhere) continue;
      if (in_same_list(match_.was[j], j)) {
        lists[{match_.after[j].parent, match_.after[j].list}].push_back(j);
      } else {
        match_.moved[j] = true;
      }
    }
    for (const auto& [list, steps] : lists) {
      Indexes places;
      for (const std::size_t j : steps) places.push_back(match_.was[j]);
      const std::vector<bool> stays = in_growing_run(places);
      for (std::size_t i = 0; i < steps.size(); ++i) match_.moved[steps[i]] = !stays[i];
    }
  }

  StepMatch match_;
  std::array<bool, kinds> recounted_{};  // there are not as many of the kind as there were
};

}  // namespace

std::vector<bool> in_growing_run(const Indexes& numbers) {
  Indexes ends;  // by length: where the run of that length ends that has the least end
  Indexes ahead(numbers.size(), nowhere);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto at = std::lower_bound(
        ends.begin(), ends.end(), numbers[i],
        [&](std::size_t end, std::size_t number) { return numbers[end] < number; });
    if (at != ends.begin()) ahead[i] = *std::prev(at);
    if (at == ends.end()) {
      ends.push_back(i);
    } else {
      *at = i;
    }
  }
  std::vector<bool> inside(numbers.size());
  for (std::size_t i = ends.empty() ? nowhere : ends.back(); i != nowhere; i = ahead[i]) {
    inside[i] = true;
  }
  return inside;
}

StepMatch match_steps(const Campaign& before, const Campaign& after) {
  return StepMatcher(before, after).take();
}

std::string place_text(const std::vector<PlacedStep>& steps, std::size_t index) {
  const PlacedStep& step = steps[index];
  if (step.ahead != nowhere) return "after " + steps[step.ahead].step->id;
  if (step.parent == nowhere) return "first";
  return fmt::format("first in {} of {}", step.list_name, steps[step.parent].step->id);
}

}  // namespace itinera::model
