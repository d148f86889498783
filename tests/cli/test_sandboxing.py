"""Playing Meta for a home: whose firms, whose tokens, whose webhook, and who may."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from lhwa.cli import sandboxing
from lhwa.sandbox.accounts import SandboxAccount

Run = Callable[..., subprocess.CompletedProcess[str]]
APP_SECRET = "s3cret-of-the-meta-app-000000"
HOOK = "http://127.0.0.1:8080/webhooks/whatsapp"


@pytest.fixture
def firms(lhwa: Run) -> Run:
    """A home with two firms, one of which has a token of Meta's."""
    secrets = json.dumps({"app_secret": APP_SECRET, "verify_token": "verify-me"})
    assert lhwa("init", "--non-interactive", "--root-key", "file").returncode == 0
    assert lhwa("app", "add", "main", stdin=secrets).returncode == 0
    for nth, (firm, more, stdin) in enumerate(
        [("firma", (), ""), ("lain", ("--access-token-stdin",), "EAAreal-token")]
    ):
        facts = ("--waba", f"20030040050060{nth}", "--phone-number-id", f"30130130130130{nth}", "--app", "main")
        done = lhwa("tenant", "add", firm, "--name", f"Firma {firm}", *facts, *more, stdin=stdin)
        assert done.returncode == 0, done.stderr
    return lhwa


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[SandboxAccount]:
    """What would be served, without serving it."""
    found: list[SandboxAccount] = []

    def run(accounts: list[SandboxAccount], *, on_ready: Callable[[int], None], **_more: Any) -> None:
        found.extend(accounts)
        on_ready(9191)

    monkeypatch.setattr(sandboxing, "run_sandbox", run)
    return found


def test_it_plays_every_firm_of_the_home(firms: Run, served: list[SandboxAccount]) -> None:
    done = firms("--json", "sandbox", "serve")
    assert done.returncode == 0, done.stderr
    assert [account.name for account in served] == ["firma", "lain"]
    assert [account.waba_id for account in served] == ["200300400500600", "200300400500601"]
    assert {account.app_secret for account in served} == {APP_SECRET}
    assert {account.webhook_url for account in served} == {HOOK}


def test_a_firm_without_a_token_gets_one_and_keeps_it(firms: Run, served: list[SandboxAccount]) -> None:
    first = json.loads(firms("--json", "sandbox", "serve").stdout)["accounts"][0]["token"]
    assert first.startswith("sandbox-")
    again = json.loads(firms("--json", "sandbox", "serve").stdout)["accounts"][0]["token"]
    assert again == first == served[0].tokens[0].value
    assert "kept, sealed" in firms("tenant", "show", "-t", "firma").stdout


def test_no_link_gives_no_token(firms: Run, served: list[SandboxAccount]) -> None:
    assert firms("--json", "sandbox", "serve", "--no-link").returncode == 0
    assert served[0].tokens[0].value.startswith("sandbox-")
    assert "none" in firms("tenant", "show", "-t", "firma").stdout


def test_a_real_token_works_and_is_shown_to_nobody(firms: Run, served: list[SandboxAccount]) -> None:
    for form in ("--json", "--plain"):
        done = firms(form, "sandbox", "serve")
        assert "EAAreal" not in done.stdout + done.stderr
        assert APP_SECRET not in done.stdout + done.stderr
    assert served[1].tokens[0].value == "EAAreal-token"
    assert "EAAreal" not in repr(served)


def test_only_the_installer_may(firms: Run, served: list[SandboxAccount]) -> None:
    firms("operator", "add", "wati", "--role", "owner", "-t", "firma")
    token = firms("token", "issue", "wati", "-t", "firma").stdout.strip()
    assert firms("sandbox", "serve", env={"LHWA_TOKEN": token}).returncode == 4
    with mock.patch("os.getuid", return_value=54321):
        assert firms("sandbox", "serve").returncode == 4
    assert served == []


def test_webhooks_go_where_it_is_said(firms: Run, served: list[SandboxAccount]) -> None:
    firms("sandbox", "serve", "--webhook", "http://127.0.0.1:9/x")
    assert {account.webhook_url for account in served} == {"http://127.0.0.1:9/x"}


def test_webhooks_go_to_the_port_of_the_settings(firms: Run, served: list[SandboxAccount]) -> None:
    firms("sandbox", "serve", env={"LHWA_SERVER__PORT": "8123"})
    assert {account.webhook_url for account in served} == {"http://127.0.0.1:8123/webhooks/whatsapp"}


def test_without_a_home_it_plays_a_sample_firm(lhwa: Run, served: list[SandboxAccount]) -> None:
    assert lhwa("sandbox", "serve").returncode == 0
    assert [account.webhook_url for account in served] == [HOOK]


def test_a_home_without_a_firm_is_said(lhwa: Run, served: list[SandboxAccount]) -> None:
    assert lhwa("init", "--non-interactive", "--root-key", "file").returncode == 0
    done = lhwa("sandbox", "serve")
    assert done.returncode == 2
    assert "lhwa tenant add" in done.stderr
    assert served == []


def test_a_port_in_use_is_said(firms: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = firms("sandbox", "serve", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 2
    assert "--port 0" in done.stderr


@pytest.mark.parametrize("fault", ["tak-ada=0.1", "duplicate=2", "duplicate", "code:1=x", "code:999999=0.1"])
def test_a_fault_that_does_not_exist_is_said(lhwa: Run, fault: str) -> None:
    done = lhwa("sandbox", "serve", "--port", "0", "--fault", fault)
    assert (done.returncode, done.stdout) == (2, "")


def test_another_process_finds_it_by_the_settings(lhwa: Run) -> None:
    done = lhwa("sandbox", "journal", env={"LHWA_OUTBOUND__GRAPH_URL": "http://127.0.0.1:9"})
    assert done.returncode == 3
    assert "http://127.0.0.1:9." in done.stderr


def test_the_home_stays_as_it_is_with_no_link(firms: Run, home: Path, served: list[SandboxAccount]) -> None:
    before = (home / "registry.db").read_bytes()
    firms("sandbox", "serve", "--no-link")
    assert (home / "registry.db").read_bytes() == before
    assert served
