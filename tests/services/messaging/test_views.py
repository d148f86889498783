from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from lhwa.domain.access import NOT_YOURS, Permission, Principal, Role
from lhwa.domain.audit import AuditRecord
from lhwa.domain.elements import Party
from lhwa.domain.instants import UNIX_MS_MAX
from lhwa.domain.messages import MessageType
from lhwa.errors import NotAllowedError, SealError
from lhwa.services.messaging.views import (
    ConversationView,
    MessageView,
    list_conversations,
    list_messages,
    show_conversation,
    show_message,
)
from lhwa.store.store import Store
from lhwa.store.tables.messages import Messages
from lhwa.store.transaction import Tx
from lhwa.testing.builders import CLIENT, SENT_AT_MS, acting_as, message, reply, status
from lhwa.testing.fakes import FakeClock

OWNER = acting_as(Role.OWNER)
READERS = [role for role in Role if acting_as(role).may(Permission.READ_CONTENT)]
OTHERS = [role for role in Role if role not in READERS]
SECRETS = (
    "kalimat canary",
    "wamid.",
    "6281230001111",
    "81230001111",
    "ID.88001122334455",
    "Contoh Klien",
    "contohklien",
)
PERSON = msgspec.structs.replace(CLIENT, username="contohklien")


@pytest.fixture
def thread(store: Store, apply: Callable[..., Any]) -> str:
    apply(
        message("kalimat canary", party=PERSON),
        reply("balasan: kalimat canary", sent_at_ms=SENT_AT_MS + 1_000, reply_to_wamid="wamid.SAMPLE-IN-1"),
        status("read"),
    )
    [row] = store.read(lambda tx: tx.conversations.newest(rows_max=9))
    return row.id


def views(store: Store, me: Principal, thread: str) -> dict[str, Any]:
    """Every view of the same thread, as JSON."""
    return {
        "conversations": store.write(list_conversations, me, rows_max=9),
        "conversation": store.write(show_conversation, me, thread, rows_max=9),
        "messages": store.write(list_messages, me, rows_max=9),
        "messages of it": store.write(list_messages, me, rows_max=9, conversation=thread),
        "message": store.write(show_message, me, message_ids(store)[0]),
        "message by wamid": store.write(show_message, me, "wamid.SAMPLE-OUT-1"),
    }


def message_ids(store: Store) -> list[str]:
    return [row.id for row in store.read(lambda tx: tx.messages.newest(rows_max=9))]


def audit(store: Store, *, start: int = 0) -> list[dict[str, Any]]:
    return [json.loads(entry.entry) for entry in store.read(lambda tx: list(tx.audit.entries(start=start)))]


@pytest.mark.parametrize("role", OTHERS)
def test_roles_without_content_see_that_things_exist_and_no_more(store: Store, thread: str, role: Role) -> None:
    for name, shown in views(store, acting_as(role), thread).items():
        text = msgspec.json.encode(shown).decode()
        assert "firma" in text or name == "conversations"
        for secret in SECRETS:
            assert secret not in text, name
    [listed] = store.write(list_conversations, acting_as(role), rows_max=9)
    assert (listed.messages, listed.unread, listed.contact, listed.name) == (2, 1, None, None)


@pytest.mark.parametrize("role", READERS)
def test_roles_with_content_see_texts_and_masked_numbers(store: Store, thread: str, role: Role) -> None:
    for name, shown in views(store, acting_as(role), thread).items():
        text = msgspec.json.encode(shown).decode()
        assert "6281230001111" not in text, name
        assert "ID.88001122334455" not in text, name
        if name != "conversations":
            assert "kalimat canary" in text, name
    [listed] = store.write(list_conversations, acting_as(role), rows_max=9)
    assert (listed.contact, listed.name) == ("+62 812-••••-1111", "Contoh Klien")


def test_each_message_of_a_list_has_its_own_person(store: Store, thread: str, apply: Callable[..., Any]) -> None:
    other = Party(wa_id="6281230002222")
    apply(
        message("dari orang lain", party=other, wamid="wamid.OTHER"), message("lagi", party=PERSON, wamid="wamid.MORE")
    )
    listed = store.write(list_messages, OWNER, rows_max=9)
    masked = {each.text: each.contact for each in listed}
    assert masked.pop("dari orang lain") == "+62 812-••••-2222"
    assert len(masked) == 3
    assert set(masked.values()) == {"+62 812-••••-1111"}


def test_every_read_leaves_one_record_of_what_was_shown(store: Store, thread: str) -> None:
    auditor = acting_as(Role.AUDITOR)
    before = store.read(lambda tx: tx.audit.frontier().size)
    views(store, OWNER, thread)
    views(store, auditor, thread)
    first, *_ = message_ids(store)
    records = audit(store, start=before)
    expected = [
        ("conversation.read", "firm:firma", {"count": 1}),
        ("message.read", f"conversation:{thread}", {"count": 2}),
        ("message.read", "firm:firma", {"count": 2}),
        ("message.read", f"conversation:{thread}", {"count": 2}),
        ("message.read", f"message:{first}", {"count": 1}),
        ("message.read", f"message:{first}", {"count": 1}),
    ]
    for who, saw, part in ((OWNER, "content", records[:6]), (auditor, "records", records[6:])):
        assert [(each["action"], each["target"], each["data"]) for each in part] == [
            (action, target, {**data, "saw": saw}) for action, target, data in expected
        ]
        assert {each["actor"] for each in part} == {f"operator:{who.operator}"}
    for secret in SECRETS:
        assert secret not in json.dumps(records)


