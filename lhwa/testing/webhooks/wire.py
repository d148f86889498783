"""Bodies as they leave: Meta's way of writing JSON, its signature, and several webhooks in one request."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any

from lhwa.errors import UsageError


def encode(payload: dict[str, Any]) -> bytes:
    r"""A body in Meta's spelling: no spaces, `\uXXXX` in lower case, `\/` for every slash."""
    compact = json.dumps(payload, ensure_ascii=True, separators=(",", ":"))
    return compact.replace("/", r"\/").encode("ascii")


def sign(body: bytes, app_secret: bytes) -> str:
    """The value of `X-Hub-Signature-256` for these exact bytes."""
    return "sha256=" + hmac.digest(app_secret, body, hashlib.sha256).hex()


def merge(payloads: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One body with the entries of several, as Meta batches them.

    Raises: UsageError when there is nothing to merge, or the bodies are of different products.
    """
    products = {payload.get("object") for payload in payloads}
    if len(products) != 1:
        raise UsageError(
            "Only webhooks of one object can be merged.", hint="Send the others in a request of their own."
        )
    entries = [entry for payload in payloads for entry in payload.get("entry", [])]
    return {"object": products.pop(), "entry": entries}
