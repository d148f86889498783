"""The checks of `lhwa doctor`: each one function that finds one thing out."""

from __future__ import annotations

import shutil
import ssl
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from lhwa import __version__, bootstrap
from lhwa.cli.session import Session
from lhwa.config import Home
from lhwa.domain.ids import TenantId
from lhwa.domain.sealing import Key
from lhwa.errors import LhwaError
from lhwa.store.connection import is_wal_safe, quick_check, sqlite_version
from lhwa.store.in_place import PUT_BACK
from lhwa.store.spool_rows import SpoolReader

if TYPE_CHECKING:
    from lhwa.services.audit.verify import Verified
    from lhwa.store.transaction import Tx

DISK_FREE_RATIO_MIN = 0.15
DISK_FREE_BYTES_MIN = 1024**3
OPEN_FILES_MIN = 4_096
AUDIT_RECORDS_MAX = 100_000
"""Longer audit logs are compared with their frontier at the end alone: the whole takes seconds."""
LOG_HINT = "Keep this home as it is, and run: lhwa audit verify"


class Verdict(StrEnum):
    """How a check ended."""

    OK = "ok"
    ADVICE = "advice"
    """It works; better is possible."""
    BAD = "bad"
    """It must be mended."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's result."""

    check: str
    verdict: Verdict
    found: str
    hint: str = ""


def examine(session: Session) -> list[Finding]:
    """Run all checks; one that breaks down is a finding, not the end."""
    findings = [_versions(), _sqlite(), _open_files()]
    try:
        home = bootstrap.open_home(session.environ, session.asked.home)
    except LhwaError as error:
        return [*findings, Finding("home", Verdict.BAD, error.message, error.hint)]
    findings += [_home(home), _disk(home)]
    root = _root_key(session, home, findings)
    findings += [_spool(home), _daemon(home)]
    if root is not None:
        findings += _firms(session, home, root)
    return findings


def _versions() -> Finding:
    python = ".".join(str(part) for part in sys.version_info[:3])
    return Finding("versions", Verdict.OK, f"lhwa {__version__}, Python {python}, {ssl.OPENSSL_VERSION}")


def _sqlite() -> Finding:
    text = ".".join(str(part) for part in sqlite_version())
    if is_wal_safe(sqlite_version()):
        return Finding("SQLite", Verdict.OK, f"{text}: free of the WAL-reset bug")
    return Finding("SQLite", Verdict.BAD, f"{text} can lose commits", "Install an apsw with SQLite 3.51.3 or newer.")


def _open_files() -> Finding:
    import resource  # noqa: PLC0415 -- not on every system

    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= OPEN_FILES_MIN or soft == resource.RLIM_INFINITY:
        return Finding("open files", Verdict.OK, f"limit {soft}")
    return Finding("open files", Verdict.ADVICE, f"limit {soft}", "Set LimitNOFILE=65536 in the service unit.")


def _home(home: Home) -> Finding:
    mode = stat.S_IMODE(home.root.stat().st_mode)
    if mode & 0o077:
        return Finding("home", Verdict.BAD, f"mode {mode:04o}: others may look in", f"Run: chmod 700 {home.root}")
    try:
        with TemporaryFile(dir=home.root):
            pass
    except OSError as error:
        found = f"cannot be written: {error.strerror}"
        return Finding("home", Verdict.BAD, found, "Look at its owner, its mode and how its disk is mounted.")
    return Finding("home", Verdict.OK, f"{home.root}, mode {mode:04o}")


def _disk(home: Home) -> Finding:
    usage = shutil.disk_usage(home.root)
    found = f"{usage.free / 1024**3:.1f} GiB free of {usage.total / 1024**3:.1f}"
    if usage.free < DISK_FREE_BYTES_MIN:
        return Finding("disk", Verdict.BAD, found, "Free some space; a full disk makes lhwa answer 503.")
    if usage.free < usage.total * DISK_FREE_RATIO_MIN:
        return Finding("disk", Verdict.ADVICE, found, "Plan for more space.")
    return Finding("disk", Verdict.OK, found)


def _root_key(session: Session, home: Home, findings: list[Finding]) -> Key | None:
    try:
        store = bootstrap.open_secret_store(home, session.settings, session.environ)
        root = bootstrap.open_root_key(home, session.settings, session.environ)
    except LhwaError as error:
        findings.append(Finding("root key", Verdict.BAD, error.message, error.hint))
        return None
    if store.name == "file":
        hint = "It lies beside the data: keep it out of backups, or move it to a systemd credential."
        findings.append(Finding("root key", Verdict.ADVICE, store.describe(), hint))
    else:
        findings.append(Finding("root key", Verdict.OK, store.describe()))
    return root


