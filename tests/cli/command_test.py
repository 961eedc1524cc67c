# SPDX-License-Identifier: Apache-2.0
"""The command line from outside, on real files: command_test.py <itinera> <project root>"""

import collections
import contextlib
import gzip
import json
import os
import pathlib
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import traceback

ITINERA = sys.argv[1]
ROOT = pathlib.Path(sys.argv[2])
RETAIL = ROOT / "examples/retail"

WORKSPACE = "workspace: shop\nchannels: {email: {address: contact.email, consent: none}}\n"
CAMPAIGN = """\
campaign: welcome
entry: [{event: signed_up}]
steps:
  - {send: email, id: hello, template: hello, data: {plan: =entry.plan}}
  - wait: 1h
  - {send: email, id: again, template: again}
"""
TEST = """\
test: a new contact is greeted
campaign: welcome
contact: {id: u, email: u@example.com}
timeline:
  - at: 2026-03-02T10:00:00Z
    event: signed_up
    properties: {plan: paid}
    expect: [{send: email, step: hello}]
  - after: 1h
    expect: [{send: email, step: STEP}]
"""

Outcome = collections.namedtuple("Outcome", "code out err")


def itinera(*arguments, text="", env=None):
    data = text if isinstance(text, bytes) else text.encode()
    done = subprocess.run([ITINERA, *map(str, arguments)], input=data, capture_output=True,
                          timeout=300, env=env, check=False)
    return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode(errors="replace"))


def shop(folder, test_step="again"):
    for name, text in (("workspace.yaml", WORKSPACE), ("campaigns/welcome.yaml", CAMPAIGN),
                       ("tests/welcome.yaml", TEST.replace("STEP", test_step))):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def instant(minute):
    return f"2026-03-{2 + minute // 1440:02}T{minute // 60 % 24:02}:{minute % 60:02}:00Z"


def track(user, minute, message=None):
    return json.dumps({"type": "track", "event": "signed_up", "userId": user,
                       "messageId": message or f"t-{user}", "receivedAt": instant(minute),
                       "properties": {"plan": "paid"}})


def identify(user, minute):
    return json.dumps({"type": "identify", "userId": user, "messageId": f"i-{user}",
                       "receivedAt": instant(minute), "traits": {"email": f"{user}@example.com"}})


def script(users=200):
    """Lines about so many contacts, one of them every seven minutes, in the order of reception."""
    lines = []
    for i in range(users):
        lines += [identify(f"u{i}", 7 * i), track(f"u{i}", 7 * i)]
    return lines + ['{"type":"advance","to":"2026-04-01T00:00:00Z"}']


def joined(lines):
    return "".join(line + "\n" for line in lines)


def action_ids(text):
    return [json.loads(line)["actionId"] for line in text.splitlines()]


def expect(outcome, code, *parts):
    """The exit code, and texts that must stand in what was said."""
    assert outcome.code == code, f"exit code {outcome.code}, not {code}\n{outcome.err}"
    for part in parts:
        assert part in outcome.out + outcome.err, f"{part!r} is not in\n{outcome}"


def wait_until(condition):
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("waited in vain")


def frames_of(store):
    with contextlib.closing(sqlite3.connect(store)) as database:
        return b"".join(row[0] for row in database.execute(
            "SELECT frames FROM journal ORDER BY position"))


class Live:
    """A run that is fed through a pipe."""

    def __init__(self, folder, *arguments):
        self.actions = folder / "actions.ndjson"
        self.store = folder / "store"
        self.process = subprocess.Popen(
            [ITINERA, "run", folder, "--store", self.store, "--actions", self.actions,
             *arguments], stdin=subprocess.PIPE, stderr=subprocess.PIPE)

    def feed(self, lines, actions):
        """Writes lines and waits until so many actions have come out."""
        self.process.stdin.write(joined(lines).encode())
        self.process.stdin.flush()
        wait_until(lambda: self.actions.exists() and
                   len(self.actions.read_text().splitlines()) >= actions)

    def end(self, how):
        self.process.send_signal(how)
        _, errors = self.process.communicate(timeout=60)
        return self.process.returncode, errors.decode()


# --- check ------------------------------------------------------------------------------------


def test_check_accepts_the_examples(_):
    expect(itinera("check", RETAIL), 0, "ok: 4 campaigns, ")


def test_check_shows_place_line_and_caret(folder):
    shop(folder)
    path = folder / "campaigns/welcome.yaml"
    path.write_text(CAMPAIGN.replace("wait: 1h", "wiat: 1h"))
    outcome = itinera("check", folder)
    expect(outcome, 1, f"{path}:5:5: error: ", "wiat: 1h\n", "^", "1 error, 0 warnings")
    assert outcome.out == ""
    found = json.loads(itinera("check", folder, "--json").out)
    assert [(f["severity"], f["line"], f["column"]) for f in found] == [("error", 5, 5)], found


def test_check_knows_the_zones(folder):
    shop(folder)
    path = folder / "campaigns/welcome.yaml"
    path.write_text(CAMPAIGN + "zone: Europe/Lodnon\n")
    line = path.read_text().count("\n")
    expect(itinera("check", folder), 1, f"{path}:{line}:", "Europe/Lodnon", "Europe/London")


def test_check_takes_files_too(folder):
    shop(folder)
    expect(itinera("check", folder / "campaigns/welcome.yaml"), 0, "ok: 1 campaign, 3 steps")


