// SPDX-License-Identifier: Apache-2.0
#include "property/policy_judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/packed_value.hpp"
#include "base/stable_hash.hpp"
#include "model/model_codec.hpp"
#include "property/judged_accounts.hpp"
#include "property/judged_offers.hpp"
#include "property/judged_people.hpp"
#include "property/judged_steps.hpp"
#include "property/judged_visits.hpp"
#include "property/wall_clock.hpp"
#include "record/all_records.hpp"

namespace itinera::property {
namespace {

class Judge {
 public:
  std::string read(base::ByteView journal) {
    record::FrameReader reader(journal);
    record::Frame frame;
    while (wrong_.empty() && reader.next(frame) == record::FrameReader::Outcome::frame) {
      now_ = frame.at;
      for (const auto& [journey, due] : held_) {
        if (due < now_)
          say("journey {} was held until {}, and nothing came of it", journey, to_text(due));
      }
      if (!is_duplicate(frame)) take_input(frame);
      base::ByteView rest = frame.records;
      while (const auto raw = record::Frame::next(rest)) {
        record::take_record(*raw, [this](const auto& r) {
          take(r);
          return true;
        });
      }
      if (frame.kind == record::InputKind::taken) hand_over();
      if (!to_rest_.empty()) say("{} has met its limit, and does not rest", to_rest_);
      if (sequences_.goes_on()) say("a journey goes on, though somebody of its account reacted");
    }
    return wrong_;
  }
  [[nodiscard]] const Reached& reached() const { return reached_; }

 private:
  template <class... Part>
  void say(fmt::format_string<Part...> format, Part&&... parts) {
    if (!wrong_.empty()) return;
    wrong_ = fmt::format("{}: ", to_text(now_)) + fmt::format(format, std::forward<Part>(parts)...);
  }

  void take_input(const record::Frame& frame) {
    hard_ = false;
    offers_.take(frame);
    if (frame.kind == record::InputKind::publish) {
      publish(record::decode<record::PublishInput>(frame.input)->model);
    } else if (frame.kind == record::InputKind::suppress) {
      const auto input = record::decode<record::SuppressInput>(frame.input);
      const std::pair address(std::string(input->channel), input->address);
      if (input->listed != 0) {
        listed_.insert(address);
        return;
      }
      listed_.erase(address);
      std::erase_if(closed_, [&](const auto& each) {
        return each.first == address.first && hash_of(each) == address.second;
      });
    } else if (frame.kind == record::InputKind::pause) {
      paused_.insert(std::string(record::decode<record::PauseInput>(frame.input)->campaign));
    } else if (frame.kind == record::InputKind::resume) {
      reached_["resumed"] +=
          paused_.erase(std::string(record::decode<record::ResumeInput>(frame.input)->campaign));
    } else if (frame.kind == record::InputKind::report) {
      if (!held_.empty()) ++reached_["reported while something is held"];
      hard_ = (record::decode<record::ReportInput>(frame.input)->flags & 1) != 0;
      reported_ = record::decode<record::ReportInput>(frame.input)->action;
      limit_ = says_limit(record::decode<record::ReportInput>(frame.input)->data);
    }
  }

  static bool says_limit(base::ByteView data) {
    bool limit = false;
    for (base::Reader in(data); !in.at_end();) {
      const std::string_view name = in.text();
      limit = (base::unpack(in) == Value("limit") && name == "reason") || limit;
    }
    return limit;
  }

  static std::uint64_t hash_of(const std::pair<std::string, std::string>& address) {
    return base::stable_hash_of(std::string_view(address.first), std::string_view(address.second))
        .high;
  }

  void publish(base::ByteView bytes) {
    Result<model::Model> read = model::decode(bytes);
    workspace_ = std::move(read->workspace);
    for (const Sender& sender : workspace_.senders) {
      if (std::find(senders_.begin(), senders_.end(), sender.name) == senders_.end()) {
        senders_.push_back(sender.name);
      }
    }
    for (Campaign& campaign : read->campaigns) {
      const bool known = std::any_of(versions_.begin(), versions_.end(), [&](const Version& each) {
        return each.campaign.name == campaign.name && each.campaign.version == campaign.version;
      });
      if (known) continue;
      versions_.push_back({std::move(campaign), {}});
    }
    for (Version& version : versions_) {
      version.steps.clear();
      lay_out(version.campaign.steps, version.steps);
    }
  }

