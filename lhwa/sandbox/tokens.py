"""Access tokens: who a caller is, whether the token still holds and what it may do; and `GET /debug_token`."""

from __future__ import annotations

import re
from typing import Any

from lhwa.domain.instants import Instant
from lhwa.sandbox.accounts import SandboxAccount, SandboxToken
from lhwa.sandbox.errors import NO_PERMISSION, TOKEN_INVALID, Refused

_HEADER = re.compile(r"(?:Bearer|OAuth) +(\S+)", re.IGNORECASE)


def claimed(headers: dict[str, str]) -> str:
    """The token that a request carries.

    Raises: Refused when there is none, or the header is malformed.
    """
    header = headers.get("authorization")
    if header is None:
        raise Refused(0, "An access token is required to request this resource.")
    shape = _HEADER.fullmatch(header.strip())
    if shape is None:
        raise Refused(TOKEN_INVALID, "Malformed access token.")
    return shape[1]


class Tokens:
    """The tokens of one account and what became of them."""

    def __init__(self, account: SandboxAccount, *, now: Instant) -> None:
        self._app_id = account.app_id
        self._name = account.name
        self._targets = [account.waba_id]
        self._tokens = {token.value: token for token in account.tokens}
        self._issued_at = now
        self._ended: set[str] = set()

    def holds(self, value: str) -> bool:
        """True for a token of this account, even one that has ended."""
        return value in self._tokens

    def end(self, value: str) -> None:
        """Revoke a token, or let it expire before its time."""
        self._ended.add(value)

    def renew(self, value: str) -> None:
        """Make a token good again, as if the operator had issued it anew with the same value."""
        self._ended.discard(value)
        token = self._tokens[value]
        self._tokens[value] = SandboxToken(value=value, scopes=token.scopes)

    def is_valid(self, value: str, *, now: Instant) -> bool:
        """True when a request with this token would be let in now."""
        token = self._tokens.get(value)
        return token is not None and value not in self._ended and (token.expires_at is None or now < token.expires_at)

    def check(self, value: str, *, scope: str | None, now: Instant) -> None:
        """Let a request in, or refuse it.

        Raises: Refused.
        """
        if not self.is_valid(value, now=now):
            raise Refused(TOKEN_INVALID, "The session has expired or was invalidated.")
        if scope is not None and scope not in self._tokens[value].scopes:
            raise Refused(NO_PERMISSION, f"Requires the permission {scope}.")

    def described(self, value: str, *, now: Instant) -> dict[str, Any]:
        """`data` of `GET /debug_token`."""
        token = self._tokens.get(value)
        if token is None:
            return {"is_valid": False, "error": {"code": TOKEN_INVALID, "message": "Invalid OAuth access token."}}
        facts: dict[str, Any] = {
            "app_id": self._app_id,
            "type": "SYSTEM_USER",
            "application": self._name,
            "is_valid": self.is_valid(value, now=now),
            "issued_at": int(self._issued_at.timestamp()),
            "expires_at": int(token.expires_at.timestamp()) if token.expires_at else 0,
            "data_access_expires_at": 0,
            "scopes": list(token.scopes),
            "granular_scopes": [{"scope": scope, "target_ids": self._targets} for scope in token.scopes],
            "user_id": f"1{self._app_id}",
        }
        if not facts["is_valid"]:
            facts["error"] = {"code": TOKEN_INVALID, "message": "Error validating access token.", "subcode": 463}
        return facts
