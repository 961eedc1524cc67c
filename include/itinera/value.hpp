// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace itinera {

// CEL's timestamp: seconds since 1970 (UTC, negative before) and 0 <= nanos < 1e9 after them.
struct Timestamp {
  std::int64_t seconds = 0;
  std::int32_t nanos = 0;
  friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
};

// CEL's duration: an exact length. `nanos` has the sign of `seconds`, |nanos| < 1e9.
struct TimeSpan {
  std::int64_t seconds = 0;
  std::int32_t nanos = 0;
  friend auto operator<=>(const TimeSpan&, const TimeSpan&) = default;
};

struct MapEntry;

// A property of an event, an attribute of a contact, a datum of an action. Owns what it holds;
// a plain value type, safe to copy and move between threads.
class Value {
 public:
  // The order is that of the alternatives in `data`; packed values (base/packed_value.hpp) put
  // these numbers on disk. Never renumber; add at the end.
  enum class Kind : std::uint8_t {
    null,
    boolean,
    integer,
    real,
    text,
    timestamp,
    duration,
    list,
    map
  };
  using List = std::vector<Value>;
  using Map = std::vector<MapEntry>;  // in the order written; keys are distinct
  using Data = std::variant<std::monostate, bool, std::int64_t, double, std::string, Timestamp,
                            TimeSpan, List, Map>;

  Value() = default;
  Value(bool v);              // NOLINT(*-explicit-*)
  Value(int v);               // NOLINT(*-explicit-*)
  Value(std::int64_t v);      // NOLINT(*-explicit-*)
  Value(double v);            // NOLINT(*-explicit-*)
  Value(std::string v);       // NOLINT(*-explicit-*)
  Value(std::string_view v);  // NOLINT(*-explicit-*)
  Value(const char* v);       // NOLINT(*-explicit-*)
  Value(Timestamp v);         // NOLINT(*-explicit-*)
  Value(TimeSpan v);          // NOLINT(*-explicit-*)
  Value(List v);              // NOLINT(*-explicit-*)
  Value(Map v);               // NOLINT(*-explicit-*)

  [[nodiscard]] Kind kind() const { return static_cast<Kind>(data.index()); }
  [[nodiscard]] bool is_null() const { return kind() == Kind::null; }

  // The alternative, or nullptr where the value is of another kind.
  template <class T>
  [[nodiscard]] const T* get() const {
    return std::get_if<T>(&data);
  }

  // Same kind and same content; 1 and 1.0 differ, maps compare regardless of order.
  friend bool operator==(const Value& a, const Value& b);

  Data data;
};

struct MapEntry {
  Value key = {};
  Value value = {};
};

// Here, and not in the class, since clang wants MapEntry complete by now.
inline Value::Value(bool v) : data(v) {}
inline Value::Value(int v) : data(std::int64_t{v}) {}
inline Value::Value(std::int64_t v) : data(v) {}
inline Value::Value(double v) : data(v) {}
inline Value::Value(std::string v) : data(std::move(v)) {}
inline Value::Value(std::string_view v) : data(std::string(v)) {}
inline Value::Value(const char* v) : data(std::string(v)) {}
inline Value::Value(Timestamp v) : data(v) {}
inline Value::Value(TimeSpan v) : data(v) {}
inline Value::Value(List v) : data(std::move(v)) {}

// A named value: an event's property, a contact's attribute, an action's datum.
struct Property {
  std::string name = {};
  Value value = {};
  friend bool operator==(const Property&, const Property&) = default;
};

using Properties = std::vector<Property>;

// The value as JSON text (RFC 8259, UTF-8): integers in full, doubles in the shortest form that
// reads back equal and always with a '.' or exponent, timestamps as RFC 3339 text, durations as
// "3.5s", NaN and infinities as null, map keys as text.
std::string to_json(const Value& value);
void append_json_text(std::string& out, std::string_view text);  // quoted and escaped

}  // namespace itinera
