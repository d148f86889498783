"""Signals at any moment: what was answered 200 is there afterwards, exactly once, and nothing stays locked."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections import Counter
from typing import Any

import httpx
import pytest

CLIENTS = 8
HOWS = [("SIGTERM", signal.SIGTERM), ("Ctrl-C", signal.SIGINT), ("SIGKILL", signal.SIGKILL)]


class Load:
    """Several clients that send new texts until the daemon is gone; remembers what was answered 200."""

    def __init__(self, daemon: Any, place: Any, name: str) -> None:
        self.daemon, self.place, self.name = daemon, place, name
        self.taken: list[str] = []
        self.answers: Counter[int] = Counter()
        self.threads = [threading.Thread(target=self._send, args=(nth,)) for nth in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def _send(self, client: int) -> None:
        for nth in range(100_000):
            text = f"{self.name} {client} {nth}"
            try:
                status = self.daemon.post(self.place.text(text))
            except httpx.HTTPError:
                return
            self.answers[status] += 1
            if status == 200:
                self.taken.append(text)

    def join(self) -> None:
        for thread in self.threads:
            thread.join(30)
            assert not thread.is_alive()


@pytest.mark.parametrize(("label", "how"), HOWS, ids=[case[0] for case in HOWS])
def test_what_was_answered_is_there_after_a_restart_exactly_once(place: Any, label: str, how: int) -> None:
    moments = random.Random(label)
    taken: list[str] = []
    for nth in range(3):
        daemon = place.serve()
        load = Load(daemon, place, f"{label} {nth}")
        time.sleep(moments.uniform(0.02, 0.5))
        if how == signal.SIGKILL:
            daemon.process.kill()
            daemon.process.wait()
        else:
            daemon.process.send_signal(how)
            assert daemon.process.wait(10) == 0, daemon.said()
        load.join()
        assert set(load.answers) <= {200, 503}
        assert b"Traceback" not in daemon.log_file.read_bytes()
        taken += load.taken
    last = place.serve()
    last.settle()
    found = Counter(place.texts())
    assert [text for text in taken if found[text] != 1] == []
    assert [text for text, times in found.items() if times != 1] == []
    assert place.data("audit", "verify")["ok"] is True
    last.stop()


def test_a_signal_during_the_start_stops_it_too(place: Any) -> None:
    moments = random.Random(7)
    codes = set()
    for _ in range(6):
        daemon = place.start()
        time.sleep(moments.uniform(0.0, 0.6))
        daemon.process.send_signal(signal.SIGTERM)
        codes.add(daemon.process.wait(10))
        assert "Traceback" not in daemon.said()
    assert codes <= {0, -signal.SIGTERM}
    place.serve().stop()


def test_a_second_signal_does_not_cut_the_first_short(place: Any) -> None:
    daemon = place.serve()
    load = Load(daemon, place, "dua sinyal")
    time.sleep(0.2)
    for how in (signal.SIGTERM, signal.SIGTERM, signal.SIGINT):
        daemon.process.send_signal(how)
        time.sleep(0.005)
    assert daemon.process.wait(10) == 0, daemon.said()
    load.join()
    assert daemon.lines("daemon_stopped") != []
    again = place.serve()
    again.settle()
    assert sorted(load.taken) == place.texts()
    again.stop()


def test_a_request_in_flight_gets_its_answer(place: Any) -> None:
    daemon = place.serve()
    body = httpx.Request("POST", "http://x", json=place.text("sedang dikirim")).content
    sent_half = threading.Event()

    def slowly() -> Any:
        yield body[: len(body) // 2]
        sent_half.set()
        time.sleep(0.5)
        yield body[len(body) // 2 :]

    answers: list[int] = []

    def send() -> None:
        headers = {"X-Hub-Signature-256": daemon.sign(body), "Content-Length": str(len(body))}
        url = daemon.webhook + "/webhooks/whatsapp"
        with httpx.Client(trust_env=False) as client:
            answers.append(client.post(url, content=slowly(), headers=headers).status_code)

    thread = threading.Thread(target=send)
    thread.start()
    assert sent_half.wait(5)
    time.sleep(0.1)
    daemon.process.send_signal(signal.SIGTERM)
    thread.join(10)
    assert daemon.process.wait(10) == 0
    assert answers == [200]
    again = place.serve()
    again.settle()
    assert place.texts() == ["sedang dikirim"]
    again.stop()


def test_clients_that_hang_cannot_hold_it(place: Any) -> None:
    daemon = place.serve()
    host, _, port = daemon.webhook.removeprefix("http://").partition(":")
    import socket  # noqa: PLC0415 -- only here

    hanging = [socket.create_connection((host, int(port))) for _ in range(20)]
    for nth, one in enumerate(hanging):
        one.sendall(b"POST /webhooks/whatsapp HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n" if nth % 2 else b"")
    daemon.stop()
    for one in hanging:
        one.close()


def test_one_home_has_one_daemon(place: Any) -> None:
    first = place.serve()
    second = place.start()
    assert second.wait() == 5
    assert f"process {first.process.pid}" in second.said()
    assert first.post(place.text("yang pertama masih melayani")) == 200
    first.settle()
    assert place.texts() == ["yang pertama masih melayani"]
    first.stop()
    assert (place.home / "serve.lock").read_bytes() == b""
    place.serve().stop()


def test_a_killed_daemon_leaves_nothing_that_stops_the_next(place: Any) -> None:
    first = place.serve()
    assert first.post(place.text("sebelum listrik padam")) == 200
    first.kill()
    assert place.data("status")["running"] is False
    started = time.monotonic()
    second = place.serve()
    assert time.monotonic() - started < 5
    second.settle()
    assert place.texts() == ["sebelum listrik padam"]
    second.stop()


def test_looking_at_the_lock_keeps_no_daemon_from_starting(place: Any) -> None:
    stop = threading.Event()

    def look() -> None:
        from lhwa.daemon.lock import running_daemon  # noqa: PLC0415 -- only here

        while not stop.is_set():
            running_daemon(place.home / "serve.lock")

    lookers = [threading.Thread(target=look) for _ in range(2)]
    (place.home / "serve.lock").touch(mode=0o600)
    for looker in lookers:
        looker.start()
    try:
        place.serve().stop()
    finally:
        stop.set()
        for looker in lookers:
            looker.join()
