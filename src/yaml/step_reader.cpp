// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "calendar/text.hpp"
#include "yaml/campaign_reader.hpp"

namespace itinera::yaml {
namespace {

constexpr std::uint32_t any_count = std::numeric_limits<std::uint32_t>::max();
constexpr std::string_view wait_forms[] = {"until", "time", "window", "business_days",
                                           "recurrence"};
constexpr std::string_view audience_forms[] = {"add", "remove"};

// A duration is one word; what else people write here is a recurrence or a date.
bool is_recurrence(std::string_view text) {
  const bool cron = std::count(text.begin(), text.end(), ' ') == 4;
  const bool date = text.size() == 10 && text[4] == '-' && text[7] == '-';
  return cron || date || text.find("FREQ=") != std::string_view::npos;
}

class StepReader {
 public:
  StepReader(Report& report, model::Gaps& gaps) : report_(report), gaps_(gaps) {}

  Steps steps(const Node* list) {
    Steps result;
    if (list == nullptr) return result;
    for (const Node& item : list->items) {
      result.push_back(step(item));
    }
    return result;
  }

 private:
  Step step(const Node& node) {
    const Report::Part part(report_);
    const Table* const table = table_of(node);
    if (table == nullptr) return unknown_step(node);
    const Fields fields(node, *table, report_);
    Step result;
    result.id = fields.text("id");
    result.named = !result.id.empty();
    result.when = fields.condition("when");
    result.note = fields.text("note");
    result.max_visits = fields.count("max_visits", 1, any_count);
    result.at = fields.place();
    result.words = fields.words();
    result.kind = kind(table->kind, fields);
    look_for_losses(fields);
    if (result.id.empty() && node.find("id") != nullptr) gaps_.steps = true;
    if (!part.complete()) gaps_.partly.insert(model::Gaps::place(result.at));
    return result;
  }

  // What stands in the place of a step that is none, or of a kind that nobody knows.
  Step unknown_step(const Node& node) {
    Step result;
    result.at = report_.place(node.at);
    const Node* const id = node.find("id");
    if (id != nullptr && id->is(Node::Kind::scalar)) result.id = id->text;
    result.named = !result.id.empty();
    const auto holds_more = [](const Member& member) {
      return !member.value.is(Node::Kind::scalar) && !member.value.is(Node::Kind::empty);
    };
    if (node.torn || node.is(Node::Kind::refused) || node.is(Node::Kind::sequence) ||
        std::any_of(node.members.begin(), node.members.end(), holds_more)) {
      gaps_.steps = true;
    }
    gaps_.kindless.insert(model::Gaps::place(result.at));
    return result;
  }

  void look_for_losses(const Fields& fields) {
    if (fields.lost_content()) gaps_.steps = true;
  }

  // The table of a step by the key that names its kind; nullptr, reported, if it has none.
  const Table* table_of(const Node& node) {
    if (!node.is(Node::Kind::mapping)) {
      report_.lose();
      if (node.is(Node::Kind::refused)) return nullptr;
      report_.error(ErrorCode::wrong_type, node.at, "a step must be a mapping",
                    "write `- send: email`, or `- wait: 1h`");
      return nullptr;
    }
    const std::size_t before = report_.errors();
    const Table* const table = kind_of(node, step_tables(), "step", report_);
    // What a member that was refused said may have been the kind.
    if (table == nullptr && report_.errors() == before && !node.torn) {
      report_kindless(node, step_tables(), "step", report_);
    }
    return table;
  }

  Step::Kind kind(std::string_view name, const Fields& fields) {
    if (name == "send") return send(fields);
    if (name == "wait") return wait(fields);
    if (name == "wait_for") return wait_for(fields);
    if (name == "branch") return branch(fields);
    if (name == "split") return split(fields);
    if (name == "parallel") return parallel(fields);
    if (name == "set") return Set{fields.data("set")};
    if (name == "goal") return ReachGoal{fields.text("goal"), fields.condition("value")};
    if (name == "goto") return Goto{fields.text("goto")};
    if (name == "audience") {
      const Node* const form = fields.node("audience");
      return form == nullptr ? ChangeAudience{} : read_audience(*form, report_);
    }
    if (name == "emit") return EmitEvent{fields.text("emit"), fields.data("data")};
    if (name == "start") {
      return StartCampaign{fields.text("start"), fields.condition("key"), fields.data("data")};
    }
    if (name == "consent") {
      const Node* const form = fields.node("consent");
      return form == nullptr ? ChangeConsent{} : read_consent(*form, report_);
    }
    if (name == "call") {
      return Call{fields.literal_text("call"), fields.data("data"), answer(fields), retry(fields)};
    }
    if (name == "task") {
      return Task{fields.literal_text("task"), fields.text("team"), fields.data("data"),
                  answer(fields)};
    }
    if (name == "digest") return digest(fields);
    if (name == "stop") return StopCampaign{fields.text("stop"), fields.condition("key")};
    return Exit{fields.literal_text("exit")};
  }

