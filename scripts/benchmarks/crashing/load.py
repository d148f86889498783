"""The load: clients that keep their connections and send until somebody stops them or the daemon is gone."""

from __future__ import annotations

import http.client
import random
import threading
from collections import deque

from lhwa.testing.webhooks import sign
from scripts.benchmarks.crashing.place import APP_SECRET, Daemon, Violation
from scripts.benchmarks.crashing.traffic import Journal, Maker, Request

PATH = "/webhooks/whatsapp"
CLIENTS = 6
TIMEOUT_S = 30.0


class Load:
    """Several clients at work on one daemon.

    Args:
        backlog: sent before anything new: requests whose answer was lost.
        only_backlog: end when that is done.
    """

    def __init__(
        self, daemon: Daemon, journal: Journal, *, seed: str, backlog: list[Request], only_backlog: bool = False
    ) -> None:
        self._daemon = daemon
        self._journal = journal
        self._backlog = deque(backlog)
        self._only_backlog = only_backlog
        self._ends = threading.Event()
        self.first = threading.Event()
        """Set by the first 200."""
        self.daemon_stops = False
        """From then on 503 is an answer too."""
        self.violation: BaseException | None = None
        self._threads = [threading.Thread(target=self._send, args=(f"{seed}/{nth}",)) for nth in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Let the requests under way come to their end, and send no more."""
        self._ends.set()
        self.join()

    def join(self) -> None:
        """Wait for the clients. Raises: Violation when one of them met one."""
        for thread in self._threads:
            thread.join(TIMEOUT_S + 5)
            if thread.is_alive():
                raise Violation("a client never got an answer, nor the end of its connection")
        if self.violation is not None:
            raise self.violation

    def _send(self, seed: str) -> None:
        maker = Maker(self._journal, random.Random(seed))
        connection = http.client.HTTPConnection(*self._daemon.webhook, timeout=TIMEOUT_S)
        try:
            while not self._ends.is_set():
                request = self._next(maker)
                if request is None or not self._post(connection, request):
                    return
        except BaseException as error:  # noqa: BLE001 -- raised again by `join`
            self.violation = error
        finally:
            connection.close()

    def _next(self, maker: Maker) -> Request | None:
        try:
            return self._journal.add(self._backlog.popleft())
        except IndexError:
            return None if self._only_backlog else maker.next()

    def _post(self, connection: http.client.HTTPConnection, request: Request) -> bool:
        signature = sign(request.body, b"another secret" if request.is_forged else APP_SECRET)
        headers = {"Content-Type": "application/json", "X-Hub-Signature-256": signature}
        try:
            connection.request("POST", PATH, body=request.body, headers=headers)
            answer = connection.getresponse()
        except (OSError, http.client.HTTPException):
            self._journal.note(request, None)
            return False
        # From the status line on it is a promise, whatever becomes of the rest.
        self._journal.note(request, answer.status)
        self._judge(request, answer.status)
        if answer.status == 200:
            self.first.set()
        try:
            answer.read()
        except (OSError, http.client.HTTPException):
            return False
        return answer.status != 503

    def _judge(self, request: Request, status: int) -> None:
        expected = 403 if request.is_forged else 200
        if status != expected and not (self.daemon_stops and status == 503):
            raise Violation(f"a request was answered {status} instead of {expected}")
