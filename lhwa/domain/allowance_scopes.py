"""Names under which paces and breakers are remembered."""

from __future__ import annotations

from lhwa.domain.send_errors import ErrorClass, Scope

ACCOUNT = "account"
TOKEN_SCOPE = "account:token"  # noqa: S105 -- the name of a row
"""Which access token was used last; not the token itself."""
TOKEN_STORED = "stored"  # noqa: S105 -- not a token either
"""Instead of it: somebody stored a token since, perhaps the same one with more rights."""
BREAKERS = "breaker:"
"""What the names of all breakers begin with."""
_HASH_CHARS = 32


def pair_scope(phone_number_id: str, recipient_hash: bytes) -> str:
    """The pace of one number and one client."""
    return f"pair:{phone_number_id}:{recipient_hash.hex()[:_HASH_CHARS]}"


def number_scope(phone_number_id: str) -> str:
    """The pace of one number."""
    return f"number:{phone_number_id}"


def breaker_scope(scope: Scope, phone_number_id: str, error_class: ErrorClass) -> str:
    """The breaker of one class of errors; a firm has one account, and errors of an app reach it whole."""
    subject = phone_number_id if scope is Scope.NUMBER else ACCOUNT
    return f"{BREAKERS}{subject}:{error_class.value}"


def of_breaker(name: str) -> tuple[str, ErrorClass]:
    """What a breaker guards, a number or the account, and which errors open it."""
    _, subject, error_class = name.split(":")
    return subject, ErrorClass(error_class)
