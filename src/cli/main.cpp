// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/nearest.hpp"
#include "cli/commands.hpp"
#include "cli/completion.hpp"
#include "cli/streams.hpp"

namespace itinera::cli {
namespace {

constexpr const char* examples = R"(Examples:
  itinera check examples/retail              is the workspace sound?
  itinera test examples/retail               do its campaigns do what their tests say?
  itinera run shop < events.ndjson           messages in, actions out, a line of JSON each
  gzip -dc events.ndjson.gz | itinera run shop
  itinera run shop --input events.ndjson --store shop.itinera --actions actions.ndjson
  itinera look --store shop.itinera --stuck 7d
  itinera graph shop --campaign welcome --svg -o welcome.svg

Errors go to standard error, and the exit code is 1.)";

constexpr const char* about_run = R"(Messages, one JSON object a line (docs/command-line.md):
  {"type":"identify","userId":"ola","receivedAt":"2026-03-02T09:00:00Z","traits":{"plan":"paid"}}
  {"type":"track","event":"Order Completed","userId":"ola","receivedAt":"2026-03-02T09:00:01Z"}
  {"type":"report","actionId":"<of the action>","receipt":"opened","receivedAt":"..."}
  {"type":"advance","to":"2026-03-09T00:00:00Z"}
also alias, enter (or start) and stop, and CloudEvents 1.0 whose subject is the contact.
Time moves by receivedAt and advance only: what falls due later stays in the store.)";

// Runs the command that was chosen. CLI11 calls it from within parse().
template <class Command, class Options>
void on_call(CLI::App& app, Command command, const Options& options, int& exit_code) {
  app.callback([command, &options, &exit_code] { exit_code = command(options); });
}

void add_check(CLI::App& app, CheckOptions& options, int& exit_code) {
  CLI::App& check = *app.add_subcommand("check", "Find what is wrong with a workspace");
  check.add_option("paths", options.paths, "Folder of a workspace, or files of one (default .)");
  check.add_flag("--json", options.json, "Findings as a JSON array on standard output");
  check.add_flag("--strict", options.strict, "Fail on warnings too");
  on_call(check, check_command, options, exit_code);
}

void add_test(CLI::App& app, TestOptions& options, int& exit_code) {
  CLI::App& test = *app.add_subcommand("test", "Run the unit tests of the campaigns");
  test.add_option("folder", options.folder, "Folder of the workspace (default .)");
  test.add_option("--filter", options.filter, "Only tests whose name contains this");
  test.add_flag("--json", options.json,
                "Results as JSON on standard output: an array, with --coverage an object");
  test.add_flag("--coverage", options.coverage, "Tell which ways of each campaign no test took");
  test.add_flag("--require-coverage", options.require_coverage,
                "The same, and fail if there is one");
  on_call(test, test_command, options, exit_code);
}

void add_fmt(CLI::App& app, FmtOptions& options, int& exit_code) {
  CLI::App& fmt = *app.add_subcommand("fmt", "Write files in the usual form");
  fmt.add_option("paths", options.paths, "Folder of a workspace, or files (default .)");
  fmt.add_flag("--check", options.check,
               "Write nothing, and fail where something would be written");
  on_call(fmt, fmt_command, options, exit_code);
}

void add_schema(CLI::App& app, SchemaOptions& options, int& exit_code) {
  CLI::App& schema =
      *app.add_subcommand("schema", "Print a JSON Schema of the files, for your editor");
  schema.add_option("--output,-o", options.output, "Where it goes (default -, standard output)");
  on_call(schema, schema_command, options, exit_code);
}

// What is wrong with a value of --received-from, or nothing.
std::string check_received_from(const std::string& name) {
  if (name == "receivedAt" || name == "timestamp") return {};
  return fmt::format("`{}` is neither receivedAt nor timestamp", name);
}

// AsSizeValue takes a number below zero for a very large one.
std::string check_size(const std::string& size) {
  return size.find('-') != std::string::npos ? fmt::format("`{}` is no size", size) : std::string();
}

