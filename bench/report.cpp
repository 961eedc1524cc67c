// SPDX-License-Identifier: Apache-2.0
#include "report.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace itinera::bench {
namespace {

double seconds_of(const CartRun& run) { return run.seconds; }
double seconds_of(const FanoutRun& run) { return run.seconds(); }

template <class Run>
Median<Run> repeat(int repetitions, const std::function<Run()>& run) {
  std::vector<Run> runs;
  bool ok = true;
  for (int i = 0; i < std::max(repetitions, 1); ++i) {
    runs.push_back(run());
    ok = ok && runs.back().ok;
  }
  std::sort(runs.begin(), runs.end(),
            [](const Run& a, const Run& b) { return seconds_of(a) < seconds_of(b); });
  Median<Run> median{runs[runs.size() / 2], seconds_of(runs.front()), seconds_of(runs.back())};
  median.run.ok = ok;
  return median;
}

std::string_view verdict(bool ok) { return ok ? "ok " : "BAD"; }

double per_second(std::uint64_t count, double seconds) {
  return static_cast<double>(count) / seconds;
}

}  // namespace

Median<CartRun> repeat_cart(int repetitions, const std::function<CartRun()>& run) {
  return repeat(repetitions, run);
}

Median<FanoutRun> repeat_fanout(int repetitions, const std::function<FanoutRun()>& run) {
  return repeat(repetitions, run);
}

double ns_per_input(const CartRecovery& workload, const CartRun& run) {
  return run.seconds * 1e9 / static_cast<double>(workload.inputs());
}

void print_cart(std::string_view who, const CartRecovery& workload, const Median<CartRun>& result) {
  const CartRun& run = result.run;
  fmt::print(
      "cart   {:<10} N={:<9} {}  {:8.4f} s [{:.4f}..{:.4f}]  ns/input {:6.1f}  events/s {:10.0f}  "
      "timers/s {:10.0f}  actions/s {:10.0f}  journeys/s {:10.0f}  peak {:<8} bytes/journey {:.1f}",
      who, workload.contacts, verdict(run.ok), run.seconds, result.fastest, result.slowest,
      ns_per_input(workload, run), per_second(workload.events.size(), run.seconds),
      per_second(workload.expected.timers, run.seconds),
      per_second(workload.expected.actions(), run.seconds),
      per_second(workload.contacts, run.seconds), run.peak_journeys, run.bytes_per_journey);
  if (run.bytes_per_contact > 0) fmt::print("  bytes/contact {:.1f}", run.bytes_per_contact);
  fmt::print("\n");
}

void print_fanout(std::string_view who, const BroadcastFanout& workload,
                  const Median<FanoutRun>& result) {
  const FanoutRun& run = result.run;
  const std::uint64_t n = workload.contacts;
  fmt::print(
      "fanout {:<10} N={:<9} {}  {:8.4f} s [{:.4f}..{:.4f}]  enter/s {:10.0f}  wait 1 fired/s "
      "{:10.0f}  wait 2 fired/s {:10.0f}  journeys/s {:10.0f}\n",
      who, n, verdict(run.ok), run.seconds(), result.fastest, result.slowest,
      per_second(n, run.enter_seconds), per_second(n, run.first_wait_seconds),
      per_second(n, run.second_wait_seconds), per_second(n, run.seconds()));
}

}  // namespace itinera::bench
