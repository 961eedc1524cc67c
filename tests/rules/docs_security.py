# SPDX-License-Identifier: Apache-2.0
"""Every test and fuzz target that docs/security.md names exists: docs_security.py ROOT"""

import pathlib
import re
import sys


def main():
    root = pathlib.Path(sys.argv[1])
    tests = set()
    for path in root.glob("tests/**/*_test.cpp"):
        tests |= set(re.findall(r'TEST_CASE\(\s*"((?:[^"\\]|\\.)*)"', path.read_text()))
    targets = {path.name.removesuffix("_fuzz.cpp") for path in root.glob("tests/fuzz/*_fuzz.cpp")}
    named, missing = 0, []
    page = root / "docs/security.md"
    for line in page.read_text().splitlines() if page.exists() else []:
        if not line.startswith("|") or line.startswith("|---") or "| test |" in line:
            continue
        for words in re.findall(r"`` (.*?) ``|`([^`]*)`", line.rsplit("|", 2)[-2]):
            begin = words[0] or words[1]
            named += 1
            if begin not in targets and not any(name.startswith(begin) for name in tests):
                missing.append(begin)
    for begin in missing:
        print(f"docs/security.md names a test that is not there: {begin}")
    print(f"{named} tests named")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
