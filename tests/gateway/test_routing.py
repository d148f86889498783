"""Whose changes a body holds."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lhwa.gateway.routing import Part, plain_owner, split, split_carefully, split_plain
from lhwa.registry.routing import RoutingTable

HEAD = b'{"object":"whatsapp_business_account","entry":['
DEEP = b"[" * 10_000 + b"]" * 10_000


def _owners(parts: list[Part]) -> list[tuple[str | None, str, str]]:
    return [(part.tenant, part.state, part.reason) for part in parts]


def _change(metadata: bytes, *, field: bytes = b'"messages"') -> bytes:
    return b'{"field":' + field + b',"value":{"metadata":' + metadata + b"}}"


def _entry(account: bytes, *changes: bytes) -> bytes:
    return b'{"id":' + account + b',"changes":[' + b",".join(changes) + b"]}"


VALUE_OF_A = b'"value":{"metadata":{"phone_number_id":"301"}}'
FIRM_A = ("firma", "stored", "")
NO_NUMBER = (None, "unrouted", "unknown_number")
NO_ACCOUNT = (None, "unrouted", "unknown_account")
OWNERS = [
    ("number and account", _entry(b'"200"', _change(b'{"phone_number_id":"301"}')), FIRM_A),
    ("the number wins", _entry(b'"201"', _change(b'{"phone_number_id":"301"}')), FIRM_A),
    ("number known, account not", _entry(b'"999"', _change(b'{"phone_number_id":"301"}')), FIRM_A),
    ("number unknown, account known", _entry(b'"200"', _change(b'{"phone_number_id":"999"}')), NO_NUMBER),
    ("ids as integers", _entry(b"200", _change(b'{"phone_number_id":301}')), FIRM_A),
    ("no number", _entry(b'"200"', b'{"field":"account_update","value":{"event":"X"}}'), FIRM_A),
    ("no number, account an integer", _entry(b"200", b'{"value":{}}'), FIRM_A),
    ("number is null", _entry(b'"200"', _change(b'{"phone_number_id":null}')), FIRM_A),
    ("metadata is null", _entry(b'"200"', _change(b"null")), FIRM_A),
    ("no number, account unknown", _entry(b'"999"', b'{"value":{}}'), NO_ACCOUNT),
    ("no ids at all", b'{"changes":[{"value":{}}]}', NO_ACCOUNT),
    ("number is a list", _entry(b'"200"', _change(b'{"phone_number_id":["301"]}')), NO_NUMBER),
    ("number is true", _entry(b'"200"', _change(b'{"phone_number_id":true}')), NO_NUMBER),
    ("number is a float", _entry(b'"200"', _change(b'{"phone_number_id":301.0}')), NO_NUMBER),
    ("number is empty", _entry(b'"200"', _change(b'{"phone_number_id":""}')), NO_NUMBER),
    ("number is endless", _entry(b'"200"', _change(b'{"phone_number_id":' + b"3" * 9_000 + b"}")), NO_NUMBER),
    ("number has spaces", _entry(b'"200"', _change(b'{"phone_number_id":" 301"}')), NO_NUMBER),
    ("number twice", _entry(b'"1"', _change(b'{"phone_number_id":"302","phone_number_id":"301"}')), NO_NUMBER),
    ("metadata is a list", _entry(b'"200"', _change(b"[]")), FIRM_A),
    ("value is a number", _entry(b'"200"', b'{"field":"messages","value":5}'), FIRM_A),
    ("change is a number", _entry(b'"200"', b"5"), FIRM_A),
    ("change is null", _entry(b'"200"', b"null"), FIRM_A),
    ("changes is an object", b'{"id":"200","changes":{}}', FIRM_A),
    ("changes is null", b'{"id":"200","changes":null}', FIRM_A),
    ("no changes", b'{"id":"200","changed_fields":["x"]}', FIRM_A),
    ("entry is a number", b"5", NO_ACCOUNT),
    ("account is a list", _entry(b"[200]", b'{"value":{}}'), NO_ACCOUNT),
    ("nested too deep", _entry(b'"1"', b'{"x":' + DEEP + b"," + VALUE_OF_A + b"}"), FIRM_A),
    ("lone surrogate beside", _entry(b'"1"', b'{"field":"\\ud800",' + VALUE_OF_A + b"}"), FIRM_A),
]  # fmt: skip


@pytest.mark.parametrize(("label", "entry", "owner"), OWNERS, ids=[case[0] for case in OWNERS])
def test_who_owns_an_entry(table: RoutingTable, label: str, entry: bytes, owner: tuple[str | None, str, str]) -> None:
    body = HEAD + entry + b"]}"
    parts = split(body, table)
    assert _owners(parts) == [owner], label
    assert parts[0].body == body
    assert split_carefully(body, table) == parts


def test_the_quickest_way_is_for_one_change_of_a_known_number(table: RoutingTable, envelope: Any, change: Any) -> None:
    assert plain_owner(envelope(), table) == "firma"
    for body in (
        envelope(change("999")),
        envelope(change(None)),
        envelope(change(), change(wamid="wamid.2")),
        envelope().replace(b"whatsapp_business_account", b"page"),
        envelope().replace(b'"metadata"', b'"meta\\u0064ata"'),
        envelope().replace(b'"301"', b'"302", "phone_number_id": "301"'),
        b"[]",
        b"\xff",
    ):
        assert plain_owner(body, table) is None


def test_the_plain_way_is_taken_for_a_plain_body(table: RoutingTable, envelope: Any, change: Any) -> None:
    assert split_plain(envelope(change(), change(wamid="wamid.2")), table) is not None
    assert split_plain(envelope(change("301"), change("302")), table) is None


def test_a_mixed_body_keeps_every_change_byte_for_byte(table: RoutingTable) -> None:
    first = b'{ "field":"messages","value":{"metadata":{"phone_number_id":"301"},"n":1.50,"t":"\\u00e9\\/" } }'
    second = b'{"value":{"metadata":{"phone_number_id":"302"}},"deep":' + DEEP + b"}"
    third = b'{"value" : {"metadata":{"phone_number_id":"301"}},"t":"\\ud800"}'
    body = (
        b'{"object":"whatsapp_business_account","more":[1, 2],"entry":[{"id":"200","time":1, "changes":['
        + b" , ".join((first, second))
        + b']},{"id":"201","changes":['
        + third
        + b"]}]}"
    )
    firm_a, firm_b = split(body, table)
    assert (firm_a.tenant, firm_b.tenant) == ("firma", "firmb")
    start = b'{"object":"whatsapp_business_account","more":[1, 2],"entry":[{"id":"200","time":1,"changes":['
    assert firm_a.body == start + first + b']},{"id":"201","changes":[' + third + b"]}]}"
    assert firm_b.body == start + second + b"]}]}"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["200", "201", "999"]),
            st.lists(st.sampled_from(["301", "302", "303", None]), max_size=4),
        ),
        max_size=4,
    )
)
def test_every_change_is_in_exactly_one_part(table: RoutingTable, entries: list[tuple[str, list[str | None]]]) -> None:
    numbered = iter(range(100))
    body = json.dumps(
        {
            "object": "whatsapp_business_account",
            "entry": [
                {
                    "id": account,
                    "changes": [
                        {"n": next(numbered), "value": {"metadata": {"phone_number_id": number}} if number else {}}
                        for number in numbers
                    ],
                }
                for account, numbers in entries
            ],
        }
    ).encode()
    parts = split(body, table)
    assert len({part.tenant for part in parts}) == len(parts)
    seen = [one["n"] for part in parts for entry in json.loads(part.body)["entry"] for one in entry["changes"]]
    assert sorted(seen) == list(range(sum(len(numbers) for _account, numbers in entries)))


def test_a_stored_part_finds_its_owner_later(table: RoutingTable, envelope: Any, change: Any) -> None:
    late = split(envelope(change("301"), change("777")), table)[1]
    assert late.state == "unrouted"
    table.tenant_of_number["777"] = table.tenant_of_number["302"]  # type: ignore[index]  # a plain dictionary here
    assert _owners(split(late.body, table)) == [("firmb", "stored", "")]
