from __future__ import annotations

import json
from collections.abc import Callable
from itertools import permutations
from typing import Any

import apsw
import msgspec
import pytest

from lhwa.bus.jobs import claim, run_in_transaction
from lhwa.domain.elements import Element, MessageElement, Party, PlatformElement
from lhwa.domain.events import EventType
from lhwa.domain.ids import ContactId, ulid
from lhwa.domain.instants import UNIX_MS_MAX, from_ms
from lhwa.domain.jobs import DeadLetterState, RetryPolicy
from lhwa.domain.messages import Direction, MessageType, Via
from lhwa.domain.schemas import DATA_OF, schema_files
from lhwa.errors import SealError, StorageError
from lhwa.normalizer.normalize import normalize
from lhwa.services.audit.verify import verify_log
from lhwa.services.messaging.handlers import apply_job, bury_job
from lhwa.services.messaging.identity import known_contact
from lhwa.services.messaging.sourced import Outcome
from lhwa.store.connection import rows
from lhwa.store.store import Store
from lhwa.store.tables.contacts import Contacts
from lhwa.store.tables.conversations import ConversationRow, Conversations
from lhwa.store.tables.messages import MessageRow
from lhwa.store.transaction import Tx
from lhwa.testing.builders import CLIENT, NUMBER, SENT_AT_MS, WABA, message, platform, poison, reply, status
from lhwa.testing.fakes import NOON, FakeClock
from lhwa.testing.webhooks import KINDS, BusinessNumber, Client, Kind, build, encode

APPLIED, DUPLICATE, BURIED, POSTPONED = Outcome.APPLIED, Outcome.DUPLICATE, Outcome.BURIED, Outcome.POSTPONED
Apply = Callable[..., list[Outcome]]
HERE = BusinessNumber(phone_number_id=NUMBER, display_phone_number="622150001234", waba_id=WABA)
PEOPLE = {
    "with a number": Client(name="Contoh Satu", wa_id="6281230001111", bsuid=None),
    "with both": Client(name="Contoh Dua", wa_id="6281230002222", bsuid="ID.88001122334455", username="contoh"),
    "without a number": Client(name="Contoh Tiga", wa_id=None, bsuid="ID.88001122334466"),
}


def read(store: Store, sql: str) -> list[tuple[Any, ...]]:
    return store.read(lambda tx: rows(tx._connection, sql))


def one_message(store: Store, wamid: str = "wamid.SAMPLE-OUT-1") -> MessageRow | None:
    return store.read(lambda tx: tx.messages.by_dedup(tx.messages.dedup_of(NUMBER, wamid)))


def is_sound(store: Store) -> bool:
    def check(tx: Tx) -> bool:
        size, stack = tx.audit.stored_frontier()
        return verify_log(tx.audit.entries(), stored_size=size, stored_stack=stack).ok

    return store.read(check)


def actions(store: Store) -> list[str]:
    return [json.loads(entry.entry)["action"] for entry in store.read(lambda tx: list(tx.audit.entries()))]


# Every kind, once.


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_kind_of_webhook_is_applied_exactly_once(
    store: Store, apply: Apply, everything: Callable[[], Any], kind: Kind
) -> None:
    body = encode(build(kind.name, number=HERE, client=PEOPLE["with both"], seq=1, at=NOON))
    elements = normalize(body)
    outcomes = apply(*elements)
    assert POSTPONED not in outcomes
    assert DUPLICATE not in outcomes
    assert (BURIED in outcomes) == (kind.gives == "poison" or kind.name == "batch")
    before = everything()
    assert set(apply(*normalize(body))) <= {DUPLICATE}
    assert set(apply(*normalize(body), raw_event="02RAW", received_at_ms=SENT_AT_MS + 90_000)) <= {DUPLICATE}
    assert everything() == before
    assert is_sound(store)


def test_all_kinds_in_one_firm_and_all_of_them_again(store: Store, apply: Apply, everything: Callable[[], Any]) -> None:
    bodies = [
        encode(build(kind, number=HERE, client=client, seq=number, at=NOON))
        for kind in KINDS
        for number, client in enumerate(PEOPLE.values())
    ]
    for number, body in enumerate(bodies):
        assert POSTPONED not in apply(*normalize(body), raw_event=f"{number}", received_at_ms=SENT_AT_MS + number)
    before = everything()
    for body in reversed(bodies):
        assert set(apply(*normalize(body), raw_event="again", received_at_ms=SENT_AT_MS + 10**7)) <= {DUPLICATE}
    assert everything() == before
    assert is_sound(store)


