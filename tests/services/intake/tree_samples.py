"""A small tree in which every kind of node and branch is right, for tests that break one thing in it."""

from __future__ import annotations

from pathlib import Path

from lhwa.services.intake.tree_files import ReadTree, read_tree_file

SHIPPED = Path(__file__).parents[3] / "config" / "intake"
GOOD = """\
name: contoh
title: {id: Contoh, en: Sample}
entry: true
remind_after_h: 20
expire_after_h: 336
nodes:
  consent:
    consent: intake
    version: "1"
    notice:
      id: Kami meminta persetujuan Anda. Balas BERHENTI untuk menariknya.
      en: We ask for your consent. Reply STOP to withdraw it.
    agree: {id: Setuju, en: Agree}
    decline: {id: Tidak setuju, en: Decline}
  sensitive:
    consent: sensitive_data
    version: "1"
    required: false
    notice: {id: Balas BERHENTI., en: Reply STOP.}
    agree: {id: Ya, en: "Yes"}
    decline: {id: Tidak, en: "No"}
    next:
      - {when: {sensitive: yes}, to: full_name}
      - {to: by_person}
  full_name:
    ask: text
    party: client
    text: {id: Siapa nama Anda, en: What is your name}
  area:
    ask: choice
    text: {id: Bidang apa, en: Which area}
    options:
      family: {id: Keluarga, en: Family}
      land: {id: Tanah, en: Land, go: place}
      debt: {id: Utang, en: Debt}
  children:
    ask: yes_no
    sensitive: true
    text: {id: Ada anak, en: Any children}
    next:
      - {when: {area: [family]}, to: story}
      - {to: place}
  place:
    ask: location
    text: {id: Di mana, en: Where}
  story:
    ask: text
    optional: true
    text: {id: Apa yang terjadi, en: What happened}
  review:
    review: {id: Terima kasih., en: Thank you.}
  by_person:
    person: {id: Staf kami menghubungi Anda., en: Our staff contact you.}
"""


def read(folder: Path, text: str | bytes = GOOD, **others: str) -> ReadTree:
    """Write a tree, and other files beside it, and read it."""
    for name, other in others.items():
        (folder / f"{name}.yaml").write_text(other, encoding="utf-8")
    path = folder / "contoh.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_tree_file(path)
