"""What a willing client does with a prompt: agrees, taps, writes, sends; tries another form when one did not fit."""

from __future__ import annotations

from random import Random

from lhwa.sandbox.personas import files
from lhwa.sandbox.personas.cast import Both, Persona
from lhwa.sandbox.personas.reading import (
    Gist,
    Topic,
    core_of,
    gist_of,
    is_agreement,
    is_skip,
    is_switch,
    is_withdrawal,
    language_of,
    topic_of,
)
from lhwa.sandbox.personas.standing import tries_of
from lhwa.sandbox.personas.thread import Answer, Choice, Read, SharePlace, Tap, Thread, Write

SKIPS_AFTER = 2
"""After so many tries in vain a question that may be skipped is."""
AGREE = Both(id="Saya setuju", en="I agree")
_HOME = SharePlace(latitude=-6.1754, longitude=106.8272, name="Rumah Contoh", address="Jl. Contoh No. 1, Jakarta Pusat")


def answer(persona: Persona, thread: Thread, asked: Read, rng: Random) -> Answer:
    """One answer to a notice or a question."""
    tries = tries_of(thread, asked)
    if gist_of(asked) is Gist.NOTICE:
        return agree(thread, asked, tries)
    choices = real_choices(asked)
    skip = next((choice for choice in asked.choices if is_skip(choice)), None)
    if skip is not None and tries >= SKIPS_AFTER:
        return Tap(choice=skip, wamid=asked.wamid)
    if choices:
        return choose(asked, choices, tries, rng)
    return by_topic(persona, thread, asked, tries)


def agree(thread: Thread, asked: Read, tries: int) -> Answer:
    """By the button, or by clear words where that did not help."""
    if tries % 2:
        return Write(text=AGREE.in_(language_of(thread)))
    return Tap(choice=next(filter(is_agreement, asked.choices)), wamid=asked.wamid)


def choose(asked: Read, choices: list[Choice], tries: int, rng: Random) -> Answer:
    """Tap one; type its words where that did not help."""
    choice = rng.choice(choices)
    return Write(text=choice.title) if tries % 2 else Tap(choice=choice, wamid=asked.wamid)


def by_topic(persona: Persona, thread: Thread, asked: Read, tries: int) -> Answer:
    """In words, as a file or as a place."""
    topic = topic_of(asked)
    if topic is Topic.PLACE and asked.asks_place and tries == 0:
        return _HOME
    if topic is Topic.FILE and tries % 2 == 0:
        return files.document("surat-contoh.pdf") if tries == 0 else files.photo(core_of(asked)[:20])
    forms = persona.forms(topic, language_of(thread))
    if tries >= len(forms):
        # What it is about was misunderstood: answer anything.
        forms = persona.forms(Topic.STORY, language_of(thread))
    return Write(text=forms[tries % len(forms)])


def real_choices(asked: Read) -> list[Choice]:
    """What can be tapped as an answer to a question itself."""
    return [choice for choice in asked.choices if not (is_skip(choice) or is_switch(choice) or is_withdrawal(choice))]
