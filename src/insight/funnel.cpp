// SPDX-License-Identifier: Apache-2.0
#include "itinera/funnel.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "calendar/civil.hpp"
#include "insight/story_state.hpp"
#include "model/graph.hpp"
#include "model/walk.hpp"
#include "snapshot/archive.hpp"

namespace itinera {
namespace {

std::string month_of(Instant t) {
  const std::int64_t days = t.ms / day_ms - (t.ms % day_ms < 0 ? 1 : 0);
  const auto parts = calendar::parts_of({static_cast<std::int32_t>(days)});
  return fmt::format("{:04}-{:02}", parts.year, parts.month);
}

bool writes_attributes(const Set& set) {
  return std::any_of(set.values.begin(), set.values.end(),
                     [](const Datum& datum) { return !datum.name.starts_with("journey."); });
}

// Whether the journal says that a journey came to `step`.
bool leaves_trace(const Step& step) {
  if (std::holds_alternative<ReachGoal>(step.kind)) return false;
  if (std::holds_alternative<Goto>(step.kind)) return false;
  const auto* const set = std::get_if<Set>(&step.kind);
  return set == nullptr || writes_attributes(*set);
}

constexpr std::size_t no_row = SIZE_MAX;

// Of what a checkpoint has: of one shard, and of several, which says of how many.
constexpr std::uint8_t fold_version = 1;
constexpr std::uint8_t sharded_fold_version = 2;

// The row of each step of a campaign, or no_row, by node.
using Layout = std::vector<std::size_t>;

void add_rows(const Steps& steps, std::uint32_t depth, Layout& layout,
              std::vector<FunnelStep>& rows) {
  for (const Step& step : steps) {
    layout.push_back(leaves_trace(step) ? rows.size() : no_row);
    if (leaves_trace(step)) {
      FunnelStep& row = rows.emplace_back();
      row.id = step.id;
      row.kind = kind_name(step);
      row.depth = depth;
      if (const auto* send = std::get_if<Send>(&step.kind)) row.channel = send->channel;
    }
    model::for_each_list(step,
                         [&](const Steps& nested) { add_rows(nested, depth + 1, layout, rows); });
  }
}

}  // namespace

struct Funnel::State {
  struct Run {
    std::uint32_t definition = 0;
    std::vector<bool> reached;  // rows of that version
  };
  Story story;
  FunnelTotals totals;
  std::vector<FunnelCampaign> campaigns;
  std::vector<Layout> layouts;            // beside campaigns
  std::vector<std::vector<Run>> runs{1};  // by shard, and the journey's place
  std::uint8_t shard = 0;                 // of the chapter at hand

  void meet_campaigns();
  void add(const Chapter& chapter);
  void add(const Happening& happening);
  void add_to_campaign(const Happening& happening);
  Run& run_of(std::uint32_t journey);
  void begin_run(const Happening& happening);
  void move_run(const Happening& happening);
  void take_over_runs();
  static void add_to_goal(const Happening& happening, FunnelGoal& goal);
  void add_to_step(const Happening& happening, FunnelStep& step);
  void reach(const Happening& happening, std::size_t row);

