"""The files of one installation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lhwa.domain.ids import TenantId, is_tenant_id
from lhwa.errors import InvariantError


@dataclass(frozen=True, slots=True)
class Home:
    """Where everything of one installation lies."""

    root: Path

    @property
    def settings_file(self) -> Path:
        """Written by people; lhwa only reads it."""
        return self.root / "lhwa.toml"

    @property
    def registry_db(self) -> Path:
        """The control plane."""
        return self.root / "registry.db"

    @property
    def spool_db(self) -> Path:
        """Raw webhook requests, sealed."""
        return self.root / "spool.db"

    @property
    def lock_file(self) -> Path:
        """Held by the one daemon of this home."""
        return self.root / "serve.lock"

    @property
    def wake_dir(self) -> Path:
        """Files touched by other processes to wake the daemon."""
        return self.root / "wake"

    @property
    def secrets_dir(self) -> Path:
        """Where the `file` secret store keeps its files unless `root_key.path` says otherwise."""
        return self.root / "secrets"

    @property
    def tenants_dir(self) -> Path:
        """One folder per firm."""
        return self.root / "tenants"

    def tenant_dir(self, tenant: TenantId) -> Path:
        """The folder of one firm. A name that is no tenant id never becomes a path."""
        return self.tenants_dir / _checked(tenant)

    def tenant_db(self, tenant: TenantId) -> Path:
        """The records of one firm."""
        return self.tenant_dir(tenant) / "tenant.db"

    def keys_db(self, tenant: TenantId) -> Path:
        """The wrapped data keys of one firm."""
        return self.tenant_dir(tenant) / "keys.db"

    def wake_file(self, tenant: TenantId) -> Path:
        """Touched when another process put work into this firm's file."""
        return self.wake_dir / _checked(tenant)


def _checked(tenant: TenantId) -> str:
    if not is_tenant_id(tenant):
        raise InvariantError("This is no tenant id, so it names no folder.")
    return tenant


def find_home(environ: Mapping[str, str], flag: str | Path | None = None) -> Home:
    """The home: `--home`, else `LHWA_HOME`, else the platform's folder for user data."""
    named = flag or environ.get("LHWA_HOME")
    if named:
        return Home(Path(named).expanduser().absolute())
    from platformdirs import user_data_path  # noqa: PLC0415 -- only needed when nobody named a home

    return Home(user_data_path("lhwa", appauthor=False))
