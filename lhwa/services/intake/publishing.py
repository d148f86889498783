"""Publishing question trees: one person submits a tree, another one puts it in force. A version never changes.

Running sessions stay on the version on which they began.
"""

from __future__ import annotations

import hashlib

import msgspec

from lhwa.domain.access import NOT_YOURS, Permission, Principal
from lhwa.domain.audit import AuditRecord, operator_actor
from lhwa.domain.instants import rfc3339_ms
from lhwa.domain.intake.trees import Tree
from lhwa.errors import ConflictError, NotAllowedError
from lhwa.services.messaging.decisions import last_decision
from lhwa.services.messaging.reasons import checked_reason
from lhwa.store.tables.trees import TreeRow
from lhwa.store.transaction import Tx

_ENCODER = msgspec.json.Encoder(order="sorted")
_VERBS = {"tree.published": "published it", "tree.declined": "declined it"}
"""Action of an audit record -> what somebody did to a tree that waited."""


def spelled(tree: Tree) -> tuple[bytes, bytes]:
    """The one JSON of a tree, and its SHA-256: two trees are the same when these are."""
    definition = _ENCODER.encode(tree)
    return definition, hashlib.sha256(definition).digest()


def submit_tree(tx: Tx, principal: Principal, tree: Tree, *, submission: str) -> TreeRow:
    """Let a checked tree wait for somebody who puts it in force.

    Args:
        submission: its ULID, new.
    Raises: ConflictError when the very same tree is in force or waits.
    """
    principal.require(Permission.WRITE_TO_CLIENTS)
    definition, sha256 = spelled(tree)
    current = tx.trees.current(tree.name)
    if current is not None and current.sha256 == sha256:
        raise ConflictError("This tree is in force already.", hint=f"It is version {current.version}.")
    if any(each.name == tree.name and each.sha256 == sha256 for each in tx.trees.pending()):
        raise ConflictError("This tree waits already.", hint="Another person approves it: `lhwa pending`.")
    tx.trees.submit(
        submission,
        tree.name,
        definition=definition.decode(),
        sha256=sha256,
        is_entry=tree.is_entry,
        author=principal.operator,
    )
    _note(tx, principal, "tree.submitted", submission, name=tree.name, sha256=sha256.hex())
    return _submitted(tx, submission)


def publish_tree(tx: Tx, principal: Principal, submission: str) -> TreeRow:
    """Put a tree in force that somebody else submitted. Raises: ConflictError when it does not wait for this person."""
    principal.require(Permission.APPROVE_OUTBOUND)
    row = _waiting(tx, submission, doing="published")
    if row.author == principal.operator:
        raise ConflictError(
            "Who submitted a tree cannot publish it.", hint="Ask another lawyer or an owner of the firm."
        )
    version = tx.trees.publish(row, by=principal.operator)
    _note(tx, principal, "tree.published", submission, name=row.name, version=version, sha256=row.sha256.hex())
    return _submitted(tx, submission)


def decline_tree(tx: Tx, principal: Principal, submission: str, *, reason: str) -> TreeRow:
    """Say that a tree shall not be in force, and why."""
    principal.require(Permission.APPROVE_OUTBOUND)
    row, why = _waiting(tx, submission, doing="declined"), checked_reason(reason)
    tx.trees.decline(row, by=principal.operator)
    _note(tx, principal, "tree.declined", submission, name=row.name, reason=why)
    return _submitted(tx, submission)


class TreeVersion(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One version as people see it."""

    id: str
    name: str
    version: int | None = None
    state: str
    is_entry: bool = False
    author: str
    created_at: str
    decided_by: str | None = None
    decided_at: str | None = None
    sha256: str
    """Hex, of its canonical JSON."""


def submitted_tree(tx: Tx, principal: Principal, version: str) -> Tree | None:
    """A submitted version by its id; None when there is none."""
    principal.require(Permission.READ_RECORDS)
    row = tx.trees.get(version)
    return None if row is None else row.tree()


def tree_versions(tx: Tx, principal: Principal) -> list[TreeVersion]:
    """Every version that was ever submitted, oldest first."""
    principal.require(Permission.READ_RECORDS)
    return [
        TreeVersion(
            id=row.id,
            name=row.name,
            version=row.version,
            state=row.state,
            is_entry=row.is_entry,
            author=row.author,
            created_at=rfc3339_ms(row.created_at_ms),
            decided_by=row.decided_by,
            decided_at=None if row.decided_at_ms is None else rfc3339_ms(row.decided_at_ms),
            sha256=row.sha256.hex(),
        )
        for row in tx.trees.all()
    ]


def _waiting(tx: Tx, submission: str, *, doing: str) -> TreeRow:
    row = tx.trees.get(submission)
    if row is None:
        raise NotAllowedError(NOT_YOURS)
    if row.state != "pending_approval":
        decided = last_decision(tx, f"tree:{row.id}", _VERBS)
        raise ConflictError(f"This tree is {row.state}; it cannot be {doing}.{decided}", hint="See `lhwa tree list`.")
    return row


def _submitted(tx: Tx, submission: str) -> TreeRow:
    row = tx.trees.get(submission)
    if row is None:
        raise NotAllowedError(NOT_YOURS)
    return row


def _note(tx: Tx, principal: Principal, action: str, submission: str, **data: str | int | None) -> None:
    tx.audit.append(AuditRecord(operator_actor(principal.operator), action, f"tree:{submission}", data))
