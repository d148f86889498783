"""How a client understands a message: is something asked, what about, in which language, and which button is which.

By the words alone, as people do it, so now and then wrongly: then they are told, and try something else.
"""

from __future__ import annotations

import re
from enum import StrEnum

from lhwa.sandbox.personas.thread import Choice, Read, Thread


class Language(StrEnum):
    """What the client reads and writes."""

    ID = "id"
    EN = "en"


class Gist(StrEnum):
    """What a message wants."""

    NOTICE = "notice"
    """To agree to something."""
    QUESTION = "question"
    RECEIPT = "receipt"
    """Nothing; it says that something was noted, and how to take it back."""
    HINT = "hint"
    """An answer to another message, which is named here."""
    TELLS = "tells"
    """Nothing."""


class Topic(StrEnum):
    """What a question is about."""

    NIK = "nik"
    TALE = "tale"
    """It begs for a story, whatever else it names."""
    EMAIL = "email"
    DATE = "date"
    PHONE = "phone"
    MONEY = "money"
    FILE = "file"
    PLACE = "place"
    OPPONENT = "opponent"
    FORMER_LAWYER = "former_lawyer"
    CITY = "city"
    JOB = "job"
    WISH = "wish"
    COMPANY = "company"
    NAME = "name"
    STORY = "story"
    """Everything else: it is answered in words."""


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE)


_AGREE = _words("setuju|menyetujui|agree|consent|bersedia|boleh|you may")
_NOT = _words("tidak|tdk|bukan|not|don't|disagree|tarik|cabut|withdraw")
_WITHDRAW = _words("tarik|cabut|berhenti|withdraw|stop")
_SKIP = _words("lewati|lewat|skip|nanti saja|later")
_SWITCH = re.compile(r"(?:bahasa\s+)?(?:indonesia|english|inggris)", re.IGNORECASE)
_HINT = _words(
    "pertanyaan (?:tadi|di atas|sebelumnya)|question above|question before|salah satu tombol|one of the buttons"
)
_ASKS = _words(
    "mohon|tolong|silakan|tulis(?:kan)?|ceritakan|jelaskan|sebutkan|kirim(?:kan)?|unggah|bagikan|pilih|ketik|"
    "please|tell us|describe|write|send us|share|choose|enter"
)
_ENDS = _words(
    "mohon tunggu|please wait|mulai|start|berubah pikiran|change your mind|kapan saja|at any time|"
    "mohon perhatikan|please mind that|"
    r"(?:we|somebody|someone|staff|team|lawyer) will|(?:kami|staf|tim|pengacara) akan"
)
_ITALIC = re.compile(r"_[^_]*_")
_INDONESIAN = _words(
    "anda|yang|dan|untuk|dengan|mohon|apa|apakah|siapa|kapan|berapa|ketik|bicara|kami|kepada|nama|tidak|akan|ya"
)
_ENGLISH = _words("the|you|your|and|for|with|please|what|who|when|type|talk|our|to|of|is|will|not|yes")
_TOPICS = {
    Topic.NIK: _words("nik|16 angka|16 digits"),
    Topic.TALE: _words(r"ceritakan|jelaskan|tell us|describe|explain|what happened"),
    Topic.EMAIL: _words("e-?mail|surel"),
    Topic.DATE: _words(r"tanggal\w*|kapan|date|when|\d{1,2}[-/]\d{1,2}[-/]\d{4}"),
    Topic.PHONE: _words(r"telepon\w*|telpon|nomor (?:hp|wa|whatsapp)|phone|mobile|0812[\d -]*"),
    Topic.MONEY: _words(r"rupiah|rp|jumlah\w*|nilai\w*|amount|how much|value"),
    Topic.FILE: _words(r"foto\w*|berkas\w*|dokumen\w*|unggah|papers?|documents?|photos?|files?|upload"),
    Topic.CITY: _words(r"kota|kabupaten|city|town|regency"),
    Topic.PLACE: _words(r"lokasi\w*|alamat\w*|di ?mana|location|address|where"),
    Topic.OPPONENT: _words(r"lawan\w*|pihak lain\w*|other (?:side|party)|opponent|opposing"),
    Topic.FORMER_LAWYER: _words(r"advokat|pengacara|advocate|lawyer"),
    Topic.JOB: _words(r"jabatan|pekerjaan|position|job|role|occupation"),
    Topic.WISH: _words(r"harapkan|harapan|inginkan|hope|expect|outcome"),
    Topic.COMPANY: _words(r"perusahaan\w*|lembaga\w*|company|organisation|organization"),
    Topic.NAME: _words(r"nama\w*|name"),
}


def gist_of(read: Read) -> Gist:
    """What a message wants."""
    if any(is_agreement(choice) for choice in read.choices):
        return Gist.NOTICE
    if read.choices and all(is_withdrawal(choice) for choice in read.choices):
        return Gist.RECEIPT
    if read.choices or read.asks_place:
        return Gist.QUESTION
    text = plain_text(read)
    if _HINT.search(text):
        return Gist.HINT
    asks = "?" in text or (_ASKS.search(text) and not _ENDS.search(text))
    return Gist.QUESTION if asks else Gist.TELLS


def plain_text(read: Read) -> str:
    """Without what stands small below: how to reach a person."""
    return "\n\n".join(part for part in _paragraphs(read) if not _ITALIC.fullmatch(part))


def core_of(read: Read) -> str:
    """What stays the same when a question is put again: its last paragraph, without what is said before."""
    return (plain_text(read).split("\n\n") or [""])[-1]


def topic_of(read: Read) -> Topic:
    """What a question is about; what is said before it counts too, such as an example of a date."""
    if read.asks_place:
        return Topic.PLACE
    text = plain_text(read)
    return next((topic for topic, words in _TOPICS.items() if words.search(text)), Topic.STORY)


def language_of(thread: Thread) -> Language:
    """The language of the newest message that has a clear one; Indonesian at first."""
    for entry in reversed(thread):
        if isinstance(entry, Read):
            text = " ".join([entry.text, *(choice.title for choice in entry.choices if not is_switch(choice))])
            more = len(_ENGLISH.findall(text)) - len(_INDONESIAN.findall(text))
            if more:
                return Language.EN if more > 0 else Language.ID
    return Language.ID


def is_agreement(choice: Choice) -> bool:
    """True for the button that agrees."""
    return bool(_AGREE.search(choice.title)) and not _NOT.search(choice.title)


def is_withdrawal(choice: Choice) -> bool:
    """True for the button that takes a consent back."""
    return bool(_WITHDRAW.search(choice.title))


def is_skip(choice: Choice) -> bool:
    """True for the button that passes over a question."""
    return bool(_SKIP.search(choice.title))


def is_switch(choice: Choice) -> bool:
    """True for the button that changes the language."""
    return bool(_SWITCH.fullmatch(choice.title.strip()))


def _paragraphs(read: Read) -> list[str]:
    return [part for part in (part.strip() for part in read.text.split("\n\n")) if part]
