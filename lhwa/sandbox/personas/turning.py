"""Clients who are willing but for one thing: another language, files first, a consent taken back, a week of silence."""

from __future__ import annotations

from random import Random

from lhwa.sandbox.personas import files
from lhwa.sandbox.personas.cast import Both, Persona
from lhwa.sandbox.personas.reading import Gist, Language, gist_of, is_switch, is_withdrawal, language_of
from lhwa.sandbox.personas.standing import answered, answers, asked_now, is_unheard, reads
from lhwa.sandbox.personas.thread import Act, Did, End, Leave, Silence, Tap, Thread, Wait, Write
from lhwa.sandbox.personas.willing import go_on, patience

WEEK_S = 7 * 86_400.0
WITHDRAWS_AFTER = 2
"""Questions."""
_TO_ENGLISH, _TO_INDONESIAN = Write(text="English please"), Write(text="Bahasa Indonesia")
_STOP = Both(id="BERHENTI", en="STOP")


def switch(persona: Persona, thread: Thread, rng: Random) -> tuple[Act, ...]:
    """Changes the language at the notice or after the first question, and back after the next one."""
    asked, switches = asked_now(thread), _switches(thread)
    if asked is None or len(switches) > 1:
        return go_on(persona, thread, rng)
    button = next((choice for choice in asked.choices if is_switch(choice)), None)
    if switches:
        since = thread.index(switches[0])
        is_time = answered((*thread[:since], *thread[since + 1 :])) > answered(thread[:since])
    else:
        is_time = answered(thread) > 0 or (persona.is_bold and button is not None)
    if not is_time:
        return go_on(persona, thread, rng)
    if button is not None:
        return (Tap(choice=button, wamid=asked.wamid), Wait(seconds=patience(thread)))
    words = _TO_INDONESIAN if language_of(thread) is Language.EN else _TO_ENGLISH
    return (words, Wait(seconds=patience(thread)))


def send_files_first(persona: Persona, thread: Thread, rng: Random) -> tuple[Act, ...]:
    """Three files before any word."""
    if thread:
        return go_on(persona, thread, rng)
    sent = (files.photo("KTP contoh"), files.document("sertifikat-contoh.pdf"), files.document("somasi-contoh.pdf"))
    return (*sent, Wait(seconds=patience(thread)))


def withdraw(persona: Persona, thread: Thread, rng: Random) -> tuple[Act, ...]:
    """Answers two questions, and takes the consent back: by the button that was offered, or by the word."""
    if _has_withdrawn(thread):
        return (Leave(why=End.UNANSWERED if is_unheard(thread) else End.WITHDREW),)
    if answered(thread) < WITHDRAWS_AFTER:
        acts = go_on(persona, thread, rng)
        if acts != (Leave(why=End.FINISHED),):
            return acts
    offered = [(read, choice) for read in reads(thread) for choice in read.choices if is_withdrawal(choice)]
    if persona.is_bold and offered:
        read, choice = offered[-1]
        return (Tap(choice=choice, wamid=read.wamid), Wait(seconds=patience(thread)))
    return (Write(text=_STOP.in_(language_of(thread))), Wait(seconds=patience(thread)))


def be_late(persona: Persona, thread: Thread, rng: Random) -> tuple[Act, ...]:
    """Answers one question, is silent for a week, and goes on."""
    asked = asked_now(thread)
    has_paused = any(isinstance(entry, Did) and isinstance(entry.act, Silence) for entry in thread)
    if has_paused or answered(thread) == 0 or asked is None or gist_of(asked) is not Gist.QUESTION:
        return go_on(persona, thread, rng)
    return (Silence(seconds=WEEK_S),)


def _switches(thread: Thread) -> list[Did]:
    words = (_TO_ENGLISH, _TO_INDONESIAN)
    return [
        entry
        for entry in answers(thread)
        if entry.act in words or (isinstance(entry.act, Tap) and is_switch(entry.act.choice))
    ]


def _has_withdrawn(thread: Thread) -> bool:
    words = (Write(text=_STOP.id), Write(text=_STOP.en))
    return any(
        entry.act in words or (isinstance(entry.act, Tap) and is_withdrawal(entry.act.choice))
        for entry in answers(thread)
    )
