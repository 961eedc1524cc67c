// SPDX-License-Identifier: Apache-2.0
#include "crossing/lists.hpp"

#include <string_view>

#include "base/packed_value.hpp"

namespace itinera::engine {
namespace {

enum class Named : std::uint8_t { attribute, consent, account };

bool is_named(ContextTag tag) {
  return tag == ContextTag::entry || tag == ContextTag::variable || tag == ContextTag::account;
}
// Of these the number is the place of an action.
bool is_of_action(ContextTag tag) {
  return tag >= ContextTag::receipt || tag == ContextTag::reassigned;
}
// Its value says nothing of the contact.
bool is_number(const ContextItem& item) {
  switch (item.tag) {
    case ContextTag::visits:
    case ContextTag::skipped:
    case ContextTag::used_event:
    case ContextTag::used_receipt:
    case ContextTag::gathered:
    case ContextTag::attempt:
    case ContextTag::arrived:
    case ContextTag::legs:
    case ContextTag::wait_ends: return true;
    case ContextTag::origin:
      return base::load_le<Value::Kind>(item.value.data()) != Value::Kind::text;
    default: return false;
  }
}

void put_number(std::uint32_t number, base::Writer& out) {
  std::byte bytes[sizeof number];
  base::store_le(bytes, number);
  out.text(base::as_text(bytes));
}

// An item of a context that is a number and a packed value.
void put_numbered(ContextTag tag, std::uint32_t number, base::ByteView value, base::Writer& out) {
  out.number(tag);
  out.number(number);
  out.bytes(value);
}

void tell_progress(const State& state, const ContextItem& item, const Whereabouts& now,
                   base::Writer& out) {
  switch (item.tag) {
    case ContextTag::used_event:
      out.number(item.tag);
      out.number(state.frame - item.name);
      return;
    case ContextTag::used_receipt:
      out.number(item.tag);
      out.number(now.action(item.name));
      out.number(item.visits);
      return;
    case ContextTag::origin: {
      base::Reader in(item.value);
      const auto contact = static_cast<std::uint32_t>(*base::unpack(in).get<std::int64_t>());
      base::Bytes packed;
      base::pack(Value(std::int64_t{now.contact(contact)}), packed);
      return put_numbered(item.tag, item.name, packed, out);
    }
    default: return out.bytes(item.whole);
  }
}

void tell_content(const State& state, const ContextItem& item, const Whereabouts& now,
                  base::Writer& out) {
  out.number(item.tag);
  if (is_named(item.tag)) {
    out.text(state.plans.names.text(item.name));
  } else {
    put_number(is_of_action(item.tag) ? now.action(item.name) : item.name, out);
  }
  out.bytes(item.value);
}

// The sizes of the kinds that have no packed value, behind the tag.
std::optional<std::size_t> fixed_size(ContextTag tag) {
  switch (tag) {
    case ContextTag::visits: return visits_item_size - 1;
    case ContextTag::skipped: return skipped_item_size - 1;
    case ContextTag::used_receipt: return used_receipt_size - 1;
    case ContextTag::used_event: return used_item_size - 1;
    default: return std::nullopt;
  }
}

}  // namespace

base::Bytes attributes_told(const State& state, base::ByteView list) {
  base::Bytes told;
  base::Writer out(told);
  while (!list.empty()) {
    const AttributeItem item = take_attribute(list);
    if (item.name == consent_name) {
      out.number(Named::consent);
    } else if (item.name == account_name) {
      out.number(Named::account);
    } else {
      out.number(Named::attribute);
      out.text(state.plans.names.text(item.name));
    }
    out.number(item.occurred.ms);
    out.text(item.message_id);
    out.bytes(item.value);
  }
  return told;
}

std::optional<base::Bytes> attributes_here(base::ByteView told, const NumberOf& number) {
  base::Bytes list;
  base::Writer out(list);
  base::Reader in(told);
  while (in.ok() && !in.at_end()) {
    const auto named = in.number<Named>();
    if (named > Named::account) return std::nullopt;
    const NameId name = named == Named::consent   ? consent_name
                        : named == Named::account ? account_name
                                                  : number(in.text());
    out.number(name);
    out.number(in.number<std::int64_t>());
    out.text(in.text());
    out.bytes(base::skip_packed(in));
  }
  return in.ok() ? std::optional(std::move(list)) : std::nullopt;
}

base::Bytes history_told(const State& state, base::ByteView list) {
  base::Bytes told;
  base::Writer out(told);
  while (!list.empty()) {
    const HistoryItem item = take_event(list);
    out.text(state.plans.names.text(item.event));
    out.number(item.occurred.ms);
    out.number(item.received.ms);
    out.number(state.frame - item.frame);
    out.text(base::as_text(item.properties));
  }
  return told;
}

std::optional<base::Bytes> history_here(const State& state, base::ByteView told,
                                        const NumberOf& number) {
  base::Bytes list;
  base::Writer out(list);
  base::Reader in(told);
  while (in.ok() && !in.at_end()) {
    const NameId event = number(in.text());
    const auto occurred = in.number<std::int64_t>();
    const auto received = in.number<std::int64_t>();
    const std::uint32_t frame = state.frame - in.number<std::uint32_t>();
    const base::ByteView properties = base::as_bytes(in.text());
    out.number(static_cast<std::uint32_t>(HistoryItem::head + properties.size()));
    out.number(event);
    out.number(occurred);
    out.number(received);
    out.number(frame);
    out.bytes(properties);
  }
  return in.ok() ? std::optional(std::move(list)) : std::nullopt;
}

ContextTold context_told(const State& state, base::ByteView context, const Whereabouts& now) {
  ContextTold told;
  base::Writer progress(told.progress);
  base::Writer content(told.content);
  while (!context.empty()) {
    const ContextItem item = take_context(context);
    if (is_number(item)) {
      tell_progress(state, item, now, progress);
    } else {
      tell_content(state, item, now, content);
    }
  }
  return told;
}

std::optional<base::Bytes> context_here(const State& state, base::ByteView progress,
                                        base::ByteView content, const NumberOf& number) {
  base::Bytes context;
  base::Writer out(context);
  base::Reader numbers(progress);
  while (numbers.ok() && !numbers.at_end()) {
    const auto tag = numbers.number<ContextTag>();
    out.number(tag);
    if (tag == ContextTag::used_event) {
      out.number(state.frame - numbers.number<std::uint32_t>());
    } else if (const auto size = fixed_size(tag)) {
      out.bytes(numbers.bytes(*size));
    } else {
      out.number(numbers.number<std::uint32_t>());
      out.bytes(base::skip_packed(numbers));
    }
  }
  base::Reader rest(content);
  while (rest.ok() && !rest.at_end()) {
    const auto tag = rest.number<ContextTag>();
    const std::string_view name = rest.text();
    const base::ByteView value = base::skip_packed(rest);
    if (fixed_size(tag) || (!is_named(tag) && name.size() != sizeof(std::uint32_t))) {
      return std::nullopt;
    }
    const std::uint32_t numbered =
        is_named(tag) ? number(name) : base::load_le<std::uint32_t>(base::as_bytes(name).data());
    put_numbered(tag, numbered, value, out);
  }
  if (!numbers.ok() || !rest.ok()) return std::nullopt;
  return context;
}

}  // namespace itinera::engine
