// SPDX-License-Identifier: Apache-2.0
// A world for campaigns, guessed from what they ask for.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "itinera/simulation.hpp"
#include "model/data_schema.hpp"
#include "model/walk.hpp"

namespace itinera {
namespace {

bool is_name_part(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// The name behind `owner` ("event.") at its next place in `text` from `at` on; `at` moves behind
// it. Empty: there is none.
std::string next_name(std::string_view text, std::string_view owner, std::size_t& at) {
  while ((at = text.find(owner, at)) != std::string_view::npos) {
    const bool whole = at == 0 || (!is_name_part(text[at - 1]) && text[at - 1] != '.');
    at += owner.size();
    const std::size_t begin = at;
    while (at < text.size() && is_name_part(text[at])) ++at;
    if (whole && at > begin) return std::string(text.substr(begin, at - begin));
  }
  return {};
}

// What it is compared with, behind it: values on both sides of a number, the text or another.
Value guessed(std::string_view rest) {
  constexpr std::string_view operators = " <>=!";
  const std::size_t begin = std::min(rest.find_first_not_of(operators), rest.size());
  const bool compared = rest.substr(0, begin).find_first_of("<>=!") != std::string_view::npos;
  rest.remove_prefix(begin);
  Value::Map draw;
  if (compared && !rest.empty() && rest.front() >= '0' && rest.front() <= '9') {
    std::int64_t number = 0;
    std::from_chars(rest.data(), rest.data() + rest.size(), number);
    number = std::min<std::int64_t>(number, 1'000'000'000);
    draw.push_back({Value("from"), Value(0)});
    draw.push_back({Value("to"), Value(2 * number + 1)});
    return Value(std::move(draw));
  }
  Value::List words;
  if (compared && (rest.starts_with('"') || rest.starts_with('\''))) {
    const std::size_t end = rest.find(rest.front(), 1);
    words.emplace_back(rest.substr(1, end == std::string_view::npos ? end : end - 1));
    words.emplace_back("other");
  } else {
    for (const char* word : {"a", "b", "c"}) words.emplace_back(word);
  }
  draw.push_back({Value("one_of"), Value(std::move(words))});
  return Value(std::move(draw));
}

class Guess {
 public:
  SimulationPlan make(const Workspace& workspace, std::span<const Campaign> campaigns) {
    for (const Channel& channel : workspace.channels) look_for_address(channel);
    for (const Campaign& campaign : campaigns) look_at(campaign);
    SimulationPlan plan;
    plan.name = workspace.name;
    for (auto& [name, value] : attributes_) plan.attributes.push_back({name, std::move(value)});
    for (auto& [name, properties] : events_) {
      SimulatedEvent& event = plan.events.emplace_back();
      event.name = name;
      for (auto& [property, value] : properties) {
        event.properties.push_back({property, std::move(value)});
      }
    }
    return plan;
  }

 private:
  void look_for_address(const Channel& channel) {
    std::size_t at = 0;
    const std::string name = next_name(channel.address.text, "contact.", at);
    if (name.empty()) return;
    const bool mail = name.find("mail") != std::string::npos;
    attributes_.insert_or_assign(name, Value(mail ? "u{n}@example.com" : "u{n}"));
  }

  // Attributes are guessed from what they are compared with, where nothing else says what they are.
  void look_for_attributes(const std::string& text) {
    std::size_t at = 0;
    for (std::string name; !(name = next_name(text, "contact.", at)).empty();) {
      if (model::is_given(name)) continue;
      attributes_.try_emplace(name, guessed(std::string_view(text).substr(at)));
    }
  }

  void look_for_properties(const std::string& event, std::string_view owner,
                           const std::string& text) {
    std::size_t at = 0;
    for (std::string name; !(name = next_name(text, owner, at)).empty();) {
      events_[event].try_emplace(name, guessed(std::string_view(text).substr(at)));
    }
  }

  void look_at(const Trigger& trigger, const Expression& when) {
    if (trigger.kind == Trigger::Kind::condition) look_for_attributes(trigger.condition.text);
    if (trigger.kind != Trigger::Kind::event) return;
    events_[trigger.event];
    look_for_properties(trigger.event, "event.", when.text);
    look_for_attributes(when.text);
  }

  void look_at(const Campaign& campaign) {
    for (const Entry& entry : campaign.entries) {
      if (entry.kind != Entry::Kind::event) continue;
      look_at({.event = entry.event}, entry.when);
      look_for_properties(entry.event, "event.", entry.key.text);
    }
    for (const Goal& goal : campaign.goals) {
      if (!goal.trigger) continue;
      look_at(*goal.trigger, goal.when);
      if (goal.trigger->kind == Trigger::Kind::event) {
        look_for_properties(goal.trigger->event, "event.", goal.value.text);
      }
    }
    for (const ExitRule& rule : campaign.exits) look_at(rule.trigger, rule.when);
    model::for_each_step(campaign.steps, [&](const Step& step) {
      look_at_text(campaign, step.when.text);
      if (const auto* wait = std::get_if<WaitFor>(&step.kind)) {
        for (const WaitCase& one : wait->cases) look_at(one.trigger, one.when);
      } else if (const auto* branch = std::get_if<Branch>(&step.kind)) {
        for (const BranchCase& one : branch->cases) look_at_text(campaign, one.when.text);
      }
    });
  }

  void look_at_text(const Campaign& campaign, const std::string& text) {
    look_for_attributes(text);
    for (const Entry& entry : campaign.entries) {
      if (entry.kind == Entry::Kind::event) look_for_properties(entry.event, "entry.", text);
    }
  }

  std::map<std::string, Value> attributes_;
  std::map<std::string, std::map<std::string, Value>> events_;
};

}  // namespace

SimulationPlan plan_for(const Workspace& workspace, std::span<const Campaign> campaigns) {
  return Guess().make(workspace, campaigns);
}

}  // namespace itinera
