"""The signature of a webhook request: HMAC-SHA256 over the raw bytes with the secret of a Meta app.

Invariants: nothing is parsed before it; every live secret is computed and compared, whichever matches, in constant
time; a secret that has ended is not used.
Source: WhatsApp Cloud API, `X-Hub-Signature-256`.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from lhwa.domain.instants import Instant
from lhwa.domain.sealing import KeyedHash
from lhwa.gateway.routing import AppSecret, MetaApp, RoutingTable, is_live

HEADER = b"x-hub-signature-256"
DIGITS = 64
_SHAPE = re.compile(rb"sha256=([0-9a-f]{64})")
"""Lower case only, as Meta writes it: one spelling, so that nothing in front of us can read it another way."""
_NOBODYS_SECRET = KeyedHash(secrets.token_bytes(32))


@dataclass(frozen=True, slots=True)
class Match:
    """Whose secret signed."""

    app: str
    label: str


def claimed(values: list[bytes]) -> bytes | None:
    """The 64 hex digits that the header claims; None when it is missing, repeated or malformed."""
    if len(values) != 1:
        return None
    shape = _SHAPE.fullmatch(values[0])
    return shape[1] if shape else None


class Signers:
    """The secrets of some apps, each set up once for all the bodies that it is tried on."""

    def __init__(self, apps: Iterable[MetaApp]) -> None:
        self._secrets: list[tuple[KeyedHash, AppSecret, Match]] = [
            (KeyedHash(secret.secret), secret, Match(app.name, secret.label)) for app in apps for secret in app.secrets
        ]

    def match(self, body: bytes, digits: bytes, *, now: Instant) -> Match | None:
        """The app and secret that signed these bytes; None when none of them did.

        Args:
            digits: what the header claims. Anything but the right 64 hex digits matches nothing.
        """
        found: Match | None = None
        computed = False
        for keyed, secret, match in self._secrets:
            if not is_live(secret, now=now):
                continue
            computed = True
            if hmac.compare_digest(keyed.digest(body).hex().encode(), digits) and found is None:
                found = match
        if not computed:
            # An unknown app takes as long as a known one.
            hmac.compare_digest(_NOBODYS_SECRET.digest(body).hex().encode(), digits)
        return found


class AllSigners:
    """The secrets of a routing table, by the name of the app in the path; those of all apps without one."""

    def __init__(self) -> None:
        self._table: RoutingTable | None = None
        self._of: dict[str | None, Signers] = {}

    def of(self, app_name: str | None, table: RoutingTable) -> Signers:
        """Who may have signed. What was set up lasts until the table is another one."""
        if table is not self._table:
            self._table, self._of = table, {None: Signers(table.apps.values())}
            self._of |= {name: Signers([app]) for name, app in table.apps.items()}
        return self._of.get(app_name, _NOBODY)


_NOBODY = Signers(())
