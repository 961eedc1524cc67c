// SPDX-License-Identifier: Apache-2.0
#include "itinera/simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <queue>
#include <tuple>
#include <utility>

#include "base/draws.hpp"
#include "calendar/text.hpp"
#include "itinera/story.hpp"
#include "itinera/time.hpp"
#include "lab/made_up.hpp"

namespace itinera {
namespace {

using base::Draws;

constexpr std::uint32_t days_max = 36'500;
constexpr std::uint32_t contacts_max = 10'000'000;
constexpr std::uint64_t doers_max = 100'000'000;  // contacts times events
constexpr std::size_t batch_max = 1'024;

class Simulation {
 public:
  Simulation(const SimulationPlan& plan, Engine engine)
      : plan_(plan), engine_(std::move(engine)), end_(plan.start + plan.days * day_ms) {
    result_.name = plan.name;
    result_.start = plan.start;
  }

  Result<SimulationResult> run(const Workspace& workspace, std::span<const Campaign> campaigns) {
    for (const Channel& channel : workspace.channels) {
      channel_of_.try_emplace(channel.name, result_.channels.size());
      result_.channels.push_back(channel.name);
    }
    result_.days.resize(plan_.days, std::vector<std::uint64_t>(result_.channels.size()));
    // They are sorted by name and version: the last of each name is the newest.
    std::map<std::string_view, Campaign> newest;
    for (const Campaign& campaign : campaigns) newest.insert_or_assign(campaign.name, campaign);
    std::vector<Campaign> set;
    for (const auto& [name, campaign] : newest) set.push_back(campaign);
    if (auto done = engine_.publish(workspace, set, plan_.start); !done) return done.error();
    for (const Campaign& campaign : set) {
      SimulatedCampaign& one = campaigns_[campaign.name];
      one.name = campaign.name;
    }
    identify_all();
    begin_events();
    while (step()) {
    }
    engine_.advance_to(end_);
    take();
    if (damage_) return *damage_;
    for (auto& [name, campaign] : campaigns_) result_.campaigns.push_back(std::move(campaign));
    result_.statistics = engine_.statistics();
    return std::move(result_);
  }

 private:
  // The next time that a contact does something.
  struct Doing {
    Instant at;
    std::uint32_t contact = 0;
    std::uint32_t event = 0;
    friend bool operator>(const Doing& a, const Doing& b) {
      return std::tie(a.at, a.contact, a.event) > std::tie(b.at, b.contact, b.event);
    }
  };
  struct Coming {
    Instant at;
    std::uint64_t order = 0;
    ActionId action;
    Receipt receipt = Receipt::sent;
    friend bool operator>(const Coming& a, const Coming& b) {
      return std::tie(a.at, a.order) > std::tie(b.at, b.order);
    }
  };
  template <class T>
  using Earliest = std::priority_queue<T, std::vector<T>, std::greater<>>;

  static std::string id_of(std::uint32_t contact) { return fmt::format("u{}", contact + 1); }

  void identify_all() {
    for (std::uint32_t first = 0; first < plan_.contacts;) {
      const auto count = std::min<std::uint32_t>(batch_max, plan_.contacts - first);
      std::vector<std::string> ids;
      std::vector<Properties> attributes;
      for (std::uint32_t i = first; i < first + count; ++i) {
        Draws draws(Draws::mixed(plan_.seed, i));
        ids.push_back(id_of(i));
        attributes.push_back(lab::drawn(plan_.attributes, fmt::format("{}", i + 1), draws));
      }
      std::vector<Input> inputs;
      for (std::size_t i = 0; i < ids.size(); ++i) {
        Identify identify;
        identify.contact = ids[i];
        identify.envelope.received = plan_.start;
        identify.attributes = attributes[i];
        identify.history = HistoryKnown::complete;
        inputs.emplace_back(identify);
      }
      feed(inputs);
      first += count;
    }
    engine_.advance_to(plan_.start);
    take();
  }

