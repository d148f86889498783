"""What goes in and what comes out: a request to the API, its reply, and a webhook on its way."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import Any

from lhwa.domain.instants import Instant

GRAPH_ORIGIN = "https://graph.facebook.com"
MEDIA_ORIGIN = "https://lookaside.fbsbx.com"
JSON_TYPE = "application/json; charset=UTF-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedFile:
    """One file of a multipart form."""

    name: str
    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A multipart form."""

    fields: dict[str, str] = field(default_factory=dict, repr=False)
    files: dict[str, UploadedFile] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRequest:
    """One request as a caller makes it."""

    method: str
    path: str
    """With the version, such as `/v25.0/301301301301301/messages`."""
    query: dict[str, str] = field(default_factory=dict, repr=False)
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    """Names in lower case."""
    body: bytes = field(default=b"", repr=False)
    content_type: str = ""
    form: Form | None = None
    origin: str | None = None
    """Scheme, host and port by which the caller reached us, so that links lead back; Meta's own when None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiReply:
    """What the caller gets, unless the reply is lost."""

    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)
    is_lost: bool = False
    """The request was carried out, and this reply never reaches the caller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookPost:
    """One signed webhook request."""

    waba_id: str
    url: str
    body: bytes = field(repr=False)
    signature: str
    """The value of `X-Hub-Signature-256`."""
    at: Instant
    """When it was due."""


def encode(payload: dict[str, Any]) -> bytes:
    r"""JSON in Meta's spelling: no spaces, `\uXXXX` in lower case, `\/` for every slash."""
    compact = json.dumps(payload, ensure_ascii=True, separators=(",", ":"))
    return compact.replace("/", r"\/").encode("ascii")


def sign(body: bytes, app_secret: str) -> str:
    """The signature header for these exact bytes."""
    return "sha256=" + hmac.digest(app_secret.encode(), body, hashlib.sha256).hex()


def answer(payload: dict[str, Any], *, status: int = 200) -> ApiReply:
    """A reply in JSON."""
    return ApiReply(status=status, headers={"content-type": JSON_TYPE}, body=encode(payload))


def present(**members: Any) -> dict[str, Any]:
    """An object without the members that are None: Meta leaves keys out, it does not send null."""
    return {key: value for key, value in members.items() if value is not None}
