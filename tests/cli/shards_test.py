# SPDX-License-Identifier: Apache-2.0
"""What commands say of a store with shards: shards_test.py <itinera> <project root>"""

import json
import shutil
import signal
import sys

import command_test
from command_test import (CAMPAIGN, WORKSPACE, Live, expect, frames_of, identify, instant, itinera,
                          joined, shop, track)

SHARDED = ("--shards", "8", "--threads", "2")

ASK = """\
campaign: ask
priority: 70
entry: [{event: asked}]
steps:
  - {wait_for: {event: answered}, id: answer}
  - {wait: 9h, id: pause}
  - {send: email, id: thanks}
"""
# Who stands at `pause` has no step to go on at.
RENEWED = """\
campaign: ask
version: 2
priority: 70
entry: [{event: asked}]
steps:
  - {send: email, id: news}
  - {wait_for: {event: replied}, id: answer, within: 20d}
  - {wait: 5h, id: rest}
  - {send: email, id: thanks}
"""


def line(kind, minute, **more):
    return json.dumps({"type": kind, "receivedAt": instant(minute),
                       "messageId": f"{kind}-{minute}-{more}", **more})


def asked(user, minute):
    return line("track", minute, event="asked", userId=user)


def lines_of_many():
    """Forty contacts, of whom some turn out to be one; one began without a name."""
    lines = [identify(f"u{i}", 0) for i in range(40)]
    lines += [track(f"u{i}", 1 + i // 4) for i in range(40)]
    lines += [asked(f"u{i}", 12 + i // 3) for i in range(0, 40, 2)]
    lines += [line("track", 30, event="asked", anonymousId="visitor"),
              line("alias", 31, previousId="visitor", userId="u7")]
    lines += [line("merge", 33, **{"from": f"u{i}", "into": f"u{i + 5}"}) for i in (1, 2, 12)]
    lines += [line("track", 35 + i, event="answered", userId=f"u{i}") for i in range(0, 40, 6)]
    return lines


def pair(folder, lines, *more):
    """The same input in a store without shards, and in one that has them."""
    shop(folder)
    (folder / "campaigns/welcome.yaml").write_text(CAMPAIGN.replace("wait: 1h", "wait: 8h"))
    (folder / "campaigns/ask.yaml").write_text(ASK)
    stores = (folder / "whole", folder / "parted")
    for store, how in zip(stores, ((), SHARDED)):
        expect(itinera("run", folder, "--store", store, *how, *more, text=joined(lines)), 0)
    return stores


def alike(stores, *arguments, code=0, text=""):
    """What a command says of both, which must be the same."""
    one, other = (itinera(*[store if each == "STORE" else each for each in arguments], text=text)
                  for store in stores)
    expect(one, code)
    error = other.err.replace(str(stores[1]), str(stores[0]))
    assert (other.code, other.out, error) == tuple(one), (
        f"{arguments}\n{one.out}{one.err}\n-- with shards --\n{other.out}{other.err}")
    return one


def look(stores, *arguments, code=0):
    alike(stores, "look", "--store", "STORE", *arguments, "--json", code=code)
    return alike(stores, "look", "--store", "STORE", *arguments, code=code)


def go_on(folder, stores, lines):
    """Actions of one instant may come in another order; messages, too, of who they are about."""
    said = [itinera("run", folder, "--store", store, text=joined(lines)) for store in stores]
    for each in said:
        expect(each, 0)
    actions = [sorted(each.out.splitlines()) for each in said]
    assert actions[0] == actions[1] and actions[0], f"{actions[0]}\n{actions[1]}"
    return actions[0]


def test_look_tells_of_shards_what_it_tells_of_one_engine(folder):
    stores = pair(folder, lines_of_many())
    expect(look(stores), 0, "57 journeys in flight, next deadline 2026-03-02T08:01:00Z",
           "ask       1        answer  13 ", "ask       1        pause   7 ",
           "welcome   1        wait-1  37 ")
    # By each of its ids, wherever that was before.
    for user in ("u1", "u6", "u2", "u7", "anonymous:visitor", "u12", "u17", "u3", "u0"):
        expect(look(stores, user), 0, "welcome version 1, entered")
    assert look(stores, "anonymous:visitor").out == look(stores, "u7").out == look(stores, "u2").out
    expect(look(stores, "anonymous:visitor"), 0, "ask version 1")
    expect(look(stores, "u1", "--steps"), 0, "welcome   1        wait-1  37 ")
    look(stores, "nobody", code=1)
    # One whose journeys are over is known all the same, and who is forgotten is nowhere.
    more = [line("forget", 80, userId="u2"),
            '{"type":"advance","to":"2026-03-04T00:00:00Z"}']
    go_on(folder, stores, more)
    expect(look(stores, "u6"), 0, "u6 is in no journey\n")
    for user in ("u2", "u7", "anonymous:visitor"):
        expect(look(stores, user, code=1), 1, "unknown_contact")


def test_look_finds_who_is_stuck_in_whichever_shard(folder):
    lines = lines_of_many() + [line("track", 400, event="answered", userId="u20")]
    stores = pair(folder, lines)
    for limit in (0, 1, 5, 12, 13, 100):
        expect(look(stores, "--stuck", "0s", "--limit", limit), 0, "answer" if limit else "0 of")
    # Age counts from where the store is, though few of its engines have come there.
    for age in ("1h", "370m", "380m", "385m", "386m", "387m", "388m"):
        expect(look(stores, "--stuck", age), 0, "answer")
    expect(look(stores, "--stuck", "10h"), 0, "nobody is stuck")


def test_publish_moves_who_is_under_way_in_all_shards(folder):
    stores = pair(folder, lines_of_many())
    (folder / "campaigns/ask.yaml").write_text(RENEWED)
    publish = ("publish", folder, "--store", "STORE", "-m", "ask=recompute")
    rest = ("--step", "ask/pause=rest")
    before = [frames_of(store) for store in stores]
    for more in ((), ("--dry-run",), ("--dry-run", "--json")):
        expect(alike(stores, *publish, *more, code=1), 1, "[conflict]",
               "7 journeys stand at steps that they cannot go on at (pause of ask version 1: 7)")
    expect(alike(stores, *publish, *rest, "--at", "2026-03-03T00:00:00Z", code=1), 1,
           "--at 2026-03-03T00:00:00Z: something falls due before that, at 2026-03-02T08:01:00Z")
    expect(alike(stores, *publish, *rest, "--at", instant(2), code=1), 1,
           "the store has come to 2026-03-02T01:11:00Z already")
    for more in ((), ("--at", instant(100)), ("--at", instant(481))):
        expect(alike(stores, *publish, *rest, "--dry-run", *more), 0,
               "ask       1        answer  13        go on, as it says now",
               "ask       1        pause   7         go on at rest, as it says now",
               "nothing was published; journeys begun by it: 0, ended by it: 0")
    alike(stores, *publish, *rest, "--dry-run", "--json")
    expect(alike(stores, *publish, "--step", "ask/*=exit", "--dry-run"), 0, "ended by it: 7")
    assert [frames_of(store) for store in stores] == before
    expect(alike(stores, *publish, *rest), 0, "published; ")
    expect(look(stores), 0, "ask       2        answer  13 ", "ask       2        rest    7 ")
    look(stores, "anonymous:visitor")
    expect(alike(stores, *publish, *rest), 0, "published; ")  # which changes nothing
    lines = [asked("u3", 700), line("track", 701, event="replied", anonymousId="visitor"),
             '{"type":"advance","to":"2026-04-02T00:00:00Z"}']
    said = [json.loads(each) for each in go_on(folder, stores, lines)]
    assert len([each for each in said if each["step"] == "thanks"]) == 21, said
    expect(look(stores), 0, "0 journeys in flight")


def test_publish_of_shards_warns_and_refuses_as_of_one_engine(folder):
    stores = pair(folder, lines_of_many())
    (folder / "campaigns/ask.yaml").unlink()
    publish = ("publish", folder, "--store", "STORE")
    for more in (("--dry-run",), ()):
        expect(alike(stores, *publish, *more), 0, "campaign `ask` is no longer in this folder",
               "in flight and go on: 20\n")
    expect(alike(stores, *publish, "-m", "ask", "--step", "ask/*=exit", "--json"), 0,
           '"ended":20')
    path = folder / "campaigns/welcome.yaml"
    path.write_text(CAMPAIGN)
    expect(alike(stores, *publish, code=1), 1, "is published with other content", "[conflict]")
    path.unlink()
    (folder / "workspace.yaml").write_text(WORKSPACE.replace("shop", "bank"))
    path.write_text(CAMPAIGN.replace("wait: 1h", "wait: 8h"))
    expect(alike(stores, *publish, "--dry-run", code=1), 1, "this engine runs workspace shop")


def test_what_contacts_share_is_published_as_to_one_engine(folder):
    stores = pair(folder, lines_of_many())
    path = folder / "campaigns/ask.yaml"
    path.write_text(RENEWED + "entry_cap: {total: 25}\n")
    publish = ("publish", folder, "--store", "STORE", "-m", "ask", "--step", "ask/*=exit")
    before = frames_of(stores[1])
    alike(stores, *publish, "--dry-run")
    alike(stores, "diff", folder, "--store", "STORE", "--step", "ask/*=exit", "-m", "ask")
    assert frames_of(stores[1]) == before
    alike(stores, *publish)
    more = [asked(f"u{i}", 600 + i) for i in range(1, 40, 2)]
    runs = [itinera("run", folder, "--store", store, text=joined(more)) for store in stores]
    told = [sorted(each.out.splitlines()) for each in runs]
    assert told[0] == told[1] and runs[0].code == runs[1].code == 0, runs
    for contact in ("u1", "u7", "u33"):
        alike(stores, "look", contact, "--store", "STORE")


def test_publish_to_shards_keeps_what_is_left_to_be_written(folder):
    lines = lines_of_many()
    stores = pair(folder, lines, "--reoffer", "--actions", "/dev/null")
    for store in stores:
        lost = ("run", folder, "--store", store, "--reoffer", "--actions", "/dev/full")
        assert itinera(*lost, text='{"type":"advance","to":"2026-03-02T08:05:00Z"}').code == 1
    alike(stores, "publish", folder, "--store", "STORE")
    again = [itinera("run", folder, "--store", store, "--reoffer") for store in stores]
    said = [sorted(each.out.splitlines()) for each in again]
    assert said[0] == said[1] and '"maybeExecuted":true' in again[0].out, again


def test_diff_tells_what_becomes_of_journeys_in_all_shards(folder):
    stores = pair(folder, lines_of_many())
    (folder / "campaigns/ask.yaml").write_text(RENEWED)
    (folder / "campaigns/welcome.yaml").write_text(
        CAMPAIGN.replace("wait: 1h", "wait: 4h").replace("entry:", "version: 2\nentry:"))
    diff = ("diff", folder, "--store", "STORE")
    for more in ((), ("-m", "ask"), ("-m", "welcome=release", "-m", "ask", "--step", "ask/*=pin"),
                 ("-m", "ask", "-m", "welcome=recompute", "--step", "ask/answer=rest", "--step",
                  "ask/pause=exit"), ("--campaign", "ask", "--at", instant(90))):
        for form in ((), ("--json",), ("--journeys",), ("--journeys", "--json")):
            alike(stores, *diff, *more, *form)
    expect(alike(stores, *diff, "-m", "ask"), 0, "~ version 1 -> 2",
           "in flight as of 2026-03-02T01:11:00Z", "answer  13        go on, as it says now",
           "pause   7         no answer: --step ask/pause=...", "it cannot be published so: 7 ")
    told = alike(stores, "diff", folder / "campaigns/ask.yaml", "--store", "STORE", "-m", "ask",
                 "--step", "ask/pause=exit", "--journeys", "--json")
    story = json.loads(told.out)["store"]
    assert story["ended"] == 7 and len(story["journeys"]) == 20, told.out
    assert "nobody" not in alike(stores, *diff).out


FORKED = """\
campaign: both
version: {}
entry: [{{event: asked}}]
steps:
  - parallel:
      - steps: [{{wait: 2d, id: rest}}]
      - steps: [{}]
    id: both
"""


def test_what_becomes_of_one_step_is_told_in_the_same_order(folder):
    users = [f"u{i}" for i in range(6)]
    path = folder / "campaigns/both.yaml"
    path.parent.mkdir()
    # Of whoever has answered the other strand is done, and nothing keeps the version.
    for at in range(6):
        path.write_text(FORKED.format(1, "{wait_for: {event: answered}, id: answer}"))
        lines = [asked(user, 0) for user in users]
        lines.append(line("track", 1, event="answered", userId=users[at]))
        part = folder / f"part-{at}"
        part.mkdir()
        shutil.copytree(path.parent, part / "campaigns")
        stores = pair(part, lines)
        (part / "campaigns/both.yaml").write_text(FORKED.format(2, "{wait: 1h, id: other}"))
        expect(alike(stores, "publish", part, "--store", "STORE", "-n", "-m", "both", "--step",
                     "both/answer=pin"), 0, "rest    1         go on\n",
               "rest    5         keep their version\n", "answer  5         keep their version\n")


def test_look_leaves_the_host_of_shards_alone(folder):
    lines = command_test.script()
    live = Live(shop(folder), *SHARDED, "--snapshot-after", "1k")
    live.feed(lines[:201], actions=99)
    expect(itinera("look", "--store", live.store), 0, "welcome", "wait-1")
    expect(itinera("look", "--store", live.store, "u98"), 0, "welcome version 1")
    expect(itinera("publish", folder, "--store", live.store, "--dry-run"), 0, "nothing was")
    live.feed(lines[201:], actions=400)
    code, errors = live.end(signal.SIGTERM)
    assert code == 130 and "fenced" not in errors, errors


if __name__ == "__main__":
    sys.exit(command_test.main(globals()))
