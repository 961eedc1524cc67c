// SPDX-License-Identifier: Apache-2.0
#include "engine_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "allocations.hpp"
#include "itinera/engine.hpp"
#include "itinera/yaml.hpp"
#include "record/frame.hpp"

namespace itinera::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view workspace_yaml = R"(workspace: bench
channels:
  email: {address: contact.id, consent: none}
  push: {address: contact.id, consent: none}
  sms: {address: contact.id, consent: none}
)";

constexpr std::string_view policy_yaml = R"(workspace: bench
topics: [marketing]
channels:
  email: {address: contact.id, consent: opt_in}
  push: {address: contact.id, consent: opt_in}
  sms: {address: contact.id, consent: opt_in}
policy:
  quiet_hours: {from: "21:00", to: "08:00"}
  caps:
    - {max: 6, per: 7d, topic: marketing}
    - {max: 2, per: day, channel: sms}
)";

constexpr std::string_view cart_yaml = R"(campaign: cart-recovery
entry:
  - event: cart_abandoned
steps:
  - wait_for: {event: order_placed}
    within: 1h
    then:
      - exit: converted
  - send: email
    template: reminder
  - wait_for: {event: email_opened}
    within: 24h
    then:
      - send: push
        template: offer
    else:
      - send: sms
        template: nudge
  - wait: 72h
  - exit: ended
)";

constexpr std::string_view three_ways_yaml = R"(campaign: cart-recovery
topic: marketing
entry:
  - event: cart_abandoned
steps:
  - wait_for: {event: order_placed}
    within: 1h
    then:
      - exit: converted
  - send: [email, push, sms]
    prefer: engaged
    template: reminder
  - wait_for: {event: email_opened}
    within: 24h
    then:
      - send: push
        template: offer
    else:
      - send: sms
        template: nudge
  - wait: 72h
  - exit: ended
)";

constexpr std::string_view fanout_yaml = R"(campaign: broadcast
entry:
  - host
steps:
  - branch:
      - when: entry.arm == "email"
        steps: [{send: email, template: first}]
      - when: entry.arm == "push"
        steps: [{send: push, template: first}]
    else: [{send: sms, template: first}]
  - wait: 1h
  - branch:
      - when: entry.arm == "email"
        steps: [{send: email, template: second}]
      - when: entry.arm == "push"
        steps: [{send: push, template: second}]
    else: [{send: sms, template: second}]
  - wait: 24h
)";

constexpr std::size_t batch = 1'024;

LoadedWorkspace load(std::string_view campaign, std::string_view workspace) {
  const SourceFile files[] = {{"workspace.yaml", std::string(workspace)},
                              {"campaign.yaml", std::string(campaign)}};
  LoadedWorkspace loaded = load_workspace(files);
  for (const Diagnostic& finding : loaded.diagnostics) {
    if (finding.severity == Severity::error) give_up(to_text(finding));
  }
  return loaded;
}

Engine make_engine(std::string_view campaign, std::string_view workspace = workspace_yaml) {
  const LoadedWorkspace loaded = load(campaign, workspace);
  Result<Engine> engine = Engine::create(engine_options());
  if (!engine) give_up(engine.error().message);
  const Result<void> published = engine->publish(loaded.workspace, loaded.campaigns, epoch - 1);
  if (!published) give_up(published.error().message);
  return std::move(*engine);
}

std::string_view name_of(EventType type) {
  switch (type) {
    case EventType::cart_abandoned: return "cart_abandoned";
    case EventType::order_placed: return "order_placed";
    case EventType::email_opened: return "email_opened";
    case EventType::page_view: return "page_view";
  }
  return "";
}

ActionKind kind_of(const Action& action) {
  switch (action.channel.front()) {
    case 'e': return ActionKind::email;
    case 'p': return ActionKind::push;
    default: return ActionKind::sms;
  }
}

// Takes the output as a host would, and counts.
class Host {
 public:
  explicit Host(Engine& engine) : engine_(engine) {}

  void take() {
    const Output out = engine_.take_output();
    journal_bytes += out.journal.size();
    if (read_journal) read_journal(out.journal);
    for (const Action& action : out.actions) {
      const std::int64_t hour = (action.at - epoch) / hour_ms % 24;
      if (hour < 8 || hour >= 21) ++at_night;
      std::uint64_t contact = 0;
      const std::string_view id = action.contact.substr(8);
      std::from_chars(id.data(), id.data() + id.size(), contact);
      const ActionKind kind = kind_of(action);
      totals.add(kind, static_cast<std::uint64_t>(action.at - epoch), key_of(contact));
      totals.add_index(kind, contact);
    }
  }