  // --- What is known of people.
  template <class Other>
  void take(const Other&) {}
  void take(const record::AttributeSet& r) { people_.take(r); }
  void take(const record::Grouped& r) { people_.take(r); }
  void take(const record::ConsentSet& r) { people_.take(r); }
  void take(const record::Linked& r) { unite(r.contact, r.from); }
  void take(const record::Merged& r) { unite(r.contact, r.from); }
  // What was theirs stays where it goes now, though the id may come to stand for another later.
  void unite(std::uint32_t into, std::uint32_t from) {
    people_.unite(into, from);
    sequences_.unite(into, from);
    for (auto& [journey, run] : runs_) {
      if (run.contact == from) run.contact = into;
    }
    for (Message& each : messages_) {
      if (each.contact == from) each.contact = into;
    }
  }
  void take(const record::Forgotten& r) {
    for (std::size_t at = 0; at < r.places.size(); at += 4) {
      const auto place = base::load_le<std::uint32_t>(r.places.data() + at);
      people_.forget(place);
      for (Message& each : messages_) {
        if (each.contact != place) continue;
        each.contact = record::no_place;
        offers_.settle(each.id);
        std::erase(outbox_, each.id);
      }
    }
  }
  // --- Journeys, and the messages that they send.
  void take(const record::Entered& r) {
    runs_[r.journey] = {r.contact, r.version, r.journey, record::no_place};
    sequences_.begin(r.journey, r.contact);
    visits_.begin(r.journey);
    taken_over_.erase(r.journey);
    accounts_.erase(accounts_.lower_bound({r.journey, ""}),
                    accounts_.lower_bound({r.journey + 1, ""}));
  }
  void take(const record::TakenOver& r) { taken_over_.insert(r.journey); }
  void take(const record::Forked& r) { branch(r.journey, r.head); }
  void take(const record::SetAside& r) { branch(r.journey, r.head); }
  void branch(std::uint32_t place, std::uint32_t head) {
    runs_[place] = runs_[head];
    runs_[place].head = head;
    visits_.begin(place);
  }
  void take(const record::Ended& r) {
    std::erase_if(held_, [&](const auto& each) { return runs_[each.first].whole == r.journey; });
    sequences_.end(r.journey);
  }
  // So have its own strands.
  void take(const record::Joined& r) {
    std::erase_if(held_, [&](const auto& each) {
      std::uint32_t at = each.first;
      while (at != r.journey && at != record::no_place) at = runs_[at].head;
      return at == r.journey;
    });
  }
  void take(const record::Held& r) {
    held_[r.journey] = r.due;
    if (r.decision == record::Decision::held_paused) ++reached_["held by a pause"];
  }
  void take(const record::Remapped& r) { comes_to_ = r.to; }
  void take(const record::Migrated& r) {
    for (auto& [place, run] : runs_) {
      if (run.whole != r.journey) continue;
      run.version = comes_to_;
      visits_.moves(place);
      if (r.how == record::Migrated::comes) held_.erase(place);
    }
    ++reached_["moved to another version or step"];
  }
  void take(const record::Stalled&) { ++reached_["stalled by a pause"]; }
  void take(const record::Reassigned&) { ++reached_["reassigned"]; }
  void take(const record::Verified&) { ++reached_["verified"]; }
  void take(const record::Ready& r) {
    visits_.ready(r.journey, r.node, held_.erase(r.journey) != 0);
  }
  void take(const record::Resolved& r) {
    held_.erase(r.journey);
    visits_.leaves(r.journey);
  }
  void take(const record::Escalated& r) { visits_.leaves(r.journey); }
  void take(const record::Visited&) { visits_.visited(); }
  void take(const record::Waited& r) { visits_.waits(r.journey, r.node, r.due); }
  void take(const record::Rearmed& r) { visits_.waits_anew(r.journey, r.due); }
  void take(const record::Rested& r) {
    const Message* const message = find(reported_);
    if (message == nullptr || message->sender != senders_[r.sender]) {
      say("{} rests for what another account has sent", senders_[r.sender]);
    }
    if (!to_rest_.empty()) ++reached_["an account rests"];
    to_rest_.clear();
  }
  void take(const record::Chose& r) { leg_ = r.leg; }
  void take(const record::Braked& r) { paused_.insert(versions_[r.version].campaign.name); }
  void take(const record::AccountGiven& r) {
    const std::string& name = senders_[r.sender];
    accounts_[{runs_[r.journey].whole, channel_of(name)}] = name;
  }
  void take(const record::Emitted& r) {
    const bool again = !ids_.insert(r.id).second;
    // A journey that goes on elsewhere keeps its ids; here that may be once more.
    if (again && !taken_over_.contains(runs_[r.journey].whole)) say("an action id came twice");
    const Run& run = runs_[r.journey];
    const Campaign& campaign = versions_[run.version].campaign;
    if (paused_.contains(campaign.name)) say("{} is paused, and emits", campaign.name);
    const auto* send = std::get_if<Send>(&step(r.journey, r.node).kind);
    if (send == nullptr) {
      outbox_.push_back(r.id);
      return;
    }
    Message message;
    message.id = r.id;
    message.visit = visits_.sent(r.journey, r.node);
    if (send->escalate && visits_.has_reaction(message.visit)) {
      say("step {} goes on, though the contact has reacted", r.node);
    }
    message.at = now_;
    message.contact = people_.who_is(run.contact);
    message.campaign = campaign.name;
    const std::uint8_t leg = send->alternatives.empty() ? 0 : std::exchange(leg_, 0);
    message.channel = leg == 0 ? send->channel : send->alternatives[leg - 1u];
    message.topic = send->topic.empty() ? campaign.topic : send->topic;
    message.address = r.address;
    message.marketing = send->message_class == MessageClass::marketing;
    message.operation = send->operation;
    const bool by_account = std::any_of(
        workspace_.senders.begin(), workspace_.senders.end(), [&](const Sender& sender) {
          const auto& meant = send->senders;
          return sender.channel == message.channel &&
                 std::find(meant.begin(), meant.end(), sender.name) != meant.end();
        });
    if (by_account) message.sender = accounts_[{run.whole, message.channel}];
    if (by_account && message.sender.empty()) say("step {} was sent by no account", r.node);
    may_be_sent(message);
    is_open(message, campaign);
    messages_.push_back(std::move(message));
    within_caps(messages_.back(), campaign);
    within_quotas(messages_.back());
    outbox_.push_back(r.id);
  }

