// SPDX-License-Identifier: Apache-2.0
#include "runtime/action_copies.hpp"

#include <array>
#include <cstddef>
#include <string_view>

#include "base/bytes.hpp"

namespace itinera::runtime {

void ActionCopies::add(const Actions& actions) {
  for (const Action& action : actions) add(action);
}

void ActionCopies::add(const Action& action) {
  Action& copy = actions_.emplace_back(action);
  const std::array texts{&copy.contact, &copy.campaign, &copy.step,      &copy.key,
                         &copy.channel, &copy.sender,   &copy.operation, &copy.template_name,
                         &copy.address, &copy.list,     &copy.name,      &copy.team,
                         &copy.topic,   &copy.source};
  std::size_t size = 0;
  for (const std::string_view* text : texts) size += text->size();
  // All of an action's texts lie in one piece.
  auto* room = static_cast<std::byte*>(texts_.allocate(size, 1));
  for (std::string_view* text : texts) {
    base::copy_bytes(room, base::as_bytes(*text).data(), text->size());
    *text = base::as_text({room, text->size()});
    room += text->size();
  }
  if (!action.data.empty()) {
    copy.data = data_.emplace_back(action.data.begin(), action.data.end());
  }
}

void ActionCopies::clear() {
  actions_.clear();
  data_.clear();
  texts_.release();
}

}  // namespace itinera::runtime
