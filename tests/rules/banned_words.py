# SPDX-License-Identifier: Apache-2.0
"""Words that must not stand in the sources, and sizes: banned_words.py <project root>

Each rule names what to write instead. Words of CODE are looked for where comments and literals
have been blanked out, in src/ and include/; words of TEXT everywhere that people read.
"""

import pathlib
import re
import sys

FOLDERS = ["include", "src", "tests", "examples", "bench", "docs", ".ci"]
SOURCES = {".hpp", ".cpp", ".h", ".c"}
CODE_WIDTH = SOURCES | {".py", ".sh", ".cmake"}
TEXTS = CODE_WIDTH | {".md", ".yaml", ".json", ".txt", ""}

# Files that this script does not judge: texts of others, kept as they came, and data.
FOREIGN = re.compile(r"(^|/)(conformance|corpus|golden|data|expected)/|LICENSE$")

# Who may do what the core may not. The library's own deterministic part is in none of them.
CLOCK = r"src/cli/"
FILES = r"src/(cli|store)/|src/calendar/system_zones\.cpp"
PROCESS = r"src/cli/|src/base/check\.cpp"

# (pattern, files that may, what to write instead)
CODE = [
    (r"\b(system|steady|high_resolution|utc|file|tai|gps)_clock\b|"
     r"\b(gettimeofday|clock_gettime|localtime(_r)?|gmtime(_r)?|mktime)\s*\(|"
     r"\bstd::clock\b|\btime\s*\(\s*(NULL|nullptr|0|&)",
     CLOCK, "time is an input: take an Instant"),
    (r"\b(sleep_for|sleep_until|usleep|nanosleep)\b|\bsleep\s*\(", None,
     "nothing waits: return the next deadline"),
    (r"\brandom_device\b|\bmt19937|\b(s?rand|random)\s*\(|_distribution\b|\bstd::shuffle\b",
     r"src/runtime/eraser\.cpp",
     "chance is a hash: base::StableHash or base::bucket_of"),
    (r"\b(secure_)?getenv\b|\bsetenv\b", CLOCK, "nothing asks the environment: take an option"),
    (r"\bstd::(j?thread|async|mutex|shared_mutex|condition_variable|atomic)|\bthread_local\b",
     r"src/runtime/|src/store/memory_store\.cpp",
     "the core is single-threaded: the host owns the threads"),
    (r"\bstd::hash\b", None, "base::stable_hash: the same on every platform"),
    (r"\bunordered_(multi)?(map|set)\b", r"src/base/",
     "a sorted vector, std::map, or a table of base/: its order is seen"),
    (r"<(iostream|sstream|strstream)>|\bstd::(cout|cerr|cin|i?o?stringstream)\b", None,
     "fmt for output, std::from_chars for input: streams obey the locale"),
    (r"<fstream>|\bstd::[io]?fstream\b|\bfopen\b|<filesystem>|\bstd::filesystem\b", FILES,
     "files are the business of store/ and cli/: take the bytes"),
    (r"<regex>|\bstd::w?regex\b", None, "a small scanner; RE2 for CEL's matches"),
    (r"\b(std::)?(sto(i|l|ll|ul|ull|f|d|ld)|ato[ifl]|strto(d|f|l|ll|ul|ull)|s?scanf)\s*\(", None,
     "std::from_chars: the others obey the locale"),
    (r"\blexical_cast\b", None, "std::from_chars or fmt"),
    (r"\bstd::to_string\b", None, "fmt::format(\"{}\", ...): std's obeys the locale for doubles"),
    (r"\b(std::)?(isalpha|isdigit|isalnum|isspace|isupper|islower|ispunct|isxdigit|toupper|tolower"
     r")\s*\(", None, "compare with ASCII ranges: the C functions obey the locale"),
    (r"\bsetlocale\b|\bstd::locale\b", r"src/calendar/text\.cpp", "nothing depends on the locale"),
    (r"\b(f?printf|puts|fputs|putchar|_Exit|quick_exit)\s*\(|"
     r"(\bstd|[^\w:])::(exit|abort|terminate)\b", PROCESS,
     "a library neither prints nor exits: return a Result or a Diagnostic"),
    (r"\bassert\s*\(", None, "ITINERA_CHECK, on in every build; or static_assert"),
    (r"\bthrow\b", None, "return an Error: no exception is ours"),
    (r"\b(reinterpret_cast|const_cast)<[^>]*\*>\s*\(\s*this", None, "no such cast of this"),
    (r"\busing namespace\b(?! std::(string_view_)?literals)", None, "name what you use"),
    (r"\b(volatile|goto|setjmp|longjmp)\b", None, "plain control flow"),
]

