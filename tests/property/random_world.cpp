// SPDX-License-Identifier: Apache-2.0
#include "property/random_world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "calendar/text.hpp"
#include "model/walk.hpp"
#include "property/random_migration.hpp"
#include "property/random_policy.hpp"

namespace itinera::property {
namespace {

constexpr const char* contacts[] = {"ola", "jan", "ewa", "a-contact-whose-id-is-rather-long-indeed",
                                    "\xC5\xBB\xC3\xB3\xC5\x82w"};
constexpr const char* visitors[] = {"v1", "v2", "v3"};
constexpr const char* keys[] = {"k1", "k2", "k3"};

// What befalls a few people.
class Life {
 public:
  Life(Choices& choices, World& world) : choices_(choices), world_(world) {
    static constexpr const char* starts[] = {"2026-03-27T09:00:00Z", "2026-10-23T09:00:00Z",
                                             "2026-03-02T09:00:00Z", "2026-11-01T05:59:00Z"};
    now_ = *calendar::parse_instant(choices_.one_of(starts));
    events_ = {"order", "cart", "visit", "noise"};
    campaigns_ = {"alpha", "beta", "gamma"};
  }

  void knows(std::vector<std::string> events, std::vector<std::string> campaigns) {
    events_ = std::move(events);
    campaigns_ = std::move(campaigns);
  }

  void publish(std::size_t publication) {
    Command command = at_now(Command::Kind::publish);
    command.publication = publication;
    world_.commands.push_back(std::move(command));
  }

  // Most people are known from the beginning.
  void introduce() {
    for (const char* id : contacts) {
      if (choices_.chance(1, 3)) continue;
      Command command = at_now(Command::Kind::identify);
      command.contact = id;
      command.properties = {{"email", command.contact + "@example.com"},
                            {"push_token", "t0"},
                            {"postal_address", "1 Street"}};
      world_.commands.push_back(std::move(command));
    }
    if (!choices_.chance(2, 3)) return;
    for (const char* id : contacts) {  // a company, and who works there
      Command command = at_now(Command::Kind::group);
      command.contact = id;
      command.into = choices_.chance(1, 4) ? "globex" : "acme";
      world_.commands.push_back(std::move(command));
    }
  }

  void live(std::uint32_t inputs) {
    for (std::uint32_t i = 0; i < inputs && !(i > 3 && choices_.exhausted()); ++i) {
      pass_time();
      world_.commands.push_back(any_command());
      if (choices_.chance(1, 8)) stop_at_once();
    }
  }

 private:
  Command at_now(Command::Kind kind) const {
    Command command;
    command.kind = kind;
    command.received = now_;
    return command;
  }

  // Often not at all, often by just as much as steps wait.
  void pass_time() {
    static constexpr std::int64_t gaps[] = {
        0,          hour_ms,         0,        day_ms, 1, 10 * minute_ms, 36 * hour_ms,
        3 * day_ms, 7 * hour_ms + 1, minute_ms};
    now_ = now_ + choices_.one_of(gaps);
    if (choices_.chance(1, 12)) go_to_clock_change();
  }

  // Ends what the newest input may have begun, before anything of it is taken.
  void stop_at_once() {
    const Command& newest = world_.commands.back();
    if (newest.contact.empty() || newest.kind == Command::Kind::stop) return;
    if (newest.kind == Command::Kind::merge || newest.kind == Command::Kind::forget) return;
    Command command = stop();
    command.contact = newest.contact;
    command.key.reset();
    world_.commands.push_back(std::move(command));
  }

  // To one of the instants at which somebody's clocks change, or around it.
  void go_to_clock_change() {
    static constexpr const char* changes[] = {"2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z",
                                              "2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z"};
    static constexpr std::int64_t around[] = {0, -1, 1, hour_ms, -hour_ms, 30 * minute_ms};
    // Two statements: the operands of + have no order, and each takes a choice.
    Instant change = *calendar::parse_instant(choices_.one_of(changes));
    change = change + choices_.one_of(around);
    if (change > now_ && change - now_ < 40 * day_ms) now_ = change;
  }

