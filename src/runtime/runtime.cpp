// SPDX-License-Identifier: Apache-2.0
#include "itinera/runtime.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/byte_buffer.hpp"
#include "runtime/action_copies.hpp"
#include "runtime/committer.hpp"
#include "runtime/leases.hpp"
#include "runtime/recovery.hpp"
#include "runtime/snapshotter.hpp"
#include "runtime/status.hpp"
#include "runtime/stock.hpp"

namespace itinera {
namespace {

// Frames are handed over to the disk when so many bytes have come together, and at the end of
// every call.
constexpr std::size_t handed_over_bytes = 1u << 20;

// Between two looks at how much there is to hand over.
constexpr std::size_t fed_at_once = 1'024;

template <class T>
bool holds(const Input& input) {
  return std::holds_alternative<T>(input);
}

}  // namespace

struct Runtime::State {
  State(std::unique_ptr<Store> store, runtime::Recovered recovered, const EngineOptions& options,
        const RuntimeOptions& how)
      : limits(how.limits),
        delivery(how.delivery),
        engine(std::move(recovered.engine)),
        committer(std::move(store)),
        snapshotter(committer, options, how.upkeep, recovered) {}

  // Actions that may leave once everything before `mark` is durable.
  struct Batch {
    runtime::Committer::Mark mark = 0;
    std::uint64_t takes = 0;  // by the end of it
    std::unique_ptr<runtime::ActionCopies> actions;
    std::size_t given = 0;  // of these, from the first, by poll()
  };

  RuntimeLimits limits;
  Delivery delivery;
  bool begun = false;  // what had been taken before is offered again, or nothing is kept
  Engine engine;
  runtime::Committer committer;
  runtime::Snapshotter snapshotter;
  std::vector<Refusal> refusals;
  base::ByteBuffer frames;  // written by the engine, not handed over yet
  std::unique_ptr<runtime::ActionCopies> actions = new_copies();  // taken by these frames
  std::deque<Batch> waiting;                                      // for the disk, or for a sink
  std::size_t waiting_actions = 0;                                // in all of them
  std::uint64_t takes = 0;                                        // by the newest take
  std::uint64_t handed = 0;  // by the newest batch that a sink was given
  std::uint64_t acknowledged = 0;
  runtime::Leases leases;
  runtime::ActionCopies polled;

  static std::unique_ptr<runtime::ActionCopies> new_copies() {
    return std::make_unique<runtime::ActionCopies>();
  }

  runtime::UseStore use_store() {
    return [this](const auto& work) { return committer.use(work); };
  }

  [[nodiscard]] std::size_t pending_bytes() const {
    return static_cast<std::size_t>(committer.submitted() - committer.durable());
  }

  // Whether a call may begin that hands nothing out.
  [[nodiscard]] Result<void> has_room() const {
    if (const std::optional<Error> failure = committer.failure()) return *failure;
    if (is_full()) return full();
    const std::size_t bytes = pending_bytes();
    if (bytes <= limits.pending_bytes_max) return {};
    return Error{ErrorCode::limit_reached,
                 fmt::format("{} bytes wait for the disk: commit first", bytes)};
  }

  // Takes what the engine has: with actions waiting this is a `taken` frame at engine time. What a
  // refusal met there has let go is taken behind it, and that is all: it has just been judged.
  void collect() {
    do {
      take_once();
    } while (engine.statistics().actions_waiting > 0);
  }

  void take_once() {
    const Output output = engine.take();
    frames.append(output.journal);
    const std::size_t before = actions->all().size();
    actions->add(output.actions);
    waiting_actions += output.actions.size();
    takes = output.takes;
    for (const Action& action : actions->all().subspan(before)) {
      if (action.maybe_executed) leases.offer(action.id);
    }
  }

  // What the engine has written, without taking anything.
  void keep_frames() { frames.append(engine.take_journal()); }

  // What speaks of taking, at engine time. Nothing of it can be refused.
  void tell(const Input& input) {
    engine.feed({&input, 1});
    keep_frames();
  }

  // Before the first call.
  void begin() {
    if (std::exchange(begun, true)) return;
    engine.adopt_zone_data();
    keep_frames();
    const Envelope now{engine.now(), {}, {}, {}};
    if (delivery == Delivery::known) return tell(Reoffer{{}, now});
    if (engine.keeps_taken()) tell(Acknowledge{0, false, now});
  }

  // The leases that have ended by `t`, at which the engine is.
  void offer_again(Instant t) { offer_again(leases.end_by(t), t); }

