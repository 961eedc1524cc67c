// SPDX-License-Identifier: Apache-2.0
// Any calls: sound campaigns and inputs in any order, or campaigns out of mutilated files and
// inputs that no sound host would feed. Whatever was called, the journal is readable and gives an
// engine that has counted the same.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/check.hpp"
#include "fuzz/bytes.hpp"
#include "itinera/engine.hpp"
#include "itinera/yaml.hpp"
#include "property/equivalences.hpp"
#include "property/random_world.hpp"

namespace {

using namespace itinera;

constexpr const char* workspace_text = R"(workspace: shop
zone: Europe/Warsaw
channels:
  email: {address: contact.email, consent: none}
  push: {address: contact.push_token, consent: none}
policy: {caps: [{max: 2, per: 1d, account: true}]}
)";
constexpr const char* campaign_text = R"(campaign: cart
version: 1
entry:
  - event: cart
    when: event.total >= 5.0
    key: event.id
  - host
reentry: after 1h
while_running: restart
goals:
  order: {event: order, when: event.id == journey.key, value: event.total, within: 7d, exits: true}
exits:
  - {condition: contact.tier == "gone"}
  - {account: complained}
brake: {failed: 50%, of: 4}
steps:
  - send: email
    id: hello
    template: hello
    max_visits: 3
    on_cap: hold
    expires: 2d
    data: {total: =entry.total, n: '=count("cart", "1d")'}
  - wait_for: {opened: hello}
    within: 1d
    then: [{set: {tier: opened, journey.round: 1}}]
    else:
      - wait: {time: "02:30"}
      - goto: hello
  - split:
      - {variant: a, weight: 1, steps: [{send: push, template: a}]}
      - {variant: b, weight: 1}
  - wait: 1d
  - {call: look, id: look, within: 4h, retry: {times: 2, after: 1h}}
  - {task: Ask, id: ask, team: sales, within: 1d, as: said}
)";

// The text with a few of its bytes changed, taken out or put in.
std::string mutilated(std::string text, fuzz::Bytes& in) {
  for (std::size_t changes = in.below(4); changes > 0; --changes) {
    const std::size_t at = in.below(text.size());
    switch (in.below(3)) {
      case 0: text[at] = static_cast<char>(in.byte()); break;
      case 1: text.insert(at, in.text(8)); break;
      default: text.erase(at, in.below(16));
    }
  }
  return text;
}

Value any_value(fuzz::Bytes& in, int depth) {
  switch (in.below(depth > 3 ? 7 : 9)) {
    case 0: return in.text(6);
    case 1: return static_cast<std::int64_t>(in.number(4));
    case 2: return static_cast<double>(in.number(2)) / 16.0;
    case 3: return in.byte() % 2 == 0;
    case 4: return Value();
    case 5: return Timestamp{static_cast<std::int64_t>(in.number(4)), 0};
    case 6: return TimeSpan{static_cast<std::int64_t>(in.number(3)), 0};
    case 7: return Value::List{any_value(in, depth + 1), any_value(in, depth + 1)};
    default: return Value::Map{{in.text(3), any_value(in, depth + 1)}};
  }
}

