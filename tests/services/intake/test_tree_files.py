"""Reading trees: what their forms mean, sub-trees, and files that want to do harm."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lhwa.domain.findings import Finding
from lhwa.domain.intake.choices import PartyRole
from lhwa.domain.intake.trees import Branch, Condition, Consent, Node, Question, Tree
from lhwa.domain.intake.wording import AnswerKind
from lhwa.domain.yaml_source import YamlRefusedError, parse_yaml
from lhwa.services.intake.includes import PARTS_MAX
from lhwa.services.intake.tree_files import check_read, read_tree_file, read_tree_folder, unused_subtrees
from lhwa.services.intake.tree_reader import read_source
from tests.services.intake.tree_samples import GOOD, SHIPPED, read

ROOT = """\
name: contoh
title: {id: Contoh, en: Sample}
nodes:
  first:
    include: _sub
  second:
    include: _sub
    next: [{when: {second.q: yes}, to: end}, {to: end}]
  end:
    review: {id: Selesai, en: Done}
"""
SUB = """\
subtree: true
nodes:
  q:
    ask: yes_no
    text: {id: Ya, en: "Yes"}
    go: {no: last}
    next: done
  last:
    ask: text
    text: {id: Apa, en: What}
"""


def told(findings: object) -> list[tuple[str, str, int, int]]:
    assert isinstance(findings, (list, tuple))
    return [
        (each.rule, Path(each.position.file).name, each.position.line, each.position.column)
        for each in findings
        if isinstance(each, Finding) and each.position is not None
    ]


def tree_of(folder: Path, text: str = GOOD, **others: str) -> Tree:
    found = read(folder, text, **others)
    assert found.tree is not None, found.findings
    return found.tree


def next_of(node: Node) -> tuple[Branch, ...]:
    assert isinstance(node, (Consent, Question))
    return node.next


def test_a_file_is_a_tree(tmp_path: Path) -> None:
    tree = tree_of(tmp_path)
    assert (tree.name, tree.title.en, tree.start, tree.is_entry) == ("contoh", "Sample", "consent", True)
    assert (tree.remind_after_h, tree.expire_after_h) == (20, 336)
    consent, name = tree.node("consent"), tree.node("full_name")
    assert isinstance(consent, Consent)
    assert (consent.purpose, consent.version, consent.is_required, consent.agree.id) == ("intake", "1", True, "Setuju")
    assert isinstance(name, Question)
    assert (name.kind, name.party, name.next) == (AnswerKind.TEXT, PartyRole.CLIENT, (Branch(to="area"),))
    plain = tree_of(tmp_path, GOOD.replace("remind_after_h: 20\nexpire_after_h: 336\n", ""))
    assert (plain.remind_after_h, plain.expire_after_h) == (20, 336), "the defaults are those of the type"


@pytest.mark.parametrize(
    ("label", "lines", "branches"),
    [
        ("the node below", "", [("below", None)]),
        ("another node", "    next: far\n", [("far", None)]),
        (
            "branches",
            "    next:\n      - {when: {q: [yes, no]}, to: far}\n      - {to: below}\n",
            [("far", ("yes", "no")), ("below", None)],
        ),
        ("an answer with a way of its own", "    go: {yes: far}\n", [("far", ("yes",)), ("below", None)]),
        ("each answer with one", "    go: {yes: far, no: below}\n", [("far", ("yes",)), ("below", None)]),
        ("both to one place", "    go: {yes: far, no: far}\n", [("far", None)]),
        (
            "each answer, and it may be skipped",
            "    optional: true\n    go: {yes: far, no: far}\n",
            [("far", ("yes", "no")), ("below", None)],
        ),
        ("an answer, then next", "    go: {yes: far}\n    next: far\n", [("far", ("yes",)), ("far", None)]),
    ],
)
def test_what_follows_a_node(
    tmp_path: Path, label: str, lines: str, branches: list[tuple[str, tuple[str, ...] | None]]
) -> None:
    tree = tree_of(
        tmp_path,
        "name: x\ntitle: {id: a, en: b}\nnodes:\n  q:\n    ask: yes_no\n    text: {id: a, en: b}\n"
        f"{lines}  below:\n    person: {{id: a, en: b}}\n  far:\n    review: {{id: a, en: b}}\n",
    )
    expected = tuple(
        Branch(to=to, when=None if answers is None else Condition(node="q", is_one_of=answers))
        for to, answers in branches
    )
    assert next_of(tree.node("q")) == expected, label


def test_a_subtree_is_there_as_often_as_it_is_included(tmp_path: Path) -> None:
    tree = tree_of(tmp_path, ROOT, _sub=SUB)
    assert [node.id for node in tree.nodes] == ["first.q", "first.last", "second.q", "second.last", "end"]
    assert tree.start == "first.q"
    assert next_of(tree.node("first.q")) == (
        Branch(to="first.last", when=Condition(node="first.q", is_one_of=("no",))),
        Branch(to="second.q"),
    )
    after_second = (Branch(to="end", when=Condition(node="second.q", is_one_of=("yes",))), Branch(to="end"))
    assert next_of(tree.node("second.last")) == after_second, "its `done` is what the include says"


def test_a_subtree_of_a_subtree_and_an_include_that_comes_first(tmp_path: Path) -> None:
    outer = "subtree: true\nnodes:\n  inner: {include: _sub}\n"
    root = ROOT.replace("include: _sub", "include: _outer").replace("second.q:", "second.inner.q:")
    tree = tree_of(tmp_path, root, _outer=outer, _sub=SUB)
    assert tree.start == "first.inner.q"
    assert next_of(tree.node("first.inner.last")) == (Branch(to="second.inner.q"),)


def test_what_is_wrong_in_a_subtree_is_told_once_and_there(tmp_path: Path) -> None:
    found = read(tmp_path, ROOT, _sub=SUB.replace("en: What", 'en: ""'))
    errors = [each for each in check_read([found]) if each.rule == "text-missing"]
    assert told(errors) == [("text-missing", "_sub.yaml", 10, 25)]


@pytest.mark.parametrize(
    ("label", "root", "others", "expected"),
    [
        ("not there", ROOT, {}, ("include-missing", "contoh.yaml", 5, 5)),
        ("a tree", ROOT, {"_sub": GOOD}, ("include-kind", "contoh.yaml", 5, 5)),
        (
            "itself",
            ROOT,
            {"_sub": "subtree: true\nnodes:\n  a: {include: _sub}\n"},
            ("include-cycle", "_sub.yaml", 3, 6),
        ),
        (
            "each other",
            ROOT,
            {
                "_sub": "subtree: true\nnodes:\n  a: {include: _b}\n",
                "_b": "subtree: true\nnodes:\n  a: {include: _sub}\n",
            },
            ("include-cycle", "_b.yaml", 3, 6),
        ),
        (
            "two conditions at one place",
            ROOT,
            {"_sub": SUB.replace("go: {no: last}", "go: {no: done}").replace("next: done", "next: last")},
            ("include-branches", "_sub.yaml", 4, 5),
        ),
        ("broken", ROOT, {"_sub": SUB.replace("yes_no", "maybe")}, ("word", "_sub.yaml", 4, 10)),
        (
            "out of the folder",
            ROOT.replace("_sub", "../_sub", 1),
            {"_sub": SUB},
            ("include-name", "contoh.yaml", 5, 14),
        ),
        ("with a suffix", ROOT.replace("_sub", "_sub.yaml", 1), {"_sub": SUB}, ("include-name", "contoh.yaml", 5, 14)),
    ],
)
def test_an_include_that_cannot_be_is_a_finding(
    tmp_path: Path, label: str, root: str, others: dict[str, str], expected: tuple[str, str, int, int]
) -> None:
    found = read(tmp_path, root, **others)
    assert told(found.findings)[0] == expected, label
    assert found.tree is None


def test_subtrees_that_multiply_each_other_are_refused_soon(tmp_path: Path) -> None:
    many = "".join(f"  n{index}: {{include: NEXT}}\n" for index in range(100))
    others = {f"_l{level}": "subtree: true\nnodes:\n" + many.replace("NEXT", f"_l{level + 1}") for level in range(9)}
    found = read(tmp_path, ROOT.replace("_sub", "_l0"), **others)
    assert {rule for rule, *_ in told(found.findings)} <= {"include-depth", "include-size"}
    assert len(found.positions) < 100 * PARTS_MAX
    deep = {name: text.replace("n0: {include: _l5}", "n0: {include: _l9}") for name, text in others.items()}
    assert read(tmp_path, ROOT.replace("_sub", "_l0"), **deep).tree is None


@pytest.mark.parametrize(
    ("label", "old", "new", "expected"),
    [
        ("unknown key", "party: client", "partai: client", ("key-unknown", 27, 5)),
        ("twice", "  area:", "  full_name:", ("key-duplicate", 29, 3)),
        ("two kinds", "    party: client", "    review: {id: a, en: b}", ("node-kind", 26, 5)),
        ("no kind", "    ask: location\n", "", ("node-kind", 44, 5)),
        ("a list for a node", "    ask: location\n    text", "    - ask\n  x:\n    text", ("shape", 44, 5)),
        ("unknown question", "ask: location", "ask: colour", ("word", 44, 10)),
        ("id", "  place:", "  Place 1:", ("node-id", 44, 5)),
        ("an id with a dot", "  place:", "  a.place:", ("node-id", 44, 5)),
        ("done is no node", "  place:", "  done:", ("node-done", 44, 5)),
        ("done in a tree", "{to: place}", "{to: done}", ("done-outside", 42, 14)),
        ("no target", "{to: place}", "{when: {area: land}}", ("key-missing", 42, 9)),
        ("two conditions", "{area: [family]}", "{area: land, sensitive: yes}", ("condition-shape", 41, 16)),
        ("a map for an answer", "{area: [family]}", "{area: [{a: b}]}", ("condition-shape", 41, 23)),
        ("a number of hours", "after_h: 20", "after_h: soon", ("number", 4, 17)),
        ("neither yes nor no", "entry: true", "entry: perhaps", ("yes-no", 3, 8)),
        ("no nodes", GOOD[GOOD.index("nodes:") :], "nodes: {}\n", ("nodes-none", 6, 8)),
        ("no name", "name: contoh\n", "", ("key-missing", 1, 1)),
        ("a text for both languages", "{id: Tanah, en: Land, go: place}", "Tanah", ("shape", 34, 13)),
        ("alias", "id: Tanah", "id: *a", ("yaml-alias", 34, 18)),
        ("anchor", "id: Tanah", "id: &a Tanah", ("yaml-alias", 34, 18)),
        ("tag", "id: Tanah", "id: !!python/object/apply:os.system [ls]", ("yaml-tag", 34, 18)),
        ("deep", "id: Tanah", "id: " + "[" * 90, ("yaml-depth", 34, 21)),
        ("control character", "Tanah", "\x1b[2J", ("file-characters", 34, 18)),
        ("second document", "name: contoh", "name: contoh\n---\nname: dua", ("yaml-documents", 2, 1)),
    ],
)
def test_a_problem_is_a_finding_with_line_and_column(
    tmp_path: Path, label: str, old: str, new: str, expected: tuple[str, int, int]
) -> None:
    assert old in GOOD
    found = read(tmp_path, GOOD.replace(old, new, 1))
    rule, _, line, column = told(found.findings)[0]
    assert (rule, line, column) == expected, label
    assert found.tree is None
    assert all(finding.mend for finding in found.findings)


BOMB = "a: &a [x, x]\n" + "".join(
    f"{chr(98 + index)}: &{chr(98 + index)} [*{chr(97 + index)}, *{chr(97 + index)}]\n" for index in range(20)
)


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        (BOMB.encode(), "yaml-alias"),
        (b"nodes: " + b"x" * 10_000_000, "file-size"),
        (b"[" * 200_000, "yaml-depth"),
        (b"{a: " * 50_000, "yaml-depth"),
        (b"nodes:\n" + b"  a: b\n" * 9_000, "yaml-size"),
        (GOOD.encode("utf-16"), "file-encoding"),
        (b"name: \xff\xfe", "file-encoding"),
        (b"", "file-empty"),
        (b"\x00" * 100, "file-characters"),
        (b"? [a, b]\n: c\n", "yaml-key"),
    ],
)
def test_a_hostile_file_is_refused_with_a_place(tmp_path: Path, source: bytes, rule: str) -> None:
    found = read(tmp_path, source)
    assert told(found.findings)[0][:2] == (rule, "contoh.yaml")
    assert found.tree is None


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    for path in (tmp_path / "pipe.yaml", Path("/dev/zero"), tmp_path, tmp_path / "none.yaml"):
        assert told(read_tree_file(path).findings)[0][0] == "file-missing"
    assert [each.findings for each in read_tree_folder(tmp_path)] != []
    assert told(read_tree_folder(tmp_path / "none")[0].findings)[0][0] == "folder-unreadable"


@given(text=st.text(max_size=120), at=st.integers(0, len(GOOD)))
@settings(max_examples=150, deadline=None)
def test_no_text_in_a_file_raises(text: str, at: int) -> None:
    source = (GOOD[:at] + text + GOOD[at:]).encode("utf-8", "surrogatepass")
    with suppress(YamlRefusedError):
        assert read_source(parse_yaml(source), file="x.yaml").file == "x.yaml"


def test_a_file_costs_its_neighbours_nothing(tmp_path: Path) -> None:
    read(tmp_path, GOOD, broken="name: [", other=GOOD.replace("contoh", "lain").replace("entry: true\n", ""))
    by_name = {each.path.stem: each for each in read_tree_folder(tmp_path)}
    assert [by_name[name].tree is not None for name in ("broken", "contoh", "other")] == [False, True, True]
    assert {each.rule for each in check_read(list(by_name.values()))} == {"yaml-syntax"}


def test_two_entries_are_told_at_the_second(tmp_path: Path) -> None:
    read(tmp_path, GOOD, lain=GOOD.replace("name: contoh", "name: lain"))
    assert told(check_read(read_tree_folder(tmp_path))) == [("entry-duplicate", "lain.yaml", 3, 8)]


def test_a_subtree_that_nobody_includes_is_a_warning(tmp_path: Path) -> None:
    read(tmp_path, GOOD, _alone=SUB)
    assert told(unused_subtrees(read_tree_folder(tmp_path))) == [("subtree-unused", "_alone.yaml", 1, 1)]


def test_the_shipped_trees_pass_without_a_warning() -> None:
    reads = read_tree_folder(SHIPPED)
    assert [str(each) for each in (*check_read(reads), *unused_subtrees(reads))] == []
    trees = {each.name: each.tree for each in reads if each.tree is not None}
    assert set(trees) == {"general", "family", "land", "employment", "criminal_detention", "debt"}
    assert [name for name, tree in trees.items() if tree.is_entry] == ["general"]


@pytest.mark.parametrize("name", ["general", "family", "criminal_detention", "employment", "debt"])
def test_a_shipped_tree_asks_for_sensitive_data_only_after_a_yes_to_it(name: str) -> None:
    tree = read_tree_file(SHIPPED / f"{name}.yaml").tree
    assert tree is not None
    for node in tree.nodes:
        if isinstance(node, Consent) and node.purpose == "sensitive_data":
            assert not node.is_required
            refused = tree.next_of(node.id, {node.id: "no"})
            assert refused.endswith("by_person")
            assert tree.next_of(node.id, {}) == refused, "an answer that was not kept is no yes"
