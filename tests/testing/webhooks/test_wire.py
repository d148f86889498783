"""Bodies as they leave."""

from __future__ import annotations

import json

import pytest

from lhwa.errors import UsageError
from lhwa.testing.webhooks.wire import encode, merge, sign


def test_bodies_are_written_as_meta_writes_them() -> None:
    payload = {"a": "é/🙏", "b": [1, None]}
    assert encode(payload) == rb'{"a":"\u00e9\/\ud83d\ude4f","b":[1,null]}'
    assert json.loads(encode(payload)) == payload


def test_the_signature_is_the_known_answer() -> None:
    # RFC 4231, test case 2.
    assert sign(b"what do ya want for nothing?", b"Jefe") == (
        "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )


def test_merged_bodies_keep_every_entry_in_order() -> None:
    bodies = [{"object": "o", "entry": [{"id": str(number)}]} for number in range(3)]
    assert merge(bodies) == {"object": "o", "entry": [{"id": "0"}, {"id": "1"}, {"id": "2"}]}


@pytest.mark.parametrize("bodies", [[], [{"object": "a"}, {"object": "b"}]])
def test_bodies_of_different_products_are_not_merged(bodies: list[dict[str, object]]) -> None:
    with pytest.raises(UsageError):
        merge(bodies)
