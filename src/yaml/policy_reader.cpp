// SPDX-License-Identifier: Apache-2.0
// The policy of a workspace, the accounts that send, and what campaigns and sends say of theirs.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>

#include "calendar/text.hpp"
#include "itinera/time.hpp"
#include "yaml/campaign_reader.hpp"

namespace itinera::yaml {
namespace {

// One name behind the singular, or several behind the plural. Nothing would mean everything.
std::vector<std::string> read_about_names(const Fields& fields, std::string_view one,
                                          std::string_view many, Report& report) {
  const std::array keys{one, many};
  const std::string_view key = fields.only_one_of(keys);
  if (key.empty()) return {};
  if (key == one) {
    std::string name = fields.text(one);
    return name.empty() ? std::vector<std::string>() : std::vector{std::move(name)};
  }
  const Node& node = *fields.node(many);
  if (node.is(Node::Kind::sequence) && node.items.empty()) {
    report.error(ErrorCode::bad_value, node.at, fmt::format("`{}` names nothing", many),
                 "leave it out where all are meant");
  }
  return fields.names(many);
}

MessageFilter read_about(const Fields& fields, Report& report) {
  return {read_about_names(fields, "channel", "channels", report),
          read_about_names(fields, "topic", "topics", report),
          read_about_names(fields, "campaign", "campaigns", report)};
}

QuietHours read_quiet_hours(const Node& node, Report& report) {
  const Fields fields(node, quiet_hours_table, report);
  QuietHours quiet;
  quiet.at = fields.place();
  const auto from = fields.time_of_day("from");
  const auto to = fields.end_of_window("to");
  // Of half a window nobody knows whether it is none.
  quiet.window = {.from_ms = from && to ? *from : 0, .to_ms = from && to ? *to : 1};
  if (const auto days = fields.weekdays("days")) quiet.window.days = *days;
  quiet.about = read_about(fields, report);
  quiet.holidays = fields.boolean("holidays").value_or(false);
  quiet.zone = fields.text("zone");
  if (quiet.zone == "contact") quiet.zone.clear();
  return quiet;
}

// day, week, month: of the calendar; or a duration, which is an exact one.
void read_cap_period(const Fields& fields, FrequencyCap& cap, Report& report) {
  constexpr std::string_view calendar_words[] = {"day", "week", "month"};
  const std::string text = fields.text("per");
  cap.per_ms = day_ms;
  if (text.empty()) return;
  for (std::size_t i = 0; i < std::size(calendar_words); ++i) {
    if (text != calendar_words[i]) continue;
    cap.per = static_cast<FrequencyCap::Per>(i + 1);
    cap.per_ms = 0;
    return;
  }
  const Mark at = fields.node("per")->at;
  const Result<std::int64_t> length = calendar::parse_elapsed(text);
  if (!length) {
    report.error(ErrorCode::bad_value, at, fmt::format("`per` cannot be `{}`", shown(text)),
                 "write day, week or month, or a duration such as 7d");
    return;
  }
  cap.per_ms = *length;
  if (text == "1d") {
    report.warning(at, "`per: 1d` is any 24 hours, and no day of the calendar",
                   "`24h` is clearer; `day` is the calendar one");
  }
}

FrequencyCap read_cap(const Node& node, Report& report) {
  const Fields fields(node, cap_table, report);
  FrequencyCap cap;
  cap.at = fields.place();
  cap.max = fields.count("max", 0, FrequencyCap::max_max).value_or(1);
  read_cap_period(fields, cap, report);
  cap.about = read_about(fields, report);
  cap.transactional = fields.boolean("transactional").value_or(false);
  cap.account = fields.boolean("account").value_or(false);
  return cap;
}

std::vector<ExclusiveGroup> read_groups(const Node& node, Report& report) {
  constexpr std::string_view meetings[] = {"replace", "wait", "refuse"};
  std::vector<ExclusiveGroup> groups;
  for (const Member& member : node.members) {
    ExclusiveGroup& group = groups.emplace_back();
    group.name = member.key;
    group.at = report.place(member.key_at);
    const std::string word = read_text(member.value, report);
    const auto found = std::find(std::begin(meetings), std::end(meetings), word);
    if (found != std::end(meetings)) {
      group.meeting = static_cast<ExclusiveGroup::Meeting>(found - std::begin(meetings));
    } else if (!word.empty()) {
      report.error(ErrorCode::bad_value, member.value.at,
                   fmt::format("an exclusive group cannot `{}`", shown(word)),
                   "write replace, wait or refuse: what becomes of an entry of higher priority");
    }
  }
  return groups;
}

void read_quota(const Fields& fields, Sender& sender, Report& report) {
  const Node* const node = fields.node("quota");
  if (node == nullptr) return;
  const Fields quota(*node, quota_table, report, Fields::Strangers::allowed);
  if (const std::string per = quota.text("per"); !per.empty() && per != "day") {
    report.error(ErrorCode::bad_value, quota.node("per")->at,
                 fmt::format("a quota cannot be `per: {}`", shown(per)),
                 "write `per: day`: days of the sender's zone; a `rate` is for less than that");
  }
  if (node->members.size() == 1 && quota.has("per")) {
    report.error(ErrorCode::bad_value, node->at, "this quota bounds nothing",
                 "write `quota: {per: day, all: 80}`, or leave it out");
  }
  for (const Member& member : node->members) {
    if (member.key == "per") continue;
    const bool of_all = member.key == "all";
    if (of_all && !quota.has("all")) continue;  // that is reported
    const auto max = read_count(member.value, 0, Quota::max_max, report);
    if (max) sender.quotas.push_back({of_all ? std::string() : member.key, *max});
  }
}

// "3/s", "100/m", "500/h".
void read_rate(const Fields& fields, Sender& sender, Report& report) {
  constexpr std::pair<std::string_view, std::int64_t> units[] = {
      {"/s", second_ms}, {"/m", minute_ms}, {"/h", hour_ms}};
  const std::string text = fields.text("rate");
  if (text.empty()) return;
  std::uint32_t count = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view rest(end, static_cast<std::size_t>(text.data() + text.size() - end));
  for (const auto& [unit, length_ms] : units) {
    if (problem != std::errc() || rest != unit) continue;
    if (count == 0) break;
    sender.rate = count;
    sender.rate_per_ms = length_ms;
    return;
  }
  report.error(ErrorCode::bad_value, fields.node("rate")->at,
               fmt::format("`rate` cannot be `{}`", shown(text)),
               rest == "/d" ? "a day has a quota: write `quota: {per: day, all: 80}`"
                            : "write 3/s, 100/m or 500/h: messages in any second, minute or hour");
}

void read_warm_up(const Fields& fields, Sender& sender, Report& report) {
  const Node* const node = fields.node("warm_up");
  if (node == nullptr) return;
  const Fields warm_up(*node, warm_up_table, report);
  sender.warm_up = warm_up.counts("day", 0, Quota::max_max);
  if (const Node* days = warm_up.node("day"); days != nullptr && days->items.empty()) {
    report.error(ErrorCode::bad_value, days->at, "a warm-up of no day",
                 "write `warm_up: {day: [20, 40, 80]}`, or leave it out");
  }
}

// "40s..180s", or "1m" where each gap is the same.
void read_pace(const Fields& fields, Sender& sender, Report& report) {
  constexpr std::string_view dots = "..";
  const std::string text = fields.text("pace");
  if (text.empty()) return;
  const std::string_view whole = text;
  const std::size_t middle = whole.find(dots);
  const bool range = middle != std::string_view::npos;
  const auto from = calendar::parse_elapsed(whole.substr(0, middle));
  const auto to = range ? calendar::parse_elapsed(whole.substr(middle + dots.size())) : from;
  if (from && to) {
    sender.pace_from_ms = *from;
    sender.pace_to_ms = *to;
    return;
  }
  report.error(ErrorCode::bad_value, fields.node("pace")->at,
               without_advice((from ? to : from).error().message),
               "write `40s..180s`, or one duration such as `1m`");
}

Way read_way(const Fields& fields, std::string_view key) {
  std::string word = fields.text(key);
  if (word.empty() || word == "continue") return {};
  if (word == "exit") return {Way::Kind::exit, {}};
  return {Way::Kind::go_to, std::move(word)};
}

}  // namespace

Holdout read_holdout(const Fields& fields, Report& report, WordPlaces& words) {
  const Node* const node = fields.node("holdout");
  if (node == nullptr) return {};
  const Fields holdout(*node, holdout_table, report);
  for (WordPlace& word : holdout.words()) words.push_back(std::move(word));
  return {holdout.percent("percent").value_or(0), holdout.text("seed")};
}

std::optional<Brake> read_brake(const Fields& fields, Report& report) {
  const Node* const node = fields.node("brake");
  if (node == nullptr) return std::nullopt;
  const Fields form(*node, brake_table, report);
  form.choice("then");  // to pause is all that it can do
  Brake brake;
  brake.failed = form.percent("failed").value_or(0);
  brake.of = form.count("of", 1, Brake::of_max).value_or(1);
  return brake;
}

Sender read_sender(const Member& member, Report& report) {
  const Fields fields(member.value, sender_table, report);
  Sender sender;
  sender.name = member.key;
  sender.at = report.place(member.key_at);
  sender.channel = fields.text("channel");
  read_quota(fields, sender, report);
  sender.hours = fields.window("hours");
  sender.zone = fields.text("zone");
  read_rate(fields, sender, report);
  read_warm_up(fields, sender, report);
  read_pace(fields, sender, report);
  return sender;
}

Policy read_policy(const Node& node, Report& report, WordPlaces& words) {
  const Fields fields(node, policy_table, report);
  Policy policy;
  if (const Node* quiet = fields.node("quiet_hours")) {
    if (quiet->is(Node::Kind::sequence)) {
      for (const Node& item : quiet->items) {
        policy.quiet_hours.push_back(read_quiet_hours(item, report));
      }
    } else {
      policy.quiet_hours.push_back(read_quiet_hours(*quiet, report));
    }
  }
  if (const Node* caps = fields.node("caps")) {
    for (const Node& item : caps->items) policy.caps.push_back(read_cap(item, report));
  }
  policy.holdout = read_holdout(fields, report, words);
  if (const Node* groups = fields.node("exclusive")) {
    policy.exclusive = read_groups(*groups, report);
  }
  return policy;
}

void read_choice(const Fields& fields, Send& send, Report& report) {
  if (const auto chosen = fields.choice("prefer")) send.prefer = static_cast<Send::Prefer>(*chosen);
  if (const Node* node = fields.node("escalate")) {
    const Fields escalate(*node, escalate_table, report);
    Escalate& down = send.escalate.emplace();
    // Of what could not be read nobody knows whether it is none.
    down.after_ms = escalate.elapsed("after").value_or(1);
    if (std::string receipt = escalate.text("unless"); !receipt.empty()) {
      down.unless = receipt_from(receipt).value_or(Receipt::declared);
      if (down.unless == Receipt::declared) down.declared = std::move(receipt);
    }
  }
  send.senders = fields.names("sender");
  if (fields.has("sender") && send.senders.empty() &&
      fields.node("sender")->is(Node::Kind::sequence)) {
    report.error(ErrorCode::bad_value, fields.node("sender")->at, "no sender is listed",
                 "leave it out where the host chooses the account");
  }
  send.operation = fields.text("operation");
}

void read_gates(const Fields& fields, Send& send) {
  send.topic = fields.text("topic");
  if (fields.choice("class") == 1u) send.message_class = MessageClass::transactional;
  if (const auto chosen = fields.choice("on_cap")) {
    send.on_cap = static_cast<Send::OnCap>(*chosen);
  }
  send.expires_ms = fields.elapsed("expires");
  if (fields.choice("while_held") == 1u) send.while_held = Send::WhileHeld::aside;
  send.on_skip = read_way(fields, "on_skip");
  send.on_expire = read_way(fields, "on_expire");
  send.on_fail = read_way(fields, "on_fail");
  send.confirm_within_ms = fields.elapsed("confirm_within");
}

}  // namespace itinera::yaml
