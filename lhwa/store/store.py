"""The store of one firm: `write(fn, …)` is one transaction, `read(fn, …)` sees one moment.

`fn` is a plain function whose first argument is the transaction; it cannot await, so no network call ever holds the
write lock. To join a transaction, call another function with the same `tx`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Concatenate, ParamSpec, Self, TypeVar

import apsw

from lhwa.domain.ids import TenantId
from lhwa.domain.instants import Instant
from lhwa.domain.keys import TenantKeys
from lhwa.errors import StorageError, VerificationError
from lhwa.ports.clock import Clock
from lhwa.store import attachments
from lhwa.store.connection import guard_append_only, open_connection, rows, settle_log, storage_errors
from lhwa.store.in_place import PUT_BACK, InPlace, LastSeen
from lhwa.store.migrate import migrate
from lhwa.store.recall import RECALLED_TABLES, Recall
from lhwa.store.transaction import DESK_TABLES, QUEUE_TABLES, Reactions, TogetherError, Tx
from lhwa.store.vault import LATEST, OLDER_KEYS, Vault

LOG_PAGES_TIDY = 500
"""Pages (4 MiB) that are worth copying in a quiet moment."""
LOG_PAGES_MAX = 4_000
"""Pages (32 MiB) that are copied even where there is no quiet moment."""

P = ParamSpec("P")
T = TypeVar("T")


class Store:
    """One firm's files, opened by one process. Calls from several threads take turns.

    Args:
        database: tenant.db of a founded firm (see `store/firm.py`).
        keys: keys.db, beside it.
        tenant: must be the firm that the file belongs to.
        tenant_keys: open the data keys; another firm's keys yield no text.
        clock: gives each transaction its `now`.
        reactions: which jobs each type of event puts.
        create: make both files when they are missing, for a firm that was never founded; the caller founds it then.
        on_jobs: called after a commit that put a job, so that a worker wakes up.
    Raises: StorageError when a file is missing; VerificationError when one is emptied, another firm's, or not the
        one that belongs to the other; UsageError (schema from a newer lhwa).
    """

    def __init__(
        self,
        database: Path,
        keys: Path,
        *,
        tenant: TenantId,
        tenant_keys: TenantKeys,
        clock: Clock,
        reactions: Reactions,
        create: bool = False,
        on_jobs: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._keys = keys
        self._tenant = tenant
        self._tenant_keys = tenant_keys
        self._clock = clock
        self._reactions = reactions
        self._on_jobs = on_jobs
        self._create = create
        self._lock = threading.RLock()
        self._changed: set[str] = set()
        self._log_pages = 0
        self._seen = LastSeen()
        self._recall = Recall()
        self._connection: apsw.Connection | None = None
        self._in_place: InPlace | None = None
        self._vault: Vault | None = None
        self._open()

    @property
    def tenant(self) -> TenantId:
        """Whose store this is."""
        return self._tenant

    def write(self, fn: Callable[Concatenate[Tx, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one transaction; all of it is durable when this returns, or none of it happened.

        Raises: whatever `fn` raises; UnavailableError, StorageError; UnauditedWriteError.
        """
        return self._run(lambda tx: fn(tx, *args, **kwargs), begin="BEGIN IMMEDIATE")

    def write_together(self, fn: Callable[Concatenate[Tx, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """`write` for many things at once, of which hardly any ever fails: savepoints cost nothing at first.

        When one of them fails all the same, everything is undone and `fn` runs a second time, with savepoints.
        """
        with suppress(TogetherError):
            return self._run(lambda tx: fn(tx, *args, **kwargs), begin="BEGIN IMMEDIATE", is_together=True)
        return self.write(fn, *args, **kwargs)

    def bookkeep(self, fn: Callable[Concatenate[Tx, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """The queue's own door: a transaction that may change jobs alone and needs no audit record. For bus/ only."""
        return self._run(lambda tx: fn(tx, *args, **kwargs), begin="BEGIN IMMEDIATE", unaudited=QUEUE_TABLES)

    def jot(self, fn: Callable[Concatenate[Tx, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """The desk's own door: a transaction that may change drafts and presence alone and needs no audit record.

        What is typed and not yet sent, and who has which thread open, is no record of the firm: it changes with every
        pause between two words, and a log of that would bury what matters. A message that is sent, a note and a
        decision are records, and go through `write`.
        """
        return self._run(lambda tx: fn(tx, *args, **kwargs), begin="BEGIN IMMEDIATE", unaudited=DESK_TABLES)

    def read(self, fn: Callable[Concatenate[Tx, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function that changes nothing."""
        return self._run(lambda tx: fn(tx, *args, **kwargs), begin="BEGIN", is_read=True)

    def data_version(self) -> int:
        """A number that changes when another connection commits to tenant.db. Costs next to nothing."""
        with self._lock, storage_errors("tenant.db"):
            connection, _vault, _in_place = self._open()
            return int(connection.pragma("data_version"))

    def tidy(self) -> bool:
        """Copy the log into tenant.db when it has grown; False when there was nothing to do. For a quiet moment.

        Raises: StorageError when the disk cannot do it.
        """
        with self._lock:
            if self._log_pages < LOG_PAGES_TIDY:
                return False
            connection, _vault, in_place = self._open()
            self._log_pages = 0
            with storage_errors("tenant.db"):
                in_place.require()
                connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
            return True

    def now(self) -> Instant:
        """The clock of this store."""
        return self._clock.now()

    @property
    def seen(self) -> LastSeen:
        """What to compare the files with when they are opened again."""
        return self._seen

    def close(self) -> None:
        """Close both files. Idempotent."""
        with self._lock:
            self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(
        self,
        fn: Callable[[Tx], T],
        *,
        begin: str,
        unaudited: frozenset[str] = frozenset(),
        is_read: bool = False,
        is_together: bool = False,
    ) -> T:
        with self._lock:
            try:
                with storage_errors("tenant.db"):
                    result, has_jobs = self._transaction(
                        fn, begin=begin, unaudited=unaudited, is_read=is_read, is_together=is_together
                    )
            except (StorageError, VerificationError):
                # After a failed write or fsync the pages in memory may not be those on disk: read the file anew.
                self._note_overwritten()
                self._close()
                raise
        if has_jobs:
            self._on_jobs()
        return result

    def _transaction(
        self, fn: Callable[[Tx], T], *, begin: str, unaudited: frozenset[str], is_read: bool, is_together: bool
    ) -> tuple[T, bool]:
        connection, vault, in_place = self._open()
        in_place.require()
        vault.require_in_place()
        connection.execute(begin)
        written: list[Path] = []
        try:
            self._changed.clear()
            tx = Tx(
                connection,
                vault,
                tenant=self._tenant,
                now=self._clock.now(),
                changed=self._changed,
                reactions=self._reactions,
                recall=self._recall,
                folder=self._database.parent / attachments.FOLDER,
                written=written,
                is_together=is_together,
            )
            self._recall.begin(tx.data_version())
            result = fn(tx)
            tx.seal_law(unaudited=unaudited, is_read=is_read)
            if vault.has_new_keys:
                connection.execute("UPDATE firm SET keys_made = ?", (vault.keys_made(),))
            vault.flush()
            connection.execute("COMMIT")
            # What went into a file that was moved away is not done: whoever asked must try again on the right one.
            in_place.require()
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
                attachments.discard(written)
            vault.discard()
            self._recall.forget_rows()
            raise
        return result, tx.jobs.put_any

    def _open(self) -> tuple[apsw.Connection, Vault, InPlace]:
        if self._connection is None or self._in_place is None or self._vault is None:
            self._seen.require_others()
            self._recall = Recall()  # of another connection, perhaps of another file: its versions say nothing here
            if not self._create and not self._database.exists():
                raise StorageError("This firm has no tenant.db.", hint=PUT_BACK)
            connection = self._connection = open_connection(self._database, create=self._create)
            try:
                settle_log(connection, self._database)
                with storage_errors("tenant.db"):
                    self._in_place = InPlace(connection, self._database)
                    migrate(connection, "tenant", create=self._create)
                    guard_append_only(connection)
                    self._vault = self._open_vault(connection)
            except BaseException:
                self._close()
                raise
            connection.set_update_hook(self._change_noter())
            connection.set_wal_hook(self._note_log)
            # From now on a missing file is a loss, and an empty one in its place would hide it.
            self._create = False
        return self._connection, self._vault, self._in_place

    def _open_vault(self, connection: apsw.Connection) -> Vault:
        """Open keys.db, and make sure that it and tenant.db are this firm's and belong together."""
        founded = rows(connection, "SELECT tenant, keys_fingerprint, keys_made FROM firm WHERE id = 1")
        if not founded:
            if not self._create:
                raise VerificationError("tenant.db has lost its rows.", hint=PUT_BACK)
            return Vault(self._keys, self._tenant, self._tenant_keys, create=True)
        ((tenant, fingerprint, keys_made),) = founded
        if tenant != self._tenant:
            raise VerificationError(
                "This tenant.db belongs to another firm.", hint="Put each firm's files back into its own folder."
            )
        if not self._keys.exists():
            raise StorageError(
                "This firm's keys.db is gone; without it nothing can be read.", hint=f"{PUT_BACK} {LATEST}"
            )
        vault = Vault(self._keys, self._tenant, self._tenant_keys)
        try:
            _require_match(vault, fingerprint, keys_made)
        except BaseException:
            with suppress(apsw.Error):
                vault.close()
            raise
        return vault

    def _change_noter(self) -> Callable[[int, str, str, int], None]:
        """What notes a changed row. It runs for every row, so it looks up as little as it can."""
        note, delete = self._changed.add, apsw.SQLITE_DELETE

        def note_change(kind: int, _database: str, table: str, _rowid: int) -> None:
            note(table)
            if kind == delete and table in RECALLED_TABLES:
                self._recall.forget_rows()

        return note_change

    def _note_log(self, connection: apsw.Connection, _database: str, pages: int) -> int:
        """In place of SQLite's own checkpoints: only a log that never finds a quiet moment is copied in a commit."""
        self._log_pages = pages
        if pages >= LOG_PAGES_MAX:
            with suppress(apsw.Error):  # the commit is done, whatever becomes of the copy
                connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        return apsw.SQLITE_OK

    def _note_overwritten(self) -> None:
        parts = ((self._database, self._in_place), (self._keys, self._vault.in_place if self._vault else None))
        for path, in_place in parts:
            if in_place is not None and in_place.is_overwritten and path.exists():
                self._seen.overwritten[path] = path.stat().st_ino

    def _close(self) -> None:
        self._in_place = None
        vault, self._vault = self._vault, None
        connection, self._connection = self._connection, None
        for part in (vault, connection):
            if part is not None:
                try:
                    part.close()
                except apsw.Error:
                    # The file is in trouble already; what matters is that nobody uses this handle again.
                    continue

    @property
    def wal_bytes(self) -> int:
        """Size of the write-ahead log."""
        wal = self._database.with_name(self._database.name + "-wal")
        return wal.stat().st_size if wal.exists() else 0


def _require_match(vault: Vault, fingerprint: bytes, keys_made: int) -> None:
    """Refuse a keys.db that is another firm's, of another birth, or older than what tenant.db remembers of it."""
    if vault.fingerprint() != fingerprint:
        raise VerificationError("This keys.db does not belong to this tenant.db.", hint=f"{PUT_BACK} {LATEST}")
    if vault.keys_made() < keys_made:
        raise VerificationError(
            "This keys.db is older than tenant.db: the keys of newer people are missing.", hint=OLDER_KEYS
        )
