// SPDX-License-Identifier: Apache-2.0
// Snapshots beside the journal: opening from one, what of the journal may go then, and who is made
// to wait.
#include "runtime/snapshots_host.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "itinera/runtime.hpp"
#include "record/frame.hpp"
#include "support/catch.hpp"

using namespace itinera;  // NOLINT(google-build-using-namespace): a test of many of its names
using namespace itinera::test::snapshots;  // NOLINT(google-build-using-namespace)

TEST_CASE("runtime: opened from a snapshot it goes on as if it had never stopped",
          "[runtime][snapshot]") {
  Host host;
  for (int day = 0; day < 5; ++day) {
    host.day(day, 0, 10);
    REQUIRE(host.runtime->snapshot());
    CHECK(host.snapshots().front() == host.extent().durable);
    host.reopen();
    host.day(day, 10, 20);
    host.reopen();
  }
  host.end();
  CHECK(host.sink.actions == expected_actions());
  CHECK(host.snapshots().size() == 2);  // the newest, and the one before
}

TEST_CASE("runtime: what no snapshot needs of the journal goes, and nothing is missed",
          "[runtime][snapshot]") {
  Host host({.snapshot_after_bytes = 0, .journal_bytes_max = 1});
  host.day(0);
  REQUIRE(host.runtime->snapshot());
  const Position first = host.snapshots().front();
  CHECK(host.extent().truncated <= first);
  host.day(1);
  REQUIRE(host.runtime->snapshot());
  host.day(2);
  REQUIRE(host.runtime->snapshot());
  CHECK(host.extent().truncated >= first);
  CHECK(host.extent().truncated <= host.snapshots().back());
  CHECK(host.extent().truncated > 0);
  host.reopen();
  host.day(3);
  host.day(4);
  host.end();
  CHECK(host.sink.actions == expected_actions());
}

TEST_CASE("runtime: the journal is kept for as long as is said", "[runtime][snapshot]") {
  Host host({.snapshot_after_bytes = 0, .journal_age_max_ms = 10 * day_ms});
  const auto until = [&](int last) {
    for (int day = 0; day <= last; ++day) {
      if (start + day * day_ms < host.runtime->engine().now()) continue;
      host.day(day, 0, 1);
    }
    REQUIRE(host.runtime->snapshot());
  };
  until(4);
  until(9);
  CHECK(host.extent().truncated == 0);  // nothing is old enough
  until(19);
  CHECK(host.extent().truncated > 0);
  CHECK(host.extent().truncated <= host.snapshots().back());
  until(20);
  const auto kept = host.runtime->journal(host.extent().truncated, 1);
  REQUIRE(kept);
  record::FrameReader reader(kept->front().frames);
  record::Frame frame;
  REQUIRE(reader.next(frame) == record::FrameReader::Outcome::frame);
  CHECK(frame.at >= start + 9 * day_ms);
  CHECK(frame.at <= start + 10 * day_ms);
}

TEST_CASE("runtime: for a reader the journal is kept from where it stands", "[runtime][snapshot]") {
  Host host({.snapshot_after_bytes = 0, .journal_bytes_max = 1});
  CHECK(host.runtime->cursor("warehouse").value() == 0);
  host.day(0);
  std::size_t bytes = 0;
  Position at = 0;
  for (;;) {
    const auto groups = host.runtime->journal(at, 1);
    REQUIRE(groups);
    if (groups->empty()) break;
    CHECK(groups->size() == 1);
    bytes += groups->front().frames.size();
    at = groups->front().position;
    if (bytes > 1000) break;
  }
  REQUIRE(host.runtime->move_cursor("warehouse", at));
  host.reopen();
  CHECK(host.runtime->cursor("warehouse").value() == at);
  for (int day = 1; day < 4; ++day) {
    host.day(day);
    REQUIRE(host.runtime->snapshot());
  }
  CHECK(host.extent().truncated <= at);
  CHECK(host.runtime->journal(at));
  REQUIRE(host.runtime->drop_cursor("warehouse"));
  host.day(4);
  REQUIRE(host.runtime->snapshot());
  CHECK(host.extent().truncated > at);
  const auto gone = host.runtime->journal(at);
  REQUIRE(!gone);
  CHECK(gone.error().code == ErrorCode::invalid_argument);
  CHECK(host.runtime->cursor("warehouse").value() == 0);
  CHECK(!host.runtime->move_cursor("", 1));
  CHECK(!host.runtime->move_cursor("warehouse", host.extent().durable + 1));
}