  Send send(const Fields& fields) {
    Send send;
    if (const Node* channel = fields.node("send")) {
      read_channels(*channel, send);
    }
    read_choice(fields, send, report_);
    send.template_name = fields.literal_text("template");
    send.data = fields.data("data");
    read_send_time(fields, send);
    read_gates(fields, send);
    send.retry = retry(fields);
    return send;
  }

  void read_channels(const Node& node, Send& send) {
    if (!node.is(Node::Kind::sequence)) {
      send.channel = read_text(node, report_);
      return;
    }
    send.alternatives = read_names(node, report_);
    if (!send.alternatives.empty()) {
      send.channel = std::move(send.alternatives.front());
      send.alternatives.erase(send.alternatives.begin());
    } else if (node.items.empty()) {
      report_.error(ErrorCode::bad_value, node.at, "no channel is listed",
                    "write `send: email`, or `send: [push, sms, email]`");
    }
  }

  void read_send_time(const Fields& fields, Send& send) {
    const Node* const at = fields.node("at");
    if (at == nullptr) return;
    if (at->is(Node::Kind::scalar) && at->text == "best") {
      report_.error(ErrorCode::not_supported_yet, at->at,
                    "the best time of a contact is not supported yet",
                    "name one, such as `at: \"09:00\"`");
      return;
    }
    send.at_ms = read_time_of_day(*at, report_);
  }

  Wait wait(const Fields& fields) {
    Wait wait;
    if (const Node* form = fields.node("wait")) {
      if (form->is(Node::Kind::mapping)) {
        read_wait_form(*form, wait);
      } else {
        read_wait_length(*form, wait);
      }
    }
    read_from(fields, wait);
    read_follow(fields, wait);
    if (const auto offset = fields.period("offset", true)) wait.offset = *offset;
    wait.zone = fields.text("zone");
    wait.at_ms = fields.time_of_day("at");
    // The words stand in the order of the enumerators, but for what is the default.
    constexpr Wait::IfPast if_past[] = {Wait::IfPast::go_on, Wait::IfPast::next, Wait::IfPast::skip,
                                        Wait::IfPast::exit};
    constexpr Wait::OnMissing on_missing[] = {Wait::OnMissing::go_on, Wait::OnMissing::skip,
                                              Wait::OnMissing::exit};
    if (const auto chosen = fields.choice("if_past")) wait.if_past = if_past[*chosen];
    if (const auto chosen = fields.choice("on_missing")) wait.on_missing = on_missing[*chosen];
    if (const auto chosen = fields.choice("anchor")) {
      wait.anchor = static_cast<Wait::Anchor>(*chosen);
    }
    return wait;
  }

  // The anchor of a recurrence.
  void read_from(const Fields& fields, Wait& wait) {
    if (!fields.has("from")) return;
    std::string from = fields.text("from");
    if (auto* const recurrence = std::get_if<Wait::Recurrence>(&wait.form)) {
      recurrence->from = std::move(from);
      return;
    }
    report_.error(ErrorCode::bad_value, fields.key_at("from"), "`from` stands beside a recurrence",
                  "leave it out, or write `wait: {recurrence: ...}`");
  }

  void read_follow(const Fields& fields, Wait& wait) {
    const bool follow = fields.boolean("follow").value_or(false);
    if (auto* const until = std::get_if<Wait::Until>(&wait.form)) {
      until->follow = follow;
    } else if (follow) {
      report_.error(ErrorCode::bad_value, fields.key_at("follow"), "`follow` stands beside `until`",
                    "leave it out: nothing else can move");
    }
  }

  void read_wait_length(const Node& node, Wait& wait) {
    if (node.is(Node::Kind::scalar) && is_recurrence(node.text)) {
      wait.form = Wait::Recurrence{.rule = read_text(node, report_)};
      return;
    }
    if (const auto period = read_period(node, false, report_)) wait.form = Wait::For{*period};
  }

