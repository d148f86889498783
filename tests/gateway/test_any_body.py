"""A law: whatever is signed is answered 200, and all of it is stored."""

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SCALARS = st.none() | st.booleans() | st.integers(-(10**40), 10**40) | st.floats(allow_nan=False) | st.text(max_size=8)
IDS = st.sampled_from(["200", "201", "301", "302", "999", 200, 301]) | SCALARS
ANY_JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
)


def _shaped(**fields: Any) -> Any:
    return st.fixed_dictionaries({}, optional=fields) | ANY_JSON


CHANGE = _shaped(
    field=st.just("messages") | ANY_JSON, value=_shaped(metadata=_shaped(phone_number_id=IDS), messages=ANY_JSON)
)
ENVELOPE = _shaped(
    object=st.just("whatsapp_business_account") | ANY_JSON,
    entry=st.lists(_shaped(id=IDS, changes=st.lists(CHANGE, max_size=3) | ANY_JSON), max_size=3) | ANY_JSON,
)
BODIES = (
    st.binary(max_size=60)
    | ENVELOPE.map(msgspec.json.encode)
    | st.tuples(ENVELOPE.map(msgspec.json.encode), st.integers(0, 300), st.binary(max_size=3)).map(
        lambda cut: cut[0][: cut[1]] + cut[2] + cut[0][cut[1] :]
    )
)


@settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(body=BODIES)
@pytest.mark.asyncio
async def test_any_signed_body_is_200_and_stored(gateway: Any, body: bytes) -> None:
    before = {row.seq for row in gateway.rows()}
    answer = await gateway.post(body)
    assert answer.status == 200
    new = [row for row in gateway.rows() if row.seq not in before]
    assert new or gateway.counted("lhwa_webhook_requests_total", result="dup")
    if len(new) == 1:
        assert gateway.clear(new[0]) == body