  void begin_events() {
    const auto count = static_cast<std::uint32_t>(plan_.events.size());
    draws_.reserve(std::size_t{plan_.contacts} * count);
    for (std::uint32_t contact = 0; contact < plan_.contacts; ++contact) {
      for (std::uint32_t event = 0; event < count; ++event) {
        Draws& draws = draws_.emplace_back(
            Draws::mixed(Draws::mixed(plan_.seed, contact), std::uint64_t{1} + event));
        const SimulatedEvent& what = plan_.events[event];
        if (!draws.chance(what.share)) continue;
        const auto gap = draws.below(static_cast<std::uint64_t>(what.every_ms));
        put({plan_.start + 1 + static_cast<std::int64_t>(gap), contact, event});
      }
    }
  }

  void put(const Doing& doing) {
    if (doing.at <= end_) doings_.push(doing);
  }

  // One instant: what falls due by time, or what is done and reported at it. False: the end.
  bool step() {
    Instant next = end_ + 1;
    if (!doings_.empty()) next = std::min(next, doings_.top().at);
    if (!comings_.empty()) next = std::min(next, comings_.top().at);
    if (deadline_ && *deadline_ < next) {
      if (*deadline_ > end_) return false;
      engine_.advance_to(*deadline_);
      take();
      return !damage_;
    }
    if (next > end_) return false;
    while (!doings_.empty() && doings_.top().at == next) do_next();
    while (!comings_.empty() && comings_.top().at == next) {
      Report report;
      report.action = comings_.top().action;
      report.receipt = comings_.top().receipt;
      report.envelope.received = next;
      comings_.pop();
      const Input input = report;
      feed({&input, 1});
    }
    engine_.advance_to(next);
    take();
    return !damage_;
  }

  void do_next() {
    const Doing doing = doings_.top();
    doings_.pop();
    const SimulatedEvent& what = plan_.events[doing.event];
    Draws& draws = draws_[std::size_t{doing.contact} * plan_.events.size() + doing.event];
    const std::string id = id_of(doing.contact);
    const Properties properties =
        lab::drawn(what.properties, fmt::format("{}", doing.contact + 1), draws);
    Event event;
    event.name = what.name;
    event.contact = id;
    event.envelope.received = doing.at;
    event.properties = properties;
    const Input input = event;
    feed({&input, 1});
    const auto gap = draws.below(2 * static_cast<std::uint64_t>(what.every_ms)) + 1;
    put({doing.at + static_cast<std::int64_t>(gap), doing.contact, doing.event});
  }

  void feed(std::span<const Input> inputs) {
    result_.inputs += inputs.size();
    result_.refused += engine_.feed(inputs).size();
  }

  void take() {
    const Output output = engine_.take_output();
    deadline_ = output.next_deadline;
    for (const Action& action : output.actions) {
      const bool asks = action.kind == Action::Kind::call || action.kind == Action::Kind::task;
      if (action.kind == Action::Kind::send) note_send(action);
      if (asks || action.kind == Action::Kind::send) draw_receipts(action, asks);
    }
    std::span<const std::byte> journal = output.journal;
    while (!journal.empty() && !damage_) {
      const Result<Chapter> chapter = story_.next(journal);
      if (!chapter) {
        damage_ = chapter.error();
        return;
      }
      for (const Happening& happening : chapter->happenings) note(happening);
    }
  }

  void note_send(const Action& action) {
    const auto channel = channel_of_.find(action.channel);
    const std::int64_t day = (action.at - plan_.start) / day_ms;
    if (channel != channel_of_.end() && day >= 0 && day < std::int64_t{plan_.days}) {
      ++result_.days[static_cast<std::size_t>(day)][channel->second];
    }
    if (const auto found = campaigns_.find(action.campaign); found != campaigns_.end()) {
      ++found->second.sends;
    }
  }

  // A call and a task are completed or fail; nobody opens them.
  void draw_receipts(const Action& action, bool asks) {
    // By the action's id, so that what others get changes nothing.
    Draws draws(Draws::mixed(plan_.seed, action.id.hash.high));
    for (const SimulatedReceipt& receipt : plan_.receipts) {
      if (!receipt.channel.empty() && receipt.channel != action.channel) continue;
      const bool fits =
          !asks || receipt.receipt == Receipt::completed || receipt.receipt == Receipt::failed;
      const bool comes = draws.chance(receipt.chance) && fits;
      const auto delay = draws.below(static_cast<std::uint64_t>(receipt.within_ms)) + 1;
      const Instant at = action.at + static_cast<std::int64_t>(delay);
      if (comes && at <= end_) comings_.push({at, ++reports_, action.id, receipt.receipt});
    }
  }

