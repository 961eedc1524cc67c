#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Whether the threads of a runtime race: its tests, and lives of the simulator, under clang's thread
# sanitizer. The core has no threads.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cmake --preset tsan
cmake --build build/tsan --parallel --target runtime_tests itinera_simulator
export TSAN_OPTIONS=halt_on_error=1
build/tsan/tests/runtime/runtime_tests
build/tsan/tests/simulator/itinera_simulator --seeds 1..60 --inputs 300
build/tsan/tests/simulator/itinera_simulator --seeds 1..60 --inputs 300 --shards 5
echo "no data race"
