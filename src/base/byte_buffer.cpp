// SPDX-License-Identifier: Apache-2.0
#include "base/byte_buffer.hpp"

#include <algorithm>
#include <cstring>

namespace itinera::base {

void ByteBuffer::grow(std::size_t count) {
  const std::size_t wanted = std::max(size_ + count, 2 * capacity_ + 4096);
  auto larger = std::make_unique_for_overwrite<std::byte[]>(wanted);
  if (size_ != 0) std::memcpy(larger.get(), bytes_.get(), size_);
  bytes_ = std::move(larger);
  capacity_ = wanted;
}

}  // namespace itinera::base
