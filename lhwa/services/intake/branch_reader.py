"""What the readers of tree files say of texts and of what follows a node: `next`, `go`, and the node below."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lhwa.domain.intake.trees import Branch, Condition
from lhwa.domain.intake.wording import Words
from lhwa.domain.yaml_reader import YamlReader, written
from lhwa.domain.yaml_source import Items, Mark, Node, Scalar
from lhwa.services.intake.tree_source import DONE, NO_WORDS

BRANCHES_MAX = 40
"""Of one node."""

Parts = Mapping[str, Node]
"""The entries of a map."""


@dataclass(frozen=True, slots=True)
class Way:
    """Where one answer goes by itself."""

    to: str
    mark: Mark


class BranchReader(YamlReader):
    """Reads the parts of a node that lead on. Places begin with the node's own."""

    is_subtree = False

    def words(self, parts: Parts, key: str, *, prefix: str = "") -> Words:
        """A text in both languages; one that is not there stays empty, for the rules to report."""
        node = written(parts.get(key))
        return NO_WORDS if node is None else self.words_in(node, prefix + key)

    def words_in(self, node: Node, place: str) -> Words:
        """The same, of the map itself."""
        self.marks[place] = node.mark
        found = self.map(node, place, ("id", "en"))
        return Words(id=self.text(found, "id", prefix=f"{place}."), en=self.text(found, "en", prefix=f"{place}."))

    def target(self, node: Node, place: str) -> str:
        """The id of another node, or where a sub-tree is left."""
        if not isinstance(node, Scalar) or not node.text.strip():
            self.fault("shape", place, "Here the id of a node has to be.", "Write one, such as `selesai`.", node.mark)
            return ""
        if node.text == DONE and not self.is_subtree:
            what, mend = f"Only a sub-tree is left by `{DONE}`.", "Name a node, or write `subtree: true` on top."
            self.fault("done-outside", place, what, mend, node.mark)
        return node.text.strip()

    def ways_of(self, parts: Parts, key: str, place: str) -> dict[str, Way]:
        """A map of answers and where each goes."""
        node = written(parts.get(key))
        if node is None:
            return {}
        found = self.map(node, place, None)
        return {answer: Way(self.target(to, f"{place}.{answer}"), to.mark) for answer, to in found.items()}

    def branches(
        self, node_id: str, parts: Parts, follower: str, *, ways: Mapping[str, Way] | None = None
    ) -> tuple[Branch, ...]:
        """Answers that go somewhere by themselves, then what `next` says, or the node below.

        Args:
            follower: the node below; empty when there is none, or when every answer has its own way. Then the last
                way takes all that is left, which is what its own answers are.
        """
        place, own = f"nodes.{node_id}.next", dict(ways or {})
        branches: list[Branch] = []
        for to in dict.fromkeys(way.to for way in own.values()):
            answers = {answer: way for answer, way in own.items() if way.to == to}
            self.marks[f"{place}[{len(branches)}]"] = next(iter(answers.values())).mark
            branches.append(Branch(to=to, when=Condition(node=node_id, is_one_of=tuple(answers))))
        if "next" in parts:
            branches += self._next(parts["next"], place, first=len(branches))
        elif follower:
            branches.append(Branch(to=follower))
        elif branches:
            branches[-1] = Branch(to=branches[-1].to)
        return tuple(branches)

    def _next(self, node: Node, place: str, *, first: int) -> list[Branch]:
        self.marks[place] = node.mark
        if not isinstance(node, Items):
            self.marks[f"{place}[{first}]"] = node.mark
            return [Branch(to=self.target(node, place))]
        if len(node.items) > BRANCHES_MAX:
            what = f"One node has more than {BRANCHES_MAX} branches."
            self.fault("branches-many", place, what, "Ask in several steps.", node.mark)
            return []
        return [self._branch(each, f"{place}[{index}]") for index, each in enumerate(node.items, first)]

    def _branch(self, node: Node, place: str) -> Branch:
        self.marks[place] = node.mark
        parts = self.map(node, place, ("when", "to"))
        if parts and "to" not in parts:
            self.fault("key-missing", place, "The branch has no `to`.", "Write `to:` and a node.", node.mark)
        to = self.target(parts["to"], f"{place}.to") if "to" in parts else ""
        return Branch(to=to, when=self._condition(parts["when"], f"{place}.when") if "when" in parts else None)

    def _condition(self, node: Node, place: str) -> Condition | None:
        found = self.map(node, place, None)
        if len(found) != 1:
            if found:
                what, mend = "A condition names one question.", "Branch once more in another node for a second one."
                self.fault("condition-shape", place, what, mend, node.mark)
            return None
        ((asked, answers),) = found.items()
        items = answers.items if isinstance(answers, Items) else (answers,)
        values = [each.text.strip() for each in items if isinstance(each, Scalar)]
        if len(values) < len(items):
            what, mend = "Here answers have to be.", "Write `question: answer` or `question: [answer, answer]`."
            self.fault("condition-shape", place, what, mend, answers.mark)
        return Condition(node=asked, is_one_of=tuple(values))
