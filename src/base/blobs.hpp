// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.hpp"

namespace itinera::base {

// Names a byte string in Blobs; 0 is the empty one.
using Blob = std::uint32_t;

// Byte strings of any length under 32-bit names: keys, attributes, variables, histories. Sizes are
// rounded up to classes at most 25 % apart; a freed one is used again for the same class.
class Blobs {
 public:
  [[nodiscard]] ByteView view(Blob blob) const {
    if (blob == 0) return {};
    const std::byte* const bytes = at(blob);
    return {bytes + header, load_le<std::uint32_t>(bytes)};
  }
  // A copy of `bytes`, which may lie in this very store.
  Blob add(ByteView bytes);
  void release(Blob blob) {
    if (blob != 0) free_[class_of(view(blob).size() + header)].push_back(blob);
  }
  // Replaces the content in place where it fits, else under another name.
  Blob replace(Blob blob, ByteView bytes);
  void prefetch(Blob blob) const {
    if (blob != 0) __builtin_prefetch(at(blob));
  }

 private:
  static constexpr std::size_t unit = 16;        // a name counts units
  static constexpr std::size_t page = 1u << 20;  // bytes; larger blobs take pages of their own
  static constexpr std::size_t header = 4;       // the length in front of the bytes
  static constexpr std::size_t classes = 128;
  // Classes: 16, 32, 48, 64, then four steps to each doubling. `size`: of length plus header.
  static std::size_t class_of(std::size_t size) {
    const std::size_t units = (size + unit - 1) / unit;
    return units <= 4 ? units - 1 : large_class_of(units);
  }
  static std::size_t large_class_of(std::size_t units);
  static std::size_t class_size(std::size_t index);

  [[nodiscard]] std::byte* at(Blob blob) const {
    return pages_[blob / (page / unit)] + (blob % (page / unit)) * unit;
  }
  Blob take(std::size_t index);

  std::vector<std::byte*> pages_;  // one entry per page of the name space
  std::vector<std::unique_ptr<std::byte[]>> owned_;
  std::array<std::vector<Blob>, classes> free_;
  std::size_t used_in_page_ = page;  // of the page being filled
  std::size_t filling_ = 0;
};

}  // namespace itinera::base
