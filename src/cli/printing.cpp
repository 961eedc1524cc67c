// SPDX-License-Identifier: Apache-2.0
#include "cli/printing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "cli/streams.hpp"
#include "itinera/value.hpp"

namespace itinera::cli {

void Table::print(std::string& out) const {
  std::vector<std::size_t> widths(rows_.front().size());
  for (const auto& cells : rows_) {
    for (std::size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], cells[i].size());
  }
  for (const auto& cells : rows_) {
    for (std::size_t i = 0; i + 1 < cells.size(); ++i) {
      fmt::format_to(std::back_inserter(out), "{:<{}}  ", cells[i], widths[i]);
    }
    out += cells.back() + "\n";
  }
}

void add_member(std::string& out, std::string_view name, std::string_view text) {
  fmt::format_to(std::back_inserter(out), ",\"{}\":", name);
  append_json_text(out, text);
}

void add_member(std::string& out, std::string_view name, std::uint64_t number) {
  fmt::format_to(std::back_inserter(out), ",\"{}\":{}", name, number);
}

int print_out(std::string_view text) {
  Result<Output> out = Output::open("-", Output::Mode::append);
  out->buffer() += text;
  const Result<void> flushed = out->flush();
  if (flushed || out->reader_is_gone()) return 0;
  print_error(flushed.error());
  return 1;
}

}  // namespace itinera::cli