  void read_wait_form(const Node& node, Wait& wait) {
    const Fields form(node, wait_form_table, report_);
    const std::string_view kind = form.only_one_of(wait_forms);
    const auto days = form.weekdays("days");
    if (kind == "until") {
      wait.form = Wait::Until{.instant = form.condition("until")};
      refuse_days(form, kind);
    } else if (kind == "time") {
      wait.form = Wait::TimeOfDay{form.time_of_day("time").value_or(0), days.value_or(Weekdays())};
    } else if (kind == "window") {
      wait.form = Wait::Inside{read_window_and_days(form, days)};
    } else if (kind == "business_days") {
      wait.form = Wait::BusinessDays{form.count("business_days", 0, any_count).value_or(1),
                                     days.value_or(Wait::BusinessDays().days)};
    } else if (kind == "recurrence") {
      wait.form = Wait::Recurrence{.rule = form.text("recurrence")};
      refuse_days(form, kind);
    } else if (!form.faulty()) {
      report_.error(ErrorCode::missing_key, node.at,
                    "a `wait` needs a duration, `until`, `time`, `window`, `business_days` or "
                    "`recurrence`",
                    "write `wait: 1h`, or `wait: {time: \"09:00\", days: Mon-Fri}`");
    } else {
      report_.lose();
    }
  }

  void refuse_days(const Fields& form, std::string_view kind) {
    if (!form.has("days")) return;
    report_.error(ErrorCode::bad_value, form.key_at("days"),
                  fmt::format("`{}` has no `days`", kind),
                  "add a `wait` with `time` and `days` behind it");
  }

  Window read_window_and_days(const Fields& form, std::optional<Weekdays> days) {
    Window window = form.window("window").value_or(Window());
    if (!days) return window;
    if (window.days != Weekdays()) {
      report_.error(ErrorCode::bad_value, form.key_at("days"), "the window names its days already",
                    "leave `days` out");
    }
    window.days = *days;
    return window;
  }

  WaitFor wait_for(const Fields& fields) {
    WaitFor wait;
    const Node* const node = fields.node("wait_for");
    if (node != nullptr && node->is(Node::Kind::sequence)) {
      for (const Node& item : node->items) read_case(item, wait);
    } else if (node != nullptr) {
      read_case(*node, wait);
    }
    read_shared_as(fields, node, wait);
    wait.within_ms = fields.elapsed("within");
    read_reset(fields, wait);
    read_since(fields, wait);
    wait.then = steps(fields.node("then"));
    wait.otherwise = steps(fields.node("else"));
    return wait;
  }

  void read_case(const Node& node, WaitFor& wait) {
    const Fields fields(node, wait_case_table, report_);
    WaitCase result;
    result.at = fields.place();
    auto trigger = read_trigger(fields, report_);
    if (!trigger && node.is(Node::Kind::mapping) && !fields.faulty()) {
      report_.error(ErrorCode::missing_key, node.at, "nothing says what to wait for",
                    "write `event: NAME`, `opened: <step>` or `condition: ...`");
    }
    result.when = fields.condition("when");
    result.as = fields.text("as");
    result.steps = steps(fields.node("steps"));
    look_for_losses(fields);
    if (trigger) result.trigger = std::move(*trigger);
    wait.cases.push_back(std::move(result));
  }

  // Beside a single trigger `as` may also stand on the step.
  void read_shared_as(const Fields& fields, const Node* node, WaitFor& wait) {
    if (!fields.has("as")) return;
    std::string as = fields.text("as");
    const bool single = node != nullptr && node->is(Node::Kind::mapping);
    if (single && wait.cases.size() == 1 && wait.cases.front().as.empty()) {
      wait.cases.front().as = std::move(as);
    } else if (!single || wait.cases.size() == 1) {
      report_.error(ErrorCode::bad_value, fields.key_at("as"),
                    "`as` beside a list of cases says nothing", "write it into a case");
    }
  }

  void read_reset(const Fields& fields, WaitFor& wait) {
    const Node* const node = fields.node("reset_on");
    if (node == nullptr) return;
    const Fields reset(*node, exit_table, report_);
    wait.reset_on = read_trigger(reset, report_);
    wait.reset_when = reset.condition("when");
    if (wait.reset_on || reset.faulty()) return;
    report_.error(ErrorCode::missing_key, node->at, "nothing says what arms the wait anew",
                  "write `reset_on: {event: NAME}`, or a receipt such as `clicked: any`");
  }

  void read_since(const Fields& fields, WaitFor& wait) {
    const std::string text = fields.text("since");
    if (text.empty()) return;
    if (text == "journey") {
      wait.since = WaitFor::Since::journey;
      return;
    }
    const Result<std::int64_t> length = calendar::parse_elapsed(text);
    if (length) {
      wait.since = WaitFor::Since::duration;
      wait.since_ms = *length;
      return;
    }
    report_.error(ErrorCode::bad_value, fields.node("since")->at,
                  fmt::format("`since` cannot be `{}`", shown(text)),
                  "write `journey`, or a duration such as 2h");
  }

