"""What another process does reaches the running daemon in about a second; suspended and unknown firms lose nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

SOON_S = 1.9
"""About a second, room for a busy machine, and less than the 2 s after which the daemon looks by itself."""
NEW_NUMBER = "303303303303303"


def _soon(place: Any, text: str, *, firm: str = "firma") -> None:
    place.eventually(lambda: text in place.texts(firm), within_s=SOON_S, what=text)


def test_a_firm_that_is_added_is_served(shared: Any, daemon: Any) -> None:
    reloads = len(daemon.lines("registry_reloaded"))
    facts = ["--waba", "200300400500699", "--phone-number-id", "309309309309309", "--app", "main"]
    shared.ok("tenant", "add", "baru", "--name", "Firma Baru", *facts)
    shared.eventually(lambda: len(daemon.lines("registry_reloaded")) > reloads, within_s=SOON_S)
    assert daemon.post(shared.text("untuk firma baru", number="309309309309309")) == 200
    _soon(shared, "untuk firma baru", firm="baru")


def test_a_new_operator_changes_no_routing_and_is_no_news(shared: Any, daemon: Any) -> None:
    def reloads(level: str) -> int:
        return [line["level"] for line in daemon.lines("registry_reloaded")].count(level)

    news, silent = reloads("info"), reloads("debug")
    shared.ok("operator", "add", "wati", "--role", "staff", "-t", "firma")
    shared.eventually(lambda: reloads("debug") > silent, within_s=SOON_S)
    assert reloads("info") == news


def test_a_rotated_secret_is_taken_over_and_the_old_one_still_works(shared: Any, daemon: Any) -> None:
    new = "a-new-secret-of-the-meta-app-00"
    reloads = len(daemon.lines("registry_reloaded"))
    assert daemon.post(shared.text("kunci baru"), secret=new) == 403
    shared.ok("app", "rotate-secret", "main", stdin=json.dumps({"app_secret": new}))
    shared.eventually(lambda: len(daemon.lines("registry_reloaded")) > reloads, within_s=SOON_S)
    assert daemon.post(shared.text("kunci baru"), secret=new) == 200
    assert daemon.post(shared.text("kunci lama")) == 200
    _soon(shared, "kunci baru")
    _soon(shared, "kunci lama")
    daemon.shows('lhwa_webhook_secret_matched_total{label="previous"}', least=1)


def test_a_suspended_firm_waits_and_its_neighbour_does_not(shared: Any, daemon: Any) -> None:
    reloads = len(daemon.lines("registry_reloaded"))
    shared.ok("tenant", "suspend", "lain", "--reason", "nomor dipindah")
    shared.eventually(lambda: len(daemon.lines("registry_reloaded")) > reloads, within_s=SOON_S)
    assert daemon.post(shared.text("selama ditangguhkan", firm="lain")) == 200
    assert daemon.post(shared.text("tetangga jalan terus")) == 200
    _soon(shared, "tetangga jalan terus")
    assert "selama ditangguhkan" not in shared.texts("lain")
    assert shared.data("status", firm="lain")["queues"]["requests"]["waiting"] == 1
    shared.ok("tenant", "resume", "lain", "--reason", "sudah pindah")
    _soon(shared, "selama ditangguhkan", firm="lain")


def test_a_suspended_firm_with_work_costs_no_time(shared: Any, daemon: Any) -> None:
    shared.ok("tenant", "suspend", "lain", "--reason", "nomor dipindah")
    shared.data("events", "replay", "--all", firm="lain")
    (shared.home / "wake" / "lain").write_bytes(b"\n")
    before = _cpu_s(daemon.process.pid)
    with pytest.raises(AssertionError):
        shared.eventually(lambda: False, within_s=1.0)
    assert _cpu_s(daemon.process.pid) - before < 0.5
    shared.ok("tenant", "resume", "lain", "--reason", "sudah pindah")
    shared.eventually(lambda: shared.data("status", firm="lain")["queues"]["requests"]["waiting"] == 0)


def _cpu_s(pid: int) -> float:
    """Of all processes of the daemon: one that might spin is a child."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    assert children
    stats = [Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split() for each in (pid, *children)]
    return sum(int(fields[11]) + int(fields[12]) for fields in stats) / 100


