// SPDX-License-Identifier: Apache-2.0
// What a Runtime has, and how it goes from the engine to the disk and from there to the sinks. Of
// runtime.cpp alone.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/byte_buffer.hpp"
#include "itinera/runtime.hpp"
#include "runtime/action_copies.hpp"
#include "runtime/committer.hpp"
#include "runtime/crew.hpp"
#include "runtime/directory.hpp"
#include "runtime/gathering.hpp"
#include "runtime/lane.hpp"
#include "runtime/leases.hpp"
#include "runtime/meetings.hpp"
#include "runtime/messages.hpp"
#include "runtime/opening.hpp"
#include "runtime/routes.hpp"
#include "runtime/shards.hpp"
#include "runtime/snapshotter.hpp"

namespace itinera {

namespace runtime {

// Frames are handed over to the disk when so many bytes have come together, and at the end of
// every call.
inline constexpr std::size_t handed_over_bytes = 1u << 20;

// Between two looks at how much there is to hand over.
inline constexpr std::size_t fed_at_once = 1'024;

inline bool is_forget(const Input& input) { return std::holds_alternative<Forget>(input); }

inline std::vector<Lane> lanes_of(Shards shards) {
  std::vector<Lane> lanes;
  for (Engine& engine : shards.engines()) lanes.emplace_back(std::move(engine));
  return lanes;
}

// As long as it lives, `flag` is up.
class Raised {
 public:
  explicit Raised(bool& flag) : flag_(flag) { flag_ = true; }
  Raised(const Raised&) = delete;
  Raised& operator=(const Raised&) = delete;
  ~Raised() { flag_ = false; }

 private:
  bool& flag_;
};

}  // namespace runtime

struct Runtime::State {
  State(runtime::Opened opened, const EngineOptions& options, const RuntimeOptions& how)
      : limits(how.limits),
        delivery(how.delivery),
        lanes(runtime::lanes_of(std::move(opened.recovered.shards))),
        crew(how.threads),
        directory(shards()),
        owned_committer(std::move(opened.committer)),
        committer(*owned_committer),
        snapshotter(committer, options, how.upkeep, opened.recovered),
        handed(lanes.size()),
        acknowledged(lanes.size()) {
    if (!is_sharded()) return;
    committer.keep_instants_whole();
    if (runtime::shares(lanes)) directory.gather(runtime::home_shard);
    find_moved();
  }

  using Takes = std::vector<std::uint64_t>;  // by lane

  // Actions that may leave once everything before `mark` is durable.
  struct Batch {
    runtime::Committer::Mark mark = 0;
    Takes takes;  // by the end of it
    std::vector<std::unique_ptr<runtime::ActionCopies>> copies;
    std::vector<Action> merged;  // where they are of several lanes; else all are copies[0]'s
    std::size_t given = 0;       // of these, from the first, by poll()

    // None, where it is there for `takes` alone.
    [[nodiscard]] std::span<const Action> all() const {
      if (!merged.empty() || copies.empty()) return merged;
      return copies.front()->all();
    }
  };

  RuntimeLimits limits;
  Delivery delivery;
  bool begun = false;         // what had been taken before is offered again, or nothing is kept
  std::optional<Error> torn;  // some lanes have done what others could not
  std::vector<runtime::Lane> lanes;  // of each shard
  runtime::Crew crew;
  runtime::Directory directory;
  std::vector<std::string> to_settle;  // ids that inputs of this turn may have brought elsewhere
  std::deque<std::string> texts;       // of inputs that are ours
  runtime::Messages messages;
  std::deque<std::pair<Instant, std::string>> gone;  // ids of which nothing is known since then
  std::vector<std::pair<std::string, std::string>> left_accounts;  // in this turn: by whom
  std::int64_t window_ms = first_window_ms;                        // sharding.cpp
  std::unique_ptr<runtime::Committer> owned_committer;
  runtime::Committer& committer;
  runtime::Snapshotter snapshotter;
  std::vector<Refusal> refusals;
  base::ByteBuffer gathered;        // frames of several lanes
  std::deque<Batch> waiting;        // for the disk, or for a sink
  std::size_t waiting_actions = 0;  // in all of them, and in the lanes
  Takes handed;                     // by the newest batch that a sink was given
  Takes acknowledged;
  runtime::Leases leases;
  runtime::ActionCopies polled;
  bool acting = false;               // a sink is being given actions
  bool all_hear_of_reports = false;  // as far as that has been asked: sharding.cpp

