from __future__ import annotations

from lhwa.domain.outbound import Document, FilledTemplate, Parameter, Reaction, Text
from lhwa.domain.template_filling import Rendered
from lhwa.services.messaging.as_read import as_read
from tests.outbound.desk import Desk

BUTTON = {"type": "URL", "text": "Lihat", "url": "https://contoh.example/{{1}}", "example": ["a"]}


def test_a_template_is_read_with_its_values_footer_and_buttons(desk: Desk) -> None:
    body = {"type": "BODY", "text": "Halo {{1}}, berkas diterima.", "example": {"body_text": [["Contoh"]]}}
    header, footer = {"type": "HEADER", "format": "TEXT", "text": "Kabar"}, {"type": "FOOTER", "text": "Firma Contoh"}
    desk.put_template(components=[header, body, footer, {"type": "BUTTONS", "buttons": [BUTTON | {"type": "URL"}]}])
    filled = FilledTemplate(name="kabar_berkas", language="id", body=(Parameter(value="Rina"),))
    shown = desk.store.read(as_read, filled)
    assert (shown.header, shown.body, shown.footer) == ("Kabar", "Halo Rina, berkas diterima.", "Firma Contoh")
    assert [button.text for button in shown.buttons] == ["Lihat"]


def test_a_template_that_is_not_known_shows_its_values(desk: Desk) -> None:
    filled = FilledTemplate(name="tiada", language="id", body=(Parameter(value="Rina"),))
    assert desk.store.read(as_read, filled).body == "[tiada/id] Rina"


def test_a_document_shows_its_name_its_size_and_its_caption(desk: Desk) -> None:
    document = Document(
        filename="surat.pdf", mime="application/pdf", sha256="0" * 64, size=12345, caption="Mohon dibaca"
    )
    assert desk.store.read(as_read, document) == Rendered(
        "[document: surat.pdf, 12,345 bytes]", "Mohon dibaca", None, ()
    )


def test_anything_else_is_its_text(desk: Desk) -> None:
    for content, text in ((Text(body="Halo\nIbu"), "Halo\nIbu"), (Reaction(wamid="wamid.X", emoji="👍"), "👍")):
        assert desk.store.read(as_read, content) == Rendered(None, text, None, ())
