// SPDX-License-Identifier: Apache-2.0
#include "cli/stored_engine.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "runtime/recovery.hpp"

namespace itinera::cli {
namespace {

// While the owner goes on, what is being read may be forgotten: then it is read anew.
constexpr int attempts_max = 5;

}  // namespace

Result<std::unique_ptr<Store>> open_existing_store(const std::string& path) {
  std::error_code failed;
  if (!std::filesystem::is_regular_file(path, failed) ||
      std::filesystem::file_size(path, failed) == 0) {
    return Error{ErrorCode::io_failed, fmt::format("{}: there is no store", path)};
  }
  return open_sqlite_store(path);
}

Result<Engine> stored_engine(const std::string& path) {
  Result<std::shared_ptr<const ZoneTable>> zones = load_zones();
  if (!zones) return zones.error();
  const Result<std::unique_ptr<Store>> store = open_existing_store(path);
  if (!store) return store.error();
  for (int attempt = 1;; ++attempt) {
    Result<runtime::Recovered> found =
        runtime::recover([&store](const auto& work) { return work(**store); },
                         {.limits = {}, .zones = *zones}, [] { return true; });
    if (found) return std::move(found->engine);
    const bool moved = found.error().code == ErrorCode::invalid_argument;
    if (!moved || attempt == attempts_max) return found.error();
  }
}

}  // namespace itinera::cli
