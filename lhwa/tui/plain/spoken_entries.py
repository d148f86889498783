"""One entry of a conversation as it is read aloud, beside the bubbles of `lhwa.tui.paint.bubbles`. Pure.

Lines of ours begin with the number of the entry; what somebody wrote is behind a colon at the end of such a line, or
stands below it, counted and indented.
"""

from __future__ import annotations

from collections.abc import Iterator

from lhwa.services.inbox.pages import Entry
from lhwa.tui.lines import one_line
from lhwa.tui.paint.bubbles import named, size_words
from lhwa.tui.plain.ears import Ears, facts, in_one, indented
from lhwa.tui.words import OUTBOUND

_INLINE_CHARS_MAX = 300
_QUOTE_CHARS_MAX = 80


def entries_said(entries: tuple[Entry, ...], ears: Ears) -> list[str]:
    """A stretch of a conversation, numbered from 1, with every day before its first entry."""
    lines: list[str] = []
    day = ""
    for number, entry in enumerate(entries, start=1):
        if ears.day(entry.at_ms) != day:
            day = ears.day(entry.at_ms)
            lines.append(f"{day}.")
        lines += entry_said(number, entry, ears)
    return lines or [ears.labels.no_entries]


def entry_said(number: int, entry: Entry, ears: Ears) -> list[str]:
    """One entry, with all that happened to it."""
    head = facts(str(number), *_head(entry, ears))
    return [*_with_words(head, _words(entry, ears), ears), *(f"{number}, {each}" for each in _afterwards(entry, ears))]


def writer(entry: Entry, ears: Ears) -> str:
    """Who wrote it."""
    if entry.kind == "client":
        return in_one(entry.sender, chars_max=60) or ears.labels.client
    return ears.person(entry.author) or ears.labels.firm


def _head(entry: Entry, ears: Ears) -> Iterator[str]:
    at = ears.clock(entry.at_ms)
    if entry.kind == "system":
        yield at
        yield in_one(named(entry, ears.person)).rstrip(".") or one_line(entry.type)
        reason = next((in_one(each.reason) for each in entry.decisions if each.reason), "")
        yield ears.says.done_by.format(ears.person(entry.author)) if entry.author else ""
        yield reason
        return
    if entry.kind == "note":
        yield ears.labels.note.format(ears.person(entry.author))
        yield at
        return
    yield ears.says.from_whom.format(writer(entry, ears))
    yield at
    yield ears.state(OUTBOUND, entry.status)
    yield ears.labels.automatic if entry.automatic else ""
    yield ears.says.forwarded if entry.forwarded else ""
    yield ears.labels.template.format(one_line(entry.template, chars_max=60)) if entry.template else ""
    yield ears.labels.deleted_by_client.format(ears.time(entry.revoked_at_ms)) if entry.revoked_at_ms else ""
    yield from _file(entry, ears)
    if entry.quoted is not None:
        words = in_one(entry.quoted.text, chars_max=_QUOTE_CHARS_MAX) or ears.labels.quoted_gone
        yield f"{ears.says.answers_to.format(_side(entry.quoted.by, ears))}, {words}"


def _file(entry: Entry, ears: Ears) -> Iterator[str]:
    file = entry.file
    if file is None:
        return
    yield f"{ears.labels.file} {in_one(file.name, chars_max=80)}".rstrip()
    yield one_line(file.mime, chars_max=60)
    yield "" if file.bytes is None else size_words(file.bytes)
    yield one_line(file.state)


def _words(entry: Entry, ears: Ears) -> str:
    if entry.kind == "system":
        return ""
    if entry.unreadable:
        return ears.labels.cannot_be_opened
    if entry.text is None:
        if entry.file is not None:
            return ""
        return one_line(entry.type) if ears.eyes.sees_content else ears.labels.hidden_content
    return entry.text


def _with_words(head: str, words: str, ears: Ears) -> list[str]:
    """The words behind their head where that is one short line."""
    lines = indented(words)
    if not lines:
        return [head]
    if len(lines) == 1 and len(words) <= _INLINE_CHARS_MAX:
        return [f"{head}: {lines[0].strip()}"]
    counted = f", {ears.says.lines.format(len(lines))}" if len(lines) > 1 else ""
    return [f"{head}{counted}:", *lines]


def _afterwards(entry: Entry, ears: Ears) -> Iterator[str]:
    """What was made of it, when it leaves, what to do about it, and who decided what."""
    labels = ears.labels
    for edit in entry.edits:
        yield f"{labels.edited.format(ears.time(edit.at_ms))}: {in_one(edit.text, chars_max=4_000)}"
    if entry.reactions:
        said = (f"{in_one(each.text, chars_max=12)} {_side(each.by, ears)}" for each in entry.reactions)
        yield f"{ears.says.reactions}: {', '.join(said)}"
    if entry.send_at_ms is not None:
        yield labels.leaves_at.format(ears.time(entry.send_at_ms))
    if entry.hint:
        yield in_one(f"{entry.error_code}: {entry.hint}" if entry.error_code else entry.hint)
    for each in () if entry.kind == "system" else entry.decisions:
        why = f": {in_one(each.reason)}" if each.reason else ""
        yield f"{one_line(each.what)} {ears.says.done_by.format(ears.person(each.by))}{why}"


def _side(by: str, ears: Ears) -> str:
    return ears.labels.client if by == "client" else ears.labels.firm


def text_lines(text: str | None, ears: Ears) -> list[str]:
    """A longer text of somebody's as lines below what was said of it."""
    return indented(ears.content(text))
