// SPDX-License-Identifier: Apache-2.0
#include "folder_store.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <system_error>
#include <utility>

using namespace itinera;

namespace {

Error failed(const std::string& what) {
  return {ErrorCode::io_failed, what + ": " + std::generic_category().message(errno)};
}
Error wrong(std::string what) { return {ErrorCode::invalid_argument, std::move(what)}; }
Error fenced() { return {ErrorCode::fenced, "another owner has taken the folder over"}; }

// 7 -> "00000000000000000007": in the order of names is the order of numbers.
std::string digits(std::uint64_t number) {
  const std::string text = std::to_string(number);
  return std::string(20 - text.size(), '0') + text;
}

// Of "group-00000000000000000007", what stands at `at`.
std::uint64_t number_at(std::string_view name, std::size_t at) {
  std::uint64_t number = 0;
  const std::string_view text = name.substr(std::min(at, name.size()), 20);
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// Names of snapshots may be any bytes; names of files are their digits.
std::string hex(std::string_view text) {
  constexpr std::string_view figures = "0123456789abcdef";
  std::string written;
  for (const char c : text) {
    written += figures[static_cast<unsigned char>(c) >> 4];
    written += figures[static_cast<unsigned char>(c) & 15];
  }
  return written;
}
std::string unhex(std::string_view text) {
  std::string read;
  for (std::size_t at = 0; at + 1 < text.size(); at += 2) {
    int value = 0;
    std::from_chars(text.data() + at, text.data() + at + 2, value, 16);
    read += static_cast<char>(value);
  }
  return read;
}

std::string chunks_of(const std::string& kind, const Snapshot& snapshot) {
  return kind + hex(snapshot.name) + '-' + digits(snapshot.position) + '-';
}

Snapshot snapshot_in(std::string_view name) {
  const std::size_t begin = name.find('-') + 1;
  const std::size_t end = name.find('-', begin);
  return {unhex(name.substr(begin, end - begin)), number_at(name, end + 1),
          static_cast<std::uint32_t>(number_at(name, end + 22))};
}

}  // namespace

Folder::Folder(std::string path) : path_(std::move(path)) {
  std::filesystem::create_directories(path_);
  std::filesystem::permissions(path_, std::filesystem::perms::owner_all);
}

Result<void> Folder::put(const std::string& name, std::span<const std::byte> bytes) const {
  // Written aside, synced, and given its name: it is never there by half.
  const std::string aside = path_ + "/new";
  const int file = ::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return failed(aside);
  bool fine = true;
  while (fine && !bytes.empty()) {
    const ssize_t done = ::write(file, bytes.data(), bytes.size());
    fine = done > 0;
    if (fine) bytes = bytes.subspan(static_cast<std::size_t>(done));
  }
  fine = fine && ::fsync(file) == 0;
  fine = ::close(file) == 0 && fine;
  if (!fine || ::rename(aside.c_str(), (path_ + '/' + name).c_str()) != 0) return failed(aside);
  const int folder = ::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  fine = folder >= 0 && ::fsync(folder) == 0;
  if (folder >= 0) ::close(folder);
  if (!fine) return failed(path_);
  return {};
}

Result<std::vector<std::byte>> Folder::get(const std::string& name) const {
  const std::string path = path_ + '/' + name;
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return failed(path);
  std::vector<std::byte> bytes;
  std::byte part[65536];
  ssize_t done = 0;
  while ((done = ::read(file, part, sizeof part)) > 0) {
    bytes.insert(bytes.end(), part, part + done);
  }
  ::close(file);
  if (done < 0) return failed(path);
  return bytes;
}

Result<void> Folder::remove(const std::string& name) const {
  if (::unlink((path_ + '/' + name).c_str()) != 0 && errno != ENOENT) return failed(name);
  return {};
}

Result<std::vector<std::string>> Folder::list(const std::string& prefix) const {
  std::error_code code;
  std::vector<std::string> names;
  for (std::filesystem::directory_iterator at(path_, code), end; !code && at != end;
       at.increment(code)) {
    std::string name = at->path().filename().string();
    if (name.starts_with(prefix)) names.push_back(std::move(name));
  }
  if (code) return Error{ErrorCode::io_failed, path_ + ": " + code.message()};
  std::sort(names.begin(), names.end());
  return names;
}

Result<Folder::Lock> Folder::lock() const {
  const std::string path = path_ + "/lock";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0 || ::flock(file, LOCK_EX) != 0) return failed(path);
  return Lock(file);
}

