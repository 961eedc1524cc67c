// SPDX-License-Identifier: Apache-2.0
// Threads that do a number of things side by side.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace itinera::runtime {

// Whoever calls each() is one of them: a crew of one has no thread of its own.
class Crew {
 public:
  // Where the system gives fewer threads there are fewer.
  explicit Crew(std::uint32_t size);
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  ~Crew();

  // Calls work(i) once for each i below `count`, on any of the threads, and returns when all are
  // done. What is thrown leaves here, after all are done: of several that of the lowest i. One call
  // at a time.
  void each(std::uint32_t count, const std::function<void(std::uint32_t)>& work);

 private:
  void stand_by();
  void take_part(std::unique_lock<std::mutex>& lock);

  std::mutex mutex_;  // of everything below
  std::condition_variable begin_;
  std::condition_variable done_;
  const std::function<void(std::uint32_t)>* work_ = nullptr;
  std::uint32_t count_ = 0;
  std::uint32_t next_ = 0;  // that nobody has begun
  std::uint32_t left_ = 0;  // that are not done
  std::exception_ptr thrown_;
  std::uint32_t thrown_by_ = 0;
  bool closing_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace itinera::runtime