# Split, so that this file does not find itself.
TEXT = [
    (r"\bT" r"ODO\b|\bF" r"IXME\b|\bX" r"XX\b|\bHA" r"CK\b", "finish it, or open an issue"),
    (r"(?i)\b(cl" r"aude|chat" r"gpt|cop" r"ilot|ll" r"m|lang" r"uage model|a" r"i[- ]generated)\b",
     "a project speaks of itself, not of the tools used on it"),
    (r"(?i)\bin (this|the last|a previous) ses" r"sion\b|\bsub" r"agent", "say what is so, not who "
     "wrote it"),
    (r"/wo" r"rk/|/ro" r"ot/|\.\./sha" r"red", "no path of one machine"),
]

COMMENT_OR_LITERAL = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![\w])\'(?:\\.|[^\'\\\n])+\'',
    re.S)
UNIT_MAX, SOURCE_MAX, PUBLIC_MAX, WIDTH_MAX = 28, 500, 200, 100


def blank(match):
    """Keeps the lines, and a bracketed include, of what it hides."""
    return re.sub(r"[^\n]", " ", match.group(0))


def judged_files(root):
    files = [p for p in root.iterdir() if p.is_file() and p.suffix in {".md", ".txt", ".json"}]
    for folder in FOLDERS:
        files += [p for p in (root / folder).rglob("*") if p.is_file() and p.suffix in TEXTS]
    named = [(p.relative_to(root).as_posix(), p) for p in files]
    return sorted((n, p) for n, p in named if not FOREIGN.search(n) and "__pycache__" not in n)


def code_findings(name, text):
    bare = COMMENT_OR_LITERAL.sub(blank, text)
    for number, line in enumerate(bare.splitlines(), 1):
        for pattern, allowed, remedy in CODE:
            found = re.search(pattern, line)
            if found and not (allowed and re.match(allowed, name)):
                yield f"{name}:{number}: `{found.group(0).strip()}`: {remedy}"


def shape_findings(name, path, lines):
    if path.suffix in SOURCES:
        if not lines or not lines[0].startswith(("// SPDX-", "/* SPDX-")):
            yield f"{name}:1: begin with // SPDX-License-Identifier: Apache-2.0"
        if path.suffix == ".hpp" and "#pragma once" not in lines:
            yield f"{name}:1: write #pragma once"
        limit = PUBLIC_MAX if name.startswith("include/") else SOURCE_MAX
        if len(lines) > limit:
            yield f"{name}: {len(lines)} lines, at most {limit}: split it by what it is about"
    for number, line in enumerate(lines, 1):
        if path.suffix in CODE_WIDTH and len(line) > WIDTH_MAX and "http" not in line:
            yield f"{name}:{number}: {len(line)} columns, at most {WIDTH_MAX}"
        if "\t" in line and path.suffix in CODE_WIDTH | {".yaml"}:
            yield f"{name}:{number}: a tab: indent by spaces, write \\t in literals"
        if path.suffix in SOURCES and re.search(r"NOLINT(NEXTLINE|BEGIN|END)?(?!\w|\()", line):
            yield f"{name}:{number}: name the check: NOLINT(the-check)"


def room_findings(names):
    rooms = {}
    for name in names:
        parts = name.split("/")
        if parts[0] == "src" and len(parts) > 2 and name.endswith((".hpp", ".cpp")):
            rooms.setdefault(parts[1], set()).add(name.rsplit(".", 1)[0])
    for room, units in sorted(rooms.items()):
        if len(units) > UNIT_MAX:
            yield f"src/{room}: {len(units)} units (a .cpp with its .hpp), at most {UNIT_MAX}"


def findings(root):
    files = judged_files(root)
    yield from room_findings([name for name, _ in files])
    for name, path in files:
        text = path.read_text(encoding="utf-8")
        lines = text.splitlines()
        yield from shape_findings(name, path, lines)
        if path.suffix in SOURCES and name.startswith(("src/", "include/")):
            yield from code_findings(name, text)
        for number, line in enumerate(lines, 1):
            for pattern, remedy in TEXT:
                found = re.search(pattern, line)
                if found:
                    yield f"{name}:{number}: `{found.group(0)}`: {remedy}"


def main():
    found = list(findings(pathlib.Path(sys.argv[1])))
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
