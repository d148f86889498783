"""Sending as people do it: the command line, the daemon and the sandbox, each a process of its own."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.outbound_place import CLIENT, VALUES, Line, SandboxProcess, free_port, put_template, written_ago

TEXT = "Terima kasih, kami bantu."
ARRIVED = ("delivered", "read")
ULID_CHARS = 26
Faulty = Callable[..., "Desk"]


class Desk:
    """A firm at work: its daemon and a sandbox that plays Meta for it."""

    def __init__(self, place: Any, *, faults: str = "", with_template: bool = False) -> None:
        self.place = place
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.daemon = place.serve("--graph-url", self.url)
        self.sandbox = SandboxProcess(place, port=self.port, faults=faults)
        if with_template:
            put_template(place, self.sandbox.create_template())

    def hears(self, text: str = "Selamat siang", *, contact: str = CLIENT) -> None:
        """A client writes to the firm, and the firm has it."""
        before = len(self.place.messages())
        self.sandbox.say(text, contact=contact)
        self.place.eventually(lambda: len(self.place.messages()) > before, what="the client has written")

    def asks(self, *words: str, contact: str = CLIENT, env: Any = None) -> Any:
        """`lhwa send` with --json, whatever comes of it."""
        return self.place.run("--json", "-t", "firma", "send", contact, *words, env=env)

    def sends(self, *words: str, contact: str = CLIENT, env: Any = None) -> str:
        """`lhwa send` that must succeed; returns the id."""
        done = self.asks(*words, contact=contact, env=env)
        assert done.returncode == 0, (done.stdout, done.stderr)
        said = json.loads(done.stdout)
        assert len(said["id"]) == ULID_CHARS
        return str(said["id"])

    def row(self, message: str) -> dict[str, Any]:
        """What `outbox list` says of one message."""
        found: list[dict[str, Any]] = self.place.data("outbox", "list")
        return next(row for row in found if row["id"] == message)

    def until(self, message: str, *states: str) -> dict[str, Any]:
        """Wait until a message is in one of these states."""
        self.place.eventually(lambda: self.row(message)["state"] in states, what=f"{states}: {self.row(message)}")
        return self.row(message)

    def posts_of(self, message: str) -> list[dict[str, Any]]:
        """What the sandbox was asked to send for one of ours, accepted or not."""
        return [each for each in self.sandbox.posted() if message in each.get("bizOpaqueCallbackData", "")]

    def actions(self, message: str) -> list[str]:
        """What the audit log says of a message, oldest first."""
        log = self.place.data("audit", "log", "--target", f"outbound:{message}", "--limit", "1000")
        return [each["action"] for each in sorted(log, key=lambda each: int(each["seq"]))]

    def refuses(self, done: Any) -> dict[str, Any]:
        """The refusal by a gate, by the contract."""
        assert done.returncode == 1, (done.stdout, done.stderr)
        told = json.loads(done.stdout)
        assert set(told) == {"refused"}
        refused: dict[str, Any] = told["refused"]
        assert set(refused) == {"rule", "says", "hint", "offers"}
        assert refused["hint"]
        return refused

    def close(self) -> None:
        """End the sandbox."""
        self.sandbox.stop()


@pytest.fixture(scope="module")
def desk(shared: Any) -> Iterator[Desk]:
    """A desk where nothing goes wrong, with one client whose window is open and one whose window closed."""
    shared.daemons[0].stop()
    desk = Desk(shared, with_template=True)
    try:
        desk.hears()
        yield desk
    finally:
        desk.close()
        desk.daemon.stop()


@pytest.fixture
def client(desk: Desk) -> str:
    """Somebody who has just written and got no answer yet: what is sent to them waits for no pace."""
    number = f"+6281230003{len(desk.place.messages()):03}"
    desk.hears(contact=number)
    return number


@pytest.fixture
def faulty(place: Any) -> Iterator[Faulty]:
    """Make a desk in a home of its own, where something goes wrong."""
    made: list[Desk] = []

    def make(**given: Any) -> Desk:
        made.append(Desk(place, **given))
        return made[0]

    yield make
    for desk in made:
        desk.close()


def test_inside_the_window_it_arrives(desk: Desk) -> None:
    message = desk.sends("--text", TEXT)
    row = desk.until(message, *ARRIVED)
    assert (row["attempts"], row["type"]) == (1, "text")
    assert row["contact"] == "+62 812-••••-1111"
    [post] = desk.posts_of(message)
    assert (post["verdict"], post["type"]) == ("accepted", "text")
    shown = desk.place.data("outbox", "show", message)
    assert shown["text"] == TEXT
    assert [each["status"] for each in shown["statuses"]][:2] == ["sent", "delivered"]


def test_a_status_of_being_read_is_shown(desk: Desk, client: str) -> None:
    message = desk.sends("--text", "Mohon dibaca.", contact=client)
    desk.until(message, *ARRIVED)
    wamid = desk.posts_of(message)[0]["messageId"]
    status = {"id": wamid, "status": "read", "timestamp": str(int(datetime.now(UTC).timestamp()) + 1)}
    value = desk.place.value() | {"statuses": [status | {"recipient_id": client[1:]}]}
    assert desk.daemon.post(desk.place.envelope(value)) == 200
    desk.until(message, "read")


def test_a_contact_is_named_by_mask_or_id_too(desk: Desk, client: str) -> None:
    contact = json.loads(desk.asks("--text", TEXT, "--dry-run", contact=client).stdout)["contactId"]
    for named in (contact, f"+62 812-••••-{client[-4:]}"):
        desk.until(desk.sends("--text", f"Untuk {named[0]}", contact=named), *ARRIVED)


def test_a_dry_run_leaves_nothing_behind(desk: Desk) -> None:
    before = len(desk.sandbox.posted()), len(desk.place.data("outbox", "list"))
    done = desk.asks("--text", TEXT, "--dry-run")
    assert done.returncode == 0
    assert all(each["passes"] for each in json.loads(done.stdout)["verdicts"])
    assert before == (len(desk.sandbox.posted()), len(desk.place.data("outbox", "list")))


LATE = "+6281230001199"


@pytest.fixture(scope="module")
def late(desk: Desk) -> str:
    """A client who wrote three days ago."""
    client = desk.place.message("Saya tunggu", sender=LATE[1:])
    body = desk.place.envelope(desk.place.value(client) | {"contacts": [{"profile": {"name": "C"}, "wa_id": LATE[1:]}]})
    before = len(desk.place.messages())
    assert desk.daemon.post(written_ago(body, timedelta(hours=27))) == 200
    desk.place.eventually(lambda: len(desk.place.messages()) > before, what="it is there")
    desk.sandbox.control("/clients", contact=LATE)
    return LATE


def test_outside_the_window_free_text_is_refused_and_templates_are_offered(desk: Desk, late: str) -> None:
    before = len(desk.sandbox.posted())
    done = desk.asks("--text", TEXT, contact=late)
    refused = desk.refuses(done)
    assert refused["rule"] == "window"
    assert refused["says"] == "The window closed 3 h ago."
    assert refused["offers"] == ["pengingat_janji/id"]
    spoken = desk.place.run("-t", "firma", "send", late, "--text", TEXT)
    assert (spoken.returncode, spoken.stdout) == (1, "")
    assert "window" in spoken.stderr
    assert "--template pengingat_janji --language id" in spoken.stderr
    assert len(desk.sandbox.posted()) == before


def test_outside_the_window_a_template_leaves(desk: Desk, late: str) -> None:
    values = [word for name, value in VALUES.items() for word in ("--param", f"{name}={value}")]
    message = desk.sends("--template", "pengingat_janji", *values, contact=late)
    row = desk.until(message, *ARRIVED)
    assert row["template"] == "pengingat_janji"
    assert [each["type"] for each in desk.posts_of(message)] == ["template"]
    assert "Rina Contoh" in desk.place.data("outbox", "show", message)["text"]


def test_a_message_for_later_can_be_taken_back(desk: Desk) -> None:
    at = (datetime.now(UTC) + timedelta(hours=2)).isoformat(timespec="seconds")
    message = desk.sends("--text", TEXT, "--at", at)
    assert desk.row(message)["state"] == "queued"
    assert desk.row(message)["nextAttemptAt"] > datetime.now(UTC).isoformat()
    assert json.loads(desk.place.ok("--json", "-t", "firma", "outbox", "cancel", message))["state"] == "cancelled"
    assert desk.place.run("-t", "firma", "outbox", "cancel", message).returncode == 5
    assert desk.posts_of(message) == []


def test_a_message_for_later_leaves_at_its_time(desk: Desk, client: str) -> None:
    at = datetime.now(UTC) + timedelta(seconds=3)
    message = desk.sends("--text", "Nanti", "--at", at.isoformat(), contact=client)
    desk.until(message, *ARRIVED)
    [post] = desk.posts_of(message)
    assert post["at"] >= at.isoformat()[:19]


def test_a_document_arrives_and_its_client_sees_that_theirs_was_read(desk: Desk, client: str, tmp_path: Path) -> None:
    letter = tmp_path / "gugatan.pdf"
    letter.write_bytes(b"%PDF-1.7 contoh")
    sent = desk.sends("--document", str(letter), "--text", "Mohon diperiksa.", contact=client)
    desk.until(sent, "delivered")
    [post] = desk.posts_of(sent)
    assert (post["type"], post.get("code")) == ("document", None)
    theirs = next(each for each in desk.place.messages() if each["direction"] == "inbound")
    # No address of Meta is named: while the daemon runs, commands speak to the one that it speaks to.
    desk.place.ok("messages", "mark-read", theirs["id"], "-t", "firma")
    entries = desk.place.data("audit", "log", "--target", f"message:{theirs['id']}", "--limit", "1000")
    assert "message.marked_read" in {each["action"] for each in entries}
    [counted] = [each for each in desk.place.data("outbox", "costs") if each["category"] == "service"][:1]
    assert counted["messages"] >= 1


def test_what_has_left_cannot_be_taken_back(desk: Desk, client: str) -> None:
    message = desk.sends("--text", "Sudah pergi", contact=client)
    desk.until(message, *ARRIVED)
    done = desk.place.run("--json", "-t", "firma", "outbox", "cancel", message)
    assert done.returncode == 5


def test_staff_writes_and_a_lawyer_approves(desk: Desk, client: str) -> None:
    clerk, lawyer = desk.place.token("wati", "staff"), desk.place.token("budi", "lawyer")
    message = desk.sends("--text", "Konsep dari staf", contact=client, env=clerk)
    assert desk.row(message)["state"] == "pending_approval"
    [waiting] = desk.place.data("pending", env=lawyer)
    assert (waiting["id"], waiting["by"], waiting["text"]) == (message, "wati", "Konsep dari staf")
    assert desk.place.run("-t", "firma", "approve", message, env=clerk).returncode == 4
    assert desk.posts_of(message) == []
    desk.place.ok("-t", "firma", "approve", message, env=lawyer)
    row = desk.until(message, *ARRIVED)
    assert (row["author"], row["decidedBy"]) == ("wati", "budi")
    assert desk.place.run("-t", "firma", "approve", message, env=lawyer).returncode == 5


def test_who_wrote_it_cannot_approve_it_in_a_better_role(desk: Desk) -> None:
    clerk = desk.place.token("dewi", "staff")
    message = desk.sends("--text", "Naik jabatan", env=clerk)
    desk.place.ok("operator", "set-role", "dewi", "--role", "lawyer", "-t", "firma")
    done = desk.place.run("--json", "-t", "firma", "approve", message, env=clerk)
    assert done.returncode == 5
    assert "another lawyer" in json.loads(done.stderr)["error"]["hint"]
    desk.place.ok("-t", "firma", "reject", message, "--reason", "nada salah")
    assert desk.row(message)["state"] == "cancelled"
    assert desk.posts_of(message) == []


WITH = ("--template", "pengingat_janji")
NAME, TIME = ("--param", "nama=Rina Contoh"), ("--param", "waktu=Senin 10.00")
BAD = [
    # what is wrong, contact, the rest of the line, exit code, what is said
    ("a number without country code", "81230001111", ("--text", TEXT), 2, "country code"),
    ("a number that is none", "bukan-nomor", ("--text", TEXT), 2, "country code"),
    ("a user id typed as a contact", "ID.88001122334455", ("--text", TEXT), 2, "contact id"),
    ("nobody we know", "+6281230009999", ("--text", TEXT), 4, "yours"),
    ("5,000 characters", CLIENT, ("--text", "x" * 5_000), 1, "content"),
    ("an empty text", CLIENT, ("--text", ""), 1, "content"),
    ("an unknown template", CLIENT, ("--template", "tak_ada"), 1, "template"),
    ("another language", CLIENT, (*WITH, "--language", "en", *NAME, *TIME), 1, "template"),
    ("a missing parameter", CLIENT, (*WITH, *NAME), 1, "parameters"),
    ("an unknown parameter", CLIENT, (*WITH, *NAME, *TIME, "--param", "lain=1"), 1, "parameters"),
    ("an empty parameter", CLIENT, (*WITH, *NAME, "--param", "waktu="), 1, "parameters"),
    ("a newline in a parameter", CLIENT, (*WITH, *NAME, "--param", "waktu=Senin\n10.00"), 1, "parameters"),
    ("five spaces in a parameter", CLIENT, (*WITH, *NAME, "--param", "waktu=Senin     10.00"), 1, "parameters"),
    ("a tab in a parameter", CLIENT, (*WITH, *NAME, "--param", "waktu=Senin\t10.00"), 1, "parameters"),
    ("a parameter without a name", CLIENT, (*WITH, "--param", "Senin"), 2, "NAME=VALUE"),
    ("a time that has passed", CLIENT, ("--text", TEXT, "--at", "2020-01-01T00:00:00Z"), 2, "passed"),
    ("a time without a zone", CLIENT, ("--text", TEXT, "--at", "2030-01-01T00:00:00"), 2, "zone"),
    ("text and template", CLIENT, ("--text", TEXT, *WITH), 2, "what to send"),
    ("nothing to say", CLIENT, (), 2, "what to send"),
    ("a number that is not the firm's", CLIENT, ("--text", TEXT, "--from", "302302302302302"), 2, "--from"),
    ("an answer to nothing", CLIENT, ("--text", TEXT, "--reply-to", "wamid.TIADA"), 4, "reply"),
]


@pytest.mark.parametrize(
    ("contact", "words", "code", "says"), [each[1:] for each in BAD], ids=[each[0] for each in BAD]
)
def test_bad_input_is_refused_before_anything_leaves(
    desk: Desk, contact: str, words: tuple[str, ...], code: int, says: str
) -> None:
    posts, rows = len(desk.sandbox.posted()), len(desk.place.data("outbox", "list"))
    done = desk.asks(*words, contact=contact)
    assert done.returncode == code, (done.stdout, done.stderr)
    said = done.stdout + done.stderr
    if code == 1:
        assert desk.refuses(done)["rule"] == says
    else:
        assert says in said
    assert "x" * 20 not in said
    assert "Rina" not in said
    assert (posts, rows) == (len(desk.sandbox.posted()), len(desk.place.data("outbox", "list")))


def test_a_template_of_another_firm_is_refused(desk: Desk) -> None:
    other = desk.sandbox.create_template(firm="lain", name="milik_lain")
    put_template(desk.place, other, firm="lain")
    posts = len(desk.sandbox.posted())
    refused = desk.refuses(desk.asks("--template", "milik_lain", *NAME, *TIME))
    assert (refused["rule"], refused["offers"]) == ("template", ["pengingat_janji/id"])
    assert len(desk.sandbox.posted()) == posts


def test_a_revoked_operator_sends_nothing_more(desk: Desk, client: str) -> None:
    gone = desk.place.token("pergi", "lawyer")
    desk.until(desk.sends("--text", "Masih di sini", contact=client, env=gone), *ARRIVED)
    desk.place.ok("operator", "disable", "pergi", "--reason", "pindah", "-t", "firma")
    posts = len(desk.sandbox.posted())
    assert desk.asks("--text", "Sudah pergi", contact=client, env=gone).returncode == 4
    assert len(desk.sandbox.posted()) == posts


def test_a_role_that_may_not_write_to_clients_is_refused(desk: Desk) -> None:
    for role in ("auditor", "finance", "service"):
        done = desk.asks("--text", TEXT, env=desk.place.token(f"bukan-{role}", role))
        assert done.returncode in (1, 4), role


def test_a_lost_answer_is_in_doubt_until_a_status_tells(faulty: Faulty) -> None:
    desk = faulty(faults="lost-response=1")
    desk.hears()
    message = desk.sends("--text", TEXT)
    desk.until(message, "sent", *ARRIVED)
    actions = desk.actions(message)
    assert actions.index("outbound.posting") < actions.index("outbound.in_doubt") < actions.index("outbound.told")
    assert "outbound.accepted" not in actions
    assert [each["isLost"] for each in desk.posts_of(message)] == [True]


def test_in_doubt_and_nothing_is_told_a_person_resolves_it(faulty: Faulty) -> None:
    desk = faulty(faults="lost-response=1,drop=1")
    for contact in (CLIENT, "+6281230002222"):
        desk.sandbox.say("Halo", contact=contact)
        body = desk.place.value(desk.place.message(f"Halo {contact}", sender=contact[1:]))
        body["contacts"][0]["wa_id"] = contact[1:]
        assert desk.daemon.post(written_ago(desk.place.envelope(body), timedelta(0))) == 200
    desk.place.eventually(lambda: len(desk.place.messages()) == 2, what="both have written")
    first, second = desk.sends("--text", TEXT), desk.sends("--text", TEXT, contact="+6281230002222")
    for message in (first, second):
        row = desk.until(message, "in_doubt")
        assert row["inDoubtSince"]
        assert "outbox resolve" in row["hint"]
        assert desk.place.run("-t", "firma", "outbox", "cancel", message).returncode == 5
        retried = desk.place.run("--json", "-t", "firma", "outbox", "retry", message, "--reason", "coba")
        assert (retried.returncode, "resolve" in retried.stderr) == (5, True)
    desk.daemon.stop()
    desk.daemon = desk.place.serve("--graph-url", desk.url)
    desk.daemon.settle()
    assert {desk.row(message)["state"] for message in (first, second)} == {"in_doubt"}
    why = ("--reason", "Klien sudah menjawab")
    desk.place.ok("-t", "firma", "outbox", "resolve", first, "--sent", *why, "--dry-run")
    assert desk.row(first)["state"] == "in_doubt"
    desk.place.ok("-t", "firma", "outbox", "resolve", first, "--sent", *why)
    assert desk.row(first)["state"] == "sent"
    desk.place.ok("-t", "firma", "outbox", "resolve", second, "--resend", *why)
    desk.place.eventually(lambda: len(desk.posts_of(second)) == 2, what="a person said so")
    assert len(desk.posts_of(first)) == 1
    assert "outbound.resent" in desk.actions(second)


def _in_doubt_for_good(desk: Desk) -> tuple[str, str, str]:
    """A message whose answer and statuses were lost; Meta's id of it, as its tools show it; that of the client's."""
    desk.sandbox.say("Halo")
    heard = written_ago(desk.place.text("Halo"), timedelta(0))
    assert desk.daemon.post(heard) == 200
    desk.place.eventually(desk.place.messages, what="the client has written")
    message = desk.sends("--text", TEXT)
    desk.until(message, "in_doubt")
    theirs = heard["entry"][0]["changes"][0]["value"]["messages"][0]["id"]
    return message, str(desk.posts_of(message)[0]["messageId"]), str(theirs)


def test_a_doubt_is_settled_by_metas_own_history(faulty: Faulty) -> None:
    desk = faulty(faults="lost-response=1,drop=1")
    message, wamid, theirs = _in_doubt_for_good(desk)
    resolve = ("outbox", "resolve", message, "--sent", "--reason", "Terlihat di WhatsApp Manager")
    unknown = desk.place.run("-t", "firma", *resolve, "--message-id", "wamid.HBgNTk9UIFNFTlQ=")
    assert (unknown.returncode, "no such message" in unknown.stderr) == (5, True)
    wrong = desk.place.run("-t", "firma", *resolve, "--message-id", theirs)
    assert wrong.returncode == 5
    desk.place.ok("-t", "firma", *resolve, "--message-id", wamid, "--dry-run")
    assert desk.row(message)["state"] == "in_doubt"
    time.sleep(1)  # the sandbox has the client's phone take it by then
    desk.place.ok("-t", "firma", *resolve, "--message-id", wamid)
    assert desk.row(message)["state"] in ("accepted", "sent", *ARRIVED)
    assert desk.place.data("outbox", "show", message)["wamid"] == wamid
    assert len(desk.posts_of(message)) == 1


def test_where_meta_tells_no_history_a_persons_word_counts_and_it_is_said(faulty: Faulty) -> None:
    desk = faulty(faults="lost-response=1,drop=1,no-history=1")
    message, wamid, _theirs = _in_doubt_for_good(desk)
    done = desk.place.run(
        "-t", "firma", "outbox", "resolve", message, "--sent", "--message-id", wamid, "--reason", "Dikutip klien"
    )
    assert done.returncode == 0, done.stderr
    assert "tells no histories" in done.stderr
    assert desk.row(message)["state"] == "sent"
    at = str(int(datetime.now(UTC).timestamp()))
    status = {"id": wamid, "status": "delivered", "timestamp": at, "recipient_id": CLIENT[1:]}
    value = desk.place.value() | {"statuses": [status]}
    assert desk.daemon.post(desk.place.envelope(value)) == 200
    desk.until(message, "delivered")


def test_a_blocked_client_is_kept_from_writing_until_they_are_released(faulty: Faulty) -> None:
    desk = faulty()
    desk.hears()
    place, why = desk.place, ("--reason", "Ancaman")
    place.ok("-t", "firma", "hold", "add", CLIENT, "--kind", "blocked", *why)
    assert desk.refuses(desk.asks("--text", TEXT))["rule"] == "blocked"
    place.eventually(lambda: _at_meta(place) == ["blocked"], what="Meta was told")
    shown = place.run("-t", "firma", "hold", "list").stdout
    assert "blocked" in shown
    before = len(place.messages())
    desk.sandbox.say("Masih di sini")
    place.ok("-t", "firma", "hold", "release", CLIENT, "--kind", "blocked", *why)
    asked = [each for each in desk.sandbox.client.get("/_sandbox/journal").json()["entries"] if "block" in each["path"]]
    place.eventually(lambda: _blocked_at_meta(desk) == 0, what=f"Meta was told of the release: {asked}")
    assert len(place.messages()) == before
    desk.hears("Halo lagi")
    desk.until(desk.sends("--text", TEXT), "sent", *ARRIVED)


def test_who_wrote_too_long_ago_is_blocked_here_and_not_at_meta(faulty: Faulty) -> None:
    desk = faulty()
    place = desk.place
    assert desk.daemon.post(written_ago(place.text("Halo"), timedelta(hours=25))) == 200
    place.eventually(place.messages, what="the client has written")
    place.ok("-t", "firma", "hold", "add", CLIENT, "--kind", "blocked", "--reason", "Ancaman")
    place.eventually(lambda: _at_meta(place) == ["too_late"], what="Meta did not do it")
    assert "not possible: wrote more than 24 h ago" in " ".join(place.run("-t", "firma", "hold", "list").stdout.split())
    assert desk.refuses(desk.asks("--text", TEXT))["rule"] == "blocked"


def _at_meta(place: Any) -> list[str]:
    return [each["state"] for hold in place.data("hold", "list") for each in hold.get("atMeta", [])]


def _blocked_at_meta(desk: Desk) -> int:
    number = desk.place.numbers["firma"]
    headers = {"authorization": f"Bearer {desk.sandbox.token()}"}
    return len(desk.sandbox.client.get(f"/v25.0/{number}/block_users", headers=headers).json()["data"])


def test_an_expired_token_is_said_and_all_leave_in_order_once_there_is_another(faulty: Faulty) -> None:
    desk = faulty()
    desk.hears()
    desk.sandbox.control("/tokens/end", token=desk.sandbox.token())
    messages = [desk.sends("--text", f"{TEXT} {nth}") for nth in range(3)]
    desk.place.eventually(lambda: desk.row(messages[0]).get("errorCode") == 190, what="Meta refused the token")
    for row in map(desk.row, messages):
        assert (row["state"], row["attempts"]) == ("queued", 0)
        assert "access token" in row["hint"]
    assert [each["code"] for each in desk.sandbox.posted()] == [190]
    desk.sandbox.control("/tokens/renew", token=desk.sandbox.token())
    desk.place.ok("tenant", "set-access-token", "firma", stdin=desk.sandbox.token())
    for message in messages:
        desk.until(message, "sent", *ARRIVED)
    taken = [each for each in desk.sandbox.posted() if each["verdict"] == "accepted"]
    assert [each["bizOpaqueCallbackData"].removeprefix("lhwa:") for each in taken] == messages


def test_a_token_that_does_not_work_stops_its_firm_alone_until_there_is_another(faulty: Faulty) -> None:
    desk = faulty()
    place, other_client = desk.place, "+6281230002222"
    for contact in (CLIENT, other_client):
        desk.hears(contact=contact)
    desk.sandbox.say("Halo", contact=CLIENT, to=place.numbers["lain"])
    place.eventually(lambda: place.messages("lain"), what="the other firm was written to")
    place.ok("tenant", "set-access-token", "firma", stdin="token-yang-salah")
    stopped = desk.sends("--text", TEXT)
    place.eventually(lambda: desk.row(stopped).get("errorCode") == 190, what="Meta refused the token")
    assert "access token" in desk.row(stopped)["hint"]
    waiting = desk.sends("--text", TEXT, contact=other_client)
    other = place.data("send", CLIENT, "--text", "Dari firma lain", firm="lain")["id"]
    place.eventually(
        lambda: place.data("outbox", "show", other, firm="lain")["message"]["state"] in ("sent", *ARRIVED),
        what="the other firm sends",
    )
    assert (desk.row(waiting)["state"], desk.row(waiting)["attempts"]) == ("queued", 0)
    place.ok("tenant", "set-access-token", "firma", stdin=desk.sandbox.token())
    desk.until(waiting, "sent", *ARRIVED)
    desk.until(stopped, "sent", *ARRIVED)
    for message in (stopped, waiting):
        assert [each["verdict"] for each in desk.posts_of(message)].count("accepted") == 1


def test_a_sandbox_that_is_down_is_waited_for(place: Any) -> None:
    sandbox = SandboxProcess(place, webhook="http://127.0.0.1:9/")
    line = Line(sandbox.url)
    try:
        daemon = place.serve("--graph-url", line.url)
        sandbox.say()
        assert daemon.post(written_ago(place.text("Halo"), timedelta(0))) == 200
        place.eventually(place.messages, what="the client has written")
        asked = [place.data("send", CLIENT, "--text", f"Pesan {nth}")["id"] for nth in range(3)]
        place.eventually(lambda: _is_tried_and_waits(place.data("outbox", "list"), asked[0]), what="it was tried")
        line.mend()
        place.eventually(
            lambda: {row["state"] for row in place.data("outbox", "list")} == {"accepted"}, within_s=60, what="all left"
        )
        posted = [each["bizOpaqueCallbackData"].removeprefix("lhwa:") for each in sandbox.posted()]
        assert posted == asked
    finally:
        line.close()
        sandbox.stop()


def _is_tried_and_waits(rows: list[dict[str, Any]], first: str) -> bool:
    return all(row["state"] == "queued" and (row["attempts"] or row["id"] != first) for row in rows)