def test_check_reads_the_tests(folder):
    shop(folder)
    expect(itinera("check", folder), 0, "ok: 1 campaign, 3 steps, 1 test\n")
    path = folder / "tests/welcome.yaml"
    path.write_text(TEST.replace("event:", "evnt:"))
    expect(itinera("check", folder), 1, f"{path}:6:5: error: ", "evnt: signed_up\n",
           "did you mean 'event'?", "\n1 error, 0 warnings")
    expect(itinera("check", path), 1, f"{path}:6:5: error: ")
    assert json.loads(itinera("check", folder, "--json").out)[0]["file"] == str(path)


def test_check_sees_names_in_the_inputs_of_tests(folder):
    shop(folder)
    (folder / "workspace.yaml").write_text(WORKSPACE + "topics: [news]\n")
    path = folder / "tests/welcome.yaml"
    head, rest = TEST.replace("STEP", "again").split("timeline:\n")
    line = "  - at: 2026-03-02T10:00:00Z\n    "
    for put, said in (
            ("start: nope", ":6:5: error: there is no campaign `nope`"),
            ("stop: welcom", ":6:5: error: there is no campaign `welcom`"),
            ("pause: nope", ":6:5: error: there is no campaign `nope`"),
            ("move: welcome\n    step: nope", ":6:5: error: there is no step `nope`"),
            ("publish: nope.yaml", ":6:5: error: there is no file of a campaign `nope.yaml`"),
            ("suppress: {channel: emial, address: a}", ":6:5: error: there is no channel `emial`"),
            ("identify: {consent: {emial: denied}}", ":6:5: error: there is no channel `emial`"),
            ("identify: {consent: {email: {newz: denied}}}",
             ":6:5: error: there is no topic `newz`"),
            ("report: {opened: helo}", ":6:5: error: there is no step `helo`"),
            ("event: signd_up", ":6:5: warning: nothing listens to the event `signd_up`")):
        path.write_text(f"{head}timeline:\n{line}{put}\n{rest}")
        expect(itinera("check", folder), 0 if "warning" in said else 1, f"{path}{said}")
    path.write_text(f"policy: {{caps: [{{max: 1, per: day, channel: emial}}]}}\n{head}"
                    f"timeline:\n{rest}")
    expect(itinera("check", folder), 1, f"{path}:1:17: error: there is no channel `emial`")
    path.write_text(head.replace("@example.com}", "@example.com, consent: {emial: denied}}") +
                    f"timeline:\n{rest}")
    expect(itinera("check", folder), 1, f"{path}:3:", "error: there is no channel `emial`")
    # What a line expects to be refused, and an event that is nothing like another.
    path.write_text(f"{head}timeline:\n{line}start: nope\n    error: unknown_campaign\n{rest}")
    expect(itinera("check", folder, "--strict"), 0)
    path.write_text(f"{head}timeline:\n{line}event: something_else\n{rest}")
    expect(itinera("check", folder, "--strict"), 0)


def test_check_writes_json_of_any_path(folder):
    odd = os.fsencode(folder) + b"/o\xffd"
    os.mkdir(odd)
    done = subprocess.run([ITINERA, "check", odd, "--json"], capture_output=True, timeout=60,
                          check=False)
    assert json.loads(done.stdout.decode())[0]["file"].endswith("/o\ufffdd"), done


def test_check_sees_names_in_tests_that_nothing_has(folder):
    shop(folder)
    path = folder / "tests/welcome.yaml"
    path.write_text(TEST.replace("STEP}", "agian}, {decision: entred}, {not_sent: emial}")
                    .replace("contact:", "variants: {arm: a}\ncontact:", 1))
    outcome = itinera("check", folder)
    expect(outcome, 1, f"{path}:1:1: error: there is no split `arm` [unknown_name]",
           "there is no step `agian`", "did you mean 'again'?", "there is no decision `entred`",
           "did you mean 'entered'?", "there is no channel `emial`", "4 errors")
    path.write_text(TEST.replace("STEP", "again").replace("campaign: welcome", "campaign: welcom"))
    expect(itinera("check", folder), 1, "there is no campaign `welcom`", "did you mean 'welcome'?")
    # Alone, the file speaks of what was not read.
    expect(itinera("check", path), 0)
    path.write_text(TEST.replace("STEP", "again"))
    expect(itinera("check", folder), 0)
    # Where a campaign cannot be read, its names are not known.
    (folder / "campaigns/welcome.yaml").write_text("campaign: welcome\nsteps: [")
    assert "there is no" not in itinera("check", folder).err


def test_check_misses_nothing_in_silence(folder):
    shop(folder)
    link = folder / "campaigns/link.yaml"
    link.symlink_to(folder / "nowhere")
    (folder / "campaigns/odd.yaml").mkdir()
    outcome = itinera("check", folder)
    expect(outcome, 1, f"{link}: error: this link leads nowhere",
           "odd.yaml: error: this is a folder, but is called like a file", "2 errors")
    for command in ("run", "test", "graph"):
        expect(itinera(command, folder), 1, "this link leads nowhere")


