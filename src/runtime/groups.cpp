// SPDX-License-Identifier: Apache-2.0
#include "runtime/groups.hpp"

#include <utility>
#include <vector>

namespace itinera::runtime {

Error interrupted() { return {ErrorCode::limit_reached, "interrupted"}; }

Result<void> each_groups(const UseStore& use, Position after, Position up_to,
                         const std::function<bool()>& at_work,
                         const std::function<Result<void>(std::span<const JournalGroup>)>& visit) {
  while (after < up_to) {
    if (!at_work()) return interrupted();
    std::vector<JournalGroup> groups;
    const Result<void> read = use([&](Store& store) -> Result<void> {
      Result<std::vector<JournalGroup>> next = store.read(after, read_bytes);
      if (!next) return next.error();
      groups = std::move(*next);
      return {};
    });
    if (!read) return read;
    if (groups.empty()) return Error{ErrorCode::damaged_journal, "the store gives no group"};
    if (Result<void> visited = visit(groups); !visited) return visited;
    after = groups.back().position;
  }
  return {};
}

}  // namespace itinera::runtime
