// SPDX-License-Identifier: Apache-2.0
#include "lab/test_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/nearest.hpp"
#include "lab/expectation.hpp"
#include "model/walk.hpp"

namespace itinera::lab {
namespace {

using Names = std::vector<std::string>;

bool has(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

class Search {
 public:
  explicit Search(const LoadedWorkspace& loaded) : whole_(!has_errors(loaded.diagnostics)) {
    for (int i = 0; i < static_cast<int>(Receipt::declared); ++i) {
      receipts_.emplace_back(name_of(static_cast<Receipt>(i)));
    }
    for (const Channel& channel : loaded.workspace.channels) {
      channels_.push_back(channel.name);
      receipts_.insert(receipts_.end(), channel.receipts.begin(), channel.receipts.end());
    }
    for (const Campaign& campaign : loaded.campaigns) {
      campaigns_.push_back(campaign.name);
      model::for_each_step(campaign.steps, [&](const Step& step) {
        steps_.push_back(step.id);
        const auto* const split = std::get_if<Split>(&step.kind);
        if (split == nullptr) return;
        Names& variants = splits_[campaign.name][step.id];
        for (const Variant& variant : split->variants) variants.push_back(variant.name);
      });
    }
    std::sort(steps_.begin(), steps_.end());
    steps_.erase(std::unique(steps_.begin(), steps_.end()), steps_.end());
  }

  void look_at(const yaml::TestCase& test) {
    if (!test.readable) return;
    if (whole_) look_at_campaign(test);
    for (const yaml::TestLine& line : test.timeline) {
      const auto* const report = std::get_if<yaml::TestReport>(&line.input);
      // A line that expects to be refused may well name what is not there.
      if (whole_ && report != nullptr && !line.error) {
        look_for("step", report->step, steps_, line.location);
        if (report->receipt == Receipt::declared) {
          look_for("receipt", report->declared, receipts_, line.location);
        }
      }
      if (!line.expect) continue;
      for (const yaml::Expectation& each : *line.expect) look_at(each);
    }
  }

  Diagnostics found() && { return std::move(found_); }

 private:
  void look_at_campaign(const yaml::TestCase& test) {
    look_for("campaign", test.campaign, campaigns_, test.at);
    const auto campaign = splits_.find(test.campaign);
    for (const auto& [split, variant] : test.variants) {
      Names splits;
      if (campaign != splits_.end()) {
        for (const auto& [name, variants] : campaign->second) splits.push_back(name);
      }
      look_for("split", split, splits, test.at);
      if (has(splits, split)) look_for("variant", variant, campaign->second[split], test.at);
    }
  }

  void look_at(const yaml::Expectation& wanted) {
    using Kind = yaml::Expectation::Kind;
    if (wanted.kind == Kind::decision || wanted.kind == Kind::absent) {
      look_for("decision", wanted.name, decision_names(), wanted.location);
    }
    if (!whole_) return;
    if (wanted.step) look_for("step", *wanted.step, steps_, wanted.location);
    if (wanted.channel) look_for("channel", *wanted.channel, channels_, wanted.location);
    if (wanted.campaign) look_for("campaign", *wanted.campaign, campaigns_, wanted.location);
  }

  void look_for(std::string_view what, const std::string& name, const Names& names,
                const SourceLocation& at) {
    if (has(names, name)) return;
    found_.push_back({Severity::error, ErrorCode::unknown_name, at,
                      fmt::format("there is no {} `{}`", what, name),
                      base::did_you_mean(name, names)});
  }

  bool whole_;
  Names campaigns_;
  Names steps_;  // of all campaigns
  Names channels_;
  Names receipts_;
  std::map<std::string, std::map<std::string, Names>> splits_;  // by campaign: variants
  Diagnostics found_;
};

}  // namespace

Diagnostics unknown_names(std::span<const yaml::TestCase> tests, const LoadedWorkspace& loaded) {
  Search search(loaded);
  for (const yaml::TestCase& test : tests) search.look_at(test);
  return std::move(search).found();
}

}  // namespace itinera::lab
