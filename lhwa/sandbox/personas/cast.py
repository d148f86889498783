"""The cast: who the sample clients are, and what each of them answers, in Bahasa Indonesia and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from random import Random

from lhwa.sandbox.personas.names import PersonaName
from lhwa.sandbox.personas.reading import Language, Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Both:
    """A text in both languages."""

    id: str = field(repr=False)
    en: str = field(repr=False)

    def in_(self, language: Language) -> str:
        """As the client writes it."""
        return self.en if language is Language.EN else self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """One client."""

    name: PersonaName
    full_name: str
    greeting: Both
    story: Both
    opponent: str
    is_bold: bool = False
    """By chance: the hostile one consents first; the switcher and the withdrawer tap what they could also type."""

    def forms(self, topic: Topic, language: Language) -> tuple[str, ...]:
        """What they would write about a topic: the first one first, the others when it did not fit."""
        if topic is Topic.NAME:
            return (self.full_name,)
        if topic is Topic.OPPONENT:
            return (self.opponent,)
        if topic in (Topic.STORY, Topic.TALE):
            return (self.story.in_(language), *(form.in_(language) for form in _SHORT))
        return tuple(form.in_(language) for form in _FORMS[topic])


def _same(*forms: str) -> tuple[Both, ...]:
    return tuple(Both(id=form, en=form) for form in forms)


_SHORT = (Both(id="Ya", en="Yes"), Both(id="1", en="1"), Both(id="Tidak ada", en="None"))
_FORMS: Mapping[Topic, tuple[Both, ...]] = {
    Topic.NIK: _same("3171 0117 0845 0001", "3171011708450001"),
    Topic.EMAIL: _same("klien.contoh@example.id"),
    Topic.DATE: (Both(id="3 Maret 2026", en="3 March 2026"), *_same("03-03-2026", "2026-03-03")),
    Topic.PHONE: _same("0812-3000-2222", "+62 812-3000-2222"),
    Topic.MONEY: (Both(id="2,5 juta", en="2.5 million"), Both(id="2.500.000", en="2,500,000"), *_same("2500000")),
    Topic.FILE: (Both(id="Saya belum punya berkasnya.", en="I do not have the papers yet."),),
    Topic.CITY: (Both(id="Jakarta Pusat", en="Central Jakarta"),),
    Topic.FORMER_LAWYER: _same("Kantor Hukum Contoh Lama"),
    Topic.JOB: (Both(id="Direktur", en="Director"),),
    Topic.WISH: (Both(id="Saya ingin masalah ini selesai dengan baik.", en="I want this to be settled well."),),
    Topic.COMPANY: _same("PT Contoh Sejahtera"),
    Topic.PLACE: (Both(id="Jl. Contoh No. 1, Jakarta Pusat", en="Jl. Contoh No. 1, Central Jakarta"),),
}
_GREETING = Both(id="Selamat siang, saya perlu bantuan hukum.", en="Good afternoon, I need legal help.")
_DISPUTE = Both(
    id="Tetangga saya memasang pagar di atas tanah saya dan tidak mau membongkarnya.",
    en="My neighbour put a fence on my land and will not take it down.",
)
_RAMBLE = Both(
    id="Jadi begini ceritanya, Pak. Dulu ayah saya membeli tanah itu, lalu ada saudara yang ikut menempati, lalu "
    "pindah, lalu kembali lagi. Suratnya ada, tetapi disimpan paman. Pendeknya: sengketa tanah.",
    en="Well, it is like this. My father bought that land, then a relative moved in with him, moved out, and came "
    "back. There are papers, but my uncle keeps them. In short: a dispute about land.",
)
_ANGRY = Both(id="Kantor penipu! Balas sekarang juga!", en="You crooks! Answer me right now!")


def _persona(name: PersonaName, full_name: str, *, greeting: Both = _GREETING, story: Both = _DISPUTE) -> Persona:
    return Persona(name=name, full_name=full_name, greeting=greeting, story=story, opponent="Budi Contoh Santoso")


PERSONAS = {
    persona.name: persona
    for persona in (
        _persona(PersonaName.COOPERATIVE, "Siti Contoh Rahayu"),
        _persona(PersonaName.RAMBLING, "Bambang Contoh Wijaya", story=_RAMBLE),
        _persona(PersonaName.HOSTILE, "Contoh Pemarah", greeting=_ANGRY),
        _persona(PersonaName.SWITCHER, "Maria Contoh Tan"),
        _persona(PersonaName.DOCUMENTS_FIRST, "Agus Contoh Pratama"),
        _persona(PersonaName.WITHDRAWER, "Dewi Contoh Lestari"),
        _persona(PersonaName.LATE, "Joko Contoh Susilo"),
    )
}
"""Everybody, by name."""


def cast(name: PersonaName, rng: Random) -> Persona:
    """One of them, in the mood that chance gives."""
    return replace(PERSONAS[name], is_bold=rng.random() < 0.5)
