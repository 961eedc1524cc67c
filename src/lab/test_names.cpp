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
#include "insight/words.hpp"
#include "lab/expectation.hpp"
#include "model/walk.hpp"

namespace itinera::lab {
namespace {

using Names = std::vector<std::string>;

// The most ways to go on that a step has beside its lists of steps: what a send may hear.
constexpr std::size_t reactions_max = 6;

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
    reasons_ = reason_names();
    // Of ids that are linked.
    reasons_.insert(reasons_.end(), {"anonymous", "relinked"});
    for (const Campaign& campaign : loaded.campaigns) {
      campaigns_.push_back(campaign.name);
      for (const Goal& goal : campaign.goals) goals_.push_back(goal.name);
      model::for_each_step(campaign.steps, [&](const Step& step) {
        steps_.push_back(step.id);
        add_reasons(step);
        const auto* const split = std::get_if<Split>(&step.kind);
        if (split == nullptr) return;
        Names& variants = splits_[campaign.name][step.id];
        for (const Variant& variant : split->variants) variants.push_back(variant.name);
      });
    }
    for (Names* names : {&steps_, &reasons_, &goals_}) {
      std::erase(*names, "");
      std::sort(names->begin(), names->end());
      names->erase(std::unique(names->begin(), names->end()), names->end());
    }
  }

  Diagnostics look_at(const yaml::TestCase& test) {
    found_.clear();
    if (!test.readable) return {};
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
    return std::move(found_);
  }

 private:
  // What a decision on the step may say beside the reasons that the engine has.
  void add_reasons(const Step& step) {
    if (const auto* const exit = std::get_if<Exit>(&step.kind)) reasons_.push_back(exit->reason);
    reasons_.emplace_back(kind_name(step));
    std::size_t ways = reactions_max;
    model::for_each_list(step, [&](const Steps&) { ++ways; });
    for (std::size_t way = 0; way < ways; ++way) {
      reasons_.emplace_back(insight::choice_of(step, static_cast<std::uint16_t>(way)));
    }
  }

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
    if (wanted.goal) look_for("goal", *wanted.goal, goals_, wanted.location);
    // That of a consent is where it comes from, by its author's words.
    const bool is_free = wanted.kind == Kind::not_sent || wanted.name == "consent_set";
    if (wanted.reason && !is_free) {
      look_for("reason", *wanted.reason, reasons_, wanted.location);
    }
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
  Names goals_;    // of all campaigns
  Names reasons_;  // those of the engine, and what steps of all campaigns say
  std::map<std::string, std::map<std::string, Names>> splits_;  // by campaign: variants
  Diagnostics found_;
};

}  // namespace

std::vector<Diagnostics> unknown_names(std::span<const yaml::TestCase> tests,
                                       const LoadedWorkspace& loaded) {
  Search search(loaded);
  std::vector<Diagnostics> found;
  for (const yaml::TestCase& test : tests) found.push_back(search.look_at(test));
  return found;
}

}  // namespace itinera::lab
