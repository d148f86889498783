"""Where a client stands in a thread: what is asked now, how often they tried, what they answered already."""

from __future__ import annotations

from itertools import pairwise

from lhwa.sandbox.personas.reading import Gist, core_of, gist_of
from lhwa.sandbox.personas.thread import Answer, Did, Quiet, Read, Thread

_ASKING = (Gist.NOTICE, Gist.QUESTION)


def asked_now(thread: Thread) -> Read | None:
    """The newest notice or question, unless the client said something since; a hint to it puts it again."""
    is_hinted = False
    for entry in reversed(thread):
        if isinstance(entry, Read):
            gist = gist_of(entry)
            if gist in _ASKING:
                return entry
            is_hinted = is_hinted or gist is Gist.HINT
        elif is_answer(entry) and not is_hinted:
            return None
    return None


def tries_of(thread: Thread, asked: Read) -> int:
    """How often the client answered this question in vain; messages in one go count once."""
    own = [is_answer(entry) for entry in thread[_first_put(thread, asked) :]]
    return sum(is_own and not was_own for was_own, is_own in pairwise([False, *own]))


def times_put(thread: Thread, asked: Read) -> int:
    """How often the same question stands there; more than once when something that was written did not fit."""
    return sum(isinstance(entry, Read) and core_of(entry) == core_of(asked) for entry in thread)


def _first_put(thread: Thread, asked: Read) -> int:
    """The place from which on nothing else was asked."""
    first = len(thread)
    for place in range(len(thread) - 1, -1, -1):
        entry = thread[place]
        if isinstance(entry, Read) and gist_of(entry) in _ASKING:
            if core_of(entry) != core_of(asked):
                break
            first = place
    return first


def answered(thread: Thread) -> int:
    """How many different questions the client has said something to; notices do not count."""
    found: set[str] = set()
    last: Read | None = None
    for entry in thread:
        if isinstance(entry, Read):
            last = entry if gist_of(entry) in _ASKING else last
        elif is_answer(entry) and last is not None and gist_of(last) is Gist.QUESTION:
            found.add(core_of(last))
    return len(found)


def answers(thread: Thread) -> list[Did]:
    """Everything that the client said, oldest first."""
    return [entry for entry in thread if isinstance(entry, Did) and is_answer(entry)]


def reads(thread: Thread) -> list[Read]:
    """Everything that the client read, oldest first."""
    return [entry for entry in thread if isinstance(entry, Read)]


def is_answer(entry: object) -> bool:
    """True for something said: neither a change of it nor silence."""
    return isinstance(entry, Did) and isinstance(entry.act, Answer)


def is_unheard(thread: Thread) -> bool:
    """True when the firm has written nothing since the client's last words."""
    for entry in reversed(thread):
        if isinstance(entry, Read):
            return False
        if is_answer(entry):
            return True
    return False


def waited(thread: Thread) -> bool:
    """True when nothing came while the client waited last."""
    return bool(thread) and isinstance(thread[-1], Quiet)
