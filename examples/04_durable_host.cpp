// SPDX-License-Identifier: Apache-2.0
// A host that dies three times and loses nothing: a Runtime keeps its journal in a store, and goes
// on where that ends. It writes before it acts, so what was not written was not sent either.
#include <cstddef>
#include <cstdio>
#include <iostream>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "itinera/campaign_builder.hpp"
#include "itinera/runtime.hpp"
#include "itinera/store_wrapper.hpp"

using namespace itinera;

namespace {

constexpr Instant monday{1'772'442'000'000};  // 2026-03-02T09:00:00Z
const std::string path = "durable_host.store";

class Printer final : public Runtime::Sink {
 public:
  void act(std::span<const Action> actions) override {
    for (const Action& action : actions) {
      std::cout << "  " << to_text(action.at) << ' ' << action.step << " to " << action.address
                << '\n';
    }
  }
};

// A disk that dies under the third write. Nobody knows then what it holds; here it lacks that
// write.
class DyingStore final : public StoreWrapper {
 public:
  using StoreWrapper::StoreWrapper;
  Result<Position> append(std::span<const std::byte> frames) override {
    if (++appends_ < 3) return StoreWrapper::append(frames);
    return Error{ErrorCode::io_failed, "the disk is gone"};
  }

 private:
  int appends_ = 0;
};

// Every life begins alike, the first one too. Publishing what is published changes nothing.
Runtime open(std::unique_ptr<Store> store) {
  const Workspace shop{.name = "shop", .channels = {{"email", {.text = "contact.id"}}}};
  const Campaign welcome =
      CampaignBuilder("welcome")
          .on_event("signup")
          .steps(
              Sequence().send("email", {.id = "greeting"}).wait("1d").send("email", {.id = "tips"}))
          .build()
          .value();
  const bool fresh = store->extent().value().durable == 0;
  Runtime runtime = Runtime::open(std::move(store), {.zones = load_zones().value()}).value();
  if (!runtime.publish(shop, {&welcome, 1}, monday)) std::cout << "  not published\n";
  std::cout << (fresh ? "  nothing there: we begin\n" : "  we go on at ")
            << (fresh ? "" : to_text(runtime.engine().now()) + '\n');
  return runtime;
}

// A broker delivers at least once: who has not confirmed a message gets it again, under the same
// id. Whether it may be confirmed, this returns.
bool sign_up(Runtime& runtime, const std::string& contact, Instant received) {
  Printer printer;
  const std::string message_id = "signup of " + contact;
  const Input input =
      Event{.name = "signup",
            .contact = contact,
            .envelope = {.received = received, .message_id = message_id, .source = "broker"}};
  const auto refusals = runtime.feed({&input, 1}, printer);
  if (!refusals) {
    std::cout << "  error: " << refusals.error().message << '\n';
    return false;
  }
  // An input leaves its actions for the end of its instant: we close that at once.
  const Result<void> advanced = runtime.advance_to(received, printer);
  if (!advanced) std::cout << "  error: " << advanced.error().message << '\n';
  return advanced.has_value();
}

}  // namespace

int main() {
  std::remove(path.c_str());
  Printer printer;

  std::cout << "The first life ends as it should\n";
  {
    Runtime runtime = open(open_sqlite_store(path).value());
    sign_up(runtime, "ola@example.com", monday);
  }

  std::cout << "The second one in the middle of a write\n";
  {
    Runtime runtime = open(std::make_unique<DyingStore>(open_sqlite_store(path).value()));
    sign_up(runtime, "kim@example.com", monday + hour_ms);
    // From here on the runtime refuses everything: nobody knows what the disk holds.
    sign_up(runtime, "lee@example.com", monday + 2 * hour_ms);
  }

  std::cout << "The third one goes on where it ended, and hears again what nobody confirmed\n";
  {
    Runtime runtime = open(open_sqlite_store(path).value());
    sign_up(runtime, "kim@example.com", monday + 3 * hour_ms);  // is known: changes nothing
    sign_up(runtime, "lee@example.com", monday + 4 * hour_ms);
    std::cout << "  duplicates: " << runtime.engine().statistics().duplicates << '\n';
    if (!runtime.advance_to(monday + 2 * day_ms, printer)) return 1;
  }
  std::remove(path.c_str());
}
