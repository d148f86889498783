from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.adapters.channel.whatsapp_cloud.replies import (
    Answer,
    is_done,
    media_id_of,
    receipt_of,
    refusal_of,
    vendor_error_of,
)
from lhwa.domain.send_errors import ErrorClass
from lhwa.ports.channel import Receipt

HTML = b"<!DOCTYPE html><html><body>Sorry, something went wrong.</body></html>"


def answer(status: int, body: Any, retry_after: str | None = None) -> Answer:
    return Answer(status, body if isinstance(body, bytes) else json.dumps(body).encode(), retry_after)


def refused(code: Any = 131030, status: int = 400, **more: Any) -> Answer:
    return answer(status, {"error": {"message": f"(#{code}) No", "type": "OAuthException", "code": code} | more})


def accepted(**more: Any) -> dict[str, Any]:
    contacts = [{"input": "+6281230001111", "wa_id": "6281230001111"}]
    return {"messaging_product": "whatsapp", "contacts": contacts, "messages": [{"id": "wamid.OUT1"} | more]}


@pytest.mark.parametrize(
    ("body", "receipt"),
    [
        (accepted(), Receipt("wamid.OUT1", None, "6281230001111")),
        (accepted(message_status="accepted"), Receipt("wamid.OUT1", "accepted", "6281230001111")),
        (accepted(message_status="x\u001b[2J"), Receipt("wamid.OUT1", None, "6281230001111")),
        ({"messages": [{"id": "wamid.OUT1"}]}, Receipt("wamid.OUT1")),
        (
            {"messages": [{"id": "wamid.OUT1"}], "contacts": [{"input": "x", "user_id": "ID.88001122334455"}]},
            Receipt("wamid.OUT1", None, None, "ID.88001122334455"),
        ),
        ({"messages": [{"id": "wamid.OUT1"}], "contacts": "x"}, Receipt("wamid.OUT1")),
        ({"messages": [{"id": "wamid.OUT1"}], "contacts": [{"wa_id": "ID.88"}]}, Receipt("wamid.OUT1")),
    ],
)
def test_a_receipt(body: Any, receipt: Receipt) -> None:
    assert receipt_of(answer(200, body)) == receipt


UNREADABLE = [
    b"",
    HTML,
    b"\xff\xfe",
    b'{"messages":[{"id":"wamid.O',
    b"[" * 100_000,
    b'"wamid.OUT1"',
    b"null",
    b"{}",
    b'{"messages":[]}',
    b'{"messages":{"id":"wamid.OUT1"}}',
    b'{"messages":[{"id":""}]}',
    b'{"messages":[{"id":7}]}',
    b'{"messages":[null]}',
    json.dumps({"messages": [{"id": "x" * 1_025}]}).encode(),
]


@pytest.mark.parametrize("body", UNREADABLE, ids=range(len(UNREADABLE)))
@pytest.mark.parametrize("status", [200, 202, 302, 408, 500, 502, 503])
def test_what_cannot_be_read_is_neither_a_receipt_nor_a_refusal(status: int, body: bytes) -> None:
    found = Answer(status, body)
    assert receipt_of(found) is None
    assert refusal_of(found) is None


@pytest.mark.parametrize("status", [302, 400, 500])
def test_a_wamid_is_a_receipt_only_with_success(status: int) -> None:
    assert receipt_of(answer(status, accepted())) is None


@pytest.mark.parametrize(
    ("more", "details"),
    [
        ({"error_data": {"messaging_product": "whatsapp", "details": "Not on the list"}}, "Not on the list"),
        ({"error_data": "Not on the list"}, "Not on the list"),
        ({"error_data": ["x"]}, "(#131030) No"),
        ({"error_data": {"details": 7}}, "(#131030) No"),
        ({}, "(#131030) No"),
        ({"message": None}, ""),
        ({"error_data": {"details": "to +6281230001111: \u001b]0;x\u0007\nno"}}, "to +62 812-••••-1111: ␛]0;x␇␊no"),
    ],
)
def test_the_details_of_an_error(more: dict[str, Any], details: str) -> None:
    error = vendor_error_of(refused(**more))
    assert error is not None
    assert error.details == details
    assert "list" not in repr(error)


