"""Any request at all gets an answer in Meta's shape: the emulator has no bad day of its own."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sandbox.stage import BODY, CLIENT, PHONE, REMINDER, WABA, Stage, filled
from tests.sandbox.test_messages import BUTTON, ROW, interactive
from tests.sandbox.test_templates import BUTTONS, DOCUMENT, DOCUMENT_HEADER, PLAIN, REPLY, TEXT_HEADER, URL

SEND = {"messaging_product": "whatsapp", "to": CLIENT}
MESSAGES: list[dict[str, Any]] = [
    {"type": "text", "text": {"body": "Halo"}, "context": {"message_id": "wamid.1"}, "biz_opaque_callback_data": "x"},
    {"type": "image", "image": {"id": "1", "caption": "x"}},
    {"type": "location", "location": {"latitude": "1", "longitude": "2"}},
    {"type": "contacts", "contacts": [{"name": {"formatted_name": "x"}}]},
    {"type": "reaction", "reaction": {"message_id": "w", "emoji": "x"}},
    interactive("button", {"buttons": [BUTTON]}, header={"type": "image", "image": {"id": "1"}}, footer={"text": "x"}),
    interactive("list", {"button": "x", "sections": [{"title": "x", "rows": [ROW]}]}),
    interactive("cta_url", {"name": "cta_url", "parameters": {"display_text": "x", "url": "https://x.id"}}),
    {"status": "read", "message_id": "wamid.1", "typing_indicator": {"type": "text"}},
    filled(components=[PLAIN, DOCUMENT, URL, REPLY]),
]
TEMPLATE = REMINDER | {"components": [BODY, DOCUMENT_HEADER, BUTTONS]}
REQUESTS = [
    *((f"/{PHONE}/messages", SEND | message) for message in MESSAGES),
    (f"/{WABA}/message_templates", TEMPLATE),
    (f"/{WABA}/message_templates", REMINDER | {"components": [BODY, TEXT_HEADER, {"type": "FOOTER", "text": "x"}]}),
    (f"/{WABA}/subscribed_apps", {"override_callback_uri": "https://x.id", "verify_token": "x"}),
    (f"/{PHONE}/settings", {"user_identity_change": {"enable_identity_key_check": True}}),
    (f"/{PHONE}/block_users", {"messaging_product": "whatsapp", "block_users": [{"user": CLIENT}]}),
    (f"/{PHONE}", {"webhook_configuration": {"override_callback_uri": "", "verify_token": "x"}}),
]
JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        1.5,
        "",
        "x",
        "{{1}}",
        "image",
        "URL",
        "x" * 5_000,
        [],
        ["x"],
        [[]],
        {},
        {"type": "text"},
        "\ud83d",
    ]
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of everything below a value."""
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [below for key in keys for below in [(*path, key), *places(value[key], (*path, key))]]


@settings(max_examples=400)
@given(st.sampled_from(REQUESTS), st.data())
def test_a_mutilated_body_is_answered(request: tuple[str, dict[str, Any]], data: st.DataObject) -> None:
    stage = Stage()
    stage.template(components=TEMPLATE["components"])
    stage.hear()
    path, body = request[0], copy.deepcopy(request[1])
    for _ in range(data.draw(st.integers(0, 3))):
        *way, last = data.draw(st.sampled_from(places(body) or [("x",)]))
        holder: Any = body
        for key in way:
            holder = holder[key]
        holder[last] = copy.deepcopy(data.draw(JUNK))
    reply = stage.call("POST", path, json.dumps(body).encode())
    assert reply.status == 200 or reply.body["error"]["code"] is not None
    stage.webhooks()
    assert stage.call("GET", f"/{WABA}/message_templates").status == 200
    assert stage.send(filled(components=[PLAIN, DOCUMENT, URL])).status == 200


@given(
    st.sampled_from(["GET", "POST", "DELETE", "PUT"]),
    st.lists(st.sampled_from([PHONE, WABA, "messages", "message_templates", "media", "", "x", "\x00"]), max_size=4),
    st.dictionaries(st.sampled_from(["fields", "limit", "after", "name", "hsm_id", "message_id"]), st.text(max_size=9)),
    st.binary(max_size=20),
)
def test_any_path_and_query_is_answered(method: str, parts: list[str], query: dict[str, str], body: bytes) -> None:
    reply = Stage().call(method, "".join(f"/{part}" for part in parts), body, query=query)
    assert reply.status == 200 or reply.body["error"]["fbtrace_id"]


@pytest.mark.parametrize("given_", [[PLAIN, PLAIN], [DOCUMENT, {"type": "header", "parameters": [{"type": "image"}]}]])
def test_a_component_comes_once(stage: Stage, given_: list[Any]) -> None:
    stage.template(components=[BODY, DOCUMENT_HEADER])
    assert stage.send(filled(components=given_)).code == 100
