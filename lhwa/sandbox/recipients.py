"""Recipients: whom a message is to, read as Meta reads it, with the traps that this has.

Source: WhatsApp Cloud API, phone number format; business-scoped user IDs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lhwa.domain.phones import is_bsuid
from lhwa.sandbox.errors import (
    GROUP_INVALID,
    INVALID_PARAMETER,
    NOT_ALLOW_LISTED,
    PARAMETER_INVALID,
    SENDER_IS_RECIPIENT,
    Refused,
)
from lhwa.sandbox.exchange import present
from lhwa.sandbox.people import Person
from lhwa.sandbox.platform import Call
from lhwa.sandbox.reading import Json

_PUNCTUATION = re.compile(r"[\s().-]")
_DIGITS = re.compile(r"[0-9]{5,17}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Where a message goes."""

    given: str = field(repr=False)
    """As the request has it."""
    address: str = field(repr=False)
    """International digits, or a user id."""
    is_by_number: bool
    person: Person | None
    """None when nobody has this address."""
    goes_nowhere: bool = False
    """A user id that was given as a number: accepted, and never heard of again."""

    @property
    def pair(self) -> str:
        """Tells recipients apart for the pair rate: one person, by whatever address."""
        return self.person.key if self.person is not None else self.address

    def as_json(self) -> Json:
        """The member of `contacts` in the reply."""
        wa_id, user_id = (self.address, None) if self.is_by_number else (None, self.address)
        return present(input=self.given, wa_id=wa_id, user_id=user_id)


def recipient_of(call: Call, body: Json) -> Recipient:
    """Whom a body is to. `to` wins over `recipient`.

    Raises: Refused.
    """
    kind = body.get("recipient_type", "individual")
    if kind == "group":
        raise Refused(GROUP_INVALID, "The number is in no group with this id.")
    if kind != "individual":
        raise Refused(INVALID_PARAMETER, "Param recipient_type must be one of individual, group.")
    to, user_id = body.get("to"), body.get("recipient")
    if to is not None:
        return _by_number(call, to)
    if user_id is not None:
        return _by_user_id(call, user_id)
    raise Refused(INVALID_PARAMETER, "The parameter to is required.")


def _by_user_id(call: Call, user_id: object) -> Recipient:
    if not isinstance(user_id, str) or not is_bsuid(user_id):
        raise Refused(PARAMETER_INVALID, "Param recipient is not a user id.")
    if call.number.facts.allowed_recipients is not None:
        raise Refused(NOT_ALLOW_LISTED, "A test number cannot write to a user id.")
    person = call.platform.people.with_bsuid(call.firm.waba_id, user_id)
    return Recipient(given=user_id, address=user_id, is_by_number=False, person=person)


def _by_number(call: Call, to: object) -> Recipient:
    if not isinstance(to, str) or not to:
        raise Refused(INVALID_PARAMETER, "Param to must be a phone number.")
    if is_bsuid(to):
        # The country is stripped and the rest is taken for a number: in the worst case that of a stranger.
        address = re.sub(r"[^0-9]", "", to)
        return Recipient(given=to, address=address, is_by_number=True, person=None, goes_nowhere=True)
    digits = _international(to, country_code=call.number.facts.country_code)
    if digits == call.number.facts.display_phone_number:
        raise Refused(SENDER_IS_RECIPIENT, "The recipient is the sender.")
    allowed = call.number.facts.allowed_recipients
    if allowed is not None and digits not in allowed:
        raise Refused(NOT_ALLOW_LISTED, "Add the number to the recipients of the test number.")
    return Recipient(given=to, address=digits, is_by_number=True, person=call.platform.people.with_number(digits))


def _international(to: str, *, country_code: str) -> str:
    # Without the plus Meta prepends the country of the sender, unless the number has it already.
    stripped = _PUNCTUATION.sub("", to)
    digits = stripped.removeprefix("+")
    if not _DIGITS.fullmatch(digits):
        raise Refused(PARAMETER_INVALID, "Param to is not a phone number.")
    is_international = stripped.startswith("+") or digits.startswith(country_code)
    return digits if is_international else country_code + digits