def test_the_same_element_twice_in_one_request(apply: Apply) -> None:
    assert apply(message(), message()) == [APPLIED, DUPLICATE]
    assert apply(status(), status()) == [APPLIED, DUPLICATE]
    assert apply(platform(), platform()) == [APPLIED, DUPLICATE]
    assert apply(poison(), poison()) == [BURIED, DUPLICATE]


def test_a_replay_into_an_empty_home_builds_the_same_ids(store: Store, apply: Apply) -> None:
    apply(message(), reply(), status(), platform())
    before = read(store, "SELECT id FROM message UNION SELECT id FROM event UNION SELECT id FROM contact ORDER BY 1")

    def forget(tx: Tx) -> None:
        tx.audit.append(tx_record())
        for table in (
            "event",
            "message_status",
            "platform_event",
            "message",
            "conversation",
            "contact_alias",
            "contact_sighting",
        ):
            tx._connection.execute(f"DELETE FROM {table}")
        tx._connection.execute("DELETE FROM job")
        tx._connection.execute("DELETE FROM contact")

    store.write(forget)
    apply(message(), reply(), status(), platform(), raw_event="02RAW")
    after = read(store, "SELECT id FROM message UNION SELECT id FROM event UNION SELECT id FROM contact ORDER BY 1")
    assert after == before


def tx_record() -> Any:
    from lhwa.domain.audit import AuditRecord  # noqa: PLC0415 -- used by one test

    return AuditRecord("system:test", "test.emptied", "firm:firma")


# Messages.


def test_a_message_becomes_a_row_an_event_and_an_audit_record(store: Store, apply: Apply) -> None:
    assert apply(message("Selamat siang.")) == [APPLIED]
    row = one_message(store, "wamid.SAMPLE-IN-1")
    assert row is not None
    assert (row.direction, row.type, row.via, row.sent_at_ms, row.raw_event) == (
        "inbound",
        "text",
        "messages",
        SENT_AT_MS,
        "01RAW",
    )
    content = store.read(lambda tx: tx.messages.content(row))
    assert (content.text, content.wamid) == ("Selamat siang.", "wamid.SAMPLE-IN-1")
    [stored] = store.read(lambda tx: tx.events.about(f"message:{row.id}"))
    assert stored.event.type is EventType.MESSAGE_RECEIVED
    assert stored.event.data == {
        "id": row.id,
        "tenantId": "firma",
        "direction": "inbound",
        "senderHash": f"v1:{row.sender_hash.hex()}",
        "messageType": "text",
        "timestamp": "2026-11-22T05:00:00.000000Z",
        "contentRef": f"message:{row.id}",
        "channel": "whatsapp",
    }
    [entry] = store.read(lambda tx: tx.audit.about(f"message:{row.id}"))
    assert json.loads(entry.entry)["data"]["event"] == stored.event.id


def test_a_message_without_a_time_has_that_of_its_arrival(store: Store, apply: Apply) -> None:
    apply(message(sent_at_ms=None), received_at_ms=SENT_AT_MS + 7)
    assert read(store, "SELECT sent_at, received_at FROM message") == [(SENT_AT_MS + 7, SENT_AT_MS + 7)]


RECEIVED_MS = SENT_AT_MS + 500
DAY_MS = 86_400_000
AHEAD = [
    # what Meta's clock says                what is stored
    (RECEIVED_MS + DAY_MS, RECEIVED_MS + DAY_MS),
    (RECEIVED_MS + DAY_MS + 1, RECEIVED_MS),
    (4_102_444_800_000, RECEIVED_MS),
    (UNIX_MS_MAX, RECEIVED_MS),
]