  Command any_command() {
    Command command = by_kind();
    if (choices_.chance(1, 8)) command.received = now_ - choices_.one_of(early);
    if (choices_.chance(1, 6)) command.occurred = now_ - choices_.one_of(early);
    if (choices_.chance(1, 20)) command.occurred = now_ + day_ms;
    return repeatable(std::move(command));
  }

  Command by_kind() {
    switch (choices_.below(20)) {
      default: return event();
      case 8:
      case 9: return identify();
      case 10:
        if (choices_.chance(1, 4)) return forget();
        if (choices_.chance(1, 3)) return group();
        return choices_.chance(1, 3) ? merge() : alias();
      case 11:
      case 12:
      case 13: return report();
      case 14:
        if (choices_.chance(1, 4)) return hand_over();
        if (choices_.chance(1, 4)) return move();
        return choices_.chance(1, 2) ? enter() : stop();
      case 15:
        if (choices_.chance(1, 2)) return at_now(Command::Kind::advance);
        return choices_.chance(1, 3) ? move_of_host() : word_of_taking();
      case 16:
      case 17: return outcome();
      case 18:
        if (choices_.chance(1, 2)) return hand_over();
        return choices_.chance(1, 3) ? verification() : move_of_host();
      case 19: return move_of_host();
    }
  }

  // What the host does that is about no contact. A campaign that is paused goes on soon.
  Command move_of_host() {
    if (choices_.chance(1, 3)) return suppress();
    const bool goes_on = choices_.chance(1, 2);
    Command command = at_now(goes_on ? Command::Kind::resume : Command::Kind::pause);
    command.name = choices_.one_of(std::span<const std::string>(campaigns_));
    command.mode = static_cast<PauseMode>(choices_.below(3));
    command.yes = choices_.chance(1, 2);
    return command;
  }

  // What was taken is to be offered again, or is done.
  Command word_of_taking() {
    const bool again = choices_.chance(3, 4);
    Command command = at_now(again ? Command::Kind::reoffer : Command::Kind::acknowledge);
    command.pick = choices_.below(5);
    command.yes = again ? choices_.chance(1, 2) : choices_.chance(3, 4);
    return command;
  }

  // A task goes to somebody else, or its journey comes back from another system.
  Command hand_over() {
    const bool stays = choices_.chance(1, 2);
    Command command = at_now(stays ? Command::Kind::reassign : Command::Kind::take_over);
    command.pick = choices_.below(5);
    command.into = "ben";
    command.name = choices_.chance(1, 2) ? "anna" : "";
    command.hard = choices_.chance(1, 2);
    command.yes = !choices_.chance(1, 4);
    return command;
  }

  Command suppress() {
    Command command = at_now(Command::Kind::suppress);
    command.name = choices_.chance(1, 2) ? "email" : "push";
    command.address = command.name == "email" ? contact() + "@example.com" : "t1";
    command.yes = choices_.chance(1, 2);
    return command;
  }

  // Now and then with an id, and then again, sometimes as another message.
  Command repeatable(Command command) {
    const bool has_id =
        command.kind != Command::Kind::stop && command.kind != Command::Kind::advance &&
        command.kind != Command::Kind::pause && command.kind != Command::Kind::resume &&
        command.kind != Command::Kind::reoffer && command.kind != Command::Kind::acknowledge;
    if (!has_id || !choices_.chance(1, 4)) return command;
    if (!sent_.empty() && choices_.chance(1, 2)) {
      Command again = sent_[choices_.below(static_cast<std::uint32_t>(sent_.size()))];
      again.received = command.received;
      if (choices_.chance(1, 6)) again.properties.push_back({"other", true});
      return again;
    }
    command.message_id = fmt::format("m{}", sent_.size());
    command.source = choices_.chance(1, 3) ? "app" : "";
    sent_.push_back(command);
    return command;
  }

