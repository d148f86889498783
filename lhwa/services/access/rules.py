"""Pure decisions: what an id, a secret, a name, a time zone and an end look like. Errors say what would be right."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta

from lhwa.domain.access import Role
from lhwa.domain.ids import AppName, OperatorId, PhoneNumberId, TenantId, is_tenant_id
from lhwa.domain.instants import Instant
from lhwa.domain.text import safe_text
from lhwa.errors import UsageError

KEEP_OLD_SECRET = timedelta(days=8)
"""Meta retries for up to 7 days, and a retry may carry the signature of the old secret; a day more for clocks."""
APP_SECRET_CHARS_MIN = 16
SECRET_CHARS_MAX = 4096
NAME_CHARS_MAX = 120
REASON_CHARS_MAX = 300
TOKEN_DAYS = 90
TOKEN_DAYS_MAX = 365
ZONES_OF_INDONESIA = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}
_META_ID = re.compile(r"[0-9]{5,24}", re.ASCII)
_TELEPHONE = re.compile(r"0\d*|62[0-9]{8,12}")
"""Indonesian numbers as people write them. Meta's ids are longer and begin with no zero."""
_OPERATOR = re.compile(r"[a-z][a-z0-9._-]{1,39}")
_PRINTABLE = re.compile(r"[\x21-\x7e]+")


def tenant_id(text: str) -> TenantId:
    """A firm's id: it becomes a folder name."""
    if not is_tenant_id(text):
        raise UsageError(
            f"{_shown(text)} is no tenant id.", hint="2 to 31 lower-case letters, digits and dashes: firma-contoh."
        )
    return TenantId(text)


def app_name(text: str) -> AppName:
    """An app's name: it becomes a part of the webhook's path."""
    if not is_tenant_id(text):
        raise UsageError(
            f"{_shown(text)} is no name for an app.", hint="2 to 31 lower-case letters, digits and dashes: main."
        )
    return AppName(text)


def operator_id(text: str) -> OperatorId:
    """An operator's id: a short handle, shown in audit logs."""
    if _OPERATOR.fullmatch(text) is None:
        raise UsageError(
            f"{_shown(text)} is no operator id.",
            hint="2 to 40 lower-case letters, digits, dots, dashes and underscores: sari.",
        )
    return OperatorId(text)


def waba_id(text: str) -> str:
    """Meta's id of a WhatsApp Business Account."""
    return _meta_id(text, "WhatsApp Business Account id")


def phone_number_id(text: str) -> PhoneNumberId:
    """Meta's id of a number; the number itself is refused and not repeated."""
    number = _meta_id(text, "phone number id")
    if _TELEPHONE.fullmatch(number):
        raise UsageError(
            "This looks like a telephone number; what is wanted is Meta's id of it.",
            hint="Copy the phone number id from WhatsApp Manager or the app's API setup page.",
        )
    return PhoneNumberId(number)


def phone_number_ids(texts: Iterable[str]) -> tuple[PhoneNumberId, ...]:
    """At least one, and none twice."""
    numbers = tuple(phone_number_id(text) for text in texts)
    if not numbers:
        raise UsageError("A firm needs at least one phone number id.", hint="WhatsApp Manager shows it.")
    if len(set(numbers)) != len(numbers):
        raise UsageError("A phone number id is given twice.")
    return numbers


def _meta_id(text: str, what: str) -> str:
    # The text is not repeated: people paste telephone numbers here.
    if _META_ID.fullmatch(text) is None:
        raise UsageError(
            f"This is no {what}: it is digits only, and never a telephone number with +.",
            hint="Copy it from WhatsApp Manager or the app's API setup page.",
        )
    return text


def display_name(text: str) -> str:
    """The name of a firm, a person or a token's use: one printable line."""
    return _line(text, what="name", chars_max=NAME_CHARS_MAX)


def reason(text: str) -> str:
    """Why somebody did something; it stays in the audit log for good."""
    return _line(
        text, what="reason", chars_max=REASON_CHARS_MAX, hint="Give --reason TEXT; it goes into the audit log."
    )


def _line(text: str, *, what: str, chars_max: int, hint: str = "") -> str:
    line = text.strip()
    if not line or len(line) > chars_max or safe_text(line, newlines=False) != line:
        raise UsageError(f"A {what} is one line of 1 to {chars_max} printable characters.", hint=hint)
    return line


def time_zone(text: str) -> str:
    """The name in the time zone database; WIB, WITA and WIT are understood."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # noqa: PLC0415 -- only who adds a firm names a zone

    zone = ZONES_OF_INDONESIA.get(text.upper(), text)
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(
            f"There is no time zone {_shown(text)}.", hint="WIB, WITA, WIT or a name such as Asia/Jakarta."
        ) from None
    return zone


def role(text: str) -> Role:
    """A role by its name."""
    try:
        return Role(text)
    except ValueError:
        raise UsageError(f"There is no role {_shown(text)}.", hint=f"One of: {', '.join(Role)}.") from None


def app_secret(text: str) -> bytes:
    """The secret with which Meta signs; never repeated in an error."""
    secret = _secret(text, "app secret")
    if len(secret) < APP_SECRET_CHARS_MIN:
        raise UsageError(
            f"An app secret has at least {APP_SECRET_CHARS_MIN} characters.", hint="Copy it whole from the Meta app."
        )
    return secret


def verify_token(text: str) -> bytes:
    """The word of Meta's handshake."""
    return _secret(text, "verify token")


def access_token(text: str) -> bytes:
    """The token with which we speak for a firm."""
    return _secret(text, "access token")


def _secret(text: str, what: str) -> bytes:
    if len(text) > SECRET_CHARS_MAX or _PRINTABLE.fullmatch(text) is None:
        raise UsageError(f"The {what} is empty, too long, or holds characters that are not printable ASCII.")
    return text.encode("ascii")


def end_of_old_secret(wanted: Instant | None, *, now: Instant) -> Instant:
    """Until when the secret before a rotation still counts."""
    if wanted is None:
        return now + KEEP_OLD_SECRET
    if wanted < now:
        raise UsageError("The end of the old secret lies in the past.", hint="Give the present time to end it at once.")
    return wanted


def end_of_token(days: int, *, now: Instant) -> Instant:
    """When a token stops working by itself."""
    if not 1 <= days <= TOKEN_DAYS_MAX:
        raise UsageError(f"A token lives 1 to {TOKEN_DAYS_MAX} days.")
    return now + timedelta(days=days)


def _shown(text: str) -> str:
    return repr(safe_text(text, newlines=False, chars_max=40))
