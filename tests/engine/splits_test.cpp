// SPDX-License-Identifier: Apache-2.0
// S24: sticky random choice.
#include <fmt/format.h>

#include <map>

#include "base/stable_hash.hpp"
#include "support/host.hpp"

namespace itinera::test {
namespace {

// `variants`: name and weight in turn, say "a 50 b 50".
std::string campaign(std::initializer_list<std::pair<const char*, int>> variants, int version = 1,
                     std::string_view seed = "") {
  std::string text =
      fmt::format("campaign: c\nversion: {}\nentry: [host]\nsteps:\n  - id: arm\n{}    split:\n",
                  version, seed.empty() ? "" : fmt::format("    seed: {}\n", seed));
  for (const auto& [name, weight] : variants) {
    text += fmt::format("      - {{variant: {0}, weight: {1}, steps: [{{send: id, id: {0}}}]}}\n",
                        name, weight);
  }
  return text;
}

std::string arm_of(Host& host, const std::string& contact) {
  host.enter("c", {}, contact).take();
  return host.actions().back().step;
}

}  // namespace

TEST_CASE("split: GrowthBook's published vectors decide the arm", "[engine][S24]") {
  struct Row {
    const char* seed;
    const char* contact;
    int bucket;
  };
  const Row row = GENERATE(Row{"seed", "a", 505}, Row{"seed", "b", 2696}, Row{"foo", "ab", 2575},
                           Row{"foo", "def", 2019});
  // The first variant whose end exceeds the bucket.
  Host just_below(campaign({{"low", row.bucket}, {"high", 10'000 - row.bucket}}, 1, row.seed));
  CHECK(arm_of(just_below, row.contact) == "high");
  Host just_above(
      campaign({{"low", row.bucket + 1}, {"high", 10'000 - row.bucket - 1}}, 1, row.seed));
  CHECK(arm_of(just_above, row.contact) == "low");
}

TEST_CASE(
    "split: the default seed is campaign and step, and ends are floors of the cumulative "
    "weight",
    "[engine][S24]") {
  Host host(campaign({{"a", 1}, {"b", 1}, {"none", 0}, {"c", 1}}));
  std::map<std::string, int> seen;
  for (int i = 0; i < 3000; ++i) {
    const std::string contact = fmt::format("u{}", i);
    const std::uint32_t bucket = base::bucket_of("c/arm", contact);
    const std::string wanted = bucket < 3333 ? "a" : bucket < 6666 ? "b" : "c";
    const std::string arm = arm_of(host, contact);
    CHECK(arm == wanted);
    ++seen[arm];
  }
  CHECK(seen.size() == 3);
  for (const auto& [arm, count] : seen) CHECK(count > 900);
}

TEST_CASE("split: a change of weights moves only the changed ranges of those who come anew",
          "[engine][S24]") {
  Host old_weights(campaign({{"a", 50}, {"b", 50}}));
  Host new_weights(campaign({{"a", 60}, {"b", 40}}));
  for (int i = 0; i < 500; ++i) {
    const std::string contact = fmt::format("u{}", i);
    const std::uint32_t bucket = base::bucket_of("c/arm", contact);
    const bool moves = bucket >= 5000 && bucket < 6000;
    CHECK((arm_of(old_weights, contact) != arm_of(new_weights, contact)) == moves);
  }
}

TEST_CASE("split: an assignment is kept across re-entry, a change of weights and a restart",
          "[engine][S24]") {
  Host host(campaign({{"a", 50}, {"b", 50}}));
  std::map<std::string, std::string> arms;
  for (int i = 0; i < 50; ++i) {
    const std::string contact = fmt::format("u{}", i);
    arms[contact] = arm_of(host, contact);
    CHECK(arm_of(host, contact) == arms[contact]);
  }
  host.publish(campaign({{"a", 1}, {"c", 98}, {"b", 1}}, 2)).crash();
  for (const auto& [contact, arm] : arms) CHECK(arm_of(host, contact) == arm);
  // A variant that is gone, or that has no weight any more, keeps nobody.
  host.publish(campaign({{"a", 0}, {"c", 1}}, 3));
  for (const auto& [contact, arm] : arms) CHECK(arm_of(host, contact) == "c");
}

TEST_CASE("split: the decision names the variant", "[engine][S24]") {
  Host host(campaign({{"only", 7}}));
  host.enter("c");
  for (const Told& each : host.story()) {
    if (each.what == "assigned") CHECK(each.choice == "only");
  }
  CHECK(host.told({"assigned"}) == Lines{"assigned arm"});
}

}  // namespace itinera::test
