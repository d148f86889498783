"""A client's secrets in every place of every kind of webhook: in clear in no file, no log line and no page.

What is tried follows from the catalogue of webhooks and from the command tree: new kinds and new commands are searched
on their first day.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest

from lhwa.cli.app import build as command_tree
from lhwa.cli.options import global_parameters
from lhwa.testing.canaries import CLIENT, EVERYTHING, PHONE, SECRETS, found_in, poisoned
from lhwa.testing.command_lines import Things, command_lines, leaves
from lhwa.testing.webhooks import KINDS, BusinessNumber, build, merge
from tests.journeys.intake_place import put_intake
from tests.journeys.outbound_place import CLIENT as SENDER
from tests.journeys.outbound_place import NOWHERE, written_ago

AT = datetime(2026, 11, 22, 3, tzinfo=UTC)
BODIES_PER_REQUEST = 50
PATHS = tuple(leaves(command_tree()))
NOT_RUN = {("serve",), ("demo",), ("inbox",), ("sandbox", "serve")}
SHOW_CONTENT = {
    ("conversations", "list"): "names",
    ("conversations", "show"): "names and texts",
    ("messages", "list"): "texts and wamids",
    ("messages", "show"): "texts and wamids",
    ("messages", "why"): "texts and wamids",
    ("deadletters", "show"): "what could not be read",
    ("outbox", "show"): "what the firm wrote",
    ("alerts", "list"): "what Meta says of an event",
    ("pending",): "what waits for a second person",
    ("intake", "show"): "what a client answered",
    ("consent", "prove"): "what a client replied, and to which notice",
}
"""Commands that show a client's words to a role that may read them."""
each_command = pytest.mark.parametrize("path", [path for path in PATHS if path not in NOT_RUN], ids=" ".join)


def _everything(place: Any) -> list[bytes]:
    """Requests that hold every kind, with secrets in every place of it."""
    number = BusinessNumber(
        phone_number_id=place.numbers["firma"], display_phone_number="622150001234", waba_id=place.wabas["firma"]
    )
    made = partial(build, number=number, client=CLIENT, at=AT)
    bodies = [body for nth, kind in enumerate(KINDS) for body in _of_kind(made, kind, start=nth * 10_000)]
    alone = [body for body in bodies if body.get("object") != "whatsapp_business_account"]
    together = [body for body in bodies if body.get("object") == "whatsapp_business_account"]
    steps = range(0, len(together), BODIES_PER_REQUEST)
    return [json.dumps(body).encode() for body in alone] + [
        json.dumps(merge(together[step : step + BODIES_PER_REQUEST])).encode() for step in steps
    ]


def _of_kind(made: Callable[..., dict[str, Any]], kind: str, *, start: int) -> Iterator[dict[str, Any]]:
    return poisoned(lambda seq: made(kind, seq=seq), start=start)


def _odd(place: Any) -> list[bytes]:
    """Bodies that are no JSON, or none of Meta's."""
    good = json.dumps(place.text(EVERYTHING)).encode()
    nobodys = json.dumps(place.text(EVERYTHING, number="9" * 15)).encode()
    return [
        EVERYTHING.encode(),
        good[:-9],
        good.replace(b'"type"', b'"\xff"'),
        b"[" + good + b"]",
        nobodys,
        b'"' + PHONE.encode() + b'"',
    ]


@pytest.fixture(scope="module")
def flooded(shared: Any) -> Any:
    """A home whose daemon has received all of it, in lines of JSON; it still runs."""
    daemon = shared.daemons[0]
    for body in (*_everything(shared), *_odd(shared)):
        assert daemon.post(body) == 200
    _knock(daemon)
    daemon.settle()
    return shared


