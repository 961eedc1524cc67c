// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>
#include <utility>

#include "base/zone_table.hpp"
#include "calendar/civil.hpp"
#include "calendar/text.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/streams.hpp"
#include "itinera/forecast.hpp"

namespace itinera::cli {
namespace {

// An instant, or a wall time or a date in the workspace's zone.
Result<Instant> start_of(const std::string& text, const ZoneTable& zones, const std::string& name) {
  if (const Result<Instant> instant = calendar::parse_instant(text)) return *instant;
  const Result<calendar::LocalText> local = calendar::parse_local(text);
  if (!local) {
    return Error{ErrorCode::invalid_argument,
                 fmt::format("`{}` is no time\n  hint: write one such as 2026-11-02 or "
                             "2026-11-02T09:00",
                             text)};
  }
  return calendar::to_instant(zones, zones.find(name).value_or(ZoneIndex::utc), local->local);
}

Result<std::string> forecast_text(const PlanOptions& options, const LoadedWorkspace& loaded,
                                  SimulationPlan& world) {
  Result<std::shared_ptr<const ZoneTable>> zones = load_zones();
  if (!zones) return zones.error();
  if (options.contacts) world.contacts = *options.contacts;
  if (options.seed) world.seed = *options.seed;
  if (!options.from.empty()) {
    const Result<Instant> start = start_of(options.from, **zones, loaded.workspace.zone);
    if (!start) return start.error();
    world.start = *start;
  }
  const EngineOptions engine{.limits = {}, .zones = std::move(*zones)};
  const Result<Forecast> made =
      forecast(loaded.workspace, loaded.campaigns, world, {options.campaign, options.step}, engine);
  if (!made) return made.error();
  return to_text(*made, *engine.zones);
}

}  // namespace

int plan_command(const PlanOptions& options) {
  const std::optional<LoadedWorkspace> loaded = load_or_complain(find_files({options.folder}));
  if (!loaded) return 1;
  std::optional<SimulationPlan> world = world_of(options.folder, options.world, *loaded);
  if (!world) return 1;
  const Result<std::string> text = forecast_text(options, *loaded, *world);
  if (!text) {
    print_error(text.error());
    return 1;
  }
  Result<Output> out = Output::open("-", Output::Mode::append);
  out->buffer() += *text;
  if (const Result<void> flushed = out->flush(); !flushed && !out->reader_is_gone()) {
    print_error(flushed.error());
    return 1;
  }
  return 0;
}

}  // namespace itinera::cli
