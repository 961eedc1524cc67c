// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <utility>

#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/streams.hpp"
#include "itinera/simulation.hpp"
#include "lab/simulation_file.hpp"

namespace itinera::cli {
namespace {

// What was asked for on the command line counts more than what stands in a file.
Result<void> override_plan(const SimulateOptions& options, SimulationPlan& plan) {
  if (options.contacts) plan.contacts = *options.contacts;
  if (options.days) plan.days = *options.days;
  if (options.seed) plan.seed = *options.seed;
  for (const auto& [receipt, share] :
       {std::pair(Receipt::opened, options.opened), std::pair(Receipt::clicked, options.clicked)}) {
    if (share.empty()) continue;
    const auto parts = lab::parts_of_million(share);
    if (!parts) {
      return Error{ErrorCode::invalid_argument,
                   fmt::format("`{}` is no share\n  hint: write one such as 40%", share)};
    }
    std::erase_if(plan.receipts,
                  [&, which = receipt](const SimulatedReceipt& r) { return r.receipt == which; });
    SimulatedReceipt& fresh = plan.receipts.emplace_back();
    fresh.receipt = receipt;
    fresh.chance = *parts;
  }
  return {};
}

Result<SimulationResult> run_simulation(const LoadedWorkspace& loaded, const SimulationPlan& plan) {
  Result<std::shared_ptr<const ZoneTable>> zones = load_zones();
  if (!zones) return zones.error();
  return simulate(loaded.workspace, loaded.campaigns, plan,
                  {.limits = {}, .zones = std::move(*zones)});
}

}  // namespace

int simulate_command(const SimulateOptions& options) {
  const std::optional<LoadedWorkspace> loaded = load_or_complain(find_files({options.folder}));
  if (!loaded) return 1;
  std::optional<SimulationPlan> plan = world_of(options.folder, options.plan, *loaded);
  if (!plan) return 1;
  if (const Result<void> done = override_plan(options, *plan); !done) {
    print_error(done.error());
    return 1;
  }
  const auto begun = std::chrono::steady_clock::now();
  const Result<SimulationResult> result = run_simulation(*loaded, *plan);
  if (!result) {
    print_error(result.error());
    return 1;
  }
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
  Result<Output> out = Output::open("-", Output::Mode::append);
  out->buffer() += to_text(*result);
  if (const Result<void> flushed = out->flush(); !flushed && !out->reader_is_gone()) {
    print_error(flushed.error());
    return 1;
  }
  print_error(
      fmt::format("{} contacts, {} days in {:.2f} s\n", plan->contacts, plan->days, taken.count()));
  return 0;
}

}  // namespace itinera::cli
