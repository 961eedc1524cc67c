// SPDX-License-Identifier: Apache-2.0
#include "engine/input_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/nearest.hpp"
#include "base/packed_value.hpp"
#include "base/stable_hash.hpp"
#include "engine/tokens.hpp"
#include "tables/lists.hpp"

namespace itinera::engine {
namespace {

std::optional<Error> invalid(std::string message) {
  return Error{ErrorCode::invalid_argument, std::move(message)};
}
std::optional<Error> over_limit(std::string message) {
  return Error{ErrorCode::limit_reached, std::move(message)};
}

// Bytes of the value when packed; SIZE_MAX where it nests deeper than `depth`.
std::size_t size_within(const Value& value, std::uint32_t depth) {
  if (depth == 0) return SIZE_MAX;
  std::size_t size = 16;
  const auto add = [&](const Value& member) {
    const std::size_t more = size_within(member, depth - 1);
    size = more == SIZE_MAX || size == SIZE_MAX ? SIZE_MAX : size + more;
  };
  if (const auto* text = value.get<std::string>()) size += text->size();
  if (const auto* list = value.get<Value::List>()) {
    for (const Value& element : *list) add(element);
  }
  if (const auto* map = value.get<Value::Map>()) {
    for (const MapEntry& entry : *map) {
      add(entry.key);
      add(entry.value);
    }
  }
  return size;
}

class Check {
 public:
  explicit Check(const State& state) : state_(state) {}

