from __future__ import annotations

import msgspec
import pytest

from lhwa.domain.elements import (
    ELEMENT_DECODER,
    ELEMENT_ENCODER,
    Element,
    IdentityChange,
    MessageElement,
    Party,
    PlatformElement,
    PoisonElement,
    StatusElement,
)
from lhwa.domain.messages import Direction, MessageType, Via

PARTY = Party(
    wa_id="6281230001111",
    bsuid="ID.canary",
    parent_bsuid="ID.ENT.canary",
    username="canary",
    profile_name="Canary 🙏",
    identity_key_hash="canary",
)
ELEMENTS: list[Element] = [
    MessageElement(
        position="entry[0].changes[0].value.messages[2]",
        phone_number_id="301",
        wamid="wamid.canary",
        direction=Direction.INBOUND,
        via=Via.MESSAGES,
        type=MessageType.SYSTEM,
        wire_type="system",
        party=PARTY,
        sent_at_ms=1,
        text="canary",
        content={"text": {"body": "canary"}, "n": 1 << 70},
        identity_change=IdentityChange(kind="user_changed_number", previous=PARTY, current=PARTY),
        error_codes=(131047,),
    ),
    StatusElement(
        position="p",
        phone_number_id="301",
        wamid="wamid.canary",
        status="sent",
        recipient=PARTY,
        at_ms=None,
        opaque="canary",
        content={"canary": True},
    ),
    PlatformElement(position="p", field="f", event="E", severity="info", party=PARTY, value={"canary": None}),
    PoisonElement(position="p", reason="missing_id", raw=b"canary \xff\x00"),
]


@pytest.mark.parametrize("element", ELEMENTS, ids=lambda element: type(element).__name__)
def test_an_element_survives_a_retry(element: Element) -> None:
    assert ELEMENT_DECODER.decode(ELEMENT_ENCODER.encode(element)) == element


@pytest.mark.parametrize("element", [*ELEMENTS, PARTY], ids=lambda element: type(element).__name__)
def test_no_element_shows_its_content(element: msgspec.Struct) -> None:
    for shown in (repr(element), str(element), f"{element}", repr([element])):
        assert "canary" not in shown.lower()
        assert "62812" not in shown


def test_an_element_shows_its_place() -> None:
    assert repr(ELEMENTS[0]) == "MessageElement(entry[0].changes[0].value.messages[2])"


@pytest.mark.parametrize(
    ("party", "is_nobody"),
    [
        (Party(), True),
        (Party(username="x", profile_name="y"), True),
        (Party(wa_id=""), True),
        (Party(wa_id="6281230001111"), False),
        (Party(bsuid="ID.1"), False),
        (Party(parent_bsuid="ID.ENT.1"), False),
    ],
    ids=["empty", "names only", "empty number", "number", "user id", "parent user id"],
)
def test_a_party_is_nobody_without_an_identifier(party: Party, *, is_nobody: bool) -> None:
    assert party.is_nobody is is_nobody
