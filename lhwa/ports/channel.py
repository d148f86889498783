"""Posting messages to clients."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import urlsplit

from lhwa.domain.outbound import OutboundMessage, Recipient
from lhwa.domain.send_errors import SendVerdict
from lhwa.errors import ConfigError, InDoubtError, LhwaError

_TOKEN = re.compile(r"[A-Za-z0-9._~+/=|-]{1,4096}", re.ASCII)
_VERSION = re.compile(r"v[0-9]{1,3}\.[0-9]{1,2}", re.ASCII)
_ID = re.compile(r"[0-9]{1,32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ChannelAccess:
    """Where one number's messages are posted, and with which right. Raises ConfigError for a value that cannot be."""

    base_url: str
    """`https://graph.facebook.com`; plain http only on this machine."""
    api_version: str
    """`v25.0`."""
    phone_number_id: str
    token: str = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what would send a token in clear, or to a place that nobody meant."""
        if not _is_safe(self.base_url):
            raise ConfigError(
                "The base URL of the channel is not safe.", hint="Use https://, a host and nothing else but a path."
            )
        if not _VERSION.fullmatch(self.api_version):
            raise ConfigError("The API version of the channel is not one.", hint="Write it as v25.0.")
        if not _ID.fullmatch(self.phone_number_id):
            raise ConfigError("The phone number id is not one.", hint="Copy it from the WhatsApp Manager.")
        if not _TOKEN.fullmatch(self.token):
            raise ConfigError("The access token is empty or damaged.", hint="Store it again, without line breaks.")


def _is_safe(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port_is_sound = parts.port != 0
    except ValueError:
        return False
    if not host or not port_is_sound or parts.query or parts.fragment or "@" in parts.netloc:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What Meta answered to a message that it took."""

    wamid: str
    message_status: str | None = None
    """Of templates: `accepted`, `held_for_quality_assessment` or `paused`."""
    wa_id: str | None = field(default=None, repr=False)
    """May differ from the number that was written to; then it is one more name of the same client."""
    user_id: str | None = field(default=None, repr=False)
    """For a message to a user id."""


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file to upload."""

    mime: str
    content: bytes = field(repr=False)


class SendError(LhwaError):
    """Meta did not take it, and that is certain. `retryable` says whether lhwa may post it again by itself.

    Args:
        verdict: what the error asks for.
        vendor_code: Meta's own code; None when there was no answer or none in it.
        trace_id: Meta's name for the request, for their support.
        details: Meta's own words. They may quote content: seal them, never log them.
    """

    def __init__(
        self,
        message: str,
        *,
        verdict: SendVerdict,
        hint: str = "",
        retry_after_s: float | None = None,
        vendor_code: int | None = None,
        trace_id: str | None = None,
        details: str = "",
    ) -> None:
        super().__init__(message, hint=hint or verdict.hint, retry_after_s=retry_after_s)
        self.retryable = verdict.retryable
        self.verdict = verdict
        self.vendor_code = vendor_code
        self.trace_id = trace_id
        self.details = details


class NoHistoryError(LhwaError):
    """The channel does not tell what became of messages: it has no such thing, or not for this account."""


class CancelledSendError(InDoubtError, asyncio.CancelledError):
    """The sender was stopped after the message began to leave: in doubt, and a cancellation for asyncio all the same.

    Record it, then raise it on. A plain CancelledError means that nothing has left.
    """


class Channel(Protocol):
    """Carries messages out. No business rule lives here."""

    async def send(self, message: OutboundMessage, *, access: ChannelAccess) -> Receipt:
        """Post one message once.

        Raises: SendError when it certainly did not go; InDoubtError when nobody knows, CancelledSendError among them.
        """
        ...

    async def mark_read(self, wamid: str, *, access: ChannelAccess, is_typing: bool = False) -> None:
        """Show the client that a message was read, and that somebody is typing. Doing it twice changes nothing.

        Raises: SendError.
        """
        ...

    async def upload_media(self, file: MediaFile, *, access: ChannelAccess) -> str:
        """Upload a file; its id, good for 30 days and this number. A second upload is a second file, and harmless.

        Raises: SendError.
        """
        ...

    async def history(self, wamid: str, *, access: ChannelAccess) -> tuple[str, ...] | None:
        """The statuses of a message that the number sent, such as `delivered`; None when it sent no such message.

        Raises: NoHistoryError; SendError.
        """
        ...

    async def block(self, recipient: Recipient, *, access: ChannelAccess, is_on: bool) -> None:
        """Keep a client from writing to the number, or let them write again. Doing it twice changes nothing.

        Raises: SendError, with the code for this client where there is one.
        """
        ...
