// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "itinera/action.hpp"
#include "itinera/campaign.hpp"
#include "itinera/diagnostic.hpp"
#include "itinera/input.hpp"
#include "itinera/limits.hpp"
#include "itinera/migration.hpp"
#include "itinera/result.hpp"
#include "itinera/snapshot.hpp"
#include "itinera/statistics.hpp"
#include "itinera/time.hpp"
#include "itinera/views.hpp"

namespace itinera {

class ZoneTable;
namespace runtime {
class Lane;
}

// The system's time zones, read once and shared by any number of engines. Error: io_failed.
Result<std::shared_ptr<const ZoneTable>> load_zones();

struct EngineOptions {
  Limits limits = {};
  std::shared_ptr<const ZoneTable> zones = {};  // required: load_zones()
  // Of a journal that several engines write, each with contacts of its own: which one this is. Its
  // frames say so, and it takes no others. Below shards_max; a Runtime numbers its engines itself.
  std::uint8_t shard = 0;
  static constexpr std::uint8_t shards_max = 64;
};

// What the host owes the engine after a mutation, in this order: append `journal` durably, then
// perform `actions`, then call advance_to() at `next_deadline` at the latest. Both point into
// the engine and die with its next non-const call.
struct Output {
  std::span<const std::byte> journal = {};
  Actions actions = {};
  std::uint64_t takes = 0;  // how many take_output() had actions, since the journal began
  std::optional<Instant> next_deadline = {};  // empty: nothing will happen by time alone
};

// An input that was refused: it changed nothing.
struct Refusal {
  std::size_t index = 0;  // in the span that was fed
  Error error = {};
};

// Moves contacts through campaigns. Holds no clock, thread, file or socket: time and facts come in
// through feed() and advance_to(), work goes out through take_output(). The same calls give the
// same bytes, on every machine with the same zone data.
//
// Not thread-safe; separate engines share nothing but immutable zones and may run in parallel.
// A call that returns an Error has changed nothing.
class Engine {
 public:
  // An engine at the beginning of time, without campaigns; its journal begins with a frame that
  // says so. Error: invalid_argument (no zones).
  static Result<Engine> create(EngineOptions options);

  // Rebuilds an engine from the journal of another, which was cut off nowhere or anywhere: a torn
  // last frame is dropped. Decides nothing. `whole_bytes`, if given, receives the size of what was
  // used. Actions already taken do not come out again, unless a Reoffer asks for them. Errors:
  // damaged_journal, unsupported_version, invalid_argument.
  static Result<Engine> restore(std::span<const std::byte> journal, EngineOptions options,
                                std::size_t* whole_bytes = nullptr);

  // Writes all that this engine knows for load(), which needs no journal then. What it has not
  // handed out is part of it: hand out the frames first, so that the snapshot stands for a place in
  // the journal. Changes nothing. Error: that of `to`.
  Result<void> save(SnapshotWriter& to) const;

  // Rebuilds an engine from what save() wrote, on this machine or another, by this version of the
  // library or an older one. Errors: damaged_journal, unsupported_version, invalid_argument, that
  // of `from`.
  static Result<Engine> load(SnapshotReader& from, EngineOptions options);

  // Goes on as another engine did that wrote these frames, whole ones, from where this one stands:
  // after load(), or to follow an engine at a distance. Decides nothing. After an error, as of
  // restore(), the engine is of no use any more.
  Result<void> follow(std::span<const std::byte> journal);

  // After restore(), load() or follow(): from now on the zone data hold that this engine was opened
  // with. What waits for a time on a wall whose clock goes otherwise by them keeps that time, never
  // before now (S13). Where they are those that held before it does nothing; else it writes one
  // frame, at engine time. A Runtime does so when it is opened.
  void adopt_zone_data();

  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;
  ~Engine();

  // Makes `campaigns` the complete set that takes entries from now on; journeys in flight stay on
  // the version they entered, but for those of the campaigns that `migrations` names. Publishing
  // what is published already changes nothing. What falls due before `received` fires first, also
  // where the last of these errors follows: invalid_argument (check() finds errors, unknown zones
  // too; a migration names no step there is), conflict (a published version with other content),
  // limit_reached; conflict (somebody stands at a step that has no answer).
  Result<void> publish(const Workspace& workspace, std::span<const Campaign> campaigns,
                       Instant received, std::span<const Migration> migrations = {});

