from __future__ import annotations

import builtins
import os
import pty
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from lhwa.errors import ConfigError, UsageError
from lhwa.testing.fakes import FakeClock
from lhwa.tui.web.serving import serve
from tests.tui.web.conftest import WAIT_S, Tab, is_running, wait_until

ROOT = Path(__file__).parents[3]


def refuses(port: int = 0) -> None:
    serve(("app",), {}, port=port, clock=FakeClock(), say=lambda _text: None, terminal=None)


def test_a_port_that_is_taken_is_refused_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(UsageError, match=f"Port {port} is taken") as refused:
            refuses(port)
    assert "--port" in refused.value.hint


@pytest.mark.parametrize("library", ["textual_serve", "aiohttp"])
def test_without_the_extra_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    for name in [name for name in sys.modules if name.startswith(("lhwa.tui.web.", library))]:
        if name != "lhwa.tui.web.serving":
            monkeypatch.delitem(sys.modules, name)
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.partition(".")[0] == library:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ConfigError, match="not installed") as refused:
        refuses()
    assert "pip install 'lhwa[web]'" in refused.value.hint


class Program:
    """`serve` in a process of its own, at a terminal of its own."""

    def __init__(self) -> None:
        self._keyboard, terminal = pty.openpty()
        words = [sys.executable, "-m", "tests.tui.web.serving_program"]
        self._process = subprocess.Popen(words, stdin=terminal, stderr=subprocess.PIPE, text=True, cwd=ROOT)
        os.close(terminal)
        self.pid = self._process.pid

    def next_link(self) -> str:
        """The next link that it shows."""
        assert self._process.stderr is not None
        while line := self._process.stderr.readline():
            if "#" in line:
                return line.split()[-1]
        raise AssertionError("it ended")

    def press_enter(self) -> None:
        os.write(self._keyboard, b"\n")

    def end(self, how: signal.Signals) -> int:
        """Send a signal; the exit code."""
        self._process.send_signal(how)
        return self._process.wait(WAIT_S)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stderr is not None
        self._process.stderr.close()
        os.close(self._keyboard)


@pytest.fixture
def program() -> Iterator[Program]:
    running = Program()
    yield running
    running.close()


async def _log_in(client: aiohttp.ClientSession, link: str) -> tuple[int, str]:
    url, _, word = link.partition("/login#")
    async with client.post(f"{url}/login", data=word, headers={"Origin": url}) as answer:
        return answer.status, url + await answer.text()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
async def test_the_end_of_the_server_is_the_end_of_every_inbox(program: Program, how: signal.Signals) -> None:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
        _, place = await _log_in(client, program.next_link())
        async with client.ws_connect(f"{place}ws", headers={"Origin": place.partition("/i/")[0]}) as websocket:
            pid = await Tab(websocket).pid()
            assert program.end(how) == (0 if how is signal.SIGINT else -how)
    wait_until(lambda: not is_running(pid))


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP])
def test_a_service_manager_and_a_lost_terminal_end_it_too(program: Program, how: signal.Signals) -> None:
    program.next_link()
    assert program.end(how) == 0


async def test_enter_shows_a_new_link_and_makes_the_old_one_void(program: Program) -> None:
    old = program.next_link()
    program.press_enter()
    new = program.next_link()
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
        assert (await _log_in(client, old))[0] == 403
        assert (await _log_in(client, new))[0] == 200
