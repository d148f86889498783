"""Settling a doubt by Meta's id of the message: asking Meta between two transactions, and saying so where it cannot."""

# ruff: noqa: PLC0415 -- a command pays only for what it opens

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from lhwa.cli.firm import Firm, account_of
from lhwa.cli.session import Session
from lhwa.errors import ConflictError

if TYPE_CHECKING:
    from lhwa.store.tables.outbox import OutboundRow


def resolved_by_name(
    session: Session, firm: Firm, message: str, *, wamid: str, reason: str, dry_run: bool
) -> OutboundRow:
    """The message, where Meta says that it stands; where Meta does not say, on the person's word.

    Raises: ConflictError for a name that is another's; ConfigError without a token; SendError without an answer.
    """
    from lhwa.services.messaging.named_doubts import nameable, resolve_named
    from lhwa.services.messaging.reasons import checked_reason

    row = firm.store.read(nameable, firm.principal, message, wamid=wamid)
    checked_reason(reason)
    if dry_run:
        return row
    history = _history(session, firm, row.phone_number_id, wamid)
    return firm.store.write(resolve_named, firm.principal, message, wamid=wamid, history=history, reason=reason)


def _history(session: Session, firm: Firm, number: str, wamid: str) -> tuple[str, ...] | None:
    """What Meta tells; None when it does not tell here."""
    from lhwa import bootstrap
    from lhwa.ports.channel import NoHistoryError

    access = bootstrap.require_access(account_of(session, firm), number)

    async def ask() -> tuple[str, ...] | None:
        async with bootstrap.open_channel() as channel:
            return await channel.history(wamid, access=access)

    try:
        told = asyncio.run(ask())
    except NoHistoryError as error:
        session.out.warn(f"{error} Your word counts alone; statuses that come later still count.")
        return None
    if told is None:
        raise ConflictError(
            "Meta says that this number sent no such message.",
            hint="Look for the right message id; or leave out --message-id to decide on your word.",
        )
    return told
