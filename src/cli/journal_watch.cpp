// SPDX-License-Identifier: Apache-2.0
#include "cli/journal_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "cli/progress.hpp"

namespace itinera::cli {
namespace {

class WatchedStore final : public Store {
 public:
  WatchedStore(std::unique_ptr<Store> kept, JournalWatch& watch)
      : kept_(std::move(kept)), watch_(watch) {}

  Result<std::vector<std::byte>> read() override {
    if (!kept_) return std::vector<std::byte>();
    Result<std::vector<std::byte>> bytes = kept_->read();
    if (bytes) watch_.see(*bytes);
    return bytes;
  }
  Result<void> append(std::span<const std::byte> bytes) override {
    if (kept_) {
      if (Result<void> appended = kept_->append(bytes); !appended) return appended;
    }
    watch_.see(bytes);
    if (watch_.failure()) return *watch_.failure();
    return {};
  }
  Result<void> truncate(std::size_t size) override {
    return kept_ ? kept_->truncate(size) : Result<void>();
  }

 private:
  std::unique_ptr<Store> kept_;
  JournalWatch& watch_;
};

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

std::unique_ptr<Store> watched_store(std::unique_ptr<Store> kept, JournalWatch& watch) {
  return std::make_unique<WatchedStore>(std::move(kept), watch);
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
