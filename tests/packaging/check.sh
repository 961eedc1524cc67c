# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What the tests of packages share. Sourced, with `root`, `compiler` and the empty folder `scratch`
# set; a test ends with `closing`.
# shellcheck disable=SC2154
program=$root/examples/01_first_campaign.cpp
expected=$root/examples/expected/01_first_campaign.txt
passed=0 failed=0

# check <name> <command...>: shows what the command prints if it fails.
check() {
  local name=$1 begun=$SECONDS
  shift
  if "$@" >"$scratch/log" 2>&1; then
    passed=$((passed + 1))
    echo "ok $name ($((SECONDS - begun)) s)"
  else
    failed=$((failed + 1))
    echo "FAILED: $name"
    cat "$scratch/log"
  fi
}

prints_expected() { diff "$expected" <("$@"); }

# project <name> <of>: a folder with the project <of> and the program.
project() {
  mkdir "$scratch/$1"
  cp "$root/tests/packaging/$2/CMakeLists.txt" "$scratch/$1"
  cp "$program" "$scratch/$1/main.cpp"
}

# builds <folder> <settings...>: in <folder>/build, as unoptimised as can be.
builds() {
  local folder=$1
  shift
  cmake -S "$folder" -B "$folder/build" -G Ninja -DCMAKE_CXX_COMPILER="$compiler" "$@" &&
    cmake --build "$folder/build"
}

# finds_package <name> <prefix>: a host in the folder <name> that uses what is installed there.
finds_package() {
  project "$1" find_package &&
    builds "$scratch/$1" -DCMAKE_PREFIX_PATH="$2" &&
    prints_expected "$scratch/$1/build/host"
}

closing() {
  echo "$passed passed, $failed failed"
  ((failed == 0))
}
