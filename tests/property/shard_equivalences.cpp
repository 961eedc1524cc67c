// SPDX-License-Identifier: Apache-2.0
#include "property/shard_equivalences.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/check.hpp"
#include "itinera/runtime.hpp"
#include "model/walk.hpp"
#include "record/frame.hpp"

namespace itinera::property {
namespace {

constexpr std::uint32_t shard_count = 5;

// A runtime's own affair.
bool is_of_delivery(const Command& command) {
  return command.kind == Command::Kind::reoffer || command.kind == Command::Kind::acknowledge;
}

// Without what looks at contacts that have nothing to do with each other.
void share_nothing(Publication& publication) {
  publication.workspace.senders.clear();
  for (Campaign& campaign : publication.campaigns) {
    campaign.brake.reset();
    campaign.entry_cap = {};
    for (Entry& entry : campaign.entries) entry.ramp.reset();
    model::for_each_step(campaign.steps, [](Step& step) {
      if (auto* const send = std::get_if<Send>(&step.kind)) {
        send->senders.clear();
        if (send->prefer == Send::Prefer::engaged) send->prefer = Send::Prefer::listed;
      }
    });
  }
}

// A host with a store, who may be stopped and begin anew.
class ShardHost {
 public:
  ShardHost(std::uint32_t shards, std::uint32_t threads) : shards_(shards), threads_(threads) {
    open();
  }

  void open() {
    runtime_.reset();
    RuntimeOptions how;
    how.shards = shards_;
    how.threads = threads_;
    how.upkeep.erase_after_ms = 0;  // else groups are replaced while they are compared
    auto opened = Runtime::open(memory_store(disk_), engine_options(), how);
    if (!opened) fmt::print(stderr, "{}\n", opened.error().message);
    ITINERA_CHECK(opened.has_value());
    runtime_ = std::make_unique<Runtime>(std::move(*opened));
  }

  bool publish(const Publication& publication, Instant received) {
    return runtime_
        ->publish(publication.workspace, publication.campaigns, received, publication.migrations)
        .has_value();
  }
  std::vector<std::size_t> feed(std::span<const Input> inputs) {
    const auto fed = runtime_->feed(inputs, sink_);
    ITINERA_CHECK(fed.has_value());
    std::vector<std::size_t> refused;
    for (const Refusal& each : *fed) refused.push_back(each.index);
    return refused;
  }
  void advance_to(Instant t) { ITINERA_CHECK(runtime_->advance_to(t, sink_)); }
  // Nothing is lost that waits to be taken: a host takes it before it stops.
  [[nodiscard]] Instant now() const { return runtime_->now(); }

  [[nodiscard]] std::vector<std::string> actions() const {
    std::vector<std::string> all = sink_.told;
    std::sort(all.begin(), all.end());
    return all;
  }
  [[nodiscard]] base::Bytes journal() const {
    base::Bytes all;
    const auto groups = memory_store(disk_)->read(0, SIZE_MAX);
    for (const JournalGroup& group : *groups) {
      all.insert(all.end(), group.frames.begin(), group.frames.end());
    }
    return all;
  }

 private:
  struct Sink final : Runtime::Sink {
    void act(std::span<const Action> given) override {
      for (const Action& each : given) told.push_back(to_words(each));
    }
    std::vector<std::string> told;
  };