@pytest.mark.parametrize("role", Role)
def test_what_is_not_here_is_not_yours(store: Store, thread: str, role: Role) -> None:
    me = acting_as(role)
    before = store.read(lambda tx: tx.audit.frontier().size)
    asked: list[Callable[[], Any]] = [
        lambda: store.write(show_message, me, "01KAN5T9YB6Q2R8W4X7V3M0ZJD"),
        lambda: store.write(show_message, me, "wamid.ABSENT"),
        lambda: store.write(show_message, me, ""),
        lambda: store.write(show_conversation, me, "absent", rows_max=9),
        lambda: store.write(list_messages, me, rows_max=9, conversation="absent"),
    ]
    for asking in asked:
        with pytest.raises(NotAllowedError) as refused:
            asking()
        assert refused.value.message == NOT_YOURS
    assert store.read(lambda tx: tx.audit.frontier().size) == before
    assert thread


def test_a_message_is_the_wire_type_with_what_the_role_may_see(store: Store, thread: str) -> None:
    [newest, oldest] = [msgspec.to_builtins(view) for view in store.write(list_messages, OWNER, rows_max=9)]
    assert oldest == {
        "id": oldest["id"],
        "tenantId": "firma",
        "channel": "whatsapp",
        "direction": "inbound",
        "senderHash": oldest["senderHash"],
        "messageType": "text",
        "contentRef": f"message:{oldest['id']}",
        "timestamp": "2026-11-22T05:00:00.000000Z",
        "conversationId": thread,
        "via": "messages",
        "status": None,
        "contact": "+62 812-••••-1111",
        "text": "kalimat canary",
        "wamid": "wamid.SAMPLE-IN-1",
        "edited": False,
        "revoked": False,
        "unreadable": False,
    }
    assert (newest["status"], newest["direction"]) == ("read", "outbound")


def test_one_message_with_all_that_belongs_to_it(store: Store, apply: Callable[..., Any], thread: str) -> None:
    about = {"target_wamid": "wamid.SAMPLE-IN-1"}
    apply(
        message("kata baru", wamid="wamid.E", type=MessageType.EDIT, wire_type="edit", **about),
        message(None, wamid="wamid.R", type=MessageType.REVOKE, wire_type="revoke", **about),
        message("👍", wamid="wamid.L", type=MessageType.REACTION, wire_type="reaction", **about),
    )
    detail = store.write(show_message, OWNER, "wamid.SAMPLE-IN-1")
    assert (detail.message.edited, detail.message.revoked, len(detail.amendments)) == (True, True, 3)
    assert detail.content == {"body": "kalimat canary"}
    answer = store.write(show_message, OWNER, "wamid.SAMPLE-OUT-1")
    assert answer.reply_to == detail.message.id
    assert [fact.status for fact in answer.statuses] == ["read"]
    assert thread


def test_the_window_closes_24_hours_after_the_clients_last_message(store: Store, thread: str, clock: FakeClock) -> None:
    def window() -> str | None:
        [view] = store.write(list_conversations, OWNER, rows_max=9)
        return view.window_closes_at

    assert window() == "2026-11-23T05:00:00.000000Z"
    clock.advance(24 * 3_600 - 1)
    assert window() == "2026-11-23T05:00:00.000000Z"
    clock.advance(1)
    assert window() is None
    assert thread


@pytest.mark.parametrize("last_ms", [UNIX_MS_MAX, 1 << 60, 0])
def test_a_thread_of_an_older_file_can_always_be_shown(store: Store, thread: str, last_ms: int) -> None:
    def spoil(tx: Tx) -> None:
        tx.audit.append(AuditRecord("system:test", "test.spoiled", "firm:firma"))
        for change in (
            "UPDATE conversation SET last_inbound_at = ?, last_message_at = ?",
            "UPDATE message SET sent_at = ?, received_at = ?",
            "UPDATE message_status SET at = ?, received_at = ?",
        ):
            tx._connection.execute(change, (last_ms, last_ms))

    store.write(spoil)
    for shown in views(store, OWNER, thread).values():
        assert shown
    assert store.write(show_conversation, OWNER, thread, rows_max=9)[0].window_closes_at is None


def test_who_needs_a_look_is_marked(store: Store, apply: Callable[..., Any]) -> None:
    apply(message(), message(wamid="b", party=Party(wa_id="6281230009999", bsuid=CLIENT.bsuid)))
    [view] = store.write(list_conversations, acting_as(Role.AUDITOR), rows_max=9)
    assert view.needs_review == ("number_changed",)


