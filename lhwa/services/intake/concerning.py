"""Which messages an intake looks at, and whether one may begin."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from lhwa.domain.events import NormalizedMessage
from lhwa.domain.ids import ContactId, ConversationId
from lhwa.domain.intake.keywords import Wish
from lhwa.domain.intake.states import IntakeState
from lhwa.domain.messages import Direction, MessageType, Via
from lhwa.store.gate_facts import restrictions_of
from lhwa.store.tables.events import NewEvent
from lhwa.store.tables.trees import TreeRow
from lhwa.store.transaction import Tx

_SILENT = frozenset({MessageType.REACTION, MessageType.SYSTEM})
"""Types that say nothing to an intake."""
_ASKS_AGAIN = frozenset({IntakeState.REJECTED, IntakeState.DECLINED, IntakeState.WITHDRAWN})
"""After these only a client's clear wish begins another intake."""


class LeftAlone(StrEnum):
    """Why a message begins no intake."""

    NO_TREE = "no_entry_tree"
    CLIENT = "is_client"
    EXEMPT = "is_exempt"
    OPTED_OUT = "opted_out"
    ENDED = "ended_before"
    ERASED = "erased"


class Client(msgspec.Struct, frozen=True):
    """Who wrote, and in which thread."""

    contact: ContactId
    conversation: ConversationId
    phone_number_id: str
    same: tuple[str, ...]
    """Every contact id that is this person, the thread's own first."""


def concerns_intake(tx: Tx, event: NewEvent) -> bool:
    """True for a live message of one person to a firm that has published a tree."""
    data = event.data
    if not isinstance(data, NormalizedMessage) or data.direction is not Direction.INBOUND:
        return False
    if data.message_type in _SILENT or not tx.trees.is_used():
        return False
    row = tx.messages.get(data.id)
    return row is not None and row.via == Via.MESSAGES.value and client_of(tx, row.conversation) is not None


def client_of(tx: Tx, conversation: str) -> Client | None:
    """The person of a thread; None for a group."""
    thread = tx.conversations.get(conversation)
    if thread is None or thread.contact is None:
        return None
    same = dict.fromkeys([thread.contact, *tx.contacts.parts(thread.contact)])
    return Client(thread.contact, thread.id, thread.phone_number_id, tuple(same))


def may_begin(tx: Tx, client: Client, wish: Wish | None) -> TreeRow | LeftAlone:
    """The tree that a client's message begins, or why it begins none."""
    entry = tx.trees.entry()
    if entry is None:
        return LeftAlone.NO_TREE
    if any(tx.matters.has_any(each) for each in client.same):
        return LeftAlone.CLIENT
    if tx.intakes.is_exempt([each for part in client.same for each in tx.contacts.hashes(ContactId(part), "wa_id")]):
        return LeftAlone.EXEMPT
    restrictions = restrictions_of(tx, client.contact)
    if "blocked" in restrictions or ("opt_out" in restrictions and wish is not Wish.START):
        return LeftAlone.OPTED_OUT
    before = tx.intakes.of_contact(client.same)
    if before and before[0].state in _ASKS_AGAIN and wish is not Wish.START:
        return LeftAlone.ENDED
    return entry
