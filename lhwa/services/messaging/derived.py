"""The derived content of a firm's file: what follows from the elements that were received, and from nothing else.

    table                derived                                     not derived
    contact              id, kind                                   when we first heard of it, and pauses
    contact_sighting     who, what was said, from when to when
    contact_alias        who, identifier, how, since when
    contact_flag         who, why, about whom                        when we noticed, whether a person resolved it
    conversation         all that counts; threads with messages      threads whose messages all belong elsewhere, what
                                                                     people have seen, and whose it is
    message              all but what is on the right                when and by which request it came first
    message_status       as message
    platform_event       as message
    dead_letter          elements that cannot be applied             alerts; letters that a person sent back; our clock
    event                which messages were announced (set of ids)  everything else: what was announced when, and how
                                                                     it looked then, is the history of arrival

The event and audit tables are that history: another order of arrival is another history, and both are true. Only that
every message was announced, once, is the same for all.

Rows stand in the order of their keys, which follow from the elements; sealed values are opened, because each seal has
a nonce of its own. A digest is keyed, so that it tells nothing to somebody without the firm's keys.

What is unread in a thread hangs on the mark of what people have seen, and that mark is a person's act which no request
brings back. So each file is held against its own mark: by how much the count is wrong is compared, and that is 0.

Invariant: any order, batching and repetition of the same received elements ends in the same derived content.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

import msgspec

from lhwa.services.messaging.sourced import SOURCED_DECODER
from lhwa.store.tables.derived import UNREADABLE, DerivedRow
from lhwa.store.transaction import Tx

TABLES = (
    "contact",
    "contact_sighting",
    "contact_alias",
    "contact_flag",
    "conversation",
    "message",
    "message_status",
    "platform_event",
    "dead_letter",
    "event",
)
OF_MANY_REQUESTS = frozenset({"contact", "contact_sighting", "contact_alias", "contact_flag", "conversation"})
"""Tables whose rows are what many requests add up to."""
DIGEST_BYTES = 16

_ENCODER = msgspec.json.Encoder(order="deterministic")


class TableDigest(msgspec.Struct, frozen=True, kw_only=True):
    """One table in one line."""

    table: str
    rows: int
    digest: str
    """Keyed SHA-256 of its canonical bytes, in hex."""


def canonical_lines(tx: Tx, table: str) -> Iterator[tuple[DerivedRow, bytes]]:
    """Each derived row of a table with its canonical bytes, in the order of their keys."""
    for row in tx.derived.rows(table):
        yield row, _line(table, row)


def dump(tx: Tx) -> dict[str, bytes]:
    """The canonical bytes of every table: one JSON line for each row. Holds content in clear; for tests and memory."""
    return {table: b"".join(line + b"\n" for _row, line in canonical_lines(tx, table)) for table in TABLES}


def digests(tx: Tx) -> list[TableDigest]:
    """Every table in one line, without holding more than a row in memory."""
    return [_digest(tx, table, (line for _row, line in canonical_lines(tx, table))) for table in TABLES]


def line_digest(tx: Tx, table: str, line: bytes) -> bytes:
    """A keyed hash of one row, to compare it with the same row of another file."""
    return tx.vault.blind("derived", table, hashlib.sha256(line).hexdigest())[:DIGEST_BYTES]


def _digest(tx: Tx, table: str, lines: Iterable[bytes]) -> TableDigest:
    hashed, count = hashlib.sha256(), 0
    for line in lines:
        hashed.update(line + b"\n")
        count += 1
    return TableDigest(table=table, rows=count, digest=tx.vault.blind("derived", table, hashed.hexdigest()).hex())


def _line(table: str, row: DerivedRow) -> bytes:
    values = [value.hex() if isinstance(value, bytes) else value for value in row.values]
    return _ENCODER.encode([row.key, *values, *_clear(table, row.sealed)])


def _clear(table: str, sealed: bytes) -> list[object]:
    """What was sealed, as it is comparable: without the request and the position in it."""
    if sealed in (b"", UNREADABLE):
        return [sealed.hex()] if sealed else []
    if table != "dead_letter":
        return [msgspec.json.decode(sealed)]
    try:
        element = SOURCED_DECODER.decode(sealed).element
    except msgspec.DecodeError:
        return [sealed.hex()]
    return [msgspec.to_builtins(msgspec.structs.replace(element, position=""))]
