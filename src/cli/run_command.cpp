// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include "calendar/text.hpp"
#include "cli/action_writer.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/journal_watch.hpp"
#include "cli/progress.hpp"
#include "cli/run_summary.hpp"
#include "cli/streams.hpp"
#include "itinera/funnel.hpp"
#include "itinera/runtime.hpp"

namespace itinera::cli {
namespace {

// A batch is fed when it has so many lines, or so many bytes. Shards want more to do at once.
constexpr std::size_t batch_lines = 512;
constexpr std::size_t sharded_batch_lines = 8'192;
constexpr std::size_t batch_bytes = 1u << 20;
constexpr std::size_t sharded_batch_bytes = 16u << 20;

// Of so many names of events it is remembered whether anything listens to them.
constexpr std::size_t events_max = 1'000;

class ActionSink final : public Runtime::Sink {
 public:
  explicit ActionSink(Output& out) : out_(out) {}
  void act(std::span<const Action> actions) override {
    for (const Action& action : actions) append_json_line(out_.buffer(), action);
    // An error is met again by whoever flushes at the end.
    if (out_.buffer().size() > (1u << 20)) (void)out_.flush();
  }

 private:
  Output& out_;
};

// How a part of the run ended. `stop` says that its reason has been printed.
enum class Next : std::uint8_t { go_on, stop };

class Run {
 public:
  Run(const RunOptions& options, LoadedWorkspace workspace, Runtime runtime, LineSource source,
      Output actions, const JournalWatch& watch)
      : options_(options),
        workspace_(std::move(workspace)),
        runtime_(std::move(runtime)),
        source_(std::move(source)),
        actions_(std::move(actions)),
        watch_(watch),
        reader_(options.received_from),
        batch_lines_(runtime_.shards() > 1 ? sharded_batch_lines : batch_lines),
        batch_bytes_(runtime_.shards() > 1 ? sharded_batch_bytes : batch_bytes),
        batch_memory_(batch_lines_) {}

  // The exit code. Says at the end what came of it.
  int go();

 private:
  Next begin();
  Next read_lines();
  Next read_more();
  Next take(std::string_view text);
  Next take(Input& input);
  Next take_first_of(std::string_view event);
  Next advance(Instant to);
  Next end();
  void settle();
  Next bad_line(const LineError& error);
  Next feed_batch();
  Next publish(Instant first);
  Next written(const Result<void>& result);
  Next fail(const Error& error);
  void complain(std::uint64_t line, std::size_t column, std::string_view text,
                std::string_view hint);
  [[nodiscard]] bool is_passed_over(Instant received) const {
    return options_.resume && continued_ && received < resumed_;
  }

  const RunOptions& options_;
  LoadedWorkspace workspace_;
  Runtime runtime_;
  LineSource source_;
  Output actions_;
  const JournalWatch& watch_;
  InputReader reader_;
  Interruption interruption_;
  Progress progress_{error_is_terminal()};
  Tally tally_;
  std::optional<Instant> continued_;     // where what was there ended
  Instant resumed_;                      // what was received before that was there
  std::uint64_t duplicates_before_ = 0;  // in what was there
  bool published_ = false;
  int exit_code_ = 0;

