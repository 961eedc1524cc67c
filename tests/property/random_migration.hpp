// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "itinera/campaign.hpp"
#include "itinera/migration.hpp"
#include "property/choices.hpp"

namespace itinera::property {

// The next version of the campaign: with a step more, waits that say something else, and perhaps
// without its first step.
Campaign edited(Choices& choices, const Workspace& workspace, const Campaign& earlier);

// What is to become of who stands in `from`, with answers that lead to steps of `to`.
Migration random_migration(Choices& choices, const Campaign& from, const Campaign& to);

}  // namespace itinera::property
