"""The consent ledger: entries bound to the notice as it was shown and to the message that answered it.

Invariants: one purpose an entry; an entry and its audit record are one commit; a withdrawal counts when it is read,
whatever the hour, and keeps every further message away but the one that confirms it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from lhwa.domain.audit import INTAKE, AuditRecord
from lhwa.domain.consents import HASHED_WORDS, hash_field, salted_sha256
from lhwa.domain.events import ConsentFact, EventType
from lhwa.domain.ids import ContactId, ulid
from lhwa.domain.intake.session import Agreed, How
from lhwa.domain.intake.trees import Consent
from lhwa.domain.intake.wording import Language
from lhwa.domain.outbound import Interactive
from lhwa.errors import SealError
from lhwa.services.intake.concerning import Client
from lhwa.store.announce import emit
from lhwa.store.tables.consents import ConsentRow, ConsentWords
from lhwa.store.transaction import Tx

BASIS = "consent"
"""The lawful basis under which these purposes run. Source: UU 27/2022 Pasal 20."""


def note_consent(
    tx: Tx,
    client: Client,
    node: Consent,
    agreed: Agreed,
    *,
    intake: str,
    prompt: str | None,
    language: Language,
    guardian: str | None = None,
) -> str:
    """Put the answer to a notice into the ledger. Returns the id of the entry.

    Args:
        guardian: who agrees for a child, as they named themselves.
    """
    tapped = _tapped_notice(tx, agreed, node)
    if tapped is not None:
        prompt, language = tapped
    said = _Entry(
        what="given" if agreed.agrees else "refused",
        purpose=node.purpose,
        notice_version=node.version,
        notice=node.notice.in_language(language),
        language=language.value,
        intake=intake,
        prompt=prompt,
        reply=agreed.message,
        method=agreed.how,
        at_ms=agreed.at_ms,
        is_guardian=node.is_for_guardian,
        guardian=guardian if node.is_for_guardian else None,
    )
    return _enter(tx, client.contact, said)


def withdraw_all(tx: Tx, client: Client, *, message: str, at_ms: int, how: How, intake: str | None) -> bool:
    """End every consent of a person that is in force, and leave them in peace; False when all that is so already."""
    is_news = False
    for contact in client.same:
        for row in tx.consents.in_force(contact):
            words = words_of(tx, row)
            said = _Entry(
                what="withdrawn",
                purpose=row.purpose,
                notice_version=row.notice_version,
                notice="" if words is None else words.notice,
                language=row.language,
                intake=intake or row.intake,
                prompt=row.prompt,
                reply=message,
                method=how,
                at_ms=at_ms,
                is_guardian=row.is_guardian,
                guardian=None if words is None else words.guardian,
            )
            _enter(tx, row.contact, said)
            is_news = True
    if tx.restrictions.begin(client.contact, "opt_out", source=f"message:{message}"):
        tx.audit.append(AuditRecord(INTAKE, "contact.held", f"contact:{client.contact}", {"kind": "opt_out"}))
        is_news = True
    return is_news


def in_force(tx: Tx, client: Client) -> list[ConsentRow]:
    """What a person has agreed to and not taken back."""
    return [row for contact in client.same for row in tx.consents.in_force(contact)]


def words_of(tx: Tx, row: ConsentRow) -> ConsentWords | None:
    """The words of an entry; None when the person was erased."""
    try:
        return tx.consents.words(row)
    except SealError:
        return None


SALT_BYTES = 16


def _tapped_notice(tx: Tx, agreed: Agreed, node: Consent) -> tuple[str, Language] | None:
    """The very message whose button was tapped, and the language in which it showed the notice.

    A client who changed the language can still tap the notice above; they agreed to what that one says.
    """
    reply = tx.messages.get(agreed.message)
    quoted = None if reply is None or reply.reply_to is None else tx.outbox.by_dedup(reply.reply_to)
    if quoted is None or agreed.how is not How.BUTTON:
        return None
    content = tx.outbox.letter(quoted).content
    shown = content.interactive["body"]["text"] if isinstance(content, Interactive) else ""
    language = next((each for each in Language if node.notice.in_language(each) == shown), None)
    return None if language is None else (quoted.id, language)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """What an entry says."""

    what: Literal["given", "refused", "withdrawn"]
    purpose: str
    notice_version: str
    notice: str
    language: str
    intake: str | None
    prompt: str | None
    reply: str
    method: How
    at_ms: int
    is_guardian: bool
    guardian: str | None


def _enter(tx: Tx, contact: ContactId, said: _Entry) -> str:
    entry = ulid(tx.now_ms, tx.vault.blind("consent", contact, said.reply, said.purpose, said.what))
    message = tx.messages.get(said.reply)
    content = None if message is None else tx.messages.content(message)
    reply_text = "" if content is None else content.text or ""
    # Salted: the hash of a word that everybody uses would tell the word to whoever reads the log. Whoever holds the
    # proof of an entry has the salt, and can check; whoever erases the client destroys it.
    salt = tx.vault.blind("consent_salt", entry)[:SALT_BYTES]
    words = ConsentWords(
        notice=said.notice,
        reply=reply_text,
        salt=salt.hex(),
        reply_wamid=None if content is None else content.wamid,
        prompt_wamid=_wamid_of(tx, said.prompt),
        guardian=said.guardian,
    )
    notice_hash = hashlib.sha256(said.notice.encode()).digest()
    reply_hash = salted_sha256(salt, reply_text)
    row = ConsentRow(
        id=entry,
        contact=contact,
        intake=said.intake,
        purpose=said.purpose,
        basis=BASIS,
        what=said.what,
        notice_version=said.notice_version,
        notice_sha256=notice_hash,
        language=said.language,
        prompt=said.prompt,
        reply=said.reply,
        reply_sha256=reply_hash,
        method="button" if said.method is How.BUTTON else "typed",
        is_guardian=said.is_guardian,
        at_ms=said.at_ms,
        recorded_at_ms=tx.now_ms,
        audit_seq=tx.audit.append(_record(contact, entry, said, words)),
        sealed=tx.consents.sealed(contact, entry, words),
    )
    tx.consents.add(row)
    fact = ConsentFact(
        consent_id=entry,
        what=said.what,
        purpose=said.purpose,
        notice_version=said.notice_version,
        intake_id=said.intake,
    )
    emit(tx, EventType.CONSENT_RECORDED, f"consent:{entry}", fact, at_ms=tx.now_ms, identity=said.what, raw_event="")
    return entry


def _record(contact: ContactId, entry: str, said: _Entry, words: ConsentWords) -> AuditRecord:
    """The audit record that stands for an entry: everything of it but the words, and those as hashes."""
    facts: dict[str, str | int] = {
        "purpose": said.purpose,
        "basis": BASIS,
        "notice_version": said.notice_version,
        "notice_sha256": hashlib.sha256(said.notice.encode()).hexdigest(),
        "language": said.language,
        "method": said.method.value,
        "reply": said.reply,
        "prompt": said.prompt or "",
        "intake": said.intake or "",
        "contact": contact,
        "at_ms": said.at_ms,
        "guardian": said.is_guardian,
    }
    salt = bytes.fromhex(words.salt)
    for name in HASHED_WORDS:
        word = getattr(words, name)
        if word is not None:
            facts[hash_field(name)] = salted_sha256(salt, word).hex()
    return AuditRecord(INTAKE, f"consent.{said.what}", f"consent:{entry}", facts)


def _wamid_of(tx: Tx, prompt: str | None) -> str | None:
    row = None if prompt is None else tx.outbox.get(prompt)
    receipt = None if row is None else tx.outbox.receipt(row)
    return None if receipt is None else receipt.wamid
