// SPDX-License-Identifier: Apache-2.0
#include "runtime/routes.hpp"

#include <string_view>
#include <variant>

#include "engine/input_checks.hpp"
#include "engine/tokens.hpp"

namespace itinera::runtime {
namespace {

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

}  // namespace

Route route_of(const Input& input, const Directory& directory) {
  return std::visit(Router(directory), input);
}

}  // namespace itinera::runtime