void add_run(CLI::App& app, RunOptions& options, int& exit_code) {
  CLI::App& run = *app.add_subcommand("run", "Run the campaigns over messages");
  run.footer(about_run);
  run.add_option("folder", options.folder, "Folder of the workspace")->required();
  run.add_option("--input,-i", options.input, "Messages (default -, standard input)");
  run.add_option("--actions,-o", options.actions,
                 "Where the actions go; a file is added to (default -, standard output)");
  run.add_option("--store,-s", options.store,
                 "Keep the state in this file, and go on where it ended");
  run.add_option("--snapshot-after", options.snapshot_after_bytes,
                 "Make a snapshot whenever the store has so many bytes more, say 64M (default "
                 "256M; 0: never)")
      ->transform(CLI::AsSizeValue(false))
      ->transform(CLI::Validator(check_size, ""))
      ->type_name("SIZE");
  run.add_option("--journal-max", options.journal_bytes_max,
                 "Let go of the oldest of the journal where it is larger, say 1G (default, and 0: "
                 "keep all); what the newest two snapshots need stays")
      ->transform(CLI::AsSizeValue(false))
      ->transform(CLI::Validator(check_size, ""))
      ->type_name("SIZE")
      ->needs("--store");
  run.add_option("--journal-age", options.journal_age,
                 "The same of what is older by so long, say 90d")
      ->type_name("DURATION")
      ->needs("--store");
  run.add_option("--shards", options.shards,
                 "Of a new store: how many engines share the contacts, so that threads can work "
                 "side by side; for good (default 1)")
      ->check(CLI::Range(1U, RuntimeOptions::shards_max));
  run.add_option("--threads", options.threads,
                 "How many threads work on a store that has shards (default 1)")
      ->check(CLI::Range(1U, 256U));
  run.add_flag("--resume", options.resume,
               "Pass over what the store has for certain: after a crash, feed the same messages "
               "again (in the order of receivedAt, with a messageId)")
      ->needs("--store");
  run.add_flag("--reoffer", options.reoffer,
               "Keep in the store which actions are not written yet, and write those that an "
               "earlier run may have lost, marked maybeExecuted")
      ->needs("--store");
  run.add_option("--funnel", options.funnel,
                 "Write here how far the journeys got, when the run ends (- for standard output)");
  run.add_option_function<std::string>(
         "--received-from",
         [&options](const std::string& name) {
           options.received_from =
               name == "timestamp" ? ReceivedFrom::timestamp : ReceivedFrom::received_at;
         },
         "What stands for a missing receivedAt: receivedAt (nothing does) or timestamp")
      ->check(CLI::Validator(check_received_from, ""))
      ->type_name("receivedAt|timestamp");
  run.add_flag("--strict", options.strict, "Stop at the first bad or refused line");
  on_call(run, run_command, options, exit_code);
}

void add_look(CLI::App& app, LookOptions& options, int& exit_code) {
  CLI::App& look = *app.add_subcommand("look", "Tell where journeys stand in a store");
  look.add_option("contact", options.contact, "One contact, by any of its ids");
  look.add_option("--store,-s", options.store, "The store; who owns it may go on")->required();
  look.add_flag("--steps", options.steps,
                "How many stand at each step (so it is where nothing else is asked for)");
  look.add_option("--stuck", options.stuck,
                  "Who has stood for so long where nothing but an input moves them, or is held, "
                  "such as 7d");
  look.add_option("--limit", options.limit, "Of the stuck, how many are listed (default 20)");
  look.add_flag("--json", options.json, "A line of JSON each");
  on_call(look, look_command, options, exit_code);
}

void add_publish(CLI::App& app, PublishOptions& options, int& exit_code) {
  CLI::App& publish = *app.add_subcommand(
      "publish", "Publish campaigns to a store, and move journeys in flight to them");
  publish.add_option("folder", options.folder, "Folder of the workspace")->required();
  publish.add_option("--store,-s", options.store, "The store; who owns it must have stopped")
      ->required();
  publish.add_option("--at", options.at,
                     "When, such as 2026-03-02T09:00:00Z (default: where the store ends)");
  publish.add_option("--migrate,-m", options.migrate,
                     "A campaign whose journeys move to its new version; CAMPAIGN=recompute or "
                     "=release: what becomes of waits that were edited (default keep)");
  publish.add_option("--step", options.steps,
                     "What becomes of who stands at a step: CAMPAIGN/STEP=STEP, exit or pin; "
                     "CAMPAIGN/*=exit or pin for all that have no other answer");
  publish.add_flag("--dry-run,-n", options.dry_run,
                   "Only tell what would become of whom; the store's owner may go on");
  publish.add_flag("--json", options.json, "A line of JSON each");
  on_call(publish, publish_command, options, exit_code);
}

std::optional<PictureFormat> format_of(std::string_view name) {
  if (name == "dot") return PictureFormat::dot;
  if (name == "svg") return PictureFormat::svg;
  if (name == "mermaid") return PictureFormat::mermaid;
  return std::nullopt;
}

