from __future__ import annotations

from typing import Any

import pytest

from lhwa.domain.outbound import Document
from lhwa.domain.outbound_limits import content_findings
from lhwa.domain.outbound_limits.media import MEDIA_RULES, document_type, media_findings, media_type

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
    return [finding.rule for finding in media_findings(mime, content)]


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


@pytest.mark.parametrize(
    ("name", "mime"),
    [("gugatan.PDF", "application/pdf"), ("a.b.txt", "text/plain"), ("foto.jpg", None), ("pdf.exe", None), ("", None)],
)
def test_a_document_is_known_by_its_ending(name: str, mime: str | None) -> None:
    assert document_type(name) == mime


def document(**changes: Any) -> Document:
    facts: dict[str, Any] = {"filename": "gugatan.pdf", "mime": "application/pdf", "sha256": "0" * 64, "size": 7}
    return Document(**(facts | changes))


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []),
        ({"caption": "x" * 1024}, []),
        ({"caption": "x" * 1025}, ["caption-length"]),
        ({"filename": "x" * 241}, ["filename-form"]),
        ({"filename": ""}, ["filename-form"]),
        ({"filename": "../gugatan.pdf"}, ["filename-form"]),
        ({"filename": "gugatan\u202efdp.exe"}, ["filename-form"]),
        ({"filename": "a\nb.pdf"}, ["filename-form"]),
        ({"mime": "image/png"}, ["document-type"]),
        ({"mime": "application/x-msdownload"}, ["document-type"]),
    ],
)
def test_what_meta_would_refuse_of_a_document(changes: dict[str, Any], found: list[str]) -> None:
    assert [finding.rule for finding in content_findings(document(**changes))] == found
