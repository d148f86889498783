"""Media: the form in which files are uploaded.

Meta goes by the file's name as much as by its type, and tells of a misfit only after the message was posted. The name
that goes out says nothing but the type: the client sees the one in the message.

Source: WhatsApp Cloud API, supported media types.
"""

from __future__ import annotations

import hashlib

from lhwa.adapters.channel.whatsapp_cloud.exchange import OutgoingBody
from lhwa.domain.outbound_limits.media import MEDIA_RULES, media_type
from lhwa.ports.channel import MediaFile


def upload_body(file: MediaFile) -> OutgoingBody:
    """The form for `POST /{phone number id}/media`, of a file without findings. The content is not copied."""
    rule = MEDIA_RULES[media_type(file.mime)]
    declared = rule.declared or media_type(file.mime)
    # No content can hold its own digest, so this never ends a part too early.
    boundary = "lhwa-" + hashlib.sha256(file.content).hexdigest()
    fields = {"messaging_product": "whatsapp", "type": declared}
    head = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    head += (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="file.{rule.extension}"\r\n'
        f"Content-Type: {declared}\r\n\r\n"
    )
    tail = f"\r\n--{boundary}--\r\n"
    return OutgoingBody(
        head.encode("ascii"),
        file.content,
        tail.encode("ascii"),
        content_type=f"multipart/form-data; boundary={boundary}",
    )
