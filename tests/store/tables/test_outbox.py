from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import apsw
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lhwa.domain.elements import Party
from lhwa.domain.ids import ContactId, ConversationId, ulid
from lhwa.domain.outbound import OUTBOUND_MOVES, OutboundState, Recipient, Text
from lhwa.errors import ConflictError, InvariantError
from lhwa.store.store import Store
from lhwa.store.tables.outbox import _DUE, OPEN, Letter, NewOutbound, OutboundRow, Receipt
from lhwa.store.transaction import Tx
from lhwa.testing.builders import NUMBER
from lhwa.testing.fakes import FakeClock
from tests.outbound.desk import SECOND_NUMBER, Desk

S = OutboundState
ONE, TWO = (ConversationId(f"CONVERSATION000{each}") for each in (1, 2))
CLIENT = ContactId("0000000000000001")
LETTER = Letter(recipient=Recipient(phone="+6281230001111"), content=Text(body="kalimat rahasia"))


@pytest.fixture
def desk(store: Store, clock: FakeClock) -> Desk:
    """With a contact and two threads."""
    made = Desk(store, clock)

    def set_up(tx: Tx) -> None:
        tx.contacts.add(CLIENT, Party(wa_id="6281230001111"), at_ms=1, last_ms=1)
        tx.conversations.add(ONE, NUMBER, contact=CLIENT, group_hash=None)
        tx.conversations.add(TWO, SECOND_NUMBER, contact=CLIENT, group_hash=None)

    made.write(set_up)
    return made


def add(desk: Desk, conversation: ConversationId = ONE, **changes: Any) -> OutboundRow:
    desk.ids += 1
    plain: dict[str, Any] = {
        "id": ulid(desk.now_ms, desk.ids.to_bytes(10, "big")),
        "conversation": conversation,
        "contact": CLIENT,
        "phone_number_id": NUMBER if conversation == ONE else SECOND_NUMBER,
        "recipient_hash": b"h" * 32,
        "kind": "text",
        "template": None,
        "language": None,
        "author_kind": "person",
        "author": "contoh-lawyer",
        "state": S.QUEUED,
        "send_at_ms": desk.now_ms,
        "expires_at_ms": desk.now_ms + 1_000_000,
        "letter": LETTER,
    }
    message = NewOutbound(**(plain | changes))
    desk.write(lambda tx: tx.outbox.add(message))
    return desk.row(message.id)


def move(desk: Desk, row: OutboundRow, state: S, **facts: object) -> OutboundRow:
    desk.write(lambda tx: tx.outbox.move(row, state, **facts))
    return desk.row(row.id)


def due(desk: Desk, *, doubt_since_ms: int = 0, **changes: Any) -> list[str]:
    found = desk.store.read(lambda tx: tx.outbox.due(**({"doubt_since_ms": doubt_since_ms, "rows_max": 99} | changes)))
    return [row.id for row in found]


def test_what_is_put_in_comes_out(desk: Desk) -> None:
    row = add(desk)
    assert (row.state, row.attempts, row.rule, row.next_attempt_at_ms) == (S.QUEUED, 0, "", desk.now_ms)
    assert desk.store.read(lambda tx: tx.outbox.letter(row)) == LETTER
    assert desk.store.read(lambda tx: tx.outbox.receipt(row)) is None
    assert desk.store.read(lambda tx: tx.outbox.get("absent")) is None


def test_nothing_of_a_letter_or_a_receipt_lies_in_clear_in_the_row(desk: Desk) -> None:
    row = add(desk)
    receipt = Receipt(wamid="wamid.GEHEIM", wa_id="6281230001111")
    desk.write(
        lambda tx: tx.outbox.move(
            row, S.ACCEPTED, receipt=tx.outbox.sealed_receipt(row, receipt), message_dedup=b"d" * 16
        )
    )
    stored = desk.row(row.id)
    raw = b"".join(msgspec.json.encode(getattr(stored, each.name)) for each in fields(stored))
    for secret in (b"rahasia", b"81230001111", b"wamid"):
        assert secret not in raw
        assert secret not in bytes(stored.sealed) + bytes(stored.receipt or b"")
    assert desk.store.read(lambda tx: tx.outbox.receipt(stored)) == receipt
    assert "rahasia" not in repr((LETTER, receipt))
    assert desk.store.read(lambda tx: tx.outbox.by_dedup(b"d" * 16)) == stored


