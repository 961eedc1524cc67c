// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pthread.h>

#include <csignal>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "itinera/result.hpp"

namespace itinera::runtime {

// The calling thread gets no signals as long as it lives.
class NoSignals {
 public:
  NoSignals() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  NoSignals(const NoSignals&) = delete;
  NoSignals& operator=(const NoSignals&) = delete;
  ~NoSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

// A thread that gets no signals: they are the host's, whose handlers and waits are in its own.
// Error: io_failed (the system gives no more threads).
template <class Work>
Result<std::thread> quiet_thread(Work work) {
  const NoSignals inherited;
  try {
    return std::thread(std::move(work));
  } catch (const std::system_error& refused) {
    return Error{ErrorCode::io_failed, std::string("cannot start a thread: ") + refused.what()};
  }
}

}  // namespace itinera::runtime
