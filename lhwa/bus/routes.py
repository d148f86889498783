"""The shape of the routing table: what a worker needs to know about each kind of work.

The table itself is `lhwa/routes.py`; the bus knows no stage by name.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from lhwa.domain.jobs import JobKind
from lhwa.store.transaction import Reactions, Tx

TransactionHandler = Callable[[Tx, bytes], None]
"""Does the whole job inside the transaction that also deletes it."""
Commit = Callable[[Tx], None]
Effect = Callable[[bytes, Any], Awaitable[Commit | None]]
"""Does slow work outside any transaction, then says what to commit together with the end of the job."""


class Bury(Protocol):
    """What happens to a job after its last try; part of the transaction that deletes it."""

    def __call__(self, tx: Tx, payload: bytes, *, error: str, tries: int) -> None: ...


Again = Callable[[Tx, Any], int | None]
"""When a job of this kind is to run again (unix milliseconds), asked in the transaction that would end it."""


@dataclass(frozen=True, slots=True)
class JobRoute:
    """How one kind of job is done: by a transaction handler, or by an effect."""

    bury: Bury
    handler: TransactionHandler | None = None
    effect: Effect | None = None
    again: Again | None = None
    """For a job that looks after something as long as there is something to do. Its effect commits by itself."""
    is_detached: bool = False
    """Its effect runs beside all other work, because it waits for others."""


@dataclass(frozen=True, slots=True)
class Inbound:
    """How stored webhook requests become rows: raw bytes to elements, elements to outcomes."""

    read: Callable[[bytes], Sequence[Any]]
    """Pure; never raises."""
    apply: Callable[[Tx, Sequence[Any], str, int], list[str]]
    """Arguments: transaction, elements, raw event id, unix milliseconds of receipt. Returns an outcome for each."""


@dataclass(frozen=True, slots=True)
class Routes:
    """The whole table."""

    inbound: Inbound
    jobs: Mapping[JobKind, JobRoute]
    reactions: Reactions
