"""What an act is: what it is about, what it asks for, and the `lhwa` line that does it. Pure; the desk runs lines."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from lhwa.domain.access import Permission

Kind = Literal["thread", "entry", "intake", "waiting", "outbound", "alert"]
Values = Mapping[str, str]
EVENT = "event"
"""State of an alert that ends when somebody has seen it; others end with their cause."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What an act is about, as far as the screen knows it."""

    kind: Kind
    id: str
    thread: str = ""
    contact: str = ""
    """Its id: what `lhwa send` takes."""
    intake: str = ""
    intake_state: str = ""
    message: str = ""
    """The client's message with the cursor, or their newest one."""
    outbound: str = ""
    state: str = ""
    seen: int | None = None
    """Number of the newest act of the intake that is on the screen: a decision is about what somebody saw."""
    what: str = ""
    """Of something that waits: outbound, template, tree or intake."""
    is_compared: bool = True
    """False for an intake whose names were not compared yet, or have changed since."""
    with_person: bool = False
    name: str = ""
    """Whom or what a dialog names."""


class Line(NamedTuple):
    """An `lhwa` line, and what it reads from stdin."""

    words: tuple[str, ...]
    typed: str = ""

    def shown(self) -> str:
        """As it would be typed at a prompt. What a client reads stands on stdin and is not part of it."""
        return "lhwa " + shlex.join(self.words)


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that an act asks for."""

    name: str
    english: str
    bahasa: str
    kind: Literal["text", "long", "choice", "person"] = "text"
    needed: bool = True
    choices: tuple[str, ...] = ()
    hint: str = ""

    def label(self, language: str) -> str:
        """What it is called."""
        return self.bahasa if language == "id" else self.english


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that can be done."""

    id: str
    key: str
    english: str
    bahasa: str
    on: frozenset[Kind]
    needs: Permission
    line: Callable[[Subject, Values], Line]
    fields: tuple[Field, ...] = ()
    applies: Callable[[Subject], bool] = lambda _: True
    confirms: bool = False
    """It cannot be taken back, so it is asked once more."""
    looks_first: bool = False
    """It decides about an intake: that has to be open, so that the decision is about what somebody saw."""
    compares_first: bool = False
    """It takes a client: whoever decides has seen what the comparison of the names found."""
    together: bool = True
    """It may be done to several marked ones at once. A decision about a client is made one by one."""

    def label(self, language: str) -> str:
        """What it is called."""
        return self.bahasa if language == "id" else self.english


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be done here and now."""

    acts: tuple[Act, ...]
    subjects: tuple[Subject, ...] = field(default=())

    def find(self, name: str) -> Act | None:
        """An act by its id, or by the key that it has here."""
        return next((act for act in self.acts if name in (act.id, act.key)), None)


def missing(act: Act, values: Values) -> tuple[Field, ...]:
    """What an act needs and was not given."""
    return tuple(each for each in act.fields if each.needed and not values.get(each.name, "").strip())
