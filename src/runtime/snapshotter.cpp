// SPDX-License-Identifier: Apache-2.0
#include "runtime/snapshotter.hpp"

#include <algorithm>
#include <new>
#include <utility>
#include <vector>

#include "runtime/eraser.hpp"
#include "runtime/pieces.hpp"
#include "runtime/quiet_thread.hpp"
#include "runtime/stock.hpp"

namespace itinera::runtime {
namespace {

// Whether what a store gives is what was put there.
class Comparer final : public SnapshotWriter {
 public:
  Comparer(const UseStore& use, const Snapshot& snapshot, const std::function<bool()>& at_work)
      : use_(use), snapshot_(snapshot), at_work_(at_work) {}

  Result<void> put(std::span<const std::byte> piece) override {
    if (!at_work_()) return interrupted();
    return use_([&](Store& store) -> Result<void> {
      const Result<std::vector<std::byte>> chunk = store.chunk(snapshot_, number_++);
      if (!chunk) return chunk.error();
      if (std::ranges::equal(*chunk, piece)) return {};
      return Error{ErrorCode::damaged_journal, "a snapshot is not what was written"};
    });
  }

 private:
  const UseStore& use_;
  const Snapshot& snapshot_;
  const std::function<bool()>& at_work_;
  std::uint32_t number_ = 0;
};

}  // namespace

Snapshotter::Snapshotter(Committer& committer, EngineOptions options, const Upkeep& upkeep,
                         const Recovered& opened)
    : committer_(committer),
      use_([&committer](const auto& work) { return committer.use(work); }),
      options_(std::move(options)),
      upkeep_(upkeep),
      opened_bytes_(opened.bytes_since),
      bytes_since_(opened.bytes_since),
      unerased_(opened.unerased) {
  if (unerased_) forgot_ = earliest_instant;
}

Snapshotter::~Snapshotter() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  change_.notify_all();
  if (thread_) thread_->join();
}

void Snapshotter::forgot(Instant now, std::uint64_t coming) {
  if (!forgot_) forgot_ = now;
  const std::lock_guard lock(mutex_);
  unerased_ = true;
  forgot_at_ = committer_.submitted() + coming;
}

void Snapshotter::grown(std::uint64_t bytes, Instant now) {
  bytes_since_ += bytes;
  {
    // What was tried and has failed, or came too early for somebody, is tried once more.
    const std::lock_guard lock(mutex_);
    if (!forgot_ && unerased_ && done_ == ordered_) forgot_ = now;
  }
  const bool large =
      upkeep_.snapshot_after_bytes != 0 && bytes_since_ >= upkeep_.snapshot_after_bytes;
  const bool to_erase =
      forgot_ && upkeep_.erase_after_ms != 0 && now - *forgot_ >= upkeep_.erase_after_ms;
  if (!large && !to_erase) return;
  {
    const std::lock_guard lock(mutex_);
    if (begun_ < ordered_) return;  // one that is still to begin has these bytes, too
  }
  order();
}

void Snapshotter::order() {
  bytes_since_ = 0;
  forgot_.reset();
  std::optional<Error> refused;
  if (!thread_) {
    Result<std::thread> started = quiet_thread([this] { work(); });
    if (started) {
      thread_ = std::move(*started);
    } else {
      refused = started.error();
    }
  }
  {
    const std::lock_guard lock(mutex_);
    ++ordered_;
    if (refused) {
      // There is nobody to make it.
      begun_ = done_ = ordered_;
      ++failed_;
      outcome_ = *refused;
    }
  }
  change_.notify_all();
}

Result<void> Snapshotter::make() {
  order();
  std::unique_lock lock(mutex_);
  const std::uint64_t wanted = ordered_;
  change_.wait(lock, [&] { return done_ >= wanted; });
  return outcome_;
}

Result<void> Snapshotter::erase() {
  {
    const std::lock_guard lock(mutex_);
    if (!unerased_) return {};
  }
  if (Result<void> made = make(); !made) return made;
  const std::lock_guard lock(mutex_);
  return erased_;
}

void Snapshotter::tell(RuntimeStatus& status) const {
  const std::uint64_t bytes = opened_bytes_ + committer_.submitted();
  const std::lock_guard lock(mutex_);
  status.bytes_since_snapshot = bytes - bytes_covered_;
  status.snapshots_made = made_;
  status.snapshots_failed = failed_;
  status.snapshot_under_way = done_ < ordered_;
  status.unerased = unerased_;
  if (!erased_) status.erase_error = erased_.error();
  if (!outcome_) status.snapshot_error = outcome_.error();
}

bool Snapshotter::at_work() const {
  const std::lock_guard lock(mutex_);
  return !closing_;
}

void Snapshotter::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    change_.wait(lock, [&] { return closing_ || done_ < ordered_; });
    if (closing_) return;
    begun_ = ordered_;
    const std::uint64_t at_hand = begun_;
    lock.unlock();
    Result<void> made = try_one();
    lock.lock();
    if (!made) ++failed_;
    outcome_ = std::move(made);
    done_ = at_hand;
    change_.notify_all();
  }
}

// There is memory for one engine, as everybody sees: that there is none for two must not end it.
Result<void> Snapshotter::try_one() {
  try {
    return make_one();
  } catch (const std::bad_alloc&) {
    return Error{ErrorCode::limit_reached, "there is no memory for a second engine"};
  }
}

