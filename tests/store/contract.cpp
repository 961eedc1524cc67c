// SPDX-License-Identifier: Apache-2.0
#include "store/contract.hpp"

#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "support/catch.hpp"

namespace itinera::test {
namespace {

using base::as_bytes;
using base::as_text;
using Strings = std::vector<std::string>;

constexpr std::size_t everything = 1u << 30;

// "1:one 2:two": what lies behind `after`.
std::string read(Store& store, Position after = 0, std::size_t bytes_max = everything) {
  const auto groups = store.read(after, bytes_max);
  if (!groups) return std::string(name_of(groups.error().code));
  std::string text;
  for (const JournalGroup& group : *groups) {
    if (!text.empty()) text += ' ';
    text += std::to_string(group.position) + ":" + std::string(as_text(group.frames));
  }
  return text;
}

std::string snapshots(Store& store) {
  std::string text;
  const std::vector<Snapshot> complete = store.snapshots().value();
  for (const Snapshot& one : complete) {
    text += one.name + "@" + std::to_string(one.position) + "x" + std::to_string(one.chunks) + " ";
  }
  return text;
}

void put(Store& store, const Snapshot& snapshot, const Strings& chunks,
         std::uint32_t generations = 1) {
  for (std::uint32_t number = 0; number < chunks.size(); ++number) {
    REQUIRE(store.put_chunk(snapshot, number, as_bytes(chunks[number])));
  }
  REQUIRE(store.complete(snapshot, generations));
}

template <class T>
std::string code_of(const Result<T>& result) {
  return result ? "" : std::string(name_of(result.error().code));
}

void check_journal(Store& store, const Opener& open) {
  SECTION("groups are read as they were appended, from where one likes") {
    CHECK(store.extent().value() == Extent{});
    CHECK(read(store).empty());
    REQUIRE(store.append(as_bytes("one")).value() == 1);
    REQUIRE(store.append(as_bytes("two")).value() == 2);
    REQUIRE(store.append(as_bytes(std::string("thr\0e", 5))).value() == 3);
    CHECK(store.extent().value() == Extent{0, 3});
    CHECK(read(store, 0) == std::string("1:one 2:two 3:thr\0e", 19));
    CHECK(read(store, 2) == std::string("3:thr\0e", 7));
    CHECK(read(store, 3).empty());
    CHECK(read(store, 4).empty());
    CHECK(read(store, ~Position{0}).empty());
    CHECK(read(*open()) == read(store));
  }
  SECTION("a read is bounded by bytes, and never empty for it") {
    for (const char* text : {"four", "five", "sixsix"}) REQUIRE(store.append(as_bytes(text)));
    CHECK(read(store, 0, 0) == "1:four");
    CHECK(read(store, 0, 7) == "1:four");
    CHECK(read(store, 0, 8) == "1:four 2:five");
    CHECK(read(store, 1, 9) == "2:five");
    CHECK(read(store, 1, 10) == "2:five 3:sixsix");
  }
  SECTION("a group has bytes") {
    CHECK(code_of(store.append({})) == "invalid_argument");
    CHECK(store.extent().value() == Extent{});
  }
  SECTION("a group is replaced where it stands") {
    for (const char* text : {"one", "two", "three"}) REQUIRE(store.append(as_bytes(text)));
    REQUIRE(store.replace(2, as_bytes("another")));
    CHECK(read(store) == "1:one 2:another 3:three");
    REQUIRE(store.replace(2, as_bytes(std::string(100'000, 'x'))));
    CHECK(code_of(store.replace(2, {})) == "invalid_argument");
    REQUIRE(store.replace(2, as_bytes("2")));
    CHECK(code_of(store.replace(0, as_bytes("no"))) == "invalid_argument");
    CHECK(code_of(store.replace(4, as_bytes("no"))) == "invalid_argument");
    REQUIRE(store.wipe());
    REQUIRE(store.append(as_bytes("four")).value() == 4);
    CHECK(read(store) == "1:one 2:2 3:three 4:four");
    CHECK(read(*open()) == read(store));
  }
  SECTION("a large group comes back whole") {
    const std::string large(3'000'000, 'x');
    REQUIRE(store.append(as_bytes(large)));
    REQUIRE(store.append(as_bytes("next")));
    CHECK(read(*open(), 0) == "1:" + large + " 2:next");
  }
}

void check_owners(Store& first, const Opener& open) {
  REQUIRE(first.append(as_bytes("one")));
  const auto second = open();
  SECTION("who claims nothing reads, and writes nothing") {
    CHECK(second->epoch().value() == 1);
    CHECK(read(*second) == "1:one");
    CHECK(code_of(second->append(as_bytes("no"))) == "invalid_argument");
    CHECK(code_of(second->truncate(0)) == "invalid_argument");
    CHECK(code_of(second->put_chunk({"a", 1, 1}, 0, as_bytes("no"))) == "invalid_argument");
    CHECK(code_of(second->complete({"a", 1, 0}, 1)) == "invalid_argument");
    CHECK(code_of(second->drop("a")) == "invalid_argument");
    CHECK(code_of(second->drop_one({"a", 1, 0})) == "invalid_argument");
    CHECK(code_of(second->replace(1, as_bytes("no"))) == "invalid_argument");
    REQUIRE(first.append(as_bytes("two")));
    CHECK(read(*second) == "1:one 2:two");
  }
  SECTION("a newer owner fences the older one off") {
    REQUIRE(second->claim(7));
    CHECK(code_of(first.append(as_bytes("no"))) == "fenced");
    CHECK(code_of(first.truncate(0)) == "fenced");
    CHECK(code_of(first.put_chunk({"a", 1, 1}, 0, as_bytes("no"))) == "fenced");
    CHECK(code_of(first.complete({"a", 1, 0}, 1)) == "fenced");
    CHECK(code_of(first.drop("a")) == "fenced");
    CHECK(code_of(first.drop_one({"a", 1, 0})) == "fenced");
    CHECK(code_of(first.replace(1, as_bytes("no"))) == "fenced");
    REQUIRE(second->append(as_bytes("two")).value() == 2);
    CHECK(read(first) == "1:one 2:two");
    CHECK(first.epoch().value() == 7);
    REQUIRE(first.claim(8));
    CHECK(code_of(second->append(as_bytes("no"))) == "fenced");
    REQUIRE(first.append(as_bytes("three")).value() == 3);
  }
  SECTION("an epoch is claimed once") {
    CHECK(code_of(second->claim(1)) == "fenced");
    CHECK(code_of(second->claim(0)) == "fenced");
    CHECK(code_of(second->claim(Store::epoch_max + 1)) == "invalid_argument");
    REQUIRE(first.append(as_bytes("two")));
    REQUIRE(second->claim(Store::epoch_max));
    CHECK(code_of(first.append(as_bytes("no"))) == "fenced");
  }
}

void check_snapshots(Store& store, const Opener& open) {
  for (const char* text : {"1", "2", "3", "4"}) REQUIRE(store.append(as_bytes(text)));
  const Snapshot state{"state", 2, 3};
  SECTION("a snapshot counts when it is complete, whatever was appended meanwhile") {
    REQUIRE(store.put_chunk(state, 1, as_bytes("old")));
    REQUIRE(store.put_chunk(state, 0, as_bytes("a")));
    REQUIRE(store.append(as_bytes("5")));
    REQUIRE(store.put_chunk(state, 1, as_bytes("b")));
    CHECK(code_of(store.complete(state, 1)) == "invalid_argument");
    CHECK(snapshots(store).empty());
    CHECK(code_of(store.chunk(state, 0)) == "invalid_argument");
    REQUIRE(store.put_chunk(state, 2, {}));
    REQUIRE(store.complete(state, 1));
    REQUIRE(store.complete(state, 1));
    CHECK(snapshots(store) == "state@2x3 ");
    const auto other = open();
    CHECK(snapshots(*other) == "state@2x3 ");
    CHECK(as_text(other->chunk(state, 0).value()) == "a");
    CHECK(as_text(other->chunk(state, 1).value()) == "b");
    CHECK(other->chunk(state, 2).value().empty());
    CHECK(code_of(other->chunk(state, 3)) == "invalid_argument");
    CHECK(code_of(store.put_chunk(state, 1, as_bytes("c"))) == "invalid_argument");
  }
  SECTION("of a name the newest generations stay") {
    put(store, {"state", 1, 1}, {"a"}, 2);
    put(store, {"state", 2, 2}, {"b", "c"}, 2);
    put(store, {"fold", 2, 1}, {"f"}, 1);
    CHECK(snapshots(store) == "fold@2x1 state@2x2 state@1x1 ");
    REQUIRE(store.put_chunk({"state", 3, 1}, 0, as_bytes("unfinished")));
    put(store, {"state", 4, 1}, {"d"}, 2);
    CHECK(snapshots(store) == "fold@2x1 state@4x1 state@2x2 ");
    CHECK(code_of(store.complete({"state", 3, 1}, 2)) == "invalid_argument");
    CHECK(as_text(store.chunk({"state", 2, 2}, 1).value()) == "c");
    put(store, {"state", 3, 1}, {"e"}, 1);
    CHECK(snapshots(store) == "fold@2x1 state@4x1 ");
    REQUIRE(store.drop("state"));
    REQUIRE(store.drop("nobody"));
    CHECK(snapshots(store) == "fold@2x1 ");
    CHECK(code_of(store.chunk({"state", 4, 1}, 0)) == "invalid_argument");
    put(store, {"state", 4, 1}, {"again"}, 1);
    CHECK(as_text(store.chunk({"state", 4, 1}, 0).value()) == "again");
  }
  SECTION("one of several goes, and may be put anew") {
    put(store, {"state", 1, 1}, {"a"}, 2);
    put(store, {"state", 2, 2}, {"b", "c"}, 2);
    REQUIRE(store.drop_one({"state", 2, 2}));
    REQUIRE(store.drop_one({"state", 3, 1}));  // there is none
    REQUIRE(store.drop_one({"fold", 1, 1}));
    CHECK(snapshots(store) == "state@1x1 ");
    CHECK(as_text(store.chunk({"state", 1, 1}, 0).value()) == "a");
    CHECK(code_of(store.chunk({"state", 2, 2}, 0)) == "invalid_argument");
    put(store, {"state", 2, 1}, {"d"}, 2);
    CHECK(snapshots(store) == "state@2x1 state@1x1 ");
    CHECK(as_text(store.chunk({"state", 2, 1}, 0).value()) == "d");
    CHECK(code_of(store.chunk({"state", 2, 1}, 1)) == "invalid_argument");
  }
  SECTION("a cursor is a snapshot of nothing") {
    put(store, {"warehouse", 1, 0}, {});
    put(store, {"warehouse", 3, 0}, {});
    CHECK(snapshots(store) == "warehouse@3x0 ");
  }
  SECTION("what an owner left unfinished goes with it") {
    REQUIRE(store.put_chunk(state, 0, as_bytes("a")));
    const auto second = open();
    REQUIRE(second->claim(2));
    CHECK(code_of(second->complete({"state", 2, 1}, 1)) == "invalid_argument");
    put(*second, {"state", 2, 1}, {"b"});
    CHECK(as_text(second->chunk({"state", 2, 1}, 0).value()) == "b");
  }
  SECTION("bounds") {
    CHECK(code_of(store.put_chunk({"", 1, 1}, 0, {})) == "invalid_argument");
    CHECK(code_of(store.put_chunk({std::string(65, 'x'), 1, 1}, 0, {})) == "invalid_argument");
    CHECK(code_of(store.put_chunk({"a", 5, 1}, 0, {})) == "invalid_argument");
    CHECK(code_of(store.put_chunk({"a", 1, 1}, 1, {})) == "invalid_argument");
    CHECK(code_of(store.put_chunk({"a", 1, Store::chunks_max + 1}, 0, {})) == "invalid_argument");
    const std::vector<std::byte> large(Store::chunk_bytes_max + 1);
    CHECK(code_of(store.put_chunk({"a", 1, 1}, 0, large)) == "invalid_argument");
    CHECK(code_of(store.complete({"a", 5, 0}, 1)) == "invalid_argument");
    CHECK(snapshots(store).empty());
    put(store, {std::string(64, 'x'), 0, 0}, {});
  }
}

void check_truncation(Store& store, const Opener& open) {
  for (const char* text : {"1", "2", "3", "4"}) REQUIRE(store.append(as_bytes(text)));
  SECTION("nothing is forgotten that a snapshot needs, or that none stands for") {
    CHECK(code_of(store.truncate(1)) == "invalid_argument");
    CHECK(store.truncate(0));
    put(store, {"state", 3, 1}, {"s"});
    put(store, {"warehouse", 2, 0}, {});
    CHECK(code_of(store.truncate(3)) == "invalid_argument");
    REQUIRE(store.truncate(2));
    CHECK(store.extent().value() == Extent{2, 4});
    CHECK(read(store, 2) == "3:3 4:4");
    CHECK(read(store, 1) == "invalid_argument");
    CHECK(read(*open(), 2) == "3:3 4:4");
    CHECK(code_of(store.put_chunk({"late", 1, 1}, 0, {})) == "invalid_argument");
    REQUIRE(store.truncate(1));
    CHECK(store.extent().value() == Extent{2, 4});
  }
  SECTION("a journal that was forgotten to its end goes on counting") {
    put(store, {"state", 4, 1}, {"s"});
    CHECK(code_of(store.truncate(5)) == "invalid_argument");
    REQUIRE(store.truncate(4));
    CHECK(store.extent().value() == Extent{4, 4});
    CHECK(read(store, 4).empty());
    const auto other = open();
    REQUIRE(other->claim(2));
    REQUIRE(other->append(as_bytes("5")).value() == 5);
    CHECK(read(*other, 4) == "5:5");
  }
}

}  // namespace

void check_contract(const NewPlace& place) {
  const Opener open = place();
  const auto store = open();
  CHECK(store->epoch().value() == 0);
  REQUIRE(store->claim(1));
  CHECK(store->epoch().value() == 1);
  check_journal(*store, open);
  SECTION("owners") { check_owners(*store, open); }
  SECTION("snapshots") { check_snapshots(*store, open); }
  SECTION("truncation") { check_truncation(*store, open); }
}

}  // namespace itinera::test
