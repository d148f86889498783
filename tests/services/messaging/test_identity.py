from __future__ import annotations

import json
from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from lhwa.domain.elements import IdentityChange, MessageElement, Party
from lhwa.domain.ids import ContactId
from lhwa.domain.keys import TenantKeys
from lhwa.domain.messages import MessageType
from lhwa.normalizer.normalize import normalize
from lhwa.services.messaging.handlers import apply_batch
from lhwa.services.messaging.identity import known_contact, profile_of
from lhwa.services.messaging.sourced import Outcome, SourcedElement
from lhwa.store.connection import rows
from lhwa.store.store import Store
from lhwa.store.tables.conversations import ConversationRow
from lhwa.store.tables.messages import MessageRow
from lhwa.store.transaction import Tx
from lhwa.testing.builders import NUMBER, SENT_AT_MS, WABA, message, open_firm
from lhwa.testing.fakes import NOON
from lhwa.testing.webhooks import BusinessNumber, Client, build, encode

N1, N2 = "6281230001111", "6281230002222"
B1, B2 = "ID.88001122334455", "ID.88001122334466"
P1 = "ID.ENT.77"
Apply = Callable[..., list[Outcome]]
HERE = BusinessNumber(phone_number_id=NUMBER, display_phone_number="622150001234", waba_id=WABA)


@pytest.fixture
def write(apply: Apply) -> Callable[..., None]:
    """Each party writes one message, a second after the other."""

    def run(*parties: Party) -> None:
        for number, party in enumerate(parties):
            sent_at_ms = SENT_AT_MS + number * 1_000
            assert apply(message(wamid=f"wamid.{number}", party=party, sent_at_ms=sent_at_ms)) == [Outcome.APPLIED]

    return run


def contact_of(store: Store, party: Party) -> ContactId:
    found = store.read(known_contact, party)
    assert found is not None
    return found


def profile(store: Store, party: Party) -> Party:
    return store.read(lambda tx: profile_of(tx, contact_of_tx(tx, party)))


def contact_of_tx(tx: Tx, party: Party) -> ContactId:
    found = known_contact(tx, party)
    assert found is not None
    return found


def flags(store: Store, party: Party) -> list[str]:
    return store.read(lambda tx: [flag.reason for flag in tx.contacts.open_flags(contact_of_tx(tx, party))])


def is_paused(store: Store, party: Party) -> bool:
    def read(tx: Tx) -> bool:
        row = tx.contacts.row(contact_of_tx(tx, party))
        assert row is not None
        return row.sends_paused

    return store.read(read)


def contacts(store: Store) -> int:
    return int(store.read(lambda tx: rows(tx._connection, "SELECT count(*) FROM contact"))[0][0])


SEEN: list[tuple[str, list[Party], int, list[str]]] = [
    ("the same number", [Party(wa_id=N1), Party(wa_id=N1)], 1, []),
    ("two numbers", [Party(wa_id=N1), Party(wa_id=N2)], 2, []),
    ("a user id is learned", [Party(wa_id=N1), Party(bsuid=B1), Party(wa_id=N1, bsuid=B1)], 1, []),
    ("a parent id is learned", [Party(parent_bsuid=P1), Party(bsuid=B1, parent_bsuid=P1)], 1, []),
    (
        "a parent id by way of a number",
        [Party(parent_bsuid=P1), Party(wa_id=N1, parent_bsuid=P1), Party(wa_id=N1, bsuid=B1)],
        1,
        [],
    ),
    ("another number of one user", [Party(wa_id=N1, bsuid=B1), Party(wa_id=N2, bsuid=B1)], 1, ["number_changed"]),
    ("another user on one number", [Party(wa_id=N1, bsuid=B1), Party(wa_id=N1, bsuid=B2)], 2, ["user_id_changed"]),
    (
        "a number that passes on",
        [Party(wa_id=N1), Party(wa_id=N1, bsuid=B1), Party(wa_id=N1), Party(wa_id=N1, bsuid=B2), Party(wa_id=N1)],
        2,
        ["user_id_changed"],
    ),
]


@pytest.mark.parametrize(("parties", "threads", "reasons"), [case[1:] for case in SEEN], ids=[case[0] for case in SEEN])
def test_who_somebody_is_in_any_order(
    folder: Path, firm_keys: TenantKeys, parties: list[Party], threads: int, reasons: list[str]
) -> None:
    messages = [
        message(wamid=f"wamid.{number}", party=party, sent_at_ms=SENT_AT_MS + number * 1_000)
        for number, party in enumerate(parties)
    ]
    for number, order in enumerate(permutations(messages)):
        with open_firm(folder / str(number), keys=firm_keys) as store:
            store.write(apply_batch, [sourced(element) for element in order])
            assert len(store.read(lambda tx: tx.conversations.newest(rows_max=99))) == threads
            last = parties[-1]
            assert flags(store, last) == reasons
            assert is_paused(store, last) == bool(reasons)


