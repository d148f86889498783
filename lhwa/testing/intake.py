"""A small question tree with every kind of node, and clients that walk through it: for tests and rehearsals."""

from __future__ import annotations

from lhwa.domain.intake.choices import PartyRole
from lhwa.domain.intake.trees import Branch, Condition, Consent, Option, Question, Review, ToPerson, Tree
from lhwa.domain.intake.wording import AnswerKind, Words


def words(text: str) -> Words:
    """A text that says in which language it is read."""
    return Words(id=f"{text} (id)", en=f"{text} (en)")


def _to(node: str) -> tuple[Branch, ...]:
    return (Branch(to=node),)


def _consent(node_id: str, to: str, *, purpose: str, is_required: bool = True) -> Consent:
    return Consent(
        id=node_id,
        purpose=purpose,
        version="1",
        notice=words(f"Notice on {purpose}"),
        agree=words("Setuju"),
        decline=words("Tidak"),
        next=_to(to),
        is_required=is_required,
    )


SMALL_TREE = Tree(
    name="umum",
    title=words("General"),
    start="consent",
    is_entry=True,
    nodes=(
        _consent("consent", "name", purpose="intake"),
        Question(id="name", kind=AnswerKind.TEXT, text=words("Name?"), next=_to("area"), party=PartyRole.CLIENT),
        Question(
            id="area",
            kind=AnswerKind.CHOICE,
            text=words("Area?"),
            options=tuple(Option(value=value, title=words(value)) for value in ("land", "family", "other")),
            next=(
                Branch(to="opponent", when=Condition(node="area", is_one_of=("land",))),
                Branch(to="children", when=Condition(node="area", is_one_of=("family",))),
                Branch(to="person"),
            ),
        ),
        Question(
            id="opponent",
            kind=AnswerKind.TEXT,
            text=words("Who is on the other side?"),
            next=_to("date"),
            is_optional=True,
            party=PartyRole.OPPONENT,
        ),
        Question(id="children", kind=AnswerKind.YES_NO, text=words("Children?"), next=_to("news")),
        Question(id="date", kind=AnswerKind.DATE, text=words("When?"), next=_to("paper")),
        Question(id="paper", kind=AnswerKind.DOCUMENT, text=words("Papers?"), next=_to("news"), is_optional=True),
        _consent("news", "review", purpose="marketing", is_required=False),
        Review(id="review", text=words("A lawyer looks at it.")),
        ToPerson(id="person", text=words("Somebody will write to you.")),
    ),
)
"""General intake with two branches, one optional question, an optional consent and both kinds of ends."""
