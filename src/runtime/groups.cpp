// SPDX-License-Identifier: Apache-2.0
#include "runtime/groups.hpp"

#include <algorithm>
#include <utility>

namespace itinera::runtime {

Error interrupted() { return {ErrorCode::limit_reached, "interrupted"}; }

Result<std::vector<JournalGroup>> read_groups(const UseStore& use, Position after,
                                              std::size_t bytes_max) {
  std::vector<JournalGroup> groups;
  const Result<void> read = use([&](Store& store) -> Result<void> {
    Result<std::vector<JournalGroup>> next = store.read(after, bytes_max);
    if (!next) return next.error();
    groups = std::move(*next);
    return {};
  });
  if (!read) return read.error();
  return groups;
}

Result<void> each_groups(const UseStore& use, Position after, Position up_to,
                         const std::function<bool()>& at_work,
                         const std::function<Result<void>(std::span<const JournalGroup>)>& visit) {
  while (after < up_to) {
    if (!at_work()) return interrupted();
    const Result<std::vector<JournalGroup>> groups = read_groups(use, after, read_bytes);
    if (!groups) return groups.error();
    if (groups->empty()) return Error{ErrorCode::damaged_journal, "the store gives no group"};
    // More may have been appended meanwhile.
    const auto end = std::ranges::upper_bound(*groups, up_to, {}, &JournalGroup::position);
    if (Result<void> visited = visit({groups->begin(), end}); !visited) return visited;
    after = groups->back().position;
  }
  return {};
}

}  // namespace itinera::runtime
