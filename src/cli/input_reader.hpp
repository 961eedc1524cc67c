// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cli/json.hpp"
#include "itinera/input.hpp"
#include "itinera/time.hpp"

namespace itinera::cli {

// {"type":"advance","to":...}
struct Advance {
  Instant to;
};

// A message that is right and says nothing to an engine, by its kind: "page".
struct Ignored {
  std::string kind;
};

// What a line says. An Input points into the Line that it was read into.
using Message = std::variant<LineError, Input, Advance, Ignored>;

// The memory behind one message. Does not move while the message lives.
struct Line {
  JsonObject object;
  Properties properties;
  std::vector<Consent> consents;
  std::vector<Handle> handles;
};

// Where an instant of reception comes from if `receivedAt` is missing.
enum class ReceivedFrom : std::uint8_t { received_at, timestamp };

// Reads messages in Segment's shape (identify, track, alias; group, page and screen are ignored),
// our own (report, enter or start, stop, advance), and CloudEvents 1.0 in JSON, told by their
// `specversion`.
class InputReader {
 public:
  explicit InputReader(ReceivedFrom received_from) : received_from_(received_from) {}

  // 64 bytes behind `text` must be readable.
  Message read(std::string_view text, Line& into);

 private:
  JsonReader json_;
  ReceivedFrom received_from_;
};

}  // namespace itinera::cli
