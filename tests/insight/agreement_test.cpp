// SPDX-License-Identifier: Apache-2.0
// What a story and a funnel make of the journals of a real engine is what that engine says itself.
#include <algorithm>

#include "support/host.hpp"

namespace itinera::test {
namespace {

constexpr std::string_view waits = R"(campaign: waits
entry: [{event: go}]
reentry: always
steps: [{wait: 1d, id: w}, {send: id, id: later}]
)";
// `contact` has had the device before all others.
Host& claim_earlier(Host& host, std::string_view device, std::string_view contact) {
  Alias claim = host.an_alias(device, contact);
  claim.envelope.occurred = host.clock() - hour_ms;
  return host.take_in(claim);
}

Host& forget(Host& host, std::string_view contact) {
  return host.take_in(Forget{contact, host.an_alias("").envelope});
}

}  // namespace

TEST_CASE("agreement: a journey by a device that goes over to another stays with the first",
          "[insight][story][S30]") {
  Host host(waits);
  const bool forgets = GENERATE(false, true);
  host.anonymous_event("go", "dev").alias("dev", "bob");
  claim_earlier(host, "dev", "ola");
  if (forgets) forget(host, "ola").event("go", {}, "eva").event("go", {}, "jan");
  host.after(day_ms).advance();
  CHECK(host.take().size() == (forgets ? 3 : 1));
  Lines told;
  for (const Told& each : host.story()) {
    if (each.what == "emitted") told.push_back(each.contact);
  }
  Lines taken;
  for (const Taken& each : host.actions()) taken.push_back(each.contact);
  CHECK(told == taken);
  CHECK(std::ranges::count(told, "bob") == 1);
}

}  // namespace itinera::test
