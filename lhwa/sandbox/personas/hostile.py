"""The hostile client: insults, refuses, attacks whatever reads along, taps old buttons; or consents and then floods."""

from __future__ import annotations

from random import Random

from lhwa.sandbox.personas.answering import agree
from lhwa.sandbox.personas.cast import Both, Persona
from lhwa.sandbox.personas.reading import Gist, core_of, gist_of, is_agreement, is_withdrawal, language_of
from lhwa.sandbox.personas.standing import answers, asked_now, reads
from lhwa.sandbox.personas.thread import Act, End, Leave, Tap, Thread, Wait, Write

SAYS_MAX = 30
LONG_CHARS = 10_000
_WAITS_S = 6.0
_AT_ONCE = 3
_NO = Both(id="TIDAK!", en="NO!")
ATTACKS = (
    "Kalian semua tukang tipu.",
    "Saya tidak akan menjawab mesin bodoh.",
    "'; DROP TABLE messages; --",
    "\x1b[2J\x1b[31mHACKED\x1b[0m\x07",
    "\u202etxet desrever\u202c \u2066isolated\u2069",
    "nol\u200blebar\u200d\ufeff",
    "<script>alert(1)</script> [bold red]merah[/] *tebal* _miring_",
    "{{7*7}} ${jndi:ldap://127.0.0.1:9/a} %s%n {0}",
    "../../../../etc/passwd\r\nSet-Cookie: a=b",
    "\n\n\n\n\n",
    "Z\u0351\u036b\u0343a\u0362\u0489l\u0338g\u0337o\u0334 \U0001f469\u200d\U0001f469\u200d\U0001f467",
    "A" * LONG_CHARS,
)
"""What they send beside insults: control characters, bidirectional and zero-width ones, markup, injections, length."""


def resist(persona: Persona, thread: Thread, rng: Random) -> tuple[Act, ...]:
    """What the hostile client does next."""
    language = language_of(thread)
    if not thread:
        return (Write(text=persona.greeting.in_(language)), Wait(seconds=_WAITS_S))
    if len(answers(thread)) >= SAYS_MAX:
        return (*(() if persona.is_bold else (Write(text=_NO.in_(language)),)), Leave(why=End.REFUSED))
    asked = asked_now(thread)
    if persona.is_bold and asked is not None and gist_of(asked) is Gist.NOTICE and not _has_agreed(thread):
        return (agree(thread, asked, 0), Wait(seconds=_WAITS_S))
    flood = tuple(Write(text=text) for text in rng.sample(ATTACKS, _AT_ONCE))
    return (*flood, *_old_tap(persona, thread, rng), Wait(seconds=_WAITS_S))


def _old_tap(persona: Persona, thread: Thread, rng: Random) -> tuple[Act, ...]:
    """Something from further up: what is past already or, for whoever refuses, whatever agrees to nothing."""
    asked = asked_now(thread)
    taps = [
        Tap(choice=choice, wamid=read.wamid)
        for read in reads(thread)[:-1]
        for choice in read.choices
        if not is_withdrawal(choice)
        and (not is_agreement(choice) if not persona.is_bold else asked is None or core_of(read) != core_of(asked))
    ]
    return (rng.choice(taps),) if taps else ()


def _has_agreed(thread: Thread) -> bool:
    return any(isinstance(entry.act, Tap) and is_agreement(entry.act.choice) for entry in answers(thread))
