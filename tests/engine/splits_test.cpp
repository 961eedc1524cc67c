// SPDX-License-Identifier: Apache-2.0
// S24: sticky random choice.
#include <fmt/format.h>

#include <map>

#include "base/buckets.hpp"
#include "support/host.hpp"
#include "support/vectors.hpp"

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

namespace {

// One of many variants of equal steps, named by their numbers; `more` says whom it is about.
std::string experiment(const std::vector<std::string>& weights, std::string_view more) {
  std::string text =
      fmt::format("campaign: c\nentry: [host]\nsteps:\n  - id: arm\n{}    split:\n", more);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    text += fmt::format("      - {{variant: v{0}, weight: {1}, steps: [{{send: id, id: v{0}}}]}}\n",
                        i, weights[i]);
  }
  return text + "  - {send: id, id: all}\n";
}

// "v1", or "out".
std::string lands(Host& host, const std::string& contact) {
  host.enter("c", {}, contact);
  const Lines sent = host.take();
  return sent.size() == 1 ? "out" : sent.front().substr(0, sent.front().find('@'));
}

std::string percent(const std::string& ten_thousandths) {
  return fmt::format("{:.2f}%", std::stod(ten_thousandths) / 100);
}

}  // namespace

TEST_CASE("split: GrowthBook's published runs, with coverage and namespaces", "[engine][S24]") {
  for (const auto& row : vectors_of("growthbook.tsv", "run")) {
    INFO(row[0] << ' ' << row[1] << ' ' << row[4] << ' ' << row[5]);
    std::string more = fmt::format("    seed: {}\n    coverage: {}\n    hash: {}\n", row[1],
                                   percent(row[4]), row[2] == "1" ? "growthbook-v1" : "growthbook");
    if (row[5] != "-") {
      const auto space = split_at(row[5], ',');
      more += fmt::format("    namespace: {{id: {}, from: {}, to: {}}}\n", space[0],
                          percent(space[1]), percent(space[2]));
    }
    Host host(experiment(split_at(row[3], ','), more));
    CHECK(lands(host, row[0]) == (row[6] == "out" ? "out" : "v" + row[6]));
  }
}

TEST_CASE("split: GrowthBook's published namespaces", "[engine][S24]") {
  for (const auto& row : vectors_of("growthbook.tsv", "namespace")) {
    INFO(row[0] << ' ' << row[1] << ' ' << row[2]);
    Host host(experiment({"1"}, fmt::format("    namespace: {{id: {}, from: {}, to: {}}}\n", row[1],
                                            percent(row[2]), percent(row[3]))));
    CHECK(lands(host, row[0]) == (row[4] == "in" ? "v0" : "out"));
    const Lines told = host.told({"not_assigned", "assigned"});
    CHECK(told == Lines{row[4] == "in" ? "assigned arm" : "not_assigned (namespace) arm"});
  }
}

TEST_CASE("split: Optimizely's published vectors decide the arm", "[engine][S24]") {
  for (const auto& row : vectors_of("optimizely.tsv")) {
    INFO(row[0]);
    const int bucket = std::stoi(row[2]);
    const auto weights = [](int low) {
      return Lines{std::to_string(low), std::to_string(10'000 - low)};
    };
    const std::string more = fmt::format("    hash: optimizely\n    seed: \"{}\"\n", row[1]);
    Host below(experiment(weights(bucket), more));
    CHECK(lands(below, row[0]) == "v1");
    Host above(experiment(weights(bucket + 1), more));
    CHECK(lands(above, row[0]) == "v0");
    // An exclusion group's experiment is drawn in the same way.
    const auto part = [&](int from, int to) {
      return fmt::format(
          "    hash: optimizely\n    seed: x\n    namespace: {{id: \"{}\", from: {:.2f}%, to: "
          "{:.2f}%}}\n",
          row[1], from / 100.0, to / 100.0);
    };
    Host outside(experiment({"1"}, part(0, bucket)));
    CHECK(lands(outside, row[0]) == "out");
    Host inside(experiment({"1"}, part(bucket, bucket + 1)));
    CHECK(lands(inside, row[0]) == "v0");
  }
}

TEST_CASE("split: experiments of one namespace share nobody", "[engine][S24]") {
  Host one(experiment({"1", "1"}, "    namespace: {id: checkout, to: 40%}\n"));
  Host two(experiment({"1", "1"}, "    namespace: {id: checkout, from: 40%}\n"));
  int in_one = 0;
  for (int i = 0; i < 300; ++i) {
    const std::string contact = fmt::format("u{}", i);
    const bool first = lands(one, contact) != "out";
    CHECK((lands(two, contact) != "out") != first);
    in_one += first ? 1 : 0;
  }
  CHECK(in_one > 90);
  CHECK(in_one < 150);
}

TEST_CASE("split: who has a variant keeps it, whatever the coverage becomes", "[engine][S24]") {
  Host host(experiment({"1", "1"}, ""));
  std::map<std::string, std::string> arms;
  for (int i = 0; i < 40; ++i) arms[fmt::format("u{}", i)] = lands(host, fmt::format("u{}", i));
  host.publish(
      "campaign: c\nversion: 2\n" +
      experiment({"1", "1"}, "    coverage: 1%\n    namespace: {id: n, to: 1%}\n").substr(12));
  host.crash();
  for (const auto& [contact, arm] : arms) CHECK(lands(host, contact) == arm);
  int out = 0;
  for (int i = 40; i < 80; ++i) out += lands(host, fmt::format("u{}", i)) == "out" ? 1 : 0;
  CHECK(out == 40);
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