  std::uint32_t shards_;
  std::uint32_t threads_;
  std::shared_ptr<MemoryDisk> disk_ = memory_disk();
  std::unique_ptr<Runtime> runtime_;
  Sink sink_;
};

// Plays the commands; a feed that follows another joins it where `joins` says so.
template <class Joins, class Stops>
std::string play_on(ShardHost& host, const Script& script, Joins joins, Stops stops) {
  std::string outcomes;  // of each command, whether it was refused
  std::vector<Input> batch;
  const auto flush = [&] {
    if (batch.empty()) return;
    std::string refused(batch.size(), '.');
    for (const std::size_t at : host.feed(batch)) refused[at] = 'x';
    outcomes += refused;
    batch.clear();
  };
  for (const Command& command : script.commands) {
    if (command.kind == Command::Kind::publish) {
      flush();
      const Publication& publication = script.publications[command.publication];
      outcomes += host.publish(publication, command.received) ? 'p' : 'X';
    } else if (command.kind == Command::Kind::advance) {
      flush();
      host.advance_to(command.received);
    } else {
      batch.push_back(input_of(command));
      if (joins()) continue;
      flush();
    }
    if (batch.empty() && stops()) {
      // What was emitted is taken first, else it is lost with the runtime.
      host.advance_to(host.now());
      host.open();
    }
  }
  flush();
  host.advance_to(host.now() + 40 * day_ms);
  return outcomes;
}

std::string first_difference(const std::vector<std::string>& expected,
                             const std::vector<std::string>& found) {
  const auto [a, b] = std::mismatch(expected.begin(), expected.end(), found.begin(), found.end());
  if (a == expected.end() && b == found.end()) return {};
  return fmt::format("{} actions against {}, of which the first that differ are\n  {}\n  {}",
                     expected.size(), found.size(), a == expected.end() ? "none" : *a,
                     b == found.end() ? "none" : *b);
}

// The first frame in which two journals differ.
std::string other_bytes(const base::Bytes& expected, const base::Bytes& found) {
  if (expected == found) return {};
  record::FrameReader a(expected);
  record::FrameReader b(found);
  record::Frame one;
  record::Frame other;
  using Outcome = record::FrameReader::Outcome;
  for (std::size_t number = 0;; ++number) {
    const bool both = a.next(one) == Outcome::frame && b.next(other) == Outcome::frame;
    const bool same = both && one.shard == other.shard && one.at == other.at &&
                      std::ranges::equal(one.input, other.input) &&
                      std::ranges::equal(one.records, other.records);
    if (same) continue;
    return fmt::format(
        "three threads write other bytes than one, from frame {} on: kind {} of shard {} at {}, "
        "and kind {} of shard {} at {}",
        number, static_cast<int>(one.kind), one.shard, to_text(one.at),
        static_cast<int>(other.kind), other.shard, to_text(other.at));
  }
}

}  // namespace

void make_shardable(World& world) {
  std::erase_if(world.commands, is_of_delivery);
  // What concerns all is known by each: its ids are no other's.
  for (Command& command : world.commands) {
    if (command.kind == Command::Kind::suppress) command.message_id.clear();
  }
}

void share_later(World& world, Choices& choices) {
  using Kind = Command::Kind;
  const std::size_t count = world.publications.size();
  for (std::size_t at = 0; at < count; ++at) {
    Publication later = world.publications[at];
    share_nothing(world.publications[at]);
    const bool moves = choices.chance(1, 2);
    for (Campaign& campaign : later.campaigns) {
      campaign.version += 1'000;
      if (moves) later.migrations.push_back({campaign.name});
    }
    if (!moves) later.migrations.clear();
    world.publications.push_back(std::move(later));
  }
  const std::size_t from = 1 + choices.below(static_cast<std::uint32_t>(world.commands.size()));
  std::size_t published = 0;
  for (std::size_t at = 0; at < world.commands.size(); ++at) {
    Command& command = world.commands[at];
    if (command.kind != Kind::publish) continue;
    if (at < from) published = command.publication;
    if (at >= from) command.publication += static_cast<std::uint32_t>(count);
  }
  Command now;
  now.kind = Kind::publish;
  now.received = world.commands[from - 1].received;
  now.publication = static_cast<std::uint32_t>(count + published);
  world.commands.insert(world.commands.begin() + static_cast<std::ptrdiff_t>(from), now);
}

void join_more(World& world, Choices& choices) {
  using Kind = Command::Kind;
  constexpr std::uint32_t crowd = 12;
  const auto person = [&] { return fmt::format("crowd-{}", choices.below(crowd)); };
  const auto device = [&] { return fmt::format("device-{}", choices.below(crowd)); };
  std::vector<Command> commands;
  for (Command& each : world.commands) {
    const Command model = each;
    commands.push_back(std::move(each));
    const bool is_said_by_somebody = model.kind == Kind::event || model.kind == Kind::identify;
    for (std::uint32_t i = 0; is_said_by_somebody && i < 3; ++i) {
      Command& another = commands.emplace_back(model);
      another.message_id.clear();
      another.verified.clear();
      another.contact = model.anonymous.empty() ? person() : std::string();
      another.anonymous = model.anonymous.empty() ? std::string() : device();
    }
    if (!choices.chance(1, 2)) continue;
    Command& join = commands.emplace_back();
    join.kind = choices.one_of({Kind::merge, Kind::alias, Kind::identify, Kind::group});
    join.received = model.received;
    join.contact = person();
    switch (join.kind) {
      case Kind::merge: join.into = person(); break;
      case Kind::group: join.into = choices.one_of({"acme", "ajax", ""}); break;
      default: join.anonymous = device();
    }
  }
  world.commands = std::move(commands);
}

std::string shards_equal_one(const Script& script, Choices& choices, std::size_t& actions) {
  const auto never = [] { return false; };
  ShardHost whole(1, 1);
  const std::string outcomes = play_on(whole, script, never, never);
  const std::vector<std::string> expected = whole.actions();
  actions += expected.size();

  ShardHost alone(shard_count, 1);
  ShardHost several(shard_count, 3);
  const auto at_once = [] { return true; };
  std::string found = play_on(alone, script, at_once, never);
  if (found != outcomes) return fmt::format("refused\n  {}\n  {}", outcomes, found);
  if (std::string wrong = first_difference(expected, alone.actions()); !wrong.empty()) {
    return wrong;
  }
  play_on(several, script, at_once, never);
  if (std::string wrong = other_bytes(alone.journal(), several.journal()); !wrong.empty()) {
    return wrong;
  }

  // Restarts close the instant, as they do for one engine.
  std::vector<bool> stops;
  for (std::size_t at = 0; at < script.commands.size(); ++at) {
    stops.push_back(choices.chance(1, 16));
  }
  const auto by_plan = [&stops](std::size_t& at) {
    return [&] { return at < stops.size() && stops[at++]; };
  };
  std::size_t first = 0;
  ShardHost stopped_whole(1, 1);
  play_on(stopped_whole, script, never, by_plan(first));
  std::size_t second = 0;
  ShardHost stopped(shard_count, 2);
  play_on(stopped, script, never, by_plan(second));
  return first_difference(stopped_whole.actions(), stopped.actions());
}

}  // namespace itinera::property