@pytest.mark.parametrize(("told_ms", "stored_ms"), AHEAD)
@pytest.mark.parametrize("via", Via)
def test_a_message_from_far_ahead_has_the_time_of_its_arrival(
    store: Store, apply: Apply, clock: FakeClock, told_ms: int, stored_ms: int, via: Via
) -> None:
    clock.advance(40 * 365 * 86_400)  # drained decades later: only the receipt counts
    direction = Direction.OUTBOUND if via is Via.ECHO else Direction.INBOUND
    assert apply(message(sent_at_ms=told_ms, via=via, direction=direction)) == [APPLIED]
    [(row_id, sent_at)] = read(store, "SELECT id, sent_at FROM message")
    assert sent_at == stored_ms
    assert row_id[:10] == ulid(told_ms, bytes(10))[:10], "the id is the same whenever it comes"
    assert read(store, "SELECT at FROM event") == [(stored_ms,)]
    [thread] = store.read(lambda tx: tx.conversations.newest(rows_max=9))
    assert thread.last_message_at_ms == RECEIVED_MS, "nobody's clock keeps a thread on top"
    assert thread.last_inbound_at_ms == (RECEIVED_MS if via is Via.MESSAGES else None), "24 hours after its receipt"


@pytest.mark.parametrize(("told_ms", "stored_ms"), AHEAD)
def test_statuses_and_platform_events_from_far_ahead_too(
    store: Store, apply: Apply, told_ms: int, stored_ms: int
) -> None:
    person = Party(wa_id=CLIENT.wa_id, username="nanti")
    assert apply(
        reply(sent_at_ms=told_ms), status(at_ms=told_ms), platform(at_ms=told_ms, party=person)
    ) == [APPLIED] * 3  # fmt: skip
    assert read(store, "SELECT at FROM message_status UNION ALL SELECT at FROM platform_event") == [(stored_ms,)] * 2
    assert {at for (at,) in read(store, "SELECT at FROM event")} == {stored_ms}
    sure_ms = told_ms if told_ms == stored_ms else 0
    assert max(read(store, "SELECT first_at, last_at FROM contact_sighting")) == (stored_ms, sure_ms)
    assert store.read(lambda tx: [stored.event.time for stored in tx.events.last(rows_max=9)])


def test_a_message_from_far_ahead_does_not_hold_a_name_for_good(store: Store, apply: Apply) -> None:
    old = Party(wa_id=CLIENT.wa_id, username="dari masa depan")
    apply(message(sent_at_ms=UNIX_MS_MAX, party=old))
    new = Party(wa_id=CLIENT.wa_id, username="sekarang")
    apply(message(wamid="wamid.2", party=new, sent_at_ms=RECEIVED_MS + 1_000), received_at_ms=RECEIVED_MS + 2_000)
    contact = store.read(known_contact, new)
    assert contact is not None
    assert store.read(lambda tx: tx.contacts.profile(contact)).username == "sekarang"


def test_the_same_wamid_on_another_number_is_another_message(apply: Apply) -> None:
    assert apply(message(), message(phone_number_id="302")) == [APPLIED, APPLIED]


def test_replies_and_edits_find_their_message_in_any_order(store: Store, apply: Apply) -> None:
    edit = message(wamid="wamid.EDIT", type=MessageType.EDIT, wire_type="edit", target_wamid="wamid.SAMPLE-IN-1")
    answer = reply(reply_to_wamid="wamid.SAMPLE-IN-1")
    apply(edit, answer, message())
    original = one_message(store, "wamid.SAMPLE-IN-1")
    assert original is not None
    [amendment] = store.read(lambda tx: tx.messages.amendments(original.dedup))
    assert amendment.type == "edit"
    quoting = one_message(store)
    assert quoting is not None
    assert quoting.reply_to == original.dedup


def test_media_that_history_sends_later_completes_its_placeholder(store: Store, apply: Apply) -> None:
    early = message(
        None,
        type=MessageType.UNSUPPORTED,
        wire_type="media_placeholder",
        via=Via.HISTORY,
        content={"type": "media_placeholder"},
    )
    late = message(
        "Foto KTP", type=MessageType.IMAGE, wire_type="image", via=Via.HISTORY, content={"image": {"id": "77"}}
    )
    assert apply(early, late, early, late) == [APPLIED, APPLIED, DUPLICATE, DUPLICATE]
    row = one_message(store, "wamid.SAMPLE-IN-1")
    assert row is not None
    assert (row.type, row.wire_type) == ("image", "image")
    content = store.read(lambda tx: tx.messages.content(row))
    assert (content.text, content.content) == ("Foto KTP", {"image": {"id": "77"}})
    assert actions(store).count("message.completed") == 1
    assert read(store, "SELECT messages FROM conversation") == [(1,)]


