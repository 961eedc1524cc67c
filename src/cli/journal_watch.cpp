// SPDX-License-Identifier: Apache-2.0
#include "cli/journal_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/progress.hpp"
#include "itinera/store_wrapper.hpp"
#include "record/frame.hpp"
#include "runtime/groups.hpp"
#include "runtime/pieces.hpp"
#include "runtime/stock.hpp"
#include "snapshot/archive.hpp"

namespace itinera::cli {
namespace {

// Of what it saves: of one shard, and of several, which says of how many.
constexpr std::uint8_t watch_version = 1;
constexpr std::uint8_t sharded_watch_version = 2;

// Whether it comes from those that a run is fed.
bool is_message(record::InputKind kind) {
  using Kind = record::InputKind;
  switch (kind) {
    case Kind::event:
    case Kind::identify:
    case Kind::alias:
    case Kind::report:
    case Kind::enter:
    case Kind::stop:
    case Kind::pause:
    case Kind::resume:
    case Kind::merge:
    case Kind::forget:
    case Kind::move:
    case Kind::group:
    case Kind::suppress:
    case Kind::reassign:
    case Kind::take_over: return true;
    default: return false;
  }
}

// The version of each campaign that takes entries: the highest of a publication.
template <class Campaigns, class Name, class Number>
std::map<std::string, std::uint32_t> newest(const Campaigns& campaigns, Name name, Number number) {
  std::map<std::string, std::uint32_t> found;
  for (const auto& campaign : campaigns) {
    std::uint32_t& highest = found[campaign.*name];
    highest = std::max(highest, campaign.*number);
  }
  return found;
}

}  // namespace

void JournalWatch::see(std::span<const std::byte> frames) {
  if (failure_) return;
  Result<void> counted = census_.read(frames);
  if (counted && with_funnel_) counted = funnel_.read(frames);
  if (!counted) {
    failure_ = counted.error();
    return;
  }
  record::FrameReader reader(frames);
  record::Frame frame;
  while (reader.next(frame) == record::FrameReader::Outcome::frame) {
    const bool moved = (frame.flags & record::was_moved) != 0;
    if (frame.kind == record::InputKind::publish || (is_message(frame.kind) && moved)) {
      moved_to_ = frame.at;
    } else if (is_message(frame.kind) && (!moved_to_ || frame.at > *moved_to_)) {
      taken_until_ = std::max(taken_until_.value_or(frame.at), frame.at);
    }
  }
}

namespace {

template <class V, class Time>
void walk_time(V& v, Time& time) {
  bool is_known = time.has_value();
  Instant at = time.value_or(Instant{});
  v(is_known, at);
  if constexpr (V::loads) time = is_known ? std::optional(at) : std::nullopt;
}

}  // namespace

Result<void> JournalWatch::save(SnapshotWriter& to) const {
  engine::Saver v(to);
  const std::uint8_t shards = census_.shards();
  if (shards == 1) {
    v(watch_version, with_funnel_);
  } else {
    v(sharded_watch_version, with_funnel_, shards);
  }
  walk_time(v, taken_until_);
  walk_time(v, moved_to_);
  census_.save(v);
  if (Result<void> done = v.finish(); !done || !with_funnel_) return done;
  return funnel_.save(to);
}

Result<JournalWatch> JournalWatch::load(SnapshotReader& from, bool with_funnel) {
  engine::Loader v(from);
  std::uint8_t version = 0;
  JournalWatch watch(false);
  v(version, watch.with_funnel_);
  if (v.ok() && version > sharded_watch_version) {
    return Error{ErrorCode::unsupported_version, "what was counted is of a newer format"};
  }
  std::uint8_t shards = 1;
  if (version == sharded_watch_version) v(shards);
  v.must(version != 0 && shards != 0 && shards <= record::shards_max);
  if (!v.ok()) return v.finish().error();
  walk_time(v, watch.taken_until_);
  walk_time(v, watch.moved_to_);
  watch.census_.load(v, shards);
  if (Result<void> done = v.finish(); !done) return done.error();
  if (!watch.with_funnel_) {
    if (!with_funnel) return watch;
    return Error{ErrorCode::invalid_argument,
                 "a funnel counts from the beginning, which this store has let go of, and its runs "
                 "had none\n  hint: run with --funnel from the first run on"};
  }
  Result<Funnel> funnel = Funnel::load(from);
  if (!funnel) return funnel.error();
  watch.funnel_ = std::move(*funnel);
  return watch;
}

namespace {

// What was counted, among the snapshots.
constexpr std::string_view counted_snapshot = "fold/run";

class WatchedStore final : public StoreWrapper {
 public:
  WatchedStore(std::unique_ptr<Store> inner, bool keeps, JournalWatch& watch, Check may_claim)
      : StoreWrapper(std::move(inner)),
        keeps_(keeps),
        watch_(watch),
        may_claim_(std::move(may_claim)) {}

