"""From an empty home to a message in a firm's inbox: the command lines and JSON keys that users' scripts rely on."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

SECRET = "s3cret-of-the-meta-app-000000"
TENANT_ADD = (
    'tenant add firma --name "Firma Contoh" --waba 200300400500600 --phone-number-id 301301301301301 --app main'
)
BODY = json.dumps(
    {
        "object": "whatsapp_business_account",
        "entry": [
            {
                "id": "200300400500600",
                "changes": [
                    {
                        "field": "messages",
                        "value": {
                            "messaging_product": "whatsapp",
                            "metadata": {
                                "display_phone_number": "622150001234",
                                "phone_number_id": "301301301301301",
                            },
                            "contacts": [{"profile": {"name": "Contoh Klien"}, "wa_id": "6281230001111"}],
                            "messages": [
                                {
                                    "from": "6281230001111",
                                    "id": "wamid.HBgNNjI4MTIzMDAwMTExMRUCABIYFDNB",
                                    "timestamp": "1790000000",
                                    "type": "text",
                                    "text": {"body": "Selamat siang, saya butuh bantuan."},
                                }
                            ],
                        },
                    }
                ],
            }
        ],
    }
).encode()


def _two_free_ports() -> tuple[int, int]:
    with socket.socket() as first, socket.socket() as second:
        first.bind(("127.0.0.1", 0))
        second.bind(("127.0.0.1", 0))
        return first.getsockname()[1], second.getsockname()[1]


def test_the_main_job_from_an_empty_home(tmp_path: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("LHWA_", "XDG_"))}
    environ |= {
        "HOME": str(tmp_path),
        "LHWA_HOME": str(tmp_path / "home"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }

    def lhwa(line: str, stdin: str = "") -> str:
        argv = [sys.executable, "-m", "lhwa", *shlex.split(line)]
        done = subprocess.run(argv, input=stdin, env=environ, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, (line, done.stderr)
        return done.stdout

    lhwa("init --non-interactive")
    lhwa("app add main", '{"app_secret":"s3cret-of-the-meta-app-000000","verify_token":"verify-me"}\n')
    lhwa(TENANT_ADD)
    port, admin_port = _two_free_ports()
    argv = [sys.executable, "-m", "lhwa", "serve", "--port", str(port), "--admin-port", str(admin_port)]
    with (tmp_path / "log").open("wb") as log:
        daemon = subprocess.Popen(argv, env=environ, stdout=log, stderr=log)
    try:
        with httpx.Client(trust_env=False, timeout=10) as client:
            _wait_until_ready(client, admin_port)
            assert _post(client, port).status_code == 200
            shown = _wait_for_one(lambda: json.loads(lhwa("--json messages list")))
        _check_message(shown)
        _check_proof(json.loads(lhwa("--json audit verify")))
        _check_status(json.loads(lhwa("--json status")), port=port, admin_port=admin_port, pid=daemon.pid)
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(10) == 0
    finally:
        daemon.kill()
        daemon.wait()
    assert json.loads(lhwa("--json status"))["running"] is False


def _wait_until_ready(client: httpx.Client, admin_port: int) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            if client.get(f"http://127.0.0.1:{admin_port}/readyz").status_code == 200:
                return
        except httpx.ConnectError:
            time.sleep(0.05)
    raise AssertionError("never ready")


def _post(client: httpx.Client, port: int) -> httpx.Response:
    signature = "sha256=" + hmac.new(SECRET.encode(), BODY, hashlib.sha256).hexdigest()
    return client.post(
        f"http://127.0.0.1:{port}/webhooks/whatsapp", content=BODY, headers={"X-Hub-Signature-256": signature}
    )


def _wait_for_one(look: Any) -> dict[str, Any]:
    until = time.monotonic() + 10
    while not (found := look()):
        assert time.monotonic() < until
    assert len(found) == 1
    one: dict[str, Any] = found[0]
    return one


def _check_message(shown: dict[str, Any]) -> None:
    assert {
        name: shown[name] for name in shown if name not in ("id", "senderHash", "contentRef", "conversationId")
    } == {
        "tenantId": "firma",
        "channel": "whatsapp",
        "direction": "inbound",
        "messageType": "text",
        "timestamp": "2026-09-21T14:13:20.000000Z",
        "text": "Selamat siang, saya butuh bantuan.",
        "wamid": "wamid.HBgNNjI4MTIzMDAwMTExMRUCABIYFDNB",
        "via": "messages",
        "status": None,
        "contact": "+62 812-••••-1111",
        "edited": False,
        "revoked": False,
        "unreadable": False,
    }
    assert shown["contentRef"] == f"message:{shown['id']}"
    version, _, digest = shown["senderHash"].partition(":")
    assert (version, len(bytes.fromhex(digest))) == ("v1", 32)


def _check_proof(proof: dict[str, Any]) -> None:
    assert set(proof) == {"ok", "entries", "root"}
    assert proof["ok"] is True
    assert proof["entries"] >= 3
    assert len(base64.b64decode(proof["root"], validate=True)) == 32


def _check_status(status: dict[str, Any], *, port: int, admin_port: int, pid: int) -> None:
    assert status["running"] is True
    assert [worker["pid"] for worker in status["workers"]] == [pid]
    assert status["workers"][0]["webhook"] == f"127.0.0.1:{port}"
    assert status["workers"][0]["admin"] == f"127.0.0.1:{admin_port}"
    assert status["workers"][0]["ready"] is True
    expected = {
        "requests": {"waiting": 0},
        "jobs": {"waiting": 0, "running": 0},
        "deadLetters": {"open": 0},
        "statuses": {"parked": 0},
        "unrouted": {"waiting": 0},
    }
    assert {name: status["queues"][name] for name in expected} == expected
    assert status["oldestAgeS"] is None
    assert status["lastWebhookAt"] is not None
    assert status["messages"] == 1