  std::optional<Error> operator()(const Event& event) const {
    if (event.contact.empty() && event.anonymous.empty()) {
      return invalid("an event needs a contact or an anonymous id");
    }
    if (event.name.empty()) return invalid("an event needs a name");
    if (is_plain(event)) return std::nullopt;
    return first([&] { return id("event name", event.name); },
                 [&] { return id("contact id", event.contact); },
                 [&] { return id("anonymous id", event.anonymous); },
                 [&] { return properties(event.properties); },
                 [&] { return envelope(event.envelope); }, [&] { return repeat(event); });
  }
  std::optional<Error> operator()(const Identify& identify) const {
    if (identify.contact.empty() && identify.anonymous.empty()) {
      return invalid("identify needs a contact or an anonymous id");
    }
    if (identify.contact.empty() && !identify.verified.empty()) {
      return invalid("a verified handle needs a contact whose it is");
    }
    return first([&] { return id("contact id", identify.contact); },
                 [&] { return id("anonymous id", identify.anonymous); },
                 [&] { return properties(identify.attributes); },
                 [&] { return consents(identify); }, [&] { return handles(identify.verified); },
                 [&] { return envelope(identify.envelope); }, [&] { return repeat(identify); });
  }
  std::optional<Error> operator()(const Alias& alias) const {
    if (alias.contact.empty() || alias.previous.empty()) {
      return invalid("alias needs a contact and a previous, anonymous id");
    }
    return first([&] { return id("contact id", alias.contact); },
                 [&] { return id("previous id", alias.previous); },
                 [&] { return envelope(alias.envelope); }, [&] { return repeat(alias); });
  }
  std::optional<Error> operator()(const Merge& merge) const {
    if (merge.from.empty() || merge.into.empty()) return invalid("a merge needs two contacts");
    if (merge.from == merge.into) return invalid("a merge of a contact with itself");
    return first([&] { return id("contact id", merge.from); },
                 [&] { return id("contact id", merge.into); },
                 [&] { return envelope(merge.envelope); }, [&] { return repeat(merge); });
  }
  std::optional<Error> operator()(const Group& group) const {
    if (group.contact.empty()) return invalid("a group needs a contact");
    return first([&] { return id("account", group.account); },
                 [&] { return id("contact id", group.contact); },
                 [&] { return envelope(group.envelope); }, [&] { return repeat(group); });
  }
  std::optional<Error> operator()(const Forget& forget) const {
    if (forget.contact.empty()) return invalid("forget needs a contact");
    return first([&] { return id("contact id", forget.contact); },
                 [&] { return envelope(forget.envelope); }, [&] { return repeat(forget); });
  }
  std::optional<Error> operator()(const Report& report) const {
    if (report.receipt > Receipt::declared) return invalid("a report with an unknown receipt");
    if (!state_.plans.receipts.find(report.receipt, report.declared)) {
      return invalid(fmt::format("no channel declares the receipt '{}'", report.declared));
    }
    return first([&] { return properties(report.data); }, [&] { return envelope(report.envelope); },
                 [&] { return repeat(report); }, [&] { return action_of(report); });
  }
  std::optional<Error> operator()(const Enter& enter) const {
    if (enter.contact.empty()) return invalid("an entry needs a contact");
    const Family* const family = state_.plans.family(enter.campaign);
    if (family == nullptr || family->current == no_version) {
      return Error{ErrorCode::unknown_campaign,
                   fmt::format("campaign {} is not published", enter.campaign)};
    }
    if (!state_.plans.versions[family->current]->host_entry) {
      return invalid(fmt::format("campaign {} has no `host` entry", enter.campaign));
    }
    return first([&] { return id("contact id", enter.contact); },
                 [&] { return id("key", enter.key.value_or("")); },
                 [&] { return properties(enter.properties); },
                 [&] { return envelope(enter.envelope); }, [&] { return repeat(enter); });
  }
  std::optional<Error> operator()(const Stop& stop) const {
    if (stop.contact.empty()) return invalid("a stop needs a contact");
    return first([&] { return was_published(stop.campaign); },
                 [&] { return id("contact id", stop.contact); },
                 [&] { return id("key", stop.key.value_or("")); },
                 [&] { return envelope(stop.envelope); });
  }
  std::optional<Error> operator()(const Move& move) const {
    if (move.contact.empty()) return invalid("a move needs a contact");
    return first([&] { return was_published(move.campaign); },
                 [&] { return id("contact id", move.contact); },
                 [&] { return id("key", move.key.value_or("")); }, [&] { return leads(move); },
                 [&] { return envelope(move.envelope); }, [&] { return repeat(move); });
  }
  std::optional<Error> operator()(const Reassign& reassign) const {
    if (reassign.to.empty()) return invalid("a task must go to somebody");
    if (reassign.within_ms.value_or(1) <= 0) return invalid("a deadline must lie ahead");
    if (reassign.note.size() > state_.limits.input_bytes) {
      return over_limit(fmt::format("a note of {} bytes; the limit is {}", reassign.note.size(),
                                    state_.limits.input_bytes));
    }
    return first([&] { return id("assignee", reassign.to); },
                 [&] { return id("assigner", reassign.by); },
                 [&] { return envelope(reassign.envelope); }, [&] { return repeat(reassign); });
  }
  std::optional<Error> operator()(const TakeOver& input) const {
    const Result<HandOver> read = read_token(input.token, state_.limits);
    if (!read) return read.error();
    if (input.contact.empty() && read->contact.empty()) {
      return invalid("a journey needs a contact");
    }
    const std::string& here = state_.plans.workspace.name;
    if (read->workspace != here) {
      return invalid(fmt::format("the token is of workspace {}, not {}", read->workspace, here));
    }
    if (version_for(state_.plans, *read) == no_version) {
      return Error{ErrorCode::unknown_campaign,
                   fmt::format("campaign {} is not published", read->campaign)};
    }
    return first([&] { return id("contact id", input.contact); },
                 [&] { return envelope(input.envelope); }, [&] { return repeat(input); });
  }
  std::optional<Error> operator()(const Reoffer& reoffer) const {
    constexpr std::size_t ids_max = 1u << 20;  // of one frame
    if (reoffer.actions.size() > ids_max) {
      return over_limit(
          fmt::format("{} actions by name; the limit is {}", reoffer.actions.size(), ids_max));
    }
    return envelope(reoffer.envelope);
  }
  std::optional<Error> operator()(const Acknowledge& acknowledge) const {
    return envelope(acknowledge.envelope);
  }
  std::optional<Error> operator()(const Suppress& suppress) const {
    if (suppress.address.empty()) return invalid("what is closed or opened needs an address");
    return first([&] { return channel(suppress.channel); },
                 [&] { return address(suppress.address); },
                 [&] { return envelope(suppress.envelope); }, [&] { return repeat(suppress); });
  }
  std::optional<Error> operator()(const Pause& pause) const {
    if (pause.mode > PauseMode::drop) return invalid("a pause with an unknown mode");
    return first([&] { return was_published(pause.campaign); },
                 [&] { return envelope(pause.envelope); });
  }
  std::optional<Error> operator()(const Resume& resume) const {
    return first([&] { return was_published(resume.campaign); },
                 [&] { return envelope(resume.envelope); });
  }

 private:
  [[nodiscard]] std::optional<Error> was_published(std::string_view campaign) const {
    if (state_.plans.family(campaign) != nullptr) return std::nullopt;
    return Error{ErrorCode::unknown_campaign,
                 fmt::format("campaign {} was never published", campaign)};
  }

