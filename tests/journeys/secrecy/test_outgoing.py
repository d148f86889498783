"""What the firm writes to clients, and to whom: in clear in no file, log line, page or error, whatever fails."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from lhwa.testing.canaries import EVERYTHING, NAME, PHONE, SENTENCE, found_in
from tests.journeys.outbound_place import BODY, SandboxProcess, free_port, put_template
from tests.journeys.secrecy.test_every_fault import BROKEN, DEFECT

OTHERS = tuple(f"+62812300020{nth:02}" for nth in range(12))
FAULTS = "code:131026=0.2,code:131000=0.1,lost-response=0.3,http-500=0.2,duplicate=0.3"
TO_TELL_NOTHING = [
    ("outbox", "list"),
    ("outbox", "list", "--open"),
    ("audit", "log", "--limit", "1000"),
    ("events", "list"),
    ("status",),
    ("deadletters", "list"),
]
SOON_AGAIN = {"LHWA_WORKER__TRIES_MAX": "50", "LHWA_WORKER__FIRST_DELAY_S": "1", "LHWA_LOG__LEVEL": "debug"}
BREAKS = [
    ("choosing what leaves", "lhwa.outbound.draining:take"),
    ("reading the account", "lhwa.bootstrap:open_account"),
    ("making the body", "lhwa.adapters.channel.whatsapp_cloud.client:body_of"),
    ("posting", "lhwa.adapters.channel.whatsapp_cloud.client:WhatsAppCloudChannel.send"),
    ("writing the answer down", "lhwa.outbound.draining:accepted"),
    ("moving a message", "lhwa.store.tables.outbox:Outbox.move"),
    ("reading a status of ours", "lhwa.services.messaging.record_status:settle_by_status"),
]


def leaks(place: Any, *others: bytes) -> dict[str, set[str]]:
    """Files of the home, its logs included, that hold a secret or one of the other words."""
    found = {}
    for path in place.root.rglob("*"):
        with suppress(FileNotFoundError):  # closed and tidied away meanwhile
            held = os.fsencode(path) + (path.read_bytes() if path.is_file() else b"")
            found[path.name] = found_in(held) | {other.decode() for other in others if other in held}
    return {name: secrets for name, secrets in found.items() if secrets}


@pytest.fixture(scope="module")
def office(shared: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A firm that has written all of the secrets to many clients through a sandbox in which much goes wrong."""
    shared.daemons[0].stop()
    port = free_port()
    daemon = shared.serve("--graph-url", f"http://127.0.0.1:{port}", env={"LHWA_LOG__LEVEL": "debug"})
    shared.sandbox = sandbox = SandboxProcess(shared, port=port, faults=FAULTS)
    try:
        put_template(shared, sandbox.create_template(body=BODY))
        sandbox.control("/say", **{"from": f"+{PHONE}", "text": EVERYTHING, "name": NAME})
        for other in OTHERS:
            sandbox.say(EVERYTHING, contact=other)
        everybody = (f"+{PHONE}", *OTHERS)
        letter = tmp_path_factory.mktemp("surat") / f"{NAME}.txt"
        letter.write_text(EVERYTHING)
        shared.eventually(lambda: len(shared.messages()) == len(everybody), what="all have written")
        for contact in everybody:
            shared.ok("send", contact, "--text", f"{EVERYTHING} untuk {contact}", "-t", "firma")
            values = ("--param", f"nama={NAME}", "--param", f"waktu={SENTENCE}")
            shared.ok("send", contact, "--document", str(letter), "--text", EVERYTHING, "-t", "firma")
            shared.ok("send", contact, "--template", "pengingat_janji", *values, "-t", "firma")
        shared.eventually(lambda: _is_done(shared), within_s=60, what="everything was tried")
        yield shared
    finally:
        sandbox.stop()
        daemon.kill()


def _is_done(place: Any) -> bool:
    """True once nothing moves any more but what waits for its next try, or behind such a one or one in doubt."""
    rows = place.data("outbox", "list")
    waits = [row for row in rows if row["state"] in ("queued", "sending")]
    held = {row["conversationId"] for row in rows if row["state"] == "in_doubt"}
    held |= {row["conversationId"] for row in waits if row["attempts"]}
    return all(row["conversationId"] in held for row in waits)


