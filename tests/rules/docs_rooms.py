# SPDX-License-Identifier: Apache-2.0
"""Every room has a page in docs/internals/, which the overview links and which names each of the
room's files, by name or by a pattern such as `text_*`: docs_rooms.py <project root>"""

import fnmatch
import pathlib
import re
import sys


def patterns_of(page):
    """Every word that stands in `back quotes`, without an ending."""
    return {re.sub(r"\.[ch]pp$", "", word) for word in re.findall(r"`([\w.*]+)`", page)}


def missing_in(room, pages):
    path = pages / f"{room.name}.md"
    if not path.exists():
        return [f"docs/internals/{path.name} is not there"]
    patterns = patterns_of(path.read_text(encoding="utf-8"))
    units = sorted({file.stem for file in room.iterdir() if file.suffix in (".cpp", ".hpp")})
    return [f"docs/internals/{path.name} does not name {room.name}/{unit}"
            for unit in units if not any(fnmatch.fnmatch(unit, each) for each in patterns)]


def main():
    root = pathlib.Path(sys.argv[1])
    pages = root / "docs/internals"
    rooms = sorted(path for path in (root / "src").iterdir() if any(path.glob("*.cpp")))
    overview = (pages / "README.md").read_text(encoding="utf-8")
    found = [fault for room in rooms for fault in missing_in(room, pages)]
    found += [f"docs/internals/README.md does not link {room.name}.md"
              for room in rooms if f"({room.name}.md)" not in overview]
    names = {room.name for room in rooms} | {"README"}
    found += [f"docs/internals/{page.name} is of no room"
              for page in sorted(pages.glob("*.md")) if page.stem not in names]
    print("\n".join(found) if found else f"{len(rooms)} rooms described")
    return 1 if found or not rooms else 0


if __name__ == "__main__":
    sys.exit(main())