  [[nodiscard]] std::optional<Error> channel(std::string_view name) const {
    const std::vector<ChannelPlan>& channels = state_.plans.channels;
    const bool known = std::any_of(channels.begin(), channels.end(),
                                   [&](const ChannelPlan& each) { return each.name == name; });
    if (known) return std::nullopt;
    std::vector<std::string> names;
    for (const ChannelPlan& each : channels) names.push_back(each.name);
    return unknown("channel", name, names);
  }

  // Where the workspace lists topics, a word of another one is heard by no send but those of
  // campaigns that were published when it listed that.
  [[nodiscard]] std::optional<Error> topic(std::string_view name) const {
    const std::vector<std::string>& topics = state_.plans.workspace.topics;
    if (name.empty() || topics.empty()) return std::nullopt;
    if (std::find(topics.begin(), topics.end(), name) != topics.end()) return std::nullopt;
    for (const auto& version : state_.plans.versions) {
      const bool sends = std::any_of(
          version->nodes.begin(), version->nodes.end(),
          [name](const NodePlan& node) { return node.send && node.send->topic == name; });
      if (sends) return std::nullopt;
    }
    return unknown("topic", name, topics);
  }

  // What is wrong with the names in a word of consent.
  [[nodiscard]] std::optional<Error> word_of(const Consent& consent) const {
    if (auto error = channel(consent.channel)) return error;
    return topic(consent.topic);
  }

  // Of a repeat nothing need be known any more.
  template <class Message>
  [[nodiscard]] bool is_repeat(const Message& message) const {
    const record::MessageKey key = message_key(message);
    return key.present() && state_.dedupe.find(key.id) != nullptr;
  }

  [[nodiscard]] static std::optional<Error> unknown(std::string_view what, std::string_view name,
                                                    const std::vector<std::string>& names) {
    const std::string meant = base::did_you_mean(name, names);
    return invalid(
        fmt::format("there is no {} '{}'{}{}", what, name, meant.empty() ? "" : ": ", meant));
  }

  [[nodiscard]] std::optional<Error> action_of(const Report& report) const {
    if (!report.known || state_.knows_taken(report.action.hash)) return std::nullopt;
    if (is_repeat(report)) return std::nullopt;
    return Error{
        ErrorCode::unknown_action,
        fmt::format("no action {} was taken, or it is too long ago", to_text(report.action.hash))};
  }

  [[nodiscard]] std::optional<Error> address(std::string_view text) const {
    if (text.size() <= state_.limits.input_bytes) return std::nullopt;
    return over_limit(fmt::format("an address of {} bytes; the limit is {}", text.size(),
                                  state_.limits.input_bytes));
  }

  // Whether nothing about the event needs a closer look: most have short ids and no message id.
  [[nodiscard]] bool is_plain(const Event& event) const {
    const Envelope& envelope = event.envelope;
    const std::size_t longest =
        std::max({event.name.size(), event.contact.size(), event.anonymous.size()});
    return event.properties.empty() && envelope.message_id.empty() && envelope.source.empty() &&
           !envelope.occurred && longest <= state_.limits.id_bytes &&
           envelope.received >= earliest_instant && envelope.received <= latest_instant;
  }

  // The first error that one of the checks finds; those after it are not made.
  static std::optional<Error> first() { return std::nullopt; }
  template <class First, class... Others>
  static std::optional<Error> first(First check, Others... others) {
    if (std::optional<Error> error = check()) return error;
    return first(others...);
  }

  [[nodiscard]] std::optional<Error> id(std::string_view what, std::string_view text) const {
    if (text.size() <= state_.limits.id_bytes) return std::nullopt;
    return over_limit(
        fmt::format("{} of {} bytes; the limit is {}", what, text.size(), state_.limits.id_bytes));
  }

  [[nodiscard]] std::optional<Error> properties(std::span<const Property> all) const {
    if (all.empty()) return std::nullopt;
    if (all.size() > state_.limits.properties) {
      return over_limit(
          fmt::format("{} properties; the limit is {}", all.size(), state_.limits.properties));
    }
    std::size_t size = 0;
    for (const Property& property : all) {
      const std::size_t more = size_within(property.value, state_.limits.value_depth);
      if (more == SIZE_MAX) {
        return over_limit(fmt::format("property {} nests deeper than {}", property.name,
                                      state_.limits.value_depth));
      }
      size += property.name.size() + more;
    }
    if (size <= state_.limits.input_bytes) return std::nullopt;
    return over_limit(
        fmt::format("properties of {} bytes; the limit is {}", size, state_.limits.input_bytes));
  }

