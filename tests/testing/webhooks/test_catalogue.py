"""The catalogue: what every kind promises."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from lhwa.domain.elements import Element, MessageElement, PlatformElement, PoisonElement, StatusElement
from lhwa.domain.messages import Direction, MessageType, Via
from lhwa.errors import UsageError
from lhwa.normalizer.normalize import normalize
from lhwa.testing.webhooks import KINDS, BusinessNumber, Client, build, encode, merge

NUMBER = BusinessNumber(
    phone_number_id="301301301301301", display_phone_number="622150001234", waba_id="200300400500600"
)
CLIENT = Client(name="Rina Contoh", wa_id="6281230001111", bsuid="ID.88001122334455", username="rina.contoh")
AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
CLASSES: dict[str, type[Element]] = {
    "message": MessageElement,
    "status": StatusElement,
    "platform": PlatformElement,
    "poison": PoisonElement,
}

TYPES = {
    "image": MessageType.IMAGE,
    "document": MessageType.DOCUMENT,
    "document_no_caption": MessageType.DOCUMENT,
    "voice": MessageType.AUDIO,
    "voice_legacy": MessageType.AUDIO,
    "audio": MessageType.AUDIO,
    "video": MessageType.VIDEO,
    "media_failed": MessageType.VIDEO,
    "sticker": MessageType.STICKER,
    "location": MessageType.LOCATION,
    "contacts": MessageType.CONTACTS,
    "contacts_requested": MessageType.CONTACTS,
    "contacts_nameless": MessageType.CONTACTS,
    "order": MessageType.ORDER,
    "button_reply": MessageType.INTERACTIVE,
    "list_reply": MessageType.INTERACTIVE,
    "flow_reply": MessageType.INTERACTIVE,
    "call_permission_reply": MessageType.INTERACTIVE,
    "interactive_unknown": MessageType.INTERACTIVE,
    "interactive_empty": MessageType.INTERACTIVE,
    "button": MessageType.BUTTON,
    "button_no_context": MessageType.BUTTON,
    "reaction": MessageType.REACTION,
    "reaction_removed": MessageType.REACTION,
    "edit": MessageType.EDIT,
    "revoke": MessageType.REVOKE,
    "system_number_changed": MessageType.SYSTEM,
    "system_number_changed_old": MessageType.SYSTEM,
    "system_number_changed_oldest": MessageType.SYSTEM,
    "system_user_id_changed": MessageType.SYSTEM,
    "system_identity_changed": MessageType.SYSTEM,
    "unsupported": MessageType.UNSUPPORTED,
    "unsupported_unavailable": MessageType.UNSUPPORTED,
    "unknown": MessageType.UNSUPPORTED,
    "ephemeral": MessageType.UNSUPPORTED,
    "request_welcome": MessageType.UNSUPPORTED,
    "future_type": MessageType.UNSUPPORTED,
    "echo_edit": MessageType.EDIT,
    "echo_revoke": MessageType.REVOKE,
    "history_media": MessageType.IMAGE,
}
"""All other kinds of messages are texts."""
MIXED = {
    "text_handed_over": ["message", "platform"],
    "history": ["message", "message", "message", "platform"],
    "batch": [*["message"] * 9, "poison"],
    "empty": [],
}


def elements(kind: str, *, seq: int = 1, client: Client = CLIENT) -> list[Element]:
    return normalize(encode(build(kind, number=NUMBER, client=client, seq=seq, at=AT)))


def wamids(found: list[Element]) -> set[str]:
    return {element.wamid for element in found if isinstance(element, MessageElement)}


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.gives != "mixed"])
def test_each_kind_becomes_the_one_element_that_it_promises(name: str) -> None:
    [element] = elements(name)
    assert type(element) is CLASSES[KINDS[name].gives]
    if isinstance(element, MessageElement):
        assert element.type is TYPES.get(name, MessageType.TEXT)
        assert not element.party.is_nobody
    if isinstance(element, (MessageElement, StatusElement)):
        assert element.phone_number_id == NUMBER.phone_number_id
    if isinstance(element, PlatformElement) and KINDS[name].field not in ("messages", "", "history"):
        assert element.field == KINDS[name].field


@pytest.mark.parametrize("kind", list(MIXED))
def test_mixed_kinds_become_what_is_in_them(kind: str) -> None:
    assert KINDS[kind].gives == "mixed"
    found = [word for element in elements(kind) for word, class_ in CLASSES.items() if isinstance(element, class_)]
    assert sorted(found) == MIXED[kind]


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_kind_is_the_same_for_the_same_number_and_new_for_another(kind: str) -> None:
    def body(seq: int) -> bytes:
        return encode(build(kind, number=NUMBER, client=CLIENT, seq=seq, at=AT))

    assert body(1) == body(1)
    assert not wamids(elements(kind, seq=1)) & wamids(elements(kind, seq=2))


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_can_be_of_somebody_without_number_or_names(kind: str) -> None:
    hidden = Client(name="Tamu", wa_id=None, bsuid="ID.1", username=None)
    assert len(elements(kind, client=hidden)) == len(elements(kind))
    body = build(kind, number=NUMBER, client=hidden, seq=1, at=AT)
    assert b"6281230001111" not in encode(body)


def test_message_kinds_share_no_ids() -> None:
    kinds = [kind for kind in KINDS if kind != "history_media"]  # the file of a message that `history` announced
    ids = [wamids(elements(kind)) for kind in kinds]
    assert sum(map(len, ids)) == len(set().union(*ids))


def test_statuses_are_about_one_message_and_later_ones_are_later() -> None:
    kinds = ("status_sent", "status_delivered", "status_read", "status_played")
    found = [element for kind in kinds for element in elements(kind) if isinstance(element, StatusElement)]
    assert len({element.wamid for element in found}) == 1
    times = [element.at_ms or 0 for element in found]
    assert times == sorted(set(times))


def test_an_edit_and_a_revoke_are_about_the_text_of_their_number() -> None:
    [text], [edit], [revoke] = elements("text"), elements("edit"), elements("revoke")
    assert isinstance(text, MessageElement)
    assert isinstance(edit, MessageElement)
    assert isinstance(revoke, MessageElement)
    assert text.wamid == edit.target_wamid == revoke.target_wamid


@pytest.mark.parametrize(
    ("kind", "via", "directions"),
    [
        ("text", Via.MESSAGES, [Direction.INBOUND]),
        ("echo", Via.ECHO, [Direction.OUTBOUND]),
        ("history", Via.HISTORY, [Direction.INBOUND, Direction.OUTBOUND, Direction.INBOUND]),
        ("standby", Via.STANDBY, [Direction.INBOUND]),
    ],
)
def test_feeds_say_who_wrote(kind: str, via: Via, directions: list[Direction]) -> None:
    found = [element for element in elements(kind) if isinstance(element, MessageElement)]
    assert [(element.via, element.direction) for element in found] == [(via, direction) for direction in directions]
    assert {element.party.wa_id for element in found} == {CLIENT.wa_id}


def test_merged_kinds_become_what_each_becomes() -> None:
    bodies = [build(kind, number=NUMBER, client=CLIENT, seq=1, at=AT) for kind in KINDS if kind != "other_object"]
    alone = sum(len(elements(kind)) for kind in KINDS if kind != "other_object")
    assert len(normalize(encode(merge(bodies)))) == alone


def test_times_come_from_the_given_instant() -> None:
    later = build("text", number=NUMBER, client=CLIENT, seq=1, at=AT + timedelta(seconds=1))
    [element] = normalize(encode(later))
    assert isinstance(element, MessageElement)
    assert element.sent_at_ms == int(AT.timestamp() * 1000) + 1000


def test_every_kind_has_a_name_for_the_command_line_and_a_summary() -> None:
    for name, kind in KINDS.items():
        assert name == kind.name
        assert re.fullmatch(r"[a-z][a-z0-9_]*", name)
        assert kind.summary[0].isupper()
        assert not kind.summary.endswith(".")


def test_an_unknown_kind_is_refused_with_names_that_are_close() -> None:
    with pytest.raises(UsageError) as caught:
        build("buton", number=NUMBER, client=CLIENT, seq=1, at=AT)
    assert "button" in caught.value.hint


def test_sample_webhooks_need_nothing_heavy() -> None:
    program = "import sys, lhwa.testing.webhooks; print(*sorted(m for m in sys.modules if m in sys.argv))"
    heavy = ["msgspec", "httpx", "cryptography", "apsw", "rich", "typer"]
    run = subprocess.run([sys.executable, "-c", program, *heavy], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []
