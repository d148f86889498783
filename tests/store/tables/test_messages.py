from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.domain.audit import AuditRecord
from lhwa.domain.ids import ContactId, ConversationId
from lhwa.store.connection import guard_append_only, open_connection, rows
from lhwa.store.migrate import migrate, migrations
from lhwa.store.store import Store
from lhwa.store.tables.conversations import ConversationRow
from lhwa.store.transaction import Tx
from lhwa.testing.builders import NUMBER

A, B = ConversationId("A"), ConversationId("B")
BLOCK = 1 << 14
KEYS_MOVE_EVERY = 256
_INSERT = (
    "INSERT INTO message (seq, id, dedup, conversation, phone_number_id, direction, via, type, wire_type, sender_hash,"
    " hash_version, sent_at, received_at, telling, raw_event, position, sealed)"
    " VALUES (?, ?, ?, ?, '1', 'inbound', 'messages', 'text', 'text', zeroblob(32), 1, ?, ?, zeroblob(8), '', '', x'')"
)


def insert(
    connection: apsw.Connection, seq: int, dedup: bytes, *, conversation: str = "A", sent_at_ms: int = 0
) -> None:
    connection.execute(_INSERT, (seq, f"m{seq}", dedup, conversation, sent_at_ms, sent_at_ms))


def key(first: int, number: int) -> bytes:
    """A key that begins with this byte."""
    return bytes([first]) + hashlib.sha256(number.to_bytes(8, "big")).digest()[:15]


def founded(connection: apsw.Connection) -> apsw.Connection:
    connection.execute(
        "INSERT INTO conversation (id, phone_number_id, group_hash, last_message_at) VALUES ('A', '1', x'00', 0)"
    )
    return connection


@pytest.fixture
def file(tmp_path: Path) -> Iterator[apsw.Connection]:
    connection = open_connection(tmp_path / "tenant.db", create=True)
    migrate(connection, "tenant")
    guard_append_only(connection)
    yield founded(connection)
    connection.close()


def test_a_key_moves_with_its_turn_and_its_message_is_found_all_the_while(file: apsw.Connection) -> None:
    first, other = key(7, 1), key(8, 2)
    insert(file, 1, first)
    insert(file, 2, other)
    assert rows(file, "SELECT dedup FROM message_key") == []
    insert(file, 7 * KEYS_MOVE_EVERY, key(9, 3))
    assert rows(file, "SELECT dedup, message FROM message_key") == [(first, 1)]
    assert rows(file, "SELECT message FROM message_key_new ORDER BY dedup") == [(2,), (7 * KEYS_MOVE_EVERY,)]
    assert rows(file, "SELECT message FROM message_known WHERE dedup IN (?, ?)", (first, other)) == [(1,), (2,)]


@pytest.mark.parametrize("first", [0, 7, 255])
def test_a_key_is_refused_a_second_time_before_and_after_it_moved(file: apsw.Connection, first: int) -> None:
    lowest, highest = bytes([first]) + b"\x00" * 15, bytes([first]) + b"\xff" * 15
    insert(file, 1, lowest)
    insert(file, 2, highest)

    def refuse_both() -> None:
        for dedup in (lowest, highest):
            with pytest.raises(apsw.ConstraintError):
                insert(file, 3, dedup)

    refuse_both()
    insert(file, (256 + first) * KEYS_MOVE_EVERY, key(first ^ 1, 3))
    assert rows(file, "SELECT dedup FROM message_key") == [(lowest,), (highest,)]
    refuse_both()
    assert rows(file, "SELECT count(*) FROM message") == [(3,)]


def test_a_key_is_refused_by_the_very_message_that_would_move_it(file: apsw.Connection) -> None:
    insert(file, 1, key(7, 1))
    with pytest.raises(apsw.ConstraintError):
        insert(file, 7 * KEYS_MOVE_EVERY, key(7, 1))
    assert rows(file, "SELECT message FROM message_key_new") == [(1,)]


def test_a_message_that_goes_takes_its_key_along(file: apsw.Connection) -> None:
    insert(file, 1, key(7, 1))
    insert(file, 7 * KEYS_MOVE_EVERY, key(7, 2))
    file.execute("DELETE FROM message")
    assert rows(file, "SELECT * FROM message_known") == []


@cache
def _in_memory() -> apsw.Connection:
    connection = apsw.Connection(":memory:")
    migrate(connection, "tenant")
    return founded(connection)


@contextmanager
def undone(connection: apsw.Connection) -> Iterator[None]:
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


@given(
    st.lists(
        st.tuples(
            st.sampled_from([1, 255, KEYS_MOVE_EVERY, 257, 250 * KEYS_MOVE_EVERY]),
            st.sampled_from([0, 1, 2, 254, 255]),
            st.integers(0, 5),
        ),
        max_size=40,
    )
)
def test_whatever_comes_every_message_has_its_key_once(steps: list[tuple[int, int, int]]) -> None:
    connection, seq, there = _in_memory(), 0, dict[bytes, int]()
    with undone(connection):
        for step, first, number in steps:
            seq += step
            dedup = key(first, number)
            if dedup in there:
                with pytest.raises(apsw.ConstraintError):
                    insert(connection, seq, dedup)
            else:
                insert(connection, seq, dedup)
                there[dedup] = seq
        assert sorted(rows(connection, "SELECT dedup, message FROM message_known")) == sorted(there.items())
        assert rows(connection, "SELECT dedup, seq FROM message ORDER BY 1") == sorted(there.items())


def test_an_older_file_keeps_its_messages_and_refuses_their_keys(tmp_path: Path) -> None:
    connection = open_connection(tmp_path / "tenant.db", create=True)
    for sql in migrations("tenant")[:3]:
        connection.execute(sql).fetchall()
    connection.pragma("user_version", 3)
    founded(connection)
    with connection:
        for seq in range(1, 300):
            insert(connection, seq, key(seq % 256, seq), sent_at_ms=seq)
    before = rows(connection, "SELECT * FROM message ORDER BY seq")
    migrate(connection, "tenant")
    assert rows(connection, "SELECT * FROM message ORDER BY seq") == before
    assert sorted(rows(connection, "SELECT * FROM message_known")) == sorted((row[2], row[0]) for row in before)
    with pytest.raises(apsw.ConstraintError):
        insert(connection, 300, key(5, 5))
    assert rows(connection, "PRAGMA integrity_check") == [("ok",)]
    assert rows(connection, "PRAGMA foreign_key_check") == []
    connection.close()


def test_a_thread_is_read_and_counted_across_blocks(store: Store) -> None:
    places = [(1, A, 40), (2, B, 90), (BLOCK - 1, A, 10), (BLOCK, A, 50), (5 * BLOCK, A, 30), (5 * BLOCK + 1, A, 50)]

    def fill(tx: Tx) -> None:
        tx.audit.append(AuditRecord("system:test", "test.noted", "t"))
        for thread in (A, B):
            tx.conversations.add(thread, NUMBER, contact=None, group_hash=thread.encode())
        for number, (seq, thread, sent_at_ms) in enumerate(places):
            insert(tx._connection, seq, key(number, number), conversation=thread, sent_at_ms=sent_at_ms)
        tx.threads.recount(A, not_opening=())

    store.write(fill)

    def newest(tx: Tx, *, rows_max: int, since_ms: int = 0) -> list[int]:
        return [row.seq for row in tx.messages.newest(rows_max=rows_max, conversation=A, since_ms=since_ms)]

    in_order = [5 * BLOCK + 1, BLOCK, 1, 5 * BLOCK, BLOCK - 1]
    assert store.read(newest, rows_max=9) == in_order
    assert store.read(newest, rows_max=2) == in_order[:2]
    assert store.read(newest, rows_max=9, since_ms=40) == in_order[:3]
    row = store.read(lambda tx: tx.conversations.get(A))
    assert isinstance(row, ConversationRow)
    assert (row.messages, row.last_message_at_ms) == (5, 50)
    assert store.read(lambda tx: tx.messages.newest(rows_max=9, conversation="nobody")) == []


def test_messages_of_a_person_are_found_in_every_block_of_their_threads(store: Store) -> None:
    def fill(tx: Tx) -> None:
        tx.audit.append(AuditRecord("system:test", "test.noted", "t"))
        tx._connection.execute("INSERT INTO contact (id, kind, created_at) VALUES ('p', 'wa_id', 0)")
        tx.conversations.add(A, NUMBER, contact=ContactId("p"), group_hash=None)
        for number, seq in enumerate((1, 3 * BLOCK)):
            insert(tx._connection, seq, key(number, number))
        tx._connection.execute("UPDATE message SET contact = 'p'")

    store.write(fill)
    found = store.read(lambda tx: tx.threads.of_contact(ContactId("p"), among=[ContactId("p")]))
    assert sorted(placed.message for placed in found) == ["m1", f"m{3 * BLOCK}"]
