from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from lhwa.bus.jobs import claim, run_in_transaction
from lhwa.domain.access import NOT_YOURS, Permission, Principal, Role
from lhwa.domain.ids import RawEventId, TenantId
from lhwa.domain.jobs import JobKind, RetryPolicy
from lhwa.domain.keys import TenantKeys
from lhwa.errors import ConflictError, NotAllowedError, UnavailableError, UsageError
from lhwa.services.messaging.dead_letters import (
    DeadLetterView,
    discard_dead_letter,
    list_dead_letters,
    retry_dead_letter,
    show_dead_letter,
)
from lhwa.services.messaging.handlers import apply_batch, apply_job, bury
from lhwa.services.messaging.sourced import Outcome, SourcedElement
from lhwa.store.spool import SpoolRequest
from lhwa.store.spool_rows import mark, prune_done, requeue
from lhwa.store.store import Store
from lhwa.testing.builders import FIRM, SENT_AT_MS, acting_as, message, open_firm, open_spool, poison

OWNER = acting_as(Role.OWNER)
Listed = Callable[..., list[DeadLetterView]]
Retry = Callable[..., None]
RAW = b'{"from": "6281230001111", "text": {"body": "kalimat canary"}}'


class Requests:
    """The firm's requests in a real spool, and what was sent back."""

    def __init__(self, path: Path) -> None:
        self.spool = open_spool(path)
        self.sent: list[int] = []
        self.fails = False

    def put(self, event: str, *, tenant: str = FIRM) -> None:
        request = SpoolRequest(
            RawEventId(event), TenantId(tenant), "main", SENT_AT_MS, event.encode().ljust(20), 1, b"sealed"
        )
        self.spool.put([request]).result()
        self.settle(event)

    def settle(self, event: str) -> None:
        row = self.spool.read.by_event(event)
        assert row is not None
        self.spool.change(mark([row], state="done")).result()

    def requeue(self, seq: int) -> int:
        if self.fails:
            raise UnavailableError("busy")
        self.sent.append(seq)
        return self.spool.change(requeue([seq])).result()

    def state_of(self, event: str) -> str | None:
        row = self.spool.read.by_event(event)
        return None if row is None else row.state

    def waits(self, event: str) -> bool:
        return self.state_of(event) == "stored"


@pytest.fixture
def requests(tmp_path: Path) -> Iterator[Requests]:
    made = Requests(tmp_path / "spool.db")
    made.put("01RAW")
    yield made
    made.spool.close()


@pytest.fixture
def retry(store: Store, requests: Requests) -> Callable[..., None]:
    def run(letter: str, *, me: Principal = OWNER, dry_run: bool = False) -> None:
        store.write(retry_dead_letter, me, letter, spool=requests.spool.read, requeue=requests.requeue, dry_run=dry_run)

    return run


@pytest.fixture
def listed(store: Store, requests: Requests) -> Callable[..., list[DeadLetterView]]:
    def run(me: Principal = OWNER, *, everything: bool = False, rows_max: int = 9) -> list[DeadLetterView]:
        return store.read(
            list_dead_letters, me, include_decided=everything, rows_max=rows_max, request_state=requests.state_of
        )

    return run


@pytest.fixture
def letter(apply: Callable[..., Any], listed: Listed) -> str:
    apply(poison(RAW))
    [found] = listed()
    return found.id


def last_action(store: Store) -> dict[str, Any]:
    entry = store.read(lambda tx: list(tx.audit.entries())[-1])
    found: dict[str, Any] = json.loads(entry.entry)
    return found


@pytest.mark.parametrize("role", Role)
def test_who_sees_what_of_a_dead_letter(store: Store, letter: str, listed: Listed, role: Role) -> None:
    me = acting_as(role)
    [one] = listed(me)
    assert one.content is None
    assert (one.reason, one.raw_event) == ("missing_id", "01RAW")
    shown = store.write(show_dead_letter, me, letter)
    assert (shown.content is not None) == me.may(Permission.READ_CONTENT)
    assert "6281230001111" not in str(shown.content), "people see masked numbers"
    assert last_action(store)["action"] == "dead_letter.read"
    assert last_action(store)["data"]["saw"] == ("content" if me.may(Permission.READ_CONTENT) else "records")


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.OWNER, Role.SERVICE)])
def test_who_may_not_decide(
    store: Store, letter: str, retry: Retry, requests: Requests, role: Role, *, dry_run: bool
) -> None:
    me = acting_as(role)
    with pytest.raises(NotAllowedError):
        retry(letter, me=me, dry_run=dry_run)
    with pytest.raises(NotAllowedError):
        store.write(discard_dead_letter, me, letter, reason="salah", dry_run=dry_run)
    assert requests.sent == []