def test_the_media_first_and_the_placeholder_late_is_a_duplicate(apply: Apply) -> None:
    late = message(None, type=MessageType.UNSUPPORTED, wire_type="media_placeholder", via=Via.HISTORY)
    assert apply(message(), late) == [APPLIED, DUPLICATE]


def test_a_message_of_nobody_is_buried(apply: Apply, store: Store) -> None:
    assert apply(message(party=Party(profile_name="x")), message()) == [BURIED, APPLIED]
    assert read(store, "SELECT reason FROM dead_letter") == [("no_identity",)]


# The window and what is unread.

WINDOWS: list[tuple[str, dict[str, Any], bool, bool]] = [
    ("a text", {}, True, True),
    ("a document", {"type": MessageType.DOCUMENT}, True, True),
    ("a button", {"type": MessageType.BUTTON}, True, True),
    ("unsupported", {"type": MessageType.UNSUPPORTED}, True, True),
    ("a reaction", {"type": MessageType.REACTION}, False, True),
    ("an edit", {"type": MessageType.EDIT}, False, True),
    ("a revoke", {"type": MessageType.REVOKE}, False, True),
    ("a system message", {"type": MessageType.SYSTEM}, False, True),
    ("standby", {"via": Via.STANDBY}, False, True),
    ("history", {"via": Via.HISTORY}, False, False),
    ("an echo", {"via": Via.ECHO, "direction": Direction.OUTBOUND}, False, False),
    ("history of the firm", {"via": Via.HISTORY, "direction": Direction.OUTBOUND}, False, False),
    ("in a group", {"group_id": "grup-contoh"}, False, True),
]


@pytest.mark.parametrize(
    ("changes", "opens_window", "is_unread"), [case[1:] for case in WINDOWS], ids=[case[0] for case in WINDOWS]
)
def test_what_opens_the_window_and_what_is_unread(
    store: Store, apply: Apply, changes: dict[str, Any], *, opens_window: bool, is_unread: bool
) -> None:
    apply(message(**changes))
    [row] = store.read(lambda tx: tx.conversations.newest(rows_max=9))
    assert isinstance(row, ConversationRow)
    assert row.last_inbound_at_ms == (SENT_AT_MS if opens_window else None)
    assert (row.unread, row.messages) == (int(is_unread), 1)
    assert (row.contact is None) == ("group_id" in changes)


def test_people_and_numbers_have_threads_of_their_own(store: Store, apply: Apply) -> None:
    other = Party(wa_id="6281230009999")
    apply(
        message(),
        reply(),
        message(wamid="b", party=other),
        message(wamid="c", phone_number_id="302"),
        message(wamid="d", group_id="g"),
        message(wamid="e", group_id="g", party=other),
    )
    found = store.read(lambda tx: tx.conversations.newest(rows_max=9))
    assert sorted(row.messages for row in found) == [1, 1, 2, 2]


# Statuses.


def test_statuses_and_their_message_in_every_order_end_in_the_same_state(store: Store, apply: Apply) -> None:
    words = ("sent", "delivered", "read", "failed")
    for number, order in enumerate(permutations(range(len(words) + 1))):
        wamid = f"wamid.{number}"
        parts: list[Element] = [status(word, wamid=wamid) for word in words]
        parts.append(reply(wamid=wamid))
        assert apply(*(parts[index] for index in order)) == [APPLIED] * 5
        row = one_message(store, wamid)
        assert row is not None
        assert row.status == "read", order
    assert store.read(lambda tx: tx.statuses.parked()) == 0
    assert is_sound(store)


