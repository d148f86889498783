"""Every command that exists, typed by everybody who is not of the firm: nothing read, nothing written, nothing learned.

The command lines come from the command tree: a new command is tried on its first day. Each line that names a thing of
the firm is typed twice, with the thing's id and with one that is nowhere, and both get the same answer.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest

from lhwa.cli.app import build
from lhwa.domain.access import Role
from lhwa.testing.command_lines import leaves
from tests.journeys.outbound_place import CLIENT, NOWHERE

Words = tuple[str, ...]

NOT_RUN = {
    ("serve",): "the daemon itself: whoever may start it can read the root key, and it acts for no firm",
    ("inbox",): "a screen that runs until it is left; what it runs are these very lines, see tests/tui",
    ("demo",): "lives in a temporary home of its own and opens no other",
    (
        "sandbox",
        "serve",
    ): "runs until a signal, as `serve` does; only the installer may, see tests/cli/test_sandboxing.py",
}
CONCERN_NOBODY = {
    ("init",): "refuses a finished home before it looks at anybody",
    ("doctor",): "is about the machine and the files, for whoever owns them; it opens no firm",
    ("config", "show"): "shows lhwa.toml and the environment of the one who asks",
    ("config", "explain"): "explains settings",
    ("config", "validate"): "checks lhwa.toml and the environment",
    ("login",): "--forget forgets what this user keeps on this machine",
    ("trigger",): "--list shows the kinds of sample webhooks",
    ("sandbox", "say"): "speaks to a running sandbox and opens no home",
    ("sandbox", "persona"): "as above",
    ("sandbox", "journal"): "as above",
    ("sandbox", "setup"): "as above",
    ("sandbox", "template"): "as above",
    ("templates", "lint"): "with a path, checks files that whoever asks can read",
    ("tree", "check"): "as above",
    ("tree", "list"): "with a folder, lists files that whoever asks can read",
    ("tree", "show"): "with a file, draws what whoever asks can read",
}
"""Commands that answer somebody who names a firm that is not theirs, and why that tells nothing of it."""
ANSWERS: dict[Words, tuple[int, str]] = {
    ("audit", "log", "--target"): (0, "filters the records of the own firm"),
    ("audit", "log", "--start"): (0, "with --target, as above"),
    ("audit", "log", "--limit"): (0, "with --target, as above"),
    ("operator", "add"): (5, "operator ids are unique in an installation, like user names on a server"),
    ("tenant", "list"): (0, "lists the firms of whoever asks, whichever is named"),
}
"""Beginnings of lines that name another firm's thing and are not refused: the exit code, and why that tells nothing."""
TAKEN = ("operator", "add")
"""The one place where an id that is taken is told from a free one; see ANSWERS."""
NOT_ALLOWED, USAGE = 4, 2
NOBODY = ("an ended token", "a revoked token", "a disabled operator", "an unknown token", "an empty token")
EVERYBODY = (*(role.value for role in Role), *NOBODY)
PATHS = tuple(path for path in leaves(build()) if path not in NOT_RUN)
FEW = 2
"""Lines of a command that everybody types; an owner types all of them."""
each_command = pytest.mark.parametrize("path", PATHS, ids=" ".join)


@contextmanager
def ctrl_c() -> Iterator[None]:
    """Whoever waits gets an interrupt: commands that follow something end."""
    with mock.patch.object(time, "sleep", side_effect=KeyboardInterrupt):
        yield


def leaked(world: Any, words: Words, done: Any) -> list[str]:
    """Canaries in the output that were not typed."""
    typed, said = " ".join(words), done.stdout + done.stderr
    return [each for each in world.canaries if each in said and each not in typed]


def without_ids(world: Any, text: str) -> str:
    """An answer with the names of the things in place of their ids."""
    for ids in (world.ids, world.missing):
        for name, value in sorted(ids.items(), key=lambda pair: -len(pair[1])):
            text = text if name == "seq" else text.replace(value, f"<{name}>")
    return text


def may_answer(world: Any, path: Words, words: Words, code: int) -> bool:
    """True when a line may end with this code: a thing of another firm is refused, or nobody looks for it."""
    listed = (answer == code for begin, (answer, _why) in ANSWERS.items() if words[: len(begin)] == begin)
    return code in (NOT_ALLOWED, USAGE) or path in CONCERN_NOBODY or any(listed)


def tried(world: Any, ask: Callable[..., Any], words: Words, *flags: str, caller: str) -> Any:
    """Type a line, and look at what it did."""
    with ctrl_c():
        done = ask(words, *flags, caller=caller)
    line = f"`lhwa {' '.join((*flags, *words))}`, typed by {caller},"
    changed = world.changed()
    world.put_back()
    assert not changed, f"{line} changed {', '.join(changed)}"
    found = leaked(world, (*flags, *words), done)
    assert not found, f"{line} told {found}:\n{done.stdout}{done.stderr}"
    assert "unexpectedly" not in done.stderr, f"{line} fell over:\n{done.stderr}"
    return done


@each_command
@pytest.mark.parametrize("caller", EVERYBODY)
def test_a_firm_that_is_named_is_refused(world: Any, ask: Callable[..., Any], path: Words, caller: str) -> None:
    lines = world.lines[path]
    for words in lines if caller == Role.OWNER else lines[:FEW]:
        done = tried(world, ask, words, "--json", "-t", world.ids["firm"], caller=caller)
        assert may_answer(world, path, words, done.returncode), (words, done)


