// SPDX-License-Identifier: Apache-2.0
// What the policy says of one message to one contact at one instant. Looks only at the state.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "base/byte_buffer.hpp"
#include "base/bytes.hpp"
#include "state/facts.hpp"
#include "state/state.hpp"
#include "tables/lists.hpp"

namespace itinera::engine {

// What a contact has said of messages on a channel, or of one topic there. What was said of the
// topic counts, unless the channel as a whole was refused since, or at the same instant by another
// message.
struct Word {
  bool said = false;
  bool granted = false;
  std::string_view source;  // lives as long as the list of attributes
};
Word word_of(base::ByteView attributes, std::string_view channel, std::string_view topic);

// Why a message may not go to this address of a contact.
struct Objection {
  record::Decision decision = record::Decision::no_consent;
  record::Reason reason = record::Reason::none;
};
// By suppression, and by consent. `address` is an address_hash().
std::optional<Objection> objection_to(const State& state, std::uint32_t contact,
                                      const SendPlan& send, const LegPlan& leg,
                                      std::uint64_t address);

// The first instant from now on at which none of the quiet hours that are about the send forbids it
// (S14); no_deadline if there is none. `facts` are about its journey.
Instant quiet_until(const State& state, const Facts& facts, const LegPlan& leg);

// The same of frequency caps, if no slot were given back (S16, S17).
Instant capped_until(const State& state, const Facts& facts, std::uint32_t contact,
                     const LegPlan& leg);

// The counted messages of several contacts in one list.
void counted_together(const State& state, std::span<const std::uint32_t> contacts,
                      base::ByteBuffer& list);

// The contact's list of counted messages with one more, and without what no cap can ask for any
// more; or with one less.
void count_message(State& state, std::uint32_t contact, const CountedItem& message);
void uncount_message(State& state, std::uint32_t contact, const CountedItem& message);

// How probable it is that the contact reacts to a message on a channel, by its key: the mean of the
// beta-binomial posterior, (engaged + 5 p) / (sent + 5), with p = (engaged + 1) / (sent + 2) of all
// contacts together (Laplace's rule of succession), so that a contact of whom little is known
// counts as the average.
double engagement(const State& state, std::uint32_t contact, std::uint64_t channel);

}  // namespace itinera::engine
