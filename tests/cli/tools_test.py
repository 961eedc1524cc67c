# SPDX-License-Identifier: Apache-2.0
"""The author's tools of the command line: tools_test.py <itinera> <project root>"""

import contextlib
import json
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys

import command_test
from command_test import RETAIL, expect, itinera, shop


def test_graph_draws_mermaid(_):
    outcome = itinera("graph", RETAIL, "--campaign", "win-back", "--format", "mermaid")
    expect(outcome, 0, "flowchart TD", "entry0 --> n0", "classDef send")
    expect(itinera("graph", RETAIL, "--format", "mermaid"), 1, "a Mermaid flowchart holds one")


def test_help_is_text(_):
    for command in ("graph", "run", "diff"):
        shown = itinera(command, "--help")
        expect(shown, 0, "--help")
        assert not [c for c in shown.out if ord(c) < 32 and c != "\n"], shown.out


def test_graph_knows_its_formats(folder):
    path = shop(folder) / "campaigns/welcome.yaml"
    expect(itinera("graph", path, "--format", "dot"), 0, "digraph")
    expect(itinera("graph", path, "-f", "gif"), 1, "--format")
    expect(itinera("graph", path, "--svg", "-f", "dot"), 1, "excludes")


def test_test_tells_which_ways_no_test_took(folder):
    shop(folder)
    expect(itinera("test", folder, "--coverage"), 0, "welcome: 4 of 4 ways taken", "1 passed")
    with (folder / "campaigns/welcome.yaml").open("a") as campaign:
        campaign.write("  - wait: 1h\n")
    outcome = itinera("test", folder, "--coverage")
    expect(outcome, 0, "welcome: 4 of 5 ways taken", "campaigns/welcome.yaml:7: wait-2: done")
    expect(itinera("test", folder, "--require-coverage"), 1, "leave out ways")
    said = json.loads(itinera("test", folder, "--coverage", "--json").out)
    assert said["tests"][0]["passed"] and said["coverage"][0]["taken"] == 4, said
    assert said["coverage"][0]["ways"][-1] == {"line": 7, "step": "wait-2", "what": "done",
                                               "times": 0}, said


UNUSUAL = """\
# Who signs up is greeted.
version: 1
campaign: "welcome"   # its name
entry:
    - event: signed_up
steps: [{id: hello, send: email}]
"""
USUAL = """\
# Who signs up is greeted.
campaign: welcome # its name
version: 1
entry:
  - {event: signed_up}
steps:
  - send: email
    id: hello
"""


def test_fmt_writes_files_in_the_usual_form(folder):
    shop(folder)
    assert itinera("fmt", folder).code == 0
    path = folder / "campaigns/welcome.yaml"
    path.write_text(UNUSUAL)
    path.chmod(0o640)
    expect(itinera("fmt", "--check", folder), 1, "welcome.yaml", "1 file is not in the usual form")
    assert path.read_text() == UNUSUAL
    expect(itinera("fmt", path), 0, "welcome.yaml")
    assert path.read_text() == USUAL
    assert path.stat().st_mode & 0o777 == 0o640
    outcome = itinera("fmt", folder)
    assert outcome == (0, "", ""), outcome
    assert sorted(each.name for each in path.parent.iterdir()) == ["welcome.yaml"]


def test_fmt_leaves_alone_what_it_cannot_write(folder):
    shop(folder)
    path = folder / "campaigns/welcome.yaml"
    path.write_text(UNUSUAL + "steps: []\n")
    expect(itinera("fmt", folder), 1, "duplicate_key", "welcome.yaml:7:1")
    assert path.read_text() == UNUSUAL + "steps: []\n"
    expect(itinera("fmt", folder / "nothing.yaml"), 1, "cannot read")
    expect(itinera("fmt", folder / "campaigns"), 1, "no workspace")


def test_fmt_leaves_alone_what_is_called_like_its_new_file(folder):
    path = shop(folder) / "campaigns/welcome.yaml"
    draft = folder / "campaigns/welcome.yaml.new"
    for is_link in (False, True):
        path.write_text(UNUSUAL)
        if is_link:
            draft.rename(folder / "draft")
            draft.symlink_to(folder / "draft")
        else:
            draft.write_text("mine")
        expect(itinera("fmt", path), 0, "welcome.yaml")
        assert path.read_text() == USUAL and draft.read_text() == "mine"
        assert sorted(each.name for each in path.parent.iterdir()) == [
            "welcome.yaml", "welcome.yaml.new"]