std::string check_format(const std::string& name) {
  return format_of(name) ? std::string() : fmt::format("`{}` is not dot, svg or mermaid", name);
}

void add_graph(CLI::App& app, GraphOptions& options, int& exit_code) {
  CLI::App& graph = *app.add_subcommand("graph", "Draw a campaign");
  graph.add_option("path", options.path,
                   "File of a campaign, or folder of a workspace (default .)");
  graph.add_option("--campaign,-c", options.campaign, "Name of the campaign, if there are several");
  CLI::Option* const format =
      graph
          .add_option_function<std::string>(
              "--format,-f",
              [&options](const std::string& name) { options.format = *format_of(name); },
              "dot (default), svg (through graphviz) or mermaid")
          ->check(CLI::Validator(check_format, ""))
          ->type_name("dot|svg|mermaid");
  graph
      .add_flag_callback(
          "--svg", [&options] { options.format = PictureFormat::svg; }, "The same as --format svg")
      ->excludes(format);
  graph.add_option("--output,-o", options.output, "Where it goes (default -, standard output)");
  on_call(graph, graph_command, options, exit_code);
}

void add_diff(CLI::App& app, DiffOptions& options, int& exit_code) {
  CLI::App& diff = *app.add_subcommand(
      "diff", "Tell what changed between two versions, and what would become of journeys");
  diff.add_option("paths", options.paths,
                  "OLD and NEW: two files of a campaign, or two folders of workspaces. With "
                  "--store NEW is enough: it is compared with what the store has")
      ->required()
      ->expected(1, 2);
  diff.add_option("--campaign,-c", options.campaign, "Only this campaign");
  CLI::Option* const json =
      diff.add_flag("--json", options.json, "As a JSON object (docs/command-line.md)");
  diff.add_flag("--dot", options.dot, "Print a picture of both in Graphviz's language, no words")
      ->excludes(json);
  diff.add_option("--svg", options.svg, "Draw that picture into this file (through graphviz)");
  CLI::Option* const store = diff.add_option(
      "--store,-s", options.store,
      "Tell what would become of who is under way in this store; its owner may go on");
  diff.add_flag("--journeys", options.journeys, "Journey by journey")->needs(store);
  diff.add_option("--migrate,-m", options.migrate, "As of publish")->needs(store);
  diff.add_option("--step", options.steps, "As of publish")->needs(store);
  diff.add_option("--at", options.at, "As of publish")->needs(store);
  diff.add_flag("--exit-code", options.exit_code, "The exit code is 1 where they differ");
  on_call(diff, diff_command, options, exit_code);
}

void add_needs(CLI::App& app, NeedsOptions& options, int& exit_code) {
  CLI::App& needs = *app.add_subcommand("needs", "List what a workspace needs from its host");
  needs.add_option("folder", options.folder, "Folder of the workspace (default .)");
  needs.add_flag("--json", options.json, "As a JSON object");
  on_call(needs, needs_command, options, exit_code);
}

void add_new(CLI::App& app, NewOptions& options, int& exit_code) {
  CLI::App& fresh = *app.add_subcommand("new", "Begin a workspace in an empty folder");
  fresh.add_option("folder", options.folder, "Where; it is made if it is not there")->required();
  on_call(fresh, new_command, options, exit_code);
}

void add_simulate(CLI::App& app, SimulateOptions& options, int& exit_code) {
  CLI::App& simulate =
      *app.add_subcommand("simulate", "Run the campaigns over made-up contacts, a year in seconds");
  simulate.add_option("folder", options.folder, "Folder of the workspace (default .)");
  simulate.add_option("--plan", options.plan,
                      "File that says what contacts have and do (default: simulation.yaml in the "
                      "folder, or what the campaigns ask for)");
  simulate.add_option("--contacts", options.contacts, "How many contacts");
  simulate.add_option("--days", options.days, "How long, in days");
  simulate.add_option("--seed", options.seed, "The same seed gives the same world");
  simulate.add_option("--opened", options.opened, "Share of sends that are opened, such as 40%");
  simulate.add_option("--clicked", options.clicked, "Share of sends that are clicked");
  on_call(simulate, simulate_command, options, exit_code);
}