@pytest.mark.parametrize(
    ("words", "state"),
    [
        (("failed",), "failed"),
        (("sent", "failed"), "failed"),
        (("failed", "delivered"), "delivered"),
        (("teleported",), None),
        (("read", "sent"), "read"),
        (("deleted", "sent"), "sent"),
    ],
    ids=str,
)
def test_statuses_before_and_after_their_message(
    store: Store, apply: Apply, words: tuple[str, ...], state: str | None
) -> None:
    facts = [status(word) for word in words]
    early = [status(word, wamid="wamid.EARLY") for word in words]
    apply(reply(), *facts)
    apply(*early, reply(wamid="wamid.EARLY"))
    for wamid in ("wamid.SAMPLE-OUT-1", "wamid.EARLY"):
        row = one_message(store, wamid)
        assert row is not None
        assert row.status == state


def test_only_a_change_of_state_is_an_event(store: Store, apply: Apply) -> None:
    apply(reply(), status("read"), status("sent"), status("delivered"), status("teleported"))
    row = one_message(store)
    assert row is not None
    events = [stored.event for stored in store.read(lambda tx: tx.events.about(f"message:{row.id}"))]
    assert [(event.type.value, event.data.get("status")) for event in events] == [
        ("MessageReceived", None),
        ("MessageStatusChanged", "read"),
    ]


def test_a_failure_carries_its_code(store: Store, apply: Apply) -> None:
    apply(reply(), status("failed", error_codes=(131047, 1)))
    row = one_message(store)
    assert row is not None
    event = store.read(lambda tx: tx.events.about(f"message:{row.id}"))[-1].event
    assert event.data == {"messageId": row.id, "status": "failed", "errorCode": 131047}


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, DUPLICATE),
        ({"at_ms": SENT_AT_MS + 9_000}, DUPLICATE),
        ({"status": "read"}, APPLIED),
        ({"error_codes": (131026,)}, APPLIED),
        ({"recipient": Party(wa_id="6281230009999")}, APPLIED),
        ({"participant": "6281230009999"}, APPLIED),
        ({"phone_number_id": "302"}, APPLIED),
        ({"wamid": "wamid.OTHER"}, APPLIED),
        ({"wamid": "wamid.SAMPLE-OUT-1|delivered", "status": "x"}, APPLIED),
    ],
    ids=str,
)
def test_what_makes_a_status_the_same_fact(apply: Apply, changes: dict[str, Any], outcome: Outcome) -> None:
    apply(status())
    word = changes.pop("status", "delivered")
    assert apply(status(word, **changes)) == [outcome]


def test_a_status_of_a_message_we_never_see_is_parked(store: Store, apply: Apply) -> None:
    assert apply(status()) == [APPLIED]
    assert store.read(lambda tx: tx.statuses.parked()) == 1
    assert actions(store)[-1] == "status.parked"
    assert read(store, "SELECT count(*) FROM event") == [(0,)]


@pytest.mark.parametrize(
    ("opaque", "kept"),
    [
        ("lhwa:01KAN5T9YB6Q2R8W4X7V3M0ZJD", "01KAN5T9YB6Q2R8W4X7V3M0ZJD"),
        ("01KAN5T9YB6Q2R8W4X7V3M0ZJD", "01KAN5T9YB6Q2R8W4X7V3M0ZJD"),
        ("kirim ke 6281230001111", None),
        ("lhwa:", None),
        ("", None),
        (None, None),
    ],
)
def test_only_our_own_id_is_kept_of_what_a_sender_attached(
    store: Store, apply: Apply, opaque: str | None, kept: str | None
) -> None:
    apply(status(opaque=opaque))
    assert read(store, "SELECT own_id FROM message_status") == [(kept,)]


# Platform events.


def test_template_news_and_alerts_become_events_and_the_rest_does_not(store: Store, apply: Apply) -> None:
    apply(
        platform("APPROVED", field="message_template_status_update", template_id="7001", severity="info"),
        platform("FLAGGED"),
        platform("ONBOARDING", severity="info"),
    )
    events = store.read(lambda tx: tx.events.last(rows_max=9))
    assert [(stored.event.type, stored.event.data) for stored in events] == [
        (
            EventType.TEMPLATE_STATUS_CHANGED,
            {
                "field": "message_template_status_update",
                "event": "APPROVED",
                "severity": "info",
                "templateId": "7001",
            },
        ),
        (
            EventType.ACCOUNT_ALERT,
            {"field": "phone_number_quality_update", "event": "FLAGGED", "severity": "warning"},
        ),
    ]
    assert read(store, "SELECT kind FROM job") == [("alert_staff",)]
    assert read(store, "SELECT count(*) FROM platform_event") == [(3,)]


