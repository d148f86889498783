"""What lies on a person's desk: drafts, and which thread they are at. All of it is written through `Store.jot`.

Invariants: a draft is its writer's alone, whatever role looks; somebody whose desk has fallen silent is nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from lhwa.domain.access import Permission, Principal
from lhwa.errors import SealError, UsageError
from lhwa.services.inbox.naming import thread_named
from lhwa.store.transaction import Tx

DRAFT_CHARS_MAX = 20_000
"""Much more than a message may have: people shorten a draft after they pasted it."""
PRESENCE_MS = 15_000
"""For so long a desk counts as being where it last said it was."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody is writing in a thread."""

    conversation_id: str
    written_at_ms: int
    text: str | None
    """None when it does not open: the client was erased."""

    def __repr__(self) -> str:
        return f"Draft({self.conversation_id})"


class Present(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody else who has a thread open."""

    operator: str
    is_writing: bool


def keep_draft(tx: Tx, principal: Principal, conversation: str, text: str) -> None:
    """Keep what somebody has written so far, in place of what they had at any of their desks; an empty text drops it.

    Raises: NotAllowedError for those who may not write to clients; UsageError beyond 20,000 characters.
    """
    principal.require(Permission.WRITE_TO_CLIENTS)
    if len(text) > DRAFT_CHARS_MAX:
        raise UsageError(f"A draft has at most {DRAFT_CHARS_MAX:,} characters.", hint="Send the text as a document.")
    thread = thread_named(tx, principal, conversation)
    if text.strip():
        tx.drafts.keep(thread.id, principal.operator, text, contact=thread.contact)
    else:
        tx.drafts.drop(thread.id, principal.operator)


def draft_of(tx: Tx, principal: Principal, conversation: str) -> Draft | None:
    """What this person is writing in a thread; None when nothing."""
    principal.require(Permission.WRITE_TO_CLIENTS)
    thread = thread_named(tx, principal, conversation)
    row = tx.drafts.of(thread.id, principal.operator)
    if row is None:
        return None
    try:
        text = tx.drafts.text(row)
    except SealError:
        text = None
    return Draft(conversation_id=thread.id, written_at_ms=row.written_at_ms, text=text)


def drop_draft(tx: Tx, principal: Principal, conversation: str) -> bool:
    """Throw this person's draft away; False when there is none."""
    principal.require(Permission.WRITE_TO_CLIENTS)
    return tx.drafts.drop(thread_named(tx, principal, conversation).id, principal.operator)


def be_at(tx: Tx, principal: Principal, *, desk: str, conversation: str | None, is_writing: bool) -> None:
    """Say where a desk is; said anew at least every `PRESENCE_MS`.

    Args:
        desk: names one open inbox of this person.
        conversation: the thread that is open there; None for none.
        is_writing: whether they are writing in it.
    """
    principal.require(Permission.READ_RECORDS)
    if conversation is None:
        tx.presence.take(principal.operator, desk)
        return
    thread, until_ms = thread_named(tx, principal, conversation), tx.now_ms + PRESENCE_MS
    tx.presence.put(principal.operator, desk, conversation=thread.id, is_writing=is_writing, until_ms=until_ms)


def leave(tx: Tx, principal: Principal, *, desk: str) -> None:
    """A desk is closed."""
    tx.presence.take(principal.operator, desk)


def others_at(tx: Tx, principal: Principal, conversations: Sequence[str]) -> dict[str, tuple[Present, ...]]:
    """Who else has these threads open now; threads at which nobody else is are left out.

    Args:
        conversations: whole ids.
    """
    principal.require(Permission.READ_RECORDS)
    found: dict[str, tuple[Present, ...]] = {}
    for row in tx.presence.others(principal.operator, conversations):
        present = Present(operator=row.operator, is_writing=row.is_writing)
        found[row.conversation] = (*found.get(row.conversation, ()), present)
    return found
