"""`lhwa init`: an empty folder becomes a home with a root key, a registry and its first operator.

The order makes a crash harmless: folder, key, settings, spool, registry, operator. Until the operator is there,
running it again takes up what it finds; after that nothing is touched. Nothing else ever makes a spool: one that is
missing in a finished home is a loss, and an empty one in its place would hide it.
"""

# ruff: noqa: PLC0415 -- a command imports what it uses when it runs, so that its help stays light
# ruff: noqa: FBT002 -- typer reads these signatures

from __future__ import annotations

import os
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from lhwa.cli import ask
from lhwa.cli.group import Group
from lhwa.cli.session import Session
from lhwa.errors import ConfigError, StorageError, UsageError

if TYPE_CHECKING:
    from lhwa.config import Home
    from lhwa.domain.sealing import Key
    from lhwa.ports.secret_store import SecretStore

app = Group("Make an installation.")

_OURS = re.compile(r"lhwa\.toml|secrets|tenants|wake|serve\.lock|\.?(registry|spool)\.db.*|lost\+found")
_OPERATOR_CHARS_MAX = 40
_SETTINGS = """\
# Settings of this lhwa installation. `lhwa config explain` says what there is, `lhwa config show` what holds.

[root_key]
# Where the root key is kept. Without that key nothing here can be read: back it up apart from this folder.
store = "{store}"
"""


class RootKeyStore(StrEnum):
    """Where the root key goes."""

    AUTO = "auto"
    """A safe keyring if there is one, else a file."""
    KEYRING = "keyring"
    SYSTEMD = "systemd"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Made:
    """What `init` made."""

    home: str
    settings_file: str
    root_key_store: str
    root_key_in: str
    root_key_is_new: bool
    operator: str
    name: str


@app.add(
    "init",
    examples=[
        "lhwa init",
        'lhwa init --non-interactive --root-key file --owner "Sari Contoh"',
        "lhwa init --home /var/lib/lhwa --root-key systemd",
        "# only after spool.db was lost for good, and with the daemon stopped",
        "lhwa init --new-spool",
    ],
)
def init(
    ctx: typer.Context,
    non_interactive: Annotated[bool, typer.Option("--non-interactive", help="Ask nothing; take the defaults.")] = False,
    root_key: Annotated[
        RootKeyStore | None, typer.Option(help="Where the root key is kept.  [default: auto]", show_default=False)
    ] = None,
    owner: Annotated[
        str | None, typer.Option(help="Your name; lhwa makes a short operator name of it.", metavar="NAME")
    ] = None,
    new_spool: Annotated[
        bool,
        typer.Option(
            "--new-spool",
            help="In a finished home whose spool.db is lost for good: begin an empty one. It goes into the audit log.",
        ),
    ] = False,
) -> None:
    """Make a home: a folder only you can read, a root key, the registry, and you as its first operator.

    The root key opens everything else. It goes to a safe keyring, to systemd's credentials, or to a file of mode 0600.
    """
    session = Session.of(ctx)
    if new_spool:
        _begin_new_spool(session)
        return
    _refuse_finished(session)
    if not non_interactive:
        owner = owner or ask.answer("Your name", default=_user_name())
    name = owner or _user_name()
    made = _make(session, name=name, wanted=root_key)
    session.out.record(
        made,
        {
            "home": made.home,
            "settings": made.settings_file,
            "root key": made.root_key_in + ("" if made.root_key_is_new else " (was there)"),
            "operator": f"{made.operator} ({made.name})",
        },
    )
    if made.root_key_store == "file" and root_key in (None, RootKeyStore.AUTO):
        session.out.say(f"The root key is in a file, because there is no safe {_about_keyring(session)}")
    session.out.say("Back up the root key apart from the home: without it nothing can be read again.")
    session.out.say("Next: lhwa app add main")


def _about_keyring(session: Session) -> str:
    from lhwa.adapters.secret_store.keyring import KeyringSecretStore

    return KeyringSecretStore.for_home(session.home.root, path=None, environ=session.environ).describe()


def _refuse_finished(session: Session) -> None:
    """Raise ConflictError for a finished home before anybody is asked anything."""
    if not session.home.registry_db.exists():
        return
    from lhwa.errors import ConflictError
    from lhwa.registry.tables import operators

    with session.registry() as registry, registry.read() as view:
        if operators.installer(view) is not None:
            raise ConflictError(
                f"There is an lhwa installation in {session.home.root} already; nothing was changed.",
                hint="Use it: `lhwa whoami`. Or name another home: --home PATH.",
            )


