// SPDX-License-Identifier: Apache-2.0
// Who was forgotten is nowhere in the store: not in the file, not beside it, not in what comes out
// of it again.
#include "runtime/erasing_host.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/bytes.hpp"
#include "itinera/runtime.hpp"
#include "runtime/eraser.hpp"
#include "support/catch.hpp"
#include "support/folder.hpp"
#include "support/pieces.hpp"

using namespace itinera;  // NOLINT(google-build-using-namespace): a test of many of its names
using namespace itinera::test::erasing;  // NOLINT(google-build-using-namespace)

TEST_CASE("erase: of who was forgotten not a byte stays in the file", "[runtime][forget]") {
  const test::Folder folder;
  const std::string path = folder.file("shop.itinera");
  Shop host(open_sqlite_store(path).value());
  for (const char* const name : {"zoltan", "yolanda", "xavier"}) host.lives(name);
  REQUIRE(host.runtime->snapshot());
  const std::vector<ActionId> of_yolanda = host.of(1);
  host.lives("walther");
  REQUIRE(host.runtime->snapshot());  // both generations know everybody

  SECTION("nobody was forgotten") {
    CHECK_FALSE(host.runtime->status()->unerased);
    REQUIRE(host.runtime->erase());
    CHECK(traces(raw(path), "yolanda", of_yolanda) == 5);  // the name, and both halves of ids
  }
  SECTION("somebody was") {
    host.forget("yolanda");
    host.open(open_sqlite_store(path).value());
    const auto before = test::pieces_of(host.runtime->engine());
    CHECK(host.runtime->status()->unerased);
    CHECK(traces(raw(path), "yolanda", of_yolanda) == 5);
    REQUIRE(host.runtime->erase());
    CHECK_FALSE(host.runtime->status()->unerased);
    CHECK(traces(raw(path), "yolanda", of_yolanda) == 0);
    CHECK(traces(decoded(*open_sqlite_store(path).value()), "yolanda", of_yolanda) == 0);
    CHECK(traces(raw(path), "zoltan", host.of(0)) == 5);

    // Those who stay are what they were, from the snapshot and from the first frame on.
    host.open(open_sqlite_store(path).value());
    CHECK((test::pieces_of(host.runtime->engine()) == before));
    CHECK_FALSE(host.runtime->status()->unerased);
    host.runtime.reset();
    const auto store = open_sqlite_store(path).value();
    base::Bytes journal;
    const auto groups = store->read(0, 1u << 30).value();
    for (const JournalGroup& group : groups) {
      journal.insert(journal.end(), group.frames.begin(), group.frames.end());
    }
    const auto replayed = Engine::restore(journal, options());
    REQUIRE(replayed);
    CHECK((test::pieces_of(*replayed) == before));
  }
  SECTION("somebody was, and comes back") {
    host.forget("yolanda");
    host.lives("yolanda");
    REQUIRE(host.runtime->erase());
    CHECK(traces(raw(path), "yolanda", {}) == 1);
    CHECK(traces(raw(path), "yolanda", of_yolanda) == 1);
    host.forget("yolanda");
    REQUIRE(host.runtime->erase());
    CHECK(traces(raw(path), "yolanda", {}) == 0);
  }
  SECTION("the host is gone before it was erased") {
    host.forget("yolanda");
    host.open(open_sqlite_store(path).value());
    CHECK(host.runtime->status()->unerased);
    REQUIRE(host.runtime->erase());
    CHECK(traces(raw(path), "yolanda", of_yolanda) == 0);
  }
}

