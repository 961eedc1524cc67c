#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The same bytes from g++ -O0, g++ -O2 and clang -O2.
#
# The program scenario_digests (tests/property/) runs every scenario and a handful of random
# campaigns, and prints one line each: a name and the digest of the journal. This builds it with
# the presets dev, release and clang, and compares what the three print.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

first=
for preset in dev release clang; do
  build=build/$preset
  if ! { cmake --preset "$preset" &&
    cmake --build "$build" --parallel --target scenario_digests; } >"$build.log" 2>&1; then
    cat "$build.log"
    exit 1
  fi
  digests=$build/scenario_digests.txt
  "$(find "$build" -type f -name scenario_digests -perm -u+x -print -quit)" >"$digests"
  if [[ ! -s $digests ]]; then
    echo "$preset: scenario_digests printed nothing"
    exit 1
  fi
  if [[ -z $first ]]; then
    first=$digests
  elif ! diff "$first" "$digests"; then
    echo "$preset: the bytes differ from those of dev"
    exit 1
  fi
done
echo "$(wc -l <"$first") digests, equal in all three builds"
