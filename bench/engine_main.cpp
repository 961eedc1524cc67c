// SPDX-License-Identifier: Apache-2.0
// itinera_bench [N [repetitions]]: both workloads through the engine, beside the bound at the
// beginning and the end of the same run.
#include <fmt/format.h>
#ifdef __GLIBC__
#include <malloc.h>
#include <sys/mman.h>
#endif

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "bound.hpp"
#include "engine_run.hpp"

namespace {

namespace bench = itinera::bench;

bool parse(const char* text, std::uint64_t most, std::uint64_t& number) {
  const char* const end = text + std::strlen(text);
  const auto [stop, error] = std::from_chars(text, end, number);
  return error == std::errc{} && stop == end && number >= 1 && number <= most;
}

// The heap gets what the bound's tables get: memory on huge pages, touched before any clock starts,
// which stays with the process. A host gets the first by GLIBC_TUNABLES=glibc.malloc.hugetlb=1.
void prepare_memory([[maybe_unused]] std::uint64_t contacts) {
#ifdef __GLIBC__
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, -1);
  constexpr std::size_t page = std::size_t{2} << 20;
  const std::size_t size = 32 * page + contacts * 2048;
  void* const heap = std::malloc(size);
  if (heap == nullptr) return;
  void* begin = heap;
  std::size_t room = size;
  std::align(page, size - page, begin, room);
  madvise(begin, room / page * page, MADV_HUGEPAGE);
  std::memset(heap, 0, size);
  std::free(heap);
#endif
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t contacts = 1'000'000;
  std::uint64_t repetitions = 3;
  if (argc > 3 || (argc > 1 && !parse(argv[1], 100'000'000, contacts)) ||
      (argc > 2 && !parse(argv[2], 1'000, repetitions))) {
    fmt::print(stderr, "usage: itinera_bench [N up to 100000000 [repetitions up to 1000]]\n");
    return 2;
  }
  prepare_memory(contacts);
  const int times = static_cast<int>(repetitions);
  const auto cart = bench::CartRecovery::make(contacts);
  const auto bound_before = bench::repeat_cart(times, [&] { return bench::run_bound(cart); });
  bench::print_cart("bound, before", cart, bound_before);
  auto engine = bench::repeat_cart(times, [&] { return bench::run_engine(cart); });
  const bool audited = bench::audit_engine(cart) == cart.expected;
  engine.run.ok = engine.run.ok && audited;
  const bench::Memory memory = bench::measure_memory(cart);
  engine.run.bytes_per_journey = memory.bytes_per_journey;
  engine.run.bytes_per_contact = memory.bytes_per_contact;
  bench::print_cart("engine", cart, engine);
  const auto bound_after = bench::repeat_cart(times, [&] { return bench::run_bound(cart); });
  bench::print_cart("bound, after", cart, bound_after);
  const double bound_ns =
      (bench::ns_per_input(cart, bound_before.run) + bench::ns_per_input(cart, bound_after.run)) /
      2;
  const double engine_ns = bench::ns_per_input(cart, engine.run);
  fmt::print("cart    N={:<9} engine / bound = {:.2f}  ({:.1f} ns / {:.1f} ns per input)\n",
             contacts, engine_ns / bound_ns, engine_ns, bound_ns);

  const auto free = bench::repeat_cart(times, [&] { return bench::run_consented(cart, false); });
  bench::print_cart("free", cart, free);
  const auto ruled = bench::repeat_cart(times, [&] { return bench::run_consented(cart, true); });
  bench::print_cart("policy", cart, ruled);
  fmt::print("policy  N={:<9} with / without = {:.2f}\n", contacts,
             ruled.run.seconds / free.run.seconds);
  fmt::print(
      "policy  N={:<9} bytes of a contact no cap has counted for: {:.2f} with, {:.2f} without\n",
      contacts, bench::bytes_per_contact(cart, true), memory.bytes_per_contact);

  const auto fanout = bench::BroadcastFanout::make(contacts);
  const auto fanout_bound = bench::repeat_fanout(times, [&] { return bench::run_bound(fanout); });
  bench::print_fanout("bound", fanout, fanout_bound);
  const auto fanout_engine = bench::repeat_fanout(times, [&] { return bench::run_engine(fanout); });
  bench::print_fanout("engine", fanout, fanout_engine);
  fmt::print("fanout  N={:<9} engine / bound = {:.2f}\n", contacts,
             fanout_engine.run.seconds() / fanout_bound.run.seconds());
  return engine.run.ok && free.run.ok && ruled.run.ok && fanout_engine.run.ok &&
                 bound_before.run.ok && bound_after.run.ok && fanout_bound.run.ok
             ? 0
             : 1;
}