@pytest.mark.parametrize(
    ("trace_id", "kept"),
    [("AbC123", "AbC123"), ("a b", None), ("\u001b", None), (7, None), ("x" * 129, None), ("", None)],
)
def test_the_trace_id_of_an_error(trace_id: Any, kept: str | None) -> None:
    error = refusal_of(refused(fbtrace_id=trace_id))
    assert error is not None
    assert error.trace_id == kept


@pytest.mark.parametrize("code", [131030, "131030"])
def test_a_refusal_carries_metas_code_and_what_it_asks_for(code: Any) -> None:
    error = refusal_of(refused(code, fbtrace_id="AbC123"))
    assert error is not None
    assert (error.vendor_code, error.verdict.error_class, error.retryable) == (131030, ErrorClass.OPER, False)
    assert error.hint == error.verdict.hint
    assert str(error) == "Meta refused it with code 131030."


def test_the_exact_code_may_stand_beside_100() -> None:
    error = refusal_of(refused(100, error_subcode=2388019))
    assert error is not None
    assert (error.vendor_code, error.verdict.code) == (100, 2388019)


@pytest.mark.parametrize("status", [200, 206, 400, 500, 503])
def test_an_error_object_with_a_code_is_certain_whatever_the_status(status: int) -> None:
    error = refusal_of(refused(131016, status))
    assert error is not None
    assert error.verdict.error_class is ErrorClass.RETRY


@pytest.mark.parametrize(
    "body", [HTML, b"", {"error": "upstream"}, {"error": {"message": "x"}}, {"error": {"code": True}}, []]
)
def test_a_4xx_is_certain_without_an_error_object_too(body: Any) -> None:
    error = refusal_of(answer(404, body))
    assert error is not None
    assert (error.vendor_code, error.verdict.error_class) == (None, ErrorClass.NEVER)


@pytest.mark.parametrize("body", [HTML, {"error": "upstream"}, {"error": {"message": "x"}}, {"error": {"code": None}}])
@pytest.mark.parametrize("status", [408, 500, 502, 504])
def test_a_proxys_error_is_not_certain(status: int, body: Any) -> None:
    assert refusal_of(answer(status, body)) is None


@pytest.mark.parametrize(
    ("retry_after", "wait_s"),
    [
        (None, 60),
        ("5", 60),
        ("120", 120),
        ("999999", 86_400),
        ("-1", 60),
        ("soon", 60),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 60),
    ],
)
def test_the_longer_wait_counts(retry_after: str | None, wait_s: float) -> None:
    error = refusal_of(answer(429, HTML, retry_after))
    assert error is not None
    assert (error.verdict.error_class, error.retry_after_s) == (ErrorClass.SLOW, wait_s)


@pytest.mark.parametrize(
    ("status", "body", "media_id"),
    [
        (200, {"id": "910"}, "910"),
        (200, {"id": 910}, "910"),
        (200, {"id": ""}, None),
        (200, {"id": True}, None),
        (200, {"id": None}, None),
        (200, HTML, None),
        (400, {"id": "910"}, None),
    ],
)
def test_the_id_of_an_upload(status: int, body: Any, media_id: str | None) -> None:
    assert media_id_of(answer(status, body)) == media_id


@pytest.mark.parametrize(
    ("status", "body", "done"),
    [
        (200, {"success": True}, True),
        (200, {"success": "true"}, False),
        (200, b"", False),
        (500, {"success": True}, False),
    ],
)
def test_a_request_without_a_result(status: int, body: Any, *, done: bool) -> None:
    assert is_done(answer(status, body)) is done


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["error", "code", "messages", "id", "contacts", "error_data"]), inner)
    ),
    max_leaves=10,
)


@given(status=st.integers(200, 599), body=_json | st.binary(max_size=50))
def test_any_answer_at_all_is_read_without_a_crash(status: int, body: Any) -> None:
    found = answer(status, body)
    receipt = receipt_of(found)
    assert receipt is None or found.is_success
    refusal_of(found)
    media_id_of(found)
