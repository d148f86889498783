"""Command lines for every command: every parameter used, and none that nobody thought of left out in silence."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
import typer

from lhwa.cli.app import build
from lhwa.cli.group import Group
from lhwa.cli.options import global_parameters
from lhwa.domain.access import Role
from lhwa.errors import InvariantError
from lhwa.testing.command_lines import NAMED, Things, command_lines, leaves


class Anything(dict[str, str]):
    """An id for whatever is asked."""

    def __missing__(self, name: str) -> str:
        return f"<{name}>"


THINGS = Things(Anything())


def lines_of(function: Any) -> list[tuple[str, ...]]:
    group = Group("A group.")
    group.add("new", examples=["lhwa baru new"])(function)
    command = typer.main.get_group(group).commands["new"]
    return command_lines(("baru", "new"), command, THINGS, shared=global_parameters())


def test_every_command_of_lhwa_can_be_typed() -> None:
    found = leaves(build())
    assert ("messages", "show") in found
    assert ("status",) in found
    for path, command in found.items():
        assert command_lines(path, command, THINGS, shared=global_parameters())


def test_every_parameter_is_used() -> None:
    for path, command in leaves(build()).items():
        typed = {word for line in command_lines(path, command, THINGS, shared=global_parameters()) for word in line}
        options = [each for each in command.params if each.param_type_name == "option"]
        assert {each.opts[0] for each in options if each not in global_parameters()} <= typed


def test_a_new_command_that_takes_something_unknown_asks_for_a_sample() -> None:
    def new(invoice: Annotated[str, typer.Argument()]) -> None:
        """Show it."""

    with pytest.raises(InvariantError, match="`lhwa baru new` takes 'invoice'") as raised:
        lines_of(new)
    assert "NAMED in lhwa.testing.command_lines" in raised.value.hint


def test_a_new_command_that_takes_what_is_known_needs_nothing() -> None:
    def new(
        message: str,
        role: Annotated[Role, typer.Option()],
        limit: Annotated[int, typer.Option(min=3)] = 5,
        dry_run: Annotated[bool, typer.Option("--dry-run")] = False,  # noqa: FBT002 -- typer reads this signature
    ) -> None:
        """Show it."""

    base = ("baru", "new")
    assert lines_of(new) == [
        (*base, "<message>", "--role", "owner"),
        (*base, "<wamid>", "--role", "owner"),
        (*base, "<message>", "--role", "owner", "--limit", "3"),
        (*base, "<message>", "--role", "owner", "--dry-run"),
    ]


def test_no_sample_is_for_a_parameter_that_is_gone() -> None:
    names = {
        name
        for path, command in leaves(build()).items()
        for each in command.params
        for name in (each.name, f"{path[0]} {each.name}")
    }
    assert set(NAMED) <= names
