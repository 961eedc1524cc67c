// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

#include "base/bytes.hpp"

namespace itinera::store {
namespace {

// A store names people: only its owner reads it, unless they decide otherwise. SQLite gives the
// files beside it the same mode.
constexpr mode_t new_file_mode = S_IRUSR | S_IWUSR;

Error system_refusal(const std::string& path, int number) {
  return {ErrorCode::io_failed, fmt::format("{}: cannot open the store: {}", path,
                                            std::generic_category().message(number))};
}

// Only a file that is not there is opened here: closing one that SQLite has open elsewhere in this
// process would take SQLite's locks away.
Result<void> create_if_missing(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) == 0) {
    if (S_ISREG(status.st_mode)) return {};
    if (S_ISDIR(status.st_mode)) return system_refusal(path, EISDIR);
    return Error{ErrorCode::io_failed,
                 fmt::format("{}: is not a regular file, so it cannot keep a store", path)};
  }
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, new_file_mode);
  if (file >= 0) {
    ::close(file);
  } else if (errno != EEXIST) {
    return system_refusal(path, errno);
  }
  return {};
}

// SQLite makes a database in memory of `:memory:`, and reads what begins with `file:` as an address
// with parameters. A file of such a name is meant here as any other.
std::string as_file(const std::string& path) { return path.starts_with('/') ? path : "./" + path; }

// The same as an address, for parameters behind it.
std::string as_address(const std::string& path) {
  std::string address = path.starts_with('/') ? "file://" : "file:";
  for (const char c : as_file(path)) {
    if (c == '%' || c == '?' || c == '#') {
      address += fmt::format("%{:02x}", static_cast<unsigned char>(c));
    } else {
      address += c;
    }
  }
  return address;
}

std::optional<off_t> size_of(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return status.st_size;
}

// Whether what SQLite makes beside the file is its owner's. Of root it is: SQLite sees to that.
bool is_ours(const std::string& path) {
  struct stat status{};
  if (::geteuid() == 0 || ::stat(path.c_str(), &status) != 0) return true;
  return status.st_uid == ::geteuid() && ::access(path.c_str(), W_OK) == 0;
}

bool is_damage(int code) {
  const int primary = code & 0xFF;
  return primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB || primary == SQLITE_FORMAT;
}

