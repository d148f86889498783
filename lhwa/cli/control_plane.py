"""The registry's own audit log, for the operator who installed lhwa."""

from __future__ import annotations

from lhwa.cli.session import Session
from lhwa.services.access.callers import require_installer
from lhwa.services.audit.verify import verify_log
from lhwa.services.audit.views import EntryView, VerifyReport, entry_view, report


def read_control_log(session: Session, *, start: int | None, rows_max: int, target: str | None) -> list[EntryView]:
    """Entries of the registry's log, like `services.audit.views.read_log`."""
    with session.registry() as registry:
        with registry.read() as view:
            require_installer(view, session.installer)
        entries = [entry_view(row) for row in registry.audit_entries(first=start or 0)]
    wanted = [entry for entry in entries if target is None or entry.target == target]
    return wanted[:rows_max] if start is not None else wanted[-rows_max:]


def verify_control_log(session: Session) -> VerifyReport:
    """Check the registry's log from its first byte."""
    with session.registry() as registry:
        with registry.read() as view:
            require_installer(view, session.installer)
        frontier = registry.audit_frontier()
        return report(verify_log(registry.audit_entries(), stored_size=frontier.n, stored_stack=frontier.stack))
