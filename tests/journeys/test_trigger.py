"""`lhwa trigger` against the daemon: every kind ends somewhere, the counts add up, and `messages why` shows the way."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from lhwa.testing.webhooks import KINDS, BusinessNumber, Client, build, encode

AT = datetime(2026, 11, 22, 3, tzinfo=UTC)
TEXT_PATH = "entry.0.changes.0.value.messages.0.text.body"


def _sent(place: Any, *words: str) -> dict[str, Any]:
    sent: dict[str, Any] = place.data("trigger", *words)
    assert set(sent["answers"]) == {"200"}
    return sent


def test_a_changed_text_arrives_changed(shared: Any, daemon: Any) -> None:
    _sent(shared, "text", "--set", f"{TEXT_PATH}=Selamat siang dari uji")
    daemon.settle()
    assert "Selamat siang dari uji" in shared.texts()


def test_several_changes_all_hold(shared: Any) -> None:
    wamid = "entry.0.changes.0.value.messages.0.id=wamid.DUA"
    body = shared.data("trigger", "text", "--dry-run", "--set", f"{TEXT_PATH}=dua ubahan", "--set", wamid)
    [message] = json.loads(body["body"])["entry"][0]["changes"][0]["value"]["messages"]
    assert (message["id"], message["text"]["body"]) == ("wamid.DUA", "dua ubahan")


def test_a_path_that_does_not_exist_is_refused_before_anything_is_sent(shared: Any, daemon: Any) -> None:
    before = daemon.metric('lhwa_webhook_requests_total{result="ok"}')
    for change in ("entry.0.nowhere=1", "no value", "entry.9=1"):
        assert shared.run("trigger", "text", "--set", change, "-t", "firma").returncode == 2
    assert daemon.metric('lhwa_webhook_requests_total{result="ok"}') == before


def test_many_are_many_and_doubled_ones_are_not(shared: Any, daemon: Any) -> None:
    before = len(shared.messages())
    assert _sent(shared, "text", "--count", "20", "--duplicate", "--shuffle", "--seed", "11")["sent"] == 40
    daemon.settle()
    assert len(shared.messages()) == before + 20
    daemon.shows('lhwa_webhook_requests_total{result="dup"}', least=20)


def test_a_url_can_be_named(shared: Any, daemon: Any) -> None:
    _sent(shared, "document", "--to", f"{daemon.webhook}/webhooks/whatsapp/main")
    wrong = shared.run("trigger", "text", "--to", f"{daemon.webhook}/webhooks/whatsapp/other", "-t", "firma")
    assert (wrong.returncode, "403" in wrong.stderr) == (1, True)
    nobody = shared.run("trigger", "text", "--to", "http://127.0.0.1:9/", "-t", "firma")
    assert nobody.returncode == 3
    assert shared.run("trigger", "text", "--to", "not a url", "-t", "firma").returncode in (2, 3)


def test_it_speaks_for_the_firm_that_is_named(shared: Any, daemon: Any) -> None:
    shared.data("trigger", "text", "--set", f"{TEXT_PATH}=hanya untuk lain", firm="lain")
    daemon.settle()
    assert "hanya untuk lain" in shared.texts("lain")
    assert "hanya untuk lain" not in shared.texts()


def test_without_a_daemon_it_says_so(place: Any) -> None:
    done = place.run("trigger", "text", "-t", "firma")
    assert done.returncode == 3
    assert "lhwa serve" in done.stderr
    assert place.data("trigger", "text", "--dry-run")["signature"].startswith("sha256=")


IGNORED = ("other_object", "empty")
"""Stored and never opened: they belong to nobody."""
OF_SEVERAL = {
    "batch": Counter(message=9, poison=1),
    "history": Counter(message=3, platform=1),
    "text_handed_over": Counter(message=1, platform=1),
}


def _totals(place: Any) -> Counter[str]:
    actions = Counter(entry["action"] for entry in place.data("audit", "log", "--start", "0", "--limit", "1000000"))
    status = place.data("status")
    assert actions["message.recorded"] == status["messages"]
    assert actions["status.parked"] == status["queues"]["statuses"]["parked"]
    return Counter(
        message=status["messages"],
        status=actions["status.recorded"] + actions["status.parked"],
        platform=actions["platform.recorded"],
        poison=status["queues"]["deadLetters"]["open"],
    )


def _expected() -> Counter[str]:
    total: Counter[str] = Counter()
    for kind in KINDS.values():
        if kind.name not in IGNORED:
            total += OF_SEVERAL.get(kind.name, Counter({kind.gives: 1}))
    return total


def test_every_kind_ends_where_its_description_says(place: Any) -> None:
    daemon = place.serve()
    number = BusinessNumber(
        phone_number_id=place.numbers["firma"], display_phone_number="622150001234", waba_id=place.wabas["firma"]
    )
    client = Client(name="Contoh", wa_id="6281230001111", bsuid="ID.88001122334455")
    for seq, kind in enumerate(KINDS, start=1):
        body = encode(build(kind, number=number, client=client, seq=seq, at=AT))
        assert [daemon.post(body), daemon.post(body)] == [200, 200]
    daemon.settle()
    place.eventually(lambda: place.data("status")["queues"]["jobs"] == {"waiting": 0, "running": 0})
    assert _totals(place) == _expected()
    daemon.shows('lhwa_webhook_requests_total{result="ignored"}', least=len(IGNORED), most=len(IGNORED))
    daemon.shows('lhwa_webhook_requests_total{result="dup"}', least=len(KINDS), most=len(KINDS))
    place.data("events", "replay", "--all")
    daemon.settle()
    assert _totals(place) == _expected()
    assert place.data("audit", "verify")["ok"] is True
    of_each_type = {message["messageType"]: message["id"] for message in place.messages()}
    assert len(of_each_type) >= 16
    for message in of_each_type.values():
        for command in ("show", "why"):
            assert place.run("messages", command, message, "-t", "firma").returncode == 0
    daemon.stop()


def test_why_leads_from_the_raw_bytes_to_the_records(shared: Any, daemon: Any) -> None:
    body = json.dumps(shared.text("mengapa begini", wamid="wamid.MENGAPA")).encode()
    assert daemon.post(body) == 200
    daemon.settle()
    found = shared.data("messages", "why", "wamid.MENGAPA")
    assert found["detail"]["message"]["text"] == "mengapa begini"
    [raw] = found["raw"]
    assert (raw["state"], raw["bodyBytes"], raw["app"]) == ("done", len(body), "main")
    assert raw["request"]["eventId"] == found["detail"]["rawEvent"]
    assert [event["what"] for event in found["events"]] == ["MessageReceived"]
    numbers = {entry["seq"] for entry in shared.data("audit", "log", "--start", "0", "--limit", "100000")}
    assert {step["number"] for step in found["audit"]} <= numbers
    assert "message.recorded" in [step["what"] for step in found["audit"]]
    shown = shared.ok("messages", "why", "wamid.MENGAPA", "-t", "firma")
    for part in ("Raw bytes", "Normalised and stored", "Events and audit records", raw["request"]["eventId"]):
        assert part in shown
    assert shared.data("messages", "why", found["detail"]["message"]["id"])["detail"] == found["detail"]


def test_why_knows_statuses_of_a_message_that_is_not_ours(shared: Any, daemon: Any) -> None:
    wamid = "wamid.BUKAN.PUNYA.KITA"
    _sent(shared, "status_read", "--set", f"entry.0.changes.0.value.statuses.0.id={wamid}")
    daemon.settle()
    found = shared.data("messages", "why", wamid)
    assert [fact["status"] for fact in found["statuses"]] == ["read"]
    assert len(found["raw"]) == 1
    assert "Status facts of an unknown message" in shared.ok("messages", "why", wamid, "-t", "firma")
