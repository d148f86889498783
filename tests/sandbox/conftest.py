"""A sandbox with a sample firm."""

from __future__ import annotations

import pytest

from tests.sandbox.stage import Stage


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def open_stage() -> Stage:
    """Where the client has written, so that the window is open and that webhook is gone."""
    stage = Stage()
    stage.hear()
    stage.webhooks(within_s=10)
    return stage
