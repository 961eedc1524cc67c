// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "yaml/tables.hpp"

namespace itinera::yaml {
namespace {

using enum Expects;

constexpr std::string_view history_choices[] = {"complete", "unknown"};
constexpr std::string_view wait_changes[] = {"keep", "recompute", "release"};
constexpr std::string_view existing_again[] = {"ignore", "enter"};
constexpr std::string_view pause_modes[] = {"queue", "freeze", "drop"};
constexpr std::string_view pause_entries[] = {"refuse", "continue"};
constexpr std::string_view crash_choices[] = {"before taking", "after taking"};

constexpr Field test_fields[] = {
    {"test", text, true}, {"campaign", text, true},
    {"note", text},       {"variants", literals},
    {"policy", mapping},  {"contact", mapping},
    {"contacts", list},   {.key = "history", .expects = choice, .choices = history_choices},
    {"timeline", list},   {"rejects", list},
};

constexpr Field contact_fields[] = {
    {"id", text, true},
    {"count", count},
    {.key = "history", .expects = choice, .choices = history_choices},
    {"consent", mapping},
};

constexpr Field rejection_fields[] = {
    {"code", text, true},
    {"line", count},
};

constexpr Field alias_fields[] = {
    {"previous", text, true},
    {"contact", text},
};

constexpr Field merge_fields[] = {
    {"from", text, true},
    {"into", text, true},
};

// What may stand on any line.
constexpr std::array common_of_lines{
    Field{"at", instant},  Field{"after", elapsed}, Field{"contact", text},
    Field{"expect", list}, Field{"error", text},    Field{"note", text},
};

constexpr auto event_fields = join(common_of_lines, std::array{
                                                        Field{"event", text, true},
                                                        Field{"properties", literals},
                                                        Field{"occurred", instant},
                                                        Field{"message_id", text},
                                                        Field{"source", text},
                                                        Field{"anonymous", text},
                                                    });

constexpr auto identify_fields = join(common_of_lines, std::array{
                                                           Field{"identify", literals, true},
                                                           Field{"occurred", instant},
                                                           Field{"message_id", text},
                                                           Field{"source", text},
                                                           Field{"anonymous", text},
                                                           Field{"verified", literals},
                                                       });

constexpr auto alias_line_fields = join(common_of_lines, std::array{Field{"alias", mapping, true}});

constexpr auto merge_line_fields = join(common_of_lines, std::array{Field{"merge", mapping, true}});

constexpr auto forget_line_fields = join(common_of_lines, std::array{Field{"forget", text, true}});

constexpr auto group_line_fields =
    join(common_of_lines, std::array{Field{"group", text_or_empty, true}});

constexpr auto report_fields =
    join(common_of_lines,
         std::array{
             Field{"report", mapping, true},
             Field{"key", text_or_empty},
             Field{"iteration", count},
             Field{"hard", boolean},
             Field{"retry", boolean},
             Field{"data", literals},
             Field{"leg", any, false,
                   "leave it out: what is reported of is the newest message of the step"},
         });

constexpr auto publish_fields = join(
    common_of_lines, std::array{
                         Field{"publish", text, true},
                         Field{.key = "migrate", .expects = choice, .choices = wait_changes},
                         Field{"steps", mapping},
                         Field{.key = "existing", .expects = choice, .choices = existing_again},
                     });

constexpr auto start_fields =
    join(common_of_lines, std::array{Field{"start", text, true}, Field{"key", text_or_empty},
                                     Field{"properties", literals}});
constexpr auto stop_fields =
    join(common_of_lines, std::array{Field{"stop", text, true}, Field{"key", text_or_empty}});
constexpr auto move_fields = join(
    common_of_lines,
    std::array{Field{"move", text, true}, Field{"step", text, true}, Field{"key", text_or_empty}});
constexpr auto suppress_line_fields =
    join(common_of_lines, std::array{Field{"suppress", mapping, true}});
constexpr Field suppress_fields[] = {
    {"channel", text, true},
    {"address", text, true},
    {"listed", boolean},
};
constexpr auto pause_fields =
    join(common_of_lines, std::array{
                              Field{"pause", text, true},
                              Field{.key = "mode", .expects = choice, .choices = pause_modes},
                              Field{.key = "entries", .expects = choice, .choices = pause_entries},
                          });
constexpr auto reassign_fields = join(common_of_lines, std::array{
                                                           Field{"reassign", text, true},
                                                           Field{"key", text_or_empty},
                                                           Field{"to", text, true},
                                                           Field{"by", text},
                                                           Field{"text", text},
                                                           Field{"within", elapsed},
                                                       });
constexpr auto take_over_fields = join(common_of_lines, std::array{
                                                            Field{"take_over", text, true},
                                                            Field{"key", text_or_empty},
                                                            Field{"damaged", boolean},
                                                        });
constexpr auto resume_fields = join(common_of_lines, std::array{Field{"resume", text, true}});
constexpr auto crash_fields =
    join(common_of_lines,
         std::array{
             Field{.key = "crash", .expects = choice, .required = true, .choices = crash_choices}});

constexpr Table lines[] = {
    {"an `event` line", event_fields, "event"},
    {"an `identify` line", identify_fields, "identify"},
    {"an `alias` line", alias_line_fields, "alias"},
    {"a `report` line", report_fields, "report"},
    {"a `publish` line", publish_fields, "publish"},
    {"a `start` line", start_fields, "start"},
    {"a `stop` line", stop_fields, "stop"},
    {"a `move` line", move_fields, "move"},
    {"a `suppress` line", suppress_line_fields, "suppress"},
    {"a `pause` line", pause_fields, "pause"},
    {"a `resume` line", resume_fields, "resume"},
    {"a `reassign` line", reassign_fields, "reassign"},
    {"a `take_over` line", take_over_fields, "take_over"},
    {"a `crash` line", crash_fields, "crash"},
    {"a `merge` line", merge_line_fields, "merge"},
    {"a `forget` line", forget_line_fields, "forget"},
    {"a `group` line", group_line_fields, "group"},
};

// What tells one action or decision from another.
constexpr std::array told_apart_by{
    Field{"step", text},         Field{"contact", text}, Field{"campaign", text},
    Field{"key", text_or_empty}, Field{"at", instant},   Field{"iteration", count},
};
constexpr auto common_of_expectations = join(told_apart_by, std::array{Field{"count", count}});

constexpr auto common_of_actions =
    join(common_of_expectations, std::array{Field{"maybe_executed", boolean}});

constexpr auto expected_send_fields = join(common_of_actions, std::array{
                                                                  Field{"send", text, true},
                                                                  Field{"template", text},
                                                                  Field{"address", text},
                                                                  Field{"data", literals},
                                                              });
constexpr auto expected_set_fields =
    join(common_of_actions, std::array{Field{"set", literals, true}});
constexpr auto expected_audience_fields =
    join(common_of_actions, std::array{Field{"audience", any, true}});
constexpr auto expected_consent_fields =
    join(common_of_actions, std::array{Field{"consent", any, true}});
constexpr auto expected_call_fields =
    join(common_of_actions, std::array{Field{"call", text, true}, Field{"data", literals}});
constexpr auto expected_task_fields =
    join(common_of_actions,
         std::array{Field{"task", text, true}, Field{"team", text}, Field{"data", literals}});
constexpr auto decision_fields = join(common_of_expectations, std::array{
                                                                  Field{"decision", text, true},
                                                                  Field{"reason", text},
                                                                  Field{"goal", text},
                                                                  Field{"channel", text},
                                                              });
constexpr auto no_fields = join(told_apart_by, std::array{
                                                   Field{"no", text, true},
                                                   Field{"reason", text},
                                                   Field{"goal", text},
                                                   Field{"channel", text},
                                               });
constexpr auto not_sent_fields =
    join(common_of_expectations, std::array{Field{"not_sent", text, true}, Field{"reason", text}});

constexpr Table expectations[] = {
    {"an expected `send`", expected_send_fields, "send"},
    {"an expected `set`", expected_set_fields, "set"},
    {"an expected `audience`", expected_audience_fields, "audience"},
    {"an expected `decision`", decision_fields, "decision"},
    {"a `no`", no_fields, "no"},
    {"a `not_sent`", not_sent_fields, "not_sent"},
    {"an expected `call`", expected_call_fields, "call"},
    {"an expected `task`", expected_task_fields, "task"},
    {"an expected `consent`", expected_consent_fields, "consent"},
};

constexpr Field simulation_fields[] = {
    {"simulation", text, true}, {"start", instant},     {"days", count},
    {"contacts", count},        {"seed", count},        {"note", text},
    {"attributes", literals},   {"events", list, true}, {"receipts", list},
};
constexpr Field simulated_event_fields[] = {
    {"event", text, true}, {"every", elapsed}, {"share", text}, {"properties", literals}};
constexpr Field simulated_receipt_fields[] = {
    {"channel", text}, {"receipt", text, true}, {"chance", text, true}, {"within", elapsed}};

}  // namespace

constinit const Table simulation_table{"a simulation", simulation_fields};
constinit const Table simulated_event_table{"a simulated event", simulated_event_fields};
constinit const Table simulated_receipt_table{"a simulated receipt", simulated_receipt_fields};
constinit const Table test_table{"a test", test_fields};
constinit const Table contact_table{"a contact", contact_fields};
constinit const Table rejection_table{"a rejection", rejection_fields};
constinit const Table alias_table{"an `alias`", alias_fields};
constinit const Table suppress_table{"a `suppress`", suppress_fields};
constinit const Table merge_table{"a `merge`", merge_fields};
constinit const Table line_table{"a line", common_of_lines};

std::span<const Table> line_tables() { return lines; }
std::span<const Table> expect_tables() { return expectations; }

}  // namespace itinera::yaml
