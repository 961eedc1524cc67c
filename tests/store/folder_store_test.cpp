// SPDX-License-Identifier: Apache-2.0
// The store of the example 07_own_store keeps the contract that ours keep.
#include "folder_store.hpp"

#include <filesystem>

#include "base/bytes.hpp"
#include "store/contract.hpp"
#include "support/catch.hpp"
#include "support/folder.hpp"

TEST_CASE("folder: the contract of a store, by one that a host supplies", "[store][example]") {
  const itinera::test::Folder folder;
  itinera::test::check_contract([&] {
    return [path = folder.file("store")] { return std::make_unique<FolderStore>(path); };
  });
}

TEST_CASE("folder: a chunk whose file is gone is damage", "[store][example]") {
  const itinera::test::Folder folder;
  FolderStore store(folder.file("store"));
  REQUIRE(store.claim(1));
  REQUIRE(store.append(itinera::base::as_bytes("one")));
  REQUIRE(store.put_chunk({"state", 1, 1}, 0, itinera::base::as_bytes("chunk")));
  REQUIRE(store.complete({"state", 1, 1}, 1));
  for (const auto& each : std::filesystem::directory_iterator(folder.file("store"))) {
    if (each.path().filename().string().starts_with("chunk-")) std::filesystem::remove(each);
  }
  const auto chunk = store.chunk({"state", 1, 1}, 0);
  REQUIRE_FALSE(chunk);
  CHECK(chunk.error().code == itinera::ErrorCode::damaged_journal);
}
