# SPDX-License-Identifier: Apache-2.0
"""Each public header compiles alone, twice in one file, and with nothing but include/ in sight:
headers.py <project root> <compiler>"""

import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile

FLAGS = ["-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]


def compile_alone(compiler, root, header, scratch):
    source = pathlib.Path(scratch) / f"{header.stem}.cpp"
    line = f'#include "{header.relative_to(root / "include").as_posix()}"\n'
    source.write_text(line + line, encoding="utf-8")
    command = [compiler, *FLAGS, f"-I{root / 'include'}", str(source)]
    return header.name, subprocess.run(command, capture_output=True, text=True, check=False)


def main():
    root, compiler = pathlib.Path(sys.argv[1]), sys.argv[2]
    headers = sorted((root / "include").rglob("*.hpp"))
    failed = not headers
    with tempfile.TemporaryDirectory() as scratch:
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            results = pool.map(lambda h: compile_alone(compiler, root, h, scratch), headers)
        for name, result in results:
            if result.returncode != 0:
                failed = True
                print(f"{name} does not stand alone:\n{result.stderr}")
    print(f"{len(headers)} headers compiled")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
