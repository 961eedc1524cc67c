// SPDX-License-Identifier: Apache-2.0
// When what conditions ask for changes by the passing of time alone.
#include <algorithm>
#include <utility>

#include "model/scope.hpp"
#include "state/facts.hpp"

namespace itinera::engine {
namespace {

using expr::Program;
using record::no_deadline;

bool is_sound(const Program::Stand& stand) { return stand.standing != Program::Standing::error; }

// The last instant that `holds`, which does so at `first` and no more at `last`.
template <class Holds>
Instant last_that(Instant first, Instant last, Holds holds) {
  while (last - first > 1) {
    const Instant middle = first + (last - first) / 2;
    (holds(middle) ? first : last) = middle;
  }
  return first;
}

}  // namespace

// A comparison changes once at most up to `until`. Mostly after as long as its sides are apart,
// rounded up; else the moment is found by halving. Where it has no value, because a sum is beyond
// the calendar's end, it has not changed.
Instant Facts::next_crossing(const Condition& condition, std::size_t comparison, Instant until) {
  const auto standing_at = [&](Instant t) {
    supposed_ = t;
    begin_evaluation(condition);
    return condition.program.standing(comparison, *this, arena_);
  };
  const Instant now = state_.now;
  const Program::Stand stands = standing_at(now);
  const auto has_turned = [&](Instant t) {
    const Program::Stand then = standing_at(t);
    return is_sound(then) && !(then == stands);
  };
  const auto found = [&]() -> Instant {
    if (!is_sound(stands) || now >= until) return no_deadline;
    for (const std::int64_t more : {0, 1}) {
      if (stands.apart_ms > until - now - more) break;
      const Instant guess = now + (stands.apart_ms + more);
      if (guess == now || !has_turned(guess)) continue;
      if (guess - now == 1 || !has_turned(guess - 1)) return guess;
    }
    Instant after = until;
    Program::Stand last = standing_at(after);
    if (!is_sound(last)) {
      after = last_that(now, after, [&](Instant t) { return is_sound(standing_at(t)); });
      last = standing_at(after);
    }
    if (last == stands) return no_deadline;
    return last_that(now, after, [&](Instant t) { return !has_turned(t); }) + 1;
  }();
  supposed_.reset();
  return found;
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
  const Instant known = known_from(state_.plans.needs[history.need]);
  if (known < earliest_instant) return next;  // it was never to be filled
  const Instant filled = known + window_ms;
  return filled > state_.now ? std::min(next, filled) : next;
}

// Events may have occurred a little ahead of now. Until time has come to them since_last() stays 0,
// so that what goes with it goes another way from then on.
Instant Facts::next_reached(const Condition& condition) const {
  using Function = expr::HistoryCall::Function;
  Instant next = no_deadline;
  if (contact_ == no_place) return next;
  for (std::size_t i = 0; i < condition.history.size(); ++i) {
    const Function function = condition.program.history_calls()[i].function;
    if (function != Function::since_last && function != Function::since_changed) continue;
    base::ByteView rest = state_.blobs.view(state_.contacts[contact_].history);
    while (!rest.empty()) {
      const HistoryItem item = take_event(rest);
      if (item.occurred <= state_.now) break;
      if (item.event == condition.history[i].event) next = std::min(next, item.occurred);
    }
  }
  return next;
}

Instant Facts::next_moment(const Condition& condition) {
  ++walk_;
  return moment_of(condition);
}

Instant Facts::moment_of(const Condition& condition) {
  if (!condition.has_moments) return no_deadline;
  Instant next = next_reached(condition);
  const Instant until = std::min(next, latest_instant);
  for (std::size_t i = 0; i < condition.program.timed_comparisons(); ++i) {
    next = std::min(next, next_crossing(condition, i, until));
  }
  for (std::size_t i = 0; i < condition.history.size(); ++i) {
    const std::optional<std::int64_t> window = condition.program.history_calls()[i].window_ms;
    if (window) next = std::min(next, next_leaving(condition.history[i], *window));
  }
  for (const Binding& binding : condition.slots) {
    if (binding.source != Binding::Source::segment || depth_ == model::segment_depth_max) continue;
    const SegmentPlan* const asked = state_.plans.segment(binding.name);
    if (asked == nullptr || asked->condition == nullptr) continue;
    const auto place = static_cast<std::size_t>(asked - state_.plans.segments.data());
    if (segments_.size() <= place) segments_.resize(state_.plans.segments.size());
    if (std::exchange(segments_[place].walk, walk_) == walk_) continue;
    ++depth_;
    next = std::min(next, moment_of(*asked->condition));
    --depth_;
  }
  return next;
}

}  // namespace itinera::engine
