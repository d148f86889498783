"""The first act: a registry, and the operator who made it."""

from __future__ import annotations

from pathlib import Path

from lhwa.domain.audit import AuditRecord, operator_actor
from lhwa.domain.instants import Instant
from lhwa.domain.sealing import Key
from lhwa.errors import ConflictError
from lhwa.registry.registry import Registry
from lhwa.registry.tables import operators
from lhwa.registry.transaction import Tx
from lhwa.services.access import rules


def init_installation(
    registry_db: Path, root: Key, *, operator: str, name: str, os_uid: int | None, now: Instant
) -> Registry:
    """Make the registry and bind its first operator to the user who runs this. The caller closes the registry.

    A registry that was made and never got its operator, because something died in between, is finished.

    Raises: ConflictError when there is an installation already.
    """
    first = rules.operator_id(operator)
    display = rules.display_name(name)
    registry = Registry.open(registry_db, root) if registry_db.exists() else Registry.create(registry_db, root, now=now)
    try:
        with registry.write(now=now) as tx:
            _refuse_second(tx)
            write = tx.record(AuditRecord(operator_actor(first), "installation.created", f"operator:{first}"))
            operators.insert(write, first, name=display, os_uid=os_uid, is_installer=True)
    except BaseException:
        registry.close()
        raise
    return registry


def _refuse_second(tx: Tx) -> None:
    if operators.installer(tx) is not None:
        raise ConflictError("There is an lhwa installation here already.", hint="See `lhwa whoami` and `lhwa status`.")
