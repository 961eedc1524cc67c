// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "itinera/campaign.hpp"

namespace itinera::model {

// Numbers for receipts, as records and masks have them: those of every channel by Receipt, then
// what channels declare, in the order in which the publications of one engine first name them.
class ReceiptNumbers {
 public:
  static constexpr std::size_t most = 32;

  // Takes in what the channels of a publication declare. False: together they are more than `most`;
  // nothing is changed then.
  bool add(const Workspace& workspace);

  [[nodiscard]] std::size_t size() const { return first_declared + declared_.size(); }
  [[nodiscard]] std::optional<std::uint8_t> find(Receipt receipt, std::string_view declared) const;
  [[nodiscard]] std::string_view name(std::uint8_t number) const;  // empty: there is none

 private:
  static constexpr std::size_t first_declared = static_cast<std::size_t>(Receipt::declared);
  std::deque<std::string> declared_;  // names stay where they are
};

}  // namespace itinera::model