Database::Trouble trouble_behind(int code, int number) {
  if (code == SQLITE_IOERR_READ || code == SQLITE_IOERR_CORRUPTFS) {
    return Database::Trouble::unreadable;
  }
  const bool has_no_room = (code & 0xFF) == SQLITE_IOERR && (number == ENOSPC || number == EDQUOT);
  return (code & 0xFF) == SQLITE_FULL || has_no_room ? Database::Trouble::full
                                                     : Database::Trouble::other;
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

void Statement::note(int code) {
  if (bind_code_ == SQLITE_OK) bind_code_ = code;
}

Statement& Statement::bind(std::int64_t number) {
  note(sqlite3_bind_int64(statement_.get(), ++parameter_, number));
  return *this;
}

Statement& Statement::bind(std::string_view text) {
  // A null pointer would bind NULL.
  const char* const data = text.empty() ? "" : text.data();
  note(sqlite3_bind_text64(statement_.get(), ++parameter_, data, text.size(), SQLITE_STATIC,
                           SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind(std::span<const std::byte> bytes) {
  const void* const data = bytes.empty() ? "" : static_cast<const void*>(bytes.data());
  note(sqlite3_bind_blob64(statement_.get(), ++parameter_, data, bytes.size(), SQLITE_STATIC));
  return *this;
}

Result<bool> Statement::step() {
  int code = bind_code_;
  if (code == SQLITE_OK) {
    code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return true;
  }
  if (code == SQLITE_DONE) {
    reset();
    return false;
  }
  // The text must be read before reset() replaces it.
  Error error = database_->error(code);
  reset();
  return error;
}

void Statement::reset() {
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
  parameter_ = 0;
  bind_code_ = SQLITE_OK;
}

std::int64_t Statement::number(int column) const {
  if (sqlite3_column_type(statement_.get(), column) != SQLITE_INTEGER) return 0;
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view Statement::text(int column) const {
  if (sqlite3_column_type(statement_.get(), column) != SQLITE_TEXT) return {};
  const auto* const begin = sqlite3_column_text(statement_.get(), column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
  return base::as_text({static_cast<const std::byte*>(static_cast<const void*>(begin)), size});
}

std::span<const std::byte> Statement::bytes(int column) const {
  if (sqlite3_column_type(statement_.get(), column) != SQLITE_BLOB) return {};
  const auto* const begin = sqlite3_column_blob(statement_.get(), column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
  return {static_cast<const std::byte*>(begin), size};
}

void Database::Close::operator()(sqlite3* connection) const { sqlite3_close(connection); }

Result<std::unique_ptr<Database>> Database::open(const std::string& path, const char* vfs,
                                                 int patience_ms) {
  if (vfs == nullptr) {
    if (Result<void> created = create_if_missing(path); !created) return created.error();
  }
  std::unique_ptr<Database> database(new Database(path));
  const std::string name = vfs == nullptr ? as_file(path) : path;
  Result<void> connected =
      database->connect(name, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs, patience_ms);
  if (!connected) return connected.error();
  return database;
}

Result<std::unique_ptr<Database>> Database::look(const std::string& path, int patience_ms) {
  if (is_ours(path)) return open(path, nullptr, patience_ms);
  const std::optional<off_t> wal = size_of(path + "-wal");
  const bool is_shared = size_of(path + "-shm").has_value();
  if (wal.value_or(0) > 0 && !is_shared) {
    return Error{ErrorCode::io_failed,
                 fmt::format("{}: was not closed as it should be, and belongs to somebody else: "
                             "open it once as its owner",
                             path)};
  }
  std::unique_ptr<Database> database(new Database(path));
  database->is_guest_ = true;
  // What has no log is whole, and nobody is writing it.
  const std::string name =
      as_address(path) + (wal && is_shared ? "?readonly_shm=1" : "?immutable=1");
  Result<void> connected =
      database->connect(name, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, nullptr, patience_ms);
  if (!connected) return connected.error();
  return database;
}

Result<void> Database::connect(const std::string& name, int flags, const char* vfs,
                               int patience_ms) {
  sqlite3* connection = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &connection,
                                   flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, vfs);
  connection_.reset(connection);
  if (code != SQLITE_OK) return error(code);
  sqlite3_extended_result_codes(connection, 1);
  patience_ms_ = patience_ms;
  sqlite3_busy_timeout(connection, patience_ms);
  for (const auto& [option, value] :
       {std::pair{SQLITE_DBCONFIG_ENABLE_TRIGGER, 0}, std::pair{SQLITE_DBCONFIG_ENABLE_VIEW, 0},
        std::pair{SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0}, std::pair{SQLITE_DBCONFIG_DEFENSIVE, 1}}) {
    if (const int set = sqlite3_db_config(connection, option, value, nullptr); set != SQLITE_OK) {
      return error(set);
    }
  }
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) const {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(connection_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  Statement prepared(*this, statement);
  if (code != SQLITE_OK) return error(code);
  return prepared;
}

Result<int> Database::checkpoint() const {
  int pages = 0;
  const int code = sqlite3_wal_checkpoint_v2(connection_.get(), "main", SQLITE_CHECKPOINT_PASSIVE,
                                             &pages, nullptr);
  // Somebody else is at it.
  if ((code & 0xFF) == SQLITE_BUSY) return 0;
  if (code != SQLITE_OK) return error(code);
  return pages;
}

Result<bool> Database::empty_wal() const {
  // Who commits waits for this, so it does not wait long for others.
  constexpr int short_patience_ms = 100;
  sqlite3_busy_timeout(connection_.get(), short_patience_ms);
  const int code = sqlite3_wal_checkpoint_v2(connection_.get(), "main", SQLITE_CHECKPOINT_TRUNCATE,
                                             nullptr, nullptr);
  sqlite3_busy_timeout(connection_.get(), patience_ms_);
  if ((code & 0xFF) == SQLITE_BUSY || (code & 0xFF) == SQLITE_LOCKED) return false;
  if (code != SQLITE_OK) return error(code);
  return true;
}

Result<void> Database::use_wal() const {
  std::string mode;
  Result<void> asked = each_row("PRAGMA journal_mode = WAL", [&mode](const Statement& row) {
    mode = row.text(0);
    return Result<void>();
  });
  if (!asked || mode == "wal") return asked;
  return Error{ErrorCode::io_failed,
               fmt::format("{}: cannot be kept with a write-ahead log: SQLite uses '{}' there",
                           path_, mode)};
}

bool Database::is_in_transaction() const { return sqlite3_get_autocommit(connection_.get()) == 0; }

Error Database::error(int code) const {
  const int primary = code & 0xFF;
  const int number = connection_ ? sqlite3_system_errno(connection_.get()) : 0;
  trouble_ = trouble_behind(code, number);
  if (is_damage(code)) {
    return {ErrorCode::damaged_journal,
            fmt::format("{}: is damaged, or no store: {}", path_, sqlite3_errstr(primary))};
  }
  if (primary == SQLITE_BUSY || primary == SQLITE_LOCKED) {
    return {ErrorCode::io_failed,
            fmt::format("{}: is in use: another process has kept it locked for too long", path_)};
  }
  std::string text = fmt::format("{}: {}", path_, sqlite3_errstr(primary));
  const bool is_io = primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN ||
                     primary == SQLITE_FULL || primary == SQLITE_READONLY;
  if (is_io && number != 0) text += fmt::format(": {}", std::generic_category().message(number));
  if (code != primary) text += fmt::format(" (SQLite's code {})", code);
  if (primary == SQLITE_READONLY || number == EACCES) {
    text += fmt::format(
        "\n  hint: who opens it must be allowed to write it and, where they are there, {0}-wal and "
        "{0}-shm: look who owns them",
        path_);
  }
  return {ErrorCode::io_failed, text};
}

Result<Transaction> Transaction::begin(const Database& database, Kind kind) {
  if (Result<void> begun = database.run(kind == Kind::writes ? "begin immediate" : "begin");
      !begun) {
    return begun.error();
  }
  return Transaction(database);
}

Transaction::~Transaction() {
  // Where SQLite has rolled back by itself this fails, and nothing is left to do.
  if (database_ != nullptr) (void)database_->run("rollback");
}

Result<void> Transaction::commit() {
  if (Result<void> committed = database_->run("commit"); !committed) return committed;
  database_ = nullptr;
  return {};
}

}  // namespace itinera::store
