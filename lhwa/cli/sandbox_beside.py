"""A sandbox beside the daemon, for `lhwa serve --sandbox`: a child that ends with it, however it ends."""

from __future__ import annotations

import ctypes
import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from lhwa.errors import UnavailableError, UsageError

STOP_S = 5.0
_PR_SET_PDEATHSIG = 1


@contextmanager
def sandbox_beside(home: Path, environ: Mapping[str, str], *, webhook_port: int) -> Iterator[str]:
    """Run a sandbox for this home as long as the block lasts; yields where messages are to be posted.

    Raises: UsageError without a fixed port for its webhooks; UnavailableError when it does not start.
    """
    if not webhook_port:
        raise UsageError("A sandbox has to know the webhook port.", hint="Name it: lhwa serve --sandbox --port 8080.")
    webhook = f"http://127.0.0.1:{webhook_port}/webhooks/whatsapp"
    child = subprocess.Popen(  # noqa: S603 -- our own program
        [sys.executable, "-m", "lhwa", "--json", "sandbox", "serve", "--port", "0", "--webhook", webhook],
        env={**environ, "LHWA_HOME": str(home)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for the daemon, which ends it in order
        preexec_fn=_end_with_parent,  # noqa: PLW1509 -- before any thread of ours
    )
    try:
        yield _told(child)
    finally:
        child.terminate()
        try:
            child.wait(STOP_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        if child.stdout is not None:
            child.stdout.close()


def _told(child: subprocess.Popen[bytes]) -> str:
    line = b"" if child.stdout is None else child.stdout.readline()
    try:
        return str(json.loads(line)["graphUrl"])
    except (ValueError, KeyError):
        raise UnavailableError("The sandbox did not start.", hint="Run `lhwa sandbox serve` to see why.") from None


def _end_with_parent() -> None:
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
