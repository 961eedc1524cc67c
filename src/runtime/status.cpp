// SPDX-License-Identifier: Apache-2.0
#include "runtime/status.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "itinera/runtime.hpp"

namespace itinera::runtime {
namespace {

Result<void> take_stock(const UseStore& use, RuntimeStatus& status) {
  return use([&status](Store& store) -> Result<void> {
    const Result<Extent> extent = store.extent();
    if (!extent) return extent.error();
    status.journal = *extent;
    const Result<std::vector<Snapshot>> all = store.snapshots();
    if (!all) return all.error();
    std::map<std::string, Position> readers;
    for (const Snapshot& each : *all) {
      if (each.name == engine_snapshot) status.snapshot = std::max(status.snapshot, each.position);
      if (!each.name.starts_with(cursor_prefix)) continue;
      Position& position = readers[each.name.substr(cursor_prefix.size())];
      position = std::max(position, each.position);
    }
    for (const auto& [name, position] : readers) status.readers.push_back({name, position});
    return {};
  });
}

}  // namespace

Result<std::string> cursor_name(std::string_view reader) {
  if (!reader.empty() && reader.size() <= Runtime::cursor_name_max) {
    return std::string(cursor_prefix).append(reader);
  }
  return Error{ErrorCode::invalid_argument,
               fmt::format("a reader's name must have 1 to {} bytes, not {}",
                           Runtime::cursor_name_max, reader.size())};
}

Result<void> look_into(const UseStore& use, std::size_t bytes_max, RuntimeStatus& status) {
  if (Result<void> looked = take_stock(use, status); !looked) return looked;
  Position at = status.journal.durable;
  for (const RuntimeStatus::Reader& each : status.readers) at = std::min(at, each.position);
  std::size_t bytes = 0;
  while (at < status.journal.durable && bytes < bytes_max) {
    std::vector<JournalGroup> groups;
    const Result<void> read = use([&](Store& store) -> Result<void> {
      Result<std::vector<JournalGroup>> next =
          store.read(at, std::min(read_bytes, bytes_max - bytes));
      if (!next) return next.error();
      groups = std::move(*next);
      return {};
    });
    if (!read) return read;
    if (groups.empty()) return Error{ErrorCode::damaged_journal, "the store gives no group"};
    for (const JournalGroup& group : groups) {
      at = group.position;
      if (at > status.journal.durable) break;  // has come since
      bytes += group.frames.size();
      for (RuntimeStatus::Reader& reader : status.readers) {
        if (reader.position >= at) continue;
        ++reader.groups_behind;
        reader.bytes_behind += group.frames.size();
      }
    }
  }
  if (at >= status.journal.durable) return {};
  for (RuntimeStatus::Reader& reader : status.readers) {
    reader.counted = reader.position >= status.journal.durable;
  }
  return {};
}

}  // namespace itinera::runtime
