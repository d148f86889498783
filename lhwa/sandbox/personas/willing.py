"""The way of a willing client: greets, answers what is asked, waits, asks once whether somebody is there, leaves.

The other personas do something else now and then, and go this way for the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from lhwa.sandbox.personas.answering import answer
from lhwa.sandbox.personas.cast import Both, Persona
from lhwa.sandbox.personas.reading import Gist, gist_of, language_of
from lhwa.sandbox.personas.standing import asked_now, is_unheard, reads, tries_of, waited
from lhwa.sandbox.personas.thread import Act, Did, End, Leave, Read, Thread, Wait, Write

FIRST_WITHIN_S = 30.0
"""So long a client waits for the very first answer."""
ANSWER_WITHIN_S = 300.0
"""So long for every other one: a firm that wrote a burst of 45 may have to wait for 270 s before it can write again."""
MORE_WITHIN_S = 5.0
"""So long after something that asks nothing."""
GIVES_UP_AFTER = 6
"""Tries at one question."""
NUDGE = Both(id="Halo, apakah ada orang?", en="Hello, is anybody there?")

Answering = Callable[[Persona, Thread, Read, Random], tuple[Act, ...]]


def one_answer(persona: Persona, thread: Thread, asked: Read, rng: Random) -> tuple[Act, ...]:
    """A single message."""
    return (answer(persona, thread, asked, rng),)


def go_on(persona: Persona, thread: Thread, rng: Random, answering: Answering = one_answer) -> tuple[Act, ...]:
    """What a willing client does next."""
    if not thread:
        return (Write(text=persona.greeting.in_(language_of(thread))), Wait(seconds=patience(thread)))
    asked = asked_now(thread)
    if asked is not None:
        if tries_of(thread, asked) >= GIVES_UP_AFTER:
            return (Leave(why=End.GAVE_UP),)
        return (*answering(persona, thread, asked, rng), Wait(seconds=patience(thread)))
    if not waited(thread):
        return (Wait(seconds=patience(thread)),)
    if not is_unheard(thread):
        return (Leave(why=End.FINISHED),)
    if _has_nudged(thread):
        return (Leave(why=End.UNANSWERED),)
    return (Write(text=NUDGE.in_(language_of(thread))), Wait(seconds=patience(thread)))


def patience(thread: Thread) -> float:
    """How long the client waits now: after a receipt a question comes, after a farewell nothing does."""
    read = reads(thread)
    if not read:
        return FIRST_WITHIN_S
    is_farewell = gist_of(read[-1]) is Gist.TELLS and not is_unheard(thread)
    return MORE_WITHIN_S if is_farewell and asked_now(thread) is None else ANSWER_WITHIN_S


def _has_nudged(thread: Thread) -> bool:
    nudges = (Write(text=NUDGE.id), Write(text=NUDGE.en))
    return any(isinstance(entry, Did) and entry.act in nudges for entry in thread)