  std::string contact() { return choices_.one_of(contacts); }
  std::string visitor() { return choices_.one_of(visitors); }

  Properties properties() {
    Properties made;
    static constexpr double totals[] = {60.0, 12.5, 500.0, 0.0};
    if (!choices_.chance(1, 6)) made.push_back({"total", choices_.one_of(totals)});
    if (!choices_.chance(1, 4)) made.push_back({"cart_id", choices_.one_of(keys)});
    if (!choices_.chance(1, 4)) made.push_back({"order_id", choices_.one_of(keys)});
    if (choices_.chance(1, 3)) made.push_back({"at", instant_text()});
    if (choices_.chance(1, 8)) made.push_back({"total_text", "sixty"});
    return made;
  }

  Value instant_text() {
    static constexpr const char* texts[] = {"2026-03-29T02:30:00", "2026-03-30", "soon",
                                            "2026-10-25T02:30", "2026-04-01T12:00:00Z"};
    return choices_.one_of(texts);
  }

  Command event() {
    Command command = at_now(Command::Kind::event);
    command.name = choices_.one_of(std::span<const std::string>(events_));
    if (choices_.chance(1, 5)) {
      command.anonymous = visitor();
    } else {
      command.contact = contact();
    }
    command.properties = properties();
    return command;
  }

  Command identify() {
    static constexpr const char* zones[] = {"Europe/Warsaw", "America/New_York", "Nowhere/At_All",
                                            "Pacific/Apia"};
    static constexpr const char* tiers[] = {"gold", "silver", ""};
    static constexpr HistoryKnown known[] = {HistoryKnown::unchanged, HistoryKnown::complete,
                                             HistoryKnown::unknown};
    Command command = at_now(Command::Kind::identify);
    if (!choices_.chance(1, 8)) command.contact = contact();
    if (command.contact.empty() || choices_.chance(1, 5)) command.anonymous = visitor();
    auto& made = command.properties;
    if (!choices_.chance(1, 4)) made.push_back({"email", command.contact + "@example.com"});
    if (choices_.chance(1, 2)) {
      made.push_back({"push_token", choices_.chance(1, 4) ? Value() : Value("t1")});
    }
    if (choices_.chance(1, 2)) made.push_back({"tier", choices_.one_of(tiers)});
    if (choices_.chance(1, 2)) made.push_back({"zone", choices_.one_of(zones)});
    if (choices_.chance(1, 3)) {
      made.push_back({"points", static_cast<std::int64_t>(choices_.below(9))});
    }
    if (choices_.chance(1, 4)) made.push_back({"city", "Rome"});
    if (choices_.chance(1, 6)) made.push_back({"preferred_channel", "push"});
    if (choices_.chance(1, 6)) made.push_back({"device", "mobile"});
    if (choices_.chance(1, 4)) made.push_back({"starts_at", instant_text()});
    if (choices_.chance(1, 8)) made.push_back({"vip", choices_.chance(1, 2)});
    if (choices_.chance(1, 8)) made.push_back({"account", "closed"});
    if (choices_.chance(1, 8) && !made.empty()) made.back().value = {};
    if (choices_.chance(1, 8)) command.history = choices_.one_of(known);
    for (const char* channel : {"email", "push"}) {
      if (choices_.chance(1, 4)) {
        command.consents.push_back({channel, choices_.chance(1, 2) ? "news" : "", false, "web"});
        command.consents.back().granted = choices_.chance(2, 3);
      }
    }
    if (!command.contact.empty() && choices_.chance(1, 10)) {
      command.verified.push_back({"email", choices_.chance(1, 2) ? "a@example.com" : "b"});
    }
    return command;
  }

