// SPDX-License-Identifier: Apache-2.0
// Workspaces and campaigns.
#include "yaml/tables.hpp"

#include <algorithm>
#include <array>

namespace itinera::yaml {

const Field* Table::find(std::string_view key) const {
  const auto found =
      std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.key == key; });
  return found == fields.end() ? nullptr : &*found;
}

namespace {

using enum Expects;

constexpr std::string_view running_choices[] = {"ignore", "restart", "another"};
constexpr std::string_view consent_choices[] = {"none", "opt_in", "opt_out"};

constexpr Field workspace_fields[] = {
    {"workspace", text, true}, {"zone", text},      {"channels", mapping}, {"topics", names},
    {"segments", mapping},     {"holidays", names}, {"schema", mapping},   {"retain", mapping},
    {"senders", mapping},      {"policy", mapping}, {"limits", mapping},   {"note", text},
};

constexpr std::string_view delivery_choices[] = {"push", "pull"};

constexpr Field channel_fields[] = {
    {"address", condition, true},
    {.key = "consent", .expects = choice, .choices = consent_choices},
    {"receipts", names},
    {"cost", number},
    {"devices", names},
    {.key = "delivery", .expects = choice, .choices = delivery_choices},
};

constexpr Field sender_fields[] = {
    {"channel", text, true}, {"quota", mapping},   {"hours", window}, {"zone", text},
    {"rate", text},          {"warm_up", mapping}, {"pace", text},
};

// Any other key is an operation.
constexpr Field quota_fields[] = {
    {"per", text, true},
    {"all", count},
};

constexpr Field warm_up_fields[] = {
    {"day", counts, true},
};

constexpr Field policy_fields[] = {
    {"quiet_hours", any},
    {"caps", list},
    {"holdout", mapping},
    {"exclusive", mapping},
};

// Which messages a rule is about, by one name or by several.
constexpr std::array about_fields{
    Field{"channel", text},      Field{"channels", some_names}, Field{"topic", text},
    Field{"topics", some_names}, Field{"campaign", text},       Field{"campaigns", some_names},
};

constexpr auto quiet_hours_fields =
    join(join(std::array{Field{"from", time_of_day, true}, Field{"to", time_of_day, true},
                         Field{"days", weekdays}},
              about_fields),
         std::array{Field{"holidays", boolean}, Field{"zone", text}});

constexpr auto cap_fields =
    join(join(std::array{Field{"max", count, true}, Field{"per", text, true}}, about_fields),
         std::array{Field{"transactional", boolean}, Field{"account", boolean}});

constexpr Field holdout_fields[] = {
    {"percent", percent, true},
    {"seed", text},
};

constexpr Field schema_fields[] = {
    {"attributes", mapping},
    {"events", mapping},
};

constexpr Field retain_fields[] = {
    {"events", mapping},
    {"attributes", names},
};

constexpr Field limits_fields[] = {
    {"min_loop_wait", elapsed},
    {"dedupe", elapsed},
};

constexpr Field campaign_fields[] = {
    {"campaign", text, true},
    {"version", count},
    {"topic", text},
    {"priority", count},
    {"zone", text},
    {"note", text},
    {"entry", list, true},
    {"reentry", text},
    {.key = "while_running", .expects = choice, .choices = running_choices},
    {"goals", mapping},
    {"exits", list},
    {"steps", list, true},
    {"entry_cap", mapping},
    {"holdout", mapping},
    {"exclusive", text},
    {"brake", mapping},
};

constexpr std::string_view brake_choices[] = {"pause"};
constexpr Field brake_fields[] = {
    {"failed", percent, true},
    {"of", count, true},
    {.key = "then", .expects = choice, .choices = brake_choices},
};

constexpr Field entry_cap_fields[] = {
    {"total", count},
    {"day", count},
};

constexpr std::string_view change_choices[] = {"enters", "leaves"};
constexpr std::string_view existing_choices[] = {"ignore", "enter"};
constexpr std::string_view every_choices[] = {"year"};

constexpr Field entry_fields[] = {
    {"event", text},
    {"segment", text},
    {"date", condition},
    {"schedule", text},
    {"host", any},
    {"when", condition},
    {"key", condition},
    {.key = "change", .expects = choice, .choices = change_choices},
    {.key = "existing", .expects = choice, .choices = existing_choices},
    {"ramp", mapping},
    {.key = "every", .expects = choice, .choices = every_choices},
    {"offset", period},
    {"at", time_of_day},
    {"zone", text},
    {"from", text},
};

constexpr Field ramp_fields[] = {
    {"per", text, true},
    {"max", count, true},
};

constexpr std::array trigger_fields{
    Field{"event", text},
    Field{"condition", condition},
    Field{"sent", text},
    Field{"delivered", text},
    Field{"opened", text},
    Field{"clicked", text},
    Field{"replied", text},
    Field{"bounced", text},
    Field{"failed", text},
    Field{"complained", text},
    Field{"unsubscribed", text},
    Field{"completed", text},
    Field{"segment", text},
    Field{.key = "change", .expects = choice, .choices = change_choices},
};
constexpr std::string_view in_goals = "`account` stands in `goals` and `exits`";

constexpr std::string_view beside_wait = "it stands beside `wait`, indented like it";
constexpr std::string_view beside_wait_for = "it stands beside `wait_for`, indented like it";

constexpr auto goal_fields = join(trigger_fields, std::array{
                                                      Field{"account", text},
                                                      Field{"when", condition},
                                                      Field{"value", condition},
                                                      Field{"within", elapsed},
                                                      Field{"exits", boolean},
                                                  });
constexpr auto exit_fields =
    join(trigger_fields, std::array{Field{"account", text}, Field{"when", condition}});
constexpr auto case_fields =
    join(trigger_fields, std::array{
                             Field{"when", condition},
                             Field{"as", text},
                             Field{"steps", list},
                             Field{.key = "account", .expects = any, .elsewhere = in_goals},
                             Field{.key = "within", .expects = any, .elsewhere = beside_wait_for},
                             Field{.key = "then", .expects = any, .elsewhere = beside_wait_for},
                             Field{.key = "else", .expects = any, .elsewhere = beside_wait_for},
                             Field{.key = "since", .expects = any, .elsewhere = beside_wait_for},
                         });

constexpr Field wait_form_fields[] = {
    {"until", condition},
    {"time", time_of_day},
    {"window", window},
    {"days", weekdays},
    {"business_days", count},
    {"recurrence", text},
    {.key = "offset", .expects = any, .elsewhere = beside_wait},
    {.key = "zone", .expects = any, .elsewhere = beside_wait},
    {.key = "at", .expects = any, .elsewhere = beside_wait},
    {.key = "if_past", .expects = any, .elsewhere = beside_wait},
    {.key = "on_missing", .expects = any, .elsewhere = beside_wait},
    {.key = "anchor", .expects = any, .elsewhere = beside_wait},
    {.key = "from", .expects = any, .elsewhere = beside_wait},
    {.key = "follow", .expects = any, .elsewhere = beside_wait},
};

constexpr Field branch_case_fields[] = {
    {"when", condition, true},
    {"steps", list},
};

constexpr Field strand_fields[] = {
    {"steps", list},
};

constexpr Field variant_fields[] = {
    {"variant", text, true},
    {"weight", count, true},
    {"steps", list},
};

constexpr std::string_view if_past_choices[] = {"continue", "next", "skip", "exit"};
constexpr std::string_view on_missing_choices[] = {"continue", "skip", "exit"};
constexpr std::string_view anchor_choices[] = {"step", "last_emitted", "entry"};

constexpr std::string_view prefer_choices[] = {"listed", "preference", "engaged", "device", "cost"};
constexpr Field escalate_fields[] = {
    {"after", elapsed, true},
    {"unless", text},
};

constexpr std::string_view class_choices[] = {"marketing", "transactional"};
constexpr std::string_view on_cap_choices[] = {"skip", "hold", "exit"};
constexpr std::string_view while_held_choices[] = {"stay", "aside"};

// What may stand on any step.
constexpr std::array common_of_steps{
    Field{"id", text},
    Field{"when", condition},
    Field{"note", text},
    Field{"max_visits", count},
};

constexpr auto send_fields =
    join(common_of_steps,
         std::array{
             Field{"send", any, true},
             Field{"template", text},
             Field{"data", data},
             Field{.key = "prefer", .expects = choice, .choices = prefer_choices},
             Field{"escalate", mapping},
             Field{"sender", some_names},
             Field{"operation", text},
             Field{"topic", text},
             Field{.key = "class", .expects = choice, .choices = class_choices},
             Field{"at", any},
             Field{"expires", elapsed},
             Field{.key = "on_cap", .expects = choice, .choices = on_cap_choices},
             Field{.key = "while_held", .expects = choice, .choices = while_held_choices},
             Field{"on_skip", text},
             Field{"on_expire", text},
             Field{"on_fail", text},
             Field{"confirm_within", elapsed},
             Field{"retry", any},
         });

constexpr auto wait_fields =
    join(common_of_steps,
         std::array{
             Field{"wait", any, true},
             Field{"offset", period},
             Field{"zone", text},
             Field{"at", time_of_day},
             Field{.key = "if_past", .expects = choice, .choices = if_past_choices},
             Field{.key = "on_missing", .expects = choice, .choices = on_missing_choices},
             Field{.key = "anchor", .expects = choice, .choices = anchor_choices},
             Field{"from", text},
             Field{"follow", boolean},
         });

constexpr auto wait_for_fields = join(common_of_steps, std::array{
                                                           Field{"wait_for", any, true},
                                                           Field{"within", elapsed},
                                                           Field{"then", list},
                                                           Field{"else", list},
                                                           Field{"since", text},
                                                           Field{"as", text},
                                                           Field{"reset_on", mapping},
                                                       });

constexpr auto branch_fields =
    join(common_of_steps, std::array{Field{"branch", list, true}, Field{"else", list}});

constexpr std::string_view hash_choices[] = {"growthbook", "optimizely", "growthbook-v1"};
constexpr Field split_space_fields[] = {
    {"id", text, true},
    {"from", percent},
    {"to", percent},
};
constexpr auto split_fields = join(
    common_of_steps, std::array{
                         Field{"split", list, true},
                         Field{"seed", text},
                         Field{.key = "hash", .expects = choice, .choices = hash_choices},
                         Field{"coverage", percent},
                         Field{"namespace", mapping},
                         Field{"optimize", any, false, "leave it out: the weights stay as written"},
                     });

constexpr std::string_view join_choices[] = {"all", "any"};
constexpr auto parallel_fields = join(
    common_of_steps, std::array{Field{"parallel", list, true},
                                Field{.key = "join", .expects = choice, .choices = join_choices}});

constexpr auto set_fields = join(common_of_steps, std::array{Field{"set", data, true}});
constexpr auto goal_step_fields =
    join(common_of_steps, std::array{Field{"goal", text, true}, Field{"value", condition}});
constexpr auto goto_fields = join(common_of_steps, std::array{Field{"goto", text, true}});
constexpr auto exit_step_fields =
    join(common_of_steps, std::array{Field{"exit", text_or_empty, true}});

constexpr auto audience_step_fields =
    join(common_of_steps, std::array{Field{"audience", any, true}});
constexpr Field audience_form_fields[] = {
    {"add", text},
    {"remove", text},
};
constexpr auto emit_step_fields =
    join(common_of_steps, std::array{Field{"emit", text, true}, Field{"data", data}});
constexpr auto start_step_fields =
    join(common_of_steps,
         std::array{Field{"start", text, true}, Field{"key", condition}, Field{"data", data}});
constexpr auto stop_step_fields =
    join(common_of_steps, std::array{Field{"stop", text, true}, Field{"key", condition}});

constexpr std::string_view consent_states[] = {"granted", "denied"};
constexpr Field consent_form_fields[] = {
    {"channel", text, true},
    {"topic", text},
    {.key = "state", .expects = choice, .required = true, .choices = consent_states},
    {"source", text},
};
constexpr auto consent_step_fields = join(common_of_steps, std::array{Field{"consent", any, true}});

// How an answer is awaited.
constexpr std::array answer_fields{
    Field{"data", data}, Field{"within", elapsed}, Field{"as", text},
    Field{"then", list}, Field{"else", list},
};
constexpr auto call_step_fields = join(join(common_of_steps, answer_fields),
                                       std::array{Field{"call", text, true}, Field{"retry", any}});
constexpr Field retry_fields[] = {
    {"times", count, true},
    {"after", elapsed},
};
constexpr auto task_step_fields = join(join(common_of_steps, answer_fields),
                                       std::array{Field{"task", text, true}, Field{"team", text}});

constexpr auto digest_step_fields =
    join(common_of_steps, std::array{Field{"digest", text, true}, Field{"as", text},
                                     Field{"max", count}, Field{"key", condition}});

constexpr Table steps[] = {
    {"a `send`", send_fields, "send"},
    {"a `wait`", wait_fields, "wait"},
    {"a `wait_for`", wait_for_fields, "wait_for"},
    {"a `branch`", branch_fields, "branch"},
    {"a `split`", split_fields, "split"},
    {"a `set`", set_fields, "set"},
    {"a `goal`", goal_step_fields, "goal"},
    {"a `goto`", goto_fields, "goto"},
    {"an `exit`", exit_step_fields, "exit"},
    {"an `audience`", audience_step_fields, "audience"},
    {"an `emit`", emit_step_fields, "emit"},
    {"a `start`", start_step_fields, "start"},
    {"a `stop`", stop_step_fields, "stop"},
    {"a `parallel`", parallel_fields, "parallel"},
    {"a `digest`", digest_step_fields, "digest"},
    {"a `consent`", consent_step_fields, "consent"},
    {"a `task`", task_step_fields, "task"},
    {"a `call`", call_step_fields, "call"},
};

}  // namespace

