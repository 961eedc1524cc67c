// SPDX-License-Identifier: Apache-2.0
// An engine with a host that keeps its promises: it stops at every instant that emits something,
// takes there, keeps the journal, and remembers everything it was handed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "itinera/engine.hpp"
#include "itinera/story.hpp"
#include "lab/coverage.hpp"

namespace itinera::lab {

// An action that was taken, with texts of its own.
struct Emission {
  Action::Kind kind = Action::Kind::send;
  ActionId id;
  Instant at;
  std::string contact;
  std::string campaign;
  std::uint32_t version = 0;
  std::string step;
  std::uint32_t iteration = 0;
  bool has_key = false;
  std::string key;
  std::string channel;
  std::string template_name;
  std::string address;
  std::string audience;  // "add vip", "remove vip"
  std::string name;      // of a call; of a task what is asked
  std::string team;
  std::string topic;   // of a consent
  std::string state;   // "granted", "denied"
  std::string source;  // of a consent
  bool maybe_executed = false;
  Properties data;
};

// A happening, with texts of its own.
struct Told {
  Instant at;
  std::string what;
  std::string reason;
  std::string choice;
  std::string contact;
  std::string campaign;
  bool has_key = false;
  std::string key;
  std::string step;
  std::string channel;
  std::string goal;
  std::uint32_t iteration = 0;
  std::string text;  // the whole in one line, for people
};

// Not thread-safe. Spans die with the next non-const call.
class Rehearsal {
 public:
  // Error: invalid_argument (no zones).
  static Result<Rehearsal> begin(EngineOptions options);

  // Publishes, feeds: first everything due before the input's instant happens and is taken. What
  // the input itself emits stays in the outbox. An Error says that it was refused.
  Result<void> publish(const Workspace& workspace, std::span<const Campaign> campaigns,
                       Instant received, std::span<const Migration> migrations = {});
  Result<void> feed(const Input& input);

  // Lets happen what is due before `t`, and takes at every instant that emits something; the same
  // that publish() and feed() begin with.
  void settle_before(Instant t);

  // Lets happen what is due at or before `t`, and takes at every instant that emits something.
  void advance_to(Instant t);

  // Takes what lies in the outbox, and makes the journal durable.
  void take();

  // Makes the journal durable and takes nothing.
  void keep_journal();

  // The engine is lost and rebuilt from what is durable. Errors: those of Engine::restore().
  Result<void> crash();
  // The same just behind a take(), whose actions may not have been executed: they are offered
  // again.
  Result<void> crash_after_taking();

  // Everything that happens from now on is told to `coverage` too, which must live as long.
  void cover(Coverage& coverage) { coverage_ = &coverage; }

  [[nodiscard]] Instant now() const { return engine_.now(); }
  [[nodiscard]] std::uint64_t actions_waiting() const {
    return engine_.statistics().actions_waiting;
  }
  // As of the last take.
  [[nodiscard]] std::optional<Instant> next_deadline() const { return next_deadline_; }
  [[nodiscard]] base::ByteView journal() const { return journal_; }

  // Everything so far, in order.
  [[nodiscard]] std::span<const Emission> emissions() const { return emissions_; }
  [[nodiscard]] std::span<const Told> told() const { return told_; }

  // Why the journal could not be told; empty in a sound library.
  [[nodiscard]] const std::optional<Error>& damage() const { return damage_; }

 private:
  Rehearsal(Engine engine, EngineOptions options);
  void append(base::ByteView frames);
  std::uint64_t hand_out();
  void tell(const Input& input) { engine_.feed({&input, 1}); }

  Engine engine_;
  EngineOptions options_;
  Story story_;
  base::Bytes journal_;
  std::optional<Instant> next_deadline_;
  std::vector<Emission> emissions_;
  std::vector<Told> told_;
  std::optional<Error> damage_;
  Coverage* coverage_ = nullptr;
};

}  // namespace itinera::lab