  // What an account's message comes to, most of all: the provider's limit, or an answer.
  Command outcome() {
    static constexpr Receipt all[] = {Receipt::failed, Receipt::replied, Receipt::replied,
                                      Receipt::opened};
    Command command = at_now(Command::Kind::report);
    command.receipt = choices_.one_of(all);
    command.by_account = choices_.chance(2, 3);
    command.retry = choices_.chance(1, 4);
    command.pick = choices_.below(3);
    command.properties.push_back({"reason", "limit"});
    return command;
  }

  // Somebody turns out to have a handle, perhaps somebody else's.
  Command verification() {
    Command command = at_now(Command::Kind::identify);
    command.contact = contact();
    command.verified.push_back({"email", choices_.chance(1, 2) ? "a@example.com" : "b"});
    return command;
  }

  Command alias() {
    Command command = at_now(Command::Kind::alias);
    command.contact = contact();
    command.anonymous = visitor();
    return command;
  }

  // Of people, some of whom are known by a device only.
  Command merge() {
    Command command = at_now(Command::Kind::merge);
    command.contact = choices_.chance(1, 2) ? contact() : "anonymous:" + visitor();
    command.into = choices_.chance(1, 6) ? "somebody" : contact();
    if (command.contact == command.into) command.into = "somebody";
    return command;
  }

  Command group() {
    Command command = at_now(Command::Kind::group);
    command.contact = contact();
    command.into = choices_.chance(1, 4) ? "" : choices_.chance(1, 2) ? "acme" : "globex";
    return command;
  }

  Command forget() {
    Command command = at_now(Command::Kind::forget);
    command.contact = choices_.chance(1, 4) ? "anonymous:" + visitor() : contact();
    return command;
  }

  Command report() {
    static constexpr Receipt all[] = {Receipt::opened,     Receipt::clicked,     Receipt::delivered,
                                      Receipt::bounced,    Receipt::sent,        Receipt::failed,
                                      Receipt::completed,  Receipt::replied,     Receipt::declared,
                                      Receipt::complained, Receipt::unsubscribed};
    Command command = at_now(Command::Kind::report);
    command.receipt = choices_.one_of(all);
    command.hard = choices_.chance(1, 2);
    command.retry = choices_.chance(1, 4);
    command.pick = choices_.below(5);
    if (choices_.chance(1, 3)) command.properties.push_back({"link", "offer"});
    if (choices_.chance(1, 2)) command.properties.push_back({"reason", "limit"});
    return command;
  }

  Command enter() {
    Command command = at_now(Command::Kind::enter);
    command.name = choices_.one_of(std::span<const std::string>(campaigns_));
    command.contact = contact();
    if (choices_.chance(1, 2)) command.key = choices_.one_of(keys);
    command.properties = properties();
    return command;
  }

  // To a step that there may be.
  Command move() {
    static constexpr const char* steps[] = {"send-1", "wait-1", "s1", "s2",
                                            "s3",     "s4",     "s5", "extra"};
    Command command = at_now(Command::Kind::move);
    command.name = choices_.one_of(std::span<const std::string>(campaigns_));
    command.contact = contact();
    command.step = choices_.one_of(steps);
    return command;
  }

  Command stop() {
    Command command = at_now(Command::Kind::stop);
    command.name = choices_.one_of(std::span<const std::string>(campaigns_));
    command.contact = contact();
    if (choices_.chance(1, 2)) command.key = choices_.one_of(keys);
    return command;
  }

