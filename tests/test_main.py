from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from lhwa.__main__ import INTERRUPTED

_INTERRUPTED_AT = """
import os, signal, sys
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "{module}":
            os.kill(os.getpid(), signal.SIGINT)
            for _ in range(1000): pass  # where Python looks for signals
        return None
sys.meta_path.insert(0, Interrupting())
from lhwa.__main__ import main
sys.argv = ["lhwa", "status"]
sys.exit(main())
"""


@pytest.mark.parametrize(
    ("module", "codes"),
    [("lhwa.cli.app", {-signal.SIGINT}), ("lhwa.cli.commands.status", {INTERRUPTED})],
    ids=["while it loads", "while it works"],
)
def test_an_interrupt_ends_it_without_a_traceback(module: str, codes: set[int]) -> None:
    program = _INTERRUPTED_AT.format(module=module)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode in codes, done.stderr
    assert "Traceback" not in done.stderr


def test_an_ignored_interrupt_stays_ignored() -> None:
    program = _INTERRUPTED_AT.format(module="lhwa.cli.app").replace('"status"', '"--version"')
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_module_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lhwa", "--version"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0
    assert done.stdout.startswith("lhwa ")
