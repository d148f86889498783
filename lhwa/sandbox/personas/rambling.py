"""The rambling client: stories in several messages, the answer at their end, typed choices, a voice note, changes."""

from __future__ import annotations

from random import Random

from lhwa.sandbox.personas import files
from lhwa.sandbox.personas.answering import AGREE, answer, choose, real_choices
from lhwa.sandbox.personas.cast import Both, Persona
from lhwa.sandbox.personas.reading import Gist, Topic, gist_of, language_of, topic_of
from lhwa.sandbox.personas.standing import answers, times_put
from lhwa.sandbox.personas.thread import Act, Delete, Did, Edit, Read, SendFile, Thread, Write
from lhwa.sandbox.personas.willing import go_on

TYPES_MAX = 2
"""So often a choice is typed before it is tapped after all."""
_OPENING = Both(id="Begini, Pak/Bu...", en="Well, you see...")
_HESITATES = Both(id="Baik baik, saya baca dulu ya, panjang sekali.", en="Fine, fine, let me read, this is long.")
_WRONG = Both(id="Bu, beras di rumah habis, tolong belikan.", en="Darling, we are out of rice, please buy some.")
_AT_THE_END = Both(
    id="Aduh, saya ini pelupa, waktu itu hujan terus dan banyak yang saya pikirkan. Kalau tidak salah: {answer}",
    en="Oh dear, I forget so much, it rained all the time and I had a lot on my mind. If I am not wrong: {answer}",
)
_CORRECTED = Both(id="{text} (maaf, salah ketik tadi)", en="{text} (sorry for the typing)")


def ramble(persona: Persona, thread: Thread, rng: Random) -> tuple[Act, ...]:
    """What the rambling client does next."""
    return (*_changes(thread), *go_on(persona, thread, rng, _stories))


def _stories(persona: Persona, thread: Thread, asked: Read, rng: Random) -> tuple[Act, ...]:
    language, is_told = language_of(thread), times_put(thread, asked) > 1
    if gist_of(asked) is Gist.NOTICE:
        return (Write(text=(AGREE if is_told else _HESITATES).in_(language)),)
    if not _has_spoken(thread) and len(answers(thread)) > 3:
        return (files.voice_note(),)
    if choices := real_choices(asked):
        if times_put(thread, asked) > TYPES_MAX:
            return (choose(asked, choices, 0, rng),)
        title = rng.choice(choices).title
        return (Write(text=title if is_told else _AT_THE_END.in_(language).format(answer=title)),)
    if is_told:
        return (answer(persona, thread, asked, rng),)
    found = answer(persona, thread, asked, rng)
    if not isinstance(found, Write):
        return (found,)
    late = Write(text=_AT_THE_END.in_(language).format(answer=found.text))
    if topic_of(asked) not in (Topic.NAME, Topic.STORY, Topic.TALE, Topic.OPPONENT):
        return (late,)
    slip = () if _wrong(thread) else (Write(text=_WRONG.in_(language)),)
    return (Write(text=_OPENING.in_(language)), late, *slip)


def _changes(thread: Thread) -> tuple[Act, ...]:
    """Once they edit what they wrote, once they take back what was for somebody else."""
    done = [entry.act for entry in thread if isinstance(entry, Did)]
    wrong = _wrong(thread)
    if wrong is None or isinstance(thread[-1], Did):
        return ()
    if not any(isinstance(act, Delete) for act in done):
        return (Delete(wamid=wrong.wamid),)
    last = next((entry for entry in reversed(answers(thread)) if isinstance(entry.act, Write)), wrong)
    if last is wrong or not isinstance(last.act, Write) or any(isinstance(act, Edit) for act in done):
        return ()
    return (Edit(wamid=last.wamid, text=_CORRECTED.in_(language_of(thread)).format(text=last.act.text)),)


def _wrong(thread: Thread) -> Did | None:
    texts = (Write(text=_WRONG.id), Write(text=_WRONG.en))
    return next((entry for entry in answers(thread) if entry.act in texts), None)


def _has_spoken(thread: Thread) -> bool:
    return any(isinstance(entry.act, SendFile) and entry.act.voice for entry in answers(thread))
