"""Documents on their way: uploaded to Meta right before their message is posted.

An upload is no message: it can be repeated, and one that fails leaves nothing in doubt.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from hashlib import sha256
from typing import Protocol

from lhwa.domain.outbound import Document, Media
from lhwa.domain.send_errors import NOT_CONNECTED, REFUSED
from lhwa.errors import SealError, StorageError, UnavailableError
from lhwa.ports.channel import Channel, ChannelAccess, MediaFile, SendError
from lhwa.store.transaction import Tx

UPLOAD_S_MAX = 30.0
"""So that the message can still be posted while the job is ours. 100 MiB need 28 Mbit/s for that."""


class _Read(Protocol):
    def __call__(self, fn: object, /, *args: object) -> Awaitable[bytes]: ...


async def uploaded(document: Document, message: str, *, channel: Channel, access: ChannelAccess, read: _Read) -> Media:
    """The document of a message, at Meta.

    Args:
        message: its id.
        read: runs a function in a transaction of the firm.
    Raises: SendError; the message has certainly not left then.
    """
    try:
        content = await read(_content, message)
    except (StorageError, SealError) as error:
        raise SendError("The document is not there any more.", verdict=REFUSED, hint=error.hint) from None
    except UnavailableError:
        raise SendError("The document cannot be read now.", verdict=NOT_CONNECTED) from None
    if sha256(content).hexdigest() != document.sha256:
        raise SendError("The document is not the one that was approved.", verdict=REFUSED, hint="Send it anew.")
    try:
        async with asyncio.timeout(UPLOAD_S_MAX):
            media_id = await channel.upload_media(MediaFile(document.mime, content), access=access)
    except TimeoutError:
        raise SendError("The upload of a document took too long.", verdict=NOT_CONNECTED) from None
    return document.at_meta(media_id)


def _content(tx: Tx, message: str) -> bytes:
    return tx.attachments.read(message)
