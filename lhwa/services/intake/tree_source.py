"""One file of a question tree as it is written: includes still stand in it, and names are the file's own.

    name: keluarga
    title: {id: Perkara keluarga, en: Family matters}
    nodes:
      setuju:
        consent: intake                # the purpose; a declined required consent ends the session
        version: "2026-11"
        notice: {id: ..., en: ...}
        agree: {id: Setuju, en: I agree}
        decline: {id: Tidak setuju, en: I do not agree}
      jenis:
        ask: choice
        text: {id: ..., en: ...}
        options:
          cerai: {id: Perceraian, en: Divorce, go: anak}
          waris: {id: Warisan, en: Inheritance}
      lawan:
        include: _opponent             # the file _opponent.yaml of the same folder
      anak: ...
      selesai:
        review: {id: ..., en: ...}

What follows a node is the next one in the file, unless `next` names another or lists branches. What each part means
stands in `lhwa.domain.intake.trees`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lhwa.domain.findings import Finding
from lhwa.domain.intake.trees import Branch, Node
from lhwa.domain.intake.wording import Words
from lhwa.domain.yaml_source import Mark

DONE = "done"
"""Where a sub-tree is left."""
NO_WORDS = Words(id="", en="")


@dataclass(frozen=True, slots=True)
class Include:
    """A sub-tree in the place of a node."""

    id: str
    file: str
    """Name of a file in the same folder, without its suffix."""
    next: tuple[Branch, ...]


@dataclass(slots=True)
class TreeSource:
    """What one file says. With findings it is not used: half a tree must not be walked."""

    file: str
    """As findings show it."""
    name: str = ""
    title: Words = NO_WORDS
    start: str = ""
    is_entry: bool = False
    is_subtree: bool = False
    remind_after_h: int | None = None
    expire_after_h: int | None = None
    nodes: list[Node | Include] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    marks: Mapping[str, Mark] = field(default_factory=dict)
    """Where each part stands, by its place: `nodes.jenis.options.cerai`."""