def _knock(daemon: Any) -> None:
    """Everything that is refused before it is stored."""
    forged = EVERYTHING.encode()
    assert daemon.post(forged, signature="sha256=" + "0" * 64) == 403
    assert daemon.post(forged, signature=None) == 401
    for secret in ("phone", "word", "username"):
        text = SECRETS[secret]
        assert daemon.post(forged, signature=f"sha256={text}") == 401
        assert daemon.post(forged, path=f"/webhooks/whatsapp/{text}") in (403, 404)
        assert daemon.post(forged, path=f"/{text}") == 404
        query = f"?hub.mode=subscribe&hub.verify_token={text}&hub.challenge={PHONE}"
        headers = {"User-Agent": text, "Traceparent": text, "X-Forwarded-For": text, "Cookie": text, text: text}
        assert daemon.client.get(f"{daemon.webhook}/webhooks/whatsapp{query}", headers=headers).status_code == 403
        assert daemon.client.request(text.upper(), daemon.webhook + "/webhooks/whatsapp").status_code in (400, 405)


def _leaks(place: Any) -> dict[str, set[str]]:
    """Files of the home, its logs included, that hold a secret, by content or by name."""
    files = [path for path in place.root.rglob("*") if path.is_file()]
    held = {str(path.relative_to(place.root)): found_in(path.read_bytes()) for path in files}
    named = {name: found_in(os.fsencode(name)) for name in held}
    return {name: held[name] | named[name] for name in held if held[name] | named[name]}


def test_the_search_would_find_it() -> None:
    for name, secret in SECRETS.items():
        for shift in range(5):
            text = "x" * shift + secret
            for held in (text, json.dumps(text), repr(text), text.encode().hex(), base64.b64encode(text.encode())):
                assert name in found_in(held)
    assert found_in("hubungi 0899-1234-5677") == {"phone"}
    assert found_in("+62 899-1234-5677") == {"phone"}
    assert found_in("+62 899-••••-5677") == set()


def test_it_arrived(flooded: Any) -> None:
    texts = flooded.texts()
    assert sum(EVERYTHING in text for text in texts) >= len(texts) / 100
    assert len(flooded.letters()) >= 50
    assert any(
        found_in(flooded.ok("--json", *words, "--limit", "10000", "-t", "firma")) >= {"sentence", "name"}
        for words in (("messages", "list"), ("conversations", "list"))
    )


def test_no_file_and_no_log_holds_them(flooded: Any) -> None:
    names = {path.name for path in flooded.root.rglob("*")}
    assert names >= {"spool.db", "spool.db-wal", "tenant.db", "tenant.db-wal", "keys.db", "serve.lock", "serve-0.log"}
    assert _leaks(flooded) == {}


def test_people_see_a_masked_number(flooded: Any) -> None:
    assert "+62 899-••••-5677" in flooded.ok("conversations", "list", "--limit", "10000", "-t", "firma")


def test_no_page_and_no_process_table_shows_them(flooded: Any, daemon: Any) -> None:
    for path in ("/metrics", "/readyz", "/healthz", f"/{PHONE}", f"/metrics?name={PHONE}"):
        assert found_in(daemon.client.get(daemon.admin + path).content) == set()
    folder = Path(f"/proc/{daemon.process.pid}")
    for name in ("cmdline", "environ"):
        if (folder / name).exists():
            assert found_in((folder / name).read_bytes()) == set()


@pytest.fixture(scope="module")
def own(flooded: Any) -> dict[tuple[str, ...], list[tuple[str, ...]]]:
    """Every command with its command lines, about things of the firm that exist."""
    message = next(each for each in flooded.messages() if EVERYTHING in (each["text"] or ""))
    letter = flooded.letters()[0]
    assert flooded.daemons[0].post(written_ago(flooded.text(f"buka {EVERYTHING}"), timedelta(0))) == 200
    flooded.daemons[0].settle()
    clerk = flooded.token("joko-juru-tulis", "staff")
    # One that the commands decide about, and one that waits as long as they run.
    asked = [flooded.data("send", SENDER, "--text", EVERYTHING, env=clerk)["id"] for _ in range(2)]
    intake = put_intake(flooded, message=message["id"], words=EVERYTHING)
    ids = {
        "alert": next(each["id"] for each in flooded.data("alerts", "list") if each.get("mayAcknowledge")),
        "app": "main",
        "consent": intake["consent"],
        "intake": intake["intake"],
        "client": SENDER,
        "contact": flooded.data("send", SENDER, "--text", "Halo", "--dry-run")["contactId"],
        "conversation": message["conversationId"],
        "firm": "firma",
        "letter": letter["id"],
        "message": message["id"],
        "number": flooded.numbers["firma"],
        "operator": flooded.data("operator", "list")[0]["id"],
        "outbound": asked[0],
        "request": letter["rawEvent"],
        "seq": "1",
        "template": "templat_contoh",
        "token": "01KAN5T9YB6Q2R8W4X7V3M0ZJF",
        "waba": flooded.wabas["firma"],
        "wamid": message["id"],
    }
    return _lines(ids)


