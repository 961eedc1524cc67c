#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs that take too long for every change, and what they found:
#
#   bash tests/long.sh [-m minutes for each fuzz target, 10] [-s rapidcheck seeds, 50] [row...]
#
# Without rows all of them, some hours: release clang asan tsan planted fuzz properties simulator
# shards crash power determinism bench durable. Each writes its line of docs/long-run.md, with its
# date and commit, in the place of the last one. Fails if anything failed. A crash found is left in
# build/long/; give it a telling name in tests/fuzz/corpus/<name>/ and fix it.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
# shellcheck source=tests/support/packages.sh
source tests/support/packages.sh
exec </dev/null

minutes=10 seeds=50
while getopts m:s: option; do
  case $option in
    m) minutes=$OPTARG ;;
    s) seeds=$OPTARG ;;
    *) exit 2 ;;
  esac
done
shift $((OPTIND - 1))
chosen=" ${*:-release clang asan tsan planted fuzz properties simulator shards crash power \
determinism bench durable} "
logs=build/long
summary=docs/long-run.md
commit=$(git rev-parse --short HEAD)
failed=0 run=0
mkdir -p "$logs"

# row <name> <what> <how much> <result> <seconds>: in the place of the line of that name.
row() {
  local rows=$logs/rows
  {
    if [[ -f $summary ]]; then grep '^| `' "$summary" | grep -v "^| \`$1\` |"; fi
    # shellcheck disable=SC2016
    printf '| `%s` | %s | %s | %s | %s | %s | %s |\n' "$@" "$(date -u +%F)" "$commit"
  } | sort >"$rows"
  {
    echo "# The last long runs"
    echo
    echo "Written by \`bash tests/long.sh\`, a line by each of its rows. With g++" \
      "$(g++ -dumpfullversion) and clang $(clang++-19 -dumpversion) on $(nproc) cores."
    echo
    echo "| row | what | how much | result | seconds | on | at commit |"
    echo "|---|---|---|---|---|---|---|"
    cat "$rows"
  } >"$summary"
  grep "^| \`$1\` |" "$summary"
}

# measure <name> <what> <how much> <command...>; the result is the log's last line.
measure() {
  local name=$1 log=$logs/$1.log what=$2 much=$3 begun=$SECONDS result
  shift 3
  run=$((run + 1))
  "$@" >"$log" 2>&1
  local status=$?
  result=$(tail -n 1 "$log")
  if ((status != 0)); then
    failed=$((failed + 1))
    result="FAILED: $result"
  fi
  row "$name" "$what" "$much" "$result" "$((SECONDS - begun))"
}

is_wanted() { [[ $chosen == *" $1 "* ]]; }

build() {
  local preset=$1
  if ! { cmake --preset "$preset" && cmake --build "build/$preset" --parallel; } \
    >"$logs/build-$preset.log" 2>&1; then
    tail -n 50 "$logs/build-$preset.log"
    exit 1
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
  local seed program=build/release/tests/property/property_tests
  for ((seed = 1; seed <= seeds; ++seed)); do
    if ! RC_PARAMS="seed=$seed max_success=1000" "$program" >"$logs/property.txt" 2>&1; then
      cat "$logs/property.txt"
      echo "repeat with RC_PARAMS=\"seed=$seed max_success=1000\" $program"
      return 1
    fi
  done
  echo "all properties held"
}

# As many processes as there are cores, each with its share of the seeds.
#   lives <seeds> <option...>
lives() {
  local part parts status=0 pids=() seeds=$1
  shift
  parts=$(nproc)
  for ((part = 0; part < parts; ++part)); do
    build/release/tests/simulator/itinera_simulator --inputs 5000 "$@" \
      --seeds "$((seeds * part / parts + 1))..$((seeds * (part + 1) / parts))" \
      >"$logs/lives-$part.txt" 2>&1 &
    pids+=($!)
  done
  for part in "${!pids[@]}"; do
    wait "${pids[$part]}" || status=1
    tail -n 20 "$logs/lives-$part.txt"
  done
  tail -qn 1 "$logs"/lives-*.txt | awk '{ for (i = 1; i < NF; i += 2) { gsub(",", "", $i)
    n[i] += $i; what[i] = $(i + 1); sub(/[:,]$/, "", what[i]); if (i > most) most = i } }
    END { for (i = 1; i <= most; i += 2) if (n[i] > 0) printf "%d %s, ", n[i], what[i] }'
  tail -qn 1 "$logs"/lives-*.txt | sed 's/.*: //' | sort -u | paste -sd ';'
  return "$status"
}

crash() {
  python3 tests/crash/crash_test.py build/release/itinera build/release/tests/crash/tell_store \
    "$(find build/release/tests/crash -name '*kill_at*.so')" . --kills 500 --chain 10 --lines 0 "$@"
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

# A million journeys on the disk that this folder is on; the last line has what was asked for.
durable() {
  local folder=$logs/durable
  rm -rf "$folder"
  mkdir -p "$folder"
  build/bench/bench/itinera_bench_durable "$folder" 1000000 >"$logs/durable.txt" || return 1
  cat "$logs/durable.txt"
  rm -rf "$folder"
  grep -E 'of in memory|opened from|longest feed|bytes an input' "$logs/durable.txt" |
    sed -E 's/ +/ /g' | paste -sd ';'
}

install_packages build test ci || exit 1
if [[ $chosen =~ \ (properties|simulator|shards|crash|power)\  ]]; then build release; fi
if is_wanted fuzz; then build fuzz; fi
if [[ $chosen =~ \ (bench|durable)\  ]]; then build bench; fi

for preset in release clang; do
  if is_wanted "$preset"; then
    measure "$preset" "the whole suite, preset $preset" "once" bash tests/run.sh "$preset"
  fi
done
if is_wanted asan; then
  measure asan "the whole suite, address and undefined behaviour" "once" bash tests/run.sh asan
fi
if is_wanted tsan; then
  measure tsan "runtime and simulator, data races" "once" bash tests/tsan.sh
fi
if is_wanted planted; then
  measure planted "bugs planted in a copy of the sources, and looked for by the suite" "each" \
    bash tests/planted.sh
fi
if is_wanted fuzz; then
  for program in build/fuzz/tests/fuzz/*_fuzz; do
    name=$(basename "${program%_fuzz}")
    measure "fuzz-$name" "fuzz target $name" "$minutes min" fuzz "$name"
  done
fi
if is_wanted properties; then
  measure properties "properties over random campaigns" "$seeds seeds of 1000" properties
fi
if is_wanted simulator; then
  measure simulator "lives of a host over a machine that fails" "2000 seeds of 5000 inputs" \
    lives 2000
fi
if is_wanted shards; then
  measure shards "the same of a store of five shards" "500 seeds of 5000 inputs" \
    lives 500 --shards 5
fi
if is_wanted crash; then
  measure crash "runs of the demo killed in the middle of a write, and started again" "500 kills" \
    crash
fi
if is_wanted power; then
  measure power "the same, where what was not synced is lost" "500 power failures" crash --power
fi
if is_wanted determinism; then
  measure determinism "the same bytes from three builds" "once" bash tests/determinism.sh
fi
if is_wanted bench; then
  measure bench "benchmarks, engine over bound" "10,000 and 1,000,000 contacts" benchmarks
fi
if is_wanted durable; then
  measure durable "what durability costs" "1,000,000 journeys" durable
fi

echo "written: $summary; $failed of $run failed"
((failed == 0 && run > 0))
