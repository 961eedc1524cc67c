// SPDX-License-Identifier: Apache-2.0
#include "tables/message_keys.hpp"

#include <algorithm>
#include <tuple>
#include <variant>
#include <vector>

#include "base/packed_value.hpp"
#include "base/stable_hash.hpp"

namespace itinera::engine {
namespace {

// The parts, each packed, in the order of their bytes: what has no order of its own.
base::Bytes in_one_order(std::vector<base::Bytes> parts) {
  std::sort(parts.begin(), parts.end());
  base::Bytes all;
  for (const base::Bytes& part : parts) base::Writer(all).bytes(part);
  return all;
}

// As base::pack(), but the same for maps whose members stand in another order. As deep as check()
// lets values nest.
base::Bytes packed_without_order(const Value& value) {
  base::Bytes packed;
  if (const auto* list = value.get<Value::List>()) {
    base::Writer(packed).number(Value::Kind::list);
    base::Writer(packed).number(static_cast<std::uint32_t>(list->size()));
    for (const Value& element : *list) {
      base::Writer(packed).bytes(packed_without_order(element));
    }
  } else if (const auto* map = value.get<Value::Map>()) {
    std::vector<base::Bytes> members;
    for (const MapEntry& entry : *map) {
      base::Bytes& member = members.emplace_back(packed_without_order(entry.key));
      base::Writer(member).bytes(packed_without_order(entry.value));
    }
    base::Writer(packed).number(Value::Kind::map);
    base::Writer(packed).number(static_cast<std::uint32_t>(members.size()));
    base::Writer(packed).bytes(in_one_order(std::move(members)));
  } else {
    base::pack(value, packed);
  }
  return packed;
}

Hash128 id_of(const Envelope& envelope) {
  return base::StableHash().text(envelope.source).text(envelope.message_id).finish();
}

record::MessageKey key_of(const Envelope& envelope, base::StableHash& content,
                          std::span<const Property> properties) {
  std::vector<base::Bytes> members;
  for (const Property& property : properties) {
    base::Bytes& member = members.emplace_back();
    base::Writer(member).text(property.name);
    base::Writer(member).bytes(packed_without_order(property.value));
  }
  content.bytes(in_one_order(std::move(members)));
  content.integer(envelope.occurred ? envelope.occurred->ms : INT64_MIN);
  return {id_of(envelope), content.finish().low};
}

}  // namespace

record::MessageKey key_of_message(const Event& event) {
  base::StableHash content;
  content.text("event").text(event.name).text(event.contact).text(event.anonymous);
  return key_of(event.envelope, content, event.properties);
}
record::MessageKey key_of_message(const Identify& identify) {
  base::StableHash content;
  content.text("identify").text(identify.contact).text(identify.anonymous);
  content.integer(static_cast<std::int64_t>(identify.history));
  std::vector<Consent> consents(identify.consents.begin(), identify.consents.end());
  std::sort(consents.begin(), consents.end(), [](const Consent& a, const Consent& b) {
    return std::tie(a.channel, a.topic, a.granted, a.source) <
           std::tie(b.channel, b.topic, b.granted, b.source);
  });
  std::vector<Handle> handles(identify.verified.begin(), identify.verified.end());
  std::sort(handles.begin(), handles.end(), [](const Handle& a, const Handle& b) {
    return std::tie(a.kind, a.value) < std::tie(b.kind, b.value);
  });
  for (const Handle& handle : handles) content.text(handle.kind).text(handle.value);
  for (const Consent& consent : consents) {
    content.text(consent.channel).text(consent.topic).text(consent.source);
    content.integer(consent.granted ? 1 : 0);
  }
  return key_of(identify.envelope, content, identify.attributes);
}
record::MessageKey key_of_message(const Alias& alias) {
  base::StableHash content;
  content.text("alias").text(alias.previous).text(alias.contact);
  return key_of(alias.envelope, content, {});
}
record::MessageKey key_of_message(const Merge& merge) {
  base::StableHash content;
  content.text("merge").text(merge.from).text(merge.into);
  return key_of(merge.envelope, content, {});
}
record::MessageKey key_of_message(const Group& group) {
  base::StableHash content;
  content.text("group").text(group.account).text(group.contact);
  return key_of(group.envelope, content, {});
}
record::MessageKey key_of_message(const Forget& forget) {
  base::StableHash content;
  content.text("forget").text(forget.contact);
  return key_of(forget.envelope, content, {});
}
record::MessageKey key_of_message(const Report& report) {
  base::StableHash content;
  content.text("report").hash(report.action.hash);
  content.integer(static_cast<std::int64_t>(report.receipt));
  if (report.receipt == Receipt::declared) content.text(report.declared);
  content.integer((report.hard ? 1 : 0) + (report.retry ? 2 : 0));
  return key_of(report.envelope, content, report.data);
}
record::MessageKey key_of_message(const Enter& enter) {
  base::StableHash content;
  content.text("enter").text(enter.campaign).text(enter.contact).integer(enter.key ? 1 : 0);
  content.text(enter.key.value_or(""));
  return key_of(enter.envelope, content, enter.properties);
}

record::MessageKey key_of_message(const Reassign& reassign) {
  base::StableHash content;
  content.text("reassign").hash(reassign.action.hash).text(reassign.to).text(reassign.by);
  content.text(reassign.note).integer(reassign.within_ms.value_or(0));
  return key_of(reassign.envelope, content, {});
}

record::MessageKey key_of_message(const TakeOver& input) {
  base::StableHash content;
  content.text("take_over").text(input.token).text(input.contact);
  return key_of(input.envelope, content, {});
}

record::MessageKey key_of_message(const Move& input) {
  base::StableHash content;
  content.text("move").text(input.campaign).text(input.contact).integer(input.key ? 1 : 0);
  content.text(input.key.value_or("")).text(input.step);
  return key_of(input.envelope, content, {});
}

std::optional<Hash128> message_of(const Input& input) {
  return std::visit(
      [](const auto& each) -> std::optional<Hash128> {
        if constexpr (requires { key_of_message(each); }) {
          if (!each.envelope.message_id.empty()) return id_of(each.envelope);
        }
        if constexpr (requires { token_key(each); }) return token_key(each).id;
        return std::nullopt;
      },
      input);
}

record::MessageKey token_key(const TakeOver& input) {
  base::StableHash content;
  content.text("take_over").text(input.token).text(input.contact);
  const Hash128 token = content.finish();
  return {token, token.low};
}

record::MessageKey key_of_message(const Suppress& suppress) {
  base::StableHash content;
  content.text("suppress").text(suppress.channel).text(suppress.address);
  content.integer(suppress.listed ? 1 : 0);
  return key_of(suppress.envelope, content, {});
}

}  // namespace itinera::engine
