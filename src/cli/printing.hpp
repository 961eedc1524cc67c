// SPDX-License-Identifier: Apache-2.0
// How commands print what they have found: as a table, as lines of JSON, or as a picture.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "itinera/result.hpp"

namespace itinera::cli {

// Columns as wide as they must be; of the last nothing is filled up. Cells are made printable().
class Table {
 public:
  explicit Table(std::vector<std::string> head) { row(std::move(head)); }
  void row(std::vector<std::string> cells);
  void print(std::string& out) const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

// A member of a JSON object that is not the first.
void add_member(std::string& out, std::string_view name, std::string_view text);
void add_member(std::string& out, std::string_view name, std::uint64_t number);

// Has graphviz draw; no shell in between. Error: io_failed (it is not there, or has failed).
Result<std::string> draw_svg(std::string_view dot);

// To standard output, all of it. The exit code: 1 after saying why it cannot be written; whoever
// has stopped reading has had enough.
int print_out(std::string_view text);

}  // namespace itinera::cli
