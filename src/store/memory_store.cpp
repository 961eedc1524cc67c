// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "itinera/store.hpp"

namespace itinera {
namespace {

class MemoryStore final : public Store {
 public:
  Result<std::vector<std::byte>> read() override { return bytes_; }

  Result<void> append(std::span<const std::byte> bytes) override {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return {};
  }

  Result<void> truncate(std::size_t size) override {
    if (size > bytes_.size()) {
      return Error{ErrorCode::invalid_argument,
                   fmt::format("cannot cut a journal of {} bytes to {}", bytes_.size(), size)};
    }
    bytes_.resize(size);
    return {};
  }

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace

std::unique_ptr<Store> memory_store() { return std::make_unique<MemoryStore>(); }

}  // namespace itinera
