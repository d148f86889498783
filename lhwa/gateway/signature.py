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
from lhwa.gateway.routing import MetaApp, is_live

HEADER = b"x-hub-signature-256"
_SHAPE = re.compile(rb"sha256=([0-9a-f]{64})")
"""Lower case only, as Meta writes it: one spelling, so that nothing in front of us can read it another way."""
_NOBODYS_SECRET = secrets.token_bytes(32)


@dataclass(frozen=True, slots=True)
class Match:
    """Whose secret signed."""

    app: str
    label: str


def claimed(values: list[bytes]) -> bytes | None:
    """The 32 bytes that the header claims; None when it is missing, repeated or malformed."""
    if len(values) != 1:
        return None
    shape = _SHAPE.fullmatch(values[0])
    return bytes.fromhex(shape[1].decode()) if shape else None


def match(body: bytes, signature: bytes, apps: Iterable[MetaApp], *, now: Instant) -> Match | None:
    """The app and secret that signed these bytes; None when none of them did."""
    found: Match | None = None
    computed = False
    for app in apps:
        for secret in app.secrets:
            if not is_live(secret, now=now):
                continue
            computed = True
            if hmac.compare_digest(hmac.digest(secret.secret, body, "sha256"), signature) and found is None:
                found = Match(app.name, secret.label)
    if not computed:
        # An unknown app takes as long as a known one.
        hmac.compare_digest(hmac.digest(_NOBODYS_SECRET, body, "sha256"), signature)
    return found