  // What an owner that goes on has added meanwhile is seen once it can add no more.
  Result<void> claim(std::uint64_t epoch) override {
    if (Result<void> begun = begin(); !begun) return begun;
    if (Result<void> seen = see_left(); !seen) return seen;
    if (Result<void> may = may_claim_(watch_.census()); !may) return may;
    if (Result<void> claimed = StoreWrapper::claim(epoch); !claimed) return claimed;
    if (Result<void> seen = see_left(); !seen) return seen;
    // So that a funnel that was asked for once is counted by whoever comes next.
    return watch_.has_funnel() && !standing_ ? put_counted() : Result<void>();
  }

  Result<Position> append(std::span<const std::byte> frames) override {
    Result<Position> position = keeps_ ? StoreWrapper::append(frames) : Result<Position>(seen_ + 1);
    if (!position) return position;
    watch_.see(frames);
    seen_ = *position;
    if (watch_.failure()) return *watch_.failure();
    return position;
  }

  Result<void> complete(const Snapshot& snapshot, std::uint32_t kept) override {
    Result<void> done = StoreWrapper::complete(snapshot, kept);
    if (!done || snapshot.name != runtime::engine_snapshot) return done;
    return put_counted();
  }

  // Where only the journal had told what was counted, something else must before that goes.
  Result<void> truncate(Position up_to) override {
    if (!standing_) {
      if (Result<void> put = put_counted(); !put) return put;
    }
    return StoreWrapper::truncate(up_to);
  }
  Result<void> drop_one(const Snapshot& snapshot) override {
    if (snapshot.name == counted_snapshot && (!standing_ || *standing_ <= snapshot.position)) {
      if (Result<void> put = put_counted(); !put) return put;
    }
    return StoreWrapper::drop_one(snapshot);
  }

 private:
  // From what was counted before, or from the beginning of the journal.
  Result<void> begin() {
    const Result<runtime::Stock> stock = runtime::take_stock(use_);
    if (!stock) return stock.error();
    const Extent& extent = stock->extent;
    std::optional<Error> why;
    for (const Snapshot& each : stock->folds) {
      if (each.name != counted_snapshot) continue;
      if (each.position < extent.truncated || each.position > extent.durable) continue;
      runtime::Chunks chunks(use_, each, always_);
      Result<JournalWatch> loaded = JournalWatch::load(chunks, watch_.has_funnel());
      if (loaded) {
        watch_ = std::move(*loaded);
        standing_ = seen_ = each.position;
        return {};
      }
      if (loaded.error().code == ErrorCode::io_failed) return loaded.error();
      if (!why) why = loaded.error();
    }
    if (extent.truncated == 0) return {};
    if (why) return *why;
    return Error{ErrorCode::invalid_argument,
                 "this store has let go of the beginning of its journal, from which the command "
                 "counts\n  hint: go on with it in the program that made it"};
  }