  // The batch: inputs, the lines they stand in, and the memory that they point into.
  std::vector<Input> batch_;
  std::vector<std::uint64_t> batch_line_numbers_;
  std::size_t batch_lines_;
  std::size_t batch_bytes_;
  std::deque<Line> batch_memory_;
  std::size_t batch_size_ = 0;  // bytes of the lines
};

int Run::go() {
  const bool ended = begin() == Next::go_on && read_lines() == Next::go_on;
  settle();
  progress_.clear();
  // What could not even begin has nothing to tell but its error.
  if (exit_code_ == 0 || source_.line_number() > 0) {
    tally_.lines = source_.line_number();
    tally_.seconds = progress_.seconds();
    tally_.duplicates = runtime_.statistics().duplicates - duplicates_before_;
    print_error(summary_text(tally_, runtime_.statistics(), watch_.census()));
  }
  return ended && exit_code_ == 0 && interruption_.noted() ? exit_interrupted : exit_code_;
}

// What has been acknowledged may still be on its way to the store, whose thread shows it to the
// watch.
void Run::settle() {
  if (!options_.reoffer) return;
  ActionSink sink(actions_);
  const Result<void> settled = runtime_.commit(sink);
  if (!settled && exit_code_ == 0) (void)fail(settled.error());
}

Next Run::begin() {
  const Statistics before = runtime_.statistics();
  if (before.inputs == 0 && runtime_.now() <= earliest_instant) return Next::go_on;
  continued_ = runtime_.now();
  // What has come since is sorted out by its message id, as long as that is remembered.
  const Instant forgotten =
      runtime_.now() - std::max<std::int64_t>(workspace_.workspace.dedupe_ms - 1, 0);
  resumed_ = std::max(watch_.taken_until().value_or(forgotten), forgotten);
  duplicates_before_ = before.duplicates;
  if (Result<void> can = may_publish(watch_.census(), workspace_.workspace, workspace_.campaigns);
      !can) {
    return fail({can.error().code, fmt::format("{}: {}", options_.store, can.error().message)});
  }
  for (const std::string& warning :
       republishing(watch_.census().versions(), workspace_.campaigns)) {
    print_error(fmt::format("itinera: warning: {}\n", warning));
  }
  return Next::go_on;
}

Next Run::read_lines() {
  // What was read of a pipe is gone from there; a file can be read again.
  const bool is_file = source_.size().has_value();
  for (;;) {
    if (interruption_.noted() && is_file) return feed_batch();
    std::string_view line;
    Next next = Next::go_on;
    switch (source_.next(line)) {
      case LineSource::Outcome::line: next = take(line); break;
      case LineSource::Outcome::too_long:
        next = bad_line({0, fmt::format("longer than {} bytes", LineSource::line_bytes_max), {}});
        break;
      case LineSource::Outcome::none:
        if (interruption_.noted()) return feed_batch();
        next = read_more();
        break;
      case LineSource::Outcome::end: return end();
    }
    if (next == Next::stop) return Next::stop;
  }
}

// Before it waits for somebody, everything that was read is taken. A batch points into itself, not
// into the source.
Next Run::read_more() {
  if (source_.would_wait() && feed_batch() == Next::stop) return Next::stop;
  if (Result<void> filled = source_.fill(interruption_); !filled) return fail(filled.error());
  return Next::go_on;
}

Next Run::take(std::string_view text) {
  if (text.find_first_not_of(" \t") == std::string_view::npos) return Next::go_on;
  Line& memory = batch_memory_[batch_.size()];
  Message message = reader_.read(text, memory);
  if (const auto* error = std::get_if<LineError>(&message)) return bad_line(*error);
  if (const auto* ignored = std::get_if<Ignored>(&message)) {
    ++tally_.ignored[ignored->kind];
    return Next::go_on;
  }
  if (const auto* to = std::get_if<Advance>(&message)) {
    if (feed_batch() == Next::stop) return Next::stop;
    ++tally_.advances;
    return advance(to->to);
  }
  batch_size_ += text.size();
  return take(std::get<Input>(message));
}

Next Run::take(Input& input) {
  const Instant received = std::visit([](auto& kind) { return kind.envelope.received; }, input);
  if (is_passed_over(received)) {
    ++tally_.passed_over;
    return Next::go_on;
  }
  if (publish(received) == Next::stop) return Next::stop;
  const auto* const event = std::get_if<Event>(&input);
  const bool is_first =
      event != nullptr && !tally_.events.contains(event->name) && tally_.events.size() < events_max;
  // The first event of a name is fed alone, which tells whether anything listens to that name.
  if (is_first && feed_batch() == Next::stop) return Next::stop;
  batch_.push_back(input);
  batch_line_numbers_.push_back(source_.line_number());
  if (is_first) return take_first_of(event->name);
  // When the first refusal ends the run, nothing behind it may have been taken.
  const bool full = options_.strict || batch_.size() == batch_lines_ || batch_size_ >= batch_bytes_;
  return full ? feed_batch() : Next::go_on;
}

Next Run::take_first_of(std::string_view event) {
  const std::string name(event);
  const std::uint64_t unheard = runtime_.statistics().events_unheard;
  const std::uint64_t refused = tally_.refused;
  const Next next = feed_batch();
  if (tally_.refused == refused) {
    tally_.events[name] = runtime_.statistics().events_unheard == unheard;
  }
  return next;
}

Next Run::advance(Instant to) {
  if (is_passed_over(to)) {
    ++tally_.passed_over;
    return Next::go_on;
  }
  if (publish(to) == Next::stop) return Next::stop;
  ActionSink sink(actions_);
  if (Result<void> advanced = runtime_.advance_to(to, sink); !advanced) {
    return fail(advanced.error());
  }
  return written(actions_.flush());
}

Next Run::end() {
  if (feed_batch() == Next::stop) return Next::stop;
  if (continued_ && publish(*continued_) == Next::stop) return Next::stop;
  // Nothing more will happen at this instant: what it emitted can go.
  const bool waiting = runtime_.statistics().actions_waiting > 0;
  if (waiting && advance(runtime_.now()) == Next::stop) return Next::stop;
  if (options_.store.empty()) return Next::go_on;
  const Result<void> erased = runtime_.erase();
  if (erased) return Next::go_on;
  if (erased.error().code != ErrorCode::limit_reached) return fail(erased.error());
  print_error(
      fmt::format("itinera: warning: who was forgotten is still in the store; the next "
                  "run erases them: {}\n",
                  erased.error().message));
  return Next::go_on;
}

Next Run::bad_line(const LineError& error) {
  // What stands before it is taken first, so that messages and effects come in the order of lines.
  if (feed_batch() == Next::stop) return Next::stop;
  ++tally_.bad_lines;
  complain(source_.line_number(), error.column,
           fmt::format("{} [{}]", error.message, name_of(ErrorCode::bad_input_line)), error.hint);
  if (!options_.strict) return Next::go_on;
  exit_code_ = 1;
  return Next::stop;
}

Next Run::feed_batch() {
  if (batch_.empty()) return Next::go_on;
  ActionSink sink(actions_);
  const Result<std::span<const Refusal>> refusals = runtime_.feed(batch_, sink);
  if (!refusals) return fail(refusals.error());
  for (const Refusal& refusal : *refusals) {
    complain(batch_line_numbers_[refusal.index], 0,
             fmt::format("refused: {} [{}]", refusal.error.message, name_of(refusal.error.code)),
             {});
  }
  tally_.refused += refusals->size();
  tally_.inputs += batch_.size() - refusals->size();
  const bool stop = options_.strict && !refusals->empty();
  batch_.clear();
  batch_line_numbers_.clear();
  batch_size_ = 0;
  if (written(actions_.flush()) == Next::stop) return Next::stop;
  progress_.show(source_.line_number(), source_.bytes(), source_.size());
  if (!stop) return Next::go_on;
  exit_code_ = 1;
  return Next::stop;
}

// Once, when the first message comes: what came before it nobody heard for the new campaigns. What
// the store has published already is not published again.
Next Run::publish(Instant first) {
  if (std::exchange(published_, true)) return Next::go_on;
  if (continued_ && first > *continued_) {
    // What falls due in between is handed out at its own instants.
    ActionSink sink(actions_);
    if (Result<void> advanced = runtime_.advance_to(first - 1, sink); !advanced) {
      return fail(advanced.error());
    }
    if (written(actions_.flush()) == Next::stop) return Next::stop;
  }
  const Result<void> published =
      runtime_.publish(workspace_.workspace, workspace_.campaigns, first);
  return published ? Next::go_on : fail(published.error());
}

Next Run::written(const Result<void>& result) {
  if (result) {
    if (!options_.reoffer) return Next::go_on;
    const Result<void> acknowledged = runtime_.acknowledge();
    return acknowledged ? Next::go_on : fail(acknowledged.error());
  }
  const bool gone = actions_.reader_is_gone();
  if (options_.store.empty()) {
    // Whoever read the actions has had enough, like `head`: no error where nothing was to be kept.
    return gone ? Next::stop : fail(result.error());
  }
  const std::string_view hint =
      options_.reoffer ? "what is left of the messages is not fed; the next run with --reoffer "
                         "writes the actions that this one could not"
                       : "what is left of the messages is not fed, and the actions that were not "
                         "written are lost; runs made with --reoffer keep theirs for the next one";
  return fail(
      {result.error().code, fmt::format("{}{}\n  hint: {}", result.error().message,
                                        gone ? ": nobody reads the actions any more" : "", hint)});
}

Next Run::fail(const Error& error) {
  progress_.clear();
  print_error(error);
  exit_code_ = 1;
  return Next::stop;
}

void Run::complain(std::uint64_t line, std::size_t column, std::string_view text,
                   std::string_view hint) {
  progress_.clear();
  std::string place = fmt::format("{}:{}", source_.name(), line);
  if (column > 0) place += fmt::format(":{}", column);
  print_error(fmt::format("{}: {}\n", place, printable(text)));
  if (!hint.empty()) print_error(fmt::format("  hint: {}\n", printable(hint)));
}

std::string funnel_text(const Funnel& funnel) {
  std::string text = to_text(funnel.totals());
  for (const FunnelCampaign& campaign : funnel.campaigns()) text += '\n' + to_text(campaign);
  return text;
}

// An engine does not know where its store lives.
Error in_store(Error error, const RunOptions& options) {
  if (!options.store.empty() && !error.message.starts_with(options.store)) {
    error.message = fmt::format("{}: {}", options.store, error.message);
  }
  return error;
}

Error in_option(std::string_view option, Error error) {
  error.message = fmt::format("{}: {}", option, error.message);
  return error;
}

Result<Runtime> open_runtime(const RunOptions& options, const LoadedWorkspace& loaded,
                             JournalWatch& watch) {
  RuntimeOptions how;
  how.delivery = options.reoffer ? Delivery::known : Delivery::once;
  how.shards = options.shards;
  how.threads = options.threads;
  how.upkeep.snapshot_after_bytes = options.store.empty() ? 0 : options.snapshot_after_bytes;
  how.upkeep.journal_bytes_max = options.journal_bytes_max;
  if (!options.journal_age.empty()) {
    const Result<std::int64_t> age = calendar::parse_elapsed(options.journal_age);
    if (!age) return in_option("--journal-age", age.error());
    if (*age == 0) {
      return in_option("--journal-age", {ErrorCode::invalid_argument, "no time at all"});
    }
    how.upkeep.journal_age_max_ms = *age;
  }
  std::unique_ptr<Store> file;
  if (!options.store.empty()) {
    Result<std::unique_ptr<Store>> opened = open_sqlite_store(options.store);
    if (!opened) return opened.error();
    file = std::move(*opened);
  }
  Result<std::shared_ptr<const ZoneTable>> zones = load_zones();
  if (!zones) return zones.error();
  const auto may_claim = [&loaded](const insight::Census& published) {
    return may_publish(published, loaded.workspace, loaded.campaigns);
  };
  Result<Runtime> runtime = Runtime::open(watched_store(std::move(file), watch, may_claim),
                                          {.limits = {}, .zones = std::move(*zones)}, how);
  if (runtime && !watch.failure()) return runtime;
  return in_store(runtime ? *watch.failure() : runtime.error(), options);
}

// Whether two paths lead to one file, be it yet to be made. Devices and pipes may be shared.
bool is_same_file(const std::string& a, const std::string& b) {
  namespace fs = std::filesystem;
  std::error_code code;
  const fs::file_status status = fs::status(a, code);
  if (fs::exists(status)) return fs::is_regular_file(status) && fs::equivalent(a, b, code);
  const fs::path first = fs::weakly_canonical(a, code);
  return !first.empty() && first == fs::weakly_canonical(b, code);
}

// Nothing may be written over what is read, or over what something else is written to.
Result<void> check_paths(const RunOptions& options) {
  struct Named {
    const char* option;
    const std::string& path;
  };
  std::vector<Named> named;
  if (options.input != "-") named.push_back({"--input", options.input});
  if (!options.store.empty()) named.push_back({"--store", options.store});
  if (options.actions != "-") named.push_back({"--actions", options.actions});
  if (!options.funnel.empty() && options.funnel != "-") {
    named.push_back({"--funnel", options.funnel});
  }
  for (std::size_t i = 0; i < named.size(); ++i) {
    for (std::size_t j = i + 1; j < named.size(); ++j) {
      if (!is_same_file(named[i].path, named[j].path)) continue;
      return Error{ErrorCode::invalid_argument,
                   fmt::format("{}: {} and {} name the same file\n  hint: give each a file of its "
                               "own",
                               named[j].path, named[i].option, named[j].option)};
    }
  }
  return {};
}

Result<int> run(const RunOptions& options, LoadedWorkspace workspace) {
  if (Result<void> paths = check_paths(options); !paths) return paths.error();
  if (options.funnel == "-" && options.actions == "-") {
    return Error{ErrorCode::invalid_argument,
                 "the actions and the funnel cannot both go to standard output\n  hint: name a "
                 "file for one of them, say --actions actions.ndjson"};
  }
  Result<LineSource> source = LineSource::open(options.input);
  if (!source) return source.error();
  Result<Output> actions = Output::open(options.actions, Output::Mode::append);
  if (!actions) return actions.error();
  std::optional<Replacement> funnel;
  if (!options.funnel.empty()) {
    Result<Replacement> opened = Replacement::open(options.funnel);
    if (!opened) return opened.error();
    funnel.emplace(std::move(*opened));
  }
  JournalWatch watch(!options.funnel.empty());
  Result<Runtime> runtime = open_runtime(options, workspace, watch);
  if (!runtime) return runtime.error();

  Run run(options, std::move(workspace), std::move(*runtime), std::move(*source),
          std::move(*actions), watch);
  const int exit_code = run.go();
  if (!funnel) return exit_code;
  const Result<void> written = funnel->finish(funnel_text(watch.funnel()));
  return written ? Result<int>(exit_code) : written.error();
}

}  // namespace

int run_command(const RunOptions& options) {
  std::optional<LoadedWorkspace> workspace = load_folder(options.folder);
  if (!workspace) return 1;
  const Result<int> exit_code = run(options, std::move(*workspace));
  if (exit_code) return *exit_code;
  print_error(exit_code.error());
  return 1;
}

}  // namespace itinera::cli
