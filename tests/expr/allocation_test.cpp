// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <cstdlib>
#include <new>

#include "expr/fake.hpp"

namespace {

std::atomic<long> allocations{0};

void* counted(std::size_t size) noexcept {
  ++allocations;
  return std::malloc(size == 0 ? 1 : size);
}

void* counted_or_throw(std::size_t size) {
  if (void* memory = counted(size)) return memory;
  throw std::bad_alloc();
}

}  // namespace

// The whole family: a sanitizer's own forms do not call these, and it finds pairs that differ.
void* operator new(std::size_t size) { return counted_or_throw(size); }
void* operator new[](std::size_t size) { return counted_or_throw(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return counted(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return counted(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }

namespace {

using namespace itinera;
using namespace itinera::expr;

TEST_CASE("evaluate: the common path allocates nothing", "[expr][allocation]") {
  const Program program = compiled(
      "event.total >= 50.0 && contact.tier in ['gold', 'silver'] && has(contact.name) &&"
      " contact.name.startsWith('A') && count('bought', '90d') >= 2 && !(event.total > 1000.0) &&"
      " contact.name != 'B' && now - timestamp('2026-01-01T00:00:00Z') > days(1) &&"
      " [1, 2, 3].exists(i, i == 2)");
  Fake activation({{"event.total", 60.0},
                   {"contact.tier", "silver"},
                   {"contact.name", "A name that is longer than any small string"},
                   {"bought", 2},
                   {"now", Timestamp{1'772'445'600, 0}}});
  Arena arena;
  const long before = allocations;
  for (int i = 0; i < 100; ++i) {
    const Truth truth = truth_of(program.evaluate(activation, arena));
    arena.reset();
    if (truth != Truth::yes) FAIL("wrong outcome");
  }
  CHECK(allocations - before == 0);
}

TEST_CASE("evaluate: an arena once grown is reused", "[expr][allocation]") {
  const Program program = compiled("[event.a, event.a].map(i, i + 1)");
  Fake activation({{"event.a", 1}});
  Arena arena;
  (void)program.evaluate(activation, arena);
  const long before = allocations;
  for (int i = 0; i < 100; ++i) {
    arena.reset();
    (void)program.evaluate(activation, arena);
  }
  CHECK(allocations - before == 0);
}

}  // namespace
