// SPDX-License-Identifier: Apache-2.0
#include "itinera/runtime.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "runtime/action_copies.hpp"
#include "runtime/committer.hpp"
#include "runtime/recovery.hpp"
#include "runtime/snapshotter.hpp"

namespace itinera {
namespace {

// Frames are handed over to the disk when so many bytes have come together, and at the end of
// every call.
constexpr std::size_t handed_over_bytes = 1u << 20;

// What a reader's cursor is called among the snapshots.
Result<std::string> cursor_name(std::string_view reader) {
  if (!reader.empty() && reader.size() <= Runtime::cursor_name_max) {
    return "cursor/" + std::string(reader);
  }
  return Error{ErrorCode::invalid_argument,
               fmt::format("a reader's name must have 1 to {} bytes, not {}",
                           Runtime::cursor_name_max, reader.size())};
}

Instant received_of(const Input& input) {
  return std::visit([](const auto& kind) { return kind.envelope.received; }, input);
}

}  // namespace

struct Runtime::State {
  State(std::unique_ptr<Store> store, runtime::Recovered recovered, const EngineOptions& options,
        const RuntimeLimits& bounds, const Upkeep& upkeep)
      : limits(bounds),
        engine(std::move(recovered.engine)),
        committer(std::move(store)),
        snapshotter(committer, options, upkeep, recovered.bytes_since) {}

  // Actions that may leave once everything before `mark` is durable.
  struct Batch {
    runtime::Committer::Mark mark = 0;
    std::unique_ptr<runtime::ActionCopies> actions;
  };

  RuntimeLimits limits;
  Engine engine;
  runtime::Committer committer;
  runtime::Snapshotter snapshotter;
  std::vector<Refusal> refusals;
  std::vector<std::byte> frames;  // written by the engine, not handed over yet
  std::unique_ptr<runtime::ActionCopies> actions = new_copies();  // taken by these frames
  std::deque<Batch> waiting;                                      // for the disk, or for a sink
  std::size_t waiting_actions = 0;                                // in all of them
  std::optional<Instant> next_deadline;

  static std::unique_ptr<runtime::ActionCopies> new_copies() {
    return std::make_unique<runtime::ActionCopies>();
  }

  [[nodiscard]] std::size_t pending_bytes() const {
    return static_cast<std::size_t>(committer.submitted() - committer.durable());
  }

  // Whether a call may begin that hands nothing out.
  [[nodiscard]] Result<void> has_room() const {
    if (const std::optional<Error> failure = committer.failure()) return *failure;
    if (waiting_actions >= limits.waiting_actions_max) {
      return Error{ErrorCode::limit_reached,
                   fmt::format("{} actions wait to be handed out: commit first", waiting_actions)};
    }
    const std::size_t bytes = pending_bytes();
    if (bytes <= limits.pending_bytes_max) return {};
    return Error{ErrorCode::limit_reached,
                 fmt::format("{} bytes wait for the disk: commit first", bytes)};
  }

  // Takes what the engine has: with actions waiting this is a `taken` frame at engine time.
  void collect() {
    const Output output = engine.take_output();
    frames.insert(frames.end(), output.journal.begin(), output.journal.end());
    actions->add(output.actions);
    waiting_actions += output.actions.size();
    next_deadline = output.next_deadline;
  }

  // The frames to the disk; their actions wait for it.
  void hand_over() {
    if (frames.empty()) return;
    const runtime::Committer::Mark mark = committer.submit(frames);
    snapshotter.grown(frames.size());
    frames.clear();
    if (actions->empty()) return;
    waiting.push_back({mark, std::exchange(actions, new_copies())});
  }

