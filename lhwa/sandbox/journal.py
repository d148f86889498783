"""The journal: every request that the sandbox accepted or refused, for whoever wants to check the sender."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from lhwa.domain.instants import Instant, rfc3339

ENTRIES_MAX = 100_000
"""The oldest go first."""


class Verdict(StrEnum):
    """What became of a request, whatever its caller was told."""

    ACCEPTED = "accepted"
    """It was carried out."""
    REFUSED = "refused"
    """It changed nothing."""


@dataclass(slots=True, kw_only=True)
class Note:
    """What a handler knows about the message of a request."""

    message_id: str | None = None
    biz_opaque_callback_data: str | None = None
    recipient: str | None = field(default=None, repr=False)
    type: str | None = None
    fails_with: int | None = None
    """The code with which an accepted message fails later."""
    goes_nowhere: bool = False
    """Accepted and never heard of again: a user id was given as a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One request."""

    at: Instant
    method: str
    path: str
    verdict: Verdict
    status: int
    """HTTP."""
    code: int | None = None
    """Meta's, when refused."""
    is_lost: bool = False
    """The caller got no answer."""
    message_id: str | None = None
    biz_opaque_callback_data: str | None = None
    recipient: str | None = field(default=None, repr=False)
    type: str | None = None
    fails_with: int | None = None
    goes_nowhere: bool = False

    def as_json(self) -> dict[str, Any]:
        """The entry for people and scripts; what it does not have is left out."""
        facts = {
            "at": rfc3339(self.at),
            "method": self.method,
            "path": self.path,
            "verdict": self.verdict.value,
            "status": self.status,
            "code": self.code,
            "isLost": self.is_lost or None,
            "messageId": self.message_id,
            "bizOpaqueCallbackData": self.biz_opaque_callback_data,
            "recipient": self.recipient,
            "type": self.type,
            "failsWith": self.fails_with,
            "goesNowhere": self.goes_nowhere or None,
        }
        return {name: value for name, value in facts.items() if value is not None}


class Journal:
    """The last entries, in the order of the requests."""

    def __init__(self) -> None:
        self._entries: deque[JournalEntry] = deque(maxlen=ENTRIES_MAX)

    def put(self, entry: JournalEntry) -> None:
        """Add one at the end."""
        self._entries.append(entry)

    def entries(self) -> tuple[JournalEntry, ...]:
        """All that are kept."""
        return tuple(self._entries)
