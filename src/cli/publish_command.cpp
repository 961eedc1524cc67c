// SPDX-License-Identifier: Apache-2.0
// Publishes the campaigns of a folder to a store, and moves journeys in flight as it is told; or
// tells what that would come to.
#include <fmt/format.h>

#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/journal_watch.hpp"
#include "cli/printing.hpp"
#include "cli/progress.hpp"
#include "cli/stored_engine.hpp"
#include "cli/streams.hpp"

namespace itinera::cli {
namespace {

void print_rows(const std::vector<MigrationRow>& rows, bool json, std::string& out) {
  if (json) {
    for (const MigrationRow& row : rows) {
      out += R"({"type":"migration")";
      add_members(out, row);
      out += "}\n";
    }
    return;
  }
  if (rows.empty()) return;
  Table table({"campaign", "version", "step", "journeys", "what becomes of them"});
  for (const MigrationRow& row : rows) {
    table.row({row.campaign, fmt::format("{}", row.version),
               row.step.empty() ? "(before the first)" : row.step, grouped(row.journeys),
               fate_text(row)});
  }
  table.print(out);
  out += '\n';
}

void print_outcome(std::uint64_t entered, std::uint64_t ended, const PublishOptions& options,
                   std::string& out) {
  if (options.json) {
    fmt::format_to(std::back_inserter(out),
                   "{{\"type\":\"publication\",\"published\":{},\"entered\":{},\"ended\":{}}}\n",
                   !options.dry_run, entered, ended);
    return;
  }
  fmt::format_to(std::back_inserter(out), "{}; journeys begun by it: {}, ended by it: {}\n",
                 options.dry_run ? "nothing was published" : "published", grouped(entered),
                 grouped(ended));
}

// Tells what becomes of whom, publishes by `publish(at)`, and tells what came of that. What is
// printed before an error stays.
template <class Publish>
Result<void> tell(const PublishOptions& options, const StoredEngines& engines,
                  std::span<const Campaign> campaigns, std::span<const Migration> migrations,
                  std::string& out, Publish publish) {
  const Result<std::vector<MigrationRow>> rows = engines.preview(campaigns, migrations);
  if (!rows) return rows.error();
  print_rows(*rows, options.json, out);
  const Result<Instant> at = publication_instant(options.at, engines);
  if (!at) return at.error();
  const std::uint64_t entered = engines.sum(&Statistics::journeys_entered);
  const std::uint64_t ended = engines.sum(&Statistics::journeys_ended);
  if (const Result<void> published = publish(*at); !published) return published;
  print_outcome(engines.sum(&Statistics::journeys_entered) - entered,
                engines.sum(&Statistics::journeys_ended) - ended, options, out);
  return {};
}

// The versions that the engines know, in the words of a census: each as often as there are
// shards.
Result<std::vector<insight::Census::Version>> published_in(const StoredEngines& engines) {
  const auto states = engines.states();
  if (!states) return states.error();
  using Version = insight::Census::Version;
  std::vector<Version> all;
  for (const std::unique_ptr<engine::State>& state : *states) {
    const engine::Plans& plans = state->plans;
    std::vector<std::uint64_t> in_flight(plans.versions.size());
    state->journeys.for_each([&](const engine::Journey& journey) {
      const bool is_one = !journey.is_strand() && !journey.is_aside();
      if (is_one && journey.phase != engine::Phase::gone) ++in_flight[journey.version];
    });
    for (const auto& plan : plans.versions) {
      const bool current = plans.families[plan->family].current == plan->version;
      const Campaign& campaign = plan->campaign;
      all.push_back({campaign.name, campaign.version, in_flight[plan->version], current, {}, {}});
    }
  }
  return all;
}

// On engines that nobody else has. What the store does with actions that were taken.
Result<Delivery> try_it(const PublishOptions& options, const LoadedWorkspace& loaded,
                        std::span<const Migration> migrations, std::string& out) {
  Result<StoredEngines> engines = stored_engines(options.store);
  if (!engines) return engines.error();
  const Result<std::vector<insight::Census::Version>> before = published_in(*engines);
  if (!before) return before.error();
  for (const std::string& warning : republishing(*before, loaded.campaigns)) {
    print_error(fmt::format("itinera: warning: {}\n", warning));
  }
  const Delivery delivery = engines->keeps_taken() ? Delivery::known : Delivery::once;
  const Result<void> tried =
      tell(options, *engines, loaded.campaigns, migrations, out, [&](Instant at) {
        return engines->publish(loaded.workspace, loaded.campaigns, at, migrations);
      });
  return tried ? Result<Delivery>(delivery) : tried.error();
}

Result<void> do_it(const PublishOptions& options, const LoadedWorkspace& loaded,
                   std::span<const Migration> migrations, std::string& out) {
  // What is refused is refused before the store is claimed, so that its owner goes on.
  std::string said;
  const Result<Delivery> delivery = try_it(options, loaded, migrations, said);
  if (!delivery) {
    out += said;
    return delivery.error();
  }
  // What a run with --reoffer has left to write is left to the next one.
  RuntimeOptions how;
  how.delivery = *delivery;
  // So is what a run does on the side, which puts there beside a snapshot what it has counted.
  how.upkeep.snapshot_after_bytes = 0;
  how.upkeep.erase_after_ms = 0;
  Result<std::unique_ptr<Store>> store = open_existing_store(options.store);
  if (!store) return store.error();
  Result<std::shared_ptr<const ZoneTable>> zones = load_zones();
  if (!zones) return zones.error();
  Result<Runtime> runtime =
      Runtime::open(std::move(*store), {.limits = {}, .zones = std::move(*zones)}, how);
  if (!runtime) return runtime.error();
  const Result<StoredEngines> engines = StoredEngines::create(*runtime);
  if (!engines) return engines.error();
  return tell(options, *engines, loaded.campaigns, migrations, out, [&](Instant at) {
    return runtime->publish(loaded.workspace, loaded.campaigns, at, migrations);
  });
}

}  // namespace

int publish_command(const PublishOptions& options) {
  const std::optional<LoadedWorkspace> workspace = load_folder(options.folder);
  if (!workspace) return 1;
  const Result<std::vector<Migration>> migrations = migrations_of(options.migrate, options.steps);
  if (!migrations) {
    print_error(migrations.error());
    return 1;
  }
  std::string text;
  Result<void> done;
  if (!options.dry_run) {
    done = do_it(options, *workspace, *migrations, text);
  } else if (const Result<Delivery> tried = try_it(options, *workspace, *migrations, text);
             !tried) {
    done = tried.error();
  }
  const int printed = print_out(text);
  if (done) return printed;
  print_error(done.error());
  return 1;
}

}  // namespace itinera::cli
