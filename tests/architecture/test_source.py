"""What import-linter does not see: who opens a database, who prints, what is explained, and how long things are."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "lhwa"
MODULES = {str(path.relative_to(ROOT)): path for path in sorted(PACKAGE.rglob("*.py"))}

PRINTERS = ("lhwa/cli/output.py", "lhwa/cli/diagnostics.py")
FUNCTION_LINES_MAX = 60
"""One screen."""
MODULE_LINES_MAX = 400


@functools.cache
def trees() -> dict[str, ast.Module]:
    """Every module by its name, for the tests of this file alone: whoever keeps them all has slow collections."""
    return {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in MODULES.items()}


@pytest.fixture(scope="module", autouse=True)
def _forget_trees() -> Iterator[None]:
    yield
    trees.cache_clear()


def imported(tree: ast.Module) -> set[str]:
    """The top-level names of everything a module imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None and node.level == 0:
            found.add(node.module.split(".")[0])
    return found


def users_of(*libraries: str) -> set[str]:
    return {name for name, tree in trees().items() if imported(tree) & set(libraries)}


def test_only_the_store_opens_apsw() -> None:
    users = users_of("apsw")
    assert users
    # The disk that fails on command is a VFS of apsw's own SQLite; it opens no database.
    assert {name for name in users if not name.startswith("lhwa/store/")} == {"lhwa/testing/disk/vfs.py"}


def test_only_the_registry_opens_pythons_sqlite() -> None:
    users = users_of("sqlite3", "sqlite_utils", "aiosqlite")
    assert users
    assert {name for name in users if not name.startswith("lhwa/registry/")} == set()


def test_nothing_imports_by_a_name_in_a_text() -> None:
    text = re.compile(r"""(import_module|__import__)\(\s*["'](apsw|sqlite3|sqlite_utils|aiosqlite)""")
    assert [name for name, path in MODULES.items() if text.search(path.read_text(encoding="utf-8"))] == []


def test_sql_is_written_in_the_store_and_the_registry_alone() -> None:
    statement = re.compile(r"^\s*(SELECT .* FROM|INSERT INTO|UPDATE \w+ SET|DELETE FROM|CREATE TABLE|PRAGMA) ")
    found = {
        name
        for name, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and statement.match(node.value)
    }
    assert {name for name in found if not name.startswith(("lhwa/store/", "lhwa/registry/"))} == set()


def test_two_modules_print() -> None:
    def prints(node: ast.AST) -> bool:
        return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"

    printing = {name for name, tree in trees().items() if any(prints(node) for node in ast.walk(tree))}
    assert printing <= set(PRINTERS)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_says_what_lives_there(name: str) -> None:
    docstring = ast.get_docstring(trees()[name])
    assert docstring
    assert docstring.splitlines()[0].strip()


def functions() -> list[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    return [
        (f"{name}::{node.name}", node)
        for name, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def test_a_function_fits_one_screen() -> None:
    lengths = {name: (node.end_lineno or node.lineno) - node.lineno + 1 for name, node in functions()}
    assert {name: lines for name, lines in lengths.items() if lines > FUNCTION_LINES_MAX} == {}


def test_a_module_can_be_read_in_one_go() -> None:
    lengths = {name: path.read_text(encoding="utf-8").count("\n") for name, path in MODULES.items()}
    assert {name: lines for name, lines in lengths.items() if lines > MODULE_LINES_MAX} == {}


def test_a_suppression_carries_its_reason() -> None:
    bare = re.compile(r"#\s*(noqa(?!: [A-Z0-9, ]+ -- \S)|type: ignore(?!\[))")
    found = [
        f"{name}:{number}"
        for name, path in MODULES.items()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if bare.search(line)
    ]
    assert found == []


def test_what_is_true_reads_no_clock_and_no_file() -> None:
    impure = {"os", "time", "random", "secrets", "asyncio", "socket", "subprocess", "pathlib", "threading"}
    pure = [name for name in trees() if name.startswith(("lhwa/domain/", "lhwa/normalizer/"))]
    pure += [name for name in trees() if name.endswith("/rules.py")]
    found = {name: imported(trees()[name]) & impure for name in pure}
    # Keys and nonces are drawn at random, and nothing else.
    assert {name: used for name, used in found.items() if used} == {"lhwa/domain/sealing.py": {"os"}}


def test_the_clock_is_read_in_one_place() -> None:
    now = re.compile(r"datetime\.(now|utcnow|today)\(|time\.time\(")
    users = {name for name, path in MODULES.items() if now.search(path.read_text(encoding="utf-8"))}
    assert users <= {"lhwa/adapters/clock/system.py"}
