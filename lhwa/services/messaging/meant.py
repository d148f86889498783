"""Which thing of the firm a person means: by its id, or by the beginning of it.

Invariants: only what is the firm's own is looked at, and only by roles that may list it; whoever asks has checked that.
"""

from __future__ import annotations

import re
from enum import StrEnum

from lhwa.domain.access import Permission, Principal
from lhwa.errors import UsageError
from lhwa.store.transaction import Tx


class Item(StrEnum):
    """What waits for somebody's decision."""

    MESSAGE = "message"
    TEMPLATE = "template"
    TREE = "tree"
    INTAKE = "intake"


PREFIX_CHARS_MIN = 6
CANDIDATES_MAX = 5
"""So many are named when the beginning fits several."""
_PREFIX = re.compile(rf"[0-9A-HJKMNP-TV-Z]{{{PREFIX_CHARS_MIN},25}}")


def outbound_meant(tx: Tx, wanted: str) -> str:
    """The id of the outgoing message that begins like this; what was asked for when none does.

    Raises: UsageError when several do; it names them.
    """
    return _only_one(wanted, tx.outbox.beginning_with(wanted, rows_max=CANDIDATES_MAX + 1) if _is(wanted) else [])


def intake_meant(tx: Tx, wanted: str) -> str:
    """The id of the intake that begins like this; as `outbound_meant`."""
    return _only_one(wanted, tx.intakes.beginning_with(wanted, rows_max=CANDIDATES_MAX + 1) if _is(wanted) else [])


def conversation_meant(tx: Tx, wanted: str) -> str:
    """The id of the thread that begins like this; as `outbound_meant`."""
    return _only_one(
        wanted, tx.conversations.beginning_with(wanted, rows_max=CANDIDATES_MAX + 1) if _is(wanted) else []
    )


def consent_meant(tx: Tx, wanted: str) -> str:
    """The id of the entry in the consent ledger that begins like this; as `outbound_meant`."""
    return _only_one(wanted, tx.consents.beginning_with(wanted, rows_max=CANDIDATES_MAX + 1) if _is(wanted) else [])


def alert_meant(tx: Tx, wanted: str) -> str:
    """The id of the platform event that begins like this and asks something of a person; as `outbound_meant`."""
    return _only_one(
        wanted, tx.platform_events.beginning_with(wanted, rows_max=CANDIDATES_MAX + 1) if _is(wanted) else []
    )


def item_meant(tx: Tx, principal: Principal, wanted: str) -> tuple[str, Item]:
    """The id of what somebody is to decide about, and what it is; an outgoing message when it is nothing else.

    Raises: as `outbound_meant`.
    """
    principal.require(Permission.READ_RECORDS)
    found: list[str] = []
    if _is(wanted):
        found = tx.outbox.beginning_with(wanted, rows_max=CANDIDATES_MAX + 1)
        found += tx.templates.submissions_beginning_with(wanted, rows_max=CANDIDATES_MAX + 1)
        found += tx.trees.beginning_with(wanted, rows_max=CANDIDATES_MAX + 1)
        found += tx.intakes.beginning_with(wanted, rows_max=CANDIDATES_MAX + 1)
    meant = _only_one(wanted, found)
    if tx.templates.submission(meant) is not None:
        return meant, Item.TEMPLATE
    if tx.trees.get(meant) is not None:
        return meant, Item.TREE
    return meant, Item.MESSAGE if tx.intakes.get(meant) is None else Item.INTAKE


def _is(wanted: str) -> bool:
    return _PREFIX.fullmatch(wanted) is not None


def _only_one(wanted: str, found: list[str]) -> str:
    if len(found) > 1:
        named = ", ".join(found[:CANDIDATES_MAX])
        more = ", and more" if len(found) > CANDIDATES_MAX else ""
        raise UsageError("Several ids begin like this.", hint=f"Give more of it. There are: {named}{more}.")
    return found[0] if found else wanted
