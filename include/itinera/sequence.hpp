// SPDX-License-Identifier: Apache-2.0
// Steps written in C++, in the order they run: what CampaignBuilder takes (campaign_builder.hpp).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "itinera/result.hpp"
#include "itinera/step.hpp"
#include "itinera/step_options.hpp"
#include "itinera/value.hpp"

namespace itinera {

// What waits, goals and exits listen to.
Trigger event(std::string name);
Trigger condition(std::string cel);
Trigger receipt(Receipt receipt, std::string step);        // `step`: an id, or "any"
Trigger receipt(std::string_view name, std::string step);  // also one that a channel declares
Trigger entered(std::string segment);
Trigger left(std::string segment);
Trigger in_account(Trigger trigger);  // of whomever in the contact's account
inline Trigger opened(std::string step) { return receipt(Receipt::opened, std::move(step)); }
inline Trigger clicked(std::string step) { return receipt(Receipt::clicked, std::move(step)); }
inline Trigger replied(std::string step) { return receipt(Receipt::replied, std::move(step)); }

struct WaitForOptions;
struct WaitForCase;
struct BranchOptions;
struct BranchWay;
struct SplitOptions;
struct SplitWay;
struct CallOptions;
struct TaskOptions;

// Steps in the order they run. Copies freely; what is wrong in a text is kept until
// CampaignBuilder::build() reports it.
class Sequence {
 public:
  Sequence& send(std::string channel, const SendOptions& options = {});
  // By the one of them that suits the contact, or by one after the other.
  Sequence& send_by(std::vector<std::string> channels, const SendOptions& options = {});
  Sequence& send(std::initializer_list<const char*>, const SendOptions& = {}) = delete;
  Sequence& wait(std::string_view duration, const WaitOptions& options = {});
  Sequence& wait_until(std::string cel, const WaitOptions& options = {});
  Sequence& wait_until_time(std::string_view time_of_day, const WaitOptions& options = {});
  Sequence& wait_until_inside(std::string_view window, const WaitOptions& options = {});
  Sequence& wait_business_days(std::uint32_t count, const WaitOptions& options = {});
  // `rule`: a cron line, a rule of RFC 5545, or an ISO date.
  Sequence& wait_until_next(std::string rule, const WaitOptions& options = {});
  Sequence& wait_for(const Trigger& trigger);
  Sequence& wait_for(const Trigger& trigger, const WaitForOptions& options);
  Sequence& wait_for_any(const std::vector<WaitForCase>& cases, const WaitForOptions& options);
  Sequence& branch(const std::vector<BranchWay>& ways, const BranchOptions& options);
  Sequence& split(const std::vector<SplitWay>& ways, const SplitOptions& options);
  Sequence& parallel(const std::vector<Sequence>& strands, const ParallelOptions& options = {});
  Sequence& set(const Properties& values, const StepOptions& options = {});
  Sequence& reach_goal(std::string goal, const GoalStepOptions& options = {});
  Sequence& go_to(std::string step, const StepOptions& options = {});
  Sequence& exit(std::string reason = {}, const StepOptions& options = {});
  Sequence& add_to_audience(std::string list, const StepOptions& options = {});
  Sequence& remove_from_audience(std::string list, const StepOptions& options = {});
  Sequence& emit(std::string event, const EmitOptions& options = {});
  Sequence& start(std::string campaign, const StartOptions& options = {});
  Sequence& stop(std::string campaign, const StopOptions& options = {});
  Sequence& grant_consent(std::string channel, const ConsentOptions& options = {});
  Sequence& deny_consent(std::string channel, const ConsentOptions& options = {});
  Sequence& call(std::string name);
  Sequence& call(std::string name, const CallOptions& options);
  Sequence& task(std::string ask);
  Sequence& task(std::string ask, const TaskOptions& options);
  Sequence& digest(std::string_view window, const DigestOptions& options = {});

 private:
  friend class CampaignBuilder;
  template <class Options>
  Step& add(const Options& options, Step::Kind kind);
  Steps take(const Sequence& nested);  // its steps; its problems become ours
  Sequence& add_wait(Wait wait, const WaitOptions& options);
  template <class Options>
  Answer answer_of(const Options& options);

  Steps steps_;
  std::vector<Error> problems_;
};

struct WaitForCase {
  Trigger trigger = {};
  std::string when = {};
  std::string as = {};
  Sequence steps = {};
};

struct WaitForOptions {
  std::string id = {};
  std::string when = {};
  std::string note = {};
  std::optional<std::uint32_t> max_visits = std::nullopt;
  std::string within = {};
  std::string since = {};  // "journey", or a duration before arrival
  std::optional<Trigger> reset_on = std::nullopt;
  std::string reset_when = {};
  Sequence then = {};
  Sequence otherwise = {};
};

struct BranchWay {
  std::string when = {};
  Sequence steps = {};
};

struct BranchOptions {
  std::string id = {};
  std::string when = {};
  std::string note = {};
  std::optional<std::uint32_t> max_visits = std::nullopt;
  Sequence otherwise = {};
};

struct SplitWay {
  std::string variant = {};
  std::uint32_t weight = 0;
  Sequence steps = {};
};

struct SplitOptions {
  std::string id = {};
  std::string when = {};
  std::string note = {};
  std::optional<std::uint32_t> max_visits = std::nullopt;
  std::string seed = {};
  Split::Hash hash = Split::Hash::growthbook;
  std::string coverage = {};  // "40%"
  std::optional<SplitSpace> space = std::nullopt;
};

struct CallOptions {
  std::string id = {};
  std::string when = {};
  std::string note = {};
  std::optional<std::uint32_t> max_visits = std::nullopt;
  Properties data = {};
  std::string within = {};
  std::uint32_t retry = 0;       // times
  std::string retry_after = {};  // "5m"; default 1m
  std::string as = {};
  Sequence then = {};
  Sequence otherwise = {};
};

struct TaskOptions {
  std::string id = {};
  std::string when = {};
  std::string note = {};
  std::optional<std::uint32_t> max_visits = std::nullopt;
  std::string team = {};
  Properties data = {};
  std::string within = {};
  std::string as = {};
  Sequence then = {};
  Sequence otherwise = {};
};

}  // namespace itinera
