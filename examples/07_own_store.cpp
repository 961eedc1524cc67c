// SPDX-License-Identifier: Apache-2.0
// A store of the host's own: itinera/store.hpp over files in a folder, one for each group. Two
// processes that both believe to be the owner are told apart, whatever the store is.
#include <filesystem>
#include <iostream>
#include <memory>

#include "folder_store.hpp"
#include "itinera/campaign_builder.hpp"
#include "itinera/runtime.hpp"

using namespace itinera;

namespace {

constexpr Instant monday{1'772'442'000'000};  // 2026-03-02T09:00:00Z

class Printer final : public Runtime::Sink {
 public:
  void act(std::span<const Action> actions) override {
    for (const Action& action : actions) {
      std::cout << "  " << to_text(action.at) << ' ' << action.step << " to " << action.address
                << '\n';
    }
  }
};

// Publishing what is published changes nothing.
Runtime open(const std::string& path) {
  const Workspace shop{.name = "shop", .channels = {{"email", {.text = "contact.id"}}}};
  const Sequence steps =
      Sequence().send("email", {.id = "greeting"}).wait("1d").send("email", {.id = "tips"});
  const Campaign welcome =
      CampaignBuilder("welcome").on_event("signup").steps(steps).build().value();
  Runtime runtime =
      Runtime::open(std::make_unique<FolderStore>(path), {.zones = load_zones().value()}).value();
  if (!runtime.publish(shop, {&welcome, 1}, monday)) std::cout << "  not published\n";
  return runtime;
}

void sign_up(Runtime& runtime, const std::string& contact, Instant received) {
  Printer printer;
  const Input input = Event{.name = "signup", .contact = contact, .envelope = {received}};
  const auto refusals = runtime.feed({&input, 1}, printer);
  if (!refusals) {
    std::cout << "  refused [" << name_of(refusals.error().code)
              << "]: " << refusals.error().message << '\n';
    return;
  }
  if (!runtime.advance_to(received, printer)) std::cout << "  not advanced\n";
}

}  // namespace

int main() {
  const std::string path = "own_store.folder";
  std::filesystem::remove_all(path);
  std::cout << "The first owner\n";
  Runtime first = open(path);
  sign_up(first, "ola@example.com", monday);
  std::cout << "The second one goes on where the first is\n";
  Runtime second = open(path);
  sign_up(second, "kim@example.com", monday + hour_ms);
  std::cout << "The first one thinks it still owns the store\n";
  sign_up(first, "lee@example.com", monday + 2 * hour_ms);
  std::cout << "A day later\n";
  Printer printer;
  if (!second.advance_to(monday + 2 * day_ms, printer)) return 1;
  std::filesystem::remove_all(path);
}