  [[nodiscard]] std::optional<Error> consents(const Identify& identify) const {
    if (identify.consents.empty()) return std::nullopt;
    const std::string_view who = identify.contact;
    const std::string anonymous = anonymous_contact_id(identify.anonymous);
    const std::string_view id_known = who.empty() ? std::string_view(anonymous) : who;
    const std::uint32_t place = state_.find_contact(id_known, base::stable_hash(id_known).high);
    base::ByteView known;
    if (place != no_place) known = state_.blobs.view(state_.contacts[place].attributes);
    std::size_t count = 0;
    bool adds = false;  // what was said of before may be said anew, beyond the limit too
    bool refuses = false;
    std::optional<Error> misspelt;
    for (base::ByteView rest = consents_in(known); !rest.empty(); ++count) take_consent(rest);
    for (const Consent& consent : identify.consents) {
      if (consent.channel.empty()) return invalid("a consent needs a channel");
      for (const std::string_view text : {consent.channel, consent.topic, consent.source}) {
        if (auto error = id("part of a consent", text)) return error;
      }
      const bool is_new = !find_consent(known, consent.channel, consent.topic);
      std::optional<Error> error = is_new ? word_of(consent) : std::nullopt;
      refuses = refuses || (!error && !consent.granted);
      if (error && !misspelt) misspelt = std::move(error);
      count += is_new ? 1 : 0;
      adds = adds || is_new;
    }
    // A refusal of a misspelt channel would be lost, and what was refused be sent. One that is
    // spelt rightly is not lost for another word beside it.
    if (misspelt && !refuses && !is_repeat(identify)) return misspelt;
    if (!adds || count <= state_.limits.consents) return std::nullopt;
    return over_limit(
        fmt::format("{} consents of one contact; the limit is {}", count, state_.limits.consents));
  }

  [[nodiscard]] std::optional<Error> handles(std::span<const Handle> handles) const {
    for (const Handle& handle : handles) {
      if (handle.kind.empty() || handle.value.empty()) {
        return invalid("a verified handle needs a kind and a value");
      }
      for (const std::string_view text : {handle.kind, handle.value}) {
        if (auto error = id("part of a handle", text)) return error;
      }
    }
    if (handles.size() <= state_.limits.identities) return std::nullopt;
    return over_limit(fmt::format("{} verified handles; the limit is {}", handles.size(),
                                  state_.limits.identities));
  }

  [[nodiscard]] std::optional<Error> envelope(const Envelope& envelope) const {
    const auto in_range = [](Instant t) { return t >= earliest_instant && t <= latest_instant; };
    if (!in_range(envelope.received) || !in_range(envelope.occurred.value_or(Instant{}))) {
      return invalid("a time outside the years 1 to 9999");
    }
    return first([&] { return id("message id", envelope.message_id); },
                 [&] { return id("source", envelope.source); });
  }

  // Whether the step is one that journeys can be moved to: of the version that takes entries, else
  // of any.
  [[nodiscard]] std::optional<Error> leads(const Move& move) const {
    const Family& family = *state_.plans.family(move.campaign);
    for (const auto& plan : state_.plans.versions) {
      const bool is_meant = family.current == no_version
                                ? &state_.plans.families[plan->family] == &family
                                : plan->version == family.current;
      if (!is_meant) continue;
      const model::Graph graph = model::flatten(plan->campaign);
      const NodeIndex at = graph.find(move.step);
      if (at == model::end_node) continue;
      if (graph.nodes[at].parallel == model::end_node) return std::nullopt;
      return invalid(
          fmt::format("step {} of campaign {} is inside a parallel", move.step, move.campaign));
    }
    return Error{ErrorCode::unknown_step,
                 fmt::format("campaign {} has no step {}", move.campaign, move.step)};
  }

  // S4: the same id with other content.
  template <class Message>
  [[nodiscard]] std::optional<Error> repeat(const Message& message) const {
    if (message.envelope.message_id.empty()) return std::nullopt;
    const record::MessageKey key = message_key(message);
    const Dedupe::Seen* const seen = state_.dedupe.find(key.id);
    if (seen == nullptr || seen->content == key.content) return std::nullopt;
    const Instant at = std::max({message.envelope.received, state_.now, state_.closed + 1});
    if (seen->at <= at - state_.plans.workspace.dedupe_ms) return std::nullopt;
    return Error{ErrorCode::conflict, fmt::format("message {} came before with other content",
                                                  message.envelope.message_id)};
  }

  const State& state_;
};

}  // namespace

std::optional<Error> check_input(const State& state, const Input& input) {
  return std::visit(Check(state), input);
}

std::string anonymous_contact_id(std::string_view anonymous) {
  return fmt::format("anonymous:{}", anonymous);
}

}  // namespace itinera::engine
