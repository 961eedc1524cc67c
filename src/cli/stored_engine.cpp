// SPDX-License-Identifier: Apache-2.0
#include "cli/stored_engine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <tuple>
#include <utility>

#include "base/stable_hash.hpp"
#include "calendar/text.hpp"
#include "cli/printing.hpp"
#include "engine/migration_plan.hpp"
#include "model/graph.hpp"
#include "runtime/gathering.hpp"
#include "runtime/publishing.hpp"
#include "runtime/recovery.hpp"
#include "snapshot/snapshot.hpp"
#include "store/sqlite_store.hpp"

namespace itinera::cli {
namespace {

// While the owner goes on, what is being read may be forgotten: then it is read anew.
constexpr int attempts_max = 5;

// A snapshot that is read as soon as it is written.
class Image final : public SnapshotWriter, public SnapshotReader {
 public:
  Result<void> put(std::span<const std::byte> piece) override {
    pieces_.emplace_back(piece.begin(), piece.end());
    return {};
  }
  Result<std::span<const std::byte>> next() override {
    if (at_ == pieces_.size()) return std::span<const std::byte>{};
    return std::span<const std::byte>(pieces_[at_++]);
  }

 private:
  std::vector<std::vector<std::byte>> pieces_;
  std::size_t at_ = 0;
};

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

Result<std::unique_ptr<Store>> open_existing(const std::string& path,
                                             const store::SqliteOptions& how) {
  std::error_code failed;
  if (!std::filesystem::is_regular_file(path, failed) ||
      std::filesystem::file_size(path, failed) == 0) {
    return Error{ErrorCode::io_failed, fmt::format("{}: there is no store", path)};
  }
  return store::open_sqlite(path, how);
}

Result<std::unique_ptr<engine::State>> state_of(const Engine& engine) {
  Result<std::shared_ptr<const ZoneTable>> zones = load_zones();
  if (!zones) return zones.error();
  Image image;
  if (const Result<void> saved = engine.save(image); !saved) return saved.error();
  auto state = std::make_unique<engine::State>(Limits{}, std::move(*zones));
  if (const Result<void> loaded = engine::load(*state, image); !loaded) return loaded.error();
  return state;
}

// Null: the store is not as it was made, since all shards are told of each publication.
const engine::CampaignPlan* plan_of(const engine::State& state, std::string_view campaign,
                                    std::uint32_t version) {
  const auto found = std::ranges::find_if(state.plans.versions, [&](const auto& plan) {
    return plan->campaign.name == campaign && plan->campaign.version == version;
  });
  return found == state.plans.versions.end() ? nullptr : found->get();
}

// The number of a step; behind all where it is none.
std::size_t node_of(const engine::CampaignPlan* plan, std::string_view step) {
  if (plan == nullptr) return model::end_node;
  const auto found = std::ranges::find_if(
      plan->nodes, [&](const engine::NodePlan& node) { return node.step->id == step; });
  return static_cast<std::size_t>(found - plan->nodes.begin());
}

// Sorts by `key`, asked once of each; those of one key stay as they are.
template <class Item, class Key>
void sort_by(std::vector<Item>& all, Key key) {
  using Place = std::pair<decltype(key(all.front())), std::size_t>;
  std::vector<Place> places;
  for (std::size_t at = 0; at < all.size(); ++at) places.emplace_back(key(all[at]), at);
  std::ranges::sort(places);
  std::vector<Item> sorted;
  for (const Place& place : places) sorted.push_back(std::move(all[place.second]));
  all = std::move(sorted);
}

void add_up(std::vector<StepOccupancy>& all, StepOccupancy step) {
  const auto known = std::ranges::find_if(all, [&](const StepOccupancy& each) {
    return std::tie(each.campaign, each.version, each.step) ==
           std::tie(step.campaign, step.version, step.step);
  });
  if (known == all.end()) {
    all.push_back(std::move(step));
    return;
  }
  known->waiting += step.waiting;
  known->held += step.held;
  known->asked += step.asked;
  known->stopped += step.stopped;
  if (step.since >= known->since) return;
  known->since = step.since;
  known->certain = step.certain;
}

void add_up(std::vector<MigrationRow>& all, MigrationRow row) {
  const auto known = std::ranges::find_if(all, [&](const MigrationRow& each) {
    return std::tie(each.campaign, each.version, each.step, each.fate, each.to, each.edited) ==
           std::tie(row.campaign, row.version, row.step, row.fate, row.to, row.edited);
  });
  if (known == all.end()) {
    all.push_back(std::move(row));
  } else {
    known->journeys += row.journeys;
  }
}

}  // namespace

Result<std::unique_ptr<Store>> open_existing_store(const std::string& path) {
  return open_existing(path, {});
}

Result<StoredEngines> stored_engines(const std::string& path) {
  Result<std::shared_ptr<const ZoneTable>> zones = load_zones();
  if (!zones) return zones.error();
  const Result<std::unique_ptr<Store>> store = open_existing(path, {.looks = true});
  if (!store) return store.error();
  for (int attempt = 1;; ++attempt) {
    Result<runtime::Recovered> found =
        runtime::recover([&store](const auto& work) { return work(**store); },
                         {.limits = {}, .zones = *zones}, [] { return true; });
    if (found) return StoredEngines::create(std::move(found->shards.engines()));
    const bool moved = found.error().code == ErrorCode::invalid_argument;
    if (!moved || attempt == attempts_max) return found.error();
  }
}

Result<StoredEngines> StoredEngines::create(std::vector<Engine> own) {
  std::vector<runtime::Lane> lanes;
  lanes.reserve(own.size());
  for (Engine& each : own) lanes.emplace_back(std::move(each));
  StoredEngines engines(std::move(lanes));
  for (const runtime::Lane& lane : engines.own_) engines.engines_.push_back(&lane.engine);
  if (Result<void> learnt = engines.learn_order(); !learnt) return learnt.error();
  return engines;
}

Result<StoredEngines> StoredEngines::create(const Runtime& runtime) {
  StoredEngines engines({});
  for (std::uint32_t shard = 0; shard < runtime.shards(); ++shard) {
    engines.engines_.push_back(&runtime.engine(shard));
  }
  if (Result<void> learnt = engines.learn_order(); !learnt) return learnt.error();
  return engines;
}

Result<void> StoredEngines::learn_order() {
  if (engines_.size() == 1) return {};
  Result<std::unique_ptr<engine::State>> first = state_of(*engines_.front());
  if (!first) return first.error();
  first_ = std::move(*first);
  return {};
}

Instant StoredEngines::now() const {
  Instant newest = engines_.front()->now();
  for (const Engine* each : engines_) newest = std::max(newest, each->now());
  return newest;
}

std::optional<Instant> StoredEngines::next_deadline() const {
  std::optional<Instant> due;
  for (const Engine* each : engines_) {
    const std::optional<Instant> next = each->next_deadline();
    if (next && (!due || *next < *due)) due = next;
  }
  return due;
}

std::uint64_t StoredEngines::sum(std::uint64_t Statistics::* count) const {
  std::uint64_t all = 0;
  for (const Engine* each : engines_) all += each->statistics().*count;
  return all;
}

bool StoredEngines::keeps_taken() const {
  return std::ranges::any_of(engines_, &Engine::keeps_taken);
}

// Whoever it has left knows its id still, and no journeys.
Result<std::vector<JourneyView>> StoredEngines::journeys_of(std::string_view contact) const {
  Result<std::vector<JourneyView>> found = engines_.front()->journeys_of(contact);
  for (const Engine* each : std::span(engines_).subspan(1)) {
    if (found && !found->empty()) break;
    Result<std::vector<JourneyView>> here = each->journeys_of(contact);
    if (here) found = std::move(here);
  }
  return found;
}

std::vector<StepOccupancy> StoredEngines::occupancy() const {
  if (engines_.size() == 1) return engines_.front()->occupancy();
  std::vector<StepOccupancy> all;
  for (const Engine* each : engines_) {
    for (StepOccupancy& step : each->occupancy()) add_up(all, std::move(step));
  }
  sort_by(all, [this](const StepOccupancy& step) {
    return std::tuple(std::string_view(step.campaign), step.version,
                      node_of(plan_of(*first_, step.campaign, step.version), step.step));
  });
  return all;
}

StuckReport StoredEngines::stuck(std::int64_t older_than_ms, std::size_t max) const {
  if (engines_.size() == 1) return engines_.front()->stuck(older_than_ms, max);
  StuckReport all;
  for (const Engine* each : engines_) {
    // Who is behind takes all for so much younger.
    const std::int64_t behind_ms = now() - each->now();
    StuckReport some = each->stuck(older_than_ms - behind_ms, max);
    all.total += some.total;
    std::ranges::move(some.journeys, std::back_inserter(all.journeys));
  }
  // Of one contact all are in one engine, and in order.
  sort_by(all.journeys, [this](const JourneyView& view) {
    const engine::CampaignPlan* const plan = plan_of(*first_, view.campaign, view.version);
    return std::tuple(view.standings.front().since, plan == nullptr ? 0 : plan->rank,
                      base::stable_hash(view.contact).high, std::string_view(view.contact));
  });
  if (all.journeys.size() > max) all.journeys.resize(max);
  return all;
}

Result<std::vector<MigrationRow>> StoredEngines::preview(
    std::span<const Campaign> campaigns, std::span<const Migration> migrations) const {
  if (engines_.size() == 1) return engines_.front()->preview(campaigns, migrations);
  std::vector<MigrationRow> all;
  for (const Engine* each : engines_) {
    Result<std::vector<MigrationRow>> rows = each->preview(campaigns, migrations);
    if (!rows) return rows.error();
    for (MigrationRow& row : *rows) add_up(all, std::move(row));
  }
  // As engine::rows_of() has them; where a row leads, its step and fate say.
  sort_by(all, [&](const MigrationRow& row) {
    const auto migration = std::ranges::find(migrations, row.campaign, &Migration::campaign);
    const engine::CampaignPlan* const plan = plan_of(*first_, row.campaign, row.version);
    return std::tuple(migration - migrations.begin(), plan == nullptr ? 0 : plan->version,
                      node_of(plan, row.step), row.fate);
  });
  return all;
}

// What a Runtime asks before all of them do it, and in the same order.
Result<void> StoredEngines::publish(const Workspace& workspace, std::span<const Campaign> campaigns,
                                    Instant received, std::span<const Migration> migrations) {
  if (own_.size() == 1) {
    return own_.front().engine.publish(workspace, campaigns, received, migrations);
  }
  const auto at = runtime::publication_time(own_, workspace, campaigns, received, migrations);
  if (!at) return at.error();
  if (!*at) return {};
  received = **at;
  if (received > now()) {
    for (runtime::Lane& lane : own_) lane.engine.advance_to(received - 1);
  }
  Result<std::vector<MigrationRow>> rows = preview(campaigns, migrations);
  if (!rows) return rows.error();
  // How many may move is a bound of each.
  std::erase_if(*rows,
                [](const MigrationRow& row) { return row.fate != MigrationRow::Fate::unanswered; });
  if (Result<void> answered = engine::check_moves(*rows); !answered) return answered;
  if (runtime::gathers(own_, workspace, campaigns)) {
    runtime::gather(own_, received, [this](runtime::Lane& from) {
      from.frames.clear();
      own_[runtime::home_shard].frames.clear();
    });
  }
  for (runtime::Lane& lane : own_) {
    Result<void> done = lane.engine.publish(workspace, campaigns, received, migrations);
    if (!done) return done;
  }
  return {};
}

Result<std::vector<std::unique_ptr<engine::State>>> StoredEngines::states() const {
  std::vector<std::unique_ptr<engine::State>> all;
  for (const Engine* each : engines_) {
    Result<std::unique_ptr<engine::State>> state = state_of(*each);
    if (!state) return state.error();
    all.push_back(std::move(*state));
  }
  return all;
}

Result<std::vector<Migration>> migrations_of(std::span<const std::string> campaigns,
                                             std::span<const std::string> steps) {
  std::vector<Migration> all;
  for (const std::string& each : campaigns) {
    if (Result<void> taken = take_migrate(each, all); !taken) return taken.error();
  }
  for (const std::string& each : steps) {
    if (Result<void> taken = take_step(each, all); !taken) return taken.error();
  }
  return all;
}

std::string_view fate_name(MigrationRow::Fate fate) {
  constexpr std::array<std::string_view, 5> names{"goes_on", "moves", "exits", "pinned",
                                                  "unanswered"};
  return names.at(static_cast<std::size_t>(fate));
}

std::string fate_text(const MigrationRow& row) {
  using Fate = MigrationRow::Fate;
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

void add_members(std::string& out, const MigrationRow& row) {
  add_member(out, "campaign", row.campaign);
  add_member(out, "version", row.version);
  add_member(out, "step", row.step);
  add_member(out, "journeys", row.journeys);
  add_member(out, "fate", fate_name(row.fate));
  if (!row.to.empty()) add_member(out, "to", row.to);
  fmt::format_to(std::back_inserter(out), ",\"edited\":{}", row.edited);
}

Result<Instant> publication_instant(const std::string& at, const StoredEngines& engines) {
  if (at.empty()) return engines.now();
  const Result<Instant> instant = calendar::parse_instant(at);
  if (!instant) return instant;
  const auto refused = [&](std::string_view why) {
    return Error{ErrorCode::invalid_argument, fmt::format("--at {}: {}", at, why)};
  };
  if (*instant < engines.now()) {
    return refused(fmt::format("the store has come to {} already", to_text(engines.now())));
  }
  const std::optional<Instant> due = engines.next_deadline();
  const bool waits = *instant > engines.now() && engines.sum(&Statistics::actions_waiting) > 0;
  if (!waits && (!due || *due >= *instant)) return instant;
  const std::string what =
      waits ? "actions wait to be handed out since " : "something falls due before that, at ";
  return refused(fmt::format(
      "{}{}, and a publication hands nothing out\n"
      "  hint: come there first: echo '{{\"type\":\"advance\",\"to\":\"{}\"}}' | itinera run "
      "FOLDER --store FILE; or leave out --at, to publish where the store ends",
      what, to_text(waits ? engines.now() : *due), to_text(*instant)));
}

}  // namespace itinera::cli
