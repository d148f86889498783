from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from lhwa.domain.audit import AuditRecord
from lhwa.domain.ids import ContactId, ConversationId
from lhwa.domain.keys import TenantKeys
from lhwa.store.store import Store
from lhwa.store.tables.contacts import News
from lhwa.store.transaction import Tx
from lhwa.testing.builders import CLIENT, NUMBER, open_firm, tenant_keys

WHO = ContactId("C000000000000001")
THREAD = ConversationId("T000000000000001")


@pytest.fixture
def keys() -> TenantKeys:
    return tenant_keys()


@pytest.fixture
def store(tmp_path: Path, keys: TenantKeys) -> Iterator[Store]:
    with open_firm(tmp_path, keys=keys) as opened:
        yield opened


@pytest.fixture
def other(tmp_path: Path, keys: TenantKeys, store: Store) -> Iterator[Store]:
    """The same firm as another process has it open."""
    with open_firm(tmp_path, keys=keys) as opened:
        yield opened


def note(tx: Tx) -> None:
    tx.audit.append(AuditRecord("system:test", "test.noted", "t"))


def meet(tx: Tx, *, at_ms: int = 5) -> None:
    note(tx)
    tx.contacts.add(WHO, CLIENT, at_ms=at_ms)
    tx.contacts.link(WHO, "wa_id", b"a" * 32, how="seen", since_ms=at_ms)
    tx.conversations.add(THREAD, NUMBER, contact=WHO, group_hash=None)


def known(tx: Tx) -> Known:
    return (
        tx.contacts._times(WHO, tx.contacts._said(CLIENT)),
        [link.since_ms for link in tx.contacts.links("wa_id", b"a" * 32)],
        tx.conversations.find(NUMBER, contact=WHO),
    )


Known = tuple[tuple[int, int] | None, list[int], ConversationId | None]
NOTHING: Known = (None, [], None)
MET: Known = ((5, 5), [5], THREAD)


def test_what_was_written_is_known_at_once_and_later(store: Store) -> None:
    def meet_and_ask(tx: Tx) -> Known:
        assert known(tx) == NOTHING
        meet(tx)
        return known(tx)

    assert store.write(meet_and_ask) == MET
    assert store.read(known) == store.read(known) == MET


def test_what_another_process_wrote_is_known(store: Store, other: Store) -> None:
    assert store.read(known) == NOTHING
    other.write(meet)
    assert store.read(known) == MET

    def see_later(tx: Tx) -> None:
        note(tx)
        assert tx.contacts.sighted(WHO, CLIENT, first_ms=3, last_ms=9) is News.EARLIER
        tx.contacts.link(WHO, "wa_id", b"a" * 32, how="seen", since_ms=3)

    other.write(see_later)

    def note_and_ask(tx: Tx) -> Known:
        note(tx)
        return known(tx)

    assert store.write(note_and_ask) == ((3, 9), [3], THREAD)
    assert other.read(known) == ((3, 9), [3], THREAD)


def test_what_was_rolled_back_is_not_known(store: Store) -> None:
    def meet_and_break(tx: Tx) -> None:
        meet(tx)
        assert known(tx) == MET
        raise KeyError

    with pytest.raises(KeyError):
        store.write(meet_and_break)
    assert store.read(known) == NOTHING


def test_what_a_savepoint_undid_is_not_known(store: Store) -> None:
    def meet_apart(tx: Tx) -> Known:
        note(tx)
        with suppress(KeyError), tx.savepoint():
            meet(tx)
            assert known(tx) == MET
            raise KeyError
        return known(tx)

    assert store.write(meet_apart) == NOTHING
    assert store.read(known) == NOTHING


def test_what_was_deleted_is_not_known(store: Store) -> None:
    store.write(meet)
    assert store.read(known) == MET

    def delete(tx: Tx) -> Known:
        note(tx)
        for table in ("conversation", "contact_alias", "contact_sighting", "contact"):
            tx._connection.execute(f"DELETE FROM {table}")
        return known(tx)

    assert store.write(delete) == NOTHING


def test_another_file_under_the_same_name_is_read_anew(store: Store) -> None:
    store.write(meet)
    assert store.read(known) == MET
    store.close()
    assert store._recall.links
    store.read(note_nothing)
    assert not store._recall.links


def note_nothing(_tx: Tx) -> None:
    """Open the file again."""