  Answer answer(const Fields& fields) {
    Answer answer;
    answer.within_ms = fields.elapsed("within");
    answer.as = fields.text("as");
    answer.then = steps(fields.node("then"));
    answer.otherwise = steps(fields.node("else"));
    return answer;
  }

  Retry retry(const Fields& fields) {
    Retry retry;
    const Node* const node = fields.node("retry");
    if (node == nullptr) return retry;
    if (!node->is(Node::Kind::mapping)) {
      retry.times = read_count(*node, 1, Retry::times_max, report_).value_or(0);
      return retry;
    }
    const Fields form(*node, retry_table, report_);
    retry.times = form.count("times", 1, Retry::times_max).value_or(0);
    retry.after_ms = form.elapsed("after").value_or(retry.after_ms);
    return retry;
  }

  Digest digest(const Fields& fields) {
    constexpr std::string_view sliding = "sliding ";
    Digest digest;
    const std::string text = fields.text("digest");
    digest.sliding = text.starts_with(sliding);
    const Result<std::int64_t> window =
        calendar::parse_elapsed(std::string_view(text).substr(digest.sliding ? sliding.size() : 0));
    if (window) {
      digest.window_ms = *window;
    } else if (!text.empty()) {
      report_.error(ErrorCode::bad_value, fields.node("digest")->at,
                    fmt::format("`digest` cannot be `{}`", shown(text)),
                    "write how long to gather, such as 30m, or `sliding 2h`");
    }
    digest.key = fields.condition("key");
    digest.max = fields.count("max", 1, 1'000).value_or(digest.max);
    digest.as = fields.text("as");
    return digest;
  }

  Branch branch(const Fields& fields) {
    Branch branch;
    if (const Node* list = fields.node("branch")) {
      for (const Node& item : list->items) {
        const Fields entry(item, branch_case_table, report_);
        look_for_losses(entry);
        branch.cases.push_back(
            {entry.condition("when"), steps(entry.node("steps")), entry.place()});
      }
    }
    branch.otherwise = steps(fields.node("else"));
    return branch;
  }

  Parallel parallel(const Fields& fields) {
    Parallel parallel;
    if (const Node* list = fields.node("parallel")) {
      for (const Node& item : list->items) {
        const Fields entry(item, strand_table, report_);
        look_for_losses(entry);
        parallel.strands.push_back({steps(entry.node("steps")), entry.place()});
      }
    }
    if (fields.choice("join") == 1u) parallel.join = Parallel::Join::any;
    return parallel;
  }

  Split split(const Fields& fields) {
    Split split;
    if (const Node* list = fields.node("split")) {
      for (const Node& item : list->items) {
        const Fields entry(item, variant_table, report_);
        look_for_losses(entry);
        split.variants.push_back({entry.text("variant"),
                                  entry.count("weight", 0, any_count).value_or(0),
                                  steps(entry.node("steps")), entry.place()});
      }
    }
    split.seed = fields.literal_text("seed");
    split.hash = static_cast<Split::Hash>(fields.choice("hash").value_or(0));
    split.coverage = fields.percent("coverage").value_or(split.coverage);
    if (const Node* const node = fields.node("namespace")) {
      const Fields form(*node, split_space_table, report_);
      SplitSpace& space = split.space.emplace();
      space.id = form.text("id");
      space.from = form.percent("from").value_or(space.from);
      space.to = form.percent("to").value_or(space.to);
      if (form.faulty()) split.space.reset();
    }
    return split;
  }

  Report& report_;
  model::Gaps& gaps_;
};

}  // namespace

ChangeAudience read_audience(const Node& node, Report& report) {
  ChangeAudience result;
  const Fields form(node, audience_form_table, report);
  const std::string_view change = form.only_one_of(audience_forms);
  if (change == "remove") result.change = ChangeAudience::Change::remove;
  if (!change.empty()) {
    result.list = form.text(change);
  } else if (!form.faulty()) {
    report.error(ErrorCode::missing_key, node.at, "an `audience` needs `add` or `remove`",
                 "write `audience: {add: newsletter}`");
  } else {
    report.lose();
  }
  return result;
}

ChangeConsent read_consent(const Node& node, Report& report) {
  const Fields form(node, consent_form_table, report);
  const bool denied = form.choice("state") == 1u;
  return {form.text("channel"), form.text("topic"),
          denied ? ChangeConsent::State::denied : ChangeConsent::State::granted,
          form.text("source")};
}

Steps read_steps(const Node* list, Report& report, model::Gaps& gaps) {
  return StepReader(report, gaps).steps(list);
}

}  // namespace itinera::yaml
