// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/bytes.hpp"
#include "store/bounds.hpp"
#include "store/schema.hpp"
#include "store/snapshot_table.hpp"
#include "store/sqlite.hpp"

namespace itinera::store {
namespace {

// At most so many bytes of the journal are forgotten in one transaction: who waits for it does not
// wait long.
constexpr std::int64_t forgotten_bytes = 16 << 20;

// What a commit writes beside the group itself.
constexpr std::size_t commit_overhead = std::size_t{2} * page_size;

std::int64_t as_number(std::uint64_t number) { return static_cast<std::int64_t>(number); }

// A position or a count as the file has it; what no store writes is 0.
std::uint64_t as_count(std::int64_t number) {
  return number < 0 ? 0 : static_cast<std::uint64_t>(number);
}

bool is_of_the_file(const Error& error) {
  return error.code == ErrorCode::io_failed || error.code == ErrorCode::damaged_journal;
}

// What becomes of the store where its file finds no room: who appends cannot do without, and who
// puts a snapshot can.
enum class WhenFull : std::uint8_t { tells, fails };

struct Head {
  std::uint64_t epoch = 0;
  Extent extent;
};

class SqliteStore final : public Store {
 public:
  SqliteStore(std::unique_ptr<Database> database, const SqliteOptions& options)
      : database_(std::move(database)), snapshots_(*database_), wal_bytes_max_(options.wal_bytes) {}

  Result<std::uint64_t> epoch() override;
  Result<void> claim(std::uint64_t epoch) override;
  Result<Extent> extent() override;
  Result<Position> append(std::span<const std::byte> frames) override;
  Result<std::vector<JournalGroup>> read(Position after, std::size_t bytes_max) override;
  Result<void> truncate(Position up_to) override;
  Result<void> put_chunk(const Snapshot& snapshot, std::uint32_t number,
                         std::span<const std::byte> bytes) override;
  Result<void> complete(const Snapshot& snapshot, std::uint32_t generations) override;
  Result<std::vector<Snapshot>> snapshots() override;
  Result<std::vector<std::byte>> chunk(const Snapshot& snapshot, std::uint32_t number) override;
  Result<void> drop(std::string_view name) override;
  Result<void> drop_one(const Snapshot& snapshot) override;
  Result<void> replace(Position position, std::span<const std::byte> frames) override;
  Result<bool> clear_some() override;
  Result<void> wipe() override;

 private:
  template <class Work>
  Result<void> write(Work work, WhenFull when_full);
  template <class Work>
  Result<void> write_as_owner(Work work, WhenFull when_full = WhenFull::tells);

  Result<Head> head();
  Result<void> insert_group(Position position, std::span<const std::byte> frames);
  Result<void> read_groups(const Extent& wanted, std::size_t bytes_max,
                           std::vector<JournalGroup>& groups);
  Result<Position> forget_groups(Position up_to);
  Result<void> clear_all();
  void copy_wal(std::size_t bytes);

  [[nodiscard]] Error damage(std::string_view what) const {
    return {ErrorCode::damaged_journal, fmt::format("{}: is damaged: {}", database_->path(), what)};
  }
  [[nodiscard]] Error at_home(Error error) const {
    error.message = fmt::format("{}: {}", database_->path(), error.message);
    return error;
  }

