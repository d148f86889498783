"""Reading and verifying the control plane's audit log, for the operator who installed lhwa."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import islice

from lhwa.domain.audit import REGISTRY_OPENING
from lhwa.domain.ids import OperatorId
from lhwa.errors import NotAllowedError
from lhwa.registry.audit_log import SEQ_MIN, StoredLog
from lhwa.registry.tables import operators
from lhwa.registry.transaction import View
from lhwa.services.audit.verify import Verified, verify_stored
from lhwa.services.audit.views import DAMAGED, EntryView, VerifyReport, entry_view, report


def read_control_log(
    view: View, reader: OperatorId, *, start: int | None, rows_max: int, target: str | None
) -> list[EntryView]:
    """Entries from `start` on; the newest ones when `start` is None; oldest first either way.

    Args:
        target: only what is about this row, and what is damaged: nobody can tell what that was about.
    """
    _require_installer(view, reader)
    wanted = _about(view, start=SEQ_MIN if start is None else start, target=target)
    return list(deque(wanted, rows_max) if start is None else islice(wanted, rows_max))


def verify_control_log(view: View, reader: OperatorId) -> VerifyReport:
    """Check the whole log."""
    _require_installer(view, reader)
    return report(verify_control_plane(view))


def verify_control_plane(view: View) -> Verified:
    """Check the whole log, for whoever needs no more than the verdict."""
    return verify_stored(StoredLog(view.db), REGISTRY_OPENING)


def _about(view: View, *, start: int, target: str | None) -> Iterator[EntryView]:
    entries = (entry_view(row) for row in StoredLog(view.db).entries(first=start))
    return (entry for entry in entries if target is None or entry.target == target or entry.action == DAMAGED)


def _require_installer(view: View, reader: OperatorId) -> None:
    if reader != operators.installer(view):
        raise NotAllowedError("Only the operator who installed lhwa on this machine may read this log.")