CALL = {"field": "calls", "item_id": "wacid.1", "severity": "info"}
GROUP = {"field": "group_participants_update", "item_id": "grup-contoh"}
SAME: list[tuple[str, PlatformElement, PlatformElement, Outcome]] = [
    ("the same", platform(), platform(), DUPLICATE),
    ("another place", platform(), platform(position="entry[1].changes[0].value"), DUPLICATE),
    ("keys in another order", platform(value={"a": 1, "b": 2}), platform(value={"b": 2, "a": 1}), DUPLICATE),
    ("another time", platform(), platform(at_ms=SENT_AT_MS + 1_000), APPLIED),
    ("another value", platform(), platform(value={"event": "FLAGGED", "x": 1}), APPLIED),
    ("another field", platform(), platform(field="account_update"), APPLIED),
    ("another account", platform(), platform(waba_id="201"), APPLIED),
    ("a call told twice", platform("connect", **CALL), platform("connect", **CALL, value={"x": 1}), DUPLICATE),
    ("another event of a call", platform("connect", **CALL), platform("terminate", **CALL), APPLIED),
    (
        "another person enters the same group",
        platform("add", **GROUP, value={"wa_id": "1"}),
        platform("add", **GROUP, value={"wa_id": "2"}),
        APPLIED,
    ),
    (
        "the same alert a week later",
        platform("OBA_REJECTED", field="account_alerts", item_id="900"),
        platform("OBA_REJECTED", field="account_alerts", item_id="900", at_ms=SENT_AT_MS + 7 * 86_400_000),
        APPLIED,
    ),
    (
        "a flow changes twice",
        platform("FLOW_STATUS_CHANGE", field="flows", item_id="55", value={"new_status": "DRAFT"}),
        platform("FLOW_STATUS_CHANGE", field="flows", item_id="55", value={"new_status": "PUBLISHED"}),
        APPLIED,
    ),
]


@pytest.mark.parametrize(("first", "second", "outcome"), [case[1:] for case in SAME], ids=[case[0] for case in SAME])
def test_what_makes_a_platform_event_the_same(
    apply: Apply, first: PlatformElement, second: PlatformElement, outcome: Outcome
) -> None:
    assert apply(first) == [APPLIED]
    assert apply(second, received_at_ms=SENT_AT_MS + 90_000) == [outcome]


def test_a_late_copy_of_a_platform_event_leaves_the_contact_alone(apply: Apply, everything: Callable[[], Any]) -> None:
    stop = platform(
        "stop",
        field="user_preferences",
        severity="info",
        party=Party(wa_id=CLIENT.wa_id, username="lama"),
        at_ms=None,
    )
    apply(stop)
    apply(message(party=Party(wa_id=CLIENT.wa_id, username="baru")))
    before = everything()
    assert apply(stop, received_at_ms=SENT_AT_MS + 10**9) == [DUPLICATE]
    assert everything() == before


MESSAGING = [kind for kind in EventType if not kind.value.startswith(("Outbound", "Intake", "Consent"))]
"""The others are tested where they come from."""


@pytest.mark.parametrize("kind", MESSAGING)
def test_every_event_fits_its_schema(store: Store, apply: Apply, kind: EventType) -> None:
    change = build("system_number_changed", number=HERE, client=PEOPLE["with both"], seq=1, at=NOON)
    apply(
        message(),
        reply(),
        status("failed", error_codes=(1,)),
        platform("APPROVED", field="message_template_status_update", template_id="7001"),
        platform(),
        *normalize(encode(change)),
    )
    schema = json.loads(schema_files()[f"{kind.value}.json"])
    found = [stored.event for stored in store.read(lambda tx: tx.events.last(rows_max=99)) if stored.event.type is kind]
    assert found
    data_schema = schema["$defs"][DATA_OF[kind].__name__]
    for event in found:
        msgspec.convert(event.data, DATA_OF[kind], strict=True)
        assert set(data_schema["required"]) <= set(event.data) <= set(data_schema["properties"])
        assert set(schema["required"]) <= set(msgspec.to_builtins(event)) <= set(schema["properties"])


