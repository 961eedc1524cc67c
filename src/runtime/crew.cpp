// SPDX-License-Identifier: Apache-2.0
#include "runtime/crew.hpp"

#include <utility>

#include "runtime/quiet_thread.hpp"

namespace itinera::runtime {

Crew::Crew(std::uint32_t size) {
  while (threads_.size() + 1 < size) {
    Result<std::thread> started = quiet_thread([this] { stand_by(); });
    if (!started) return;
    threads_.push_back(std::move(*started));
  }
}

Crew::~Crew() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  begin_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Crew::each(std::uint32_t count, const std::function<void(std::uint32_t)>& work) {
  std::unique_lock lock(mutex_);
  work_ = &work;
  count_ = left_ = count;
  next_ = 0;
  if (count > 1) begin_.notify_all();
  take_part(lock);
  done_.wait(lock, [this] { return left_ == 0; });
  work_ = nullptr;
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
}

void Crew::stand_by() {
  std::unique_lock lock(mutex_);
  for (;;) {
    begin_.wait(lock, [this] { return closing_ || next_ < count_; });
    if (closing_) return;
    take_part(lock);
  }
}

void Crew::take_part(std::unique_lock<std::mutex>& lock) {
  while (next_ < count_) {
    const std::uint32_t at = next_++;
    const auto& work = *work_;
    lock.unlock();
    std::exception_ptr thrown;
    try {
      work(at);
    } catch (...) {
      thrown = std::current_exception();
    }
    lock.lock();
    if (thrown && (!thrown_ || at < thrown_by_)) {
      thrown_ = thrown;
      thrown_by_ = at;
    }
    if (--left_ == 0) done_.notify_one();
  }
}

}  // namespace itinera::runtime