  // --- What becomes of them.
  void take(const record::Withdrawn& r) { withdraw(r.id); }
  void take(const record::Recalled& r) { withdraw(r.id); }
  void take(const record::UnknownOutcome& r) {
    if (!offers_.is_offered(r.id)) say("an outcome is unknown of what is not offered again");
    offers_.settle(r.id);
  }
  void withdraw(Hash128 id) {
    std::erase(outbox_, id);
    if (Message* const message = find(id)) message->counts = false;
  }
  void take(const record::ReceiptNoted& r) { report(r.receipt); }
  void take(const record::LateReceipt& r) { report(r.receipt); }
  void report(std::uint8_t receipt) {
    Message* const message = find(reported_);
    if (message == nullptr) return;
    const auto what = static_cast<Receipt>(receipt);
    if (message->contact != record::no_place) {
      reached_["colleagues stop"] +=
          sequences_.reacts(message->contact, what, people_, [this](std::uint32_t journey) {
            return std::cref(versions_[runs_[journey].version].campaign);
          });
    }
    const bool hard_bounce = what == Receipt::bounced && hard_;
    if (what == Receipt::failed || hard_bounce) message->failed = true;
    const bool is_news = what == Receipt::failed && !message->told_failed;
    if (is_news) message->told_failed = true;
    if (is_news && limit_) to_rest_ = message->sender;
    if (what == Receipt::opened) visits_.react(message->visit, now_);
    if (!message->sender.empty()) ++reached_["reported of an account's message"];
    if (what == Receipt::complained || hard_bounce) {
      closed_.insert({message->channel, message->address});
    }
  }