  Totals totals;
  std::uint64_t journal_bytes = 0;
  std::uint64_t at_night = 0;  // actions
  std::function<void(std::span<const std::byte>)> read_journal;

 private:
  Engine& engine_;
};

// Feeds the stream in batches; `after` is called after each with the next event's index.
template <class After>
void feed_cart(Engine& engine, Host& host, const CartRecovery& workload, const IdStream& ids,
               After after) {
  std::vector<Input> inputs;
  inputs.reserve(batch);
  for (std::size_t at = 0; at < workload.events.size(); at += batch) {
    const std::size_t end = std::min(at + batch, workload.events.size());
    make_inputs(workload, ids, at, end, inputs);
    if (!engine.feed(inputs).empty()) give_up("an input was refused");
    host.take();
    after(end);
  }
  engine.advance_to(epoch + cart_end_ms);
  host.take();
}

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// How the journeys ended, by the exit step that ended them.
void count_ends(std::span<const std::byte> journal, Totals& totals) {
  record::FrameReader reader(journal);
  record::Frame frame;
  while (reader.next(frame) == record::FrameReader::Outcome::frame) {
    base::ByteView rest = frame.records;
    while (const auto raw = record::Frame::next(rest)) {
      if (raw->kind != record::RecordKind::ended) continue;
      const auto ended = record::decode<record::Ended>(raw->fields);
      if (!ended) give_up("a record does not decode");
      // The first `exit` step of the campaign stands at place 1.
      if (ended->node == 1)
        ++totals.converted;
      else
        ++totals.ended;
    }
  }
}

}  // namespace

void give_up(std::string_view why) {
  fmt::print(stderr, "bench: {}\n", why);
  std::exit(2);
}

EngineOptions engine_options() {
  static const auto zones = load_zones();
  if (!zones) give_up(zones.error().message);
  return {Limits{}, *zones};
}

LoadedWorkspace cart_workspace() { return load(cart_yaml, workspace_yaml); }

IdStream ids_of(const CartRecovery& workload) {
  IdStream ids;
  for (const Event& event : workload.events) ids.add(event.contact());
  return ids;
}

void make_inputs(const CartRecovery& workload, const IdStream& ids, std::size_t begin,
                 std::size_t end, std::vector<Input>& inputs) {
  inputs.clear();
  for (std::size_t i = begin; i < end; ++i) {
    auto& event = std::get<itinera::Event>(inputs.emplace_back(itinera::Event{}));
    event.name = name_of(workload.events[i].type());
    event.contact = ids[i];
    event.envelope.received = epoch + workload.events[i].at_ms();
  }
}

CartRun run_engine(const CartRecovery& workload) {
  const IdStream ids = ids_of(workload);
  Engine engine = make_engine(cart_yaml);
  Host host(engine);
  CartRun run;
  const auto begin = Clock::now();
  feed_cart(engine, host, workload, ids, [&](std::size_t) {
    run.peak_journeys = std::max(run.peak_journeys, engine.statistics().journeys_in_flight);
  });
  run.seconds = seconds_since(begin);
  run.totals = host.totals;
  run.totals.timers = engine.statistics().timers_fired;
  run.totals.converted = workload.expected.converted;  // audit_engine() counts them
  run.totals.ended = engine.statistics().journeys_ended - run.totals.converted;
  run.ok = run.totals == workload.expected && engine.statistics().journeys_in_flight == 0;
  return run;
}

CartRun run_consented(const CartRecovery& workload, bool under_policy) {
  const IdStream ids = ids_of(workload);
  Engine engine = under_policy ? make_engine(three_ways_yaml, policy_yaml) : make_engine(cart_yaml);
  Host host(engine);
  const Consent yes[] = {{.channel = "email"}, {.channel = "push"}, {.channel = "sms"}};
  for (std::uint64_t i = 0; i < workload.contacts; ++i) {
    const std::string name = contact_name(i);
    Identify identify;
    identify.contact = name;
    identify.envelope.received = epoch;
    identify.consents = yes;
    const Input input = identify;
    if (!engine.feed(std::span(&input, 1)).empty()) give_up("a consent was refused");
    if (i % batch == 0) host.take();
  }
  host.take();
  CartRun run;
  const auto begin = Clock::now();
  feed_cart(engine, host, workload, ids, [&](std::size_t) {
    run.peak_journeys = std::max(run.peak_journeys, engine.statistics().journeys_in_flight);
  });
  engine.advance_to(epoch + cart_end_ms + day_ms);  // what the night has held up
  host.take();
  run.seconds = seconds_since(begin);
  run.totals = host.totals;
  run.ok = run.totals.actions() == workload.expected.actions() &&
           engine.statistics().journeys_in_flight == 0 && (host.at_night == 0) == under_policy;
  return run;
}

