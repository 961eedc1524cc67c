// SPDX-License-Identifier: Apache-2.0
// SQLite as the store uses it: the only room, and its .cpp the only file, that knows its header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "itinera/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace itinera::store {

class Database;

// A prepared statement. Bind its parameters in order, then step until there is no row; it is then
// ready for the next round. What is bound must live until then. Must not outlive its database.
class Statement {
 public:
  Statement& bind(std::int64_t number);
  Statement& bind(std::string_view text);
  Statement& bind(std::span<const std::byte> bytes);

  // Whether there is a row. Error: what went wrong, a failed bind() included.
  Result<bool> step();
  // Ends a round before its last row.
  void reset();

  // Of the row that step() found; spans and texts die with the next step(). A column of another
  // type, which only a damaged file has, is 0 or empty.
  [[nodiscard]] std::int64_t number(int column) const;
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] std::span<const std::byte> bytes(int column) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  Statement(const Database& database, sqlite3_stmt* statement)
      : database_(&database), statement_(statement) {}
  void note(int code);

  const Database* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int parameter_ = 0;
  int bind_code_ = 0;  // the first that was no success
};

// A connection, which one thread uses at a time.
class Database {
 public:
  // Creates the file if it is missing, so that only its owner may read it, unless `vfs`, the name
  // of a file system registered with SQLite, stands for the system's: then SQLite reads `path` as
  // it likes. Triggers, views and functions of the file's own schema are not trusted. Each call
  // waits up to `patience_ms` for others.
  static Result<std::unique_ptr<Database>> open(const std::string& path, const char* vfs,
                                                int patience_ms);
  // The same for who only reads. A file of somebody else's is opened so that SQLite makes none
  // beside it: they would be the reader's, and lock the owner out. Error: io_failed, also where
  // such a file is as its owner's crash has left it, which only the owner can mend.
  static Result<std::unique_ptr<Database>> look(const std::string& path, int patience_ms);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() = default;

  // Statements are prepared anew each time: microseconds, beside a sync.
  Result<Statement> prepare(std::string_view sql) const;
  // Calls `row`, which takes a const Statement& and returns a Result<void>, for each row of the
  // answer until one returns an error.
  template <class Row, class... Parameters>
  Result<void> each_row(std::string_view sql, Row row, const Parameters&... parameters) const;
  // One statement, whose rows, if any, are not looked at.
  template <class... Parameters>
  Result<void> run(std::string_view sql, const Parameters&... parameters) const;
  // The first column of the last row; 0 without one.
  template <class... Parameters>
  Result<std::int64_t> number(std::string_view sql, const Parameters&... parameters) const;

  // Copies what the WAL holds to the database's file, as far as no reader stands in the way.
  // Returns how many pages the WAL had.
  Result<int> checkpoint() const;
  // The same of all there is, and then the WAL is empty: false if a reader stands in the way.
  Result<bool> empty_wal() const;

  // How commits are written. Error: io_failed where the file cannot be written so.
  Result<void> use_wal() const;

  // SQLite's word for `code`, the operating system's too, with the path in front.
  [[nodiscard]] Error error(int code) const;
  // What is behind the newest of these errors.
  enum class Trouble : std::uint8_t {
    other,
    unreadable,  // the disk does not give back what it was given
    full,
  };
  [[nodiscard]] Trouble trouble() const { return trouble_; }
  // Whether a transaction is open still.
  [[nodiscard]] bool is_in_transaction() const;
  // Whether it reads what is somebody else's, and can write nothing.
  [[nodiscard]] bool is_guest() const { return is_guest_; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  explicit Database(std::string path) : path_(std::move(path)) {}
  Result<void> connect(const std::string& name, int flags, const char* vfs, int patience_ms);
  struct Close {
    void operator()(sqlite3* connection) const;
  };
  std::string path_;
  int patience_ms_ = 0;
  bool is_guest_ = false;
  mutable Trouble trouble_ = Trouble::other;
  std::unique_ptr<sqlite3, Close> connection_;
};

// Everything between begin() and commit() happens whole or not at all, and reads one state of the
// database. What is not committed is rolled back.
class Transaction {
 public:
  enum class Kind : std::uint8_t { reads, writes };
  // One that writes waits here for another that does, so that nothing after it finds the database
  // busy.
  static Result<Transaction> begin(const Database& database, Kind kind);
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Result<void> commit();

 private:
  explicit Transaction(const Database& database) : database_(&database) {}
  const Database* database_;
};

template <class Row, class... Parameters>
Result<void> Database::each_row(std::string_view sql, Row row,
                                const Parameters&... parameters) const {
  Result<Statement> statement = prepare(sql);
  if (!statement) return statement.error();
  (statement->bind(parameters), ...);
  for (;;) {
    const Result<bool> stepped = statement->step();
    if (!stepped) return stepped.error();
    if (!*stepped) return {};
    if (Result<void> seen = row(*statement); !seen) return seen;
  }
}

template <class... Parameters>
Result<void> Database::run(std::string_view sql, const Parameters&... parameters) const {
  return each_row(sql, [](const Statement&) { return Result<void>(); }, parameters...);
}

template <class... Parameters>
Result<std::int64_t> Database::number(std::string_view sql, const Parameters&... parameters) const {
  std::int64_t found = 0;
  const auto note = [&](const Statement& row) {
    found = row.number(0);
    return Result<void>();
  };
  if (Result<void> read = each_row(sql, note, parameters...); !read) return read.error();
  return found;
}

}  // namespace itinera::store