def test_check_warns_of_what_is_not_read(folder):
    shop(folder)
    (folder / "campaigns/b.yml").write_text("nonsense: [")
    (folder / "tests/t.yml").write_text("nonsense: [")
    (folder / "campaign-c.yml").write_text("nonsense: [")
    (folder / "compose.yml").write_text("services: []")
    (folder / "elsewhere").mkdir()
    (folder / "campaigns/sub").symlink_to(folder / "elsewhere")
    outcome = itinera("check", folder)
    expect(outcome, 0, "b.yml: warning: a file that is called .yml is not read", "call it b.yaml",
           "t.yml: warning: ", "campaign-c.yml: warning: ",
           "sub: warning: a link to a folder is not followed", "4 warnings")
    expect(itinera("run", folder), 0, "b.yml: warning: ")


def test_check_warns_of_a_workspace_without_campaigns(folder):
    shop(folder)
    (folder / "campaigns/welcome.yaml").unlink()
    (folder / "tests/welcome.yaml").unlink()
    expect(itinera("check", folder), 0, "warning: there is no campaign in this workspace",
           "ok: 0 campaigns, 0 steps, 1 warning")
    expect(itinera("check", folder, "--strict"), 1)


def test_check_tells_of_every_file_that_is_missing(folder):
    outcome = itinera("check", folder / "a.yaml", folder / "b.yaml")
    expect(outcome, 1, "a.yaml: error: cannot read", "b.yaml: error: cannot read", "2 errors")


def test_check_without_a_workspace(folder):
    expect(itinera("check", folder), 1, "there is no workspace.yaml in this folder")
    expect(itinera("check", folder / "nowhere.yaml"), 1, "No such file or directory")
    expect(itinera("check", folder / "nowhere.yaml", "--json"), 1, '"code":"io_failed"')


def test_check_of_garbage(folder):
    shop(folder)
    for garbage in (b"\x00\xff\xfe", b"[" * 100_000, b"a: &x [*x]", b"campaign: [", b"--- !!t\n"):
        (folder / "campaigns/welcome.yaml").write_bytes(garbage)
        expect(itinera("check", folder), 1, "error")


# --- test -------------------------------------------------------------------------------------


def test_test_runs_the_examples(_):
    expect(itinera("test", RETAIL), 0, " passed, 0 failed\n")


def test_test_tells_what_failed(folder):
    shop(folder, test_step="other")
    outcome = itinera("test", folder)
    expect(outcome, 1, "0 passed, 1 failed", "welcome.yaml:10", "a new contact is greeted")
    report = json.loads(itinera("test", folder, "--json").out)
    assert len(report) == 1 and not report[0]["passed"] and report[0]["failures"], report


def test_test_counts_what_cannot_be_read(folder):
    shop(folder)
    path = folder / "tests/more.yaml"
    path.write_text(TEST.replace("a new contact is greeted", "misspelt").replace("event:", "evnt:"))
    outcome = itinera("test", folder)
    expect(outcome, 1, f"{path}:1:1: misspelt: it cannot be read", "1 passed, 1 failed")
    path.write_text("tests: [")
    expect(itinera("test", folder), 1, f"{path}:1:1: a test without a name", "1 passed, 1 failed")


def test_test_filters(folder):
    shop(folder)
    expect(itinera("test", folder, "--filter", "greeted"), 0, "1 passed, 0 failed")
    expect(itinera("test", folder, "--filter", "nothing like it"), 1, "no test was run")


# --- run --------------------------------------------------------------------------------------


def test_run_emits_actions(folder):
    outcome = itinera("run", shop(folder), text=joined(script(2)))
    expect(outcome, 0, "4 inputs, 1 advance, 0 bad, 0 refused",
           "2 entered, 2 ended, 0 in flight", "contacts  2, and 0 anonymous\n")
    assert "noticed" not in outcome.err
    actions = [json.loads(line) for line in outcome.out.splitlines()]
    assert [(a["step"], a["userId"], a["at"]) for a in actions] == [
        ("hello", "u0", instant(0)), ("hello", "u1", instant(7)),
        ("again", "u0", instant(60)), ("again", "u1", instant(67))], actions
    assert actions[0]["address"] == "u0@example.com" and actions[0]["data"] == {"plan": "paid"}
    assert len(set(action_ids(outcome.out))) == 4


def test_run_emits_at_the_end_of_input_without_an_advance(folder):
    outcome = itinera("run", shop(folder), text=joined(script(1)[:2]))
    assert len(outcome.out.splitlines()) == 1, outcome


def test_run_reports_bad_lines_and_goes_on(folder):
    lines = script(2)
    bad = ["{", '{"type":"track"}', "", "\ufeff{}", '{"type":"identify","userId":"x"}']
    clean = itinera("run", shop(folder), text=joined(lines))
    dirty = itinera("run", folder, text=joined(lines[:2] + bad + lines[2:]))
    expect(dirty, 0, "standard input:3:1: ", "standard input:4: `event` must be there",
           "standard input:7: `receivedAt` is missing [bad_input_line]\n",
           "hint: add it, or run with --received-from timestamp", "4 inputs, 1 advance, 4 bad")
    assert dirty.out == clean.out


def test_run_strict_stops_before_the_first_bad_line(folder):
    lines = script(2)
    outcome = itinera("run", shop(folder), "--strict", "--store", folder / "store",
                      text=joined(lines[:2] + ["nonsense"] + lines[2:]))
    expect(outcome, 1, "standard input:3:1: ", "2 inputs, 1 bad")
    assert outcome.err.count("standard input:") == 1
    rest = itinera("run", folder, "--store", folder / "store", text=joined(lines[2:]))
    assert rest.out == itinera("run", folder, text=joined(lines)).out


