// SPDX-License-Identifier: Apache-2.0
#include "cli/streams.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "cli/progress.hpp"
#include "support/catch.hpp"

namespace {

using itinera::cli::Interruption;
using itinera::cli::LineSource;

// A file with this content, gone with the test.
class TextFile {
 public:
  explicit TextFile(std::string_view content) {
    std::string pattern = (std::filesystem::temp_directory_path() / "itinera-cli-XXXXXX").string();
    const int file = ::mkstemp(pattern.data());
    REQUIRE(file >= 0);
    ::close(file);
    path_ = pattern;
    std::ofstream(path_, std::ios::binary) << content;
  }
  TextFile(const TextFile&) = delete;
  TextFile& operator=(const TextFile&) = delete;
  ~TextFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::vector<std::string> lines_of(std::string_view content) {
  const TextFile file(content);
  auto source = LineSource::open(file.path());
  REQUIRE(source);
  Interruption interruption;
  std::vector<std::string> lines;
  for (;;) {
    std::string_view line;
    switch (source->next(line)) {
      case LineSource::Outcome::line: lines.emplace_back(line); break;
      case LineSource::Outcome::too_long: lines.emplace_back("(too long)"); break;
      case LineSource::Outcome::none: REQUIRE(source->fill(interruption)); break;
      case LineSource::Outcome::end:
        CHECK(source->bytes() == content.size());
        CHECK(source->line_number() == lines.size());
        return lines;
    }
  }
}

}  // namespace

TEST_CASE("lines: either kind of end, none at the last, a byte order mark at the first",
          "[cli][lines]") {
  CHECK(lines_of("").empty());
  CHECK(lines_of("a\nb\r\n\nc") == std::vector<std::string>{"a", "b", "", "c"});
  CHECK(lines_of("\xEF\xBB\xBF"
                 "a\n") == std::vector<std::string>{"a"});
}

TEST_CASE("lines: one that is too long is passed over, and those behind it are not",
          "[cli][lines]") {
  const std::string longest(LineSource::line_bytes_max, 'x');
  CHECK(lines_of("a\n" + longest + "\nb") == std::vector<std::string>{"a", longest, "b"});
  const std::vector<std::string> expected{"a", "(too long)", "b"};
  CHECK(lines_of("a\n" + longest + "x\nb") == expected);
  CHECK(lines_of("a\n" + longest + longest + longest + "\nb") == expected);
  CHECK(lines_of(longest + "x") == std::vector<std::string>{"(too long)"});
}

TEST_CASE("lines: what cannot be read is said with its path", "[cli][lines]") {
  CHECK(LineSource::open("/nowhere").error().message ==
        "/nowhere: cannot read: No such file or directory");
}

TEST_CASE("lines: a packed file is one error, and no lines", "[cli][lines]") {
  const TextFile file("\x1F\x8B\x08 and so on\nand on\n");
  auto source = LineSource::open(file.path());
  REQUIRE(source);
  Interruption interruption;
  std::string_view line;
  REQUIRE(source->next(line) == LineSource::Outcome::none);
  const auto filled = source->fill(interruption);
  REQUIRE_FALSE(filled);
  CHECK_THAT(filled.error().message, Catch::StartsWith(file.path() + ": this is packed by gzip"));
}

TEST_CASE("progress: rate and time left are told as far as they are known", "[cli][progress]") {
  using itinera::cli::progress_text;
  CHECK(progress_text(1'234'567, 250, 1'000, 2.0) ==
        "1,234,567 lines, 25%, 617,283 lines/s, 6 s left");
  CHECK(progress_text(10, 250, std::nullopt, 2.0) == "10 lines, 5 lines/s");
  CHECK(progress_text(0, 0, 100, 0.0) == "0 lines, 0%, 0 lines/s");
}
