// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "yaml/join.hpp"
#include "yaml/tables.hpp"

namespace itinera::yaml {
namespace {

using enum Expects;

constexpr std::string_view if_past_choices[] = {"continue", "next", "skip", "exit"};
constexpr std::string_view on_missing_choices[] = {"continue", "skip", "exit"};
constexpr std::string_view anchor_choices[] = {"step", "last_emitted", "entry"};

// What may stand on any step.
constexpr std::array common{
    Field{"id", text},
    Field{"when", condition},
    Field{"note", text},
    Field{"max_visits", count},
};

constexpr auto send_fields = join(
    common, std::array{
                Field{"send", any, true},
                Field{"template", text},
                Field{"data", data},
                Field{"prefer", any, false, "name the one channel to send on"},
                Field{"escalate", any, false, "use `wait_for` and a second `send`"},
                Field{"sender", any, false, "leave it out: the host chooses the account"},
                Field{"operation", any, false, "put it into `data`"},
                Field{"topic", any, false, "the campaign has a `topic`"},
                Field{"class", any, false, "leave it out: nothing withholds a send yet"},
                Field{"on_cap", any, false, "leave it out: there are no caps yet"},
                Field{"expires", any, false, "leave it out: nothing holds a send back yet"},
                Field{"while_held", any, false, "leave it out: nothing holds a send back yet"},
                Field{"on_skip", any, false, "put a `branch` before the send"},
                Field{"on_fail", any, false, "use `wait_for: {failed: <step>}`"},
                Field{"on_expire", any, false, "leave it out: no send expires yet"},
                Field{"at", any, false, "put `wait: {time: \"09:00\"}` before the send"},
                Field{"confirm_within", any, false, "use `wait_for: {sent: <step>}` with `within`"},
            });

constexpr auto wait_fields = join(
    common, std::array{
                Field{"wait", any, true},
                Field{"offset", period},
                Field{"zone", text},
                Field{"at", time_of_day},
                Field{.key = "if_past", .expects = choice, .choices = if_past_choices},
                Field{.key = "on_missing", .expects = choice, .choices = on_missing_choices},
                Field{.key = "anchor", .expects = choice, .choices = anchor_choices},
                Field{"from", any, false, "it is of recurrences; use `{time: ..., days: ...}`"},
                Field{"follow", any, false, "leave it out: the date is read once, on arrival"},
            });

constexpr auto wait_for_fields = join(
    common, std::array{
                Field{"wait_for", any, true},
                Field{"within", elapsed},
                Field{"then", list},
                Field{"else", list},
                Field{"since", text},
                Field{"as", text},
                Field{"reset_on", any, false, "add a case that goes back to this step by `goto`"},
            });

constexpr auto branch_fields =
    join(common, std::array{Field{"branch", list, true}, Field{"else", list}});

constexpr auto split_fields =
    join(common, std::array{
                     Field{"split", list, true},
                     Field{"seed", text},
                     Field{"optimize", any, false, "leave it out: the weights stay as written"},
                 });

constexpr auto set_fields = join(common, std::array{Field{"set", data, true}});
constexpr auto goal_fields =
    join(common, std::array{Field{"goal", text, true}, Field{"value", condition}});
constexpr auto goto_fields = join(common, std::array{Field{"goto", text, true}});
constexpr auto exit_fields = join(common, std::array{Field{"exit", text, true}});

constexpr Table tables[] = {
    {"a `send`", send_fields, "send"},
    {"a `wait`", wait_fields, "wait"},
    {"a `wait_for`", wait_for_fields, "wait_for"},
    {"a `branch`", branch_fields, "branch"},
    {"a `split`", split_fields, "split"},
    {"a `set`", set_fields, "set"},
    {"a `goal`", goal_fields, "goal"},
    {"a `goto`", goto_fields, "goto"},
    {"an `exit`", exit_fields, "exit"},
    {"a `parallel`", {}, "parallel", "write the steps one behind the other"},
    {"a `digest`", {}, "digest", "use `wait`, and `while_running: ignore`"},
    {"a `consent`", {}, "consent", "let the host keep consent, and ask in the `when` of a send"},
    {"an `emit`", {}, "emit", "let the host feed the event"},
    {"a `start`", {}, "start", "enter the other campaign by the event that leads here"},
    {"a `stop`", {}, "stop", "give the other campaign an exit"},
    {"a `task`", {}, "task", "use `send` on a channel that reaches the team"},
    {"an `audience`", {}, "audience", "use `set` of an attribute that the host synchronises"},
    {"a `call`", {}, "call", "use `send` on a channel of the host, and `wait_for` an event"},
};

}  // namespace

std::span<const Table> step_tables() { return tables; }

}  // namespace itinera::yaml
