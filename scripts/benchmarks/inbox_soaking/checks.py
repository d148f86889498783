"""What must hold after a soak: whatever a screen confirmed is in the firm's file once, and in the audit log."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lhwa.domain.outbound import Text
from lhwa.services.audit.views import verify_firm
from lhwa.store.transaction import Tx
from scripts.benchmarks.inbox_soaking.hands import Ran, Seen

RECORDED: Mapping[tuple[str, ...], tuple[str, ...]] = {
    ("send",): ("outbound.requested",),
    ("conversations", "note"): ("note.added",),
    ("approve",): ("outbound.approved",),
    ("reject",): ("outbound.declined",),
    ("outbox", "cancel"): ("outbound.cancelled",),
    ("outbox", "retry"): ("outbound.retried",),
    ("outbox", "resolve"): ("outbound.resolved_as_sent", "outbound.resent"),
    ("intake", "accept"): ("matter.opened",),
    ("conflict", "party"): ("party.named",),
}
"""Lines and what each one leaves in the audit log, once."""
DECIDES = (("approve",), ("reject",), ("outbox", "cancel"), ("intake", "accept"), ("intake", "reject"))
"""Of these each thing sees one, whoever was faster."""
LATE_MS_MAX = 5_000.0
GROWTH_MAX = 1.5
GROWTH_MIB = 25.0


@dataclass
class Filed:
    """What the firm's file holds in the end."""

    letters: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    messages: Counter[str] = field(default_factory=Counter)
    records: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By actor and action."""
    is_sound: bool = False
    audit_records: int = 0


def filed(tx: Tx) -> Filed:
    """Read all of it."""
    found = Filed(is_sound=verify_firm(tx).ok)
    for row in tx.outbox.newest(rows_max=-1):
        content = tx.outbox.letter(row).content
        if isinstance(content, Text):
            found.letters[content.body] += 1
    for message in tx.messages.newest(rows_max=-1):
        found.messages[tx.messages.content(message).text or ""] += 1
    for thread in tx.conversations.newest(rows_max=-1):
        for note in tx.notes.of_conversation(thread.id):
            found.notes[tx.notes.text(note)] += 1
    for each in tx.audit.entries():
        entry: dict[str, Any] = json.loads(each.entry)
        found.records[entry["actor"], entry["action"]] += 1
        found.audit_records += 1
    return found


def broken(seen: Mapping[str, Seen], found: Filed, said: Sequence[str], *, is_long: bool) -> Iterator[str]:
    """Every promise that does not hold, in a sentence.

    Args:
        seen: of each person.
        said: what clients wrote.
        is_long: the memory had time to settle.
    """
    if not found.is_sound:
        yield "The audit log does not verify."
    for text in said:
        if found.messages[text] != 1:
            yield f"A client's message is there {found.messages[text]} times: {text}"
    for operator, one in seen.items():
        yield from _of_person(operator, one, found)
        yield from _of_process(operator, one, is_long=is_long)
    yield from _twice(seen)


def _of_person(operator: str, seen: Seen, found: Filed) -> Iterator[str]:
    confirmed = [ran for ran in seen.ran if ran.is_done]
    yield from _of_words(operator, [ran.typed for ran in confirmed if _is(ran, ("send",))], found.letters)
    yield from _of_words(operator, [ran.typed for ran in confirmed if _is(ran, ("conversations", "note"))], found.notes)
    for kind, actions in RECORDED.items():
        lines = sum(_is(ran, kind) for ran in confirmed)
        records = sum(found.records[f"operator:{operator}", action] for action in actions)
        if lines != records:
            yield f"{operator}: {lines} times `{' '.join(kind)}` was confirmed, {records} times it is on record"
    for ran in seen.ran:
        if not ran.is_done and ("hint:" not in ran.err or "unexpectedly" in ran.err):
            yield f"{operator}: refused without a reason: {' '.join(ran.words[:2])}: {ran.err.strip()[:200]}"


def _of_words(operator: str, confirmed: Sequence[str], where: Counter[str]) -> Iterator[str]:
    for text in confirmed:
        if where[text] != 1:
            yield f"{operator}: confirmed, and there {where[text]} times: {text}"
    for text in {text for text in where if f" {operator} " in text} - {*confirmed}:
        yield f"{operator}: there, and never confirmed: {text}"


def _of_process(operator: str, seen: Seen, *, is_long: bool) -> Iterator[str]:
    if seen.failure:
        yield f"{operator}: the inbox ended: {seen.failure}"
    if seen.late_max_ms > LATE_MS_MAX:
        yield f"{operator}: nothing moved for {seen.late_max_ms:.0f} ms"
    if is_long and seen.memory_mib and seen.memory_mib[-1] > seen.memory_mib[0] * GROWTH_MAX + GROWTH_MIB:
        yield f"{operator}: memory grew from {seen.memory_mib[0]} to {seen.memory_mib[-1]} MiB"


def _twice(seen: Mapping[str, Seen]) -> Iterator[str]:
    decided = Counter(
        (kind, ran.words[len(kind)])
        for one in seen.values()
        for ran in one.ran
        for kind in DECIDES
        if ran.is_done and _is(ran, kind)
    )
    for (kind, what), times in decided.items():
        if times > 1:
            yield f"`{' '.join(kind)} {what}` was confirmed {times} times"


def _is(ran: Ran, kind: tuple[str, ...]) -> bool:
    return ran.words[: len(kind)] == kind
