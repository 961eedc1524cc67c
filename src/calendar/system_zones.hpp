// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "base/zone_table.hpp"
#include "itinera/result.hpp"

namespace itinera::calendar {

// All IANA zones and links of the system's zone data, with every offset change from 1900 to 2100
// (what the data say; beyond the files' last year by their rule for the future). The only place
// that reads the system's files. Costs some milliseconds: do it once. Error: io_failed.
Result<std::shared_ptr<const ZoneTable>> load_system_zones();

}  // namespace itinera::calendar
