// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "engine/process.hpp"
#include "engine/state.hpp"
#include "itinera/engine.hpp"

namespace itinera {

// Ties state, process and journal together; the order of calls is kept here.
class Engine::Core final : public engine::Timers::Live {
 public:
  explicit Core(EngineOptions options)
      : state_(options.limits, std::move(options.zones)), process_(state_, journal_) {}

  void open();  // writes the first frame
  // Applies a journal. Errors: damaged_journal, unsupported_version.
  Result<void> restore(std::span<const std::byte> journal, std::size_t* whole_bytes);

  Result<void> publish(const Workspace& workspace, std::span<const Campaign> campaigns,
                       Instant received);
  std::span<const Refusal> feed(std::span<const Input> inputs);
  [[nodiscard]] std::optional<Error> refuses(const Input& input) const {
    return process_.refuses(input);
  }
  void advance_to(Instant t);
  Output take_output();
  std::span<const std::byte> take_journal();
  [[nodiscard]] const engine::State& state() const { return state_; }

  [[nodiscard]] bool live(std::uint32_t journey, Instant due) const override {
    return state_.journeys[journey].due == due;
  }
  void prefetch(std::uint32_t journey) const override {
    __builtin_prefetch(&state_.journeys[journey]);
  }

 private:
  [[nodiscard]] engine::Process::Taken taken_at(Instant received) const;
  void finish_instant();
  void run_until(Instant limit);
  void fill_actions();
  void fetch_ahead(std::span<const Input> inputs, std::size_t at);

  engine::State state_;
  record::ByteBuffer journal_;  // since the newest take_output()
  engine::Process process_;
  record::ByteBuffer handed_journal_;
  engine::Outbox handed_;  // what actions_ points into
  std::vector<Action> actions_;
  std::vector<Properties> action_data_;
  std::vector<Refusal> refusals_;
};

}  // namespace itinera
