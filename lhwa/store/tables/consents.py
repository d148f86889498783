"""The consent ledger: who agreed to which purpose, in which words, by which message. Rows are added, never changed."""

from __future__ import annotations

from dataclasses import dataclass

import apsw
import msgspec

from lhwa.domain.ids import ContactId
from lhwa.store.connection import rows
from lhwa.store.vault import Vault, contact_subject


class ConsentWords(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is sealed of an entry: the proof that names or quotes the client."""

    notice: str
    """Exactly as it was shown."""
    reply: str | None = None
    salt: str
    """Hex: hashed before each word, so that the hash of a word that everybody uses does not tell the word."""
    reply_wamid: str | None = None
    prompt_wamid: str | None = None
    """Of the message that showed the notice, if Meta had named it by then."""
    guardian: str | None = None
    """Who agreed for a child, as far as they said."""

    def __repr__(self) -> str:
        return "ConsentWords(…)"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRow:
    """One entry of the ledger, still sealed."""

    id: str
    contact: ContactId
    intake: str | None
    purpose: str
    basis: str
    what: str
    """`given`, `refused` or `withdrawn`."""
    notice_version: str
    notice_sha256: bytes
    language: str
    prompt: str | None
    reply: str
    reply_sha256: bytes
    method: str
    is_guardian: bool
    at_ms: int
    recorded_at_ms: int
    audit_seq: int
    sealed: bytes


_NAMES = (
    "id", "contact", "intake", "purpose", "basis", "what", "notice_version", "notice_sha256", "language", "prompt",
    "reply", "reply_sha256", "method", "is_guardian", "at_ms", "recorded_at_ms", "audit_seq", "sealed",
)  # fmt: skip
_COLUMNS = ", ".join(name.removesuffix("_ms") for name in _NAMES)
_ROW = f"SELECT {_COLUMNS} FROM consent"  # noqa: S608 -- fixed names
_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(ConsentWords)


class Consents:
    """The consent ledger."""

    def __init__(self, connection: apsw.Connection, vault: Vault, *, now_ms: int) -> None:
        self._connection = connection
        self._vault = vault
        self._now_ms = now_ms

    def sealed(self, contact: ContactId, entry: str, words: ConsentWords) -> bytes:
        """The words of an entry as they are stored."""
        place = self._vault.place("consent", "words", entry)
        return self._vault.seal(contact_subject(contact), place, _ENCODER.encode(words), now_ms=self._now_ms)

    def add(self, row: ConsentRow) -> None:
        """Put an entry into the ledger."""
        marks = ", ".join("?" * len(_NAMES))
        self._connection.execute(
            f"INSERT INTO consent ({_COLUMNS}) VALUES ({marks})",  # noqa: S608 -- fixed names
            tuple(int(value) if isinstance(value := getattr(row, name), bool) else value for name in _NAMES),
        )

    def beginning_with(self, prefix: str, *, rows_max: int) -> list[str]:
        """Ids that begin like this, in order."""
        sql = "SELECT id FROM consent WHERE id >= ? AND id < ? ORDER BY id LIMIT ?"
        return [row[0] for row in rows(self._connection, sql, (prefix, prefix + "~", rows_max))]

    def get(self, entry: str) -> ConsentRow | None:
        """One entry."""
        found = self._all("id = ?", entry)
        return found[0] if found else None

    def of_contact(self, contact: str) -> list[ConsentRow]:
        """All entries of a contact, oldest first."""
        return self._all("contact = ? ORDER BY seq", contact)

    def newest(self, *, rows_max: int) -> list[ConsentRow]:
        """The newest entries, newest first."""
        return self._all("1 ORDER BY seq DESC LIMIT ?", rows_max)

    def in_force(self, contact: str) -> list[ConsentRow]:
        """The entry that gave each purpose which the contact has agreed to and not taken back."""
        last: dict[str, ConsentRow] = {}
        for row in self.of_contact(contact):
            last[row.purpose] = row
        return [row for row in last.values() if row.what == "given"]

    def words(self, row: ConsentRow) -> ConsentWords:
        """What was shown and said; SealError when the contact's key was destroyed."""
        return _DECODER.decode(self._vault.unseal(self._vault.place("consent", "words", row.id), row.sealed))

    def _all(self, where: str, *bindings: object) -> list[ConsentRow]:
        return [_row(each) for each in rows(self._connection, f"{_ROW} WHERE {where}", bindings)]


def _row(found: tuple[object, ...]) -> ConsentRow:
    values = dict(zip(_NAMES, found, strict=True))
    values["is_guardian"] = bool(values["is_guardian"])
    return ConsentRow(**values)  # type: ignore[arg-type]  # the table is STRICT
