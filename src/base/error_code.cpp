// SPDX-License-Identifier: Apache-2.0
#include "itinera/error_code.hpp"

#include <array>

#include "base/check.hpp"

namespace itinera {
namespace {

constexpr std::array names{
    std::string_view{"yaml_syntax"},
    std::string_view{"yaml_feature"},
    std::string_view{"unknown_key"},
    std::string_view{"duplicate_key"},
    std::string_view{"missing_key"},
    std::string_view{"wrong_type"},
    std::string_view{"bad_value"},
    std::string_view{"not_supported_yet"},
    std::string_view{"too_large"},
    std::string_view{"duplicate_name"},
    std::string_view{"unknown_name"},
    std::string_view{"condition_syntax"},
    std::string_view{"condition_type"},
    std::string_view{"condition_unknown"},
    std::string_view{"condition_quoting"},
    std::string_view{"time_not_solvable"},
    std::string_view{"unreachable_step"},
    std::string_view{"endless_cycle"},
    std::string_view{"impossible_receipt"},
    std::string_view{"dead_branch"},
    std::string_view{"bad_weights"},
    std::string_view{"suspicious"},
    std::string_view{"invalid_argument"},
    std::string_view{"unknown_campaign"},
    std::string_view{"unknown_contact"},
    std::string_view{"unknown_step"},
    std::string_view{"conflict"},
    std::string_view{"limit_reached"},
    std::string_view{"busy"},
    std::string_view{"damaged_journal"},
    std::string_view{"unsupported_version"},
    std::string_view{"io_failed"},
    std::string_view{"bad_input_line"},
    std::string_view{"test_failed"},
    std::string_view{"damaged_token"},
    std::string_view{"fenced"},
    std::string_view{"unknown_action"},
};
static_assert(names.size() == static_cast<std::size_t>(ErrorCode::unknown_action) + 1);

constexpr auto codes = [] {
  std::array<ErrorCode, names.size()> all{};
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<ErrorCode>(i);
  return all;
}();

}  // namespace

std::span<const ErrorCode> all_error_codes() { return codes; }

std::string_view name_of(ErrorCode code) {
  const auto index = static_cast<std::size_t>(code);
  ITINERA_CHECK(index < names.size());
  return names[index];
}

}  // namespace itinera
