// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

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
    // Most look-ups are of a few names, over and over: a guess by length and ends, then the hash.
    NameId& guess = guesses_[guess_of(text)];
    if (guess < views_.size() && base::same_text(views_[guess], text)) return guess;
    const NameId found = index_.find(base::stable_hash(text).high,
                                     [&](std::uint32_t place) { return views_[place] == text; });
    if (found != no_name) guess = found;
    return found;
  }
  NameId add(std::string_view text) {
    const NameId known = find(text);
    if (known != no_name) return known;
    const auto name = static_cast<NameId>(views_.size());
    views_.push_back(texts_.emplace_back(text));
    index_.insert(base::stable_hash(text).high, name);
    return name;
  }
  [[nodiscard]] std::size_t size() const { return views_.size(); }
  [[nodiscard]] std::string_view text(NameId name) const { return views_[name]; }

 private:
  static std::size_t guess_of(std::string_view text) {
    if (text.empty()) return 0;
    const auto byte = [](char c) { return std::size_t{static_cast<unsigned char>(c)}; };
    return (text.size() * 31 + byte(text.front()) * 7 + byte(text.back())) % 64;
  }
  mutable std::array<NameId, 64> guesses_{};
  std::deque<std::string> texts_;  // where the views point: they stay where they are
  std::vector<std::string_view> views_;
  base::HashIndex index_;
};

}  // namespace itinera::engine
