// SPDX-License-Identifier: Apache-2.0
#include "itinera/step.hpp"

#include <algorithm>
#include <array>

#include "base/check.hpp"

namespace itinera {
namespace {

constexpr std::array receipt_names{
    std::string_view{"sent"},      std::string_view{"delivered"},  std::string_view{"opened"},
    std::string_view{"clicked"},   std::string_view{"replied"},    std::string_view{"bounced"},
    std::string_view{"failed"},    std::string_view{"complained"}, std::string_view{"unsubscribed"},
    std::string_view{"completed"},
};
static_assert(receipt_names.size() == static_cast<std::size_t>(Receipt::declared));

constexpr std::array kind_names{
    std::string_view{"send"},     std::string_view{"wait"},     std::string_view{"wait_for"},
    std::string_view{"branch"},   std::string_view{"split"},    std::string_view{"set"},
    std::string_view{"goal"},     std::string_view{"goto"},     std::string_view{"exit"},
    std::string_view{"audience"}, std::string_view{"emit"},     std::string_view{"start"},
    std::string_view{"stop"},     std::string_view{"call"},     std::string_view{"task"},
    std::string_view{"consent"},  std::string_view{"parallel"}, std::string_view{"digest"},
};
static_assert(kind_names.size() == std::variant_size_v<Step::Kind>);

constexpr std::array split_hash_names{std::string_view{"growthbook"},
                                      std::string_view{"optimizely"},
                                      std::string_view{"growthbook-v1"}};

}  // namespace

std::string_view name_of(Receipt receipt) {
  if (receipt == Receipt::declared) return {};
  const auto index = static_cast<std::size_t>(receipt);
  ITINERA_CHECK(index < receipt_names.size());
  return receipt_names[index];
}

std::optional<Receipt> receipt_from(std::string_view name) {
  const auto found = std::find(receipt_names.begin(), receipt_names.end(), name);
  if (found == receipt_names.end()) return std::nullopt;
  return static_cast<Receipt>(found - receipt_names.begin());
}

std::string_view receipt_name(const Trigger& trigger) {
  if (trigger.receipt == Receipt::declared) return trigger.declared;
  return name_of(trigger.receipt);
}

std::string_view name_of(Split::Hash hash) {
  const auto index = static_cast<std::size_t>(hash);
  return index < split_hash_names.size() ? split_hash_names[index] : std::string_view{};
}

std::string_view kind_name(const Step& step) { return kind_names[step.kind.index()]; }

}  // namespace itinera
