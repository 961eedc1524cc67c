// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "model/checks.hpp"
#include "model/walk.hpp"

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
  // `ends_ms`: how long what is retried may take in all, by the key `end`.
  void check_retry(const Retry& retry, std::optional<std::int64_t> ends_ms, std::string_view end) {
    if (retry.times > Retry::times_max) {
      bad("retry", fmt::format("it is retried {} times at most", Retry::times_max),
          "write `retry: 3`");
    }
    if (retry.after_ms < 1 || retry.after_ms > Retry::after_max_ms) {
      bad("retry", "it is retried after a day at most, and not at once",
          "write `retry: {times: 3, after: 5m}`");
    } else if (retry.times > 0 && ends_ms && *ends_ms <= retry.after_ms) {
      odd(word("retry"),
          fmt::format("it is never tried again: `{}` ends before the first `after`", end),
          fmt::format("make `{}` longer, or `after` shorter", end));
    }
  }
  // Their numbers must fit into records, and nobody reads more.
  void check_count(std::string_view key, std::size_t count, std::string_view what) {
    if (count <= cases_max) return;
    say(ErrorCode::too_large, word(key), fmt::format("{} {}, more than {}", count, what, cases_max),
        "put what is alike together, such as by one event with a property");
  }
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
