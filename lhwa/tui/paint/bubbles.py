"""One entry of a thread as lines: what the client wrote stands left, what the firm wrote stands right."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rich.cells import cell_len

from lhwa.domain.text import safe_text
from lhwa.services.inbox.pages import Entry
from lhwa.tui.lines import Line, Role, Span, fitted, many_lines, one_line, text_lines, width_of, wrapped
from lhwa.tui.paint.office import Eyes
from lhwa.tui.times import clock, local, worded
from lhwa.tui.words import OUTBOUND, mark_of

BUBBLE_CELLS_MAX = 76
"""Wider lines are hard to read."""
_QUOTE_CHARS_MAX = 120


def entry_lines(entry: Entry, eyes: Eyes, width: int, *, previous: Entry | None = None) -> tuple[Line, ...]:
    """All lines of one entry, with an empty one after it and the day before the first of a day."""
    return (*_day(entry, previous, eyes, width), *_body(entry, eyes, width), (Span(""),))


def entry_text(entry: Entry) -> str:
    """What is copied of an entry: its newest words alone."""
    newest = entry.edits[-1].text if entry.edits and entry.edits[-1].text else entry.text
    return safe_text(newest or "")


def _body(entry: Entry, eyes: Eyes, width: int) -> Iterator[Line]:
    match entry.kind:
        case "system":
            yield from _system(entry, eyes, width)
        case "note":
            yield from _note(entry, eyes, width)
        case "firm":
            yield from _right(_bubble(entry, eyes, _inner(width)), width)
        case _:
            yield from _left(_bubble(entry, eyes, _inner(width)), width)


def _inner(width: int) -> int:
    """Cells for the words of a bubble: one side stays free, so that the eye sees who speaks."""
    return max(min(BUBBLE_CELLS_MAX, width - max(width // 8, 2) - 3), 8)


def _day(entry: Entry, previous: Entry | None, eyes: Eyes, width: int) -> Iterator[Line]:
    day = local(entry.at_ms, eyes.zone).date()
    if previous is not None and local(previous.at_ms, eyes.zone).date() == day:
        return
    gap = (local(eyes.now_ms, eyes.zone).date() - day).days
    named = {0: eyes.labels.today, 1: eyes.labels.yesterday}.get(gap)
    text = (
        worded(f"{day:%a %d %b %Y}", eyes.language)
        if named is None
        else f"{named} · {worded(f'{day:%a %d %b}', eyes.language)}"
    )
    yield _rule(text, width)
    yield (Span(""),)


def _rule(text: str, width: int) -> Line:
    room = width - cell_len(text) - 2
    if room < 0:
        return fitted((Span(text, "muted"),), width)
    left = room // 2
    return (Span("─" * left, "muted"), Span(f" {text} ", "muted"), Span("─" * (room - left), "muted"))


def _bubble(entry: Entry, eyes: Eyes, width: int) -> Iterator[Line]:
    yield _head(entry, eyes, width)
    if entry.quoted is not None:
        yield from _quoted(entry, eyes, width)
    yield from _words(entry, eyes, width)
    if entry.file is not None:
        yield from _file(entry, eyes, width)
    yield from _edits(entry, eyes, width)
    if entry.revoked_at_ms is not None:
        text = eyes.labels.deleted_by_client.format(_time(entry.revoked_at_ms, eyes))
        yield from text_lines(f"✗ {text}", width, "warning")
    if entry.reactions:
        said = ", ".join(f"{one_line(each.text, chars_max=12)} {_side(each.by, eyes)}" for each in entry.reactions)
        yield from text_lines(f"☺ {said}", width, "muted")
    yield from _afterwards(entry, eyes, width)


def _head(entry: Entry, eyes: Eyes, width: int) -> Line:
    who = _client(entry, eyes) if entry.kind == "client" else _firm(entry, eyes)
    mark = mark_of(OUTBOUND, entry.status, eyes.language)
    side: Role = "client" if entry.kind == "client" else "firm"
    spans = [Span(who, side), Span(f" · {clock(entry.at_ms, eyes.zone)}", "muted")]
    if entry.template:
        spans.append(Span(f" · {eyes.labels.template.format(one_line(entry.template, chars_max=60))}", "muted"))
    if mark.word:
        spans.append(Span(f" · {mark.sign} {mark.word}", mark.role))
    return fitted(spans, width) if width_of(spans) > width else tuple(spans)


def _client(entry: Entry, eyes: Eyes) -> str:
    """The client; in a group, which of its people."""
    return one_line(entry.sender, chars_max=40) or eyes.labels.client


def _firm(entry: Entry, eyes: Eyes) -> str:
    """Who of the firm wrote it; nobody did where a text that was approved beforehand left by itself."""
    if entry.automatic:
        return f"{eyes.labels.firm} ({eyes.labels.automatic})"
    return eyes.person(entry.author) or eyes.labels.firm


def _words(entry: Entry, eyes: Eyes, width: int) -> Iterator[Line]:
    if entry.unreadable:
        yield from text_lines(f"[{eyes.labels.cannot_be_opened}]", width, "warning")
    elif entry.text is None:
        if entry.file is None:
            kind = one_line(entry.type) if eyes.sees_content else eyes.labels.hidden_content
            yield from text_lines(f"[{kind}]", width, "muted")
    elif entry.text:
        yield from text_lines(many_lines(entry.text), width, "muted" if entry.revoked_at_ms is not None else "")


def _quoted(entry: Entry, eyes: Eyes, width: int) -> Iterator[Line]:
    quoted = entry.quoted
    if quoted is None:
        return
    words = one_line(quoted.text, chars_max=_QUOTE_CHARS_MAX) or eyes.labels.quoted_gone
    yield from text_lines(f"↩ {_side(quoted.by, eyes)}: {words}", width, "muted", lines_max=2)


def _file(entry: Entry, eyes: Eyes, width: int) -> Iterator[Line]:
    file = entry.file
    if file is None:
        return
    size = "" if file.bytes is None else f" · {size_words(file.bytes)}"
    name = one_line(file.name, chars_max=80) or eyes.labels.file
    yield from text_lines(f"▤ {name} · {one_line(file.mime, chars_max=60)}{size}", width, "strong")
    yield from text_lines(f"  {one_line(file.state)}", width, "muted")


def _edits(entry: Entry, eyes: Eyes, width: int) -> Iterator[Line]:
    for edit in entry.edits:
        yield from text_lines(f"✎ {eyes.labels.edited.format(_time(edit.at_ms, eyes))}", width, "warning")
        yield from text_lines(many_lines(edit.text), width, "")


def _afterwards(entry: Entry, eyes: Eyes, width: int) -> Iterator[Line]:
    """When it leaves, what to do about it, and who decided what."""
    if entry.send_at_ms is not None:
        yield from text_lines(f"◷ {eyes.labels.leaves_at.format(eyes.short(entry.send_at_ms))}", width, "muted")
    if entry.hint:
        code = f"{entry.error_code}: " if entry.error_code else ""
        yield from text_lines(f"! {code}{many_lines(entry.hint)}", width, "warning")
    for each in entry.decisions:
        why = f": {one_line(each.reason)}" if each.reason else ""
        yield from text_lines(f"✓ {one_line(each.what)} · {eyes.person(each.by)}{why}", width, "muted")


def _note(entry: Entry, eyes: Eyes, width: int) -> Iterator[Line]:
    head = f"✎ {eyes.labels.note.format(eyes.person(entry.author))} · {clock(entry.at_ms, eyes.zone)}"
    words = eyes.labels.hidden_content if entry.text is None else many_lines(entry.text)
    inner = max(width - 6, 8)
    for text in (*wrapped(head, inner), *wrapped(words, inner)):
        yield (Span("  ┆ ", "note"), Span(text, "note"))


def _system(entry: Entry, eyes: Eyes, width: int) -> Iterator[Line]:
    who = eyes.person(entry.author)
    reason = next((one_line(each.reason) for each in entry.decisions if each.reason), "")
    by = (f" · {who}" if who else "") + (f": {reason}" if reason else "")
    done = one_line(named(entry, eyes.person)) or one_line(entry.type)
    text = f"{clock(entry.at_ms, eyes.zone)} · {done}{by}"
    for piece in wrapped(text, max(width - 8, 8)):
        yield _rule(piece, width)


def named(entry: Entry, person: Callable[[str], str]) -> str | None:
    """What was done, with the name of a person where the record has an id."""
    if entry.text is None or entry.given_to is None:
        return entry.text
    return entry.text.replace(entry.given_to, person(entry.given_to))


def _left(lines: Iterator[Line], width: int) -> Iterator[Line]:
    for line in lines:
        yield fitted((Span("┃ ", "client"), *line), width)


def _right(lines: Iterator[Line], width: int) -> Iterator[Line]:
    """Set from the left, and moved to the right as a whole: ragged beginnings are hard to read."""
    kept = list(lines)
    widest = max((width_of(line) for line in kept), default=0)
    indent = max(width - widest - 2, 0)
    for line in kept:
        yield (Span(" " * indent), *fitted(line, widest), Span(" ┃", "firm"))


def _side(by: str, eyes: Eyes) -> str:
    return eyes.labels.client if by == "client" else eyes.labels.firm


def _time(at_ms: int, eyes: Eyes) -> str:
    return eyes.short(at_ms)


def size_words(size: int) -> str:
    """A number of bytes: `1.2 MB`."""
    for unit, factor in (("GB", 1 << 30), ("MB", 1 << 20), ("kB", 1 << 10)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size} B"
