// SPDX-License-Identifier: Apache-2.0
// A world: what a host publishes and feeds, as data with texts of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "itinera/campaign.hpp"
#include "itinera/input.hpp"
#include "itinera/migration.hpp"

namespace itinera::property {

struct Publication {
  Workspace workspace;
  std::vector<Campaign> campaigns;
  std::vector<Migration> migrations = {};
};

// One thing that the host does.
struct Command {
  enum class Kind : std::uint8_t {
    event,
    identify,
    alias,
    report,
    enter,
    stop,
    merge,
    forget,
    group,
    publish,
    advance,
    suppress,
    pause,
    resume,
    reassign,
    take_over,
    reoffer,
    acknowledge,
    move
  };
  Kind kind = Kind::event;
  Instant received;
  std::optional<Instant> occurred;
  std::string message_id;
  std::string source;
  std::string name;  // of an event, a campaign or a channel
  std::string contact;
  std::string anonymous;  // of an alias: `previous`
  std::string into;       // of a merge, of `contact`; of a group: the account
  std::optional<std::string> key;
  Properties properties;
  std::vector<Handle> verified = {};   // the same
  std::vector<Consent> consents = {};  // with texts that live for ever
  HistoryKnown history = HistoryKnown::unchanged;
  Receipt receipt = Receipt::sent;
  bool hard = true;
  bool retry = false;
  PauseMode mode = PauseMode::queue;
  std::string step = {};   // of a move
  std::string address;     // of a suppression; of a take_over: the token, once it is known
  bool yes = true;         // of a suppression: the address is listed; of a pause: contacts enter;
                           // of a take_over: the token is whole; of a reoffer: all are meant; of
                           // an acknowledgement: what is taken is kept from then on
  std::uint32_t pick = 0;  // of a report, a reassignment or a reoffer: which of the newest actions,
                           // from 0; of a take_over: of the newest tasks; of an acknowledgement:
                           // how many of the newest takes it leaves out
  ActionId action;         // of a report, a reassignment or a reoffer, once it is known
  std::uint64_t takes = 0;  // of an acknowledgement, the same
  bool by_account = false;  // of a report: only messages are meant that an account has sent
  std::size_t publication = 0;
};

// As what is fed; points into `command`. Defined for all kinds but publish and advance.
Input input_of(const Command& command);

struct World {
  std::vector<Publication> publications;
  std::vector<Command> commands;
};

}  // namespace itinera::property
