"""Jobs: work that waits in a firm's own file, and when it is tried again."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class JobKind(StrEnum):
    """Every kind of job; `routes.py` says which handler runs it."""

    APPLY_ELEMENT = "apply_element"
    """Apply one webhook element that could not be applied with its neighbours, or was taken from the dead letters."""
    ALERT_STAFF = "alert_staff"
    """Tell the firm's people about something on the account, a number or an identity."""
    DRAIN_OUTBOX = "drain_outbox"
    """Post what waits in the firm's outbox, as far as the gates and the allowances let it leave."""
    HEAR_FOR_INTAKE = "hear_for_intake"
    """Let an intake hear a client's message: begin one, or go on with the open one."""
    WATCH_INTAKES = "watch_intakes"
    """Remind clients who do not answer, and let go of those who never do."""
    TELL_BLOCKS = "tell_blocks"
    """Tell Meta whom the firm blocked, or lets write again."""


OUTBOX = "outbox"
"""The place of the one job that drains a firm's outbox."""
INTAKES = "intakes"
"""The place of the one job that watches a firm's intakes."""
BLOCKS = "blocks"
"""The place of the one job that tells Meta of a firm's blocks."""


class JobState(StrEnum):
    """Where a job is. A finished job is deleted: its effect and its audit record are what remains."""

    READY = "ready"
    """Waits for its time and a worker."""
    RUNNING = "running"
    """A worker holds it until its lease ends; a dead worker's lease lapses."""


class DeadLetterState(StrEnum):
    """What became of something that could not be processed."""

    OPEN = "open"
    """Waits for a person."""
    RETRIED = "retried"
    """A person sent it back to the queue."""
    DISCARDED = "discarded"
    """A person decided, with a reason, that it will never be processed. The sealed bytes stay."""


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of waiting work; `payload` is JSON in clear, in memory only."""

    seq: int
    kind: JobKind
    payload: bytes = field(repr=False)
    tries: int
    """How often it was claimed, this time included."""
    created_at_ms: int


_DOUBLINGS_MAX = 64
"""Keeps the power finite; every sensible policy has reached its longest delay by then."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how late a failed job is tried again."""

    tries_max: int = 8
    first_delay_s: float = 2.0
    factor: float = 2.0
    delay_max_s: float = 900.0

    def delay_s(self, failures: int, *, jitter: float) -> float:
        """Seconds to wait after the n-th failure.

        Args:
            failures: how many tries have failed, 1 or more.
            jitter: a uniform number in [0, 1); spreads retries over the upper half of the delay.
        """
        full = min(self.first_delay_s * self.factor ** min(failures - 1, _DOUBLINGS_MAX), self.delay_max_s)
        return full * (0.5 + jitter / 2)
