// SPDX-License-Identifier: Apache-2.0
#include "store/file_store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace itinera::store {
namespace {

// The journal names people: only its owner reads it, unless they decide otherwise.
constexpr mode_t new_file_mode = S_IRUSR | S_IWUSR;

Error system_error(std::string_view path, std::string_view what, int number) {
  return {ErrorCode::io_failed,
          fmt::format("{}: {}: {}", path, what, std::generic_category().message(number))};
}

// Owns a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] bool is_open() const { return number_ >= 0; }
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

// Calls `call` until no signal interrupts it.
template <class Call>
auto uninterrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

Descriptor open_descriptor(const char* path, int flags) {
  return Descriptor(uninterrupted([&] { return ::open(path, flags | O_CLOEXEC, new_file_mode); }));
}

// Makes the name of a new file durable. Some file systems cannot sync a folder (EINVAL).
std::optional<Error> sync_folder_of(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr),
                                                         &std::free);
  if (!real) return system_error(path, "cannot find its folder", errno);
  std::string folder = real.get();
  folder.resize(std::max<std::size_t>(folder.rfind('/'), 1));
  const Descriptor descriptor = open_descriptor(folder.c_str(), O_RDONLY | O_DIRECTORY);
  if (!descriptor.is_open()) return system_error(folder, "cannot open the folder", errno);
  if (uninterrupted([&] { return ::fsync(descriptor.number()); }) != 0 && errno != EINVAL) {
    return system_error(folder, "cannot sync the folder", errno);
  }
  return std::nullopt;
}

class FileStore final : public Store {
 public:
  FileStore(std::string path, Descriptor file, std::size_t size, const DiskCalls& calls)
      : path_(std::move(path)), file_(std::move(file)), size_(size), calls_(calls) {}

  Result<std::vector<std::byte>> read() override {
    if (failure_) return *failure_;
    std::vector<std::byte> bytes(size_);
    std::size_t done = 0;
    while (done < size_) {
      const ssize_t count = uninterrupted([&] {
        return ::pread(file_.number(), bytes.data() + done, size_ - done, static_cast<off_t>(done));
      });
      if (count < 0) return system_error(path_, "cannot read", errno);
      if (count == 0) {
        return Error{ErrorCode::io_failed,
                     fmt::format("{}: ends after {} bytes, and had {}: somebody else cut it off",
                                 path_, done, size_)};
      }
      done += static_cast<std::size_t>(count);
    }
    return bytes;
  }

  Result<void> append(std::span<const std::byte> bytes) override {
    if (failure_) return *failure_;
    if (bytes.empty()) return {};
    if (std::optional<Error> error = write_all(bytes)) return roll_back(std::move(*error));
    if (std::optional<Error> error = sync()) return *error;
    size_ += bytes.size();
    return {};
  }

  Result<void> truncate(std::size_t size) override {
    if (failure_) return *failure_;
    if (size > size_) {
      return Error{ErrorCode::invalid_argument,
                   fmt::format("{}: cannot cut {} bytes to {}", path_, size_, size)};
    }
    if (std::optional<Error> error = cut(size)) return *error;
    if (std::optional<Error> error = sync()) return *error;
    size_ = size;
    return {};
  }

 private:
  std::optional<Error> write_all(std::span<const std::byte> bytes) {
    std::size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t count = uninterrupted([&] {
        return calls_.write_at(file_.number(), bytes.data() + done, bytes.size() - done,
                               static_cast<off_t>(size_ + done));
      });
      if (count < 0) return system_error(path_, "cannot append", errno);
      if (count == 0) return system_error(path_, "cannot append", ENOSPC);
      done += static_cast<std::size_t>(count);
    }
    return std::nullopt;
  }

  // What a failed append left behind is cut off. Where even that fails, the store is of no use:
  // the next append would stand behind half a frame.
  Error roll_back(Error error) {
    if (std::optional<Error> second = cut(size_)) {
      error.message += fmt::format("; then {}", second->message);
      failure_ = error;
    }
    return error;
  }

  std::optional<Error> cut(std::size_t size) {
    if (uninterrupted([&] { return calls_.cut(file_.number(), static_cast<off_t>(size)); }) == 0) {
      return std::nullopt;
    }
    return system_error(path_, "cannot cut it off", errno);
  }

  // Never repeated: after a failed sync the system may have dropped the pages and call the next
  // one a success.
  std::optional<Error> sync() {
    if (uninterrupted([&] { return calls_.sync(file_.number()); }) == 0) return std::nullopt;
    failure_ =
        system_error(path_, "cannot sync, so what it holds is unknown; open it again", errno);
    return failure_;
  }

  std::string path_;
  Descriptor file_;
  std::size_t size_;
  const DiskCalls& calls_;
  std::optional<Error> failure_;
};

}  // namespace

const DiskCalls system_calls{
    .write_at = ::pwrite,
    .sync = ::fdatasync,
    .cut = ::ftruncate,
};

Result<std::unique_ptr<Store>> open_file(const std::string& path, const DiskCalls& calls) {
  Descriptor file = open_descriptor(path.c_str(), O_RDWR | O_CREAT | O_NONBLOCK);
  if (!file.is_open()) return system_error(path, "cannot open the journal", errno);
  if (uninterrupted([&] { return ::flock(file.number(), LOCK_EX | LOCK_NB); }) != 0) {
    if (errno != EWOULDBLOCK) return system_error(path, "cannot lock the journal", errno);
    return Error{ErrorCode::io_failed,
                 fmt::format("{}: is in use: a journal has one owner at a time", path)};
  }
  struct stat status{};
  if (::fstat(file.number(), &status) != 0) return system_error(path, "cannot look at it", errno);
  if (!S_ISREG(status.st_mode)) {
    return Error{ErrorCode::io_failed,
                 fmt::format("{}: is not a regular file, so it cannot keep a journal", path)};
  }
  // An empty file may be new. One with bytes in it had its name synced before the first of them.
  if (status.st_size == 0) {
    if (std::optional<Error> error = sync_folder_of(path)) return *error;
  }
  std::unique_ptr<Store> store = std::make_unique<FileStore>(
      path, std::move(file), static_cast<std::size_t>(status.st_size), calls);
  return store;
}

}  // namespace itinera::store

namespace itinera {

Result<std::unique_ptr<Store>> open_file_store(const std::string& path) {
  return store::open_file(path, store::system_calls);
}

}  // namespace itinera
