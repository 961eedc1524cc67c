// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace itinera::fuzz {

// Takes a fuzzer's input apart. Behind its end there are zeros.
class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : bytes_(data, size) {}

  [[nodiscard]] bool at_end() const { return at_ >= bytes_.size(); }
  std::uint8_t byte() { return at_end() ? std::uint8_t{0} : bytes_[at_++]; }
  std::uint32_t number(unsigned size) {
    std::uint32_t value = 0;
    for (unsigned i = 0; i < size; ++i) value |= static_cast<std::uint32_t>(byte()) << (8 * i);
    return value;
  }
  // 0 .. count-1; `count` is at least 1.
  std::size_t below(std::size_t count) { return number(count > 256 ? 3 : 1) % count; }
  // Up to `most` bytes, as many as the next byte says.
  std::string text(std::size_t most) {
    std::string result(below(most + 1), '\0');
    for (char& c : result) c = static_cast<char>(byte());
    return result;
  }
  // All that is left, two bytes a choice.
  std::vector<std::uint16_t> tape() {
    std::vector<std::uint16_t> result;
    while (!at_end()) result.push_back(static_cast<std::uint16_t>(number(2)));
    return result;
  }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

}  // namespace itinera::fuzz
