// SPDX-License-Identifier: Apache-2.0
#include "lab/made_up.hpp"

#include <cstdint>
#include <optional>
#include <utility>

#include "lab/simulation_file.hpp"

namespace itinera::lab {
namespace {

using base::Draws;

const Value* member(const Value& value, std::string_view key) {
  const auto* const map = value.get<Value::Map>();
  if (map == nullptr) return nullptr;
  for (const MapEntry& entry : *map) {
    if (entry.key == Value(key)) return &entry.value;
  }
  return nullptr;
}

// The value with what is to be drawn; nothing: it is absent this time.
std::optional<Value> drawn(const Value& value, const std::string& number, Draws& draws) {
  if (const auto* text = value.get<std::string>()) {
    std::string result = *text;
    constexpr std::string_view hole = "{n}";
    for (std::size_t at = 0; (at = result.find(hole, at)) != std::string::npos;) {
      result.replace(at, hole.size(), number);
      at += number.size();
    }
    return Value(std::move(result));
  }
  if (const Value* choices = member(value, "one_of")) {
    const auto* const list = choices->get<Value::List>();
    if (list == nullptr || list->empty()) return std::nullopt;
    return drawn((*list)[draws.below(list->size())], number, draws);
  }
  const Value* const from = member(value, "from");
  const Value* const to = member(value, "to");
  if (from != nullptr && to != nullptr) {
    const auto* const low = from->get<std::int64_t>();
    const auto* const high = to->get<std::int64_t>();
    if (low == nullptr || high == nullptr || *high < *low) return std::nullopt;
    const auto span = static_cast<std::uint64_t>(*high) - static_cast<std::uint64_t>(*low) + 1;
    const std::uint64_t step = span == 0 ? draws.next() : draws.below(span);
    return Value(static_cast<std::int64_t>(static_cast<std::uint64_t>(*low) + step));
  }
  if (const Value* chance = member(value, "chance")) {
    const Value* const inner = member(value, "value");
    const auto* const share = chance->get<std::string>();
    const bool there = share != nullptr && draws.chance(parts_of_million(*share).value_or(0));
    if (!there || inner == nullptr) return std::nullopt;
    return drawn(*inner, number, draws);
  }
  return value;
}

}  // namespace

Properties drawn(const Properties& properties, const std::string& number, Draws& draws) {
  Properties result;
  for (const Property& property : properties) {
    if (auto value = drawn(property.value, number, draws)) {
      result.push_back({property.name, std::move(*value)});
    }
  }
  return result;
}

}  // namespace itinera::lab
