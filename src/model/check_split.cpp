// SPDX-License-Identifier: Apache-2.0
// A split by itself: its variants, and whom it is about.
#include <fmt/format.h>

#include <set>
#include <vector>

#include "base/buckets.hpp"
#include "model/step_voice.hpp"

namespace itinera::model {
namespace {

constexpr std::uint64_t weights_max = 1'000'000'000;  // together

class SplitCheck : public StepVoice {
 public:
  SplitCheck(const Subject& subject, Findings& findings) : StepVoice(subject, findings) {}

  void check(const Split& split) {
    check_variants(split);
    check_hash(split);
    if (split.coverage > base::buckets) {
      bad("coverage", "a coverage of more than 100%", "leave it out for everybody");
    } else if (split.coverage == 0) {
      odd(word("coverage"), "a coverage of 0% lets nobody in", "remove the split, or cover some");
    }
    if (split.space) check_space(*split.space);
  }

 private:
  void check_variants(const Split& split) {
    if (split.variants.empty()) {
      bad_weights("a split needs variants", "write `split: [{variant: a, weight: 50}, ...]`");
      return;
    }
    std::set<std::string_view> names;
    std::uint64_t total = 0;
    bool any_steps = false;
    for (const Variant& variant : split.variants) {
      total += variant.weight;
      any_steps = any_steps || !variant.steps.empty();
      if (!findings_.name(variant.at, "variant", variant.name, subject_.limits.id_bytes)) continue;
      if (!names.insert(variant.name).second) {
        say(ErrorCode::duplicate_name, variant.at,
            fmt::format("variant '{}' is there twice", variant.name), "rename one of them");
      }
    }
    if (total == 0 || total > weights_max) {
      bad_weights(total == 0 ? "the weights of a split add up to nothing"
                             : "the weights of a split add up to more than a thousand million",
                  "weights are shares, such as 50 and 50");
      return;
    }
    if (!any_steps) {
      odd(word("split"), "all variants do the same: none has steps", "give one of them `steps`");
    }
    check_shares(split);
  }

  void bad_weights(std::string_view message, std::string hint) {
    if (!partly_) say(ErrorCode::bad_weights, word("split"), message, std::move(hint));
  }

  // A weight of 0 is how a variant is wound down, so it is no finding; a positive one without a
  // bucket is.
  void check_shares(const Split& split) {
    std::vector<std::uint32_t> weights;
    for (const Variant& variant : split.variants) weights.push_back(variant.weight);
    const std::uint32_t coverage = split.coverage == 0 ? base::buckets : split.coverage;
    const std::vector<base::BucketRange> ranges = base::ranges_of(weights, coverage);
    for (std::size_t i = 0; i < ranges.size(); ++i) {
      if (weights[i] == 0 || ranges[i].from < ranges[i].to) continue;
      odd(split.variants[i].at,
          fmt::format("variant '{}' is too light to get any of {} buckets", split.variants[i].name,
                      base::buckets),
          "give it a larger share, or 0 to wind it down");
    }
  }

  void check_hash(const Split& split) {
    if (split.hash > Split::Hash::growthbook_v1) {
      bad("hash", "there is no such hash", "write growthbook, optimizely or growthbook-v1");
    } else if (split.hash == Split::Hash::growthbook_v1) {
      odd(word("hash"),
          "by growthbook-v1, who is in a variant of one experiment all but decides who is in which "
          "of another",
          "keep it only for an experiment that runs; the default is sound");
    } else if (split.hash == Split::Hash::optimizely && split.seed.empty()) {
      odd(word("hash"), "optimizely draws by the id of its experiment, and there is none",
          "write that id as `seed`");
    }
  }

  void check_space(const SplitSpace& space) {
    findings_.name(word("namespace"), "namespace", space.id, subject_.limits.id_bytes);
    if (space.from >= space.to || space.to > base::buckets) {
      bad("namespace", "a namespace's part must begin before it ends, and within 0% and 100%",
          "write `namespace: {id: checkout, from: 0%, to: 40%}`");
    }
  }
};

}  // namespace

void check_split(const Subject& subject, const Step& step, const Split& split, Findings& findings) {
  SplitCheck check(subject, findings);
  check.speak_of(step);
  check.check(split);
}

}  // namespace itinera::model