def _make(session: Session, *, name: str, wanted: RootKeyStore | None) -> Made:
    from lhwa.config import load_settings
    from lhwa.services.access import rules
    from lhwa.services.access.callers import os_uid
    from lhwa.services.access.installation import init_installation

    home, operator = session.home, rules.operator_id(_operator_name(name))
    rules.display_name(name)
    flags = {**session.flags, "root_key.store": None if wanted is None else wanted.value}
    settings = load_settings(home, session.environ, flags).settings
    _refuse_other_store(session, settings.root_key.store, wanted)
    _make_folder(home)
    store = _store(session, settings.root_key.store, settings.root_key.path, settings.plugins.allow)
    root, is_new = _root_key(store, home)
    _write_settings(home, store)
    _make_spool(home)
    init_installation(home.registry_db, root, operator=operator, name=name, os_uid=os_uid(), now=session.now).close()
    return Made(str(home.root), str(home.settings_file), store.name, store.describe(), is_new, operator, name)


def _refuse_other_store(session: Session, store: str, wanted: RootKeyStore | None) -> None:
    """A flag that lhwa.toml contradicts would make a key that no later command finds."""
    from lhwa.config import load_settings

    if wanted is None or not session.home.settings_file.exists():
        return
    later = load_settings(session.home, session.environ, session.flags)
    if later.settings.root_key.store not in (store, RootKeyStore.AUTO):
        raise UsageError(
            f"--root-key says {store}, but {later.origins['root_key.store']} says {later.settings.root_key.store}.",
            hint="Make them agree, or leave --root-key out.",
        )


def _make_folder(home: Home) -> None:
    """A folder of mode 0700 that holds nothing but lhwa's files."""
    try:
        home.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        strangers = sorted(each.name for each in home.root.iterdir() if not _OURS.fullmatch(each.name))
        if strangers:
            raise UsageError(
                f"{home.root} holds other things than lhwa's.", hint="Name an empty folder: --home PATH, or LHWA_HOME."
            )
        if os.name == "posix":
            home.root.chmod(0o700)
    except FileExistsError:
        raise UsageError(f"{home.root} is no folder.", hint="Name another: --home PATH.") from None
    except OSError as error:
        raise StorageError(f"{home.root} cannot be made a home: {error.strerror}.") from None


def _store(session: Session, name: str, path: str, allow: tuple[str, ...]) -> SecretStore:
    from lhwa.adapters.secret_store import open_secret_store

    return open_secret_store(name, home=session.home.root, path=path, environ=session.environ, allow=allow)


def _root_key(store: SecretStore, home: Home) -> tuple[Key, bool]:
    """The key that an unfinished run left or systemd provides, else a new one; True when it is new."""
    from lhwa.adapters.secret_store.root_key import make_root_key, read_root_key
    from lhwa.domain.keys import ROOT_KEY_SECRET

    if store.get(ROOT_KEY_SECRET) is not None:
        return read_root_key(store), False
    if home.registry_db.exists():
        raise ConfigError(
            "There is a registry here, but not the root key it was made with.",
            hint="Restore the key; see root_key.store.",
        )
    if not store.writable:
        return read_root_key(store), False
    return make_root_key(store), True


def _write_settings(home: Home, store: SecretStore) -> None:
    """lhwa.toml, unless somebody wrote one already."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    try:
        handle = os.open(home.settings_file, flags, 0o600)
    except FileExistsError:
        return
    with open(handle, "w", encoding="utf-8") as file:  # noqa: PTH123 -- created above, exclusively
        file.write(_SETTINGS.format(store=store.name))


def _make_spool(home: Home) -> None:
    from lhwa.store.spool import create_spool

    create_spool(home.spool_db)


def _begin_new_spool(session: Session) -> None:
    """An empty spool in the place of a lost one, while nobody serves the home.

    Raises: ConflictError while there is a spool or a daemon; NotAllowedError for anybody but the installer.
    """
    from lhwa.daemon.lock import HomeLock
    from lhwa.domain.audit import AuditRecord, operator_actor
    from lhwa.errors import ConflictError
    from lhwa.services.access.callers import require_installer

    home = session.home
    with session.registry() as registry:
        with registry.read() as view:
            operator = require_installer(view, session.installer)
        lock = HomeLock(home.lock_file)
        lock.acquire()
        try:
            if home.spool_db.exists():
                raise ConflictError(
                    "There is a spool.db here; nothing was changed.",
                    hint="Only if it is damaged beyond repair: move it away, with its -wal and -shm files.",
                )
            with registry.write(now=session.now) as tx:
                tx.record(AuditRecord(operator_actor(operator), "spool.begun_anew", "spool"))
                _make_spool(home)
        finally:
            lock.release()
    session.out.done("There is a new, empty spool. What waited in the old one is lost.", {"spool": str(home.spool_db)})


def _user_name() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "owner"


def _operator_name(name: str) -> str:
    """`Sari Contoh, S.H.` -> `sari.contoh.s.h`: a short name that is easy to type."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    short = re.sub(r"[^a-z0-9_-]+", ".", ascii_name).strip(".-_0123456789")[:_OPERATOR_CHARS_MAX].rstrip(".-_")
    return short if len(short) > 1 else "owner"