def _spool(home: Home) -> Finding:
    def look() -> str:
        # Refuses a spool that is gone or emptied, with what to do then.
        SpoolReader.open(home.spool_db).close()
        return quick_check(home.spool_db)

    return _checked("spool", look)


def _daemon(home: Home) -> Finding:
    from lhwa.daemon.lock import running_daemon  # noqa: PLC0415 -- beside its use

    facts = running_daemon(home.lock_file)
    if facts is None:
        return Finding("daemon", Verdict.ADVICE, "not running", "Start it: lhwa serve")
    return Finding("daemon", Verdict.OK, f"process {facts.pid}, webhooks on {facts.webhook}")


def _firms(session: Session, home: Home, root: Key) -> Iterator[Finding]:
    from lhwa.services.access.apps import list_apps  # noqa: PLC0415 -- beside its use
    from lhwa.services.access.tenants import list_tenants  # noqa: PLC0415 -- as above

    try:
        with bootstrap.open_registry(home, root) as registry:
            apps = list_apps(registry, session.installer)
            firms = list_tenants(registry, session.caller, now=session.now)
    except LhwaError as error:
        yield Finding("registry", Verdict.BAD, error.message, error.hint)
        return
    if apps:
        yield Finding("Meta apps", Verdict.OK, ", ".join(each.name for each in apps))
    else:
        yield Finding("Meta apps", Verdict.BAD, "none: no webhook could be verified", "Run: lhwa app add main")
    if not firms:
        yield Finding("firms", Verdict.ADVICE, "none", "Run: lhwa tenant add --help")
    yield _control_plane_log(home, root)
    for firm in firms:
        paths = (home.tenant_db(firm.id), home.keys_db(firm.id))
        if firm.founded_at is None and not any(path.exists() for path in paths):
            continue  # nobody has written to this firm yet
        files = list(_firm_files(firm.id, *paths))
        yield from files
        if all(finding.verdict is Verdict.OK for finding in files):
            yield _firm_log(home, root, firm.id)


def _control_plane_log(home: Home, root: Key) -> Finding:
    from lhwa.cli.control_plane import verify_control_plane  # noqa: PLC0415 -- beside its use

    check = "control plane: audit log"
    try:
        with bootstrap.open_registry(home, root) as registry, registry.read() as view:
            return _log_finding(check, verify_control_plane(view))
    except LhwaError as error:
        return Finding(check, Verdict.BAD, error.message, error.hint)


def _firm_log(home: Home, root: Key, firm: TenantId) -> Finding:
    """Open a firm as its users do, which refuses files that are not its own, and check its log. Makes no file."""
    check = f"{firm}: audit log"
    try:
        with bootstrap.open_registry(home, root) as registry:
            keys = registry.tenant_keys(firm)
        clock = bootstrap.open_clock()
        with bootstrap.open_store(home, firm, keys, registry=None, clock=clock, is_founded=True) as store:
            return store.read(_look_into_log, check)
    except LhwaError as error:
        return Finding(check, Verdict.BAD, error.message, error.hint)


def _look_into_log(tx: Tx, check: str) -> Finding:
    from lhwa.services.audit.views import verify_firm, verify_firm_end  # noqa: PLC0415 -- beside its use

    size, _stack = tx.audit.frontier_row() or (0, b"")
    if size <= AUDIT_RECORDS_MAX:
        return _log_finding(check, verify_firm(tx))
    flaw = verify_firm_end(tx)
    if flaw:
        return Finding(check, Verdict.BAD, flaw, LOG_HINT)
    return Finding(check, Verdict.OK, f"sound at its end, {size} records; `lhwa audit verify` checks them all")


def _log_finding(check: str, found: Verified) -> Finding:
    if found.ok:
        return Finding(check, Verdict.OK, f"sound, {found.entries} records")
    where = "" if found.first_bad is None else f"record {found.first_bad}: "
    return Finding(check, Verdict.BAD, f"{where}{found.reason}", LOG_HINT)


def _firm_files(firm: TenantId, *paths: Path) -> Iterator[Finding]:
    for path in paths:
        check = f"{firm}: {path.name}"
        if path.exists():
            yield _checked(check, partial(quick_check, path))
        else:
            yield Finding(check, Verdict.BAD, "missing", PUT_BACK)


def _checked(check: str, look: Callable[[], str]) -> Finding:
    try:
        flaw = look()
    except (LhwaError, OSError) as error:
        hint = error.hint if isinstance(error, LhwaError) else ""
        return Finding(check, Verdict.BAD, str(error), hint or PUT_BACK)
    if flaw:
        return Finding(check, Verdict.BAD, flaw, PUT_BACK)
    return Finding(check, Verdict.OK, "sound")
