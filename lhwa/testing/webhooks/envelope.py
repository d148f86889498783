"""The envelope around sample items: a body with one entry, one change and one value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lhwa.testing.webhooks.scene import Kind, Scene, present

OBJECT = "whatsapp_business_account"

Part = Callable[[Scene], dict[str, Any]]
"""What one kind adds to its item."""


def body(scene: Scene, field: str, value: dict[str, Any], *, timed: bool = True) -> dict[str, Any]:
    """A whole webhook body. Entries have a time on all fields other than `messages`."""
    entry = present(
        id=scene.number.waba_id,
        time=scene.unix() if timed and field != "messages" else None,
        changes=[{"value": value, "field": field}],
    )
    return {"object": OBJECT, "entry": [entry]}


def value_of(scene: Scene, **lists: Any) -> dict[str, Any]:
    """The value of a field that belongs to one number."""
    return {"messaging_product": "whatsapp", "metadata": metadata(scene), **lists}


def metadata(scene: Scene) -> dict[str, Any]:
    """Which number a value is for."""
    return {
        "display_phone_number": scene.number.display_phone_number,
        "phone_number_id": scene.number.phone_number_id,
    }


def contact(scene: Scene, *, profile: bool = True) -> dict[str, Any]:
    """The client as `contacts` describes them."""
    client = scene.client
    return present(
        profile=present(name=client.name, username=client.username) if profile else None,
        wa_id=client.wa_id,
        user_id=client.bsuid,
    )


def inbound_item(scene: Scene, name: str, part: dict[str, Any]) -> dict[str, Any]:
    """One message of the client."""
    base = present(
        **{"from": scene.client.wa_id},
        from_user_id=scene.client.bsuid,
        id=scene.wamid(name),
        timestamp=scene.stamp(),
    )
    return base | part


def inbound(scene: Scene, name: str, part: dict[str, Any]) -> dict[str, Any]:
    """The webhook of one message of the client."""
    value = value_of(scene, contacts=[contact(scene)], messages=[inbound_item(scene, name, part)])
    return body(scene, "messages", value)


def message_kind(name: str, summary: str, part: Part) -> Kind:
    """A kind that is one inbound message."""
    return Kind(name=name, summary=summary, field="messages", build=lambda scene: inbound(scene, name, part(scene)))


def platform_kind(name: str, summary: str, value: Part, *, field: str = "") -> Kind:
    """A kind that is one event of the account, a number or a template; the field is its name unless given."""
    named = field or name
    return Kind(
        name=name,
        summary=summary,
        field=named,
        build=lambda scene: body(scene, named, value(scene)),
        gives="platform",
    )
