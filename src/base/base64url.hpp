// SPDX-License-Identifier: Apache-2.0
// Bytes as text that stands in URLs and file names (RFC 4648, section 5), without padding.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace itinera::base {

std::string to_base64url(ByteView bytes);

// Empty: not such a text. Each byte string has one text only.
std::optional<Bytes> from_base64url(std::string_view text);

}  // namespace itinera::base
