"""`serve`: the inbox in a browser, from the terminal's side: the port, the links, Enter and Ctrl-C."""

# ruff: noqa: PLC0415 -- the libraries of the extra are imported when somebody wants a browser

from __future__ import annotations

import asyncio
import errno
import os
import signal
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from lhwa.errors import ConfigError, LhwaError, UsageError
from lhwa.ports.clock import Clock
from lhwa.tui.web.limits import WebLimits

if TYPE_CHECKING:
    from lhwa.tui.web.server import WebInbox

LOOPBACK = "127.0.0.1"
_LIBRARIES = ("aiohttp", "textual_serve")
_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_TERMINAL_BUSY_S = 0.5


def serve(
    command: Sequence[str],
    environ: Mapping[str, str],
    *,
    port: int,
    clock: Clock,
    say: Callable[[str], None],
    terminal: TextIO | None,
    limits: WebLimits | None = None,
) -> None:
    """Serve an app to browsers on this machine until Ctrl-C, SIGTERM or SIGHUP; no process of it is left then.

    Args:
        command: what each tab runs, as for exec; everybody on the machine can read it, so it holds no secret.
        environ: the environment of the app.
        port: 0: any.
        say: shows one sentence to the person at the terminal. It is given login links: never a log.
        terminal: where Enter asks for a new link; None when nobody sits there.
    Raises: ConfigError when textual-serve is not installed; UsageError when the port cannot be had.
    """
    try:
        from lhwa.tui.web.child import App
        from lhwa.tui.web.server import WebInbox
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in _LIBRARIES:
            raise
        raise ConfigError(
            "The inbox in a browser needs textual-serve, which is not installed.",
            hint="Install the extra: `scripts/bootstrap web`, or pip install 'lhwa[web]'. `lhwa inbox` needs neither.",
        ) from None
    with _listen(port) as listening:
        app = App(tuple(command), dict(environ))
        limits = limits or WebLimits()
        inbox = WebInbox(app, listening, clock=clock, limits=limits, say=say)

        def show_link() -> None:
            say(f"Open the inbox: {inbox.new_link()}")
            say(f"The link works once, for {limits.link_s / 60:g} minutes. Press Enter for a new one, Ctrl-C to end.")

        with asyncio.Runner() as runner:
            runner.run(_serve(inbox, say, show_link, terminal))


async def _serve(
    inbox: WebInbox, say: Callable[[str], None], show_link: Callable[[], None], terminal: TextIO | None
) -> None:
    ended = asyncio.Event()
    for ending in _ENDINGS:
        asyncio.get_running_loop().add_signal_handler(ending, ended.set)
    async with inbox:
        show_link()
        if terminal is not None:
            _on_enter(terminal.fileno(), show_link)
        await ended.wait()
        say("Ending the inboxes ...")


def _on_enter(terminal: int, act: Callable[[], None]) -> None:
    """Act once for whatever is typed, until the terminal is gone. Raises nothing: without it there is no new link."""
    loop = asyncio.get_running_loop()

    def read() -> None:
        try:
            typed = os.read(terminal, 4_096)
        except OSError:
            # In the background the terminal is somebody else's: look again later.
            loop.remove_reader(terminal)
            loop.call_later(_TERMINAL_BUSY_S, watch)
            return
        if not typed:
            loop.remove_reader(terminal)
        elif b"\n" in typed:
            act()

    def watch() -> None:
        with suppress(OSError):  # a file cannot be waited for
            loop.add_reader(terminal, read)

    signal.signal(signal.SIGTTIN, signal.SIG_IGN)  # then reading in the background fails, and does not stop us
    watch()


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((LOOPBACK, port))
    except OSError as error:
        raise _why(error, port) from None


def _why(error: OSError, port: int) -> LhwaError:
    if error.errno == errno.EADDRINUSE:
        return UsageError(f"Port {port} is taken.", hint="Stop the other program, or choose another port: --port.")
    if error.errno == errno.EACCES:
        return UsageError(f"Port {port} may not be opened.", hint="Choose a port above 1023: --port.")
    return UsageError(f"Port {port} cannot be opened.", hint="Choose another port: --port.")