  static constexpr std::int64_t first_window_ms = 3'600'000;

  [[nodiscard]] bool is_sharded() const { return lanes.size() > 1; }
  [[nodiscard]] std::uint32_t shards() const { return static_cast<std::uint32_t>(lanes.size()); }
  // Of a runtime without shards.
  [[nodiscard]] runtime::Lane& only() { return lanes.front(); }
  [[nodiscard]] runtime::Lane& lane_of(std::string_view contact) {
    return is_sharded() ? lanes[directory.shard_of(contact)] : only();
  }

  // Engine time: of several shards that of the furthest.
  [[nodiscard]] Instant now() const {
    Instant newest = lanes.front().engine.now();
    for (const runtime::Lane& lane : lanes) newest = std::max(newest, lane.engine.now());
    return newest;
  }

  runtime::UseStore use_store() {
    return [this](const auto& work) { return committer.use(work); };
  }

  [[nodiscard]] std::size_t pending_bytes() const {
    return static_cast<std::size_t>(committer.submitted() - committer.durable());
  }
  // Written by the engines, and not handed over yet.
  [[nodiscard]] std::size_t frames_size() const {
    std::size_t size = 0;
    for (const runtime::Lane& lane : lanes) size += lane.frames.size();
    return size;
  }

  // Whether a call may begin.
  [[nodiscard]] Result<void> ready() const {
    if (acting) {
      return Error{ErrorCode::invalid_argument,
                   "a sink must not call the runtime that gives it actions: note what is to be "
                   "told, and call when it has returned"};
    }
    if (torn) return *torn;
    if (const std::optional<Error> failure = committer.failure()) return *failure;
    return {};
  }

  // Whether one may begin that hands nothing out.
  [[nodiscard]] Result<void> has_room() const {
    if (Result<void> is_ready = ready(); !is_ready) return is_ready;
    if (is_full()) return full();
    const std::size_t bytes = pending_bytes();
    if (bytes <= limits.pending_bytes_max) return {};
    return Error{ErrorCode::limit_reached,
                 fmt::format("{} bytes wait for the disk: commit first", bytes)};
  }

  // Counts what a lane has taken since it was counted.
  void count(runtime::Lane& lane) {
    const std::span<const Action> fresh = lane.actions->all().subspan(lane.counted);
    waiting_actions += fresh.size();
    lane.counted += fresh.size();
    for (const Action& action : fresh) {
      if (action.maybe_executed) leases.offer(action.id);
    }
  }

  void collect(runtime::Lane& lane) {
    lane.collect();
    count(lane);
  }

  // Before the first call.
  void begin() {
    if (std::exchange(begun, true)) return;
    close_alike();
    for (runtime::Lane& lane : lanes) {
      lane.engine.adopt_zone_data();
      lane.keep_frames();
    }
    if (is_sharded()) {
      hand_over();  // a journal begins with what says how many there are
      settle_accounts();
    }
    for (runtime::Lane& lane : lanes) {
      const Envelope now{lane.engine.now(), {}, {}, {}};
      if (delivery == Delivery::known) {
        lane.tell(Reoffer{{}, now});
      } else if (lane.engine.keeps_taken()) {
        lane.tell(Acknowledge{0, false, now});
      }
    }
  }

  // An instant that is over for one is over for all. After a restart not all know: who had nothing
  // to do at it has written nothing. Nothing is taken: what was taken before is offered again
  // first.
  void close_alike() {
    Instant closed = lanes.front().closed();
    for (const runtime::Lane& lane : lanes) closed = std::max(closed, lane.closed());
    for (runtime::Lane& lane : lanes) {
      if (lane.closed() >= closed) continue;
      lane.engine.advance_to(closed);
      lane.keep_frames();
    }
  }

  // The leases that have ended by `t`, at which the engine is.
  void offer_again(Instant t) { offer_again(leases.end_by(t), t); }

  void offer_again(std::span<const ActionId> ended, Instant t) {
    if (ended.empty()) return;
    if (!is_sharded()) return offer_again(only(), ended, t);
    std::vector<std::vector<ActionId>> of(lanes.size());
    for (const ActionId& each : ended) of[lane_with(each).value_or(0)].push_back(each);
    for (std::size_t at = 0; at < lanes.size(); ++at) offer_again(lanes[at], of[at], t);
  }

