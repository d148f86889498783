"""Entries for what was said: messages that came, messages of the firm, and notes."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from lhwa.domain.access import Permission, Principal
from lhwa.domain.ids import ContactId
from lhwa.domain.messages import Direction, MessageType
from lhwa.domain.outbound import Content, Document, Media, OutboundState, Reaction
from lhwa.services.inbox.entries import AT_META, QUOTE_CHARS_MAX, STORED, Amended, Entry, FileView, Quoted
from lhwa.services.inbox.notes import note_view
from lhwa.services.inbox.places import Rank, place
from lhwa.services.inbox.thread_lines import CLIENT, FIRM, one_line
from lhwa.services.messaging.as_read import text_as_read
from lhwa.services.messaging.decisions import decisions_about
from lhwa.services.messaging.outbox_views import letter_of
from lhwa.services.messaging.outbox_words import hint_of
from lhwa.services.messaging.predictions import OpenBreaker, open_breakers, predict
from lhwa.services.messaging.timeline import VIA_API, type_of
from lhwa.services.messaging.views import contact_shown, content_of, own_object, shown_text
from lhwa.store.tables.messages import MessageContent, MessageRow
from lhwa.store.tables.notes import NoteRow
from lhwa.store.tables.outbox import Letter, OutboundRow
from lhwa.store.transaction import Tx

_FILES = frozenset({MessageType.IMAGE, MessageType.AUDIO, MessageType.VIDEO, MessageType.DOCUMENT, MessageType.STICKER})
Said = MessageRow | OutboundRow | NoteRow


def said_entries(tx: Tx, principal: Principal, rows: Sequence[Said], *, is_group: bool) -> list[Entry]:
    """These rows of one thread as entries, in the same order."""
    dedups = [dedup for row in rows if (dedup := _dedup_of(row)) is not None]
    writer = _Writer(tx, principal, tx.messages.amending(dedups), is_group=is_group)
    return [writer.entry(row) for row in rows]


def _dedup_of(row: Said) -> bytes | None:
    """By what later messages name it."""
    match row:
        case MessageRow():
            return row.dedup
        case OutboundRow():
            return row.message_dedup
    return None


class _Writer:
    """Makes the entries of one page."""

    def __init__(
        self, tx: Tx, principal: Principal, amending: dict[bytes, list[MessageRow]], *, is_group: bool
    ) -> None:
        self._tx = tx
        self._principal = principal
        self._may_read = principal.may(Permission.READ_CONTENT)
        self._amending = amending
        self._is_group = is_group
        self._names: dict[ContactId | None, str | None] = {}
        self._breakers: list[OpenBreaker] | None = None

    def entry(self, row: Said) -> Entry:
        match row:
            case MessageRow():
                return self._amended(self._message(row), row.dedup)
            case OutboundRow():
                entry = self._outbound(row)
                return entry if row.message_dedup is None else self._amended(entry, row.message_dedup)
            case NoteRow():
                return self._note(row)

    def _message(self, row: MessageRow) -> Entry:
        content = content_of(self._tx, row) if self._may_read else None
        kind = CLIENT if row.direction == Direction.INBOUND else FIRM
        sender = self._named(row.contact) if self._is_group and kind == CLIENT else None
        return Entry(
            key=f"message:{row.id}",
            at_ms=row.sent_at_ms,
            cursor=place(row.sent_at_ms, Rank.MESSAGE, row.seq),
            kind="system" if row.type == MessageType.SYSTEM else kind,
            id=row.id,
            sender=sender,
            via=row.via,
            type=row.type,
            text=None if content is None else shown_text(row, content),
            status=row.status,
            quoted=None if row.reply_to is None else self._quoted(row.reply_to),
            file=None if content is None else _file_at_meta(row, content),
            forwarded=content is not None and content.forwarded,
            unreadable=self._may_read and content is None,
        )

    def _outbound(self, row: OutboundRow) -> Entry:
        letter = letter_of(self._tx, row) if self._may_read else None
        at_ms = row.posted_at_ms or row.created_at_ms
        is_person = row.author_kind == "person"
        return Entry(
            key=f"outbound:{row.id}",
            at_ms=at_ms,
            cursor=place(at_ms, Rank.OUTBOUND, row.seq),
            kind=FIRM,
            id=row.id,
            author=row.author if is_person else None,
            automatic=None if is_person else row.author,
            via=VIA_API,
            type=type_of(row, letter).value,
            text=None if letter is None else text_as_read(self._tx, letter.content),
            status=row.state.value,
            hint=self._hint(row),
            error_code=row.error_code,
            quoted=self._answered(row, letter),
            file=None if letter is None else _file_of(letter.content),
            decisions=decisions_about(self._tx, self._principal, f"outbound:{row.id}"),
            send_at_ms=row.send_at_ms if row.send_at_ms > row.created_at_ms else None,
            template=row.template,
            unreadable=self._may_read and letter is None,
        )

    def _note(self, row: NoteRow) -> Entry:
        note = note_view(self._tx, self._principal, row)
        return Entry(
            key=f"note:{row.id}",
            at_ms=row.written_at_ms,
            cursor=place(row.written_at_ms, Rank.NOTE, row.id),
            kind="note",
            id=row.id,
            author=row.author,
            type="note",
            text=note.text,
            unreadable=note.unreadable,
        )

    def _named(self, contact: ContactId | None) -> str | None:
        """Many messages are of few people, and everything that was said of a person has to be opened to name them."""
        if contact not in self._names:
            shown = contact_shown(self._tx, self._principal, contact)
            self._names[contact] = shown.name or shown.masked
        return self._names[contact]

    def _hint(self, row: OutboundRow) -> str | None:
        if row.state is not OutboundState.QUEUED:
            return hint_of(row)
        if self._breakers is None:
            self._breakers = open_breakers(self._tx)
        return predict(self._tx, row, self._breakers).hint

    def _answered(self, row: OutboundRow, letter: Letter | None) -> Quoted | None:
        """What a message of the firm answers, or is a reaction to."""
        if letter is None:
            return None
        wamid = letter.content.wamid if isinstance(letter.content, Reaction) else letter.reply_to_wamid
        return None if wamid is None else self._quoted(self._tx.messages.dedup_of(row.phone_number_id, wamid))

    def _quoted(self, dedup: bytes) -> Quoted | None:
        """None when the message is not here."""
        message = self._tx.messages.by_dedup(dedup)
        if message is not None:
            content = content_of(self._tx, message) if self._may_read else None
            text = None if content is None else shown_text(message, content) or f"[{message.type}]"
            by = CLIENT if message.direction == Direction.INBOUND else FIRM
            return Quoted(id=f"message:{message.id}", by=by, text=one_line(text, chars_max=QUOTE_CHARS_MAX))
        outbound = self._tx.outbox.by_dedup(dedup)
        if outbound is None:
            return None
        letter = letter_of(self._tx, outbound) if self._may_read else None
        text = None if letter is None else text_as_read(self._tx, letter.content)
        return Quoted(id=f"outbound:{outbound.id}", by=FIRM, text=one_line(text, chars_max=QUOTE_CHARS_MAX))

    def _amended(self, entry: Entry, dedup: bytes) -> Entry:
        rows = self._amending.get(dedup)
        if not rows:
            return entry
        edits = [self._amendment(row, "edit") for row in rows if row.type == MessageType.EDIT]
        last = {(row.direction, row.contact): row for row in rows if row.type == MessageType.REACTION}
        reactions = [self._amendment(row, "reaction") for row in last.values()]
        return msgspec.structs.replace(
            entry,
            edits=tuple(edits),
            # A reaction without an emoji takes the one before back.
            reactions=tuple(each for each in reactions if each.text or not self._may_read),
            revoked_at_ms=next((row.sent_at_ms for row in rows if row.type == MessageType.REVOKE), None),
        )

    def _amendment(self, row: MessageRow, kind: str) -> Amended:
        content = content_of(self._tx, row) if self._may_read else None
        return Amended(
            kind=kind,
            at_ms=row.sent_at_ms,
            text=None if content is None else content.text,
            by=CLIENT if row.direction == Direction.INBOUND else FIRM,
        )


def _file_at_meta(row: MessageRow, content: MessageContent) -> FileView | None:
    if row.type not in _FILES:
        return None
    part = own_object(row, content)
    facts = part if isinstance(part, dict) else {}
    return FileView(name=_text(facts.get("filename")), mime=_text(facts.get("mime_type")), state=AT_META)


def _file_of(content: Content) -> FileView | None:
    match content:
        case Document():
            return FileView(name=content.filename, mime=content.mime, bytes=content.size, state=STORED)
        case Media():
            return FileView(name=content.filename, state="at Meta, uploaded before")
    return None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
