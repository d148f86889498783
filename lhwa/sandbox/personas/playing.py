"""Playing a persona: what it does next, and the loop that does it over some line to a firm until it leaves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol

from lhwa.sandbox.personas.cast import Persona
from lhwa.sandbox.personas.hostile import resist
from lhwa.sandbox.personas.names import PersonaName
from lhwa.sandbox.personas.rambling import ramble
from lhwa.sandbox.personas.thread import Act, Did, End, Entry, Leave, Message, Quiet, Read, Silence, Thread, Wait
from lhwa.sandbox.personas.turning import be_late, send_files_first, switch, withdraw
from lhwa.sandbox.personas.willing import go_on

ENTRIES_MAX = 1_000
"""A thread that is longer goes round in circles."""
_WAYS: dict[PersonaName, Callable[[Persona, Thread, Random], tuple[Act, ...]]] = {
    PersonaName.COOPERATIVE: go_on,
    PersonaName.RAMBLING: ramble,
    PersonaName.HOSTILE: resist,
    PersonaName.SWITCHER: switch,
    PersonaName.DOCUMENTS_FIRST: send_files_first,
    PersonaName.WITHDRAWER: withdraw,
    PersonaName.LATE: be_late,
}


class Line(Protocol):
    """How a client's acts reach the firm, and the firm's messages the client."""

    def do(self, act: Message) -> str:
        """Carry a message; returns its wamid."""
        ...

    def wait(self, seconds: float) -> Sequence[Read]:
        """What came since the last look; when nothing did, the first that comes within this time."""
        ...

    def be_silent(self, seconds: float) -> None:
        """Let time pass, whatever comes."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """How it went."""

    ended: End
    thread: Thread


def next_acts(persona: Persona, seen: Thread, rng: Random) -> tuple[Act, ...]:
    """What a persona does next; the same for the same thread and chance. The last act waits, is silent or leaves."""
    return _WAYS[persona.name](persona, seen, rng)


def play(
    persona: Persona,
    line: Line,
    rng: Random,
    *,
    on_entry: Callable[[Entry], None] = lambda _entry: None,
    is_time_up: Callable[[], bool] = lambda: False,
) -> Played:
    """Let a persona act until it leaves.

    Args:
        on_entry: told everything that happens, as it happens.
        is_time_up: asked between acts.
    """
    thread: Thread = ()
    while not is_time_up() and len(thread) < ENTRIES_MAX:
        for act in next_acts(persona, thread, rng):
            if isinstance(act, Leave):
                return Played(ended=act.why, thread=thread)
            for entry in _carried_out(act, line):
                on_entry(entry)
                thread = (*thread, entry)
            if is_time_up():
                break
    return Played(ended=End.TIME_UP, thread=thread)


def _carried_out(act: Message | Silence | Wait, line: Line) -> Sequence[Entry]:
    match act:
        case Wait():
            return line.wait(act.seconds) or (Quiet(seconds=act.seconds),)
        case Silence():
            line.be_silent(act.seconds)
            return (Did(act=act), *line.wait(0))
        case _:
            return (Did(act=act, wamid=line.do(act)),)
