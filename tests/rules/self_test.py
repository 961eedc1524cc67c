# SPDX-License-Identifier: Apache-2.0
"""Each rule must fail when it is broken: self_test.py <compiler>

Builds a small project that obeys every rule, then breaks one rule at a time.
"""

import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SPDX = "// SPDX-License-Identifier: Apache-2.0\n"
ONCE = SPDX + "#pragma once\n"

CLEAN = {
    "include/itinera/value.hpp": ONCE + "#include <string>\n",
    "include/itinera/error_code.hpp": ONCE + "enum class ErrorCode {\n  busy,  // wait, then\n};\n",
    "include/itinera/engine.hpp": ONCE + '#include "itinera/value.hpp"\n',
    "include/itinera/itinera.hpp": ONCE + '#include "itinera/engine.hpp"\n',
    "src/base/value.cpp": SPDX + '#include "itinera/value.hpp"\n#include <xxhash.h>\n'
                          "// No clock, no getenv, and no std::thread stand in this comment.\n"
                          'const char* text = "std::thread, rand()";\nint big = 200\'000;\n',
    "src/engine/engine.cpp": SPDX + '#include "itinera/engine.hpp"\n#include "base/value.hpp"\n'
                             "void f(Builder& b) { b.exit(); b.time(); }\n",
    "src/yaml/load.cpp": SPDX + "#include <yaml-cpp/yaml.h>\n",
    "src/cli/main.cpp": SPDX + "#include <CLI/CLI.hpp>\n#include <fstream>\n"
                        "auto t = std::chrono::steady_clock::now();\n",
    "docs/errors.md": "| `busy` | it waits | no advance | advance |\n",
    "docs/internals/README.md": "[b](base.md), [e](engine.md), [y](yaml.md), [c](cli.md)\n",
    "docs/internals/base.md": "`value`\n",
    "docs/internals/engine.md": "`engine.cpp`\n",
    "docs/internals/yaml.md": "`lo*`\n",
    "docs/internals/cli.md": "`main`, `run`\n",
}

