// SPDX-License-Identifier: Apache-2.0
// A shop whose people can be looked for in its store, and stores that do not do all they are told.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/stable_hash.hpp"
#include "itinera/runtime.hpp"
#include "itinera/store_wrapper.hpp"
#include "itinera/yaml.hpp"
#include "runtime/eraser.hpp"
#include "support/catch.hpp"
#include "support/folder.hpp"
#include "support/pieces.hpp"

namespace itinera::test::erasing {

inline constexpr Instant start{1'772'442'000'000};  // 2026-03-02T09:00:00Z

inline constexpr std::string_view shop = R"(
workspace: shop
channels:
  email: {address: contact.email, consent: opt_in}
retain: {attributes: [city], events: {viewed: 30d}}
)";
inline constexpr std::string_view cart = R"(
campaign: cart
entry: [{event: left, key: event.cart_id}]
goals: {order: {event: ordered, value: event.total, within: 30d}}
steps:
  - {set: {journey.wish: =entry.wish}}
  - {send: email, id: mail, data: {name: =contact.first_name}}
  - {wait_for: {replied: mail, as: answer}, within: 20d}
  - {send: email, id: again}
)";

inline EngineOptions options() {
  static const std::shared_ptr<const ZoneTable> zones = load_zones().value();
  return {.limits = {}, .zones = zones};
}

class Taker final : public Runtime::Sink {
 public:
  void act(std::span<const Action> given) override {
    for (const Action& action : given) ids.emplace_back(action.id);
  }
  std::vector<ActionId> ids;
};

// Everything that a person has brought is made of their name, so that it is known where it stands.
struct Shop {
  explicit Shop(std::unique_ptr<Store> store, const Upkeep& kept = {.snapshot_after_bytes = 0})
      : upkeep(kept) {
    open(std::move(store));
    const SourceFile files[] = {{"workspace.yaml", std::string(shop)},
                                {"cart.yaml", std::string(cart)}};
    const LoadedWorkspace loaded = load_workspace(files);
    CHECK(loaded.diagnostics.empty());
    REQUIRE(runtime->publish(loaded.workspace, loaded.campaigns, now));
  }
  void open(std::unique_ptr<Store> store) {
    runtime.reset();
    auto opened = Runtime::open(std::move(store), options(), {.upkeep = upkeep});
    if (!opened) FAIL(opened.error().message);
    runtime.emplace(std::move(*opened));
  }
  Envelope envelope() {
    now = now + minute_ms;
    return {now, {}, {}, {}};
  }
  void feed(const Input& input) {
    const auto refused = runtime->feed({&input, 1}, sink);
    if (!refused) FAIL(refused.error().message);
    CHECK(refused->empty());
  }
  void event(const char* event_name, const std::string& name,
             const std::vector<Property>& properties) {
    Event event;
    event.name = event_name;
    event.contact = name;
    event.properties = properties;
    event.envelope = envelope();
    feed(event);
  }
  void visits(const std::string& visitor, const std::vector<Property>& properties) {
    Event event;
    event.name = "viewed";
    event.anonymous = visitor;
    event.properties = properties;
    event.envelope = envelope();
    feed(event);
  }
  void identifies(const std::string& name, const std::string& visitor, Instant occurred) {
    Identify identify;
    identify.contact = name;
    identify.anonymous = visitor;
    identify.envelope = envelope();
    identify.envelope.occurred = occurred;
    feed(identify);
  }
  void lives(const std::string& name) {
    const std::string email = name + "@mail.example";
    const std::string visitor = "visitor-" + name;
    const std::string message = "message-" + name + to_text(now);
    const std::vector<Property> attributes = {
        {"email", email}, {"first_name", "first-" + name}, {"city", "city-" + name}};
    const Consent consent{"email", {}, true, email};
    Identify identify;
    identify.contact = name;
    identify.anonymous = visitor;
    identify.attributes = attributes;
    identify.consents = {&consent, 1};
    identify.envelope = envelope();
    identify.envelope.message_id = message;
    feed(identify);
    event("left", name, {{"cart_id", "cart-" + name}, {"wish", "wish-" + name}});
    event("viewed", name, {{"page", "page-" + name}});
    REQUIRE(!sink.ids.empty());
    const std::vector<Property> answer = {{"text", "text-" + name}};
    Report report;
    report.action = sink.ids.back();
    report.receipt = Receipt::replied;
    report.data = answer;
    report.envelope = envelope();
    feed(report);
  }
  // The actions of somebody who has lived: two.
  [[nodiscard]] std::vector<ActionId> of(std::size_t number) const {
    return {sink.ids.at(2 * number), sink.ids.at(2 * number + 1)};
  }
  void forget(const std::string& name) { feed(Forget{name, envelope()}); }

  Upkeep upkeep;
  Instant now = start;
  Taker sink;
  std::optional<Runtime> runtime;
};

// All bytes that there are of a store's file, and of those beside it.
inline std::string raw(const std::string& path) {
  std::string all;
  for (const char* const beside : {"", "-wal", "-shm"}) {
    std::ifstream in(path + beside, std::ios::binary);
    all.append(std::istreambuf_iterator<char>(in), {});
  }
  return all;
}