def test_much_went_wrong(office: Any) -> None:
    def states() -> set[str]:
        return {row["state"] for row in office.data("outbox", "list")}

    office.eventually(lambda: states() >= {"delivered", "failed"}, what="statuses told of both")
    actions = {each["action"] for each in office.data("audit", "log", "--limit", "1000")}
    assert {"outbound.in_doubt", "outbound.told", "outbound.accepted"} <= actions
    assert any(EVERYTHING in (entry["text"] or "") for entry in office.messages())


def test_no_file_and_no_log_holds_what_was_written(office: Any) -> None:
    wamids = [each["messageId"].removeprefix("wamid.") for each in office.sandbox.posted() if "messageId" in each]
    assert len(wamids) > len(OTHERS)
    numbers = [number.removeprefix("+") for number in OTHERS]
    assert leaks(office, *(word.encode() for word in (*wamids, *numbers, office.sandbox.token()))) == {}


def test_no_page_shows_it(office: Any) -> None:
    daemon = office.daemons[-1]
    for path in ("/metrics", "/readyz", "/healthz"):
        page = daemon.client.get(daemon.admin + path)
        assert found_in(page.content) == set()
        assert not any(number[1:] in page.text for number in OTHERS)


def test_lists_and_records_show_a_masked_number_at_most(office: Any) -> None:
    assert "+62 899-••••-5677" in office.ok("outbox", "list", "-t", "firma")
    for words in TO_TELL_NOTHING:
        for form in ("--json", "--plain"):
            assert found_in(office.ok(form, "-t", "firma", *words)) == set(), words


@pytest.mark.parametrize("role", ["auditor", "finance", "service"])
def test_a_role_that_may_not_read_sees_no_number_and_no_text(office: Any, role: str) -> None:
    env = office.token(f"buta-kirim-{role}", role)
    [message] = [row for row in office.data("outbox", "list") if row["contact"] == "+62 899-••••-5677"][:1]
    for words in (*TO_TELL_NOTHING, ("outbox", "show", message["id"]), ("pending",)):
        done = office.run("--json", "-t", "firma", *words, env=env)
        assert found_in(done.stdout + done.stderr) == set()
        assert "••••" not in done.stdout, words


def test_a_dry_run_shows_a_masked_number_alone(office: Any) -> None:
    for form in ("--json", "--plain"):
        for named in ("+62 899-••••-5677", f"+{PHONE}"):
            done = office.run(form, "-t", "firma", "send", named, "--text", "Halo", "--dry-run")
            assert done.returncode == 0
            assert found_in(done.stdout + done.stderr) == set()
            assert "+62 899-" in done.stdout


@pytest.mark.parametrize(("label", "where"), BREAKS, ids=[each[0] for each in BREAKS])
def test_what_breaks_while_it_sends_tells_nothing_and_sends_nothing_twice(place: Any, label: str, where: str) -> None:
    port = free_port()
    env = SOON_AGAIN | {"LHWA_LOG__FORMAT": ("json", "human")[len(label) % 2], "LHWA_OUTBOUND__GRAPH_URL": _url(port)}
    daemon = place.serve(program=["-c", BROKEN.format(where=where, error=DEFECT)], env=env)
    sandbox = SandboxProcess(place, port=port)
    try:
        sandbox.say(EVERYTHING, contact=f"+{PHONE}")
        place.eventually(place.messages, what="the client has written")
        before = daemon.said().count("rror")
        place.ok("send", f"+{PHONE}", "--text", EVERYTHING, "-t", "firma")
        place.eventually(lambda: daemon.said().count("rror") > before, what=f"an error is logged\n{daemon.said()}")
        assert leaks(place) == {}
        for words in TO_TELL_NOTHING:
            done = place.run("--json", "-t", "firma", *words)
            assert found_in(done.stdout + done.stderr) == set(), words
        daemon.process.terminate()
        daemon.process.wait(20)
        healthy = place.serve(env={"LHWA_OUTBOUND__GRAPH_URL": _url(port)})
        place.eventually(lambda: place.data("outbox", "list")[0]["state"] != "queued", what="it was tried again")
        healthy.stop()
        assert len(sandbox.posted()) <= 1
        assert leaks(place) == {}
    finally:
        sandbox.stop()


def _url(port: int) -> str:
    return f"http://127.0.0.1:{port}"