TEST_CASE("erase: begins by itself a day later, and with any snapshot", "[runtime][forget]") {
  const auto disk = memory_disk();
  Shop host(memory_store(disk));
  host.lives("yolanda");
  host.forget("yolanda");
  const auto left = [&] { return traces(decoded(*memory_store(disk)), "yolanda", {}); };
  CHECK(left() > 0);
  SECTION("a day later") {
    host.now = host.now + day_ms;
    host.lives("xavier");
    for (int i = 0; i < 10'000 && host.runtime->status()->unerased; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    CHECK(left() == 0);
  }
  SECTION("with a snapshot") {
    REQUIRE(host.runtime->snapshot());
    CHECK(left() == 0);
    CHECK_FALSE(host.runtime->status()->unerased);
  }
}

TEST_CASE("erase: what failed is tried again a day later", "[runtime][forget]") {
  const auto disk = memory_disk();
  const auto good = std::make_shared<int>(0);
  Shop host(std::make_unique<FailingStore>(memory_store(disk), good));
  const auto wait_for = [&](const auto& condition) {
    for (int i = 0; i < 10'000 && !condition(*host.runtime->status()); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    REQUIRE(condition(*host.runtime->status()));
  };
  host.lives("yolanda");
  host.forget("yolanda");
  host.now = host.now + day_ms;
  host.lives("xavier");
  wait_for([](const RuntimeStatus& status) {
    return status.erase_error.has_value() && !status.snapshot_under_way;
  });
  *good = 1'000;
  host.lives("walther");
  CHECK(host.runtime->status()->snapshots_made == 1);  // not before a day has gone by
  host.now = host.now + day_ms;
  host.lives("victor");
  wait_for([](const RuntimeStatus& status) { return !status.unerased; });
  CHECK(traces(decoded(*memory_store(disk)), "yolanda", host.of(0)) == 0);
}

TEST_CASE("erase: goes on where it was interrupted", "[runtime][forget]") {
  const auto disk = memory_disk();
  const auto good = std::make_shared<int>(0);
  const auto store = [&] { return std::make_unique<FailingStore>(memory_store(disk), good); };
  Shop host(store());
  for (const char* const name : {"zoltan", "yolanda", "xavier"}) host.lives(name);
  host.forget("yolanda");
  *good = GENERATE(0, 1, 2, 3);
  const Result<void> erased = host.runtime->erase();
  REQUIRE_FALSE(erased);
  CHECK(erased.error().message == "not this one");
  CHECK(host.runtime->status()->unerased);
  REQUIRE(host.runtime->status()->erase_error);
  CHECK_FALSE(host.runtime->status()->snapshot_error);
  *good = 1'000;
  if (GENERATE(false, true)) host.open(store());
  REQUIRE(host.runtime->erase());
  CHECK(traces(decoded(*memory_store(disk)), "yolanda", host.of(1)) == 0);
  CHECK(traces(decoded(*memory_store(disk)), "xavier", host.of(2)) == 5);
  // Nothing of how it was done stays either.
  const auto snapshots = memory_store(disk)->snapshots().value();
  for (const Snapshot& each : snapshots) {
    CHECK(each.name != "erasing");
  }
  REQUIRE(memory_store(disk)->claim(99));
}

TEST_CASE("erase: is not over before the file was wiped, though the groups be gone by then",
          "[runtime][forget]") {
  const auto disk = memory_disk();
  const auto wiping = std::make_shared<Wiping>();
  wiping->busy = true;
  Shop host(std::make_unique<WipedStore>(memory_store(disk), wiping),
            {.snapshot_after_bytes = 0, .journal_bytes_max = 1});
  host.lives("yolanda");
  host.forget("yolanda");
  REQUIRE(host.runtime->snapshot());
  CHECK(host.runtime->status()->unerased);
  const Position forgotten = memory_store(disk)->extent()->durable;
  host.lives("xavier");
  REQUIRE(host.runtime->snapshot());
  REQUIRE(memory_store(disk)->extent()->truncated >= forgotten);
  host.lives("walther");
  const int wipes = wiping->wipes;
  REQUIRE(host.runtime->snapshot());
  CHECK(wiping->wipes == wipes + 1);
  CHECK(host.runtime->status()->unerased);
  wiping->busy = false;
  REQUIRE(host.runtime->erase());
  CHECK_FALSE(host.runtime->status()->unerased);
}

TEST_CASE("erase: nobody waits for it where nobody was forgotten", "[runtime][forget]") {
  const auto disk = memory_disk();
  const auto wiping = std::make_shared<Wiping>();
  Shop host(std::make_unique<WipedStore>(memory_store(disk), wiping));
  for (const char* const name : {"zoltan", "yolanda", "xavier"}) {
    host.lives(name);
    REQUIRE(host.runtime->snapshot());
    host.open(std::make_unique<WipedStore>(memory_store(disk), wiping));
    REQUIRE(host.runtime->snapshot());
  }
  CHECK(wiping->wipes == 0);
}

TEST_CASE("erase: a store that cannot do it lets go of its journal all the same",
          "[runtime][forget]") {
  const auto disk = memory_disk();
  Shop host(std::make_unique<FailingStore>(memory_store(disk), std::make_shared<int>(0)),
            {.snapshot_after_bytes = 0, .journal_bytes_max = 1});
  host.lives("zoltan");
  REQUIRE(host.runtime->snapshot());
  host.lives("yolanda");
  host.forget("yolanda");
  const Position forgotten = memory_store(disk)->extent()->durable;
  REQUIRE(host.runtime->snapshot());
  REQUIRE(host.runtime->status()->erase_error);
  const auto all = memory_store(disk)->snapshots().value();
  for (const Snapshot& each : all) CHECK_FALSE(each.name.starts_with("eras"));
  host.open(std::make_unique<FailingStore>(memory_store(disk), std::make_shared<int>(0)));
  CHECK(host.runtime->status()->unerased);
  for (const char* const name : {"xavier", "walther", "victor"}) {
    host.lives(name);
    REQUIRE(host.runtime->snapshot());
  }
  // With the groups that spoke of them all is gone.
  CHECK(memory_store(disk)->extent()->truncated >= forgotten);
  CHECK_FALSE(host.runtime->status()->unerased);
  CHECK(traces(decoded(*memory_store(disk)), "yolanda", host.of(1)) == 0);
}

TEST_CASE("erase: interrupted, there are two snapshots to go on from", "[runtime][forget]") {
  const auto disk = memory_disk();
  const auto good = std::make_shared<int>(1'000);
  const auto store = [&] { return std::make_unique<FailingStore>(memory_store(disk), good); };
  Shop host(store());
  host.lives("zoltan");
  host.visits("visitor-yolanda", {});
  REQUIRE(host.runtime->snapshot());  // knows the visitor
  host.lives("yolanda");
  host.lives("xavier");
  host.forget("yolanda");
  *good = GENERATE(0, 2, 4);
  REQUIRE_FALSE(host.runtime->erase());
  const auto two = memory_store(disk)->snapshots().value();
  const Position end = memory_store(disk)->extent()->durable;
  CHECK(std::ranges::count_if(two, [end](const Snapshot& each) {
          return each.position == end && (each.name == "engine" || each.name == "spare");
        }) == 2);
  host.open(store());
  const test::Pieces expected = test::pieces_of(host.runtime->engine());
  host.runtime.reset();
  {
    // The newest has rotted.
    const auto mender = memory_store(disk);
    REQUIRE(mender->claim(mender->epoch().value() + 1));
    const auto snapshots = mender->snapshots().value();
    const auto newest = std::ranges::find(snapshots, "engine", &Snapshot::name);
    REQUIRE(newest != snapshots.end());
    REQUIRE(mender->drop_one(*newest));
  }
  *good = 1'000;
  host.open(store());
  CHECK((test::pieces_of(host.runtime->engine()) == expected));
  REQUIRE(host.runtime->erase());
  CHECK(traces(decoded(*memory_store(disk)), "yolanda", host.of(1)) == 0);
  // The one beside it goes when there is another.
  host.lives("walther");
  REQUIRE(host.runtime->snapshot());
  const auto kept = memory_store(disk)->snapshots().value();
  CHECK(std::ranges::count(kept, "spare", &Snapshot::name) == 0);
}

TEST_CASE("erase: leaves no snapshot that needs a group which was replaced", "[runtime][forget]") {
  const auto disk = memory_disk();
  const auto good = std::make_shared<int>(0);
  Shop host(std::make_unique<FailingStore>(memory_store(disk), good));
  host.lives("yolanda");
  host.forget("yolanda");
  REQUIRE(host.runtime->snapshot());  // knows nothing of her, and is not the newest for long
  CHECK(host.runtime->status()->unerased);
  *good = 1'000;
  host.lives("zoltan");
  REQUIRE(host.runtime->snapshot());
  CHECK_FALSE(host.runtime->status()->unerased);
  const Position end = memory_store(disk)->extent()->durable;
  const auto all = memory_store(disk)->snapshots().value();
  int engines = 0;
  for (const Snapshot& each : all) {
    if (each.name != "engine" && each.name != "spare") continue;
    CHECK(each.position == end);
    ++engines;
  }
  CHECK(engines == 2);
}

TEST_CASE("erase: a journal in which somebody is always forgotten goes all the same",
          "[runtime][forget][retention]") {
  const auto disk = memory_disk();
  Shop host(memory_store(disk), {.snapshot_after_bytes = 0, .journal_bytes_max = 1});
  for (const char* const name : {"yolanda", "zoltan", "xavier"}) {
    host.lives(name);
    host.forget(name);
    REQUIRE(host.runtime->snapshot());
  }
  CHECK(memory_store(disk)->extent()->truncated > 0);
  host.open(memory_store(disk));
}

TEST_CASE("erase: who is forgotten while it erases waits for the next snapshot",
          "[runtime][forget]") {
  const auto disk = memory_disk();
  Shop host(std::make_unique<FailingStore>(memory_store(disk), std::make_shared<int>(0)));
  host.lives("yolanda");
  host.lives("xavier");
  host.forget("xavier");
  REQUIRE_FALSE(host.runtime->erase());
  const auto store = memory_store(disk);
  const runtime::UseStore use = [&store](const auto& work) { return work(*store); };
  const auto recovered = runtime::recover(use, options(), [] { return true; });
  REQUIRE(recovered);
  host.forget("yolanda");
  host.runtime.reset();
  REQUIRE(store->claim(store->epoch().value() + 1));
  REQUIRE(runtime::erase_forgotten(use, *recovered, [] { return true; }));
  const auto all = store->snapshots().value();
  CHECK(std::ranges::count(all, "engine", &Snapshot::name) == 1);
  CHECK(traces(decoded(*store), "xavier", host.of(1)) == 0);
  host.open(memory_store(disk));
  REQUIRE(host.runtime->erase());
  CHECK(traces(decoded(*memory_store(disk)), "yolanda", host.of(0)) == 0);
}

TEST_CASE("erase: spares whoever comes to a place that somebody had", "[runtime][forget]") {
  const auto disk = memory_disk();
  Shop host(memory_store(disk));
  host.lives("zoltan");
  host.visits("visitor-yolanda", {{"page", "page-yolanda"}});
  host.lives("yolanda");
  host.visits("visitor-xavier", {{"page", "long-ago"}});
  host.forget("yolanda");
  host.lives("xavier");  // takes a place that was hers, and is the visitor of before
  host.forget("zoltan");
  REQUIRE(decoded(*memory_store(disk)).find("long-ago") != std::string::npos);
  const test::Pieces expected = replayed(*memory_store(disk));
  REQUIRE(host.runtime->erase());
  CHECK(traces(decoded(*memory_store(disk)), "yolanda", host.of(1)) == 0);
  CHECK((replayed(*memory_store(disk)) == expected));
}

TEST_CASE("erase: a device goes with whom it belongs to in the end", "[runtime][forget]") {
  const auto disk = memory_disk();
  Shop host(memory_store(disk));
  host.visits("visitor-yolanda", {});
  host.visits("visitor-xavier", {});
  host.identifies("xavier", "visitor-yolanda", host.now);
  host.identifies("yolanda", "visitor-xavier", host.now);
  // Who was identified before, as it turns out, has the device.
  host.identifies("yolanda", "visitor-yolanda", start);
  host.identifies("xavier", "visitor-xavier", start);
  host.forget("yolanda");
  const test::Pieces expected = replayed(*memory_store(disk));
  REQUIRE(host.runtime->erase());
  CHECK(traces(decoded(*memory_store(disk)), "yolanda", {}) == 0);
  CHECK(decoded(*memory_store(disk)).find("visitor-xavier") != std::string::npos);
  CHECK((replayed(*memory_store(disk)) == expected));
}

TEST_CASE("erase: also where the journal's beginning is gone", "[runtime][forget]") {
  const auto disk = memory_disk();
  Shop host(memory_store(disk), {.snapshot_after_bytes = 0, .journal_bytes_max = 1});
  host.lives("zoltan");
  host.lives("yolanda");
  REQUIRE(host.runtime->move_cursor("warehouse", memory_store(disk)->extent()->durable - 2));
  REQUIRE(host.runtime->snapshot());
  REQUIRE(host.runtime->snapshot());
  host.now = host.now + day_ms;
  host.lives("xavier");
  REQUIRE(host.runtime->advance_to(host.now + 21 * day_ms, host.sink));
  host.forget("yolanda");
  REQUIRE(host.runtime->snapshot());
  REQUIRE(memory_store(disk)->extent()->truncated > 0);
  REQUIRE(memory_store(disk)->extent()->durable > memory_store(disk)->extent()->truncated + 5);
  CHECK(traces(decoded(*memory_store(disk)), "yolanda", host.of(1)) == 0);
  CHECK(traces(decoded(*memory_store(disk)), "xavier", {}) > 0);
  host.open(memory_store(disk));
}

TEST_CASE("erase: while the store is cleared, commits have their turn", "[runtime][forget]") {
  const auto disk = memory_disk();
  const auto parts = std::make_shared<Parts>();
  Shop host(std::make_unique<PartsStore>(memory_store(disk), parts));
  host.lives("yolanda");
  host.forget("yolanda");
  host.now = host.now + day_ms;
  for (int i = 0; i < 1'000 && host.runtime->status()->unerased; ++i) {
    host.visits("visitor-" + std::to_string(i), {{"page", "one"}});
  }
  CHECK(parts->cleared > 0);
  CHECK(parts->was_let_in);
  CHECK_FALSE(host.runtime->status()->unerased);
}

TEST_CASE("erase: with another salt where that of an interrupted one has rotted",
          "[runtime][forget]") {
  const auto disk = memory_disk();
  const auto good = std::make_shared<int>(0);
  Shop host(std::make_unique<FailingStore>(memory_store(disk), good));
  for (const char* const name : {"zoltan", "yolanda", "xavier"}) host.lives(name);
  host.forget("yolanda");
  const test::Pieces expected = replayed(*memory_store(disk));
  *good = GENERATE(0, 1, 2, 3);
  REQUIRE_FALSE(host.runtime->erase());
  host.open(std::make_unique<UnsaltedStore>(memory_store(disk)));
  const Result<void> erased = host.runtime->erase();
  if (!erased) FAIL(erased.error().message);
  CHECK(traces(decoded(*memory_store(disk)), "yolanda", host.of(1)) == 0);
  CHECK(traces(decoded(*memory_store(disk)), "xavier", host.of(2)) == 5);
  CHECK((replayed(*memory_store(disk)) == expected));
}
