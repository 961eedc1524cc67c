# SPDX-License-Identifier: Apache-2.0
"""Commands that share a store, and runs that end badly: store_test.py <itinera> <project root>"""

import contextlib
import difflib
import fcntl
import json
import os
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys

import command_test
from command_test import (CAMPAIGN, ITINERA, WORKSPACE, Live, action_ids, expect, frames_of,
                          identify, instant, itinera, joined, script, shop, track, wait_until)

SMALL_PIPE = 4096


def unread(*arguments, lines=()):
    """What a command says, and its exit code, when nobody reads what it writes."""
    process = subprocess.Popen([ITINERA, *map(str, arguments)], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    process.stdin.write(joined(lines).encode())
    process.stdin.close()
    errors = process.stderr.read().decode()
    return command_test.Outcome(process.wait(timeout=60), "", errors)


class Blocked:
    """A run whose actions nobody reads before read_on()."""

    def __init__(self, folder, *arguments):
        self.store = folder / "store"
        self.process = subprocess.Popen([ITINERA, "run", folder, "--store", self.store, *arguments],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        fcntl.fcntl(self.process.stdout, fcntl.F_SETPIPE_SZ, SMALL_PIPE)
        fcntl.fcntl(self.process.stdin, fcntl.F_SETPIPE_SZ, 1 << 20)

    def feed(self, lines, until):
        """Writes lines and waits until the store has heard of that one."""
        self.process.stdin.write(joined(lines).encode())
        self.process.stdin.flush()
        wait_until(lambda: self.store.exists() and until in self.frames())

    def frames(self):
        try:
            return frames_of(self.store)
        except sqlite3.OperationalError:  # it is being made
            return b""

    def read_on(self):
        out, errors = self.process.communicate(timeout=60)
        return command_test.Outcome(self.process.returncode, out.decode(), errors.decode())


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


LATER = """\
campaign: welcome
version: 2
entry: [{event: signed_up}]
steps: [{wait: 5d, id: pause}]
"""


def test_publish_passes_over_nothing_that_is_due(folder):
    store = folder / "store"
    whole = itinera("run", shop(folder), text=joined(script(1)))
    first = itinera("run", folder, "--store", store, text=joined(script(1)[:2]))
    (folder / "new").mkdir()
    new = shop(folder / "new")
    (new / "campaigns/welcome.yaml").write_text(LATER)
    publish = (new, "--store", store, "-m", "welcome", "--step", "welcome/*=exit", "--at",
               "2026-03-05T00:00:00Z")
    before = frames_of(store)
    for command in (("publish",), ("publish", "--dry-run"), ("diff",)):
        expect(itinera(*command, *publish), 1, "--at 2026-03-05T00:00:00Z: something falls due "
               "before that, at 2026-03-02T01:00:00Z", "hint: come there first: echo '{\"type\":"
               "\"advance\",\"to\":\"2026-03-05T00:00:00Z\"}' | itinera run")
    assert frames_of(store) == before
    # Where it falls due is not beyond it.
    expect(itinera("publish", "--dry-run", *publish[:-1], "2026-03-02T01:00:00Z"), 0)
    # As the hint says.
    rest = itinera("run", folder, "--store", store,
                   text='{"type":"advance","to":"2026-03-05T00:00:00Z"}')
    expect(itinera("publish", *publish), 0, "published; ")
    assert action_ids(first.out + rest.out) == action_ids(whole.out)


def test_publish_does_not_go_on_before_what_waits_is_written(folder):
    live = Live(shop(folder))
    # The second is emitted, and waits for time to go on.
    live.feed(script(2)[:4], actions=1)
    wait_until(lambda: "2 journeys in flight" in itinera("look", "--store", live.store).out)
    live.end(signal.SIGTERM)
    publish = ("publish", folder, "--store", live.store, "--at")
    expect(itinera(*publish, "2026-03-02T00:08:00Z"), 1,
           "actions wait to be handed out since 2026-03-02T00:07:00Z")
    expect(itinera(*publish, instant(7)), 0)


def test_a_command_that_only_complains_leaves_the_owner_alone(folder):
    lines = script()
    live = Live(shop(folder))
    live.feed(lines[:201], actions=99)
    other = shop(folder / "other")
    (other / "workspace.yaml").write_text(WORKSPACE.replace("shop", "bank"))
    expect(itinera("run", other, "--store", live.store), 1,
           f"itinera: {live.store}: this is the store of workspace `shop`", "[conflict]")
    expect(itinera("publish", other, "--store", live.store), 1, "[conflict]")
    expect(itinera("publish", folder, "--store", live.store, "-m", "welcome", "--step",
                   "welcome/nope=exit"), 1, "[invalid_argument]")
    live.feed(lines[201:], actions=400)
    code, errors = live.end(signal.SIGTERM)
    assert code == 130 and "fenced" not in errors, errors


def test_resume_takes_what_was_moved_behind_a_closed_instant(folder):
    store = folder / "store"
    lines = [identify(user, 0) for user in "abc"]
    lines.append('{"type":"advance","to":"2026-03-02T00:05:00Z"}')
    run = ("run", shop(folder), "--store", store, "--resume")
    # A file that grows, by lines of one instant that each run closes.
    expect(itinera(*run, text=joined(lines)), 0)
    out = ""
    for user in "abc":
        lines.append(track(user, 5))
        once = itinera(*run, text=joined(lines))
        expect(once, 0)
        out += once.out
    assert [json.loads(line)["userId"] for line in out.splitlines()] == ["a", "b", "c"], out
    # What lies well before is not read again.
    expect(itinera(*run, text=joined(lines + [identify("d", 6), identify("e", 7)])), 0)
    expect(itinera(*run, text=joined(lines)), 0, "7 passed over")


def test_resume_passes_over_what_no_message_id_is_remembered_of(folder):
    run = ("run", shop(folder), "--store", folder / "store", "--resume")
    (folder / "campaigns/welcome.yaml").write_text(CAMPAIGN.replace("wait: 1h", "wait: 10d"))
    expect(itinera(*run, text=joined(script(1))), 0, "1 entered, 1 ended")
    again = itinera(*run, text=joined(script(1)))
    expect(again, 0, "2 passed over", "1 entered, 1 ended")
    assert again.out == "", again


def test_resume_takes_what_came_before_a_publication(folder):
    lines = script(3)
    run = ("run", shop(folder), "--store", folder / "store")
    expect(itinera(*run, text=joined(lines[:2])), 0)
    path = folder / "campaigns/welcome.yaml"
    path.write_text(path.read_text().replace("entry:", "version: 2\nentry:"))
    expect(itinera("publish", folder, "--store", folder / "store", "--at", instant(9)), 0)
    rest = itinera(*run, "--resume", text=joined(lines))
    expect(rest, 0)
    said = [json.loads(line) for line in rest.out.splitlines()]
    assert [each["userId"] for each in said if each["step"] == "hello"] == ["u1", "u2"], rest


def test_run_takes_all_that_it_has_read_of_a_pipe(folder):
    lines = script(400)[:-1]
    run = Blocked(shop(folder))
    run.feed(lines, until=b"u200@example.com")
    run.process.send_signal(signal.SIGTERM)
    # So much is read at once.
    assert len(joined(lines)) < 1 << 18
    expect(run.read_on(), 130, f"lines     {len(lines)}: {len(lines)} inputs")
    assert b"u399@example.com" in frames_of(run.store)


def test_run_says_that_nobody_reads_what_its_store_has(folder):
    shop(folder)
    lines = script(3)
    expect(unread("run", folder, lines=lines), 0)
    store = folder / "store"
    lost = unread("run", folder, "--store", store, lines=lines)
    expect(lost, 1, "standard output: cannot write: Broken pipe", "[io_failed]",
           "hint: what is left of the messages is not fed, and the actions that were not written "
           "are lost; runs made with --reoffer keep theirs")
    kept = folder / "kept"
    expect(unread("run", folder, "--store", kept, "--reoffer", lines=lines), 1,
           "the next run with --reoffer writes the actions that this one could not")
    again = itinera("run", folder, "--store", kept, "--reoffer", "--resume", text=joined(lines))
    expect(again, 0)
    assert action_ids(again.out) == action_ids(itinera("run", folder, text=joined(lines)).out)


def test_run_says_what_is_lost_where_actions_cannot_be_written(folder):
    run = ("run", shop(folder), "--store", folder / "store", "--actions", "/dev/full")
    lines = joined(script(1))
    expect(itinera(*run, text=lines), 1, "No space left on device [io_failed]\n  hint: ",
           "the actions that were not written are lost")
    expect(itinera("run", folder, "--actions", "/dev/full", text=lines), 1,
           "No space left on device [io_failed]\n")


def test_run_and_publish_take_folders_only(folder):
    store = folder / "store"
    expect(itinera("run", shop(folder), "--store", store, text=joined(script(1))), 0)
    before = frames_of(store)
    for path in ("campaigns/welcome.yaml", "workspace.yaml"):
        for command in (("run",), ("publish",), ("publish", "--dry-run")):
            expect(itinera(*command, folder / path, "--store", store), 1, f"{path}: error: this is "
                   "a file, and the folder of a workspace is asked for", "hint: name the folder")
    assert frames_of(store) == before


def test_publish_names_what_goes_out_of_service(folder):
    other = shop(folder) / "campaigns/other.yaml"
    other.write_text(CAMPAIGN.replace("campaign: welcome", "campaign: other")
                     .replace("signed_up", "left"))
    publish = ("publish", folder, "--store", folder / "store")
    run = ("run", folder, "--store", folder / "store")
    expect(itinera(*run, text=joined(script(1)[:2])), 0)
    assert "warning" not in itinera(*publish).err
    other.unlink()
    gone = ("itinera: warning: campaign `other` is no longer in this folder and takes no more "
            "entries; journeys of it that are in flight and go on: 0\n")
    expect(itinera(*publish, "--dry-run"), 0, gone, "nothing was published")
    expect(itinera(*run), 0, gone)
    assert "warning" not in itinera(*run).err  # it is out of service already
    (folder / "campaigns/welcome.yaml").rename(other)
    other.write_text(CAMPAIGN.replace("campaign: welcome", "campaign: other")
                     .replace("signed_up", "left"))
    gone = "campaign `welcome` is no longer in this folder"
    done = itinera(*publish)
    expect(done, 0, gone, "in flight and go on: 1\n", "published; ")
    assert done.err.count(gone) == 1, done.err


def test_run_leaves_alone_what_is_called_like_its_new_funnel(folder):
    precious = folder / "precious"
    precious.write_text("mine")
    (folder / "funnel.new").symlink_to(precious)
    run = ("run", shop(folder), "--funnel", folder / "funnel")
    expect(itinera(*run, text=joined(script(1))), 0)
    assert "welcome" in (folder / "funnel").read_text()
    assert precious.read_text() == "mine" and (folder / "funnel.new").is_symlink()
    assert sorted(each.name for each in folder.glob("funnel*")) == ["funnel", "funnel.new"]


def as_nobody(folder, *arguments):
    """Who owns nothing here. Only root can become that; others gave up their rights before."""
    copy = folder / "itinera"
    if not copy.exists():
        shutil.copy(ITINERA, copy)
    become = (lambda: os.setuid(65534)) if os.geteuid() == 0 else None
    done = subprocess.run([copy, *map(str, arguments)], capture_output=True, preexec_fn=become,
                          timeout=60, check=False)
    return command_test.Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())


def test_who_only_looks_leaves_no_file_to_lock_the_owner_out(folder):
    folder.chmod(0o777)
    live = Live(shop(folder))
    store = live.store
    live.feed(script(2)[:-1], actions=1)
    for path in (store, folder / "store-wal", folder / "store-shm"):
        path.chmod(0o444)
    look = ("look", "--store", store)
    expect(as_nobody(folder, *look), 0, "2 journeys in flight")  # while its owner goes on
    store.chmod(0o644)
    assert live.end(signal.SIGTERM)[0] == 130
    assert not (folder / "store-wal").exists()
    store.chmod(0o444)
    beside = lambda: sorted(each.name for each in folder.glob("store*"))
    for command in (look, ("publish", folder, "--store", store, "--dry-run"),
                    ("diff", folder, "--store", store)):
        expect(as_nobody(folder, *command), 0)
        assert beside() == ["store"], beside()
    store.chmod(0o644)
    expect(itinera("run", folder, "--store", store, "--resume", text=joined(script(2))), 0)


def test_a_refusal_of_consent_is_not_lost_by_a_misspelt_name(folder):
    refusal = {"type": "identify", "userId": "u0", "receivedAt": instant(0),
               "traits": {"email": "u0@example.com"}, "consent": {"emial": "denied"}}
    outcome = itinera("run", shop(folder), text=json.dumps(refusal) + "\n" + track("u0", 0))
    expect(outcome, 0, "standard input:1: refused: there is no channel 'emial': did you mean "
           "'email'? [invalid_argument]", "1 refused")
    assert outcome.out == "", outcome  # of whom no address is known either


def test_run_begins_a_line_where_another_was_torn(folder):
    actions = folder / "actions"
    actions.write_text('{"type":"send","actionId":"7eb100')
    expect(itinera("run", shop(folder), "--actions", actions, text=joined(script(1))), 0)
    torn, *whole = actions.read_text().splitlines()
    assert torn == '{"type":"send","actionId":"7eb100' and len(whole) == 2, actions.read_text()
    before = actions.read_text()
    expect(itinera("run", folder, "--actions", actions, text=joined(script(1))), 0)
    assert actions.read_text() == before + joined(whole)


def test_run_ends_when_what_it_has_noted_is_in_the_store(folder):
    run = Blocked(shop(folder), "--reoffer")
    # Written by one call, behind which the run waits for a reader.
    run.feed(script(100)[:-1], until=b"u99@example.com")
    # What it notes then is in the way of somebody who writes for longer than it waits.
    with contextlib.closing(sqlite3.connect(run.store, isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        run.process.send_signal(signal.SIGTERM)
        expect(run.read_on(), 1, "[io_failed]")


def test_run_opens_its_funnel_before_it_begins(folder):
    store = folder / "store"
    outcome = itinera("run", shop(folder), "--store", store, "--funnel", folder / "no/such",
                      text=joined(script(1)))
    expect(outcome, 1, "cannot write: No such file or directory")
    assert outcome.out == "" and not store.exists()


def with_full_disk(size, *arguments, text=""):
    """What a command comes to that may write no file of more bytes."""
    def bound_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    # Without restore_signals it is an error of the write, as with a full disk.
    return subprocess.run([ITINERA, *map(str, arguments)], capture_output=True,
                          input=text.encode(), preexec_fn=bound_files, restore_signals=False,
                          timeout=60, check=False)


def test_what_a_file_had_stays_where_the_disk_is_full(folder):
    out = folder / "out"
    for command in (("schema",), ("graph", shop(folder))):
        out.write_text("before")
        done = with_full_disk(32, *command, "--output", out)
        assert done.returncode == 1 and b"File too large" in done.stderr, done
        assert out.read_text() == "before"
        assert [each.name for each in folder.glob("out*")] == ["out"]
        expect(itinera(*command, "--output", out), 0)
        assert len(out.read_text()) > 32


def test_run_keeps_the_old_funnel_where_the_disk_is_full(folder):
    funnel = folder / "funnel"
    expect(itinera("run", shop(folder), "--funnel", funnel, text=joined(script(1))), 0)
    before = funnel.read_text()
    funnel.chmod(0o640)
    done = with_full_disk(len(before) // 2, "run", folder, "--funnel", funnel,
                          text=joined(script(9)))
    assert done.returncode == 1 and b"File too large" in done.stderr, done
    assert funnel.read_text() == before
    assert sorted(each.name for each in folder.glob("funnel*")) == ["funnel"]
    expect(itinera("run", folder, "--funnel", funnel, text=joined(script(9))), 0)
    assert funnel.read_text() != before and funnel.stat().st_mode & 0o777 == 0o640
    expect(itinera("run", folder, "--actions", "/dev/null", "--funnel", "-", text=""), 0, "inputs")


def row_of(store, question):
    with contextlib.closing(sqlite3.connect(store)) as database:
        return database.execute(question).fetchone()


def checkpoints(store):
    return row_of(store, "SELECT count(*) FROM snapshot WHERE name = 'fold/run' AND "
                  "state = 'complete'")[0]


def let_go(live, lines, actions_at):
    """Feeds a few lines at a time until the beginning of the journal is gone; how many it took."""
    wait_until(lambda: live.store.exists() and
               row_of(live.store, "SELECT count(*) FROM sqlite_master WHERE name = 'store'")[0])
    for at in range(1, len(lines), 20):
        live.feed(lines[:at][-20:] if at > 1 else lines[:1], actions_at(at))
        if (row_of(live.store, "SELECT truncated FROM store")[0] > 0 and
                checkpoints(live.store) == 2):
            return at
    raise AssertionError("nothing was let go of")


def same_funnel(one, other):
    """But for what was fed again because nobody knew whether it had come."""
    lines = [[line for line in path.read_text().splitlines()
              if not line.startswith(("inputs", "duplicates"))] for path in (other, one)]
    assert lines[0] == lines[1], "\n".join(difflib.unified_diff(*lines, lineterm=""))


SMALL = ("--snapshot-after", "1k", "--journal-max", "1k")


def test_run_goes_on_where_the_beginning_of_the_journal_is_gone(folder):
    lines = script(2000)
    expect(itinera("run", shop(folder), "--funnel", folder / "whole", "--actions", folder / "all",
                   text=joined(lines)), 0)
    funnel = folder / "funnel"
    live = Live(folder, "--funnel", funnel, *SMALL)
    # An action comes out when the next contact's time has come.
    at = let_go(live, lines, lambda at: max(at // 2 - 1, 0))
    live.process.kill()
    live.process.communicate(timeout=60)
    rest = itinera("run", folder, "--store", live.store, "--resume", "--funnel", funnel, *SMALL,
                   text=joined(lines))
    expect(rest, 0, "contacts  2,000", "journeys  2,000 entered")
    passed_over = int(re.search(r"([0-9,]+) passed over", rest.err).group(1).replace(",", ""))
    assert at - 4 <= passed_over <= at, (at, rest.err)
    same_funnel(funnel, folder / "whole")
    assert row_of(live.store, "SELECT truncated FROM store")[0] > 0
    # Whoever does not ask for it leaves it whole.
    more = [track("new", 20_000), identify("other", 20_001)]
    expect(itinera("run", folder, "--store", live.store, *SMALL, text=joined(more)), 0)
    expect(itinera("run", folder, "--store", live.store, "--funnel", funnel), 0)
    expect(itinera("run", folder, "--funnel", folder / "whole", "--actions", folder / "all",
                   text=joined(lines + more)), 0)
    same_funnel(funnel, folder / "whole")


def test_run_lets_nothing_go_before_it_has_counted_it(folder):
    lines = script(400)
    live = Live(shop(folder), "--snapshot-after", "1k")
    for at in range(20, len(lines), 20):
        live.feed(lines[at - 20:at], max(at // 2 - 1, 0))
        if checkpoints(live.store) == 2:
            break
    live.end(signal.SIGTERM)
    # As if it had died between its engine's snapshot and its own.
    with contextlib.closing(sqlite3.connect(live.store)) as database, database:
        gone = "FROM snapshot WHERE name IN ('fold/run', 'erased')"
        database.execute(f"DELETE FROM chunk WHERE snapshot IN (SELECT id {gone})")
        database.execute(f"DELETE {gone}")
    for _ in range(2):
        expect(itinera("run", folder, "--store", live.store, "--journal-max", "1k"), 0,
               f"contacts  {at // 2}")
    assert row_of(live.store, "SELECT truncated FROM store")[0] > 0


def test_run_goes_on_with_a_funnel_whether_it_is_asked_for_or_not(folder):
    lines = script(2000)
    store = folder / "store"
    expect(itinera("run", shop(folder), "--store", store, "--funnel", folder / "funnel",
                   "--actions", folder / "actions.ndjson", text=joined(lines[:21])), 0)
    live = Live(folder, *SMALL)
    at = let_go(live, lines[20:], lambda at: max((at + 20) // 2 - 1, 0)) + 20
    live.end(signal.SIGTERM)
    expect(itinera("run", folder, "--store", store, "--funnel", folder / "funnel"), 0)
    expect(itinera("run", folder, "--funnel", folder / "whole", text=joined(lines[:at])), 0)
    same_funnel(folder / "funnel", folder / "whole")


def test_run_says_what_of_a_journal_that_began_earlier_it_cannot_count(folder):
    lines = script(2000)
    live = Live(shop(folder), *SMALL)
    let_go(live, lines, lambda at: max(at // 2 - 1, 0))
    live.end(signal.SIGTERM)
    before = frames_of(live.store)
    expect(itinera("run", folder, "--store", live.store, "--funnel", folder / "funnel"), 1,
           "a funnel counts from the beginning, which this store has let go of",
           "hint: run with --funnel from the first run on", "[invalid_argument]")
    expect(itinera("run", folder, "--store", live.store), 0)

    def spoil(generations):
        with contextlib.closing(sqlite3.connect(live.store)) as database, database:
            database.execute("UPDATE chunk SET bytes = zeroblob(length(bytes)) WHERE snapshot IN "
                             "(SELECT id FROM snapshot WHERE name = 'fold/run' ORDER BY position "
                             f"DESC LIMIT {generations})")
    spoil(1)
    expect(itinera("run", folder, "--store", live.store), 0, "contacts")
    spoil(9)
    expect(itinera("run", folder, "--store", live.store), 1, "[damaged_journal]")
    assert frames_of(live.store) == before


def test_run_erases_whom_it_forgets_from_what_it_has_counted(folder):
    lines = script(2000)
    live = Live(shop(folder), "--funnel", folder / "funnel", *SMALL)
    at = let_go(live, lines, lambda at: max(at // 2 - 1, 0))
    live.end(signal.SIGTERM)
    forget = json.dumps({"type": "forget", "userId": "u0", "receivedAt": instant(20_000)})
    expect(itinera("run", folder, "--store", live.store, text=forget), 0)
    oldest = row_of(live.store, "SELECT min(position) FROM snapshot WHERE name = 'fold/run' AND "
                    "state = 'complete'")[0]
    assert oldest >= row_of(live.store, "SELECT position FROM snapshot WHERE name = 'erased'")[0]
    expect(itinera("run", folder, "--store", live.store, "--funnel", folder / "funnel"), 0,
           f"contacts  {(at + 1) // 2 - 1:,}")


def test_run_refuses_a_bound_that_is_none(folder):
    run = ("run", shop(folder), "--store", folder / "store", "--journal-age")
    expect(itinera(*run, "0d"), 1, "--journal-age", "[invalid_argument]")
    expect(itinera(*run, "soon"), 1, "--journal-age", "soon")
    expect(itinera("run", folder, "--journal-max", "1G"), 1, "--store")
    assert not (folder / "store").exists()


def test_what_nobody_reads_hides_no_error(folder):
    store = folder / "store"
    expect(itinera("run", shop(folder), "--store", store, text=joined(script(1)[:2])), 0)
    expect(unread("look", "--store", store), 0)
    expect(unread("diff", folder, "--store", store), 0)
    expect(unread("publish", folder, "--store", store), 0)
    path = folder / "campaigns/welcome.yaml"
    path.write_text(LATER)
    expect(unread("publish", folder, "--store", store, "-m", "welcome"), 1, "[conflict]")


if __name__ == "__main__":
    sys.exit(command_test.main(globals()))
