"""Numbers that never begin an intake: the firm's own people, courts, other firms."""

from __future__ import annotations

import msgspec

from lhwa.domain.access import Permission, Principal
from lhwa.domain.audit import AuditRecord, operator_actor
from lhwa.domain.phones import mask_e164, normalise_number
from lhwa.errors import ConflictError, UsageError
from lhwa.services.messaging.views import note_read
from lhwa.store.transaction import Tx


class Exemption(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One number."""

    number: str
    """Masked."""


def exempt(tx: Tx, principal: Principal, number: str) -> str:
    """Never begin an intake with a number; returns it masked. Raises: UsageError, ConflictError."""
    principal.require(Permission.RUN_INTAKE)
    phone = _phone(number)
    if not tx.intakes.exempt(_hash(tx, phone), number=phone, by=principal.operator):
        raise ConflictError("That is so already.", hint="See `lhwa intake exemptions`.")
    _note(tx, principal, "intake.exempted")
    return mask_e164(phone)


def end_exemption(tx: Tx, principal: Principal, number: str) -> str:
    """Let a number begin intakes again; returns it masked. Raises: UsageError, ConflictError."""
    principal.require(Permission.RUN_INTAKE)
    phone = _phone(number)
    if not tx.intakes.end_exemption(_hash(tx, phone)):
        raise ConflictError("This number may begin an intake already.", hint="See `lhwa intake exemptions`.")
    _note(tx, principal, "intake.exemption_ended")
    return mask_e164(phone)


def list_exemptions(tx: Tx, principal: Principal) -> list[Exemption]:
    """All of them, masked."""
    principal.require(Permission.READ_CONTENT)
    found = [Exemption(number=mask_e164(each)) for each in tx.intakes.exempted()]
    note_read(tx, principal, "intake.read", f"firm:{tx.tenant}", {"count": len(found)})
    return found


def _phone(number: str) -> str:
    phone = normalise_number(number)
    if phone is None:
        raise UsageError("This is no telephone number with its country code.", hint="Write +62812….")
    return phone


def _hash(tx: Tx, phone: str) -> bytes:
    return tx.contacts.alias_hash("wa_id", phone.removeprefix("+"))


def _note(tx: Tx, principal: Principal, action: str) -> None:
    tx.audit.append(AuditRecord(operator_actor(principal.operator), action, f"firm:{tx.tenant}"))
