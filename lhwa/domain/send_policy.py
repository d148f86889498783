"""The firm's own rules about sending: who may, who needs a second person, when clients are left in peace.

Invariants: pure; a role that no list names may not send.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta, tzinfo

from lhwa.domain.access import Role
from lhwa.domain.instants import from_ms, to_ms

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From when to when, by the firm's clock; they may go over midnight."""

    begin: time
    end: time

    def until_ms(self, now_ms: int, zone: tzinfo) -> int | None:
        """When the quiet hours end that this moment is in; None outside of them."""
        local = from_ms(now_ms).astimezone(zone)
        clock = local.time().replace(tzinfo=None)
        goes_over_midnight = self.begin > self.end
        is_quiet = clock >= self.begin or clock < self.end if goes_over_midnight else self.begin <= clock < self.end
        if not is_quiet:
            return None
        day = local.date() + timedelta(days=1 if goes_over_midnight and clock >= self.begin else 0)
        return to_ms(local.replace(
            year=day.year, month=day.month, day=day.day,
            hour=self.end.hour, minute=self.end.minute, second=0, microsecond=0,
        ))  # fmt: skip


@dataclass(frozen=True, slots=True)
class SendPolicy:
    """What the firm decided."""

    zone: tzinfo
    direct: frozenset[Role] = frozenset({Role.OWNER, Role.LAWYER})
    """Roles whose messages leave without a second person."""
    with_approval: frozenset[Role] = frozenset({Role.STAFF})
    """Roles whose messages a second person has to approve."""
    quiet: QuietHours | None = None
    expires_ms: int = DAY_MS
    """How long a message may wait before it is dropped."""
    numbers: tuple[str, ...] = ()
    """The firm's own phone number ids."""

    @property
    def senders(self) -> frozenset[Role]:
        """Everybody who may ask for a message."""
        return self.direct | self.with_approval