def sourced(element: MessageElement) -> SourcedElement:
    return SourcedElement(element=element, raw_event="01RAW", received_at_ms=SENT_AT_MS + 60_000)


def test_the_user_id_is_believed_before_the_number(store: Store, write: Callable[..., None]) -> None:
    write(Party(bsuid=B1), Party(wa_id=N2), Party(wa_id=N2, bsuid=B1))
    assert contact_of(store, Party(wa_id=N2, bsuid=B1)) == contact_of(store, Party(bsuid=B1))
    assert contact_of(store, Party(wa_id=N2)) == contact_of(store, Party(bsuid=B1))


def test_a_recycled_number_never_opens_the_thread_of_the_one_before(store: Store, write: Callable[..., None]) -> None:
    write(Party(wa_id=N1, bsuid=B1), Party(wa_id=N1), Party(wa_id=N1, bsuid=B2), Party(wa_id=N1))
    mine, theirs = contact_of(store, Party(bsuid=B2)), contact_of(store, Party(bsuid=B1))
    assert [thread_of(store, row).contact for row in messages_of(store)] == [theirs, theirs, mine, mine]
    for contact, other in ((mine, theirs), (theirs, mine)):
        [flag] = store.read(lambda tx, contact=contact: tx.contacts.open_flags(contact))  # type: ignore[misc]
        assert (flag.reason, flag.other) == ("user_id_changed", other)
        assert is_paused(store, Party(bsuid=B1 if contact == theirs else B2))


def messages_of(store: Store) -> list[MessageRow]:
    """Oldest first."""
    return store.read(lambda tx: tx.messages.newest(rows_max=99))[::-1]


def thread_of(store: Store, row: MessageRow) -> ConversationRow:
    found = store.read(lambda tx: tx.conversations.get(row.conversation))
    assert found is not None
    return found


def test_a_thread_that_turns_out_to_be_anothers_is_moved_with_its_counts_and_a_record(
    store: Store, write: Callable[..., None], apply: Apply
) -> None:
    write(Party(wa_id=N1), Party(wa_id=N1))
    [before] = store.read(lambda tx: tx.conversations.newest(rows_max=9))
    apply(message(wamid="wamid.both", party=Party(wa_id=N1, bsuid=B1), sent_at_ms=SENT_AT_MS + 500))
    [thread] = store.read(lambda tx: tx.conversations.newest(rows_max=9))
    assert (thread.messages, thread.unread, thread.last_message_at_ms) == (3, 3, SENT_AT_MS + 500)
    assert thread.contact == contact_of(store, Party(bsuid=B1))
    emptied = store.read(lambda tx: tx.conversations.get(before.id))
    assert emptied is not None
    assert (emptied.messages, emptied.unread, emptied.last_inbound_at_ms) == (0, 0, None)
    [entry] = store.read(lambda tx: list(tx.audit.about(f"conversation:{before.id}")))
    record = json.loads(entry.entry)
    assert (record["action"], record["data"]) == ("conversation.split", {"to": thread.id, "messages": 2})


def test_the_first_number_stays_the_persons_own_until_somebody_looked(store: Store, write: Callable[..., None]) -> None:
    write(Party(wa_id=N1, bsuid=B1), Party(wa_id=N2, bsuid=B1))
    assert profile(store, Party(bsuid=B1)).wa_id == N1
    assert contact_of(store, Party(wa_id=N1)) == contact_of(store, Party(wa_id=N2))


@pytest.mark.parametrize(
    ("facts", "known"),
    [
        ([(1, "lama"), (2, "baru")], "baru"),
        ([(2, "baru"), (1, "lama")], "baru"),
        ([(1, "lama"), (3, "lama"), (2, "antara")], "lama"),
        ([(2, "antara"), (1, "lama"), (3, "baru")], "baru"),
        ([(1, "lama"), (2, None)], "lama"),
        ([(2, None), (1, "lama")], "lama"),
        ([(1, "sama"), (1, "sama")], "sama"),
    ],
    ids=str,
)
def test_the_newest_name_wins_whenever_it_comes(
    store: Store, apply: Apply, facts: list[tuple[int, str | None]], known: str
) -> None:
    for number, (at, name) in enumerate(facts):
        party = Party(wa_id=N1, profile_name=name)
        apply(message(wamid=f"wamid.{number}", party=party, sent_at_ms=SENT_AT_MS + at * 1_000))
    assert profile(store, Party(wa_id=N1)).profile_name == known


