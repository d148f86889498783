"""`lhwa sandbox`: the commands that speak to one, against a real one in this process's neighbourhood."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import environment

Run = Callable[..., subprocess.CompletedProcess[str]]
NOWHERE = "http://127.0.0.1:9"
CLIENT = "+6281230001111"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """`lhwa sandbox serve` where there is no home; what it printed."""
    root = tmp_path_factory.mktemp("sandbox")
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "lhwa",
            "--json",
            "sandbox",
            "serve",
            "--port",
            "0",
            "--seed",
            "7",
            "--webhook",
            NOWHERE,
        ],
        env=environment(root),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        facts: dict[str, Any] = json.loads(process.stdout.readline())
        yield facts | {"folder": root}
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) in (0, -signal.SIGTERM)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_it_prints_what_it_will_use(running: dict[str, Any]) -> None:
    [account] = running["accounts"]
    assert running["seed"] == 7
    assert running["graphUrl"].startswith("http://127.0.0.1:")
    assert set(account) == {"graphUrl", "firm", "wabaId", "phoneNumberIds", "token", "webhook"}
    assert account["token"].startswith("sandbox-")


def test_it_makes_no_home(running: dict[str, Any]) -> None:
    folder: Path = running["folder"]
    assert not (folder / "home" / "registry.db").exists()


def test_a_client_writes_and_the_journal_shows_what_was_asked(running: dict[str, Any], lhwa: Run) -> None:
    url = ("--url", running["graphUrl"])
    said = json.loads(lhwa("--json", "sandbox", "say", CLIENT, "Halo", *url).stdout)
    assert said["messageId"].startswith("wamid.")
    assert json.loads(lhwa("--json", "sandbox", "journal", *url).stdout) == []
    assert "Nothing was asked" in lhwa("sandbox", "journal", *url).stderr


@pytest.mark.parametrize("contact", ["0", "bukan-nomor", ""])
def test_a_client_who_is_none_is_wrong_usage(running: dict[str, Any], lhwa: Run, contact: str) -> None:
    done = lhwa("sandbox", "say", contact, "Halo", "--url", running["graphUrl"])
    assert (done.returncode, done.stdout) == (2, "")


def test_setup_shows_no_secret_of_the_app_and_no_token_but_its_own(running: dict[str, Any], lhwa: Run) -> None:
    done = lhwa("--json", "sandbox", "setup", "--url", running["graphUrl"])
    [account] = json.loads(done.stdout)
    assert {"name", "wabaId", "numbers", "webhookUrl", "tokens"} <= set(account)
    assert "appSecret" not in account
    assert all(token.startswith("sandbox-") for token in account["tokens"])


def test_a_template_that_is_not_there_cannot_be_decided_about(running: dict[str, Any], lhwa: Run) -> None:
    for change in ("approve", "bukan"):
        done = lhwa("sandbox", "template", change, "7001002003", "--url", running["graphUrl"])
        assert (done.returncode, done.stdout) == (2, "")


LINES = [
    ("say", CLIENT, "Halo"),
    ("persona", "cooperative", "--contact", CLIENT),
    ("journal",),
    ("setup",),
    ("template", "approve", "7001002003"),
]


@pytest.mark.parametrize("words", LINES, ids=lambda words: words[0])
def test_without_a_sandbox_it_says_how_to_start_one(lhwa: Run, words: tuple[str, ...]) -> None:
    done = lhwa("sandbox", *words, "--url", NOWHERE)
    assert (done.returncode, done.stdout) == (3, "")
    assert "lhwa sandbox serve" in done.stderr


@pytest.mark.parametrize("words", LINES, ids=lambda words: words[0])
def test_it_speaks_to_this_machine_alone(lhwa: Run, words: tuple[str, ...]) -> None:
    for url in ("https://graph.facebook.com", "http://192.0.2.1:9191", "graph.facebook.com", ""):
        done = lhwa("sandbox", *words, "--url", url)
        assert (done.returncode, done.stdout) == (2, ""), url
