// SPDX-License-Identifier: Apache-2.0
// The step kinds of a campaign as plain structs, and Step, which holds one of them. Steps nest as
// they are written; a nested list rejoins after its parent.
//
// Enumerators and the alternatives of variants are on disk by number (docs/durability.md, The
// model): never reorder or remove one; add at the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "itinera/diagnostic.hpp"
#include "itinera/outward_steps.hpp"
#include "itinera/send.hpp"
#include "itinera/trigger.hpp"
#include "itinera/wait.hpp"

namespace itinera {

// A list of steps. Not an alias, so that neither its initialiser nor its destructor looks into
// Step, which is incomplete up to the end of this file.
struct Step;
struct Steps : std::vector<Step> {
  using std::vector<Step>::vector;
  Steps() noexcept;
  Steps(const Steps& other);
  Steps(Steps&& other) noexcept;
  Steps& operator=(const Steps& other);
  Steps& operator=(Steps&& other) noexcept;
  ~Steps();
};

struct WaitCase {
  Trigger trigger = {};
  Expression when = {};  // may read `event` if the trigger is an event
  std::string as = {};   // the journey variable that takes what came in; empty: none
  Steps steps = {};
  SourceLocation at = {};
};

// Waits for the first of its cases, or until `within` runs out. `then` runs after any case, after
// that case's own steps; `otherwise` (in files: else) at the deadline.
struct WaitFor {
  // From when plain events count (S2): from arrival, from the journey's entry (the entry event
  // excluded), or from `since_ms` before arrival.
  enum class Since : std::uint8_t { arrival, journey, duration };
  std::vector<WaitCase> cases = {};
  std::optional<std::int64_t> within_ms = {};
  // Tested before the cases: arms the full `within` anew.
  std::optional<Trigger> reset_on = {};
  Expression reset_when = {};  // may read `event` if that is an event
  Since since = Since::arrival;
  std::int64_t since_ms = 0;
  Steps then = {};
  Steps otherwise = {};
};

// How `call` and `task` wait: until the host reports their action `completed`, and then goes on;
// or `failed`, or until `within_ms` runs out, which take `otherwise` (in files: else).
struct Answer {
  std::optional<std::int64_t> within_ms = {};
  std::string as = {};  // the journey variable that takes what came with `completed`; empty: none
  Steps then = {};
  Steps otherwise = {};
};

// Asks the host for something, by a name that it knows.
struct Call {
  std::string name = {};
  std::vector<Datum> data = {};
  Answer answer = {};
  Retry retry = {};
};

// Asks a person for something. Its action carries the journey's story (docs/campaign-yaml.md).
struct Task {
  std::string ask = {};
  std::string team = {};
  std::vector<Datum> data = {};
  Answer answer = {};
};

struct Strand {
  Steps steps = {};
  SourceLocation at = {};
};

// Runs its strands side by side. Goes on once every strand has come to its end; or, with
// Join::any, once the first has, and the others stop where they stand.
struct Parallel {
  enum class Join : std::uint8_t { all, any };
  static constexpr std::size_t strands_max = 32;
  std::vector<Strand> strands = {};
  Join join = Join::all;
};

// Gathers what would enter the campaign again, and goes on once: when the window is over, or with
// the `max`th. Meanwhile such events and `enter`s of the same contact and key enter nothing.
struct Digest {
  std::int64_t window_ms = 0;
  bool sliding = false;     // each that is gathered begins the window anew
  Expression key = {};      // over `event`; only what has the value of the journey's own entry
  std::uint32_t max = 100;  // 1..1000
  std::string as = {};      // the journey variable that takes the list of them; empty: none
};

struct BranchCase {
  Expression when = {};
  Steps steps = {};
  SourceLocation at = {};
};

// Takes the first case that holds, else `otherwise`; unknown is not true (design 7).
struct Branch {
  std::vector<BranchCase> cases = {};
  Steps otherwise = {};
};

struct Variant {
  std::string name = {};
  std::uint32_t weight = 0;
  Steps steps = {};
  SourceLocation at = {};
};

// Experiments that share nobody: each takes the buckets [from, to) of 10,000 of one name.
struct SplitSpace {
  std::string id = {};
  std::uint32_t from = 0;
  std::uint32_t to = 10'000;
};

// Assigns each contact to one variant, for good (S24). Who is outside `space` or `coverage` is in
// none, and goes on behind the split.
struct Split {
  // By what a contact's bucket of 10,000 is found: as the tool of that name does.
  enum class Hash : std::uint8_t { growthbook, optimizely, growthbook_v1 };
  std::vector<Variant> variants = {};
  std::string seed = {};  // of optimizely the experiment's id; default: "<campaign>/<step id>"
  Hash hash = Hash::growthbook;
  std::uint32_t coverage = 10'000;  // of each variant's share, in ten-thousandths
  std::optional<SplitSpace> space = {};
};
std::string_view name_of(Split::Hash hash);  // "growthbook", "optimizely", "growthbook-v1"

// Sets journey variables (`journey.x`) and attributes of the contact (plain names), in order.
struct Set {
  std::vector<Datum> values = {};
};

struct ReachGoal {
  std::string goal = {};
  Expression value = {};
};

struct Goto {
  std::string step = {};
};

// Ends the journey; `reason` is an author's text.
struct Exit {
  std::string reason = {};
};

struct Step {
  using Kind = std::variant<Send, Wait, WaitFor, Branch, Split, Set, ReachGoal, Goto, Exit,
                            ChangeAudience, EmitEvent, StartCampaign, StopCampaign, Call, Task,
                            ChangeConsent, Parallel, Digest>;

  std::string id = {};   // unique in its campaign; given as "<kind>-<n>" where the author gave none
  bool named = false;    // the author gave it
  Expression when = {};  // false or unknown: the step is skipped
  std::string note = {};
  std::optional<std::uint32_t> max_visits = {};  // S25; default: Limits::max_visits
  Kind kind = {};
  SourceLocation at = {};
  WordPlaces words = {};
};

// Defaulted outside its class, none is inline by itself. NOLINTBEGIN(*-redundant-inline-*)
inline Steps::Steps() noexcept = default;
inline Steps::Steps(const Steps& other) = default;
inline Steps::Steps(Steps&& other) noexcept = default;
inline Steps& Steps::operator=(const Steps& other) = default;
inline Steps& Steps::operator=(Steps&& other) noexcept = default;
inline Steps::~Steps() = default;
// NOLINTEND(*-redundant-inline-*)

// The key of its kind in a file: "send", "wait_for", "goto".
std::string_view kind_name(const Step& step);

}  // namespace itinera
