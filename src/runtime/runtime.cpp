// SPDX-License-Identifier: Apache-2.0
#include "itinera/runtime.hpp"

#include <cstddef>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "record/frame.hpp"
#include "runtime/action_copies.hpp"

namespace itinera {
namespace {

// Frames are appended, and actions handed out, when so many bytes have come together, and at the
// end of every call: one sync for many frames, and bounded memory.
constexpr std::size_t group_bytes = 1u << 20;

// One instant may write more than that before anything can be appended. So much, or one frame, is
// then appended at a time.
constexpr std::size_t group_bytes_max = 16u << 20;
static_assert(group_bytes_max <= Store::group_bytes_max);
static_assert(record::frame_size_max <= Store::group_bytes_max);

// How many bytes of `frames` become one group: whole frames.
std::size_t next_group(std::span<const std::byte> frames) {
  if (frames.size() <= group_bytes_max) return frames.size();
  record::FrameReader reader(frames);
  record::Frame frame;
  std::size_t size = 0;
  while (reader.next(frame) == record::FrameReader::Outcome::frame) {
    if (size > 0 && reader.position() > group_bytes_max) break;
    size = reader.position();
  }
  return size;
}

// A store's groups, one after the other. Error: damaged_journal too where it begins too late.
Result<std::vector<std::byte>> read_journal(Store& store) {
  const Result<Extent> extent = store.extent();
  if (!extent) return extent.error();
  if (extent->truncated > 0) {
    return Error{ErrorCode::damaged_journal,
                 "the beginning of the journal is gone, and no snapshot stands for it"};
  }
  std::vector<std::byte> journal;
  for (Position at = 0; at < extent->durable;) {
    const Result<std::vector<JournalGroup>> groups = store.read(at, 4 * group_bytes_max);
    if (!groups) return groups.error();
    if (groups->empty()) return Error{ErrorCode::damaged_journal, "the store gives no group"};
    for (const JournalGroup& group : *groups) {
      journal.insert(journal.end(), group.frames.begin(), group.frames.end());
    }
    at = groups->back().position;
  }
  return journal;
}

Instant received_of(const Input& input) {
  return std::visit([](const auto& kind) { return kind.envelope.received; }, input);
}

}  // namespace

struct Runtime::State {
  State(std::unique_ptr<Store> from, Engine restored)
      : store(std::move(from)), engine(std::move(restored)) {}

  std::unique_ptr<Store> store;
  Engine engine;
  std::optional<Error> failure;
  std::vector<Refusal> refusals;
  std::vector<std::byte> frames;  // written by the engine, not appended yet
  runtime::ActionCopies actions;  // taken by these frames, not handed out yet
  std::optional<Instant> next_deadline;

  // Takes what the engine has: with actions waiting this is a `taken` frame at engine time.
  void collect() {
    const Output output = engine.take_output();
    frames.insert(frames.end(), output.journal.begin(), output.journal.end());
    actions.add(output.actions);
    next_deadline = output.next_deadline;
  }

  // Persist, then act.
  Result<void> flush(Sink& sink) {
    if (const Result<void> appended = append(); !appended) return appended;
    if (actions.empty()) return {};
    sink.act(actions.all());
    actions.clear();
    return {};
  }

  Result<void> append() {
    const std::span<const std::byte> all = frames;
    for (std::size_t at = 0; at < all.size();) {
      const std::size_t size = next_group(all.subspan(at));
      if (const Result<Position> appended = store->append(all.subspan(at, size)); !appended) {
        failure = appended.error();
        return *failure;
      }
      at += size;
    }
    frames.clear();
    return {};
  }

  Result<void> flush_if_large(Sink& sink) {
    return frames.size() < group_bytes ? Result<void>() : flush(sink);
  }

  // Whether something is due or waits to be taken before `t`, which is later than engine time.
  bool has_before(Instant t) {
    if (engine.statistics().actions_waiting > 0) return true;
    collect();
    return next_deadline && *next_deadline < t;
  }

