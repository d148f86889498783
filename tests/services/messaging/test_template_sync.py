from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lhwa.domain.access import Role
from lhwa.domain.outbound import OutboundState
from lhwa.errors import NotAllowedError
from lhwa.services.messaging.sourced import Outcome
from lhwa.services.messaging.template_sync import TemplateChange
from lhwa.store.connection import rows
from lhwa.store.store import Store
from lhwa.store.tables.templates import TemplateRow
from lhwa.testing.builders import CLIENT, SENT_AT_MS, message
from tests.services.messaging.template_scene import (
    ID,
    STATUS,
    TOLD_MS,
    known_row,
    listed,
    news,
    outbound,
    queue_message,
    sync,
)

Apply = Callable[..., list[Outcome]]
LATER_MS = SENT_AT_MS + 10_000


def changed(what: str, was: str | None = None, now: str | None = None) -> TemplateChange:
    return TemplateChange(name="jam_kerja", language="id", what=what, was=was, now=now)


def test_a_first_sync_brings_everything_and_a_second_changes_nothing(store: Store) -> None:
    first = sync(store, listed(), listed(id="700100200300401", name="lain"))
    assert (first.templates, len(first.changes), first.stopped_messages) == (2, 2, 0)
    assert first.changes[0] == changed("added", now="APPROVED")
    second = sync(store, listed(), listed(id="700100200300401", name="lain"), at_ms=LATER_MS)
    assert second.changes == ()
    assert known_row(store) == TemplateRow(
        "jam_kerja", "id", ID, "APPROVED", "UTILITY", "GREEN", known_row(store).definition, LATER_MS
    )


CHANGES: list[tuple[str, dict[str, Any], TemplateChange]] = [
    ("status", {"status": "PAUSED"}, changed("status", "APPROVED", "PAUSED")),
    ("category", {"category": "MARKETING"}, changed("category", "UTILITY", "MARKETING")),
    ("quality", {"quality_score": {"score": "RED"}}, changed("quality", "GREEN", "RED")),
    ("wording", {"components": [{"type": "BODY", "text": "Kantor tutup."}]}, changed("wording")),
    ("a word that is none", {"status": "\x1b[2J"}, changed("status", "APPROVED")),
]


@pytest.mark.parametrize(("facts", "expected"), [case[1:] for case in CHANGES], ids=[case[0] for case in CHANGES])
def test_a_sync_says_what_changed(store: Store, facts: dict[str, Any], expected: TemplateChange) -> None:
    sync(store, listed())
    assert sync(store, listed(**facts), at_ms=LATER_MS).changes == (expected,)


def test_what_meta_no_longer_has_is_deleted_and_may_come_back(store: Store) -> None:
    sync(store, listed())
    assert sync(store, at_ms=LATER_MS).changes == (changed("status", "APPROVED", "DELETED"),)
    assert sync(store, at_ms=LATER_MS + 1_000).changes == ()
    assert sync(store, listed(), at_ms=LATER_MS + 2_000).changes == (changed("status", "DELETED", "APPROVED"),)


def test_a_list_from_before_a_webhook_does_not_undo_it(store: Store, apply: Apply) -> None:
    sync(store, listed())
    apply(news(STATUS, event="PAUSED"))
    assert sync(store, listed(), at_ms=TOLD_MS - 5_000).changes == ()
    assert sync(store, at_ms=TOLD_MS - 5_000).changes == ()
    assert known_row(store).status == "PAUSED"


def test_a_template_made_anew_under_its_name_is_another_one(store: Store, apply: Apply) -> None:
    sync(store, listed())
    apply(news(STATUS, event="DISABLED"))
    sync(store, listed(id="700100200300499"), at_ms=TOLD_MS - 5_000)
    assert (known_row(store).status, known_row(store).vendor_id) == ("APPROVED", "700100200300499")
    apply(news(STATUS, event="DELETED", at_ms=TOLD_MS + 1_000))
    assert known_row(store).status == "APPROVED", "that was the earlier one"


def test_an_entry_that_is_no_template_costs_its_neighbours_nothing(store: Store) -> None:
    odd = [{"id": "1"}, listed(name="\x1b[2J"), listed(language="../x"), listed(name=7)]
    report = sync(store, *odd, listed())
    assert (report.templates, report.unreadable) == (1, 4)


def test_a_category_that_only_a_sync_shows_stops_messages_too(store: Store, apply: Apply) -> None:
    apply(message())
    sync(store, listed())
    queue_message(store, contact=f"+{CLIENT.wa_id}")
    assert sync(store, listed(category="MARKETING"), at_ms=LATER_MS).stopped_messages == 1
    assert outbound(store).state is OutboundState.FAILED
    told = store.read(lambda tx: rows(tx._connection, "SELECT count(*) FROM event WHERE type = 'AccountAlert'"))
    assert told == [(1,)]
    assert sync(store, listed(category="MARKETING"), at_ms=LATER_MS + 1_000).stopped_messages == 0


def test_what_was_told_of_a_template_that_meta_does_not_have_is_forgotten(store: Store, apply: Apply) -> None:
    apply(news(STATUS, event="PAUSED", template="700100200300499", name="hilang"))
    sync(store, listed(), at_ms=TOLD_MS + 5_000)
    facts = store.read(lambda tx: tx.templates.all_facts())
    assert {fact.template for fact in facts} == {ID}


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.FINANCE])
def test_who_only_reads_does_not_sync(store: Store, role: Role) -> None:
    with pytest.raises(NotAllowedError):
        sync(store, listed(), role=role)


@pytest.mark.parametrize("role", [Role.OWNER, Role.LAWYER, Role.STAFF, Role.SERVICE])
def test_who_writes_and_who_operates_may_sync(store: Store, role: Role) -> None:
    assert sync(store, listed(), role=role).templates == 1
