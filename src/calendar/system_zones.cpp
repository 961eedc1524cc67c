// SPDX-License-Identifier: Apache-2.0
// The only file that knows Howard Hinnant's date library, and the system's zone files.
#include "calendar/system_zones.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/stable_hash.hpp"
#include "calendar/posix_rule.hpp"

namespace itinera::calendar {
namespace {

constexpr Instant begin_1900{-2'208'988'800'000};
constexpr int end_year = 2101;
constexpr Instant begin_2101{4'133'980'800'000};

// Where the date library looks for compiled zones on a Unix system, in its order.
constexpr std::array<const char*, 2> zone_directories{"/usr/share/zoneinfo",
                                                      "/usr/share/uclibc/zoneinfo"};

using File = std::unique_ptr<std::FILE, decltype([](std::FILE* file) { std::fclose(file); })>;

File open_in_zone_directory(const std::string& name) {
  for (const char* directory : zone_directories) {
    if (File file{std::fopen(fmt::format("{}/{}", directory, name).c_str(), "rb")}) return file;
  }
  return nullptr;
}

// At most this much of a file's end or beginning is read: a rule is some 60 bytes long.
using Buffer = std::array<char, 256>;

// The line between the last two line ends of a compiled zone file: its rule for the time after
// its last change. Empty text: it has none. Null: the file cannot be read.
std::optional<std::string> future_rule(const std::string& zone) {
  const File file = open_in_zone_directory(zone);
  Buffer buffer;
  if (!file) return std::nullopt;
  if (std::fseek(file.get(), -static_cast<long>(buffer.size()), SEEK_END) != 0 &&
      std::fseek(file.get(), 0, SEEK_SET) != 0) {
    return std::nullopt;
  }
  std::string_view tail(buffer.data(), std::fread(buffer.data(), 1, buffer.size(), file.get()));
  if (tail.empty() || tail.back() != '\n') return "";
  tail.remove_suffix(1);
  const std::size_t line = tail.rfind('\n');
  return line == std::string_view::npos ? "" : std::string(tail.substr(line + 1));
}

// "2025b" from the first line of tzdata.zi, "# version 2025b". Empty if it is not there.
std::string version_of_files() {
  const File file = open_in_zone_directory("tzdata.zi");
  if (!file) return "";
  Buffer buffer;
  std::string_view text(buffer.data(), std::fread(buffer.data(), 1, buffer.size(), file.get()));
  constexpr std::string_view prefix = "# version ";
  if (text.substr(0, prefix.size()) != prefix) return "";
  text.remove_prefix(prefix.size());
  return std::string(text.substr(0, text.find('\n')));
}

// Where nothing names the data, they name themselves.
std::string version_of_content(const std::vector<ZoneTable::Zone>& zones) {
  base::StableHash hash;
  for (const ZoneTable::Zone& zone : zones) {
    hash.text(zone.name);
    for (const ZoneTransition& change : zone.transitions) {
      hash.integer(change.from.ms).integer(change.offset_s);
    }
  }
  return fmt::format("content-{:016x}", hash.finish().high);
}

Instant to_instant(date::sys_seconds time) {
  return std::clamp(Instant{std::chrono::milliseconds{time.time_since_epoch()}.count()},
                    earliest_instant, latest_instant);
}

Result<ZoneTable::Zone> read_zone(const date::time_zone& source) {
  ZoneTable::Zone zone{source.name(), {}};
  Instant last_change = begin_1900;
  for (Instant t = begin_1900; t < begin_2101;) {
    const date::sys_info info =
        source.get_info(date::sys_seconds{std::chrono::seconds{t.ms / second_ms}});
    const auto offset_s = static_cast<std::int32_t>(info.offset.count());
    if (zone.transitions.empty()) {
      zone.transitions.push_back({earliest_instant, offset_s});
    } else if (zone.transitions.back().offset_s != offset_s) {
      zone.transitions.push_back({t, offset_s});
    }
    last_change = t;
    t = to_instant(info.end);
  }
  // The library stops at the last change a file lists: 2037, or where the rule began to hold.
  const std::optional<std::string> text = future_rule(zone.name);
  if (!text) {
    return Error{ErrorCode::io_failed,
                 fmt::format("the system's data of zone {} cannot be read", zone.name)};
  }
  if (text->empty()) return zone;
  const std::optional<PosixRule> rule = parse_posix_rule(*text);
  if (!rule) {
    return Error{ErrorCode::io_failed,
                 fmt::format("the system's data of zone {} end with a rule that is none: {}",
                             zone.name, *text)};
  }
  extend_by_rule(*rule, last_change, end_year, zone.transitions);
  return zone;
}

Result<std::shared_ptr<const ZoneTable>> load() {
  const date::tzdb& system = date::get_tzdb();
  std::vector<ZoneTable::Zone> zones;
  zones.reserve(system.zones.size());
  for (const date::time_zone& source : system.zones) {
    // Debian's name for the machine's own zone: no two machines agree on it.
    if (source.name() == "localtime") continue;
    Result<ZoneTable::Zone> zone = read_zone(source);
    if (!zone) return zone.error();
    zones.push_back(*std::move(zone));
  }
  std::string version = system.version == "unknown" ? version_of_files() : system.version;
  if (version.empty()) version = version_of_content(zones);
  return std::make_shared<const ZoneTable>(std::move(version), std::move(zones));
}

}  // namespace

Result<std::shared_ptr<const ZoneTable>> load_system_zones() {
  try {
    return load();
  } catch (const std::exception& error) {
    return Error{ErrorCode::io_failed,
                 fmt::format("the system's zone data cannot be read; install the package tzdata "
                             "({})",
                             error.what())};
  }
}

}  // namespace itinera::calendar
