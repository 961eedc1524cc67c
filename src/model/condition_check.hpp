// SPDX-License-Identifier: Apache-2.0
// One condition or expression, held against what its place asks of it.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "expr/program.hpp"
#include "model/checks.hpp"
#include "model/scope.hpp"

namespace itinera::model {

// What the place of an expression asks of it.
struct Demand {
  std::string_view place;                         // "when", "key"
  std::initializer_list<expr::Type::Kind> kinds;  // besides dyn; empty: any
  std::string_view wanted;                        // in words, for the hint
};

// How to write a date into a file at `place`.
std::string date_hint(std::string_view place);

// Borrows all that it is given.
class ConditionCheck {
 public:
  ConditionCheck(const Limits& limits, const Vocabulary& known, const Pieces& pieces,
                 Findings& findings)
      : limits_(limits), known_(known), pieces_(pieces), findings_(findings) {}

  // The program, or nothing where `expression` is empty or wrong, which it reports.
  std::optional<expr::Program> compile(const Expression& expression, const Demand& demand,
                                       const expr::Declarations& declarations);

  // The same for a condition; one that is never true is a finding.
  std::optional<expr::Program> decide(const Expression& expression, std::string_view place,
                                      const expr::Declarations& declarations);

  // What was compiled last acts by itself when its moment comes, so that must be known.
  void require_moments(const Expression& expression, std::string_view place);

  static std::optional<bool> constant_truth(const expr::Program& program);

 private:
  void report(const Expression& expression, const Demand& demand, expr::Issue issue);
  void check_type(const Expression& expression, const Demand& demand, const expr::Type& type);
  void check_names(const Expression& expression, const Demand& demand,
                   const expr::Program& program);
  void check_history(const Expression& expression, const Demand& demand,
                     const expr::HistoryCall& call);
  const SchemaField* look_for(const Expression& expression, const Demand& demand,
                              const EventSchema& event, const std::string& property);

  const Limits& limits_;
  const Vocabulary& known_;
  const Pieces& pieces_;
  Findings& findings_;
  std::optional<expr::Issue> unsolvable_;
};

}  // namespace itinera::model
