// SPDX-License-Identifier: Apache-2.0
// Counts what a test program allocates, by replacing the global operators: for one file of a
// program only.
#pragma once

#include <malloc.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace itinera::test {

inline std::atomic<std::int64_t> allocations{0};
inline std::atomic<std::int64_t> live_bytes{0};

inline void* counted(std::size_t size) noexcept {
  void* const memory = std::malloc(size == 0 ? 1 : size);
  ++allocations;
  live_bytes += static_cast<std::int64_t>(malloc_usable_size(memory));
  return memory;
}

inline void* counted_or_throw(std::size_t size) {
  if (void* const memory = counted(size)) return memory;
  throw std::bad_alloc();
}

inline void give_back(void* memory) noexcept {
  live_bytes -= static_cast<std::int64_t>(malloc_usable_size(memory));
  std::free(memory);
}

}  // namespace itinera::test

// The whole family: a sanitizer's own forms do not call these, and it finds pairs that differ.
void* operator new(std::size_t size) { return itinera::test::counted_or_throw(size); }
void* operator new[](std::size_t size) { return itinera::test::counted_or_throw(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return itinera::test::counted(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return itinera::test::counted(size);
}
void operator delete(void* memory) noexcept { itinera::test::give_back(memory); }
void operator delete[](void* memory) noexcept { itinera::test::give_back(memory); }
void operator delete(void* memory, std::size_t) noexcept { itinera::test::give_back(memory); }
void operator delete[](void* memory, std::size_t) noexcept { itinera::test::give_back(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept {
  itinera::test::give_back(memory);
}
void operator delete[](void* memory, const std::nothrow_t&) noexcept {
  itinera::test::give_back(memory);
}
