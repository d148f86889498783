"""The consent ledger as people see it, and the proof of one entry that others can check with their own tools."""

from __future__ import annotations

import base64
from typing import Any

import msgspec

from lhwa.domain.access import NOT_YOURS, Permission, Principal
from lhwa.domain.ids import ContactId
from lhwa.domain.instants import rfc3339_ms
from lhwa.domain.merkle import inclusion_proof
from lhwa.errors import NotAllowedError
from lhwa.services.intake.consent_ledger import words_of
from lhwa.services.messaging.addressing import contact_named
from lhwa.services.messaging.meant import consent_meant
from lhwa.services.messaging.outbox_views import masked_contact
from lhwa.services.messaging.views import note_read
from lhwa.store.tables.consents import ConsentRow
from lhwa.store.transaction import Tx


class ConsentView(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One entry of the ledger."""

    id: str
    contact: str | None = None
    contact_id: str
    intake_id: str | None = None
    purpose: str
    what: str
    notice_version: str
    language: str
    method: str
    at: str
    reply: str
    """Our id of the client's message."""
    guardian: bool = False
    audit_seq: int


class ConsentProof(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """An entry with its words, its audit record, and the path from that record to the root of the log."""

    consent: ConsentView
    notice: str | None = None
    """Exactly as it was shown; `noticeSha256` is the SHA-256 of its UTF-8 bytes."""
    notice_sha256: str
    salt: str | None = None
    """Hex. `reply_sha256` of the record is the SHA-256 of these bytes and the UTF-8 bytes of the reply; the hashes of
    the other words are made in the same way."""
    reply: str | None = None
    reply_wamid: str | None = None
    prompt: str | None = None
    """Our id of the message that showed the notice."""
    prompt_wamid: str | None = None
    """Meta's id of it, if it was known when the client answered."""
    guardian: str | None = None
    """Who agreed for a child, as they named themselves."""
    record: dict[str, Any]
    """The audit record, decoded."""
    entry: str
    """The same as it is hashed: base64 of its canonical JSON. Source: RFC 8785."""
    leaf_index: int
    tree_size: int
    root_hash: str
    """Hex."""
    inclusion: tuple[str, ...]
    """Hex hashes from the leaf to the root. Source: RFC 6962, section 2.1.1."""


def list_consents(tx: Tx, principal: Principal, *, contact: str | None, rows_max: int) -> list[ConsentView]:
    """Entries of the ledger, newest first; all, or those of one contact."""
    principal.require(Permission.READ_RECORDS)
    named = None if contact is None else contact_named(tx, contact)
    rows = tx.consents.newest(rows_max=rows_max) if named is None else consents_of(tx, named)
    note_read(tx, principal, "consent.read", f"firm:{tx.tenant}", {"count": len(rows)})
    return [consent_view(tx, principal, row) for row in rows[:rows_max]]


def consents_of(tx: Tx, contact: ContactId) -> list[ConsentRow]:
    """Entries of a person, whichever of their identifiers they were made under; newest first."""
    parts = dict.fromkeys([contact, *tx.contacts.parts(contact)])
    return sorted((row for each in parts for row in tx.consents.of_contact(each)), key=lambda row: row.id)[::-1]


def consent_view(tx: Tx, principal: Principal, row: ConsentRow) -> ConsentView:
    """One entry, without its words."""
    return ConsentView(
        id=row.id,
        contact=masked_contact(tx, row.contact) if principal.may(Permission.READ_CONTENT) else None,
        contact_id=row.contact,
        intake_id=row.intake,
        purpose=row.purpose,
        what=row.what,
        notice_version=row.notice_version,
        language=row.language,
        method=row.method,
        at=rfc3339_ms(row.at_ms),
        reply=row.reply,
        guardian=row.is_guardian,
        audit_seq=row.audit_seq,
    )


def prove_consent(tx: Tx, principal: Principal, entry: str) -> ConsentProof:
    """Everything that shows that an entry was made, in these words, and stands unchanged in the audit log."""
    principal.require(Permission.READ_RECORDS)
    row = tx.consents.get(consent_meant(tx, entry))
    if row is None:
        raise NotAllowedError(NOT_YOURS, hint="See `lhwa consent list`.")
    note_read(tx, principal, "consent.read", f"consent:{row.id}", {"count": 1})
    entries = list(tx.audit.entries())
    frontier = tx.audit.frontier()
    stored = entries[row.audit_seq]
    path = inclusion_proof(row.audit_seq, [each.leaf_hash for each in entries])
    words = words_of(tx, row) if principal.may(Permission.READ_CONTENT) else None
    return ConsentProof(
        # Without the masked number: a proof shows nothing that it does not prove.
        consent=msgspec.structs.replace(consent_view(tx, principal, row), contact=None),
        notice=None if words is None else words.notice,
        notice_sha256=row.notice_sha256.hex(),
        salt=None if words is None else words.salt,
        reply=None if words is None else words.reply,
        reply_wamid=None if words is None else words.reply_wamid,
        prompt=row.prompt,
        prompt_wamid=None if words is None else words.prompt_wamid,
        guardian=None if words is None else words.guardian,
        record=msgspec.json.decode(stored.entry),
        entry=base64.b64encode(stored.entry).decode(),
        leaf_index=row.audit_seq,
        tree_size=frontier.size,
        root_hash=frontier.root().hex(),
        inclusion=tuple(each.hex() for each in path),
    )
