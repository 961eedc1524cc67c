// SPDX-License-Identifier: Apache-2.0
#include "cli/journal_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "cli/progress.hpp"
#include "itinera/store_wrapper.hpp"
#include "record/frame.hpp"

namespace itinera::cli {
namespace {

// So much of a store is read at once, or one group.
constexpr std::size_t read_bytes = 16u << 20;

// What the store has behind `at`, which moves on with it.
Result<void> see_left(Store& store, Position& at, JournalWatch& watch) {
  const Result<Extent> extent = store.extent();
  if (!extent) return extent.error();
  if (extent->truncated > 0) {
    return Error{ErrorCode::invalid_argument,
                 "this store has let go of the beginning of its journal, from which the command "
                 "counts\n  hint: go on with it in the program that made it"};
  }
  while (at < extent->durable) {
    const Result<std::vector<JournalGroup>> groups = store.read(at, read_bytes);
    if (!groups) return groups.error();
    if (groups->empty()) return Error{ErrorCode::damaged_journal, "the store gives no group"};
    for (const JournalGroup& group : *groups) watch.see_left(group.frames);
    at = groups->back().position;
  }
  return {};
}

class WatchedStore final : public StoreWrapper {
 public:
  WatchedStore(std::unique_ptr<Store> inner, bool keeps, JournalWatch& watch, Check may_claim)
      : StoreWrapper(std::move(inner)),
        keeps_(keeps),
        watch_(watch),
        may_claim_(std::move(may_claim)) {}

  // What an owner that goes on has added meanwhile is seen once it can add no more.
  Result<void> claim(std::uint64_t epoch) override {
    Position at = 0;
    if (Result<void> seen = see_left(*this, at, watch_); !seen) return seen;
    if (watch_.failure()) return *watch_.failure();
    if (Result<void> may = may_claim_(watch_.census()); !may) return may;
    if (Result<void> claimed = StoreWrapper::claim(epoch); !claimed) return claimed;
    return see_left(*this, at, watch_);
  }
  Result<Position> append(std::span<const std::byte> frames) override {
    Result<Position> position =
        keeps_ ? StoreWrapper::append(frames) : Result<Position>(++position_);
    if (!position) return position;
    watch_.see(frames);
    if (watch_.failure()) return *watch_.failure();
    return position;
  }

 private:
  bool keeps_;
  Position position_ = 0;  // where nothing is kept
  JournalWatch& watch_;
  Check may_claim_;
};

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
  if (!counted) failure_ = counted.error();
}

void JournalWatch::see_left(std::span<const std::byte> frames) {
  see(frames);
  record::FrameReader reader(frames);
  record::Frame frame;
  while (reader.next(frame) == record::FrameReader::Outcome::frame) {
    const bool moved = (frame.flags & record::was_moved) != 0;
    if (frame.kind == record::InputKind::publish || (is_message(frame.kind) && moved)) {
      moved_to_ = frame.at;
    } else if (is_message(frame.kind) && (!moved_to_ || frame.at > *moved_to_)) {
      taken_until_ = frame.at;
    }
  }
}

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

std::vector<std::string> republishing(const insight::Census& published,
                                      std::span<const Campaign> campaigns) {
  using Version = insight::Census::Version;
  const auto now = newest(campaigns, &Campaign::name, &Campaign::version);
  const auto before = newest(published.versions(), &Version::name, &Version::number);
  std::map<std::string, std::uint64_t> under_way;
  for (const Version& version : published.versions()) {
    under_way[version.name] += version.in_flight;
  }
  std::vector<std::string> warnings;
  for (const auto& [name, version] : before) {
    const auto found = now.find(name);
    if (found == now.end() && under_way[name] > 0) {
      warnings.push_back(fmt::format(
          "campaign `{}` is no longer in this folder and takes no more entries; journeys "
          "of it that are in flight and go on: {}",
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