TEST_CASE("runtime: a snapshot that has rotted is passed over for the one before",
          "[runtime][snapshot]") {
  Host host;
  host.day(0);
  REQUIRE(host.runtime->snapshot());
  host.day(1);
  REQUIRE(host.runtime->snapshot());
  host.between->rotten = {host.snapshots().front()};
  host.reopen();
  for (int day = 2; day < 5; ++day) host.day(day);
  host.end();
  CHECK(host.sink.actions == expected_actions());
}

TEST_CASE("runtime: nothing goes of a journal that only an unread snapshot stands for",
          "[runtime][snapshot]") {
  Host host({.snapshot_after_bytes = 0, .journal_bytes_max = 1});
  host.day(0);
  REQUIRE(host.runtime->snapshot());
  CHECK(host.extent().truncated == 0);
  host.between->rotten = {host.snapshots().front()};
  host.reopen();  // from the first group on
  host.day(1);
  REQUIRE(host.runtime->snapshot());
  CHECK(host.extent().truncated == 0);
  host.reopen();
  host.day(2);
  REQUIRE(host.runtime->snapshot());
  CHECK(host.extent().truncated <= host.snapshots().back());
  host.reopen();
  for (int day = 3; day < 5; ++day) host.day(day);
  host.end();
  CHECK(host.sink.actions == expected_actions());
}

TEST_CASE("runtime: where the one that was read has been erased, the one that stays is read first",
          "[runtime][snapshot][forget]") {
  Host host({.snapshot_after_bytes = 0, .journal_bytes_max = 1});
  host.day(0);
  REQUIRE(host.runtime->snapshot());
  host.day(1);
  const Input forget = Forget{"u0-0", {host.runtime->engine().now(), {}, {}, {}}};
  REQUIRE(host.runtime->feed({&forget, 1}, host.sink));
  const bool rots = GENERATE(false, true);
  const Position first = host.snapshots().front();
  for (Position each = 1; rots && each < 100; ++each) {
    if (each != first) host.between->rotten.insert(each);
  }
  CHECK(host.runtime->snapshot().has_value() == !rots);  // begins with one that knows who it was
  CHECK(host.snapshots().front() > first);
  CHECK((host.extent().truncated > 0) == !rots);
}

TEST_CASE("runtime: however many have rotted, the one that was read stays", "[runtime][snapshot]") {
  Host host({.snapshot_after_bytes = 0, .journal_bytes_max = 1});
  host.between->drops_one_alone = GENERATE(true, false);
  host.day(0);
  REQUIRE(host.runtime->snapshot());
  const Position good = host.snapshots().front();
  std::set<Position> rotten;
  for (int day = 1; day < 4; ++day) {
    host.day(day);
    REQUIRE(host.runtime->snapshot());
    CHECK(host.snapshots().back() == good);
    CHECK(std::ssize(host.snapshots()) == (host.between->drops_one_alone ? 2 : day + 1));
    rotten.insert(host.snapshots().front());
    host.between->rotten = rotten;
    host.reopen();
  }
  CHECK(host.extent().truncated > 0);
  host.day(4);
  host.end();
  CHECK(host.sink.actions == expected_actions());
}

TEST_CASE("runtime: snapshots come by themselves, and nobody waits for them",
          "[runtime][snapshot]") {
  Host host({.snapshot_after_bytes = 4096});
  {
    const std::lock_guard lock(host.between->mutex);
    host.between->chunks_stop = true;
  }
  host.day(0, 0, 15, false);
  {
    std::unique_lock lock(host.between->mutex);
    host.between->changed.wait(lock, [&] { return host.between->chunks_put > 0; });
  }
  host.day(0, 15, 20, false);  // returns, though the disk is busy with a piece
  {
    std::unique_lock lock(host.between->mutex);
    CHECK(host.between->completed == 0);
    host.between->chunks_stop = false;
    host.between->changed.notify_all();
    host.between->changed.wait(lock, [&] { return host.between->completed > 0; });
  }
  REQUIRE(host.runtime->commit(host.sink));
  host.reopen();
  for (int day = 1; day < 5; ++day) host.day(day);
  host.end();
  CHECK(host.sink.actions == expected_actions());
}