# (rule, file, its content, a part of what the rule must say)
INCLUDES = [
    ("src/base/up.cpp", '#include "engine/engine.hpp"', "base may not include engine/engine.hpp"),
    ("src/base/up.cpp", '#include "itinera/engine.hpp"', "(of engine)"),
    ("src/engine/side.cpp", '#include "yaml/load.hpp"', "engine may not include yaml/load.hpp"),
    ("src/expr/side.cpp", '#include "record/frame.hpp"', "expr may not include"),
    ("src/engine/all.cpp", '#include "itinera/itinera.hpp"', "for users"),
    ("src/engine/none.cpp", '#include "itinera/nowhere.hpp"', "no public header"),
    ("src/engine/loose.cpp", '#include "engine.hpp"', 'write "room/file.hpp"'),
    ("src/util/util.cpp", '#include "base/value.hpp"', "no room of the design"),
    ("src/engine/graph.cpp", "#include <boost/graph/adjacency_list.hpp>", "lives in model/ only"),
    ("src/engine/other.cpp", "#include <boost/spirit.hpp>", "no library that the design names"),
    ("src/engine/system.cpp", "#include <unistd.h>", "the system is met in"),
    ("src/base/again.cpp", "#include <xxh3.h>", "may be named in 1 file"),
    ("include/itinera/value.hpp", "#include <fmt/core.h>", "the standard library only"),
    ("include/itinera/value.hpp", '#include "base/bytes.hpp"', "the standard library only"),
    ("include/itinera/load.hpp", '#include "itinera/engine.hpp"',
     "yaml may not include itinera/engine.hpp (of engine)"),
]
CODE = [
    "auto t = std::chrono::system_clock::now();", "auto t = time(nullptr);",
    "std::this_thread::sleep_for(1s);", "std::random_device device;", "int i = rand();",
    'auto v = std::getenv("X");', "std::thread worker;", "std::mutex gate;",
    "std::size_t h = std::hash<int>{}(1);", "std::unordered_map<int, int> map;",
    "#include <iostream>", "std::ostringstream out;", "#include <fstream>",
    'std::FILE* f = std::fopen("x", "r");', "#include <regex>", "double d = std::stod(text);",
    "int i = atoi(text);", "double d = strtod(text, &end);",
    "auto i = boost::lexical_cast<int>(text);", "auto s = std::to_string(1.5);",
    "bool b = std::isdigit(c);", "char c = tolower(d);", "std::setlocale(LC_ALL, name);",
    'std::printf("x");', "std::exit(1);", "assert(ok);", 'throw std::runtime_error("x");',
    "using namespace std;", "goto end;",
]
SHAPES = [
    ("src/base/long.cpp", SPDX + "\n" * 500, "501 lines, at most 500"),
    ("include/itinera/long.hpp", ONCE + "\n" * 200, "202 lines, at most 200"),
    ("src/base/wide.cpp", SPDX + "x" * 101 + "\n", "101 columns, at most 100"),
    ("src/base/tab.cpp", SPDX + "\tint i;\n", "a tab"),
    ("src/base/bare.cpp", "int i;\n", "begin with // SPDX"),
    ("src/base/bare.hpp", SPDX, "write #pragma once"),
    ("src/base/lint.cpp", SPDX + "int i;  // NOL" "INT\n", "name the check"),
    ("src/base/later.cpp", SPDX + "// TO" "DO: later\n", "finish it"),
    ("docs/page.md", "Fix" "me: FIX" "ME\n", "finish it"),
    ("docs/page.md", "Written with Cl" "aude.\n", "a project speaks of itself"),
    ("tests/x.sh", "cd /wo" "rk/x\n", "no path of one machine"),
]
PAGES = [
    ("docs/errors.md", "", "no row for busy"),
    ("docs/errors.md", CLEAN["docs/errors.md"] + "| `lost` | a | b | c |\n", "no ErrorCode"),
    ("docs/errors.md", "| `busy` | it waits | | |\n", "wants a meaning"),
    ("include/itinera/error_code.hpp", ONCE + "enum class ErrorCode {\n  busy,\n  lost,\n};\n",
     "no row for lost"),
]
ROOMS = [
    ("docs/internals/base.md", "`values`\n", "base.md does not name base/value"),
    ("docs/internals/README.md", "[b](base.md)\n", "does not link engine.md"),
    ("docs/internals/attic.md", "`value`\n", "attic.md is of no room"),
    ("src/lab/lab.cpp", SPDX, "lab.md is not there"),
]
SYMBOLS = [
    "#include <chrono>\nauto f() { return std::chrono::system_clock::now(); }",
    "#include <cstdlib>\nauto f() { return std::getenv(\"X\"); }",
    "#include <random>\nauto f() { return std::random_device{}(); }",
    "#include <fstream>\nvoid f() { std::ifstream file(\"x\"); }",
    "#include <cstdio>\nauto f() { return std::fopen(\"x\", \"r\"); }",
    "#include <thread>\nvoid f() { std::thread([] {}).join(); }",
    "#include <ctime>\nauto f() { return std::time(nullptr); }",
    "#include <unistd.h>\nvoid f() { sleep(1); }",
    "#include <sys/socket.h>\nint f() { return socket(1, 1, 0); }",
]
JUNIT = [  # (status of a test, its output, the closing line)
    ("run", "All tests passed (9 assertions in 3 test cases)", "3 passed, 0 failed"),
    ("fail", "test cases: 5 | 3 passed | 2 failed\nassertions: 9 | 7 passed | 2 failed",
     "3 passed, 2 failed"),
    ("fail", "All tests passed (9 assertions in 3 test cases)\nleak", "3 passed, 1 failed"),
    ("fail", "killed", "0 passed, 1 failed"),
    ("run", "4 passed, 0 failed", "4 passed, 0 failed"),
    ("run", "fine", "1 passed, 0 failed"),
    ("run", "fine\nNOT RUN: no graphviz here", "NOT RUN: 1"),
    ("run", "fine\nNOT RUN: a.csv: set ITINERA_SHARED to the folder that has it",
     "1 passed, 0 failed"),
    ("notrun", "", "NOT RUN: 1"),
    ("run", "test cases: 0 | 0 passed", "NOT RUN: 1"),
]