  static void offer_again(runtime::Lane& lane, std::span<const ActionId> rest, Instant t) {
    const Envelope at{t, {}, {}, {}};
    constexpr std::size_t chunk = 4'096;
    while (!rest.empty()) {
      const std::size_t count = std::min(chunk, rest.size());
      lane.tell(Reoffer{rest.first(count), at});
      rest = rest.subspan(count);
    }
  }

  // The frames to the disk; their actions wait for it.
  void hand_over() {
    const std::size_t bytes = frames_size();
    if (bytes == 0) return;
    const runtime::Committer::Mark mark =
        is_sharded() ? submit_gathered() : committer.submit(only().frames.view());
    for (runtime::Lane& lane : lanes) lane.frames.clear();
    hand_actions_over(mark);
    snapshotter.grown(bytes, now());
  }

  void hand_actions_over(runtime::Committer::Mark mark) {
    const auto has_any = [](const runtime::Lane& lane) { return !lane.actions->empty(); };
    if (std::none_of(lanes.begin(), lanes.end(), has_any)) return;
    Batch& batch = waiting.emplace_back();
    batch.mark = mark;
    if (is_sharded()) merge(batch);
    for (runtime::Lane& lane : lanes) {
      if (has_any(lane)) batch.copies.push_back(lane.give_up());
      batch.takes.push_back(lane.takes);
    }
  }

