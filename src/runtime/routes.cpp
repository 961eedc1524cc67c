// SPDX-License-Identifier: Apache-2.0
#include "runtime/routes.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "engine/input_checks.hpp"
#include "engine/tokens.hpp"
#include "model/walk.hpp"
#include "runtime/shards.hpp"

namespace itinera::runtime {
namespace {

Error in_one_engine(std::string_view what) {
  return {ErrorCode::not_supported_yet,
          fmt::format("{} needs all contacts in one engine, and this store has shards", what)};
}

class Router {
 public:
  explicit Router(const Directory& directory) : directory_(directory) {}

  Route operator()(const Event& event) const {
    if (!event.contact.empty()) return to(event.contact);
    return to(engine::anonymous_contact_id(event.anonymous));
  }
  Route operator()(const Identify& identify) const {
    const bool joins =
        !identify.verified.empty() || (!identify.contact.empty() && !identify.anonymous.empty());
    if (!identify.contact.empty()) return to(identify.contact, joins);
    return to(engine::anonymous_contact_id(identify.anonymous), joins);
  }
  Route operator()(const Alias& alias) const { return to(alias.contact, true); }
  Route operator()(const Merge& merge) const { return to(merge.into, true); }
  Route operator()(const Group& group) const { return to(group.contact, true); }
  Route operator()(const Report& report) const {
    Route route{.to = Route::To::action, .action = report.action};
    route.told_to_all = report.receipt == Receipt::complained ||
                        (report.receipt == Receipt::bounced && report.hard);
    return route;
  }
  Route operator()(const Reassign& reassign) const {
    return {.to = Route::To::action, .action = reassign.action};
  }
  Route operator()(const TakeOver& take_over) const {
    if (!take_over.contact.empty()) return to(take_over.contact);
    const Result<engine::HandOver> read = engine::read_token(take_over.token, Limits{});
    return to(read ? std::string_view(read->contact) : std::string_view{});
  }
  Route operator()(const Suppress&) const { return {.to = Route::To::all}; }
  Route operator()(const Pause&) const { return {.to = Route::To::all}; }
  Route operator()(const Resume&) const { return {.to = Route::To::all}; }
  Route operator()(const Reoffer&) const { return {.to = Route::To::all}; }
  Route operator()(const Acknowledge&) const { return {.to = Route::To::all}; }
  template <class AboutContact>
  Route operator()(const AboutContact& input) const {
    return to(input.contact);
  }

 private:
  [[nodiscard]] Route to(std::string_view contact, bool joins = false) const {
    Route route{.to = Route::To::contact, .shard = directory_.shard_of(contact)};
    route.joins = joins;
    return route;
  }

  const Directory& directory_;
};

std::optional<std::string_view> shared_by(const Campaign& campaign) {
  if (campaign.brake) return "its `brake`";
  if (campaign.entry_cap.total || campaign.entry_cap.day) return "its cap on entries";
  for (const Entry& entry : campaign.entries) {
    if (entry.ramp) return "the `ramp` of an entry";
  }
  std::optional<std::string_view> found;
  model::for_each_step(campaign.steps, [&found](const Step& step) {
    const auto* const send = std::get_if<Send>(&step.kind);
    if (send != nullptr && send->prefer == Send::Prefer::engaged) {
      found = "`prefer: engaged`, which looks at what all contacts do,";
    }
  });
  return found;
}

}  // namespace

Route route_of(const Input& input, const Directory& directory) {
  return std::visit(Router(directory), input);
}

std::optional<Error> why_whole(const Workspace& workspace, std::span<const Campaign> campaigns) {
  if (!workspace.senders.empty()) return in_one_engine("a sender account");
  for (const Campaign& campaign : campaigns) {
    if (model::nested_deeper_than(campaign.steps, model::nesting_max)) continue;  // is refused
    if (const auto what = shared_by(campaign)) {
      return in_one_engine(fmt::format("campaign {}: {}", campaign.name, *what));
    }
  }
  return std::nullopt;
}

}  // namespace itinera::runtime
