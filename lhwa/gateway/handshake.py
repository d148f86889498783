"""The handshake: a GET by which Meta checks that the URL is ours. It proves nothing about later POSTs.

Invariant: the challenge is only echoed when it is short and plain, so that nobody can make us say HTML.
Source: WhatsApp Cloud API, webhook verification requests.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from urllib.parse import parse_qsl

from lhwa.domain.instants import Instant
from lhwa.gateway.routing import MetaApp, is_live

_CHALLENGE = re.compile(r"[A-Za-z0-9_.~-]{1,64}")
_NAMES = ("hub.mode", "hub.verify_token", "hub.challenge")


def answer(query: bytes, apps: Iterable[MetaApp], *, now: Instant) -> bytes | None:
    """The challenge to echo; None when the request is refused, for whatever reason."""
    values = _values(query)
    if values is None:
        return None
    mode, token, challenge = values
    known = _is_known(token.encode("utf-8", "surrogateescape"), apps, now=now)
    if not known or mode != "subscribe" or not _CHALLENGE.fullmatch(challenge):
        return None
    return challenge.encode()


def _values(query: bytes) -> tuple[str, str, str] | None:
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, max_num_fields=16, errors="surrogateescape")
    except ValueError:
        return None
    found = {name: [value for key, value in pairs if key == name] for name in _NAMES}
    if any(len(values) != 1 for values in found.values()):
        return None
    mode, token, challenge = (found[name][0] for name in _NAMES)
    return mode, token, challenge


def _is_known(token: bytes, apps: Iterable[MetaApp], *, now: Instant) -> bool:
    # Hashes have one length, so the comparison does not tell how long a token is.
    shown = hashlib.sha256(token).digest()
    known = False
    for app in apps:
        for verify_token in app.verify_tokens:
            if is_live(verify_token, now=now) and verify_token.secret:
                known |= hmac.compare_digest(hashlib.sha256(verify_token.secret).digest(), shown)
    return known
