// SPDX-License-Identifier: Apache-2.0
#include "property/host.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <numeric>
#include <tuple>
#include <type_traits>
#include <utility>

#include "base/check.hpp"
#include "itinera/value.hpp"
#include "record/frame.hpp"

namespace itinera::property {

const EngineOptions& engine_options() {
  static const EngineOptions options = [] {
    EngineOptions made;
    auto zones = load_zones();
    ITINERA_CHECK(zones.has_value());
    made.zones = *zones;
    return made;
  }();
  return options;
}

Input input_of(const Command& command) {
  const Envelope envelope{command.received, command.occurred, command.message_id, command.source};
  std::optional<std::string_view> key;
  if (command.key) key = *command.key;
  switch (command.kind) {
    case Command::Kind::event:
      return Event{command.name, command.contact, command.anonymous, envelope, command.properties};
    case Command::Kind::identify:
      return Identify{command.contact, command.anonymous, envelope,        command.properties,
                      command.history, command.consents,  command.verified};
    case Command::Kind::alias: return Alias{command.anonymous, command.contact, envelope};
    case Command::Kind::report:
      return Report{command.action,
                    command.receipt,
                    command.hard,
                    command.retry,
                    envelope,
                    command.properties,
                    command.receipt == Receipt::declared ? "connected" : ""};
    case Command::Kind::enter:
      return Enter{command.name, command.contact, key, envelope, command.properties};
    case Command::Kind::stop: return Stop{command.name, command.contact, key, envelope};
    case Command::Kind::move:
      return Move{command.name, command.contact, key, command.step, envelope};
    case Command::Kind::merge: return Merge{command.contact, command.into, envelope};
    case Command::Kind::group: return Group{command.into, command.contact, envelope};
    case Command::Kind::forget: return Forget{command.contact, envelope};
    case Command::Kind::suppress:
      return Suppress{command.name, command.address, command.yes, envelope};
    case Command::Kind::pause: return Pause{command.name, command.mode, command.yes, envelope};
    case Command::Kind::resume: return Resume{command.name, envelope};
    case Command::Kind::reassign: {
      std::optional<std::int64_t> within_ms;
      if (command.hard) within_ms = hour_ms;
      return Reassign{command.action, command.into, command.name, "take it", within_ms, envelope};
    }
    case Command::Kind::take_over: return TakeOver{command.address, command.contact, envelope};
    case Command::Kind::reoffer:
      return Reoffer{command.yes ? std::span<const ActionId>() : std::span(&command.action, 1),
                     envelope};
    case Command::Kind::acknowledge: return Acknowledge{command.takes, command.yes, envelope};
    case Command::Kind::publish:
    case Command::Kind::advance: break;
  }
  ITINERA_CHECK(false);
  return {};
}

bool same_counts(const Statistics& a, const Statistics& b) {
  static_assert(std::is_trivially_copyable_v<Statistics> &&
                std::has_unique_object_representations_v<Statistics>);
  Statistics x = a;
  Statistics y = b;
  x.events_unheard = 0;
  y.events_unheard = 0;
  return std::memcmp(&x, &y, sizeof x) == 0;
}

std::string to_words(const Action& action) {
  std::string words = fmt::format(
      "{} {} {} {} {} v{} {}#{} key={}{} {}:{} <{}>{}{}", to_text(action.id.hash),
      to_text(action.at), name_of(action.kind), action.contact, action.campaign, action.version,
      action.step, action.iteration, action.has_key ? "=" : "-", action.key, action.channel,
      action.template_name, action.address, action.name, action.team);
  for (const Property& datum : action.data) {
    fmt::format_to(std::back_inserter(words), " {}={}", datum.name, to_json(datum.value));
  }
  if (action.maybe_executed) words += again_word;
  return words;
}

namespace {

Engine new_engine() {
  auto engine = Engine::create(engine_options());
  ITINERA_CHECK(engine.has_value());
  return std::move(*engine);
}

// A host that stops at every deadline, and writes down what it called.
class Rehearsal {
 public:
  explicit Rehearsal(World world) : engine_(new_engine()) {
    script_.publications = std::move(world.publications);
    script_.commands = std::move(world.commands);
  }

  Script run(std::int64_t days) {
    for (std::size_t i = 0; i < script_.commands.size(); ++i) carry_out(i);
    const Instant end = engine_.now() + days * day_ms;
    come_to(end + 1);
    engine_.advance_to(end);
    script_.calls.push_back({Call::Kind::advance, 0, end, false});
    return std::move(script_);
  }

