// SPDX-License-Identifier: Apache-2.0
#include "runtime/meetings.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "engine/input_checks.hpp"

namespace itinera::runtime {
namespace {

// Whether the input speaks of that id.
bool names(const Input& input, std::string_view id) {
  return std::visit(
      [id](const auto& each) {
        const auto device = [id](std::string_view anonymous) {
          return !anonymous.empty() && engine::anonymous_contact_id(anonymous) == id;
        };
        bool named = false;
        if constexpr (requires { each.contact; }) named = each.contact == id;
        if constexpr (requires { each.anonymous; }) named = named || device(each.anonymous);
        if constexpr (requires { each.previous; }) {
          named = named || each.previous == id || device(each.previous);
        }
        if constexpr (requires { each.into; }) named = each.into == id || each.from == id;
        // Whose it is only its token says.
        if constexpr (requires { each.token; }) named = true;
        return named;
      },
      input);
}

bool verifies(const Input& input, const Handle& handle) {
  const auto* const identify = std::get_if<Identify>(&input);
  if (identify == nullptr) return false;
  return std::ranges::any_of(identify->verified, [&handle](const Handle& each) {
    return each.kind == handle.kind && each.value == handle.value;
  });
}

class Planner {
 public:
  Planner(const Directory& directory, const std::vector<Lane>& lanes)
      : directory_(directory), lanes_(lanes) {}

  Meeting operator()(const Identify& identify) {
    const std::string device = engine::anonymous_contact_id(identify.anonymous);
    begin(identify.contact.empty() ? device : std::string(identify.contact));
    if (!identify.contact.empty() && !identify.anonymous.empty()) others_.push_back(device);
    for (const Handle& handle : identify.verified) add_owner(handle);
    return planned();
  }
  // What it was known by may be a device or a person.
  Meeting operator()(const Alias& alias) {
    begin(std::string(alias.contact));
    const std::string device = engine::anonymous_contact_id(alias.previous);
    const std::string person(alias.previous);
    meeting_.is_open = comes_elsewhere(device) || comes_elsewhere(person);
    others_.push_back(!is_known(device) && is_known(person) ? person : device);
    return planned();
  }
  Meeting operator()(const Merge& merge) {
    begin(std::string(merge.into));
    others_.emplace_back(merge.from);
    return planned();
  }
  Meeting operator()(const Group& group) {
    begin(std::string(group.contact));
    meeting_.is_alone = true;
    if (!group.account.empty()) {
      meeting_.shard = directory_.shard_of_account(group.account);
    }
    place(meeting_.contact);
    return std::move(meeting_);
  }
  template <class Other>
  Meeting operator()(const Other&) {
    return std::move(meeting_);
  }

 private:
  void begin(std::string contact) {
    meeting_.shard = directory_.shard_of(contact);
    meeting_.contact = std::move(contact);
  }
  void add_owner(const Handle& handle) {
    for (std::size_t at = 0; at < lanes_.size(); ++at) {
      if (const std::string_view owner = lanes_[at].owner_of(handle); !owner.empty()) {
        others_.emplace_back(owner);
      }
      const bool awaited = std::ranges::any_of(
          lanes_[at].inputs, [&handle](const Input& each) { return verifies(each, handle); });
      if (awaited && at != meeting_.shard) meeting_.is_open = true;
    }
  }

  // Whom they become belongs to the account of which was spoken last, and its others are there.
  Meeting planned() {
    std::optional<Lane::Membership> newest;
    const auto look = [&](const std::string& id) {
      std::optional<Lane::Membership> known = lane_of(id).membership_of(id);
      if (!known) return;
      meeting_.is_alone = true;
      if (!newest || *newest < *known) newest = std::move(known);
    };
    look(meeting_.contact);
    for (const std::string& id : others_) look(id);
    if (newest && !newest->account.empty()) {
      meeting_.shard = directory_.shard_of_account(newest->account);
    }
    place(meeting_.contact);
    for (const std::string& id : others_) place(id);
    return std::move(meeting_);
  }
  void place(const std::string& id) {
    if (directory_.shard_of(id) == meeting_.shard) return;
    if (is_awaited(id)) meeting_.is_open = true;
    (is_known(id) ? meeting_.come : meeting_.fresh).push_back(id);
  }

  [[nodiscard]] const Lane& lane_of(const std::string& id) const {
    return lanes_[directory_.shard_of(id)];
  }
  [[nodiscard]] bool is_known(const std::string& id) const { return lane_of(id).has(id); }
  // Whether what its lane is still to be fed may change what is known of it.
  [[nodiscard]] bool is_awaited(const std::string& id) const {
    return std::ranges::any_of(lane_of(id).inputs,
                               [&id](const Input& each) { return names(each, id); });
  }
  [[nodiscard]] bool comes_elsewhere(const std::string& id) const {
    return directory_.shard_of(id) != meeting_.shard && is_awaited(id);
  }

  const Directory& directory_;
  const std::vector<Lane>& lanes_;
  Meeting meeting_;
  std::vector<std::string> others_;
};

}  // namespace

Meeting meeting_of(const Input& input, const Directory& directory, const std::vector<Lane>& lanes) {
  return std::visit(Planner(directory, lanes), input);
}

}  // namespace itinera::runtime
