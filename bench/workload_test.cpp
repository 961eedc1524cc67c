// SPDX-License-Identifier: Apache-2.0
#include "workload.hpp"

#include "bound.hpp"
#include "support/catch.hpp"

namespace itinera::bench {
namespace {

// Published results stand on these totals: a generator that makes others is another workload.
TEST_CASE("workload: cart-recovery of 10,000 contacts has the published totals", "[bench]") {
  const CartRecovery workload = CartRecovery::make(10'000);
  Totals totals;
  totals.timers = 18'160;
  totals.email = 6'987;
  totals.push = 2'801;
  totals.sms = 4'186;
  totals.converted = 3'013;
  totals.ended = 6'987;
  totals.sum_t = 1'134'528'246'915U;
  totals.sum_key = 14'404'578'696'014'832'623U;
  totals.sum_index = 125'609'469U;
  CHECK(workload.events.size() == 30'814);
  CHECK(workload.expected == totals);
}

TEST_CASE("workload: broadcast-fanout of 10,000 contacts has the published totals", "[bench]") {
  const Totals totals = BroadcastFanout::make(10'000).expected;
  CHECK(totals.email == 6'690);
  CHECK(totals.push == 6'670);
  CHECK(totals.sms == 6'640);
  CHECK(totals.timers == 20'000);
  CHECK(totals.sum_key == 3'316'008'124'259'521'530U);
  CHECK(totals.sum_index == 199'283'080U);
}

TEST_CASE("workload: events come by time and know their contact", "[bench]") {
  const CartRecovery workload = CartRecovery::make(1'000);
  for (std::size_t i = 0; i < workload.events.size(); ++i) {
    const Event& event = workload.events[i];
    REQUIRE(event.key() == key_of(event.contact()));
    REQUIRE((i == 0 || workload.events[i - 1].at_ms() <= event.at_ms()));
  }
  CHECK(contact_name(123) == "contact-000123");
  CHECK(contact_name(1'000'000) == "contact-1000000");
}

TEST_CASE("bound: reaches the totals of both workloads, however many contacts", "[bench]") {
  const std::uint64_t contacts = GENERATE(1U, 2U, 50U, 20'000U);
  CHECK(run_bound(CartRecovery::make(contacts)).ok);
  CHECK(run_bound(BroadcastFanout::make(contacts)).ok);
}

}  // namespace
}  // namespace itinera::bench
