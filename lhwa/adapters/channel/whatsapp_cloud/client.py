"""The channel to Meta: posts one message, and says what is certain about it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import httpx
import msgspec

from lhwa.adapters.channel.whatsapp_cloud.blocks import block_body, failure_in
from lhwa.adapters.channel.whatsapp_cloud.bodies import Json, body_of, read_body
from lhwa.adapters.channel.whatsapp_cloud.exchange import NoAnswerError, OutgoingBody, ask, post
from lhwa.adapters.channel.whatsapp_cloud.histories import history_of, query_of
from lhwa.adapters.channel.whatsapp_cloud.limits import findings_of
from lhwa.adapters.channel.whatsapp_cloud.media import upload_body
from lhwa.adapters.channel.whatsapp_cloud.replies import (
    Answer,
    failure_of,
    is_done,
    media_id_of,
    receipt_of,
    refusal_of,
)
from lhwa.domain.outbound import OutboundMessage, Recipient
from lhwa.domain.outbound_limits.finding import Finding
from lhwa.domain.outbound_limits.media import media_findings
from lhwa.domain.send_errors import NOT_CONNECTED, REFUSED, UNANSWERED
from lhwa.errors import InDoubtError, InvariantError
from lhwa.ports.channel import CancelledSendError, ChannelAccess, MediaFile, Receipt, SendError

SEND_S_MAX = 120.0
UPLOAD_S_MAX = 600.0
ASK_S_MAX = 30.0
_IN_DOUBT = "It is not known whether Meta took the message"
_IN_DOUBT_HINT = "Wait for its status, or ask the client before you send it again."


class WhatsAppCloudChannel:
    """Implements `lhwa.ports.channel.Channel`.

    Args:
        http: the connections, shared by all numbers. Whoever made it closes it.
    """

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def send(self, message: OutboundMessage, *, access: ChannelAccess) -> Receipt:
        """Post one message once."""
        if message.phone_number_id != access.phone_number_id:
            raise InvariantError("A message was about to leave from another number than its own.")
        _refuse(findings_of(message))
        body = _json_body(body_of(message))
        try:
            answer = await post(self._http, "messages", body, access=access, total_s=SEND_S_MAX)
        except NoAnswerError as error:
            if not error.has_left:
                raise _not_connected(error) from None
            raise InDoubtError(f"{_IN_DOUBT}: {error.why}.", hint=_IN_DOUBT_HINT) from None
        except asyncio.CancelledError:
            if not body.has_left:
                raise
            raise CancelledSendError(f"{_IN_DOUBT}: lhwa was stopped.", hint=_IN_DOUBT_HINT) from None
        receipt = receipt_of(answer)
        if receipt is not None:
            return receipt
        refusal = refusal_of(answer)
        if refusal is not None:
            raise refusal
        raise InDoubtError(
            f"{_IN_DOUBT}: the answer (HTTP status {answer.status}) does not say so.", hint=_IN_DOUBT_HINT
        )

    async def mark_read(self, wamid: str, *, access: ChannelAccess, is_typing: bool = False) -> None:
        """Mark a message as read."""
        body = _json_body(read_body(wamid, is_typing=is_typing))
        answer = await self._repeatable("messages", body, access=access, total_s=SEND_S_MAX)
        if not is_done(answer):
            raise failure_of(answer)

    async def upload_media(self, file: MediaFile, *, access: ChannelAccess) -> str:
        """Upload a file."""
        _refuse(media_findings(file.mime, file.content))
        answer = await self._repeatable("media", upload_body(file), access=access, total_s=UPLOAD_S_MAX)
        media_id = media_id_of(answer)
        if media_id is None:
            raise failure_of(answer)
        return media_id

    async def history(self, wamid: str, *, access: ChannelAccess) -> tuple[str, ...] | None:
        """Ask for the statuses of a message."""
        nothing, query = OutgoingBody(content_type="application/json"), query_of(wamid)
        answer = await self._repeatable(
            "message_history", nothing, access=access, total_s=ASK_S_MAX, method="GET", query=query
        )
        return history_of(answer, wamid)

    async def block(self, recipient: Recipient, *, access: ChannelAccess, is_on: bool) -> None:
        """Block a client, or let them write again."""
        body, method = _json_body(block_body(recipient)), "POST" if is_on else "DELETE"
        answer = await self._repeatable("block_users", body, access=access, total_s=ASK_S_MAX, method=method)
        failure = failure_in(answer)
        if failure is not None:
            raise failure

    async def _repeatable(
        self,
        path: str,
        body: OutgoingBody,
        *,
        access: ChannelAccess,
        total_s: float,
        method: str = "POST",
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask what does no harm when it arrives twice: without an answer it simply failed."""
        try:
            return await ask(self._http, method, path, body, access=access, total_s=total_s, query=query)
        except NoAnswerError as error:
            if not error.has_left:
                raise _not_connected(error) from None
            raise SendError(f"Meta gave no answer: {error.why}.", verdict=UNANSWERED) from None


def _json_body(body: Json) -> OutgoingBody:
    return OutgoingBody(msgspec.json.encode(body), content_type="application/json")


def _refuse(findings: tuple[Finding, ...]) -> None:
    if findings:
        rules = ", ".join(f"{finding.rule} at {finding.place}" for finding in findings)
        raise SendError(f"Not posted, as Meta would refuse it: {rules}.", verdict=REFUSED, hint=findings[0].hint)


def _not_connected(error: NoAnswerError) -> SendError:
    return SendError(f"Nothing was posted: {error.why}.", verdict=NOT_CONNECTED)
