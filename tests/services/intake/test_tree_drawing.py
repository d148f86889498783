"""Drawings: everything is there once, nothing that somebody wrote acts, and nothing is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lhwa.cli.columns import places
from lhwa.domain.intake.tree_check.flow import Flow
from lhwa.domain.intake.trees import Branch, Question, Review, Tree
from lhwa.domain.intake.wording import AnswerKind, Language, Words
from lhwa.services.intake.tree_drawing import DrawingFormat, draw
from lhwa.services.intake.tree_files import read_tree_file
from lhwa.services.intake.tree_layout import BOX_WIDTH, Box, lay_out, wrapped
from lhwa.services.intake.tree_outline import Chain, outline
from lhwa.services.intake.tree_svg import anchor
from tests.domain.intake.tree_samples import trees
from tests.services.intake.tree_samples import SHIPPED

SHIPPED_NAMES = ("general", "family", "land", "employment", "criminal_detention", "debt")
ATTACK = "</style><script>alert(1)</script>\"'<img src=x onerror=alert(1)>&]]>\x1b[2J\u202e"


def shipped(name: str) -> Tree:
    tree = read_tree_file(SHIPPED / f"{name}.yaml").tree
    assert tree is not None
    return tree


def drawn(chains: tuple[Chain, ...]) -> Iterator[str]:
    for chain in chains:
        for step in chain.steps:
            yield step.node.id
            yield from drawn(tuple(way.chain for way in step.ways))


def jumps(chains: tuple[Chain, ...]) -> Iterator[str]:
    for chain in chains:
        if chain.jump:
            yield chain.jump
        for step in chain.steps:
            yield from jumps(tuple(way.chain for way in step.ways))


@given(tree=trees())
@settings(max_examples=100, deadline=None)
def test_each_node_is_drawn_once(tree: Tree) -> None:
    chains = outline(tree, Language.ID)
    assert sorted(drawn(chains)) == sorted(node.id for node in Flow(tree).reached)
    assert set(jumps(chains)) <= set(drawn(chains))


@given(tree=trees())
@settings(max_examples=60, deadline=None)
def test_no_two_boxes_overlap(tree: Tree) -> None:
    layout = lay_out(outline(tree, Language.ID), Language.ID)

    def apart(one: Box, other: Box) -> bool:
        return abs(one.x - other.x) >= BOX_WIDTH or one.y + one.height <= other.y or other.y + other.height <= one.y

    boxes = layout.boxes
    assert all(apart(one, other) for place, one in enumerate(boxes) for other in boxes[place + 1 :])
    assert all(0 <= box.x <= layout.width - BOX_WIDTH and box.y + box.height <= layout.height for box in boxes)


@pytest.mark.parametrize("name", SHIPPED_NAMES)
@pytest.mark.parametrize("language", Language)
def test_a_shipped_tree_fits_a_terminal(name: str, language: Language) -> None:
    lines = draw(shipped(name), DrawingFormat.TEXT, language).splitlines()
    assert max(map(places, lines)) <= 80
    assert any(line.endswith("● opening.on_behalf_of (choice)") for line in lines)


def test_the_text_says_which_answers_part_the_ways() -> None:
    lines = draw(shipped("criminal_detention"), DrawingFormat.TEXT, Language.EN).splitlines()
    for line in ("├─ Myself", "├─ I do not agree", "│  └> opening.is_child", "│  ├─ Not held ↓"):
        assert line in lines


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.attributes |= {name for name, _ in attrs}


def hostile() -> Tree:
    words = Words(id=ATTACK, en=ATTACK)
    tree = shipped("land")
    nodes = tuple(
        msgspec.structs.replace(
            node,
            text=words,
            options=tuple(msgspec.structs.replace(each, title=words, description=words) for each in node.options),
        )
        if isinstance(node, Question)
        else node
        for node in tree.nodes
    )
    first = Question(id=ATTACK, kind=AnswerKind.TEXT, text=words, next=(Branch(to=tree.start),))
    return msgspec.structs.replace(tree, title=words, name=ATTACK, start=ATTACK, nodes=(first, *nodes))


@pytest.mark.parametrize("drawing_format", DrawingFormat)
def test_what_somebody_wrote_does_not_act(drawing_format: DrawingFormat) -> None:
    drawing = draw(hostile(), drawing_format, Language.ID)
    assert "\x1b" not in drawing
    assert "\u202e" not in drawing
    if drawing_format is DrawingFormat.TEXT:
        return
    tags = _Tags()
    tags.feed(drawing)
    assert "script" not in tags.found
    assert "img" not in tags.found
    assert not {name for name in tags.attributes if name.startswith("on") or name == "src"}
    assert "&lt;script&gt;" in drawing, "it is shown as what it is"


@pytest.mark.parametrize("drawing_format", [DrawingFormat.SVG, DrawingFormat.HTML])
def test_a_drawing_loads_nothing_and_is_readable_in_light_and_dark(drawing_format: DrawingFormat) -> None:
    drawing = draw(shipped("general"), drawing_format, Language.ID)
    bare = drawing.replace('xmlns="http://www.w3.org/2000/svg"', "")
    for word in ("http:", "https:", "url(http", "@import", "<script", "<link"):
        assert word not in bare
    assert "prefers-color-scheme: dark" in drawing


@given(text=st.text(max_size=60))
@settings(max_examples=100, deadline=None)
def test_an_svg_is_well_formed_whatever_it_says(text: str) -> None:
    words = Words(id=text, en=text)
    tree = Tree(name=text, title=words, start="a", nodes=(Review(id="a", text=words),))
    root = ET.fromstring(draw(tree, DrawingFormat.SVG, Language.ID))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"


def test_a_jump_leads_to_a_box() -> None:
    drawing = draw(shipped("general"), DrawingFormat.SVG, Language.ID)
    assert f'href="#{anchor("opening.is_child")}"' in drawing
    assert f'id="{anchor("opening.is_child")}"' in drawing


def test_the_page_has_every_text_in_full() -> None:
    tree = shipped("general")
    drawing = draw(tree, DrawingFormat.HTML, Language.EN)
    assert all(f'<code><a href="#{anchor(node.id)}">{node.id}</a></code>' in drawing for node in tree.nodes)
    assert "These questions are not legal advice" in drawing


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", ()),
        ("satu", ("satu",)),
        ("satu dua tiga", ("satu dua", "tiga")),
        ("satu dua tiga empat lima enam", ("satu dua", "tiga em…")),
        ("panjangsekali", ("panjang…",)),
    ],
)
def test_a_text_is_wrapped_and_cut(text: str, lines: tuple[str, ...]) -> None:
    assert wrapped(text, 8, 2) == lines