std::string any_name(fuzz::Bytes& in) {
  static const std::vector<std::string> names{"cart",  "order", "ola",  "jan",   "id",
                                              "total", "tier",  "zone", "email", ""};
  const std::size_t which = in.below(names.size() + 2);
  if (which < names.size()) return names[which];
  return which == names.size() ? in.text(12) : std::string(in.number(2) % 1'000, 'x');
}

// Of what `taken` holds, or what the bytes say: perhaps changed, perhaps cut.
std::string any_token(fuzz::Bytes& in, const std::vector<std::string>& taken) {
  if (taken.empty() || in.below(4) == 0) return in.text(40);
  std::string token = taken[in.below(taken.size())];
  if (in.below(2) == 0) return token;
  token[in.below(token.size())] = static_cast<char>(in.byte());
  if (in.below(4) == 0) token.resize(in.below(token.size()));
  return token;
}

// What a command of the rarer kinds says beside.
void say_more(fuzz::Bytes& in, property::Command& command) {
  static constexpr Consent consents[] = {{"email", "", true, "web"},
                                         {"push", "news", false, ""},
                                         {"email", "x", true, "y"},
                                         {"", "", false, ""}};
  command.into = any_name(in);
  command.hard = in.byte() % 2 == 0;
  command.retry = in.byte() % 2 == 0;
  command.yes = in.byte() % 2 == 0;
  command.mode = static_cast<PauseMode>(in.below(3));
  command.takes = in.below(16);
  if (command.kind == property::Command::Kind::suppress) command.address = any_name(in);
  for (std::size_t n = in.below(3); n > 0; --n) {
    static constexpr std::string_view kinds[] = {"email", "phone", ""};
    static constexpr std::string_view values[] = {"a@example.com", "b", "", "\xFF"};
    command.verified.push_back({kinds[in.below(3)], values[in.below(4)]});
  }
  for (std::size_t n = in.below(3); n > 0; --n) command.consents.push_back(consents[in.below(4)]);
}

property::Command any_command(fuzz::Bytes& in, Instant now) {
  using Kind = property::Command::Kind;
  static constexpr Kind kinds[] = {
      Kind::event,    Kind::identify,  Kind::alias,   Kind::report,      Kind::enter,  Kind::stop,
      Kind::merge,    Kind::forget,    Kind::group,   Kind::suppress,    Kind::pause,  Kind::resume,
      Kind::reassign, Kind::take_over, Kind::reoffer, Kind::acknowledge, Kind::report, Kind::event};
  static constexpr std::int64_t gaps[] = {0, 1, hour_ms, day_ms, -day_ms, 40 * day_ms};
  property::Command command;
  command.kind = kinds[in.below(std::size(kinds))];
  command.received = now + gaps[in.below(std::size(gaps))];
  if (in.below(16) == 0) command.received.ms = INT64_MAX - in.byte();
  if (in.below(16) == 1) command.received = latest_instant - in.byte();
  if (in.below(8) == 0) command.occurred = Instant{static_cast<std::int64_t>(in.number(4)) << 12};
  if (in.below(4) == 0) command.message_id = in.text(1);
  command.name = any_name(in);
  command.contact = any_name(in);
  command.anonymous = in.below(4) == 0 ? any_name(in) : "";
  if (in.below(2) == 0) command.key = any_name(in);
  command.receipt = static_cast<Receipt>(in.below(12));
  command.history = static_cast<HistoryKnown>(in.below(3));
  command.pick = in.byte();
  for (std::size_t n = in.below(4); n > 0; --n) {
    command.properties.push_back({any_name(in), any_value(in, 0)});
  }
  say_more(in, command);
  return command;
}

void check_restores(const Engine& engine, const base::Bytes& journal) {
  std::size_t whole_bytes = 0;
  const auto restored = Engine::restore(journal, property::engine_options(), &whole_bytes);
  ITINERA_CHECK(restored.has_value());
  ITINERA_CHECK(whole_bytes == journal.size());
  ITINERA_CHECK(property::same_counts(restored->statistics(), engine.statistics()));
}

void wild_calls(fuzz::Bytes& in) {
  auto engine = Engine::create(property::engine_options());
  ITINERA_CHECK(engine.has_value());
  base::Bytes journal;
  std::vector<ActionId> taken;
  std::vector<std::string> tokens;
  const auto keep = [&](base::ByteView bytes) {
    journal.insert(journal.end(), bytes.begin(), bytes.end());
  };
  std::optional<Instant> due;
  for (int calls = 0; calls < 60 && (calls == 0 || !in.at_end()); ++calls) {
    switch (calls == 0 ? 0 : in.below(8)) {
      case 0: {
        const SourceFile files[] = {{"w", mutilated(workspace_text, in)},
                                    {"c", mutilated(campaign_text, in)}};
        const LoadedWorkspace loaded = load_workspace(files);
        (void)engine->publish(loaded.workspace, loaded.campaigns,
                              std::max(engine->now(), Instant{1'774'600'000'000}));
        break;
      }
      case 1:
        if (due) engine->advance_to(*due);
        break;
      case 2: engine->advance_to(engine->now() + in.number(4)); break;
      case 3:
        keep(engine->take_journal());
        check_restores(*engine, journal);
        engine = Engine::restore(journal, property::engine_options());
        break;
      case 4: {
        const Output output = engine->take_output();
        keep(output.journal);
        for (const Action& action : output.actions) {
          taken.push_back(action.id);
          for (const Property& datum : action.data) {
            const auto* const text = datum.value.get<std::string>();
            if (datum.name == "token" && text != nullptr) tokens.push_back(*text);
          }
        }
        due = output.next_deadline;
        break;
      }
      default: {
        property::Command command = any_command(in, engine->now());
        if (!taken.empty()) command.action = taken[command.pick % taken.size()];
        if (command.kind == property::Command::Kind::take_over) {
          command.address = any_token(in, tokens);
        }
        const Input input = property::input_of(command);
        engine->feed({&input, 1});
      }
    }
  }
  keep(engine->take_journal());
  check_restores(*engine, journal);
}

void sound_calls(fuzz::Bytes& in) {
  property::Choices choices(in.tape());
  const property::Script script =
      property::rehearse(property::random_world(choices, {2, 4, 24}), 20);
  ITINERA_CHECK(property::restore_counts_the_same(script).empty());
  ITINERA_CHECK(property::restore_equals_going_on(script, 3).empty());
  ITINERA_CHECK(property::leap_equals_steps(script, choices).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t size_max = 4'096;
  fuzz::Bytes in(data, std::min(size, size_max));
  if (in.byte() % 2 == 0) {
    wild_calls(in);
  } else {
    sound_calls(in);
  }
  return 0;
}