def test_run_reports_a_conflict(folder):
    lines = script(1)
    clash = track("u9", 1, message="t-u0")
    expect(itinera("run", shop(folder), text=joined(lines[:2] + [clash])), 0,
           "standard input:3: refused: ", "[conflict]", "1 refused")
    outcome = itinera("run", folder, "--strict", text=joined(lines[:2] + [clash] + lines[2:]))
    expect(outcome, 1, "2 inputs, 0 bad, 1 refused")


def test_run_ignores_what_segment_knows_and_counts_it(folder):
    outcome = itinera("run", shop(folder), text='{"type":"page"}\n{"type":"screen"}\n')
    expect(outcome, 0, "0 inputs, 0 bad, 0 refused, 1 ignored (page), 1 ignored (screen)")


def test_run_tells_what_did_nothing(folder):
    lines = script(2)
    misspelt = [line.replace("signed_up", "sgned_up") for line in (track("u7", 8), track("u8", 8))]
    report = {"type": "report", "actionId": "0" * 32, "receipt": "opened", "receivedAt": instant(9)}
    outcome = itinera("run", shop(folder), "--funnel", folder / "funnel",
                      text=joined(lines[:4] + misspelt + [json.dumps(report)] + lines[4:]))
    expect(outcome, 0, "noticed   2 events that no campaign listens to: \"sgned_up\"\n",
           "          1 report of an action that never was, or whose journey is over")
    assert outcome.out == itinera("run", folder, text=joined(lines)).out


def test_run_and_its_funnel_count_alike(folder):
    def anonymous(kind, minute, **more):
        return json.dumps({"type": kind, "receivedAt": instant(minute), "event": "signed_up",
                           "properties": {"plan": "paid"}, **more})
    lines = [anonymous("track", 0, anonymousId="a"), anonymous("track", 1, anonymousId="b"),
             identify("ola", 2), anonymous("identify", 3, anonymousId="c"),
             anonymous("alias", 4, previousId="c", userId="ola"), track("ola", 5),
             '{"type":"advance","to":"2026-04-01T00:00:00Z"}']
    shop(folder)
    outcome = itinera("run", folder, "--funnel", folder / "funnel", text=joined(lines))
    expect(outcome, 0, "lines     7: 6 inputs, 1 advance", "contacts  1, and 2 anonymous\n")
    lines = [line.split() for line in (folder / "funnel").read_text().splitlines()]
    counts = {line[0]: line[1] for line in lines if len(line) > 1}
    assert (counts["inputs"], counts["contacts"], counts["anonymous"]) == ("6", "1", "2"), counts


def test_run_says_that_its_input_is_packed(folder):
    packed = gzip.compress(joined(script(2)).encode())
    (folder / "in.gz").write_bytes(packed)
    for outcome in (itinera("run", shop(folder), "--input", folder / "in.gz"),
                    itinera("run", folder, text=packed)):
        expect(outcome, 1, "this is packed by gzip", "hint: unpack it first: gzip -dc")
        assert len(outcome.err.splitlines()) == 2, outcome.err


def test_messages_of_others_give_a_terminal_no_commands(folder):
    escape = "\x1b[31mred\u009b1m"
    lines = [{"type": escape}, {"type": "pause", "campaign": escape},
             {"type": "identify", "userId": "a", "consent": {escape: "denied"}},
             {"type": "suppress", "channel": escape, "address": "a@example.com"},
             {"type": "pause", "campaign": "a\nstandard input:9: made up"}]
    for line in lines[1:]:
        line["receivedAt"] = instant(0)
    outcome = itinera("run", shop(folder), text=joined(map(json.dumps, lines)))
    expect(outcome, 0, "1 bad, 4 refused", "\\x1b[31mred\\x9b1m", "a\\x0astandard input:9")
    assert "\x1b" not in outcome.err and "\u009b" not in outcome.err, outcome.err
    (folder / "campaigns/keyed.yaml").write_text(
        "campaign: keyed\nentry: [{event: seen, key: event.name}]\nsteps: [{wait: 1h}]\n")
    seen = {"type": "track", "event": "seen", "userId": "u1", "receivedAt": instant(0),
            "properties": {"name": escape}}
    expect(itinera("run", folder, "--store", folder / "store", text=json.dumps(seen)), 0)
    looked = itinera("look", "--store", folder / "store", "u1")
    expect(looked, 0, "key \\x1b[31mred\\x9b1m")
    assert "\x1b" not in looked.out, looked.out
    path = folder / "campaigns/welcome.yaml"
    path.write_text(CAMPAIGN.replace("send: email", '"send": "em\\nail\\e[31m"', 1))
    outcome = itinera("check", folder)
    expect(outcome, 1, "em\\x0aail\\x1b[31m")
    assert "\x1b" not in outcome.err, outcome.err


def test_run_refuses_sizes_below_zero(folder):
    run = ("run", shop(folder), "--store", folder / "store")
    for option in ("--snapshot-after", "--journal-max"):
        for size in ("-5", " -1"):
            expect(itinera(*run, option, size), 1, f"`{size}` is no size")
    expect(itinera(*run, "--journal-max", "0"), 0)
    expect(itinera("run", folder, "--resume"), 1, "--resume requires --store")


