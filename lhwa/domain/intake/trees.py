"""Question trees: what a firm asks a new client, in which order, as plain immutable values.

A tree is a graph of nodes. It begins with consent, asks questions, branches on answers, and ends with a review or with
a person. What people write is YAML with sub-trees; here every sub-tree is in its place, so that a published version
stands alone.

Invariant: a tree that passes `lhwa tree check` has no dead end, and asks nothing before a required consent.
"""

from __future__ import annotations

import msgspec

from lhwa.domain.intake.choices import PartyRole
from lhwa.domain.intake.phrases import Phrases
from lhwa.domain.intake.wording import AnswerKind, Words


class Option(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One answer of a choice: a button (up to 3), else a row of a list (up to 10)."""

    value: str
    """Kept as the answer; conditions name it."""
    title: Words
    description: Words | None = None
    """Of a row alone."""


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """True when an earlier question or optional consent has one of these answers. A skipped question has none.

    A consent's kept answer is `yes` or `no`. So what may be asked only with consent hangs on its `yes`, never on the
    absence of a `no`.
    """

    node: str
    is_one_of: tuple[str, ...]


class Branch(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where it goes next; of several the first whose condition holds."""

    to: str
    when: Condition | None = None
    """None: always."""


class Consent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="node", tag="consent"):
    """One purpose that the client agrees to or not, by a button or by clear words. Never pre-ticked, never bundled."""

    id: str
    purpose: str
    """A short name: `intake`, `sensitive_data`, `marketing`."""
    version: str
    """Of the notice: a changed text is a new version."""
    notice: Words
    """What is told before: who, why, which data, how long, which rights, how to withdraw."""
    agree: Words
    """The button."""
    decline: Words
    next: tuple[Branch, ...]
    is_required: bool = True
    """Without it the session ends as declined; else it goes on without."""
    is_for_guardian: bool = False
    """A parent or guardian agrees for a child: the session asks who that is."""


class Question(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="node", tag="question"):
    """One question and what it takes for an answer."""

    id: str
    kind: AnswerKind
    text: Words
    next: tuple[Branch, ...]
    invalid: Words | None = None
    """Told when an answer does not fit; the kind's own words when None."""
    options: tuple[Option, ...] = ()
    """Of a choice."""
    is_optional: bool = False
    """The client may skip it."""
    is_sensitive: bool = False
    """Specific personal data under the law: health, crime, children, finance."""
    party: PartyRole | None = None
    """The answer is the name of a party."""


class Review(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="node", tag="review"):
    """The end of a path: everything is asked, a lawyer looks at it."""

    id: str
    text: Words
    """The last words to the client; they promise nothing."""


class ToPerson(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="node", tag="person"):
    """The end of a path where a person takes over at once; a lawyer reviews what there is."""

    id: str
    text: Words


Node = Consent | Question | Review | ToPerson


class Tree(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One version of a question tree, complete in itself."""

    name: str
    """`general`, `family`: lower-case letters, digits and `_`."""
    title: Words
    start: str
    """The first node."""
    nodes: tuple[Node, ...]
    phrases: Phrases = Phrases()
    """What a session says besides."""
    is_entry: bool = False
    """A new client's first message starts it; others are started by a person."""
    remind_after_h: int = 20
    """Hours without an answer until one reminder; below 24 it can be free text."""
    expire_after_h: int = 336
    """Hours without an answer until the session expires."""

    def node(self, node_id: str) -> Node:
        """One node. Raises KeyError when the tree has none of that id."""
        for node in self.nodes:
            if node.id == node_id:
                return node
        raise KeyError(node_id)

    def next_of(self, node_id: str, answers: dict[str, str]) -> str:
        """Where it goes after a node, given the kept answers by node.

        Raises: KeyError when the node has no branch that holds; a checked tree always has one.
        """
        node = self.node(node_id)
        for branch in getattr(node, "next", ()):
            if branch.when is None or answers.get(branch.when.node) in branch.when.is_one_of:
                return str(branch.to)
        raise KeyError(node_id)