  // Persist, then act: what may leave already. What something was reported of since it was offered
  // once more is not given. A batch has been handed out when the sink has returned.
  void deliver(Sink& sink) {
    const runtime::Committer::Mark durable = committer.durable();
    while (!waiting.empty() && waiting.front().mark <= durable) {
      const Batch& ready = waiting.front();
      std::span<const Action> actions_left = ready.all().subspan(ready.given);
      const std::size_t leaving = actions_left.size();
      std::vector<Action> some;
      const auto reported = [this](const Action& action) { return is_reported(action); };
      if (std::any_of(actions_left.begin(), actions_left.end(), reported)) {
        std::remove_copy_if(actions_left.begin(), actions_left.end(), std::back_inserter(some),
                            reported);
        actions_left = some;
      }
      if (!actions_left.empty()) {
        const runtime::Raised raised(acting);
        sink.act(actions_left);
      }
      for (const Action& action : actions_left) {
        if (action.maybe_executed) leases.settle(action.id);
      }
      waiting_actions -= leaving;
      handed = ready.takes;
      waiting.pop_front();
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
      if (batch.all().empty()) {
        waiting.pop_front();
        continue;
      }
      const Action& action = batch.all()[batch.given++];
      --waiting_actions;
      const bool reported = is_reported(action);
      if (!reported && lane_of(action.contact).engine.wants(action)) {
        leases.begin(action.id, until);
        given.push_back(action);
      } else if (!reported) {
        leases.settle(action.id);
        unwanted.push_back(action.id);
      }
      if (batch.given < batch.all().size()) continue;
      done.push_back(std::move(batch));
      waiting.pop_front();
    }
    for (const Action& action : given) polled.add(action);
    // Judged once more, it finds its end in the journal.
    offer_again(unwanted, now());
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

  // Waits until no more than the bound is on its way to the disk.
  Result<void> hold_back() {
    if (pending_bytes() <= limits.pending_bytes_max) return {};
    return committer.wait(committer.submitted() - limits.pending_bytes_max);
  }

  // On the way: memory stays bounded, and the disk is kept busy.
  Result<void> relieve(Sink* sink) {
    if (frames_size() < runtime::handed_over_bytes) return {};
    hand_over();
    if (Result<void> held = hold_back(); !held) return held;
    if (sink != nullptr) deliver(*sink);
    return {};
  }

  [[nodiscard]] bool is_full() const { return waiting_actions >= limits.waiting_actions_max; }
  [[nodiscard]] Error full() const {
    return {ErrorCode::limit_reached,
            fmt::format("{} actions wait to be handed out: commit first", waiting_actions)};
  }

  // How the stops of one call of the engine went.
  struct Stops {
    Result<void> came;
    std::exception_ptr thrown;  // by a sink: it leaves when the engine has come out in good order

    void rethrow() const {
      if (thrown) std::rethrow_exception(thrown);
    }
  };

  // What is done wherever the engine stops: all that has emitted something is taken there, before
  // time goes on. `holds`: it does not where actions are too many.
  [[nodiscard]] auto stopping(Stops& stops, Sink* sink, bool holds) {
    return [this, &stops, sink, holds] {
      collect(only());
      try {
        stops.came = relieve(sink);
      } catch (...) {
        stops.thrown = std::current_exception();
        return false;
      }
      if (stops.came && holds && is_full()) stops.came = full();
      return bool{stops.came};
    };
  }

  // How many of `inputs`, from the first, are fed at once: the engine fetches ahead what they will
  // touch. A report goes alone, because a lease may end by it.
  static std::size_t some_of(std::span<const Input> inputs) {
    const std::size_t most = std::min(runtime::fed_at_once, inputs.size());
    std::size_t size = 1;
    if (std::holds_alternative<Report>(inputs.front())) return size;
    while (size < most && !std::holds_alternative<Report>(inputs[size])) ++size;
    return size;
  }

  // What feed() does, but for the end. `sink` may be null.
  Result<void> take(std::span<const Input> inputs, Sink* sink) {
    refusals.clear();
    if (is_sharded()) return take_in_shards(inputs, sink);
    runtime::Lane& lane = only();
    Stops stops;
    const runtime::Lane::Stop stop = stopping(stops, sink, false);
    for (std::size_t at = 0; at < inputs.size();) {
      const std::span<const Input> some = inputs.subspan(at, some_of(inputs.subspan(at)));
      const std::span<const Refusal> refused = lane.feed(some, stop);
      for (const Refusal& refusal : refused) {
        refusals.push_back({.index = at + refusal.index, .error = refusal.error});
      }
      stops.rethrow();
      if (!stops.came) return stops.came;
      const auto* const report = std::get_if<Report>(&some.front());
      if (report != nullptr && refused.empty()) leases.settle(report->action);
      at += some.size();
      lane.keep_frames();
      if (std::ranges::any_of(some, runtime::is_forget)) {
        snapshotter.forgot(lane.engine.now(), frames_size());
      }
      if (Result<void> relieved = relieve(sink); !relieved) return relieved;
    }
    hand_over();
    return {};
  }

  Result<void> advance(Instant t, Sink* sink) {
    t = std::min(t, latest_instant);  // no input may stand behind it, one that we feed neither
    if (t < now()) return {};
    if (is_sharded()) return advance_in_shards(t, sink);
    runtime::Lane& lane = only();
    Stops stops;
    lane.come_to(t, stopping(stops, sink, sink == nullptr));
    stops.rethrow();
    if (!stops.came) {
      hand_over();
      return stops.came;
    }
    offer_again(t);
    lane.engine.advance_to(t);
    collect(lane);
    hand_over();
    return {};
  }

  // The same over several shards: sharding.cpp.
  Result<void> take_in_shards(std::span<const Input> inputs, Sink* sink);
  Result<void> advance_in_shards(Instant t, Sink* sink);
  Result<void> publish_in_shards(const Workspace& workspace, std::span<const Campaign> campaigns,
                                 Instant received, std::span<const Migration> migrations);
  // The lane in which something is known of the action; empty: in none.
  [[nodiscard]] std::optional<std::size_t> lane_with(const ActionId& action) const;
  runtime::Committer::Mark submit_gathered();
  void merge(Batch& batch) const;
  Result<void> come_to(Instant t, Sink* sink, bool holds);
  std::size_t share_out(std::span<const Input> inputs, std::size_t from, Instant& latest);
  void work(Instant until);
  void adapt(std::size_t written);
  [[nodiscard]] bool moves_time(const Input& input) const;
  void settle_leases(std::span<const Input> fed, std::size_t from,
                     std::span<const Refusal> refused);
  [[nodiscard]] bool is_first_report(const Input& input);
  void tell_all_of_reports();
  void tell_others_of_reports(const runtime::Lane& by);

  // Contacts that go from one shard to another: crossings.cpp.
  void find_moved();
  [[nodiscard]] std::optional<std::size_t> shard_that_knows(const Input& input, std::size_t lane,
                                                            Instant at) const;
  void bring_together(runtime::Meeting meeting, Instant at);
  void cross(const std::string& id, std::uint32_t to, Instant at);
  void forget_elsewhere(const Forget& forget, std::size_t from, std::size_t place, Instant at);
  void submit_crossed();
  Result<void> gather(Instant at);
  void settle_in();
  void settle_accounts();
};

}  // namespace itinera