 private:
  // Every deadline before `t`.
  void come_to(Instant t) {
    std::optional<Instant> due = take();
    while (due && *due < t) {
      engine_.advance_to(*due);
      due = take();
    }
  }

  std::optional<Instant> take() {
    const Instant at = engine_.now();
    if (engine_.statistics().actions_waiting > 0) {
      engine_.advance_to(at);
      script_.calls.push_back({Call::Kind::take, 0, at, false});
    }
    const Output output = engine_.take_output();
    takes_ = output.takes;
    for (const Action& action : output.actions) {
      taken_.push_back(action.id);
      if (!action.sender.empty()) by_account_.push_back(action.id);
      if (action.kind == Action::Kind::task) tasks_.push_back(action.id);
      for (const Property& datum : action.data) {
        const auto* const text = datum.value.get<std::string>();
        const bool is_token = action.kind == Action::Kind::task && datum.name == "token";
        if (is_token && text != nullptr) tokens_.emplace_back(*text, action.contact);
      }
    }
    return output.next_deadline;
  }

  // A repeated report is one of the same action.
  void name_action(Command& command) {
    const bool of_task = command.kind == Command::Kind::reassign && !tasks_.empty();
    const std::vector<ActionId>& meant = of_task                                      ? tasks_
                                         : command.by_account && !by_account_.empty() ? by_account_
                                                                                      : taken_;
    if (!meant.empty()) {
      command.action = meant[meant.size() - 1 - command.pick % meant.size()];
    }
    if (command.message_id.empty()) return;
    command.action = reported_.try_emplace(command.message_id, command.action).first->second;
  }

  // A repeated one is of the same token. Some are damaged on their way.
  void name_token(Command& command) {
    if (tokens_.empty()) return;
    std::pair<std::string, std::string> named =
        tokens_[tokens_.size() - 1 - command.pick % tokens_.size()];
    if (!command.message_id.empty()) {
      named = repeated_.try_emplace(command.message_id, named).first->second;
    }
    std::tie(command.address, command.contact) = named;
    char& changed = command.address[command.pick % command.address.size()];
    if (!command.yes) changed = changed == 'A' ? 'B' : 'A';
  }

  void carry_out(std::size_t index) {
    Command& command = script_.commands[index];
    const bool names_action = command.kind == Command::Kind::report ||
                              command.kind == Command::Kind::reassign ||
                              command.kind == Command::Kind::reoffer;
    if (names_action) name_action(command);
    command.takes = takes_ - std::min<std::uint64_t>(takes_, command.pick);
    if (command.kind == Command::Kind::take_over) name_token(command);
    if (command.kind == Command::Kind::advance) {
      come_to(command.received + 1);
      engine_.advance_to(command.received);
      script_.calls.push_back({Call::Kind::advance, index, engine_.now(), false});
      return;
    }
    const Instant before = engine_.now();
    if (command.received > before) come_to(command.received);
    const Instant came_to = engine_.now();
    const bool publishes = command.kind == Command::Kind::publish;
    bool refused = false;
    if (publishes) {
      const Publication& publication = script_.publications[command.publication];
      refused = !engine_.publish(publication.workspace, publication.campaigns, command.received,
                                 publication.migrations);
    } else {
      const Input input = input_of(command);
      refused = !engine_.feed({&input, 1}).empty();
    }
    // What is refused, or published already, moves no time; that this host stopped before it is an
    // advance of its own.
    const bool moved_no_time = refused || engine_.now() < command.received;
    if (moved_no_time && came_to > before) {
      script_.calls.push_back({Call::Kind::advance, index, came_to, false});
    }
    script_.calls.push_back(
        {publishes ? Call::Kind::publish : Call::Kind::feed, index, engine_.now(), moved_no_time});
  }

  Engine engine_;
  Script script_;
  std::vector<ActionId> taken_;
  std::uint64_t takes_ = 0;
  std::vector<ActionId> by_account_;          // of them, what went out from an account
  std::vector<ActionId> tasks_;               // the same, of tasks
  std::map<std::string, ActionId> reported_;  // by message id
  std::vector<std::pair<std::string, std::string>> tokens_;              // with their contacts
  std::map<std::string, std::pair<std::string, std::string>> repeated_;  // by message id
};

// Plays calls on an engine, and keeps everything that comes out.
class Player {
 public:
  Player(Engine engine, const Script& script, const Manner& manner)
      : engine_(std::move(engine)), script_(script), manner_(manner) {}

