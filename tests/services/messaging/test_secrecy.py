"""A number, a wamid, a user id, a name and a sentence: in clear in no file of the firm, and in no repr."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lhwa.bus.drain import drain_batch, settle
from lhwa.bus.jobs import claim
from lhwa.bus.progress import Progress
from lhwa.domain.access import Role
from lhwa.domain.elements import Party
from lhwa.domain.ids import RawEventId
from lhwa.domain.instants import from_ms
from lhwa.domain.jobs import RetryPolicy
from lhwa.domain.keys import TenantKeys, spool_key
from lhwa.domain.sealing import seal
from lhwa.normalizer.normalize import normalize
from lhwa.routes import ROUTES
from lhwa.services.messaging.dead_letters import discard_dead_letter, list_dead_letters, show_dead_letter
from lhwa.services.messaging.identity import known_contact
from lhwa.services.messaging.sourced import SourcedElement
from lhwa.services.messaging.views import list_conversations, list_messages, show_message
from lhwa.store.spool import Spool, SpoolRequest
from lhwa.store.spool_rows import request_place
from lhwa.store.store import Store
from lhwa.store.tables.conversations import Conversations
from lhwa.testing.builders import FIRM, NUMBER, SENT_AT_MS, WABA, acting_as, open_spool

PHONE = "6289912345677"
BSUID = "ID.77665544332211"
SENTENCE = "kutipan rahasia klien xyzzy"
NAME = "Nama Rahasia Xyzzy"
WAMID = "wamid." + base64.b64encode(b"\x1d\x17\x0d" + PHONE.encode() + b"\x15\x02\x00\x12\x18").decode()
WORD = "Namaklienxyzzy"
"""Looks like a word of Meta's and is a person's name."""
SECRETS = (WORD, PHONE, PHONE[2:], BSUID, SENTENCE, NAME, WAMID, WAMID.removeprefix("wamid."), "grup-rahasia-xyzzy")
OWNER = acting_as(Role.OWNER)


def spellings(secret: str) -> list[bytes]:
    """As it is, in UTF-16, in hexadecimal, escaped, and inside base64 at every offset."""
    raw = secret.encode()
    inside = [base64.b64encode(b"\0" * shift + raw)[4 if shift else 0 : -4] for shift in range(3)]
    return [raw, secret.encode("utf-16-le"), raw.hex().encode(), json.dumps(secret).encode()[1:-1], *inside]


NEEDLES = {needle: secret for secret in SECRETS for needle in spellings(secret)}


def body() -> bytes:
    metadata = {"display_phone_number": "622150001234", "phone_number_id": NUMBER}
    person = {"profile": {"name": NAME, "username": NAME}, "wa_id": PHONE, "user_id": BSUID}
    base = {"from": PHONE, "from_user_id": BSUID, "timestamp": str(SENT_AT_MS // 1000)}
    text = {"type": "text", "text": {"body": SENTENCE}}
    status = {"id": WAMID, "timestamp": "1795320000", "recipient_id": PHONE, "recipient_user_id": BSUID}
    value = {
        "messaging_product": "whatsapp",
        "metadata": metadata,
        "contacts": [person],
        "messages": [
            base | text | {"id": WAMID},
            base | text | {"id": WAMID + "-group", "group_id": "grup-rahasia-xyzzy"},
            base | {"id": WAMID + "-reply", "context": {"from": PHONE, "id": WAMID}} | text,
            base | {"id": WAMID + "-odd", "type": SENTENCE, SENTENCE: {"body": SENTENCE}},
            base | text | {"id": WAMID + "-unlucky", "timestamp": str(SENT_AT_MS // 1000 - 47)},
            base | text,
            base | {"id": WAMID + "-named", "type": WORD, WORD: {"body": SENTENCE}},
            SENTENCE,
        ],
        "statuses": [
            status | {"status": "delivered", "biz_opaque_callback_data": f"{SENTENCE} {PHONE}"},
            status | {"status": PHONE},
            status | {"status": WORD},
            status | {"status": "failed", "errors": [{"code": 1, "title": SENTENCE, "message": PHONE}]},
        ],
        "errors": [{"code": PHONE, "title": SENTENCE}],
        WORD: [{"x": 1}],
        PHONE: [{"x": 1}],
    }
    preference = {"wa_id": PHONE, "user_id": BSUID, "detail": SENTENCE, "value": "stop", "timestamp": 1795320000}
    preferences = {"metadata": metadata, "contacts": [person], "user_preferences": [preference]}
    changes = [
        {"field": "messages", "value": value},
        {"field": "user_preferences", "value": preferences},
        {"field": "account_update", "value": {"event": PHONE, "note": SENTENCE}},
        {"field": PHONE, "value": {"event": SENTENCE + PHONE}},
        {"field": WORD, "value": {"event": WORD}},
        {
            "field": "message_template_status_update",
            "value": {"event": "REJECTED", "message_template_id": int(PHONE), "phone_number_id": PHONE},
        },
        # Without a value of its own: the number that it belongs to is whatever it says.
        {"field": "messages", "metadata": {"phone_number_id": PHONE}, "messages": [base | text | {"id": WAMID + "-n"}]},
    ]
    entry = {"id": WABA, "time": SENT_AT_MS // 1000, "changes": changes}
    strange = {"id": PHONE, "changes": [{"field": "account_update", "value": {"event": "BAN"}}], WORD: {"x": PHONE}}
    named = {"id": WORD, "changes": [{"field": "account_update", "value": {"event": "BAN"}}]}
    whole = {"object": "whatsapp_business_account", "entry": [entry, strange, named], PHONE: {"x": 1}}
    return json.dumps(whole).encode()


@pytest.fixture
def spool(folder: Path) -> Iterator[Spool]:
    made = open_spool(folder / "spool.db")
    yield made
    made.close()


def ingest(spool: Spool, store: Store, keys: TenantKeys) -> dict[str, int]:
    event = RawEventId("01KAN5T9YB6Q2R8W4X7V3M0ZJD")
    key = spool_key(keys.current, from_ms(SENT_AT_MS))
    sealed = seal(key, request_place(FIRM, event), body())
    dedup = b"d" * 20
    request = SpoolRequest(event, FIRM, "main", SENT_AT_MS, dedup, len(body()), sealed)
    spool.put([request]).result()
    drained = drain_batch(
        spool,
        store,
        ROUTES.inbound,
        keys=lambda: keys,
        requests_max=9,
        elements_max=999,
        progress=Progress(),
    )
    settle(spool, [drained])
    return dict(drained.outcomes)


def clear_in(folder: Path) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for path in folder.rglob("*"):
        held = path.read_bytes()
        for needle, secret in NEEDLES.items():
            if needle in held:
                found.setdefault(path.name, set()).add(secret)
    return found


@pytest.fixture
def used(
    folder: Path, spool: Spool, store: Store, firm_keys: TenantKeys, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], None]:
    """A firm that has received, failed at, shown and decided everything."""
    real = Conversations.count_message

    def count_message(table: Conversations, conversation: Any, **facts: Any) -> None:
        real(table, conversation, **facts)
        if facts["sent_at_ms"] % 60_000 == 13_000:
            raise RuntimeError(SENTENCE)

    monkeypatch.setattr(Conversations, "count_message", count_message)
    assert ingest(spool, store, firm_keys) == {"applied": 22, "buried": 2, "postponed": 1}
    store.write(list_conversations, OWNER, rows_max=99)
    store.write(list_messages, OWNER, rows_max=99)
    shown = store.write(show_message, OWNER, WAMID)
    assert shown.message.text == SENTENCE
    for letter in store.read(
        list_dead_letters, OWNER, include_decided=False, rows_max=9, request_state=lambda _event: "done"
    ):
        store.write(show_dead_letter, OWNER, letter.id)
        store.write(discard_dead_letter, OWNER, letter.id, reason="uji")

    def close() -> None:
        store.close()
        spool.close()

    return close


def test_nothing_lies_in_clear_in_any_file(folder: Path, used: Callable[[], None]) -> None:
    names = {path.name for path in folder.iterdir()}
    assert {"tenant.db", "tenant.db-wal", "keys.db", "keys.db-wal", "spool.db", "spool.db-wal"} <= names
    assert clear_in(folder) == {}
    used()
    assert clear_in(folder) == {}


def test_the_search_would_find_it(folder: Path) -> None:
    folder.mkdir()
    for number, secret in enumerate(SECRETS):
        (folder / f"{number}.txt").write_bytes(base64.b64encode(b"x" * number + secret.encode()))
    assert len(clear_in(folder)) == len(SECRETS)


def test_nothing_that_can_be_logged_shows_it(store: Store, used: Callable[[], None]) -> None:
    elements = normalize(body())
    jobs = claim(store, lease_ms=1_000, jobs_max=99, retries=RetryPolicy())
    assert jobs
    rows = store.read(lambda tx: tx.messages.newest(rows_max=9))
    contents = store.read(lambda tx: [tx.messages.content(row) for row in rows])
    sourced = [SourcedElement(element=element, raw_event="r", received_at_ms=1) for element in elements]
    party = Party(wa_id=PHONE, bsuid=BSUID, username=NAME)
    contact = store.read(known_contact, party)
    assert contact is not None
    objects: list[Any] = [
        *(*elements, *sourced, *jobs, *rows, *contents, party),
        store.read(lambda tx: tx.contacts.row(contact)),
        store.read(lambda tx: tx.events.last(rows_max=99)),
        store.read(lambda tx: list(tx.audit.entries())),
        store.read(lambda tx: tx.dead_letters.open_count()),
    ]
    for shown in map(repr, objects):
        for secret in SECRETS:
            assert secret not in shown, shown[:40]
    used()