Folder::Lock::Lock(Lock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
Folder::Lock::~Lock() {
  if (file_ >= 0) ::close(file_);
}

// A number that only grows is the newest file of its kind; older ones are removed after.
Result<std::uint64_t> FolderStore::newest(const std::string& prefix) {
  const auto names = folder_.list(prefix);
  if (!names) return names.error();
  return names->empty() ? 0 : number_at(names->back(), prefix.size());
}

Result<void> FolderStore::mark(const std::string& prefix, std::uint64_t number) {
  const auto older = folder_.list(prefix);
  if (!older) return older.error();
  Result<void> done = folder_.put(prefix + digits(number), {});
  for (const std::string& name : *older) {
    if (done && name != prefix + digits(number)) done = folder_.remove(name);
  }
  return done;
}

Result<void> FolderStore::remove_all(const std::string& prefix) {
  const auto names = folder_.list(prefix);
  if (!names) return names.error();
  Result<void> done;
  for (const std::string& name : *names) {
    if (done) done = folder_.remove(name);
  }
  return done;
}

Result<std::uint64_t> FolderStore::epoch() { return newest("epoch-"); }

Result<void> FolderStore::claim(std::uint64_t epoch) {
  if (epoch > epoch_max) return wrong("no such epoch");
  const Result<Folder::Lock> locked = folder_.lock();
  if (!locked) return locked.error();
  const Result<std::uint64_t> there = newest("epoch-");
  if (!there) return there.error();
  if (epoch <= *there) return fenced();
  if (Result<void> marked = mark("epoch-", epoch); !marked) return marked;
  own_epoch_ = epoch;
  const auto chunks = folder_.list("chunk-");
  if (!chunks) return chunks.error();
  for (const std::string& name : *chunks) {
    const Result<bool> kept = is_complete(snapshot_in(name));
    if (!kept) return kept.error();
    if (*kept) continue;
    if (Result<void> removed = folder_.remove(name); !removed) return removed;
  }
  return {};
}

Result<Folder::Lock> FolderStore::lock_as_owner() {
  if (own_epoch_ == 0) return wrong("nothing can be written before the store is claimed");
  Result<Folder::Lock> locked = folder_.lock();
  if (!locked) return locked;
  const Result<std::uint64_t> there = newest("epoch-");
  if (!there) return there.error();
  if (*there != own_epoch_) return fenced();
  return locked;
}

Result<Extent> FolderStore::extent() {
  const Result<std::uint64_t> truncated = newest("truncated-");
  const Result<std::uint64_t> last = newest("group-");
  if (!truncated) return truncated.error();
  if (!last) return last.error();
  return Extent{*truncated, std::max(*truncated, *last)};
}

Result<Position> FolderStore::append(std::span<const std::byte> frames) {
  if (frames.empty() || frames.size() > group_bytes_max) return wrong("no such group");
  const auto locked = lock_as_owner();
  if (!locked) return locked.error();
  const Result<Extent> there = extent();
  if (!there) return there.error();
  const Position position = there->durable + 1;
  if (Result<void> put = folder_.put("group-" + digits(position), frames); !put) {
    return put.error();
  }
  return position;
}

Result<void> FolderStore::replace(Position position, std::span<const std::byte> frames) {
  if (frames.empty() || frames.size() > group_bytes_max) return wrong("no such group");
  const auto locked = lock_as_owner();
  if (!locked) return locked.error();
  const Result<Extent> there = extent();
  if (!there) return there.error();
  if (position <= there->truncated || position > there->durable) return wrong("no such group");
  return folder_.put("group-" + digits(position), frames);
}

Result<std::vector<JournalGroup>> FolderStore::read(Position after, std::size_t bytes_max) {
  const Result<Extent> there = extent();
  if (!there) return there.error();
  if (after < there->truncated) return wrong("what lies before has been forgotten");
  std::vector<JournalGroup> groups;
  std::size_t bytes = 0;
  for (Position at = after; at < there->durable;) {
    auto frames = folder_.get("group-" + digits(++at));
    if (!frames) return frames.error();
    bytes += frames->size();
    if (!groups.empty() && bytes > bytes_max) break;
    groups.push_back({at, std::move(*frames)});
  }
  return groups;
}

Result<void> FolderStore::truncate(Position up_to) {
  const auto locked = lock_as_owner();
  if (!locked) return locked.error();
  const Result<Extent> there = extent();
  const auto complete = snapshots();
  if (!there) return there.error();
  if (!complete) return complete.error();
  if (up_to <= there->truncated) return {};
  const bool needed = std::any_of(complete->begin(), complete->end(),
                                  [&](const Snapshot& one) { return one.position < up_to; });
  if (needed || complete->empty() || up_to > there->durable) return wrong("it is still needed");
  // Whoever dies here leaves files that nobody reads; they go the next time.
  Result<void> done = mark("truncated-", up_to);
  const auto groups = folder_.list("group-");
  if (!groups) return groups.error();
  for (const std::string& name : *groups) {
    if (done && number_at(name, 6) <= up_to) done = folder_.remove(name);
  }
  return done;
}

Result<void> FolderStore::check(const Snapshot& snapshot) {
  const Result<Extent> there = extent();
  if (!there) return there.error();
  const bool fits = !snapshot.name.empty() && snapshot.name.size() <= name_bytes_max &&
                    snapshot.chunks <= chunks_max && snapshot.position >= there->truncated &&
                    snapshot.position <= there->durable;
  return fits ? Result<void>() : Result<void>(wrong("no such snapshot"));
}

Result<bool> FolderStore::is_complete(const Snapshot& snapshot) {
  const auto names = folder_.list(chunks_of("snapshot-", snapshot));
  if (!names) return names.error();
  return !names->empty();
}

Result<void> FolderStore::put_chunk(const Snapshot& snapshot, std::uint32_t number,
                                    std::span<const std::byte> bytes) {
  const auto locked = lock_as_owner();
  if (!locked) return locked.error();
  if (Result<void> checked = check(snapshot); !checked) return checked;
  const Result<bool> there = is_complete(snapshot);
  if (!there) return there.error();
  if (*there || number >= snapshot.chunks || bytes.size() > chunk_bytes_max) {
    return wrong("no such chunk");
  }
  return folder_.put(chunks_of("chunk-", snapshot) + digits(number), bytes);
}

Result<void> FolderStore::complete(const Snapshot& snapshot, std::uint32_t generations) {
  const auto locked = lock_as_owner();
  if (!locked) return locked.error();
  if (Result<void> checked = check(snapshot); !checked) return checked;
  const Result<bool> there = is_complete(snapshot);
  if (!there) return there.error();
  if (*there) return {};
  const auto chunks = folder_.list(chunks_of("chunk-", snapshot));
  if (!chunks) return chunks.error();
  const std::size_t prefix = chunks_of("chunk-", snapshot).size();
  const auto count = std::count_if(chunks->begin(), chunks->end(), [&](const std::string& name) {
    return number_at(name, prefix) < snapshot.chunks;
  });
  if (count != snapshot.chunks) return wrong("a chunk is missing");
  Result<void> done = folder_.put(chunks_of("snapshot-", snapshot) + digits(snapshot.chunks), {});
  const auto all = folder_.list("snapshot-" + hex(snapshot.name) + '-');
  if (!all) return all.error();
  // What is no longer complete first, then its chunks.
  for (std::size_t i = 0; done && i + std::max(generations, 1u) < all->size(); ++i) {
    done = folder_.remove((*all)[i]);
  }
  const auto left = folder_.list("chunk-" + hex(snapshot.name) + '-');
  if (!left) return left.error();
  for (const std::string& name : *left) {
    const Result<bool> kept = is_complete(snapshot_in(name));
    if (!kept) return kept.error();
    if (done && !*kept) done = folder_.remove(name);
  }
  return done;
}

Result<std::vector<Snapshot>> FolderStore::snapshots() {
  const auto names = folder_.list("snapshot-");
  if (!names) return names.error();
  std::vector<Snapshot> all;
  for (const std::string& name : *names) all.push_back(snapshot_in(name));
  std::sort(all.begin(), all.end(), [](const Snapshot& a, const Snapshot& b) {
    return a.name != b.name ? a.name < b.name : a.position > b.position;
  });
  return all;
}

Result<std::vector<std::byte>> FolderStore::chunk(const Snapshot& snapshot, std::uint32_t number) {
  const auto marks = folder_.list(chunks_of("snapshot-", snapshot));
  if (!marks) return marks.error();
  if (marks->empty() || number >= snapshot_in(marks->front()).chunks) return wrong("no such chunk");
  const std::string name = chunks_of("chunk-", snapshot) + digits(number);
  const auto names = folder_.list(name);
  if (!names) return names.error();
  if (!names->empty()) return folder_.get(name);
  return Error{ErrorCode::damaged_journal, name + ": is missing"};
}

Result<void> FolderStore::drop(std::string_view name) {
  const auto locked = lock_as_owner();
  if (!locked) return locked.error();
  Result<void> done = remove_all("snapshot-" + hex(name) + '-');
  return done ? remove_all("chunk-" + hex(name) + '-') : done;
}

// What says that it is complete goes first: what is left of it then counts for nothing.
Result<void> FolderStore::drop_one(const Snapshot& snapshot) {
  const auto locked = lock_as_owner();
  if (!locked) return locked.error();
  Result<void> done = remove_all(chunks_of("snapshot-", snapshot));
  return done ? remove_all(chunks_of("chunk-", snapshot)) : done;
}
