"""The vault: a firm's data keys in `keys.db`, and sealing under them.

Every data subject has one key, wrapped by the firm's tenant key. New keys are committed to `keys.db` before the
rows that need them: a crash between the two leaves an unused key, never an unreadable row. The key of the keyed
hashes is made once, with the file: a second one would make every known message look new.

Source: design of the key tree, `domain/keys.py`.
"""

from __future__ import annotations

from pathlib import Path

from lhwa.domain.ids import ContactId, TenantId
from lhwa.domain.keys import TenantKeys, pick
from lhwa.domain.sealing import Key, KeyedHash, Place, key_id_of, seal, unseal
from lhwa.errors import SealError, VerificationError
from lhwa.store.connection import let_go, open_connection, rows, settle_log, storage_errors
from lhwa.store.in_place import PUT_BACK, InPlace
from lhwa.store.memory import Memory
from lhwa.store.migrate import migrate

FIRM = "firm"
"""Subject of what belongs to no single person: platform events, jobs, dead letters."""
BLIND = "blind"
BLIND_VERSION = 1
LATEST = "Of keys.db that is its latest copy: an older one lacks the keys of newer people."
"""What to do about a lost keys.db, besides."""
OLDER_KEYS = (
    "Put its latest copy back. If there is none, stop the daemon and put both files of this firm back from one backup:"
    " what came since is applied again from the spool."
)


def contact_subject(contact: ContactId) -> str:
    """The key subject of a person."""
    return f"contact:{contact}"


