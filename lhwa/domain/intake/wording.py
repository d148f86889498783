"""The least parts of a tree: languages, a text in both of them, and the kinds of answers."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Language(StrEnum):
    """What clients read."""

    ID = "id"
    """Bahasa Indonesia."""
    EN = "en"
    """English."""


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """One text of the firm, in both languages."""

    id: str
    en: str

    def in_language(self, language: Language) -> str:
        """The text as a client reads it."""
        return self.en if language is Language.EN else self.id


class AnswerKind(StrEnum):
    """What a question takes for an answer."""

    TEXT = "text"
    CHOICE = "choice"
    """One of the question's options."""
    DATE = "date"
    """A calendar day, kept as YYYY-MM-DD."""
    MONEY = "money"
    """Whole rupiah."""
    PHONE = "phone"
    """A telephone number, kept as E.164."""
    NIK = "nik"
    """The 16 digits of an Indonesian identity card."""
    YES_NO = "yes_no"
    """Kept as `yes` or `no`."""
    DOCUMENT = "document"
    """A photo or a file."""
    LOCATION = "location"
    """A place on the map, or its address in words."""