  // What the store has behind what was seen.
  Result<void> see_left() {
    const Result<Extent> extent = this->extent();
    if (!extent) return extent.error();
    const auto see = [this](std::span<const JournalGroup> groups) -> Result<void> {
      for (const JournalGroup& group : groups) {
        watch_.see(group.frames);
        seen_ = group.position;
      }
      return watch_.failure() ? Result<void>(*watch_.failure()) : Result<void>();
    };
    return runtime::each_groups(use_, seen_, extent->durable, always_, see);
  }

  // What stands at the same place is as good, unless it could not be used and all was counted anew.
  Result<void> put_counted() {
    if (!keeps_ || standing_ == seen_) return {};
    runtime::Counter counter;
    if (Result<void> counted = watch_.save(counter); !counted) return counted;
    const Snapshot snapshot{std::string(counted_snapshot), seen_, counter.pieces};
    if (Result<void> dropped = StoreWrapper::drop_one(snapshot); !dropped) return dropped;
    runtime::Putter putter(use_, snapshot, always_);
    if (Result<void> put = watch_.save(putter); !put) return put;
    Result<void> done = StoreWrapper::complete(snapshot, runtime::snapshot_generations);
    if (done) standing_ = seen_;
    return done;
  }

  bool keeps_;
  Position seen_ = 0;                 // by the watch
  std::optional<Position> standing_;  // where the store has what the watch had counted
  JournalWatch& watch_;
  Check may_claim_;
  const runtime::UseStore use_ = [this](const auto& work) { return work(*this); };
  const std::function<bool()> always_ = [] { return true; };
};

}  // namespace

std::unique_ptr<Store> watched_store(std::unique_ptr<Store> kept, JournalWatch& watch,
                                     Check may_claim) {
  const bool keeps = kept != nullptr;
  return std::make_unique<WatchedStore>(keeps ? std::move(kept) : memory_store(), keeps, watch,
                                        std::move(may_claim));
}

Result<void> may_publish(const insight::Census& published, const Workspace& workspace,
                         std::span<const Campaign> campaigns) {
  if (!published.workspace().empty() && published.workspace() != workspace.name) {
    return Error{ErrorCode::conflict,
                 fmt::format("this is the store of workspace `{}`, and the folder holds `{}`",
                             published.workspace(), workspace.name)};
  }
  for (const Campaign& campaign : campaigns) {
    for (const insight::Census::Version& version : published.versions()) {
      if (version.name != campaign.name || version.number != campaign.version) continue;
      if (version.content == insight::content_of(campaign)) continue;
      return Error{ErrorCode::conflict,
                   fmt::format("campaign `{}` version {} is in this store with other content\n"
                               "  hint: raise its version",
                               campaign.name, campaign.version)};
    }
  }
  return {};
}

std::vector<std::string> republishing(std::span<const insight::Census::Version> published,
                                      std::span<const Campaign> campaigns) {
  using Version = insight::Census::Version;
  const auto now = newest(campaigns, &Campaign::name, &Campaign::version);
  const auto before = newest(published, &Version::name, &Version::number);
  std::map<std::string, std::uint64_t> under_way;
  std::map<std::string, bool> takes_entries;
  for (const Version& version : published) {
    under_way[version.name] += version.in_flight;
    takes_entries[version.name] = takes_entries[version.name] || version.current;
  }
  std::vector<std::string> warnings;
  for (const auto& [name, version] : before) {
    const auto found = now.find(name);
    if (found == now.end() && (takes_entries[name] || under_way[name] > 0)) {
      warnings.push_back(
          fmt::format("campaign `{}` is no longer in this folder and takes no more entries; "
                      "journeys of it that are in flight and go on: {}",
                      name, grouped(under_way[name])));
    } else if (found != now.end() && found->second < version) {
      warnings.push_back(
          fmt::format("campaign `{}` goes back from version {} to version {}: who enters from now "
                      "on takes version {}",
                      name, version, found->second, found->second));
    }
  }
  return warnings;
}

}  // namespace itinera::cli
