"""Getting a template to Meta: one person asks for it, another one approves, and then it is posted.

Invariants: who submits a template does not approve it; nothing that the linter refuses waits for anybody; a posting
whose answer was lost leaves the submission waiting, and the next approval looks first what Meta has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from lhwa.domain.access import NOT_YOURS, Permission, Principal
from lhwa.domain.audit import AuditRecord, operator_actor
from lhwa.domain.template_lint import Severity, lint
from lhwa.domain.template_wire import differences, from_wire, to_wire
from lhwa.domain.templates import MEDIA_HEADERS, Template
from lhwa.errors import ConflictError, NotAllowedError, UsageError
from lhwa.services.messaging.decisions import last_decision
from lhwa.services.messaging.reasons import checked_reason
from lhwa.services.messaging.template_state import Origin
from lhwa.services.messaging.template_sync import apply_listed
from lhwa.store.tables.templates import SubmissionRow, SubmissionState
from lhwa.store.transaction import Tx

_APPROVING = (Permission.APPROVE_OUTBOUND, Permission.MANAGE_FIRM)
_VERBS = {"template.posted": "had it posted", "template.refused": "had it posted", "template.declined": "declined it"}
"""Action of an audit record -> what somebody did to a template that waited."""
_HANDLE_BEGINS = "4:"
"""How the handle of a file begins that was uploaded as a sample."""


def submit_template(
    tx: Tx, principal: Principal, template: Template, *, submission: str, header_handle: str | None = None
) -> SubmissionRow:
    """Let a template wait for somebody who approves it.

    Args:
        submission: its ULID, new.
        header_handle: Meta's handle of the sample file of a media header.
    Raises: UsageError for a template that the linter refuses; ConflictError when it waits already.
    """
    principal.require(Permission.WRITE_TO_CLIENTS)
    fault = next((each for each in lint([template]) if each.severity is Severity.ERROR), None)
    if fault is not None:
        raise UsageError(f"{template.title} cannot be submitted: {fault.place}: {fault.what}", hint=fault.mend)
    _require_sample(template, header_handle)
    row = SubmissionRow(
        id=submission,
        name=template.name,
        language=template.language,
        body=msgspec.json.encode(to_wire(template, header_handle=header_handle)).decode(),
        author=principal.operator,
        created_at_ms=tx.now_ms,
    )
    tx.templates.add_submission(row)
    _note(tx, principal, "template.submitted", row)
    return row


def begin_posting(tx: Tx, principal: Principal, submission: str) -> SubmissionRow:
    """Approve what somebody else submitted: it is about to be posted.

    Raises: ConflictError when it waits for nobody, or for anybody but its author.
    """
    row = _waiting(tx, principal, submission, doing="approved")
    if row.author == principal.operator:
        raise ConflictError(
            "Who submitted a template cannot approve it.", hint="Ask another lawyer or an owner of the firm."
        )
    _note(tx, principal, "template.approved", row)
    return row


def posted(tx: Tx, principal: Principal, submission: str, wire: Mapping[str, Any], *, at_ms: int) -> SubmissionRow:
    """Meta has it: the submission is done, and the template has its row.

    Args:
        wire: the template as Meta has it now.
        at_ms: when Meta was asked.
    """
    row = _waiting(tx, principal, submission, doing="posted")
    tx.templates.settle_submission(submission, SubmissionState.POSTED, by=principal.operator)
    apply_listed(tx, wire, Origin(operator_actor(principal.operator), at_ms))
    _note(tx, principal, "template.posted", row)
    return replace(row, state=SubmissionState.POSTED)


def refused(tx: Tx, principal: Principal, submission: str, *, code: int | None) -> SubmissionRow:
    """Meta did not take it."""
    row = _waiting(tx, principal, submission, doing="posted")
    tx.templates.settle_submission(submission, SubmissionState.REFUSED, by=principal.operator, error_code=code)
    _note(tx, principal, "template.refused", row, code=code)
    return replace(row, state=SubmissionState.REFUSED, error_code=code)


def decline_template(tx: Tx, principal: Principal, submission: str, *, reason: str) -> SubmissionRow:
    """Say that a template shall not go to Meta, and why."""
    row = _waiting(tx, principal, submission, doing="declined")
    why = checked_reason(reason)
    tx.templates.settle_submission(submission, SubmissionState.DECLINED, by=principal.operator)
    _note(tx, principal, "template.declined", row, reason=why)
    return replace(row, state=SubmissionState.DECLINED)


def is_there(body: Mapping[str, Any], wire: Mapping[str, Any]) -> bool:
    """True when Meta has exactly what was to be posted, as after a posting whose answer was lost."""
    return not differences(from_wire(body), from_wire(wire))


def _require_sample(template: Template, header_handle: str | None) -> None:
    if template.header is None or template.header.format not in MEDIA_HEADERS:
        return
    if not (header_handle or template.header.media_example or "").startswith(_HANDLE_BEGINS):
        raise UsageError(
            f"{template.title} has a media header, and Meta wants a sample file for it.",
            hint="Upload the sample to Meta and give its handle: --header-handle 4::...",
        )


def _waiting(tx: Tx, principal: Principal, submission: str, *, doing: str) -> SubmissionRow:
    if not any(map(principal.may, _APPROVING)):
        principal.require(Permission.APPROVE_OUTBOUND)
    row = tx.templates.submission(submission)
    if row is None:
        raise NotAllowedError(NOT_YOURS)
    if row.state is not SubmissionState.PENDING_APPROVAL:
        decided = last_decision(tx, f"template_submission:{row.id}", _VERBS)
        raise ConflictError(f"This template is {row.state.value}; it cannot be {doing}.{decided}")
    return row


def _note(tx: Tx, principal: Principal, action: str, row: SubmissionRow, **data: str | int | None) -> None:
    facts = {"name": row.name, "language": row.language} | {
        key: value for key, value in data.items() if value is not None
    }
    actor = operator_actor(principal.operator)
    tx.audit.append(AuditRecord(actor, action, f"template_submission:{row.id}", facts))
