// SPDX-License-Identifier: Apache-2.0
#include "itinera/value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/civil_value.hpp"

namespace itinera {
namespace {

bool maps_equal(const Value::Map& a, const Value::Map& b) {
  if (a.size() != b.size()) return false;
  return std::all_of(a.begin(), a.end(), [&](const MapEntry& entry) {
    return std::any_of(b.begin(), b.end(), [&](const MapEntry& other) {
      return entry.key == other.key && entry.value == other.value;
    });
  });
}

std::string real_text(double v) {
  if (!std::isfinite(v)) return "null";
  std::string text = fmt::format("{}", v);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

void append_json(std::string& out, const Value& value);

void append_key(std::string& out, const Value& key) {
  if (const auto* text = key.get<std::string>()) {
    append_json_text(out, *text);
  } else {
    append_json_text(out, to_json(key));
  }
}

void append_json(std::string& out, const Value& value) {
  switch (value.kind()) {
    case Value::Kind::null: out += "null"; break;
    case Value::Kind::boolean: out += *value.get<bool>() ? "true" : "false"; break;
    case Value::Kind::integer: out += fmt::format("{}", *value.get<std::int64_t>()); break;
    case Value::Kind::real: out += real_text(*value.get<double>()); break;
    case Value::Kind::text: append_json_text(out, *value.get<std::string>()); break;
    case Value::Kind::timestamp:
      append_json_text(out, base::text_of(*value.get<Timestamp>()));
      break;
    case Value::Kind::duration: append_json_text(out, base::text_of(*value.get<TimeSpan>())); break;
    case Value::Kind::list: {
      const char* separator = "[";
      for (const Value& element : *value.get<Value::List>()) {
        out += separator;
        append_json(out, element);
        separator = ",";
      }
      out += *separator == '[' ? "[]" : "]";
      break;
    }
    case Value::Kind::map: {
      const char* separator = "{";
      for (const MapEntry& entry : *value.get<Value::Map>()) {
        out += separator;
        append_key(out, entry.key);
        out += ':';
        append_json(out, entry.value);
        separator = ",";
      }
      out += *separator == '{' ? "{}" : "}";
      break;
    }
  }
}

}  // namespace

Value::Value(Map v) : data(std::move(v)) {}

bool operator==(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  if (a.kind() == Value::Kind::map) {
    return maps_equal(*a.get<Value::Map>(), *b.get<Value::Map>());
  }
  return std::visit(
      [&]<class T>(const T& left) {
        if constexpr (std::is_same_v<T, std::monostate> || std::is_same_v<T, Value::Map>) {
          return true;
        } else {
          return left == *b.get<T>();
        }
      },
      a.data);
}

std::string to_json(const Value& value) {
  std::string out;
  append_json(out, value);
  return out;
}

void append_json_text(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

}  // namespace itinera
