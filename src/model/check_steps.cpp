// SPDX-License-Identifier: Apache-2.0
// Names and values of steps, each by itself.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/packed_value.hpp"
#include "itinera/time.hpp"
#include "model/checks.hpp"
#include "model/model_codec.hpp"
#include "model/step_voice.hpp"
#include "model/walk.hpp"

namespace itinera::model {
namespace {

bool is_identifier(std::string_view name) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !name.empty() && letter(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

// Whether lists and maps nest deeper in `value` than `levels`.
bool deeper_than(const Value& value, std::uint32_t levels) {
  const auto too_deep = [&](const Value& member) { return deeper_than(member, levels - 1); };
  if (const auto* list = value.get<Value::List>()) {
    return levels == 0 || std::any_of(list->begin(), list->end(), too_deep);
  }
  if (const auto* map = value.get<Value::Map>()) {
    return levels == 0 || std::any_of(map->begin(), map->end(), [&](const MapEntry& entry) {
             return too_deep(entry.key) || too_deep(entry.value);
           });
  }
  return false;
}

// The checks of one step's own fields, one function a kind.
class StepCheck : private StepVoice {
 public:
  StepCheck(const Subject& subject, const std::vector<std::string>& channels,
            const std::vector<std::string>& goals, Findings& findings)
      : StepVoice(subject, findings), channels_(channels), goals_(goals) {}

  void check(const Step& step) {
    speak_of(step);
    if (step.max_visits == 0u) {
      bad("max_visits", "`max_visits` must be at least 1", "leave it out: the default is 1000");
    }
    std::visit([this](const auto& kind) { check(kind); }, step.kind);
  }

 private:
  void check(const Send& send) {
    check_send(subject_, *step_, send, channels_, findings_);
    check_data(send.data);
    check_topic(subject_, word("topic"), send.topic, findings_);
  }

  void check_data(const std::vector<Datum>& data) {
    std::set<std::string_view> names;
    std::size_t bytes = 0;
    for (const Datum& datum : data) {
      if (!findings_.name(datum.at, "datum", datum.name, subject_.limits.id_bytes)) continue;
      if (!names.insert(datum.name).second) {
        say(ErrorCode::duplicate_name, datum.at, fmt::format("'{}' is given twice", datum.name),
            "keep one of them");
      }
      bytes += datum.name.size();
      check_literal(datum, bytes, subject_.limits.input_bytes, "input_bytes");
    }
  }

  // `bytes`: of the literals before it, which go the same way. What that way has no room for would
  // be left out each time.
  void check_literal(const Datum& datum, std::size_t& bytes, std::uint32_t most,
                     std::string_view limit) {
    if (!datum.expression.empty()) return;
    const std::uint32_t levels = subject_.limits.value_depth;
    if (deeper_than(datum.literal, levels)) {
      say(ErrorCode::too_large, datum.at,
          fmt::format("'{}' nests deeper than {} lists or maps", datum.name, levels),
          "put its parts side by side, or raise Limits::value_depth");
      return;
    }
    base::Bytes packed;
    base::pack(datum.literal, packed);
    const std::size_t before = bytes;
    bytes += packed.size();
    if (bytes <= most || before > most) return;
    const std::string what =
        packed.size() > most ? fmt::format("'{}' has {} bytes", datum.name, packed.size())
                             : fmt::format("with '{}' its values have {} bytes", datum.name, bytes);
    say(ErrorCode::too_large, datum.at, fmt::format("{}, more than {}", what, most),
        fmt::format("keep it elsewhere and say where, or raise Limits::{}", limit));
  }

  void check(const Set& set) {
    if (set.values.empty()) missing("a set needs at least one value", "write `set: {tier: gold}`");
    std::size_t attributes = 0;
    std::size_t variables = 0;
    for (const Datum& datum : set.values) {
      check_set_name(datum);
      if (datum.name.starts_with("journey.")) {
        check_literal(datum, variables, subject_.limits.variables_bytes, "variables_bytes");
      } else {
        attributes += datum.name.size();
        check_literal(datum, attributes, subject_.limits.input_bytes, "input_bytes");
      }
    }
  }

  void check_set_name(const Datum& datum) {
    constexpr std::string_view journey = "journey.";
    const std::string_view name = datum.name;
    if (!findings_.name(datum.at, "value", name, subject_.limits.id_bytes)) return;
    if (name.starts_with(journey)) {
      check_variable(name.substr(journey.size()), datum.at);
    } else if (name.starts_with("contact.")) {
      say(ErrorCode::bad_value, datum.at, fmt::format("'{}' cannot be set", name),
          fmt::format("an attribute is set by its plain name: {}",
                      name.substr(std::string_view("contact.").size())));
    } else if (name.starts_with("entry.") || name.starts_with("event.")) {
      say(ErrorCode::bad_value, datum.at, fmt::format("'{}' cannot be set: it has happened", name),
          "set an attribute by its plain name, or journey.<name>");
    }
  }

  void check_variable(std::string_view name, const SourceLocation& at) {
    if (name == "key") {
      say(ErrorCode::bad_value, at, "journey.key cannot be set: it names the journey",
          "take another name");
    } else if (!is_identifier(name)) {
      say(ErrorCode::bad_value, at, fmt::format("'journey.{}' is no name of a variable", name),
          "use letters, digits and '_', not beginning with a digit");
    } else {
      findings_.name(at, "variable", name, subject_.limits.id_bytes);
    }
  }

  void check(const Wait& wait) { check_wait(subject_, *step_, wait, findings_); }
  void check_own(const Trigger& trigger) {
    if (!trigger.account) return;
    findings_.error(ErrorCode::bad_value, trigger.at, "a wait hears of its own contact only",
                    "`account` stands in `goals` and `exits`");
  }

  void check(const WaitFor& wait) {
    if (wait.cases.empty()) {
      missing("a wait_for needs something to wait for", "write `wait_for: {event: order_placed}`");
    }
    check_count("wait_for", wait.cases.size(), "cases");
    if (wait.within_ms && *wait.within_ms <= 0) {
      bad("within", "`within` must be positive", "write `within: 24h`");
    }
    if (!wait.within_ms && !wait.otherwise.empty()) {
      missing("`else` needs `within`: without it the wait never runs out",
              "add `within: 24h`, or remove `else`");
    }
    if (wait.reset_on) {
      check_trigger(*wait.reset_on, subject_.limits, findings_);
      check_own(*wait.reset_on);
      if (!wait.within_ms) {
        missing("`reset_on` needs `within`: there is nothing to arm anew", "add `within: 24h`");
      }
    }
    bool on_event = false;
    for (const WaitCase& wait_case : wait.cases) {
      on_event = on_event || wait_case.trigger.kind == Trigger::Kind::event;
      check_trigger(wait_case.trigger, subject_.limits, findings_);
      check_own(wait_case.trigger);
      if (!wait_case.as.empty()) check_variable(wait_case.as, wait_case.at);
    }
    if (wait.since == WaitFor::Since::duration && wait.since_ms <= 0) {
      bad("since", "`since` must be positive", "write `since: 1h`, or `since: journey`");
    }
    if (wait.since != WaitFor::Since::arrival && !on_event) {
      odd(word("since"), "`since` changes nothing: no case waits for an event", "leave it out");
    }
  }

  void check(const Branch& branch) {
    if (branch.cases.empty()) {
      missing("a branch needs at least one case", "write `branch: [{when: ..., steps: [...]}]`");
    }
    check_count("branch", branch.cases.size(), "cases");
    for (const BranchCase& branch_case : branch.cases) {
      if (branch_case.when.empty()) {
        findings_.missing(branch_case.at,
                          fmt::format("{}: a case of a branch needs `when`", title_of(*step_)),
                          "what is left over belongs in `else`");
      }
    }
  }

  void check(const Parallel& parallel) {
    const std::size_t count = parallel.strands.size();
    if (count < 2) {
      missing("a parallel needs at least two strands",
              "write `parallel: [{steps: [...]}, {steps: [...]}]`");
    } else if (count > Parallel::strands_max) {
      bad("parallel", fmt::format("a parallel has at most {} strands", Parallel::strands_max),
          "put some of the steps one behind the other");
    }
    for (const Strand& strand : parallel.strands) {
      if (strand.steps.empty()) odd(strand.at, "a strand without steps ends at once", "remove it");
    }
  }

  void check(const Split& split) { check_split(subject_, *step_, split, findings_); }

  void check(const ReachGoal& reach) {
    if (subject_.gaps.goals || (partly_ && reach.goal.empty())) return;
    if (std::find(goals_.begin(), goals_.end(), reach.goal) == goals_.end()) {
      findings_.unknown_name(word("goal"), "goal", reach.goal, goals_);
    }
  }
  void check(const ChangeAudience& audience) {
    // An empty one may be what the file could not give.
    if (!partly_) {
      findings_.name(word("audience"), "audience", audience.list, subject_.limits.id_bytes);
    }
  }
  void check(const EmitEvent& emit) {
    if (!partly_) findings_.name(word("emit"), "event", emit.event, subject_.limits.id_bytes);
    check_data(emit.data);
  }
  void check(const ChangeConsent& consent) {
    if (consent.channel.empty()) {
      missing("a consent is for a channel", "write `consent: {channel: email, state: granted}`");
    } else if (!subject_.workspace_gaps.channels &&
               std::find(channels_.begin(), channels_.end(), consent.channel) == channels_.end()) {
      findings_.unknown_name(word("consent"), "channel", consent.channel, channels_);
    }
    check_topic(subject_, word("consent"), consent.topic, findings_);
    if (!consent.source.empty()) {
      findings_.name(word("consent"), "source", consent.source, subject_.limits.id_bytes);
    }
  }
  void check(const Call& call) {
    if (!partly_) findings_.name(word("call"), "call", call.name, subject_.limits.id_bytes);
    check_data(call.data);
    check_answer(call.answer);
    check_retry(call.retry, call.answer.within_ms, "within");
  }
  void check(const Task& task) {
    if (!partly_ && task.ask.empty()) {
      missing("a task says what is asked", "write `task: \"Call them back\"`");
    }
    if (!task.team.empty()) {
      findings_.name(word("team"), "team", task.team, subject_.limits.id_bytes);
    }
    check_data(task.data);
    for (const Datum& datum : task.data) {
      if (datum.name != "story" && datum.name != "token") continue;
      say(ErrorCode::bad_value, datum.at,
          "a task brings the story of its journey as `story`, and its resume token as `token`",
          "take another name");
    }
    check_answer(task.answer);
  }
  void check_answer(const Answer& answer) {
    if (answer.within_ms && *answer.within_ms <= 0) {
      bad("within", "`within` must be positive", "write `within: 24h`");
    }
    if (!answer.as.empty()) check_variable(answer.as, word("as"));
  }
  void check(const Digest& digest) {
    constexpr std::uint32_t digest_max = 1'000;
    if (!partly_ && digest.window_ms <= 0) {
      bad("digest", "the window of a digest must be positive", "write `digest: 30m`");
    }
    if (digest.max < 1 || digest.max > digest_max) {
      bad("max", fmt::format("`max` goes from 1 to {}", digest_max), "leave it out: 100");
    }
    if (!digest.as.empty()) check_variable(digest.as, word("as"));
    const std::vector<Entry>& entries = subject_.campaign.entries;
    const bool gathers = std::any_of(entries.begin(), entries.end(), [](const Entry& entry) {
      return entry.kind == Entry::Kind::event || entry.kind == Entry::Kind::host;
    });
    if (!gathers && !subject_.gaps.head) {
      odd(word("digest"), "a digest gathers nothing here: nobody enters by an event or the host",
          "use `wait`");
    }
    if (digest.max == 1 && is_full_at_once()) {
      odd(word("max"), "it never waits: what the journey entered by is the one that `max` lets in",
          "raise `max`, or leave the digest out");
    }
    constexpr std::int64_t window_max = 366 * day_ms;
    if (digest.window_ms > window_max) {
      odd(word("digest"), "a digest waits for more than a year", "gather for hours or days");
    }
  }
  // Whether the digest at hand is the first of each journey that comes to it, and begins with its
  // entry. What may be met again behind a `goto` begins empty then.
  bool is_full_at_once() const {
    const std::vector<Entry>& entries = subject_.campaign.entries;
    const bool begun = std::all_of(entries.begin(), entries.end(), [](const Entry& entry) {
      return entry.kind == Entry::Kind::event || entry.kind == Entry::Kind::host;
    });
    if (!begun || entries.empty() || subject_.gaps.head || subject_.gaps.steps) return false;
    const std::vector<Node>& nodes = subject_.graph.nodes;
    const auto here = std::find_if(nodes.begin(), nodes.end(),
                                   [this](const Node& node) { return node.step == step_; });
    const bool is_first = std::none_of(nodes.begin(), here, [](const Node& node) {
      return std::holds_alternative<Digest>(node.step->kind);
    });
    return is_first && std::none_of(here, nodes.end(), [&](const Node& node) {
             return std::holds_alternative<Goto>(node.step->kind) &&
                    node.targets.front() <= here - nodes.begin();
           });
  }
  // Which campaign it is, check_between() asks.
  void check(const StartCampaign& start) { check_data(start.data); }
  void check(const StopCampaign&) {}
  void check(const Goto&) {}  // a matter of the graph
  void check(const Exit&) {}

  const std::vector<std::string>& channels_;
  const std::vector<std::string>& goals_;
};

void check_ids(const Subject& subject, Findings& findings) {
  std::set<std::string_view> ids;
  for (const Node& node : subject.graph.nodes) {
    const Step& step = *node.step;
    const SourceLocation at = place_of(step.words, "id", step.at);
    if (!findings.name(at, "step", step.id, subject.limits.id_bytes)) continue;
    if (step.id == "any") {
      findings.error(ErrorCode::bad_value, at, "'any' cannot be the id of a step",
                     "in receipts it means every step; take another id");
    }
    if (step.id == "continue" || step.id == "exit") {
      findings.error(ErrorCode::bad_value, at,
                     fmt::format("'{}' cannot be the id of a step", step.id),
                     "on_skip, on_expire and on_fail have a meaning of their own for it; take "
                     "another id");
    }
    if (!ids.insert(step.id).second) {
      findings.error(
          ErrorCode::duplicate_name, at, fmt::format("two steps have the id '{}'", step.id),
          step.named ? "take another id" : "it was given to a step without an id: name that one");
    }
  }
}

// The variables that a step sets.
std::set<std::string_view> variables_of(const Step& step) {
  constexpr std::string_view journey = "journey.";
  std::set<std::string_view> names;
  if (const auto* digest = std::get_if<Digest>(&step.kind)) names.insert(digest->as);
  if (const auto* answer = answer_of(step)) names.insert(answer->as);
  if (const auto* wait = std::get_if<WaitFor>(&step.kind)) {
    for (const WaitCase& each : wait->cases) names.insert(each.as);
  }
  if (const auto* set = std::get_if<Set>(&step.kind)) {
    for (const Datum& datum : set->values) {
      const std::string_view name = datum.name;
      if (name.starts_with(journey)) names.insert(name.substr(journey.size()));
    }
  }
  names.erase("");
  return names;
}

struct Setter {
  bool gathers = false;
  const Step* step = nullptr;
};
// The first setters, by variable and parallel, of each strand.
using Setters = std::map<std::pair<std::string_view, NodeIndex>, std::map<std::uint16_t, Setter>>;

// Notes that `node` puts something into the variable. The step of a strand beside it that does so
// too, if one of the two gathers; nullptr: none.
const Step* beside(const Subject& subject, const Node& node, std::string_view name,
                   Setters& setters) {
  const bool gathers = std::holds_alternative<Digest>(node.step->kind);
  const Step* other = nullptr;
  for (const Node* at = &node; at->parallel != end_node; at = &subject.graph.nodes[at->parallel]) {
    std::map<std::uint16_t, Setter>& strands = setters[{name, at->parallel}];
    for (const auto& [strand, setter] : strands) {
      if (strand != at->strand && (gathers || setter.gathers)) other = setter.step;
    }
    Setter& own = strands[at->strand];
    if (own.step == nullptr || (gathers && !own.gathers)) own = {gathers, node.step};
  }
  return other;
}

// A digest adds to its list as long as it stands, and a strand beside it may make something else
// of that.
void check_lists(const Subject& subject, Findings& findings) {
  Setters setters;
  for (const Node& node : subject.graph.nodes) {
    for (const std::string_view name : variables_of(*node.step)) {
      const Step* const other = beside(subject, node, name, setters);
      if (other == nullptr) continue;
      findings.warning(ErrorCode::suspicious, place_of(node.step->words, "as", node.step->at),
                       fmt::format("{}: a strand beside it, with {}, puts something into '{}' too",
                                   title_of(*node.step), title_of(*other), name),
                       "give each a variable of its own");
    }
  }
}

}  // namespace

void check_steps(const Subject& subject, Findings& findings) {
  std::vector<std::string> channels;
  if (!subject.workspace_gaps.channels) {
    for (const Channel& channel : subject.workspace.channels) channels.push_back(channel.name);
  }
  std::vector<std::string> goals;
  for (const Goal& goal : subject.campaign.goals) goals.push_back(goal.name);
  check_ids(subject, findings);
  check_lists(subject, findings);
  StepCheck step_check(subject, channels, goals, findings);
  for (const Node& node : subject.graph.nodes) step_check.check(*node.step);
}

void check_moved_steps(const Campaign& older, const Campaign& newer, Findings& findings) {
  std::map<std::string_view, base::Bytes> was;
  std::set<base::Bytes> contents;
  for_each_step(older.steps, [&](const Step& step) {
    if (!step.named) was.emplace(step.id, content_of(step));
  });
  for (const auto& [id, content] : was) contents.insert(content);
  for_each_step(newer.steps, [&](const Step& step) {
    if (step.named) return;
    const auto same_id = was.find(step.id);
    base::Bytes content = content_of(step);
    const bool moved_in = same_id != was.end() && same_id->second != content;
    if (!moved_in || !contents.contains(content)) return;
    findings.warning(ErrorCode::suspicious, step.at,
                     fmt::format("{} is another step than in version {}: steps without an id have "
                                 "moved",
                                 title_of(step), older.version),
                     "give steps an `id` before adding others before them");
  });
}

}  // namespace itinera::model
