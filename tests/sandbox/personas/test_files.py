"""The files of sample clients are what they say they are."""

from __future__ import annotations

import pytest

from lhwa.sandbox.media import media_type
from lhwa.sandbox.personas import files
from lhwa.sandbox.personas.thread import SendFile


@pytest.mark.parametrize(
    ("file", "kind", "begins"),
    [
        (files.photo("KTP"), "image", b"\x89PNG\r\n\x1a\n"),
        (files.document("surat (1).pdf"), "document", b"%PDF-1.4"),
        (files.voice_note(), "audio", b"OggS"),
    ],
)
def test_a_file_is_of_its_kind(file: SendFile, kind: str, begins: bytes) -> None:
    found = media_type(file.mime_type)
    assert found is not None
    assert (found.kind, file.kind) == (kind, kind)
    assert file.content.startswith(begins)


def test_two_files_of_other_names_have_other_contents() -> None:
    assert files.document("a.pdf").content != files.document("b.pdf").content
    assert files.photo("a").content != files.photo("b").content
