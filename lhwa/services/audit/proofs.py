"""Checking the proof of one record: that it lies in a log of this size with this root. Needs the proof alone.

Source: RFC 6962, sections 2.1 and 2.1.1. What a proof says of consent is compared with the record that it proves.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Any

import msgspec

from lhwa.domain.access import Permission, Principal
from lhwa.domain.consents import HASHED_WORDS, hash_field, salted_sha256
from lhwa.domain.instants import UNIX_MS_MAX, rfc3339_ms
from lhwa.domain.merkle import Frontier, leaf_hash, verify_inclusion
from lhwa.errors import UsageError
from lhwa.store.transaction import Tx

PROOF_BYTES_MAX = 4 * 1024 * 1024


class ProvedConsent(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What people read of a proof first."""

    id: str
    contact_id: str
    purpose: str
    what: str
    notice_version: str
    language: str
    method: str
    at: str
    reply: str
    guardian: bool = False
    intake_id: str | None = None
    contact: str | None = None
    """The masked number: no proof has it, because no record does."""
    audit_seq: int


class Proof(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What `lhwa consent prove` writes, as far as it is checked here."""

    entry: str
    record: dict[str, Any] | None = None
    """What the entry says, decoded for people."""
    consent: ProvedConsent | None = None
    leaf_index: int
    tree_size: int
    root_hash: str
    inclusion: list[str]
    notice: str | None = None
    notice_sha256: str | None = None
    prompt: str | None = None
    salt: str | None = None
    reply: str | None = None
    reply_wamid: str | None = None
    prompt_wamid: str | None = None
    guardian: str | None = None


class ProofReport(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What a check of a proof found."""

    ok: bool
    reason: str | None = None
    record: dict[str, Any] | None = None
    """The record that is proved."""
    tree_size: int = 0


def read_proof(source: bytes) -> Proof:
    """A proof from its JSON. Raises: UsageError when it is none."""
    try:
        return msgspec.json.decode(source[: PROOF_BYTES_MAX + 1], type=Proof)
    except (msgspec.MsgspecError, RecursionError):
        raise UsageError("This file holds no proof.", hint="Write one with `lhwa --json consent prove ID`.") from None


def check_proof(proof: Proof) -> ProofReport:
    """Whether a proof is sound in itself: nothing but the proof is needed for that."""
    try:
        entry = base64.b64decode(proof.entry, validate=True)
        path = [bytes.fromhex(each) for each in proof.inclusion]
        root = bytes.fromhex(proof.root_hash)
        record = msgspec.json.decode(entry, type=dict[str, Any])
    except (ValueError, binascii.Error, msgspec.MsgspecError, RecursionError):
        return ProofReport(ok=False, reason="its hashes or its record cannot be read")
    if not verify_inclusion(index=proof.leaf_index, size=proof.tree_size, leaf=leaf_hash(entry), proof=path, root=root):
        return ProofReport(ok=False, reason="the record is not in the log with this root")
    reason = _facts_flaw(proof, record) or _words_flaw(proof, record.get("data", {}))
    if reason:
        return ProofReport(ok=False, reason=reason)
    return ProofReport(ok=True, record=record, tree_size=proof.tree_size)


def compare_with_log(tx: Tx, principal: Principal, proof: Proof) -> str:
    """Why a proof is not one of this firm's log as it lies here; empty when it is."""
    principal.require(Permission.READ_AUDIT)
    if tx.audit.frontier().size < proof.tree_size:
        return "this firm's log is shorter than the one that the proof is from"
    frontier = Frontier()
    for row in tx.audit.entries(stop=proof.tree_size):
        frontier = frontier.append(row.leaf_hash)
    return "" if frontier.root().hex() == proof.root_hash else "the proof is from another log than this firm's"


def _facts_flaw(proof: Proof, record: dict[str, Any]) -> str:
    """Why what a proof says for people is not what its record says."""
    if proof.record is not None and proof.record != record:
        return "what it shows as the record is not the one that is proved"
    said, data = proof.consent, record.get("data")
    if said is None or not isinstance(data, dict):
        return ""
    told = {
        "contact": said.contact_id,
        "purpose": said.purpose,
        "notice_version": said.notice_version,
        "language": said.language,
        "method": said.method,
        "reply": said.reply,
        "guardian": said.guardian,
        "intake": said.intake_id or "",
        "prompt": proof.prompt or "",
    }
    at_ms = data.get("at_ms")
    is_then = isinstance(at_ms, int) and 0 <= at_ms <= UNIX_MS_MAX and rfc3339_ms(at_ms) == said.at
    is_same = is_then and said.contact is None and said.audit_seq == proof.leaf_index
    is_same = is_same and all(data.get(name) == value for name, value in told.items())
    if is_same and (record.get("action"), record.get("target")) == (f"consent.{said.what}", f"consent:{said.id}"):
        return ""
    return "what it says of the consent is not what the record says"


def _words_flaw(proof: Proof, data: Any) -> str:
    """Why the words of a proof are not those of its record."""
    if not isinstance(data, dict):
        return "its record cannot be read"
    if proof.notice is not None:
        told = hashlib.sha256(proof.notice.encode()).hexdigest()
        if not told == proof.notice_sha256 == data.get("notice_sha256"):
            return "the notice is not the one of the record"
    try:
        salt = bytes.fromhex(proof.salt or "")
    except ValueError:
        return "its hashes or its record cannot be read"
    for name in HASHED_WORDS:
        word = getattr(proof, name)
        if word is not None and salted_sha256(salt, word).hex() != data.get(hash_field(name)):
            return f"the {name.replace('_', ' ')} is not the one of the record"
    return ""
