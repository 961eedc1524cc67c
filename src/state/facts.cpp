// SPDX-License-Identifier: Apache-2.0
#include "state/facts.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/civil_value.hpp"
#include "model/scope.hpp"
#include "state/governance.hpp"

namespace itinera::engine {
namespace {

using expr::Cell;
using expr::EvalError;

bool ran_out(const Cell& cell) { return cell.is_error() && cell.error_code == EvalError::budget; }

Cell timestamp(Instant t) { return Cell::of(base::timestamp_at(t)); }

Cell span_of(std::int64_t ms) {
  return Cell::of(TimeSpan{ms / 1000, static_cast<std::int32_t>(ms % 1000 * 1'000'000)});
}

// The properties of a past event, for the filter of a history function.
class PastEvent final : public expr::Activation {
 public:
  PastEvent(base::ByteView properties, const std::vector<NameId>& filter, const State& state)
      : properties_(properties), filter_(filter), names_(state.plans.names), zones_(*state.zones) {}

  Cell slot(const expr::Program&, std::uint32_t index, expr::Arena& arena) override {
    return property(names_.text(filter_[index]), arena);
  }
  Cell history(const expr::Program&, std::uint32_t, expr::Arena&) override {
    return Cell::of(EvalError::no_such_overload);
  }
  [[nodiscard]] const ZoneTable& zones() const override { return zones_; }

  [[nodiscard]] Cell property(std::string_view name, expr::Arena& arena) const {
    for (base::ByteView rest = properties_; !rest.empty();) {
      const PropertyItem item = take_property(rest);
      if (item.name == name) return expr::view_of_packed(item.value, arena);
    }
    return Cell::of(EvalError::no_such_key);
  }

 private:
  base::ByteView properties_;
  const std::vector<NameId>& filter_;
  const Names& names_;
  const ZoneTable& zones_;
};

// Folds the events of a history function, newest first.
class HistoryFold {
 public:
  explicit HistoryFold(const expr::HistoryCall& call) : call_(call) {}

  // Whether older events can still matter.
  bool add(Instant occurred, const Cell& property) {
    ++count_;
    if (count_ == 1) newest_ = occurred;
    if (call_.function == expr::HistoryCall::Function::sum) {
      if (property.kind == Cell::Kind::integer) {
        sum_ += static_cast<double>(property.integer);
      } else if (property.kind == Cell::Kind::real) {
        sum_ += property.real;
      }
      return true;
    }
    return call_.function == expr::HistoryCall::Function::count;
  }
  // `complete`: nothing can be missing.
  [[nodiscard]] Cell result(Instant now, bool complete) const {
    using Function = expr::HistoryCall::Function;
    const bool known = complete || (count_ > 0 && call_.function != Function::count &&
                                    call_.function != Function::sum);
    if (!known) return Cell::of(EvalError::unknown_data);
    switch (call_.function) {
      case Function::count: return Cell::of(count_);
      case Function::sum: return Cell::of(sum_);
      case Function::engaged:
      case Function::ever: return Cell::of(count_ > 0);
      case Function::last:
        return count_ > 0 ? timestamp(newest_) : Cell::of(EvalError::no_such_key);
      case Function::since_changed:
      case Function::since_last:
        return count_ > 0 ? span_of(std::max<std::int64_t>(0, now - newest_))
                          : Cell::of(EvalError::no_such_key);
    }
    return Cell::of(EvalError::no_such_overload);
  }

 private:
  const expr::HistoryCall& call_;
  std::int64_t count_ = 0;
  double sum_ = 0;
  Instant newest_;
};

}  // namespace

// The segments, filters and addresses that one evaluation asks for take so many steps together as
// so many conditions may.
void Facts::begin_evaluation(const Condition& condition) {
  constexpr std::uint32_t conditions_within = 16;
  condition_ = &condition;
  arena_.reset();
  remembered_.clear();
  ++evaluation_;
  const std::uint64_t steps = std::uint64_t{state_.limits.condition_steps} * conditions_within;
  steps_within_ = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(steps, std::numeric_limits<std::uint32_t>::max()));
}

Cell Facts::value_of(const Condition& condition) {
  begin_evaluation(condition);
  return condition.program.evaluate(*this, arena_);
}

const Cell* Facts::remembered(std::uint32_t index, bool history) const {
  for (const Remembered& each : remembered_) {
    if (each.index == index && each.condition == condition_ && each.history == history) {
      return &each.cell;
    }
  }
  return nullptr;
}

// What is beyond the bound is found again each time.
void Facts::remember(std::uint32_t index, bool history, const Cell& cell) {
  constexpr std::size_t remembered_max = 64;
  if (remembered_.size() < remembered_max) {
    remembered_.push_back({condition_, index, history, cell});
  }
}

