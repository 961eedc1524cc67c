// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "itinera/input.hpp"
#include "itinera/result.hpp"
#include "state/state.hpp"
#include "tables/message_keys.hpp"

namespace itinera::engine {

// The gate of errors: what passes here cannot fail later. Looks at all of an input, changes
// nothing. Errors: invalid_argument, limit_reached, unknown_campaign, conflict.
std::optional<Error> check_input(const State& state, const Input& input);

// "anonymous:" and the anonymous id: the id of the contact that stands for it.
std::string anonymous_contact_id(std::string_view anonymous);

}  // namespace itinera::engine
