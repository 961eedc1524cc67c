// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace itinera::record {

// CRC-32C (Castagnoli, RFC 3720): crc32c("123456789") == 0xE3069283. Continues from `seed`, the
// result of an earlier call, so that crc32c(b, crc32c(a)) is that of a followed by b.
std::uint32_t crc32c(base::ByteView bytes, std::uint32_t seed = 0);

}  // namespace itinera::record
