// SPDX-License-Identifier: Apache-2.0
// JSON texts of strangers as values. The only place that knows simdjson.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "itinera/value.hpp"

namespace itinera::cli {

// What is wrong with a line. `column` counts bytes from 1; 0: unknown.
struct LineError {
  std::size_t column = 0;
  std::string message;
  std::string hint;
};

// A member of the outermost object.
struct JsonMember {
  std::string name;
  Value value;
  std::size_t column = 0;  // of the value
};

// The members in the order written. Their number is small: a look-up goes through them.
struct JsonObject {
  std::vector<JsonMember> members;
  [[nodiscard]] JsonMember* find(std::string_view name);
};

// Reads one object a text, strictly by RFC 8259. Integers of 64 bits stay integers, other numbers
// become doubles. Refused: a name twice in one object, more than `depth_max` nested containers, and
// numbers beyond the range of doubles. Reuses its memory.
class JsonReader {
 public:
  static constexpr int depth_max = 32;

  JsonReader();
  JsonReader(JsonReader&&) noexcept;
  JsonReader& operator=(JsonReader&&) noexcept;
  ~JsonReader();

  // 64 bytes behind `text` must be readable. On an error `object` holds anything.
  std::optional<LineError> read(std::string_view text, JsonObject& object);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace itinera::cli
