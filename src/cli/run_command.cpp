// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "cli/action_writer.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/progress.hpp"
#include "cli/streams.hpp"
#include "itinera/funnel.hpp"
#include "itinera/runtime.hpp"

namespace itinera::cli {
namespace {

// A batch is fed when it has so many lines, or so many bytes.
constexpr std::size_t batch_lines = 512;
constexpr std::size_t batch_bytes = 1u << 20;

// Counts the journal as it passes by, and leaves keeping it to another store.
class CountingStore final : public Store {
 public:
  CountingStore(std::unique_ptr<Store> kept, Funnel& funnel)
      : kept_(std::move(kept)), funnel_(funnel) {}

  Result<std::vector<std::byte>> read() override {
    Result<std::vector<std::byte>> bytes = kept_->read();
    if (bytes) {
      if (Result<void> counted = funnel_.read(*bytes); !counted) return counted.error();
    }
    return bytes;
  }
  Result<void> append(std::span<const std::byte> bytes) override {
    if (Result<void> appended = kept_->append(bytes); !appended) return appended;
    return funnel_.read(bytes);
  }
  Result<void> truncate(std::size_t size) override { return kept_->truncate(size); }

 private:
  std::unique_ptr<Store> kept_;
  Funnel& funnel_;
};

// Keeps nothing: for runs that nobody will continue.
class NoStore final : public Store {
 public:
  Result<std::vector<std::byte>> read() override { return std::vector<std::byte>(); }
  Result<void> append(std::span<const std::byte>) override { return {}; }
  Result<void> truncate(std::size_t) override { return {}; }
};

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

struct Tally {
  std::uint64_t inputs = 0;  // fed
  std::uint64_t bad_lines = 0;
  std::uint64_t refused = 0;
  std::uint64_t passed_over = 0;                 // the journal has them already
  std::map<std::string, std::uint64_t> ignored;  // by kind
};

// How a part of the run ended. `stop` says that its reason has been printed.
enum class Next : std::uint8_t { go_on, stop };

class Run {
 public:
  Run(const RunOptions& options, LoadedWorkspace workspace, Runtime runtime, LineSource source,
      Output actions)
      : options_(options),
        workspace_(std::move(workspace)),
        runtime_(std::move(runtime)),
        source_(std::move(source)),
        actions_(std::move(actions)),
        reader_(options.received_from) {}

  // The exit code.
  int go();
  [[nodiscard]] std::string summary() const;

 private:
  Next read_lines();
  Next read_more();
  Next take(std::string_view text);
  Next take(Input& input);
  Next advance(Instant to);
  Next bad_line(const LineError& error);
  Next feed_batch();
  Next publish(Instant first);
  Next written(const Result<void>& result);
  Next fail(const Error& error);
  void complain(std::uint64_t line, std::size_t column, std::string_view text,
                std::string_view hint);
  [[nodiscard]] bool is_passed_over(Instant received) const {
    return options_.resume && continued_ && received < *continued_;
  }

  const RunOptions& options_;
  LoadedWorkspace workspace_;
  Runtime runtime_;
  LineSource source_;
  Output actions_;
  InputReader reader_;
  Interruption interruption_;
  Progress progress_{error_is_terminal()};
  Tally tally_;
  std::optional<Instant> continued_;  // where the journal that was there ended
  bool published_ = false;
  int exit_code_ = 0;

