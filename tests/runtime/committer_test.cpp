// SPDX-License-Identifier: Apache-2.0
#include "runtime/committer.hpp"

#include <pthread.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <ctime>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "itinera/store_wrapper.hpp"
#include "record/frame.hpp"
#include "record/inputs.hpp"
#include "support/catch.hpp"

namespace {

using namespace itinera;  // NOLINT(google-build-using-namespace): a test of many of its names
using base::as_bytes;
using base::as_text;
using runtime::Committer;

// A disk whose syncs take until they are told to end.
class Gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  // Returns once it is open.
  void pass() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return open_; });
  }
  void wait_until_somebody_waits() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ > 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  int waiting_ = 0;
};

class SlowStore final : public StoreWrapper {
 public:
  SlowStore(std::shared_ptr<MemoryDisk> disk, std::shared_ptr<Gate> gate, bool fails = false)
      : StoreWrapper(memory_store(std::move(disk))), gate_(std::move(gate)), fails_(fails) {
    REQUIRE(claim(1));
  }
  Result<Position> append(std::span<const std::byte> frames) override {
    gate_->pass();
    if (fails_) return Error{ErrorCode::io_failed, "the disk is gone"};
    return StoreWrapper::append(frames);
  }

 private:
  std::shared_ptr<Gate> gate_;
  bool fails_;
};

std::vector<std::string> groups_on(const std::shared_ptr<MemoryDisk>& disk) {
  std::vector<std::string> groups;
  const auto found = memory_store(disk)->read(0, static_cast<std::size_t>(-1)).value();
  for (const JournalGroup& group : found) groups.emplace_back(as_text(group.frames));
  return groups;
}

}  // namespace

TEST_CASE("committer: what arrives while a group is synced becomes the next one",
          "[runtime][commit]") {
  const auto disk = memory_disk();
  const auto gate = std::make_shared<Gate>();
  Committer committer(std::make_unique<SlowStore>(disk, gate));
  const Committer::Mark one = committer.submit(as_bytes("one "));
  gate->wait_until_somebody_waits();
  committer.submit(as_bytes("two "));
  const Committer::Mark three = committer.submit(as_bytes("three "));
  CHECK(one == 4);
  CHECK(three == 14);
  CHECK(committer.durable() == 0);
  CHECK(committer.submitted() == 14);
  gate->open();
  REQUIRE(committer.wait(three));
  CHECK(committer.durable() == three);
  CHECK(groups_on(disk) == std::vector<std::string>{"one ", "two three "});
}

TEST_CASE("committer: what was submitted is appended before it closes", "[runtime][commit]") {
  const auto disk = memory_disk();
  const auto gate = std::make_shared<Gate>();
  {
    Committer committer(std::make_unique<SlowStore>(disk, gate));
    committer.submit(as_bytes("one "));
    gate->wait_until_somebody_waits();
    committer.submit(as_bytes("two "));
    gate->open();
  }
  CHECK(groups_on(disk) == std::vector<std::string>{"one ", "two "});
}

TEST_CASE("committer: after a failure nothing is taken, and everybody is told",
          "[runtime][commit]") {
  const auto disk = memory_disk();
  const auto gate = std::make_shared<Gate>();
  Committer committer(std::make_unique<SlowStore>(disk, gate, true));
  const Committer::Mark one = committer.submit(as_bytes("one "));
  gate->wait_until_somebody_waits();
  const Committer::Mark two = committer.submit(as_bytes("two "));
  gate->open();
  CHECK(committer.wait(one).error().message == "the disk is gone");
  CHECK(committer.wait(two).error().message == "the disk is gone");
  CHECK(committer.failure()->message == "the disk is gone");
  CHECK(committer.submit(as_bytes("three ")) == two);
  CHECK(committer.durable() == 0);
  CHECK(groups_on(disk).empty());
}

TEST_CASE("committer: what is too much for one group is several, of whole frames",
          "[runtime][commit]") {
  base::ByteBuffer buffer;
  record::FrameWriter writer(buffer);
  const base::Bytes value(7u << 20);
  std::vector<std::size_t> ends;
  for (int i = 0; i < 5; ++i) {
    writer.begin(Instant{i}, record::TimersInput{1});
    writer.record(record::VariableSet{0, "v", value});
    writer.end();
    ends.push_back(buffer.size());
  }
  const auto disk = memory_disk();
  const auto gate = std::make_shared<Gate>();
  gate->open();
  {
    Committer(std::make_unique<SlowStore>(disk, gate)).submit(buffer.view());
  }
  const std::vector<std::string> groups = groups_on(disk);
  REQUIRE(groups.size() == 3);
  CHECK(groups[0].size() == ends[1]);
  CHECK(groups[1].size() == ends[3] - ends[1]);
  CHECK(groups[0] + groups[1] + groups[2] == as_text(buffer.view()));
}

TEST_CASE("committer: an instant that several shards write is not parted",
          "[runtime][commit][shards]") {
  base::ByteBuffer buffer;
  record::FrameWriter writer(buffer);
  const base::Bytes value(7u << 20);
  std::vector<std::size_t> ends;
  for (const int at : {0, 1, 1, 1, 2}) {
    writer.begin(Instant{at}, record::TimersInput{1});
    writer.record(record::VariableSet{0, "v", value});
    writer.end();
    ends.push_back(buffer.size());
  }
  const auto disk = memory_disk();
  const auto gate = std::make_shared<Gate>();
  gate->open();
  {
    Committer committer(std::make_unique<SlowStore>(disk, gate));
    committer.keep_instants_whole();
    committer.submit(buffer.view());
  }
  const std::vector<std::string> groups = groups_on(disk);
  REQUIRE(groups.size() == 3);
  CHECK(groups[0].size() == ends[0]);
  CHECK(groups[1].size() == ends[3] - ends[0]);
  CHECK(groups[0] + groups[1] + groups[2] == as_text(buffer.view()));
}

TEST_CASE("committer: many small submissions arrive whole and in order", "[runtime][commit]") {
  const auto disk = memory_disk();
  const auto gate = std::make_shared<Gate>();
  gate->open();
  std::string all;
  {
    Committer committer(std::make_unique<SlowStore>(disk, gate));
    for (int i = 0; i < 20'000; ++i) {
      const std::string text = std::to_string(i) + " ";
      all += text;
      const Committer::Mark mark = committer.submit(as_bytes(text));
      if (i % 1'000 == 0) REQUIRE(committer.wait(mark));
    }
  }
  std::string found;
  for (const std::string& group : groups_on(disk)) found += group;
  CHECK(found == all);
}

TEST_CASE("committer: signals are left to the host's own threads", "[runtime][commit]") {
  const Committer committer(memory_store(memory_disk()));
  const auto before = std::signal(SIGUSR1, [](int) {});
  sigset_t ours;
  sigset_t masked_before;
  sigemptyset(&ours);
  sigaddset(&ours, SIGUSR1);
  REQUIRE(::pthread_sigmask(SIG_BLOCK, &ours, &masked_before) == 0);
  REQUIRE(::kill(::getpid(), SIGUSR1) == 0);
  // Any other thread has time to take it; it waits for this one.
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  const timespec at_once{};
  CHECK(::sigtimedwait(&ours, nullptr, &at_once) == SIGUSR1);
  ::pthread_sigmask(SIG_SETMASK, &masked_before, nullptr);
  std::signal(SIGUSR1, before);
}
