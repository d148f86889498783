"""Limits of the envelope: whom a message is to, and what stands around its content.

Source: WhatsApp Cloud API, sending messages.
"""

from __future__ import annotations

from collections.abc import Iterator

from lhwa.adapters.channel.whatsapp_cloud.bodies import OPAQUE_PREFIX
from lhwa.domain.outbound import OutboundMessage, Recipient
from lhwa.domain.outbound_limits import Finding, content_findings
from lhwa.domain.phones import E164, is_bsuid

OPAQUE_CHARS_MAX = 512


def findings_of(message: OutboundMessage) -> tuple[Finding, ...]:
    """Everything in a message that Meta would refuse; empty when it may be posted."""
    return tuple(_envelope(message)) + content_findings(message.content)


def _envelope(message: OutboundMessage) -> Iterator[Finding]:
    yield from _recipient(message.recipient)
    if not message.id or len(OPAQUE_PREFIX + message.id) > OPAQUE_CHARS_MAX:
        yield Finding("callback-length", "id", "Give the message an id of ours.")
    if message.reply_to_wamid == "":
        yield Finding("reply-empty", "reply_to_wamid", "Leave it out, or name the message that is answered.")


def _recipient(recipient: Recipient) -> Iterator[Finding]:
    if recipient.phone is not None:
        if not E164.fullmatch(recipient.phone):
            yield Finding("phone-form", "recipient.phone", "Write the number with its plus and country code.")
    elif recipient.bsuid is None:
        yield Finding("recipient-missing", "recipient", "Name a telephone number or a user id.")
    elif not is_bsuid(recipient.bsuid):
        yield Finding("user-id-form", "recipient.bsuid", "Use the user id exactly as the webhook told it.")
