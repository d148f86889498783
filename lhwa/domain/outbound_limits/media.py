"""Which files Meta takes: their types, sizes and beginnings.

Source: WhatsApp Cloud API, supported media types.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lhwa.domain.outbound import MediaKind
from lhwa.domain.outbound_limits.finding import Finding

_KIB = 1024
_MIB = 1024 * _KIB
DOCUMENT_BYTES_MAX = 100 * _MIB
_OOXML = "application/vnd.openxmlformats-officedocument"


@dataclass(frozen=True, slots=True)
class MediaRule:
    """What Meta asks of one type of file."""

    kind: MediaKind
    extension: str
    bytes_max: int
    begins: bytes = b""
    """What such a file begins with; empty when there is nothing to go by."""
    declared: str = ""
    """How the type is written, where the bare one is not enough."""


MEDIA_RULES: dict[str, MediaRule] = {
    "audio/aac": MediaRule("audio", "aac", 16 * _MIB),
    "audio/amr": MediaRule("audio", "amr", 16 * _MIB, b"#!AMR"),
    "audio/mpeg": MediaRule("audio", "mp3", 16 * _MIB),
    "audio/mp4": MediaRule("audio", "m4a", 16 * _MIB),
    "audio/ogg": MediaRule("audio", "ogg", 16 * _MIB, b"OggS", "audio/ogg; codecs=opus"),
    "text/plain": MediaRule("document", "txt", DOCUMENT_BYTES_MAX),
    "application/pdf": MediaRule("document", "pdf", DOCUMENT_BYTES_MAX, b"%PDF-"),
    "application/msword": MediaRule("document", "doc", DOCUMENT_BYTES_MAX),
    "application/vnd.ms-excel": MediaRule("document", "xls", DOCUMENT_BYTES_MAX),
    "application/vnd.ms-powerpoint": MediaRule("document", "ppt", DOCUMENT_BYTES_MAX),
    f"{_OOXML}.wordprocessingml.document": MediaRule("document", "docx", DOCUMENT_BYTES_MAX, b"PK"),
    f"{_OOXML}.spreadsheetml.sheet": MediaRule("document", "xlsx", DOCUMENT_BYTES_MAX, b"PK"),
    f"{_OOXML}.presentationml.presentation": MediaRule("document", "pptx", DOCUMENT_BYTES_MAX, b"PK"),
    "image/jpeg": MediaRule("image", "jpg", 5 * _MIB, b"\xff\xd8\xff"),
    "image/png": MediaRule("image", "png", 5 * _MIB, b"\x89PNG\r\n\x1a\n"),
    "image/webp": MediaRule("sticker", "webp", 500 * _KIB, b"RIFF"),
    "video/mp4": MediaRule("video", "mp4", 16 * _MIB),
    "video/3gpp": MediaRule("video", "3gp", 16 * _MIB),
}
"""By type, in lower case and without parameters."""
STICKER_STATIC_BYTES_MAX = 100 * _KIB
"""Of a sticker that does not move."""
_OPUS_HEAD = b"OpusHead"
_OGG_FIRST_PAGE_BYTES = 512


def media_type(mime: str) -> str:
    """The type alone: `audio/ogg` of `Audio/OGG; codecs=opus`."""
    return mime.partition(";")[0].strip().lower()


def document_type(filename: str) -> str | None:
    """The type of a document by its name's ending; None for what Meta takes no document of."""
    ending = filename.rpartition(".")[2].lower()
    return next(
        (mime for mime, rule in MEDIA_RULES.items() if (rule.kind, rule.extension) == ("document", ending)), None
    )


def media_findings(mime: str, content: bytes) -> tuple[Finding, ...]:
    """Everything about a file that Meta would refuse; empty when it may be uploaded."""
    rule = MEDIA_RULES.get(media_type(mime))
    if rule is None:
        return (Finding("media-type", "file", "Convert it to PDF, JPEG, PNG, MP4 or OGG with Opus."),)
    return tuple(_findings(content, rule))


def _findings(content: bytes, rule: MediaRule) -> Iterator[Finding]:
    if not content:
        yield Finding("media-empty", "file", "Choose a file that holds something.")
        return
    if not content.startswith(rule.begins):
        yield Finding("media-misfit", "file", f"Give the type that the file really has: it is no {rule.extension}.")
        return
    bytes_max = rule.bytes_max
    if rule.kind == "sticker":
        if content[8:12] != b"WEBP":
            yield Finding("media-misfit", "file", "Give the type that the file really has: it is no webp.")
            return
        bytes_max = rule.bytes_max if _is_animated(content) else STICKER_STATIC_BYTES_MAX
    if len(content) > bytes_max:
        yield Finding("media-size", "file", f"Make it smaller than {bytes_max // _KIB:,} KiB.")
    if rule.declared and not _is_opus_mono(content):
        yield Finding("audio-codec", "file", "Convert it to Opus with one channel.")


def _is_animated(webp: bytes) -> bool:
    # Source: WebP container, the flags of the extended header.
    return webp[12:16] == b"VP8X" and len(webp) > 20 and bool(webp[20] & 0x02)


def _is_opus_mono(ogg: bytes) -> bool:
    # Source: RFC 7845, section 5.1: the signature, a version, and the count of channels.
    at = ogg.find(_OPUS_HEAD, 0, _OGG_FIRST_PAGE_BYTES)
    channels_at = at + len(_OPUS_HEAD) + 1
    return at >= 0 and len(ogg) > channels_at and ogg[channels_at] == 1
