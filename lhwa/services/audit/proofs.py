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
from lhwa.domain.merkle import Frontier, leaf_hash, verify_inclusion
from lhwa.errors import UsageError
from lhwa.store.transaction import Tx

PROOF_BYTES_MAX = 4 * 1024 * 1024


class Proof(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What `lhwa consent prove` writes, as far as it is checked here."""

    entry: str
    leaf_index: int
    tree_size: int
    root_hash: str
    inclusion: list[str]
    notice: str | None = None
    notice_sha256: str | None = None
    reply: str | None = None
    reply_salt: str | None = None
    reply_sha256: str | None = None


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
    except msgspec.MsgspecError:
        raise UsageError("This file holds no proof.", hint="Write one with `lhwa --json consent prove ID`.") from None


def check_proof(proof: Proof) -> ProofReport:
    """Whether a proof is sound in itself: nothing but the proof is needed for that."""
    try:
        entry = base64.b64decode(proof.entry, validate=True)
        path = [bytes.fromhex(each) for each in proof.inclusion]
        root = bytes.fromhex(proof.root_hash)
        record = msgspec.json.decode(entry, type=dict[str, Any])
    except (ValueError, binascii.Error, msgspec.MsgspecError):
        return ProofReport(ok=False, reason="its hashes or its record cannot be read")
    if not verify_inclusion(index=proof.leaf_index, size=proof.tree_size, leaf=leaf_hash(entry), proof=path, root=root):
        return ProofReport(ok=False, reason="the record is not in the log with this root")
    reason = _words_flaw(proof, record.get("data", {}))
    if reason:
        return ProofReport(ok=False, reason=reason)
    return ProofReport(ok=True, record=record, tree_size=proof.tree_size)


def compare_with_log(tx: Tx, principal: Principal, proof: Proof) -> str:
    """Why a proof is not one of this firm's log as it lies here; empty when it is."""
    principal.require(Permission.READ_AUDIT)
    frontier = Frontier()
    for row in tx.audit.entries(stop=proof.tree_size):
        frontier = frontier.append(row.leaf_hash)
    if frontier.size < proof.tree_size:
        return "this firm's log is shorter than the one that the proof is from"
    return "" if frontier.root().hex() == proof.root_hash else "the proof is from another log than this firm's"


def _words_flaw(proof: Proof, data: Any) -> str:
    """Why the words of a proof are not those of its record."""
    if not isinstance(data, dict):
        return "its record cannot be read"
    if proof.notice is not None:
        told = hashlib.sha256(proof.notice.encode()).hexdigest()
        if not told == proof.notice_sha256 == data.get("notice_sha256"):
            return "the notice is not the one of the record"
    if proof.reply is not None and proof.reply_salt is not None:
        try:
            salt = bytes.fromhex(proof.reply_salt)
        except ValueError:
            return "its hashes or its record cannot be read"
        told = hashlib.sha256(salt + proof.reply.encode()).hexdigest()
        if not told == proof.reply_sha256 == data.get("reply_sha256"):
            return "the reply is not the one of the record"
    return ""
