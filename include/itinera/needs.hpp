// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "itinera/campaign.hpp"
#include "itinera/limits.hpp"

namespace itinera {

// What a workspace needs from its host. Lists are sorted by name; each element says who asks for
// it: "campaign cart-recovery", "segment lapsed", "channel email", "retain".
struct WorkspaceNeeds {
  struct Attribute {
    std::string name = {};
    std::vector<std::string> asked_by = {};
  };
  struct Event {
    std::string name = {};
    std::vector<std::string> properties = {};     // that somebody reads; sorted
    bool all_properties = false;                  // or all that come
    std::optional<std::int64_t> history_ms = {};  // how far back it is looked for
    bool newest = false;                          // the newest one, however old
    bool whole_history = false;                   // all of them, as far back as there are
    std::vector<std::string> asked_by = {};
    std::vector<std::string> emitted_by = {};  // campaigns, beside the host
  };
  struct Receipt {
    std::string name = {};
    std::vector<std::string> asked_by = {};
  };
  struct Channel {
    std::string name = {};
    std::string address = {};                 // CEL
    std::vector<std::string> templates = {};  // sorted
    std::vector<std::string> asked_by = {};   // campaigns that send on it
  };
  struct Sender {
    std::string name = {};
    std::string channel = {};
    std::vector<std::string> operations = {};  // that are named there; sorted
    std::vector<std::string> asked_by = {};    // campaigns that send from it
  };
  struct List {
    std::string name = {};
    std::vector<std::string> asked_by = {};
  };

  std::vector<Attribute> attributes = {};  // beside `id`; `zone` only where somebody reads it
  std::vector<Event> events = {};
  std::vector<Receipt> receipts = {};
  std::vector<Channel> channels = {};  // those of the workspace, also where nobody sends
  std::vector<Sender> senders = {};    // the same
  std::vector<List> lists = {};        // audiences that contacts are added to or removed from
  std::vector<List> calls = {};        // names that the host must know how to run
  std::vector<List> teams = {};        // whom tasks are for; "" where a task names nobody
  std::vector<List> consents = {};     // "email", "email/news": asked for, or changed
  std::vector<Attribute> set = {};     // that campaigns change, for the host's own records
  // Who goes by the accounts of contacts, of which the host tells by Group.
  std::vector<std::string> accounts_asked_by = {};
};

// A condition that does not compile asks for nothing: check() says what is wrong with it.
WorkspaceNeeds needs_of(const Workspace& workspace, std::span<const Campaign> campaigns,
                        const Limits& limits = {});

}  // namespace itinera
