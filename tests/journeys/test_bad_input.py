"""Bad input through the open door: the right answer, nothing else lost, one clear log line without the content."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

Sign = Callable[[bytes], str | None]

MIB = 1024 * 1024
CANARY = "kalimat-rahasia-penanda"
FORGED: list[tuple[str, Sign, int, str]] = [
    ("none", lambda _: None, 401, "no_signature"),
    ("short", lambda good: "sha256=" + good.hex()[:-2], 401, "malformed_signature"),
    ("long", lambda good: "sha256=" + good.hex() + "00", 401, "malformed_signature"),
    ("upper case", lambda good: "sha256=" + good.hex().upper(), 401, "malformed_signature"),
    ("wrong prefix", lambda good: "sha1=" + good.hex(), 401, "malformed_signature"),
    ("no prefix", lambda good: good.hex(), 401, "malformed_signature"),
    ("not hex", lambda good: "sha256=" + "z" * 64, 401, "malformed_signature"),
    ("wrong", lambda good: "sha256=" + bytes(byte ^ 1 for byte in good).hex(), 403, "wrong_signature"),
]


@pytest.mark.parametrize(("label", "forge", "status", "reason"), FORGED, ids=[case[0] for case in FORGED])
def test_a_forged_request_is_refused_and_not_kept(
    shared: Any, daemon: Any, label: str, forge: Sign, status: int, reason: str
) -> None:
    body = json.dumps(shared.text(f"{CANARY} {label}")).encode()
    before = len(daemon.lines("webhook_refused"))
    good = bytes.fromhex(daemon.sign(body).removeprefix("sha256="))
    assert daemon.post(body, signature=forge(good)) == status
    [line] = shared.eventually(lambda: daemon.lines("webhook_refused")[before:])
    assert (line["status"], line["reason"], line["source"]) == (status, reason, "127.0.0.1")
    assert f"{CANARY} {label}" not in shared.texts()


def _deep(place: Any) -> bytes:
    deep = "[" * 10_000 + "]" * 10_000
    return json.dumps(place.text("x")).replace('{"body": "x"}', f'{{"body": {deep}}}').encode()


def _with_item(place: Any, **changed: Any) -> bytes:
    return json.dumps(place.envelope(place.value(place.message("item") | changed))).encode()


ODD: list[tuple[str, Callable[[Any], bytes], int, str, str]] = [
    # label, body, status, state of the row in the spool, what it becomes
    ("not JSON", lambda _: b"this is " + CANARY.encode(), 200, "dead", "nothing"),
    ("not UTF-8", lambda _: b'{"object":"whatsapp_business_account","entry":[{"id":"\xff"}]}', 200, "dead", "nothing"),
    ("a number", lambda _: b"42", 200, "dead", "nothing"),
    ("nothing at all", lambda _: b"", 200, "dead", "nothing"),
    ("a list", lambda _: b"[]", 200, "dead", "nothing"),
    ("entry is no list", lambda _: b'{"object":"whatsapp_business_account","entry":7}', 200, "dead", "nothing"),
    ("another object", lambda _: b'{"object":"user","entry":[{"id":"1","changed_fields":["name"]}]}', 200, "done", ""),
    ("empty entry", lambda _: b'{"object":"whatsapp_business_account","entry":[]}', 200, "done", ""),
    ("depth 10,000", _deep, 200, "", "letter"),
    ("id is a number", lambda place: _with_item(place, id=17), 200, "", "message"),
    ("id is an object", lambda place: _with_item(place, id={"a": 1}), 200, "", "letter"),
    ("sender is a list", lambda place: _with_item(place, **{"from": [1]}), 200, "", "letter"),
    ("item is a number", lambda place: json.dumps(place.envelope(place.value(7))).encode(), 200, "", "letter"),
    ("4 MiB + 1", lambda _: b" " * (4 * MIB + 1), 413, "", "nothing"),
]


@pytest.mark.parametrize(("label", "make", "status", "state", "gives"), ODD, ids=[case[0] for case in ODD])
def test_an_odd_body_gets_its_answer_and_its_neighbour_is_read(
    shared: Any, daemon: Any, label: str, make: Callable[[Any], bytes], status: int, state: str, gives: str
) -> None:
    letters = len(shared.letters())
    refused, aside = len(daemon.lines("webhook_refused")), len(daemon.lines("webhook_put_aside"))
    kept = daemon.metric(f'lhwa_queue_depth{{queue="spool",state="{state}"}}') if state else 0
    assert daemon.post(make(shared)) == status
    assert daemon.post(shared.text(f"after {label}")) == 200
    daemon.settle()
    assert f"after {label}" in shared.texts()
    if state:
        extra = 1 if state == "done" else 0  # the neighbour is done as well
        assert daemon.metric(f'lhwa_queue_depth{{queue="spool",state="{state}"}}') == kept + 1 + extra
        shared.eventually(lambda: len(daemon.lines("webhook_put_aside")) == aside + 1)
    shared.eventually(lambda: len(daemon.lines("webhook_refused")) == refused + (status != 200))
    assert len(shared.letters()) == letters + (gives == "letter")
    assert CANARY not in daemon.said()


def test_the_largest_body_is_taken(shared: Any, daemon: Any) -> None:
    body = json.dumps(shared.text("the largest body")).encode()
    assert daemon.post(body + b" " * (4 * MIB - len(body))) == 200
    daemon.settle()
    assert "the largest body" in shared.texts()


SPELLINGS = [
    ("non-ASCII", "Apa kabar? Mohon bantuan 🙏 é", False),
    ("escapes", "Apa kabar? Mohon bantuan 🙏 ü", True),
]


@pytest.mark.parametrize(("label", "text", "escaped"), SPELLINGS, ids=[case[0] for case in SPELLINGS])
def test_the_signature_is_over_the_bytes_as_they_were_sent(
    shared: Any, daemon: Any, label: str, text: str, *, escaped: bool
) -> None:
    body = json.dumps(shared.text(text), ensure_ascii=escaped).encode()
    assert (b"\\u" in body) is escaped
    assert daemon.post(body) == 200
    daemon.settle()
    assert text in shared.texts()


def test_a_key_that_is_there_twice_costs_only_its_own_item(shared: Any, daemon: Any) -> None:
    good, twice = shared.message("beside a doubled key"), shared.message("a doubled key")
    raw = json.dumps(shared.envelope(shared.value(twice, good)))
    doubled = raw.replace('"type": "text"', '"type": "text", "id": "wamid.other"', 1).encode()
    letters = len(shared.letters())
    assert daemon.post(doubled) == 200
    daemon.settle()
    assert "beside a doubled key" in shared.texts()
    read_or_buried = ("a doubled key" in shared.texts()) + len(shared.letters()) - letters
    assert read_or_buried == 1


def test_of_a_thousand_elements_every_tenth_is_broken(shared: Any, daemon: Any) -> None:
    items = [shared.message(f"massal {nth:04}") for nth in range(1000)]
    for nth in range(0, 1000, 10):
        del items[nth]["id"]
    letters = len(shared.letters())
    assert daemon.post(shared.envelope(shared.value(*items))) == 200
    daemon.settle()
    texts = [text for text in shared.texts() if text.startswith("massal")]
    assert texts == [f"massal {nth:04}" for nth in range(1000) if nth % 10]
    assert len(shared.letters()) == letters + 100
    assert shared.data("audit", "verify")["ok"] is True


ACTIVE = [
    ("NUL", "nol\x00byte"),
    ("escape sequence", "\x1b]0;judul\x07\x1b[2J\x1b[31mmerah"),
    ("C1", "csi \x9b31m"),
    ("bidirectional", "pesan \u202etxt.exe"),
    ("line feed", "satu\ndua\rtiga"),
]


@pytest.mark.parametrize(("label", "text"), ACTIVE, ids=[case[0] for case in ACTIVE])
def test_active_characters_are_kept_and_never_reach_a_terminal(shared: Any, daemon: Any, label: str, text: str) -> None:
    value = shared.value(shared.message(text), name=text)
    assert daemon.post(shared.envelope(value)) == 200
    daemon.settle()
    [message] = [each for each in shared.messages() if each["text"] == text]
    for words in (
        ("messages", "list"),
        ("messages", "show", message["id"]),
        ("messages", "why", message["id"]),
        ("conversations", "list"),
        ("conversations", "show", message["conversationId"]),
        ("events", "list"),
        ("audit", "log"),
    ):
        for asked in ([], ["--json"]):
            shown = shared.ok(*asked, *words, "-t", "firma")
            assert not [character for character in shown if ord(character) < 32 and character not in "\n\t"]
            assert not {"\x7f", "\x9b", "\u202e"} & set(shown)
    assert not {"\x1b", "\x00", "\u202e"} & set(daemon.said())


def test_what_the_daemon_says_is_json_and_never_quotes_anybody(shared: Any, daemon: Any) -> None:
    broken = shared.message(f"{CANARY} massal")
    del broken["id"]
    assert daemon.post(shared.envelope(shared.value(broken))) == 200
    assert daemon.post(CANARY.encode(), signature="sha256=" + "0" * 64) == 403
    shared.eventually(lambda: daemon.lines("elements_buried"))
    shared.eventually(lambda: daemon.lines("webhook_refused"))
    assert {line["event"] for line in daemon.lines()} >= {"daemon_ready", "webhook_refused", "elements_buried"}
    for text in ("massal", "after ", "6281230001111", "Contoh", "judul", CANARY):
        assert text not in daemon.said()
