// SPDX-License-Identifier: Apache-2.0
// Both workloads through the real engine: YAML, CEL, contact ids as text, every frame encoded.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "itinera/engine.hpp"
#include "itinera/yaml.hpp"
#include "report.hpp"

namespace itinera::bench {

inline constexpr Instant epoch{1'767'225'600'000};  // 2026-01-01: virtual 0 ms

[[noreturn]] void give_up(std::string_view why);
EngineOptions engine_options();
LoadedWorkspace cart_workspace();

// The ids of a stream one after the other, as a reader of messages would hold them.
class IdStream {
 public:
  void add(std::uint64_t contact) {
    text_ += contact_name(contact);
    ends_.push_back(text_.size());
  }
  [[nodiscard]] std::string_view operator[](std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(text_).substr(begin, ends_[i] - begin);
  }

 private:
  std::string text_;
  std::vector<std::size_t> ends_;
};
IdStream ids_of(const CartRecovery& workload);

// The events from `begin` to `end` as inputs, which point into `ids`.
void make_inputs(const CartRecovery& workload, const IdStream& ids, std::size_t begin,
                 std::size_t end, std::vector<Input>& inputs);

CartRun run_engine(const CartRecovery& workload);
FanoutRun run_engine(const BroadcastFanout& workload);

// cart-recovery once more, by contacts who have said yes to every channel before the clock starts:
// as it is, or under a policy that asks for that consent, keeps the night (21:00 to 08:00) quiet
// and has two frequency caps, with a reminder that goes by the one of three channels that the
// contact reacts to most. `ok` if as many messages went out as without, none at night.
CartRun run_consented(const CartRecovery& workload, bool under_policy);

// One more run, not timed, that reads the journal back and counts how the journeys ended.
Totals audit_engine(const CartRecovery& workload);

// Memory of the engine at the peak of cart-recovery, and of the same contacts without journeys.
struct Memory {
  double bytes_per_journey = 0;
  double bytes_per_contact = 0;
  std::uint64_t journeys = 0;
};
Memory measure_memory(const CartRecovery& workload);

// What contacts of whom nothing but their ids is known take, in bytes each: in a workspace without
// a policy, or under that of run_consented().
double bytes_per_contact(const CartRecovery& workload, bool under_policy);

}  // namespace itinera::bench
