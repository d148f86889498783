"""The YAML of one tree file as a `TreeSource`, every fault of its form a finding."""

from __future__ import annotations

import re

from lhwa.domain.intake.choices import PartyRole
from lhwa.domain.intake.tree_check.flow import YES_NO
from lhwa.domain.intake.trees import Consent, Option, Question, Review, ToPerson
from lhwa.domain.intake.trees import Node as TreeNode
from lhwa.domain.intake.wording import AnswerKind, Words
from lhwa.domain.yaml_reader import written
from lhwa.domain.yaml_source import Entries, Mark, Node, quoted
from lhwa.services.intake.branch_reader import BranchReader, Parts, Way
from lhwa.services.intake.tree_source import DONE, Include, TreeSource

_TOP = ("name", "title", "entry", "subtree", "start", "remind_after_h", "expire_after_h", "nodes")
_KEYS: dict[str, tuple[str, ...]] = {
    "consent": ("consent", "version", "notice", "agree", "decline", "required", "guardian", "next"),
    "ask": ("ask", "text", "invalid", "options", "go", "optional", "sensitive", "party", "next"),
    "include": ("include", "next"),
    "review": ("review",),
    "person": ("person",),
}
_EVERY = tuple(dict.fromkeys(key for keys in _KEYS.values() for key in keys))
_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
_FILE = re.compile(r"_?[a-z][a-z0-9_]{0,39}")


def read_source(tree: Node | None, *, file: str) -> TreeSource:
    """What one file says.

    Args:
        file: its name in findings.
    """
    reader = _Reader(file)
    source = TreeSource(file, findings=reader.findings, marks=reader.marks)
    reader.document(tree, source)
    return source