BAD: list[tuple[str, dict[str, object]]] = [
    ("written by AI", {"author_kind": "ai"}),
    ("written by the system", {"author_kind": "system"}),
    ("written by nobody", {"author_kind": ""}),
    ("an automatic text that nobody wrote", {"author_kind": "automatic_text", "author": "assist"}),
    ("an automatic text that names a person", {"author_kind": "automatic_text", "author": "contoh-lawyer"}),
    ("without an author", {"author": None}),
    ("in an unknown state", {"state": "flying"}),
    ("of an unknown kind", {"kind": "poem"}),
    ("a template without a name", {"kind": "template"}),
    ("a text with a template", {"template": "kabar", "language": "id"}),
    ("a template without a language", {"kind": "template", "template": "kabar"}),
    ("in doubt since never", {"state": "in_doubt"}),
    ("not in doubt since some time", {"in_doubt_since": 5}),
    ("a short hash", {"recipient_hash": b"x"}),
    ("a short name at Meta", {"message_dedup": b"x"}),
    ("in a thread that is not there", {"conversation": "NOT-HERE"}),
    ("to a contact that is not there", {"contact": "NOT-HERE"}),
    ("a number for a state", {"attempts": "many"}),
]


@pytest.mark.parametrize("columns", [pytest.param(case[1], id=case[0]) for case in BAD])
def test_a_row_that_may_not_be_is_impossible(desk: Desk, columns: dict[str, object]) -> None:
    row = add(desk)
    copy: dict[str, object] = {
        "id": "01M7Z000000000000000000000", "conversation": ONE, "contact": CLIENT, "phone_number_id": NUMBER,
        "recipient_hash": b"h" * 32, "kind": "text", "template": None, "language": None, "author_kind": "person",
        "author": "contoh-lawyer", "state": "queued", "created_at": 1, "send_at": 1, "expires_at": 1,
        "next_attempt_at": 1, "sealed": b"x",
    }  # fmt: skip
    names = copy | columns
    insert = f"INSERT INTO outbox ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
    update = f"UPDATE outbox SET {', '.join(f'{name} = ?' for name in columns)} WHERE seq = {row.seq}"
    for sql, bindings in ((insert, tuple(names.values())), (update, tuple(columns.values()))):
        with pytest.raises(apsw.ConstraintError):
            desk.write(lambda tx, sql=sql, bindings=bindings: tx._connection.execute(sql, bindings))  # type: ignore[misc]  # bound now
    assert desk.row(row.id) == row


@pytest.mark.parametrize("author", ["opt_out_confirmed", "opt_in_confirmed", "office_closed"])
def test_the_texts_that_people_of_the_firm_wrote_beforehand_may_leave(desk: Desk, author: str) -> None:
    assert add(desk, author_kind="automatic_text", author=author).author == author


def test_two_messages_are_never_one_of_metas(desk: Desk) -> None:
    first, second = add(desk), add(desk)
    move(desk, first, S.ACCEPTED, message_dedup=b"d" * 16)
    with pytest.raises(apsw.ConstraintError):
        move(desk, second, S.ACCEPTED, message_dedup=b"d" * 16)


@pytest.mark.parametrize("begin", S)
@pytest.mark.parametrize("end", S)
def test_a_row_moves_along_legal_moves_alone(desk: Desk, begin: S, end: S) -> None:
    row = add(desk, state=begin) if begin is not S.IN_DOUBT else move(desk, add(desk, state=S.SENDING), begin)
    if end is begin or end in OUTBOUND_MOVES[begin]:
        after = move(desk, row, end)
        assert after.state is end
        assert (after.in_doubt_since_ms is not None) == (end is S.IN_DOUBT)
        return
    with pytest.raises(InvariantError, match=end.value):
        move(desk, row, end)
    assert desk.row(row.id) == row


def test_a_doubt_keeps_its_time_while_it_lasts(desk: Desk) -> None:
    row = move(desk, add(desk, state=S.SENDING), S.IN_DOUBT)
    desk.clock.advance(60)
    assert move(desk, row, S.IN_DOUBT, rule="x").in_doubt_since_ms == row.in_doubt_since_ms


@pytest.mark.parametrize(
    "meanwhile",
    [
        lambda desk, row: move(desk, row, S.CANCELLED),
        lambda desk, row: move(desk, row, S.SENDING, attempts=1),
        lambda desk, row: move(desk, move(desk, row, S.SENDING, attempts=1), S.QUEUED),
    ],
    ids=["cancelled", "taken", "taken and given back"],
)
def test_whoever_saw_an_older_row_changes_nothing(
    desk: Desk, meanwhile: Callable[[Desk, OutboundRow], OutboundRow]
) -> None:
    row = add(desk)
    now = meanwhile(desk, row)
    with pytest.raises(ConflictError):
        move(desk, row, S.SENDING)
    assert desk.row(row.id) == now


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(st.tuples(st.integers(0, 3), st.sampled_from(S)), max_size=12), begin=st.sampled_from((*S,)))
def test_no_course_of_moves_leaves_the_legal_ones(desk: Desk, steps: list[tuple[int, S]], begin: S) -> None:
    """Each step moves from one of the rows that somebody saw, old or new."""
    if begin is S.IN_DOUBT:
        begin = S.SENDING
    seen = [add(desk, state=begin)]
    for which, end in steps:
        now, saw = desk.row(seen[0].id), seen[which % len(seen)]
        try:
            seen.append(move(desk, saw, end))
        except InvariantError:
            assert end not in OUTBOUND_MOVES[saw.state]
        except ConflictError:
            assert (saw.state, saw.attempts) != (now.state, now.attempts)
        else:
            assert (saw.state, saw.attempts) == (now.state, now.attempts)
            assert end is now.state or end in OUTBOUND_MOVES[now.state]


