from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from lhwa.domain.access import Principal, Role
from lhwa.domain.ids import OperatorId
from lhwa.domain.template_wire import to_wire
from lhwa.domain.templates import Header, HeaderFormat, Template
from lhwa.errors import ConflictError, LhwaError, NotAllowedError, UsageError
from lhwa.services.messaging.template_submissions import (
    begin_posting,
    decline_template,
    is_there,
    posted,
    refused,
    submit_template,
)
from lhwa.store.connection import rows
from lhwa.store.store import Store
from lhwa.store.tables.templates import SubmissionRow, SubmissionState
from lhwa.testing.builders import FIRM, SENT_AT_MS, acting_as
from tests.domain.template_samples import PLAIN
from tests.services.messaging.template_scene import known_row

SUBMISSION = "01KAN5T9YB6Q2R8W4X7V3M0ZJD"
ID = "700100200300400"
OTHER_OWNER = Principal(OperatorId("contoh-lain"), FIRM, Role.OWNER)


def submit(store: Store, template: Template = PLAIN, role: Role = Role.STAFF, **more: Any) -> SubmissionRow:
    return store.write(submit_template, acting_as(role), template, submission=SUBMISSION, **more)


def actions(store: Store) -> list[str]:
    entries = store.read(lambda tx: rows(tx._connection, "SELECT entry FROM audit_entry ORDER BY seq"))
    return [json.loads(entry)["action"] for (entry,) in entries][1:]


def test_a_template_goes_from_its_author_by_another_to_meta(store: Store) -> None:
    row = submit(store)
    assert json.loads(row.body) == to_wire(PLAIN)
    assert store.read(lambda tx: tx.templates.submission(SUBMISSION)) is not None
    store.write(begin_posting, acting_as(Role.LAWYER), SUBMISSION)
    wire = to_wire(PLAIN) | {"id": ID, "status": "PENDING"}
    done = store.write(posted, acting_as(Role.LAWYER), SUBMISSION, wire, at_ms=SENT_AT_MS)
    assert done.state is SubmissionState.POSTED
    assert (known_row(store).status, known_row(store).vendor_id) == ("PENDING", ID)
    expected = ["template.submitted", "template.approved", "template.changed", "template.posted"]
    assert actions(store) == expected


@pytest.mark.parametrize("role", [Role.OWNER, Role.LAWYER])
def test_who_submitted_a_template_cannot_approve_it(store: Store, role: Role) -> None:
    submit(store, role=role)
    with pytest.raises(ConflictError, match="cannot approve"):
        store.write(begin_posting, acting_as(role), SUBMISSION)
    store.write(begin_posting, OTHER_OWNER, SUBMISSION)


@pytest.mark.parametrize("role", [Role.STAFF, Role.FINANCE, Role.AUDITOR, Role.SERVICE])
def test_only_some_roles_approve_or_decline(store: Store, role: Role) -> None:
    submit(store, role=Role.OWNER)
    with pytest.raises(NotAllowedError):
        store.write(begin_posting, acting_as(role), SUBMISSION)
    with pytest.raises(NotAllowedError):
        store.write(decline_template, acting_as(role), SUBMISSION, reason="coba")


@pytest.mark.parametrize("role", [Role.FINANCE, Role.AUDITOR, Role.SERVICE])
def test_only_who_writes_to_clients_submits(store: Store, role: Role) -> None:
    with pytest.raises(NotAllowedError):
        submit(store, role=role)


def test_who_comes_too_late_is_told_who_declined_it(store: Store) -> None:
    submit(store)
    store.write(decline_template, acting_as(Role.LAWYER), SUBMISSION, reason="coba")
    with pytest.raises(ConflictError, match="Last decision: contoh-lawyer declined it just now"):
        store.write(begin_posting, OTHER_OWNER, SUBMISSION)


DOCUMENT = replace(PLAIN, header=Header(format=HeaderFormat.DOCUMENT, media_example="contoh.pdf"))


@pytest.mark.parametrize(
    ("template", "says"),
    [
        (replace(PLAIN, body="{{1}}"), "cannot be submitted"),
        (replace(PLAIN, name="Jam Kerja"), "cannot be submitted"),
        (DOCUMENT, "media header"),
    ],
    ids=["variable at the edge", "name", "media without a sample"],
)
def test_what_meta_would_refuse_waits_for_nobody(store: Store, template: Template, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        submit(store, template)
    assert store.read(lambda tx: tx.templates.submission(SUBMISSION)) is None
    assert actions(store) == []


def test_the_handle_of_a_sample_goes_into_the_body(store: Store) -> None:
    row = submit(store, DOCUMENT, header_handle="4::Y29udG9o")
    assert json.loads(row.body)["components"][0]["example"] == {"header_handle": ["4::Y29udG9o"]}


def test_a_refusal_is_kept_with_its_code_and_makes_room_for_another_try(store: Store) -> None:
    submit(store)
    row = store.write(refused, acting_as(Role.OWNER), SUBMISSION, code=2388072)
    assert (row.state, row.error_code) == (SubmissionState.REFUSED, 2388072)
    again = "01KAN5T9YB6Q2R8W4X7V3M0ZJE"
    store.write(submit_template, acting_as(Role.STAFF), PLAIN, submission=again)


def test_a_declined_template_goes_nowhere(store: Store) -> None:
    submit(store)
    for reason in ("", "a\nb", "x" * 301):
        with pytest.raises(UsageError):
            store.write(decline_template, acting_as(Role.OWNER), SUBMISSION, reason=reason)
    row = store.write(decline_template, acting_as(Role.OWNER), SUBMISSION, reason="Nadanya kurang tepat")
    assert row.state is SubmissionState.DECLINED
    with pytest.raises(ConflictError, match="declined"):
        store.write(begin_posting, acting_as(Role.OWNER), SUBMISSION)


def test_an_unknown_submission_is_like_one_of_another_firm(store: Store) -> None:
    with pytest.raises(LhwaError) as error:
        store.write(begin_posting, acting_as(Role.OWNER), SUBMISSION)
    assert isinstance(error.value, NotAllowedError)


def test_what_is_at_meta_already_is_known_by_what_it_says() -> None:
    body = to_wire(PLAIN)
    assert is_there(body, body | {"id": ID, "status": "PENDING"})
    assert not is_there(body, body | {"category": "MARKETING"})