  // The batch: inputs, the lines they stand in, and the memory that they point into.
  std::vector<Input> batch_;
  std::vector<std::uint64_t> batch_line_numbers_;
  std::deque<Line> batch_memory_{batch_lines};
  std::size_t batch_size_ = 0;  // bytes of the lines
};

int Run::go() {
  const Engine& engine = runtime_.engine();
  if (engine.statistics().inputs > 0 || engine.now() > earliest_instant) {
    continued_ = engine.now();
    if (publish(engine.now()) == Next::stop) return exit_code_;
  }
  const bool ended = read_lines() == Next::go_on;
  progress_.clear();
  return ended && interruption_.noted() ? exit_interrupted : exit_code_;
}

Next Run::read_lines() {
  while (!interruption_.noted()) {
    std::string_view line;
    Next next = Next::go_on;
    switch (source_.next(line)) {
      case LineSource::Outcome::line: next = take(line); break;
      case LineSource::Outcome::too_long:
        next = bad_line({0, fmt::format("longer than {} bytes", LineSource::line_bytes_max), {}});
        break;
      case LineSource::Outcome::none: next = read_more(); break;
      case LineSource::Outcome::end: {
        if (feed_batch() == Next::stop) return Next::stop;
        // Nothing more will happen at this instant: what it emitted can go.
        const bool waiting = runtime_.engine().statistics().actions_waiting > 0;
        return waiting ? advance(runtime_.engine().now()) : Next::go_on;
      }
    }
    if (next == Next::stop) return Next::stop;
  }
  return feed_batch();
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
    ++tally_.inputs;
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
  batch_.push_back(input);
  batch_line_numbers_.push_back(source_.line_number());
  // When the first refusal ends the run, nothing behind it may have been taken.
  const bool full = options_.strict || batch_.size() == batch_lines || batch_size_ >= batch_bytes;
  return full ? feed_batch() : Next::go_on;
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

Next Run::bad_line(const LineError& error) {
  // What stands before it is taken first, so that messages and effects come in the order of lines.
  if (feed_batch() == Next::stop) return Next::stop;
  ++tally_.bad_lines;
  complain(source_.line_number(), error.column, error.message, error.hint);
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

// Once, when the run begins. What the journal has published already is not published again.
Next Run::publish(Instant first) {
  if (std::exchange(published_, true)) return Next::go_on;
  const Result<void> published =
      runtime_.publish(workspace_.workspace, workspace_.campaigns, first);
  return published ? Next::go_on : fail(published.error());
}

Next Run::written(const Result<void>& result) {
  if (result) return Next::go_on;
  // Whoever read the actions has had enough, like `head`: no error.
  if (actions_.reader_is_gone()) return Next::stop;
  return fail(result.error());
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
  print_error(fmt::format("{}: {}\n", place, text));
  if (!hint.empty()) print_error(fmt::format("  hint: {}\n", hint));
}

std::string Run::summary() const {
  const Statistics& counts = runtime_.engine().statistics();
  const double seconds = progress_.seconds();
  std::string text = fmt::format("lines     {}", grouped(source_.line_number()));
  text += fmt::format(": {} inputs, {} bad, {} refused", grouped(tally_.inputs),
                      grouped(tally_.bad_lines), grouped(tally_.refused));
  for (const auto& [kind, count] : tally_.ignored) {
    text += fmt::format(", {} ignored ({})", grouped(count), kind);
  }
  if (tally_.passed_over > 0) text += fmt::format(", {} passed over", grouped(tally_.passed_over));
  if (counts.duplicates > 0) text += fmt::format(", {} duplicates", grouped(counts.duplicates));
  text += fmt::format("\ncontacts  {}\n", grouped(counts.contacts));
  text += fmt::format("journeys  {} entered, {} ended, {} in flight\n",
                      grouped(counts.journeys_entered), grouped(counts.journeys_ended),
                      grouped(counts.journeys_in_flight));
  text += fmt::format("actions   {} emitted, {} withdrawn, {} waiting\n",
                      grouped(counts.actions_emitted), grouped(counts.actions_withdrawn),
                      grouped(counts.actions_waiting));
  const double rate = seconds > 0.0 ? static_cast<double>(tally_.inputs) / seconds : 0.0;
  text += fmt::format("time      {:.2f} s, {} inputs/s\n", seconds,
                      grouped(static_cast<std::uint64_t>(rate)));
  return text;
}

std::string funnel_text(const Funnel& funnel) {
  std::string text = to_text(funnel.totals());
  for (const FunnelCampaign& campaign : funnel.campaigns()) text += '\n' + to_text(campaign);
  return text;
}

Result<void> write_funnel(const std::string& path, const Funnel& funnel) {
  Result<Output> out = Output::open(path, Output::Mode::replace);
  if (!out) return out.error();
  out->buffer() = funnel_text(funnel);
  const Result<void> flushed = out->flush();
  return out->reader_is_gone() ? Result<void>() : flushed;
}

Result<Runtime> open_runtime(const RunOptions& options, Funnel& funnel) {
  std::unique_ptr<Store> store = std::make_unique<NoStore>();
  if (!options.journal.empty()) {
    Result<std::unique_ptr<Store>> file = open_file_store(options.journal);
    if (!file) return file.error();
    store = std::move(*file);
  }
  if (!options.funnel.empty()) {
    store = std::make_unique<CountingStore>(std::move(store), funnel);
  }
  Result<std::shared_ptr<const ZoneTable>> zones = load_zones();
  if (!zones) return zones.error();
  return Runtime::open(std::move(store), {.limits = {}, .zones = std::move(*zones)});
}

Result<int> run(const RunOptions& options, LoadedWorkspace workspace) {
  if (options.funnel == "-" && options.actions == "-") {
    return Error{ErrorCode::invalid_argument,
                 "the actions and the funnel cannot both go to standard output\n  hint: name a "
                 "file for one of them, say --actions actions.ndjson"};
  }
  Result<LineSource> source = LineSource::open(options.input);
  if (!source) return source.error();
  Result<Output> actions = Output::open(options.actions, Output::Mode::append);
  if (!actions) return actions.error();
  Funnel funnel;
  Result<Runtime> runtime = open_runtime(options, funnel);
  if (!runtime) return runtime.error();

  Run run(options, std::move(workspace), std::move(*runtime), std::move(*source),
          std::move(*actions));
  const int exit_code = run.go();
  print_error(run.summary());
  if (options.funnel.empty()) return exit_code;
  if (Result<void> written = write_funnel(options.funnel, funnel); !written) {
    return written.error();
  }
  return exit_code;
}

}  // namespace

int run_command(const RunOptions& options) {
  const Result<WorkspaceFiles> files = find_files({options.folder});
  if (!files) {
    print_error(files.error());
    return 1;
  }
  std::optional<LoadedWorkspace> workspace = load_or_complain(files->model);
  if (!workspace) return 1;
  const Result<int> exit_code = run(options, std::move(*workspace));
  if (exit_code) return *exit_code;
  print_error(exit_code.error());
  return 1;
}

}  // namespace itinera::cli