class _Reader(BranchReader):
    def document(self, tree: Node | None, into: TreeSource) -> None:
        if tree is None:
            self.fault("file-empty", "file", "The file is empty.", "Write a tree, or delete it.", Mark(1, 1))
            return
        top = self.map(tree, "file", _TOP)
        into.is_subtree, into.is_entry = self.yes_no(top, "subtree"), self.yes_no(top, "entry")
        for key in ("nodes",) if into.is_subtree else ("name", "title", "nodes"):
            if key not in top:
                self.fault("key-missing", key, f"There is no `{key}`.", f"Write `{key}:`.", tree.mark)
        into.name, into.title = self.text(top, "name"), self.words(top, "title")
        into.remind_after_h, into.expire_after_h = (self.whole(top, f"{word}_after_h") for word in ("remind", "expire"))
        self.is_subtree = into.is_subtree
        nodes = self.map(top["nodes"], "nodes", None) if "nodes" in top else {}
        if "nodes" in top:
            self.marks["nodes"] = top["nodes"].mark
        if "nodes" in top and not nodes:
            self.fault("nodes-none", "nodes", "There are no nodes.", "Write at least one.", top["nodes"].mark)
        self._nodes(nodes, into)
        into.start = self.text(top, "start") or next(iter(nodes), "")
        if nodes and into.start not in nodes:
            what = f"It starts with {quoted(into.start)}, which is no node of this file."
            self.fault("start-missing", "start", what, "Name one of its nodes.", self.marks["start"])

    def _nodes(self, nodes: Parts, into: TreeSource) -> None:
        ids = list(nodes)
        following = [*ids, DONE if into.is_subtree else ""][1:]
        for (node_id, node), follower in zip(nodes.items(), following, strict=True):
            if node_id == DONE:
                what = f"`{DONE}` is where a sub-tree is left, and no node."
                self.fault("node-done", f"nodes.{node_id}", what, "Give it another id.", node.mark)
            elif not _ID.fullmatch(node_id):
                mend = "Use lower-case letters, digits and `_`, a letter first, at most 40 characters."
                self.fault("node-id", "nodes", f"A node cannot have the id {quoted(node_id)}.", mend, node.mark)
            read = self._node(node_id, node, follower)
            if read is not None:
                into.nodes.append(read)

    def _node(self, node_id: str, node: Node, follower: str) -> TreeNode | Include | None:
        place = f"nodes.{node_id}"
        self.marks[place] = node.mark
        parts, prefix = self.map(node, place, _EVERY), f"{place}."
        kinds = [kind for kind in _KEYS if kind in parts]
        if len(kinds) != 1:
            if isinstance(node, Entries):
                what = "A node is one of consent, ask, include, review and person."
                self.fault("node-kind", place, what, "Write exactly one of these words.", node.mark)
            return None
        kind = kinds[0]
        for key, value in parts.items():
            if key not in _KEYS[kind]:
                self.unknown(key, value.mark, _KEYS[kind])
        match kind:
            case "consent":
                return self._consent(node_id, parts, prefix, follower)
            case "ask":
                return self._question(node_id, parts, prefix, follower)
            case "include":
                return self._include(node_id, parts, prefix, follower)
            case "review":
                return Review(id=node_id, text=self.words(parts, "review", prefix=prefix))
            case _:
                return ToPerson(id=node_id, text=self.words(parts, "person", prefix=prefix))

    def _consent(self, node_id: str, parts: Parts, prefix: str, follower: str) -> Consent:
        return Consent(
            id=node_id,
            purpose=self.text(parts, "consent", prefix=prefix),
            version=self.text(parts, "version", prefix=prefix),
            notice=self.words(parts, "notice", prefix=prefix),
            agree=self.words(parts, "agree", prefix=prefix),
            decline=self.words(parts, "decline", prefix=prefix),
            next=self.branches(node_id, parts, follower),
            is_required="required" not in parts or self.yes_no(parts, "required", prefix=prefix),
            is_for_guardian=self.yes_no(parts, "guardian", prefix=prefix),
        )

    def _question(self, node_id: str, parts: Parts, prefix: str, follower: str) -> Question | None:
        kind = self.word(parts, "ask", AnswerKind, prefix=prefix)
        is_optional = self.yes_no(parts, "optional", prefix=prefix)
        options, ways = self._options(parts, f"{prefix}options")
        ways |= self.ways_of(parts, "go", f"{prefix}go")
        answers = YES_NO if kind is AnswerKind.YES_NO else tuple(option.value for option in options)
        each_has_a_way = bool(ways) and ways.keys() == set(answers) and not is_optional
        question = Question(
            id=node_id,
            kind=kind or AnswerKind.TEXT,
            text=self.words(parts, "text", prefix=prefix),
            next=self.branches(node_id, parts, "" if each_has_a_way else follower, ways=ways),
            invalid=self.words(parts, "invalid", prefix=prefix) if "invalid" in parts else None,
            options=options,
            is_optional=is_optional,
            is_sensitive=self.yes_no(parts, "sensitive", prefix=prefix),
            party=self.word(parts, "party", PartyRole, prefix=prefix),
        )
        return question if kind else None

    def _options(self, parts: Parts, place: str) -> tuple[tuple[Option, ...], dict[str, Way]]:
        node = written(parts.get("options"))
        if node is None:
            return (), {}
        self.marks[place] = node.mark
        options, ways = [], {}
        for value, option in self.map(node, place, None).items():
            where = f"{place}.{value}"
            self.marks[where] = option.mark
            found = self.map(option, where, ("id", "en", "more", "go"))
            title = Words(id=self.text(found, "id", prefix=f"{where}."), en=self.text(found, "en", prefix=f"{where}."))
            more = self.words(found, "more", prefix=f"{where}.") if "more" in found else None
            options.append(Option(value=value, title=title, description=more))
            if "go" in found:
                ways[value] = Way(self.target(found["go"], f"{where}.go"), found["go"].mark)
        return tuple(options), ways

    def _include(self, node_id: str, parts: Parts, prefix: str, follower: str) -> Include:
        file = self.text(parts, "include", prefix=prefix)
        if not _FILE.fullmatch(file):
            what = "This cannot be the name of a sub-tree."
            mend = "Write the name of a file in this folder, without folder and suffix, such as `_identity`."
            self.fault("include-name", f"{prefix}include", what, mend, parts["include"].mark)
        return Include(node_id, file, self.branches(node_id, parts, follower))