TEST_CASE("runtime: a snapshot that fails is told, and leaves the journal as it is",
          "[runtime][snapshot]") {
  Host host({.snapshot_after_bytes = 0, .journal_bytes_max = 1});
  host.day(0);
  host.between->chunks_fail = true;
  const Result<void> failed = host.runtime->snapshot();
  REQUIRE(!failed);
  CHECK(failed.error().message == "no room");
  CHECK(host.snapshots().empty());
  CHECK(host.extent().truncated == 0);
  host.between->chunks_fail = false;
  host.day(1);
  REQUIRE(host.runtime->snapshot());
  CHECK(host.snapshots().size() == 1);
}

TEST_CASE("runtime: closing gives up a snapshot at hand", "[runtime][snapshot]") {
  Host host({.snapshot_after_bytes = 1}, true);
  host.day(0);
  host.runtime.reset();
  CHECK(host.snapshots().empty());
  host.between->chunks_fail = false;
  host.reopen();
  for (int day = 1; day < 5; ++day) host.day(day);
  host.end();
  CHECK(host.sink.actions == expected_actions());
}

TEST_CASE("runtime: a snapshot that has rotted is replaced by one at the same place",
          "[runtime][snapshot]") {
  Host host;
  host.day(0);
  REQUIRE(host.runtime->snapshot());
  host.day(1);
  REQUIRE(host.runtime->snapshot());
  const Position newest = host.snapshots().front();
  REQUIRE(host.extent().durable == newest);
  host.between->rotten = {newest};
  host.reopen();
  const std::size_t put_before = host.between->chunks_put;
  const Result<void> again = host.runtime->snapshot();  // nothing was fed since
  if (!again) FAIL(again.error().message);
  CHECK(host.snapshots() == std::vector<Position>{newest, host.snapshots().back()});
  CHECK(host.snapshots().size() == 2);
  CHECK(host.between->chunks_put > put_before);
  host.between->rotten = {host.snapshots().back()};  // what was put anew serves
  host.reopen();
  for (int day = 2; day < 5; ++day) host.day(day);
  host.end();
  CHECK(host.sink.actions == expected_actions());
}

TEST_CASE("runtime: a snapshot drops the spare where there is one, and nothing else by name",
          "[runtime][snapshot]") {
  Host host;
  host.day(0);
  REQUIRE(host.runtime->snapshot());
  host.day(1);
  REQUIRE(host.runtime->snapshot());
  CHECK(host.between->dropped == 0);  // a whole name is cleared at once, and commits wait for it
  const Snapshot newest{"engine", host.snapshots().front(), 1};
  const Snapshot spare{"spare", newest.position, 1};
  host.runtime.reset();
  {
    const auto store = memory_store(host.disk);
    REQUIRE(store->claim(store->epoch().value() + 1));
    REQUIRE(store->put_chunk(spare, 0, store->chunk(newest, 0).value()));
    REQUIRE(store->complete(spare, 1));
  }
  host.between->drops_one_alone = GENERATE(true, false);
  host.reopen();
  host.day(2);
  REQUIRE(host.runtime->snapshot());
  CHECK(host.between->dropped == (host.between->drops_one_alone ? 0 : 1));
  const auto kept = memory_store(host.disk)->snapshots().value();
  CHECK(std::ranges::count(kept, "spare", &Snapshot::name) == 0);
}

TEST_CASE("runtime: a snapshot that rots while it runs leaves nothing uncounted behind",
          "[runtime][snapshot][forget]") {
  Host host;
  host.day(0);
  REQUIRE(host.runtime->snapshot());
  host.day(1);
  REQUIRE(host.runtime->snapshot());
  host.reopen();  // from the newest
  host.between->rotten = {host.snapshots().front()};
  host.day(2);
  const Input forget = Forget{"u0-0", {host.runtime->engine().now(), {}, {}, {}}};
  REQUIRE(host.runtime->feed({&forget, 1}, host.sink));
  CHECK(host.runtime->status()->unerased);
  REQUIRE(host.runtime->snapshot());  // from the one before
  CHECK(host.runtime->status()->bytes_since_snapshot == 0);
  CHECK_FALSE(host.runtime->status()->unerased);
  host.day(3);
  CHECK(host.runtime->status()->bytes_since_snapshot > 0);
}