Cell Facts::attribute(NameId name, expr::Arena& arena) const {
  if (contact_ == no_place) return Cell::of(EvalError::no_such_key);
  const Contact& contact = state_.contacts[contact_];
  for (base::ByteView rest = state_.blobs.view(contact.attributes); !rest.empty();) {
    if (base::load_le<NameId>(rest.data()) == consent_name) break;
    const AttributeItem item = take_attribute(rest);
    if (item.name != name) continue;
    const Cell value = expr::view_of_packed(item.value, arena);
    return value.kind == Cell::Kind::null ? Cell::of(EvalError::no_such_key) : value;
  }
  if (name == state_.plans.id_name) return Cell::of(state_.id_of(contact));
  return Cell::of(EvalError::no_such_key);
}

Cell Facts::from_context(ContextTag tag, NameId name, expr::Arena& arena) const {
  if (journey_ == no_place) return Cell::of(EvalError::no_such_key);
  const base::ByteView value =
      find_value(state_.blobs.view(state_.journeys[journey_].context), tag, name);
  return value.empty() ? Cell::of(EvalError::no_such_key) : expr::view_of_packed(value, arena);
}

Cell Facts::slot(const expr::Program&, std::uint32_t index, expr::Arena& arena) {
  if (!remembered_.empty()) {
    if (const Cell* const known = remembered(index, false)) return *known;
  }
  const Cell cell = find(condition_->slots[index], arena);
  if (cell.kind == Cell::Kind::list || cell.kind == Cell::Kind::map) remember(index, false, cell);
  return cell;
}

Cell Facts::find(const Binding& binding, expr::Arena& arena) {
  switch (binding.source) {
    case Binding::Source::attribute: return attribute(binding.name, arena);
    case Binding::Source::entry: return from_context(ContextTag::entry, binding.name, arena);
    case Binding::Source::variable: return from_context(ContextTag::variable, binding.name, arena);
    case Binding::Source::key: {
      if (journey_ == no_place || !state_.journeys[journey_].has_key) break;
      return Cell::of(state_.key_of(state_.journeys[journey_]));
    }
    case Binding::Source::event:
      for (const EventProperty& property : event_) {
        if (property.id == binding.name) return property.value;
      }
      break;
    case Binding::Source::now: return timestamp(clock());
    case Binding::Source::segment: return in_segment(binding.name, arena);
    case Binding::Source::consent:
      return Cell::of(consented(state_.plans.names.text(binding.name)));
    case Binding::Source::address:
      return Cell::of(reachable(state_.plans.names.text(binding.name), arena));
    case Binding::Source::outcome: return Cell::of(outcome(binding.node));
  }
  return Cell::of(EvalError::no_such_key);
}

// Segments that ask for each other in a ring, which only a hostile journal has, end in an error.
Cell Facts::in_segment(NameId segment, expr::Arena& arena) {
  const SegmentPlan* const plan = state_.plans.segment(segment);
  if (plan == nullptr || plan->condition == nullptr || depth_ == model::segment_depth_max) {
    return Cell::of(EvalError::no_such_key);
  }
  const auto place = static_cast<std::size_t>(plan - state_.plans.segments.data());
  if (segments_.size() <= place) segments_.resize(state_.plans.segments.size());
  if (segments_[place].evaluation == evaluation_) return segments_[place].answer;
  ++depth_;
  const Condition* const outer = std::exchange(condition_, plan->condition);
  Cell cell = plan->condition->program.evaluate(*this, arena, steps_within_);
  condition_ = outer;
  --depth_;
  if (!ran_out(cell)) cell = Cell::of(expr::truth_of(cell) == expr::Truth::yes);
  segments_[place].evaluation = evaluation_;
  segments_[place].answer = cell;
  return cell;
}

Instant Facts::known_from(const HistoryNeed& need) const {
  const Contact& contact = state_.contacts[contact_];
  if (!contact.history_unknown && contact.first_seen >= need.since) return earliest_instant - 1;
  return contact.history_unknown ? std::max(need.since, contact.first_seen) : need.since;
}

// Of what nothing was said there is no consent.
bool Facts::consented(std::string_view asked) const {
  if (contact_ == no_place) return false;
  const std::size_t mark = asked.find(expr::topic_mark);
  const std::string_view topic =
      mark == std::string_view::npos ? std::string_view{} : asked.substr(mark + 1);
  return word_of(state_.blobs.view(state_.contacts[contact_].attributes), asked.substr(0, mark),
                 topic)
      .granted;
}

// Whether a send on that channel would find an address.
bool Facts::reachable(std::string_view channel, expr::Arena& arena) {
  for (const ChannelPlan& each : state_.plans.channels) {
    if (each.name != channel || each.address == nullptr) continue;
    const Condition* const asking = std::exchange(condition_, each.address);
    const Cell address = each.address->program.evaluate(*this, arena, steps_within_);
    condition_ = asking;
    return address.kind == Cell::Kind::text && address.size > 0;
  }
  return false;
}

