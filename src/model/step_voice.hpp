// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

#include "model/checks.hpp"

namespace itinera::model {

// What the checks of one step's own fields say, and where. Borrows all that it is given.
class StepVoice {
 public:
  StepVoice(const Subject& subject, Findings& findings) : subject_(subject), findings_(findings) {}

  void speak_of(const Step& step) {
    step_ = &step;
    partly_ = subject_.gaps.in(step.at);
  }

 protected:
  // What is said of a step as a whole may, of one that could be read only in part, be an echo.
  void bad(std::string_view key, std::string_view message, std::string hint) {
    if (!partly_) say(ErrorCode::bad_value, word(key), message, std::move(hint));
  }
  void missing(std::string_view message, std::string hint) {
    if (!partly_) say(ErrorCode::missing_key, step_->at, message, std::move(hint));
  }
  void odd(const SourceLocation& at, std::string_view message, std::string hint = {}) {
    if (partly_) return;
    findings_.warning(ErrorCode::suspicious, at, fmt::format("{}: {}", title_of(*step_), message),
                      std::move(hint));
  }
  SourceLocation word(std::string_view key) const { return place_of(step_->words, key, step_->at); }
  void say(ErrorCode code, const SourceLocation& at, std::string_view message,
           std::string hint = {}) {
    findings_.error(code, at, fmt::format("{}: {}", title_of(*step_), message), std::move(hint));
  }

  const Subject& subject_;
  Findings& findings_;
  const Step* step_ = nullptr;
  bool partly_ = false;  // some of it could not be read, and was reported
};

}  // namespace itinera::model
