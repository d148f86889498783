"""What WhatsApp can show: how long a text may be, and how many buttons or rows there are.

A choice of up to three is buttons, a longer one a list. What can be skipped has one more to tap, and what has something
to tap is an interactive message. Source: WhatsApp Cloud API, interactive messages.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from lhwa.domain.findings import Finding, error, warning
from lhwa.domain.intake.tree_check.flow import Flow
from lhwa.domain.intake.trees import Consent, Node, Question, Review, ToPerson
from lhwa.domain.intake.wording import AnswerKind, Words
from lhwa.domain.outbound_limits.content import TEXT_CHARS_MAX
from lhwa.domain.outbound_limits.interactive import (
    BODY_CHARS_MAX,
    BUTTON_TITLE_CHARS_MAX,
    BUTTONS_MAX,
    LIST_BODY_CHARS_MAX,
    ROW_DESCRIPTION_CHARS_MAX,
    ROW_ID_CHARS_MAX,
    ROW_TITLE_CHARS_MAX,
    ROWS_MAX,
)

OPTIONS_MIN = 2
REPLY_MARK_CHARS = 60
"""Of the id of a button or row, kept free for the session that it belongs to."""
_TAPPED = frozenset({AnswerKind.YES_NO, AnswerKind.LOCATION})


def check(flow: Flow) -> Iterator[Finding]:
    """Every text and option of a tree."""
    for node in flow.nodes.values():
        place = f"nodes.{node.id}"
        match node:
            case Consent():
                yield from _length("notice", f"{place}.notice", node.notice, BODY_CHARS_MAX)
                for key, words in (("agree", node.agree), ("decline", node.decline)):
                    yield from _length("button", f"{place}.{key}", words, BUTTON_TITLE_CHARS_MAX)
                yield from _distinct(node, {"agree": node.agree, "decline": node.decline})
            case Question():
                yield from _length("body", f"{place}.text", node.text, body_chars_max(node))
                if node.invalid is not None:
                    yield from _length("body", f"{place}.invalid", node.invalid, TEXT_CHARS_MAX)
                if node.kind is AnswerKind.CHOICE:
                    yield from chain(_count(node), _options(node))
            case Review():
                yield from _length("body", f"{place}.review", node.text, TEXT_CHARS_MAX)
            case ToPerson():
                yield from _length("body", f"{place}.person", node.text, TEXT_CHARS_MAX)


def body_chars_max(node: Question) -> int:
    """How long the text of a question may be."""
    if node.kind is AnswerKind.CHOICE:
        return BODY_CHARS_MAX if len(node.options) <= BUTTONS_MAX else LIST_BODY_CHARS_MAX
    return BODY_CHARS_MAX if node.is_optional or node.kind in _TAPPED else TEXT_CHARS_MAX


def _count(node: Question) -> Iterator[Finding]:
    place, count = f"nodes.{node.id}.options", len(node.options)
    if count < OPTIONS_MIN:
        what = "A choice needs something to choose from."
        yield error("options-few", place if count else f"nodes.{node.id}", what, "Give it two options at least.")
    most = ROWS_MAX - node.is_optional
    if count > most:
        what = f"It has {count} options; a list shows {most}" + (
            " and the one to skip it." if node.is_optional else "."
        )
        yield error("options-many", place, what, "Ask it in two steps.")


def _options(node: Question) -> Iterator[Finding]:
    place = f"nodes.{node.id}.options"
    is_buttons = len(node.options) <= BUTTONS_MAX
    rule, most = ("button", BUTTON_TITLE_CHARS_MAX) if is_buttons else ("row", ROW_TITLE_CHARS_MAX)
    for option in node.options:
        where = f"{place}.{option.value}"
        yield from _length(rule, where, option.title, most)
        if len(f"{node.id}{option.value}") > ROW_ID_CHARS_MAX - REPLY_MARK_CHARS:
            what = "The ids of node and option are too long together for a row."
            yield error("reply-id-length", where, what, "Shorten one of them.")
        if option.description is None:
            continue
        yield from _length("description", f"{where}.more", option.description, ROW_DESCRIPTION_CHARS_MAX)
        if is_buttons:
            what = f"Up to {BUTTONS_MAX} options are buttons, which show no description."
            yield warning("description-unseen", f"{where}.more", what, "Take it out, or say it in the question.")
    yield from _distinct(node, {f"options.{option.value}": option.title for option in node.options})


def _length(rule: str, place: str, words: Words, chars_max: int) -> Iterator[Finding]:
    for language, text in (("id", words.id), ("en", words.en)):
        if len(text) > chars_max:
            what = f"The text has {len(text):,} characters; WhatsApp shows {chars_max:,} here."
            mend = f"Shorten it by {len(text) - chars_max:,}."
            yield error(f"{rule}-length", f"{place}.{language}", what, mend)


def _distinct(node: Node, titles: dict[str, Words]) -> Iterator[Finding]:
    for language in ("id", "en"):
        seen: set[str] = set()
        for key, words in titles.items():
            title = getattr(words, language).strip().casefold()
            if title and title in seen:
                what, mend = "Two buttons or rows have the same title.", "Word one of them differently."
                yield error("title-duplicate", f"nodes.{node.id}.{key}.{language}", what, mend)
            seen.add(title)
