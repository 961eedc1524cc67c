// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>

#include "base/bytes.hpp"

namespace itinera::base {

// Bytes that only grow; appending does not fill with zeros first.
class ByteBuffer {
 public:
  [[nodiscard]] std::byte* data() { return bytes_.get(); }
  [[nodiscard]] ByteView view() const { return {bytes_.get(), size_}; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  void clear() { size_ = 0; }
  // All that it has room for; behind size() stands what was there before.
  [[nodiscard]] ByteView whole() const { return {bytes_.get(), capacity_}; }
  void wipe_behind() { std::fill_n(bytes_.get() + size_, capacity_ - size_, std::byte{0}); }
  // Room for `count` more bytes, which the caller must fill.
  std::byte* extend(std::size_t count) {
    if (size_ + count > capacity_) [[unlikely]]
      grow(count);
    std::byte* const at = bytes_.get() + size_;
    size_ += count;
    return at;
  }
  void append(ByteView view) {
    if (!view.empty()) copy_bytes(extend(view.size()), view.data(), view.size());
  }
  template <Number T>
  void append(T value) {
    store_le(extend(sizeof value), value);
  }
  void append_text(std::string_view text) {  // as Writer::text()
    append(static_cast<std::uint32_t>(text.size()));
    append(as_bytes(text));
  }
  void shrink_to(std::size_t size) { size_ = size; }

 private:
  void grow(std::size_t count);
  std::unique_ptr<std::byte[]> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace itinera::base
