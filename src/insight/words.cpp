// SPDX-License-Identifier: Apache-2.0
#include "insight/words.hpp"

#include <array>
#include <cstddef>

#include "model/walk.hpp"
#include "record/records.hpp"

namespace itinera::insight {
namespace {

// Indexed by record::InputKind.
constexpr std::array<std::string_view, 30> input_names{
    "",          "opened",    "event",       "identify", "alias",  "report",
    "enter",     "stop",      "publish",     "taken",    "timers", "gates",
    "zone_data", "pause",     "resume",      "migrate",  "merge",  "forget",
    "move",      "reoffer",   "group",       "request",  "grant",  "suppress",
    "reassign",  "take_over", "acknowledge", "heard",    "depart", "come"};

std::string_view text_of(const Trigger& trigger) {
  switch (trigger.kind) {
    case Trigger::Kind::event: return trigger.event;
    case Trigger::Kind::receipt: return itinera::receipt_name(trigger);
    case Trigger::Kind::condition: return trigger.condition.text;
    case Trigger::Kind::segment: return trigger.segment;
  }
  return {};
}

// What a send heard that awaits how it went.
std::string_view reaction_of(const Send& send, std::uint16_t which) {
  if (send.escalate && which == 0) {
    const bool declared = send.escalate->unless == Receipt::declared;
    return declared ? std::string_view(send.escalate->declared) : name_of(send.escalate->unless);
  }
  constexpr std::array<std::string_view, 4> known{"sent", "delivered", "failed", "bounced"};
  // One that escalates hears of its reaction first, and waits for an outcome only where it may
  // fail.
  const bool for_outcome = send.on_fail.kind != Way::Kind::go_on;
  const std::size_t place = !send.escalate ? which
                            : for_outcome  ? which - std::size_t{1}
                                           : which + std::size_t{1};
  return place < known.size() ? known[place] : std::string_view{};
}

}  // namespace

std::string_view name_of(record::InputKind kind) {
  const auto index = static_cast<std::size_t>(kind);
  return index < input_names.size() ? input_names[index] : std::string_view{};
}

std::string_view choice_of(const Step& step, std::uint16_t which) {
  if (const auto* wait = std::get_if<WaitFor>(&step.kind)) {
    return which < wait->cases.size() ? text_of(wait->cases[which].trigger) : std::string_view{};
  }
  if (const auto* branch = std::get_if<Branch>(&step.kind)) {
    return which < branch->cases.size() ? std::string_view(branch->cases[which].when.text)
                                        : std::string_view("else");
  }
  if (const auto* send = std::get_if<Send>(&step.kind)) return reaction_of(*send, which);
  if (std::holds_alternative<Digest>(step.kind)) return which == 0 ? "full" : std::string_view{};
  if (model::answer_of(step) != nullptr) {
    constexpr std::array<std::string_view, 2> answers{"completed", "failed"};
    return which < answers.size() ? answers[which] : std::string_view{};
  }
  if (const auto* parallel = std::get_if<Parallel>(&step.kind)) {
    // A strand goes by the step that it begins with.
    if (which >= parallel->strands.size()) return {};
    const Steps& steps = parallel->strands[which].steps;
    return steps.empty() ? std::string_view("empty") : std::string_view(steps.front().id);
  }
  if (const auto* split = std::get_if<Split>(&step.kind)) {
    return which < split->variants.size() ? std::string_view(split->variants[which].name)
                                          : std::string_view{};
  }
  return {};
}

std::string_view channel_of(const Send& send, std::size_t leg) {
  if (leg == 0) return send.channel;
  return leg <= send.alternatives.size() ? std::string_view(send.alternatives[leg - 1])
                                         : std::string_view{};
}

std::string_view zone_owner(std::uint8_t zone_from) {
  static constexpr std::array<std::string_view, 5> owners{"", "", "campaign", "workspace", "UTC"};
  const std::size_t owner = zone_from % record::Waited::of_wall_time;
  return owner < owners.size() ? owners[owner] : std::string_view{};
}

std::string_view told_of(const Step& step) {
  if (const auto* emit = std::get_if<EmitEvent>(&step.kind)) return emit->event;
  if (const auto* start = std::get_if<StartCampaign>(&step.kind)) return start->campaign;
  if (const auto* stop = std::get_if<StopCampaign>(&step.kind)) return stop->campaign;
  return {};
}

}  // namespace itinera::insight