def test_due_is_the_first_of_each_thread(desk: Desk) -> None:
    first, _second, other = add(desk), add(desk), add(desk, TWO)
    assert due(desk) == [first.id, other.id]
    assert due(desk, rows_max=1) == [first.id]
    assert due(desk, shut_numbers=[NUMBER]) == [other.id]
    move(desk, first, S.SENDING)
    assert due(desk) == [other.id]


def test_due_waits_for_its_time(desk: Desk) -> None:
    row = add(desk, send_at_ms=desk.now_ms + 10)
    assert due(desk) == []
    assert desk.store.read(lambda tx: tx.outbox.next_attempt_ms(after_ms=tx.now_ms)) == row.send_at_ms
    desk.clock.advance(0.01)
    assert due(desk) == [row.id]
    assert desk.store.read(lambda tx: tx.outbox.next_attempt_ms(after_ms=tx.now_ms)) is None


@pytest.mark.parametrize("state", [each for each in S if each not in (S.QUEUED, S.SENDING, S.IN_DOUBT)])
def test_what_is_settled_or_not_yet_decided_holds_up_nothing(desk: Desk, state: S) -> None:
    add(desk, state=state)
    after = add(desk)
    assert due(desk) == [after.id]


def test_what_was_meant_for_later_holds_up_nothing_before(desk: Desk) -> None:
    later = add(desk, send_at_ms=desk.now_ms + 60_000)
    now = add(desk)
    assert due(desk) == [now.id]
    desk.clock.advance(60)
    assert due(desk) == [now.id], "the one that was meant for earlier goes first"
    move(desk, now, S.CANCELLED)
    assert due(desk) == [later.id]


def test_a_doubt_holds_up_the_next_one_since_a_time(desk: Desk) -> None:
    row = move(desk, add(desk, state=S.SENDING), S.IN_DOUBT)
    after = add(desk)
    since = row.in_doubt_since_ms or 0
    assert due(desk, doubt_since_ms=since - 1) == []
    assert due(desk, doubt_since_ms=since) == [after.id]
    assert desk.store.read(lambda tx: tx.outbox.oldest_doubt_ms(since_ms=since - 1)) == since
    assert desk.store.read(lambda tx: tx.outbox.oldest_doubt_ms(since_ms=since)) is None
    move(desk, after, S.CANCELLED)
    assert desk.store.read(lambda tx: tx.outbox.oldest_doubt_ms(since_ms=since - 1)) is None, "nothing waits for it"


def test_lists_are_newest_first_and_can_be_narrowed(desk: Desk) -> None:
    made = [add(desk), add(desk, TWO), add(desk, state=S.FAILED)]

    def newest(**changes: Any) -> list[str]:
        return [row.id for row in desk.store.read(lambda tx: tx.outbox.newest(**({"rows_max": 9} | changes)))]

    assert newest() == [row.id for row in made[::-1]]
    assert newest(rows_max=1) == [made[2].id]
    assert newest(conversation=TWO) == [made[1].id]
    assert newest(states=(S.FAILED, S.SENT)) == [made[2].id]
    assert newest(states=(S.SENT,), conversation=ONE) == []


def test_open_messages_are_counted_by_state(desk: Desk) -> None:
    for state in S:
        if state is not S.IN_DOUBT:
            add(desk, state=state)
    move(desk, add(desk, state=S.SENDING), S.IN_DOUBT)
    assert desk.store.read(lambda tx: tx.outbox.counts()) == {state.value: 1 for state in OPEN}
    assert [row.state for row in desk.store.read(lambda tx: tx.outbox.in_state(S.IN_DOUBT))] == [S.IN_DOUBT]


def test_a_look_for_what_is_due_uses_its_indexes(desk: Desk) -> None:
    def plan(tx: Tx) -> str:
        bindings: Any = {"now": 5, "doubt": 1, "most": 9, "shut": "[]"}
        sql = f"EXPLAIN QUERY PLAN {_DUE} ORDER BY next_attempt_at, seq LIMIT :most"
        return str(tx._connection.execute(sql, bindings).fetchall())

    steps = desk.store.read(plan)
    assert "outbox_due" in steps
    assert "(conversation=?)" in steps
    assert "SCAN outbox" not in steps
