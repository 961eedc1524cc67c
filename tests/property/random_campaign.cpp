// SPDX-License-Identifier: Apache-2.0
// Campaigns at random, sound by construction: receipts name sends that can have run, every loop
// waits, conditions name what is there.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/walk.hpp"
#include "property/random_policy.hpp"
#include "property/random_words.hpp"
#include "property/random_world.hpp"

namespace itinera::property {
namespace {

Expression cel(std::string_view text) { return {std::string(text), {}}; }

class CampaignMaker {
 public:
  CampaignMaker(Choices& choices, std::uint32_t steps_max)
      : choices_(choices), steps_max_(steps_max) {}

  Campaign make(const std::string& name, std::uint32_t version) {
    Campaign campaign;
    campaign.name = name;
    campaign.version = version;
    campaign.priority = choices_.chance(1, 4) ? 50 : choices_.below(101);
    campaign.zone = choices_.one_of(zones);
    random_rules(choices_, campaign);
    goals_ = choices_.below(3);
    has_variables_ = choices_.chance(1, 2);
    campaign.steps = list(0);
    if (has_variables_) campaign.steps.insert(campaign.steps.begin(), set_variable());
    add_entries(campaign);
    add_rules(campaign);
    add_goals(campaign);
    for (std::uint32_t n = choices_.below(3); n > 0; --n) {
      ExitRule exit;
      exit.trigger = may(1, 4) ? random_account_trigger(choices_) : trigger(all_sends_);
      exit.when = when_received(exit.trigger);
      campaign.exits.push_back(std::move(exit));
    }
    return campaign;
  }

 private:
  bool may(std::uint32_t parts, std::uint32_t of) { return choices_.chance(parts, of); }

  Step step(Step::Kind kind) {
    Step made;
    made.id = fmt::format("s{}", ++steps_);
    made.named = true;
    made.kind = std::move(kind);
    return made;
  }

  Expression in_step() {
    if (!all_sends_.empty() && may(1, 8)) {
      const std::string& asked = choices_.one_of(std::span<const std::string>(all_sends_));
      return cel(fmt::format("outcome(\"{}\") in [\"opened\", \"failed\", \"skipped\"]", asked));
    }
    switch (choices_.below(has_variables_ ? 4 : 3)) {
      case 0: return cel(choices_.one_of(about_contact));
      case 1: return cel(choices_.one_of(about_journey));
      case 2: return cel(choices_.one_of(about_time));
      default: return cel("journey.v == 1 || journey.v == \"gold\"");
    }
  }

  Expression when_received(const Trigger& trigger) {
    if (trigger.kind != Trigger::Kind::event || !may(1, 2)) return {};
    return cel(may(1, 2) ? choices_.one_of(about_event_and_journey) : choices_.one_of(about_event));
  }

  Trigger trigger(const std::vector<std::string>& sends) {
    Trigger made;
    switch (choices_.below(sends.empty() ? 4 : 6)) {
      case 0:
      case 1:
        made.kind = Trigger::Kind::event;
        made.event = choices_.one_of(events);
        break;
      case 2:
        made.kind = Trigger::Kind::condition;
        made.condition = cel(may(1, 2) ? choices_.one_of(about_contact) : choices_.one_of(moments));
        break;
      case 3:
        made.kind = Trigger::Kind::segment;
        made.segment = choices_.one_of(segments);
        made.leaves = may(1, 3);
        break;
      default:
        made.kind = Trigger::Kind::receipt;
        made.receipt = choices_.one_of(receipts);
        if (made.receipt == Receipt::declared) made.declared = "connected";
        made.step = may(1, 3) ? "any" : choices_.one_of(std::span<const std::string>(sends));
    }
    return made;
  }

  Datum datum(std::string name) {
    Datum made;
    made.name = std::move(name);
    switch (choices_.below(5)) {
      case 0: made.literal = 1; break;
      case 1: made.literal = "gold"; break;
      case 2: made.expression = cel("entry.total"); break;
      case 3: made.expression = cel("contact.tier"); break;
      default: made.expression = cel("count(\"order\", \"30d\")");
    }
    return made;
  }