  // Goes through every instant before `t` at which something is due or waits to be taken, and
  // takes at each.
  Result<void> come_to(Instant t, Sink& sink) {
    if (engine.statistics().actions_waiting > 0) engine.advance_to(engine.now());
    collect();
    while (next_deadline && *next_deadline < t) {
      engine.advance_to(*next_deadline);
      collect();
      if (Result<void> flushed = flush_if_large(sink); !flushed) return flushed;
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
};

Runtime::Runtime(std::unique_ptr<State> state) : state_(std::move(state)) {}
Runtime::Runtime(Runtime&&) noexcept = default;
Runtime& Runtime::operator=(Runtime&&) noexcept = default;
Runtime::~Runtime() = default;

Result<Runtime> Runtime::open(std::unique_ptr<Store> store, EngineOptions options) {
  // What an earlier owner still wants to write is refused from here on, so what is read now is all.
  const Result<std::uint64_t> epoch = store->epoch();
  if (!epoch) return epoch.error();
  if (const Result<void> claimed = store->claim(*epoch + 1); !claimed) return claimed.error();
  const Result<std::vector<std::byte>> journal = read_journal(*store);
  if (!journal) return journal.error();
  std::size_t whole_bytes = 0;
  Result<Engine> engine = journal->empty()
                              ? Engine::create(std::move(options))
                              : Engine::restore(*journal, std::move(options), &whole_bytes);
  if (!engine) return engine.error();
  if (whole_bytes < journal->size()) {
    return Error{ErrorCode::damaged_journal,
                 "the journal ends within a frame, and a store keeps whole ones"};
  }
  return Runtime(std::make_unique<State>(std::move(store), std::move(*engine)));
}

Result<void> Runtime::publish(const Workspace& workspace, std::span<const Campaign> campaigns,
                              Instant received) {
  State& state = *state_;
  if (state.failure) return *state.failure;
  if (Result<void> published = state.engine.publish(workspace, campaigns, received); !published) {
    return published;
  }
  const std::span<const std::byte> written = state.engine.take_journal();
  state.frames.insert(state.frames.end(), written.begin(), written.end());
  return state.append();
}

Result<std::span<const Refusal>> Runtime::feed(std::span<const Input> inputs, Sink& sink) {
  State& state = *state_;
  if (state.failure) return *state.failure;
  state.refusals.clear();
  for (std::size_t at = 0; at < inputs.size();) {
    const Instant received = received_of(inputs[at]);
    if (received > state.engine.now() && state.has_before(received)) {
      // Time stands still for an input that will be refused.
      if (std::optional<Error> error = state.engine.refuses(inputs[at])) {
        state.refusals.push_back({.index = at++, .error = std::move(*error)});
        continue;
      }
      if (Result<void> came = state.come_to(received, sink); !came) return came.error();
    }
    const std::size_t count = state.group_of(inputs.subspan(at));
    for (const Refusal& refusal : state.engine.feed(inputs.subspan(at, count))) {
      state.refusals.push_back({.index = at + refusal.index, .error = refusal.error});
    }
    at += count;
    if (Result<void> flushed = state.flush_if_large(sink); !flushed) return flushed.error();
  }
  const std::span<const std::byte> written = state.engine.take_journal();
  state.frames.insert(state.frames.end(), written.begin(), written.end());
  if (Result<void> flushed = state.flush(sink); !flushed) return flushed.error();
  return std::span<const Refusal>(state.refusals);
}

Result<void> Runtime::advance_to(Instant t, Sink& sink) {
  State& state = *state_;
  if (state.failure) return *state.failure;
  if (t < state.engine.now()) return {};
  if (t > state.engine.now()) {
    if (Result<void> came = state.come_to(t, sink); !came) return came;
  }
  state.engine.advance_to(t);
  state.collect();
  return state.flush(sink);
}

const Engine& Runtime::engine() const { return state_->engine; }

}  // namespace itinera
