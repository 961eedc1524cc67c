// SPDX-License-Identifier: Apache-2.0
// One shard at work: its engine, and what that has written and emitted since somebody took it. What
// several lanes do at once changes nothing that they share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/byte_buffer.hpp"
#include "itinera/engine.hpp"
#include "record/records.hpp"
#include "runtime/action_copies.hpp"

namespace itinera::runtime {

inline Instant received_of(const Input& input) {
  return std::visit([](const auto& each) { return each.envelope.received; }, input);
}

class Lane {
 public:
  // Called wherever the engine stops; false: it goes no further.
  using Stop = std::function<bool()>;

  explicit Lane(Engine owned) : engine(std::move(owned)) {}

  Engine engine;
  base::ByteBuffer frames;  // written by the engine, in order
  std::unique_ptr<ActionCopies> actions = std::make_unique<ActionCopies>();  // taken by these
  std::uint64_t takes = 0;                                                   // by the newest take
  // Of `actions`: when they were taken, up to which of them.
  struct Take {
    Instant at;
    std::size_t end = 0;
  };
  std::vector<Take> taken;
  std::size_t counted = 0;  // of `actions`, by whoever counts them all

  // What it is to be fed, each with its place among all; and what came of it.
  std::vector<Input> inputs;
  std::vector<std::size_t> places;
  std::vector<Instant> floors;    // it is that late already, for all
  std::vector<Refusal> refusals;  // by the place among all

  void give(const Input& input, std::size_t place, Instant floor) {
    inputs.push_back(input);
    places.push_back(place);
    floors.push_back(floor);
  }

  // Takes what the engine has: with actions waiting this is a `taken` frame at engine time. What a
  // refusal met there has let go is taken behind it, and that is all: it has just been judged.
  void collect() {
    do {
      const Output output = engine.take();
      frames.append(output.journal);
      actions->add(output.actions);
      takes = output.takes;
    } while (engine.statistics().actions_waiting > 0);
    const std::size_t end = actions->all().size();
    if (end > (taken.empty() ? 0 : taken.back().end)) taken.push_back({engine.now(), end});
  }

  // What the engine has written, without taking anything.
  void keep_frames() { frames.append(engine.take_journal()); }

  // What speaks of taking, at engine time. Nothing of it can be refused.
  void tell(const Input& input) {
    engine.feed({&input, 1});
    keep_frames();
  }

  // What Engine::publish() asks before anything fires.
  [[nodiscard]] Result<void> may_publish(const Workspace& workspace,
                                         std::span<const Campaign> campaigns,
                                         Instant received) const;
  // Whether that is what was published last.
  [[nodiscard]] bool is_published(const Workspace& workspace,
                                  std::span<const Campaign> campaigns) const;
  // Whether the action was taken, as far as that is known.
  [[nodiscard]] bool knows(const ActionId& action) const;
  // Whether the contact, or an id of one, is here; or was once, and is in another shard now.
  [[nodiscard]] bool has(std::string_view id) const;
  [[nodiscard]] bool has_had(std::string_view id) const;
  // All ids of the contact that has this one, its own first.
  [[nodiscard]] std::vector<std::string> ids_of(std::string_view id) const;
  // The account that it belongs to, or no longer does, and who says so since when: of two that are
  // united the greater counts.
  struct Membership {
    Instant occurred;
    std::string message_id;
    std::string account;
    friend auto operator<=>(const Membership&, const Membership&) = default;
  };
  [[nodiscard]] std::optional<Membership> membership_of(std::string_view id) const;
  // Empty: none.
  [[nodiscard]] std::string_view account_of(std::string_view id) const;
  // Somebody has left the account for another shard: what its others may send is looked at anew.
  void account_left(std::string_view account, std::uint8_t to, Instant received);
  // Who has that handle; empty: nobody here.
  [[nodiscard]] std::string_view owner_of(const Handle& handle) const;
  // Whether the message came here, and would still be known if it came at `at`; how many are kept,
  // and those that are known at `now`.
  [[nodiscard]] bool repeats(const Hash128& message, Instant at) const;
  [[nodiscard]] std::size_t messages() const;
  void for_each_message(Instant now, const std::function<void(const Hash128&)>& visit) const;
  // Calls visit(id, is_away) for all of whom there is a place.
  void for_each_id(const std::function<void(std::string_view, bool)>& visit) const;
  // An id of each contact that is here, and of each that belongs to an account.
  [[nodiscard]] std::vector<std::string> people() const;
  [[nodiscard]] std::vector<std::string> members() const;
  // Whether somebody is forgotten who had entered a campaign at the engine's very instant.
  [[nodiscard]] bool has_forgotten_now() const;
  // Whether sender accounts were ever published to it, or such a campaign.
  [[nodiscard]] bool has_senders() const;
  [[nodiscard]] bool has_campaign(const std::function<bool(const Campaign&)>& is_it) const;
  // What campaigns have begun is counted there from now on. As cross().
  void give_counts(Lane& to, Instant received);
  // The contact that has this id goes to the other lane, with all that is its. Both are at rest,
  // and nothing that they have written waits here. Behind it `frames` are what came of it, the
  // first that it has departed.
  void cross(std::string_view id, Lane& to, Instant received);
  // Up to which no input can be taken any more.
  [[nodiscard]] Instant closed() const;

  // As Engine::feed() and Engine::advance_to(), with stops. What is due at `t` itself is left.
  std::span<const Refusal> feed(std::span<const Input> some, const Stop& stop) {
    return engine.feed(some, stop);
  }
  void come_to(Instant t, const Stop& stop) { engine.come_to(t, stop); }

  // Whether it knows that reports come.
  [[nodiscard]] bool hears_of_reports() const;
  // Something was reported to another shard, at that time; null: it said nothing of an address.
  void hear_of_report(const record::Suppressed* told, std::uint8_t from, Instant received);

  // Feeds its inputs, and takes wherever something is emitted. One that was received before it is
  // that late for all finds this engine as late, and says itself when it was received.
  void run() {
    const Stop taking = [this] {
      collect();
      return true;
    };
    refusals.clear();
    for (std::size_t at = 0; at < inputs.size();) {
      if (floors[at] > received_of(inputs[at])) move_to(floors[at], taking);
      std::size_t end = at + 1;
      while (end < inputs.size() && floors[end] <= received_of(inputs[end])) ++end;
      for (const Refusal& refused : engine.feed(std::span(inputs).subspan(at, end - at), taking)) {
        refusals.push_back({places[at + refused.index], refused.error});
      }
      at = end;
    }
    keep_frames();
  }

  // All that comes before `t`, taken as it comes.
  void come_to(Instant t) {
    come_to(t, [this] {
      collect();
      return true;
    });
  }

  // The actions leave with whoever has handed the frames over.
  std::unique_ptr<ActionCopies> give_up() {
    taken.clear();
    counted = 0;
    return std::exchange(actions, std::make_unique<ActionCopies>());
  }

 private:
  // What comes before `t` fires, and then it is `t`, which is not closed.
  void move_to(Instant t, const Stop& stop);
};

}  // namespace itinera::runtime
