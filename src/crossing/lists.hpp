// SPDX-License-Identifier: Apache-2.0
// The lists that contacts and journeys carry (tables/lists.hpp), as they go from one engine to
// another: names as texts, frames as how many ago they were. Each engine has numbers of its own for
// both.
//
//   attributes   each: 0 a name (text), 1 a consent, 2 the account; occurred (8), message id
//   (text),
//                packed value
//   history      each: event (text), occurred (8), received (8), frames ago (4), properties (a u32
//                size, then name and packed value in turn)
//   progress     items of a context that are numbers only: as there, but for frames ago
//   content      all other items of a context: tag (1), name (text), packed value; of what has no
//                name, but a number, the name is that, 4 bytes long
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "base/bytes.hpp"
#include "state/state.hpp"
#include "tables/lists.hpp"

namespace itinera::engine {

// As they leave.
base::Bytes attributes_told(const State& state, base::ByteView list);
base::Bytes history_told(const State& state, base::ByteView list);

// Where an action and a contact are in the engine that they go to. Whatever a context names is
// there already.
struct Whereabouts {
  std::function<std::uint32_t(std::uint32_t)> action;
  std::function<std::uint32_t(std::uint32_t)> contact;
};
struct ContextTold {
  base::Bytes progress;
  base::Bytes content;
};
ContextTold context_told(const State& state, base::ByteView context, const Whereabouts& now);

// As they come. `number` gives names their numbers. Empty: the bytes are no such list; whether it
// makes sense is another question (snapshot/sound.hpp).
using NumberOf = std::function<NameId(std::string_view)>;
std::optional<base::Bytes> attributes_here(base::ByteView told, const NumberOf& number);
std::optional<base::Bytes> history_here(const State& state, base::ByteView told,
                                        const NumberOf& number);
std::optional<base::Bytes> context_here(const State& state, base::ByteView progress,
                                        base::ByteView content, const NumberOf& number);

}  // namespace itinera::engine
