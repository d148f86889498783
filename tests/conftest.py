"""What holds for every test, and what tests of several parts share.

Ctrl-C reaches child processes, and no example fails for being slow on a busy machine.
"""

from __future__ import annotations

import io
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from lhwa.domain.keys import TenantKeys
from lhwa.telemetry import logs
from lhwa.testing.builders import tenant_keys
from lhwa.testing.fakes import FakeClock

# A shell starts background jobs with SIGINT ignored, and children inherit that: then no Ctrl-C could be tested.
signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile(
    "lhwa", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.load_profile("lhwa")


MEMORY = Path("/dev/shm")
MEMORY_BYTES_MIN = 2 * 1024**3


def pytest_configure(config: pytest.Config) -> None:
    """Work in memory, and hand files to the workers in the order of their names.

    By itself xdist begins with those of the most tests, so that the journeys and crashes, a minute each in one test,
    come last: one worker runs them alone while the others have nothing left to do.
    """
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False
    _work_in_memory()


def _work_in_memory() -> None:
    """Temporary folders wait for no disk; the kills of `tests/crash` are on one, and so is all that TMPDIR names."""
    if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= MEMORY_BYTES_MIN:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None  # what was found out before


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def firm_keys() -> TenantKeys:
    return tenant_keys()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a firm's files lie."""
    return tmp_path / "firma"


@pytest.fixture
def said() -> Iterator[io.StringIO]:
    """All that is logged, as lines of JSON."""
    stream = io.StringIO()
    logs.configure("debug", "json", stream=stream)
    yield stream
    logs.close()
