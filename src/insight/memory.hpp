// SPDX-License-Identifier: Apache-2.0
// What a story remembers of the frames it has read, so that later ones can be understood.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "itinera/campaign.hpp"
#include "itinera/ids.hpp"
#include "itinera/result.hpp"
#include "itinera/story.hpp"
#include "itinera/time.hpp"
#include "model/graph.hpp"
#include "model/receipts.hpp"
#include "record/crossing_records.hpp"

namespace itinera::engine {
class Saver;
class Loader;
}  // namespace itinera::engine

namespace itinera::insight {

// A published campaign version. The graph points into the campaign: never copied or moved.
struct Definition {
  explicit Definition(Campaign campaign_read)
      : campaign(std::move(campaign_read)), graph(model::flatten(campaign)) {}
  Definition(const Definition&) = delete;
  Definition& operator=(const Definition&) = delete;

  const Campaign campaign;
  const model::Graph graph;
};

// A journey that has not been forgotten. The key's text stays where it is however journeys move.
struct Journey {
  std::uint32_t person = 0;
  std::uint16_t definition = 0;  // of a strand: that of its journey counts
  bool has_key = false;
  std::uint8_t leg = 0;  // the channel that the send at `chosen_at` goes by
  std::uint16_t chosen_at = Happening::no_node;
  std::uint32_t whole = Happening::no_journey;  // of a strand: the journey that it is part of
  std::unique_ptr<const std::string> key;       // null: empty or none
  [[nodiscard]] std::string_view key_text() const { return key ? *key : std::string_view{}; }
};

// An action in the outbox.
struct Waiting {
  Hash128 id;
  // Of the action, which may be another's by now; both none: it came from another shard behind the
  // end of its journey.
  std::uint32_t place = 0;
  std::uint32_t journey = 0;
  std::uint32_t person = 0;      // of the journey
  std::uint16_t definition = 0;  // that it was emitted by
  std::uint16_t node = 0;
  std::uint32_t iteration = 0;
  Instant emitted;
  std::string_view channel;                        // of a send
  std::list<std::uint64_t>::iterator beside = {};  // among those of the person
};

// Where an action came from.
struct Emission {
  std::uint16_t definition = 0;
  std::uint16_t node = 0;
  std::string_view channel;  // of a send
  std::uint64_t order = 0;   // among all emissions; 0: it waits no more
};

// Grows only with what the journal says: places are taken without gaps, so that a hostile one
// cannot ask for more memory than its own bytes are worth.
class Memory {
 public:
  // Takes the whole set of a publication; what was published before keeps its number.
  // Errors: damaged_journal, unsupported_version.
  Result<void> publish(base::ByteView model);

  // False: the place leaves a gap, or is taken.
  bool add_contact(std::uint32_t place, std::string_view id);
  // False: the place leaves a gap.
  bool add_journey(std::uint32_t place, Journey journey);

  // From now on `place` stands for `to`; both exist. For the first time it brings along what it was
  // so far; where it stood for somebody else, that stays with them (S30). Empty where `to` stands
  // for somebody itself, which nobody may who is stood for.
  enum class Link : std::uint8_t { first, moved, again };
  std::optional<Link> link(std::uint32_t place, std::uint32_t to);

  // What to remember of a contact that exists, to ask later who that has become. Places change
  // hands.
  [[nodiscard]] std::uint32_t person_at(std::uint32_t place) const {
    return contacts_[place].person;
  }
  // The place of whom such a person has become; beyond all places: of nobody any more.
  std::uint32_t place_of(std::uint32_t person);

  // It is in another shard from now on, and its place stays its own. False: it is not here.
  bool depart(std::uint32_t place);
  // Is known, and in another shard.
  [[nodiscard]] bool has_gone(std::uint32_t place) const;
  // It has come from the shard of that memory. False: it has not departed there, or may not have
  // the place, or whom it stands for is not here.
  bool come(const record::ContactCame& came, const Memory& from);

  // Nothing is known of the contacts any more, from the next frame on; their places may be taken
  // again. False: there is none at such a place.
  bool forget(std::uint32_t place);

  // Empty: no such receipt.
  [[nodiscard]] std::string_view receipt(std::uint8_t number) const {
    return receipts_.name(number);
  }

