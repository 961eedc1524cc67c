# SPDX-License-Identifier: Apache-2.0
"""C++ shown in documents stands word for word in an example: snippets_test.py <project root>"""

import pathlib
import re
import sys

FENCE = re.compile(r"^```cpp\n(.*?)^```", re.M | re.S)


def main():
    root = pathlib.Path(sys.argv[1])
    compiled = [path.read_text() for path in sorted((root / "examples").glob("*.cpp"))]
    status, count = 0, 0
    for document in [root / "README.md", *sorted((root / "docs").rglob("*.md"))]:
        for snippet in FENCE.findall(document.read_text()):
            count += 1
            if not any(snippet in text for text in compiled):
                status = 1
                print(f"{document.relative_to(root)}: stands in no example:\n{snippet}")
    print(f"{count} snippets")
    return status or count == 0


if __name__ == "__main__":
    sys.exit(main())
