// SPDX-License-Identifier: Apache-2.0
// What a view says in words.
#include <initializer_list>
#include <string>

#include "itinera/views.hpp"

namespace itinera {
namespace {

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += part;
  return text;
}

std::string words_of(const Trigger& trigger) {
  std::string words;
  switch (trigger.kind) {
    case Trigger::Kind::event: words = trigger.event; break;
    case Trigger::Kind::receipt: words = joined({receipt_name(trigger), ": ", trigger.step}); break;
    case Trigger::Kind::condition: words = joined({"condition ", trigger.condition.text}); break;
    case Trigger::Kind::segment:
      words = joined({"segment ", trigger.segment, " is ", trigger.leaves ? "left" : "entered"});
      break;
  }
  if (trigger.account) words += " in the account";
  return words;
}

std::string words_of(const std::vector<Trigger>& triggers) {
  std::string words;
  for (const Trigger& trigger : triggers) {
    if (!words.empty()) words += " or ";
    words += words_of(trigger);
  }
  return words;
}

std::string words_of(const Standing& standing) {
  const std::string& who = standing.detail;
  switch (standing.awaited) {
    case Awaited::time: return "waits";
    case Awaited::trigger: return joined({"waits for ", words_of(standing.triggers)});
    case Awaited::answer: return joined({"waits for what the host reports of call ", who});
    case Awaited::person: return joined({"waits for a person to do ", who});
    case Awaited::entries: return "gathers what else comes in";
    case Awaited::outcome: return "waits for what is reported of its message";
    case Awaited::retry: return "waits for the next attempt";
    case Awaited::quiet_hours: return "is held by quiet hours";
    case Awaited::cap: return "is held by a frequency cap";
    case Awaited::quota: return joined({"is held by the quota of account ", who});
    case Awaited::hours: return joined({"is held by the hours of account ", who});
    case Awaited::pace: return joined({"is held by the pace of account ", who});
    case Awaited::rest: return joined({"is held while account ", who, " rests"});
    case Awaited::line: return joined({"is held behind others in the line of account ", who});
    case Awaited::presence: return "is held until the contact is present";
    case Awaited::group:
      return joined({"waits for another journey of the exclusive group ", who, " to end"});
    case Awaited::resume: return "stands still, since its campaign is paused";
    case Awaited::gate: return "is about to meet its gates";
  }
  return {};
}

}  // namespace

std::string_view name_of(Awaited awaited) {
  switch (awaited) {
    case Awaited::time: return "time";
    case Awaited::trigger: return "trigger";
    case Awaited::answer: return "answer";
    case Awaited::person: return "person";
    case Awaited::entries: return "entries";
    case Awaited::outcome: return "outcome";
    case Awaited::retry: return "retry";
    case Awaited::quiet_hours: return "quiet_hours";
    case Awaited::cap: return "cap";
    case Awaited::quota: return "quota";
    case Awaited::hours: return "hours";
    case Awaited::pace: return "pace";
    case Awaited::rest: return "rest";
    case Awaited::line: return "line";
    case Awaited::presence: return "presence";
    case Awaited::group: return "group";
    case Awaited::resume: return "resume";
    case Awaited::gate: return "gate";
  }
  return {};
}

bool is_held(Awaited awaited) {
  return awaited >= Awaited::quiet_hours && awaited <= Awaited::presence;
}

std::string to_text(const Standing& standing) {
  std::string words = words_of(standing);
  if (standing.until) {
    words.append(" until ").append(to_text(*standing.until));
  } else if (standing.awaited == Awaited::trigger || standing.awaited == Awaited::answer ||
             standing.awaited == Awaited::person) {
    words += ", without a deadline";
  }
  return words;
}

}  // namespace itinera