# Poison and failures.


def test_poison_goes_to_the_dead_letters_alone(store: Store, apply: Apply) -> None:
    batch: list[Element] = [message(wamid=f"wamid.{number}") for number in range(20)]
    batch[10:10] = [poison(b'{"broken": "one"}'), poison(b'{"broken": "two"}', reason="wrong_type")]
    outcomes = apply(*batch)
    assert outcomes.count(APPLIED) == 20
    assert outcomes.count(BURIED) == 2
    letters = store.read(lambda tx: tx.dead_letters.in_states(states=(DeadLetterState.OPEN,), rows_max=9))
    assert [letter.reason for letter in letters] == ["missing_id", "wrong_type"]
    assert store.read(lambda tx: [tx.dead_letters.content(letter) for letter in letters]) == [
        b'{"broken": "one"}',
        b'{"broken": "two"}',
    ]


def test_redelivered_poison_does_not_double(apply: Apply, everything: Callable[[], Any]) -> None:
    apply(poison())
    before = everything()
    elsewhere = "entry[3].changes[0].value.messages[1]"
    assert apply(poison(position=elsewhere), raw_event="02RAW") == [DUPLICATE]
    assert everything() == before
    apply(message(party=Party()))
    before = everything()
    again = apply(message(party=Party(), position=elsewhere), raw_event="02RAW", received_at_ms=SENT_AT_MS + 90_000)
    assert (again, everything()) == ([DUPLICATE], before)


