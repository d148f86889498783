"""A firm's records built anew in another home, from the requests that are still stored, and compared.

The new home is made beside its place and moved there when all is done: nothing half written is ever left under its
name. It has the registry and this firm's `keys.db` as they are (ids and keyed hashes follow from its keys), this firm's
stored requests, and a fresh `tenant.db`. The root key is not copied to a new place in clear: a key in files is referred
to by path, a key in a keyring is put into the keyring for the new home. Files of other firms stay behind, so the new
home is for looking, not for serving; no alert is sent from it.
"""

# ruff: noqa: PLC0415 -- a command pays only for what it opens

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from lhwa.cli.firm import Firm
from lhwa.cli.session import Session
from lhwa.config import Home
from lhwa.domain.text import safe_text
from lhwa.errors import ConflictError, StorageError

if TYPE_CHECKING:
    from lhwa.services.messaging.comparison import TableComparison
    from lhwa.store.spool_rows import SpoolRow
    from lhwa.store.store import Store


@dataclass(slots=True)
class Rebuilt:
    """What was built, and how it compares."""

    requests: int = 0
    elements: int = 0
    postponed: int = 0
    """Elements that could not be applied; jobs in the new home hold them."""
    unreadable: int = 0
    """Requests that do not open."""
    waiting: int = 0
    """Requests that were not applied here yet."""
    applied: set[str] = field(default_factory=set, repr=False)
    tables: list[TableComparison] = field(default_factory=list)

    @property
    def is_same(self) -> bool:
        """True when nothing that could be compared differs."""
        return all(table.is_same for table in self.tables)


def require_free(target: Path) -> None:
    """Raise ConflictError when there is something at the place of the new home; StorageError when it cannot be read."""
    try:
        if target.is_symlink() or (target.exists() and (not target.is_dir() or any(target.iterdir()))):
            raise ConflictError(
                "There is something at that place already; it is never touched.",
                hint="Name a folder that does not exist or is empty.",
            )
    except OSError as error:
        raise StorageError(f"The place of the new home cannot be read: {error.strerror}.") from None


def rebuild(session: Session, firm: Firm, target: Path, *, on_progress: Callable[[int], None]) -> Rebuilt:
    """Build the firm's records anew in a new home, and compare them with those here.

    Raises: ConflictError when the place is taken; nothing is left there then, nor after any other failure.
    """
    from lhwa.services.messaging.comparison import compare, derived_lines

    with _beside(target) as beside:
        home = Home(beside)
        _copy_control_plane(session, firm, home)
        rebuilt, store = Rebuilt(), _fresh_store(firm, home)
        with store:
            _apply_all(session, firm, home, store, rebuilt, on_progress=on_progress)
            there = store.read(derived_lines)
        here = firm.store.read(derived_lines)
        rebuilt.tables = compare(here, there, applied=rebuilt.applied, waiting=rebuilt.waiting)
        _write_settings(session, home)
        require_free(target)
        # First: a home whose key is in no keyring would be a home that nobody can open.
        _give_root_key(session, Home(target))
        _move(beside, target)
    return rebuilt


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    require_free(target)
    beside = target.with_name(f".{target.name}.{token_hex(8)}")
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside.mkdir(mode=0o700)
    except OSError as error:
        raise StorageError(f"The new home could not be made: {error.strerror}.") from None
    try:
        yield beside
    finally:
        shutil.rmtree(beside, ignore_errors=True)
        if beside.exists():
            hint = f"Remove {safe_text(str(beside))} by hand: it holds a copy of keys and requests."
            raise StorageError("The unfinished home could not be removed.", hint=hint)


def _move(beside: Path, target: Path) -> None:
    try:
        beside.rename(target)
    except OSError as error:
        raise StorageError(f"The new home could not be put into its place: {error.strerror}.") from None


