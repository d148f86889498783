"""A tree as lines for a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Iterator

from lhwa.domain.intake.trees import Tree
from lhwa.domain.intake.wording import Language
from lhwa.services.intake.node_words import kind_of, one_line, words_of
from lhwa.services.intake.tree_outline import Chain, Step, outline

WIDTH = 80
_WORDS_MIN = 20
"""However deep a line stands, so much of it is shown."""


def text_lines(tree: Tree, language: Language) -> Iterator[str]:
    """Each node with the beginning of its text, each way with the answers that take it.

    A way goes on below the fork it belongs to, unless it ends or says `└> node`, which stands elsewhere. `↓` is a way
    without a node of its own.
    """
    yield _line("", f"{tree.name}: {tree.title.in_language(language)}")
    for chain in outline(tree, language):
        yield ""
        yield from _chain(chain, "", language)


def _chain(chain: Chain, rail: str, language: Language) -> Iterator[str]:
    for index, step in enumerate(chain.steps):
        goes_on = chain.goes_on or bool(chain.jump) or index < len(chain.steps) - 1
        yield from _step(step, rail, language, goes_on=goes_on)
    if chain.jump:
        yield _line(rail, f"└> {chain.jump}")


def _step(step: Step, rail: str, language: Language, *, goes_on: bool) -> Iterator[str]:
    yield _line(rail, f"● {step.node.id} ({kind_of(step.node)})")
    below = "│ " if goes_on or step.ways else "  "
    yield _line(rail + below, words_of(step.node, language))
    for way in step.ways:
        is_last = way is step.ways[-1] and not goes_on
        falls = " ↓" if way.chain.goes_on and not way.chain.steps else ""
        yield _line(rail, f"{'└' if is_last else '├'}─ {way.label}{falls}")
        yield from _chain(way.chain, rail + ("   " if is_last else "│  "), language)


def _line(rail: str, text: str) -> str:
    return rail + one_line(text, max(WIDTH - len(rail), _WORDS_MIN))