  Step set_variable() { return step(Set{{datum("journey.v")}}); }

  Step send() {
    Send made;
    made.channel = choices_.one_of(channels);
    made.template_name = fmt::format("t{}", choices_.below(3));
    if (may(1, 2)) made.data.push_back(datum("total"));
    if (may(1, 4)) made.data.push_back(datum("tier"));
    if (may(1, 6)) made.at_ms = 9 * 3'600'000;
    random_gates(choices_, made);
    Step result = step(std::move(made));
    sends_.push_back(result.id);
    all_sends_.push_back(result.id);
    return result;
  }

  Step wait() {
    static constexpr const char* instants[] = {"entry.at",
                                               "contact.starts_at",
                                               "timestamp(\"2026-03-29T01:30:00Z\")",
                                               "\"2026-03-29T02:30\"",
                                               "\"2026-10-25\"",
                                               "timestamp(\"2026-10-25T00:30:00Z\")"};
    static constexpr Wait::IfPast past[] = {Wait::IfPast::automatic, Wait::IfPast::skip,
                                            Wait::IfPast::exit, Wait::IfPast::go_on};
    static constexpr Wait::OnMissing missing[] = {Wait::OnMissing::exit, Wait::OnMissing::go_on,
                                                  Wait::OnMissing::skip};
    static constexpr std::int32_t hours[] = {9, 0, 2, 3, 14, 23};
    Wait made = random_length(choices_);
    static constexpr const char* rules[] = {"FREQ=WEEKLY;BYDAY=MO,TH", "30 2 * * *", "15 */3 * * *",
                                            "FREQ=MONTHLY;BYMONTHDAY=-1", "2026-03-29"};
    const std::uint32_t form = choices_.below(7);
    if (form >= 2) made = Wait();
    if (form == 2) {
      const char* const instant = choices_.one_of(instants);
      made.form = Wait::Until{.instant = cel(instant), .follow = may(1, 2)};
      if (may(1, 3)) made.offset.days = may(1, 2) ? -1 : 1;
      if (may(1, 3)) made.at_ms = choices_.one_of(hours) * 3'600'000 + 1'800'000;
      made.if_past = choices_.one_of(past);
      made.on_missing = choices_.one_of(missing);
    } else if (form == 3) {
      made.form = Wait::TimeOfDay{choices_.one_of(hours) * 3'600'000 + 1'800'000, weekdays()};
      if (may(1, 3)) made.if_past = Wait::IfPast::next;
    } else if (form == 4) {
      const std::int32_t from = choices_.one_of(hours);
      const std::int32_t to = (from + 1 + static_cast<std::int32_t>(choices_.below(20))) % 24;
      made.form = Wait::Inside{{from * 3'600'000, to * 3'600'000, weekdays()}};
    } else if (form == 5) {
      made.form = Wait::BusinessDays{choices_.below(4), weekdays()};
      if (may(1, 3)) made.at_ms = choices_.one_of(hours) * 3'600'000;
    } else if (form == 6) {
      Wait::Recurrence recurrence{.rule = choices_.one_of(rules)};
      made.if_past = choices_.one_of(past);
      const bool is_rule = recurrence.rule.starts_with("FREQ");
      if (is_rule && may(1, 2)) recurrence.from = "2026-03-01";
      if (is_rule && may(1, 2)) made.at_ms = choices_.one_of(hours) * 3'600'000;
      made.form = std::move(recurrence);
    }
    made.zone = choices_.one_of(zones);
    return step(std::move(made));
  }

  Weekdays weekdays() {
    return {static_cast<std::uint8_t>(may(1, 2) ? 0x7F : 1 + choices_.below(0x7F))};
  }

