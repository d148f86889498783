"""An office: one firm's real files, a published tree, and clients who write. Jobs run when they are told to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from lhwa.bus.jobs import claim, finish_or_again, run_in_transaction
from lhwa.domain.access import Role
from lhwa.domain.intake.session import Session
from lhwa.domain.intake.trees import Tree
from lhwa.domain.jobs import JobKind, RetryPolicy
from lhwa.domain.messages import MessageType
from lhwa.domain.outbound import Interactive, Text
from lhwa.routes import ROUTES
from lhwa.services.intake.publishing import publish_tree, submit_tree
from lhwa.store.tables.intakes import IntakeRow
from lhwa.store.tables.outbox import OutboundRow
from lhwa.testing.builders import acting_as
from tests.outbound.desk import Desk

THINKS_S = 30
"""Longer than Meta wants between two messages to one client, some of them in advance."""


class Office(Desk):
    """A desk at which a tree asks the questions."""

    def publish(self, tree: Tree) -> int:
        """Submitted by a lawyer, put in force by the owner."""
        submission = self.next_id()
        self.store.write(submit_tree, acting_as(Role.LAWYER), tree, submission=submission)
        row = self.store.write(publish_tree, acting_as(Role.OWNER), submission)
        assert row.version is not None
        return row.version

    def run_jobs(self) -> None:
        """Everything that is due, but for the outbox."""
        policy = RetryPolicy()
        while jobs := claim(self.store, lease_ms=60_000, jobs_max=10, retries=policy):
            done = 0
            for job in jobs:
                route = ROUTES.jobs[job.kind]
                if job.kind is JobKind.DRAIN_OUTBOX:
                    continue
                done += 1
                if route.handler is not None:
                    run_in_transaction(self.store, job, route.handler)
                elif route.effect is not None and route.again is not None:
                    context = SimpleNamespace(outbound=SimpleNamespace(write=self._write))
                    asyncio.run(_run(route.effect, job.payload, context))
                    finish_or_again(self.store, job, route.again, context)
            if not done:
                return

    async def _write(self, _tenant: str, fn: Callable[..., Any], *args: Any) -> Any:
        return self.store.write(fn, *args)

    def post(self) -> list[str]:
        """Let everything leave that may; Meta takes it. Returns what clients read."""
        read = []
        while taken := self.take():
            for each in taken:
                read.append(text_of(each.message.content))
                self.accept(each.message.id, wamid=f"wamid.P{each.row.seq}")
                self.clock.advance(0.1)
        return read

    def says(self, text: str | None, **changes: Any) -> list[str]:
        """A client writes after a while; returns what the firm answers."""
        self.clock.advance(THINKS_S)
        self.hear(text=text, **({"content": {"type": "text", "text": {"body": text}}} | changes))
        self.run_jobs()
        return self.post()

    def taps(self, value: str, *, node: str | None = None, **changes: Any) -> list[str]:
        """A client taps a button or row of the last question."""
        row, session = self.intake(), self.session()
        reply = f"intake|{row.id}|{node or session.at}|{value}"
        content = {"type": "interactive", "interactive": {"type": "button_reply", "button_reply": {"id": reply}}}
        self.clock.advance(THINKS_S)
        self.hear(text=value, type=MessageType.INTERACTIVE, wire_type="interactive", content=content, **changes)
        self.run_jobs()
        return self.post()

    def intake(self) -> IntakeRow:
        """The newest session."""
        return self.store.read(lambda tx: tx.intakes.newest(rows_max=1))[0]

    def intakes(self) -> list[IntakeRow]:
        return self.store.read(lambda tx: tx.intakes.newest(rows_max=100))

    def session(self) -> Session:
        row = self.intake()
        return self.store.read(lambda tx: tx.intakes.session(row))

    def outbox(self) -> list[OutboundRow]:
        return self.store.read(lambda tx: tx.outbox.newest(rows_max=1000))[::-1]

    def audited(self, action: str) -> list[dict[str, Any]]:
        entries = self.store.read(lambda tx: [json.loads(each.entry) for each in tx.audit.entries()])
        return [each for each in entries if each["action"] == action]


async def _run(effect: Callable[..., Any], payload: bytes, context: Any) -> None:
    await effect(payload, context)


def text_of(content: Any) -> str:
    """What a client reads first of a message."""
    if isinstance(content, Text):
        return content.body
    if isinstance(content, Interactive):
        return str(content.interactive["body"]["text"])
    return f"[{content.name}]"
