// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "base/hash_index.hpp"
#include "base/stable_hash.hpp"

namespace itinera::engine {

// A text that the loaded campaigns use, as a number. Numbers never leave the engine: journals
// carry texts.
using NameId = std::uint32_t;
inline constexpr NameId no_name = base::HashIndex::none;

class Names {
 public:
  [[nodiscard]] NameId find(std::string_view text) const {
    return index_.find(base::stable_hash(text).high,
                       [&](std::uint32_t place) { return texts_[place] == text; });
  }
  NameId add(std::string_view text) {
    const NameId known = find(text);
    if (known != no_name) return known;
    texts_.emplace_back(text);
    const auto name = static_cast<NameId>(texts_.size() - 1);
    index_.insert(base::stable_hash(text).high, name);
    return name;
  }
  [[nodiscard]] std::string_view text(NameId name) const { return texts_[name]; }

 private:
  std::deque<std::string> texts_;
  base::HashIndex index_;
};

}  // namespace itinera::engine
