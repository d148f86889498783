from __future__ import annotations

from lhwa.domain.audit import AuditRecord
from lhwa.domain.jobs import DeadLetterState
from lhwa.store.store import Store
from lhwa.store.tables.dead_letters import DeadLetterRow
from lhwa.store.transaction import Tx
from lhwa.testing.fakes import FakeClock

OPEN, RETRIED, DISCARDED = DeadLetterState.OPEN, DeadLetterState.RETRIED, DeadLetterState.DISCARDED


def bury(store: Store, letter: str = "L1", *, dedup: int = 1, reason: str = "missing_id", tries: int = 1) -> bool:
    def run(tx: Tx) -> bool:
        tx.audit.append(AuditRecord("system:test", "element.buried", letter))
        return tx.dead_letters.add(
            letter,
            dedup=dedup.to_bytes(16, "big"),
            kind="poison",
            reason=reason,
            tries=tries,
            raw_event="01RAW",
            position="p",
            clear=b"canary",
        )

    return store.write(run)


def decide(store: Store, state: DeadLetterState, letter: str = "L1") -> bool:
    def run(tx: Tx) -> bool:
        tx.audit.append(AuditRecord("system:test", "dead_letter.decided", letter))
        return tx.dead_letters.decide(letter, state)

    return store.write(run)


def get(store: Store, letter: str = "L1") -> DeadLetterRow:
    found = store.read(lambda tx: tx.dead_letters.get(letter))
    assert found is not None
    return found


def test_the_same_thing_is_buried_once(store: Store) -> None:
    assert bury(store)
    assert not bury(store, "L2")
    assert store.read(lambda tx: tx.dead_letters.open_count()) == 1
    row = get(store)
    assert store.read(lambda tx: tx.dead_letters.content(row)) == b"canary"
    assert b"canary" not in row.sealed


def test_a_letter_is_decided_once(store: Store, clock: FakeClock) -> None:
    bury(store)
    clock.advance(1)
    assert decide(store, DISCARDED)
    assert not decide(store, RETRIED)
    assert not decide(store, DISCARDED)
    row = get(store)
    assert (row.state, row.decided_at_ms) == (DISCARDED, row.created_at_ms + 1_000)


def test_a_retried_letter_that_fails_again_is_open_again(store: Store) -> None:
    bury(store, tries=8)
    decide(store, RETRIED)
    assert store.read(lambda tx: tx.dead_letters.open_count()) == 0
    assert bury(store, "L2", reason="KeyError", tries=8)
    row = get(store)
    assert (row.state, row.reason, row.tries, row.decided_at_ms) == (OPEN, "KeyError", 16, None)


def test_a_discarded_letter_stays_discarded(store: Store) -> None:
    bury(store)
    decide(store, DISCARDED)
    assert not bury(store, "L2")
    assert get(store).state is DISCARDED


def test_letters_are_listed_by_state_and_request(store: Store) -> None:
    for number in (1, 2, 3):
        bury(store, f"L{number}", dedup=number)
    decide(store, RETRIED, "L2")

    def listed(states: tuple[DeadLetterState, ...], rows_max: int = 9) -> list[str]:
        return store.read(lambda tx: [row.id for row in tx.dead_letters.in_states(states=states, rows_max=rows_max)])

    assert listed((OPEN,)) == ["L1", "L3"]
    assert listed((OPEN, RETRIED)) == ["L1", "L2", "L3"]
    assert listed((OPEN,), rows_max=1) == ["L1"]
    assert store.read(lambda tx: len(tx.dead_letters.of_raw_event("01RAW"))) == 3
    assert store.read(lambda tx: tx.dead_letters.get("absent")) is None
