// SPDX-License-Identifier: Apache-2.0
// What every store must do, whatever it keeps its bytes in.
#pragma once

#include <functional>
#include <memory>

#include "itinera/store.hpp"

namespace itinera::test {

// Opens a store on one and the same place, empty at first. Stores opened earlier stay in use.
using Opener = std::function<std::unique_ptr<Store>()>;
// A place of its own each time.
using NewPlace = std::function<Opener()>;

// Goes through the whole of include/itinera/store.hpp, in sections of Catch2. `place` is asked for
// once.
void check_contract(const NewPlace& place);

}  // namespace itinera::test
