"""The registry's own audit log, for the operator who installed lhwa."""

from __future__ import annotations

from lhwa.cli.session import Session
from lhwa.domain.audit import REGISTRY_OPENING
from lhwa.registry.audit_log import SEQ_MIN, StoredLog
from lhwa.registry.transaction import View
from lhwa.services.access.callers import require_installer
from lhwa.services.audit.verify import Verified, verify_stored
from lhwa.services.audit.views import DAMAGED, EntryView, VerifyReport, entry_view, report


def read_control_log(session: Session, *, start: int | None, rows_max: int, target: str | None) -> list[EntryView]:
    """Entries of the registry's log, like `services.audit.views.read_log`."""
    with session.registry() as registry, registry.read() as view:
        require_installer(view, session.installer)
        entries = [entry_view(row) for row in StoredLog(view.db).entries(first=SEQ_MIN if start is None else start)]
    # Nobody can tell what a damaged record was about: it is shown whatever was asked for.
    wanted = [entry for entry in entries if target is None or entry.target == target or entry.action == DAMAGED]
    return wanted[:rows_max] if start is not None else wanted[-rows_max:]


def verify_control_log(session: Session) -> VerifyReport:
    """Check the registry's log from its first byte."""
    with session.registry() as registry, registry.read() as view:
        require_installer(view, session.installer)
        return report(verify_control_plane(view))


def verify_control_plane(view: View) -> Verified:
    """Check the registry's log, for whoever needs no more than the verdict."""
    return verify_stored(StoredLog(view.db), REGISTRY_OPENING)
