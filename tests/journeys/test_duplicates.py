"""Meta sends again, re-batches and sends to two connections at once: everything is applied once."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

ROUNDS = 20


def _at_once(*acts: Callable[[], int]) -> list[int]:
    """Do all of this at the same instant, each on a connection of its own."""
    gate = threading.Barrier(len(acts))
    answers: list[int] = []

    def act(one: Callable[[], int]) -> None:
        gate.wait()
        answers.append(one())

    threads = [threading.Thread(target=act, args=(one,)) for one in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def _audit_of(place: Any, text: str) -> Counter[str]:
    [message] = [each for each in place.messages() if each["text"] == text]
    entries = place.data("audit", "log", "--target", f"message:{message['id']}")
    return Counter(entry["action"] for entry in entries)


def test_the_same_body_twice(shared: Any, daemon: Any) -> None:
    dups = daemon.metric('lhwa_webhook_requests_total{result="dup"}')
    body = shared.text("dua kali")
    assert [daemon.post(body), daemon.post(body)] == [200, 200]
    daemon.settle()
    assert shared.texts().count("dua kali") == 1
    daemon.shows('lhwa_webhook_requests_total{result="dup"}', least=dups + 1, most=dups + 1)
    assert _audit_of(shared, "dua kali")["message.recorded"] == 1


def test_the_same_message_in_other_bytes(shared: Any, daemon: Any) -> None:
    message, other = shared.message("lain bentuk"), shared.message("teman sebatch")
    for body in (
        json.dumps(shared.envelope(shared.value(message))).encode(),
        json.dumps(shared.envelope(shared.value(message)), indent=2).encode(),
        json.dumps(shared.envelope(shared.value(other, message))).encode(),
        json.dumps(shared.envelope(shared.value(message, message))).encode(),
    ):
        assert daemon.post(body) == 200
    daemon.settle()
    assert shared.texts().count("lain bentuk") == 1
    assert shared.texts().count("teman sebatch") == 1
    assert _audit_of(shared, "lain bentuk")["message.recorded"] == 1


def test_the_first_text_under_an_id_holds(shared: Any, daemon: Any) -> None:
    assert daemon.post(shared.text("yang pertama", wamid="wamid.SATU")) == 200
    daemon.settle()
    assert daemon.post(shared.text("yang kedua", wamid="wamid.SATU")) == 200
    daemon.settle()
    assert "yang pertama" in shared.texts()
    assert "yang kedua" not in shared.texts()


def test_two_connections_at_the_same_instant(shared: Any, daemon: Any) -> None:
    names = [f"serentak {nth:02}" for nth in range(ROUNDS)]
    for name in names:
        body = shared.text(name)
        spaced = json.dumps(body, indent=1).encode()
        answers = _at_once(*[lambda sent=sent: daemon.post(sent) for sent in (body, body, spaced)])
        assert answers == [200, 200, 200]
    daemon.settle()
    assert [text for text in shared.texts() if text.startswith("serentak")] == names
    assert shared.data("audit", "verify")["ok"] is True


def test_the_same_id_in_two_firms_is_two_messages(shared: Any, daemon: Any) -> None:
    for firm in shared.firms:
        assert daemon.post(shared.text(f"id bersama di {firm}", wamid="wamid.BERSAMA", firm=firm)) == 200
    daemon.settle()
    assert "id bersama di firma" in shared.texts()
    assert "id bersama di lain" in shared.texts("lain")
    assert "id bersama di lain" not in shared.texts()


def test_after_a_restart_and_after_a_replay(place: Any) -> None:
    body = place.text("sebelum dan sesudah")
    first = place.serve()
    assert first.post(body) == 200
    first.settle()
    first.stop()
    second = place.serve()
    assert [second.post(body), second.post(json.dumps(body, indent=2).encode())] == [200, 200]
    second.settle()
    assert place.data("events", "replay", "--all")["requests"] == 2
    second.settle()
    assert place.texts() == ["sebelum dan sesudah"]
    assert _audit_of(place, "sebelum dan sesudah")["message.recorded"] == 1
    second.stop()
