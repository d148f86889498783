"""The control plane's audit log, for the one who runs this command."""

from __future__ import annotations

from lhwa.cli.session import Session
from lhwa.services.access.callers import require_installer
from lhwa.services.audit import control_plane
from lhwa.services.audit.control_plane import verify_control_plane
from lhwa.services.audit.views import EntryView, VerifyReport

__all__ = ["read_control_log", "verify_control_log", "verify_control_plane"]


def read_control_log(session: Session, *, start: int | None, rows_max: int, target: str | None) -> list[EntryView]:
    """Entries of the log, like `services.audit.views.read_log`."""
    with session.registry() as registry, registry.read() as view:
        reader = require_installer(view, session.installer)
        return control_plane.read_control_log(view, reader, start=start, rows_max=rows_max, target=target)


def verify_control_log(session: Session) -> VerifyReport:
    """Check the log from its first byte."""
    with session.registry() as registry, registry.read() as view:
        return control_plane.verify_control_log(view, require_installer(view, session.installer))