def test_fmt_names_no_file_that_it_could_not_write(folder):
    path = shop(folder) / "campaigns/welcome.yaml"
    path.write_text(UNUSUAL)
    bound = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20, resource.RLIM_INFINITY))
    done = subprocess.run([command_test.ITINERA, "fmt", path], capture_output=True, text=True,
                          preexec_fn=bound, restore_signals=False, timeout=60, check=False)
    assert done.returncode == 1 and "File too large" in done.stderr, done
    assert f"{path}\n" not in done.stderr, done
    assert path.read_text() == UNUSUAL


def test_new_begins_a_workspace_that_is_well(folder):
    fresh = folder / "deep" / "shop"
    expect(itinera("new", fresh), 0, f"itinera test {fresh}")
    expect(itinera("check", fresh, "--strict"), 0, "ok: 1 campaign, 5 steps, 3 tests")
    expect(itinera("test", fresh, "--coverage"), 0, "3 passed, 0 failed")
    assert itinera("fmt", "--check", fresh) == (0, "", "")
    expect(itinera("new", fresh), 1, "not an empty folder")
    (folder / "file").write_text("")
    expect(itinera("new", folder / "file"), 1, "not an empty folder")
    (folder / "empty").mkdir()
    expect(itinera("new", folder / "empty"), 0)