TEST_CASE("runtime: status tells how far disk, sinks, snapshots and readers are behind",
          "[runtime][snapshot]") {
  Host host({.snapshot_after_bytes = 0});
  const auto status = [&](std::size_t bytes_max = 1u << 20) {
    auto told = host.runtime->status(bytes_max);
    if (!told) FAIL(told.error().message);
    return *told;
  };
  host.day(0, 0, 5);
  host.day(0, 5, 10, false);  // fed, and no sink was there
  CHECK(status().waiting_actions + status().pending_actions == 5);
  REQUIRE(host.runtime->commit(host.sink));
  CHECK(status().waiting_actions == 0);
  CHECK(status().pending_bytes == 0);
  CHECK(status().pending_actions == 0);
  CHECK(status().snapshot == 0);
  CHECK(status().journal == host.extent());
  const std::uint64_t bytes = status().bytes_since_snapshot;
  CHECK(bytes > 0);

  REQUIRE(host.runtime->snapshot());
  CHECK(status().bytes_since_snapshot == 0);
  CHECK(status().snapshot == host.extent().durable);
  CHECK(status().snapshots_made == 1);
  host.reopen();
  CHECK(status().bytes_since_snapshot == 0);

  const auto groups = host.runtime->journal(0);
  REQUIRE(groups);
  REQUIRE(groups->size() > 2);
  REQUIRE(host.runtime->move_cursor("warehouse", groups->front().position));
  REQUIRE(host.runtime->move_cursor("archive", host.extent().durable));
  REQUIRE(status().readers.size() == 2);
  CHECK(status().readers[0].name == "archive");
  CHECK(status().readers[0].groups_behind == 0);
  CHECK(status().readers[1].name == "warehouse");
  CHECK(status().readers[1].position == groups->front().position);
  CHECK(status().readers[1].groups_behind == groups->size() - 1);
  CHECK(status().readers[1].bytes_behind == bytes - groups->front().frames.size());
  CHECK(status().readers[1].counted);
  CHECK(status(1).readers[1].groups_behind == 1);
  CHECK_FALSE(status(1).readers[1].counted);
  CHECK(status(1).readers[0].counted);
  CHECK(status(0).readers[1].bytes_behind == 0);
}

TEST_CASE("runtime: while a snapshot is under way the status says so", "[runtime][snapshot]") {
  Host idle;
  CHECK_FALSE(idle.runtime->status().value().snapshot_under_way);
  Host host({.snapshot_after_bytes = 1});
  bool was_seen = false;
  for (int day = 0; day < 200 && !was_seen; ++day) {
    host.day(day);
    was_seen = host.runtime->status().value().snapshot_under_way;
  }
  CHECK(was_seen);
  REQUIRE(host.runtime->snapshot());
  CHECK_FALSE(host.runtime->status().value().snapshot_under_way);
}

TEST_CASE("runtime: a snapshot that nobody asked for and that failed is heard of in the status",
          "[runtime][snapshot]") {
  Host host({.snapshot_after_bytes = 4096});
  {
    const std::lock_guard lock(host.between->mutex);
    host.between->chunks_fail = true;
  }
  const auto failed = [&] { return host.runtime->status().value().snapshots_failed > 0; };
  for (int day = 0; day < 200 && !failed(); ++day) host.day(day);
  const RuntimeStatus status = host.runtime->status().value();
  CHECK(status.snapshots_failed > 0);
  REQUIRE(status.snapshot_error);
  CHECK(status.snapshot_error->code == ErrorCode::io_failed);
  CHECK(status.snapshots_made == 0);
  CHECK(status.bytes_since_snapshot > 4096);
  {
    const std::lock_guard lock(host.between->mutex);
    host.between->chunks_fail = false;
  }
  REQUIRE(host.runtime->snapshot());
  CHECK_FALSE(host.runtime->status().value().snapshot_error);
  CHECK(host.runtime->status().value().bytes_since_snapshot == 0);
}