  std::unique_ptr<Database> database_;
  SnapshotTable snapshots_;
  std::size_t wal_bytes_max_;
  std::size_t wal_bytes_ = 0;
  std::uint64_t own_epoch_ = 0;
  std::optional<Error> failure_;
};

// What `work` does is committed if it returns no error. An error of the file is final, but for one
// of what nobody needs any more: after that SQLite writes nothing more in the same transaction, so
// there is another.
template <class Work>
Result<void> SqliteStore::write(Work work, WhenFull when_full) {
  if (failure_) return *failure_;
  for (;;) {
    Result<void> done;
    bool found_no_room = false;
    {
      Result<Transaction> transaction = Transaction::begin(*database_, Transaction::Kind::writes);
      if (!transaction) return transaction.error();
      done = work();
      if (done) done = transaction->commit();
      found_no_room = !done && done.error().code == ErrorCode::io_failed &&
                      database_->trouble() == Database::Trouble::full;
    }
    if (!done && snapshots_.has_just_left()) continue;
    // Rolled back, the file is as it was: nothing is unknown.
    const bool is_known = found_no_room && !database_->is_in_transaction();
    if (!done && !(is_known && when_full == WhenFull::tells) && is_of_the_file(done.error())) {
      failure_ = done.error();
    }
    return done;
  }
}

template <class Work>
Result<void> SqliteStore::write_as_owner(Work work, WhenFull when_full) {
  const auto as_owner = [&]() -> Result<void> {
    const Result<Head> there = head();
    if (!there) return there.error();
    if (auto error = wrong_owner(own_epoch_, there->epoch)) return at_home(*error);
    return work(there->extent);
  };
  return write(as_owner, when_full);
}

Result<Head> SqliteStore::head() {
  if (failure_) return *failure_;
  Head head;
  Result<void> read =
      database_->each_row("SELECT epoch, truncated, durable FROM store", [&](const Statement& row) {
        head = {as_count(row.number(0)), {as_count(row.number(1)), as_count(row.number(2))}};
        return Result<void>();
      });
  if (!read) return read.error();
  return head;
}

Result<std::uint64_t> SqliteStore::epoch() {
  const Result<Head> there = head();
  if (!there) return there.error();
  return there->epoch;
}

Result<Extent> SqliteStore::extent() {
  const Result<Head> there = head();
  if (!there) return there.error();
  return there->extent;
}

Result<void> SqliteStore::claim(std::uint64_t epoch) {
  Result<void> claimed = write(
      [&]() -> Result<void> {
        const Result<Head> there = head();
        if (!there) return there.error();
        if (auto error = wrong_epoch(epoch, there->epoch)) return at_home(*error);
        Result<void> set = database_->run("UPDATE store SET epoch = ?", as_number(epoch));
        return set ? snapshots_.forget_unfinished() : set;
      },
      WhenFull::fails);
  if (!claimed) return claimed;
  own_epoch_ = epoch;
  if (Result<void> cleared = clear_all(); !cleared) return cleared;
  copy_wal(wal_bytes_max_);
  return {};
}

Result<Position> SqliteStore::append(std::span<const std::byte> frames) {
  if (auto error = wrong_group(frames.size())) return at_home(*error);
  Position position = 0;
  Result<void> appended = write_as_owner(
      [&](const Extent& extent) {
        position = extent.durable + 1;
        return insert_group(position, frames);
      },
      WhenFull::fails);
  if (!appended) return appended.error();
  copy_wal(frames.size() + commit_overhead);
  return position;
}

Result<void> SqliteStore::insert_group(Position position, std::span<const std::byte> frames) {
  const std::int64_t at = as_number(position);
  const std::int64_t epoch = as_number(own_epoch_);
  Result<void> done = database_->run("INSERT INTO journal VALUES (?, ?, ?, ?)", at, epoch,
                                     checksum(at, epoch, frames), frames);
  return done ? database_->run("UPDATE store SET durable = ?", at) : done;
}

// Copying costs about what writing did, so it is done in large pieces. What was appended is durable
// already: a failure is told to the next call that writes.
void SqliteStore::copy_wal(std::size_t bytes) {
  wal_bytes_ += bytes;
  if (wal_bytes_ < wal_bytes_max_) return;
  wal_bytes_ = 0;
  const Result<int> copied = database_->checkpoint();
  // Without room for it the WAL stays, and grows until there is.
  if (!copied && database_->trouble() != Database::Trouble::full) failure_ = copied.error();
}

Result<std::vector<JournalGroup>> SqliteStore::read(Position after, std::size_t bytes_max) {
  if (failure_) return *failure_;
  Result<Transaction> transaction = Transaction::begin(*database_, Transaction::Kind::reads);
  if (!transaction) return transaction.error();
  const Result<Head> there = head();
  if (!there) return there.error();
  if (auto error = wrong_start(after, there->extent)) return at_home(*error);
  std::vector<JournalGroup> groups;
  Result<void> read = read_groups({after, there->extent.durable}, bytes_max, groups);
  if (!read) return read.error();
  return groups;
}

Result<void> SqliteStore::read_groups(const Extent& wanted, std::size_t bytes_max,
                                      std::vector<JournalGroup>& groups) {
  if (wanted.truncated >= wanted.durable) return {};
  Result<Statement> query = database_->prepare(
      "SELECT position, epoch, checksum, frames FROM journal WHERE position > ? ORDER BY position");
  if (!query) return query.error();
  query->bind(as_number(wanted.truncated));
  std::size_t bytes = 0;
  for (Position expected = wanted.truncated + 1; expected <= wanted.durable; ++expected) {
    const Result<bool> row = query->step();
    if (!row) return row.error();
    if (!*row || as_count(query->number(0)) != expected) {
      return damage(fmt::format("group {} is missing", expected));
    }
    const std::span<const std::byte> frames = query->bytes(3);
    bytes += frames.size();
    if (!groups.empty() && bytes > bytes_max) return {};
    if (checksum(query->number(0), query->number(1), frames) != query->number(2)) {
      return damage(fmt::format("group {} is not what was written", expected));
    }
    groups.push_back({expected, {frames.begin(), frames.end()}});
  }
  return {};
}

Result<void> SqliteStore::truncate(Position up_to) {
  Position truncated = 0;
  do {
    Result<void> cut = write_as_owner([&](const Extent& extent) -> Result<void> {
      const Result<std::vector<Snapshot>> complete = snapshots_.complete_ones();
      if (!complete) return complete.error();
      if (auto error = wrong_cut(up_to, extent, *complete)) return at_home(*error);
      truncated = up_to;
      if (up_to <= extent.truncated) return {};
      const Result<Position> forgotten = forget_groups(up_to);
      if (!forgotten) return forgotten.error();
      truncated = *forgotten;
      return {};
    });
    if (!cut) return cut;
  } while (truncated < up_to);
  copy_wal(wal_bytes_max_);
  return {};
}

Result<Position> SqliteStore::forget_groups(Position up_to) {
  Result<Statement> query = database_->prepare(
      "SELECT position, length(frames) FROM journal WHERE position <= ? ORDER BY position");
  if (!query) return query.error();
  query->bind(as_number(up_to));
  std::int64_t bytes = 0;
  Position last = up_to;
  Result<bool> row = query->step();
  for (; row && *row; row = query->step()) {
    bytes += query->number(1);
    if (bytes < forgotten_bytes) continue;
    last = as_count(query->number(0));
    query->reset();
    break;
  }
  if (!row) return row.error();
  Result<void> done = database_->run("DELETE FROM journal WHERE position <= ?", as_number(last));
  if (done) done = database_->run("UPDATE store SET truncated = ?", as_number(last));
  if (!done) return done.error();
  return last;
}

Result<void> SqliteStore::put_chunk(const Snapshot& snapshot, std::uint32_t number,
                                    std::span<const std::byte> bytes) {
  Result<void> put = write_as_owner([&](const Extent& extent) -> Result<void> {
    if (auto error = wrong_snapshot(snapshot, extent)) return at_home(*error);
    if (auto error = wrong_chunk(snapshot, number, bytes.size())) return at_home(*error);
    return snapshots_.put_chunk(snapshot, number, bytes);
  });
  if (put) copy_wal(bytes.size() + commit_overhead);
  return put;
}

Result<void> SqliteStore::complete(const Snapshot& snapshot, std::uint32_t generations) {
  return write_as_owner([&](const Extent& extent) -> Result<void> {
    if (auto error = wrong_snapshot(snapshot, extent)) return at_home(*error);
    return snapshots_.complete(snapshot, generations);
  });
}

Result<std::vector<Snapshot>> SqliteStore::snapshots() {
  if (failure_) return *failure_;
  return snapshots_.complete_ones();
}

Result<std::vector<std::byte>> SqliteStore::chunk(const Snapshot& snapshot, std::uint32_t number) {
  if (failure_) return *failure_;
  return snapshots_.chunk(snapshot, number);
}

// However many chunks it has: they are cleared away by those that come later, and by clear_some().
Result<void> SqliteStore::drop(std::string_view name) {
  return write_as_owner([&](const Extent&) { return snapshots_.forget(name); });
}

// Its chunks are cleared away by those that are put in their place.
Result<void> SqliteStore::drop_one(const Snapshot& snapshot) {
  return write_as_owner([&](const Extent&) { return snapshots_.forget(snapshot); });
}

// Whose group it was, it stays.
Result<void> SqliteStore::replace(Position position, std::span<const std::byte> frames) {
  if (auto error = wrong_group(frames.size())) return at_home(*error);
  Result<void> replaced = write_as_owner([&](const Extent& extent) -> Result<void> {
    if (auto error = wrong_place(position, extent)) return at_home(*error);
    const std::int64_t at = as_number(position);
    const Result<std::int64_t> epoch =
        database_->number("SELECT epoch FROM journal WHERE position = ?", at);
    if (!epoch) return epoch.error();
    return database_->run("UPDATE journal SET checksum = ?, frames = ? WHERE position = ?",
                          checksum(at, *epoch, frames), frames, at);
  });
  if (replaced) copy_wal(frames.size() + commit_overhead);
  return replaced;
}

Result<bool> SqliteStore::clear_some() {
  bool more = false;
  Result<void> cleared = write_as_owner([&](const Extent&) -> Result<void> {
    const Result<bool> some = snapshots_.clear_some();
    if (!some) return some.error();
    more = *some;
    return {};
  });
  if (!cleared) return cleared.error();
  // What is overwritten stands in the WAL.
  if (more) copy_wal(snapshots_.take_cleared() + commit_overhead);
  return more;
}

// SQLite overwrites what it lets go of in the file itself (secure_delete), so it is the WAL that
// still has it.
Result<void> SqliteStore::wipe() {
  snapshots_.begin_clearing();
  if (Result<void> cleared = clear_all(); !cleared) return cleared;
  if (snapshots_.rot()) return *snapshots_.rot();
  const Result<bool> emptied = database_->empty_wal();
  if (!emptied && database_->trouble() == Database::Trouble::full) return emptied.error();
  if (!emptied) {
    failure_ = emptied.error();
    return *failure_;
  }
  if (!*emptied) return at_home({ErrorCode::limit_reached, "somebody is reading it as it was"});
  wal_bytes_ = 0;
  return {};
}

// What is forgotten, in small transactions.
Result<void> SqliteStore::clear_all() {
  for (;;) {
    const Result<bool> more = clear_some();
    if (!more) return more.error();
    if (!*more) return {};
  }
}

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite(const std::string& path, const SqliteOptions& options) {
  Result<std::unique_ptr<Database>> database =
      options.looks ? Database::look(path, options.patience_ms)
                    : Database::open(path, options.vfs, options.patience_ms);
  if (!database) return database.error();
  if (Result<void> ready = prepare_schema(**database); !ready) return ready.error();
  if ((*database)->is_guest()) {
    return std::unique_ptr<Store>(std::make_unique<SqliteStore>(std::move(*database), options));
  }
  if (Result<void> written = (*database)->use_wal(); !written) return written.error();
  // FULL: a commit returns when the WAL is synced. Free pages keep no bytes of anybody. The WAL is
  // copied when we say so, and its file does not stay as large as the largest group made it.
  for (const char* pragma :
       {"PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA secure_delete = ON",
        "PRAGMA cell_size_check = ON", "PRAGMA wal_autocheckpoint = 0",
        "PRAGMA journal_size_limit = 67108864"}) {
    if (Result<void> set = (*database)->run(pragma); !set) return set.error();
  }
  std::unique_ptr<Store> store = std::make_unique<SqliteStore>(std::move(*database), options);
  return store;
}

}  // namespace itinera::store

namespace itinera {

Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path) {
  return store::open_sqlite(path, {});
}

}  // namespace itinera