class Breaking:
    """Makes a table method fail for some messages, as a defect of ours would."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_broken = True
        real = Conversations.count_message

        def count_message(table: Conversations, conversation: Any, **facts: Any) -> None:
            real(table, conversation, **facts)
            if self.is_broken and facts["sent_at_ms"] == SENT_AT_MS + 13:
                raise RuntimeError("canary of the defect")

        monkeypatch.setattr(Conversations, "count_message", count_message)


@pytest.fixture
def breaking(monkeypatch: pytest.MonkeyPatch) -> Breaking:
    return Breaking(monkeypatch)


def unlucky(number: int = 13) -> MessageElement:
    return message(
        wamid=f"wamid.{number}",
        sent_at_ms=SENT_AT_MS + number,
        position=f"entry[0].changes[0].value.messages[{number}]",
    )


def test_a_failing_element_is_postponed_and_costs_its_neighbours_nothing(
    store: Store, apply: Apply, breaking: Breaking
) -> None:
    assert breaking.is_broken
    outcomes = apply(*(unlucky(number) for number in range(20)))
    assert outcomes == [POSTPONED if number == 13 else APPLIED for number in range(20)]
    assert read(store, "SELECT messages FROM conversation") == [(19,)], "its part of the transaction is undone"
    assert read(store, "SELECT kind, state FROM job") == [("apply_element", "ready")]
    assert actions(store).count("element.postponed") == 1
    assert "canary" not in str(read(store, "SELECT CAST(entry AS TEXT) FROM audit_entry"))
    assert is_sound(store)


def test_a_postponed_element_is_applied_by_its_job(store: Store, apply: Apply, breaking: Breaking) -> None:
    apply(unlucky(), raw_event="07RAW")
    breaking.is_broken = False
    [job] = claim(store, lease_ms=1_000, jobs_max=9, retries=RetryPolicy())
    run_in_transaction(store, job, apply_job)
    row = one_message(store, "wamid.13")
    assert row is not None
    assert (row.raw_event, row.received_at_ms) == ("07RAW", SENT_AT_MS + 500)
    assert read(store, "SELECT count(*) FROM job") == [(0,)]


def test_a_job_that_finds_its_work_done_ends_with_a_record(store: Store, apply: Apply, breaking: Breaking) -> None:
    apply(unlucky())
    breaking.is_broken = False
    assert apply(unlucky(), raw_event="02RAW") == [APPLIED]
    [job] = claim(store, lease_ms=1_000, jobs_max=9, retries=RetryPolicy())
    run_in_transaction(store, job, apply_job)
    assert read(store, "SELECT count(*) FROM job") == [(0,)]
    assert read(store, "SELECT count(*) FROM message") == [(1,)]
    assert actions(store)[-1] == "element.settled_before"


def test_the_same_failing_element_is_postponed_once(store: Store, apply: Apply, breaking: Breaking) -> None:
    assert breaking.is_broken
    assert apply(unlucky()) == apply(unlucky()) == [POSTPONED]
    assert read(store, "SELECT count(*) FROM job") == [(1,)]
    assert actions(store).count("element.postponed") == 1


def test_an_element_buried_twice_leaves_one_letter_and_no_job(store: Store, apply: Apply, breaking: Breaking) -> None:
    assert breaking.is_broken

    def bury_claimed(tx: Tx, payload: bytes, seq: int) -> None:
        tx.jobs.finish(seq)
        bury_job(tx, payload, error="RuntimeError", tries=8)
        assert tx.audit.appended

    for _ in range(2):
        apply(unlucky())
        [job] = claim(store, lease_ms=1_000, jobs_max=9, retries=RetryPolicy())
        store.write(bury_claimed, job.payload, job.seq)
    assert read(store, "SELECT kind, reason, tries, state FROM dead_letter") == [("element", "RuntimeError", 8, "open")]
    assert read(store, "SELECT count(*) FROM job") == [(0,)]


def test_an_error_of_the_disk_undoes_the_whole_batch(
    store: Store, apply: Apply, everything: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything()

    def fail(*_: Any, **__: Any) -> None:
        raise apsw.FullError

    with monkeypatch.context() as patched:
        patched.setattr(Conversations, "count_message", fail)
        with pytest.raises(StorageError):
            apply(message(), status())
    assert everything() == before
    assert apply(message(), status()) == [APPLIED, APPLIED]


def test_a_real_full_disk_undoes_the_whole_batch(store: Store, apply: Apply, everything: Callable[[], Any]) -> None:
    apply(message())
    before = everything()
    connection = store._open()[0]
    connection.pragma("max_page_count", connection.pragma("page_count") + 2)
    batch = [message(f"teks {number}" * 50, wamid=f"wamid.{number}") for number in range(200)]
    with pytest.raises(StorageError):
        apply(*batch)
    assert everything() == before
    assert apply(*batch) == [APPLIED] * 200
    assert is_sound(store)


def test_one_persons_destroyed_key_does_not_stop_the_firm(
    store: Store, apply: Apply, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply(message())

    known, sighted = store.read(known_contact, CLIENT), Contacts.sighted

    def gone(contacts: Contacts, contact: ContactId, party: Party, **times: Any) -> Any:
        if contact == known:
            raise SealError("x")
        return sighted(contacts, contact, party, **times)

    monkeypatch.setattr(Contacts, "sighted", gone)
    other = message(wamid="wamid.OTHER", party=Party(wa_id="6281230009999"))
    assert apply(message(wamid="wamid.2"), other) == [POSTPONED, APPLIED]


def test_a_word_beyond_what_a_record_can_hold_is_kept_sealed_alone(apply: Apply) -> None:
    assert apply(platform("X" * 70_000), message()) == [APPLIED, APPLIED]


def test_numbers_beyond_64_bits_survive(store: Store, apply: Apply, clock: FakeClock) -> None:
    clock.advance(1)
    assert apply(message(content={"n": 1 << 80}), platform(value={"n": -(1 << 80)})) == [APPLIED, APPLIED]
    row = one_message(store, "wamid.SAMPLE-IN-1")
    assert row is not None
    assert store.read(lambda tx: tx.messages.content(row)).content == {"n": 1 << 80}
    assert from_ms(row.sent_at_ms) == NOON


def test_a_message_that_finds_its_statuses_waiting_announces_where_it_stands(store: Store, apply: Apply) -> None:
    apply(status("read", wamid="wamid.LATE"))
    apply(reply(wamid="wamid.LATE"), raw_event="01LATER")
    events = store.read(lambda tx: [stored.event for stored in tx.events.last(rows_max=9)])
    assert [event.type.value for event in events] == ["MessageReceived", "MessageStatusChanged"]
    assert events[-1].data["status"] == "read"
