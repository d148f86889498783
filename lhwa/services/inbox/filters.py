"""What people type above the list of threads: words that narrow it down, and a text to look for."""

from __future__ import annotations

import re

import msgspec

from lhwa.domain.intake.states import IntakeState
from lhwa.domain.outbound import OutboundState
from lhwa.errors import UsageError

OPEN = "open"
"""As a state: the customer service window is open."""
ASKING = (OutboundState.IN_DOUBT, OutboundState.FAILED, OutboundState.PENDING_APPROVAL)
"""States of an outgoing message that ask something of people."""
STATES = (OPEN, *(state.value for state in IntakeState), *(state.value for state in ASKING))
FILTER_WORDS: dict[str, str] = {
    "is:unread": "something came that nobody of the firm has seen",
    "is:mine": "the thread is yours; or it is nobody's, and its intake is yours",
    "from:": "who it is with: a name or a part of one, a whole number, or a contact id",
    "matter:": "threads of a client with this matter: its id, or the beginning of it",
    "state:open": "the customer service window is open",
    **{f"state:{state.value}": f"the newest intake is {state.value}" for state in IntakeState},
    **{f"state:{state.value}": f"an outgoing message is {state.value}" for state in ASKING},
}
"""Every word that a filter knows, with what it finds. Several states find a thread in any of them."""
_PART = re.compile(r'(?P<bare>[A-Za-z_]+:)(?!\S)|(?P<word>[A-Za-z_]+:)?(?:"(?P<quoted>[^"]*)"?|(?P<plain>[^\s"]+))')
_KNOWN = f"There are: {', '.join(FILTER_WORDS)}. Put a text with a colon into quotes."


class ThreadFilter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which threads are wanted; without anything, all of them."""

    text: str = ""
    """Words that all stand in the client's names, the newest message, or the title of a matter."""
    sender: str = ""
    states: frozenset[str] = frozenset()
    """Of `STATES`."""
    unread: bool = False
    mine: bool = False
    matter: str = ""

    @property
    def reads_content(self) -> bool:
        """True when only a look at what is sealed can answer: then `search_threads` does, in steps."""
        return bool(self.text or self.sender)

    def __repr__(self) -> str:
        return "ThreadFilter(…)"


def parse_filter(text: str) -> ThreadFilter:
    """What somebody typed, such as `is:unread from:"Contoh Klien" tanah`.

    Raises: UsageError with a hint for a word that no filter knows, and for one without what belongs to it.
    """
    texts, senders, matters = list[str](), list[str](), list[str]()
    states, flags = set[str](), set[str]()
    for part in _PART.finditer(text):
        word = (part["word"] or part["bare"] or "").lower()
        value = ((part["quoted"] if part["plain"] is None else part["plain"]) or "").strip()
        match word:
            case "":
                texts += [value] if value else []
            case "from:" if value:
                senders.append(value)
            case "matter:" if value:
                matters.append(value.upper())
            case "state:" if value.lower() in STATES:
                states.add(value.lower())
            case "is:" if value.lower() in ("unread", "mine"):
                flags.add(value.lower())
            case _:
                raise UsageError("The filter has a word that is not known, or lacks what belongs to it.", hint=_KNOWN)
    if len(matters) > 1:
        raise UsageError("A thread is looked for by one matter.", hint="Name one matter.")
    return ThreadFilter(
        text=" ".join(texts),
        sender=" ".join(senders),
        states=frozenset(states),
        unread="unread" in flags,
        mine="mine" in flags,
        matter="".join(matters),
    )
