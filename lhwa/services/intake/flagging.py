"""Flags: what rules find in a client's words after the consent. They raise the urgency; a person may change it."""

from __future__ import annotations

import msgspec

from lhwa.store.tables.intakes import FlagRow
from lhwa.store.transaction import Tx


class FlagWords(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is sealed of a flag."""

    phrase: str
    """Of the message."""
    note: str
    """For the lawyer."""
    date: str | None = None
    """A day that the message names."""

    def __repr__(self) -> str:
        return "FlagWords(…)"


_DECODER = msgspec.json.Decoder(FlagWords)


def flag_words(tx: Tx, row: FlagRow) -> FlagWords:
    """What a flag is about, in clear."""
    return _DECODER.decode(tx.intakes.flag_content(row))
