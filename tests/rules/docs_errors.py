# SPDX-License-Identifier: Apache-2.0
"""docs/errors.md has one row for each ErrorCode, in its order, and no other:
docs_errors.py <project root>"""

import pathlib
import re
import sys


def codes_of(header):
    body = re.search(r"enum class ErrorCode[^{]*\{(.*?)\};", header, re.S).group(1)
    return re.findall(r"^\s*(\w+)\s*(?:=\s*\d+\s*)?,", re.sub(r"//[^\n]*", "", body), re.M)


def rows_of(page):
    """(name, number of filled cells beside it) of every row of a table that begins with `name`."""
    rows = []
    for line in page.splitlines():
        found = re.match(r"\|\s*`(\w+)`\s*\|(.*)\|\s*$", line)
        if found:
            rows.append((found.group(1), sum(1 for c in found.group(2).split("|") if c.strip())))
    return rows


def main():
    root = pathlib.Path(sys.argv[1])
    codes = codes_of((root / "include/itinera/error_code.hpp").read_text(encoding="utf-8"))
    rows = rows_of((root / "docs/errors.md").read_text(encoding="utf-8"))
    names = [name for name, _ in rows]
    found = [f"docs/errors.md has no row for {c}" for c in codes if c not in names]
    found += [f"docs/errors.md has a row for {n}, which is no ErrorCode"
              for n in names if n not in codes]
    found += [f"docs/errors.md: {name} wants a meaning, a cause and a remedy"
              for name, cells in rows if cells != 3]
    if not found and names != codes:
        found.append("docs/errors.md: the rows are not in the order of the enumeration")
    print("\n".join(found) if found else f"{len(codes)} codes described")
    return 1 if found or not codes else 0


if __name__ == "__main__":
    sys.exit(main())
