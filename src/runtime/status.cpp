// SPDX-License-Identifier: Apache-2.0
#include "runtime/status.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "itinera/runtime.hpp"
#include "runtime/stock.hpp"

namespace itinera::runtime {
Result<std::string> cursor_name(std::string_view reader) {
  if (!reader.empty() && reader.size() <= Runtime::cursor_name_max) {
    return std::string(cursor_prefix).append(reader);
  }
  return Error{ErrorCode::invalid_argument,
               fmt::format("a reader's name must have 1 to {} bytes, not {}",
                           Runtime::cursor_name_max, reader.size())};
}

Result<void> look_into(const UseStore& use, std::size_t bytes_max, RuntimeStatus& status) {
  const Result<Stock> stock = take_stock(use);
  if (!stock) return stock.error();
  status.journal = stock->extent;
  if (!stock->engines.empty()) status.snapshot = stock->engines.front().position;
  for (const auto& [name, position] : stock->readers) status.readers.push_back({name, position});
  Position at = status.journal.durable;
  for (const RuntimeStatus::Reader& each : status.readers) at = std::min(at, each.position);
  std::size_t bytes = 0;
  while (at < status.journal.durable && bytes < bytes_max) {
    const Result<std::vector<JournalGroup>> groups =
        read_groups(use, at, std::min(read_bytes, bytes_max - bytes));
    if (!groups) return groups.error();
    if (groups->empty()) return Error{ErrorCode::damaged_journal, "the store gives no group"};
    for (const JournalGroup& group : *groups) {
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
