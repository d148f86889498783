"""Entries of a thread: what was said, noted and done there, as people see it."""

from __future__ import annotations

import msgspec

from lhwa.services.inbox.places import Cursor
from lhwa.services.messaging.decisions import Decision

QUOTE_CHARS_MAX = 120
AT_META = "at Meta, not fetched, not scanned"
STORED = "stored here"


class Amended(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What somebody made of a message afterwards."""

    kind: str
    """`edit` or `reaction`."""
    at_ms: int
    text: str | None = None
    """What it says instead, or the emoji."""
    by: str
    """`client` or `firm`."""

    def __repr__(self) -> str:
        return f"Amended({self.kind})"


class Quoted(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """The message that another one answers."""

    id: str
    """As the key of its entry."""
    by: str
    text: str | None = None

    def __repr__(self) -> str:
        return f"Quoted({self.id})"


class FileView(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """The file of a message."""

    name: str | None = None
    mime: str | None = None
    """As the sender declared it."""
    bytes: int | None = None
    state: str
    """Where it is, and whether anybody has looked at it."""

    def __repr__(self) -> str:
        return f"FileView({self.state})"


class Entry(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One thing in a thread.

    The text is the one that was there first: what an edit made of it is in `edits`, and a message that was taken back
    keeps it. Edits, revokes and reactions stand with their message; one whose message is not here stands by itself.
    """

    key: str
    """Stable, and there once in a thread: `message:ID`, `outbound:ID`, `note:ID`, `act:INTAKE:NTH`, `event:ID`,
    `consent:ID`, `audit:NUMBER`."""
    at_ms: int
    cursor: Cursor
    kind: str
    """`client`, `firm`, `note` or `system`."""
    id: str
    """Of what it is about: the message, the note, the intake, the consent, the thread or the contact."""
    author: str | None = None
    """The operator who wrote or did it; None for a client, on the firm's phone, and where nobody did."""
    automatic: str | None = None
    """Which text, written beforehand by people of the firm, this is."""
    sender: str | None = None
    """In a group: who wrote, by name or masked."""
    via: str = ""
    """How a message came or went: `messages`, `echo`, `history`, `standby`, or `api` from the outbox."""
    type: str
    """The type of a message; `note`, `intake`, `consent`, `assignment` or `hold`."""
    text: str | None = None
    given_to: str | None = None
    """Of an assignment: the operator, whose id stands in the text, too."""
    status: str | None = None
    """Of a message of the firm: how far it has come. Of what was done: the word for it."""
    hint: str | None = None
    """What a person has to do about it."""
    error_code: int | None = None
    """Meta's."""
    quoted: Quoted | None = None
    edits: tuple[Amended, ...] = ()
    """Oldest first."""
    revoked_at_ms: int | None = None
    reactions: tuple[Amended, ...] = ()
    """The last one of each side that was not taken back."""
    file: FileView | None = None
    decisions: tuple[Decision, ...] = ()
    """What people decided about it, with the reason where they gave one and this role may see it."""
    send_at_ms: int | None = None
    """When it was asked to leave, if later than it was written."""
    template: str | None = None
    forwarded: bool = False
    unreadable: bool = False
    """True when the content does not open: its key was destroyed, or the row was changed."""

    def __repr__(self) -> str:
        return f"Entry({self.key})"
