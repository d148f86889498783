"""The platform: the parts that every handler may need, and a call, which is a request that was let in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from lhwa.domain.instants import Instant
from lhwa.sandbox.agenda import Agenda
from lhwa.sandbox.chance import Chance
from lhwa.sandbox.errors import INVALID_PARAMETER, Refused
from lhwa.sandbox.exchange import ApiRequest
from lhwa.sandbox.faults import Faults
from lhwa.sandbox.firms import Firm, Number
from lhwa.sandbox.journal import Note
from lhwa.sandbox.people import People
from lhwa.sandbox.webhooks import Sender, Waiting, WebhookQueue


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How the platform behaves where it is known to behave in more than one way."""

    refuses_closed_window: bool = False
    """A free message outside the window is refused at once; mostly it is accepted and fails later."""


class Platform:
    """Everything that lasts from one request to the next."""

    def __init__(self, firms: list[Firm], *, chance: Chance, faults: Faults, options: Options) -> None:
        self.firms = firms
        self.chance = chance
        self.faults = faults
        self.options = options
        self.people = People(chance, bsuid_only=faults.bsuid_only)
        self.webhooks = WebhookQueue(chance, faults)
        self.agenda = Agenda()

    def tell(self, firm: Firm, field_name: str, value: dict[str, Any], *, at: Instant) -> Waiting:
        """A webhook of the account, such as a template's new status."""
        return self._put(firm, None, field_name, value, at=at)

    def tell_messages(self, firm: Firm, number: Number, *, at: Instant, **lists: Any) -> Waiting:
        """A webhook of the field `messages`."""
        value = {"messaging_product": "whatsapp", "metadata": number.metadata, **lists}
        return self._put(firm, number, "messages", value, at=at)

    def is_a_business(self, digits: str) -> bool:
        """True for a number of any of the firms: the API does not deliver from one to another."""
        numbers = (number for firm in self.firms for number in firm.account.numbers)
        return any(number.display_phone_number == digits for number in numbers)

    def _put(
        self, firm: Firm, number: Number | None, field_name: str, value: dict[str, Any], *, at: Instant
    ) -> Waiting:
        sender = Sender(
            waba_id=firm.waba_id,
            app_secret=firm.account.app_secret,
            url=firm.webhook_url(number),
            is_subscribed=firm.is_subscribed,
        )
        return self.webhooks.put(sender, field_name, value, at=at)


@dataclass(slots=True, kw_only=True, eq=False)
class Call:
    """A request of a caller who may make it."""

    platform: Platform
    request: ApiRequest
    firm: Firm
    node: str
    """The id of the object that the path names."""
    version: int
    """Of the API, without the zero."""
    now: Instant
    note: Note = field(default_factory=Note)

    @property
    def number(self) -> Number:
        """The number that the path names."""
        return self.firm.numbers[self.node]

    def json(self) -> dict[str, Any]:
        """The body; an empty one is an empty object.

        Raises: Refused when it is not a JSON object.
        """
        try:
            body = msgspec.json.decode(self.request.body or b"{}")
        except (msgspec.DecodeError, UnicodeDecodeError):
            body = None
        if not isinstance(body, dict):
            raise Refused(INVALID_PARAMETER, "The body is not a JSON object.")
        return body
