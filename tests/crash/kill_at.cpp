// SPDX-License-Identifier: Apache-2.0
// Loaded into a process before its libraries (LD_PRELOAD), this kills it, as kill -9 does, in the
// middle of a write:
//
//   KILL_PATH   the file that is meant, and every file whose path begins so
//   KILL_AT     after so many bytes written to them; the last of these arrive, those behind do not
//   KILL_COUNT  or: a file that receives, at the end, how many bytes were written to them
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

unsigned long long written = 0;

bool is_meant(int file) {
  const char* const path = std::getenv("KILL_PATH");
  if (path == nullptr) return false;
  char found[4096];
  const std::string link = "/proc/self/fd/" + std::to_string(file);
  const ssize_t size = ::readlink(link.c_str(), found, sizeof found);
  const std::size_t wanted = std::strlen(path);
  return size >= static_cast<ssize_t>(wanted) && std::memcmp(found, path, wanted) == 0;
}

// How many of `size` bytes may still be written.
std::size_t left_of(std::size_t size) {
  const char* const limit = std::getenv("KILL_AT");
  if (limit == nullptr) return size;
  const unsigned long long all = std::strtoull(limit, nullptr, 10);
  return written + size <= all ? size : static_cast<std::size_t>(all - written);
}

using Write = ssize_t (*)(int, const void*, std::size_t, off_t);

ssize_t write_or_die(Write next, int file, const void* bytes, std::size_t size, off_t at) {
  if (!is_meant(file)) return next(file, bytes, size, at);
  const std::size_t left = left_of(size);
  const ssize_t done = next(file, bytes, left, at);
  if (left < size) ::kill(::getpid(), SIGKILL);
  if (done > 0) written += static_cast<unsigned long long>(done);
  return done;
}

Write next_of(const char* name) {
  void* const found = ::dlsym(RTLD_NEXT, name);
  Write write = nullptr;
  std::memcpy(&write, &found, sizeof write);
  return write;
}

struct Closing {
  ~Closing() {
    const char* const path = std::getenv("KILL_COUNT");
    if (path == nullptr) return;
    const std::string text = std::to_string(written) + "\n";
    const int file = ::open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0 || ::write(file, text.data(), text.size()) < 0) std::abort();
    ::close(file);
  }
} closing;

}  // namespace

extern "C" {

ssize_t pwrite(int file, const void* bytes, std::size_t size, off_t at) {
  return write_or_die(next_of("pwrite"), file, bytes, size, at);
}
ssize_t pwrite64(int file, const void* bytes, std::size_t size, off_t at) {
  return write_or_die(next_of("pwrite64"), file, bytes, size, at);
}

}  // extern "C"
