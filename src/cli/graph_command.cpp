// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <vector>

#include "base/nearest.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/streams.hpp"
#include "model/picture.hpp"

namespace itinera::cli {
namespace {

constexpr int cannot_start = 127;

Error system_error(std::string_view what) {
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

// Has graphviz draw; no shell in between.
Result<std::string> draw_svg(std::string_view dot) {
  int to_child[2];
  int from_child[2];
  if (::pipe2(to_child, O_CLOEXEC) != 0 || ::pipe2(from_child, O_CLOEXEC) != 0) {
    return system_error("cannot make a pipe");
  }
  std::signal(SIGPIPE, SIG_IGN);
  const pid_t child = ::fork();
  if (child < 0) return system_error("cannot start graphviz");
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

// The campaigns to draw: those of the file, or all, or the one that was named.
Result<std::vector<const Campaign*>> choose(const LoadedWorkspace& loaded,
                                            const GraphOptions& options) {
  std::vector<const Campaign*> chosen;
  std::vector<std::string> names;
  for (const Campaign& campaign : loaded.campaigns) {
    names.push_back(campaign.name);
    if (options.campaign.empty() || options.campaign == campaign.name) {
      chosen.push_back(&campaign);
    }
  }
  if (!chosen.empty()) return chosen;
  if (names.empty()) {
    return Error{ErrorCode::unknown_campaign, fmt::format("{}: no campaign in it", options.path)};
  }
  const std::string nearest = base::did_you_mean(options.campaign, names);
  return Error{
      ErrorCode::unknown_campaign,
      fmt::format("no campaign `{}`\n  hint: {}", options.campaign,
                  nearest.empty() ? fmt::format("there are {}", fmt::join(names, ", ")) : nearest)};
}

Result<void> draw(const GraphOptions& options, const LoadedWorkspace& loaded) {
  const Result<std::vector<const Campaign*>> chosen = choose(loaded, options);
  if (!chosen) return chosen.error();
  const bool is_svg = options.format == PictureFormat::svg;
  if (options.format != PictureFormat::dot && chosen->size() > 1) {
    return Error{ErrorCode::invalid_argument,
                 fmt::format("{} holds one campaign, and there are {}\n  hint: choose one by "
                             "--campaign, say --campaign {}",
                             is_svg ? "an SVG" : "a Mermaid flowchart", chosen->size(),
                             chosen->back()->name)};
  }
  std::string text;
  for (const Campaign* campaign : *chosen) {
    text += options.format == PictureFormat::mermaid ? model::to_mermaid(*campaign)
                                                     : model::to_dot(*campaign);
  }
  if (is_svg) {
    Result<std::string> svg = draw_svg(text);
    if (!svg) return svg.error();
    text = std::move(*svg);
  }
  Result<Output> out = Output::open(options.output, Output::Mode::replace);
  if (!out) return out.error();
  out->buffer() = std::move(text);
  Result<void> flushed = out->flush();
  if (out->reader_is_gone()) return {};
  return flushed;
}

}  // namespace

int graph_command(const GraphOptions& options) {
  const std::optional<LoadedWorkspace> loaded = load_or_complain(find_files({options.path}));
  if (!loaded) return 1;
  if (const Result<void> drawn = draw(options, *loaded); !drawn) {
    print_error(drawn.error());
    return 1;
  }
  return 0;
}

}  // namespace itinera::cli
