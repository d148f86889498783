"""What dead letters show of the numbers in their envelope."""

from __future__ import annotations

import json

import pytest

from lhwa.services.messaging.dead_letters import _masked

NUMBER = "6281299998888"


@pytest.mark.parametrize("key", ["from", "to", "wa_id", "new_wa_id", "customer", "recipient_id", "phone_number"])
@pytest.mark.parametrize("value", [NUMBER, int(NUMBER)])
def test_numbers_are_masked_wherever_the_envelope_names_them(key: str, value: str | int) -> None:
    shown = json.dumps(_masked({"messages": [{"system": {key: value}}]}))
    assert NUMBER not in shown


def test_what_the_client_wrote_stays() -> None:
    content = {"text": {"body": f"hubungi {NUMBER}"}}
    assert _masked(content) == content
