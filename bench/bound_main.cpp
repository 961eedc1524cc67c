// SPDX-License-Identifier: Apache-2.0
// itinera_bound [N [repetitions]]: both workloads through the hand-coded bound.
#include <fmt/format.h>

#include <charconv>
#include <cstring>

#include "bound.hpp"

namespace {

// False if `text` is no number from 1 to `most`.
bool parse(const char* text, std::uint64_t most, std::uint64_t& number) {
  const char* end = text + std::strlen(text);
  const auto [stop, error] = std::from_chars(text, end, number);
  return error == std::errc{} && stop == end && number >= 1 && number <= most;
}

}  // namespace

int main(int argc, char** argv) {
  namespace bench = itinera::bench;
  std::uint64_t contacts = 1'000'000;
  std::uint64_t repetitions = 5;
  if (argc > 3 || (argc > 1 && !parse(argv[1], 100'000'000, contacts)) ||
      (argc > 2 && !parse(argv[2], 1'000, repetitions))) {
    fmt::print(stderr, "usage: itinera_bound [N up to 100000000 [repetitions up to 1000]]\n");
    return 2;
  }
  const int times = static_cast<int>(repetitions);

  const auto cart = bench::CartRecovery::make(contacts);
  const auto cart_result = bench::repeat_cart(times, [&] { return bench::run_bound(cart); });
  bench::print_cart("bound", cart, cart_result);

  const auto fanout = bench::BroadcastFanout::make(contacts);
  const auto fanout_result = bench::repeat_fanout(times, [&] { return bench::run_bound(fanout); });
  bench::print_fanout("bound", fanout, fanout_result);
  return cart_result.run.ok && fanout_result.run.ok ? 0 : 1;
}
