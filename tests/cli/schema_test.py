# SPDX-License-Identifier: Apache-2.0
"""The schema for editors says what the reader says: schema_test.py <itinera> <project root>"""

import copy
import json
import re
import shutil
import sys

import jsonschema
import yaml

import command_test
from command_test import ROOT, itinera

EXAMPLES = [ROOT / "examples/journeys", ROOT / "examples/retail"]


class Loader(yaml.SafeLoader):
    """YAML as the format reads it: null, true, false, decimal numbers, and texts."""


Loader.yaml_implicit_resolvers = {}
for tag, pattern, first in (("null", r"null|~|", ["n", "~", ""]), ("bool", r"true|false", "tf"),
                            ("int", r"-?(0|[1-9][0-9]*)", "-0123456789"),
                            ("float", r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?",
                             "-0123456789")):
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"),
                                 list(first))


def documents(path):
    return [each for each in yaml.load_all(path.read_text(), Loader=Loader) if each is not None]


def files_of(folder):
    """Those that the schema is of: not the world of a simulation."""
    return [path for path in sorted(folder.rglob("*.yaml")) if path.name != "simulation.yaml"]


def validator():
    schema = json.loads(itinera("schema").out)
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def mappings(node, path=(), kind=()):
    """Every mapping below `node`: its path, and what it is, whatever its place in lists."""
    if isinstance(node, dict):
        yield path, (*kind, *sorted(k for k in node if k in KINDS))
        for key, value in node.items():
            yield from mappings(value, (*path, key), (*kind, key))
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield from mappings(value, (*path, i), (*kind, "[]"))


REFUSALS = ("unknown_key", "wrong_type", "not_supported_yet")
KINDS = {"send", "wait", "wait_for", "branch", "split", "set", "goal", "goto", "exit", "audience",
         "emit", "start", "stop", "event", "identify", "report", "crash", "publish", "alias",
         "decision", "no", "not_sent", "condition", "segment", "date", "schedule", "call", "task",
         "digest", "parallel", "consent"}


def test_every_file_that_is_read_is_valid(_):
    schema = validator()
    count = 0
    for folder in (*EXAMPLES, ROOT / "tests/scenarios"):
        for path in files_of(folder):
            for document in documents(path):
                errors = [f"{path}: {error.message} at {list(error.absolute_path)}"
                          for error in schema.iter_errors(document)]
                assert not errors, "\n".join(errors)
                count += 1
    assert count > 40, count


def with_unknown_key(document, path):
    changed = copy.deepcopy(document)
    node = changed
    for step in path:
        node = node[step]
    node["zzz"] = 1
    return changed


def test_an_unknown_key_is_refused_by_both_or_by_none(folder):
    schema = validator()
    seen, refused = set(), 0
    for example in EXAMPLES:
        shop = folder / example.name
        shutil.copytree(example, shop)
        for path in files_of(shop):
            text = path.read_text()
            all_documents = documents(path)
            for i, document in enumerate(all_documents):
                top = next(iter(document))
                for place, kind in mappings(document):
                    # One of each kind, wherever it is nested.
                    if (top, kind[-4:]) in seen:
                        continue
                    seen.add((top, kind[-4:]))
                    changed = with_unknown_key(document, place)
                    others = all_documents[:i] + [changed] + all_documents[i + 1:]
                    path.write_text(yaml.safe_dump_all(others, sort_keys=False))
                    found = json.loads(itinera("check", path, "--json").out)
                    by_reader = any(each["code"] in REFUSALS for each in found)
                    by_schema = not schema.is_valid(changed)
                    assert by_reader == by_schema, (place, by_reader, by_schema, found)
                    refused += by_reader
            path.write_text(text)
    assert refused > 30 and len(seen) > refused, (refused, len(seen))


def test_wrong_words_and_types_are_refused(_):
    schema = validator()
    campaign = {"campaign": "c", "entry": ["host"], "steps": [{"wait": "1h"}]}
    assert schema.is_valid(campaign)
    for change in ({"while_running": "later"}, {"version": "one"}, {"steps": {"wait": "1h"}},
                   {"steps": [{"wait": "1h", "if_past": "sometimes"}]}, {"steps": [{"id": "x"}]},
                   {"steps": [{"wait_for": {"event": "e"}, "within": "soon"}]}, {"entry": None},
                   {"goals": [{"event": "e"}]}, {"steps": [{"branch": [{"steps": []}]}]}):
        assert not schema.is_valid({**campaign, **change}), change
    assert not schema.is_valid({"entry": ["host"], "steps": []})


if __name__ == "__main__":
    sys.exit(command_test.main(globals()))
