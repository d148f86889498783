from __future__ import annotations

from email import message_from_bytes
from email.message import Message

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.adapters.channel.whatsapp_cloud.media import MEDIA_RULES, media_findings, media_type, upload_body
from lhwa.ports.channel import MediaFile

MIB = 1024 * 1024
OPUS = b"OggS" + bytes(24) + b"OpusHead\x01\x01" + bytes(40)
STATIC = b"RIFF\x00\x00\x00\x00WEBPVP8 " + bytes(20)
ANIMATED = b"RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02" + bytes(20)
# Written from the reference: kind, extension and size in KiB.
TABLE = {
    "audio/aac": ("audio", "aac", 16_384),
    "audio/amr": ("audio", "amr", 16_384),
    "audio/mpeg": ("audio", "mp3", 16_384),
    "audio/mp4": ("audio", "m4a", 16_384),
    "audio/ogg": ("audio", "ogg", 16_384),
    "text/plain": ("document", "txt", 102_400),
    "application/pdf": ("document", "pdf", 102_400),
    "application/msword": ("document", "doc", 102_400),
    "application/vnd.ms-excel": ("document", "xls", 102_400),
    "application/vnd.ms-powerpoint": ("document", "ppt", 102_400),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ("document", "docx", 102_400),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ("document", "xlsx", 102_400),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ("document", "pptx", 102_400),
    "image/jpeg": ("image", "jpg", 5_120),
    "image/png": ("image", "png", 5_120),
    "image/webp": ("sticker", "webp", 500),
    "video/mp4": ("video", "mp4", 16_384),
    "video/3gpp": ("video", "3gp", 16_384),
}


def sample(mime: str) -> bytes:
    special = {"audio/ogg": OPUS, "image/webp": STATIC}
    return special.get(mime, MEDIA_RULES[mime].begins + b"contoh")


def rules(mime: str, content: bytes) -> list[str]:
    return [finding.rule for finding in media_findings(MediaFile(mime, content))]


def test_the_table_is_that_of_the_reference() -> None:
    assert {mime: (rule.kind, rule.extension, rule.bytes_max // 1024) for mime, rule in MEDIA_RULES.items()} == TABLE


@pytest.mark.parametrize("mime", TABLE)
def test_a_sound_file_passes(mime: str) -> None:
    assert rules(mime, sample(mime)) == []
    assert rules(mime.upper() + "; x=1", sample(mime)) == []


@pytest.mark.parametrize(
    ("mime", "content", "found"),
    [
        ("audio/opus", OPUS, ["media-type"]),
        ("image/gif", b"GIF89a", ["media-type"]),
        ("", b"x", ["media-type"]),
        ("application/pdf", b"", ["media-empty"]),
        ("application/pdf", b"MZ", ["media-misfit"]),
        ("image/png", b"\xff\xd8\xff", ["media-misfit"]),
        ("image/webp", b"RIFF\x00\x00\x00\x00WAVE", ["media-misfit"]),
        ("image/png", b"\x89PNG\r\n\x1a\n" + bytes(5 * MIB), ["media-size"]),
        ("image/webp", STATIC + bytes(100 * 1024), ["media-size"]),
        ("image/webp", ANIMATED + bytes(400 * 1024), []),
        ("image/webp", ANIMATED + bytes(500 * 1024), ["media-size"]),
        ("video/mp4", bytes(16 * MIB), []),
        ("video/mp4", bytes(16 * MIB + 1), ["media-size"]),
        ("audio/ogg", b"OggS" + b"vorbis", ["audio-codec"]),
        ("audio/ogg", OPUS.replace(b"\x01\x01", b"\x01\x02"), ["audio-codec"]),
        ("audio/ogg", OPUS[:36], ["audio-codec"]),
    ],
)
def test_a_file_that_meta_would_refuse(mime: str, content: bytes, found: list[str]) -> None:
    assert rules(mime, content) == found


@pytest.mark.parametrize(("mime", "bare"), [("Audio/OGG; codecs=opus", "audio/ogg"), (" text/plain ", "text/plain")])
def test_the_type_without_its_parameters(mime: str, bare: str) -> None:
    assert media_type(mime) == bare


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


@pytest.mark.parametrize("mime", TABLE)
async def test_the_form_names_the_file_by_its_type(mime: str) -> None:
    declared = "audio/ogg; codecs=opus" if mime == "audio/ogg" else mime
    parts = await parsed(MediaFile(mime, sample(mime)))
    assert list(parts) == ["messaging_product", "type", "file"]
    assert parts["messaging_product"].get_payload() == "whatsapp"
    assert parts["type"].get_payload() == declared
    assert parts["file"]["Content-Type"] == declared
    assert parts["file"].get_filename() == f"file.{TABLE[mime][1]}"
    assert parts["file"].get_payload(decode=True) == sample(mime)


@given(content=st.binary(max_size=300) | st.just(b"\r\n--lhwa-\r\n" * 20))
async def test_no_content_ends_the_form_early(content: bytes) -> None:
    body = upload_body(MediaFile("text/plain", content))
    boundary = body.content_type.partition("boundary=")[2].encode()
    assert b"".join([piece async for piece in body]).count(b"--" + boundary) == 4
    assert boundary not in content
