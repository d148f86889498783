"""Media files: what may be uploaded, how long it is kept, and the shelf of each account.

Source: WhatsApp Cloud API, media.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from lhwa.domain.instants import Instant

UPLOADED_FOR = timedelta(days=30)
INBOUND_FOR = timedelta(days=7)
LINK_FOR = timedelta(minutes=5)
_MIB = 1024 * 1024
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


@dataclass(frozen=True, slots=True)
class MediaType:
    """One kind of file that Meta takes."""

    kind: str
    bytes_max: int
    extensions: tuple[str, ...]
    """By which Meta tells the type as well: the name has to fit."""


MEDIA_TYPES = {
    "audio/aac": MediaType("audio", 16 * _MIB, ("aac",)),
    "audio/amr": MediaType("audio", 16 * _MIB, ("amr",)),
    "audio/mpeg": MediaType("audio", 16 * _MIB, ("mp3",)),
    "audio/mp4": MediaType("audio", 16 * _MIB, ("m4a", "mp4")),
    "audio/ogg": MediaType("audio", 16 * _MIB, ("ogg", "oga", "opus")),
    "text/plain": MediaType("document", 100 * _MIB, ("txt",)),
    "application/pdf": MediaType("document", 100 * _MIB, ("pdf",)),
    "application/msword": MediaType("document", 100 * _MIB, ("doc",)),
    "application/vnd.ms-excel": MediaType("document", 100 * _MIB, ("xls",)),
    "application/vnd.ms-powerpoint": MediaType("document", 100 * _MIB, ("ppt",)),
    _WORD: MediaType("document", 100 * _MIB, ("docx",)),
    _SHEET: MediaType("document", 100 * _MIB, ("xlsx",)),
    _SLIDES: MediaType("document", 100 * _MIB, ("pptx",)),
    "image/jpeg": MediaType("image", 5 * _MIB, ("jpg", "jpeg")),
    "image/png": MediaType("image", 5 * _MIB, ("png",)),
    "image/webp": MediaType("sticker", 500 * 1024, ("webp",)),
    "video/mp4": MediaType("video", 16 * _MIB, ("mp4",)),
    "video/3gpp": MediaType("video", 16 * _MIB, ("3gp", "3gpp")),
}


def media_type(mime_type: str) -> MediaType | None:
    """The kind of a MIME type, whatever parameters it carries."""
    return MEDIA_TYPES.get(mime_type.partition(";")[0].strip().lower())


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFile:
    """One file."""

    id: str
    number_id: str
    """The number that owns it."""
    mime_type: str
    content: bytes = field(repr=False)
    expires_at: Instant

    @property
    def sha256_hex(self) -> str:
        """As `GET /{MEDIA_ID}` tells it; webhooks have it in base64."""
        return hashlib.sha256(self.content).hexdigest()


class MediaShelf:
    """All files of one account, and the links under which they can be fetched."""

    def __init__(self) -> None:
        self._files: dict[str, MediaFile] = {}
        self._links: dict[str, tuple[str, Instant]] = {}

    def put(self, file: MediaFile) -> None:
        """Keep a file."""
        self._files[file.id] = file

    def find(self, media_id: str, *, now: Instant) -> MediaFile | None:
        """A file that has not expired."""
        file = self._files.get(media_id)
        return file if file is not None and now < file.expires_at else None

    def remove(self, media_id: str) -> None:
        """Delete a file; its links end with it."""
        del self._files[media_id]

    def link(self, file: MediaFile, key: str, *, now: Instant) -> None:
        """Let a file be fetched by this key for five minutes."""
        self._links[key] = (file.id, now + LINK_FOR)

    def linked(self, key: str, *, now: Instant) -> MediaFile | None:
        """The file of a link that still lives."""
        media_id, until = self._links.get(key, ("", now))
        return self.find(media_id, now=now) if now < until else None


def media_problem(shelf: MediaShelf, kind: str, media: dict[str, Any], *, number_id: str, now: Instant) -> str | None:
    """Why a message with this file fails later; None when it does not. Links are not fetched."""
    if "link" in media:
        return None if media["link"].startswith("https://") else "The link is not an https URL."
    file = shelf.find(media["id"], now=now)
    if file is None or file.number_id != number_id:
        return "The media id does not exist, has expired or belongs to another number."
    found = media_type(file.mime_type)
    if found is None or kind not in (found.kind, "document"):
        return f"A file of this type cannot be sent as {kind}."
    return None