  Played play(std::size_t from) {
    const auto& calls = script_.calls;
    for (std::size_t i = from; i < calls.size(); ++i) {
      const Call& call = calls[i];
      played_.actions.emplace_back();
      if (manner_.steps != nullptr && !call.refused) step_before(call.at);
      switch (call.kind) {
        case Call::Kind::take:
          engine_.advance_to(call.at);
          take();
          break;
        case Call::Kind::advance: engine_.advance_to(call.at); break;
        case Call::Kind::publish: publish(call); break;
        case Call::Kind::feed:
          batch_.push_back(input_of(script_.commands[call.command]));
          if (manner_.batches && i + 1 < calls.size() && calls[i + 1].kind == Call::Kind::feed) {
            break;
          }
          engine_.feed(batch_);
          batch_.clear();
          break;
      }
      keep(engine_.take_journal());
      played_.journal_after.push_back(played_.journal.size());
    }
    played_.statistics = engine_.statistics();
    if (played_.statistics.actions_waiting == 0) {
      played_.next_deadline = engine_.take_output().next_deadline;
    }
    return std::move(played_);
  }

 private:
  // To a few instants after the present one and before `t`, its neighbours among them.
  void step_before(Instant t) {
    if (!batch_.empty()) return;
    const std::int64_t gap = t - engine_.now();
    if (gap <= 1) return;
    std::vector<std::int64_t> steps{1, gap - 1};
    for (std::uint32_t n = manner_.steps->below(12); n > 0; --n) {
      const auto part = static_cast<std::int64_t>(manner_.steps->below(65'536));
      steps.push_back(1 + (gap - 2) * part / 65'536);
    }
    std::sort(steps.begin(), steps.end());
    const Instant from = engine_.now();
    for (const std::int64_t step : steps) {
      engine_.advance_to(from + step);
      if (step % 2 == 0) keep(engine_.take_journal());
    }
  }

  void publish(const Call& call) {
    const Command& command = script_.commands[call.command];
    const Publication& publication = script_.publications[command.publication];
    (void)engine_.publish(publication.workspace, publication.campaigns, command.received,
                          publication.migrations);
  }

  void take() {
    const Output output = engine_.take_output();
    for (const Action& action : output.actions) {
      played_.actions.back().push_back(to_words(action));
    }
    keep(output.journal);
  }

  void keep(base::ByteView bytes) {
    played_.journal.insert(played_.journal.end(), bytes.begin(), bytes.end());
  }

  Engine engine_;
  const Script& script_;
  Manner manner_;
  std::vector<Input> batch_;
  Played played_;
};

}  // namespace

Script rehearse(World world, std::int64_t days) { return Rehearsal(std::move(world)).run(days); }

Played play(Engine engine, const Script& script, const Manner& manner, std::size_t from) {
  return Player(std::move(engine), script, manner).play(from);
}

Played play(const Script& script, const Manner& manner) {
  return play(new_engine(), script, manner);
}

std::vector<std::size_t> frame_ends(base::ByteView journal) {
  std::vector<std::size_t> ends;
  record::FrameReader reader(journal);
  record::Frame frame;
  while (reader.next(frame) == record::FrameReader::Outcome::frame) {
    ends.push_back(reader.position());
  }
  return ends;
}

std::size_t resume_at(const Script& script, const Played& played, std::size_t size) {
  std::size_t begin = 0;
  for (std::size_t i = 0; i < script.calls.size(); ++i) {
    const std::size_t end = played.journal_after[i];
    if (end > size) return i;
    if (end == size) {
      // A call's own frame is its last, and no timers' frame; it may have none.
      record::FrameReader reader(base::ByteView(played.journal).subspan(begin, end - begin));
      record::Frame frame;
      bool own = false;
      while (reader.next(frame) == record::FrameReader::Outcome::frame) {
        own = frame.kind != record::InputKind::timers && frame.kind != record::InputKind::gates &&
              frame.kind != record::InputKind::opened;
      }
      return own ? i + 1 : i;
    }
    begin = end;
  }
  return script.calls.size();
}

Played restore_and_play(const Script& script, const Played& played, std::size_t size) {
  std::size_t whole = 0;
  auto engine =
      Engine::restore(base::ByteView(played.journal).first(size), engine_options(), &whole);
  ITINERA_CHECK(engine.has_value());
  const std::size_t from = resume_at(script, played, whole);
  // What an advance closed stands in no frame.
  for (std::size_t i = from; i-- > 0;) {
    const Call::Kind kind = script.calls[i].kind;
    if (kind != Call::Kind::take && kind != Call::Kind::advance) continue;
    engine->advance_to(script.calls[i].at);
    break;
  }
  Played rest = play(std::move(*engine), script, {}, from);
  const auto begin = played.journal.begin();
  rest.journal.insert(rest.journal.begin(), begin, begin + static_cast<std::ptrdiff_t>(whole));
  return rest;
}

std::map<std::string, std::vector<std::string>> actions_by_contact(const Played& played) {
  std::map<std::string, std::vector<std::string>> result;
  for (const auto& actions : played.actions) {
    for (const std::string& words : actions) {
      // "<id> <instant> <kind> <contact> ...": ids of contacts hold no space.
      std::size_t at = 0;
      for (int spaces = 0; spaces < 3; ++spaces) at = words.find(' ', at) + 1;
      result[words.substr(at, words.find(' ', at) - at)].push_back(words);
    }
  }
  return result;
}

namespace {

// Which person each id stands for: ids that some input links are one person.
class People {
 public:
  explicit People(const Script& script) {
    for (const Command& command : script.commands) {
      if (!command.contact.empty() && !command.anonymous.empty()) {
        unite(command.contact, anonymous(command.anonymous));
      }
      if (command.into.empty()) continue;
      const bool to_account = command.kind == Command::Kind::group;
      unite(command.contact, to_account ? "account " + command.into : command.into);
    }
  }
  std::string of(const Command& command) {
    return find(command.contact.empty() ? anonymous(command.anonymous) : command.contact);
  }
  std::string find(const std::string& id) {
    const auto found = parent_.find(id);
    return found == parent_.end() ? id : find(found->second);
  }

 private:
  static std::string anonymous(const std::string& id) { return "anonymous:" + id; }
  void unite(const std::string& a, const std::string& b) {
    const std::string x = find(a);
    const std::string y = find(b);
    if (x != y) parent_[y] = x;
  }
  std::map<std::string, std::string> parent_;
};

}  // namespace

Script shuffled(const Script& script, Choices& choices) {
  Script result = script;
  std::map<ActionId, std::string> contact_of;
  Player recorder(new_engine(), script, {});
  for (const auto& [contact, actions] : actions_by_contact(recorder.play(0))) {
    for (const std::string& words : actions) {
      if (const auto hash = hash_from_text(words.substr(0, 32))) {
        contact_of[ActionId{*hash}] = contact;
      }
    }
  }
  People people(script);
  const auto person_of = [&](const Call& call) {
    const Command& command = script.commands[call.command];
    const bool names_action =
        command.kind == Command::Kind::report || command.kind == Command::Kind::reassign;
    if (!names_action) return people.of(command);
    const auto found = contact_of.find(command.action);
    return people.find(found == contact_of.end() ? std::string("nobody") : found->second);
  };
  auto& calls = result.calls;
  for (std::size_t begin = 0; begin < calls.size();) {
    std::size_t end = begin;
    const auto received = [&](std::size_t i) { return script.commands[calls[i].command].received; };
    // What is offered again depends on what is known by then.
    const auto is_of_taking = [&](std::size_t i) {
      const Command::Kind kind = script.commands[calls[i].command].kind;
      return kind == Command::Kind::reoffer || kind == Command::Kind::acknowledge;
    };
    while (end < calls.size() && calls[end].kind == Call::Kind::feed && !calls[end].refused &&
           !is_of_taking(end) && received(end) == received(begin)) {
      ++end;
    }
    if (end == begin) {
      ++begin;
      continue;
    }
    std::map<std::string, std::uint32_t> rank;
    for (std::size_t i = begin; i < end; ++i) {
      rank.try_emplace(person_of(calls[i]), choices.below(65'536));
    }
    const auto first = calls.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last = calls.begin() + static_cast<std::ptrdiff_t>(end);
    std::stable_sort(first, last, [&](const Call& a, const Call& b) {
      return rank.at(person_of(a)) < rank.at(person_of(b));
    });
    begin = end;
  }
  return result;
}

}  // namespace itinera::property