constinit const Table workspace_table{"a workspace", workspace_fields};
constinit const Table channel_table{"a channel", channel_fields};
constinit const Table sender_table{"a sender", sender_fields};
constinit const Table quota_table{"a `quota`", quota_fields};
constinit const Table warm_up_table{"a `warm_up`", warm_up_fields};
constinit const Table policy_table{"a `policy`", policy_fields};
constinit const Table quiet_hours_table{"`quiet_hours`", quiet_hours_fields};
constinit const Table cap_table{"a cap", cap_fields};
constinit const Table brake_table{"a `brake`", brake_fields};
constinit const Table holdout_table{"a `holdout`", holdout_fields};
constinit const Table split_space_table{"a `namespace`", split_space_fields};
constinit const Table retain_table{"`retain`", retain_fields};
constinit const Table schema_table{"a `schema`", schema_fields};
constinit const Table limits_table{"`limits`", limits_fields};
constinit const Table campaign_table{"a campaign", campaign_fields};
constinit const Table entry_cap_table{"an `entry_cap`", entry_cap_fields};
constinit const Table entry_table{"an entry", entry_fields};
constinit const Table ramp_table{"a `ramp`", ramp_fields};
constinit const Table goal_table{"a goal", goal_fields};
constinit const Table exit_table{"an exit", exit_fields};
constinit const Table wait_form_table{"a `wait`", wait_form_fields};
constinit const Table wait_case_table{"a case of a `wait_for`", case_fields};
constinit const Table audience_form_table{"an `audience`", audience_form_fields};
constinit const Table retry_table{"a `retry`", retry_fields};
constinit const Table consent_form_table{"a `consent`", consent_form_fields};
constinit const Table escalate_table{"an `escalate`", escalate_fields};
constinit const Table branch_case_table{"a case of a `branch`", branch_case_fields};
constinit const Table strand_table{"a strand of a `parallel`", strand_fields};
constinit const Table variant_table{"a variant", variant_fields};

std::span<const Table> step_tables() { return steps; }

}  // namespace itinera::yaml
