#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Plants bugs, one after the other, in a copy of the committed sources, and looks whether the suite
# finds them:
#
#   bash tests/planted.sh [bug..., all]
#
# Each tests/planted/<bug>.patch names in its first line the test that must fail: "Test: store" is
# built as store_tests. The last line is "N planted bugs, N found".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
patches=(tests/planted/*.patch)
if (($# > 0)); then
  patches=("${@/#/tests/planted/}")
  patches=("${patches[@]/%/.patch}")
fi
place=$PWD/build/planted
found=0 tried=0

rm -rf "$place/source"
mkdir -p "$place/source"
git archive HEAD | tar -x -C "$place/source"
cmake --preset dev -S "$place/source" -B "$place/build" >/dev/null

# Whether a test of the sources as they now are fails. What takes too long is not found: that may be
# the machine, unless it has said before that something failed.
fails() {
  local status=0
  cmake --build "$place/build" --parallel --target "$1_tests" >"$place/log" 2>&1 || {
    cat "$place/log"
    exit 1
  }
  RC_PARAMS=noshrink=1 timeout -s KILL 600 "$place/build/tests/$1/$1_tests" --abort \
    >"$place/log" 2>&1 || status=$?
  ((status != 0 && status != 137)) || grep -q '^test cases:.* failed' "$place/log"
}

for bug in "${patches[@]}"; do
  test=$(sed -n '1s/^Test: //p' "$bug")
  patch -s -p1 -d "$place/source" <"$bug"
  tried=$((tried + 1))
  if fails "$test"; then
    found=$((found + 1))
    echo "found      $(basename "$bug" .patch), by $test"
  else
    echo "NOT FOUND  $(basename "$bug" .patch), by $test"
  fi
  patch -s -R -p1 -d "$place/source" <"$bug"
done
echo "$tried planted bugs, $found found"
((tried == found))
