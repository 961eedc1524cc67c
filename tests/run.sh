#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds, and runs the whole suite:
#
#   bash tests/run.sh [preset]      a preset of CMakePresets.json; dev if none is named
#
# The last line is "N passed, N failed", counted over Catch2 test cases and script tests. Fails
# if anything failed or was not run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=tests/support/packages.sh
source tests/support/packages.sh

preset=${1:-dev}
build=build/$preset
jobs=${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}

if [[ $preset == dev || $preset == release ]]; then
  install_packages build test
else
  install_packages build test ci
fi

# A build folder that was copied with another checkout is of no use.
if ! grep -qsx "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" "$build/CMakeCache.txt"; then
  rm -rf "$build"
fi
cmake --preset "$preset" >/dev/null
cmake --build "$build" --parallel "$jobs" -- -k 0

status=0
report=$PWD/$build/tests.xml
rm -f "$report"
ctest --test-dir "$build" --parallel "$jobs" --output-on-failure --timeout 600 \
  --output-junit "$report" --test-output-size-passed 10000000 \
  --test-output-size-failed 10000000 || status=$?
python3 tests/support/summary.py "$report" || status=1
exit "$status"