def _lines(ids: dict[str, str]) -> dict[tuple[str, ...], list[tuple[str, ...]]]:
    shared = global_parameters()
    return {
        path: command_lines(path, each, Things(ids), shared=shared) for path, each in leaves(command_tree()).items()
    }


def _run(place: Any, words: tuple[str, ...], *flags: str, stdin: str = "{}", env: Any = None) -> Any:
    # What follows the events ends as Ctrl-C ends it; what waits for a lock, in a thread perhaps, goes on waiting.
    interrupted = SimpleNamespace(sleep=mock.Mock(side_effect=KeyboardInterrupt))
    with mock.patch("lhwa.cli.commands.events.time", interrupted):
        return place.run(*flags, *words, stdin=stdin, env={"LHWA_OUTBOUND__GRAPH_URL": NOWHERE} | (env or {}))


def _said(place: Any, words: tuple[str, ...], *flags: str, env: Any = None) -> str:
    done = _run(place, words, *flags, env=env)
    return str(done.stdout + done.stderr)


@each_command
def test_a_command_that_is_not_for_reading_shows_nothing(flooded: Any, own: Any, path: tuple[str, ...]) -> None:
    if path in SHOW_CONTENT:
        lines = [*own[path], *((*words, "--limit", "10000") for words in own[path])]
        assert any(found_in(_said(flooded, words, "--json", "-t", "firma")) for words in lines), "it shows nothing"
        return
    for words in own[path]:
        for form in ("--json", "--plain"):
            assert found_in(_said(flooded, words, form, "-t", "firma")) == set(), words


@pytest.mark.parametrize("role", ["auditor", "finance", "service"])
def test_a_role_that_may_not_read_sees_nothing(flooded: Any, own: Any, role: str) -> None:
    env = flooded.token(f"buta-{role}", role)
    for path, lines in own.items():
        for words in lines[:3] if path not in NOT_RUN else []:
            assert found_in(_said(flooded, words, "--json", env=env)) == set(), words


@each_command
def test_no_complaint_repeats_what_was_typed(flooded: Any, path: tuple[str, ...]) -> None:
    for name in ("phone", "wamid"):
        secret = SECRETS[name]
        ids = dict.fromkeys(
            (
                "alert",
                "app",
                "client",
                "consent",
                "contact",
                "conversation",
                "firm",
                "intake",
                "letter",
                "message",
                "number",
                "operator",
                "outbound",
                "request",
                "template",
                "token",
                "waba",
                "wamid",
            ),
            secret,
        )
        for words in _lines(ids | {"seq": "1"})[path][:4]:
            done = _run(flooded, words, "--json", "-t", "firma", stdin=EVERYTHING)
            if done.returncode:
                assert found_in(done.stdout + done.stderr) == set(), done


def test_they_are_still_nowhere_after_the_end_and_in_lines_for_people(flooded: Any, daemon: Any) -> None:
    daemon.stop()
    again = flooded.serve(env={"LHWA_LOG__LEVEL": "debug", "LHWA_LOG__FORMAT": "human"})
    for body in _odd(flooded):
        assert again.post(body) == 200
    _knock(again)
    again.settle()
    again.stop()
    assert "webhook_refused" in again.said()
    assert _leaks(flooded) == {}
