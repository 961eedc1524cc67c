// SPDX-License-Identifier: Apache-2.0
#include "model/receipts.hpp"

#include <algorithm>

namespace itinera::model {

bool ReceiptNumbers::add(const Workspace& workspace) {
  const std::size_t before = declared_.size();
  for (const Channel& channel : workspace.channels) {
    for (const std::string& name : channel.receipts) {
      if (find(Receipt::declared, name)) continue;
      if (size() == most) {
        declared_.resize(before);
        return false;
      }
      declared_.push_back(name);
    }
  }
  return true;
}

std::optional<std::uint8_t> ReceiptNumbers::find(Receipt receipt, std::string_view declared) const {
  if (receipt != Receipt::declared) return static_cast<std::uint8_t>(receipt);
  const auto found = std::find(declared_.begin(), declared_.end(), declared);
  if (found == declared_.end()) return std::nullopt;
  return static_cast<std::uint8_t>(first_declared +
                                   static_cast<std::size_t>(found - declared_.begin()));
}

std::string_view ReceiptNumbers::name(std::uint8_t number) const {
  if (number < first_declared) return name_of(static_cast<Receipt>(number));
  return number < size() ? std::string_view(declared_[number - first_declared])
                         : std::string_view{};
}

}  // namespace itinera::model
