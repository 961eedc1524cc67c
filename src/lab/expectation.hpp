// SPDX-License-Identifier: Apache-2.0
// Comparing what a test expects with what happened.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "itinera/lab.hpp"
#include "lab/rehearsal.hpp"
#include "yaml/test_file.hpp"

namespace itinera::lab {

// What has come since the last `expect`.
struct Window {
  std::span<const Emission> emissions;
  std::span<const Told> told;
};

// The first difference, or nothing. `line` is where to point if what differs stands nowhere in the
// file: an action that nobody expected.
std::optional<TestFailure> compare(std::span<const yaml::Expectation> expected,
                                   const Window& window, const SourceLocation& line);

// Names that a test may expect of a decision, a receipt or a counter (docs/reasons.md).
const std::vector<std::string>& decision_names();

// Reasons that the engine itself gives for a decision.
std::vector<std::string> reason_names();

// Whether a decision on a send says that it is not sent, and not only that it waits.
bool is_refusal(std::string_view decision);

// Whether a happening is told to people: a decision, a receipt or a counter, and no bookkeeping.
bool is_told(const Told& told);

}  // namespace itinera::lab
