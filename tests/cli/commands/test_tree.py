"""`lhwa tree`: what it says of the firm's files and of any other, and what it draws."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
SHIPPED = Path(__file__).parents[3] / "config" / "intake"


@pytest.fixture
def at(firm: Run) -> Run:
    """Run in the first firm."""
    return lambda *words: firm(*words, "-t", "firma")


@pytest.fixture
def firm_files(home: Path, firm: Run) -> Path:
    """The shipped trees in the firm's own folder."""
    assert firm("tenant", "list").returncode == 0
    return Path(shutil.copytree(SHIPPED, home / "tenants" / "firma" / "intake"))


def test_the_firms_trees_are_listed_with_their_state(at: Run, firm_files: Path) -> None:
    (firm_files / "broken.yaml").write_text("name: [", encoding="utf-8")
    shown = json.loads(at("--json", "tree", "list").stdout)
    by_file = {row["file"]: row for row in shown}
    assert by_file["general.yaml"] == {
        "name": "general",
        "file": "general.yaml",
        "title": "Penerimaan klien baru",
        "isEntry": True,
        "questions": 30,
        "state": "ready",
    }
    assert (by_file["_land.yaml"]["state"], by_file["broken.yaml"]["state"]) == ("sub-tree", "errors")


def test_a_firm_without_trees_is_told_where_they_go(at: Run) -> None:
    shown = at("tree", "list")
    assert (shown.returncode, shown.stdout) == (0, "")
    assert "intake/" in shown.stderr
    assert at("tree", "check").returncode == 0


def test_the_firms_trees_are_checked(at: Run, firm_files: Path) -> None:
    good = at("tree", "check")
    assert (good.returncode, good.stdout) == (0, "")
    assert "Trees checked: 6; findings: 0." in good.stderr
    path = firm_files / "_land.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("go: holder_name", "go: nowhere"), encoding="utf-8")
    bad = at("--json", "tree", "check")
    assert bad.returncode == 1
    (finding,) = json.loads(bad.stdout)
    assert finding == {
        "rule": "target-missing",
        "severity": "error",
        "tree": "general",
        "place": "nodes.land.certificate.next[0]",
        "what": "It leads to `land.nowhere`, which does not exist.",
        "mend": "Name a node of this tree.",
        "file": str(path),
        "line": 36,
        "column": 67,
    }


def test_a_file_is_checked_without_a_home(lhwa: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("name: x\n", encoding="utf-8")
    shown = lhwa("tree", "check", str(path))
    assert shown.returncode == 1
    assert [line.split()[1:3] for line in shown.stdout.splitlines()[1:]] == [["error", "key-missing"]] * 2
    assert f"{path}:1:1" in shown.stdout


def test_a_subtree_is_checked_inside_the_trees_that_include_it(lhwa: Run, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "trees"))
    path = folder / "_closing.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("id: Pagi, en", "id: Siang/sore, en"), encoding="utf-8")
    (folder / "_land.yaml").write_text("subtree: true\n", encoding="utf-8")
    found = json.loads(lhwa("--json", "tree", "check", str(path)).stdout)
    assert [(each["rule"], each["file"]) for each in found] == [("title-duplicate", str(path))]


def test_warnings_alone_leave_the_exit_code_0(lhwa: Run, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "trees"))
    path = folder / "land.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "remind_after_h: 30\n", encoding="utf-8")
    shown = lhwa("tree", "check", str(path))
    assert (shown.returncode, "remind-late" in shown.stdout) == (0, True)


def test_a_tree_is_shown_by_name_and_by_file(at: Run, firm_files: Path) -> None:
    by_name, by_file = at("tree", "show", "family"), at("tree", "show", str(firm_files / "family.yaml"))
    assert by_name.stdout == by_file.stdout
    assert by_name.stdout.startswith("family: Perkara keluarga\n"), "the tree, not the sub-tree of the same name"
    assert at("tree", "show", "family", "--language", "en").stdout.startswith("family: Family matters\n")


def test_a_drawing_goes_to_a_file(lhwa: Run, tmp_path: Path) -> None:
    path = tmp_path / "land.html"
    shown = lhwa("tree", "show", str(SHIPPED / "land.yaml"), "--format", "html", "--output", str(path))
    assert (shown.returncode, shown.stdout) == (0, "")
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    svg = lhwa("tree", "show", str(SHIPPED / "land.yaml"), "--format", "svg").stdout
    assert svg.startswith("<svg ")
    refused = lhwa("tree", "show", str(SHIPPED / "land.yaml"), "--output", str(tmp_path / "none" / "x.svg"))
    assert refused.returncode == 2


def test_json_tells_where_each_answer_leads(lhwa: Run) -> None:
    shown = json.loads(lhwa("--json", "tree", "show", str(SHIPPED / "land.yaml"), "--language", "en").stdout)
    (node,) = [each for each in shown["nodes"] if each["id"] == "opening.is_child"]
    assert node["kind"] == "yes/no"
    assert node["next"] == [
        {"to": "opening.guardian_consent", "question": "opening.is_child", "answers": ["yes"]},
        {"to": "opening.city", "question": None, "answers": None},
    ]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("tree", "show", "nothing"), "There is no such tree"),
        (("tree", "show", str(SHIPPED / "_land.yaml")), "A sub-tree is nothing by itself"),
        (("tree", "show", "/dev/null/x.yaml"), "The tree cannot be read"),
    ],
)
def test_what_cannot_be_shown_says_what_to_do(at: Run, words: tuple[str, ...], says: str) -> None:
    shown = at(*words)
    assert (shown.returncode, says in shown.stderr, "hint" in shown.stderr) == (2, True, True)


def test_a_drawing_says_when_the_check_has_findings(lhwa: Run, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "trees"))
    path = folder / "land.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "remind_after_h: 30\n", encoding="utf-8")
    assert "The check has findings (1)" in lhwa("tree", "show", str(path)).stderr
