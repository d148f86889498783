"""What a command needs of the installation: opened when asked for, closed when the command ends."""

# ruff: noqa: PLC0415 -- a command pays only for what it opens

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lhwa.cli.options import Globals, globals_of
from lhwa.cli.output import Output
from lhwa.config import Home, Loaded, Settings, find_home, load_settings

if TYPE_CHECKING:
    from lhwa.domain.access import Principal
    from lhwa.domain.ids import TenantId
    from lhwa.domain.instants import Instant
    from lhwa.registry.registry import Registry
    from lhwa.services.access.callers import Caller

TOKEN = "LHWA_TOKEN"  # noqa: S105 -- the name of the variable


class Session:
    """One invocation: what it asked for, and the home that it speaks to."""

    def __init__(self, asked: Globals, environ: Mapping[str, str]) -> None:
        self.asked = asked
        self.environ = environ
        self.out = Output(asked)

    @staticmethod
    def of(context: Any) -> Session:
        """The session of this command."""
        return Session(globals_of(context), os.environ)

    @cached_property
    def now(self) -> Instant:
        """When this command runs: one instant for all that it does."""
        from lhwa.bootstrap import open_clock

        return open_clock().now()

    @property
    def flags(self) -> dict[str, object]:
        """The flags that are settings."""
        return {"cli.tenant": self.asked.tenant}

    @cached_property
    def home(self) -> Home:
        """Where the files lie; the home need not exist yet."""
        return find_home(self.environ, self.asked.home)

    @property
    def home_origin(self) -> str:
        """Who named the home."""
        if self.asked.home:
            return "flag:--home"
        return "env:LHWA_HOME" if self.environ.get("LHWA_HOME") else "default"

    @cached_property
    def loaded(self) -> Loaded:
        """The settings with their origins; ConfigError when one is wrong."""
        return load_settings(self.home, self.environ, self.flags)

    @property
    def settings(self) -> Settings:
        """The settings."""
        return self.loaded.settings

    @property
    def graph_url(self) -> str:
        """Where this home speaks to Meta: as settings say, else where its running daemon does."""
        from lhwa.daemon.lock import running_daemon

        named = self.settings.outbound.graph_url
        if named != Settings().outbound.graph_url:
            return named
        daemon = running_daemon(self.home.lock_file)
        return named if daemon is None or not daemon.graph_url else daemon.graph_url

    @contextmanager
    def registry(self) -> Iterator[Registry]:
        """The registry of this home, open for the block."""
        from lhwa import bootstrap

        home = bootstrap.open_home(self.environ, self.asked.home)
        root = bootstrap.open_root_key(home, self.settings, self.environ)
        with bootstrap.open_registry(home, root) as registry:
            yield registry

    @property
    def wanted_tenant(self) -> str | None:
        """The firm that flag, environment or file names."""
        return self.settings.cli.tenant or None

    @cached_property
    def caller(self) -> Caller:
        """Who acts: the token in LHWA_TOKEN, else the one kept by `lhwa login`, else the user of the machine."""
        from lhwa.services.access.callers import Caller, os_uid

        token = self.environ.get(TOKEN)
        if token is None:
            from lhwa.cli.stored_token import StoredTokens

            token = StoredTokens(self.home, self.environ).find(self.wanted_tenant)
        return Caller(token=None if token is None else token.strip(), os_uid=os_uid())

    @cached_property
    def installer(self) -> Caller:
        """Who acts across firms: the user of the machine, also after a `lhwa login` into one firm."""
        from lhwa.services.access.callers import Caller, os_uid

        return Caller(token=self.environ.get(TOKEN), os_uid=os_uid())

    def tenant(self, registry: Registry, named: str | None = None) -> TenantId:
        """The firm that this command speaks of: named by the command, by a setting, or the caller's only one."""
        from lhwa.services.access.callers import pick_tenant

        return pick_tenant(registry, self.caller, named or self.wanted_tenant, now=self.now)

    def principal(self, registry: Registry) -> Principal:
        """The caller under a role in that firm; NotAllowedError when there is none."""
        from lhwa.services.access.callers import authenticate

        return authenticate(registry, self.caller, self.tenant(registry), now=self.now)
