"""`set_path`."""

from __future__ import annotations

from typing import Any

import pytest

from lhwa.errors import UsageError
from lhwa.testing.webhooks.paths import set_path

BODY: dict[str, Any] = {
    "entry": [{"id": "1", "changes": [{"value": {"text": {"body": "Halo"}}}]}],
    "empty": {},
    "none": [],
}
BODY_PATH = "entry.0.changes.0.value.text.body"


@pytest.mark.parametrize(
    ("value", "stored"),
    [("Selamat pagi", "Selamat pagi"), ("5", 5), ('"5"', "5"), ("null", None), ('{"a":[1]}', {"a": [1]}), ("{", "{"),
     ("[" * 5000, "[" * 5000)],
)  # fmt: skip
def test_a_value_is_json_where_it_parses(value: str, stored: object) -> None:
    changed = set_path(BODY, BODY_PATH, value)
    assert changed["entry"][0]["changes"][0]["value"]["text"]["body"] == stored


def test_the_body_itself_stays() -> None:
    set_path(BODY, "entry.0.id", "2")
    assert BODY["entry"][0]["id"] == "1"


@pytest.mark.parametrize(
    ("path", "step", "around"),
    [
        ("entri.0", "entri", "the body"),
        ("entry.1.id", "1", "entry"),
        ("entry.-1.id", "-1", "entry"),
        ("entry.x.id", "x", "entry"),
        ("entry.0.typo", "typo", "entry.0"),
        (f"{BODY_PATH}.more", "more", BODY_PATH),
        ("empty.a", "a", "empty"),
        ("none.0", "0", "none"),
        ("", "", "the body"),
    ],
)
def test_a_path_that_does_not_exist_is_refused_where_it_ends(path: str, step: str, around: str) -> None:
    with pytest.raises(UsageError) as caught:
        set_path(BODY, path, "x")
    assert caught.value.message == f"There is no {step!r} in {around}."
    assert caught.value.hint
