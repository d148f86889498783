"""One person's desk in one firm: every question that the inbox asks, and the one way in which it acts.

Every method blocks and belongs into a worker. Reads are views of the services; acts are `lhwa` lines. No rule is here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from lhwa.domain.access import Permission, Principal
from lhwa.domain.instants import to_ms
from lhwa.domain.send_policy import SendPolicy
from lhwa.store.store import Store
from lhwa.store.transaction import Tx

P = ParamSpec("P")
T = TypeVar("T")


class Told(Protocol):
    """What a line answered."""

    @property
    def is_done(self) -> bool:
        """True when all of it happened."""

    @property
    def out(self) -> str:
        """Data."""

    @property
    def err(self) -> str:
        """Talk, or the error with its hint."""


class RunLine(Protocol):
    """Runs an `lhwa` line for the one who sits here."""

    def __call__(self, words: Sequence[str], *, typed: str = "") -> Told:
        """Words without `lhwa`; `typed` is what the command reads from stdin."""


@dataclass(frozen=True)
class Desk:
    """Whose desk it is, and what it stands on."""

    store: Store
    principal: Principal
    people: Mapping[str, str]
    """Names of the firm's people by operator id."""
    zone: tzinfo
    policy: SendPolicy
    run_line: RunLine
    is_serving: Callable[[], bool]
    """Whether a daemon runs."""
    is_welcome: Callable[[], bool]
    """Whether the one who sits here still has this role; asked now and then."""
    unlock: Callable[[str], bool]
    """Whether this token, or for the user of the machine nothing, is still the one who sits here."""
    needs_token: bool
    """A token said who this is, so only a token opens the lock."""
    id: str
    """Of this desk, for those who work beside it."""
    firm: str = ""
    """Its name."""
    known_lines: Callable[[], Sequence[str]] = tuple
    """What can be typed besides the acts, for completion."""

    def read(self, fn: Callable[Concatenate[Tx, Principal, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Ask a service; nothing is changed."""
        return self.store.read(fn, self.principal, *args, **kwargs)

    def note(self, fn: Callable[Concatenate[Tx, Principal, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Ask a service that records who looked."""
        return self.store.write(fn, self.principal, *args, **kwargs)

    def jot(self, fn: Callable[Concatenate[Tx, Principal, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Keep what is no record of the firm: a draft, who is where."""
        return self.store.jot(fn, self.principal, *args, **kwargs)

    def may(self, permission: Permission) -> bool:
        """Whether to offer something at all; the services ask again."""
        return self.principal.may(permission)

    @property
    def now_ms(self) -> int:
        """The clock of the firm's store."""
        return to_ms(self.store.now())