  // Where the ways of a step part: each begins with what was sent before, and behind them counts
  // what any of them sent.
  class Ways {
   public:
    explicit Ways(CampaignMaker& maker)
        : maker_(maker), before_(maker.sends_), behind_(maker.sends_) {}
    // Most lists come to their end.
    Steps list(std::uint32_t depth) {
      maker_.sends_ = before_;
      Steps steps = maker_.list(depth + 1);
      if (maker_.may(1, 8)) {
        steps.push_back(maker_.step(Exit{maker_.may(1, 2) ? "done" : ""}));
        steps.back().when = maker_.in_step();
      }
      join();
      return steps;
    }
    // One that never does.
    Steps dead_end(std::uint32_t depth) {
      maker_.sends_ = before_;
      Steps steps = maker_.list(depth + 1);
      steps.push_back(maker_.step(Exit{"done"}));
      maker_.sends_ = behind_;
      return steps;
    }

   private:
    void join() {
      const auto first = maker_.sends_.begin() + static_cast<std::ptrdiff_t>(before_.size());
      behind_.insert(behind_.end(), first, maker_.sends_.end());
      maker_.sends_ = behind_;
    }
    CampaignMaker& maker_;
    std::vector<std::string> before_;
    std::vector<std::string> behind_;
  };

  Step wait_for(std::uint32_t depth) {
    WaitFor made;
    Ways ways(*this);
    const std::vector<std::string> sends = sends_;
    for (std::uint32_t n = 1 + choices_.below(2); n > 0; --n) {
      WaitCase one;
      one.trigger = trigger(sends);
      one.when = when_received(one.trigger);
      if (has_variables_ && may(1, 3)) one.as = "v";
      if (may(1, 2)) one.steps = ways.list(depth);
      made.cases.push_back(std::move(one));
    }
    if (may(1, 2)) made.then = Ways(*this).list(depth);
    if (!may(1, 5)) {
      made.within_ms = choices_.one_of(spans);
      if (may(1, 2)) made.otherwise = ways.list(depth);
    }
    if (made.within_ms && may(1, 3)) {
      made.reset_on = trigger(sends);
      made.reset_when = when_received(*made.reset_on);
    }
    if (may(1, 4)) made.since = WaitFor::Since::journey;
    if (may(1, 5)) {
      made.since = WaitFor::Since::duration;
      made.since_ms = choices_.one_of(spans);
    }
    return step(std::move(made));
  }

  Step branch(std::uint32_t depth) {
    Branch made;
    Ways ways(*this);
    for (std::uint32_t n = 1 + choices_.below(3); n > 0; --n) {
      const Expression when = in_step();
      const auto same = [&](const BranchCase& each) { return each.when.text == when.text; };
      if (std::any_of(made.cases.begin(), made.cases.end(), same)) continue;
      made.cases.push_back({when, may(1, 8) ? ways.dead_end(depth) : ways.list(depth), {}});
    }
    if (may(1, 2)) made.otherwise = ways.list(depth);
    return step(std::move(made));
  }

