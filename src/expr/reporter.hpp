// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "expr/lexer.hpp"
#include "expr/program.hpp"

namespace itinera::expr {

// Collects what the checker finds. Refers to the source and to the issues.
class Reporter {
 public:
  Reporter(std::string_view source, bool check_types, std::vector<Issue>& issues)
      : source_(source), check_types_(check_types), issues_(issues) {}

  void wrong_type(std::uint32_t at, std::string message, std::string hint = {}) {
    add(at, ErrorCode::condition_type, std::move(message), std::move(hint));
  }

  // Types and unknown names are passed over where types are not checked.
  void add(std::uint32_t at, ErrorCode code, std::string message, std::string hint = {}) {
    const bool of_types = code == ErrorCode::condition_type || code == ErrorCode::condition_unknown;
    if (of_types && !check_types_) return;
    issues_.push_back(issue_at(source_, at, code, std::move(message), std::move(hint)));
  }

 private:
  std::string_view source_;
  bool check_types_;
  std::vector<Issue>& issues_;
};

}  // namespace itinera::expr