  void offer_again(std::span<const ActionId> rest, Instant t) {
    const Envelope at{t, {}, {}, {}};
    constexpr std::size_t chunk = 4'096;
    while (!rest.empty()) {
      const std::size_t count = std::min(chunk, rest.size());
      tell(Reoffer{rest.first(count), at});
      rest = rest.subspan(count);
    }
  }

  // The frames to the disk; their actions wait for it.
  void hand_over() {
    if (frames.empty()) return;
    const runtime::Committer::Mark mark = committer.submit(frames.view());
    snapshotter.grown(frames.size(), engine.now());
    frames.clear();
    if (actions->empty()) return;
    waiting.push_back({mark, takes, std::exchange(actions, new_copies()), 0});
  }

  // Persist, then act: what may leave already. What something was reported of since it was offered
  // once more is not given.
  void deliver(Sink& sink) {
    const runtime::Committer::Mark durable = committer.durable();
    while (!waiting.empty() && waiting.front().mark <= durable) {
      const Batch ready = std::move(waiting.front());
      waiting.pop_front();
      std::span<const Action> actions_left = ready.actions->all().subspan(ready.given);
      waiting_actions -= actions_left.size();
      handed = ready.takes;
      std::vector<Action> some;
      const auto reported = [this](const Action& action) { return is_reported(action); };
      if (std::any_of(actions_left.begin(), actions_left.end(), reported)) {
        std::remove_copy_if(actions_left.begin(), actions_left.end(), std::back_inserter(some),
                            reported);
        actions_left = some;
      }
      for (const Action& action : actions_left) {
        if (action.maybe_executed) leases.settle(action.id);
      }
      if (!actions_left.empty()) sink.act(actions_left);
    }
  }

  // Of what is offered once more: whether the host has told of it since.
  [[nodiscard]] bool is_reported(const Action& action) const {
    return action.maybe_executed && !leases.is_offered(action.id);
  }

  // The same by leases: at most `max`, until `until`. What something was reported of meanwhile is
  // not given once more, and what nobody may want any more since it was taken is not given (S19).
  void give(std::size_t max, Instant until) {
    polled.clear();
    std::vector<Action> given;
    std::vector<ActionId> unwanted;
    std::vector<Batch> done;
    const runtime::Committer::Mark durable = committer.durable();
    while (given.size() < max && !waiting.empty() && waiting.front().mark <= durable) {
      Batch& batch = waiting.front();
      const Action& action = batch.actions->all()[batch.given++];
      --waiting_actions;
      const bool reported = is_reported(action);
      if (!reported && engine.wants(action)) {
        leases.begin(action.id, until);
        given.push_back(action);
      } else if (!reported) {
        leases.settle(action.id);
        unwanted.push_back(action.id);
      }
      if (batch.given < batch.actions->all().size()) continue;
      done.push_back(std::move(batch));
      waiting.pop_front();
    }
    for (const Action& action : given) polled.add(action);
    // Judged once more, it finds its end in the journal.
    offer_again(unwanted, engine.now());
    hand_over();
  }

  Result<void> settle() {
    hand_over();
    return committer.wait(committer.submitted());
  }

  Result<void> settle(Sink& sink) {
    if (Result<void> settled = settle(); !settled) return settled;
    deliver(sink);
    return {};
  }

  // On the way: memory stays bounded, and the disk is kept busy.
  Result<void> relieve(Sink* sink) {
    if (frames.size() < handed_over_bytes) return {};
    hand_over();
    if (pending_bytes() > limits.pending_bytes_max) {
      Result<void> waited = committer.wait(committer.submitted() - limits.pending_bytes_max);
      if (!waited) return waited;
    }
    if (sink != nullptr) deliver(*sink);
    return {};
  }

  [[nodiscard]] bool is_full() const { return waiting_actions >= limits.waiting_actions_max; }
  [[nodiscard]] Error full() const {
    return {ErrorCode::limit_reached,
            fmt::format("{} actions wait to be handed out: commit first", waiting_actions)};
  }

  // What is done wherever the engine stops: all that has emitted something is taken there, before
  // time goes on. `holds`: it does not where actions are too many.
  [[nodiscard]] auto stopping(Result<void>& came, Sink* sink, bool holds) {
    return [this, &came, sink, holds] {
      collect();
      came = relieve(sink);
      if (came && holds && is_full()) came = full();
      return bool{came};
    };
  }

