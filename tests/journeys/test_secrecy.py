"""A canary number and a canary sentence in every field that can carry them: in clear nowhere on disk or on the wire."""

from __future__ import annotations

import base64
import json
import os
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from lhwa.testing.webhooks import KINDS, BusinessNumber, Client, build

NUMBER = "6289912345677"
SENTENCE = "kutipan-rahasia-xyzzy"
AT = datetime(2026, 11, 22, 3, tzinfo=UTC)
BSUID = "ID.77665544332211"
FIRM_SIDE = re.compile(r"(phone_number_id|messaging_product|display_phone_number|object|field|event|type|status|id)$")


def _spellings(secret: str) -> list[bytes]:
    """How a secret can look on disk: as it is, in UTF-16, in hexadecimal, and inside base64 at every offset."""
    raw = secret.encode()
    inside = [base64.b64encode(b"\0" * shift + raw)[4 if shift else 0 : -4] for shift in range(3)]
    return [raw, secret.encode("utf-16-le"), raw.hex().encode(), *inside]


NEEDLES = [spelling for secret in (NUMBER, NUMBER[2:], SENTENCE, BSUID) for spelling in _spellings(secret)]


def _poisoned(place: Any) -> list[dict[str, Any]]:
    """One webhook of each kind, with the canary as the client, and the sentence in every text."""
    number = BusinessNumber(
        phone_number_id=place.numbers["firma"], display_phone_number="622150001234", waba_id=place.wabas["firma"]
    )
    client = Client(name=SENTENCE, wa_id=NUMBER, bsuid=BSUID, username=SENTENCE)
    return [_spread(build(kind, number=number, client=client, seq=seq, at=AT)) for seq, kind in enumerate(KINDS)]


def _spread(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _spread(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_spread(item, name) for item in value]
    if isinstance(value, str) and not FIRM_SIDE.search(name) and not value.isdigit():
        return f"{value} {SENTENCE} +{NUMBER}" if " " in value else value
    return value


def _odd(place: Any) -> list[bytes]:
    """Bodies that go wrong in every place where an error message could quote them."""
    text = f"{SENTENCE} {NUMBER}"
    item = place.message(text, sender=NUMBER)
    odd: list[Any] = [
        place.envelope(place.value(item)),
        place.envelope(place.value(item, number="9" * 15)),
        place.envelope(place.value(item | {"id": {"a": text}})),
        place.envelope(place.value(item | {"id": text, "timestamp": text})),
        place.envelope(place.value(item | {"type": text, text: {"body": text}})),
        place.envelope(place.value(item), field=text),
        place.envelope({text: text, "messages": text, "metadata": {"phone_number_id": place.numbers["firma"]}}),
        {"object": text, "entry": [{"id": text}]},
    ]
    bodies = [json.dumps(body).encode() for body in odd]
    return [*bodies, text.encode(), bodies[0][:-9], bodies[0].replace(b'"type"', b'"\xff"')]


@pytest.fixture(scope="module")
def canaries(shared: Any) -> Any:
    daemon = shared.daemons[0]
    for body in (*_poisoned(shared), *_odd(shared)):
        assert daemon.post(body) == 200
    forged = json.dumps(shared.text(f"{SENTENCE} {NUMBER}")).encode()
    assert daemon.post(forged, signature="sha256=" + "0" * 64) == 403
    assert daemon.post(forged, signature=f"sha256={SENTENCE}{NUMBER}") == 401
    assert daemon.post(forged, path=f"/webhooks/whatsapp/{SENTENCE}{NUMBER}") == 403
    assert daemon.post(forged, path=f"/{SENTENCE}/{NUMBER}") == 404
    query = f"?hub.mode=subscribe&hub.verify_token={SENTENCE}&hub.challenge={NUMBER}"
    assert daemon.client.get(f"{daemon.webhook}/webhooks/whatsapp{query}").status_code == 403
    daemon.settle()
    return shared


def _found(data: bytes) -> list[bytes]:
    return [needle for needle in NEEDLES if needle in data]


def test_the_needles_are_sharp() -> None:
    for shift in range(3):
        wrapped = base64.b64encode(b"x" * shift + f"+{NUMBER} {SENTENCE}".encode())
        assert len(_found(wrapped)) >= 2


def test_they_arrived(canaries: Any) -> None:
    texts = canaries.texts()
    assert sum(SENTENCE in text for text in texts) >= 10
    assert canaries.data("deadletters", "list") != []


def test_no_file_of_the_home_holds_them(canaries: Any) -> None:
    files = [path for path in canaries.root.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"spool.db", "spool.db-wal", "tenant.db", "keys.db", "serve-0.log"}
    assert {path.name: _found(path.read_bytes()) for path in files if _found(path.read_bytes())} == {}
    assert [path for path in canaries.root.rglob("*") if _found(os.fsencode(path))] == []


def test_no_page_of_the_admin_listener_shows_them(canaries: Any, daemon: Any) -> None:
    for path in ("/metrics", "/readyz", "/healthz", f"/{SENTENCE}"):
        assert _found(daemon.client.get(daemon.admin + path).content) == []


FAILING = [
    ["messages", "show", f"wamid.{SENTENCE}"],
    ["messages", "why", NUMBER],
    ["conversations", "show", NUMBER],
    ["deadletters", "show", SENTENCE],
    ["deadletters", "retry", SENTENCE],
    ["events", "replay", NUMBER],
    ["audit", "log", "--limit", "100000"],
    ["audit", "log", "--limit", "100000", "--control-plane"],
    ["events", "list", "--limit", "100000"],
    ["status"],
    ["doctor"],
]


@pytest.mark.parametrize("words", FAILING, ids=" ".join)
def test_no_error_and_no_record_quotes_them(canaries: Any, words: list[str]) -> None:
    for asked in ([], ["--json"]):
        done = canaries.run(*asked, *words, "-t", "firma")
        assert done.returncode in (0, 4)
        assert _found((done.stdout + done.stderr).encode()) == []


def test_people_see_a_masked_number(canaries: Any) -> None:
    shown = canaries.ok("conversations", "list", "-t", "firma")
    assert NUMBER not in shown
    assert "+62 899-••••-5677" in shown


def test_they_are_still_nowhere_after_the_end(canaries: Any, daemon: Any) -> None:
    daemon.stop()
    files = [path for path in canaries.root.rglob("*") if path.is_file()]
    assert {path.name: _found(path.read_bytes()) for path in files if _found(path.read_bytes())} == {}
    canaries.daemons[0] = canaries.serve()
