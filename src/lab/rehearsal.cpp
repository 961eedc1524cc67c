// SPDX-License-Identifier: Apache-2.0
#include "lab/rehearsal.hpp"

#include <utility>
#include <variant>

namespace itinera::lab {
namespace {

std::string audience_of(const Action& action) {
  if (action.kind != Action::Kind::audience) return {};
  return (action.removes ? "remove " : "add ") + std::string(action.list);
}

Emission owned(const Action& action) {
  return {.kind = action.kind,
          .id = action.id,
          .at = action.at,
          .contact = std::string(action.contact),
          .campaign = std::string(action.campaign),
          .version = action.version,
          .step = std::string(action.step),
          .iteration = action.iteration,
          .has_key = action.has_key,
          .key = std::string(action.key),
          .channel = std::string(action.channel),
          .template_name = std::string(action.template_name),
          .address = std::string(action.address),
          .audience = audience_of(action),
          .name = std::string(action.name),
          .team = std::string(action.team),
          .topic = std::string(action.topic),
          .state = action.kind != Action::Kind::consent ? ""
                   : action.granted                     ? "granted"
                                                        : "denied",
          .source = std::string(action.source),
          .maybe_executed = action.maybe_executed,
          .data = {action.data.begin(), action.data.end()}};
}

Told owned(const Happening& happening) {
  return {.at = happening.at,
          .what = std::string(happening.what),
          .reason = std::string(happening.reason),
          .choice = std::string(happening.choice),
          .contact = std::string(happening.contact),
          .campaign = std::string(happening.campaign),
          .has_key = happening.has_key,
          .key = std::string(happening.key),
          .step = std::string(happening.step),
          .channel = std::string(happening.channel),
          .goal = std::string(happening.goal),
          .iteration = happening.iteration,
          .text = to_text(happening)};
}

}  // namespace

Rehearsal::Rehearsal(Engine engine, EngineOptions options)
    : engine_(std::move(engine)), options_(std::move(options)) {}

Result<Rehearsal> Rehearsal::begin(EngineOptions options) {
  Result<Engine> engine = Engine::create(options);
  if (!engine) return engine.error();
  return Rehearsal(std::move(*engine), std::move(options));
}

void Rehearsal::settle_before(Instant t) {
  if (actions_waiting() > 0) {
    if (engine_.now() >= t) return;
    engine_.advance_to(engine_.now());
  }
  take();
  while (next_deadline_ && *next_deadline_ < t) {
    engine_.advance_to(*next_deadline_);
    take();
  }
}

Result<void> Rehearsal::publish(const Workspace& workspace, std::span<const Campaign> campaigns,
                                Instant received, std::span<const Migration> migrations) {
  settle_before(received);
  return engine_.publish(workspace, campaigns, received, migrations);
}

Result<void> Rehearsal::feed(const Input& input) {
  const auto received = [](const auto& each) { return each.envelope.received; };
  settle_before(std::visit(received, input));
  const auto refusals = engine_.feed({&input, 1});
  if (refusals.empty()) return {};
  return refusals.front().error;
}

void Rehearsal::advance_to(Instant t) {
  settle_before(t);
  engine_.advance_to(t);
  take();
}

// How many takes there were.
std::uint64_t Rehearsal::hand_out() {
  const Output output = engine_.take_output();
  next_deadline_ = output.next_deadline;
  for (const Action& action : output.actions) emissions_.push_back(owned(action));
  append(output.journal);
  return output.takes;
}

// This host executes at once whatever it is given, and what a refusal met there has let go.
void Rehearsal::take() {
  do {
    const std::uint64_t takes = hand_out();
    if (engine_.statistics().actions_open > 0) {
      tell(Acknowledge{takes, true, {engine_.now(), {}, {}, {}}});
    }
  } while (actions_waiting() > 0);
}

void Rehearsal::keep_journal() { append(engine_.take_journal()); }

void Rehearsal::append(base::ByteView frames) {
  journal_.insert(journal_.end(), frames.begin(), frames.end());
  base::ByteView fresh = base::ByteView(journal_).last(frames.size());
  while (!fresh.empty() && !damage_) {
    const Result<Chapter> chapter = story_.next(fresh);
    if (!chapter) {
      damage_ = chapter.error();
      break;
    }
    for (const Happening& happening : chapter->happenings) {
      told_.push_back(owned(happening));
      if (coverage_ != nullptr) coverage_->hear(happening);
    }
  }
}

Result<void> Rehearsal::crash() {
  Result<Engine> engine = Engine::restore(journal_, options_);
  if (!engine) return engine.error();
  engine_ = std::move(*engine);
  return {};
}

Result<void> Rehearsal::crash_after_taking() {
  if (!engine_.keeps_taken()) tell(Reoffer{{}, {engine_.now(), {}, {}, {}}});
  hand_out();
  keep_journal();
  if (Result<void> done = crash(); !done) return done;
  tell(Reoffer{{}, {engine_.now(), {}, {}, {}}});
  return {};
}

}  // namespace itinera::lab
