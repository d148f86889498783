"""A part of the daemon breaks while it holds a client's words, and says them in its error: nothing of them leaves."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest

from lhwa.testing.canaries import CLIENT, EVERYTHING, SECRETS, found_in
from lhwa.testing.webhooks import BusinessNumber, build

BROKEN = """
import importlib, sys
from lhwa.testing.canaries import EVERYTHING
module, _, name = {where!r}.partition(":")
owner = importlib.import_module(module)
*parents, last = name.split(".")
for parent in parents:
    owner = getattr(owner, parent)
def broken(*args, **kwargs):
    words = f"{{EVERYTHING}} {{args!r}} {{kwargs!r}}"
    raise {error}
setattr(owner, last, broken)
from lhwa.__main__ import main
sys.exit(main())
"""
"""A daemon in which one function raises, with every secret in its sentence, in its cause and in its frame."""
DEFECT = "RuntimeError(words) from ValueError(words)"
OF_THE_SYSTEM = "OSError(28, words)"
FAULTS = [
    # what breaks, where, how, and whether a webhook is still answered 200
    ("reading a body", "lhwa.normalizer.normalize:normalize", DEFECT, True),
    ("applying an element", "lhwa.store.tables.conversations:Conversations.count_message", DEFECT, True),
    ("applying an event", "lhwa.store.tables.platform_events:PlatformEvents.add", DEFECT, True),
    ("writing a dead letter", "lhwa.store.tables.dead_letters:DeadLetters.add", DEFECT, True),
    ("the firm's file", "lhwa.store.store:Store.write", OF_THE_SYSTEM, True),
    ("an effect", "lhwa.adapters.notifier.log:LogNotifier.notify", DEFECT, True),
    ("the keys", "lhwa.domain.keys:spool_key", DEFECT, False),
    ("sealing", "lhwa.domain.sealing:ColumnSeal.seal", DEFECT, False),
]
AT_THE_START = [
    ("a round of work", "lhwa.bus.worker:Worker.serve_round", DEFECT),
    ("opening the registry", "lhwa.registry.registry:Registry.open", DEFECT),
    ("reading the root key", "lhwa.bootstrap:open_root_key", DEFECT),
    ("the daemon", "lhwa.daemon.supervisor:Daemon.run", DEFECT),
    ("a file", "lhwa.bootstrap:open_clock", OF_THE_SYSTEM),
]
FEW_TRIES = {"LHWA_WORKER__TRIES_MAX": "2", "LHWA_WORKER__FIRST_DELAY_S": "0", "LHWA_LOG__LEVEL": "debug"}
FORMATS = ("json", "human")


def _leaks(place: Any) -> dict[str, set[str]]:
    found = {}
    for path in place.root.rglob("*"):
        with suppress(FileNotFoundError):  # closed and tidied away meanwhile
            found[path.name] = found_in(os.fsencode(path) + (path.read_bytes() if path.is_file() else b""))
    return {name: secrets for name, secrets in found.items() if secrets}


def _bodies(
    place: Any, kinds: tuple[str, ...] = ("text", "document", "account_restriction", "poison", "status_read")
) -> Any:
    number = BusinessNumber(
        phone_number_id=place.numbers["firma"], display_phone_number="622150001234", waba_id=place.wabas["firma"]
    )
    for seq, kind in enumerate(kinds):
        yield build(kind, number=number, client=CLIENT, seq=seq, at=datetime.now(UTC))
    yield place.text(EVERYTHING)


@pytest.mark.parametrize(("label", "where", "error", "answered"), FAULTS, ids=[each[0] for each in FAULTS])
def test_what_breaks_while_it_works_tells_nothing(
    place: Any,
    label: str,
    where: str,
    error: str,
    answered: bool,  # noqa: FBT001 -- a column of the table
) -> None:
    form = FORMATS[len(label) % 2]
    daemon = place.serve(
        program=["-c", BROKEN.format(where=where, error=error)], env=FEW_TRIES | {"LHWA_LOG__FORMAT": form}
    )
    answers = {daemon.post(body) for body in _bodies(place)}
    assert answers == {200} if answered else 200 not in answers, answers
    place.eventually(lambda: "error" in daemon.said() or "Error" in daemon.said(), what="an error is logged")
    for path in ("/metrics", "/readyz", "/healthz"):
        assert found_in(daemon.client.get(daemon.admin + path).content) == set()
    assert _leaks(place) == {}
    daemon.process.terminate()
    daemon.process.wait(20)
    assert _leaks(place) == {}
    for words in (("status",), ("deadletters", "list"), ("audit", "log")):
        done = place.run("--json", "-t", "firma", *words)
        assert found_in(done.stdout + done.stderr) == set(), words


@pytest.mark.parametrize(("label", "where", "error"), AT_THE_START, ids=[each[0] for each in AT_THE_START])
def test_what_breaks_at_the_start_tells_nothing(place: Any, label: str, where: str, error: str) -> None:
    daemon = place.start(program=["-c", BROKEN.format(where=where, error=error)])
    assert daemon.wait() != 0
    assert "error" in daemon.said()
    assert found_in(daemon.said()) == set(), label


IN_A_COMMAND = [
    ("lhwa.services.messaging.timeline:list_timeline", ("messages", "list")),
    ("lhwa.store.store:Store.write", ("messages", "list")),
    ("lhwa.cli.output:Output.table", ("conversations", "list")),
    ("lhwa.registry.registry:Registry.open", ("whoami",)),
]


@pytest.mark.parametrize(("where", "words"), IN_A_COMMAND)
def test_a_command_that_breaks_tells_nothing(
    place: Any, monkeypatch: pytest.MonkeyPatch, where: str, words: tuple[str, ...]
) -> None:
    def broken(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError(EVERYTHING) from ValueError(SECRETS["phone"])

    monkeypatch.setattr(where.replace(":", "."), broken)
    for form in ("--json", "--plain"):
        done = place.run(form, "-t", "firma", *words)
        assert done.returncode == 1
        assert "unexpectedly" in done.stderr
        assert found_in(done.stdout + done.stderr) == set()