  Step split(std::uint32_t depth) {
    Split made;
    Ways ways(*this);
    for (char name = 'a', n = static_cast<char>('b' + choices_.below(2)); name <= n; ++name) {
      const std::uint32_t weight = 1 + choices_.below(60);
      made.variants.push_back({std::string(1, name), weight, ways.list(depth), {}});
    }
    if (may(1, 4)) made.seed = "shared";
    if (may(1, 3)) made.hash = static_cast<Split::Hash>(choices_.below(3));
    if (may(1, 4)) made.coverage = 100 * choices_.below(101);
    if (may(1, 4)) made.space = SplitSpace{"space", 100 * choices_.below(60), 9'000};
    return step(std::move(made));
  }

  Step parallel(std::uint32_t depth) {
    Parallel made;
    Ways ways(*this);
    for (std::uint32_t n = 2 + choices_.below(2); n > 0; --n) {
      made.strands.push_back({ways.list(depth), {}});
    }
    if (may(1, 2)) made.join = Parallel::Join::any;
    return step(std::move(made));
  }

  Step set() {
    Set made;
    if (has_variables_ && may(1, 2)) made.values.push_back(datum("journey.v"));
    if (made.values.empty() || may(1, 2)) made.values.push_back(datum(may(1, 2) ? "tier" : "note"));
    return step(std::move(made));
  }

  Step reach_goal() {
    return step(ReachGoal{fmt::format("g{}", choices_.below(goals_)),
                          may(1, 2) ? cel("entry.total") : Expression{}});
  }

  Step any_step(std::uint32_t depth) {
    if (may(1, 10)) return beyond();
    if (may(1, 12)) return ask(depth);
    if (depth < 2 && may(1, 10)) return parallel(depth);
    if (may(1, 12)) return step(random_digest(choices_, has_variables_));
    const std::uint32_t kinds = depth < 2 ? 10 : 6;
    Step made;
    switch (choices_.below(kinds)) {
      case 0:
      case 1: made = send(); break;
      case 2:
      case 3: made = wait(); break;
      case 4: made = set(); break;
      case 5: made = goals_ > 0 ? reach_goal() : send(); break;
      case 6:
      case 7: made = wait_for(depth); break;
      case 8: made = branch(depth); break;
      default: made = split(depth);
    }
    if (may(1, 5)) made.when = in_step();
    return made;
  }

  // A call or a task: both are heard of like a send.
  Step ask(std::uint32_t depth) {
    Answer answer;
    if (!may(1, 4)) answer.within_ms = choices_.one_of(spans);
    if (has_variables_ && may(1, 2)) answer.as = "v";
    const std::vector<Datum> data{datum("total")};
    Retry retry;
    if (may(1, 2)) retry = {2, choices_.one_of(spans) / 3};
    Step made =
        may(1, 2) ? step(Call{"code", data, {}, retry}) : step(Task{"ring", "sales", data, {}});
    sends_.push_back(made.id);
    all_sends_.push_back(made.id);
    if (depth < 2) {
      Ways ways(*this);
      if (may(1, 2)) answer.then = ways.list(depth);
      if (may(1, 2)) answer.otherwise = ways.list(depth);
    }
    *model::answer_of(made) = std::move(answer);
    return made;
  }

  // What reaches beyond the journey: `echo` hears it, and tells of nothing itself.
  Step beyond() {
    Step made;
    switch (choices_.below(5)) {
      case 3: made = step(random_consent(choices_)); break;
      case 0: made = step(EmitEvent{"ping", {datum("total")}}); break;
      case 1: made = step(StartCampaign{"echo", key(), {datum("total")}}); break;
      case 2: made = step(StopCampaign{"echo", key()}); break;
      default:
        made = step(ChangeAudience{
            may(1, 2) ? ChangeAudience::Change::add : ChangeAudience::Change::remove, "list"});
    }
    return made;
  }
  Expression key() { return may(1, 2) ? cel("journey.key") : Expression{}; }

  // From the first step of `steps` round again: with a wait that cannot be skipped, and an end.
  void add_loop(Steps& steps) {
    Step first = send();
    first.max_visits = 2 + choices_.below(3);
    Wait pause;
    if (may(1, 2)) {
      pause.form = Wait::For{{0, 1, 0}};
    } else {
      pause.form = Wait::For{{0, 0, choices_.one_of(spans)}};
    }
    Step back = step(Goto{first.id});
    back.when = in_step();
    steps.push_back(std::move(first));
    if (may(1, 2)) steps.push_back(set());
    steps.push_back(step(std::move(pause)));
    steps.push_back(std::move(back));
  }

  Steps list(std::uint32_t depth) {
    Steps steps;
    const std::uint32_t most = depth == 0 ? steps_max_ : 2;
    for (std::uint32_t n = 1 + choices_.below(most); n > 0 && steps_ < 40; --n) {
      if (may(1, 12)) {
        add_loop(steps);
      } else {
        steps.push_back(any_step(depth));
      }
    }
    return steps;
  }

  void add_entries(Campaign& campaign) {
    const std::uint32_t count = 1 + choices_.below(2);
    for (std::uint32_t i = 0; i < count; ++i) {
      Entry entry;
      if (i > 0 && may(1, 2)) {
        entry.kind = Entry::Kind::host;
      } else if (may(1, 6)) {
        entry = entry_by_itself();
      } else {
        entry.event = choices_.one_of(events);
        if (may(1, 3)) entry.when = cel(choices_.one_of(about_event));
        if (may(1, 2)) entry.key = cel("event.cart_id");
      }
      campaign.entries.push_back(std::move(entry));
    }
  }

  // Of those who come by themselves.
  Entry entry_by_itself() {
    Entry entry;
    const std::uint32_t kind = choices_.below(3);
    if (kind == 0) {
      entry.kind = Entry::Kind::segment;
      entry.segment = choices_.one_of(segments);
      if (may(1, 3)) entry.change = Entry::Change::leaves;
      if (entry.change == Entry::Change::enters && may(1, 2)) {
        entry.existing = Entry::Existing::enter;
      }
    } else if (kind == 1) {
      entry.kind = Entry::Kind::date;
      entry.date = cel(may(1, 2) ? "contact.starts_at" : "\"2020-03-29\"");
      entry.yearly = may(1, 2);
      if (may(1, 3)) entry.offset.days = may(1, 2) ? -1 : 2;
      if (may(1, 2)) entry.at_ms = 2 * 3'600'000 + 1'800'000;
    } else {
      static constexpr const char* recurrences[] = {
          "30 2 * * SUN", "0 6 * * MON,SUN", "FREQ=DAILY;INTERVAL=9", "2026-03-29", "0 6 * * *"};
      entry.kind = Entry::Kind::schedule;
      entry.schedule = choices_.one_of(recurrences);
      if (may(1, 2)) entry.segment = choices_.one_of(segments);
    }
    if (kind != 0 && may(1, 2)) entry.zone = choices_.one_of(zones);
    if (kind != 1 && may(1, 3)) entry.ramp = Ramp{choices_.one_of(spans), 1 + choices_.below(2)};
    if (may(1, 4)) entry.when = cel(choices_.one_of(about_contact));
    return entry;
  }

  void add_rules(Campaign& campaign) {
    static constexpr WhileRunning running[] = {WhileRunning::ignore, WhileRunning::restart,
                                               WhileRunning::another};
    campaign.while_running = choices_.one_of(running);
    campaign.reentry.kind = static_cast<Reentry::Kind>(choices_.below(3));
    if (campaign.reentry.kind == Reentry::Kind::after) {
      campaign.reentry.after_ms = 4 * choices_.one_of(spans);
      campaign.reentry.since_entry = may(1, 2);
    }
  }

  void add_goals(Campaign& campaign) {
    for (std::uint32_t i = 0; i < goals_; ++i) {
      Goal goal;
      goal.name = fmt::format("g{}", i);
      if (may(2, 3)) {
        goal.trigger = trigger(all_sends_);
        goal.when = when_received(*goal.trigger);
        if (goal.trigger->kind == Trigger::Kind::event && may(1, 2)) {
          goal.value = cel("event.total");
        }
      }
      if (may(1, 2)) goal.within_ms = 2 * choices_.one_of(spans);
      goal.exits = may(1, 2);
      campaign.goals.push_back(std::move(goal));
    }
  }

  Choices& choices_;
  std::uint32_t steps_max_;
  std::uint32_t steps_ = 0;
  std::uint32_t goals_ = 0;
  bool has_variables_ = false;
  std::vector<std::string> sends_;  // that can have run where the next step stands
  std::vector<std::string> all_sends_;
};

}  // namespace

Campaign random_campaign(Choices& choices, const std::string& name, std::uint32_t version,
                         std::uint32_t steps) {
  return CampaignMaker(choices, steps).make(name, version);
}

Campaign echo_campaign() {
  Campaign campaign;
  campaign.name = "echo";
  campaign.entries.resize(2);
  campaign.entries[0].kind = Entry::Kind::host;
  campaign.entries[1].event = "ping";
  campaign.exits.push_back({.trigger = {.event = "ping"}});
  Step hello;
  hello.id = "hello";
  hello.kind =
      Send{.channel = "email", .data = {{.name = "total", .expression = cel("entry.total")}}};
  Step pause;
  pause.id = "pause";
  pause.kind = Wait{.form = Wait::For{{0, 0, day_ms}}};
  campaign.steps = {hello, pause, hello};
  campaign.steps.back().id = "again";
  return campaign;
}

}  // namespace itinera::property