  void note(const Happening& happening) {
    const bool begins = happening.what == "entered";
    const bool ends = happening.what == "finished" || happening.what == "exited";
    if (!begins && !ends && happening.what != "converted") return;
    const auto found = campaigns_.find(happening.campaign);
    if (found == campaigns_.end()) return;
    SimulatedCampaign& campaign = found->second;
    if (begins) ++campaign.entered;
    if (happening.what == "finished") ++campaign.finished;
    if (happening.what == "exited") ++campaign.exited;
    if (happening.what == "converted") ++campaign.converted;
  }

  const SimulationPlan& plan_;
  Engine engine_;
  Story story_;
  const Instant end_;
  SimulationResult result_;
  std::map<std::string, std::size_t, std::less<>> channel_of_;
  std::map<std::string, SimulatedCampaign, std::less<>> campaigns_;
  std::vector<Draws> draws_;  // by contact and event
  Earliest<Doing> doings_;
  Earliest<Coming> comings_;
  std::uint64_t reports_ = 0;
  std::optional<Instant> deadline_;
  std::optional<Error> damage_;
};

// What is wrong with the numbers of a plan, or nothing.
std::string bounds_broken(const SimulationPlan& plan) {
  if (plan.days == 0 || plan.days > days_max)
    return fmt::format("`days` goes from 1 to {}", days_max);
  if (plan.contacts == 0 || plan.contacts > contacts_max) {
    return fmt::format("`contacts` goes from 1 to {}", contacts_max);
  }
  if (plan.events.size() > doers_max / plan.contacts) {
    return fmt::format("{} `contacts` with {} `events` each are too many: together at most {}",
                       plan.contacts, plan.events.size(), doers_max);
  }
  constexpr std::int64_t longest = 1'000LL * 366 * day_ms;
  for (const SimulatedEvent& event : plan.events) {
    if (event.every_ms < second_ms || event.every_ms > longest) {
      return fmt::format("`every` of {} goes from 1s to 1000 years", event.name);
    }
  }
  for (const SimulatedReceipt& receipt : plan.receipts) {
    if (receipt.within_ms < 1 || receipt.within_ms > longest) {
      return "`within` of a receipt goes from 1ms to 1000 years";
    }
  }
  return {};
}

}  // namespace

std::string to_text(const SimulationResult& result) {
  std::string out = fmt::format("{:<12}", "sends");
  std::vector<std::uint64_t> sums(result.channels.size());
  for (const std::string& channel : result.channels) out += fmt::format("{:>12}", channel);
  out += '\n';
  const auto put_row = [&](std::string_view name, const std::vector<std::uint64_t>& counts) {
    out += fmt::format("{:<12}", name);
    for (const std::uint64_t count : counts) out += fmt::format("{:>12}", count);
    out += '\n';
  };
  for (std::size_t day = 0; day < result.days.size(); ++day) {
    const std::vector<std::uint64_t>& counts = result.days[day];
    if (std::all_of(counts.begin(), counts.end(), [](std::uint64_t n) { return n == 0; })) continue;
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += counts[i];
    const Instant at = result.start + static_cast<std::int64_t>(day) * day_ms;
    put_row(std::string_view(to_text(at)).substr(0, 10), counts);
  }
  put_row("all", sums);
  out += fmt::format("\n{:<24}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}\n", "campaign", "entered",
                     "in flight", "finished", "exited", "converted", "sends");
  for (const SimulatedCampaign& each : result.campaigns) {
    out += fmt::format("{:<24}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}\n", each.name, each.entered,
                       each.in_flight(), each.finished, each.exited, each.converted, each.sends);
  }
  return out + fmt::format("\n{} inputs, {} refused\n", result.inputs, result.refused);
}

Result<SimulationResult> simulate(const Workspace& workspace, std::span<const Campaign> campaigns,
                                  const SimulationPlan& plan, const EngineOptions& options) {
  if (std::string broken = bounds_broken(plan); !broken.empty()) {
    return Error{ErrorCode::invalid_argument, std::move(broken)};
  }
  Result<Engine> engine = Engine::create(options);
  if (!engine) return engine.error();
  return Simulation(plan, std::move(*engine)).run(workspace, campaigns);
}

}  // namespace itinera
