// SPDX-License-Identifier: Apache-2.0
// A campaign `c` in versions, what is asked of those who are in it, and what a preview says.
#pragma once

#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/host.hpp"

namespace itinera::test {

using Fate = MigrationRow::Fate;

inline std::string version(int number, std::string_view steps, std::string_view head = "") {
  return fmt::format("campaign: c\nversion: {}\nentry: [{{event: go}}]\n{}steps:\n{}", number, head,
                     steps);
}

inline Migration moving(WaitChange waits = WaitChange::keep, std::vector<StepAnswer> steps = {}) {
  return {"c", waits, std::move(steps)};
}
inline StepAnswer to(std::string step, std::string target) {
  return {std::move(step), StepAnswer::Kind::to, std::move(target)};
}
inline StepAnswer leave(std::string step) { return {std::move(step), StepAnswer::Kind::exit}; }
inline StepAnswer pin(std::string step) { return {std::move(step), StepAnswer::Kind::pin}; }

// "step fate to journeys", with "!" behind the step of an edited one.
inline Lines lines_of(const Result<std::vector<MigrationRow>>& rows) {
  REQUIRE(rows);
  Lines lines;
  constexpr std::array<std::string_view, 5> fates{"goes_on", "moves", "exits", "pinned", "??"};
  for (const MigrationRow& row : *rows) {
    lines.push_back(fmt::format("{}{} {} {} {}", row.step, row.edited ? "!" : "",
                                fates.at(static_cast<std::size_t>(row.fate)), row.to,
                                row.journeys));
  }
  return lines;
}

inline const std::string two_waits =
    "  - {wait: 2h, id: pause}\n  - {send: id, id: first}\n  - {wait: 1d, id: rest}\n"
    "  - {send: id, id: second}\n";

}  // namespace itinera::test
