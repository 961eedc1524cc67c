// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "itinera/engine.hpp"
#include "itinera/runtime_status.hpp"
#include "itinera/store.hpp"

namespace itinera {

// What may wait in a Runtime. A call that finds a bound passed takes nothing and is the error
// limit_reached; one feed() may pass it by what it writes and emits itself.
struct RuntimeLimits {
  std::size_t pending_bytes_max = 64u << 20;    // of frames that are not durable yet
  std::size_t waiting_actions_max = 1'000'000;  // emitted, and not handed out yet
};

// What becomes of an action that was handed out, where the host is gone before it has done it.
enum class Delivery : std::uint8_t {
  once,   // nothing: it is lost
  known,  // it is offered again, marked `maybe_executed`, until something is reported of it or it
          // is acknowledged; a store that is run so keeps its actions from the first such run on
};

// What is done while the engine goes on, so that opening takes seconds and the store stays small.
//
// A snapshot is made by a second engine, rebuilt from the store on a thread of its own: no call
// waits for it, a commit for one piece of it at most (a mebibyte), and for as long as it takes,
// seconds for a million journeys, there is twice the memory. Of the journal everything stays unless
// a bound below says otherwise; what a snapshot or a reader's cursor still needs stays whatever
// they say.
struct Upkeep {
  std::uint64_t snapshot_after_bytes = 256u << 20;  // of journal; 0: only where asked for
  std::uint64_t journal_bytes_max = 0;              // 0: no bound
  std::int64_t journal_age_max_ms = 0;              // by engine time; 0: no bound
  // So long after somebody was forgotten, by engine time, they are erased from the store as well:
  // see Runtime::erase(). 0: only where asked for, and with any snapshot that is made.
  std::int64_t erase_after_ms = 86'400'000;
};

struct RuntimeOptions {
  RuntimeLimits limits = {};
  Delivery delivery = Delivery::once;
  Upkeep upkeep = {};
  // Of a new store: how many shards its contacts are in, each with an engine of its own; for good.
  // 0: of a new store 1, else as it was made. docs/host-guide.md says when one of them has all.
  std::uint32_t shards = 0;
  static constexpr std::uint32_t shards_max = EngineOptions::shards_max;
  // How many threads decide, whoever calls being one. They change nothing but how long it takes.
  std::uint32_t threads = 1;
};

// An engine with its store: what most hosts link. Opens where the journal ends, appends what the
// engine writes before any action leaves, and stops at every instant that emits something, so that
// actions are handed out at the instant they are due.
//
// The store is written to by a thread of its own, which appends what has arrived as one group,
// syncs, and repeats: the engine goes on meanwhile. What was fed is durable when commit() returns.
// A Runtime that is destroyed makes durable what was fed; actions that were not handed out are lost
// with it, unless it is opened with Delivery::known. Then all that nobody has told of is offered
// again by the first publish(), feed(), advance_to(), poll() or report(), at the instant at which
// the journal ends.
//
// Not thread-safe. After an error of the store (io_failed, fenced, damaged_journal) the runtime
// takes no more calls: open it again.
class Runtime {
 public:
  // Reads the store, restores its engines, and claims the store then, so that whoever else has it
  // open can write no more: where it fails before, they go on. Errors: those of Engine::restore()
  // and of the store; io_failed, too, where no thread can be started; invalid_argument (the store
  // has another number of shards, or none has so many).
  static Result<Runtime> open(std::unique_ptr<Store> store, EngineOptions options,
                              const RuntimeOptions& how = {});

  Runtime(Runtime&&) noexcept;
  Runtime& operator=(Runtime&&) noexcept;
  ~Runtime();

  // As Engine::publish(), and durable when it returns. It has no sink: what falls due before
  // `received` fires, and waits for the next call that has one; come there by advance_to() first.
  Result<void> publish(const Workspace& workspace, std::span<const Campaign> campaigns,
                       Instant received, std::span<const Migration> migrations = {});

  // Receives actions, in order, after their frames are durable. The spans die when it returns. That
  // it has returned says only that the host has them: see acknowledge().
  //
  // It must not feed the runtime that calls it: in it publish(), feed(), advance_to(), commit(),
  // acknowledge(), poll(), report(), snapshot() and erase() are the error invalid_argument. Where
  // it throws, that leaves the call, and the same actions are given to the next sink.
  class Sink {
   public:
    virtual ~Sink() = default;
    virtual void act(std::span<const Action> actions) = 0;
  };

