// SPDX-License-Identifier: Apache-2.0
#include "tables/sent_messages.hpp"

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

std::vector<std::uint32_t> SentMessages::numbers_to(std::span<const std::uint32_t> contacts) const {
  return of_contact_.find(contacts, [this](auto visit) {
    std::uint32_t number = first_;
    for (const SentMessage& each : messages_) visit(each.contact, number++);
  });
}

std::vector<const SentMessage*> SentMessages::to(std::span<const std::uint32_t> contacts) const {
  std::vector<const SentMessage*> all;
  for (const std::uint32_t number : numbers_to(contacts)) {
    const SentMessage& each = messages_[number - first_];
    if (each.id != Hash128{}) all.push_back(&each);
  }
  return all;
}

void SentMessages::forget(std::uint32_t contact) {
  for (const std::uint32_t number : numbers_to({&contact, 1})) {
    SentMessage& each = messages_[number - first_];
    if (each.id == Hash128{}) continue;
    index_.erase(each.id.high, number);
    const Instant closed = each.closed;  // by which it is let go of
    each = SentMessage{};
    each.closed = closed;
  }
}

void SentMessages::readdress(std::uint32_t from, std::uint32_t to) {
  for (SentMessage& each : messages_) {
    if (each.contact == from) each.contact = to;
  }
  of_contact_.changed();
}

void SentMessages::insert(const SentMessage& sent) {
  of_contact_.changed();
  index_.insert(sent.id.high, static_cast<std::uint32_t>(first_ + messages_.size()));
  messages_.push_back(sent);
}

void SentMessages::add(const SentMessage& sent, Instant since, std::size_t most) {
  while (!messages_.empty() && (messages_.front().closed <= since || messages_.size() >= most)) {
    forget_oldest();
  }
  insert(sent);
}

}  // namespace itinera::engine