Totals audit_engine(const CartRecovery& workload) {
  const IdStream ids = ids_of(workload);
  Engine engine = make_engine(cart_yaml);
  Host host(engine);
  Totals ends;
  host.read_journal = [&](std::span<const std::byte> journal) { count_ends(journal, ends); };
  feed_cart(engine, host, workload, ids, [](std::size_t) {});
  Totals totals = host.totals;
  totals.timers = engine.statistics().timers_fired;
  totals.converted = ends.converted;
  totals.ended = ends.ended;
  return totals;
}

double bytes_per_contact(const CartRecovery& workload, bool under_policy) {
  Engine engine = under_policy ? make_engine(three_ways_yaml, policy_yaml) : make_engine(cart_yaml);
  Host host(engine);
  host.take();
  const std::uint64_t before = allocated_now();
  std::vector<std::string> names(batch);
  std::vector<Input> inputs;
  for (std::uint64_t at = 0; at < workload.contacts; at += batch) {
    inputs.clear();
    for (std::uint64_t i = at; i < std::min(at + batch, workload.contacts); ++i) {
      names[i - at] = contact_name(i);
      Identify identify;
      identify.contact = names[i - at];
      identify.envelope.received = epoch;
      inputs.emplace_back(identify);
    }
    engine.feed(inputs);
    host.take();
  }
  inputs = {};
  names = {};
  return static_cast<double>(allocated_now() - before) / static_cast<double>(workload.contacts);
}

Memory measure_memory(const CartRecovery& workload) {
  Memory memory;
  const IdStream ids = ids_of(workload);
  memory.bytes_per_contact = bytes_per_contact(workload, false);
  const double contacts_only = memory.bytes_per_contact * static_cast<double>(workload.contacts);

  Engine engine = make_engine(cart_yaml);
  Host host(engine);
  host.take();
  const std::uint64_t before = allocated_now();
  std::uint64_t journeys = 0;
  std::uint64_t most = 0;
  feed_cart(engine, host, workload, ids, [&](std::size_t) {
    if (engine.statistics().journeys_in_flight <= journeys) return;
    journeys = engine.statistics().journeys_in_flight;
    most = allocated_now() - before;
  });
  memory.journeys = journeys;
  memory.bytes_per_journey =
      (static_cast<double>(most) - contacts_only) / static_cast<double>(journeys);
  return memory;
}

FanoutRun run_engine(const BroadcastFanout& workload) {
  IdStream ids;
  for (std::uint64_t i = 0; i < workload.contacts; ++i) ids.add(i);
  const Property arms[] = {{"arm", "email"}, {"arm", "push"}, {"arm", "sms"}};
  Engine engine = make_engine(fanout_yaml);
  Host host(engine);
  FanoutRun run;
  std::vector<Input> inputs;
  auto begin = Clock::now();
  for (std::uint64_t at = 0; at < workload.contacts; at += batch) {
    inputs.clear();
    for (std::uint64_t i = at; i < std::min<std::uint64_t>(at + batch, workload.contacts); ++i) {
      Enter enter;
      enter.campaign = "broadcast";
      enter.contact = ids[i];
      enter.envelope.received = epoch;
      enter.properties = std::span(&arms[static_cast<std::size_t>(arm_of(i)) - 1], 1);
      inputs.emplace_back(enter);
    }
    if (!engine.feed(inputs).empty()) give_up("an entry was refused");
    host.take();
  }
  run.enter_seconds = seconds_since(begin);
  begin = Clock::now();
  engine.advance_to(epoch + hour_ms);
  host.take();
  run.first_wait_seconds = seconds_since(begin);
  begin = Clock::now();
  engine.advance_to(epoch + hour_ms + day_ms);
  host.take();
  run.second_wait_seconds = seconds_since(begin);
  run.totals = host.totals;
  run.totals.timers = engine.statistics().timers_fired;
  run.totals.ended = engine.statistics().journeys_ended;
  run.ok = run.totals == workload.expected && engine.statistics().journeys_in_flight == 0;
  return run;
}

}  // namespace itinera::bench
