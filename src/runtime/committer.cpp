// SPDX-License-Identifier: Apache-2.0
#include "runtime/committer.hpp"

#include <pthread.h>

#include <csignal>
#include <utility>

#include "record/frame.hpp"

namespace itinera::runtime {
namespace {

// One instant may write more than anybody wants to read at once. So much, or one frame, is one
// group.
constexpr std::size_t group_bytes_max = 16u << 20;
static_assert(group_bytes_max <= Store::group_bytes_max);
static_assert(record::frame_size_max <= Store::group_bytes_max);

// How many bytes of `frames`, which begin with a frame, become one group: whole frames.
std::size_t next_group(std::span<const std::byte> frames) {
  if (frames.size() <= group_bytes_max) return frames.size();
  record::FrameReader reader(frames);
  record::Frame frame;
  std::size_t size = 0;
  while (reader.next(frame) == record::FrameReader::Outcome::frame) {
    if (size > 0 && reader.position() > group_bytes_max) break;
    size = reader.position();
  }
  return size;
}

// A thread that gets no signals: they are the host's, whose handlers and waits are in its own.
template <class Work>
std::thread quiet_thread(Work work) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread(std::move(work));
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace

Committer::Committer(std::unique_ptr<Store> store)
    : store_(std::move(store)), thread_(quiet_thread([this] { work(); })) {}

Committer::~Committer() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  arrival_.notify_one();
  thread_.join();
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

void Committer::work() {
  std::vector<std::byte> group;
  std::unique_lock lock(mutex_);
  for (;;) {
    arrival_.wait(lock, [&] { return !arrived_.empty() || closing_; });
    if (arrived_.empty()) return;
    group.swap(arrived_);
    lock.unlock();
    const Result<void> appended = append(group);
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

Result<void> Committer::append(std::span<const std::byte> frames) {
  while (!frames.empty()) {
    const std::size_t size = next_group(frames);
    const Result<Position> position = store_->append(frames.first(size));
    if (!position) return position.error();
    frames = frames.subspan(size);
  }
  return {};
}

}  // namespace itinera::runtime
