// SPDX-License-Identifier: Apache-2.0
// The store of the example 07_own_store keeps the contract that ours keep.
#include "folder_store.hpp"

#include "store/contract.hpp"
#include "support/catch.hpp"
#include "support/folder.hpp"

TEST_CASE("folder: the contract of a store, by one that a host supplies", "[store][example]") {
  const itinera::test::Folder folder;
  itinera::test::check_contract([&] {
    return [path = folder.file("store")] { return std::make_unique<FolderStore>(path); };
  });
}