class SelfTest:
    def __init__(self, compiler, scratch):
        self.compiler, self.scratch = compiler, pathlib.Path(scratch)
        self.passed, self.failed = 0, 0

    def project(self, **changes):
        root = pathlib.Path(tempfile.mkdtemp(dir=self.scratch))
        for name, content in {**CLEAN, **changes}.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        return root

    def expect(self, what, command, said):
        """`said` None: the command must succeed; else it must fail and say so."""
        result = subprocess.run([str(c) for c in command], capture_output=True, text=True,
                                check=False)
        output = result.stdout + result.stderr
        good = result.returncode == 0 if said is None else (result.returncode == 1 and
                                                            said in output)
        self.passed, self.failed = self.passed + good, self.failed + (not good)
        if not good:
            print(f"{what}: wanted {said or 'success'}, got {result.returncode}: {output}")

    def rule(self, name, file, content, said):
        extra = [self.compiler] if name == "headers" else []
        root = self.project(**({file: content} if file else {}))
        self.expect(f"{name}: {content!r}", [sys.executable, HERE / f"{name}.py", root, *extra],
                    said)

    def rules(self):
        for name in ("arrows", "banned_words", "docs_errors", "docs_rooms",
                     "docs_security", "headers"):
            self.rule(name, None, None, None)
        for file, line, said in INCLUDES:
            head = ONCE if file.endswith(".hpp") else SPDX
            self.rule("arrows", file, f"{head}{line}\n", said)
        for line in CODE:
            self.rule("banned_words", "src/engine/planted.cpp", f"{SPDX}{line}\n",
                      "src/engine/planted.cpp:2")
        for file, content, said in SHAPES:
            self.rule("banned_words", file, content, said)
        for file, content, said in PAGES:
            self.rule("docs_errors", file, content, said)
        for file, content, said in ROOMS:
            self.rule("docs_rooms", file, content, said)
        self.rule("docs_security", "docs/security.md", "| evil | no | `a test of nothing` |\n",
                  "names a test that is not there: a test of nothing")
        self.rule("headers", "include/itinera/needy.hpp", ONCE + "std::string s();\n",
                  "needy.hpp does not stand alone")

    def many_units(self):
        root = self.project(**{f"src/base/unit{i}.cpp": SPDX for i in range(28)})
        self.expect("room size", [sys.executable, HERE / "banned_words.py", root],
                    "29 units (a .cpp with its .hpp), at most 28")

    def symbols(self):
        checked = HERE / "banned_symbols.sh"
        for at, code in enumerate(["int f() { return 1; }", *SYMBOLS]):
            source = self.scratch / f"{at}.cpp"
            source.write_text(code, encoding="utf-8")
            objects = []
            for room in ("itinera_base.dir", "itinera_store.dir"):
                objects.append(self.scratch / room / f"{at}.o")
                objects[-1].parent.mkdir(exist_ok=True)
            subprocess.run([self.compiler, "-c", source, "-o", objects[0]], check=True)
            objects[1].write_bytes(objects[0].read_bytes())
            clean = self.scratch / "itinera_base.dir" / "0.o"
            self.expect(f"symbols of {code!r}", [checked, objects[0]],
                        f"{at}.o:" if at else None)
            self.expect(f"allowed: {code!r}", [checked, objects[1], clean], None)

    def summary(self):
        for status, output, closing in JUNIT:
            report = self.scratch / "report.xml"
            report.write_text(f'<testsuite><testcase name="t" status="{status}"><system-out>'
                              f"{output}</system-out></testcase></testsuite>", encoding="utf-8")
            good = closing.endswith("passed, 0 failed")
            script = HERE.parent / "support" / "summary.py"
            result = subprocess.run([sys.executable, script, report], capture_output=True,
                                    text=True, check=False)
            right = closing in result.stdout.splitlines() and (result.returncode == 0) == good
            self.passed, self.failed = self.passed + right, self.failed + (not right)
            if not right:
                print(f"summary of {output!r}: wanted {closing}, got {result.stdout}")


def main():
    with tempfile.TemporaryDirectory() as scratch:
        test = SelfTest(sys.argv[1], scratch)
        test.rules()
        test.many_units()
        test.symbols()
        test.summary()
    print(f"{test.passed} passed, {test.failed} failed")
    return 1 if test.failed else 0


if __name__ == "__main__":
    sys.exit(main())