  // Of so many shards.
  template <class V>
  void walk(V& v, std::uint8_t shards);
};

void Funnel::State::meet_campaigns() {
  while (campaigns.size() < story.definitions()) {
    const Campaign& definition = story.definition(campaigns.size());
    FunnelCampaign& campaign = campaigns.emplace_back();
    campaign.name = definition.name;
    campaign.version = definition.version;
    for (const Goal& goal : definition.goals) campaign.goals.push_back({.name = goal.name});
    add_rows(definition.steps, 0, layouts.emplace_back(), campaign.steps);
  }
}

void Funnel::State::add(const Chapter& chapter) {
  // What an engine, its runtime or another shard writes of its own accord.
  static constexpr std::string_view not_fed[] = {
      "",        "opened",      "publish", "taken", "timers", "gates",  "zone_data",
      "reoffer", "acknowledge", "request", "grant", "heard",  "depart", "come"};
  // What concerns all shards is written by each.
  static constexpr std::string_view of_all[] = {"pause", "resume", "suppress"};
  const auto is_among = [&chapter](std::span<const std::string_view> names) {
    return std::ranges::find(names, chapter.input) != names.end();
  };
  shard = chapter.shard;
  if (chapter.input == "come") take_over_runs();
  // Whoever goes from one shard to another is forgotten where they are, and then where they were.
  const bool again = chapter.input == "forget" && story.state_of(shard).forgets_gone;
  if (!is_among(not_fed) && !again && (shard == 0 || !is_among(of_all))) {
    ++totals.inputs[std::string(chapter.input)];
  }
  const bool duplicate =
      std::any_of(chapter.happenings.begin(), chapter.happenings.end(),
                  [](const Happening& happening) { return happening.what == "duplicate"; });
  if (duplicate) ++totals.duplicates;
  if (!chapter.event.empty() && !duplicate) ++totals.events[std::string(chapter.event)];
  meet_campaigns();
  for (const Happening& happening : chapter.happenings) add(happening);
}

void Funnel::State::add(const Happening& happening) {
  if (happening.definition == Happening::no_definition) return;
  const bool in_journey = happening.journey != Happening::no_journey;
  if (in_journey || happening.node == Happening::no_node) add_to_campaign(happening);
  if (happening.node == Happening::no_node) return;
  const std::size_t row = layouts[happening.definition][happening.node];
  if (row == no_row) return;
  if (in_journey) reach(happening, row);
  add_to_step(happening, campaigns[happening.definition].steps[row]);
}

void Funnel::State::add_to_goal(const Happening& happening, FunnelGoal& goal) {
  ++goal.reached;
  if (!happening.value) return;
  if (const auto* integer = happening.value->get<std::int64_t>()) {
    goal.value += static_cast<double>(*integer);
  }
  if (const auto* real = happening.value->get<double>()) goal.value += *real;
}

void Funnel::State::add_to_campaign(const Happening& happening) {
  FunnelCampaign& campaign = campaigns[happening.definition];
  if (happening.journey == Happening::no_journey) {
    // A day that has gone by while the contact moved: nobody was turned away.
    if (happening.what == "passed_over") return;
    std::string name(happening.what);
    if (!happening.reason.empty()) name += fmt::format(": {}", happening.reason);
    ++campaign.refused[name];
  } else if (happening.what == "entered") {
    ++campaign.entered;
    begin_run(happening);
  } else if (happening.what == "migrated") {
    move_run(happening);
  } else if (happening.what == "finished" || happening.what == "exited") {
    const bool finished = happening.what == "finished";
    if (campaign.in_flight > 0) --campaign.in_flight;
    ++(finished ? campaign.finished : campaign.exited);
    Counts& by = finished ? campaign.finished_by : campaign.exited_by;
    if (!happening.reason.empty()) ++by[std::string(happening.reason)];
  } else if (happening.what == "converted") {
    for (FunnelGoal& goal : campaign.goals) {
      if (goal.name == happening.goal) add_to_goal(happening, goal);
    }
  }
}

Funnel::State::Run& Funnel::State::run_of(std::uint32_t journey) {
  if (shard >= runs.size()) runs.resize(shard + std::size_t{1});
  std::vector<Run>& of_shard = runs[shard];
  if (journey >= of_shard.size()) of_shard.resize(journey + std::size_t{1});
  return of_shard[journey];
}

void Funnel::State::begin_run(const Happening& happening) {
  FunnelCampaign& campaign = campaigns[happening.definition];
  ++campaign.in_flight;
  Run& run = run_of(happening.journey);
  run.definition = static_cast<std::uint32_t>(happening.definition);
  run.reached.assign(campaign.steps.size(), false);
}

void Funnel::State::move_run(const Happening& happening) {
  FunnelCampaign& left = campaigns[run_of(happening.journey).definition];
  if (left.in_flight > 0) --left.in_flight;
  ++left.moved_out;
  ++campaigns[happening.definition].moved_in;
  begin_run(happening);
}

// The journeys are what they were in the shard that they come from.
void Funnel::State::take_over_runs() {
  const Story::State& told = story.state_of(shard);
  const std::size_t origin = told.origin->shard;
  for (const Story::State::Came& each : told.came) {
    Run run;
    if (origin < runs.size() && each.from < runs[origin].size()) {
      run = std::exchange(runs[origin][each.from], Run{});
    }
    run_of(each.journey) = std::move(run);
  }
}

// What is said of an action may be about a version that the journey has left.
void Funnel::State::reach(const Happening& happening, std::size_t row) {
  Run& run = run_of(happening.journey);
  if (run.definition != happening.definition || row >= run.reached.size()) return;
  if (run.reached[row]) return;
  run.reached[row] = true;
  ++campaigns[happening.definition].steps[row].reached;
}

void Funnel::State::add_to_step(const Happening& happening, FunnelStep& step) {
  // Every strand begins, and all of them are there in the end; which was first, is a choice. What
  // was set off is what the step says.
  const bool all_there = happening.what == "resolved" && happening.reason == "joined";
  if (happening.what == "set_off" || happening.what == "forked") return;
  if (all_there && happening.choice.empty()) return;
  if (!happening.choice.empty()) {
    ++step.choices[std::string(happening.choice)];
  } else if (happening.what == "resolved" && !happening.reason.empty()) {
    ++step.choices[std::string(happening.reason)];
  } else if (!happening.receipt.empty()) {
    ++step.receipts[std::string(happening.receipt)];
  } else if (happening.what == "emitted") {
    ++step.actions;
    if (!happening.channel.empty()) {
      ++totals.sends[{month_of(happening.at), std::string(happening.channel)}];
    }
  } else if (happening.emitted) {
    --step.actions;
    ++step.withdrawn;
    if (!happening.channel.empty()) {
      --totals.sends[{month_of(*happening.emitted), std::string(happening.channel)}];
    }
  } else if (happening.what.starts_with("skipped_") || happening.what == "no_address" ||
             happening.what == "suppressed" || happening.what == "no_consent" ||
             happening.what == "expired") {
    ++step.skipped[std::string(happening.what)];
  }
}

namespace {

template <class V, class Map>
void walk_counts(V& v, Map& counts) {
  engine::walk_map(v, counts, [&v](auto& name, auto& number) { v(name, number); });
}

template <class V, class Totals>
void walk_totals(V& v, Totals& totals) {
  walk_counts(v, totals.inputs);
  walk_counts(v, totals.events);
  v(totals.duplicates, totals.contacts, totals.anonymous);
  engine::walk_map(v, totals.sends, [&v](auto& month_and_channel, auto& number) {
    v(month_and_channel.first, month_and_channel.second, number);
  });
}

template <class V>
void walk_campaign(V& v, FunnelCampaign& campaign) {
  v(campaign.entered, campaign.moved_in, campaign.moved_out, campaign.in_flight, campaign.finished,
    campaign.exited);
  for (Counts* by : {&campaign.finished_by, &campaign.exited_by, &campaign.refused}) {
    walk_counts(v, *by);
  }
  for (FunnelStep& step : campaign.steps) {
    v.seam();
    v(step.reached, step.actions, step.withdrawn);
    for (Counts* by : {&step.skipped, &step.choices, &step.receipts}) walk_counts(v, *by);
  }
  for (FunnelGoal& goal : campaign.goals) v(goal.reached, goal.value);
}

template <class V>
void walk_bits(V& v, std::vector<bool>& bits) {
  for (std::size_t begin = 0; begin < bits.size(); begin += 8) {
    unsigned byte = 0;
    const std::size_t end = std::min(begin + 8, bits.size());
    for (std::size_t i = begin; i < end; ++i) {
      if (bits[i]) byte |= 1u << (i - begin);
    }
    auto stored = static_cast<std::uint8_t>(byte);
    v(stored);
    for (std::size_t i = begin; i < end; ++i) bits[i] = (stored >> (i - begin) & 1) != 0;
  }
}

}  // namespace

// The names of campaigns, steps and goals are those of the versions that the story has.
template <class V>
void Funnel::State::walk(V& v, std::uint8_t shards) {
  const auto walk_story = [&](std::uint8_t of) {
    Story::State& state = story.state_of(of);
    if constexpr (V::loads) {
      state.memory.load(v);
      state.people.load(v);
      v.must(state.agrees_with(story.state_of(0)));
      if (v.ok()) meet_campaigns();
    } else {
      state.memory.forget_retired();
      state.memory.save(v);
      state.people.save(v);
    }
  };
  const auto walk_runs = [&](std::uint8_t of) {
    if (of >= runs.size()) runs.resize(of + std::size_t{1});
    engine::walk_list(v, runs[of], [&](Run& run) {
      bool has_begun = !run.reached.empty();
      v(run.definition, has_begun);
      v.must(run.definition < campaigns.size());
      if (!v.ok()) return;
      if (has_begun) run.reached.resize(campaigns[run.definition].steps.size());
      walk_bits(v, run.reached);
    });
  };
  walk_story(0);
  walk_totals(v, totals);
  for (FunnelCampaign& campaign : campaigns) walk_campaign(v, campaign);
  walk_runs(0);
  for (std::uint8_t of = 1; of < shards && v.ok(); ++of) {
    walk_story(of);
    walk_runs(of);
  }
}

Result<void> Funnel::save(SnapshotWriter& to) const {
  engine::Saver v(to);
  const auto shards = static_cast<std::uint8_t>(state_->story.states_.size());
  if (shards == 1) {
    v(fold_version);
  } else {
    v(sharded_fold_version, shards);
  }
  state_->walk(v, shards);
  return v.finish();
}

Result<Funnel> Funnel::load(SnapshotReader& from) {
  engine::Loader v(from);
  std::uint8_t version = 0;
  v(version);
  if (v.ok() && version > sharded_fold_version) {
    return Error{ErrorCode::unsupported_version, "the funnel's checkpoint is of a newer format"};
  }
  std::uint8_t shards = 1;
  if (version == sharded_fold_version) v(shards);
  v.must(version != 0 && shards != 0 && shards <= record::shards_max);
  Funnel funnel;
  if (v.ok()) funnel.state_->walk(v, shards);
  if (Result<void> done = v.finish(); !done) return done.error();
  return funnel;
}

Funnel::Funnel() : state_(std::make_unique<State>()) {}
Funnel::Funnel(Funnel&&) noexcept = default;
Funnel& Funnel::operator=(Funnel&&) noexcept = default;
Funnel::~Funnel() = default;

Result<void> Funnel::read(std::span<const std::byte> journal) {
  while (!journal.empty()) {
    const Result<Chapter> chapter = state_->story.next(journal);
    if (!chapter) return chapter.error();
    state_->add(*chapter);
  }
  state_->totals.contacts = 0;
  state_->totals.anonymous = 0;
  for (const auto& of : state_->story.states_) {
    state_->totals.contacts += of->people.contacts();
    state_->totals.anonymous += of->people.anonymous();
  }
  return {};
}

const FunnelTotals& Funnel::totals() const { return state_->totals; }
const std::vector<FunnelCampaign>& Funnel::campaigns() const { return state_->campaigns; }

}  // namespace itinera
