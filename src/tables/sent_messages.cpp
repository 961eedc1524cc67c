// SPDX-License-Identifier: Apache-2.0
#include "tables/sent_messages.hpp"

#include <iterator>

namespace itinera::engine {

std::uint32_t SentMessages::number_of(const Hash128& id) const {
  return index_.find(id.high, [&](std::uint32_t n) { return messages_[n - first_].id == id; });
}

bool SentMessages::knows(std::uint64_t id_high) const {
  const auto is_it = [&](std::uint32_t n) { return messages_[n - first_].id.high == id_high; };
  return index_.find(id_high, is_it) != base::HashIndex::none;
}

const SentMessage* SentMessages::find(const Hash128& id) const {
  const std::uint32_t number = number_of(id);
  return number == base::HashIndex::none ? nullptr : &messages_[number - first_];
}

SentMessage* SentMessages::find(const Hash128& id) {
  const std::uint32_t number = number_of(id);
  return number == base::HashIndex::none ? nullptr : &messages_[number - first_];
}

void SentMessages::forget_oldest() {
  const Hash128& id = messages_.front().id;
  if (id != Hash128{}) index_.erase(id.high, first_);
  messages_.pop_front();
  ++first_;
}

void SentMessages::forget(std::uint32_t contact) {
  std::uint32_t number = first_;
  for (SentMessage& each : messages_) {
    if (each.contact == contact && each.id != Hash128{}) {
      index_.erase(each.id.high, number);
      const Instant closed = each.closed;  // they stand in this order
      each = SentMessage{};
      each.closed = closed;
    }
    ++number;
  }
}

void SentMessages::readdress(std::uint32_t from, std::uint32_t to) {
  for (SentMessage& each : messages_) {
    if (each.contact == from) each.contact = to;
  }
}

void SentMessages::insert(const SentMessage& sent) {
  auto at = messages_.end();
  while (at != messages_.begin() && std::prev(at)->closed > sent.closed) --at;
  const auto number = static_cast<std::uint32_t>(first_ + (at - messages_.begin()));
  for (auto later = at; later != messages_.end(); ++later) {
    const auto old = static_cast<std::uint32_t>(first_ + (later - messages_.begin()));
    if (later->id != Hash128{}) index_.erase(later->id.high, old);
  }
  messages_.insert(at, sent);
  for (std::size_t i = number - first_; i < messages_.size(); ++i) {
    const Hash128& id = messages_[i].id;
    if (id != Hash128{}) index_.insert(id.high, static_cast<std::uint32_t>(first_ + i));
  }
}

void SentMessages::add(const SentMessage& sent, Instant since, std::size_t most) {
  while (!messages_.empty() && (messages_.front().closed <= since || messages_.size() >= most)) {
    forget_oldest();
  }
  const auto number = static_cast<std::uint32_t>(first_ + messages_.size());
  messages_.push_back(sent);
  index_.insert(sent.id.high, number);
}

}  // namespace itinera::engine
