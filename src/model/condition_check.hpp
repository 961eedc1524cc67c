// SPDX-License-Identifier: Apache-2.0
// One condition or expression, held against what its place asks of it; and what the conditions of
// segments tell of who comes into them.
#pragma once

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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

// Which segments a step of a campaign may bring somebody into or take somebody out of, as far as
// their conditions tell.
class SegmentMoves {
 public:
  struct Move {
    std::size_t segment = 0;  // its place in the workspace
    bool in = true;
    bool out = true;
  };

  // The condition of the segment at that place, and the segments that it asks for.
  void add(std::size_t segment, expr::Program program, std::vector<std::size_t> asked);

  // What a `set` of this attribute may move, where all else is unknown.
  std::vector<Move> by(const Datum& attribute) const;
  std::vector<Move> by(const ChangeConsent& consent) const;
  // What it may move that somebody came into that segment, or left it.
  [[nodiscard]] std::vector<std::size_t> askers_of(std::size_t segment) const;

  [[nodiscard]] bool reads(std::string_view attribute) const {
    return by_attribute_.contains(attribute);
  }
  [[nodiscard]] bool reads_consent(std::string_view channel) const {
    return by_channel_.contains(channel);
  }

 private:
  using Readers = std::map<std::string, std::vector<std::size_t>, std::less<>>;
  std::vector<Move> moves(std::span<const std::size_t> readers, expr::Activation& known) const;

  std::map<std::size_t, expr::Program> programs_;
  std::map<std::size_t, std::vector<std::size_t>> askers_;
  Readers by_attribute_;
  Readers by_channel_;
  mutable int looks_left_ = 100'000;  // a bound on the work a file of nothing but `set` causes
};

}  // namespace itinera::model
