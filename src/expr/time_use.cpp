// SPDX-License-Identifier: Apache-2.0
#include "expr/time_use.hpp"

#include <algorithm>

namespace itinera::expr {
namespace {

// What time alone does to a value: nothing; changes it at moments that are known; moves it along
// with the clock, up or down and never back; anything else.
enum class Course : std::uint8_t { still, in_steps, linear, other };

class Analysis {
 public:
  Analysis(const Tree& tree, const Unit& unit) : tree_(tree), unit_(unit) {}

  TimeUse run(NodeIndex root) {
    const Course course = of(root);
    if (course == Course::linear) found_.culprit = root;
    return std::move(found_);
  }

 private:
  Course of(NodeIndex index) {
    const Node& node = tree_.nodes[index];
    switch (node.kind) {
      case NodeKind::slot:
        return unit_.slots[node.index] == Slot{"now", {}} ? Course::linear : Course::still;
      case NodeKind::history: {
        const HistoryCall& call = unit_.calls[node.index].call;
        if (call.function == HistoryCall::Function::since_last ||
            call.function == HistoryCall::Function::since_changed) {
          return Course::linear;
        }
        return call.window_ms ? Course::in_steps : Course::still;
      }
      case NodeKind::arithmetic: return of_sum(index);
      case NodeKind::relation: return of_comparison(index);
      default: return of_children(index);
    }
  }

  // Of anything that a value goes into and that is no comparison: it must not move by itself.
  Course of_children(NodeIndex index) {
    Course course = Course::still;
    for (const NodeIndex child : tree_.nodes[index].children) {
      const Course of_child = of(child);
      if (of_child == Course::linear) return blame(index);
      course = std::max(course, of_child);
    }
    return course;
  }

  Course of_sum(NodeIndex index) {
    const Node& node = tree_.nodes[index];
    Course course = Course::still;
    bool steps = false;
    for (const NodeIndex child : node.children) {
      const Course of_child = of(child);
      steps = steps || of_child == Course::in_steps;
      course = std::max(course, of_child);
    }
    if (course != Course::linear) return course;
    const bool sums = std::all_of(node.operators.begin(), node.operators.end(), [](Operator op) {
      return op == Operator::add || op == Operator::subtract;
    });
    return sums && !steps ? course : blame(index);
  }

  Course of_comparison(NodeIndex index) {
    const Node& node = tree_.nodes[index];
    const Course left = of(node.children[0]);
    const Course right = of(node.children[1]);
    const Course course = std::max(left, right);
    if (course != Course::linear) return course;
    // Within a macro it is a comparison for each element.
    const bool mixed = std::min(left, right) == Course::in_steps;
    if (mixed || node.operators[0] == Operator::in || node.lowest_local != no_local) {
      return blame(index);
    }
    found_.comparisons.push_back(index);
    return Course::in_steps;
  }

  Course blame(NodeIndex index) {
    if (!found_.culprit) found_.culprit = index;
    return Course::other;
  }

  const Tree& tree_;
  const Unit& unit_;
  TimeUse found_;
};

}  // namespace

TimeUse time_use(const Tree& tree, NodeIndex root, const Unit& unit) {
  if (!unit.reads_time) return {};
  return Analysis(tree, unit).run(root);
}

}  // namespace itinera::expr
