# SPDX-License-Identifier: Apache-2.0
"""C++ shown in documents stands word for word in an example, and CMake in a project that a test
builds; the readme's program is as short as it says: snippets_test.py <project root>"""

import pathlib
import re
import sys

README_LINES = 20  # of code: without blank lines and comments
FENCE = re.compile(r"^```(cpp|cmake)\n(.*?)^```", re.M | re.S)


def main():
    root = pathlib.Path(sys.argv[1])
    sources = {"cpp": (root / "examples").glob("*.cpp"),
               "cmake": (root / "tests/packaging").glob("*/CMakeLists.txt")}
    compiled = {kind: [path.read_text() for path in sorted(paths)]
                for kind, paths in sources.items()}
    status, count = 0, 0
    for document in [root / "README.md", *sorted((root / "docs").rglob("*.md"))]:
        for kind, snippet in FENCE.findall(document.read_text()):
            count += 1
            if not any(snippet in text for text in compiled[kind]):
                status = 1
                print(f"{document.relative_to(root)}: stands in no example:\n{snippet}")
    shown = FENCE.findall((root / "README.md").read_text())[0][1].splitlines()
    code = [line for line in shown if line.strip() and not line.lstrip().startswith("//")]
    if len(code) > README_LINES:
        status = 1
        print(f"README.md: its program has {len(code)} lines, not {README_LINES}")
    print(f"{count} snippets")
    return status or count == 0


if __name__ == "__main__":
    sys.exit(main())
