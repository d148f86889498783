from __future__ import annotations

from email import message_from_bytes
from email.message import Message

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.adapters.channel.whatsapp_cloud.media import upload_body
from lhwa.domain.outbound_limits.media import MEDIA_RULES
from lhwa.ports.channel import MediaFile

SAMPLES = {
    "audio/ogg": b"OggS" + bytes(24) + b"OpusHead\x01\x01" + bytes(40),
    "image/webp": b"RIFF\x00\x00\x00\x00WEBPVP8 " + bytes(20),
}


def sample(mime: str) -> bytes:
    return SAMPLES.get(mime, MEDIA_RULES[mime].begins + b"contoh")


async def parsed(file: MediaFile) -> dict[str, Message]:
    body = upload_body(file)
    content = b"".join([piece async for piece in body])
    assert len(content) == body.bytes_count
    whole = message_from_bytes(f"Content-Type: {body.content_type}\r\n\r\n".encode() + content)
    parts = whole.get_payload()
    assert isinstance(parts, list)
    found: dict[str, Message] = {}
    for part in parts:
        assert isinstance(part, Message)
        found[str(part.get_param("name", header="content-disposition"))] = part
    return found


@pytest.mark.parametrize("mime", MEDIA_RULES)
async def test_the_form_names_the_file_by_its_type(mime: str) -> None:
    declared = "audio/ogg; codecs=opus" if mime == "audio/ogg" else mime
    parts = await parsed(MediaFile(mime, sample(mime)))
    assert list(parts) == ["messaging_product", "type", "file"]
    assert parts["messaging_product"].get_payload() == "whatsapp"
    assert parts["type"].get_payload() == declared
    assert parts["file"]["Content-Type"] == declared
    assert parts["file"].get_filename() == f"file.{MEDIA_RULES[mime].extension}"
    assert parts["file"].get_payload(decode=True) == sample(mime)


@given(content=st.binary(max_size=300) | st.just(b"\r\n--lhwa-\r\n" * 20))
async def test_no_content_ends_the_form_early(content: bytes) -> None:
    body = upload_body(MediaFile("text/plain", content))
    boundary = body.content_type.partition("boundary=")[2].encode()
    assert b"".join([piece async for piece in body]).count(b"--" + boundary) == 4
    assert boundary not in content
