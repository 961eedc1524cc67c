// SPDX-License-Identifier: Apache-2.0
#include "runtime/committer.hpp"

#include <exception>
#include <new>
#include <string>
#include <utility>

#include "record/frame.hpp"
#include "runtime/quiet_thread.hpp"

namespace itinera::runtime {
namespace {

// One instant may write more than anybody wants to read at once. So much, or one frame, is one
// group.
constexpr std::size_t group_bytes_max = 16u << 20;
static_assert(group_bytes_max <= Store::group_bytes_max);
static_assert(record::frame_size_max <= Store::group_bytes_max);

// How many bytes of `frames`, which begin with a frame, become one group: whole frames, or where
// there is room whole instants.
std::size_t next_group(std::span<const std::byte> frames, bool whole_instants) {
  if (frames.size() <= group_bytes_max) return frames.size();
  record::FrameReader reader(frames);
  record::Frame frame;
  std::size_t size = 0;  // where it may end
  std::size_t read = 0;
  Instant at = earliest_instant;
  while (reader.next(frame) == record::FrameReader::Outcome::frame) {
    const bool begins = !whole_instants || frame.at != at;
    if (begins && read > 0) size = read;
    if (size > 0 && reader.position() > group_bytes_max) return size;
    if (reader.position() > Store::group_bytes_max) return read;
    at = frame.at;
    read = reader.position();
  }
  return read;
}

// What leaves a store of the host's would end the process on this thread.
template <class Call>
Result<void> guarded(const Call& call) {
  try {
    return call();
  } catch (const std::exception& thrown) {
    return Error{ErrorCode::io_failed, std::string("the store threw: ") + thrown.what()};
  } catch (...) {
    return Error{ErrorCode::io_failed, "the store threw"};
  }
}

// What is done for somebody else may find no memory, and changes nothing then that counts.
Result<void> done_for(const std::function<Result<void>(Store&)>& work, Store& store) {
  try {
    return work(store);
  } catch (const std::bad_alloc&) {
    return Error{ErrorCode::limit_reached, "no memory is left"};
  }
}

}  // namespace

Committer::Committer(std::unique_ptr<Store> store) : store_(std::move(store)) {
  Result<std::thread> started = quiet_thread([this] { work(); });
  if (started) {
    thread_ = std::move(*started);
  } else {
    failure_ = started.error();
  }
}

Committer::~Committer() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  arrival_.notify_one();
  if (thread_.joinable()) thread_.join();
}

Committer::Mark Committer::submit(std::span<const std::byte> frames) {
  Mark mark = 0;
  {
    const std::lock_guard lock(mutex_);
    if (!failure_) {
      arrived_.insert(arrived_.end(), frames.begin(), frames.end());
      submitted_ += frames.size();
    }
    mark = submitted_;
  }
  arrival_.notify_one();
  return mark;
}

void Committer::keep_instants_whole() {
  const std::lock_guard lock(mutex_);
  whole_instants_ = true;
}

Result<void> Committer::wait(Mark mark) {
  std::unique_lock lock(mutex_);
  progress_.wait(lock, [&] { return durable_ >= mark || failure_; });
  if (failure_) return *failure_;
  return {};
}

Committer::Mark Committer::durable() const {
  const std::lock_guard lock(mutex_);
  return durable_;
}

Committer::Mark Committer::submitted() const {
  const std::lock_guard lock(mutex_);
  return submitted_;
}

std::optional<Error> Committer::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

Result<void> Committer::use(const std::function<Result<void>(Store&)>& work) {
  std::unique_lock lock(mutex_);
  progress_.wait(lock, [&] { return use_ == nullptr; });
  if (failure_) return *failure_;
  Use use{&work, std::nullopt};
  use_ = &use;
  arrival_.notify_one();
  progress_.wait(lock, [&] { return use.outcome.has_value(); });
  return *use.outcome;
}

void Committer::work() {
  std::vector<std::byte> group;
  std::unique_lock lock(mutex_);
  for (;;) {
    arrival_.wait(lock, [&] { return !arrived_.empty() || use_ != nullptr || closing_; });
    if (use_ != nullptr) be_used(lock);
    if (arrived_.empty()) {
      if (closing_) return;
      continue;
    }
    group.swap(arrived_);
    const bool whole_instants = whole_instants_;
    lock.unlock();
    const Result<void> appended = guarded([&] { return append(group, whole_instants); });
    const std::size_t size = group.size();
    group.clear();
    lock.lock();
    if (appended) {
      durable_ += size;
    } else {
      failure_ = appended.error();
      arrived_.clear();
    }
    progress_.notify_all();
  }
}

// After each group comes whoever waits, so that neither waits for ever.
void Committer::be_used(std::unique_lock<std::mutex>& lock) {
  Use& use = *use_;
  const std::optional<Error> failed = failure_;
  lock.unlock();
  Result<void> outcome =
      failed ? Result<void>(*failed) : guarded([&] { return done_for(*use.work, *store_); });
  lock.lock();
  use.outcome = std::move(outcome);
  use_ = nullptr;
  progress_.notify_all();
}

Result<void> Committer::append(std::span<const std::byte> frames, bool whole_instants) {
  while (!frames.empty()) {
    const std::size_t size = next_group(frames, whole_instants);
    const Result<Position> position = store_->append(frames.first(size));
    if (!position) return position.error();
    frames = frames.subspan(size);
  }
  return {};
}

}  // namespace itinera::runtime
