"""The sender of a world, step by step: the job, its drain, each request and its settlement, and the ways to die."""

from __future__ import annotations

from lhwa.bus.jobs import claim, finish, finish_or_again
from lhwa.domain.jobs import Job, JobKind, RetryPolicy
from lhwa.domain.outbound import OutboundState
from lhwa.errors import ConflictError
from lhwa.outbound.draining import OutboundPorts, begin, next_look_ms
from lhwa.outbound.settling import accepted, refused, unanswered
from lhwa.outbound.taking import take
from lhwa.ports.channel import Receipt, SendError
from lhwa.store.transaction import Tx
from scripts.benchmarks.outbound_simulation.world import SENDER_PER_S, Journey, SimulationError, World

LEASE_MS = 60_000
RETRIES = RetryPolicy()


class _Context:
    """What `next_look_ms` asks of the daemon's context."""

    def __init__(self, world: World) -> None:
        self.outbound = OutboundPorts(
            channel=None,  # type: ignore[arg-type]  # requests are made step by step
            write=None,  # type: ignore[arg-type]  # so are transactions
            account_of=None,  # type: ignore[arg-type]  # the world has one
            clock=world.clock,
            per_s=SENDER_PER_S,
        )


class Sender:
    """One drain at a time, as a job of the queue."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._context = _Context(world)
        self._job: Job | None = None
        self.under_way: list[Journey] = []
        self.frozen: list[Journey] = []
        """Of senders that were given up and may still go on."""
        self.has_token = True

    @property
    def is_draining(self) -> bool:
        """A drain has begun and not ended."""
        return self._job is not None

    def start(self) -> bool:
        """Claim the job, if it is due, and begin a drain."""
        if self._job is not None:
            return False
        for job in claim(self._world.store, lease_ms=LEASE_MS, jobs_max=8, retries=RETRIES):
            if job.kind is JobKind.DRAIN_OUTBOX:
                self._job = job
            else:
                finish(self._world.store, job, None)
        if self._job is None:
            return False
        fingerprint = "one" if self.has_token else ""
        self._world.store.write(begin, fingerprint=fingerprint, per_s=SENDER_PER_S)
        return True

    def look(self) -> bool:
        """Take what may leave now; the drain ends when that is nothing. True when something was taken."""
        if self._job is None or self.under_way:
            return False
        world = self._world
        taken = world.store.write(take, world.policy, per_s=SENDER_PER_S) if self.has_token else []
        if taken:
            world.read(self._require_order)
            self.under_way = [Journey(each.message, each.row.attempts, world.now, world.skew_s) for each in taken]
            return True
        job, self._job = self._job, None
        try:
            finish_or_again(world.store, job, next_look_ms, self._context)
        except ConflictError:
            return False  # another worker ended it
        return False

    def settle(self, journey: Journey) -> None:
        """Store what became of a request."""
        world, answer, message = self._world, journey.answer, journey.message.id
        if journey.is_frozen:
            world.book.late.add(message)
        if isinstance(answer, Receipt):
            world.store.write(accepted, message, answer, per_s=SENDER_PER_S)
            world.book.answered.add(message)
        elif isinstance(answer, SendError):
            jitter = world.random.random()
            world.store.write(refused, message, answer, attempt=journey.attempt, per_s=SENDER_PER_S, jitter=jitter)
        else:
            world.store.write(unanswered, message, attempt=journey.attempt)
        (self.frozen if journey.is_frozen else self.under_way).remove(journey)

    def die(self) -> None:
        """The process is gone; what Meta answers goes nowhere."""
        self._job = None
        self.under_way, self.frozen = [], []
        self._world.reopen()

    def freeze(self) -> None:
        """The process stands still, as on a laptop that sleeps; its requests go on when it wakes, whoever took over."""
        self._job = None
        for journey in self.under_way:
            journey.is_frozen = True
        self.frozen += self.under_way
        self.under_way = []

    def _require_order(self, tx: Tx) -> None:
        """Nothing that is on its way has an older one of its thread behind it, by the columns themselves."""
        rows = tx.outbox.newest(rows_max=1_000)
        now_ms = tx.now_ms
        sending = [row for row in rows if row.state is OutboundState.SENDING]
        waiting = [row for row in rows if row.state in (OutboundState.QUEUED, OutboundState.SENDING)]
        for row in sending:
            for other in waiting:
                is_before = (other.send_at_ms, other.seq) < (row.send_at_ms, row.seq)
                if is_before and other.conversation == row.conversation and other.send_at_ms <= now_ms:
                    raise SimulationError("a message left before an older one of its thread")
