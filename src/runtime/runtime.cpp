// SPDX-License-Identifier: Apache-2.0
#include "itinera/runtime.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/groups.hpp"
#include "runtime/opening.hpp"
#include "runtime/runtime_state.hpp"
#include "runtime/status.hpp"
#include "runtime/stock.hpp"

namespace itinera {

Runtime::Runtime(std::unique_ptr<State> state) : state_(std::move(state)) {}
Runtime::Runtime(Runtime&&) noexcept = default;
Runtime& Runtime::operator=(Runtime&&) noexcept = default;
Runtime::~Runtime() = default;

Result<Runtime> Runtime::open(std::unique_ptr<Store> store, EngineOptions options,
                              const RuntimeOptions& how) {
  Result<runtime::Opened> opened = runtime::open_store(std::move(store), options, how);
  if (!opened) return opened.error();
  return Runtime(std::make_unique<State>(std::move(*opened), options, how));
}

Result<void> Runtime::publish(const Workspace& workspace, std::span<const Campaign> campaigns,
                              Instant received, std::span<const Migration> migrations) {
  State& state = *state_;
  if (const Result<void> is_ready = state.ready(); !is_ready) return is_ready.error();
  state.begin();
  Result<void> published =
      state.is_sharded() ? state.publish_in_shards(workspace, campaigns, received, migrations)
                         : state.only().engine.publish(workspace, campaigns, received, migrations);
  if (!published) return published;
  for (runtime::Lane& lane : state.lanes) lane.keep_frames();
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

Result<void> Runtime::commit(Sink& sink) {
  if (Result<void> is_ready = state_->ready(); !is_ready) return is_ready;
  return state_->settle(sink);
}

Result<std::span<const Refusal>> Runtime::feed(std::span<const Input> inputs, Sink& sink) {
  if (const Result<void> is_ready = state_->ready(); !is_ready) return is_ready.error();
  state_->begin();
  if (Result<void> taken = state_->take(inputs, &sink); !taken) return taken.error();
  if (Result<void> settled = state_->settle(sink); !settled) return settled.error();
  return std::span<const Refusal>(state_->refusals);
}

Result<void> Runtime::advance_to(Instant t, Sink& sink) {
  if (const Result<void> is_ready = state_->ready(); !is_ready) return is_ready.error();
  state_->begin();
  if (Result<void> advanced = state_->advance(t, &sink); !advanced) return advanced;
  return state_->settle(sink);
}

Result<void> Runtime::acknowledge() {
  State& state = *state_;
  if (const Result<void> is_ready = state.ready(); !is_ready) return is_ready.error();
  if (!state.leases.empty()) {
    return Error{ErrorCode::invalid_argument,
                 "actions are leased: report each, instead of acknowledging all"};
  }
  // Who has gone to another shard since took along what the host has been given.
  for (; !state.waiting.empty() && state.waiting.front().all().empty(); state.waiting.pop_front()) {
    state.handed = state.waiting.front().takes;
  }
  if (state.handed == std::exchange(state.acknowledged, state.handed)) return {};
  for (std::size_t at = 0; at < state.lanes.size(); ++at) {
    runtime::Lane& lane = state.lanes[at];
    if (lane.engine.statistics().actions_open == 0) continue;
    lane.tell(Acknowledge{state.handed[at], true, {lane.engine.now(), {}, {}, {}}});
  }
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
  if (const Result<void> is_ready = state.ready(); !is_ready) return is_ready.error();
  state.begin();
  // Beyond the bound nothing more is taken: what waits is given first.
  if (!state.is_full()) {
    const Instant to = std::max(now, state.now());
    const Result<void> advanced = state.advance(to, nullptr);
    if (!advanced && advanced.error().code != ErrorCode::limit_reached) return advanced.error();
  }
  if (Result<void> settled = state.settle(); !settled) return settled.error();
  const Instant from = std::max(now, state.now());
  state.give(max, lease_ms < latest_instant - from ? from + lease_ms : latest_instant);
  return state.polled.all();
}

Result<void> Runtime::report(const Report& report) {
  State& state = *state_;
  // Even where much waits: it is by reports that there comes to be less.
  if (const Result<void> is_ready = state.ready(); !is_ready) return is_ready.error();
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
  if (Result<void> held = state.hold_back(); !held) return held;
  if (state.refusals.empty()) return {};
  return state.refusals.front().error;
}

Result<void> Runtime::snapshot() {
  if (Result<void> is_ready = state_->ready(); !is_ready) return is_ready;
  if (Result<void> settled = state_->settle(); !settled) return settled;
  return state_->snapshotter.make();
}

Result<void> Runtime::erase() {
  if (Result<void> is_ready = state_->ready(); !is_ready) return is_ready;
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
  const Result<Position> come = cursor(reader);
  if (!come) return come.error();
  if (to < *come) {
    return Error{ErrorCode::invalid_argument,
                 fmt::format("reader '{}' has come to position {} already, and what lies before it "
                             "may be gone: it cannot go back to {}",
                             reader, *come, to)};
  }
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
  status.pending_bytes = state.committer.submitted() - durable + state.frames_size();
  for (const State::Batch& batch : state.waiting) {
    if (batch.mark > durable) status.pending_actions += batch.all().size() - batch.given;
  }
  status.waiting_actions = state.waiting_actions - status.pending_actions;
  status.leases = state.leases.running();
  state.snapshotter.tell(status);
  return status;
}

std::uint32_t Runtime::shards() const { return state_->shards(); }
std::uint32_t Runtime::shard_of(std::string_view contact) const {
  return state_->directory.shard_of(contact);
}
const Engine& Runtime::engine(std::uint32_t shard) const { return state_->lanes[shard].engine; }
Instant Runtime::now() const { return state_->now(); }

Statistics Runtime::statistics() const {
  // Counts alone, all of one size.
  using Counts = std::array<std::uint64_t, sizeof(Statistics) / sizeof(std::uint64_t)>;
  Counts sum{};
  for (const runtime::Lane& lane : state_->lanes) {
    const auto counts = std::bit_cast<Counts>(lane.engine.statistics());
    for (std::size_t at = 0; at < sum.size(); ++at) sum[at] += counts[at];
  }
  return std::bit_cast<Statistics>(sum);
}

}  // namespace itinera
