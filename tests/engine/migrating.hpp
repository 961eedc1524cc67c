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
#include "support/pieces.hpp"

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

// The engine is rebuilt from its journal, and knows what it knew; so does one of a snapshot.
inline Host& reopened(Host& host) {
  const Pieces known = pieces_of(host.engine());
  const Result<Engine> loaded = load_pieces(known, host.options());
  REQUIRE(loaded);
  CHECK(pieces_of(*loaded) == known);
  host.crash();
  CHECK(pieces_of(host.engine()) == known);
  return host;
}

inline const std::string two_waits =
    "  - {wait: 2h, id: pause}\n  - {send: id, id: first}\n  - {wait: 1d, id: rest}\n"
    "  - {send: id, id: second}\n";

}  // namespace itinera::test
