"""What stands beside an open thread: who the client is, what they agreed to, and what the firm has to do with them.

Nothing here writes an audit record: that somebody looks is recorded once, when the thread is opened.
"""

from __future__ import annotations

import msgspec

from lhwa.domain.access import Permission, Principal
from lhwa.domain.contacts import Sighting
from lhwa.domain.ids import ContactId
from lhwa.domain.phones import mask_bsuid, mask_e164
from lhwa.errors import SealError
from lhwa.services.inbox.naming import thread_named
from lhwa.services.intake.consent_views import ConsentView, consent_view, consents_of
from lhwa.services.intake.views import IntakeDetail, intake_detail
from lhwa.services.messaging.costs import CostView, costs_of_thread
from lhwa.services.messaging.holds import HoldView, holds_of
from lhwa.services.messaging.rules import window_closes_ms
from lhwa.services.messaging.views import contact_shown
from lhwa.store.tables.matters import MatterRow
from lhwa.store.transaction import Tx

DAY_MS = 86_400_000
COSTS_DAYS, COSTED_MAX = 30, 200
"""Prices are counted of so many days, and of so many of the newest messages: each one has to be unsealed."""


class IdentityFlag(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Why somebody must make sure who a contact is."""

    reason: str
    since_ms: int
    other_contact_id: str | None = None
    """The other contact that this is about, if there is one."""


class ContactContext(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Who the client is. Names and identifiers are absent without the right to read content."""

    contact_id: str
    contact: str | None = None
    """Masked."""
    name: str | None = None
    other_identifiers: tuple[str, ...] = ()
    """Other numbers and user ids that this person was seen with, masked; and names that they chose."""
    since_ms: int
    """When they were first here."""
    flags: tuple[IdentityFlag, ...] = ()

    def __repr__(self) -> str:
        return f"ContactContext({self.contact_id})"


class MatterLine(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One matter of the client."""

    id: str
    lawyer: str
    """The operator who is responsible."""
    state: str
    """`open`, or `flagged` while its names wait for another conflict check."""
    opened_at_ms: int
    title: str | None = None
    """Absent like the reference without the right to read content."""
    external_reference: str | None = None

    def __repr__(self) -> str:
        return f"MatterLine({self.id})"


class ThreadContext(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What stands beside a thread; of a group little more than its number."""

    phone_number_id: str
    contact: ContactContext | None = None
    window_closes_at_ms: int | None = None
    assigned_to: str | None = None
    holds: tuple[HoldView, ...] = ()
    consents: tuple[ConsentView, ...] = ()
    """Newest first."""
    matters: tuple[MatterLine, ...] = ()
    """Oldest first."""
    intake: IntakeDetail | None = None
    """The newest of the thread."""
    seen: int | None = None
    """Number of its newest act: what a decision is about that somebody makes who looks at this."""
    conflicts: str = ""
    """Of the intake: `unchecked`, `outdated`, `none`, `found`, `cleared` or `conflict`; empty without one."""
    suggestions: tuple[str, ...] = ()
    """Of an assistant; there are none while no assistant is in use."""
    costs: tuple[CostView, ...] = ()
    """Of what was sent from here in the thread within 30 days."""

    def __repr__(self) -> str:
        return f"ThreadContext({'group' if self.contact is None else self.contact.contact_id})"


def read_context(tx: Tx, principal: Principal, conversation: str) -> ThreadContext:
    """Everything beside one thread that this principal may see.

    Raises: NotAllowedError when there is no such thread.
    """
    thread = thread_named(tx, principal, conversation)
    intake = tx.intakes.newest_in_threads([thread.id]).get(thread.id)
    detail = None if intake is None else intake_detail(tx, principal, intake)
    since_ms = tx.now_ms - COSTS_DAYS * DAY_MS
    costs = costs_of_thread(tx, principal, thread.id, since_ms=since_ms, messages_max=COSTED_MAX)
    context = ThreadContext(
        phone_number_id=thread.phone_number_id,
        window_closes_at_ms=window_closes_ms(thread.last_inbound_at_ms, now_ms=tx.now_ms),
        assigned_to=thread.assigned_to,
        intake=detail,
        seen=None if detail is None else detail.as_of_act,
        conflicts="" if detail is None else detail.intake.conflicts,
        costs=tuple(costs),
    )
    return context if thread.contact is None else _of_person(tx, principal, context, thread.contact)


def _of_person(tx: Tx, principal: Principal, context: ThreadContext, contact: ContactId) -> ThreadContext:
    parts = list(dict.fromkeys([contact, *tx.contacts.parts(contact)]))
    matters = [row for part in parts for row in tx.matters.of_contact(part)]
    return msgspec.structs.replace(
        context,
        contact=_contact(tx, principal, contact, parts),
        holds=tuple(holds_of(tx, principal, contact)),
        consents=tuple(consent_view(tx, principal, row) for row in consents_of(tx, contact)),
        matters=tuple(_matter(tx, principal, row) for row in sorted(matters, key=lambda row: row.opened_at_ms)),
    )


def _contact(tx: Tx, principal: Principal, contact: ContactId, parts: list[ContactId]) -> ContactContext:
    shown = contact_shown(tx, principal, contact)
    may_read = principal.may(Permission.READ_CONTENT)
    others = [each for part in parts for each in _identifiers(tx, part)] if may_read else []
    births = [row.created_at_ms for part in parts if (row := tx.contacts.row(part)) is not None]
    return ContactContext(
        contact_id=contact,
        contact=shown.masked,
        name=shown.name,
        other_identifiers=tuple(each for each in dict.fromkeys(others) if each not in (shown.masked, shown.name)),
        since_ms=min(births, default=tx.now_ms),
        flags=tuple(
            IdentityFlag(reason=flag.reason, since_ms=flag.since_ms, other_contact_id=flag.other or None)
            for flag in tx.contacts.open_flags(contact)
        ),
    )


def _identifiers(tx: Tx, part: ContactId) -> list[str]:
    """Everything by which one contact was seen, masked; nothing once it was erased."""
    try:
        seen = tx.contacts.sightings(part)
    except SealError:
        return []
    return [each for sighting in sorted(seen, key=_first_ms) for each in _masked(sighting)]


def _first_ms(sighting: Sighting) -> int:
    return sighting.first_ms


def _masked(sighting: Sighting) -> list[str]:
    party = sighting.party
    number = mask_e164("+" + party.wa_id) if party.wa_id else None
    ids = [mask_bsuid(each) for each in (party.bsuid, party.parent_bsuid) if each]
    return [each for each in (number, *ids, party.username, party.profile_name) if each]


def _matter(tx: Tx, principal: Principal, row: MatterRow) -> MatterLine:
    line = MatterLine(
        id=row.id,
        lawyer=row.lawyer,
        state="open" if row.needs_check_since_ms is None else "flagged",
        opened_at_ms=row.opened_at_ms,
    )
    if not principal.may(Permission.READ_CONTENT):
        return line
    try:
        words = tx.matters.words(row)
    except SealError:
        return line
    return msgspec.structs.replace(line, title=words.title, external_reference=words.external_reference)
