from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from lhwa.bus.jobs import claim, run_in_transaction
from lhwa.domain.access import NOT_YOURS, Permission, Role
from lhwa.domain.jobs import JobKind
from lhwa.errors import ConflictError, NotAllowedError, UsageError
from lhwa.services.messaging.dead_letters import (
    discard_dead_letter,
    list_dead_letters,
    retry_dead_letter,
    show_dead_letter,
)
from lhwa.services.messaging.handlers import apply_job, bury
from lhwa.services.messaging.sourced import SourcedElement
from lhwa.store.store import Store
from lhwa.testing.builders import SENT_AT_MS, acting_as, message, poison

OWNER = acting_as(Role.OWNER)
RAW = b'{"from": "6281230001111", "text": {"body": "kalimat canary"}}'


@pytest.fixture
def letter(store: Store, apply: Callable[..., Any]) -> str:
    apply(poison(RAW))
    [found] = store.read(list_dead_letters, OWNER, include_decided=False, rows_max=9)
    return found.id


def last_action(store: Store) -> dict[str, Any]:
    entry = store.read(lambda tx: list(tx.audit.entries())[-1])
    found: dict[str, Any] = json.loads(entry.entry)
    return found


@pytest.mark.parametrize("role", Role)
def test_who_sees_what_of_a_dead_letter(store: Store, letter: str, role: Role) -> None:
    me = acting_as(role)
    [listed] = store.read(list_dead_letters, me, include_decided=False, rows_max=9)
    assert listed.content is None
    assert (listed.reason, listed.raw_event) == ("missing_id", "01RAW")
    shown = store.write(show_dead_letter, me, letter)
    assert (shown.content is not None) == me.may(Permission.READ_CONTENT)
    assert "6281230001111" not in str(shown.content), "people see masked numbers"
    assert last_action(store)["action"] == "dead_letter.read"
    assert last_action(store)["data"]["saw"] == ("content" if me.may(Permission.READ_CONTENT) else "records")


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.OWNER, Role.SERVICE)])
def test_who_may_not_decide(store: Store, letter: str, role: Role) -> None:
    me = acting_as(role)
    with pytest.raises(NotAllowedError):
        store.write(retry_dead_letter, me, letter)
    with pytest.raises(NotAllowedError):
        store.write(discard_dead_letter, me, letter, reason="salah")


def test_what_is_not_here_is_not_yours(store: Store) -> None:
    for asking in (
        lambda: store.write(show_dead_letter, OWNER, "absent"),
        lambda: store.write(retry_dead_letter, OWNER, "absent"),
        lambda: store.write(discard_dead_letter, OWNER, "absent", reason="x"),
    ):
        with pytest.raises(NotAllowedError) as refused:
            asking()
        assert refused.value.message == NOT_YOURS


def test_poison_goes_back_as_its_whole_request(store: Store, letter: str) -> None:
    assert store.write(retry_dead_letter, OWNER, letter) == "01RAW"
    assert store.read(lambda tx: tx.jobs.counts().waiting) == 0
    assert last_action(store)["actor"] == "operator:contoh-owner"


def test_poison_that_comes_again_after_a_retry_is_open_again(
    store: Store, letter: str, apply: Callable[..., Any]
) -> None:
    store.write(retry_dead_letter, OWNER, letter)
    assert store.read(list_dead_letters, OWNER, include_decided=False, rows_max=9) == []
    apply(poison(RAW))
    [again] = store.read(list_dead_letters, OWNER, include_decided=False, rows_max=9)
    assert again.id == letter


def test_an_element_goes_back_as_a_job(store: Store) -> None:
    sourced = SourcedElement(element=message(), raw_event="07RAW", received_at_ms=SENT_AT_MS)
    store.write(bury, sourced, kind="element", reason="KeyError", tries=8)
    [letter] = store.read(list_dead_letters, OWNER, include_decided=False, rows_max=9)
    assert store.write(retry_dead_letter, OWNER, letter.id) is None
    [job] = claim(store, lease_ms=1_000, jobs_max=9)
    assert job.kind is JobKind.APPLY_ELEMENT
    run_in_transaction(store, job, apply_job)
    assert store.read(lambda tx: tx.messages.count()) == 1
    [decided] = store.read(list_dead_letters, OWNER, include_decided=True, rows_max=9)
    assert decided.state == "retried"


def test_a_decision_is_made_once(store: Store, letter: str) -> None:
    store.write(discard_dead_letter, OWNER, letter, reason="kiriman uji")
    assert last_action(store)["data"] == {"reason": "kiriman uji"}
    before = store.read(lambda tx: tx.audit.frontier().size)
    with pytest.raises(ConflictError) as refused:
        store.write(retry_dead_letter, OWNER, letter)
    assert "discarded" in refused.value.message
    with pytest.raises(ConflictError):
        store.write(discard_dead_letter, OWNER, letter, reason="sekali lagi")
    assert store.read(lambda tx: tx.audit.frontier().size) == before


@pytest.mark.parametrize(
    "reason", ["", "   ", "x" * 301, "baris\nkedua", "\x1b[2J", "lone \ud800", "a\u202eb"], ids=ascii
)
def test_a_reason_is_one_printable_line(store: Store, letter: str, reason: str) -> None:
    with pytest.raises(UsageError) as refused:
        store.write(discard_dead_letter, OWNER, letter, reason=reason)
    assert refused.value.hint
    [still] = store.read(list_dead_letters, OWNER, include_decided=False, rows_max=9)
    assert still.state == "open"


@pytest.mark.parametrize(
    "raw", [b"\xff\x00 not json", b"", b"[" * 50_000, b'{"a": "b"}'], ids=["bytes", "empty", "deep", "json"]
)
def test_whatever_was_buried_can_be_shown(store: Store, apply: Callable[..., Any], raw: bytes) -> None:
    apply(poison(raw))
    [found] = store.read(list_dead_letters, OWNER, include_decided=False, rows_max=9)
    shown = store.write(show_dead_letter, OWNER, found.id)
    assert shown.id == found.id
