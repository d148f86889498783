"""The list of threads, newest first: any stretch of it, narrowed down by what somebody typed.

Nothing here writes an audit record: that somebody looks at the list is recorded once, when the inbox opens.
"""

from __future__ import annotations

import re
from dataclasses import replace

from lhwa.domain.access import Permission, Principal
from lhwa.domain.elements import Party
from lhwa.domain.gates import WINDOW_MS
from lhwa.domain.ids import ContactId
from lhwa.domain.instants import AHEAD_MS_MAX
from lhwa.domain.phones import normalise_number
from lhwa.errors import InvariantError, SealError
from lhwa.services.inbox.filters import ASKING, OPEN, ThreadFilter
from lhwa.services.inbox.matching import has_all, words_of
from lhwa.services.inbox.thread_lines import Newest, ThreadLine, newest_in, thread_lines
from lhwa.services.messaging.identity import known_contact
from lhwa.services.messaging.views import contact_shown
from lhwa.store.tables.conversations import ConversationRow
from lhwa.store.tables.thread_lists import ThreadsWanted
from lhwa.store.transaction import Tx

__all__ = ["ThreadLine", "count_threads", "read_threads", "search_threads", "thread_line"]

_CONTACT_ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{16}")
_ASKING = frozenset(state.value for state in ASKING)


def count_threads(tx: Tx, principal: Principal, wanted: ThreadFilter) -> int:
    """How many threads `read_threads` goes through."""
    principal.require(Permission.READ_RECORDS)
    return tx.thread_lists.count(_wanted(tx, principal, _unsealed(wanted)))


def read_threads(tx: Tx, principal: Principal, wanted: ThreadFilter, *, start: int, rows_max: int) -> list[ThreadLine]:
    """Threads from the one with this number on, counted from 0 at the newest.

    Raises: InvariantError for a filter that reads content: `search_threads` answers it.
    """
    principal.require(Permission.READ_RECORDS)
    found = tx.thread_lists.stretch(_wanted(tx, principal, _unsealed(wanted)), start=start, rows_max=rows_max)
    return thread_lines(tx, principal, found)


def search_threads(
    tx: Tx, principal: Principal, wanted: ThreadFilter, *, start: int, scan_max: int
) -> tuple[list[ThreadLine], int | None]:
    """Threads that a filter finds which may look at what is sealed, and from where to go on; None when that was all.

    A whole telephone number or a contact id is found at once, whatever the start.

    Args:
        start: the number of the first thread that is looked at, of those that the rest of the filter leaves.
        scan_max: so many are looked at.
    Raises: NotAllowedError for a role that may not read content and looks for some.
    """
    principal.require(Permission.READ_RECORDS)
    if wanted.reads_content:
        principal.require(Permission.READ_CONTENT)
    rest = _wanted(tx, principal, wanted)
    by_sender, by_text = _named(tx, wanted.sender), _named(tx, wanted.text)
    named = by_sender or by_text
    if named is not None:
        rest, start = replace(rest, contacts=named), 0
    found = tx.thread_lists.stretch(rest, start=start, rows_max=scan_max)
    senders = words_of("" if by_sender else wanted.sender)
    texts = words_of(wanted.text if by_sender or not by_text else "")
    hits = _hits(tx, principal, found, senders=senders, texts=texts)
    return thread_lines(tx, principal, hits), start + scan_max if len(found) == scan_max else None


def thread_line(tx: Tx, principal: Principal, conversation: str) -> ThreadLine | None:
    """One thread as a line; None when there is none."""
    principal.require(Permission.READ_RECORDS)
    row = tx.conversations.get(conversation)
    return None if row is None else thread_lines(tx, principal, [row])[0]


def _unsealed(wanted: ThreadFilter) -> ThreadFilter:
    if wanted.reads_content:
        raise InvariantError("A filter that reads content is answered in steps.")
    return wanted


def _wanted(tx: Tx, principal: Principal, wanted: ThreadFilter) -> ThreadsWanted:
    """What of a filter the store can answer."""
    return ThreadsWanted(
        intake_states=tuple(sorted(wanted.states - _ASKING - {OPEN})),
        outbox_states=tuple(sorted(wanted.states & _ASKING)),
        window_since_ms=tx.now_ms - WINDOW_MS if OPEN in wanted.states else None,
        window_until_ms=tx.now_ms + AHEAD_MS_MAX if OPEN in wanted.states else 0,
        is_unread=wanted.unread,
        operator=principal.operator if wanted.mine else None,
        matter=wanted.matter,
    )


def _named(tx: Tx, words: str) -> tuple[str, ...] | None:
    """Every contact id of the person whom a whole number or a contact id names; None when it names nobody."""
    if _CONTACT_ID.fullmatch(words) is not None:
        found = ContactId(words) if tx.contacts.row(ContactId(words)) is not None else None
    else:
        number = normalise_number(words)
        found = None if number is None else known_contact(tx, Party(wa_id=number.removeprefix("+")))
    return None if found is None else tuple(dict.fromkeys([found, *tx.contacts.parts(found)]))


def _hits(
    tx: Tx, principal: Principal, threads: list[ConversationRow], *, senders: tuple[str, ...], texts: tuple[str, ...]
) -> list[ConversationRow]:
    if not senders and not texts:
        return threads
    newest = newest_in(tx, [thread.id for thread in threads]) if texts else {}
    return [
        thread for thread in threads if _has(tx, principal, thread, newest.get(thread.id), senders=senders, texts=texts)
    ]


def _has(
    tx: Tx,
    principal: Principal,
    thread: ConversationRow,
    newest: Newest | None,
    *,
    senders: tuple[str, ...],
    texts: tuple[str, ...],
) -> bool:
    shown = contact_shown(tx, principal, thread.contact)
    if not has_all(senders, shown.name, shown.masked):
        return False
    if has_all(texts, shown.name, shown.masked):
        return True
    said = None if newest is None else newest.text(tx)
    return has_all(texts, shown.name, shown.masked, said, *_matters(tx, thread))


def _matters(tx: Tx, thread: ConversationRow) -> list[str | None]:
    """Titles and outside references of the client's matters."""
    found: list[str | None] = []
    for row in () if thread.contact is None else tx.matters.of_contact(thread.contact):
        try:
            words = tx.matters.words(row)
        except SealError:
            continue
        found += [words.title, words.external_reference]
    return found
