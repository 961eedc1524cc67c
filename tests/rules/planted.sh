#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Each bug of tests/planted/ can still be planted: planted.sh <project root>
set -euo pipefail
cd "$1"
stale=0 count=0
for bug in tests/planted/*.patch; do
  count=$((count + 1))
  if patch -s -p1 --dry-run <"$bug" >/dev/null; then continue; fi
  echo "$bug: its place has changed: make it anew"
  stale=$((stale + 1))
done
echo "$count planted bugs, $stale stale"
((count > 0 && stale == 0))
