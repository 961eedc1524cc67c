// SPDX-License-Identifier: Apache-2.0
#include "base/packed_value.hpp"

#include <utility>
#include <vector>

namespace itinera::base {
namespace {

template <Number T>
void put(Bytes& out, T number) {
  Writer(out).number(number);
}
void put(Bytes& out, std::string_view text) { Writer(out).text(text); }
template <Number T>
void put(ByteBuffer& out, T number) {
  out.append(number);
}
void put(ByteBuffer& out, std::string_view text) { out.append_text(text); }

// Writes count and length of a list or map around what `write_members` appends.
template <class Out, class WriteMembers>
void pack_members(std::size_t count, Out& out, WriteMembers write_members) {
  put(out, static_cast<std::uint32_t>(count));
  const std::size_t length_at = out.size();
  put(out, std::uint32_t{0});
  write_members();
  store_le(out.data() + length_at,
           static_cast<std::uint32_t>(out.size() - length_at - sizeof(std::uint32_t)));
}

// The members of a list or map, bounded by their stated length; `read_member` is called `count`
// times and must use up all of it.
template <class ReadMember>
void unpack_members(Reader& in, ReadMember read_member) {
  const auto count = in.number<std::uint32_t>();
  const auto length = in.number<std::uint32_t>();
  Reader members(in.bytes(length));
  for (std::uint32_t i = 0; i < count && members.ok() && in.ok(); ++i) read_member(members);
  if (!members.ok() || !members.at_end()) in.fail();
}

template <class Out>
void pack_into(const Value& value, Out& out) {
  put(out, value.kind());
  switch (value.kind()) {
    case Value::Kind::null: break;
    case Value::Kind::boolean:
      put(out, static_cast<std::uint8_t>(*value.get<bool>() ? 1 : 0));
      break;
    case Value::Kind::integer: put(out, *value.get<std::int64_t>()); break;
    case Value::Kind::real: put(out, *value.get<double>()); break;
    case Value::Kind::text: put(out, std::string_view(*value.get<std::string>())); break;
    case Value::Kind::timestamp:
      put(out, value.get<Timestamp>()->seconds);
      put(out, value.get<Timestamp>()->nanos);
      break;
    case Value::Kind::duration:
      put(out, value.get<TimeSpan>()->seconds);
      put(out, value.get<TimeSpan>()->nanos);
      break;
    case Value::Kind::list: {
      const auto& list = *value.get<Value::List>();
      pack_members(list.size(), out, [&] {
        for (const Value& element : list) pack_into(element, out);
      });
      break;
    }
    case Value::Kind::map: {
      const auto& map = *value.get<Value::Map>();
      pack_members(map.size(), out, [&] {
        for (const MapEntry& entry : map) {
          pack_into(entry.key, out);
          pack_into(entry.value, out);
        }
      });
      break;
    }
  }
}

// A list or map that has been begun: members still to come, and how many bytes are left behind it.
struct Open {
  std::uint64_t members;
  std::size_t left_behind;
};

// Takes what stands before the members of a value, and notes these; of others the whole value.
void skip_head(Reader& in, std::vector<Open>& around) {
  const auto kind = in.number<Value::Kind>();
  switch (kind) {
    case Value::Kind::null: return;
    case Value::Kind::boolean:
      if (in.number<std::uint8_t>() > 1) in.fail();
      return;
    case Value::Kind::integer:
    case Value::Kind::real: in.bytes(8); return;
    case Value::Kind::text: in.text(); return;
    case Value::Kind::timestamp:
    case Value::Kind::duration: in.bytes(12); return;
    case Value::Kind::list:
    case Value::Kind::map: {
      const std::uint64_t each = kind == Value::Kind::map ? 2 : 1;
      const std::uint64_t members = each * in.number<std::uint32_t>();
      const auto length = in.number<std::uint32_t>();
      if (length > in.left()) return in.fail();
      around.push_back({members, in.left() - length});
      return;
    }
  }
  in.fail();
}

}  // namespace

void pack(const Value& value, Bytes& out) { pack_into(value, out); }
void pack(const Value& value, ByteBuffer& out) { pack_into(value, out); }

Value unpack(Reader& in, std::uint32_t depth) {
  if (depth == 0) in.fail();
  switch (in.number<Value::Kind>()) {
    case Value::Kind::null: return {};
    case Value::Kind::boolean: {
      const auto truth = in.number<std::uint8_t>();
      if (truth > 1) in.fail();
      return truth == 1;
    }
    case Value::Kind::integer: return in.number<std::int64_t>();
    case Value::Kind::real: return in.number<double>();
    case Value::Kind::text: return in.text();
    case Value::Kind::timestamp: {
      Timestamp t{in.number<std::int64_t>(), in.number<std::int32_t>()};
      return t;
    }
    case Value::Kind::duration: {
      TimeSpan d{in.number<std::int64_t>(), in.number<std::int32_t>()};
      return d;
    }
    case Value::Kind::list: {
      Value::List list;
      unpack_members(in, [&](Reader& members) { list.push_back(unpack(members, depth - 1)); });
      return list;
    }
    case Value::Kind::map: {
      Value::Map map;
      unpack_members(in, [&](Reader& members) {
        Value key = unpack(members, depth - 1);
        Value value = unpack(members, depth - 1);
        map.push_back({std::move(key), std::move(value)});
      });
      return map;
    }
  }
  in.fail();
  return {};
}

ByteView skip_packed(Reader& in) {
  const Reader start = in;
  std::vector<Open> around;
  skip_head(in, around);
  while (in.ok() && !around.empty()) {
    const Open& innermost = around.back();
    if (innermost.members == 0) {
      if (in.left() != innermost.left_behind) in.fail();
      around.pop_back();
    } else if (in.left() <= innermost.left_behind) {
      in.fail();
    } else {
      --around.back().members;
      skip_head(in, around);
    }
  }
  return in.ok() ? Reader(start).bytes(start.left() - in.left()) : ByteView{};
}

}  // namespace itinera::base