  // What would become of journeys in flight by that publication, were it now: by campaign, version
  // and step. Changes nothing. Error: invalid_argument.
  [[nodiscard]] Result<std::vector<MigrationRow>> preview(
      std::span<const Campaign> campaigns, std::span<const Migration> migrations) const;

  // Takes inputs in order; each first fires the timers due before its `received`. One that cannot
  // be taken is refused, alone. The refusals die with the next non-const call.
  std::span<const Refusal> feed(std::span<const Input> inputs);

  // What feed() would refuse this input with, were it fed now. Changes nothing.
  [[nodiscard]] std::optional<Error> refuses(const Input& input) const;

  // Fires every timer due at or before `t`, in the order of S0, and closes `t`: an input fed later
  // with `received` at or before `t` is taken one millisecond after it. A `t` earlier than engine
  // time changes nothing.
  void advance_to(Instant t);

  // Hands out what has come together. With actions to take it first writes a `taken` frame.
  Output take_output();

  // Hands out the frames alone and takes no action: for a host that makes durable what it fed while
  // the instant is still open. The span dies with the next non-const call.
  std::span<const std::byte> take_journal();

  // What another engine needs to go on with the contact's journey in that campaign where it stands
  // (TakeOver): a text of letters, digits, - and _. The journey itself goes on here until it is
  // ended by Stop. Errors: unknown_campaign, unknown_contact (no such journey is in flight),
  // invalid_argument (it stands in several strands, or has no step left).
  [[nodiscard]] Result<std::string> resume_token(std::string_view campaign,
                                                 std::string_view contact,
                                                 std::optional<std::string_view> key = {}) const;

  // What stands where (views.hpp): each changes nothing, and is as of now().
  //
  // The journeys of a contact in flight, by entry instant, campaign and key; the contact under any
  // id that feed() takes for it. Costs what the contact has. Error: unknown_contact.
  [[nodiscard]] Result<std::vector<JourneyView>> journeys_of(std::string_view contact) const;

  // Every step at which somebody stands, by campaign, version and the order written. Looks at all
  // journeys, as the next one does.
  [[nodiscard]] std::vector<StepOccupancy> occupancy() const;

  // The journeys that nothing but an input can move, and those whose send a gate holds, which have
  // stood so for `older_than_ms` or longer: all are counted, the `max` longest there are told of.
  // One of which that time is not known (Standing::certain) is rather told of too early.
  [[nodiscard]] StuckReport stuck(std::int64_t older_than_ms, std::size_t max) const;

  // As Output::next_deadline: now() while an instant is unfinished or actions wait to be taken.
  [[nodiscard]] std::optional<Instant> next_deadline() const;

  // Whether a Reoffer has been fed, so that what is taken is kept until something is reported of
  // it.
  [[nodiscard]] bool keeps_taken() const;

  // Whether an action that was taken, and kept since, may still go out: its contact is there and
  // has not refused it, and nothing but its own steps has ended its journey. As a Reoffer would
  // judge.
  [[nodiscard]] bool wants(const Action& action) const;
  [[nodiscard]] Instant now() const;
  [[nodiscard]] const Statistics& statistics() const;

 private:
  class Core;
  explicit Engine(std::unique_ptr<Core> core);

  // A Runtime takes at every instant that emitted something, within what feed() and advance_to() do
  // at once: `stop` is called there, and after each instant at which something was due. Once it
  // gives false nothing more is done.
  friend class runtime::Lane;
  using Stop = std::function<bool()>;
  std::span<const Refusal> feed(std::span<const Input> inputs, const Stop& stop);
  // All that comes before `t`, at which time does not arrive yet.
  void come_to(Instant t, const Stop& stop);
  Output take();  // take_output() without the next deadline
  std::unique_ptr<Core> core_;
};

}  // namespace itinera
