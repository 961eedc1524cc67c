// SPDX-License-Identifier: Apache-2.0
// A SQLite store in a folder, and another program that changes its file.
#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include "base/bytes.hpp"
#include "store/sqlite_store.hpp"
#include "support/catch.hpp"
#include "support/folder.hpp"

namespace itinera::test::sqlite {

namespace fs = std::filesystem;
using itinera::ErrorCode;
using itinera::Position;
using itinera::Store;
using itinera::base::as_bytes;
using itinera::base::as_text;
using itinera::test::Folder;

inline constexpr int short_patience_ms = 50;

inline std::unique_ptr<Store> opened(const std::string& path) {
  auto store = itinera::store::open_sqlite(path, {.patience_ms = short_patience_ms});
  if (!store) FAIL(store.error().message);
  return std::move(store).value();
}

inline itinera::Error refusal(const std::string& path) {
  const auto store = itinera::store::open_sqlite(path, {.patience_ms = short_patience_ms});
  REQUIRE_FALSE(store);
  return store.error();
}

// Another program with SQLite: the shell, say.
class Shell {
 public:
  explicit Shell(const std::string& path) { REQUIRE(sqlite3_open(path.c_str(), &db_) == 0); }
  Shell(const Shell&) = delete;
  Shell& operator=(const Shell&) = delete;
  ~Shell() { sqlite3_close(db_); }
  // The first column of the last row.
  std::string run(const std::string& sql) {
    std::string answer;
    char* message = nullptr;
    const int code = sqlite3_exec(
        db_, sql.c_str(),
        [](void* to, int, char** values, char**) {
          *static_cast<std::string*>(to) = values[0] == nullptr ? "NULL" : values[0];
          return 0;
        },
        &answer, &message);
    CAPTURE(sql);
    const std::string text = message == nullptr ? "" : message;
    sqlite3_free(message);
    if (code != SQLITE_OK) FAIL(text);
    return answer;
  }

 private:
  sqlite3* db_ = nullptr;
};

inline void write(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

inline std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void fill(const std::string& path) {
  const auto store = opened(path);
  REQUIRE(store->claim(1));
  for (const char* frames : {"one", "two", "three"}) REQUIRE(store->append(as_bytes(frames)));
  REQUIRE(store->put_chunk({"state", 2, 1}, 0, as_bytes("chunk")));
  REQUIRE(store->complete({"state", 2, 1}, 1));
}

}  // namespace itinera::test::sqlite
