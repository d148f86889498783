"""Lines of the list: what people see of a thread before they open it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from lhwa.domain.access import Permission, Principal
from lhwa.domain.ids import ConversationId
from lhwa.domain.intake.urgency import Urgency
from lhwa.domain.messages import Direction
from lhwa.services.inbox.desk import Present, others_at
from lhwa.services.messaging.as_read import text_as_read
from lhwa.services.messaging.outbox_views import letter_of
from lhwa.services.messaging.rules import window_closes_ms
from lhwa.services.messaging.views import contact_shown, content_of, shown_text
from lhwa.store.tables.conversations import ConversationRow
from lhwa.store.tables.intakes import IntakeRow
from lhwa.store.tables.messages import MessageRow
from lhwa.store.tables.outbox import OutboundRow
from lhwa.store.transaction import Tx

SNIPPET_CHARS_MAX = 120
CLIENT, FIRM = "client", "firm"
"""Who wrote something."""


class ThreadLine(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One thread in the list."""

    id: str
    phone_number_id: str
    kind: str
    """`person` or `group`."""
    contact_id: str | None = None
    contact: str | None = None
    """Masked; like the name and the snippet absent without the right to read content."""
    name: str | None = None
    unread: int = 0
    """Messages of the client that nobody of the firm has seen."""
    urgency: str = ""
    """Of the newest intake while it is open: `routine`, `soon`, `urgent`, `emergency`; empty without one."""
    last_message_at_ms: int
    """Of what came by webhooks: what the client wrote, and the firm on its phone."""
    window_closes_at_ms: int | None = None
    intake_id: str | None = None
    intake_state: str | None = None
    with_person: bool = False
    """A person speaks with the client; the tree is silent."""
    assigned_to: str | None = None
    needs_review: tuple[str, ...] = ()
    """Why a person must look at this contact."""
    snippet: str | None = None
    """The beginning of the newest message of either side, on one line."""
    snippet_by: str = ""
    """`client` or `firm`; empty when nothing was written."""
    outgoing: str = ""
    """`in_doubt`, `failed` or `pending_approval`: of the newest outgoing message that asks something of people."""
    is_writing_there: tuple[str, ...] = ()
    """Other operators who write in it now."""
    looking: tuple[str, ...] = ()
    """Other operators who have it open now."""

    def __repr__(self) -> str:
        return f"ThreadLine({self.id})"


class Newest(msgspec.Struct, frozen=True):
    """The newest message of either side in a thread."""

    at_ms: int
    by: str
    row: MessageRow | OutboundRow

    def text(self, tx: Tx) -> str | None:
        """What it says; its kind in brackets where that is no text, None where its key was destroyed."""
        if isinstance(self.row, OutboundRow):
            letter = letter_of(tx, self.row)
            return None if letter is None else text_as_read(tx, letter.content)
        content = content_of(tx, self.row)
        return None if content is None else shown_text(self.row, content) or f"[{self.row.type}]"

    def __repr__(self) -> str:
        return f"Newest({self.row.id})"


def newest_in(tx: Tx, conversations: Sequence[ConversationId]) -> dict[ConversationId, Newest]:
    """The newest message of either side in each of these threads, if it has any."""
    found: dict[ConversationId, Newest] = {}
    sent, came = tx.thread_lists.newest_outbound(conversations), tx.thread_lists.newest_messages(conversations)
    for row in tx.messages.numbered(list(came.values())).values():
        by = CLIENT if row.direction == Direction.INBOUND else FIRM
        found[row.conversation] = Newest(row.sent_at_ms, by, row)
    for mine in tx.outbox.numbered(list(sent.values())).values():
        at_ms = mine.posted_at_ms or mine.created_at_ms
        if mine.conversation not in found or at_ms >= found[mine.conversation].at_ms:
            found[mine.conversation] = Newest(at_ms, FIRM, mine)
    return found


def thread_lines(tx: Tx, principal: Principal, threads: Sequence[ConversationRow]) -> list[ThreadLine]:
    """These threads as lines, in the same order."""
    ids = [thread.id for thread in threads]
    newest, intakes, asking = newest_in(tx, ids), tx.intakes.newest_in_threads(ids), tx.thread_lists.asking(ids)
    there = others_at(tx, principal, ids)
    shown = []
    for thread in threads:
        line = _line(tx, principal, thread, newest.get(thread.id), there.get(thread.id, ()))
        line = msgspec.structs.replace(line, outgoing=asking.get(thread.id, ""))
        shown.append(_with_intake(line, intakes.get(thread.id)))
    return shown


def one_line(text: str | None, *, chars_max: int = SNIPPET_CHARS_MAX) -> str | None:
    """The beginning of a text without its line breaks."""
    if text is None:
        return None
    # As much as can matter: nobody needs the words of 65,536 characters to show the first of them.
    line = " ".join(text[: chars_max * 4].split())
    return line if len(line) <= chars_max else line[: chars_max - 1] + "…"


def _line(
    tx: Tx, principal: Principal, thread: ConversationRow, newest: Newest | None, others: Sequence[Present]
) -> ThreadLine:
    shown = contact_shown(tx, principal, thread.contact)
    flags = () if thread.contact is None else tuple(flag.reason for flag in tx.contacts.open_flags(thread.contact))
    may_read = principal.may(Permission.READ_CONTENT)
    return ThreadLine(
        id=thread.id,
        phone_number_id=thread.phone_number_id,
        kind="group" if thread.contact is None else "person",
        contact_id=thread.contact,
        contact=shown.masked,
        name=shown.name,
        unread=thread.unread,
        last_message_at_ms=thread.last_message_at_ms,
        window_closes_at_ms=window_closes_ms(thread.last_inbound_at_ms, now_ms=tx.now_ms),
        assigned_to=thread.assigned_to,
        needs_review=tuple(dict.fromkeys(flags)),
        snippet=one_line(newest.text(tx)) if newest is not None and may_read else None,
        snippet_by="" if newest is None else newest.by,
        is_writing_there=tuple(each.operator for each in others if each.is_writing),
        looking=tuple(each.operator for each in others),
    )


def _with_intake(line: ThreadLine, intake: IntakeRow | None) -> ThreadLine:
    if intake is None:
        return line
    return msgspec.structs.replace(
        line,
        urgency="" if intake.state.is_final else Urgency(intake.urgency).name.lower(),
        intake_id=intake.id,
        intake_state=intake.state.value,
        with_person=intake.is_with_person and not intake.state.is_final,
    )
