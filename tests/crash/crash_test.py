# SPDX-License-Identifier: Apache-2.0
"""Kills runs of the demo, starts them again, and compares with a run that was left alone:

  crash_test.py ITINERA TELL_STORE KILL_AT ROOT [--kills 10] [--chain 5] [--lines 4000] [--seed 1]
                [--power] [--shards 0]

A chain is one store that is killed that often before it comes to its end. The process dies in the
middle of a write (kill_at.cpp), after a number of bytes drawn evenly from those that the whole run
writes; with --power, what it has not synced is lost with it, or a part of that. At the end the
store's journal must tell the same story, with the same ids of actions in the same order; and every
action that came out must be one of that run, letter by letter. With --shards the stores have so
many, and two threads, and now and then a customer turns out to be another: then what happened at
one instant may be told in another order, and the run that is left alone has no shards.
"""

import argparse
import collections
import gzip
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile


def with_joins(lines):
    """Now and then a customer turns out to be another one, in another shard mostly."""
    before = None
    for number, line in enumerate(lines):
        yield line
        if number % 25 != 0:
            continue
        message = json.loads(line)
        if before and message.get("userId") not in (None, before):
            join = {"type": "alias", "messageId": f"join-{number}", "previousId": before,
                    "userId": message["userId"], "timestamp": message["timestamp"],
                    "receivedAt": message["receivedAt"]}
            yield json.dumps(join).encode() + b"\n"
        before = message.get("userId") or before


class Crashes:
    def __init__(self, options, folder):
        self.options = options
        self.folder = folder
        self.shards = []
        self.workspace = pathlib.Path(options.root) / "examples/retail"
        self.messages = folder / "messages.ndjson"
        with gzip.open(self.workspace / "orders.ndjson.gz", "rb") as data:
            lines = data.read().splitlines(keepends=True)
        kept = lines if options.lines == 0 else lines[:options.lines] + lines[-1:]
        if options.shards:
            kept = list(with_joins(kept))
        self.messages.write_bytes(b"".join(kept))

    def run(self, store, actions, *arguments, kill_at=None, loses=None, count=None):
        """The exit code of a run, negative for the signal that ended it, and its errors."""
        env = {**os.environ, "LD_PRELOAD": self.options.kill_at, "KILL_PATH": str(store)}
        if kill_at is not None:
            env["KILL_AT"] = str(kill_at)
        if loses is not None:
            env["KILL_LOSES"] = str(loses)
        if count is not None:
            env["KILL_COUNT"] = str(count)
        done = subprocess.run(
            [self.options.itinera, "run", self.workspace, "--input", self.messages, "--store",
             store, "--actions", actions, *self.shards, *arguments], env=env,
            capture_output=True, timeout=600, check=False)
        return done.returncode, done.stderr.decode(errors="replace")

    def story(self, store):
        done = subprocess.run([self.options.tell_store, store], capture_output=True, timeout=600,
                              check=False)
        assert done.returncode == 0, done.stderr.decode()
        lines = done.stdout.decode().splitlines()
        return sorted(lines) if self.options.shards else lines

    def whole(self):
        """What a run says that was left alone, and how many bytes it wrote."""
        store, actions, count = (self.folder / name for name in ("whole", "actions", "count"))
        code, errors = self.run(store, actions, count=count)
        assert code == 0, errors
        lines = actions.read_text().splitlines()
        assert len(lines) > 100, "hardly anything happened"
        return self.story(store), lines, int(count.read_text())

    def chain(self, number, chance, written):
        """Kills one store again and again; how often it died, and what came out."""
        store = self.folder / f"store-{number}"
        deaths, out = 0, []
        places = sorted(chance.randrange(written) for _ in range(self.options.chain))
        for i, place in enumerate([*places, None]):
            kill_at = None if place is None else place - ([0, *places][i])
            actions = self.folder / f"actions-{number}-{i}"
            # Every other chain makes snapshots all the time, and begins from them.
            after = "100K" if number % 2 == 0 else "0"
            loses = chance.randrange(1 << 32) if self.options.power else None
            code, errors = self.run(store, actions, "--resume", "--snapshot-after", after,
                                    kill_at=kill_at, loses=loses)
            assert code in (0, -signal.SIGKILL), errors
            deaths += code != 0
            # The last line may be half of one.
            out += actions.read_text().split("\n")[:-1] if actions.exists() else []
            if code == 0:
                break
        return store, deaths, out


def difference(found, expected):
    for at, (one, other) in enumerate(zip(found, expected)):
        if one != other:
            return f"line {at + 1}: {one!r} instead of {other!r}"
    return f"{len(found)} lines instead of {len(expected)}"


def main():
    parser = argparse.ArgumentParser()
    for name in ("itinera", "tell_store", "kill_at", "root"):
        parser.add_argument(name)
    for name, default in (("--kills", 10), ("--chain", 5), ("--lines", 4000), ("--seed", 1),
                          ("--shards", 0)):
        parser.add_argument(name, type=int, default=default)
    parser.add_argument("--power", action="store_true")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    deaths = number = lost = 0
    with tempfile.TemporaryDirectory() as folder:
        crashes = Crashes(options, pathlib.Path(folder).resolve())
        story, actions, written = crashes.whole()
        if options.shards:
            crashes.shards = ["--shards", str(options.shards), "--threads", "2"]
        known = collections.Counter(actions)
        assert len(known) == len({json.loads(line)["actionId"] for line in actions}) == len(actions)
        while deaths < options.kills:
            number += 1
            assert number <= 2 * options.kills, "hardly any run is killed"
            store, died, out = crashes.chain(number, chance, written)
            deaths += died
            told = crashes.story(store)
            place = f"seed {options.seed}, chain {number}"
            assert told == story, f"{place}: {difference(told, story)}"
            strange = collections.Counter(out) - known
            assert not strange, f"{place}: came out and should not, or twice: {strange}"
            lost += len(actions) - len(out)
            for path in pathlib.Path(folder).glob(f"*-{number}*"):
                path.unlink()
    kills = "power failures" if options.power else "kills"
    print(f"{deaths} {kills} in {number} chains, {len(story)} lines told alike each time; "
          f"{lost} of {number * len(actions)} actions were taken and not written")


if __name__ == "__main__":
    sys.exit(main())
