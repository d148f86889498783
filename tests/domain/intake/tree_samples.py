"""Random question trees, most of which are right, loops and conditions on earlier answers included."""

from __future__ import annotations

from hypothesis import strategies as st

from lhwa.domain.intake.choices import PartyRole
from lhwa.domain.intake.tree_check.flow import Flow
from lhwa.domain.intake.trees import Branch, Condition, Consent, Node, Option, Question, Review, ToPerson, Tree
from lhwa.domain.intake.wording import AnswerKind, Words

WORDS = Words(id="Halo", en="Hello")
NOTICE = Words(id="Balas BERHENTI.", en="Reply STOP.")
_VALUES = {AnswerKind.CHOICE: ("a", "b", "c"), AnswerKind.YES_NO: ("yes", "no")}


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    """A tree of up to nine questions; what no path reaches is taken out."""
    count = draw(st.integers(1, 9))
    kinds = {f"q{index}": draw(st.sampled_from([AnswerKind.TEXT, *_VALUES])) for index in range(count)}
    nodes: list[Node] = [
        Consent(
            id="consent",
            purpose="intake",
            version="1",
            notice=NOTICE,
            agree=Words(id="Ya", en="Yes"),
            decline=Words(id="Tidak", en="No"),
            next=(Branch(to="q0"),),
        )
    ]
    for place, (node_id, kind) in enumerate(kinds.items()):
        later = [*list(kinds)[place + 1 :], "review", "person"]
        anywhere = st.sampled_from([*later, *later, *kinds])  # a loop now and then
        branches = [
            Branch(to=draw(anywhere), when=draw(conditions(kinds, list(kinds)[: place + 1])))
            for _ in range(draw(st.integers(0, 2)))
        ]
        nodes.append(
            Question(
                id=node_id,
                kind=kind,
                text=WORDS,
                next=(*(each for each in branches if each.when is not None), Branch(to=draw(anywhere))),
                options=tuple(
                    Option(value=value, title=Words(id=value, en=value))
                    for value in _VALUES.get(kind, ())
                    if kind is AnswerKind.CHOICE
                ),
                is_optional=draw(st.booleans()),
                party=PartyRole.CLIENT if kind is AnswerKind.TEXT else None,
            )
        )
    nodes += [Review(id="review", text=WORDS), ToPerson(id="person", text=WORDS)]
    whole = Tree(name="contoh", title=WORDS, start="consent", nodes=tuple(nodes))
    return Tree(name="contoh", title=WORDS, start="consent", nodes=tuple(Flow(whole).reached))


@st.composite
def conditions(draw: st.DrawFn, kinds: dict[str, AnswerKind], before: list[str]) -> Condition | None:
    """On this question or an earlier one; None when none of them keeps an answer of a fixed list."""
    fixed = [each for each in before if kinds[each] in _VALUES]
    if not fixed:
        return None
    node_id = draw(st.sampled_from(fixed))
    values = draw(st.lists(st.sampled_from(_VALUES[kinds[node_id]]), min_size=1, max_size=2, unique=True))
    return Condition(node=node_id, is_one_of=tuple(values))