  // S19: at taking, once more.
  void hand_over() {
    const std::vector<Hash128> again = offers_.hand_over(outbox_);
    outbox_.insert(outbox_.end(), again.begin(), again.end());
    for (const Hash128 id : outbox_) {
      if (const Message* const message = find(id)) may_be_sent(*message);
    }
    outbox_.clear();
  }

  // --- The rules.
  void may_be_sent(const Message& message) {
    if (closed_.contains({message.channel, message.address}) ||
        listed_.contains({message.channel, hash_of({message.channel, message.address})})) {
      say("a message on {} to {}, which is closed", message.channel, message.address);
    }
    const auto channel =
        std::find_if(workspace_.channels.begin(), workspace_.channels.end(),
                     [&](const Channel& each) { return each.name == message.channel; });
    if (channel == workspace_.channels.end()) return;
    if (!message.marketing || channel->consent == Channel::ConsentRule::none) return;
    const auto& said = people_.of(message.contact).consents;
    const auto whole = said.find({message.channel, ""});
    const auto topic = said.find({message.channel, message.topic});
    const bool has_topic = !message.topic.empty() && topic != said.end();
    std::optional<bool> word;
    if (whole != said.end()) word = whole->second.value == "1";
    if (has_topic) {
      const bool granted = topic->second.value == "1";
      const bool refused_since =
          word == false && (whole->second.occurred > topic->second.occurred ||
                            (whole->second.occurred == topic->second.occurred &&
                             whole->second.message != topic->second.message));
      word = granted && !refused_since;
    }
    const bool permits = word.value_or(channel->consent == Channel::ConsentRule::opt_out);
    if (!permits) say("a message on {} about '{}' without consent", message.channel, message.topic);
  }

  std::string zone_of(const Message& message, const Campaign& campaign) {
    const auto& own = people_.of(message.contact).zone;
    if (own && is_zone(own->value)) return own->value;
    if (is_zone(campaign.zone)) return campaign.zone;
    return is_zone(workspace_.zone) ? workspace_.zone : "UTC";
  }

  static bool meant(const std::vector<std::string>& names, const std::string& name) {
    return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
  }
  static bool is_about(const MessageFilter& filter, const Message& message) {
    return meant(filter.channels, message.channel) && meant(filter.topics, message.topic) &&
           meant(filter.campaigns, message.campaign);
  }

