"""`lhwa hold`: what it shows, and which kinds it takes."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
Data = Callable[..., Any]
CLIENT = "+6281230001111"
WHY = "Perselisihan honorarium"


@pytest.fixture
def held(office: Run, role: Any) -> dict[str, str]:
    """A lawyer put a hold on the client; the environment in which they act."""
    env: dict[str, str] = role("lawyer")
    assert office("hold", "add", CLIENT, "--reason", WHY, env=env).returncode == 0
    return env


@pytest.mark.usefixtures("held")
def test_the_list_says_why_and_who_by_name(office: Run, data: Data) -> None:
    [hold] = data("hold", "list")
    assert (hold["kind"], hold["operator"], hold["reason"]) == ("outbound_hold", "contoh-lawyer", WHY)
    assert hold["source"] == "operator:contoh-lawyer"
    assert office("operator", "list").stdout.count("contoh-lawyer") >= 1
    shown = office("hold", "list").stdout
    assert WHY in shown
    assert "operator:" not in shown
    assert "sari" not in shown


def test_a_person_is_shown_by_name(office: Run) -> None:
    office("hold", "add", CLIENT, "--reason", WHY)
    assert "Sari Contoh" in office("hold", "list").stdout


@pytest.mark.usefixtures("held")
def test_a_role_that_reads_no_content_sees_no_reason(data: Data, role: Any) -> None:
    [hold] = data("hold", "list", env=role("finance"))
    assert "reason" not in hold
    assert "contact" not in hold


@pytest.mark.usefixtures("held")
def test_a_kind_is_released_that_can_be_and_only_people_kinds_are_added(office: Run) -> None:
    assert office("hold", "release", CLIENT, "--reason", "selesai").returncode == 0
    assert office("hold", "release", CLIENT, "--kind", "identity_changed", "--reason", "x").returncode == 5
    for kind in ("identity_changed", "marketing_stop", "lain"):
        done = office("hold", "add", CLIENT, "--kind", kind, "--reason", "x")
        assert done.returncode == 2, kind
