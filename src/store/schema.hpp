// SPDX-License-Identifier: Apache-2.0
// The tables of a SQLite store: docs/durability.md.
#pragma once

#include "store/sqlite.hpp"

namespace itinera::store {

// Makes the tables in an empty database, and else looks whether they are ours. Touches no other
// database than an empty one. Errors: unsupported_version, invalid_argument (another program's),
// damaged_journal (ours, with other tables).
Result<void> prepare_schema(const Database& database);

}  // namespace itinera::store
