// SPDX-License-Identifier: Apache-2.0
#include "cli/printing.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <system_error>

#include "cli/streams.hpp"
#include "itinera/value.hpp"

namespace itinera::cli {
namespace {

constexpr int cannot_start = 127;

Error pipe_error(std::string_view what) {
  return {ErrorCode::io_failed,
          fmt::format("{}: {}", what, std::generic_category().message(errno))};
}

// In the child: becomes graphviz.
[[noreturn]] void become_dot(int input, int output) {
  ::dup2(input, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::execlp("dot", "dot", "-Tsvg", static_cast<char*>(nullptr));
  ::_exit(cannot_start);
}

// Writes as much of `text` as goes into the pipe, and leaves the rest.
void write_some(int into, std::string_view& text) {
  const ssize_t count = ::write(into, text.data(), text.size());
  // A reader that has gone away will be seen by its exit code.
  if (count < 0 && errno != EAGAIN && errno != EINTR) text = {};
  if (count > 0) text.remove_prefix(static_cast<std::size_t>(count));
}

// Adds what there is to `answer`; false where nothing more will come.
bool read_some(int from, std::string& answer) {
  char chunk[1 << 14];
  const ssize_t count = ::read(from, chunk, sizeof chunk);
  if (count > 0) answer.append(chunk, static_cast<std::size_t>(count));
  return count > 0 || (count < 0 && errno == EINTR);
}

// Writes `text` to `into` and reads `from` until its end, whichever is ready, so that neither side
// waits for the other with a full pipe. Closes `into`.
std::string exchange(int into, int from, std::string_view text) {
  std::string answer;
  ::fcntl(into, F_SETFL, O_NONBLOCK);
  for (bool writing = true;;) {
    if (writing && text.empty()) {
      ::close(into);
      writing = false;
    }
    pollfd ends[] = {{.fd = from, .events = POLLIN, .revents = 0},
                     {.fd = into, .events = POLLOUT, .revents = 0}};
    if (::poll(ends, writing ? 2 : 1, -1) < 0) continue;
    if (writing && ends[1].revents != 0) write_some(into, text);
    if (ends[0].revents != 0 && !read_some(from, answer)) break;
  }
  if (!text.empty()) ::close(into);
  return answer;
}

}  // namespace

void Table::row(std::vector<std::string> cells) {
  for (std::string& cell : cells) cell = printable(cell);
  rows_.push_back(std::move(cells));
}

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

Result<std::string> draw_svg(std::string_view dot) {
  int to_child[2];
  int from_child[2];
  if (::pipe2(to_child, O_CLOEXEC) != 0 || ::pipe2(from_child, O_CLOEXEC) != 0) {
    return pipe_error("cannot make a pipe");
  }
  const pid_t child = ::fork();
  if (child < 0) return pipe_error("cannot start graphviz");
  if (child == 0) become_dot(to_child[0], from_child[1]);
  ::close(to_child[0]);
  ::close(from_child[1]);
  std::string svg = exchange(to_child[1], from_child[0], dot);
  ::close(from_child[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return svg;
  if (WIFEXITED(status) && WEXITSTATUS(status) == cannot_start) {
    return Error{ErrorCode::io_failed,
                 "cannot start graphviz's `dot`\n  hint: install it (apt install graphviz), or "
                 "draw the text of --format dot or mermaid elsewhere"};
  }
  return Error{ErrorCode::io_failed, "graphviz's `dot` has failed"};
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
