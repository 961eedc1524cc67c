// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "itinera/diagnostic.hpp"
#include "model/gaps.hpp"

namespace itinera::yaml {

// A place in a file: line and column from 1, columns and `offset` in bytes. Line 0: no place.
struct Mark {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::size_t offset = 0;
};

// Where the readers of one file write what they find. Borrows everything it is given.
class Report {
 public:
  Report(std::string_view path, std::string_view source, Diagnostics& out)
      : path_(path), source_(source), out_(out) {}

  // Something is missing from what is being read: what check() would say of it may only be an echo.
  void error(ErrorCode code, Mark at, std::string message, std::string hint = {});

  // The same, where all the rest was read as it stands.
  void blemish(ErrorCode code, Mark at, std::string message, std::string hint = {});

  void warning(Mark at, std::string message, std::string hint = {});

  // Something was left out; why is reported already.
  void lose() { complete_ = false; }

  // Where the CEL that begins at `at` goes on, piece by piece; none: nobody knows.
  void note_pieces(Mark at, std::vector<model::Piece> pieces) {
    pieces_[{at.line, at.column}] = std::move(pieces);
  }
  // What was noted since this was asked last.
  model::Pieces take_pieces() { return std::exchange(pieces_, {}); }

  // "did you mean 'x'?", or nothing: in a file of nothing but unknown names only for the first
  // ones, since looking for the nearest name is the dearest thing that a reader does.
  std::string did_you_mean(std::string_view name, std::span<const std::string> names);

  // The reading of one mapping, a step or a goal. What it loses is its own affair.
  class Part {
   public:
    explicit Part(Report& report)
        : report_(report), whole_before_(std::exchange(report.complete_, true)) {}
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;
    ~Part() { report_.complete_ = whole_before_; }
    [[nodiscard]] bool complete() const { return report_.complete_; }  // so far

   private:
    Report& report_;
    bool whole_before_;
  };

  [[nodiscard]] SourceLocation place(Mark at) const;
  [[nodiscard]] std::string_view source() const { return source_; }
  [[nodiscard]] bool complete() const { return complete_; }
  [[nodiscard]] std::size_t errors() const { return errors_; }  // so far

 private:
  std::string_view path_;
  std::string_view source_;
  Diagnostics& out_;
  model::Pieces pieces_;
  bool complete_ = true;
  std::size_t errors_ = 0;
  int suggestions_left_ = 100;
};

// `text` as a message shows it: one line, at most 60 bytes, whole UTF-8 characters.
std::string shown(std::string_view text);

}  // namespace itinera::yaml