  static constexpr std::int64_t early[] = {hour_ms, 1, day_ms, 9 * day_ms};
  Choices& choices_;
  World& world_;
  Instant now_;
  std::vector<std::string> events_;
  std::vector<std::string> campaigns_;
  std::vector<Command> sent_;
};

constexpr const char* campaign_names[] = {"alpha", "beta", "gamma"};

Publication first_publication(Choices& choices, const Size& size) {
  Publication first;
  first.workspace = random_workspace(choices);
  const std::uint32_t count = 1 + choices.below(std::min<std::uint32_t>(size.campaigns, 3));
  for (std::uint32_t i = 0; i < count; ++i) {
    first.campaigns.push_back(random_campaign(choices, campaign_names[i], 1, size.steps));
    if (i == 0) first.campaigns.push_back(echo_campaign());
  }
  return first;
}

}  // namespace

World random_years(Choices& choices, const Size& size, std::uint32_t publications) {
  World world;
  world.publications.push_back(first_publication(choices, size));
  Life life(choices, world);
  life.publish(0);
  life.introduce();
  for (std::size_t i = 1; i < publications; ++i) {
    life.live(size.inputs / publications);
    Publication next = world.publications.back();
    // `echo` stands second, and stays as it is.
    const auto count = static_cast<std::uint32_t>(next.campaigns.size() - 1);
    const std::uint32_t picked = choices.below(count);
    Campaign& campaign = next.campaigns[picked == 0 ? 0 : picked + 1];
    const Campaign earlier = campaign;
    campaign = choices.chance(1, 4)
                   ? random_campaign(choices, earlier.name, earlier.version + 1, size.steps)
                   : edited(choices, next.workspace, earlier);
    next.migrations.clear();
    if (choices.chance(3, 4)) {
      next.migrations.push_back(random_migration(choices, earlier, campaign));
    }
    world.publications.push_back(std::move(next));
    life.publish(i);
  }
  life.live(size.inputs / publications);
  return world;
}

World random_world(Choices& choices, const Size& size) {
  World world;
  Publication first = first_publication(choices, size);
  const auto count = static_cast<std::uint32_t>(first.campaigns.size() - 1);
  world.publications.push_back(first);
  Life life(choices, world);
  life.publish(0);
  life.introduce();
  if (!choices.chance(1, 3)) {
    life.live(size.inputs);
    return world;
  }
  // A second publication: a new version of the first campaign; the last may be gone.
  Publication second = first;
  second.campaigns.front() = random_campaign(choices, campaign_names[0], 2, size.steps);
  if (choices.chance(1, 3)) {
    second.campaigns.front() = edited(choices, second.workspace, first.campaigns.front());
  }
  if (count > 1 && choices.chance(1, 2)) second.campaigns.pop_back();
  if (choices.chance(2, 3)) {
    second.migrations.push_back(
        random_migration(choices, first.campaigns.front(), second.campaigns.front()));
  }
  world.publications.push_back(std::move(second));
  life.live(size.inputs / 2);
  life.publish(1);
  life.live(size.inputs / 2);
  if (choices.chance(1, 3)) {
    life.publish(choices.below(2));
    life.live(size.inputs / 4);
  }
  return world;
}

World random_life(const LoadedWorkspace& loaded, Choices& choices, std::uint32_t inputs) {
  World world;
  world.publications.push_back({loaded.workspace, loaded.campaigns});
  std::vector<std::string> events;
  std::vector<std::string> campaigns;
  const auto hear = [&](const Trigger& trigger) {
    if (trigger.kind == Trigger::Kind::event) events.push_back(trigger.event);
  };
  for (const Campaign& campaign : loaded.campaigns) {
    campaigns.push_back(campaign.name);
    for (const Entry& entry : campaign.entries) {
      if (entry.kind == Entry::Kind::event) events.push_back(entry.event);
    }
    for (const Goal& goal : campaign.goals) {
      if (goal.trigger) hear(*goal.trigger);
    }
    for (const ExitRule& exit : campaign.exits) hear(exit.trigger);
    model::for_each_step(campaign.steps, [&](const Step& step) {
      const auto* wait = std::get_if<WaitFor>(&step.kind);
      if (wait == nullptr) return;
      for (const WaitCase& one : wait->cases) hear(one.trigger);
    });
  }
  events.push_back("noise");
  Life life(choices, world);
  life.knows(std::move(events), std::move(campaigns));
  life.publish(0);
  life.introduce();
  life.live(inputs);
  return world;
}

}  // namespace itinera::property
