from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.services.messaging.masking import masked

NUMBER, USER = "6281299998888", "ID.88001122334455"


@pytest.mark.parametrize(
    "key",
    ["from", "to", "wa_id", "new_wa_id", "customer", "recipient_id", "phone_number", "recipient_participant_id"],
)
@pytest.mark.parametrize(
    "value",
    [NUMBER, int(NUMBER), float(NUMBER), f"+{NUMBER}", "+62 812-9999-8888", f"nomor {NUMBER}", [NUMBER], {"x": NUMBER}],
    ids=str,
)
def test_numbers_are_masked_wherever_the_envelope_names_them(key: str, value: Any) -> None:
    shown = json.dumps(masked({"messages": [{"system": {key: value}}, {key: value}]}), ensure_ascii=False)
    for spelling in (NUMBER, "9999-8888", "99998888"):
        assert spelling not in shown


@pytest.mark.parametrize("key", ["user_id", "previous_user_id", "from_user_id", "bsuid", "parent_bsuid", "from"])
def test_user_ids_are_masked_too(key: str) -> None:
    assert masked({key: USER}) == {key: "ID.••••4455"}


def test_a_number_as_a_key_is_masked() -> None:
    assert NUMBER not in json.dumps(masked({NUMBER: {"a": 1}}))


@pytest.mark.parametrize(
    "value",
    [
        {"text": {"body": f"hubungi {NUMBER}"}},
        {"type": "text", "text": {"body": f"hubungi {NUMBER}"}},
        {"timestamp": "1795305600", "id": "wamid.HBgNNjI4MTI5OTk5ODg4OBUC", "n": 6281299998888},
        {"contacts": [{"phones": [{"phone": "+62 812-0000-2222"}]}]},
        {"from": "Kantor", "to": "", "customer": None, "wa_id": True},
        [1, 2.5, None, True, "x"],
    ],
    ids=str,
)
def test_what_the_client_wrote_stays(value: Any) -> None:
    assert masked(value) == value


@pytest.mark.parametrize(
    "letter",
    [
        {"type": "system", "system": {"type": "x", "body": f"from {NUMBER} to {USER}", "future": [NUMBER]}},
        {"element": {"type": "system", "text": f"from {NUMBER} to {USER}", "party": {"wa_id": NUMBER, "bsuid": USER}}},
    ],
    ids=["as received", "as our element"],
)
def test_the_platforms_own_words_spell_nothing_out(letter: Any) -> None:
    shown = json.dumps(masked(letter))
    assert NUMBER not in shown
    assert USER not in shown


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["from", "system", "a"]), inner),
    max_leaves=9,
)


@given(JSON)
def test_any_json_keeps_its_shape(value: Any) -> None:
    def shape(part: Any) -> Any:
        if isinstance(part, dict):
            return {name: shape(item) for name, item in part.items()}
        return [shape(item) for item in part] if isinstance(part, list) else None

    assert shape(masked(value)) == shape(value)
