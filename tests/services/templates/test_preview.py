from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lhwa.domain.templates import Template
from lhwa.services.templates.files import read_template_file
from lhwa.services.templates.preview import WIDTH_MIN, preview
from tests.domain.template_samples import PLAIN, templates

SAMPLES = Path(__file__).parents[3] / "config" / "templates"


def test_a_preview_shows_what_the_client_sees_with_the_examples() -> None:
    template, _ = read_template_file(SAMPLES / "pengingat_janji.yaml").templates
    assert preview(template, width=60) == [
        "pengingat_janji (id) UTILITY",
        "",
        "  Pengingat janji temu",
        "",
        "  Yth. Contoh Klien, kami mengingatkan janji temu Anda",
        "  dengan Contoh Advokat pada Senin 5 Januari pukul 10.00",
        "  WIB.",
        "",
        "  Mohon balas pesan ini apabila Anda berhalangan hadir.",
        "",
        "  Kantor Hukum Contoh",
        "",
        "  [ Saya hadir ]",
        "  [ Atur ulang jadwal ]",
    ]


def test_values_take_the_place_of_the_examples() -> None:
    template, _ = read_template_file(SAMPLES / "pemberitahuan_tagihan.yaml").templates
    lines = preview(template, {"nama_klien": "Contoh Dua", "button.0": "x-1", "header.filename": "t.pdf"}, width=200)
    assert "  [document: t.pdf]" in lines
    assert "  [ Lihat tagihan ] https://klien.example.id/tagihan/x-1" in lines
    assert any("Contoh Dua" in line and "{{tanggal}}" in line for line in lines)


@given(template=templates(), width=st.integers(1, 90))
@settings(max_examples=80)
def test_no_line_is_longer_than_the_width(template: Template, width: int) -> None:
    assert all(len(line) <= max(width, WIDTH_MIN) for line in preview(template, width=width))


@pytest.mark.parametrize("hostile", ["\x1b[2J", "\u202e", "\x9b", "a\rb"])
def test_nothing_active_reaches_the_terminal(hostile: str) -> None:
    shown = "\n".join(preview(replace(PLAIN, body=f"Halo {hostile}", name=hostile, footer=hostile)))
    assert hostile not in shown
