"""The process of one inbox: started for a tab, ended with it.

textual-serve's AppService speaks to the app and for it; how the process starts and ends is ours, because it must end
whatever state it and the browser are in: asked first, then told by SIGTERM, then killed with all it started.

Invariants: no shell; the words of the command hold no secret; what the app writes to stderr is kept short and shown
only when it never drew anything, for a crash report could quote a client.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from urllib.parse import quote, urlsplit

import msgspec
from aiohttp import web
from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

from lhwa.domain.text import safe_text

DRAWS = b"__GANGLION__\n"
"""With this line Textual's web driver says that it draws from now on."""
LINES_BEFORE_MAX = 10
COMPLAINT_BYTES_MAX = 4_096
QUIT_S, TERM_S = 3.0, 1.0
KILL_S = 1.0
SCHEMES = ("https", "http")
_PR_SET_PDEATHSIG = 1

Say = Callable[[str], None]
"""Tells the person at the terminal of the server."""


@dataclass(frozen=True, slots=True)
class App:
    """What each tab runs.

    Args:
        command: program and arguments, as for exec.
        environ: its whole environment, but for what tells Textual to draw for a browser.
    """

    command: Sequence[str]
    environ: Mapping[str, str]


class Child(AppService):
    """One process of the app, between its pipes and a browser's websocket."""

    def __init__(
        self, app: App, websocket: web.WebSocketResponse, *, downloads: DownloadManager, place: str, say: Say
    ) -> None:
        super().__init__(
            app.command[0],
            write_bytes=websocket.send_bytes,
            write_str=websocket.send_str,
            close=self._close,
            download_manager=downloads,
        )
        self.place = place
        """Of the session that it belongs to."""
        self._app = app
        self._websocket = websocket
        self._say = say
        self._has_drawn = False
        self._ends_itself = False
        self._is_told_to_end = False

    async def _close(self) -> None:
        await self._websocket.close()

    def _build_environment(self, width: int = 80, height: int = 24) -> dict[str, str]:
        return {
            **self._app.environ,
            "TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver",
            "TEXTUAL_COLOR_SYSTEM": "truecolor",
            "TERM_PROGRAM": "textual",
            "TERM_PROGRAM_VERSION": version("textual-serve"),
            "COLUMNS": str(width),
            "ROWS": str(height),
        }

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        self._process = process = await asyncio.create_subprocess_exec(
            *self._app.command,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=self._build_environment(width, height),
            start_new_session=True,  # Ctrl-C is for the server, which ends its inboxes in order
            preexec_fn=_end_with_parent,
        )
        self._stdin = process.stdin
        return process

    async def run(self) -> None:
        """Carry what the app writes to the browser until the process is gone. For `start` alone."""
        process = self._process
        if process is None or process.stdout is None or process.stderr is None:
            return
        complaint = asyncio.create_task(_last_bytes(process.stderr))
        try:
            # In this order: the app blocks while nobody reads what it writes.
            await self._pass_on(process.stdout)
            self._explain(await process.wait(), await complaint)
        except Exception as error:  # noqa: BLE001 -- a task that nobody waits for: what it says may be content
            self._say(f"An inbox failed unexpectedly: {type(error).__name__}.")
        finally:
            complaint.cancel()
        with suppress(ConnectionError):
            await self.remote_close()

    async def _pass_on(self, stdout: asyncio.StreamReader) -> None:
        with suppress(asyncio.IncompleteReadError):
            for _ in range(LINES_BEFORE_MAX):
                if await stdout.readline() == DRAWS:
                    self._has_drawn = True
                    break
            while True:
                kind = await stdout.readexactly(1)
                bytes_count = int.from_bytes(await stdout.readexactly(4), "big")
                payload = await stdout.readexactly(bytes_count)
                if self._has_drawn:
                    await self._pass_one_on(kind, payload)

    async def _pass_one_on(self, kind: bytes, payload: bytes) -> None:
        try:
            if kind == b"D":
                await self.on_data(payload)
            elif kind == b"M":
                await self.on_meta(payload)
            elif kind == b"P":
                await self.on_packed(payload)
        except ConnectionError:
            # The browser is gone. What the app still writes is read and dropped, so that it can end.
            return

    def _explain(self, code: int, told: bytes) -> None:
        if self._is_told_to_end or (self._has_drawn and code == 0):
            return
        if self._has_drawn:
            self._say(f"An inbox ended unexpectedly (exit code {code}).")
        else:
            what = safe_text(told.decode("utf-8", "replace")).strip()
            self._say(f"An inbox did not start (exit code {code}). {what}".strip())

    async def on_meta(self, data: bytes) -> None:
        """Do what the app asks of the browser: end, open a page, take a file."""
        asked = msgspec.json.decode(data)
        match asked.get("type"):
            case "exit":
                self._ends_itself = True
                await self.remote_close()
            case "open_url" if urlsplit(asked["url"]).scheme in SCHEMES:
                await self._open_in_browser(asked["url"], new_tab=bool(asked["new_tab"]))
            case "deliver_file_start":
                await self._download_manager.create_download(
                    app_service=self,
                    delivery_key=asked["key"],
                    file_name=os.path.basename(asked["path"]),  # noqa: PTH119 -- a name, and no file
                    open_method="download",
                    mime_type=asked["mime_type"],
                    encoding=asked["encoding"],
                    name=asked.get("name"),
                )
                # The script of textual-serve would look for it outside the place to which the cookie is sent.
                await self._open_in_browser(f"download/{quote(asked['key'], safe='')}", new_tab=True)

    async def _open_in_browser(self, url: str, *, new_tab: bool) -> None:
        await self.remote_write_str(msgspec.json.encode(["open_url", {"url": url, "new_tab": new_tab}]).decode())

    async def type_in(self, text: str) -> None:
        """Give the app what was typed, pasted or clicked; returns when it has room for more."""
        await self.send_bytes(text.encode("utf-8", "replace"))

    async def stop(self) -> None:
        """End the process and all that it started; returns when it is gone."""
        running, self._task = self._task, None
        if running is None or self._process is None:
            return
        self._is_told_to_end = not self._ends_itself
        await self._download_manager.cancel_app_downloads(self.app_service_id)
        parts = (running, asyncio.create_task(self._process.wait()))
        with suppress(TimeoutError):
            async with asyncio.timeout(QUIT_S):
                await self.send_meta({"type": "quit"})
                await asyncio.wait(parts)
        for ending, wait_s in ((signal.SIGTERM, TERM_S), (signal.SIGKILL, KILL_S)):
            if not all(part.done() for part in parts):
                self._signal(ending)
                await asyncio.wait(parts, timeout=wait_s)
        for part in parts:
            part.cancel()
        await asyncio.wait(parts)

    def _signal(self, ending: signal.Signals) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, ending)


async def _last_bytes(stderr: asyncio.StreamReader) -> bytes:
    kept = b""
    while some := await stderr.read(COMPLAINT_BYTES_MAX):
        kept = (kept + some)[-COMPLAINT_BYTES_MAX:]
    return kept


def _parent_watcher() -> Callable[[], object]:
    """What makes the kernel kill this process when its parent dies; looked up here, not between fork and exec."""
    try:
        prctl = ctypes.CDLL(None).prctl
    except (OSError, AttributeError):
        return lambda: None
    return lambda: prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


_end_with_parent = _parent_watcher()