  // Null: no such thing.
  [[nodiscard]] const std::string* contact(std::uint32_t place) const;
  [[nodiscard]] const Journey* journey(std::uint32_t place) const;
  [[nodiscard]] const Definition* definition(std::size_t place) const;
  [[nodiscard]] const std::string* segment(std::size_t number) const;
  [[nodiscard]] const std::string* sender(std::size_t number) const;
  [[nodiscard]] std::size_t definitions() const { return definitions_.size(); }

  // The send at which a journey that exists stands has chosen one of its channels; no_node: no
  // more.
  void choose(std::uint32_t journey, std::uint16_t node, std::uint8_t leg);

  // What a version has become, until the next such word; a journey that exists moves there. False:
  // it is not on the version that is left.
  void remap(std::uint16_t from, std::uint16_t to) { remapped_ = {from, to}; }
  bool migrate(std::uint32_t journey);

  // What the action at that place was emitted by stays so when its journey moves to another
  // version. False: the place leaves a gap.
  bool note_emitted(std::uint32_t action, const Emission& emission);
  // Null: there was none.
  [[nodiscard]] const Emission* emission(std::uint32_t action) const {
    return action < emissions_.size() ? &emissions_[action] : nullptr;
  }

  // From a place that note_emitted() was told of, or from none.
  void emit(Waiting waiting);
  // The newest action at a place leaves the outbox; empty if it is not there. By its place, since
  // its id may be erased between two reads.
  std::optional<Waiting> withdraw(std::uint32_t place);
  // All that are of a contact that exists, whatever it was known by, leave the outbox.
  std::vector<Waiting> withdraw_all(std::uint32_t contact);
  // The oldest `count` leave the outbox.
  void take(std::uint32_t count);
  // One of those that the newest take() took, by its id, or where that has been erased meanwhile
  // by where it came from; empty if it is not among them. The contact exists.
  std::optional<Waiting> recall(Hash128 id, std::uint32_t contact, std::uint16_t definition,
                                std::uint16_t node);

  // All that frames to come may refer to. Of contacts and journeys no text is kept: whoever goes on
  // with a memory that was loaded is told an id that says nothing, and no key. To be called behind
  // forget_retired(); load() is for one that remembers nothing.
  void save(engine::Saver& v) const;
  void load(engine::Loader& v);

  // Lets go of texts that were kept for the happenings of the last frame only.
  void forget_retired() {
    retired_.clear();
    for (const std::uint32_t place : forgotten_) {
      contacts_[place].id.clear();
      contacts_[place].gone = false;
    }
    forgotten_.clear();
  }

 private:
  template <class V, class Self>
  static void walk(V& v, Self& self);
  [[nodiscard]] bool is_sound() const;

  struct Contact {
    std::string id;  // empty: the place is free
    std::uint32_t person = 0;
    bool gone = false;  // to another shard
  };
  // Whom a contact was taken for from one link to the next.
  struct Person {
    std::uint32_t place = 0;
    std::uint32_t became = 0;  // itself: nobody else
  };
  std::uint32_t add_person(std::uint32_t place, std::optional<std::uint32_t> became);
  std::uint32_t last_of(std::uint32_t person);
  void leave_outbox(const Waiting& waiting);

  model::ReceiptNumbers receipts_;
  std::deque<Definition> definitions_;
  std::set<std::pair<std::string_view, std::uint32_t>> published_;  // names of definitions_
  std::deque<std::string> segments_;                                // by first publication
  std::deque<std::string> senders_;                                 // the same
  std::deque<Contact> contacts_;
  std::vector<Person> people_;
  std::vector<std::uint32_t> forgotten_;  // by the frame at hand
  std::vector<Journey> journeys_;
  std::pair<std::uint16_t, std::uint16_t> remapped_;
  std::vector<std::unique_ptr<const std::string>> retired_;
  std::vector<Emission> emissions_;                              // of actions, by place
  std::map<std::uint64_t, Waiting> outbox_;                      // by the order of emission
  std::map<std::uint32_t, std::list<std::uint64_t>> outbox_of_;  // by who the person has become
  std::map<Hash128, Waiting> taken_;                             // last
  // Of those the ids, by person, definition and node; empty before anybody asks.
  std::multimap<std::tuple<std::uint32_t, std::uint16_t, std::uint16_t>, Hash128> taken_from_;
  std::uint64_t emitted_ = 1;
};

}  // namespace itinera::insight
