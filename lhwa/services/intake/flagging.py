"""Flags: what rules find in a client's words after the consent. They raise the urgency, and never lower it."""

from __future__ import annotations

from datetime import timedelta, timezone

import msgspec

from lhwa.domain.audit import INTAKE, AuditRecord
from lhwa.domain.instants import from_ms
from lhwa.domain.intake.answers import Said
from lhwa.domain.intake.urgency import Flag, flags, floor
from lhwa.store.tables.intakes import FlagRow, IntakeRow
from lhwa.store.transaction import Tx

WEST_INDONESIA = timezone(timedelta(hours=7))
"""`besok` is read by this clock wherever the firm is: two hours off, at most, and only around midnight."""


class FlagWords(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is sealed of a flag."""

    phrase: str
    """Of the message."""
    note: str
    """For the lawyer."""
    date: str | None = None
    """A day that the message names; it is no time limit."""

    def __repr__(self) -> str:
        return "FlagWords(…)"


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(FlagWords)


def raise_flags(tx: Tx, row: IntakeRow, said: Said, *, at_ms: int) -> None:
    """Keep what the rules find in a message, and raise the urgency of its intake to it."""
    text = said.text or ""
    found = flags(text, sent_on=from_ms(at_ms).astimezone(WEST_INDONESIA).date())
    for nth, flag in enumerate(found):
        clear = _ENCODER.encode(_words(flag, text))
        tx.intakes.flag(row, said.message, nth=nth, kind=flag.kind.value, urgency=int(flag.urgency), clear=clear)
    urgency = int(floor(*(flag.urgency for flag in found)))
    if urgency > row.urgency:
        tx.intakes.raise_urgency(row, urgency)
        data = {"to": urgency, "by": "rules", "message": said.message}
        tx.audit.append(AuditRecord(INTAKE, "intake.urgency_raised", f"intake:{row.id}", data))


def flag_words(tx: Tx, row: FlagRow) -> FlagWords:
    """What a flag is about, in clear."""
    return _DECODER.decode(tx.intakes.flag_content(row))


def _words(flag: Flag, text: str) -> FlagWords:
    day = None if flag.day is None else flag.day.isoformat()
    return FlagWords(phrase=text[flag.start : flag.end], note=flag.note, date=day)
