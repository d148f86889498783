"""What the admin listener says, from the first moment to the last."""

from __future__ import annotations

import re
import signal
import socket
import time
from typing import Any

import httpx
import pytest

NAMES = {
    "lhwa_webhook_requests_total",
    "lhwa_webhook_ack_duration_seconds",
    "lhwa_queue_depth",
    "lhwa_queue_oldest_age_seconds",
    "lhwa_jobs_total",
    "lhwa_dead_letters_total",
    "lhwa_db_busy_total",
    "lhwa_fsync_duration_seconds",
    "lhwa_open_databases",
    "lhwa_disk_free_bytes",
    "lhwa_build_info",
}
"""Names that dashboards of operators rely on."""
UNITS = ("_seconds", "_bytes", "_total", "_info", "_depth", "_connections", "_databases", "_duration_seconds")


def test_alive_and_ready(daemon: Any) -> None:
    assert daemon.client.get(daemon.admin + "/healthz").json() == {"status": "ok"}
    ready = daemon.ready()
    assert ready.status_code == 200
    assert ready.json()["ready"] is True


def test_the_metrics_have_the_promised_names_and_no_firm_in_them(shared: Any, daemon: Any) -> None:
    broken = shared.message("rusak")
    del broken["id"]
    for body in (shared.text("satu"), shared.envelope(shared.value(broken))):
        assert daemon.post(body) == 200
    daemon.settle()
    answer = daemon.client.get(daemon.admin + "/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    found = set(re.findall(r"^# TYPE (\S+) \S+$", answer.text, re.MULTILINE))
    assert found >= NAMES
    assert [name for name in found if not name.removesuffix("_created").endswith(UNITS)] == []
    for secret in ("firma", "lain", "301301301301301", "6281230001111"):
        assert secret not in answer.text
    assert daemon.metric('lhwa_queue_depth{queue="spool",state="done"}') >= 2
    daemon.shows("lhwa_open_databases", least=1)
    daemon.shows('lhwa_dead_letters_total{kind="element"}', least=1)


@pytest.mark.parametrize("path", ["/webhooks/whatsapp", "/", "/metrics/x"])
def test_the_admin_listener_serves_nothing_else(daemon: Any, path: str) -> None:
    assert daemon.client.get(daemon.admin + path).status_code == 404


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/"])
def test_the_public_listener_shows_nothing_of_it(daemon: Any, path: str) -> None:
    assert daemon.client.get(daemon.webhook + path).status_code == 404


def test_the_handshake(daemon: Any) -> None:
    def ask(token: str) -> httpx.Response:
        query = f"hub.mode=subscribe&hub.verify_token={token}&hub.challenge=1158201444"
        answer: httpx.Response = daemon.client.get(f"{daemon.webhook}/webhooks/whatsapp?{query}")
        return answer

    assert (ask("verify-me").status_code, ask("verify-me").text) == (200, "1158201444")
    assert ask("verify-you").status_code == 403


def test_status_asks_the_listener_itself_and_no_proxy(shared: Any, daemon: Any) -> None:
    proxies = {
        "http_proxy": "http://127.0.0.1:9",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "all_proxy": "http://127.0.0.1:9",
    }
    [worker] = shared.data("status", env=proxies)["workers"]
    assert worker["ready"] is True


def test_not_ready_while_it_stops(place: Any) -> None:
    daemon = place.serve()
    host, _, port = daemon.webhook.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as slow:
        slow.sendall(b"POST /webhooks/whatsapp HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n")
        slow.sendall(b"X-Hub-Signature-256: sha256=" + b"0" * 64 + b"\r\n\r\n12345")
        time.sleep(0.2)
        daemon.process.send_signal(signal.SIGTERM)
        answer = place.eventually(lambda: daemon.ready() if daemon.ready().status_code != 200 else None, within_s=2)
        assert answer.status_code == 503
        assert answer.json() == answer.json() | {"ready": False, "reason": "The daemon is stopping."}
        assert daemon.client.get(daemon.admin + "/healthz").status_code == 200
        with pytest.raises(httpx.ConnectError):
            httpx.post(daemon.webhook + "/webhooks/whatsapp", trust_env=False)
        slow.sendall(b"67890")
        assert slow.recv(100).startswith(b"HTTP/1.1 403")
    assert daemon.process.wait(10) == 0


def test_not_ready_without_its_spool(place: Any) -> None:
    daemon = place.serve()
    assert daemon.ready().status_code == 200
    hidden = place.home / "hidden"
    hidden.mkdir()
    files = list(place.home.glob("spool.db*"))
    for path in files:
        path.rename(hidden / path.name)
    assert daemon.post(place.text("tanpa spool")) == 503
    answer = daemon.ready()
    assert answer.status_code == 503
    assert answer.json()["reason"].startswith("spool.db was removed or replaced")
    assert daemon.client.get(daemon.admin + "/metrics").status_code == 200
    daemon.kill()
    for path in files:
        path.unlink(missing_ok=True)
        (hidden / path.name).rename(path)
    again = place.serve()
    assert again.post(place.text("dengan spool")) == 200
    again.settle()
    assert place.texts() == ["dengan spool"]
    again.stop()