def test_run_warns_where_campaigns_go_away_or_back(folder):
    shop(folder)
    path = folder / "campaigns/welcome.yaml"
    path.write_text(CAMPAIGN.replace("entry:", "version: 2\nentry:"))
    first = itinera("run", folder, "--store", folder / "j", text=joined(script(1)[:2]))
    expect(first, 0)
    assert "warning" not in first.err
    path.write_text(CAMPAIGN)
    expect(itinera("run", folder, "--store", folder / "j"), 0,
           "warning: campaign `welcome` goes back from version 2 to version 1")
    path.write_text(CAMPAIGN.replace("campaign: welcome", "campaign: other"))
    expect(itinera("run", folder, "--store", folder / "j"), 0,
           "warning: campaign `welcome` is no longer in this folder", "in flight and go on: 1\n")


def test_run_reads_windows_lines_and_a_last_one_without_end(folder):
    lines = script(2)
    plain = itinera("run", shop(folder), text=joined(lines))
    windows = itinera("run", folder, text=b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    expect(windows, 0, "4 inputs, 1 advance, 0 bad")
    assert windows.out == plain.out


def test_run_survives_hostile_lines(folder):
    deep = '{"type":"track","event":"signed_up","userId":"u","receivedAt":"2026-03-02T09:00:00Z"'
    hostile = [
        b"\x00", b"\xff\xfe\xfd", b"{" * 5000, b"[" * 5000, b'{"a":' * 5000, b'"', b"null",
        b"1e999",
        b'{"type":"track"' + b" " * (5 << 20) + b"}",
        deep.encode() + b',"properties":{"x":' + b"[" * 4000 + b"]" * 4000 + b"}}",
        deep.encode() + b',"properties":{"x":1,"x":2}}',
        deep.encode() + b',"properties":{"x":' + b"9" * 5000 + b"}}",
        deep.encode() + b',"properties":' + json.dumps({f"p{i}": i for i in range(5000)}).encode() +
        b"}",
        json.dumps({"type": "track", "event": "e" * 10_000, "userId": "u" * 10_000,
                    "receivedAt": "2026-03-02T09:00:00Z"}).encode(),
        deep.encode().replace(b"2026", b"10000") + b"}",
        deep.encode().replace(b'"u"', b'"\\ud800"') + b"}",
    ]
    lines = [line.encode() for line in script(2)]
    outcome = itinera("run", shop(folder), text=b"\n".join(lines[:2] + hostile + lines[2:]))
    expect(outcome, 0, "standard input:11: longer than 4194304 bytes")
    assert outcome.out == itinera("run", folder, text=b"\n".join(lines)).out


def test_run_takes_a_line_of_many_members(folder):
    many = json.dumps({"type": "page", **{str(i): i for i in range(200_000)}})
    assert 3 << 20 < len(many) < 4 << 20
    done = subprocess.run([ITINERA, "run", shop(folder)], input=many.encode(), capture_output=True,
                          timeout=60, check=False)
    assert done.returncode == 0 and b"1 ignored (page)" in done.stderr, done.stderr
    twice = itinera("run", folder, text=many[:-1] + ', "7": 7}')
    expect(twice, 0, f'standard input:1:{len(many) + 7}: the name "7" stands twice in one object')


def test_run_stops_and_goes_on(folder):
    lines = script()
    whole = itinera("run", shop(folder), "--store", folder / "whole", text=joined(lines))
    out = ""
    for part in (lines[:100], lines[100:101], lines[101:]):
        outcome = itinera("run", folder, "--store", folder / "parts", text=joined(part))
        expect(outcome, 0)
        out += outcome.out
    assert out == whole.out
    assert len(out.splitlines()) == 400
    # The second part ends between two inputs of one instant, with nothing waiting.
    assert frames_of(folder / "parts") == frames_of(folder / "whole")


def test_run_resumes_after_a_kill(folder):
    lines = script()
    whole = itinera("run", shop(folder), text=joined(lines))
    live = Live(folder)
    live.feed(lines[:201], actions=99)
    code, _ = live.end(signal.SIGKILL)
    assert code == -signal.SIGKILL
    outcome = itinera("run", folder, "--store", live.store, "--actions", live.actions,
                      "--resume", text=joined(lines))
    expect(outcome, 0, "passed over")
    assert list(dict.fromkeys(action_ids(live.actions.read_text()))) == action_ids(whole.out)


def test_run_offers_again_what_it_could_not_write(folder):
    lines = script(3)
    run = ("run", shop(folder), "--store", folder / "store")
    whole = itinera("run", folder, text=joined(lines))
    lost = itinera(*run, "--reoffer", "--actions", "/dev/full", text=joined(lines))
    assert lost.code == 1, lost
    again = itinera(*run, "--reoffer")
    expect(again, 0)
    # The third had not been taken when the writing failed.
    perhaps = [json.loads(line).get("maybeExecuted", False) for line in again.out.splitlines()]
    assert perhaps == [True, True, False]
    # What is written is done, and the rest of the messages comes as ever.
    none = itinera(*run, "--reoffer")
    expect(none, 0)
    assert none.out == ""
    rest = itinera(*run, "--reoffer", "--resume", text=joined(lines))
    expect(rest, 0)
    assert "maybeExecuted" not in rest.out
    assert action_ids(again.out) + action_ids(rest.out) == action_ids(whole.out)


def test_run_keeps_nothing_for_who_does_not_ask_for_it(folder):
    lines = script(3)
    run = ("run", shop(folder), "--store", folder / "store")
    itinera(*run, "--reoffer", "--actions", "/dev/full", text=joined(lines))
    plain = itinera(*run)
    expect(plain, 0)
    assert "maybeExecuted" not in plain.out
    again = itinera(*run, "--reoffer")
    expect(again, 0)
    assert again.out == ""
    expect(itinera("run", folder, "--reoffer"), 1, "--reoffer requires --store")


def test_run_refuses_to_write_over_its_own_files(folder):
    shop(folder)
    path = folder / "j"
    message = f"{path}: "
    for a in ("--store", "--input", "--actions", "--funnel"):
        for b in ("--store", "--input", "--actions", "--funnel"):
            if a != b:
                expect(itinera("run", folder, a, path, b, folder / "tests/../j"), 1,
                       "name the same file [invalid_argument]", "hint: give each a file of its own")
                assert not path.exists(), (a, b)
    itinera("run", folder, "--store", path, text=joined(script(1)))
    before = path.read_bytes()
    (folder / "link").symlink_to(path)
    expect(itinera("run", folder, "--store", path, "--funnel", folder / "link"), 1,
           f"{folder / 'link'}: --store and --funnel name the same file")
    assert path.read_bytes() == before
    expect(itinera("run", folder, "--actions", "/dev/null", "--funnel", "/dev/null"), 0)


def test_run_counts_the_duplicates_of_this_run(folder):
    lines = script(1)[:2]
    again = itinera("run", shop(folder), "--store", folder / "j", text=joined(lines + lines))
    expect(again, 0, "0 refused, 2 duplicates\n")
    none = itinera("run", folder, "--store", folder / "j")
    expect(none, 0, "lines     0: 0 inputs, 0 bad, 0 refused\n")
    one = itinera("run", folder, "--store", folder / "j", text=joined(lines[:1]))
    expect(one, 0, "0 refused, 1 duplicate\n")


def test_run_goes_on_with_new_campaigns_from_its_first_message_on(folder):
    def event(name, time_of_day):
        return json.dumps({"type": "track", "event": name, "userId": "u",
                           "receivedAt": f"2026-03-02T{time_of_day}:00Z"})
    shop(folder)
    store = folder / "j"
    expect(itinera("run", folder, "--store", store,
                   text=joined([identify("u", 600), track("u", 601), event("foo", "10:30")])), 0)
    # Who was not listened to at 10:30 may have come all the same: it is unknown, not false.
    (folder / "campaigns/asks.yaml").write_text("""\
campaign: asks
entry: [{event: go}]
steps:
  - branch:
      - {when: 'count("foo", "8h45m") == 0', steps: [{send: email, id: none, template: a}]}
    else: [{send: email, id: some, template: a}]
""")
    outcome = itinera("run", folder, "--store", store, text=event("go", "19:00"))
    expect(outcome, 0, "1 condition was neither true nor false")
    found = [(a["step"], a["at"]) for a in map(json.loads, outcome.out.splitlines())]
    # What fell due in between went out at its own time.
    assert found == [("again", "2026-03-02T11:01:00Z"), ("some", "2026-03-02T19:00:00Z")], found
    # Without a message the campaigns are published all the same: they are in the store then.
    path = folder / "campaigns/asks.yaml"
    path.write_text(path.read_text().replace("campaign: asks", "campaign: asks-again"))
    expect(itinera("run", folder, "--store", store), 0)
    path.write_text(path.read_text().replace("8h45m", "7h45m"))
    expect(itinera("run", folder, "--store", store), 1, "campaign `asks-again` version 1 is in")


def test_run_refuses_what_a_store_cannot_go_on_with_at_once(folder):
    store = folder / "j"
    itinera("run", shop(folder), "--store", store, text=joined(script(1)[:2]))
    path = folder / "campaigns/welcome.yaml"
    path.write_text(CAMPAIGN.replace("wait: 1h", "wait: 2h"))
    expect(itinera("run", folder, "--store", store), 1,
           f"{store}: campaign `welcome` version 1 is in this store with other content "
           "[conflict]", "hint: raise its version")
    path.write_text(CAMPAIGN.replace("campaign: welcome", "campaign: other"))
    (folder / "workspace.yaml").write_text(WORKSPACE.replace("shop", "bank"))
    outcome = itinera("run", folder, "--store", store)
    expect(outcome, 1, f"{store}: this is the store of workspace `shop`, and the folder holds "
           "`bank` [conflict]")
    assert "warning" not in outcome.err, outcome


def test_run_finishes_the_line_when_interrupted(folder):
    lines = script()
    whole = itinera("run", shop(folder), text=joined(lines))
    for how in (signal.SIGINT, signal.SIGTERM):
        live = Live(shop(folder / how.name))
        live.feed(lines[:201], actions=99)
        code, errors = live.end(how)
        assert code == 130, (code, errors)
        assert "inputs" in errors
        expect(itinera("run", folder, "--store", live.store, "--actions", live.actions,
                       "--resume", text=joined(lines)), 0)
        assert action_ids(live.actions.read_text()) == action_ids(whole.out)


def test_run_ends_quietly_when_nobody_reads(folder):
    process = subprocess.Popen([ITINERA, "run", shop(folder)], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    process.stdin.write(joined(script()).encode())
    process.stdin.close()
    errors = process.stderr.read().decode()
    assert process.wait(timeout=60) == 0, errors
    assert "Broken pipe" not in errors


def test_run_says_what_it_cannot_write(folder):
    expect(itinera("run", shop(folder), "--actions", "/dev/full", text=joined(script(1))), 1,
           "/dev/full: cannot write: No space left on device")
    expect(itinera("run", folder, "--actions", folder / "no/such", text=""), 1,
           "cannot write: No such file or directory")
    expect(itinera("run", folder, "--store", folder, text=""), 1, "Is a directory")
    expect(itinera("run", folder, "--input", folder / "none"), 1, "No such file or directory")
    expect(itinera("run", folder, "--funnel", "-"), 1, "cannot both go to standard output")


def test_run_erases_whom_it_forgets_from_the_store(folder):
    store = folder / "s"

    def line(kind, second, **fields):
        return json.dumps({"type": kind, "receivedAt": f"2026-03-02T10:00:{second:02}Z", **fields})
    lines = [line("identify", 0, userId="ola", traits={"email": "ola@mail.example"}),
             line("track", 1, userId="ola", event="signed_up", properties={"plan": "olas plan"}),
             line("identify", 2, userId="ada", traits={"email": "ada@mail.example"}),
             line("track", 3, userId="ada", event="signed_up", properties={"plan": "adas plan"})]
    expect(itinera("run", shop(folder), "--store", store, text=joined(lines)), 0)
    for trace in (b"ola@mail.example", b"olas plan"):
        assert trace in store.read_bytes()
    expect(itinera("run", folder, "--store", store, text=line("forget", 4, userId="ola")), 0)
    assert b"ola" not in store.read_bytes() and b"adas plan" in store.read_bytes()
    rest = itinera("run", folder, "--store", store,
                   text='{"type": "advance", "to": "2026-03-03T10:00:00Z"}')
    expect(rest, 0)
    assert [action["userId"] for action in map(json.loads, rest.out.splitlines())] == ["ada"]


def test_run_takes_a_store_over(folder):
    lines = script()
    whole = itinera("run", shop(folder), text=joined(lines))
    live = Live(folder)
    live.feed(lines[:201], actions=99)
    # Whoever comes later owns the store; the first can write nothing more, and says why.
    rest = itinera("run", folder, "--store", live.store, text=joined(lines[201:]))
    expect(rest, 0)
    live.process.stdin.write(joined(lines[201:]).encode())
    live.process.stdin.close()
    errors = live.process.stderr.read().decode()
    assert live.process.wait(timeout=60) == 1, errors
    assert "another owner has taken the store over" in errors and "[fenced]" in errors, errors
    assert action_ids(live.actions.read_text()) + action_ids(rest.out) == action_ids(whole.out)


def test_run_refuses_what_is_no_store_or_damaged(folder):
    store = folder / "s"
    itinera("run", shop(folder), "--store", store, text=joined(script(5)))
    with contextlib.closing(sqlite3.connect(store)) as database:
        database.execute("UPDATE journal SET frames = zeroblob(length(frames)) WHERE position = 2")
        database.commit()
    before = store.read_bytes()
    expect(itinera("run", folder, "--store", store), 1, "[damaged_journal]",
           f"itinera: {store}: is damaged: group 2 is not what was written")
    assert frames_of(store)
    # Another file, named by mistake, stays as it is.
    for other in (joined(script(1)).encode(), before[1:4000], b"hello\n"):
        store.write_bytes(other)
        expect(itinera("run", folder, "--store", store), 1, "[damaged_journal]")
        assert store.read_bytes() == other


def test_run_takes_reports(folder):
    first = itinera("run", shop(folder), "--store", folder / "j", text=joined(script(1)[:2]))
    action = action_ids(first.out)[0]
    report = {"type": "report", "actionId": action, "receipt": "opened", "receivedAt": instant(3)}
    expect(itinera("run", folder, "--store", folder / "j", "--funnel", folder / "funnel",
                   text=json.dumps(report)), 0, "1 input, 0 bad, 0 refused")
    assert "opened" in (folder / "funnel").read_text()


# --- needs ------------------------------------------------------------------------------------


def test_needs_lists_what_the_host_must_give(folder):
    text = itinera("needs", RETAIL)
    expect(text, 0, "Attributes that are read", "contact.email", "campaign win-back",
           "history of 365d")
    told = json.loads(itinera("needs", RETAIL, "--json").out)
    assert sorted(told) == ["accounts", "attributes", "audiences", "calls", "channels", "consents",
                            "events", "receipts", "senders", "set", "teams"]
    assert any(each["name"] == "email" for each in told["channels"])
    assert all(each["askedBy"] for each in told["events"])
    expect(itinera("needs", folder), 1, "no workspace.yaml")
    with (shop(folder) / "campaigns/welcome.yaml").open("a") as campaign:
        campaign.write("exits: [{account: replied}]\n")
    expect(itinera("needs", folder), 0,
           "Accounts of contacts\n  `group` messages  campaign welcome")
    told = json.loads(itinera("needs", folder, "--json").out)
    assert told["accounts"] == {"askedBy": ["campaign welcome"]}, told


# --- graph, arguments -------------------------------------------------------------------------


def test_graph_draws(folder):
    path = shop(folder) / "campaigns/welcome.yaml"
    expect(itinera("graph", path), 0, "digraph", "hello")
    outcome = itinera("graph", RETAIL, "--campaign", "win-back", "--svg", "-o", folder / "w.svg")
    expect(outcome, 0)
    assert "</svg>" in (folder / "w.svg").read_text()


def test_graph_without_graphviz_says_so(folder):
    path = shop(folder) / "campaigns/welcome.yaml"
    outcome = itinera("graph", path, "--svg", env={"PATH": str(folder)})
    expect(outcome, 1, "cannot start graphviz's `dot`", "hint: install it")
    assert outcome.out == ""


def test_graph_asks_which_campaign(folder):
    expect(itinera("graph", RETAIL, "--svg"), 1, "an SVG holds one campaign", "--campaign")
    expect(itinera("graph", RETAIL, "--campaign", "win-bock"), 1, "did you mean 'win-back'?")
    expect(itinera("graph", folder), 1, "no workspace.yaml")


def test_nonsense_arguments_are_errors(folder):
    for arguments in ([], ["frobnicate"], ["run"], ["check", "--nope"],
                      ["run", folder, "--received-from", "moon"], ["graph", "a", "b"],
                      ["run", folder, "--store"]):
        outcome = itinera(*arguments)
        assert outcome.code == 1 and outcome.err and not outcome.out, (arguments, outcome)


def test_misspelt_arguments_are_named(folder):
    expect(itinera("rnu", folder), 1, "there is no command `rnu`", "did you mean 'run'?")
    expect(itinera("frobnicate"), 1, "hint: there are check, test, run, look, publish, diff")
    expect(itinera("run", shop(folder), "--received-from", "foo"), 1,
           "`foo` is neither receivedAt nor timestamp")
    expect(itinera("run", "--help"), 0, "--received-from receivedAt|timestamp")
    assert "Examples:" not in itinera("check", "--help").out


def test_help_and_version(_):
    expect(itinera("--version"), 0, "itinera 0.")
    expect(itinera("--help"), 0, "Examples:", "check", "graph")
    expect(itinera("run", "--help"), 0, '"type":"report"', "--resume")


def test_the_commands_of_the_readme_work_as_printed(folder):
    readme = (ROOT / "README.md").read_text()
    block = re.search(r"^    build/demo/itinera check .*?(?=\n\S)", readme, re.M | re.S).group()
    script_text = block.replace("build/demo/itinera", ITINERA).replace("build/demo/", f"{folder}/")
    # The first days are enough.
    script_text = script_text.replace("orders.ndjson.gz", "orders.ndjson.gz | head -n 2000")
    script_text = script_text.replace("9000", "1000").replace("9001", "1001")
    done = subprocess.run(["bash", "-ec", script_text], cwd=ROOT, capture_output=True, timeout=300,
                          check=False)
    assert done.returncode == 0, (script_text, done)
    whole, first, rest = ((folder / f"{name}.ndjson").read_text() for name in ("actions", "a", "b"))
    assert first and rest and whole == first + rest


# --- the main job -----------------------------------------------------------------------------


def retail_counts(folder, lines):
    funnel = folder / "funnel"
    outcome = itinera("run", RETAIL, "--actions", "/dev/null", "--funnel", funnel,
                      text=b"".join(lines))
    expect(outcome, 0, " 0 bad, 0 refused")
    return funnel.read_text(), outcome.err


def test_retail_counts_come_from_the_input(folder):
    lines = gzip.decompress((RETAIL / "orders.ndjson.gz").read_bytes()).splitlines(keepends=True)
    whole, said = retail_counts(folder, lines)
    assert "contacts  4,372, and 3,528 anonymous\n" in said, said
    assert "30,272 inputs, 1 advance" in said, said
    assert "inputs             30,272 " in whole, whole
    for count in ("25,900", "3,836", "4,372", "3,528"):
        assert count in whole, f"{count} is not in\n{whole}"
    # Ten lines away: four customers with their only order, and two cancellations.
    users = [json.loads(line).get("userId") for line in lines]
    of_user = collections.Counter(users)
    once = [user for user, line in zip(users, lines)
            if of_user[user] == 2 and b"Order Completed" in line][:4]
    cancelled = [i for i, line in enumerate(lines)
                 if b"Order Cancelled" in line and of_user[users[i]] > 9][:2]
    fewer = [line for i, line in enumerate(lines) if i not in cancelled and users[i] not in once]
    assert len(fewer) == len(lines) - 10
    less, _ = retail_counts(folder, fewer)
    for before, after in (("25,900", "25,894"), ("3,836", "3,834"), ("4,372", "4,368")):
        assert after in less and before not in less, f"{before} has not become {after}\n{less}"


def main(tests):
    passed, failed = 0, 0
    for name, test in list(tests.items()):
        if not name.startswith("test_"):
            continue
        with tempfile.TemporaryDirectory(prefix="itinera-cli-") as folder:
            try:
                test(pathlib.Path(folder))
                passed += 1
            except Exception:  # each test speaks for itself
                failed += 1
                print(f"FAILED: {name}\n{traceback.format_exc()}", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    os.environ.pop("ITINERA_REWRITE", None)
    sys.exit(main(globals()))