// The strongest receipt of the newest action of that step; "emitted" without any, "skipped" where
// the step was passed over last, "" where the journey did not come to it.
std::string_view Facts::outcome(NodeIndex node) const {
  if (journey_ == no_place || node == model::end_node) return {};
  const Journey& j = state_.journeys[journey_];
  if (find_context(state_.blobs.view(j.context), ContextTag::skipped, node)) return "skipped";
  for (std::uint32_t at = j.actions; at != no_place; at = state_.actions[at].next) {
    if (state_.node_of(at) == node) return strongest(state_.actions[at].receipts);
  }
  return {};
}

std::string_view Facts::strongest(std::uint32_t receipts) const {
  static constexpr Receipt above[] = {Receipt::failed, Receipt::bounced, Receipt::complained,
                                      Receipt::unsubscribed, Receipt::completed};
  static constexpr Receipt below[] = {Receipt::replied, Receipt::clicked, Receipt::opened,
                                      Receipt::delivered, Receipt::sent};
  const auto has = [&](std::size_t number) { return (receipts >> number & 1) != 0; };
  for (const Receipt each : above) {
    if (has(static_cast<std::size_t>(each))) return name_of(each);
  }
  for (std::size_t i = state_.plans.receipts.size();
       i-- > static_cast<std::size_t>(Receipt::declared);) {
    if (has(i)) return state_.plans.receipts.name(static_cast<std::uint8_t>(i));
  }
  for (const Receipt each : below) {
    if (has(static_cast<std::size_t>(each))) return name_of(each);
  }
  return "emitted";
}

Cell Facts::history(const expr::Program& program, std::uint32_t index, expr::Arena&) {
  if (!remembered_.empty()) {
    if (const Cell* const known = remembered(index, true)) return *known;
  }
  const expr::HistoryCall& call = program.history_calls()[index];
  if (steps_within_ == 0) return Cell::of(EvalError::budget);
  std::uint32_t passed = 0;
  const Cell cell = fold(call, condition_->history[index], passed);
  constexpr std::uint32_t passed_per_step = 4;
  steps_within_ -= std::min(steps_within_, passed / passed_per_step);
  if (call.filter || passed >= passed_per_step) remember(index, true, cell);
  return cell;
}

Cell Facts::fold(const expr::HistoryCall& call, const HistoryBinding& binding,
                 std::uint32_t& passed) {
  HistoryFold fold(call);
  const Instant begin = call.window_ms ? clock() - *call.window_ms : earliest_instant - 1;
  bool complete = true;
  if (contact_ != no_place) {
    const Contact& contact = state_.contacts[contact_];
    const Instant known = known_from(state_.plans.needs[binding.need]);
    complete = known < earliest_instant || (call.window_ms && begin >= known);
    for (base::ByteView rest = state_.blobs.view(contact.history); !rest.empty();) {
      const HistoryItem item = take_event(rest);
      ++passed;
      if (item.event != binding.event) continue;
      if (item.occurred <= begin) break;
      PastEvent past(item.properties, binding.filter, state_);
      arena_of_past_.reset();
      if (call.filter) {
        const Cell wanted = call.filter->evaluate(past, arena_of_past_, steps_within_);
        if (ran_out(wanted)) return wanted;
        if (expr::truth_of(wanted) != expr::Truth::yes) continue;
      }
      const Cell property =
          call.property.empty() ? Cell{} : past.property(call.property, arena_of_past_);
      if (!fold.add(item.occurred, property)) break;
    }
  }
  return fold.result(clock(), complete);
}

Value Facts::attribute_value(NameId name) const {
  expr::Arena arena;
  if (contact_ == no_place) return {};
  const Cell value = attribute(name, arena);
  return value.is_error() ? Value() : expr::to_value(value);
}

Facts::ZoneChoice Facts::zone_for(std::optional<ZoneIndex> stated,
                                  const CampaignPlan* campaign) const {
  if (stated) return {*stated, 0, false};
  ZoneChoice choice;
  if (contact_ != no_place) {
    expr::Arena arena;
    const Cell zone = attribute(state_.plans.zone_name, arena);
    if (zone.kind == Cell::Kind::text) {
      if (const auto known = state_.zones->find(zone.as_text())) return {*known, 1, false};
    }
    choice.invalid = !zone.is_error();
  }
  if (journey_ != no_place) campaign = &state_.plan_of(state_.journeys[journey_]);
  if (campaign != nullptr && campaign->zone) return {*campaign->zone, 2, choice.invalid};
  if (state_.plans.zone) return {*state_.plans.zone, 3, choice.invalid};
  return choice;
}

}  // namespace itinera::engine
