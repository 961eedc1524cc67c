// SPDX-License-Identifier: Apache-2.0
// What stands where, as of an engine's time: for a support desk, a dashboard, an alarm.
//
// Values with texts of their own: they outlive the engine. Nothing is kept for them while an engine
// runs; each call looks at what there is, as often as it says.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "itinera/ids.hpp"
#include "itinera/time.hpp"
#include "itinera/trigger.hpp"

namespace itinera {

// What a journey waits for where it stands. Names never change; new ones are added at the end.
enum class Awaited : std::uint8_t {
  time,         // a `wait`, or the time of day of a send
  trigger,      // a `wait_for`: the first of its cases
  answer,       // a `call`: that the host reports it
  person,       // a `task`: the same
  entries,      // a `digest`: what else would enter
  outcome,      // a send that has gone out: what is reported of it
  retry,        // a call or a send that has failed: the next attempt
  quiet_hours,  // held sends, from here ...
  cap,          // a frequency cap
  quota,        // of the sender account
  hours,        // the account's working hours
  pace,         // the account's rate or pacing
  rest,         // the account rests, because its provider has said so
  line,         // the account is free, and others are before it
  presence,     // the contact, on a channel where messages are pulled; ... to here
  group,        // before its first step: another journey of its exclusive group
  resume,       // its campaign is paused
  gate          // the instant at hand is not finished: the host advances
};
std::string_view name_of(Awaited awaited);  // "quiet_hours"
// Whether it is a send that a gate holds back.
bool is_held(Awaited awaited);

// Where a journey stands; one in several strands of a `parallel`, or with sends that have stepped
// aside, stands in several places.
struct Standing {
  std::string step = {};
  std::optional<std::uint32_t> strand = {};  // which of its parallel's, from 0
  bool aside = false;                        // a send that has stepped aside (`while_held`)
  Awaited awaited = Awaited::time;
  // When time alone moves it, or has its gates asked once more. Empty: nothing but an input does.
  std::optional<Instant> until = {};
  // Since when it stands there. What an engine need not remember it has not: where `certain` is
  // false, this is when the journey is known to have moved last, and it came there then or later.
  Instant since = {};
  bool certain = false;
  std::vector<Trigger> triggers = {};  // of `trigger`: the cases, in the order written
  std::string detail = {};  // the account, of its holds; what was asked for, of answer and person;
                            // the exclusive group
};
// "is held by quiet hours until 2026-03-02T07:00:00Z"
std::string to_text(const Standing& standing);

// A journey in flight.
struct JourneyView {
  JourneyId id = {};
  std::string contact = {};
  std::string campaign = {};
  std::uint32_t version = 0;
  std::optional<std::string> key = {};
  Instant entered = {};
  bool holdout = false;
  bool paused = false;  // its campaign is
  struct Assignment {
    std::string step = {};  // a `split`
    std::string variant = {};
  };
  // In document order. A variant is kept for good, so one may be of an earlier journey.
  std::vector<Assignment> variants = {};
  std::vector<std::string> goals = {};  // that it has reached
  std::vector<Standing> standings = {};
};

// How many stand at a step. A journey counts once for each place that it stands in.
struct StepOccupancy {
  std::string campaign = {};
  std::uint32_t version = 0;
  std::string step = {};
  std::uint64_t waiting = 0;  // for a time, an event, an answer of the host: all but those below
  std::uint64_t held = 0;     // sends, by a gate
  std::uint64_t asked = 0;    // of a person, by a `task`
  std::uint64_t stopped = 0;  // because their campaign is paused
  Instant since = {};         // of those there, the earliest Standing::since
  bool certain = false;       // the same of that one
};

struct StuckReport {
  std::uint64_t total = 0;  // places in which journeys are stuck
  // The longest there first, each with the one standing that it is about: as many as were asked
  // for.
  std::vector<JourneyView> journeys = {};
};

}  // namespace itinera
