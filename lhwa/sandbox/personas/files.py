"""Files that sample clients send: real ones of a few bytes, so that whatever looks into them finds what it expects."""

from __future__ import annotations

import base64
import zlib

from lhwa.sandbox.personas.thread import SendFile

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_OPUS = base64.b64decode(
    "T2dnUwACAAAAAAAAAAABAAAAAAAAAByf9dkBE09wdXNIZWFkAQE4AYC7AAAAAABPZ2dTAAAAAAAAAAAAAAEAAAABAAAA7ZWCJAEU"
    "T3B1c1RhZ3MEAAAAbGh3YQAAAABPZ2dTAATAAwAAAAAAAAEAAAACAAAAKZOw3QED+P/+"
)
"""20 ms of silence."""


def photo(name: str) -> SendFile:
    """A grey picture of one point; photos come without a file name, so its text chunk bears the name."""
    header = b"\0\0\0\1\0\0\0\1\x08\0\0\0\0"
    title = b"Title\0" + name.encode("latin-1", "replace")
    chunks = ((b"IHDR", header), (b"tEXt", title), (b"IDAT", zlib.compress(b"\0\x80")), (b"IEND", b""))
    content = _PNG_SIGNATURE + b"".join(_chunk(kind, data) for kind, data in chunks)
    return SendFile(kind="image", mime_type="image/png", content=content)


def document(name: str) -> SendFile:
    """A PDF of one page, on which its name stands."""
    text = name.encode("ascii", "replace").translate(None, b"()\\")
    page = b"BT /F1 12 Tf 72 720 Td (" + text + b") Tj ET"
    fonts = b"<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources " + fonts + b" >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(page), page),
    )
    content, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, start=1):
        places.append(len(content))
        content += b"%d 0 obj\n%b\nendobj\n" % (number, each)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = (len(objects) + 1, rows, len(objects) + 1, len(content))
    content += b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % end
    return SendFile(kind="document", mime_type="application/pdf", content=content, filename=name)


def voice_note() -> SendFile:
    """A voice note in which nothing is said."""
    return SendFile(kind="audio", mime_type="audio/ogg; codecs=opus", content=_OPUS, voice=True)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
