// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <vector>

#include "base/stable_hash.hpp"
#include "engine/process.hpp"
#include "itinera/engine.hpp"
#include "snapshot/snapshot.hpp"
#include "state/state.hpp"

namespace itinera {

// Ties state, process and journal together; the order of calls is kept here.
class Engine::Core final : public engine::Timers::Live, public Actions::Source {
 public:
  explicit Core(EngineOptions options)
      : shard_(options.shard),
        state_(options.limits, std::move(options.zones)),
        process_(state_, journal_, shard_) {}

  void open();  // writes the first frame
  // Applies a journal from where the state stands. Errors: damaged_journal, unsupported_version.
  Result<void> restore(std::span<const std::byte> journal, std::size_t* whole_bytes);
  Result<void> load(SnapshotReader& from) { return engine::load(state_, from); }

  void adopt_zone_data();
  [[nodiscard]] bool is_published(base::ByteView model) const {
    return state_.published == base::stable_hash(base::as_text(model));
  }
  void hear_of_report(const record::Suppressed* told, std::uint8_t from, Instant received);
  // The contact of that id goes to the other shard, at the same time in both.
  void cross(std::string_view id, Core& to, Instant received);
  void account_left(std::string_view account, std::uint8_t to, Instant received);
  // What campaigns have begun is counted there. Both have come to that time.
  void give_counts(Core& to, Instant received) {
    to.process_.count_begun(&state_, shard_, to.taken_at(received));
    process_.count_begun(nullptr, to.shard_, taken_at(received));
  }
  [[nodiscard]] Result<void> may_publish(const Workspace& workspace,
                                         std::span<const Campaign> campaigns,
                                         Instant received) const;
  void move_to(Instant t, const Stop& stop);
  Result<void> publish(const Workspace& workspace, std::span<const Campaign> campaigns,
                       Instant received, std::span<const Migration> migrations);
  std::span<const Refusal> feed(std::span<const Input> inputs, const Stop* stop);
  bool come_to(Instant t, const Stop& stop);  // false: it was told to stop
  [[nodiscard]] std::optional<Error> refuses(const Input& input) const {
    return process_.refuses(input);
  }
  void advance_to(Instant t);
  Output take();
  [[nodiscard]] Action action(std::size_t index) const override;  // of those handed out
  std::span<const std::byte> take_journal();
  [[nodiscard]] const engine::State& state() const { return state_; }
  // Tidies up among the timers on the way, which nobody can see.
  [[nodiscard]] std::optional<Instant> next_deadline() {
    // A refusal that a take met may have let another message go: it waits for the next take.
    if (state_.instant_unfinished || state_.statistics.actions_waiting != 0) return state_.now;
    return state_.timers.earliest(*this);
  }

  [[nodiscard]] bool live(std::uint32_t journey, Instant due) const override {
    if (engine::is_journey(journey)) return state_.journeys[journey].due == due;
    return engine::is_awaited(state_, journey, due);
  }
  void prefetch(std::uint32_t journey) const override {
    if (engine::is_journey(journey)) __builtin_prefetch(&state_.journeys[journey]);
  }
  void prefetch_deeply(std::uint32_t journey) const override {
    if (!engine::is_journey(journey)) return;
    const engine::Journey& j = state_.journeys[journey];
    if (j.contact != engine::no_place) __builtin_prefetch(&state_.contacts[j.contact]);
    if (j.actions != engine::no_place) __builtin_prefetch(&state_.actions[j.actions]);
    state_.blobs.prefetch(j.context);
  }

 private:
  // How many inputs ahead each part is fetched, and what is known of those in between.
  static constexpr std::size_t index_ahead = 16;
  static constexpr std::size_t contact_ahead = 10;
  static constexpr std::size_t journey_ahead = 5;
  struct Ahead {
    bool heard = true;  // false: an event of a type that nothing loaded names
    engine::NameId event = engine::no_name;
    std::uint64_t hash = 0;
    std::uint32_t contact = engine::no_place;  // one under that hash
  };
  std::array<Ahead, 2 * index_ahead> ahead_{};

  [[nodiscard]] engine::Process::Taken taken_at(Instant received) const;
  void finish_instant();
  void run_until(Instant limit);
  void unpack_data();
  void fetch_ahead(std::span<const Input> inputs, std::size_t at);
  Ahead begin_fetch(const Input& input) const;

  const std::uint8_t shard_;
  engine::State state_;
  base::ByteBuffer journal_;  // since the newest take_output()
  engine::Process process_;
  base::ByteBuffer handed_journal_;
  std::vector<Properties> action_data_;  // of the actions handed out that have any, in order
  std::vector<Refusal> refusals_;
};

}  // namespace itinera
