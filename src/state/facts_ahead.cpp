// SPDX-License-Identifier: Apache-2.0
// When what conditions ask for changes by the passing of time alone.
#include <algorithm>

#include "state/facts.hpp"

namespace itinera::engine {
namespace {

using record::no_deadline;

}  // namespace

// A comparison changes once at most as time goes on. Mostly after as long as its sides are apart,
// rounded up; else the moment is found by halving.
Instant Facts::next_crossing(const Condition& condition, std::size_t comparison) {
  const auto standing_at = [&](Instant t) {
    supposed_ = t;
    condition_ = &condition;
    arena_.reset();
    return condition.program.standing(comparison, *this, arena_);
  };
  Instant before = state_.now;
  Instant after = latest_instant;
  const expr::Program::Stand now = standing_at(before);
  bool changes = now.standing != expr::Program::Standing::error && before < after;
  for (const std::int64_t more : {0, 1}) {
    if (!changes || now.apart_ms > after - before - more) break;
    const Instant guess = before + (now.apart_ms + more);
    if (guess == before || standing_at(guess) == now) continue;
    if (guess - before == 1 || standing_at(guess - 1) == now) {
      supposed_.reset();
      return guess;
    }
  }
  changes = changes && !(standing_at(after) == now);
  while (changes && after - before > 1) {
    const Instant middle = before + (after - before) / 2;
    (standing_at(middle) == now ? before : after) = middle;
  }
  supposed_.reset();
  return changes ? after : no_deadline;
}

// A window changes when its oldest event leaves it, or when it has filled for the first time.
Instant Facts::next_leaving(const HistoryBinding& history, std::int64_t window_ms) const {
  if (contact_ == no_place) return no_deadline;
  Instant next = no_deadline;
  const Instant begin = state_.now - window_ms;
  for (base::ByteView rest = state_.blobs.view(state_.contacts[contact_].history); !rest.empty();) {
    const HistoryItem item = take_event(rest);
    if (item.occurred <= begin) break;
    if (item.event == history.event) next = std::min(next, item.occurred + window_ms);
  }
  const Instant filled = known_from(state_.plans.needs[history.need]) + window_ms;
  return filled > state_.now ? std::min(next, filled) : next;
}

Instant Facts::next_moment(const Condition& condition) {
  if (!condition.has_moments) return no_deadline;
  Instant next = no_deadline;
  for (std::size_t i = 0; i < condition.program.timed_comparisons(); ++i) {
    next = std::min(next, next_crossing(condition, i));
  }
  for (std::size_t i = 0; i < condition.history.size(); ++i) {
    const std::optional<std::int64_t> window = condition.program.history_calls()[i].window_ms;
    if (window) next = std::min(next, next_leaving(condition.history[i], *window));
  }
  constexpr std::uint32_t depth_max = 16;
  for (const Binding& binding : condition.slots) {
    if (binding.source != Binding::Source::segment || depth_ == depth_max) continue;
    const SegmentPlan* const asked = state_.plans.segment(binding.name);
    if (asked == nullptr || asked->condition == nullptr) continue;
    ++depth_;
    next = std::min(next, next_moment(*asked->condition));
    --depth_;
  }
  return next;
}

}  // namespace itinera::engine
