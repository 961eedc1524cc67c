// SPDX-License-Identifier: Apache-2.0
#include "itinera/ids.hpp"

#include <fmt/format.h>

#include <charconv>

namespace itinera {

std::string to_text(Hash128 hash) { return fmt::format("{:016x}{:016x}", hash.high, hash.low); }

std::optional<Hash128> hash_from_text(std::string_view text) {
  if (text.size() != 32) return std::nullopt;
  if (text.find_first_not_of("0123456789abcdef") != std::string_view::npos) return std::nullopt;
  Hash128 hash;
  std::from_chars(text.data(), text.data() + 16, hash.high, 16);
  std::from_chars(text.data() + 16, text.data() + 32, hash.low, 16);
  return hash;
}

}  // namespace itinera