@pytest.mark.parametrize("dry_run", [False, True])
def test_what_is_not_here_is_not_yours(store: Store, retry: Retry, *, dry_run: bool) -> None:
    for asking in (
        lambda: store.write(show_dead_letter, OWNER, "absent"),
        lambda: retry("absent", dry_run=dry_run),
        lambda: store.write(discard_dead_letter, OWNER, "absent", reason="x", dry_run=dry_run),
    ):
        with pytest.raises(NotAllowedError) as refused:
            asking()
        assert refused.value.message == NOT_YOURS


def test_a_dry_run_changes_nothing(
    store: Store, letter: str, retry: Retry, requests: Requests, everything: Callable[[], Any]
) -> None:
    before = everything()
    retry(letter, dry_run=True)
    store.write(discard_dead_letter, OWNER, letter, reason="uji", dry_run=True)
    assert everything() == before
    assert requests.sent == []


def test_a_dry_run_refuses_what_the_real_run_refuses(store: Store, letter: str, retry: Retry) -> None:
    with pytest.raises(UsageError):
        store.write(discard_dead_letter, OWNER, letter, reason=" ", dry_run=True)
    store.write(discard_dead_letter, OWNER, letter, reason="uji")
    with pytest.raises(ConflictError):
        retry(letter, dry_run=True)
    with pytest.raises(ConflictError):
        store.write(discard_dead_letter, OWNER, letter, reason="uji", dry_run=True)


def test_poison_goes_back_as_its_whole_request(store: Store, letter: str, retry: Retry, requests: Requests) -> None:
    retry(letter)
    assert requests.waits("01RAW")
    assert store.read(lambda tx: tx.jobs.counts().waiting) == 0
    assert last_action(store)["actor"] == "operator:contoh-owner"


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("tenant", [None, "lain"])
def test_poison_whose_request_is_gone_or_anothers_cannot_go_back(
    apply: Callable[..., Any], retry: Retry, requests: Requests, listed: Listed, tenant: str | None, *, dry_run: bool
) -> None:
    if tenant is not None:
        requests.put("02RAW", tenant=tenant)
    apply(poison(RAW), raw_event="02RAW")
    [one] = listed()
    with pytest.raises(ConflictError):
        retry(one.id, dry_run=dry_run)
    assert (requests.sent, listed()) == ([], [one])


def test_a_busy_spool_leaves_the_letter_open_and_no_record(
    store: Store, letter: str, retry: Retry, requests: Requests, everything: Callable[[], Any]
) -> None:
    requests.fails = True
    before = everything()
    with pytest.raises(UnavailableError):
        retry(letter)
    assert everything() == before
    requests.fails = False
    retry(letter)
    assert requests.waits("01RAW")


def test_a_request_that_is_pruned_in_between_leaves_the_letter_open(
    store: Store, letter: str, requests: Requests, everything: Callable[[], Any]
) -> None:
    def prune_first(seq: int) -> int:
        requests.spool.change(prune_done(received_before_ms=SENT_AT_MS + 1)).result()
        return requests.requeue(seq)

    before = everything()
    with pytest.raises(ConflictError, match="no longer stored"):
        store.write(retry_dead_letter, OWNER, letter, spool=requests.spool.read, requeue=prune_first)
    assert everything() == before


def test_a_worker_that_takes_the_request_up_at_once_waits_for_the_decision(
    folder: Path, store: Store, firm_keys: TenantKeys, letter: str, requests: Requests, listed: Listed
) -> None:
    """It fails again the moment its request is back in the spool: the letter must not end as retried."""
    with open_firm(folder, keys=firm_keys) as other, ThreadPoolExecutor(1) as worker:
        again: list[Future[list[Outcome]]] = []

        def requeue_and_drain(seq: int) -> int:
            changed = requests.requeue(seq)
            sourced = SourcedElement(element=poison(RAW), raw_event="01RAW", received_at_ms=SENT_AT_MS)
            again.append(worker.submit(other.write, apply_batch, [sourced]))
            with suppress(TimeoutError):
                again[0].result(0.2)
            return changed

        store.write(retry_dead_letter, OWNER, letter, spool=requests.spool.read, requeue=requeue_and_drain)
        assert again[0].result(10) == [Outcome.BURIED]
        requests.settle("01RAW")
    [one] = listed()
    assert (one.id, one.state, one.tries) == (letter, "open", 2)