  // Takes the inputs, each at its own instant: timers that fall due before it fire first. The
  // refusals die with the next call. Waits for the disk only where more than `pending_bytes_max`
  // would come together.
  Result<std::span<const Refusal>> feed(std::span<const Input> inputs);
  // Where `waiting_actions_max` is passed on the way, time stops there: limit_reached. What is due
  // later is emitted by a later call, when some have been handed out.
  Result<void> advance_to(Instant t);

  // Waits until everything that was fed is durable, and hands out the actions.
  Result<void> commit(Sink& sink);

  // The same, with a commit() at the end; on the way actions are handed out as their frames become
  // durable.
  Result<std::span<const Refusal>> feed(std::span<const Input> inputs, Sink& sink);
  Result<void> advance_to(Instant t, Sink& sink);

  // With Delivery::known, what sinks have been given up to now is done, as if something had been
  // reported of each, but that no journey hears it. Error: invalid_argument (leases are running).
  Result<void> acknowledge();

  // With Delivery::known, in place of a sink: advances to `now`, waits until all that was fed is
  // durable, and gives at most `max` actions, whose leases end `lease_ms` later. One whose lease
  // ends before something is reported of it is offered again by the next poll() or advance_to().
  // Leases are known to this Runtime alone. What is more than `max` has been taken, too, and waits
  // for the next poll, which asks consent for it once more: what nobody may want any more ends
  // `unknown_outcome`, and is not given. The span dies with the next call. Error: invalid_argument.
  Result<std::span<const Action>> poll(Instant now, std::int64_t lease_ms, std::size_t max);

  // Feeds the report, and ends the action's lease. Waits for the disk as feed() does. The same
  // report again changes nothing, be it with an id or without one; a late one is heeded. Errors:
  // unknown_action, those of a refusal.
  Result<void> report(const Report& report);
  // Makes a snapshot of all that was fed, now, and lets go of the journal that Upkeep does not want
  // kept: returns when both are done. One that stands at the same place and cannot be read is
  // replaced. Errors: those of open(), limit_reached (another snapshot was
  // given up, because the runtime is being destroyed).
  Result<void> snapshot();

  // Whoever was forgotten by now is nowhere in the store when it returns: their ids, attributes,
  // events, addresses and data are gone from every group of the journal, from snapshots, and from
  // the free room and the WAL of the file. Groups stay where they are and say what else they said,
  // with stand-ins for ids; a reader who has a group already keeps what it has. Makes a snapshot,
  // and reads the whole journal; returns at once where nobody is to be erased. Errors: those of
  // snapshot(); invalid_argument (the store cannot replace what it keeps); limit_reached (somebody
  // is reading the file: try later).
  Result<void> erase();

  // The journal, for whoever follows it: a warehouse, a dashboard. Durable groups behind `after`,
  // at most `bytes_max` of them yet at least one; none where nothing follows. Who keeps the
  // position of the newest group in the same transaction as what it made of it has every record
  // exactly once. Errors: invalid_argument (what follows is not kept any more), those of the store.
  Result<std::vector<JournalGroup>> journal(Position after, std::size_t bytes_max = 16u << 20);

  // How far a reader of that name, of 1 to cursor_name_max bytes, says to have come; 0 before it
  // said so. What lies behind is kept for it until its cursor is dropped.
  static constexpr std::size_t cursor_name_max = 50;
  Result<Position> cursor(std::string_view reader);
  // Error: invalid_argument (it has come further already: what lies before may be gone).
  Result<void> move_cursor(std::string_view reader, Position to);
  Result<void> drop_cursor(std::string_view reader);

  // How far the disk, the sinks, the snapshots and the readers are behind. To say how much readers
  // have not read it looks through about `bytes_max` of the journal at most. Errors: those of the
  // store.
  Result<RuntimeStatus> status(std::size_t bytes_max = 16u << 20);

  // What each shard is, of several of which every engine has its own contacts; of all together.
  [[nodiscard]] std::uint32_t shards() const;
  [[nodiscard]] std::uint32_t shard_of(std::string_view contact) const;
  [[nodiscard]] const Engine& engine(std::uint32_t shard = 0) const;
  [[nodiscard]] Instant now() const;
  // An input that concerns everybody counts once for each shard.
  [[nodiscard]] Statistics statistics() const;

 private:
  struct State;
  explicit Runtime(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace itinera
