// SPDX-License-Identifier: Apache-2.0
// A contact goes to the engine of another shard, with all that is its: what it knows, its journeys
// as they stand, actions of which something may yet be reported. Crossing::tell() finds the
// records; the engine that it comes to writes and applies them, and only then the other one lets go
// of it.
#pragma once

#include <algorithm>
#include <map>
#include <vector>

#include "crossing/lists.hpp"
#include "record/records.hpp"
#include "state/state.hpp"
#include "tables/lists.hpp"

namespace itinera::engine {

void apply(State& state, const record::DepartInput& input);
void apply(State& state, const record::ComeInput& input);
void apply(State& state, const record::Departed& r);
void apply(State& state, const record::ContactCame& r);
void apply(State& state, const record::RowCame& r);
void apply(State& state, const record::JourneyCame& r);
void apply(State& state, const record::ActionCame& r);
void apply(State& state, const record::ContextCame& r);
void apply(State& state, const record::OutCame& r);
void apply(State& state, const record::OpenCame& r);
void apply(State& state, const record::SentCame& r);
void apply(State& state, const record::BegunCame& r);

bool fits(const State& state, const record::DepartInput& input);
bool fits(const State& state, const record::ComeInput& input);
bool fits(const State& state, const record::Departed& r);
bool fits(const State& state, const record::ContactCame& r);
bool fits(const State& state, const record::RowCame& r);
bool fits(const State& state, const record::JourneyCame& r);
bool fits(const State& state, const record::ActionCame& r);
bool fits(const State& state, const record::ContextCame& r);
bool fits(const State& state, const record::OutCame& r);
bool fits(const State& state, const record::OpenCame& r);
bool fits(const State& state, const record::SentCame& r);
bool fits(const State& state, const record::BegunCame& r);

// The contact's place, then those of its ids, oldest link first.
std::vector<std::uint32_t> places_of(const State& state, std::uint32_t contact);
base::Bytes packed_places(const std::vector<std::uint32_t>& places);

// The place of the id itself, whomever it stands for, and be it away; no_place: it was never here.
std::uint32_t place_of_id(const State& state, std::string_view id, std::uint64_t hash);

// Where a contact of that id is, or will be as one that has come; no_place if it is here.
std::uint32_t place_to_come(const State& state, std::string_view id, std::uint64_t hash);

// Of one contact, which goes from the one engine to the other. No send of it is ready. Both states
// must outlive it.
class Crossing {
 public:
  Crossing(const State& from, std::uint32_t contact, const State& to)
      : from_(from), to_(to), places_(places_of(from, contact)) {}

  // Calls commit(record) for each, which must apply it to `to` before it returns.
  template <class Commit>
  void tell(Commit commit) {
    for (const std::uint32_t place : places_) {
      const base::Bytes attributes = attributes_told(from_, list(from_.contacts[place].attributes));
      const base::Bytes history = history_told(from_, list(from_.contacts[place].history));
      commit(contact(place, attributes, history));
    }
    for (const record::RowCame& row : rows()) commit(row);
    for (const std::uint32_t journey : journeys()) {
      commit(this->journey(journey));
      for (const std::uint32_t action : actions_of(journey)) commit(this->action(action));
    }
    for (const auto& [journey, came] : journeys_) {
      const ContextTold told =
          context_told(from_, list(from_.journeys[journey].context), whereabouts());
      if (told.progress.empty() && told.content.empty()) continue;
      commit(record::ContextCame{came, told.progress, told.content});
    }
    for (const OutboxEntry& entry : from_.outbox.entries) {
      if (!entry.withdrawn && is_its(entry.contact)) commit(waiting(entry));
    }
    if (!was_written_to()) return;
    for (const std::uint32_t at : from_.open.to(places_)) commit(open(from_.open[at]));
    for (const SentMessage* const each : from_.sent.to(places_)) commit(sent(*each));
  }

 private:
  [[nodiscard]] base::ByteView list(Blob blob) const { return from_.blobs.view(blob); }
  [[nodiscard]] bool is_its(std::uint32_t place) const {
    return std::find(places_.begin(), places_.end(), place) != places_.end();
  }
  [[nodiscard]] bool was_written_to() const;
  [[nodiscard]] std::vector<std::uint32_t> journeys() const;  // strands behind heads, then asides
  [[nodiscard]] std::vector<std::uint32_t> actions_of(std::uint32_t journey) const;
  [[nodiscard]] std::vector<record::RowCame> rows() const;
  [[nodiscard]] Whereabouts whereabouts() const;

  record::ContactCame contact(std::uint32_t place, base::ByteView attributes,
                              base::ByteView history);
  record::JourneyCame journey(std::uint32_t place);
  record::ActionCame action(std::uint32_t place);
  [[nodiscard]] record::OutCame waiting(const OutboxEntry& entry) const;
  [[nodiscard]] record::OpenCame open(const OpenAction& action) const;
  [[nodiscard]] record::SentCame sent(const SentMessage& message) const;

  const State& from_;
  const State& to_;
  std::vector<std::uint32_t> places_;
  // Where they are now: by their places before.
  std::map<std::uint32_t, std::uint32_t> contacts_;
  std::map<std::uint32_t, std::uint32_t> journeys_;
  std::map<std::uint32_t, std::uint32_t> actions_;
};

}  // namespace itinera::engine