def test_a_replay_by_another_process_is_noticed(shared: Any, daemon: Any) -> None:
    assert daemon.post(shared.text("diputar ulang")) == 200
    _soon(shared, "diputar ulang")
    replayed = shared.data("events", "replay", "--all")["requests"]
    duplicates = 'lhwa_jobs_total{kind="ingest",outcome="duplicate"}'
    shared.eventually(lambda: daemon.metric(duplicates, absent=0) >= replayed, within_s=SOON_S)
    shared.eventually(lambda: shared.data("status")["queues"]["requests"]["waiting"] == 0, within_s=SOON_S)
    assert shared.texts().count("diputar ulang") == 1
    assert [entry["data"] for entry in shared.data("audit", "log") if entry["action"] == "events.replayed"] == [
        {"requests": replayed}
    ]


def test_a_dead_letter_that_is_retried_comes_back_when_it_fails_again(shared: Any, daemon: Any) -> None:
    broken = shared.message("tanpa id")
    del broken["id"]
    assert daemon.post(shared.envelope(shared.value(broken))) == 200
    [letter] = shared.eventually(lambda: shared.data("deadletters", "list"), within_s=SOON_S)
    assert shared.data("deadletters", "retry", "--dry-run", letter["id"])["retried"] is False
    assert shared.data("deadletters", "retry", letter["id"])["retried"] is True
    back = shared.eventually(
        lambda: [each for each in shared.data("deadletters", "list") if each["tries"] == 2], within_s=SOON_S
    )
    assert [each["id"] for each in back] == [letter["id"]]
    shared.ok("deadletters", "discard", letter["id"], "--reason", "contoh", "-t", "firma")
    again = shared.run("deadletters", "retry", letter["id"], "-t", "firma")
    assert again.returncode == 5
    assert shared.data("audit", "verify")["ok"] is True


def test_what_no_firm_owned_is_kept_and_finds_its_firm(shared: Any, daemon: Any) -> None:
    assert daemon.post(shared.text("nomor belum terdaftar", number=NEW_NUMBER)) == 200
    assert shared.data("status")["queues"]["unrouted"]["waiting"] == 1
    assert shared.data("events", "replay", "--unrouted") == {"seen": 1, "routed": 0, "dryRun": False}
    shared.ok("tenant", "add-number", "firma", NEW_NUMBER)
    assert shared.data("events", "replay", "--unrouted", "--dry-run") == {"seen": 1, "routed": 1, "dryRun": True}
    assert "nomor belum terdaftar" not in shared.texts()
    assert shared.data("events", "replay", "--unrouted") == {"seen": 1, "routed": 1, "dryRun": False}
    _soon(shared, "nomor belum terdaftar")
    assert shared.data("status")["queues"]["unrouted"]["waiting"] == 0
    assert shared.data("events", "replay", "--unrouted") == {"seen": 0, "routed": 0, "dryRun": False}


def test_a_body_of_three_owners_is_split(shared: Any, daemon: Any) -> None:
    stranger = "304304304304304"
    entries = [
        *shared.text("bagian firma")["entry"],
        *shared.text("bagian lain", firm="lain")["entry"],
        *shared.text("bagian orang asing", number=stranger)["entry"],
    ]
    body = {"object": "whatsapp_business_account", "entry": entries}
    assert [daemon.post(body), daemon.post(body)] == [200, 200]
    _soon(shared, "bagian firma")
    _soon(shared, "bagian lain", firm="lain")
    assert shared.data("status")["queues"]["unrouted"]["waiting"] == 1
    shared.ok("tenant", "add-number", "lain", stranger)
    assert shared.data("events", "replay", "--unrouted")["routed"] == 1
    _soon(shared, "bagian orang asing", firm="lain")
    assert [shared.texts().count("bagian firma"), shared.texts("lain").count("bagian lain")] == [1, 1]
    for others, firm in (("bagian lain", "firma"), ("bagian firma", "lain")):
        assert others not in shared.texts(firm)
