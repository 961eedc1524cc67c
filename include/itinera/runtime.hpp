// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>

#include "itinera/engine.hpp"
#include "itinera/store.hpp"

namespace itinera {

// An engine with its store: what most hosts link. Opens where the journal ends, appends what the
// engine writes before any action leaves, and stops at every instant that emits something, so that
// actions are handed out at the instant they are due.
//
// Not thread-safe. After an error of the store (io_failed, fenced, damaged_journal) the runtime
// takes no more calls: open it again.
class Runtime {
 public:
  // Claims the store, so that whoever else has it open can write no more, reads it, and restores
  // the engine. Errors: those of Engine::restore() and of the store.
  static Result<Runtime> open(std::unique_ptr<Store> store, EngineOptions options);

  Runtime(Runtime&&) noexcept;
  Runtime& operator=(Runtime&&) noexcept;
  ~Runtime();

  // As Engine::publish(). It has no sink: what falls due before `received` fires, and waits for the
  // next call that has one; come there by advance_to() first.
  Result<void> publish(const Workspace& workspace, std::span<const Campaign> campaigns,
                       Instant received);

  // Receives actions, in order, after their frames are durable. The spans die when it returns.
  class Sink {
   public:
    virtual ~Sink() = default;
    virtual void act(std::span<const Action> actions) = 0;
  };

  // Takes the inputs, each at its own instant: timers that fall due before it fire first, and what
  // they emit goes to `sink` first. The refusals die with the next call.
  Result<std::span<const Refusal>> feed(std::span<const Input> inputs, Sink& sink);
  Result<void> advance_to(Instant t, Sink& sink);

  [[nodiscard]] const Engine& engine() const;

 private:
  struct State;
  explicit Runtime(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace itinera