@each_command
def test_what_is_not_yours_is_like_what_does_not_exist(world: Any, ask: Callable[..., Any], path: Words) -> None:
    for place, (words, twin) in enumerate(zip(world.lines[path], world.lines_to_nowhere[path], strict=True)):
        form = "--plain" if place < FEW else "--json"
        said = [
            tried(world, ask, line, form, "-t", firm, caller="owner")
            for line, firm in ((words, world.ids["firm"]), (twin, world.missing["firm"]))
        ]
        if words != twin and path != TAKEN:
            said += [tried(world, ask, line, form, caller="owner") for line in (words, twin)]
        for real, none in zip(said[::2], said[1::2], strict=True):
            assert real.returncode == none.returncode, (words, real, none)
            if real.returncode:
                assert without_ids(world, real.stdout + real.stderr) == without_ids(world, none.stdout + none.stderr)


@each_command
@pytest.mark.parametrize("caller", EVERYBODY)
def test_in_ones_own_firm_its_ids_open_nothing(world: Any, ask: Callable[..., Any], path: Words, caller: str) -> None:
    for words in world.lines[path] if caller == Role.OWNER else world.lines[path][:FEW]:
        done = tried(world, ask, words, "--json", caller=caller)
        if caller in NOBODY or set(world.named) & set(" ".join(words).split()):
            assert may_answer(world, path, words, done.returncode), (words, done)


def test_the_lists_of_exceptions_are_not_longer_than_they_must_be(world: Any, ask: Callable[..., Any]) -> None:
    everything = leaves(build())
    assert set(NOT_RUN) | set(CONCERN_NOBODY) <= set(everything)
    for path in CONCERN_NOBODY:
        codes = {ask(words, "-t", world.ids["firm"], caller="owner").returncode for words in world.lines[path]}
        assert codes - {NOT_ALLOWED, USAGE}, f"{path} refuses: take it out of CONCERN_NOBODY"
    for begin, (code, _why) in ANSWERS.items():
        lines = [words for lines in world.lines.values() for words in lines if words[: len(begin)] == begin]
        own = [ask(words, *flags, caller="owner").returncode for words in lines for flags in ((), ("-t", "korban"))]
        world.put_back()
        assert code in own, f"no line beginning with {begin} ends with {code}: take it out of ANSWERS"


@each_command
def test_the_lines_mean_something_to_the_one_they_are_for(
    world: Any, by_right: Callable[..., Any], path: Words
) -> None:
    with ctrl_c():
        done = [by_right(words) for words in world.lines[path]]
    assert {each.returncode for each in done} - {NOT_ALLOWED, USAGE}, done


REAL = [("messages", "list"), ("tenant", "show"), ("events", "replay", "--all"), ("audit", "log"), ("status",)]


@pytest.mark.parametrize("words", REAL, ids=" ".join)
def test_it_is_the_same_in_a_process_of_its_own(world: Any, words: Words) -> None:
    done = world.place.child("--json", *words, "-t", world.ids["firm"], env=world.callers["owner"])
    assert (done.returncode, done.stdout) == (NOT_ALLOWED, "")
    assert not leaked(world, ("-t", world.ids["firm"], *words), done)
    assert not world.changed()


@each_command
def test_another_user_of_the_machine_without_a_token_is_nobody(world: Any, path: Words) -> None:
    with mock.patch("os.getuid", return_value=54321), ctrl_c():
        for words in world.lines[path][:FEW]:
            env = {"LHWA_OUTBOUND__GRAPH_URL": NOWHERE}
            done = world.place.run("--json", *words, "-t", world.ids["firm"], stdin="{}", env=env)
            assert path in CONCERN_NOBODY or done.returncode in (NOT_ALLOWED, USAGE), (words, done)
            assert not leaked(world, ("-t", world.ids["firm"], *words), done)
            assert not world.changed()


def test_a_template_of_another_firm_is_none_and_is_not_offered(world: Any, ask: Callable[..., Any]) -> None:
    said = [
        tried(world, ask, ("send", CLIENT, "--template", name, "--param", "nama=Rina"), "--json", caller="owner")
        for name in (world.ids["template"], world.missing["template"])
    ]
    assert [each.returncode for each in said] == [1, 1]
    assert said[0].stdout == said[1].stdout
    refused = json.loads(said[0].stdout)["refused"]
    assert (refused["rule"], refused["offers"]) == ("template", [])


def test_what_another_firm_sends_is_in_no_list(world: Any, ask: Callable[..., Any]) -> None:
    for words in (("outbox", "list"), ("outbox", "list", "--open"), ("pending",)):
        done = tried(world, ask, words, "--json", caller="owner")
        # What the caller submitted themselves is their own firm's.
        assert [row for row in json.loads(done.stdout) if row.get("by") != "owner-lain"] == []


def test_a_suspended_firm_opens_no_other(world: Any, ask: Callable[..., Any]) -> None:
    world.place.ok("tenant", "suspend", "lain", "--reason", "coba")
    for path in PATHS:
        with ctrl_c():
            done = ask(world.lines[path][0], "-t", world.ids["firm"], caller="owner")
        assert may_answer(world, path, path, done.returncode), done
        assert not leaked(world, ("-t", world.ids["firm"], *world.lines[path][0]), done)
    assert not world.changed()
