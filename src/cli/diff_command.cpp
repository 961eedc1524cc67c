// SPDX-License-Identifier: Apache-2.0
// What changed between two versions of a campaign, or of a workspace: in words, as a picture, and
// what it would come to for the journeys of a store.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include "base/nearest.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/printing.hpp"
#include "cli/progress.hpp"
#include "cli/stored_engine.hpp"
#include "cli/streams.hpp"
#include "diff/diff_picture.hpp"
#include "engine/migration_plan.hpp"
#include "itinera/campaign_diff.hpp"
#include "itinera/value.hpp"
#include "state/views.hpp"

namespace itinera::cli {
namespace {

// One of the two that are compared.
struct Side {
  Workspace workspace;
  std::vector<Campaign> campaigns;
  bool is_folder = false;
};

bool names_folder(const std::string& path) {
  std::error_code failed;
  return std::filesystem::is_directory(path, failed);
}

bool names_file(const std::string& path) {
  std::error_code failed;
  return std::filesystem::is_regular_file(path, failed);
}

bool has_workspace(const WorkspaceFiles& files) {
  return std::any_of(files.model.begin(), files.model.end(), [](const SourceFile& file) {
    return std::filesystem::path(file.path).filename() == "workspace.yaml";
  });
}

// A file that has no workspace above it, such as an old one that was taken out of an archive, is
// read as one of the workspace of `beside`. Says what is wrong, if anything is.
std::optional<Side> load_side(const std::string& path, const std::string& beside) {
  WorkspaceFiles files = find_files({path});
  if (!names_folder(path) && !has_workspace(files) && !beside.empty()) {
    for (SourceFile& file : find_files({beside}).model) {
      if (std::filesystem::path(file.path).filename() == "workspace.yaml") {
        files.model.push_back(std::move(file));
      }
    }
  }
  LoadedWorkspace loaded = load_files(files);
  if (!has_errors(files.diagnostics) && !has_errors(loaded.diagnostics)) {
    return Side{std::move(loaded.workspace), std::move(loaded.campaigns), names_folder(path)};
  }
  for (const Diagnostic& each : files.diagnostics) print_error(to_text(each) + '\n');
  if (has_errors(files.diagnostics)) return std::nullopt;
  for (const Diagnostic& each : loaded.diagnostics) {
    if (each.severity == Severity::error) print_error(excerpt(each, files));
  }
  return std::nullopt;
}

// Two files of one campaign each are two versions of it, whatever it is called in them.
ModelDiff compare(const Side& before, const Side& after) {
  if (before.is_folder || after.is_folder || before.campaigns.empty()) {
    return diff(before.workspace, before.campaigns, after.workspace, after.campaigns);
  }
  if (before.campaigns.size() == 1 && after.campaigns.size() == 1) {
    return diff(before.campaigns.front(), after.campaigns.front());
  }
  return diff(after.workspace, before.campaigns, after.workspace, after.campaigns);
}

char sign_of(const ModelChange& change) {
  if (change.kind == ModelChange::Kind::added) return '+';
  return change.kind == ModelChange::Kind::removed ? '-' : '~';
}

void print_changes(const ModelDiff& found, std::string& out) {
  if (found.empty()) {
    out += "no difference\n";
    return;
  }
  const std::string* campaign = nullptr;
  for (const ModelChange& change : found.changes) {
    const bool whole =
        change.what == ModelChange::What::campaign && change.kind != ModelChange::Kind::changed;
    if (campaign == nullptr || *campaign != change.campaign || whole) {
      if (campaign != nullptr) out += '\n';
      if (!whole)
        out += (change.campaign.empty() ? "workspace" : printable(change.campaign)) + "\n";
    }
    campaign = &change.campaign;
    fmt::format_to(std::back_inserter(out), "{}{} {}\n", whole ? "" : "  ", sign_of(change),
                   printable(to_text(change)));
  }
  for (const std::string& warning : found.warnings) {
    fmt::format_to(std::back_inserter(out), "{}warning: {}\n",
                   &warning == &found.warnings.front() ? "\n" : "", printable(warning));
  }
}

// What would become of who stands somewhere, were the newer one published.
struct Outcome {
  MigrationRow row;
  // False: nobody said --migrate, so they stay; the row says what it would do.
  bool is_asked = true;
  JourneyView view = {};  // where journeys are told one by one
};

using States = std::vector<std::unique_ptr<engine::State>>;  // by shard

struct StoreStory {
  Instant at;
  std::vector<Outcome> outcomes;  // by step, or journey by journey
  std::optional<Error> refused;   // why it cannot be published as it is
  std::uint64_t entered = 0;      // journeys begun by it
  std::uint64_t ended = 0;
};

std::string outcome_text(const Outcome& outcome) {
  if (outcome.is_asked) return fate_text(outcome.row);
  if (outcome.row.fate != MigrationRow::Fate::unanswered) return "keep their version";
  return fmt::format("keep their version; to migrate, --step {}/{}=...", outcome.row.campaign,
                     outcome.row.step.empty() ? "*" : outcome.row.step);
}

std::string step_text(const MigrationRow& row) {
  return row.step.empty() ? "(before the first)" : row.step;
}

void print_story(const StoreStory& story, bool journeys, std::string& out) {
  fmt::format_to(std::back_inserter(out), "\nin flight as of {}\n", to_text(story.at));
  if (story.outcomes.empty()) {
    out += "nobody is under way in an older version of what differs\n";
  } else if (journeys) {
    Table table({"contact", "campaign", "version", "step", "since", "until", "what becomes of it"});
    for (const Outcome& each : story.outcomes) {
      const bool stands = !each.view.standings.empty();
      const Standing there = stands ? each.view.standings.front() : Standing();
      table.row({each.view.contact, each.row.campaign, fmt::format("{}", each.row.version),
                 step_text(each.row), stands ? to_text(there.since) : "-",
                 there.until ? to_text(*there.until) : "-", outcome_text(each)});
    }
    table.print(out);
  } else {
    Table table({"campaign", "version", "step", "journeys", "what becomes of them"});
    for (const Outcome& each : story.outcomes) {
      table.row({each.row.campaign, fmt::format("{}", each.row.version), step_text(each.row),
                 grouped(each.row.journeys), outcome_text(each)});
    }
    table.print(out);
  }
  if (story.refused) {
    fmt::format_to(std::back_inserter(out), "it cannot be published so: {} [{}]\n",
                   story.refused->message, name_of(story.refused->code));
  } else {
    fmt::format_to(std::back_inserter(out), "its publication would begin {} journeys, and end {}\n",
                   grouped(story.entered), grouped(story.ended));
  }
}

void add_flag(std::string& out, std::string_view name, bool value) {
  fmt::format_to(std::back_inserter(out), ",\"{}\":{}", name, value);
}

template <class List, class Each>
void add_list(std::string& out, std::string_view name, const List& list, Each each) {
  fmt::format_to(std::back_inserter(out), ",\"{}\":[", name);
  bool first = true;
  for (const auto& item : list) {
    if (!first) out += ',';
    first = false;
    each(item);
  }
  out += ']';
}

void add_change(std::string& out, const ModelChange& change) {
  fmt::format_to(std::back_inserter(out), R"({{"change":"{}","what":"{}")", name_of(change.kind),
                 name_of(change.what));
  const std::pair<std::string_view, const std::string&> members[] = {
      {"campaign", change.campaign}, {"name", change.name},   {"field", change.field},
      {"before", change.before},     {"after", change.after}, {"place", change.place}};
  for (const auto& [name, text] : members) {
    if (!text.empty()) add_member(out, name, text);
  }
  add_member(out, "says", to_text(change));
  out += '}';
}

void add_outcome(std::string& out, const Outcome& outcome, bool journeys) {
  fmt::format_to(std::back_inserter(out), R"({{"asked":{})", outcome.is_asked);
  add_members(out, outcome.row);
  if (journeys) {
    add_member(out, "userId", outcome.view.contact);
    add_member(out, "journeyId", to_text(outcome.view.id.hash));
    if (outcome.view.key) add_member(out, "key", *outcome.view.key);
    if (!outcome.view.standings.empty()) {
      const Standing& there = outcome.view.standings.front();
      add_member(out, "since", to_text(there.since));
      add_flag(out, "certain", there.certain);
      if (there.until) add_member(out, "until", to_text(*there.until));
    }
  }
  out += '}';
}

void print_object(const ModelDiff& found, const std::optional<StoreStory>& story, bool journeys,
                  std::string& out) {
  fmt::format_to(std::back_inserter(out), R"({{"same":{})", found.empty());
  add_list(out, "changes", found.changes,
           [&](const ModelChange& change) { add_change(out, change); });
  add_list(out, "warnings", found.warnings,
           [&](const std::string& warning) { append_json_text(out, warning); });
  if (story) {
    fmt::format_to(std::back_inserter(out), R"(,"store":{{"at":"{}")", to_text(story->at));
    add_list(out, journeys ? "journeys" : "steps", story->outcomes,
             [&](const Outcome& each) { add_outcome(out, each, journeys); });
    if (story->refused) {
      add_member(out, "refused", story->refused->message);
      add_member(out, "code", name_of(story->refused->code));
    } else {
      add_member(out, "entered", story->entered);
      add_member(out, "ended", story->ended);
    }
    out += '}';
  }
  out += "}\n";
}

const Campaign* newest_in(const std::vector<Campaign>& campaigns, const std::string& name) {
  const Campaign* newest = nullptr;
  for (const Campaign& each : campaigns) {
    if (each.name == name && (newest == nullptr || each.version > newest->version)) newest = &each;
  }
  return newest;
}

// What is published in a store: the campaigns that take entries.
Side side_of(const engine::State& state) {
  Side side{state.plans.workspace, {}, true};
  for (const engine::Family& family : state.plans.families) {
    if (family.current != engine::no_version) {
      side.campaigns.push_back(state.plans.versions[family.current]->campaign);
    }
  }
  return side;
}

// A file is published with the other campaigns that there are.
void complete(Side& after, const Side& published) {
  if (after.is_folder) return;
  for (const Campaign& each : published.campaigns) {
    if (newest_in(after.campaigns, each.name) == nullptr) after.campaigns.push_back(each);
  }
}

// Those that were asked for, and of the other campaigns that differ what would be asked.
std::vector<Migration> all_migrations(const std::vector<Migration>& asked, const ModelDiff& found,
                                      const engine::State& state) {
  std::vector<Migration> all = asked;
  for (const ModelChange& change : found.changes) {
    const auto same = [&](const Migration& each) { return each.campaign == change.campaign; };
    if (change.campaign.empty() || state.plans.family(change.campaign) == nullptr ||
        std::any_of(all.begin(), all.end(), same)) {
      continue;
    }
    all.push_back({change.campaign});
  }
  return all;
}

Result<StoreStory> story_of(const DiffOptions& options, const ModelDiff& found, const Side& after,
                            const States& states, StoredEngines& engines) {
  const Result<std::vector<Migration>> asked = migrations_of(options.migrate, options.steps);
  if (!asked) return asked.error();
  const Result<Instant> at = publication_instant(options.at, engines);
  if (!at) return at.error();
  const std::vector<Migration> all = all_migrations(*asked, found, *states.front());
  StoreStory story;
  story.at = engines.now();
  const auto add = [&](MigrationRow row) -> Outcome& {
    const bool is_asked = std::any_of(asked->begin(), asked->end(), [&](const Migration& each) {
      return each.campaign == row.campaign;
    });
    return story.outcomes.emplace_back(Outcome{std::move(row), is_asked});
  };
  if (options.journeys) {
    for (const std::unique_ptr<engine::State>& state : states) {
      const auto moves = engine::plan_moves(*state, after.campaigns, all);
      if (!moves) return moves.error();
      for (engine::PlaceFate& each : engine::fates_of(*state, *moves)) {
        add(std::move(each.row)).view = engine::view_at(*state, each.place);
      }
    }
    std::stable_sort(story.outcomes.begin(), story.outcomes.end(),
                     [](const Outcome& a, const Outcome& b) {
                       return std::tie(a.row.campaign, a.view.contact, a.view.entered) <
                              std::tie(b.row.campaign, b.view.contact, b.view.entered);
                     });
  } else {
    Result<std::vector<MigrationRow>> rows = engines.preview(after.campaigns, all);
    if (!rows) return rows.error();
    for (MigrationRow& row : *rows) add(std::move(row));
  }
  // Tried on engines that nobody else has.
  const std::uint64_t entered = engines.sum(&Statistics::journeys_entered);
  const std::uint64_t ended = engines.sum(&Statistics::journeys_ended);
  if (Result<void> done = engines.publish(after.workspace, after.campaigns, *at, *asked); !done) {
    story.refused = done.error();
  }
  story.entered = engines.sum(&Statistics::journeys_entered) - entered;
  story.ended = engines.sum(&Statistics::journeys_ended) - ended;
  return story;
}

// The one campaign that differs; of one that is new, or gone, an empty one is
// the other side.
Result<std::string> picture_of(const ModelDiff& found, const Side& before, const Side& after) {
  std::vector<std::string> names;
  for (const ModelChange& change : found.changes) {
    const bool is_new = std::find(names.begin(), names.end(), change.campaign) == names.end();
    if (!change.campaign.empty() && is_new) names.push_back(change.campaign);
  }
  if (names.empty() && after.campaigns.size() == 1) names.push_back(after.campaigns.front().name);
  if (names.size() != 1) {
    return Error{ErrorCode::invalid_argument,
                 names.empty() ? "no campaign differs, so there is nothing to draw"
                               : fmt::format("a picture holds one campaign, and {} differ\n  hint: "
                                             "choose one by --campaign, say --campaign {}",
                                             names.size(), names.back())};
  }
  const Campaign* is = newest_in(after.campaigns, names.front());
  const Campaign* was = newest_in(before.campaigns, names.front());
  // Two files are two versions, whatever they call it.
  if (was == nullptr && !before.is_folder && before.campaigns.size() == 1) {
    was = &before.campaigns.front();
  }
  Campaign none;
  none.name = names.front();
  none.version = is != nullptr ? is->version : was != nullptr ? was->version : 1;
  return model::to_dot(was != nullptr ? *was : none, is != nullptr ? *is : none);
}

Result<void> draw_into(const std::string& path, const std::string& dot) {
  Result<std::string> svg = draw_svg(dot);
  if (!svg) return svg.error();
  return replace_file(path, std::move(*svg));
}

// Leaves only the campaign that was named.
Result<void> keep_only(const std::string& name, Side& before, Side& after) {
  if (name.empty()) return {};
  std::vector<std::string> names;
  for (Side* side : {&before, &after}) {
    for (const Campaign& each : side->campaigns) names.push_back(each.name);
    side->campaigns.erase(std::remove_if(side->campaigns.begin(), side->campaigns.end(),
                                         [&](const Campaign& each) { return each.name != name; }),
                          side->campaigns.end());
  }
  if (!before.campaigns.empty() || !after.campaigns.empty()) return {};
  const std::string hint = base::did_you_mean(name, names);
  return Error{ErrorCode::unknown_campaign,
               fmt::format("no campaign `{}`{}{}", name, hint.empty() ? "" : "\n  hint: ", hint)};
}

Error bad_use(std::string_view message, std::string_view hint) {
  return {ErrorCode::invalid_argument, fmt::format("{}\n  hint: {}", message, hint)};
}

Result<void> check_use(const DiffOptions& options) {
  const std::string& old_path = options.paths.front();
  const std::string& new_path = options.paths.back();
  if (options.paths.size() == 1 && options.store.empty()) {
    return bad_use("there is nothing to compare with",
                   "itinera diff OLD NEW, or itinera diff NEW --store FILE");
  }
  if ((names_folder(old_path) && names_file(new_path)) ||
      (names_file(old_path) && names_folder(new_path))) {
    return bad_use(
        fmt::format("of {} and {} one is a file, the other a folder", old_path, new_path),
        "name two files of a campaign, or two folders of workspaces");
  }
  return {};
}

// What is compared, and the store that is asked, if one is.
struct Question {
  Side before;
  Side after;
  std::optional<StoredEngines> engines;
  States states;
};

Result<void> open_store(const std::string& path, Question& question) {
  if (path.empty()) return {};
  Result<StoredEngines> engines = stored_engines(path);
  if (!engines) return engines.error();
  Result<States> states = engines->states();
  if (!states) return states.error();
  question.engines.emplace(std::move(*engines));
  question.states = std::move(*states);
  return {};
}

// Prints what it has found. Says whether there was a difference.
Result<bool> answer(const DiffOptions& options, Question& question, std::string& out) {
  const Side published = question.engines ? side_of(*question.states.front()) : Side();
  Side to_publish = question.after;
  complete(to_publish, published);
  Side before = question.before;
  Side after = question.after;
  if (options.paths.size() == 1) {
    before = published;
    if (!after.is_folder) after = to_publish;
  }
  if (Result<void> chosen = keep_only(options.campaign, before, after); !chosen)
    return chosen.error();
  if (!options.campaign.empty()) before.workspace = after.workspace;
  const ModelDiff found = compare(before, after);
  std::optional<StoreStory> story;
  if (question.engines) {
    Result<StoreStory> told =
        story_of(options, found, to_publish, question.states, *question.engines);
    if (!told) return told.error();
    story = std::move(*told);
  }
  if (options.dot || !options.svg.empty()) {
    const Result<std::string> dot = picture_of(found, before, after);
    if (!dot) return dot.error();
    if (options.dot) out += *dot;
    if (!options.svg.empty()) {
      if (Result<void> drawn = draw_into(options.svg, *dot); !drawn) return drawn.error();
    }
  }
  if (options.json) {
    print_object(found, story, options.journeys, out);
  } else if (!options.dot) {
    print_changes(found, out);
    if (story) print_story(*story, options.journeys, out);
  }
  return !found.empty();
}

int told_error(const Error& error) {
  print_error(error);
  return 1;
}

}  // namespace

int diff_command(const DiffOptions& options) {
  if (const Result<void> sound = check_use(options); !sound) return told_error(sound.error());
  Question question;
  if (options.paths.size() == 2) {
    std::optional<Side> before = load_side(options.paths.front(), options.paths.back());
    if (!before) return 1;
    question.before = std::move(*before);
  }
  std::optional<Side> after = load_side(options.paths.back(), options.paths.front());
  if (!after) return 1;
  question.after = std::move(*after);
  if (const Result<void> opened = open_store(options.store, question); !opened) {
    return told_error(opened.error());
  }
  std::string text;
  const Result<bool> differs = answer(options, question, text);
  if (!differs) return told_error(differs.error());
  const int printed = print_out(text);
  return printed == 0 && options.exit_code && *differs ? 1 : printed;
}

}  // namespace itinera::cli
