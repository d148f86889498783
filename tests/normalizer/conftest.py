"""What the tests of the normalizer share: bodies around items, and the elements that come out."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from lhwa.domain.elements import Element, MessageElement, PlatformElement, StatusElement
from lhwa.normalizer.normalize import normalize

METADATA = {"display_phone_number": "622150001234", "phone_number_id": "301301301301301"}

BodyOf = Callable[..., bytes]


def _body_of(value: Any, field: str | None = "messages", **entry: Any) -> bytes:
    change = {"value": value} if field is None else {"value": value, "field": field}
    whole = {"object": "whatsapp_business_account", "entry": [{"id": "200300400500600", **entry, "changes": [change]}]}
    return json.dumps(whole).encode()


@pytest.fixture(scope="session")
def body_of() -> BodyOf:
    """A value and its field -> a whole body."""
    return _body_of


@pytest.fixture
def items_of() -> Callable[..., list[Element]]:
    """The lists of one value that belongs to a number -> its elements."""

    def several(field: str = "messages", **lists: Any) -> list[Element]:
        return normalize(_body_of({"messaging_product": "whatsapp", "metadata": METADATA, **lists}, field))

    return several


@pytest.fixture
def message_from() -> Callable[..., MessageElement]:
    """One message with the given parts -> its element."""

    def one(part: dict[str, Any], *, contacts: Any = None) -> MessageElement:
        item = {"id": "wamid.A", "from": "6281230001111", "timestamp": "1795305600"} | part
        item = {key: content for key, content in item.items() if content is not ...}
        [element] = normalize(_body_of({"metadata": METADATA, "contacts": contacts, "messages": [item]}))
        assert isinstance(element, MessageElement)
        return element

    return one


@pytest.fixture
def status_from() -> Callable[..., StatusElement]:
    """One status with the given parts -> its element."""

    def one(part: dict[str, Any], *, contacts: Any = None) -> StatusElement:
        item = {"id": "wamid.OUT", "status": "sent", "timestamp": "1795305600"} | part
        [element] = normalize(_body_of({"metadata": METADATA, "contacts": contacts, "statuses": [item]}))
        assert isinstance(element, StatusElement)
        return element

    return one


@pytest.fixture
def platform_from() -> Callable[..., PlatformElement]:
    """One value of a field -> its element."""

    def one(field: str | None, value: dict[str, Any], **entry: Any) -> PlatformElement:
        [element] = normalize(_body_of(value, field, **entry))
        assert isinstance(element, PlatformElement)
        return element

    return one