Result<void> Snapshotter::make_one() {
  const Committer::Mark durable = committer_.durable();  // all of it is in what is recovered
  const Result<Recovered> recovered = recover(use_, options_, [this] { return at_work(); });
  if (!recovered) return recovered.error();
  if (recovered->bytes_since > 0 || !recovered->passed_over.empty()) {
    if (Result<void> written = write(*recovered); !written) return written;
    const std::lock_guard lock(mutex_);
    ++made_;
    bytes_covered_ = opened_bytes_ + durable;
  }
  erase_behind(*recovered, durable);
  return let_go(*recovered);
}

// That it fails is no failure of the snapshot.
void Snapshotter::erase_behind(const Recovered& recovered, Committer::Mark durable) {
  Result<void> erased = erase_forgotten(use_, recovered, [this] { return at_work(); });
  const std::lock_guard lock(mutex_);
  // Who was forgotten meanwhile was not in what it has recovered.
  if (erased && durable >= forgot_at_) unerased_ = false;
  erased_ = std::move(erased);
}

Result<void> Snapshotter::write(const Recovered& recovered) {
  Counter counter;
  if (Result<void> counted = recovered.shards.save(counter); !counted) return counted;
  const Snapshot snapshot{std::string(engine_snapshot), recovered.position, counter.pieces};
  const auto is_in_the_way = [&snapshot](const Snapshot& each) {
    return each.name == snapshot.name && each.position == snapshot.position;
  };
  std::vector<Snapshot> rotten = recovered.passed_over;
  // It goes when what it stood for has been found out from an older one, and that stays.
  for (const Snapshot& each : rotten) {
    if (!is_in_the_way(each)) continue;
    const Result<void> dropped = use_([&each](Store& store) { return store.drop_one(each); });
    if (!dropped) return dropped;
  }
  std::erase_if(rotten, is_in_the_way);
  const std::function<bool()> going_on = [this] { return at_work(); };
  Putter putter(use_, snapshot, going_on);
  if (Result<void> put = recovered.shards.save(putter); !put) return put;
  // One that cannot be read takes nobody's place.
  const auto kept = snapshot_generations + static_cast<std::uint32_t>(rotten.size());
  Result<void> done = use_([&](Store& store) { return store.complete(snapshot, kept); });
  if (!done) return done;
  return recovered.passed_over.empty() ? drop_spares() : drop_rotten(rotten);
}

// A store that cannot drop one alone keeps them.
Result<void> Snapshotter::drop_rotten(std::span<const Snapshot> rotten) {
  for (const Snapshot& each : rotten) {
    Result<void> dropped = use_([&each](Store& store) { return store.drop_one(each); });
    if (!dropped && dropped.error().code != ErrorCode::invalid_argument) return dropped;
  }
  return {};
}

// One alone is marked, and cleared away by and by: for a whole name to be cleared a commit would
// wait.
Result<void> Snapshotter::drop_spares() {
  const Result<Stock> stock = take_stock(use_);
  if (!stock) return stock.error();
  for (const Snapshot& each : stock->engines) {
    if (each.name != spare_snapshot) continue;
    Result<void> done = use_([&each](Store& store) -> Result<void> {
      Result<void> dropped = store.drop_one(each);
      const bool cannot = !dropped && dropped.error().code == ErrorCode::invalid_argument;
      return cannot ? store.drop(spare_snapshot) : dropped;
    });
    if (!done) return done;
  }
  return {};
}

// What is neither wanted nor needed of the journal: the store knows how far its snapshots, and the
// cursors of readers, have come. Nothing goes that only a snapshot stands for which was never read.
Result<void> Snapshotter::let_go(const Recovered& recovered) {
  if (upkeep_.journal_bytes_max == 0 && upkeep_.journal_age_max_ms == 0) return {};
  const Result<Stock> stock = take_stock(use_);
  if (!stock) return stock.error();
  if (stock->engines.empty()) return {};
  const Snapshot& newest = stock->engines.front();
  const bool stands = std::ranges::any_of(stock->engines, [&recovered](const Snapshot& each) {
    return each.position == recovered.from;
  });
  if (!stands && newest.position != recovered.position) return {};
  if (!stands) {
    // An erasing has dropped the one that was read; what it has left is read now.
    const std::function<bool()> going_on = [this] { return at_work(); };
    Comparer comparer(use_, newest, going_on);
    if (Result<void> same = recovered.shards.save(comparer); !same) return same;
  }
  retention_.forget(stock->extent.truncated);
  const Result<void> seen = each_groups(
      use_, retention_.seen(), recovered.position, [this] { return at_work(); },
      [this](std::span<const JournalGroup> groups) -> Result<void> {
        retention_.see(groups);
        return {};
      });
  if (!seen) return seen;
  const Position up_to = std::min({recovered.from, stock->oldest, retention_.cut(upkeep_)});
  // A part at a time, so that a commit waits for no more than one.
  for (Position at = retention_.next(up_to); at != 0 && at_work(); at = retention_.next(up_to)) {
    const Result<void> gone = use_([&](Store& store) { return store.truncate(at); });
    // Meanwhile a reader has come who needs it: the snapshot stands all the same.
    if (!gone && gone.error().code == ErrorCode::invalid_argument) return {};
    if (!gone) return gone;
    retention_.forget(at);
  }
  return {};
}

}  // namespace itinera::runtime
