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
#include "itinera/needs.hpp"
#include "lab/expectation.hpp"
#include "lab/timeline.hpp"
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
    topics_ = loaded.workspace.topics;
    for (const auto& event : needs_of(loaded.workspace, loaded.campaigns).events) {
      if (!event.asked_by.empty()) events_.push_back(event.name);
    }
    reasons_ = reason_names();
    // Of ids that are linked.
    reasons_.insert(reasons_.end(), {"anonymous", "relinked"});
    for (const Campaign& campaign : loaded.campaigns) {
      campaigns_.push_back(campaign.name);
      files_.push_back(campaign.at.file);
      for (const Goal& goal : campaign.goals) goals_.push_back(goal.name);
      model::for_each_step(campaign.steps, [&](const Step& step) {
        steps_.push_back(step.id);
        steps_of_[campaign.name].push_back(step.id);
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
    if (whole_) {
      look_at_campaign(test);
      for (const yaml::TestContact& each : test.contacts) look_at(each.consents, each.at);
      if (test.policy) look_at(*test.policy);
    }
    for (const yaml::TestLine& line : test.timeline) {
      // A line that expects to be refused may well name what is not there.
      if (whole_ && !line.error) {
        std::visit([&](const auto& input) { look_at(input, line.input_at); }, line.input);
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

  template <class Input>
  void look_at(const Input&, const SourceLocation&) {}

  void look_at(const yaml::TestReport& report, const SourceLocation& at) {
    look_for("step", report.step, steps_, at);
    if (report.receipt == Receipt::declared) {
      look_for("receipt", report.declared, receipts_, at);
    }
  }
  void look_at(const yaml::TestEvent& event, const SourceLocation& at) {
    if (has(events_, event.name)) return;
    std::string hint = base::did_you_mean(event.name, events_);
    if (hint.empty()) return;
    found_.push_back({Severity::warning, ErrorCode::suspicious, at,
                      fmt::format("nothing listens to the event `{}`", event.name),
                      std::move(hint)});
  }
  void look_at(const yaml::TestIdentify& identify, const SourceLocation& at) {
    look_at(identify.consents, at);
  }
  void look_at(const yaml::TestSuppress& suppress, const SourceLocation& at) {
    look_for("channel", suppress.channel, channels_, at);
  }
  void look_at(const yaml::TestStart& start, const SourceLocation& at) {
    look_for("campaign", start.campaign, campaigns_, at);
  }
  void look_at(const yaml::TestStop& stop, const SourceLocation& at) {
    look_for("campaign", stop.campaign, campaigns_, at);
  }
  void look_at(const yaml::TestPause& pause, const SourceLocation& at) {
    look_for("campaign", pause.campaign, campaigns_, at);
  }
  void look_at(const yaml::TestResume& resume, const SourceLocation& at) {
    look_for("campaign", resume.campaign, campaigns_, at);
  }
  void look_at(const yaml::TestMove& move, const SourceLocation& at) {
    look_for("campaign", move.campaign, campaigns_, at);
    const auto steps = steps_of_.find(move.campaign);
    if (steps != steps_of_.end()) look_for("step", move.step, steps->second, at);
  }
  void look_at(const yaml::TestReassign& reassign, const SourceLocation& at) {
    look_for("step", reassign.step, steps_, at);
  }
  void look_at(const yaml::TestTakeOver& take_over, const SourceLocation& at) {
    look_for("step", take_over.step, steps_, at);
  }
  void look_at(const yaml::TestPublish& publish, const SourceLocation& at) {
    const bool known = std::any_of(files_.begin(), files_.end(), [&](const std::string& path) {
      return is_file(path, publish.file);
    });
    if (!known) look_for("file of a campaign", publish.file, files_, at);
  }
  void look_at(const std::vector<yaml::TestConsent>& consents, const SourceLocation& at) {
    for (const yaml::TestConsent& consent : consents) {
      look_for("channel", consent.channel, channels_, at);
      if (!consent.topic.empty() && !topics_.empty()) {
        look_for("topic", consent.topic, topics_, at);
      }
    }
  }

  void look_at(const Policy& policy) {
    for (const FrequencyCap& cap : policy.caps) look_at(cap.about, cap.at);
    for (const QuietHours& quiet : policy.quiet_hours) look_at(quiet.about, quiet.at);
  }
  void look_at(const MessageFilter& about, const SourceLocation& at) {
    for (const std::string& each : about.channels) look_for("channel", each, channels_, at);
    for (const std::string& each : about.campaigns) look_for("campaign", each, campaigns_, at);
    if (topics_.empty()) return;
    for (const std::string& each : about.topics) look_for("topic", each, topics_, at);
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
  Names steps_;                            // of all campaigns
  std::map<std::string, Names> steps_of_;  // by campaign
  Names files_;                            // of campaigns
  Names events_;                           // that something listens to
  Names channels_;
  Names topics_;
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
