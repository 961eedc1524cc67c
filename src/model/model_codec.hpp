// SPDX-License-Identifier: Apache-2.0
// The model as bytes: what a `publish` input carries in the journal, before compilation, CEL as
// source text. Versioned; a reader accepts every version up to its own. Layout:
// docs/durability.md. Places in files (SourceLocation) are not carried.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "itinera/campaign.hpp"
#include "itinera/result.hpp"

namespace itinera::model {

inline constexpr std::uint16_t model_version = 3;

struct Model {
  Workspace workspace;
  std::vector<Campaign> campaigns;
};

// Appends to `out`. A campaign nested deeper than nesting_max (walk.hpp) is written, but no reader
// takes it; check() reports it.
void encode(const Workspace& workspace, std::span<const Campaign> campaigns, base::Bytes& out);

// Errors: damaged_journal, unsupported_version. Bounded in depth and size by its input; never
// reads past it. What it accepts of this version encodes to the same bytes again.
Result<Model> decode(base::ByteView bytes);

// Whether two campaigns are the same but for the places they were written at.
bool same_content(const Campaign& a, const Campaign& b);

// A hash of the same content.
std::uint64_t hash_of(const Campaign& campaign);

// What a step does, as bytes: all of it but its id, its note and the steps nested in it.
base::Bytes content_of(const Step& step);

}  // namespace itinera::model
