// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string_view>

#include "itinera/ids.hpp"
#include "itinera/time.hpp"
#include "itinera/value.hpp"

namespace itinera {

// One instruction to the host. Its id is an idempotency key for ever: the same action has the same
// id after restart, replay and restore. Texts and spans belong to the engine and die with its next
// non-const call.
struct Action {
  enum class Kind : std::uint8_t {
    send,      // deliver a message through `channel` to `address`
    set,       // the contact's attributes in `data` changed: update the profile
    audience,  // put the contact on `list`, or take it off
    call,      // do what `name` says, and report it `completed` or `failed`
    task,     // ask `team` for what `name` says, and report the same; `data` has the `story` so far
              // and the `token` by which another engine goes on (TakeOver)
    consent,  // for `channel`, or one `topic` of it, consent was granted or denied: note it
  };
  Kind kind = Kind::send;
  ActionId id = {};
  Instant at = {};  // when it was emitted
  std::string_view contact = {};
  std::string_view campaign = {};
  std::uint32_t version = 0;  // of the campaign
  std::string_view step = {};
  std::uint32_t iteration = 0;  // which visit of the step, from 0
  std::uint32_t attempt = 0;  // of a send or a call: how often it was retried before, in this visit
  bool has_key = false;
  std::string_view key = {};        // of the journey
  std::string_view channel = {};    // of a send or a consent
  std::string_view sender = {};     // of a send: the account; empty: the host's affair
  std::string_view operation = {};  // of a send: what of the sender's quotas it counts to
  std::string_view template_name = {};
  std::string_view address = {};
  std::string_view name = {};    // of a call; of a task what is asked
  std::string_view team = {};    // of a task
  std::string_view list = {};    // of an audience
  std::string_view topic = {};   // of a consent; empty: of the channel as a whole
  std::string_view source = {};  // of a consent: where it was said
  bool granted = false;          // of a consent
  bool removes = false;          // of an audience: the contact leaves the list
  bool maybe_executed = false;   // it was taken before, and nobody has said what came of it (S32)
  std::span<const Property> data = {};
};

// The actions of one output in the order of their emission. Each is put together from the engine's
// memory when it is asked for, so that a million of them take no second million.
class Actions {
 public:
  // What puts them together; lives as long as the actions.
  class Source {
   public:
    [[nodiscard]] virtual Action action(std::size_t index) const = 0;

   protected:
    ~Source() = default;
  };
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using iterator_concept = std::forward_iterator_tag;
    using value_type = Action;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = Action;

    Iterator() = default;
    Iterator(const Source* source, std::size_t index) : source_(source), index_(index) {}
    Action operator*() const { return source_->action(index_); }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    Iterator operator++(int) {
      const Iterator old = *this;
      ++index_;
      return old;
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    const Source* source_ = nullptr;
    std::size_t index_ = 0;
  };

  Actions() = default;
  Actions(const Source& source, std::size_t count) : source_(&source), count_(count) {}
  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  Action operator[](std::size_t index) const { return source_->action(index); }
  [[nodiscard]] Iterator begin() const { return {source_, 0}; }
  [[nodiscard]] Iterator end() const { return {source_, count_}; }

 private:
  const Source* source_ = nullptr;
  std::size_t count_ = 0;
};

// "send", "set", "audience", "call", "task", "consent".
std::string_view name_of(Action::Kind kind);

}  // namespace itinera
