// SPDX-License-Identifier: Apache-2.0
#include "runtime/erasures.hpp"

#include <algorithm>
#include <cstddef>

#include "record/frame.hpp"
#include "runtime/shards.hpp"

namespace itinera::runtime {

// Each is told of its own frames; false: one of them finds its damaged, or the group is.
template <class Read>
bool Erasures::each(std::span<const std::byte> group, Read read) {
  if (all_.size() == 1) return read(all_.front(), group);
  const Result<std::vector<base::ByteBuffer>> parts = parted(group, all_.size());
  if (!parts) return false;
  for (std::size_t shard = 0; shard < all_.size(); ++shard) {
    if (!read(all_[shard], (*parts)[shard].view())) return false;
  }
  return true;
}

bool Erasures::find(std::uint64_t position, std::span<const std::byte> group) {
  return each(group, [position](record::Erasure& one, base::ByteView frames) {
    return one.find(position, frames);
  });
}

bool Erasures::any() const {
  return std::ranges::any_of(all_, [](const record::Erasure& each) { return each.any(); });
}

std::uint64_t Erasures::last() const {
  std::uint64_t last = 0;
  for (const record::Erasure& each : all_) last = std::max(last, each.last());
  return last;
}

void Erasures::stand_in_by(Hash128 salt) {
  for (record::Erasure& each : all_) each.stand_in_by(salt);
}

bool Erasures::gather(std::uint64_t position, std::span<const std::byte> group) {
  return each(group, [position](record::Erasure& one, base::ByteView frames) {
    return position > one.last() || one.gather(position, frames);
  });
}

// The frames keep their order among all.
bool Erasures::erase(std::uint64_t position, std::span<const std::byte> group,
                     base::ByteBuffer& out) {
  if (all_.size() == 1) return all_.front().erase(position, group, out);
  out.clear();
  const Result<std::vector<base::ByteBuffer>> parts = parted(group, all_.size());
  if (!parts) return false;
  std::vector<base::ByteBuffer> without(all_.size());
  std::vector<base::ByteView> rest(all_.size());
  bool any = false;
  for (std::size_t shard = 0; shard < all_.size(); ++shard) {
    const base::ByteView part = (*parts)[shard].view();
    if (all_[shard].any() && !all_[shard].erase(position, part, without[shard])) return false;
    any = any || !without[shard].empty();
    rest[shard] = without[shard].empty() ? part : without[shard].view();
  }
  if (!any) return true;
  while (!group.empty()) {
    const record::FrameHead was = record::head_of(group);
    base::ByteView& from = rest[was.shard];
    const std::size_t size = record::head_of(from).size;
    out.append(from.first(size));
    from = from.subspan(size);
    group = group.subspan(was.size);
  }
  return true;
}

}  // namespace itinera::runtime