  void is_open(const Message& message, const Campaign& campaign) {
    if (!message.marketing) return;
    for (const QuietHours& quiet : workspace_.policy.quiet_hours) {
      if (!is_about(quiet.about, message)) continue;
      const WallTime wall =
          wall_time(now_, quiet.zone.empty() ? zone_of(message, campaign) : quiet.zone);
      if (shows(wall, quiet.window)) say("a message in quiet hours from {}", quiet.window.from_ms);
      if (!quiet.holidays) continue;
      for (const std::string& holiday : workspace_.holidays) {
        std::tm date{};
        date.tm_year = std::stoi(holiday.substr(0, 4)) - 1900;
        date.tm_mon = std::stoi(holiday.substr(5, 2)) - 1;
        date.tm_mday = std::stoi(holiday.substr(8, 2));
        if (::timegm(&date) / 86'400 == wall.day) say("a message on the holiday {}", holiday);
      }
    }
  }

  static std::int64_t period_of(const WallTime& wall, FrequencyCap::Per per) {
    switch (per) {
      case FrequencyCap::Per::day: return wall.day;
      case FrequencyCap::Per::week: return wall.day - wall.weekday;
      default: return wall.year * 12 + wall.month;
    }
  }

  bool counts_with(const FrequencyCap& cap, const Message& each, const Message& message) {
    if (each.contact == record::no_place) return false;
    const std::uint32_t person = people_.who_is(each.contact);
    if (person == message.contact) return true;
    const auto& theirs = people_.of(person).account;
    const auto& own = people_.of(message.contact).account;
    return cap.account && own && theirs && !own->value.empty() && own->value == theirs->value;
  }

  void within_caps(const Message& message, const Campaign& campaign) {
    const std::string zone = zone_of(message, campaign);
    for (const FrequencyCap& cap : workspace_.policy.caps) {
      const auto concerns = [&](const Message& each) {
        return is_about(cap.about, each) && (each.marketing || cap.transactional);
      };
      if (!concerns(message)) continue;
      std::uint32_t count = 0;
      for (const Message& each : messages_) {
        if (!counts_with(cap, each, message)) continue;
        if (!each.counts || each.failed || !concerns(each)) continue;
        const bool in = cap.per == FrequencyCap::Per::rolling
                            ? each.at > now_ - cap.per_ms
                            : period_of(wall_time(each.at, zone), cap.per) ==
                                  period_of(wall_time(now_, zone), cap.per);
        if (in) ++count;
      }
      if (count == cap.max) ++reached_[cap.account ? "an account's cap is full" : "a cap is full"];
      if (count > cap.max) say("{} messages where {} are the most", count, cap.max);
    }
  }

  std::string channel_of(const std::string& sender) const {
    for (const Sender& each : workspace_.senders) {
      if (each.name == sender) return each.channel;
    }
    return {};
  }

  void within_quotas(const Message& message) {
    for (const Sender& sender : workspace_.senders) {
      if (sender.name != message.sender) continue;
      const std::string zone = is_zone(sender.zone)       ? sender.zone
                               : is_zone(workspace_.zone) ? workspace_.zone
                                                          : "UTC";
      const WallTime today = wall_time(now_, zone);
      if (sender.hours && !shows(today, *sender.hours)) say("{} sent after work", sender.name);
      std::uint32_t all = 0;
      std::map<std::string, std::uint32_t> by_operation;
      std::uint32_t lately = 0;
      for (const Message& each : messages_) {
        if (each.sender != sender.name || !each.counts) continue;
        if (each.at > now_ - sender.rate_per_ms) ++lately;
        if (wall_time(each.at, zone).day != today.day) continue;
        ++all;
        ++by_operation[each.operation];
      }
      for (const Quota& quota : sender.quotas) {
        const std::uint32_t used = quota.operation.empty() ? all : by_operation[quota.operation];
        if (used > quota.max) say("{} of {} messages of {}", used, quota.max, sender.name);
      }
      if (sender.rate > 0 && lately > sender.rate) say("{} sent too fast", sender.name);
    }
  }

  const Step& step(std::uint32_t journey, std::uint16_t node) {
    return *versions_[runs_[journey].version].steps[node];
  }
  Message* find(Hash128 id) {
    // The newest: a journey that goes on elsewhere keeps its ids.
    const auto at = std::find_if(messages_.rbegin(), messages_.rend(),
                                 [&](const Message& each) { return each.id == id; });
    return at == messages_.rend() ? nullptr : &*at;
  }

  Instant now_;
  bool hard_ = false;
  Hash128 reported_;
  bool limit_ = false;   // the report at hand says that the provider's is reached
  std::string to_rest_;  // the account that must rest because of it
  std::uint8_t leg_ = 0;
  Workspace workspace_;
  std::deque<Version> versions_;
  std::vector<std::string> senders_;
  People people_;
  std::map<std::uint32_t, Run> runs_;
  std::uint16_t comes_to_ = 0;  // the version that journeys move to
  std::map<std::pair<std::uint32_t, std::string>, std::string> accounts_;  // journey, channel
  std::map<std::uint32_t, Instant> held_;
  Visits visits_;
  Offers offers_;
  std::vector<Message> messages_;
  std::vector<Hash128> outbox_;
  std::set<Hash128> ids_;
  std::set<std::uint32_t> taken_over_;                      // journeys
  std::set<std::pair<std::string, std::string>> closed_;    // channel, address
  std::set<std::pair<std::string, std::uint64_t>> listed_;  // by the host: channel, its hash
  std::set<std::string> paused_;                            // campaigns
  Sequences sequences_;
  Reached reached_;
  std::string wrong_;
};

}  // namespace

std::string judge(base::ByteView journal, Reached* reached) {
  Judge judge;
  std::string wrong = judge.read(journal);
  if (reached == nullptr) return wrong;
  for (const auto& [rule, count] : judge.reached()) (*reached)[rule] += count;
  return wrong;
}

}  // namespace itinera::property
