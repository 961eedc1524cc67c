# SPDX-License-Identifier: Apache-2.0
"""Arrows point down only: arrows.py <project root>

Reads every #include of src/ and include/. A room may include itself and the rooms of lower rows,
never a neighbour, never upward. A public header belongs to the room that has a source of its
name, else to the highest room it includes. Heavy libraries have one home each.
"""

import pathlib
import re
import sys

ROWS = [  # from the top
    ["cli", "capi"],
    ["lab"],
    ["runtime"],
    ["engine", "yaml", "insight", "store"],
    ["crossing"],
    ["snapshot"],
    ["state"],
    ["tables"],
    ["plan", "diff"],
    ["model"],
    ["expr", "calendar", "record", "stats"],
    ["base"],
]
HEIGHT = {room: len(ROWS) - at for at, row in enumerate(ROWS) for room in row}

# Library -> (what its includes begin with, the room it lives in, how many files may name it).
LIBRARIES = {
    "fmt": (r"fmt/", None, None),
    "xxHash": (r"xxh", "base", 1),
    "CRC instructions": (r"(nmmintrin|arm_acle)\.h", "record", 1),
    "RE2": (r"re2/", "expr", 1),
    "Boost.Date_Time": (r"boost/date_time", "calendar", 1),
    "date": (r"date/", "calendar", 1),
    "Boost.Math": (r"boost/math/", "stats", 1),
    "Boost.Graph": (r"boost/(graph/|property_map/)", "model", 1),
    "yaml-cpp": (r"yaml-cpp/", "yaml", 2),
    "SQLite": (r"sqlite3", "store", 1),
    "CLI11": (r"CLI/", "cli", None),
    "simdjson": (r"simdjson", "cli", None),
    "Boost.JSON": (r"boost/json", "cli", None),
}
# The operating system's headers have names like the standard library's C headers.
SYSTEM = re.compile(r"(sys|netinet|arpa|linux)/|(unistd|fcntl|dirent|poll|pthread|dlfcn)\.h$")
SYSTEM_ROOMS = {"store", "runtime", "cli"}  # files; signals of a thread; terminals and pipes
STANDARD = re.compile(r"[a-z_]+$")  # <vector>, <cstdint>
UMBRELLA = "itinera.hpp"

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')


def includes_of(path):
    """Yields (line number, quote or bracket, what is included)."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        found = INCLUDE.match(line)
        if found:
            yield number, found.group(1), found.group(2)


def may_include(room, other):
    return room == other or HEIGHT[room] > HEIGHT[other]


class Arrows:
    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.findings = []
        self.homes = {}  # library -> files that name it
        self.owners = {}  # public header -> room

    def report(self, path, number, text):
        self.findings.append(f"{path.relative_to(self.root)}:{number}: {text}")

    def owner(self, header):
        if header not in self.owners:
            self.owners[header] = "base"  # ends a cycle of includes
            self.owners[header] = self.find_owner(header)
        return self.owners[header]

    def find_owner(self, header):
        stem = header.removesuffix(".hpp").removesuffix(".h")
        homes = [r for r in HEIGHT if (self.root / "src" / r / f"{stem}.cpp").exists()]
        path = self.root / "include/itinera" / header
        if not homes and path.exists():
            named = [w for _, _, w in includes_of(path) if w.startswith("itinera/")]
            homes = [self.owner(w.removeprefix("itinera/")) for w in named]
        return max(homes, key=HEIGHT.get, default="base")

    def check_ours(self, path, number, room, what):
        first, _, rest = what.partition("/")
        if first == "itinera":
            if rest == UMBRELLA:
                self.report(path, number, f"{UMBRELLA} is for users: include what you use")
                return
            if not (self.root / "include/itinera" / rest).exists():
                self.report(path, number, f"there is no public header {what}")
                return
            other, thing = self.owner(rest), f"{what} (of {self.owner(rest)})"
        elif first in HEIGHT:
            other, thing = first, what
        else:
            self.report(path, number, f'"{what}": write "room/file.hpp", libraries in <>')
            return
        if not may_include(room, other):
            self.report(path, number, f"{room} may not include {thing}: arrows point down only")

    def check_library(self, path, number, room, what):
        if STANDARD.match(what):
            return
        if SYSTEM.search(what):
            if room not in SYSTEM_ROOMS:
                self.report(path, number, f"<{what}>: the system is met in {SYSTEM_ROOMS} only")
            return
        for name, (pattern, home, _) in LIBRARIES.items():
            if re.match(pattern, what):
                if home not in (None, room):
                    self.report(path, number, f"<{what}>: {name} lives in {home}/ only")
                self.homes.setdefault(name, set()).add(path)
                return
        self.report(path, number, f"<{what}>: no library that the design names")

    def check_public(self):
        for path in sorted((self.root / "include/itinera").glob("*.h*")):
            for number, mark, what in includes_of(path):
                if mark == '"' and what.startswith("itinera/"):
                    if path.name != UMBRELLA:
                        self.check_ours(path, number, self.owner(path.name), what)
                elif not STANDARD.match(what) and path.suffix != ".h":
                    self.report(path, number, f"{what}: a public header includes itinera/ and "
                                              "the standard library only")

    def check_rooms(self):
        for path in sorted((self.root / "src").rglob("*.[ch]pp")):
            room = path.relative_to(self.root / "src").parts[0]
            if room not in HEIGHT:
                self.report(path, 1, f"{room} is no room of the design")
                continue
            for number, mark, what in includes_of(path):
                check = self.check_ours if mark == '"' else self.check_library
                check(path, number, room, what)
        for name, files in self.homes.items():
            limit = LIBRARIES[name][2]
            if limit is not None and len(files) > limit:
                listed = ", ".join(sorted(str(f.relative_to(self.root)) for f in files))
                self.findings.append(f"{name} may be named in {limit} file(s): {listed}")


def main():
    arrows = Arrows(sys.argv[1])
    arrows.check_public()
    arrows.check_rooms()
    print("\n".join(arrows.findings))
    return 1 if arrows.findings else 0


if __name__ == "__main__":
    sys.exit(main())
