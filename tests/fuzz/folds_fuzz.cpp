// SPDX-License-Identifier: Apache-2.0
// A funnel's checkpoint of anybody's making, and a journal behind it: the checkpoint is refused, or
// loads again as it is saved, and the funnel goes on. First four bytes that say how long the
// checkpoint is, then it, without its checksum, then the journal.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/check.hpp"
#include "itinera/funnel.hpp"
#include "support/pieces.hpp"

namespace {

using itinera::Funnel;
using itinera::base::ByteView;
using itinera::test::Pieces;

itinera::Result<Funnel> load(const Pieces& pieces) {
  itinera::test::PieceReader reader(pieces);
  return Funnel::load(reader);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteView rest(reinterpret_cast<const std::byte*>(data), size);
  if (rest.size() < sizeof(std::uint32_t)) return 0;
  const auto told = itinera::base::load_le<std::uint32_t>(rest.data());
  rest = rest.subspan(sizeof told);
  const std::size_t length = std::min<std::size_t>(told, rest.size());
  auto funnel = load(itinera::test::sealed(rest.first(length)));
  if (!funnel) return 0;
  const Pieces saved = itinera::test::pieces_of(*funnel);
  const auto again = load(saved);
  ITINERA_CHECK(again.has_value());
  ITINERA_CHECK(itinera::test::pieces_of(*again) == saved);
  (void)funnel->read(rest.subspan(length));
  ITINERA_CHECK(!to_text(funnel->totals()).empty());
  for (const auto& campaign : funnel->campaigns()) ITINERA_CHECK(!to_text(campaign).empty());
  return 0;
}
