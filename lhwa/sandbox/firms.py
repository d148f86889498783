"""Firms: what the platform knows about each account while the sandbox runs: numbers, windows, messages, settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from lhwa.domain.instants import Instant
from lhwa.sandbox.accounts import SandboxAccount, SandboxNumber
from lhwa.sandbox.inbox import Inbox
from lhwa.sandbox.media import MediaShelf
from lhwa.sandbox.pacing import Pacing
from lhwa.sandbox.people import Person
from lhwa.sandbox.sent import SentMessage
from lhwa.sandbox.templates import TemplateBook
from lhwa.sandbox.tokens import Tokens

WINDOW = timedelta(hours=24)
"""How long the customer service window stays open after a client wrote."""
NUMBER_SEEN_FOR = timedelta(days=30)
"""How long a firm sees the number of somebody to whom it wrote by number, even if that person hides it."""


@dataclass(slots=True, kw_only=True, eq=False)
class Number:
    """One number of a firm."""

    facts: SandboxNumber
    pacing: Pacing
    override_url: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    blocked: dict[str, Person] = field(default_factory=dict, repr=False)
    """By key, in the order in which they were blocked."""
    received: dict[str, Instant] = field(default_factory=dict, repr=False)
    """Every message id of a client, and when it came."""
    sent: dict[str, SentMessage] = field(default_factory=dict, repr=False)
    """Every accepted message, by id."""
    inboxes: dict[str, Inbox] = field(default_factory=dict, repr=False)
    """What each person was sent, by key."""
    last_inbound: dict[str, Instant] = field(default_factory=dict, repr=False)
    written_by_phone: dict[str, Instant] = field(default_factory=dict, repr=False)

    @property
    def id(self) -> str:
        """The phone number id."""
        return self.facts.phone_number_id

    @property
    def checks_identity(self) -> bool:
        """True when the firm asked to be told of changed identity keys."""
        return bool(self.settings.get("user_identity_change", {}).get("enable_identity_key_check"))

    def is_window_open(self, person: Person, *, now: Instant) -> bool:
        """True when free messages may go to this person."""
        last = self.last_inbound.get(person.key)
        return last is not None and now - last < WINDOW

    def sees_number_of(self, person: Person, *, now: Instant) -> bool:
        """True when webhooks name the number of this person."""
        if person.number is None:
            return False
        written = self.written_by_phone.get(person.key)
        return not person.hides_number or (written is not None and now - written < NUMBER_SEEN_FOR)

    @property
    def metadata(self) -> dict[str, Any]:
        """Which number a webhook is for."""
        return {"display_phone_number": self.facts.display_phone_number, "phone_number_id": self.id}


class Firm:
    """One account."""

    def __init__(self, account: SandboxAccount, *, now: Instant) -> None:
        self.account = account
        self.tokens = Tokens(account, now=now)
        self.numbers = {
            facts.phone_number_id: Number(facts=facts, pacing=Pacing(messages_per_s=facts.messages_per_s))
            for facts in account.numbers
        }
        self.templates = TemplateBook()
        self.media = MediaShelf()
        self.is_subscribed = account.is_subscribed
        self.override_url: str | None = None

    @property
    def waba_id(self) -> str:
        """The id of the account."""
        return self.account.waba_id

    def webhook_url(self, number: Number | None) -> str:
        """Where webhooks go: overrides of the number and of the account hold for the field `messages` alone.

        Args:
            number: of a `messages` webhook; None for all other fields.
        """
        if number is None:
            return self.account.webhook_url
        return number.override_url or self.override_url or self.account.webhook_url
