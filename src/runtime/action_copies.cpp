// SPDX-License-Identifier: Apache-2.0
#include "runtime/action_copies.hpp"

#include <algorithm>

namespace itinera::runtime {

void ActionCopies::add(const Actions& actions) {
  for (const Action& action : actions) add(action);
}

void ActionCopies::add(const Action& action) {
  Action copy = action;
  for (std::string_view* text :
       {&copy.contact, &copy.campaign, &copy.step, &copy.key, &copy.channel, &copy.sender,
        &copy.operation, &copy.template_name, &copy.address, &copy.list, &copy.name, &copy.team,
        &copy.topic, &copy.source}) {
    *text = keep(*text);
  }
  if (!action.data.empty()) {
    copy.data = data_.emplace_back(action.data.begin(), action.data.end());
  }
  actions_.push_back(copy);
}

void ActionCopies::clear() {
  actions_.clear();
  data_.clear();
  texts_.release();
}

std::string_view ActionCopies::keep(std::string_view text) {
  if (text.empty()) return {};
  char* const kept = static_cast<char*>(texts_.allocate(text.size(), 1));
  std::copy(text.begin(), text.end(), kept);
  return {kept, text.size()};
}

}  // namespace itinera::runtime
