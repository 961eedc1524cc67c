// SPDX-License-Identifier: Apache-2.0
#include "cli/journal_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "cli/progress.hpp"
#include "record/frame.hpp"

namespace itinera::cli {
namespace {

class WatchedStore final : public Store {
 public:
  WatchedStore(std::unique_ptr<Store> kept, JournalWatch& watch)
      : kept_(std::move(kept)), watch_(watch) {}

  Result<std::vector<std::byte>> read() override {
    if (!kept_) return std::vector<std::byte>();
    Result<std::vector<std::byte>> bytes = kept_->read();
    if (bytes) watch_.see_all(*bytes);
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
    watch_.see_cut(size);
    return kept_ ? kept_->truncate(size) : Result<void>();
  }

 private:
  std::unique_ptr<Store> kept_;
  JournalWatch& watch_;
};

// Told by what stands of the frame's header: no other file, which somebody may have named by
// mistake, begins so.
bool begins_no_more_than_a_journal(std::span<const std::byte> bytes) {
  const auto number = [&](std::size_t at) {
    return at < bytes.size() ? std::to_integer<std::uint32_t>(bytes[at]) : 0;
  };
  const std::uint32_t size = number(0) | number(1) << 8 | number(2) << 16 | number(3) << 24;
  constexpr std::uint32_t size_max = 4096;  // of a frame that names two versions
  constexpr std::size_t version_at = 8;
  constexpr std::size_t kind_at = 9;
  const auto is = [&](std::size_t at, auto wanted) {
    return at >= bytes.size() || number(at) == static_cast<std::uint32_t>(wanted);
  };
  const bool whole_size = bytes.size() >= sizeof(size);
  return !bytes.empty() && size <= size_max && (!whole_size || size > bytes.size()) &&
         is(version_at, record::format_version) && is(kind_at, record::InputKind::opened);
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

void JournalWatch::see_all(std::span<const std::byte> journal) {
  size_ = journal.size();
  is_stub_ = begins_no_more_than_a_journal(journal);
  see(journal);
}

void JournalWatch::see_cut(std::size_t size) { dropped_ = size_ - std::min(size, size_); }

void JournalWatch::see(std::span<const std::byte> frames) {
  if (failure_) return;
  Result<void> counted = census_.read(frames);
  if (counted && with_funnel_) counted = funnel_.read(frames);
  if (!counted) failure_ = counted.error();
}

std::unique_ptr<Store> watched_store(std::unique_ptr<Store> kept, JournalWatch& watch) {
  return std::make_unique<WatchedStore>(std::move(kept), watch);
}

Result<void> may_publish(const insight::Census& published, const Workspace& workspace,
                         std::span<const Campaign> campaigns) {
  if (!published.workspace().empty() && published.workspace() != workspace.name) {
    return Error{ErrorCode::conflict,
                 fmt::format("this is the journal of workspace `{}`, and the folder holds `{}`",
                             published.workspace(), workspace.name)};
  }
  for (const Campaign& campaign : campaigns) {
    for (const insight::Census::Version& version : published.versions()) {
      if (version.name != campaign.name || version.number != campaign.version) continue;
      if (version.content == insight::content_of(campaign)) continue;
      return Error{ErrorCode::conflict,
                   fmt::format("campaign `{}` version {} is in this journal with other content\n"
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