  // How many of `inputs`, from the first, are fed at once: the engine fetches ahead what they will
  // touch. A report goes alone, because a lease may end by it.
  static std::size_t some_of(std::span<const Input> inputs) {
    const std::size_t most = std::min(fed_at_once, inputs.size());
    std::size_t size = 1;
    if (std::holds_alternative<Report>(inputs.front())) return size;
    while (size < most && !std::holds_alternative<Report>(inputs[size])) ++size;
    return size;
  }

  // What feed() does, but for the end. `sink` may be null.
  Result<void> take(std::span<const Input> inputs, Sink* sink) {
    refusals.clear();
    Result<void> came;
    const Engine::Stop stop = stopping(came, sink, false);
    for (std::size_t at = 0; at < inputs.size();) {
      const std::span<const Input> some = inputs.subspan(at, some_of(inputs.subspan(at)));
      const std::span<const Refusal> refused = engine.feed(some, stop);
      for (const Refusal& refusal : refused) {
        refusals.push_back({.index = at + refusal.index, .error = refusal.error});
      }
      if (!came) return came;
      const auto* const report = std::get_if<Report>(&some.front());
      if (report != nullptr && refused.empty()) leases.settle(report->action);
      at += some.size();
      keep_frames();
      if (std::ranges::any_of(some, holds<Forget>)) {
        snapshotter.forgot(engine.now(), frames.size());
      }
      if (Result<void> relieved = relieve(sink); !relieved) return relieved;
    }
    hand_over();
    return {};
  }

