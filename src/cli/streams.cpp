// SPDX-License-Identifier: Apache-2.0
#include "cli/streams.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <system_error>
#include <utility>

namespace itinera::cli {
namespace {

constexpr std::size_t chunk_bytes = 256u << 10;

Error system_error(std::string_view name, std::string_view what) {
  return {ErrorCode::io_failed,
          fmt::format("{}: {}: {}", name, what, std::generic_category().message(errno))};
}

// Writes all of `text`; false and errno on failure.
bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(file, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

// Whether it is a regular file whose last line has no end.
bool ends_within_line(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return false;
  struct stat status{};
  char last = '\n';
  if (::fstat(file, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0) {
    (void)::pread(file, &last, 1, status.st_size - 1);
  }
  ::close(file);
  return last != '\n';
}

// Control characters of one byte, and those that are two in UTF-8 (U+0080 to U+009F).
std::string without_controls(std::string_view text, bool keeps_lines) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool stays = keeps_lines && (byte == '\n' || byte == '\t');
    if (byte == 0xC2 && i + 1 < text.size()) {
      const auto second = static_cast<unsigned char>(text[i + 1]);
      if (second >= 0x80 && second < 0xA0) {
        out += fmt::format("\\x{:02x}", second);
        ++i;
        continue;
      }
    }
    if ((byte < 0x20 && !stays) || byte == 0x7F) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += text[i];
    }
  }
  return out;
}

void do_nothing(int) {}

void set_handler(int signal, void (*handler)(int)) {
  struct sigaction action{};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  ::sigaction(signal, &action, nullptr);
}

}  // namespace

std::string printable(std::string_view text) { return without_controls(text, false); }

void show_on_terminal(std::string_view text) { (void)write_all(STDERR_FILENO, text); }

void print_error(std::string_view text) { show_on_terminal(without_controls(text, true)); }

void print_error(const Error& error) {
  std::string text = error.message;
  text.insert(std::min(text.find('\n'), text.size()), fmt::format(" [{}]", name_of(error.code)));
  print_error(fmt::format("itinera: {}\n", text));
}

bool error_is_terminal() { return ::isatty(STDERR_FILENO) == 1; }

Interruption::Interruption() {
  sigemptyset(&ours_);
  sigaddset(&ours_, SIGINT);
  sigaddset(&ours_, SIGTERM);
  // Blocked but while waiting for input, where a handler that does nothing ends the wait.
  ::pthread_sigmask(SIG_BLOCK, &ours_, &before_);
  set_handler(SIGINT, do_nothing);
  set_handler(SIGTERM, do_nothing);
}

Interruption::~Interruption() {
  set_handler(SIGINT, SIG_DFL);
  set_handler(SIGTERM, SIG_DFL);
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

bool Interruption::noted() {
  const timespec at_once{};
  if (!noted_ && ::sigtimedwait(&ours_, nullptr, &at_once) > 0) note();
  return noted_;
}

void Interruption::note() {
  noted_ = true;
  set_handler(SIGINT, SIG_DFL);
  set_handler(SIGTERM, SIG_DFL);
  ::pthread_sigmask(SIG_UNBLOCK, &ours_, nullptr);
}

void Interruption::wait_for(int file) {
  pollfd waited{.fd = file, .events = POLLIN, .revents = 0};
  sigset_t open = before_;
  sigdelset(&open, SIGINT);
  sigdelset(&open, SIGTERM);
  if (!noted_ && ::ppoll(&waited, 1, nullptr, &open) < 0 && errno == EINTR) note();
}

Result<Output> Output::open(const std::string& path, Mode mode) {
  if (path == "-") return Output("standard output", STDOUT_FILENO);
  const int how = mode == Mode::append ? O_APPEND : O_TRUNC;
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | how, 0666);
  if (file < 0) return system_error(path, "cannot write");
  Output out(path, file);
  // What was torn there stays a line of its own.
  if (mode == Mode::append && ends_within_line(path)) out.buffer() = "\n";
  return out;
}

Result<std::optional<Output>> Output::make(const std::string& path, unsigned permissions) {
  const int how = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  const int file = ::open(path.c_str(), how, static_cast<mode_t>(permissions));
  if (file >= 0) return std::optional<Output>(Output(path, file));
  if (errno == EEXIST) return std::optional<Output>();
  return system_error(path, "cannot write");
}

Output::Output(Output&& other) noexcept
    : path_(std::move(other.path_)),
      file_(std::exchange(other.file_, -1)),
      buffer_(std::move(other.buffer_)),
      failure_(std::move(other.failure_)),
      reader_is_gone_(other.reader_is_gone_) {}

Output::~Output() {
  if (file_ > STDERR_FILENO) ::close(file_);
}

Result<void> Output::flush() {
  if (!failure_ && !write_all(file_, buffer_)) {
    reader_is_gone_ = errno == EPIPE;
    failure_ = system_error(path_, "cannot write");
  }
  buffer_.clear();
  return failure_ ? Result<void>(*failure_) : Result<void>();
}

