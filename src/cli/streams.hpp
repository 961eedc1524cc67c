// SPDX-License-Identifier: Apache-2.0
// Bytes in and out of the process: lines, buffered output, and the signals that end a run.
#pragma once

#include <csignal>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "itinera/result.hpp"

namespace itinera::cli {

// A text of others in one line, as a terminal may be given it: what it would obey, such as an
// escape character that a message's type begins with, stands as `\x1b`.
std::string printable(std::string_view text);

// Writes to standard error at once, ignoring failures: there is nowhere left to report them. Beside
// line ends and tabs nothing in it is obeyed.
void print_error(std::string_view text);
// As it is: for what moves the cursor.
void show_on_terminal(std::string_view text);
// "itinera: message [code]", the hint below.
void print_error(const Error& error);
// Whether a person looks at standard error.
bool error_is_terminal();

// While it lives, an interrupt (SIGINT, SIGTERM) is only noted. One at a time.
class Interruption {
 public:
  Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  ~Interruption();

  // Whether an interrupt has come. From then on a second one ends the process at once.
  bool noted();
  // Waits until `file` can be read or an interrupt comes.
  void wait_for(int file);

 private:
  void note();
  sigset_t before_{};
  sigset_t ours_{};
  bool noted_ = false;
};

// A file, or standard output for "-". Buffers; what is left is written by flush() only. What is
// appended to a file whose last line has no end begins on a line of its own.
class Output {
 public:
  enum class Mode : std::uint8_t { append, replace };
  static Result<Output> open(const std::string& path, Mode mode);
  // A file that is not there yet, not even as a link: nothing where there is one. Error: io_failed.
  static Result<std::optional<Output>> make(const std::string& path, unsigned permissions);
  Output(Output&& other) noexcept;
  Output& operator=(Output&&) = delete;
  ~Output();

  std::string& buffer() { return buffer_; }  // append here
  // Writes the buffer. Error: io_failed; it is final, and what is written afterwards is dropped.
  Result<void> flush();
  // That was the error: nobody reads any more.
  [[nodiscard]] bool reader_is_gone() const { return reader_is_gone_; }

 private:
  Output(std::string path, int file) : path_(std::move(path)), file_(file) {}
  std::string path_;
  int file_;
  std::string buffer_;
  std::optional<Error> failure_;
  bool reader_is_gone_ = false;
};

// A text that takes the place of what a file has at once, when it is whole: until then it is
// written beside it, to FILE.new, or where somebody has that already to FILE.new-2 and so on. What
// is no regular file, and standard output for "-", is written to as it is.
class Replacement {
 public:
  // Error: io_failed, where it cannot be written.
  static Result<Replacement> open(const std::string& path);
  Replacement(Replacement&& other) noexcept;
  Replacement& operator=(Replacement&&) = delete;
  // Where finish() has not succeeded the file is what it was.
  ~Replacement();

  // Once. That nobody reads is no error.
  Result<void> finish(std::string text);

 private:
  Replacement(Output out, std::string path, std::string fresh)
      : out_(std::move(out)), path_(std::move(path)), fresh_(std::move(fresh)) {}
  Output out_;
  std::string path_;   // without links
  std::string fresh_;  // empty: the file itself
};

// The same in one call.
Result<void> replace_file(const std::string& path, std::string text);

// The lines of a file, or of standard input for "-". A line is handed out without its end ("\n" or
// "\r\n") and without a byte order mark; the last one needs no end.
class LineSource {
 public:
  // A longer line is handed out as `too_long`, without its bytes.
  static constexpr std::size_t line_bytes_max = 4u << 20;
  // So many bytes behind each line may be read.
  static constexpr std::size_t padding = 64;

  static Result<LineSource> open(const std::string& path);
  LineSource(LineSource&& other) noexcept;
  LineSource& operator=(LineSource&&) = delete;
  ~LineSource();

  enum class Outcome : std::uint8_t {
    line,      // `line`, until the next call of fill()
    too_long,  // a line was passed over
    none,      // fill() first
    end,
  };
  Outcome next(std::string_view& line);
  // Whether fill() would have to wait for somebody to write.
  [[nodiscard]] bool would_wait() const;
  // Reads on, or returns at an interrupt. Error: io_failed.
  Result<void> fill(Interruption& interruption);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::uint64_t line_number() const { return lines_; }  // of the last one, from 1
  [[nodiscard]] std::uint64_t bytes() const { return taken_; }
  [[nodiscard]] std::optional<std::uint64_t> size() const { return size_; }  // of a regular file

 private:
  LineSource(std::string name, int file);
  std::string_view unread() const { return {buffer_.data() + begin_, end_ - begin_}; }
  Outcome hand_out(std::size_t bytes, std::size_t line_end, std::string_view& line);

  std::string name_;
  int file_;
  std::optional<std::uint64_t> size_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;     // of what was not handed out
  std::size_t searched_ = 0;  // no line ends between begin_ and here
  std::size_t end_ = 0;
  std::uint64_t lines_ = 0;
  std::uint64_t taken_ = 0;
  bool skipping_ = false;  // inside of a line that is too long
  bool at_end_ = false;
};

}  // namespace itinera::cli
