// SPDX-License-Identifier: Apache-2.0
#include "base/blobs.hpp"

#include <bit>

#include "base/check.hpp"

namespace itinera::base {

std::size_t Blobs::large_class_of(std::size_t units) {
  const auto width =
      static_cast<std::size_t>(std::bit_width(units - 1));  // units in (2^(w-1), 2^w]
  const std::size_t step = std::size_t{1} << (width - 3);
  const std::size_t above = units - (std::size_t{1} << (width - 1));
  return 4 + (width - 3) * 4 + (above + step - 1) / step - 1;
}

std::size_t Blobs::class_size(std::size_t index) {
  if (index < 4) return (index + 1) * unit;
  const std::size_t width = (index - 4) / 4 + 3;
  const std::size_t step = std::size_t{1} << (width - 3);
  return ((std::size_t{1} << (width - 1)) + ((index - 4) % 4 + 1) * step) * unit;
}

Blob Blobs::take(std::size_t index) {
  if (!free_[index].empty()) {
    const Blob blob = free_[index].back();
    free_[index].pop_back();
    return blob;
  }
  const std::size_t size = class_size(index);
  if (size > page / 4) {
    const std::size_t count = (size + page - 1) / page;
    owned_.push_back(std::make_unique_for_overwrite<std::byte[]>(count * page));
    used_of_.push_back(size);
    const std::size_t first = pages_.size();
    for (std::size_t i = 0; i < count; ++i) pages_.push_back(owned_.back().get() + i * page);
    if (first == 0) pages_.insert(pages_.begin(), nullptr);  // name 0 is taken
    return static_cast<Blob>((first == 0 ? 1 : first) * (page / unit));
  }
  if (used_in_page_ + size > page) {
    owned_.push_back(std::make_unique_for_overwrite<std::byte[]>(page));
    filling_owned_ = owned_.size() - 1;
    used_of_.push_back(0);
    std::memset(owned_.back().get(), 0, unit);
    filling_ = pages_.size();
    pages_.push_back(owned_.back().get());
    used_in_page_ = filling_ == 0 ? unit : 0;  // name 0 is taken
  }
  const Blob blob = static_cast<Blob>(filling_ * (page / unit) + used_in_page_ / unit);
  used_in_page_ += size;
  used_of_[filling_owned_] = used_in_page_;
  return blob;
}

Blob Blobs::add(ByteView bytes) {
  if (bytes.empty()) return 0;
  const std::size_t index = class_of(bytes.size() + header);
  const Blob blob = take(index);
  std::byte* const to = at(blob);
  store_le(to, static_cast<std::uint32_t>(bytes.size()));
  copy_bytes(to + header, bytes.data(), bytes.size());
  const std::size_t size = bytes.size() + header;
  std::memset(to + size, 0, class_size(index) - size);
  return blob;
}

Blob Blobs::replace(Blob blob, ByteView bytes) {
  if (blob != 0 && !bytes.empty() &&
      class_of(view(blob).size() + header) == class_of(bytes.size() + header)) {
    std::byte* const to = at(blob);
    const std::size_t before = view(blob).size();
    store_le(to, static_cast<std::uint32_t>(bytes.size()));
    copy_bytes(to + header, bytes.data(), bytes.size());
    if (bytes.size() < before) std::memset(to + header + bytes.size(), 0, before - bytes.size());
    return blob;
  }
  const Blob fresh = add(bytes);
  release(blob);
  return fresh;
}

}  // namespace itinera::base
