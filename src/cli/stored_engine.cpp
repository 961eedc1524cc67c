// SPDX-License-Identifier: Apache-2.0
#include "cli/stored_engine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>

#include "calendar/text.hpp"
#include "cli/printing.hpp"
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

}  // namespace

Result<std::unique_ptr<Store>> open_existing_store(const std::string& path) {
  return open_existing(path, {});
}

Result<Engine> stored_engine(const std::string& path) {
  Result<std::shared_ptr<const ZoneTable>> zones = load_zones();
  if (!zones) return zones.error();
  const Result<std::unique_ptr<Store>> store = open_existing(path, {.looks = true});
  if (!store) return store.error();
  for (int attempt = 1;; ++attempt) {
    Result<runtime::Recovered> found =
        runtime::recover([&store](const auto& work) { return work(**store); },
                         {.limits = {}, .zones = *zones}, [] { return true; });
    if (found && found->shards.size() > 1) {
      return Error{ErrorCode::not_supported_yet,
                   fmt::format("{}: has {} shards, and this command knows of one", path,
                               found->shards.size())};
    }
    if (found) return std::move(found->shards.engines().front());
    const bool moved = found.error().code == ErrorCode::invalid_argument;
    if (!moved || attempt == attempts_max) return found.error();
  }
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

Result<Instant> publication_instant(const std::string& at, const Engine& engine) {
  if (at.empty()) return engine.now();
  const Result<Instant> instant = calendar::parse_instant(at);
  if (!instant) return instant;
  const auto refused = [&](std::string_view why) {
    return Error{ErrorCode::invalid_argument, fmt::format("--at {}: {}", at, why)};
  };
  if (*instant < engine.now()) {
    return refused(fmt::format("the store has come to {} already", to_text(engine.now())));
  }
  const std::optional<Instant> due = engine.next_deadline();
  const bool waits = *instant > engine.now() && engine.statistics().actions_waiting > 0;
  if (!waits && (!due || *due >= *instant)) return instant;
  const std::string what =
      waits ? "actions wait to be handed out since " : "something falls due before that, at ";
  return refused(fmt::format(
      "{}{}, and a publication hands nothing out\n"
      "  hint: come there first: echo '{{\"type\":\"advance\",\"to\":\"{}\"}}' | itinera run "
      "FOLDER --store FILE; or leave out --at, to publish where the store ends",
      what, to_text(waits ? engine.now() : *due), to_text(*instant)));
}

}  // namespace itinera::cli
