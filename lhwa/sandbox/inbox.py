"""Inboxes: what a person can read of what a firm's number sent them, as the phone shows it.

Only messages that arrive are here; what fails later never is.
Source: WhatsApp Cloud API, sending messages.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from lhwa.domain.instants import Instant, rfc3339
from lhwa.sandbox.exchange import present
from lhwa.sandbox.reading import Json

MESSAGES_MAX = 1_000
"""The oldest of a person go first."""


class Inbox:
    """The last messages of one number to one person, in their order."""

    def __init__(self) -> None:
        self._messages: deque[Json] = deque(maxlen=MESSAGES_MAX)
        self._count = 0

    def put(self, message: Json, *, wamid: str, at: Instant) -> None:
        """Add one; it is numbered by `seq`, from 1."""
        self._count += 1
        self._messages.append({"seq": self._count, "messageId": wamid, "at": rfc3339(at)} | message)

    def after(self, seq: int) -> list[dict[str, Any]]:
        """Every kept one behind this number."""
        return [message for message in self._messages if message["seq"] > seq]


def shown(kind: str, content: Any) -> Json:
    """What a reader sees of a free message that was checked: its text, and what can be tapped.

    Args:
        content: the member of the message that bears the name of its kind.
    """
    match kind:
        case "text":
            return {"type": kind, "text": content["body"]}
        case "interactive":
            return {"type": kind} | _shown_choices(content)
        case "reaction":
            return {"type": kind, "text": content["emoji"]}
        case "location":
            return {"type": kind, "text": str(content.get("name") or content.get("address") or "")}
        case "contacts":
            return {"type": kind, "text": ", ".join(card["name"]["formatted_name"] for card in content)}
        case _:
            return {"type": kind} | present(text=content.get("caption", ""), filename=content.get("filename"))


def _shown_choices(content: Json) -> Json:
    action = content["action"]
    header = content.get("header", {}).get("text")
    text = content["body"]["text"]
    rows = [row for section in action.get("sections", []) for row in section["rows"]]
    return present(
        text=f"{header}\n\n{text}" if header else text,
        footer=content.get("footer", {}).get("text"),
        buttons=[button["reply"] for button in action.get("buttons", [])] or None,
        rows=rows or None,
        asksLocation=True if content["type"] == "location_request_message" else None,
    )