def test_people_without_a_number_and_groups(store: Store, apply: Callable[..., Any]) -> None:
    apply(
        message(party=Party(bsuid="ID.88001122334455")),
        message(wamid="b", group_id="g", party=Party(wa_id="6281230009999")),
    )
    shown = {view.kind: view for view in store.write(list_conversations, OWNER, rows_max=9)}
    assert shown["person"].contact == "ID.••••4455"
    assert (shown["group"].contact, shown["group"].name) == (None, None)
    assert isinstance(shown["group"], ConversationView)


def test_a_message_whose_key_is_gone_says_so(store: Store, thread: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: Any) -> Any:
        raise SealError("x")

    monkeypatch.setattr(Messages, "content", gone)
    for role in (Role.OWNER, Role.AUDITOR):
        first = store.write(list_messages, acting_as(role), rows_max=9)[0]
        assert isinstance(first, MessageView)
        assert first.unreadable is (role is Role.OWNER)
        assert first.text is first.wamid is msgspec.UNSET
    assert thread


def test_numbers_in_system_messages_are_masked(store: Store, apply: Callable[..., Any]) -> None:
    text = "User Contoh changed from 6281230001111 to +6281230002222"
    apply(message(text, type=MessageType.SYSTEM, wire_type="system"), message("nomor saya 6281230001111", wamid="b"))
    shown = {view.wamid: view.text for view in store.write(list_messages, OWNER, rows_max=9)}
    assert shown["wamid.SAMPLE-IN-1"] == "User Contoh changed from +62 812-••••-1111 to +62 812-••••-2222"
    assert shown["b"] == "nomor saya 6281230001111"


SYSTEM = {
    "type": "system",
    "from": "6281230001111",
    "system": {
        "type": "user_changed_number",
        "body": "User Contoh changed from 6281230001111 to +6281230002222",
        "wa_id": "6281230002222",
        "new_wa_id": 6281230002222,
        "customer": "6281230001111",
        "identity": "6281230001111",
        "user_id": "ID.99002233445566",
        "previous_user_id": "ID.88001122334455",
        "future_key": ["6281230001111", {"deeper": "ID.88001122334455"}],
    },
}


def test_nothing_of_a_system_message_spells_a_number_out(store: Store, apply: Callable[..., Any]) -> None:
    text = SYSTEM["system"]["body"]  # type: ignore[index]  # the sample above
    apply(message(text, type=MessageType.SYSTEM, wire_type="system", content=SYSTEM))
    shown = store.write(show_message, OWNER, "wamid.SAMPLE-IN-1")
    assert shown.content["wa_id"] == shown.content["new_wa_id"] == "+62 812-••••-2222"
    assert shown.content["type"] == "user_changed_number"
    for secret in ("81230001111", "81230002222", "88001122334455", "99002233445566"):
        assert secret not in msgspec.json.encode(shown).decode()


ENVELOPE = {"from": "6281230001111", "id": "wamid.RAHASIA", "timestamp": "1795305600", "text": {"body": "x"}}


@pytest.mark.parametrize(
    "key", ["from", "id", "timestamp", "type", "to", "group_id", "context", "from_user_id", "absent", ""]
)
def test_content_is_the_types_own_object_and_never_a_part_of_the_envelope(
    store: Store, apply: Callable[..., Any], key: str
) -> None:
    content = ENVELOPE | {"context": {"from": "6281230001111"}, "to": {"x": 1}, "type": key}
    apply(message(None, type=MessageType.UNSUPPORTED, wire_type=key, content=content))
    assert store.write(show_message, OWNER, "wamid.SAMPLE-IN-1").content is None


def test_a_type_of_the_future_shows_its_own_object(store: Store, apply: Callable[..., Any]) -> None:
    content = ENVELOPE | {"type": "hologram", "hologram": {"caption": "halo", "wa_id": "6281230001111"}}
    apply(message(None, type=MessageType.UNSUPPORTED, wire_type="hologram", content=content))
    shown = store.write(show_message, OWNER, "wamid.SAMPLE-IN-1").content
    assert shown == {"caption": "halo", "wa_id": "+62 812-••••-1111"}


def test_lists_are_limited_and_ordered(store: Store, apply: Callable[..., Any]) -> None:
    apply(*(message(wamid=f"wamid.{number}", sent_at_ms=SENT_AT_MS + number) for number in range(5)))
    shown = [view.wamid for view in store.write(list_messages, OWNER, rows_max=2)]
    assert shown == ["wamid.4", "wamid.3"]
    later = store.write(list_messages, OWNER, rows_max=9, since_ms=SENT_AT_MS + 3)
    assert [view.wamid for view in later] == ["wamid.4", "wamid.3"]
    [row] = store.read(lambda tx: tx.conversations.newest(rows_max=9))
    _, newest = store.write(show_conversation, OWNER, row.id, rows_max=2)
    assert [view.wamid for view in newest] == ["wamid.3", "wamid.4"]