def _copy_control_plane(session: Session, firm: Firm, home: Home) -> None:
    from lhwa.store.copies import copy_database
    from lhwa.store.spool import create_spool

    tenant = firm.principal.tenant
    with session.registry() as registry:
        registry.copy_to(home.registry_db)
    create_spool(home.spool_db)
    home.tenant_dir(tenant).mkdir(mode=0o700, parents=True)
    copy_database(session.home.keys_db(tenant), home.keys_db(tenant))


def _fresh_store(firm: Firm, home: Home) -> Store:
    from lhwa import bootstrap
    from lhwa.domain.audit import operator_actor
    from lhwa.store.firm import found_firm
    from lhwa.store.store import Store

    tenant = firm.principal.tenant
    store = Store(
        home.tenant_db(tenant),
        home.keys_db(tenant),
        tenant=tenant,
        tenant_keys=firm.keys,
        clock=bootstrap.open_clock(),
        # What happened long ago must alert nobody now.
        reactions={},
        create=True,
    )
    store.write(found_firm, actor=operator_actor(firm.principal.operator))
    return store


def _apply_all(
    session: Session, firm: Firm, home: Home, store: Store, rebuilt: Rebuilt, *, on_progress: Callable[[int], None]
) -> None:
    from lhwa.bus.recovery import audit_end
    from lhwa.store.copies import copy_requests
    from lhwa.store.spool import Spool
    from lhwa.store.spool_rows import mark_applied

    spool = Spool(home.spool_db)
    try:
        for page in copy_requests(session.home.spool_db, home.spool_db, firm.principal.tenant):
            served = [row for row in page if _apply(firm, store, row, rebuilt)]
            end = store.read(audit_end)
            spool.change(mark_applied(served, audit_size=end.size, audit_leaf=end.leaf)).result()
            rebuilt.requests += len(page)
            on_progress(rebuilt.requests)
    finally:
        spool.close()


def _apply(firm: Firm, store: Store, row: SpoolRow, rebuilt: Rebuilt) -> bool:
    from lhwa.errors import SealError
    from lhwa.routes import ROUTES
    from lhwa.store.spool_rows import open_request

    try:
        elements = ROUTES.inbound.read(open_request(row, firm.keys))
    except SealError:
        rebuilt.unreadable += 1
        return False
    outcomes = store.write(ROUTES.inbound.apply, elements, row.event_id, row.received_at_ms)
    rebuilt.elements += len(elements)
    rebuilt.postponed += outcomes.count("postponed")
    if row.state == "done":
        rebuilt.applied.add(row.event_id)
    else:
        rebuilt.waiting += 1
    return True


def _write_settings(session: Session, home: Home) -> None:
    """The new home's own settings: where its root key is, and nothing else."""
    import json

    from lhwa import bootstrap

    root_key = session.settings.root_key
    name = bootstrap.open_secret_store(session.home, session.settings, session.environ).name
    lines = ["[root_key]", f"store = {json.dumps(name)}"]
    if name == "file":
        folder = Path(root_key.path).expanduser() if root_key.path else session.home.secrets_dir
        lines.append(f"path = {json.dumps(str(folder.absolute()))}")
    if session.settings.plugins.allow:
        lines += ["[plugins]", f"allow = {json.dumps(list(session.settings.plugins.allow))}"]
    home.settings_file.write_text("\n".join([*lines, ""]), encoding="utf-8")


def _give_root_key(session: Session, home: Home) -> None:
    """Let a store that keeps a key per home know it under the new one; a file is referred to instead."""
    from lhwa import bootstrap
    from lhwa.domain.keys import ROOT_KEY_SECRET

    here = bootstrap.open_secret_store(session.home, session.settings, session.environ)
    if here.name in ("file", "systemd"):
        return
    there = bootstrap.open_secret_store(home, session.settings, session.environ)
    secret = here.get(ROOT_KEY_SECRET)
    known = there.get(ROOT_KEY_SECRET)
    if known is not None and known != secret:
        raise ConflictError(
            "The secret store holds another root key for that place.", hint="Name another folder for the new home."
        )
    if secret is not None and known is None:
        there.put(ROOT_KEY_SECRET, secret)