  Result<void> advance(Instant t, Sink* sink) {
    t = std::min(t, latest_instant);  // no input may stand behind it, one that we feed neither
    if (t < engine.now()) return {};
    Result<void> came;
    engine.come_to(t, stopping(came, sink, sink == nullptr));
    if (!came) {
      hand_over();
      return came;
    }
    offer_again(t);
    engine.advance_to(t);
    collect();
    hand_over();
    return {};
  }
};

Runtime::Runtime(std::unique_ptr<State> state) : state_(std::move(state)) {}
Runtime::Runtime(Runtime&&) noexcept = default;
Runtime& Runtime::operator=(Runtime&&) noexcept = default;
Runtime::~Runtime() = default;

Result<Runtime> Runtime::open(std::unique_ptr<Store> store, EngineOptions options,
                              const RuntimeOptions& how) {
  // What an earlier owner still wants to write is refused from here on, so what is read now is all.
  const Result<std::uint64_t> epoch = store->epoch();
  if (!epoch) return epoch.error();
  if (const Result<void> claimed = store->claim(*epoch + 1); !claimed) return claimed.error();
  const runtime::UseStore on_store = [&store](const auto& work) { return work(*store); };
  Result<runtime::Recovered> recovered = runtime::recover(on_store, options, [] { return true; });
  if (!recovered) return recovered.error();
  const Result<runtime::Stock> stock = runtime::take_stock(on_store);
  if (!stock) return stock.error();
  recovered->unerased = recovered->forgot || stock->erased < recovered->from;
  return Runtime(std::make_unique<State>(std::move(store), std::move(*recovered), options, how));
}

Result<void> Runtime::publish(const Workspace& workspace, std::span<const Campaign> campaigns,
                              Instant received, std::span<const Migration> migrations) {
  State& state = *state_;
  if (const std::optional<Error> failure = state.committer.failure()) return *failure;
  state.begin();
  if (Result<void> published = state.engine.publish(workspace, campaigns, received, migrations);
      !published) {
    return published;
  }
  state.keep_frames();
  return state.settle();
}

Result<std::span<const Refusal>> Runtime::feed(std::span<const Input> inputs) {
  if (const Result<void> room = state_->has_room(); !room) return room.error();
  state_->begin();
  if (Result<void> taken = state_->take(inputs, nullptr); !taken) return taken.error();
  return std::span<const Refusal>(state_->refusals);
}

Result<void> Runtime::advance_to(Instant t) {
  if (Result<void> room = state_->has_room(); !room) return room;
  state_->begin();
  return state_->advance(t, nullptr);
}

Result<void> Runtime::commit(Sink& sink) { return state_->settle(sink); }

Result<std::span<const Refusal>> Runtime::feed(std::span<const Input> inputs, Sink& sink) {
  if (const std::optional<Error> failure = state_->committer.failure()) return *failure;
  state_->begin();
  if (Result<void> taken = state_->take(inputs, &sink); !taken) return taken.error();
  if (Result<void> settled = state_->settle(sink); !settled) return settled.error();
  return std::span<const Refusal>(state_->refusals);
}

Result<void> Runtime::advance_to(Instant t, Sink& sink) {
  if (const std::optional<Error> failure = state_->committer.failure()) return *failure;
  state_->begin();
  if (Result<void> advanced = state_->advance(t, &sink); !advanced) return advanced;
  return state_->settle(sink);
}

Result<void> Runtime::acknowledge() {
  State& state = *state_;
  if (const std::optional<Error> failure = state.committer.failure()) return *failure;
  if (!state.leases.empty()) {
    return Error{ErrorCode::invalid_argument,
                 "actions are leased: report each, instead of acknowledging all"};
  }
  if (state.handed == std::exchange(state.acknowledged, state.handed)) return {};
  if (state.engine.statistics().actions_open == 0) return {};
  state.tell(Acknowledge{state.handed, true, {state.engine.now(), {}, {}, {}}});
  state.hand_over();
  return {};
}

Result<std::span<const Action>> Runtime::poll(Instant now, std::int64_t lease_ms, std::size_t max) {
  State& state = *state_;
  if (state.delivery != Delivery::known || lease_ms <= 0) {
    return Error{ErrorCode::invalid_argument, state.delivery != Delivery::known
                                                  ? "leases need Delivery::known"
                                                  : "a lease must last for a time"};
  }
  if (const std::optional<Error> failure = state.committer.failure()) return *failure;
  state.begin();
  // Beyond the bound nothing more is taken: what waits is given first.
  if (!state.is_full()) {
    const Instant to = std::max(now, state.engine.now());
    const Result<void> advanced = state.advance(to, nullptr);
    if (!advanced && advanced.error().code != ErrorCode::limit_reached) return advanced.error();
  }
  if (Result<void> settled = state.settle(); !settled) return settled.error();
  const Instant from = std::max(now, state.engine.now());
  state.give(max, lease_ms < latest_instant - from ? from + lease_ms : latest_instant);
  return state.polled.all();
}

Result<void> Runtime::report(const Report& report) {
  State& state = *state_;
  // Even where much waits: it is by reports that there comes to be less.
  if (const std::optional<Error> failure = state.committer.failure()) return *failure;
  state.begin();
  const std::string id = runtime::content_id(report);
  Report known = report;
  known.known = true;
  if (known.envelope.message_id.empty()) {
    known.envelope.message_id = id;
    known.envelope.source = "itinera.report";
  }
  const Input input = known;
  if (Result<void> taken = state.take({&input, 1}, nullptr); !taken) return taken;
  if (state.refusals.empty()) return {};
  return state.refusals.front().error;
}

Result<void> Runtime::snapshot() {
  if (Result<void> settled = state_->settle(); !settled) return settled;
  return state_->snapshotter.make();
}

Result<void> Runtime::erase() {
  if (Result<void> settled = state_->settle(); !settled) return settled;
  return state_->snapshotter.erase();
}

Result<std::vector<JournalGroup>> Runtime::journal(Position after, std::size_t bytes_max) {
  return runtime::read_groups(state_->use_store(), after, bytes_max);
}

Result<Position> Runtime::cursor(std::string_view reader) {
  const Result<std::string> name = runtime::cursor_name(reader);
  if (!name) return name.error();
  const Result<runtime::Stock> stock = runtime::take_stock(state_->use_store());
  if (!stock) return stock.error();
  const auto found = stock->readers.find(std::string(reader));
  return found == stock->readers.end() ? 0 : found->second;
}

Result<void> Runtime::move_cursor(std::string_view reader, Position to) {
  const Result<std::string> name = runtime::cursor_name(reader);
  if (!name) return name.error();
  return state_->committer.use([&](Store& store) { return store.complete({*name, to, 0}, 1); });
}

Result<void> Runtime::drop_cursor(std::string_view reader) {
  const Result<std::string> name = runtime::cursor_name(reader);
  if (!name) return name.error();
  return state_->committer.use([&](Store& store) { return store.drop(*name); });
}

Result<RuntimeStatus> Runtime::status(std::size_t bytes_max) {
  State& state = *state_;
  RuntimeStatus status;
  const Result<void> looked = runtime::look_into(state.use_store(), bytes_max, status);
  if (!looked) return looked.error();
  const runtime::Committer::Mark durable = state.committer.durable();
  status.pending_bytes = state.committer.submitted() - durable + state.frames.size();
  for (const State::Batch& batch : state.waiting) {
    if (batch.mark > durable) status.pending_actions += batch.actions->all().size() - batch.given;
  }
  status.waiting_actions = state.waiting_actions - status.pending_actions;
  status.leases = state.leases.running();
  state.snapshotter.tell(status);
  return status;
}

const Engine& Runtime::engine() const { return state_->engine; }

}  // namespace itinera