def system(kind: str, previous: Party, current: Party, **changes: Any) -> Any:
    change = IdentityChange(kind=kind, previous=previous, current=current)
    return message(type=MessageType.SYSTEM, wire_type="system", party=previous, identity_change=change, **changes)


CHANGES: list[tuple[str, Party, Party, list[str]]] = [
    ("a new number", Party(wa_id=N1), Party(wa_id=N2), ["number_changed"]),
    ("a new user id", Party(bsuid=B1), Party(bsuid=B2), ["user_id_changed"]),
    (
        "both",
        Party(wa_id=N1, bsuid=B1),
        Party(wa_id=N2, bsuid=B2),
        ["user_id_changed", "number_changed"],
    ),
    (
        "a new user id, the number is named too",
        Party(wa_id=N1, bsuid=B1),
        Party(wa_id=N1, bsuid=B2),
        ["user_id_changed"],
    ),
    ("a new device", Party(wa_id=N1), Party(identity_key_hash="h"), ["identity_changed"]),
]


@pytest.mark.parametrize(
    ("previous", "current", "reasons"), [case[1:] for case in CHANGES], ids=[case[0] for case in CHANGES]
)
def test_a_system_message_about_a_change_asks_for_a_look(
    store: Store, apply: Apply, previous: Party, current: Party, reasons: list[str]
) -> None:
    apply(message(party=previous))
    contact = contact_of(store, previous)
    assert apply(system("user_changed", previous, current, wamid="wamid.SYSTEM")) == [Outcome.APPLIED]
    assert flags(store, previous) == reasons
    assert is_paused(store, previous)
    if not current.is_nobody:
        assert flags(store, current) == reasons
        assert is_paused(store, current)
        told = store.read(lambda tx: rows(tx._connection, "SELECT contact FROM contact_alias WHERE how = 'told'"))
        assert {row[0] for row in told} <= {contact}
    alert = store.read(lambda tx: tx.events.about(f"contact:{contact}"))[-1].event
    assert alert.data["event"] == "identity_changed"
    assert store.read(lambda tx: tx.jobs.counts().waiting) == 1


def test_what_follows_a_told_change_has_a_thread_of_its_own_until_somebody_looked(store: Store, apply: Apply) -> None:
    apply(message(party=Party(wa_id=N1)))
    apply(system("user_changed_number", Party(wa_id=N1), Party(wa_id=N2), wamid="c"))
    apply(message(wamid="b", party=Party(wa_id=N2)))
    one, other = contact_of(store, Party(wa_id=N1)), contact_of(store, Party(wa_id=N2))
    assert one != other
    for contact, opposite in ((one, other), (other, one)):
        [flag] = store.read(lambda tx, contact=contact: tx.contacts.open_flags(contact))  # type: ignore[misc]
        assert (flag.reason, flag.other) == ("number_changed", opposite)
    assert len(store.read(lambda tx: tx.conversations.newest(rows_max=9))) == 2


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("system_number_changed", "number_changed"),
        ("system_number_changed_old", "number_changed"),
        ("system_number_changed_oldest", "number_changed"),
        ("system_user_id_changed", "user_id_changed"),
        ("system_identity_changed", "identity_changed"),
    ],
)
def test_changes_as_meta_tells_them(store: Store, apply: Apply, kind: str, reason: str) -> None:
    client = Client(name="Contoh Klien", wa_id=N1, bsuid=B1)
    for each in ("text", kind):
        [element] = normalize(encode(build(each, number=HERE, client=client, seq=1, at=NOON)))
        assert apply(element) == [Outcome.APPLIED]
    assert reason in flags(store, Party(wa_id=N1, bsuid=B1))
    assert is_paused(store, Party(bsuid=B1))


def test_nothing_about_a_person_is_in_the_audit_log(store: Store, write: Callable[..., None]) -> None:
    write(
        Party(wa_id=N1, bsuid=B1, profile_name="Canary", username="canary"),
        Party(wa_id=N2, bsuid=B1, parent_bsuid=P1),
    )
    entries = store.read(lambda tx: [entry.entry for entry in tx.audit.entries()])
    for entry in entries:
        json.loads(entry)
        for secret in (N1, N2, B1, P1, "anary"):
            assert secret.encode() not in entry


def test_looking_somebody_up_changes_nothing(store: Store) -> None:
    assert store.read(known_contact, Party(wa_id=N1)) is None
    assert contacts(store) == 0