void add_plan(CLI::App& app, PlanOptions& options, int& exit_code) {
  CLI::App& plan = *app.add_subcommand(
      "plan", "Tell how long until so many contacts have passed a step, and what holds them up");
  plan.add_option("folder", options.folder, "Folder of the workspace (default .)");
  plan.add_option("--campaign", options.campaign, "Campaign (default: the first with that step)");
  plan.add_option("--step", options.step,
                  "A send, a call or a task (default: the first send that names its senders)");
  plan.add_option("--contacts", options.contacts, "How many come (default 1000)");
  plan.add_option("--from", options.from, "When they come, such as 2026-11-02 or 2026-11-02T09:00");
  plan.add_option("--world", options.world, "File that says what contacts have, as of simulate");
  plan.add_option("--seed", options.seed, "The same seed gives the same world");
  on_call(plan, plan_command, options, exit_code);
}

// What the options of a command are called, and take.
std::vector<CompletedOption> options_of(const CLI::App& command) {
  std::vector<CompletedOption> options;
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_positional()) continue;
    CompletedOption& each = options.emplace_back();
    for (const std::string& name : option->get_snames()) each.names.push_back("-" + name);
    for (const std::string& name : option->get_lnames()) each.names.push_back("--" + name);
    each.description = option->get_description();
    each.takes_value = option->get_expected_max() > 0;
    // "dot|svg|mermaid", and what validators say behind it.
    const std::string type = option->get_type_name();
    const std::string words = type.substr(0, type.find(':'));
    if (words.find('|') != std::string::npos) each.values = CLI::detail::split(words, '|');
  }
  return options;
}

void add_completion(CLI::App& app, std::string& shell, int& exit_code) {
  CLI::App& completion =
      *app.add_subcommand("completion", "Print a script by which your shell completes commands");
  completion.add_option("shell", shell, "bash, zsh or fish")->required();
  completion.callback([&app, &shell, &exit_code] {
    std::vector<CompletedCommand> commands;
    for (const CLI::App* command : app.get_subcommands({})) {
      commands.push_back({command->get_name(), command->get_description(), options_of(*command)});
    }
    exit_code = completion_command(shell, commands);
  });
}

// What to say where the first argument is meant as a command and is none; else nothing.
std::string unknown_command(const CLI::App& app, int argc, char** argv) {
  const std::string name = argc > 1 ? argv[1] : "-";
  if (name.starts_with('-')) return {};
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  if (std::find(names.begin(), names.end(), name) != names.end()) return {};
  std::string hint = base::did_you_mean(name, names);
  if (hint.empty()) hint = fmt::format("there are {}", fmt::join(names, ", "));
  return fmt::format("itinera: there is no command `{}`\n  hint: {}\n", name, hint);
}

int run_main(int argc, char** argv) {
  CLI::App app("Runs customer journeys: events in, actions out, nothing in between but time.",
               "itinera");
  app.set_version_flag("--version", "itinera " ITINERA_VERSION);
  app.require_subcommand(1);
  CheckOptions check;
  TestOptions test;
  FmtOptions format;
  SchemaOptions schema;
  NewOptions fresh;
  NeedsOptions needs;
  SimulateOptions simulate;
  PlanOptions plan;
  std::string shell;
  RunOptions run;
  LookOptions look;
  PublishOptions publish;
  GraphOptions graph;
  DiffOptions diff;
  int exit_code = 0;
  add_check(app, check, exit_code);
  add_test(app, test, exit_code);
  add_run(app, run, exit_code);
  add_look(app, look, exit_code);
  add_publish(app, publish, exit_code);
  add_diff(app, diff, exit_code);
  add_graph(app, graph, exit_code);
  add_needs(app, needs, exit_code);
  add_fmt(app, format, exit_code);
  add_schema(app, schema, exit_code);
  add_new(app, fresh, exit_code);
  add_simulate(app, simulate, exit_code);
  add_plan(app, plan, exit_code);
  add_completion(app, shell, exit_code);
  // After the commands, which would inherit them.
  app.footer(examples);
  if (const std::string unknown = unknown_command(app, argc, argv); !unknown.empty()) {
    print_error(unknown);
    return 1;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& wanted) {
    return app.exit(wanted);
  } catch (const CLI::ParseError& error) {
    app.exit(error);
    return 1;
  }
  return exit_code;
}

}  // namespace
}  // namespace itinera::cli

int main(int argc, char** argv) {
  // A broken pipe is an error of the write: what is to be said on standard error is said.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return itinera::cli::run_main(argc, argv);
  } catch (const std::exception& error) {  // out of memory, in the end
    itinera::cli::print_error("itinera: ");
    itinera::cli::print_error(error.what());
    itinera::cli::print_error("\n");
    return 1;
  }
}
