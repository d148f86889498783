"""Workers: everything that waits for the file runs in one, and what goes wrong there is said and ends nothing."""

from __future__ import annotations

from textual.dom import DOMNode
from textual.message import Message
from textual.worker import Worker, WorkerState

from lhwa.errors import LhwaError


class WorkerFailed(Message):
    """Something could not be read or done, for a reason that a person can act on."""

    def __init__(self, error: LhwaError) -> None:
        super().__init__()
        self.error = error


class Working(DOMNode):
    """A widget with workers. Those of them that may fail are started with `exit_on_error=False`."""

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A refusal or a busy disk is said; anything else is a defect, and ends the inbox as one."""
        error = event.worker.error
        if event.state is not WorkerState.ERROR or error is None:
            return
        if isinstance(error, LhwaError):
            self.post_message(WorkerFailed(error))
        elif isinstance(error, Exception):
            self.app._handle_exception(error)  # noqa: SLF001 -- what textual itself does with a worker that failed
