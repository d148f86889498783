"""Which words may lie in clear: all of Meta's that we know, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhwa.domain.elements import MessageElement, PlatformElement, StatusElement
from lhwa.domain.messages import MessageType, Status
from lhwa.domain.vocabulary import clear_word
from lhwa.normalizer.fields import ITEMISED
from lhwa.normalizer.normalize import normalize
from lhwa.normalizer.severity import _BY_WORD, _DEFAULTS
from lhwa.testing.webhooks import KINDS, BusinessNumber, Client, Kind, build, encode

HERE = BusinessNumber(phone_number_id="301301301301301", display_phone_number="622150001234", waba_id="200300400500600")
SOMEBODY = Client(name="Contoh Klien", wa_id="6281230001111", bsuid="ID.88001122334455")


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("", ""),
        ("APPROVED", "APPROVED"),
        ("approved", "approved"),
        ("media_placeholder", "media_placeholder"),
        ("object:user", "object:user"),
        ("130429", "130429"),
        ("2593109", "2593109"),
        ("0", "0"),
        ("budi", "other"),
        ("Budi", "other"),
        ("object:budi", "other"),
        ("queued", "other"),
        ("kirim ke Budi", "other"),
        ("6281230001111", "other"),
        ("12345678", "other"),
        ("x6281230001111", "other"),
        ("x" * 65, "other"),
        ("baris\nbaru", "other"),
        ("\x1b[2J", "other"),
        ("M\u00fcller", "other"),
    ],
)
def test_only_words_of_the_vocabulary_lie_in_clear(word: str, shown: str) -> None:
    assert clear_word(word) == shown


@given(st.text())
def test_whatever_it_is_it_is_itself_or_other(word: str) -> None:
    assert clear_word(word) in (word, "other")


def test_every_word_that_we_act_on_is_known() -> None:
    words = {
        *MessageType,
        *Status,
        *ITEMISED,
        *_DEFAULTS,
        *_BY_WORD,
        *(word for words in _BY_WORD.values() for word in words),
    }
    assert {word for word in words if clear_word(word) != word} == set()


NEW_AT_META = {
    "future_type": "hologram",
    "status_future": "teleported",
    "unknown_field": "holograms",
    "unknown_list": "holograms",
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_word_of_every_webhook_that_meta_sends_today_is_known(kind: Kind) -> None:
    at = datetime(2026, 11, 22, 5, tzinfo=UTC)
    for element in normalize(encode(build(kind.name, number=HERE, client=SOMEBODY, seq=1, at=at))):
        words = []
        if isinstance(element, MessageElement):
            words = [element.wire_type]
        elif isinstance(element, StatusElement):
            words = [element.status]
        elif isinstance(element, PlatformElement):
            words = [element.field, element.event]
        unknown = {word for word in words if clear_word(word) != word}
        assert unknown <= {NEW_AT_META.get(kind.name), "ARRIVED"}, kind.name
        assert ("[?]" in element.position) <= (kind.name in NEW_AT_META)