def completions(line):
    """What bash offers for the last word of the line."""
    script = itinera("completion", "bash").out
    words = line.split(" ")
    program = (script + f"COMP_WORDS=({' '.join(repr(word) for word in words)})\n"
               f"COMP_CWORD={len(words) - 1}\n_itinera\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"\n")
    done = subprocess.run(["bash", "-euc", program], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_completion_knows_commands_options_and_values(_):
    assert completions("itinera gra") == ["graph"]
    assert completions("itinera look --stu") == ["--stuck"]
    assert {"check", "test", "fmt", "completion"} <= set(completions("itinera "))
    assert completions("itinera test --cov") == ["--coverage"]
    assert completions("itinera graph --format me") == ["mermaid"]
    for shell in ("zsh", "fish"):
        expect(itinera("completion", shell), 0, "graph", "mermaid", "coverage")
    expect(itinera("completion", "ksh"), 1, "bash, zsh and fish")


def test_simulate_tells_what_would_be_sent(folder):
    shop(folder)
    arguments = ("simulate", folder, "--contacts", 50, "--days", 60, "--seed", 3, "--opened", "40%")
    outcome = itinera(*arguments)
    expect(outcome, 0, "sends", "welcome", "50 contacts, 60 days in")
    assert itinera(*arguments).out == outcome.out
    assert itinera(*arguments[:-4], "--seed", 4).out != outcome.out
    (folder / "simulation.yaml").write_text(
        "simulation: nobody comes\nevents: [{event: signed_up, share: 0%}]\n")
    expect(itinera(*arguments), 0, "welcome                          0")
    expect(itinera("fmt", "--check", folder / "simulation.yaml"), 1, "not in the usual form")
    expect(itinera("simulate", folder, "--opened", "many"), 1, "`many` is no share")
    (folder / "simulation.yaml").write_text("simulation: x\nevents: []\nnope: 1\n")
    expect(itinera("simulate", folder), 1, "unknown_key", "simulation.yaml:3:1")


def test_simulate_knows_the_names_of_its_world(folder):
    world = shop(folder) / "simulation.yaml"
    world.write_text("simulation: x\nevents:\n  - {event: sined_up}\n"
                     "receipts:\n  - {channel: email, receipt: opened, chance: 5%}\n")
    expect(itinera("simulate", folder, "--contacts", 5, "--days", 5), 0,
           "simulation.yaml:3:6: warning: nothing listens to the event `sined_up`",
           "did you mean 'signed_up'?")
    world.write_text("simulation: x\nevents:\n  - {event: signed_up, every: 0s}\n"
                     "receipts:\n"
                     "  - {channel: fax, receipt: opened, chance: 5%, within: 999999d}\n")
    expect(itinera("simulate", folder), 1, "simulation.yaml:3:24: error: `every` goes from 1s",
           "simulation.yaml:5:6: error: there is no channel `fax` [unknown_name]",
           "simulation.yaml:5:49: error: `within` goes from 1ms")
    # Never a failure without a word.
    for arguments in (("simulate", folder, "--plan", folder), ("plan", folder, "--world", folder)):
        expect(itinera(*arguments), 1, f"{folder}: error: cannot read: Is a directory")
    expect(itinera("simulate", folder, "--plan", folder / "tests/welcome.yaml"), 1,
           "this is no simulation")


def filled_store(folder):
    """A store with journeys that wait since 09:00, and one that nothing moves."""
    shop(folder)
    (folder / "campaigns/ask.yaml").write_text(
        "campaign: ask\nentry: [{event: asked}]\n"
        "steps: [{wait_for: {event: answered}, id: answer}]\n")
    lines = [command_test.identify(f"u{i}", 540) for i in range(3)]
    lines += [command_test.track(f"u{i}", 540) for i in range(3)]
    lines.append(json.dumps({"type": "track", "event": "asked", "userId": "u1",
                             "receivedAt": "2026-03-02T09:10:00Z"}))
    expect(itinera("run", folder, "--store", folder / "store", text=command_test.joined(lines)), 0)
    return folder / "store"


def test_look_tells_where_journeys_stand(folder):
    store = filled_store(folder)
    steps = itinera("look", "--store", store)
    expect(steps, 0, "as of 2026-03-02T09:10:00Z: 4 journeys in flight, "
                     "next deadline 2026-03-02T10:00:00Z")
    rows = [line.split() for line in steps.out.splitlines()]
    assert ["ask", "1", "answer", "1", "0", "0", "0", "2026-03-02T09:10:00Z", "or",
            "later"] in rows, steps.out
    assert ["welcome", "1", "wait-1", "3", "0", "0", "0", "2026-03-02T09:00:00Z"] in rows, steps.out
    contact = itinera("look", "--store", store, "u1")
    expect(contact, 0, "welcome version 1, entered 2026-03-02T09:00:00Z",
           "  wait-1  waits until 2026-03-02T10:00:00Z; there since 2026-03-02T09:00:00Z\n",
           "  answer  waits for answered, without a deadline; there since")
    assert "u0" not in contact.out and "stopped" not in contact.out
    expect(itinera("look", "--store", store, "u1", "--steps"), 0, "answer", "stopped")
    expect(itinera("look", "--store", store, "nobody"), 1, "unknown_contact")
    expect(itinera("look", "--store", folder / "none"), 1, "there is no store")
    assert not (folder / "none").exists()
    expect(itinera("look", "--store", folder / "workspace.yaml"), 1, "workspace.yaml")


def test_look_tells_who_is_stuck(folder):
    store = filled_store(folder)
    expect(itinera("look", "--store", store, "--stuck", "1h"), 0, "nobody is stuck")
    stuck = itinera("look", "--store", store, "--stuck", "0s")
    expect(stuck, 0, "u1       ask       answer  waits for answered, without a deadline")
    assert "wait-1" not in stuck.out
    expect(itinera("look", "--store", store, "--stuck", "soon"), 1, "soon")


def test_look_writes_lines_of_json(folder):
    store = filled_store(folder)
    told = itinera("look", "--store", store, "u1", "--stuck", "0s", "--steps", "--json")
    lines = [json.loads(line) for line in told.out.splitlines()]
    assert [line["type"] for line in lines] == [
        "store", "journey", "journey", "stuck", "total", "step", "step"], told.out
    assert lines[0] == {"type": "store", "at": "2026-03-02T09:10:00Z", "journeys": 4,
                        "nextDeadline": "2026-03-02T10:00:00Z"}
    assert lines[1]["campaign"] == "welcome" and lines[1]["variants"] == {}
    assert lines[1]["standings"] == [{
        "step": "wait-1", "awaited": "time", "until": "2026-03-02T10:00:00Z",
        "since": "2026-03-02T09:00:00Z", "certain": True,
        "says": "waits until 2026-03-02T10:00:00Z"}]
    assert lines[3]["userId"] == "u1" and lines[3]["standings"][0]["awaited"] == "trigger"
    assert lines[4] == {"type": "total", "stuck": 1}
    assert lines[6]["waiting"] == 3


def test_look_reads_a_store_whose_beginning_is_gone(folder):
    live = command_test.Live(shop(folder), "--snapshot-after", "1")
    store = live.store
    live.feed(command_test.script()[:41], actions=19)

    def has_snapshot():
        with contextlib.closing(sqlite3.connect(store)) as database:
            return database.execute("SELECT count(*) FROM snapshot WHERE name = 'engine' AND "
                                    "state = 'complete'").fetchone()[0] > 0
    command_test.wait_until(has_snapshot)
    live.end(signal.SIGTERM)
    before = itinera("look", "--store", store).out
    with contextlib.closing(sqlite3.connect(store)) as database:
        found = database.execute("SELECT min(position) FROM snapshot WHERE name = 'engine' AND "
                                 "state = 'complete'").fetchone()[0]
        assert found, "no snapshot was made"
        database.execute("DELETE FROM journal WHERE position <= ?", (found,))
        database.execute("UPDATE store SET truncated = ?", (found,))
        database.commit()
    assert itinera("look", "--store", store).out == before
    expect(itinera("look", "--store", store, "u19"), 0, "wait-1  waits until")


def test_look_leaves_the_host_alone(folder):
    lines = command_test.script()
    live = command_test.Live(shop(folder))
    live.feed(lines[:201], actions=99)
    expect(itinera("look", "--store", live.store), 0, "welcome", "wait-1")
    expect(itinera("look", "--store", live.store, "u98"), 0, "welcome version 1")
    live.feed(lines[201:], actions=400)
    code, errors = live.end(signal.SIGTERM)
    assert code == 130 and "fenced" not in errors, errors


def renewed(folder, steps):
    """The second version of a campaign: who asked waits for something else, or for nothing."""
    (folder / "campaigns/ask.yaml").write_text(
        f"campaign: ask\nversion: 2\nentry: [{{event: asked}}]\nsteps: {steps}\n")


def test_publish_moves_who_is_under_way(folder):
    store = filled_store(folder)
    renewed(folder, "[{wait_for: {event: answered}, id: answer, within: 2h}]")
    dry = itinera("publish", folder, "--store", store, "--migrate", "ask=recompute", "--dry-run")
    expect(dry, 0, "ask       1        answer  1         go on, as it says now",
           "nothing was published; journeys begun by it: 0, ended by it: 0")
    expect(itinera("look", "--store", store, "u1"), 0, "ask version 1")
    done = itinera("publish", folder, "--store", store, "-m", "ask=recompute",
                   "--at", "2026-03-02T09:20:00Z")
    expect(done, 0, "answer", "published; ")
    expect(itinera("look", "--store", store, "u1"), 0, "ask version 2",
           "waits for answered until 2026-03-02T11:20:00Z")
    expect(itinera("publish", folder, "--store", store, "-m", "ask"), 0, "published; ")


def test_publish_asks_what_becomes_of_who_stands_at_a_step_that_is_gone(folder):
    store = filled_store(folder)
    renewed(folder, "[{wait: 1h, id: pause}]")
    arguments = ("publish", folder, "--store", store, "--migrate", "ask")
    for dry in ((), ("--dry-run",)):
        expect(itinera(*arguments, *dry), 1, "1         no answer: --step ask/answer=...",
               "1 journeys stand at steps that they cannot go on at", "conflict")
    expect(itinera("look", "--store", store, "u1"), 0, "ask version 1")
    expect(itinera(*arguments, "--step", "ask/answr=exit"), 1, "did you mean 'answer'?")
    expect(itinera(*arguments, "--step", "answer=exit"), 1, "CAMPAIGN/STEP=STEP, exit or pin")
    expect(itinera(*arguments, "--migrate", "ask=soon"), 1, "keep, recompute or release")
    expect(itinera(*arguments, "--at", "2026-03-01"), 1, "the time of day is missing")
    said = itinera(*arguments, "--step", "ask/answer=pause", "--dry-run", "--json")
    lines = [json.loads(line) for line in said.out.splitlines()]
    assert lines == [
        {"type": "migration", "campaign": "ask", "version": 1, "step": "answer", "journeys": 1,
         "fate": "moves", "to": "pause", "edited": False},
        {"type": "publication", "published": False, "entered": 0, "ended": 0}], said.out
    expect(itinera(*arguments, "--step", "ask/*=exit"), 0, "end here", "ended by it: 1")
    expect(itinera("look", "--store", store, "u1"), 0, "welcome version 1")


def edited(folder, name, *replacements):
    """A copy of a campaign of the examples with other words in it."""
    text = (RETAIL / f"campaigns/{name}.yaml").read_text()
    for before, after in replacements:
        assert before in text, before
        text = text.replace(before, after)
    path = folder / f"{name}.yaml"
    path.write_text(text)
    return path


def test_diff_tells_in_words_what_changed(folder):
    old = RETAIL / "campaigns/welcome-second-order.yaml"
    expect(itinera("diff", old, old, "--exit-code"), 0, "no difference")
    new = edited(folder, "welcome-second-order", ("version: 1", "version: 2"),
                 ("wait: 14d", "wait: 10d"), ("template: best-sellers", "template: what-sells"),
                 ("id: account-manager", "id: manager"), ("weight: 50", "weight: 60"))
    told = itinera("diff", old, new)
    expect(told, 0)
    assert told.out.splitlines() == [
        "welcome-second-order",
        "  ~ version 1 -> 2",
        "  ~ step best-sellers: template best-sellers -> what-sells",
        "  ~ step two-weeks: wait 14d -> 10d",
        "  ~ step account-manager is now called manager",
        "  ~ step nudge: weight of free-delivery 50 -> 60",
        "  ~ step nudge: weight of control 50 -> 60",
        "",
        "warning: for journeys that stand at account-manager, manager is another step: to let them "
        "go on there, publish with `--step welcome-second-order/account-manager=manager`",
    ], told.out
    expect(itinera("diff", old, new, "--exit-code"), 1, "two-weeks")
    same = edited(folder, "welcome-second-order", ("wait: 14d", "wait: 10d"))
    expect(itinera("diff", old, same), 0, "warning: both say version 1, and differ")


def test_diff_of_workspaces(folder):
    for name in ("old", "new"):
        shutil.copytree(RETAIL, folder / name)
    assert itinera("diff", folder / "old", folder / "new").out == "no difference\n"
    (folder / "new/campaigns/win-back.yaml").unlink()
    workspace = folder / "new/workspace.yaml"
    text = workspace.read_text()
    zone = next(line for line in text.splitlines() if line.startswith("zone:"))
    workspace.write_text(text.replace(zone, "zone: Asia/Tokyo"))
    expect(itinera("diff", folder / "old", folder / "new"), 0, "workspace\n  ~ zone ",
           " -> Asia/Tokyo\n", "- campaign win-back is gone: version 1")
    only = itinera("diff", folder / "old", folder / "new", "-c", "win-back")
    expect(only, 0, "win-back is gone")
    assert "zone" not in only.out


def test_diff_writes_json_and_draws(folder):
    old = RETAIL / "campaigns/win-back.yaml"
    new = edited(folder, "win-back", ("version: 1", "version: 2"))
    told = itinera("diff", old, new, "--json", "--svg", folder / "both.svg")
    expect(told, 0)
    assert json.loads(told.out) == {"same": False, "warnings": [], "changes": [
        {"change": "changed", "what": "campaign", "campaign": "win-back", "name": "win-back",
         "field": "version", "before": "1", "after": "2", "says": "version 1 -> 2"}]}, told.out
    svg = (folder / "both.svg").read_text()
    assert svg.rstrip().endswith("</svg>") and "win&#45;back" in svg
    expect(itinera("diff", old, new, "--dot"), 0, "digraph", "~\u00a0changed")


def test_diff_says_what_it_cannot_compare(folder):
    shop(folder)
    path = folder / "campaigns/welcome.yaml"
    expect(itinera("diff", path), 1, "nothing to compare with")
    expect(itinera("diff", folder, path), 1, "one is a file, the other a folder")
    expect(itinera("diff", path, folder / "none.yaml"), 1, "none.yaml: error: cannot read")
    (folder / "bad.yaml").write_text("campaign: x\nstepz: []\n")
    expect(itinera("diff", path, folder / "bad.yaml"), 1, "bad.yaml:2:1", "unknown_key")
    expect(itinera("diff", path, path, "--migrate", "welcome"), 1, "--migrate requires --store")
    expect(itinera("diff", folder, folder, "-c", "welcom"), 1, "did you mean 'welcome'?")
    expect(itinera("diff", RETAIL, RETAIL, "--dot"), 1, "no campaign differs")


def test_diff_tells_what_becomes_of_journeys_in_a_store(folder):
    store = filled_store(folder)
    renewed(folder, "[{wait: 1h, id: pause}]")
    # What the store has is the older one; nobody moves unless it is asked.
    told = itinera("diff", folder, "--store", store)
    expect(told, 0, "~ version 1 -> 2", "- step answer is gone", "+ step pause is new",
           "answer  1         keep their version; to migrate, --step ask/answer=",
           "its publication would begin 0 journeys, and end 0")
    assert "wait-1" not in told.out
    asked = itinera("diff", folder / "campaigns/ask.yaml", "--store", store, "--migrate", "ask",
                    "--journeys")
    expect(asked, 0, "u1       ask       1        answer  2026-03-02T09:10:00Z  -      no answer: ",
           "it cannot be published so: 1 journeys stand at steps", "[conflict]")
    ends = itinera("diff", folder, "--store", store, "-m", "ask", "--step", "ask/*=exit", "--json")
    expect(ends, 0)
    assert json.loads(ends.out)["store"] == {
        "at": "2026-03-02T09:10:00Z", "entered": 0, "ended": 1, "steps": [
            {"asked": True, "campaign": "ask", "version": 1, "step": "answer", "journeys": 1,
             "fate": "exits", "edited": False}]}, ends.out
    # Nothing was done.
    expect(itinera("look", "--store", store, "u1"), 0, "ask version 1")
    expect(itinera("diff", folder, "--store", store, "--at", "2026-03-01T00:00:00Z"), 1,
           "the store has come to")


FORKED = """\
campaign: ask
version: {}
entry: [{{event: asked}}]
steps:
  - {{send: email, id: late, template: {}, while_held: aside}}
  - parallel:
      - steps: [{{wait: 2d, id: rest}}]
      - steps: [{}]
    id: both
"""


def test_diff_tells_where_each_strand_and_each_send_aside_goes(folder):
    shop(folder)
    workspace = folder / "workspace.yaml"
    workspace.write_text(workspace.read_text()
                         + 'policy: {quiet_hours: {from: "21:00", to: "08:00"}}\n')
    path = folder / "campaigns/ask.yaml"
    path.write_text(FORKED.format(1, "old", "{wait_for: {event: answered}, id: answer}"))
    asked = json.dumps({"type": "track", "event": "asked", "userId": "u1",
                        "receivedAt": "2026-03-02T22:10:00Z"})
    lines = [command_test.identify("u1", 540), asked]
    store = folder / "store"
    expect(itinera("run", folder, "--store", store, text=command_test.joined(lines)), 0)
    path.write_text(FORKED.format(2, "new", "{wait: 1h, id: pause}"))
    arguments = ("diff", folder, "--store", store, "--journeys", "--json")
    for asks, to in ((("-m", "ask", "--step", "ask/answer=pause"), "pause"), ((), None)):
        told = itinera(*arguments, *asks)
        expect(told, 0)
        rows = {each["step"]: each for each in json.loads(told.out)["store"]["journeys"]}
        assert sorted(rows) == ["answer", "late", "rest"], told.out
        assert all(each["userId"] == "u1" and each["asked"] == bool(asks) and
                   each["since"] == "2026-03-02T22:10:00Z" for each in rows.values()), told.out
        assert len({each["journeyId"] for each in rows.values()}) == 1, told.out
        # Each waits for what is its own.
        assert [rows[step].get("until") for step in ("late", "rest", "answer")] == [
            "2026-03-03T08:00:00Z", "2026-03-04T22:10:00Z", None], told.out
        assert [(rows[step]["fate"], rows[step]["edited"]) for step in ("late", "rest")] == [
            ("goes_on", True), ("goes_on", False)], told.out
        assert rows["answer"]["fate"] == ("moves" if to else "unanswered"), told.out
        assert rows["answer"].get("to") == to, told.out


def test_plan_tells_how_long_it_takes_and_what_holds_it_up(folder):
    (folder / "workspace.yaml").write_text(
        "workspace: team\nzone: Europe/Warsaw\n"
        "channels: {linkedin: {address: contact.linkedin}}\n"
        "senders: {anna: {channel: linkedin, quota: {per: day, all: 10}}}\n")
    (folder / "campaigns").mkdir()
    (folder / "campaigns/c.yaml").write_text(
        "campaign: c\nentry: [host]\nsteps:\n  - {send: linkedin, id: hi, sender: anna}\n")
    arguments = ("plan", folder, "--contacts", 25, "--from", "2026-03-02T09:00")
    expect(itinera(*arguments), 0,
           "25 of 25 contacts pass, from 2026-03-02 09:00 on (Europe/Warsaw)",
           "the last    2026-03-04 00:00", "2026-03-02          10        10*",
           "quota of all messages     2026-03-02 09:00")
    expect(itinera(*arguments, "--from", "soon"), 1)
    expect(itinera("plan", folder, "--from", "soon"), 1, "`soon` is no time", "2026-11-02T09:00")
    expect(itinera("plan", folder, "--step", "ho"), 1, "no campaign with a step 'ho'")


if __name__ == "__main__":
    sys.exit(command_test.main(globals()))