class Vault:
    """Seals and opens for one firm. Not for several threads at once.

    Args:
        path: keys.db of the firm.
        tenant: bound into every seal.
        keys: the firm's tenant keys; `SealError` later if they are another firm's.
        create: make the file when it is missing, and its first key when it is empty.
    Raises: StorageError when the file is missing; VerificationError when it is emptied.
    """

    def __init__(self, path: Path, tenant: TenantId, keys: TenantKeys, *, create: bool = False) -> None:
        self._tenant = tenant
        self._keys = keys
        self._connection = open_connection(path, secure_delete=True, create=create)
        self._by_subject: Memory[str, Key] = Memory()  # 2.7 kB each, with what seals under them
        self._by_id: Memory[bytes, Key] = Memory()
        self._uncommitted: list[str] = []
        try:
            settle_log(self._connection, path)
            with storage_errors("keys.db"):
                self.in_place = InPlace(self._connection, path)
                migrate(self._connection, "keys", create=create)
            self._blind = KeyedHash(self._first_key(create=create).secret)
            self.flush()
        except BaseException:
            let_go(self._connection)
            raise

    def close(self) -> None:
        """Forget the keys and close the file."""
        self._by_subject.clear()
        self._by_id.clear()
        self._connection.close()

    def place(self, table: str, column: str, row: str) -> Place:
        """A place in this firm's file."""
        return Place(self._tenant, table, column, row)

    def seal(self, subject: str, place: Place, clear: bytes, *, now_ms: int) -> bytes:
        """Seal under the subject's key, making the key when there is none."""
        return seal(self._subject_key(subject, now_ms=now_ms), place, clear)

    def unseal(self, place: Place, blob: bytes) -> bytes:
        """Open a blob; SealError when its key was destroyed or the place is wrong."""
        return unseal(self._key_of(key_id_of(blob)), place, blob)

    def blind(self, *parts: str) -> bytes:
        """32 bytes: the keyed hash of some text, for looking things up without storing them.

        Parts are joined by `|`, which is escaped inside them: different parts never share one hash. The first names
        the kind (`phone`, `bsuid`, `wamid`, ...).
        """
        joined = "|".join(parts)
        if "\\" in joined or joined.count("|") >= len(parts):
            joined = "|".join(part.replace("\\", "\\\\").replace("|", "\\|") for part in parts)
        return self._blind.digest(joined.encode("utf-8", "surrogatepass"))

    def blind_bytes(self, kind: str, content: bytes) -> bytes:
        """32 bytes: the keyed hash of some content of a kind whose name no other keyed hash begins with."""
        return self._blind.digest(kind.encode() + b"|" + content)

    def require_in_place(self) -> None:
        """Raise StorageError when keys.db is no longer the file that this vault writes to."""
        self.in_place.require()

    def flush(self) -> None:
        """Make new keys durable, in the file that is there. Called before the commit of the rows that need them."""
        if self._uncommitted:
            with storage_errors("keys.db"):
                self._connection.execute("COMMIT")
            self._uncommitted.clear()
            self.require_in_place()

    def discard(self) -> None:
        """Forget keys that were made for a transaction that did not happen."""
        for subject in self._uncommitted:
            self._forget(subject)
        self._uncommitted.clear()
        # A full disk may have ended the transaction already.
        if self._connection.in_transaction:
            with storage_errors("keys.db"):
                self._connection.execute("ROLLBACK")

    @property
    def has_new_keys(self) -> bool:
        """True while keys were made that `flush` has not made durable."""
        return bool(self._uncommitted)

    def keys_made(self) -> int:
        """How many keys were ever made here, destroyed ones included."""
        with storage_errors("keys.db"):
            found = rows(self._connection, "SELECT seq FROM sqlite_sequence WHERE name = 'data_key'")
        return int(found[0][0]) if found else 0

    def fingerprint(self) -> bytes:
        """32 bytes that belong to this keys.db alone: kept in tenant.db, they tell whether the two belong together."""
        return self.blind("keys.db", self._tenant)

    def _first_key(self, *, create: bool) -> Key:
        """The key of the keyed hashes, which every founded firm has."""
        if create:
            return self._subject_key(BLIND, now_ms=0)
        with storage_errors("keys.db"):
            key = self._stored(BLIND)
        if key is None:
            raise VerificationError("keys.db has lost its keys.", hint=f"{PUT_BACK} {LATEST}")
        return key

    def _subject_key(self, subject: str, *, now_ms: int) -> Key:
        known = self._by_subject.get(subject)
        if known is not None:
            return known
        with storage_errors("keys.db"):
            key = self._stored(subject) or self._make(subject, now_ms=now_ms)
        self._remember(subject, key)
        return key

    def _make(self, subject: str, *, now_ms: int) -> Key:
        if not self._uncommitted:
            self._connection.execute("BEGIN IMMEDIATE")
            stored = self._stored(subject)  # another process may have made it before we held the lock
            if stored is not None:
                self._connection.execute("COMMIT")
                return stored
        self._uncommitted.append(subject)
        key = Key.random()
        wrapped = seal(self._keys.current, self.place("data_key", key.id.hex(), subject), key.secret)
        self._connection.execute(
            "INSERT INTO data_key (key_id, subject, wrapped, created_at) VALUES (?, ?, ?, ?)",
            (key.id, subject, wrapped, now_ms),
        )
        return key

    def _stored(self, subject: str) -> Key | None:
        found = rows(self._connection, "SELECT key_id, subject, wrapped FROM data_key WHERE subject = ?", (subject,))
        return self._unwrap(*found[0]) if found else None

    def _key_of(self, key_id: bytes) -> Key:
        known = self._by_id.get(key_id)
        if known is not None:
            return known
        with storage_errors("keys.db"):
            found = rows(self._connection, "SELECT key_id, subject, wrapped FROM data_key WHERE key_id = ?", (key_id,))
        if not found:
            raise SealError("The key of this blob is gone, or was never here.")
        key = self._unwrap(*found[0])
        self._remember(found[0][1], key)
        return key

    def _unwrap(self, key_id: bytes, subject: str, wrapped: bytes) -> Key:
        wrapping = pick(self._keys.all(), key_id_of(wrapped))
        return Key(key_id, unseal(wrapping, self.place("data_key", key_id.hex(), subject), wrapped))

    def _remember(self, subject: str, key: Key) -> None:
        self._by_subject.keep(subject, key)
        self._by_id.keep(key.id, key)

    def _forget(self, subject: str) -> None:
        key = self._by_subject.pop(subject, None)
        if key is not None:
            self._by_id.pop(key.id, None)
