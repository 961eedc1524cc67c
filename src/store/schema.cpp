// SPDX-License-Identifier: Apache-2.0
#include "store/schema.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "store/sqlite_store.hpp"

namespace itinera::store {
namespace {

struct Table {
  std::string_view name;
  std::string_view sql;  // as it stands in the file: never changed but with store_version
};

constexpr std::array tables{
    Table{"store", R"(CREATE TABLE store (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  epoch INTEGER NOT NULL,     -- of the newest owner
  truncated INTEGER NOT NULL, -- groups up to this position have been forgotten
  durable INTEGER NOT NULL    -- position of the newest group
) STRICT)"},
    Table{"journal", R"(CREATE TABLE journal (
  position INTEGER PRIMARY KEY,  -- 1, 2, 3 ...
  epoch INTEGER NOT NULL,        -- of the owner who wrote it
  checksum INTEGER NOT NULL,     -- CRC-32C of position, epoch and frames
  frames BLOB NOT NULL
) STRICT)"},
    Table{"snapshot", R"(CREATE TABLE snapshot (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  position INTEGER NOT NULL,  -- what was derived from the journal up to here
  chunks INTEGER NOT NULL,
  state TEXT NOT NULL         -- unfinished, complete, forgotten
) STRICT)"},
    Table{"chunk", R"(CREATE TABLE chunk (
  id INTEGER PRIMARY KEY,
  snapshot INTEGER NOT NULL,
  number INTEGER NOT NULL,    -- 0, 1, 2 ...
  checksum INTEGER NOT NULL,  -- CRC-32C of snapshot, number and bytes
  bytes BLOB NOT NULL,
  UNIQUE (snapshot, number)
) STRICT)"},
};

Error wrong_schema(const Database& database, std::string_view what) {
  return {ErrorCode::damaged_journal, fmt::format("{}: is damaged: {}", database.path(), what)};
}

Result<void> create(const Database& database) {
  Result<Transaction> transaction = Transaction::begin(database, Transaction::Kind::writes);
  if (!transaction) return transaction.error();
  // Another process may have been quicker.
  const Result<std::int64_t> there = database.number("SELECT count(*) FROM sqlite_schema");
  if (!there) return there.error();
  if (*there > 0) return {};
  for (const Table& table : tables) {
    if (Result<void> made = database.run(table.sql); !made) return made;
  }
  for (const std::string& sql : {std::string("INSERT INTO store VALUES (1, 0, 0, 0)"),
                                 fmt::format("PRAGMA application_id = {}", application_id),
                                 fmt::format("PRAGMA user_version = {}", store_version)}) {
    if (Result<void> done = database.run(sql); !done) return done;
  }
  return transaction->commit();
}

// What somebody has added beside our tables disturbs nobody; what hangs on them might.
Result<void> check_tables(const Database& database) {
  for (const Table& table : tables) {
    bool is_there = false;
    Result<void> looked = database.each_row(
        "SELECT type, sql FROM sqlite_schema WHERE tbl_name = ? AND sql NOTNULL",
        [&](const Statement& row) -> Result<void> {
          is_there = true;
          if (row.text(0) == "table" && row.text(1) == table.sql) return {};
          return wrong_schema(database,
                              fmt::format("table `{}` is not as it was made", table.name));
        },
        table.name);
    if (!looked) return looked;
    if (!is_there) return wrong_schema(database, fmt::format("table `{}` is missing", table.name));
  }
  const Result<std::int64_t> rows = database.number("SELECT count(*) FROM store");
  if (!rows) return rows.error();
  if (*rows != 1) return wrong_schema(database, "table `store` must have one row");
  return {};
}

// Of the journal's end nothing but table `store` says where it is: with less there, groups that
// were acknowledged would be taken for none.
Result<void> check_end(const Database& database) {
  return database.each_row(
      "SELECT truncated, durable, (SELECT max(position) FROM journal) FROM store",
      [&](const Statement& row) -> Result<void> {
        const std::int64_t truncated = row.number(0);
        const std::int64_t durable = row.number(1);
        const std::int64_t newest = row.number(2);  // 0: there is no group
        const bool is_empty = newest == 0 && truncated == durable;
        if (is_empty || newest == durable) return {};
        return wrong_schema(
            database, fmt::format("its newest group is {}, and was to be {}", newest, durable));
      });
}

}  // namespace

Result<void> prepare_schema(const Database& database) {
  Result<std::int64_t> objects = database.number("SELECT count(*) FROM sqlite_schema");
  if (!objects) return objects.error();
  if (*objects == 0) {
    // Groups are large: pages of four times SQLite's usual size are written half as fast again. It
    // is settled before there is a table, and an older store keeps what it has.
    if (Result<void> set = database.run(fmt::format("PRAGMA page_size = {}", page_size)); !set) {
      return set;
    }
    if (Result<void> created = create(database); !created) return created;
  }
  const Result<std::int64_t> program = database.number("PRAGMA application_id");
  if (!program) return program.error();
  if (*program != application_id) {
    return Error{
        ErrorCode::invalid_argument,
        fmt::format("{}: is no store: it is a database of another program", database.path())};
  }
  const Result<std::int64_t> version = database.number("PRAGMA user_version");
  if (!version) return version.error();
  if (*version != store_version) {
    return Error{ErrorCode::unsupported_version,
                 fmt::format("{}: was written by a newer Itinera: its format is {}, and this one "
                             "knows format {}",
                             database.path(), *version, store_version)};
  }
  if (Result<void> checked = check_tables(database); !checked) return checked;
  return check_end(database);
}

}  // namespace itinera::store