def test_a_retried_letter_is_listed_until_its_retry_has_run(
    letter: str, retry: Retry, requests: Requests, listed: Listed
) -> None:
    retry(letter)
    assert [(one.id, one.state) for one in listed()] == [(letter, "retried")]
    requests.settle("01RAW")
    assert listed() == []
    assert [one.state for one in listed(everything=True)] == ["retried"]


def test_a_retried_letter_can_be_retried_again(store: Store, letter: str, retry: Retry, requests: Requests) -> None:
    retry(letter)
    requests.settle("01RAW")
    retry(letter)
    assert requests.waits("01RAW")
    actions = [json.loads(entry.entry)["action"] for entry in store.read(lambda tx: list(tx.audit.entries()))]
    assert actions.count("dead_letter.retried") == 2


def test_poison_that_comes_again_after_a_retry_is_open_again(
    letter: str, retry: Retry, requests: Requests, listed: Listed, apply: Callable[..., Any]
) -> None:
    retry(letter)
    requests.settle("01RAW")
    assert listed() == []
    apply(poison(RAW))
    [again] = listed()
    assert (again.id, again.state) == (letter, "open")


def test_an_element_goes_back_as_a_job(store: Store, retry: Retry, listed: Listed) -> None:
    sourced = SourcedElement(element=message(), raw_event="07RAW", received_at_ms=SENT_AT_MS)
    store.write(bury, sourced, kind="element", reason="KeyError", tries=8)
    [letter] = listed()
    retry(letter.id)
    retry(letter.id)
    assert [one.state for one in listed()] == ["retried"]
    [job] = claim(store, lease_ms=1_000, jobs_max=9, retries=RetryPolicy())
    assert job.kind is JobKind.APPLY_ELEMENT
    run_in_transaction(store, job, apply_job)
    assert store.read(lambda tx: tx.messages.count()) == 1
    assert listed() == []
    [decided] = listed(everything=True)
    assert decided.state == "retried"


def test_a_list_is_limited_whatever_it_is_made_of(apply: Callable[..., Any], retry: Retry, listed: Listed) -> None:
    apply(*(poison(b"%d" % number) for number in range(6)))
    ids = [one.id for one in listed()]
    for each in ids[::2]:
        retry(each)
    assert [one.id for one in listed()] == ids
    assert [one.id for one in listed(rows_max=3)] == ids[:3]


def test_a_decision_is_made_once(store: Store, letter: str, retry: Retry) -> None:
    store.write(discard_dead_letter, OWNER, letter, reason="kiriman uji")
    assert last_action(store)["data"] == {"reason": "kiriman uji"}
    before = store.read(lambda tx: tx.audit.frontier().size)
    with pytest.raises(ConflictError) as refused:
        retry(letter)
    assert "discarded" in refused.value.message
    with pytest.raises(ConflictError):
        store.write(discard_dead_letter, OWNER, letter, reason="sekali lagi")
    assert store.read(lambda tx: tx.audit.frontier().size) == before


@pytest.mark.parametrize(
    "reason", ["", "   ", "x" * 301, "baris\nkedua", "\x1b[2J", "lone \ud800", "a\u202eb"], ids=ascii
)
def test_a_reason_is_one_printable_line(store: Store, letter: str, listed: Listed, reason: str) -> None:
    with pytest.raises(UsageError) as refused:
        store.write(discard_dead_letter, OWNER, letter, reason=reason)
    assert refused.value.hint
    [still] = listed()
    assert still.state == "open"


@pytest.mark.parametrize(
    "raw", [b"\xff\x00 not json", b"", b"[" * 50_000, b'{"a": "b"}'], ids=["bytes", "empty", "deep", "json"]
)
def test_whatever_was_buried_can_be_shown(store: Store, apply: Callable[..., Any], listed: Listed, raw: bytes) -> None:
    apply(poison(raw))
    [found] = listed()
    shown = store.write(show_dead_letter, OWNER, found.id)
    assert shown.id == found.id
