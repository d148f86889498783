"""Publishing question trees: one person submits a tree, another one puts it in force. A version never changes.

Running sessions stay on the version on which they began.
"""

from __future__ import annotations

import hashlib

import msgspec

from lhwa.domain.access import NOT_YOURS, Permission, Principal
from lhwa.domain.audit import AuditRecord, operator_actor
from lhwa.domain.intake.trees import Tree
from lhwa.errors import ConflictError, NotAllowedError
from lhwa.services.messaging.reasons import checked_reason
from lhwa.store.tables.trees import TreeRow
from lhwa.store.transaction import Tx

_ENCODER = msgspec.json.Encoder(order="sorted")


def submit_tree(tx: Tx, principal: Principal, tree: Tree, *, submission: str) -> TreeRow:
    """Let a checked tree wait for somebody who puts it in force.

    Args:
        submission: its ULID, new.
    Raises: ConflictError when the very same tree is in force or waits.
    """
    principal.require(Permission.WRITE_TO_CLIENTS)
    definition = _ENCODER.encode(tree)
    sha256 = hashlib.sha256(definition).digest()
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


def list_trees(tx: Tx, principal: Principal) -> list[TreeRow]:
    """Every version that was ever submitted, oldest first."""
    principal.require(Permission.READ_RECORDS)
    return tx.trees.all()


def _waiting(tx: Tx, submission: str, *, doing: str) -> TreeRow:
    row = tx.trees.get(submission)
    if row is None:
        raise NotAllowedError(NOT_YOURS)
    if row.state != "pending_approval":
        raise ConflictError(f"This tree is {row.state}; it cannot be {doing}.", hint="See `lhwa tree list`.")
    return row


def _submitted(tx: Tx, submission: str) -> TreeRow:
    row = tx.trees.get(submission)
    if row is None:
        raise NotAllowedError(NOT_YOURS)
    return row


def _note(tx: Tx, principal: Principal, action: str, submission: str, **data: str | int | None) -> None:
    tx.audit.append(AuditRecord(operator_actor(principal.operator), action, f"tree:{submission}", data))
