#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Thirteen months of a real shop's orders through its four campaigns:
#
#   bash examples/demo.sh
#
# Installs what is missing, builds the command line, runs it, and prints what became of it. The
# second time it takes seconds. examples/retail/README.md says where the orders come from.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source tests/support/packages.sh

build=build/demo
itinera=$build/itinera
actions=$build/actions.ndjson
funnel=$build/funnel.txt
retail=examples/retail

say() { printf '\n== %s\n' "$*"; }

# On a terminal ninja shows how far it is; elsewhere only its failure is worth reading.
build_command() {
  if ! grep -qsx "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" "$build/CMakeCache.txt"; then
    rm -rf "$build"
  fi
  mkdir -p "$build"
  cmake --preset release -B "$build" -DITINERA_BUILD_TESTS=OFF -DITINERA_BUILD_EXAMPLES=OFF \
    >"$build/build.log" 2>&1 || { cat "$build/build.log" >&2; return 1; }
  local compile=(cmake --build "$build" --target itinera_command --parallel
    "${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}")
  if [[ -t 1 ]]; then
    "${compile[@]}"
  else
    "${compile[@]}" >"$build/build.log" 2>&1 || { cat "$build/build.log" >&2; return 1; }
  fi
}

install_packages build
say "Building (a few minutes the first time)"
build_command

say "The campaigns are sound"
"$itinera" check "$retail"

say "Running them over $retail/orders.ndjson.gz"
rm -f "$actions"
gzip -dc "$retail/orders.ndjson.gz" |
  "$itinera" run "$retail" --actions "$actions" --funnel "$funnel" 2>&1

say "What the journal says, counted by the engine"
cat "$funnel"

say "The first actions, of $(wc -l <"$actions") in $actions"
head -n 3 "$actions"

say "The unit tests of the campaigns"
"$itinera" test "$retail"
