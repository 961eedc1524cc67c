#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs that take too long for every change, and what they found:
#
#   bash tests/long.sh [minutes for each fuzz target, 10] [rapidcheck seeds, 50]
#
# Writes the summary docs/long-run.md, replacing the last one. Fails if anything failed. A crash
# found is left in build/long/; give it a telling name in tests/fuzz/corpus/<name>/ and fix it.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
# shellcheck source=tests/support/packages.sh
source tests/support/packages.sh
exec </dev/null

minutes=${1:-10} seeds=${2:-50}
logs=build/long
rows=$logs/rows
failed=0
mkdir -p "$logs"
: >"$rows"

# row <what> <how much> <result> <seconds>
row() {
  printf '| %s | %s | %s | %s |\n' "$@" | tee -a "$rows"
}

# measure <log name> <what> <how much> <command...>; the result is the log's last line.
measure() {
  local log=$logs/$1.log what=$2 much=$3 begun=$SECONDS
  shift 3
  if "$@" >"$log" 2>&1; then
    row "$what" "$much" "$(tail -n 1 "$log")" "$((SECONDS - begun))"
  else
    failed=$((failed + 1))
    row "$what" "$much" "FAILED: $(tail -n 1 "$log")" "$((SECONDS - begun))"
  fi
}

fuzz() {
  local name=$1 log=$logs/$1-fuzz.txt
  mkdir -p "$logs/corpus/$name"
  "build/fuzz/tests/fuzz/${name}_fuzz" -max_total_time="$((minutes * 60))" -timeout=10 \
    -rss_limit_mb=4096 -artifact_prefix="$logs/$name-" -print_final_stats=1 \
    -jobs="$(nproc)" -workers="$(nproc)" "$logs/corpus/$name" "tests/fuzz/corpus/$name" \
    >"$log" 2>&1 || { tail -n 50 "$log"; return 1; }
  cat fuzz-[0-9]*.log >>"$log"
  rm -f fuzz-[0-9]*.log
  awk '/stat::number_of_executed_units/ { n += $2 } END { print n " inputs, no crash" }' "$log"
}

# Every property with another seed each time, and ten times the usual number of cases.
properties() {
  local seed
  for ((seed = 1; seed <= seeds; ++seed)); do
    if ! RC_PARAMS="seed=$seed max_success=1000" "$1" >"$logs/property.txt" 2>&1; then
      cat "$logs/property.txt"
      echo "repeat with RC_PARAMS=\"seed=$seed max_success=1000\" $1"
      return 1
    fi
  done
  echo "all properties held"
}

# Both workloads, small and large; the last line names all ratios.
benchmarks() {
  local contacts ratios=
  for contacts in 10000 1000000; do
    build/bench/bench/itinera_bench "$contacts" 5 >"$logs/bench-$contacts.txt" || return 1
    cat "$logs/bench-$contacts.txt"
    ratios+=$(awk '/engine \/ bound/ { sub(/.*bound = /, ""); printf " %s %s;", w[NR % 2], $1 }
      BEGIN { w[0] = "fan-out"; w[1] = "cart" }' \
      <(grep 'engine / bound' "$logs/bench-$contacts.txt"))
  done
  echo "${ratios# }"
}

install_packages build test ci || exit 1
for preset in release fuzz bench; do
  if ! { cmake --preset "$preset" && cmake --build "build/$preset" --parallel; } \
    >"$logs/$preset.log" 2>&1; then
    tail -n 50 "$logs/$preset.log"
    exit 1
  fi
done

for preset in release clang; do
  measure "$preset" "the whole suite, preset $preset" "once" bash tests/run.sh "$preset"
done
measure asan "the whole suite, address and undefined behaviour" "once" bash tests/run.sh asan
measure tsan "runtime and simulator, data races" "once" bash tests/tsan.sh
for program in build/fuzz/tests/fuzz/*_fuzz; do
  name=$(basename "${program%_fuzz}")
  measure "fuzz-$name" "fuzz target $name" "$minutes min" fuzz "$name"
done
program=build/release/tests/property/property_tests
if [[ -x $program ]]; then
  measure properties "properties over random campaigns" "$seeds seeds of 1000" properties "$program"
fi
measure simulator "lives of a host over a machine that fails" "2000 seeds of 5000 inputs" \
  build/release/tests/simulator/itinera_simulator --seeds 1..2000 --inputs 5000
crash() {
  python3 tests/crash/crash_test.py build/release/itinera build/release/tests/crash/tell_store \
    "$(find build/release/tests/crash -name '*kill_at*.so')" . --kills 500 --chain 10 --lines 0 "$@"
}
measure crash "runs of the demo killed in the middle of a write, and started again" "500 kills" crash
measure power "the same, where what was not synced is lost" "500 power failures" crash --power
measure determinism "the same bytes from three builds" "once" bash tests/determinism.sh
measure bench "benchmarks, engine over bound" "10,000 and 1,000,000 contacts" benchmarks

{
  echo "# The last long run"
  echo
  echo "Written by \`bash tests/long.sh $minutes $seeds\` on $(date -u +%F), at commit" \
    "$(git rev-parse --short HEAD), with $(g++ -dumpfullversion) and" \
    "$(clang++-19 -dumpversion) on $(nproc) cores."
  echo
  echo "| what | how much | result | seconds |"
  echo "|---|---|---|---|"
  cat "$rows"
} >docs/long-run.md
echo "written: docs/long-run.md; $failed of $(wc -l <"$rows") failed"
((failed == 0))
