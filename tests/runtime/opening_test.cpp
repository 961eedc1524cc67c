// SPDX-License-Identifier: Apache-2.0
// Who opens a store beside an owner that goes on, and what stands in for what cannot be read.
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "itinera/runtime.hpp"
#include "itinera/store_wrapper.hpp"
#include "runtime/no_threads.hpp"
#include "runtime/snapshots_host.hpp"
#include "support/catch.hpp"
#include "support/pieces.hpp"

using namespace itinera;  // NOLINT(google-build-using-namespace): a test of many of its names
using namespace itinera::test::snapshots;  // NOLINT(google-build-using-namespace)

namespace {

// Says so when it is about to be claimed, and gives no chunk of some snapshots.
struct Story {
  std::function<void()> before_claim = [] {};
  std::set<Position> not_given;
  ErrorCode why = ErrorCode::io_failed;
};

class ToldStore final : public StoreWrapper {
 public:
  ToldStore(std::unique_ptr<Store> inner, std::shared_ptr<Story> story)
      : StoreWrapper(std::move(inner)), story_(std::move(story)) {}
  Result<void> claim(std::uint64_t epoch) override {
    story_->before_claim();
    return StoreWrapper::claim(epoch);
  }
  Result<std::vector<std::byte>> chunk(const Snapshot& snapshot, std::uint32_t number) override {
    if (story_->not_given.contains(snapshot.position)) return Error{story_->why, "not this one"};
    return StoreWrapper::chunk(snapshot, number);
  }

 private:
  std::shared_ptr<Story> story_;
};

Result<Runtime> open_beside(const Host& host, const std::shared_ptr<Story>& story,
                            const EngineOptions& how = options()) {
  return Runtime::open(std::make_unique<ToldStore>(memory_store(host.disk), story), how);
}

}  // namespace

TEST_CASE("runtime: who cannot open a store takes it from nobody", "[runtime][restore]") {
  Host host({.snapshot_after_bytes = 0, .journal_bytes_max = 1});
  const auto story = std::make_shared<Story>();
  for (int day = 0; day < 3; ++day) {
    host.day(day);
    REQUIRE(host.runtime->snapshot());
  }
  REQUIRE(host.extent().truncated > 0);
  const auto code = [&](const EngineOptions& how = options()) {
    const auto opened = open_beside(host, story, how);
    REQUIRE_FALSE(opened);
    return opened.error().code;
  };
  SECTION("without zones") { CHECK(code({}) == ErrorCode::invalid_argument); }
  SECTION("without a snapshot that can be read") {
    for (const Position each : host.snapshots()) story->not_given.insert(each);
    story->why = ErrorCode::damaged_journal;
    CHECK(code() == ErrorCode::damaged_journal);
  }
  SECTION("with one of a newer format") {
    story->not_given = {host.snapshots().front()};
    story->why = ErrorCode::unsupported_version;
    CHECK(code() == ErrorCode::unsupported_version);
  }
  SECTION("without a thread") {
    const test::NoThreads none;
    CHECK(code() == ErrorCode::io_failed);
  }
  for (int day = 3; day < 5; ++day) host.day(day);  // it is the owner still
  host.end();
  CHECK(host.sink.actions == expected_actions());
}

TEST_CASE("runtime: what comes while somebody opens the store is not missed",
          "[runtime][restore]") {
  Host host;
  host.day(0);
  REQUIRE(host.runtime->snapshot());
  host.day(1);
  const auto story = std::make_shared<Story>();
  const int snapshots = GENERATE(0, 1, 3);  // the last ones drop what it has begun with
  const bool forgets = GENERATE(false, true);
  story->before_claim = [&] {
    host.day(2);
    const Input forget = Forget{"u0-0", {host.runtime->engine().now(), {}, {}, {}}};
    if (forgets) REQUIRE(host.runtime->feed({&forget, 1}, host.sink));
    for (int i = 0; i < snapshots; ++i) {
      host.day(3, 5 * i, 5 * i + 5);
      REQUIRE(host.runtime->snapshot());
    }
  };
  const auto opened = open_beside(host, story);
  if (!opened) FAIL(opened.error().message);
  CHECK((test::pieces_of(opened->engine()) == test::pieces_of(host.runtime->engine())));
  const Input late = Forget{"u0-1", {host.runtime->engine().now(), {}, {}, {}}};
  CHECK(host.runtime->feed({&late, 1}, host.sink).error().code == ErrorCode::fenced);
}

TEST_CASE("runtime: why a snapshot's chunk is not given is all one: the one before stands in",
          "[runtime][snapshot]") {
  Host host;
  host.day(0);
  REQUIRE(host.runtime->snapshot());
  host.day(1);
  REQUIRE(host.runtime->snapshot());
  const auto story = std::make_shared<Story>();
  story->not_given = {host.snapshots().front()};
  story->why =
      GENERATE(ErrorCode::io_failed, ErrorCode::invalid_argument, ErrorCode::damaged_journal);
  const auto opened = open_beside(host, story);
  if (!opened) FAIL(opened.error().message);
  CHECK((test::pieces_of(opened->engine()) == test::pieces_of(host.runtime->engine())));
}
