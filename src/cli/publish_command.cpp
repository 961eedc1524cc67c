// SPDX-License-Identifier: Apache-2.0
// Publishes the campaigns of a folder to a store, and moves journeys in flight as it is told; or
// tells what that would come to.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "calendar/text.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/printing.hpp"
#include "cli/progress.hpp"
#include "cli/stored_engine.hpp"
#include "cli/streams.hpp"

namespace itinera::cli {
namespace {

using Fate = MigrationRow::Fate;

Error bad_option(std::string_view option, std::string_view value, std::string_view expected) {
  return {ErrorCode::invalid_argument, fmt::format("{} {}: expected {}", option, value, expected)};
}

Migration& migration_of(std::vector<Migration>& all, std::string_view campaign) {
  const auto known = std::find_if(all.begin(), all.end(),
                                  [&](const Migration& each) { return each.campaign == campaign; });
  if (known != all.end()) return *known;
  all.push_back({std::string(campaign)});
  return all.back();
}

// "cart", "cart=recompute"
Result<void> take_migrate(const std::string& text, std::vector<Migration>& all) {
  constexpr std::array<std::string_view, 3> ways{"keep", "recompute", "release"};
  const std::size_t equals = text.find('=');
  const std::string way = equals == std::string::npos ? "keep" : text.substr(equals + 1);
  const auto* const found = std::find(ways.begin(), ways.end(), way);
  if (found == ways.end() || equals == 0 || text.empty()) {
    return bad_option("--migrate", text, "CAMPAIGN, or CAMPAIGN=keep, recompute or release");
  }
  migration_of(all, text.substr(0, equals)).waits = static_cast<WaitChange>(found - ways.begin());
  return {};
}

// "cart/reminder=nudge", "cart/reminder=exit", "cart/reminder=pin"; "cart/*=exit" for the rest.
Result<void> take_step(const std::string& text, std::vector<Migration>& all) {
  const std::size_t slash = text.find('/');
  const std::size_t equals = text.find('=', slash == std::string::npos ? 0 : slash);
  const bool has_all = slash != std::string::npos && equals != std::string::npos && slash > 0 &&
                       equals > slash + 1 && equals + 1 < text.size();
  if (!has_all) return bad_option("--step", text, "CAMPAIGN/STEP=STEP, exit or pin");
  Migration& migration = migration_of(all, text.substr(0, slash));
  const std::string step = text.substr(slash + 1, equals - slash - 1);
  const std::string answer = text.substr(equals + 1);
  const bool exits = answer == "exit";
  const bool pins = answer == "pin";
  if (step == "*") {
    if (!exits && !pins) return bad_option("--step", text, "exit or pin for all the rest");
    migration.rest = exits ? Migration::Rest::exit : Migration::Rest::pin;
    return {};
  }
  using Kind = StepAnswer::Kind;
  const Kind kind = exits ? Kind::exit : pins ? Kind::pin : Kind::to;
  migration.steps.push_back({step, kind, kind == Kind::to ? answer : std::string()});
  return {};
}

Result<std::vector<Migration>> migrations_of(const PublishOptions& options) {
  std::vector<Migration> all;
  for (const std::string& each : options.migrate) {
    if (Result<void> taken = take_migrate(each, all); !taken) return taken.error();
  }
  for (const std::string& each : options.steps) {
    if (Result<void> taken = take_step(each, all); !taken) return taken.error();
  }
  return all;
}

std::string_view name_of(Fate fate) {
  constexpr std::array<std::string_view, 5> names{"goes_on", "moves", "exits", "pinned",
                                                  "unanswered"};
  return names.at(static_cast<std::size_t>(fate));
}

std::string words_of(const MigrationRow& row) {
  switch (row.fate) {
    case Fate::goes_on: {
      const bool elsewhere = !row.to.empty() && row.to != row.step;
      return (elsewhere ? "go on at " + row.to : "go on") + (row.edited ? ", as it says now" : "");
    }
    case Fate::moves: return "come to " + row.to;
    case Fate::exits: return "end here";
    case Fate::pinned: return "keep their version";
    case Fate::unanswered: break;
  }
  return fmt::format("no answer: --step {}/{}=...", row.campaign,
                     row.step.empty() ? "*" : row.step);
}

void print_rows(const std::vector<MigrationRow>& rows, bool json, std::string& out) {
  if (json) {
    for (const MigrationRow& row : rows) {
      out += R"({"type":"migration")";
      add_member(out, "campaign", row.campaign);
      add_member(out, "version", row.version);
      add_member(out, "step", row.step);
      add_member(out, "journeys", row.journeys);
      add_member(out, "fate", name_of(row.fate));
      if (!row.to.empty()) add_member(out, "to", row.to);
      fmt::format_to(std::back_inserter(out), ",\"edited\":{}}}\n", row.edited);
    }
    return;
  }
  if (rows.empty()) return;
  Table table({"campaign", "version", "step", "journeys", "what becomes of them"});
  for (const MigrationRow& row : rows) {
    table.row({row.campaign, fmt::format("{}", row.version),
               row.step.empty() ? "(before the first)" : row.step, grouped(row.journeys),
               words_of(row)});
  }
  table.print(out);
  out += '\n';
}

void print_outcome(const Statistics& before, const Statistics& after, const PublishOptions& options,
                   std::string& out) {
  const std::uint64_t entered = after.journeys_entered - before.journeys_entered;
  const std::uint64_t ended = after.journeys_ended - before.journeys_ended;
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

Result<Instant> instant_of(const PublishOptions& options, const Engine& engine) {
  if (options.at.empty()) return engine.now();
  Result<Instant> at = calendar::parse_instant(options.at);
  if (at && *at < engine.now()) {
    return Error{ErrorCode::invalid_argument,
                 fmt::format("--at {}: the store has come to {} already", options.at,
                             to_text(engine.now()))};
  }
  return at;
}

// Tells what becomes of whom, publishes by `publish(at)`, and tells what came of that. What is
// printed before an error stays.
template <class Publish>
Result<void> tell(const PublishOptions& options, const Engine& engine,
                  std::span<const Campaign> campaigns, std::span<const Migration> migrations,
                  std::string& out, Publish publish) {
  const Result<std::vector<MigrationRow>> rows = engine.preview(campaigns, migrations);
  if (!rows) return rows.error();
  print_rows(*rows, options.json, out);
  const Result<Instant> at = instant_of(options, engine);
  if (!at) return at.error();
  const Statistics before = engine.statistics();
  if (const Result<void> published = publish(*at); !published) return published;
  print_outcome(before, engine.statistics(), options, out);
  return {};
}

// On an engine that nobody else has.
Result<void> try_it(const PublishOptions& options, const LoadedWorkspace& loaded,
                    std::span<const Migration> migrations, std::string& out) {
  Result<Engine> engine = stored_engine(options.store);
  if (!engine) return engine.error();
  return tell(options, *engine, loaded.campaigns, migrations, out, [&](Instant at) {
    return engine->publish(loaded.workspace, loaded.campaigns, at, migrations);
  });
}

Result<void> do_it(const PublishOptions& options, const LoadedWorkspace& loaded,
                   std::span<const Migration> migrations, std::string& out) {
  Result<std::unique_ptr<Store>> store = open_existing_store(options.store);
  if (!store) return store.error();
  Result<std::shared_ptr<const ZoneTable>> zones = load_zones();
  if (!zones) return zones.error();
  Result<Runtime> runtime =
      Runtime::open(std::move(*store), {.limits = {}, .zones = std::move(*zones)});
  if (!runtime) return runtime.error();
  return tell(options, runtime->engine(), loaded.campaigns, migrations, out, [&](Instant at) {
    return runtime->publish(loaded.workspace, loaded.campaigns, at, migrations);
  });
}

}  // namespace

int publish_command(const PublishOptions& options) {
  const std::optional<LoadedWorkspace> workspace = load_or_complain(find_files({options.folder}));
  if (!workspace) return 1;
  const Result<std::vector<Migration>> migrations = migrations_of(options);
  if (!migrations) {
    print_error(migrations.error());
    return 1;
  }
  std::string text;
  const Result<void> done = options.dry_run ? try_it(options, *workspace, *migrations, text)
                                            : do_it(options, *workspace, *migrations, text);
  const int printed = print_out(text);
  if (done) return printed;
  print_error(done.error());
  return 1;
}

}  // namespace itinera::cli