Result<Replacement> Replacement::open(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code code;
  const fs::file_status status = fs::status(path, code);
  const bool beside = path != "-" && (!fs::exists(status) || fs::is_regular_file(status));
  const fs::path file = beside ? fs::weakly_canonical(path, code) : fs::path();
  if (!beside || file.empty()) {
    Result<Output> out = Output::open(path, Output::Mode::replace);
    if (!out) return out.error();
    return Replacement(std::move(*out), file.string(), std::string());
  }
  constexpr unsigned new_file_permissions = 0666;
  const unsigned permissions = fs::exists(status)
                                   ? static_cast<unsigned>(status.permissions() & fs::perms::all)
                                   : new_file_permissions;
  // What is called so already is somebody's, or of a run that goes on or has crashed.
  constexpr int tries = 100;
  for (int i = 1; i <= tries; ++i) {
    const std::string fresh =
        i == 1 ? file.string() + ".new" : fmt::format("{}.new-{}", file.string(), i);
    Result<std::optional<Output>> out = Output::make(fresh, permissions);
    if (!out) return out.error();
    if (*out) return Replacement(std::move(**out), file.string(), fresh);
  }
  return Error{ErrorCode::io_failed,
               fmt::format("{0}: cannot write: {0}.new to {0}.new-{1} are there already\n"
                           "  hint: take away those that are left of crashed runs",
                           file.string(), tries)};
}

Replacement::Replacement(Replacement&& other) noexcept
    : out_(std::move(other.out_)),
      path_(std::move(other.path_)),
      fresh_(std::exchange(other.fresh_, {})) {}

Replacement::~Replacement() {
  std::error_code ignored;
  if (!fresh_.empty()) std::filesystem::remove(fresh_, ignored);
}

Result<void> Replacement::finish(std::string text) {
  namespace fs = std::filesystem;
  out_.buffer() = std::move(text);
  if (const Result<void> flushed = out_.flush(); !flushed) {
    return out_.reader_is_gone() ? Result<void>() : flushed;
  }
  if (fresh_.empty()) return {};
  std::error_code code;
  const fs::file_status before = fs::status(path_, code);
  code.clear();
  if (fs::exists(before)) fs::permissions(fresh_, before.permissions(), code);
  if (!code) fs::rename(fresh_, path_, code);
  if (code) return Error{ErrorCode::io_failed, fmt::format("{}: {}", path_, code.message())};
  fresh_.clear();
  return {};
}

Result<void> replace_file(const std::string& path, std::string text) {
  Result<Replacement> file = Replacement::open(path);
  return file ? file->finish(std::move(text)) : file.error();
}

Result<LineSource> LineSource::open(const std::string& path) {
  if (path == "-") return LineSource("standard input", STDIN_FILENO);
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return system_error(path, "cannot read");
  return LineSource(path, file);
}

LineSource::LineSource(std::string name, int file)
    : name_(std::move(name)), file_(file), buffer_(chunk_bytes + padding) {
  struct stat status{};
  if (::fstat(file_, &status) == 0 && S_ISREG(status.st_mode)) {
    size_ = static_cast<std::uint64_t>(status.st_size);
  }
}

LineSource::LineSource(LineSource&& other) noexcept
    : name_(std::move(other.name_)),
      file_(std::exchange(other.file_, -1)),
      size_(other.size_),
      buffer_(std::move(other.buffer_)),
      begin_(other.begin_),
      searched_(other.searched_),
      end_(other.end_),
      lines_(other.lines_),
      taken_(other.taken_),
      skipping_(other.skipping_),
      at_end_(other.at_end_) {}

LineSource::~LineSource() {
  if (file_ > STDERR_FILENO) ::close(file_);
}

LineSource::Outcome LineSource::next(std::string_view& line) {
  const char* const from = buffer_.data() + searched_;
  if (const void* const found = std::memchr(from, '\n', end_ - searched_)) {
    const auto at = static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.data());
    return hand_out(at + 1 - begin_, at - begin_, line);
  }
  searched_ = end_;
  if (at_end_) {
    if (begin_ == end_ && !skipping_) return Outcome::end;
    return hand_out(end_ - begin_, end_ - begin_, line);
  }
  if (end_ - begin_ > line_bytes_max) {
    skipping_ = true;
    taken_ += end_ - begin_;
    begin_ = searched_ = end_ = 0;
  }
  return Outcome::none;
}

LineSource::Outcome LineSource::hand_out(std::size_t bytes, std::size_t line_end,
                                         std::string_view& line) {
  line = unread().substr(0, line_end);
  begin_ += bytes;
  searched_ = begin_;
  taken_ += bytes;
  ++lines_;
  if (std::exchange(skipping_, false) || line.size() > line_bytes_max) return Outcome::too_long;
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (lines_ == 1 && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
  return Outcome::line;
}

bool LineSource::would_wait() const {
  if (at_end_ || size_) return false;
  pollfd looked{.fd = file_, .events = POLLIN, .revents = 0};
  return ::poll(&looked, 1, 0) == 0;
}

Result<void> LineSource::fill(Interruption& interruption) {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    searched_ -= begin_;
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() < end_ + chunk_bytes + padding) {
    buffer_.resize(std::max(2 * buffer_.size(), end_ + chunk_bytes + padding));
  }
  if (!size_) interruption.wait_for(file_);
  if (interruption.noted()) return {};
  const ssize_t count = ::read(file_, buffer_.data() + end_, chunk_bytes);
  if (count < 0 && errno == EINTR) return {};
  if (count < 0) return system_error(name_, "cannot read");
  at_end_ = count == 0;
  end_ += static_cast<std::size_t>(count);
  if (taken_ == 0 && unread().starts_with("\x1F\x8B")) {
    return Error{ErrorCode::io_failed,
                 fmt::format("{}: this is packed by gzip\n  hint: unpack it first: "
                             "gzip -dc FILE | itinera run ...",
                             name_)};
  }
  return {};
}

}  // namespace itinera::cli
