"""What clients type to steer a session, in both languages: whole messages, never words inside of one.

A wish to withdraw must be as easy as the consent was, so those words are generous; a consent is read from clear words
alone, and neither silence nor "ok" is one.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum


class Wish(StrEnum):
    """What a client wants of the session itself."""

    WITHDRAW = "withdraw"
    PERSON = "person"
    BACK = "back"
    SKIP = "skip"
    START = "start"
    INDONESIAN = "indonesian"
    ENGLISH = "english"


_WISHES: dict[Wish, str] = {
    Wish.WITHDRAW: (
        "berhenti|stop|unsubscribe|hentikan|tarik persetujuan|tarik persetujuan saya|cabut persetujuan|"
        "cabut persetujuan saya|saya cabut persetujuan saya|saya tarik persetujuan saya|saya menarik persetujuan saya|"
        "saya mencabut persetujuan saya|batalkan persetujuan|saya tidak setuju lagi|withdraw|withdraw consent|"
        "withdraw my consent|i withdraw my consent|i withdraw|revoke consent|revoke my consent|opt out|saya berhenti|"
        "tutup permintaan|close the request|tolong berhenti|mohon berhenti|please stop|stop please|"
        "hapus data saya|delete my data"
    ),
    Wish.PERSON: (
        "orang|manusia|staf|staff|bicara dengan orang|bicara dengan staf|"
        "bicara dengan manusia|saya mau bicara dengan orang|person|human|talk to a person|"
        "speak to a person|i want to talk to a person|talk to a human|speak to a human"
    ),
    Wish.BACK: "kembali|ulang|ulangi|sebelumnya|back|previous|undo",
    Wish.SKIP: "lewati|lewat|skip|next|tidak tahu|gak tahu|nggak tahu|don't know|dont know",
    Wish.START: "mulai|start|daftar|konsultasi|mulai lagi|start again",
    Wish.INDONESIAN: "bahasa|bahasa indonesia|pakai bahasa indonesia",
    Wish.ENGLISH: "english|bahasa inggris|in english|english please",
}
_AGREE = (
    "setuju|saya setuju|ya setuju|ya saya setuju|iya setuju|iya saya setuju|saya menyetujui|kami setuju|sy setuju|"
    "setuju pak|setuju bu|agree|i agree|yes i agree|i consent|agreed|yes agree"
)
_DISAGREE = (
    "tidak setuju|saya tidak setuju|tdk setuju|gak setuju|nggak setuju|ga setuju|enggak setuju|tidak|tolak|menolak|"
    "saya menolak|disagree|i disagree|i do not agree|i don't agree|no|do not agree|i refuse"
)
_YES = "ya|y|iya|iya|ya benar|benar|betul|yes|yep|yeah|correct|sudah|ada|iya betul|ya betul"
_NO = "tidak|tdk|gak|ga|nggak|enggak|bukan|belum|no|nope|not yet|tidak ada|belum ada|t|n"


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split("|"))


_BY_WORDS = {words: wish for wish, listed in _WISHES.items() for words in _set(listed)}
_AGREE_WORDS, _DISAGREE_WORDS, _YES_WORDS, _NO_WORDS = map(_set, (_AGREE, _DISAGREE, _YES, _NO))
_LONGEST = 64
"""No keyword is longer; a longer message is never searched."""


def wish_of(text: str | None) -> Wish | None:
    """What a whole message wants of the session; None when it says something else."""
    return _BY_WORDS.get(_plain(text))


def agreement_of(text: str | None) -> bool | None:
    """True for a clear consent, False for a clear refusal, None for everything else."""
    plain = _plain(text)
    return True if plain in _AGREE_WORDS else False if plain in _DISAGREE_WORDS else None


def yes_or_no(text: str | None) -> bool | None:
    """A plain yes or no to a question; None for everything else."""
    plain = _plain(text)
    return True if plain in _YES_WORDS else False if plain in _NO_WORDS else None


def _plain(text: str | None) -> str:
    """Lower case without punctuation, marks and doubled spaces; empty when it is too long for a keyword."""
    if text is None or len(text) > _LONGEST:
        return ""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.sub(r"[^\w\s']", " ", folded).split())
