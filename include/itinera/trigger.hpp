// SPDX-License-Identifier: Apache-2.0
// What steps, goals and exits are made of: expressions, data, and what they listen to.
//
// Enumerators are on disk by number (docs/durability.md, The model): never reorder or remove one;
// add at the end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "itinera/diagnostic.hpp"
#include "itinera/value.hpp"

namespace itinera {

// CEL source text and where it stands. Empty text: no condition.
struct Expression {
  std::string text = {};
  SourceLocation at = {};
  [[nodiscard]] bool empty() const { return text.empty(); }
};

// One entry of `data` or `set`: a literal, or an expression where `expression` is not empty (a text
// that starts with '=' in a file; stored without it).
struct Datum {
  std::string name = {};
  Value literal = {};
  Expression expression = {};
  SourceLocation at = {};
};

// What is reported of an action.
enum class Receipt : std::uint8_t {
  sent,
  delivered,
  opened,
  clicked,
  replied,
  bounced,
  failed,
  complained,
  unsubscribed,
  completed,
  declared  // by a channel (Channel::receipts); its name stands beside it
};
std::string_view name_of(Receipt receipt);  // "opened"; of a declared one empty
// One that every channel has.
std::optional<Receipt> receipt_from(std::string_view name);

// What a wait, a goal or an exit listens to.
struct Trigger {
  enum class Kind : std::uint8_t { event, receipt, condition, segment };
  Kind kind = Kind::event;
  std::string event = {};             // of an event: its name
  Receipt receipt = Receipt::opened;  // of a receipt
  std::string step = {};              // of a receipt: the step's id, or "any"
  std::string declared = {};          // of a declared receipt: its name
  Expression condition = {};          // of a condition
  std::string segment = {};           // of a segment: its name
  bool leaves = false;                // of a segment: when it is left, not entered
  // Of an event or a receipt of any step: of whomever in the contact's account. An event that goes
  // by the name of a declared receipt is that receipt.
  bool account = false;
  SourceLocation at = {};
};

// The name of a receipt trigger's receipt, whoever has it.
std::string_view receipt_name(const Trigger& trigger);

}  // namespace itinera