// All bytes that come out of it, by the calls of the interface.
inline std::string decoded(Store& store) {
  std::string all;
  const auto groups = store.read(store.extent()->truncated, 1u << 30).value();
  for (const JournalGroup& group : groups) {
    all += base::as_text(group.frames);
  }
  const auto snapshots = store.snapshots().value();
  for (const Snapshot& each : snapshots) {
    all += each.name;
    for (std::uint32_t number = 0; number < each.chunks; ++number) {
      const auto chunk = store.chunk(each, number).value();
      all += base::as_text(chunk);
    }
  }
  return all;
}

// The state that its journal comes to, from the first frame on.
inline Pieces replayed(Store& store) {
  std::vector<std::byte> journal;
  const auto groups = store.read(0, 1u << 30).value();
  for (const JournalGroup& group : groups) {
    journal.insert(journal.end(), group.frames.begin(), group.frames.end());
  }
  return pieces_of(Engine::restore(journal, options()).value());
}

inline std::string bytes_of(std::uint64_t number) {
  base::Bytes bytes;
  base::Writer(bytes).number(number);
  return std::string(base::as_text(bytes));
}

// In how many ways somebody can be found: by any text that was made of the name, by hashes of the
// name, by the ids of actions.
inline std::size_t traces(const std::string& all, const std::string& name,
                          const std::vector<ActionId>& ids) {
  const Hash128 hash = base::stable_hash(name);
  std::vector<std::string> wanted = {name, bytes_of(hash.high), bytes_of(hash.low)};
  std::string hex;
  for (const char c : name) {
    constexpr char digits[] = "0123456789abcdef";
    hex += digits[static_cast<unsigned char>(c) >> 4];
    hex += digits[static_cast<unsigned char>(c) & 15];
  }
  wanted.push_back(hex);
  for (const ActionId& id : ids) {
    wanted.push_back(bytes_of(id.hash.high));
    wanted.push_back(bytes_of(id.hash.low));
    wanted.push_back(to_text(id.hash));
  }
  return static_cast<std::size_t>(std::ranges::count_if(
      wanted, [&all](const std::string& each) { return all.find(each) != std::string::npos; }));
}

class FailingStore final : public StoreWrapper {
 public:
  FailingStore(std::unique_ptr<Store> inner, std::shared_ptr<int> replacements)
      : StoreWrapper(std::move(inner)), replacements_(std::move(replacements)) {}
  Result<void> replace(Position position, std::span<const std::byte> frames) override {
    if (--*replacements_ < 0) return Error{ErrorCode::invalid_argument, "not this one"};
    return StoreWrapper::replace(position, frames);
  }

 private:
  std::shared_ptr<int> replacements_;  // that go well
};

struct Wiping {
  int wipes = 0;
  bool busy = false;  // somebody reads the file
};

class WipedStore final : public StoreWrapper {
 public:
  WipedStore(std::unique_ptr<Store> inner, std::shared_ptr<Wiping> wiping)
      : StoreWrapper(std::move(inner)), wiping_(std::move(wiping)) {}
  Result<void> wipe() override {
    ++wiping_->wipes;
    if (wiping_->busy) return Error{ErrorCode::limit_reached, "somebody is reading"};
    return StoreWrapper::wipe();
  }

 private:
  std::shared_ptr<Wiping> wiping_;
};

// Has a part more to clear until somebody was let in between.
struct Parts {
  std::atomic<int> cleared = 0;
  std::atomic<bool> has_ended = false;
  std::atomic<bool> was_let_in = false;  // before it had
};

class PartsStore final : public StoreWrapper {
 public:
  PartsStore(std::unique_ptr<Store> inner, std::shared_ptr<Parts> parts)
      : StoreWrapper(std::move(inner)), parts_(std::move(parts)) {}
  Result<Position> append(std::span<const std::byte> frames) override {
    if (parts_->cleared > 0 && !parts_->has_ended) parts_->was_let_in = true;
    return StoreWrapper::append(frames);
  }
  Result<bool> clear_some() override {
    constexpr int most = 100'000;
    parts_->has_ended = ++parts_->cleared >= most || parts_->was_let_in;
    return !parts_->has_ended;
  }

 private:
  std::shared_ptr<Parts> parts_;
};

// Its salt has rotted.
class UnsaltedStore final : public StoreWrapper {
 public:
  using StoreWrapper::StoreWrapper;
  Result<std::vector<std::byte>> chunk(const Snapshot& snapshot, std::uint32_t number) override {
    if (snapshot.name == "erasing" && rotten_) {
      return Error{ErrorCode::damaged_journal, "it has rotted"};
    }
    return StoreWrapper::chunk(snapshot, number);
  }
  Result<void> put_chunk(const Snapshot& snapshot, std::uint32_t number,
                         std::span<const std::byte> bytes) override {
    if (snapshot.name == "erasing") rotten_ = false;
    return StoreWrapper::put_chunk(snapshot, number, bytes);
  }

 private:
  bool rotten_ = true;
};

}  // namespace itinera::test::erasing