  // Persist, then act: what may leave already.
  void deliver(Sink& sink) {
    const runtime::Committer::Mark durable = committer.durable();
    while (!waiting.empty() && waiting.front().mark <= durable) {
      const std::unique_ptr<runtime::ActionCopies> ready = std::move(waiting.front().actions);
      waiting.pop_front();
      waiting_actions -= ready->all().size();
      sink.act(ready->all());
    }
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

  // Whether something is due or waits to be taken before `t`, which is later than engine time.
  bool has_before(Instant t) {
    if (engine.statistics().actions_waiting > 0) return true;
    collect();
    return next_deadline && *next_deadline < t;
  }

  // Goes through every instant before `t` at which something is due or waits to be taken, and
  // takes at each.
  Result<void> come_to(Instant t, Sink* sink) {
    if (engine.statistics().actions_waiting > 0) engine.advance_to(engine.now());
    collect();
    while (next_deadline && *next_deadline < t) {
      engine.advance_to(*next_deadline);
      collect();
      if (Result<void> relieved = relieve(sink); !relieved) return relieved;
    }
    return {};
  }

  // How many of `inputs`, from the first, can be fed at once because no stop can lie between them:
  // all at one later instant, or all not later than engine time. (One might be refused, so that
  // time stands still: a mixture would stop elsewhere than one by one.)
  std::size_t group_of(std::span<const Input> inputs) const {
    const Instant now = engine.now();
    const Instant first = received_of(inputs.front());
    std::size_t size = 1;
    while (size < inputs.size()) {
      const Instant received = received_of(inputs[size]);
      if (first > now ? received != first : received > now) break;
      ++size;
    }
    return size;
  }

  // What feed() does, but for the end. `sink` may be null.
  Result<void> take(std::span<const Input> inputs, Sink* sink) {
    refusals.clear();
    for (std::size_t at = 0; at < inputs.size();) {
      const Instant received = received_of(inputs[at]);
      if (received > engine.now() && has_before(received)) {
        // Time stands still for an input that will be refused.
        if (std::optional<Error> error = engine.refuses(inputs[at])) {
          refusals.push_back({.index = at++, .error = std::move(*error)});
          continue;
        }
        if (Result<void> came = come_to(received, sink); !came) return came;
      }
      const std::size_t count = group_of(inputs.subspan(at));
      for (const Refusal& refusal : engine.feed(inputs.subspan(at, count))) {
        refusals.push_back({.index = at + refusal.index, .error = refusal.error});
      }
      at += count;
      if (Result<void> relieved = relieve(sink); !relieved) return relieved;
    }
    const std::span<const std::byte> written = engine.take_journal();
    frames.insert(frames.end(), written.begin(), written.end());
    hand_over();
    return {};
  }

  Result<void> advance(Instant t, Sink* sink) {
    if (t < engine.now()) return {};
    if (t > engine.now()) {
      if (Result<void> came = come_to(t, sink); !came) return came;
    }
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
                              const RuntimeLimits& limits, const Upkeep& upkeep) {
  // What an earlier owner still wants to write is refused from here on, so what is read now is all.
  const Result<std::uint64_t> epoch = store->epoch();
  if (!epoch) return epoch.error();
  if (const Result<void> claimed = store->claim(*epoch + 1); !claimed) return claimed.error();
  Result<runtime::Recovered> recovered = runtime::recover(
      [&store](const auto& work) { return work(*store); }, options, [] { return true; });
  if (!recovered) return recovered.error();
  return Runtime(
      std::make_unique<State>(std::move(store), std::move(*recovered), options, limits, upkeep));
}

Result<void> Runtime::publish(const Workspace& workspace, std::span<const Campaign> campaigns,
                              Instant received) {
  State& state = *state_;
  if (const std::optional<Error> failure = state.committer.failure()) return *failure;
  if (Result<void> published = state.engine.publish(workspace, campaigns, received); !published) {
    return published;
  }
  const std::span<const std::byte> written = state.engine.take_journal();
  state.frames.insert(state.frames.end(), written.begin(), written.end());
  return state.settle();
}

Result<std::span<const Refusal>> Runtime::feed(std::span<const Input> inputs) {
  if (const Result<void> room = state_->has_room(); !room) return room.error();
  if (Result<void> taken = state_->take(inputs, nullptr); !taken) return taken.error();
  return std::span<const Refusal>(state_->refusals);
}

Result<void> Runtime::advance_to(Instant t) {
  if (Result<void> room = state_->has_room(); !room) return room;
  return state_->advance(t, nullptr);
}

Result<void> Runtime::commit(Sink& sink) { return state_->settle(sink); }

Result<std::span<const Refusal>> Runtime::feed(std::span<const Input> inputs, Sink& sink) {
  if (const std::optional<Error> failure = state_->committer.failure()) return *failure;
  if (Result<void> taken = state_->take(inputs, &sink); !taken) return taken.error();
  if (Result<void> settled = state_->settle(sink); !settled) return settled.error();
  return std::span<const Refusal>(state_->refusals);
}

Result<void> Runtime::advance_to(Instant t, Sink& sink) {
  if (const std::optional<Error> failure = state_->committer.failure()) return *failure;
  if (Result<void> advanced = state_->advance(t, &sink); !advanced) return advanced;
  return state_->settle(sink);
}

Result<void> Runtime::snapshot() {
  if (Result<void> settled = state_->settle(); !settled) return settled;
  return state_->snapshotter.make();
}

Result<std::vector<JournalGroup>> Runtime::journal(Position after, std::size_t bytes_max) {
  std::vector<JournalGroup> groups;
  const Result<void> read = state_->committer.use([&](Store& store) -> Result<void> {
    Result<std::vector<JournalGroup>> next = store.read(after, bytes_max);
    if (!next) return next.error();
    groups = std::move(*next);
    return {};
  });
  if (!read) return read.error();
  return groups;
}

Result<Position> Runtime::cursor(std::string_view reader) {
  const Result<std::string> name = cursor_name(reader);
  if (!name) return name.error();
  Position position = 0;
  const Result<void> looked = state_->committer.use([&](Store& store) -> Result<void> {
    const Result<std::vector<Snapshot>> all = store.snapshots();
    if (!all) return all.error();
    for (const Snapshot& each : *all) {
      if (each.name == *name) position = std::max(position, each.position);
    }
    return {};
  });
  if (!looked) return looked.error();
  return position;
}

Result<void> Runtime::move_cursor(std::string_view reader, Position to) {
  const Result<std::string> name = cursor_name(reader);
  if (!name) return name.error();
  return state_->committer.use([&](Store& store) { return store.complete({*name, to, 0}, 1); });
}

Result<void> Runtime::drop_cursor(std::string_view reader) {
  const Result<std::string> name = cursor_name(reader);
  if (!name) return name.error();
  return state_->committer.use([&](Store& store) { return store.drop(*name); });
}

const Engine& Runtime::engine() const { return state_->engine; }

}  // namespace itinera
