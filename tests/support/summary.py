# SPDX-License-Identifier: Apache-2.0
"""Counts what a ctest run really ran: summary.py <junit.xml>

A test program counts with its Catch2 test cases; a script that closes with "N passed, N failed"
counts with those; any other test is one. Prints what failed, each line that begins with
"NOT RUN:", and the closing line; exits with 1 if anything failed or was not run. Only data that
others' licences keep out of the repository may be missing: that is counted, and no more.
"""

import re
import sys
import xml.etree.ElementTree as ElementTree

ALL_PASSED = re.compile(r"^All tests passed \(\d+ assertions? in (\d+) test cases?\)", re.M)
SOME_FAILED = re.compile(r"^test cases: +\d+ \|(.*)$", re.M)
MAY_MISS = re.compile(r": set ITINERA_SHARED to the folder that has it$")
SCRIPT = re.compile(r"^(\d+) passed, (\d+) failed$", re.M)


def count(output):
    """The passed and the failed that the output itself speaks of, or None."""
    found = ALL_PASSED.findall(output)
    if found:
        return sum(map(int, found)), 0
    found = SOME_FAILED.search(output)
    if found:
        parts = {name: int(n) for n, name in re.findall(r"(\d+) (passed|failed)\b", found.group(1))}
        return parts.get("passed", 0), parts.get("failed", 0)
    found = SCRIPT.findall(output)
    if found:
        return tuple(map(int, found[-1]))
    return None


def summarize(junit):
    """Returns (passed, failed, names of failed tests, reasons of what was not run)."""
    passed, failed, broken, not_run = 0, 0, [], []
    for case in ElementTree.parse(junit).getroot().iter("testcase"):
        name, status = case.get("name"), case.get("status")
        output = case.findtext("system-out") or ""
        not_run += re.findall(r"^NOT RUN:.*$", output, re.M)
        if status in ("notrun", "disabled"):
            not_run.append(f"NOT RUN: {name}: ctest could not start it")
            continue
        ok = status == "run"
        cases = count(output)
        if cases is None:
            cases = (1, 0) if ok else (0, 1)
        if ok and cases == (0, 0):
            not_run.append(f"NOT RUN: {name}: it has no test case")
        # A program may fail after its last test case, or die within one.
        if not ok and cases[1] == 0:
            cases = (cases[0], 1)
        if not ok:
            broken.append(name)
        passed += cases[0]
        failed += cases[1]
    return passed, failed, broken, not_run


def main():
    passed, failed, broken, not_run = summarize(sys.argv[1])
    for name in broken:
        print(f"FAILED: {name}")
    for line in not_run:
        print(line)
    print(f"NOT RUN: {len(not_run)}" if not_run else "nothing was left out (0 not run)")
    print(f"{passed} passed, {failed} failed")
    repairable = [line for line in not_run if not MAY_MISS.search(line)]
    return 1 if failed or broken or repairable or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
