// SPDX-License-Identifier: Apache-2.0
// What a Runtime of several shards does otherwise: all of them work side by side within a window of
// time, and what each has written and emitted is put together behind it, in the same order however
// many threads there were.
#include <algorithm>
#include <tuple>

#include "engine/migration_plan.hpp"
#include "record/frame.hpp"
#include "record/records.hpp"
#include "runtime/publishing.hpp"
#include "runtime/routes.hpp"
#include "runtime/runtime_state.hpp"
#include "tables/message_keys.hpp"

namespace itinera {
namespace {

using runtime::Lane;
using runtime::received_of;
using runtime::Route;

// Inputs that are worked off at once, at most.
constexpr std::size_t inputs_max = 16'384;

// A window becomes longer where less is written in it than the one, and shorter where more than the
// other is: by what is written alone, so that threads make no difference.
constexpr std::size_t little_bytes = 1u << 20;
constexpr std::size_t much_bytes = 8u << 20;
constexpr std::int64_t window_min_ms = 1'000;
constexpr std::int64_t window_max_ms = day_ms;

bool is_a_time(Instant t) { return t >= earliest_instant && t <= latest_instant; }

Instant later(Instant t, std::int64_t ms) {
  return ms < latest_instant - t ? t + ms : latest_instant;
}

}  // namespace

// By time, then by shard: whoever reads the journal finds it in the order of time, and one that is
// cut off anywhere has all that came before.
runtime::Committer::Mark Runtime::State::submit_gathered() {
  struct Part {
    Instant at;
    base::ByteView frame;
  };
  std::vector<Part> parts;
  for (const Lane& lane : lanes) {
    base::ByteView rest = lane.frames.view();
    while (!rest.empty()) {
      const record::FrameHead head = record::head_of(rest);
      parts.push_back({head.at, rest.first(head.size)});
      rest = rest.subspan(head.size);
    }
  }
  std::ranges::stable_sort(parts, {}, &Part::at);
  gathered.clear();
  for (const Part& part : parts) gathered.append(part.frame);
  return committer.submit(gathered.view());
}

// By when they were taken, then by shard.
void Runtime::State::merge(Batch& batch) const {
  struct Part {
    Instant at;
    std::size_t lane = 0;
    std::span<const Action> actions;
  };
  std::vector<Part> parts;
  for (std::size_t at = 0; at < lanes.size(); ++at) {
    std::size_t begin = 0;
    for (const Lane::Take& take : lanes[at].taken) {
      const std::span<const Action> all = lanes[at].actions->all();
      parts.push_back({take.at, at, all.subspan(begin, take.end - begin)});
      begin = take.end;
    }
  }
  std::stable_sort(parts.begin(), parts.end(), [](const Part& a, const Part& b) {
    return std::tie(a.at, a.lane) < std::tie(b.at, b.lane);
  });
  for (const Part& part : parts) {
    batch.merged.insert(batch.merged.end(), part.actions.begin(), part.actions.end());
  }
}

std::optional<std::size_t> Runtime::State::lane_with(const ActionId& action) const {
  for (std::size_t at = 0; at < lanes.size(); ++at) {
    if (lanes[at].knows(action)) return at;
  }
  return std::nullopt;
}

// All that comes before `until`, and what the lanes are to be fed on the way.
void Runtime::State::work(Instant until) {
  crew.each(shards(), [this, until](std::uint32_t at) {
    Lane& lane = lanes[at];
    if (!lane.inputs.empty()) lane.run();
    lane.come_to(until);
  });
  for (Lane& lane : lanes) {
    count(lane);
    refusals.insert(refusals.end(), lane.refusals.begin(), lane.refusals.end());
    lane.refusals.clear();
    lane.inputs.clear();
    lane.places.clear();
    lane.floors.clear();
  }
}

void Runtime::State::adapt(std::size_t written) {
  if (written < little_bytes) window_ms = std::min(window_ms * 2, window_max_ms);
  if (written > much_bytes) window_ms = std::max(window_ms / 2, window_min_ms);
}

// What is refused moves no time.
bool Runtime::State::moves_time(const Input& input) const {
  if (!is_a_time(received_of(input))) return false;
  const Route route = runtime::route_of(input, directory);
  std::size_t lane =
      route.to == Route::To::action ? lane_with(route.action).value_or(0) : route.shard;
  lane = shard_that_knows(input, lane, now()).value_or(lane);
  return !lanes[lane].engine.refuses(input).has_value();
}

// Window by window, each beginning with what is due first.
Result<void> Runtime::State::come_to(Instant t, Sink* sink, bool holds) {
  for (;;) {
    std::optional<Instant> due;
    for (const Lane& lane : lanes) {
      const std::optional<Instant> next = lane.engine.next_deadline();
      if (next && (!due || *next < *due)) due = next;
    }
    if (!due || *due >= t) return {};
    const std::size_t before = frames_size();
    work(std::min(t, later(*due, window_ms)));
    adapt(frames_size() - before);
    if (Result<void> relieved = relieve(sink); !relieved) return relieved;
    if (holds && is_full()) return full();
  }
}

// Gives each lane what it is to be fed of `inputs` from `from` on, and returns behind which of them
// all lanes must have come equally far. `latest` is the greatest time so far.
std::size_t Runtime::State::share_out(std::span<const Input> inputs, std::size_t from,
                                      Instant& latest) {
  const Instant end = later(latest, window_ms);
  std::size_t at = from;
  for (; at < inputs.size() && at - from < inputs_max; ++at) {
    const Instant received = received_of(inputs[at]);
    if (at > from && is_a_time(received) && received > end) return at;
    Route route = runtime::route_of(inputs[at], directory);
    route.told_to_all = route.told_to_all || is_first_report(inputs[at]);
    const bool is_first = at == from;
    std::size_t lane = route.shard;
    if (route.to == Route::To::action) {
      const std::optional<std::size_t> found = lane_with(route.action);
      // It may be an action that what comes before it emits.
      if ((!found || route.told_to_all) && !is_first) return at;
      lane = found.value_or(0);
    }
    const std::optional<Hash128> message = engine::message_of(inputs[at]);
    if (const auto came = message ? messages.find(*message) : std::nullopt) {
      const bool moves = is_a_time(received) && received > latest;
      if (!is_first && (*came != lane || moves)) return at;
      const bool repeats = lanes[*came].repeats(*message, std::max(latest, received));
      if (repeats && route.to == Route::To::all) {
        if (!is_first) return at;
        // All take it, or none.
        if (const std::optional<Error> refused = lanes[*came].engine.refuses(inputs[at])) {
          refusals.push_back({at, *refused});
          return at + 1;
        }
      } else if (repeats) {
        route.joins = false;  // whoever it brought together are where they are since
        lane = *came;
      }
    }
    // Who stands for whom must be known, where ids may be anywhere.
    const auto* const forget = std::get_if<Forget>(&inputs[at]);
    if (forget != nullptr && !is_first && !directory.empty()) return at;
    if (is_a_time(received) && received > latest) {
      // Whether it is refused may hang on what comes before it.
      if (const std::optional<Error> refused = lanes[lane].engine.refuses(inputs[at])) {
        if (!is_first) return at;
        refusals.push_back({at, *refused});
        return at + 1;
      }
      latest = received;
    }
    bool is_alone = false;
    if (route.joins) {
      runtime::Meeting meeting = runtime::meeting_of(inputs[at], directory, lanes);
      if (!is_first && (meeting.is_open || !meeting.come.empty())) return at;
      is_alone = meeting.is_alone;
      if (!lanes[lane].engine.refuses(inputs[at])) {
        lane = meeting.shard;
        bring_together(std::move(meeting), latest);
      }
    }
    if (forget != nullptr) forget_elsewhere(*forget, lane, at, latest);
    if (message) messages.note(*message, static_cast<std::uint32_t>(lane));
    if (route.to == Route::To::all) {
      for (Lane& each : lanes) each.give(inputs[at], at, latest);
    } else {
      lanes[lane].give(inputs[at], at, latest);
    }
    if (route.told_to_all || is_alone) return at + 1;
  }
  return at;
}

// Of the reports among what was fed, from `from` on, those that were not refused.
void Runtime::State::settle_leases(std::span<const Input> fed, std::size_t from,
                                   std::span<const Refusal> refused) {
  for (std::size_t at = 0; at < fed.size(); ++at) {
    const auto* const report = std::get_if<Report>(&fed[at]);
    if (report == nullptr) continue;
    const bool is_refused =
        std::ranges::any_of(refused, [&](const Refusal& each) { return each.index == from + at; });
    if (!is_refused) leases.settle(report->action);
  }
}

// Who has never heard of a report keeps nothing for those to come, so all are told of the first.
bool Runtime::State::is_first_report(const Input& input) {
  if (all_hear_of_reports || !std::holds_alternative<Report>(input)) return false;
  const auto hears = [](const Lane& lane) { return lane.hears_of_reports(); };
  all_hear_of_reports = std::ranges::all_of(lanes, hears);
  return !all_hear_of_reports;
}

// Of what the lanes have written: one report, and what was due before it.
void Runtime::State::tell_all_of_reports() {
  for (const Lane& lane : lanes) tell_others_of_reports(lane);
}

void Runtime::State::tell_others_of_reports(const Lane& by) {
  const auto tell = [&](const record::Frame& frame, const record::Suppressed* told) {
    for (Lane& lane : lanes) {
      const bool is_news = told != nullptr || !lane.hears_of_reports();
      if (&lane != &by && is_news) lane.hear_of_report(told, frame.shard, frame.at);
    }
  };
  record::FrameReader reader(by.frames.view());
  record::Frame frame;
  while (reader.next(frame) == record::FrameReader::Outcome::frame) {
    if (frame.kind != record::InputKind::report) continue;
    base::ByteView rest = frame.records;
    while (const std::optional<record::RawRecord> raw = record::Frame::next(rest)) {
      if (raw->kind != record::RecordKind::suppressed) continue;
      const auto told = record::decode<record::Suppressed>(raw->fields);
      if (told) tell(frame, &*told);
    }
    tell(frame, nullptr);
  }
}

Result<void> Runtime::State::take_in_shards(std::span<const Input> inputs, Sink* sink) {
  Instant latest = now();
  for (std::size_t at = 0; at < inputs.size();) {
    messages.tidy(lanes, latest);
    if (const Instant first = received_of(inputs[at]); first > latest && moves_time(inputs[at])) {
      if (Result<void> came = come_to(first, sink, false); !came) return came;
    }
    const std::size_t refused_before = refusals.size();
    const std::size_t end = share_out(inputs, at, latest);
    const std::span<const Input> some = inputs.subspan(at, end - at);
    const bool is_told_to_all =
        runtime::route_of(some.front(), directory).told_to_all || is_first_report(some.front());
    // So that what the lanes have written then is what came of it.
    if (is_told_to_all) hand_over();
    const std::size_t before = frames_size();
    work(latest);
    adapt(frames_size() - before);
    settle_leases(some, at, std::span(refusals).subspan(refused_before));
    if (is_told_to_all) tell_all_of_reports();
    settle_in();
    at = end;
    if (std::ranges::any_of(some, runtime::is_forget)) snapshotter.forgot(now(), frames_size());
    if (Result<void> relieved = relieve(sink); !relieved) return relieved;
  }
  // What concerns all is refused by all.
  std::ranges::stable_sort(refusals, {}, &Refusal::index);
  const auto again = std::ranges::unique(refusals, {}, &Refusal::index);
  refusals.erase(again.begin(), again.end());
  hand_over();
  return {};
}

Result<void> Runtime::State::advance_in_shards(Instant t, Sink* sink) {
  if (Result<void> came = come_to(t, sink, sink == nullptr); !came) {
    hand_over();
    return came;
  }
  offer_again(t);
  crew.each(shards(), [this, t](std::uint32_t at) {
    Lane& lane = lanes[at];
    lane.come_to(t);
    lane.engine.advance_to(t);
    lane.collect();
  });
  for (Lane& lane : lanes) count(lane);
  hand_over();
  return {};
}

// All of them, or none: so each is asked first.
Result<void> Runtime::State::publish_in_shards(const Workspace& workspace,
                                               std::span<const Campaign> campaigns,
                                               Instant received,
                                               std::span<const Migration> migrations) {
  const auto at = runtime::publication_time(lanes, workspace, campaigns, received, migrations);
  if (!at) return at.error();
  if (!*at) return {};
  received = **at;
  // What is due before it is taken by the next call that has a sink.
  if (received > now()) {
    crew.each(shards(), [&](std::uint32_t lane) { lanes[lane].engine.advance_to(received - 1); });
  }
  for (const Lane& lane : lanes) {
    const Result<std::vector<MigrationRow>> rows = lane.engine.preview(campaigns, migrations);
    if (!rows) return rows.error();
    if (Result<void> answered = engine::check_moves(*rows); !answered) return answered;
  }
  if (runtime::gathers(lanes, workspace, campaigns)) {
    for (Lane& lane : lanes) lane.keep_frames();
    hand_over();
    if (Result<void> gone_home = gather(received); !gone_home) return gone_home;
  }
  const auto publish = [&](Lane& lane) {
    return lane.engine.publish(workspace, campaigns, received, migrations);
  };
  if (Result<void> published = publish(lanes.front()); !published) return published;
  std::vector<Result<void>> outcomes(lanes.size());
  crew.each(shards() - 1,
            [&](std::uint32_t before) { outcomes[before + 1] = publish(lanes[before + 1]); });
  for (Result<void>& outcome : outcomes) {
    if (outcome) continue;
    torn = outcome.error();
    return outcome;
  }
  return {};
}

}  // namespace itinera
