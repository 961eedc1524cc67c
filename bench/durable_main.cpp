// SPDX-License-Identifier: Apache-2.0
// itinera_bench_durable FOLDER [N]: cart-recovery with everything on disk, in a folder of that
// disk, beside the same without a disk and beside what the disk itself can do, in one run.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "bound.hpp"
#include "engine_run.hpp"
#include "itinera/runtime.hpp"

namespace {

using namespace itinera;  // NOLINT(google-build-using-namespace): a main of many of its names
using bench::CartRecovery;
using Clock = std::chrono::steady_clock;

constexpr std::size_t batch = 1'024;
constexpr std::size_t sharded_batch = 16'384;
constexpr std::size_t group_bytes = 1u << 20;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

template <class T>
T take(Result<T> result) {
  if (!result) bench::give_up(result.error().message);
  return std::move(*result);
}
void take(const Result<void>& result) {
  if (!result) bench::give_up(result.error().message);
}

// The value below which that share of the sorted lies.
double percentile(std::vector<double>& values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

class Count final : public Runtime::Sink {
 public:
  void act(std::span<const Action> given) override { actions += given.size(); }
  std::uint64_t actions = 0;
};

std::unique_ptr<Runtime> open(const std::string& file, const Upkeep& upkeep,
                              std::uint32_t shards = 0, std::uint32_t threads = 1) {
  auto runtime = std::make_unique<Runtime>(
      take(Runtime::open(take(open_sqlite_store(file)), bench::engine_options(),
                         {.upkeep = upkeep, .shards = shards, .threads = threads})));
  if (runtime->engine().statistics().inputs != 0) return runtime;
  const LoadedWorkspace loaded = bench::cart_workspace();
  take(runtime->publish(loaded.workspace, loaded.campaigns, bench::epoch - 1));
  return runtime;
}

// What feeding did to whoever fed.
struct Fed {
  double seconds = 0;
  std::vector<double> commits;  // seconds each, where one was waited for
  double longest_feed = 0;      // without a commit
  std::uint64_t actions = 0;
};

// The stream up to `end`; with `commits` each batch waits for the disk.
Fed feed(Runtime& runtime, const CartRecovery& cart, const bench::IdStream& ids, std::size_t from,
         std::size_t end, bool commits) {
  Fed fed;
  Count sink;
  std::vector<Input> inputs;
  const std::size_t some = runtime.shards() > 1 ? sharded_batch : batch;
  const auto begin = Clock::now();
  for (std::size_t at = from; at < end; at += some) {
    bench::make_inputs(cart, ids, at, std::min(at + some, end), inputs);
    const auto fed_at = Clock::now();
    if (!take(runtime.feed(inputs)).empty()) bench::give_up("an input was refused");
    fed.longest_feed = std::max(fed.longest_feed, seconds_since(fed_at));
    // As a host does that acknowledges now and then.
    if (!commits && at / some % (65'536 / some) != 65'536 / some - 1) continue;
    const auto committed_at = Clock::now();
    take(runtime.commit(sink));
    if (commits) fed.commits.push_back(seconds_since(committed_at));
  }
  take(runtime.commit(sink));
  fed.seconds = seconds_since(begin);
  fed.actions = sink.actions;
  return fed;
}

std::uint64_t journal_bytes(Runtime& runtime) {
  std::uint64_t bytes = 0;
  for (Position at = 0;;) {
    const auto groups = take(runtime.journal(at));
    if (groups.empty()) return bytes;
    for (const JournalGroup& group : groups) bytes += group.frames.size();
    at = groups.back().position;
  }
}

// So many bytes in groups of a mebibyte, each synced: by write() alone, and by our store.
double plain_log(const std::string& file, std::uint64_t bytes) {
  const std::vector<std::byte> group(group_bytes, std::byte{42});
  const int log = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (log < 0) bench::give_up("cannot write " + file);
  const auto begin = Clock::now();
  for (std::uint64_t done = 0; done < bytes; done += group_bytes) {
    if (::write(log, group.data(), group.size()) < 0 || ::fdatasync(log) != 0) {
      bench::give_up("cannot write " + file);
    }
  }
  const double seconds = seconds_since(begin);
  ::close(log);
  return seconds;
}

double raw_store(const std::string& file, std::uint64_t bytes) {
  const std::vector<std::byte> group(group_bytes, std::byte{42});
  const auto store = take(open_sqlite_store(file));
  take(store->claim(1));
  const auto begin = Clock::now();
  for (std::uint64_t done = 0; done < bytes; done += group_bytes) take(store->append(group));
  return seconds_since(begin);
}

void row(std::string_view what, double inputs, double seconds) {
  fmt::print("{:<34} {:>12.0f} inputs/s\n", what, inputs / seconds);
}

// The same on shards, with so many threads: how long, all actions there.
double on_shards(const std::string& file, const CartRecovery& cart, std::uint32_t threads,
                 std::uint64_t actions) {
  auto runtime = open(file, {.snapshot_after_bytes = 0}, RuntimeOptions::shards_max, threads);
  Fed fed = feed(*runtime, cart, bench::ids_of(cart), 0, cart.events.size(), false);
  const auto end = Clock::now();
  Count sink;
  take(runtime->advance_to(bench::epoch + bench::cart_end_ms, sink));
  fed.seconds += seconds_since(end);
  if (fed.actions + sink.actions != actions) bench::give_up("shards have other actions");
  return fed.seconds;
}

void throughput(const std::string& folder, const CartRecovery& cart) {
  const bench::IdStream ids = bench::ids_of(cart);
  const auto inputs = static_cast<double>(cart.inputs());
  const double in_memory = bench::run_engine(cart).seconds;
  const double bound = bench::run_bound(cart).seconds;

  auto runtime = open(folder + "/durable", {.snapshot_after_bytes = 0});
  Fed fed = feed(*runtime, cart, ids, 0, cart.events.size(), false);
  const auto end = Clock::now();
  Count sink;
  take(runtime->advance_to(bench::epoch + bench::cart_end_ms, sink));
  fed.seconds += seconds_since(end);
  const std::uint64_t bytes = journal_bytes(*runtime);
  runtime.reset();
  const std::uint64_t actions = fed.actions + sink.actions;
  const std::uint32_t cores = std::max(2U, std::thread::hardware_concurrency());
  const double on_one = on_shards(folder + "/shards-1", cart, 1, actions);
  const double on_all = on_shards(folder + "/shards", cart, cores, actions);

  const double log_ours = plain_log(folder + "/log", bytes);
  const double log_bound = plain_log(folder + "/log", 32 * cart.inputs());
  const double sqlite = raw_store(folder + "/raw", bytes);

  fmt::print("cart-recovery, {} contacts, {} inputs\n", cart.contacts, cart.inputs());
  row("engine, in memory", inputs, in_memory);
  row("engine, durable (SQLite)", inputs, fed.seconds);
  fmt::print("{:<34} {:>12.2f} of in memory\n", "", in_memory / fed.seconds);
  row("64 shards, durable, one thread", inputs, on_one);
  row(fmt::format("64 shards, durable, {} threads", cores), inputs, on_all);
  row("bound, in memory", inputs, bound);
  row("bound and a log of 32 bytes each", inputs, bound + log_bound);
  row("bound and a log of our bytes", inputs, bound + log_ours);
  row("our bytes, write() and fdatasync()", inputs, log_ours);
  row("our bytes, our SQLite store alone", inputs, sqlite);
  fmt::print("{:<34} {:>12.1f} bytes an input, {:.0f} MB\n", "journal",
             static_cast<double>(bytes) / inputs, static_cast<double>(bytes) / 1e6);
}

void latency(const std::string& folder, const CartRecovery& cart) {
  const bench::IdStream ids = bench::ids_of(cart);
  auto runtime = open(folder + "/latency", {.snapshot_after_bytes = 0});
  const std::size_t some = std::min<std::size_t>(cart.events.size(), 1'000 * batch);
  Fed fed = feed(*runtime, cart, ids, 0, some, true);
  const double p50 = percentile(fed.commits, 0.5);
  const double p99 = percentile(fed.commits, 0.99);
  fmt::print("{:<34} {:>12.2f} ms p50, {:.2f} ms p99, of {} inputs each\n", "commit", 1e3 * p50,
             1e3 * p99, batch);
}

// As many journeys in flight as there are contacts: everybody has left a cart.
void recovery(const std::string& folder, std::uint64_t contacts) {
  CartRecovery carts;
  carts.contacts = contacts;
  for (std::uint64_t i = 0; i < contacts; ++i) {
    const auto at_ms = static_cast<std::uint32_t>(i * bench::hour_ms / contacts);
    carts.events.emplace_back(i, at_ms, bench::EventType::cart_abandoned);
  }
  // They click about meanwhile, which is of no interest to anybody, and buy.
  CartRecovery more = carts;
  for (bench::Event& event : more.events) {
    event = {event.contact(), bench::hour_ms - 1, bench::EventType::email_opened};
  }
  const bench::IdStream ids = bench::ids_of(carts);
  const std::string file = folder + "/recovery";
  auto runtime = open(file, {.snapshot_after_bytes = 0});
  feed(*runtime, carts, ids, 0, carts.events.size(), false);
  const std::uint64_t in_flight = runtime->engine().statistics().journeys_in_flight;
  runtime.reset();

  auto begin = Clock::now();
  runtime = open(file, {.snapshot_after_bytes = 0});
  const double from_journal = seconds_since(begin);
  begin = Clock::now();
  take(runtime->snapshot());
  const double snapshot = seconds_since(begin);
  runtime.reset();
  begin = Clock::now();
  runtime = open(file, {.snapshot_after_bytes = 1});  // one is made meanwhile
  const double from_snapshot = seconds_since(begin);
  if (runtime->engine().statistics().journeys_in_flight != in_flight) {
    bench::give_up("journeys are missing");
  }
  Fed quiet = feed(*runtime, more, bench::ids_of(more), 0, more.events.size() / 2, false);
  runtime.reset();
  runtime = open(file, {.snapshot_after_bytes = 0});
  const Fed alone =
      feed(*runtime, more, bench::ids_of(more), more.events.size() / 2, more.events.size(), false);
  fmt::print("{} journeys in flight\n", in_flight);
  fmt::print("{:<34} {:>12.2f} s\n", "opened from the journal", from_journal);
  fmt::print("{:<34} {:>12.2f} s\n", "opened from a snapshot", from_snapshot);
  fmt::print("{:<34} {:>12.2f} s, in the background\n", "a snapshot", snapshot);
  fmt::print("{:<34} {:>12.2f} ms while one is made, {:.2f} ms without\n", "the longest feed",
             1e3 * quiet.longest_feed, 1e3 * alone.longest_feed);
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t contacts = 1'000'000;
  const bool numbered = argc == 3;
  const auto parsed = numbered ? std::from_chars(argv[2], argv[2] + std::strlen(argv[2]), contacts)
                               : std::from_chars_result{nullptr, std::errc{}};
  if (argc < 2 || argc > 3 || parsed.ec != std::errc{} || contacts == 0) {
    fmt::print(stderr, "usage: itinera_bench_durable FOLDER [N]\n");
    return 2;
  }
  const std::string folder = std::string(argv[1]) + "/itinera-bench-durable";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const auto cart = CartRecovery::make(contacts);
  throughput(folder, cart);
  latency(folder, cart);
  recovery(folder, contacts);
  std::filesystem::remove_all(folder);
  return 0;
}
