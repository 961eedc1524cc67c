# SPDX-License-Identifier: Apache-2.0
"""Commands that share a store, and runs that end badly: store_test.py <itinera> <project root>"""

import json
import sys

import command_test
from command_test import action_ids, expect, frames_of, itinera, joined, script, shop


def test_publish_keeps_what_is_left_to_be_written(folder):
    lines = script(3)
    run = ("run", shop(folder), "--store", folder / "store", "--reoffer")
    assert itinera(*run, "--actions", "/dev/full", text=joined(lines)).code == 1
    for _ in range(2):
        expect(itinera("publish", folder, "--store", folder / "store"), 0, "published; ")
    again = itinera(*run)
    expect(again, 0)
    perhaps = [json.loads(line).get("maybeExecuted", False) for line in again.out.splitlines()]
    assert perhaps == [True, True, False], again
    rest = itinera(*run, "--resume", text=joined(lines))
    assert action_ids(again.out + rest.out) == action_ids(itinera("run", folder,
                                                                  text=joined(lines)).out)


def test_publish_begins_no_keeping(folder):
    store = folder / "store"
    expect(itinera("run", shop(folder), "--store", store, text=joined(script(3)[:2])), 0)
    before = frames_of(store)
    expect(itinera("publish", folder, "--store", store), 0)
    assert frames_of(store) == before


if __name__ == "__main__":
    sys.exit(command_test.main(globals()))
