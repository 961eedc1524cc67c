// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <set>
#include <string>
#include <string_view>

#include "record/records.hpp"
#include "support/catch.hpp"

namespace itinera::record {
namespace {

std::string page_text() {
  std::string text;
  std::FILE* const file = std::fopen(ITINERA_SOURCE_DIR "/docs/reasons.md", "rb");
  REQUIRE(file != nullptr);
  char part[4096];
  for (std::size_t size; (size = std::fread(part, 1, sizeof part, file)) > 0;) {
    text.append(part, size);
  }
  std::fclose(file);
  return text;
}

// The names that begin a row of the table under the heading `## <title>`.
std::set<std::string> rows_under(const std::string& page, const std::string& title) {
  std::set<std::string> names;
  const std::size_t begin = page.find("## " + title + "\n");
  REQUIRE(begin != std::string::npos);
  const std::size_t end = std::min(page.find("\n## ", begin), page.size());
  for (std::size_t at = begin; (at = page.find("\n| `", at)) < end; ++at) {
    const std::size_t from = at + 4;
    const bool added = names.insert(page.substr(from, page.find('`', from) - from)).second;
    INFO("the row at byte " << at);
    CHECK(added);
    const std::size_t meaning = page.find("` | ", from);
    CHECK(meaning < page.find('\n', from));
  }
  return names;
}

// Enumerations have no gaps, so that the first unnamed number is past the end.
template <class Enumeration>
std::set<std::string> names_of() {
  std::set<std::string> names;
  for (unsigned number = 1; number < 256; ++number) {
    const std::string_view name = name_of(static_cast<Enumeration>(number));
    if (!name.empty()) names.insert(std::string(name));
  }
  return names;
}

}  // namespace

TEST_CASE("reasons: docs/reasons.md has a row for each name, and no other", "[insight][docs]") {
  const std::string page = page_text();
  CHECK(rows_under(page, "Decisions") == names_of<Decision>());
  CHECK(rows_under(page, "Reasons") == names_of<Reason>());
  CHECK(rows_under(page, "Counters") == names_of<Counter>());
}

}  // namespace itinera::record
