// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "base/bytes.hpp"

namespace itinera::base {

// Names a byte string in Blobs; 0 is the empty one.
using Blob = std::uint32_t;

// Byte strings of any length under 32-bit names: keys, attributes, variables, histories. Sizes are
// rounded up to classes at most 25 % apart; a freed one is used again for the same class. Of what
// is released or replaced not a byte stays.
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
    if (blob == 0) return;
    const std::size_t size = view(blob).size() + header;
    std::memset(at(blob), 0, size);
    free_[class_of(size)].push_back(blob);
  }
  // Replaces the content in place where it fits, else under another name.
  Blob replace(Blob blob, ByteView bytes);
  // Calls visit(bytes) for all memory that has ever been handed out.
  template <class Visit>
  void for_each_part(Visit visit) const {
    for (std::size_t i = 0; i < owned_.size(); ++i) visit(ByteView(owned_[i].get(), used_of_[i]));
  }
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
  std::vector<std::size_t> used_of_;  // bytes of each of these that were handed out
  std::array<std::vector<Blob>, classes> free_;
  std::size_t used_in_page_ = page;  // of the page being filled
  std::size_t filling_ = 0;
  std::size_t filling_owned_ = 0;  // its place in owned_
};

}  // namespace itinera::base
