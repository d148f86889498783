"""The load generator's process: prebuilt requests over keep-alive connections, one in flight on each, no library.

It is told what to do by one JSON line on stdin, says when its requests are built, begins at the line `go`, and
answers with one JSON line; the times of every request go to a file. When stdin closes it ends: nobody is left behind.

Invariant: at a fixed rate a latency counts from when the request was due, not from when there was a free connection.
"""

from __future__ import annotations

import gc
import json
import select
import socket
import sys
import time
from array import array
from collections import Counter
from pathlib import Path
from typing import Any

from scripts.benchmarks.webhooks import Traffic, requests

OVERTIME_S = 10.0
"""Requests still in flight at the end may take this long."""
_OK = b"HTTP/1.1 200"


class Connection:
    """One keep-alive connection: which request it carries, and what came of the answer so far."""

    __slots__ = ("fd", "index", "part", "socket")

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.fd = self.socket.fileno()
        self.index = -1
        self.part = b""


class Client:
    """One run. `due_ns` of a request is when it was sent, or at a fixed rate when it should have been."""

    def __init__(self, requests: list[bytes], *, port: int, connections: int) -> None:
        self.requests = requests
        self.port = port
        self.due_ns = array("q", bytes(8 * len(requests)))
        self.answered_ns = array("q", bytes(8 * len(requests)))
        self.statuses: Counter[str] = Counter()
        self.lost = 0
        self.gone = False
        """Nobody listens any more: the run is over."""
        self.next = 0
        self._lengths: dict[bytes, int] = {}
        self._poll = select.epoll()
        self._of: dict[int, Connection] = {}
        self.idle: list[Connection] = [self._connect() for _ in range(connections)]

    def closed_loop(self, *, until_ns: int) -> None:
        """Each connection sends its next request as soon as it has its answer."""
        while self.idle and self.next < len(self.requests):
            self._send(self.idle.pop())
        while len(self.idle) < len(self._of) and not self.gone:
            more = time.perf_counter_ns() < until_ns
            if not more and time.perf_counter_ns() > until_ns + OVERTIME_S * 1e9:
                return
            for connection in self._answers(0.5):
                if more and self.next < len(self.requests):
                    self._send(connection)
                else:
                    self.idle.append(connection)

    def open_loop(self, *, rate: float, start_ns: int) -> None:
        """Every request has its own time; when no connection is free then, it waits and the wait counts."""
        total, step_ns = len(self.requests), 1e9 / rate
        end_ns = start_ns + int(total * step_ns + OVERTIME_S * 1e9)
        while self.next < total or len(self.idle) < len(self._of):
            now_ns = time.perf_counter_ns()
            if now_ns > end_ns or self.gone:
                return
            while self.idle and self.next < total and start_ns + self.next * step_ns <= now_ns:
                self._send(self.idle.pop(), due_ns=int(start_ns + self.next * step_ns))
            wait_s = 0.2
            if self.next < total and self.idle:
                wait_s = max((start_ns + self.next * step_ns - time.perf_counter_ns()) / 1e9, 0.0)
            # epoll counts in milliseconds, select in microseconds.
            select.select([self._poll.fileno()], (), (), min(wait_s, 0.2))
            self.idle.extend(self._answers(0))

    def _send(self, connection: Connection, *, due_ns: int = 0) -> None:
        index = connection.index = self.next
        self.next += 1
        request = self.requests[index]
        self.due_ns[index] = due_ns or time.perf_counter_ns()
        try:
            sent = connection.socket.send(request)
        except OSError:
            return  # the answer will not come either; reading tells
        if sent != len(request):
            raise RuntimeError("A request did not fit into an idle connection's buffer.")

    def _answers(self, wait_s: float) -> list[Connection]:
        """The connections whose answer is complete."""
        done = []
        for fd, _ in self._poll.poll(wait_s):
            connection = self._of[fd]
            try:
                got = connection.socket.recv(65_536)
            except BlockingIOError:
                continue
            except OSError:
                got = b""
            if not got:
                done += self._replaced(connection)
                continue
            if connection.part:
                got = connection.part + got
            if self._is_whole(got):
                self._note(connection, got)
                done.append(connection)
            else:
                connection.part = got
        return done

    def _is_whole(self, got: bytes) -> bool:
        end = got.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = got[:end]
        length = self._lengths.get(head)
        if length is None:
            length = self._lengths[head] = content_length(head)
        return len(got) >= end + 4 + length

    def _note(self, connection: Connection, got: bytes) -> None:
        if got.startswith(_OK):
            self.answered_ns[connection.index] = time.perf_counter_ns()
        else:
            self.statuses[got[9:12].decode("latin-1")] += 1
        connection.part = b""
        connection.index = -1

    def _connect(self) -> Connection:
        connection = Connection(self.port)
        self._poll.register(connection.fd, select.EPOLLIN)
        self._of[connection.fd] = connection
        return connection

    def _replaced(self, connection: Connection) -> list[Connection]:
        """A new connection in the place of one that the other side closed; its request stays unanswered."""
        if connection.index >= 0:
            self.lost += 1
        else:
            self.idle.remove(connection)
        self._poll.unregister(connection.fd)
        del self._of[connection.fd]
        connection.socket.close()
        try:
            return [self._connect()]
        except OSError:
            self.gone = True
            return []


def content_length(head: bytes) -> int:
    """How many bytes follow a head; 0 when it does not say."""
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def main() -> None:
    """Build, wait for `go`, run, tell."""
    plan: dict[str, Any] = json.loads(sys.stdin.readline())
    traffic = Traffic(**plan["traffic"])
    client_requests = requests(traffic, plan["first"], plan["requests"])
    # Hundreds of thousands of live objects: a collection in the middle of a run would be a pause of our own.
    gc.collect()
    gc.freeze()
    gc.disable()
    print(json.dumps({"built": len(client_requests)}), flush=True)
    if sys.stdin.readline().strip() != "go":
        return
    client = Client(client_requests, port=plan["port"], connections=plan["connections"])
    cpu_s, start_ns = time.process_time(), time.perf_counter_ns()
    wall_ns = time.time_ns() - time.perf_counter_ns()
    if plan["rate"]:
        client.open_loop(rate=plan["rate"], start_ns=start_ns)
    else:
        client.closed_loop(until_ns=start_ns + int((plan["warm_up_s"] + plan["duration_s"]) * 1e9))
    elapsed_s = (time.perf_counter_ns() - start_ns) / 1e9
    with Path(plan["times"]).open("wb") as file:
        client.due_ns[: client.next].tofile(file)
        client.answered_ns[: client.next].tofile(file)
    told = {
        "sent": client.next,
        "statuses": dict(client.statuses),
        "lost": client.lost,
        "start_ns": start_ns,
        "wall_ns": wall_ns,
        "elapsed_s": elapsed_s,
        "cpu_s": time.process_time() - cpu_s,
    }
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
